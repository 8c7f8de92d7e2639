//! A rotation of 1,000 profiles on screen: how long a key takes to its frame while news come, and what a piece of news costs.
//! Direction: a key in 1 ms over a bare program. No server and no vault: the news are made here, as many as a run has.
//!
//! `cargo bench --bench rotation`

#![allow(clippy::print_stdout, reason = "a measurement is told on stdout")]

mod measured;
mod support;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use ratatui::{Terminal, backend::TestBackend};
use tokscope::{
    auth::{TokenKind, rotation::Way},
    clock::{self, Timestamp},
    profile::{Profile, Protected},
    providers,
    secret::Fingerprint,
    session::{
        Session, Verdict,
        rotate::{Event, Stage, plan::Options, step::Outcome},
    },
    tui::{
        app::{
            Effect, Message, Model, Planned,
            key::{Key, KeyCode},
            message::{Kept, TaskEvent, TaskId, TaskOutcome, What},
            update,
        },
        view,
    },
};

use self::support::{Bare, SIZE, model, over, profile, report, token_set};

const PROFILES: usize = 1_000;
/// So many are told of at once, and have changed when the lists are written again: as in a second of a run.
const TOGETHER: usize = 30;

fn main() {
    let now = clock::parse("2026-11-21T21:35:00Z").expect("a time");
    let profiles: Vec<_> = (0..PROFILES).map(profile).collect();
    let bare = Bare::default().keys();
    println!("{PROFILES} profiles, {}x{}", SIZE.0, SIZE.1);
    report("key, a bare program", bare.clone());
    let (mut on_screen, mut hidden) = (Run::new(&profiles, now), Run::new(&profiles, now));
    hidden.press(Key::char('h'));
    for (run, what) in [(&mut on_screen, "on its page"), (&mut hidden, "behind its page")] {
        let (mut keys, mut news, mut changes) = (Vec::new(), Vec::new(), Vec::new());
        for (turn, some) in profiles.chunks(TOGETHER).enumerate() {
            let first = turn * TOGETHER;
            let told = some.iter().enumerate().flat_map(|(at, profile)| story(profile, first + at));
            let told = told.map(TaskEvent::Rotation).collect();
            news.push(run.takes(Message::Task(run.id, TaskEvent::Several(told))));
            let changed = run.changed(first, some, now);
            changes.push(run.takes(changed));
            for at in 0..some.len() {
                keys.push(run.key(Key::plain([KeyCode::Down, KeyCode::Up][at % 2])));
            }
        }
        over(&format!("key to its frame, {what}"), &bare, keys);
        report(&format!("the news of {TOGETHER} profiles, {what}"), news);
        report(&format!("{TOGETHER} profiles have new tokens, {what}"), changes);
    }
}

/// A rotation under way.
struct Run {
    model: Model,
    terminal: Terminal<TestBackend>,
    session: Session,
    id: TaskId,
}

impl Run {
    /// From the plan to its confirmation, by keys.
    fn new(profiles: &[Profile], now: Timestamp) -> Self {
        let sets: Vec<_> =
            profiles.iter().enumerate().map(|(at, it)| (it.name.clone(), token_set(&it.name, at, now))).collect();
        let session = Session::in_memory(providers::ALL);
        for (name, set) in &sets {
            session.adopt(name, set.clone()).expect("a vault in memory");
        }
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let protected = Protected::new(["prod*".to_owned()]);
        let plan = session.plan_rotation(profiles, Options::default(), true, &protected);
        let plan = runtime.block_on(plan).expect("a plan");
        let model = model(now, profiles.to_vec(), sets, &[]);
        let terminal = Terminal::new(TestBackend::new(SIZE.0, SIZE.1)).expect("a terminal in memory");
        let mut run = Self { model, terminal, session, id: TaskId(0) };
        run.press(Key::char('1'));
        run.press(Key::char('g'));
        let id = run.started(Key::char('X'), |what| matches!(what, What::PlanRotation { .. }));
        let planned = TaskOutcome::Planned(Planned(Arc::new(plan)));
        run.takes(Message::Task(id, TaskEvent::Ended(Ok(planned))));
        "prod".chars().for_each(|c| run.press(Key::char(c)));
        run.id = run.started(Key::plain(KeyCode::Enter), |what| matches!(what, What::Rotate(_)));
        run
    }

    fn press(&mut self, key: Key) {
        drop(update(&mut self.model, Message::Key(key)));
    }

    /// The task that a key begins.
    fn started(&mut self, key: Key, wanted: impl Fn(&What) -> bool) -> TaskId {
        let effects = update(&mut self.model, Message::Key(key)).0;
        let id = |effect: &Effect| match effect {
            Effect::Start { id, what, .. } if wanted(what) => Some(*id),
            _ => None,
        };
        effects.iter().find_map(id).unwrap_or_else(|| panic!("{key:?} begins nothing: {effects:?}"))
    }

    /// The vault has new tokens of these, beside the old ones.
    fn changed(&self, first: usize, profiles: &[Profile], now: Timestamp) -> Message {
        let now = now + chrono::TimeDelta::seconds(1);
        let kept = |(at, profile): (usize, &Profile)| {
            let set = token_set(&profile.name, PROFILES + first + at, now);
            self.session.adopt(&profile.name, set).expect("a vault in memory");
            let record = self.session.record(&profile.name).expect("a vault in memory").expect("it was kept");
            let old = record.alive(now).cloned().collect();
            (profile.name.clone(), None, Box::new(Kept { token_set: record.token_set, old, ..Kept::default() }))
        };
        Message::RecordsChanged(profiles.iter().enumerate().map(kept).collect())
    }

    fn takes(&mut self, message: Message) -> Duration {
        let begin = Instant::now();
        drop(update(&mut self.model, message));
        begin.elapsed()
    }

    fn key(&mut self, key: Key) -> Duration {
        let begin = Instant::now();
        self.press(key);
        let Self { model, terminal, .. } = self;
        _ = terminal.draw(|frame| _ = view::draw(model, frame)).expect("it cannot fail in memory");
        begin.elapsed()
    }
}

/// What is told of a profile.
fn story(profile: &Profile, at: usize) -> Vec<Event> {
    let profile = || profile.name.clone();
    let step = |stage| Event::Step { profile: profile(), stage };
    let tokens = [TokenKind::Refresh, TokenKind::Access].map(|kind| (kind, Fingerprint::of(&format!("{kind} {at}"))));
    let ended = tokens.map(|(kind, token)| Event::Ended { profile: profile(), kind, token, status: Some(200) });
    let judged = tokens.map(|(kind, token)| Event::Judged {
        profile: profile(),
        kind,
        token,
        verdict: Verdict::Dead,
        accepted: false,
    });
    let before = [
        Event::Started { profile: profile() },
        step(Stage::Obtaining),
        Event::Obtained { profile: profile(), way: Way::Login },
    ];
    let after = [Event::Settled { profile: profile(), outcome: Outcome::Rotated, reason: None }];
    let steps = [step(Stage::Checking), step(Stage::Ending)];
    before.into_iter().chain(steps).chain(ended).chain([step(Stage::Proving)]).chain(judged).chain(after).collect()
}
