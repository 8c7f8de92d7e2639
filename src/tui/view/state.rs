//! What a list says of a state: its sign, what is left, and how it is meant.

use chrono::TimeDelta;

use super::format;
use crate::{
    clock::{self, Timestamp},
    token::state::{Facts, State},
    tui::app::{
        Model, facts,
        page::Tone,
        profiles::ProfileRow,
        renewal::{self, Plan},
        tasks::Task,
        tokens::Row,
    },
};

/// A state in a list.
pub(super) struct Told {
    pub(super) sign: &'static str,
    /// A countdown, or a word.
    pub(super) left: String,
    pub(super) tone: Tone,
}

/// What stands beside a profile whose tokens are being rotated, and beside its access token.
const ROTATING: &str = "rotating";

/// Of a group in which something runs: how many.
pub(super) fn busy(profiles: usize) -> Told {
    Told { sign: State::Busy.sign(), left: profiles.to_string(), tone: tone(State::Busy) }
}

/// How a state is meant.
pub(super) fn tone(state: State) -> Tone {
    match state {
        State::Active => Tone::Good,
        State::Expiring => Tone::Warn,
        State::Renewable | State::Busy => Tone::Renew,
        State::Failed | State::Alive => Tone::Bad,
        State::Expired | State::Revoked => Tone::Ended,
        State::Superseded | State::NotYet | State::Locked | State::NoTokens | State::Unknown | State::Opaque => {
            Tone::Muted
        }
    }
}

/// Of a profile; with room for less, in one unit.
pub(super) fn of_profile(model: &Model, row: &ProfileRow, short: bool) -> Told {
    let facts = facts::of_profile(model, row);
    let state = facts.state(model.shown_now());
    let told = |left: &str| Told { sign: state.sign(), left: left.to_owned(), tone: tone(state) };
    if let Some(task) = model.tasks.told_of(&row.profile.name, model.now) {
        return Told { left: elapsed(model, task), ..told("") };
    }
    if model.rotation.covers(&row.profile.name) {
        return Told { sign: State::Busy.sign(), left: ROTATING.to_owned(), tone: tone(State::Busy) };
    }
    if facts::needs_login(model, row) {
        return told("log in");
    }
    if row.failure.is_some() {
        return told("failed");
    }
    if row.unsaved().is_some() {
        return Told { tone: Tone::Bad, ..told("NOT SAVED") };
    }
    if row.facts.condition.doubt.is_some() {
        return Told { sign: "▲", tone: Tone::Warn, ..told("ID token") };
    }
    // The one before it, which was to be ended, calls for more than the current session.
    if let Some(survivor) = facts::survivor(row, model.shown_now()) {
        let tone = tone(State::Alive);
        return Told { sign: State::Alive.sign(), left: left(&survivor, model, true, short), tone };
    }
    Told { left: left(&facts, model, true, short), ..told("") }
}

/// Of a token, with what is known of its profile; with room for less, in one unit.
pub(super) fn of_token(model: &Model, row: &Row, short: bool) -> Told {
    let profile = row.profile().and_then(|name| model.profiles.row(name));
    let facts = facts::of_token(model, row, profile);
    let state = facts.state(model.shown_now());
    let task = profile.filter(|_| facts.busy).and_then(|profile| model.tasks.told_of(&profile.profile.name, model.now));
    let left = match task {
        Some(task) => elapsed(model, task),
        None if state == State::Busy => ROTATING.to_owned(),
        None => left(&facts, model, false, short),
    };
    Told { sign: state.sign(), left, tone: tone(state) }
}

/// Of a token, whatever is done with its session right now; what failed last stays said.
pub(super) fn by_time(model: &Model, row: &Row) -> Told {
    let profile = row.profile().and_then(|name| model.profiles.row(name));
    let failed = row.old.is_none() && profile.is_some_and(|profile| profile.failure.is_some());
    of_facts(model, &Facts { busy: false, failed, ..facts::of_token(model, row, profile) })
}

/// Of what is known of a token.
pub(super) fn of_facts(model: &Model, facts: &Facts) -> Told {
    let state = facts.state(model.shown_now());
    Told { sign: state.sign(), left: left(facts, model, false, false), tone: tone(state) }
}

/// Of a token in whole words, as its banner has it, and shorter ones for where that does not fit:
/// `active: 41m 08s left, until 14:46:20 local (13:46:20Z)`.
pub(super) fn in_words(model: &Model, row: &Row) -> Vec<String> {
    let profile = row.profile().and_then(|name| model.profiles.row(name));
    let facts = Facts { busy: false, failed: false, ..facts::of_token(model, row, profile) };
    let now = model.shown_before(row.lifetime.expires_at);
    let forms = |words: String, preposition: &str, end: Timestamp| {
        let local = format!("{words}, {preposition} {}", model.time_of_day(end));
        let utc = clock::to_the_second(end).format("%H:%M:%SZ");
        vec![format!("{local} local ({utc})"), local, words]
    };
    match (facts.state(now), row.lifetime.expires_at) {
        (State::Active, Some(end)) => forms(format!("active: {} left", clock::span(end - now)), "until", end),
        (State::Expiring, Some(end)) => forms(format!("expires in {}", clock::span(end - now)), "at", end),
        (State::Renewable, end) => {
            let ended = format!("renewable: access ended {}", end.map(|end| format::ago(end, now)).unwrap_or_default());
            let refresh = match facts.refresh.map(|refresh| refresh.expires_at) {
                Some(Some(end)) => format!(", refresh token good for {}", one_unit(end - now)),
                Some(None) => ", refresh token without a given expiry".to_owned(),
                None => String::new(),
            };
            let key = model.hint_that_works(" {key:refresh} renews.").unwrap_or_default();
            vec![format!("{ended}{refresh}.{key}"), format!("{ended}.{key}"), ended]
        }
        (State::Alive, Some(end)) => {
            forms(format::long_state(row.state(now), &row.lifetime, now), "may be accepted until", end)
        }
        (State::Revoked, _) if let Some(refused) = &row.refused => {
            let status = refused.status.map(|status| format!(" with {status}")).unwrap_or_default();
            let words = format!("refused{status} at {}", clock::of_day(refused.at, model.now, model.zone));
            vec![format!("{words}, after revocation"), words]
        }
        _ => vec![format::long_state(row.state(now), &row.lifetime, now)],
    }
}

/// Since when a task runs, or what it waits for.
fn elapsed(model: &Model, task: &Task) -> String {
    match (task.is_queued(), task.waits()) {
        (true, _) => "queued".to_owned(),
        (_, true) => "waiting".to_owned(),
        _ => clock::span((model.now - task.since).max(TimeDelta::zero())),
    }
}

/// `41m 08s`, `3h ago`, `in 2d 04h`, `unknown`. Of what is renewable: of a session until when it is, of a token since when.
fn left(facts: &Facts, model: &Model, session: bool, short: bool) -> String {
    let now = model.shown_now();
    let span = |end: Option<Timestamp>| match (end, short) {
        (Some(end), false) => clock::span(end - model.shown_before(Some(end))),
        (Some(end), true) => one_unit(end - now),
        (None, _) => String::new(),
    };
    let ago = |end: Option<Timestamp>| match end {
        // The sign says that it is over.
        Some(end) if short => one_unit(now - end),
        Some(end) => ago(end, now),
        None => String::new(),
    };
    let access = facts.access.and_then(|life| life.expires_at);
    let refresh = facts.refresh.and_then(|life| life.expires_at);
    match facts.state(now) {
        State::Active | State::Expiring => span(access),
        State::Alive => match access {
            Some(end) if short || (end - now) > TimeDelta::hours(12) => one_unit(end - now),
            Some(end) => clock::of_day(end, now, model.zone),
            None => "alive".to_owned(),
        },
        State::NotYet => {
            let start = facts.access.and_then(|life| life.not_before);
            start.map(|start| format!("in {}", one_unit(start - now))).unwrap_or_default()
        }
        State::Renewable if session && refresh.is_some() => span(refresh),
        State::Renewable if session && facts.renews_alone => "renews".to_owned(),
        State::Renewable | State::Expired => ago(access.or(refresh)),
        State::Revoked => "refused".to_owned(),
        State::Superseded => ago(facts.replaced),
        State::Failed => "failed".to_owned(),
        State::Busy => String::new(),
        State::Unknown | State::Opaque => "unknown".to_owned(),
        State::NoTokens => "no tokens".to_owned(),
        State::Locked => "locked".to_owned(),
    }
}

/// `3m ago`: in one unit, because nothing runs for the sake of what is over.
fn ago(time: Timestamp, now: Timestamp) -> String {
    match (now - time).num_seconds() {
        ..60 => "just now".to_owned(),
        _ => format!("{} ago", one_unit(now - time)),
    }
}

/// `4m`: a span in its largest unit, rounded towards zero.
fn one_unit(span: TimeDelta) -> String {
    match span.num_seconds().max(0) {
        seconds @ ..60 => format!("{seconds}s"),
        seconds @ ..3_600 => format!("{}m", seconds / 60),
        seconds @ ..86_400 => format!("{}h", seconds / 3_600),
        seconds @ ..34_560_000 => format!("{}d", seconds / 86_400),
        seconds => format!("{}y", seconds / 31_536_000),
    }
}

/// `renews in 4m`: when it is renewed without anybody's doing; in the warning colour while that does not work.
pub(super) fn renewal(model: &Model, row: &ProfileRow) -> Option<(String, Tone)> {
    let tone = if row.renewal.failures == 0 { Tone::Renew } else { Tone::Warn };
    match renewal::plan(model, row) {
        Plan::At(at) => Some((format!("renews in {}", one_unit(at - model.now)), tone)),
        Plan::NoEnd => Some(("renews at no known time".to_owned(), Tone::Warn)),
        Plan::Locked if row.holding.is_some() => Some(("renewal stopped".to_owned(), Tone::Warn)),
        _ => None,
    }
}

/// `⟳`: it is renewed without anybody's doing; in the warning colour while that does not work.
pub(super) fn renews(model: &Model, row: &ProfileRow) -> Option<Tone> {
    let works = if row.renewal.failures == 0 { Tone::Renew } else { Tone::Warn };
    match renewal::plan(model, row) {
        Plan::At(_) => Some(works),
        Plan::NoEnd => Some(Tone::Warn),
        Plan::Impossible | Plan::Off | Plan::ReadOnly | Plan::Locked | Plan::NoTokens | Plan::Stopped(_) => None,
    }
}

#[cfg(test)]
mod tests;
