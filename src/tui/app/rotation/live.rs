//! A rotation that runs, or has ended: a row for each profile with its step, and what is known of its old tokens.

use std::collections::HashMap;

use chrono::TimeDelta;

use super::words::{Room, RowWords, counted};
use crate::{
    auth::TokenKind,
    clock::{self, Timestamp},
    profile::ProfileName,
    session::{
        Verdict,
        rotate::{
            Event, Stage, Waiting,
            receipt::{self, Receipt},
            step::Outcome,
        },
    },
    store::runs::RunId,
    text,
    tui::app::{Model, message::TaskId, page::Tone},
};

/// An old access token that ends so soon is no survivor to worry about: as for the exit code of `tokscope rotate`.
const MAX_SURVIVAL: TimeDelta = TimeDelta::hours(1);

/// All of it.
#[derive(Debug)]
pub(crate) struct Live {
    /// Performs it, while it runs.
    pub(super) task: Option<TaskId>,
    pub(super) run: Option<RunId>,
    pub(super) rows: Vec<LiveRow>,
    places: HashMap<ProfileName, usize>,
    /// So many profiles in all; of a resumed run not all of them have a row.
    all: usize,
    began: Timestamp,
    pub(super) ended: Option<Timestamp>,
    /// How often it was asked to stop.
    pub(super) stops: u8,
    resumable: bool,
    pub(super) receipt: Option<Box<Receipt>>,
}

/// A profile of it.
#[derive(Debug)]
pub(super) struct LiveRow {
    pub(super) name: ProfileName,
    phase: Phase,
    began: Option<Timestamp>,
    took: Option<TimeDelta>,
    /// What is known of its old tokens, and whether a call has accepted them.
    verdicts: Vec<(TokenKind, String, Verdict, bool)>,
    reason: Option<String>,
}

/// How far a profile is.
#[derive(Debug, Clone, Copy)]
enum Phase {
    Planned,
    Step(Stage),
    Waiting(Waiting, Option<Timestamp>),
    Settled(Outcome),
}

impl LiveRow {
    fn new(name: ProfileName) -> Self {
        Self { name, phase: Phase::Planned, began: None, took: None, verdicts: Vec::new(), reason: None }
    }

    /// As the receipt has it.
    fn of(profile: &receipt::Profile) -> Option<Self> {
        let known = |old: &receipt::Old| {
            let (verdict, accepted) = old.judged();
            (old.kind, old.fingerprint.clone(), verdict, accepted)
        };
        Some(Self {
            name: ProfileName::new(profile.name.clone()).ok()?,
            phase: Phase::Settled(profile.outcome),
            began: None,
            took: Some(TimeDelta::milliseconds(profile.elapsed_ms)),
            verdicts: profile.old.iter().map(known).collect(),
            reason: profile.reason.clone(),
        })
    }

    fn judge(&mut self, kind: TokenKind, token: String, verdict: Verdict, accepted: bool) {
        match self.verdicts.iter_mut().find(|(_, known, ..)| *known == token) {
            Some(known) => (known.2, known.3) = (verdict, accepted),
            None => self.verdicts.push((kind, token, verdict, accepted)),
        }
    }

    fn outcome(&self) -> Option<Outcome> {
        if let Phase::Settled(outcome) = self.phase { Some(outcome) } else { None }
    }
}

impl Live {
    pub(super) fn new(task: TaskId, names: Vec<ProfileName>, began: Timestamp, resumable: bool) -> Self {
        let places = names.iter().enumerate().map(|(place, name)| (name.clone(), place)).collect();
        let all = names.len();
        Self {
            task: Some(task),
            run: None,
            rows: names.into_iter().map(LiveRow::new).collect(),
            places,
            all,
            began,
            ended: None,
            stops: 0,
            resumable,
            receipt: None,
        }
    }

    fn row_mut(&mut self, name: &ProfileName) -> &mut LiveRow {
        let place = *self.places.entry(name.clone()).or_insert(self.rows.len());
        if place == self.rows.len() {
            self.rows.push(LiveRow::new(name.clone()));
        }
        &mut self.rows[place]
    }

    /// Whether the profile is one of it and not settled.
    pub(super) fn covers(&self, profile: &ProfileName) -> bool {
        self.places.get(profile).is_some_and(|place| self.rows[*place].outcome().is_none())
    }

    /// How many are settled, and how many there are.
    pub(super) fn counts(&self) -> (usize, usize) {
        (self.rows.iter().filter(|row| row.outcome().is_some()).count(), self.all.max(self.rows.len()))
    }

    pub(super) fn take(&mut self, event: Event, now: Timestamp) {
        match event {
            Event::Planned { run, profiles, resumable } => {
                (self.run, self.all, self.resumable) = (Some(run), profiles, resumable);
            }
            Event::Started { profile } => self.row_mut(&profile).began = Some(now),
            Event::Step { profile, stage } => self.row_mut(&profile).phase = Phase::Step(stage),
            Event::Waiting { profile, what, until } => {
                self.row_mut(&profile).phase = Phase::Waiting(what, until);
            }
            Event::Asked { profile } => self.row_mut(&profile).phase = Phase::Waiting(Waiting::Person, None),
            Event::Judged { profile, kind, token, verdict, accepted } => {
                self.row_mut(&profile).judge(kind, token.to_string(), verdict, accepted);
            }
            Event::Settled { profile, outcome, reason } => {
                let row = self.row_mut(&profile);
                row.took = row.began.map(|began| (now - began).max(TimeDelta::zero()));
                (row.phase, row.reason) = (Phase::Settled(outcome), reason);
            }
            Event::Obtained { .. } | Event::Ended { .. } | Event::Total(_) => {}
        }
    }

    /// It has ended; whether nothing is left to worry about.
    pub(super) fn end(&mut self, receipt: Receipt, now: Timestamp) -> bool {
        (self.task, self.ended) = (None, Some(now));
        self.rows = receipt.profiles.iter().filter_map(LiveRow::of).collect();
        self.places = self.rows.iter().enumerate().map(|(place, row)| (row.name.clone(), place)).collect();
        self.all = self.rows.len();
        let clean = receipt.is_clean(MAX_SURVIVAL, now);
        self.receipt = Some(Box::new(receipt));
        clean
    }
}

/// `Rotating  3 of 4 ended · 8s`.
pub(super) fn title(model: &Model, live: &Live) -> String {
    let (done, all) = live.counts();
    let elapsed = clock::span((live.ended.unwrap_or(model.now) - live.began).max(TimeDelta::zero()));
    match (&live.receipt, live.task) {
        (Some(receipt), _) => format!("Rotated  {}", receipt.summary()),
        (None, Some(_)) if live.stops > 0 => format!("Rotating  {done} of {all} ended · {elapsed} · stopping"),
        (None, Some(_)) => format!("Rotating  {done} of {all} ended · {elapsed}"),
        (None, None) => format!("Rotation  {done} of {all} ended · cut off"),
    }
}

pub(super) const HEADS: [&str; 4] = ["step", "old tokens", "took", ""];

/// A profile of it.
pub(super) fn row(model: &Model, live: &Live, at: usize) -> Option<RowWords> {
    let row = live.rows.get(at)?;
    let (sign, tone, step) = match row.phase {
        Phase::Planned => ("·", Tone::Muted, "planned".to_owned()),
        Phase::Step(stage) => ("»", Tone::Renew, stage_words(stage).to_owned()),
        Phase::Waiting(what, until) => ("»", Tone::Warn, waiting_words(model, what, until)),
        Phase::Settled(Outcome::Rotated) => ("✓", Tone::Good, "rotated".to_owned()),
        Phase::Settled(Outcome::Revoked) => ("⊘", Tone::Warn, "revoked".to_owned()),
        Phase::Settled(Outcome::Failed) => ("✗", Tone::Bad, "failed".to_owned()),
        Phase::Settled(Outcome::NotStarted) => ("·", Tone::Muted, "not started".to_owned()),
    };
    let survives = row.verdicts.iter().any(survives);
    // A session that is new does not hide an old one that is accepted.
    let (sign, tone_of_sign) =
        if survives && row.outcome() == Some(Outcome::Rotated) { ("!", Tone::Bad) } else { (sign, tone) };
    let took = row.took.or(row.began.map(|began| (model.now - began).max(TimeDelta::zero())));
    let cells = vec![
        (step, tone),
        (marks(row), if survives { Tone::Bad } else { Tone::Muted }),
        (took.map(clock::span).unwrap_or_default(), Tone::Muted),
        (text::visible(&result(model, row)).into_owned(), Tone::Plain),
    ];
    Some(RowWords { sign, tone: tone_of_sign, badge: model.badge(&row.name), name: row.name.to_string(), cells })
}

/// As many as there is room for: what became of it matters more than how it went.
pub(super) fn shorten(cells: &mut Vec<(String, Tone)>, columns: usize) {
    let [step, marks, took, result] = [0, 1, 2, 3].map(|at| std::mem::take(&mut cells[at].0));
    let tones: Vec<_> = cells.drain(..).map(|(_, tone)| tone).collect();
    let kept = match columns {
        ..=1 if result.is_empty() => vec![(step, tones[0])],
        ..=1 => vec![(result, tones[0])],
        _ if !result.is_empty() => vec![(step, tones[0]), (result, tones[3])],
        _ if !marks.is_empty() => vec![(step, tones[0]), (marks, tones[1])],
        _ => vec![(step, tones[0]), (took, tones[2])],
    };
    cells.extend(kept);
}

fn stage_words(stage: Stage) -> &'static str {
    match stage {
        Stage::Obtaining => "getting new tokens",
        Stage::Checking => "trying the new tokens",
        Stage::Ending => "ending the old tokens",
        Stage::Recovering => "logging in again",
        Stage::Restoring => "restoring the old session",
        Stage::Proving => "proving",
    }
}

fn waiting_words(model: &Model, what: Waiting, until: Option<Timestamp>) -> String {
    let until = until.map(|until| format!(" until {}", model.time_of_day(until))).unwrap_or_default();
    match what {
        Waiting::Slot => "waiting for its turn".to_owned(),
        Waiting::Person => "waiting for you".to_owned(),
        Waiting::Limit => format!("rate limited{until}"),
        Waiting::Propagation => format!("tries again{until}"),
    }
}

fn survives((kind, _, verdict, _): &(TokenKind, String, Verdict, bool)) -> bool {
    *verdict != Verdict::Dead && *kind != TokenKind::Id
}

/// `refresh ⊘  access !`.
fn marks(row: &LiveRow) -> String {
    let mark = |verdict: &Verdict| match verdict {
        Verdict::Dead => "⊘",
        Verdict::AliveUntil(_) | Verdict::Alive => "!",
        Verdict::Unknown => "?",
    };
    let known = row.verdicts.iter().filter(|(kind, ..)| *kind != TokenKind::Id);
    known.map(|(kind, _, verdict, _)| format!("{kind} {}", mark(verdict))).collect::<Vec<_>>().join("  ")
}

/// What became of it, in words.
fn result(model: &Model, row: &LiveRow) -> String {
    let left = row.verdicts.iter().filter(|known| survives(known)).map(|(kind, _, verdict, accepted)| {
        format!("{kind} {}", verdict.words(*accepted, |end| model.time_of_day(end)))
    });
    let left = left.collect::<Vec<_>>().join(", ");
    let reason = || row.reason.clone().unwrap_or_default();
    match row.outcome() {
        None => String::new(),
        Some(Outcome::Rotated) if left.is_empty() && row.verdicts.is_empty() => "no old tokens".to_owned(),
        Some(Outcome::Rotated) if left.is_empty() => "old tokens dead".to_owned(),
        Some(Outcome::Rotated) => left,
        Some(Outcome::Revoked) => format!("no new session: {}", reason()),
        Some(Outcome::Failed | Outcome::NotStarted) => reason(),
    }
}

/// The totals, and what is left for the user.
pub(super) fn foot(model: &Model, live: &Live, at: usize, room: Room) -> Vec<(Tone, String)> {
    let count = |is: fn(&Phase) -> bool| live.rows.iter().filter(|row| is(&row.phase)).count();
    let counts = [
        (count(|phase| matches!(phase, Phase::Settled(Outcome::Rotated))), "rotated"),
        (count(|phase| matches!(phase, Phase::Settled(Outcome::Revoked))), "revoked"),
        (count(|phase| matches!(phase, Phase::Settled(Outcome::Failed))), "failed"),
        (count(|phase| matches!(phase, Phase::Settled(Outcome::NotStarted))), "not started"),
        (count(|phase| matches!(phase, Phase::Step(_) | Phase::Waiting(..))), "running"),
    ];
    let counts = counts.into_iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}"));
    let counts = counts.collect::<Vec<_>>().join(" · ");
    let mut foot =
        vec![(Tone::Plain, if counts.is_empty() { format!("{} planned", counted(live.all)) } else { counts })];
    let visible = |words: String| text::visible(&words).into_owned();
    let Some(receipt) = &live.receipt else {
        let asks = live.rows.iter().find(|row| matches!(row.phase, Phase::Waiting(Waiting::Person, _)));
        foot.extend(asks.map(|row| (Tone::Warn, format!("Left for you: {} waits for your answer.", row.name))));
        if let Some(reason) = live.rows.get(at).and_then(|row| row.reason.as_ref()) {
            foot.push((Tone::Muted, visible(format!("{}: {reason}", live.rows[at].name))));
        }
        if live.task.is_none() {
            foot.push((
                Tone::Warn,
                model.hint("It was cut off: {key:commands} resume rotation goes on with it.").into_owned(),
            ));
        } else if !live.resumable && room != Room::Small {
            foot.push((
                Tone::Muted,
                "Nothing resumes it if tokscope is killed: the vault is only in memory.".to_owned(),
            ));
        }
        return foot;
    };
    for alarm in receipt.profiles.iter().flat_map(|profile| profile.alarms.iter().map(move |words| (profile, words))) {
        foot.push((Tone::Bad, visible(format!("ALARM {}: {}", alarm.0.name, alarm.1))));
    }
    let left: Vec<_> = receipt
        .profiles
        .iter()
        .flat_map(|profile| profile.left_to_do.iter().map(move |words| format!("{}: {words}", profile.name)))
        .collect();
    match left.is_empty() {
        true => foot.push((Tone::Good, "Nothing is left for you to do.".to_owned())),
        false => foot.extend(left.into_iter().map(|words| (Tone::Warn, visible(format!("Left for you: {words}"))))),
    }
    foot
}
