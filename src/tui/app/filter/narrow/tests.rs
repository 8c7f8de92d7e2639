//! Whatever comes and goes: the rows of a scope and of a filter are those that each row by itself would say.

use std::collections::HashSet;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use proptest::prelude::*;

use super::{super::texts, order::need, *};
use crate::{
    auth::{IssuedToken, Scheme, TokenKind, TokenSet},
    clock::Zone,
    profile::{Profile, ProfileName},
    store::{
        config::Config,
        state::{State as Remembered, View},
        vault::{EventKind, Generation},
    },
    token::{detect, state::State},
    tui::app::{
        Message, Start,
        key::{Key, KeyCode},
        look,
        message::{Facts, Kept},
        profiles,
        scope::{self, Branch},
        tasks,
        tokens::old,
        update,
        vault::AtStart,
    },
};

/// What happens.
#[derive(Debug, Clone)]
enum Event {
    Pasted(u8, u8),
    LoggedIn(u8, u8),
    Refreshed(u8, u8),
    Forgotten(u8),
    Deleted(u8),
    Renamed(u8),
    /// The profiles are read again, in environments that differ.
    Reloaded(u8),
    SortedBy(u8),
    Reversed,
    Grouped,
    Scope(u8),
    Unfolded(u8),
    Folded,
    Filter(u8),
    GoesBy(u8),
}

const FILTERS: [&str; 14] = [
    "",
    "user1",
    "USER",
    "!user1",
    "^p",
    "'user2",
    "p2",
    "kind:access",
    "kind:refresh,jwt sub:user",
    "env:prod",
    "left<1h",
    "state:expired",
    "state:superseded",
    "iss:lms !env:dev user",
];

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        3 => (any::<u8>(), any::<u8>()).prop_map(|(source, user)| Event::Pasted(source, user)),
        3 => (any::<u8>(), any::<u8>()).prop_map(|(profile, user)| Event::LoggedIn(profile, user)),
        2 => (any::<u8>(), any::<u8>()).prop_map(|(profile, user)| Event::Refreshed(profile, user)),
        1 => any::<u8>().prop_map(Event::Forgotten),
        1 => any::<u8>().prop_map(Event::Deleted),
        1 => any::<u8>().prop_map(Event::Renamed),
        1 => any::<u8>().prop_map(Event::Reloaded),
        1 => any::<u8>().prop_map(Event::SortedBy),
        1 => Just(Event::Reversed),
        1 => Just(Event::Grouped),
        4 => any::<u8>().prop_map(Event::Scope),
        1 => any::<u8>().prop_map(Event::Unfolded),
        1 => Just(Event::Folded),
        3 => any::<u8>().prop_map(Event::Filter),
        1 => any::<u8>().prop_map(Event::GoesBy),
    ]
}

fn pick<T: Clone>(all: impl IntoIterator<Item = T>, at: u8) -> Option<T> {
    let all: Vec<_> = all.into_iter().collect();
    all.get(usize::from(at) % all.len().max(1)).cloned()
}

fn profiles(turn: u8) -> Vec<Profile> {
    let environments = [Some("prod"), None, Some("dev"), Some("Prod")];
    let profile = |at: u8| Profile {
        name: ProfileName::new(format!("p{at}")).unwrap(),
        provider: "openedx".to_owned(),
        settings: Default::default(),
        environment: pick(environments, at.wrapping_add(turn)).flatten().map(str::to_owned),
        tags: Vec::new(),
    };
    // Each time another one is missing.
    (0..5).filter(|at| turn == 0 || *at != turn % 5).map(profile).collect()
}

fn jwt(user: u8, now: Timestamp) -> String {
    let (iat, exp) = (now.timestamp(), now.timestamp() + i64::from(user) * 60);
    let claims = format!(r#"{{"iss":"https://lms.example.org","sub":"user{}","iat":{iat},"exp":{exp}}}"#, user % 3);
    let encode = |text: &str| URL_SAFE_NO_PAD.encode(text);
    format!("{}.{}.{}", encode(r#"{"alg":"HS256"}"#), encode(&claims), encode("a signature of no worth"))
}

fn token_set(user: u8, now: Timestamp) -> TokenSet {
    let issued = |kind, raw: String| IssuedToken { kind, raw: raw.into(), expires_at: None, scheme: Scheme::BEARER };
    let access = issued(TokenKind::Access, jwt(user, now));
    let refresh = user.is_multiple_of(2).then(|| issued(TokenKind::Refresh, format!("refresh-token-{user}-{now}")));
    let tokens = [access].into_iter().chain(refresh).collect();
    TokenSet { tokens, scope: None, account: None, received_at: now, remarks: Vec::new() }
}

fn model() -> Model {
    let view = |name: &str, filter: &str| View { name: name.to_owned(), filter: filter.to_owned() };
    let views = vec![view("one", "user1"), view("old", "state:superseded"), view("short", "left<1h")];
    Model::new(Start {
        now: clock::parse("2026-11-21T20:00:00Z").unwrap(),
        zone: Zone::utc(),
        size: (80, 24),
        terminal: look::Terminal::new(look::Colors::True),
        config: Ok(Config::default()),
        state: Remembered { views, ..Remembered::default() },
        seed: 1,
        profiles: Ok(profiles(0)),
        vault: AtStart::InMemory,
        tokens: Vec::new(),
        token_sets: Vec::new(),
        samples: Vec::new(),
        demo: None,
        remarks: Vec::new(),
    })
}

fn happen(model: &mut Model, event: &Event) {
    let now = model.now;
    let name = |model: &Model, at| pick(model.profiles.rows.iter().map(|row| row.profile.name.clone()), at);
    match *event {
        Event::Pasted(source, user) => {
            let found = detect::Found::whole(&jwt(user, now));
            model.tokens.add_found(["pasted", "pasted: curl", "a file"][usize::from(source) % 3], &found);
        }
        Event::LoggedIn(at, user) => {
            let name = name(model, at);
            name.into_iter().for_each(|name| _ = tasks::hold(model, &name, &token_set(user, now)));
        }
        Event::Refreshed(at, user) => {
            let Some(name) = name(model, at) else { return };
            let replaced = Generation::of(&token_set(user, now), None, (1, 1), None, (now, EventKind::Refresh));
            let kept = Kept { old: replaced.into_iter().collect(), facts: Facts::default(), ..Kept::default() };
            drop(update(model, Message::RecordRead(name, Box::new(kept))));
        }
        Event::Forgotten(at) => name(model, at).into_iter().for_each(|name| model.tokens.forget(&name)),
        Event::Deleted(at) => {
            let row = pick(model.tokens.rows().iter().map(|row| row.id), at);
            row.into_iter().for_each(|id| model.tokens.remove(&[id]));
        }
        Event::Renamed(at) => {
            let Some(old) = name(model, at) else { return };
            let new = ProfileName::new(format!("p{at}-renamed")).unwrap();
            if model.profiles.row(&new).is_none() {
                model.profiles.rename(&old, &new);
                model.tokens.rename(&old, &new);
            }
        }
        Event::Reloaded(turn) => profiles::loaded(model, Ok(profiles(turn))),
        Event::SortedBy(at) => {
            let all = [SortBy::Profile, SortBy::Left, SortBy::Kind, SortBy::Subject, SortBy::Issuer, SortBy::Age];
            sort_by(model, all[usize::from(at) % all.len()]);
        }
        Event::Reversed => reverse(model),
        Event::Grouped => group(model),
        Event::Scope(at) => {
            let scope = pick(model.tree.lines.iter().map(|line| line.scope.clone()), at);
            scope.into_iter().for_each(|scope| scope::go_to(model, scope));
        }
        Event::Unfolded(at) => {
            let row = pick(model.tokens.rows().iter().map(|row| row.id), at);
            row.into_iter().for_each(|id| fold(model, id, at % 3 == 0));
        }
        Event::Folded => scope::branch(model, Branch::Fold),
        Event::Filter(at) => {
            clear(model);
            if model.tokens.narrowing.len() > 0 {
                open(model);
                let text = FILTERS[usize::from(at) % FILTERS.len()];
                text.chars().for_each(|c| drop(update(model, Message::Key(Key::char(c)))));
                drop(update(model, Message::Key(Key::plain(KeyCode::Enter))));
            }
        }
        Event::GoesBy(minutes) => model.now += TimeDelta::minutes(minutes.into()),
    }
}

/// The rows of the scope and what stands below them, each by itself; folded, and unfolded.
fn naive(model: &Model) -> (Vec<usize>, Vec<usize>) {
    let rows = model.tokens.rows();
    let holds = |at: &usize| scope::holds(model, *at);
    let (replaced, mut top): (Vec<usize>, Vec<usize>) = (0..rows.len()).partition(|at| rows[*at].is_superseded());
    let successor = |at: usize| old::successors(model, &[at]).pop().flatten();
    top.extend(replaced.iter().copied().filter(|at| successor(*at).is_none()));
    let place = |at: usize| {
        let profile = rows[at].profile().and_then(|name| model.profiles.position(name));
        profile.and_then(|profile| model.tree.order().iter().position(|at| *at == profile)).unwrap_or(usize::MAX)
    };
    let sort = model.tokens.narrowing.sort;
    top.sort_by_key(|at| (order::key(model, &rows[*at], sort.by), place(*at), order::kind(rows[*at].kind)));
    if sort.reverse {
        top.reverse();
    }
    if sort.grouped {
        let group = |at: usize| {
            model.tree.order().get(place(at)).map(|at| {
                let environment = scope::environment(&model.profiles.rows[*at]);
                model.tree.order().iter().position(|at| scope::environment(&model.profiles.rows[*at]) == environment)
            })
        };
        top.sort_by_key(|at| group(*at).flatten().unwrap_or(usize::MAX));
    }
    let (mut all, mut whole) = (Vec::new(), Vec::new());
    for at in top.into_iter().filter(holds) {
        let below: Vec<_> = replaced.iter().copied().filter(|old| successor(*old) == Some(at)).filter(holds).collect();
        all.push(at);
        whole.push(at);
        if model.tokens.narrowing.unfolded.contains(&rows[at].id) {
            all.extend(&below);
        }
        whole.extend(below);
    }
    (all, whole)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn the_rows_are_those_that_each_by_itself_would_say(events in prop::collection::vec(event(), 1..24)) {
        let mut model = model();
        for event in &events {
            happen(&mut model, event);
            let now = model.now;
            drop(update(&mut model, Message::Ticked(now)));
            let (narrowing, rows) = (&model.tokens.narrowing, model.tokens.rows());
            let (all, whole) = naive(&model);
            prop_assert_eq!(&*narrowing.all, &all, "{:?} in {:?}", event, model.tree.scope());
            let current = all.iter().filter(|at| !rows[**at].is_superseded()).count();
            prop_assert_eq!(narrowing.count, current);
            let stays = narrowing.stays.and_then(|id| model.tokens.position(id));
            // The filter, with the row under the cursor that stays shown.
            let filter = narrowing.filter.clone().unwrap_or_default();
            let asked = if filter.finds(State::Superseded) { &whole } else { &all };
            let mut left: Vec<_> = asked.iter().copied().filter(|at| matches(&model, &filter, *at)).collect();
            prop_assert_eq!(narrowing.matches, left.len(), "{:?}", filter);
            let mut shown = narrowing.shown.to_vec();
            if let Some(at) = stays {
                left.retain(|row| *row != at);
                shown.retain(|row| *row != at);
            }
            prop_assert_eq!(shown, left, "{:?}", filter);
            // The cursor is on a row that is shown, if there is one.
            let cursor = model.tokens.selected().map(|_| model.tokens.cursor.index);
            prop_assert_eq!(cursor.is_some(), !narrowing.shown.is_empty());
            prop_assert!(cursor.is_none_or(|at| narrowing.shown.get(narrowing.place) == Some(&at)));
            let ids: HashSet<_> = rows.iter().map(|row| row.id).collect();
            prop_assert!(rows.iter().all(|row| model.tokens.position(row.id).is_some_and(|at| rows[at].id == row.id)));
            prop_assert_eq!(ids.len(), rows.len());
            for at in 0..rows.len() {
                let [known, again] = texts::written_again(&model, at);
                prop_assert_eq!(known, again);
            }
            let [known, again] = scope::counted_again(&mut model);
            prop_assert_eq!(known, again);
            // The columns have room for these rows, once a row that was only visiting is gone.
            model.tokens.narrowing.all_of = None;
            within::renew(&mut model);
            let narrowing = &model.tokens.narrowing;
            let mut needs = Needs::default();
            let folded = |at: usize| narrowing.folded(model.tokens.rows()[at].id);
            all.iter().for_each(|at| need(&mut needs, &model, *at, folded(*at).as_ref()));
            prop_assert_eq!((&narrowing.needs, &*narrowing.all), (&needs, &all));
        }
    }
}
