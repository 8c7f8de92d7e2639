//! From observations to the verdict.

use std::collections::BTreeSet;

use chrono::TimeDelta;

use super::{APART, Answer, By, Clock, Judgement, Observation, Subject, Verdict};
use crate::{
    auth::TokenKind,
    clock::{self, Timestamp},
};

/// After its end, a token may be accepted so much longer.
const LEEWAY: TimeDelta = TimeDelta::seconds(60);
/// So near to its end nothing is decided by a clock whose skew is not known.
const UNSURE: TimeDelta = TimeDelta::minutes(5);

impl Subject {
    fn alive(&self, now: Timestamp) -> Verdict {
        self.expires_at.filter(|end| *end > now).map_or(Verdict::Alive, Verdict::AliveUntil)
    }
}

/// What follows for a token from what was seen of it.
pub fn judge(token: &Subject, seen: &[Observation], clock: Clock) -> Judgement {
    let void: BTreeSet<_> = seen.iter().filter(|one| one.is_void()).map(|one| one.call.as_str()).collect();
    let mut valid: Vec<_> = seen.iter().filter(|one| !void.contains(one.call.as_str())).collect();
    valid.sort_by_key(|one| one.at);
    if token.kind == TokenKind::Id {
        valid.clear();
    }
    let by = |by: By| valid.iter().copied().filter(move |one| one.by == by).collect::<Vec<_>>();
    let (used, replayed, stated) = (by(By::Use), by(By::Replay), by(By::Introspect));
    let now = clock.now + clock.skew.unwrap_or_default();
    by_time(token, &valid, clock)
        .or_else(|| by_use(token, &used, now))
        .or_else(|| by_replay(token, &replayed, now))
        .or_else(|| by_statement(token, &stated, now))
        .or_else(|| by_format(token, &valid, clock))
        .unwrap_or_else(|| Judgement { verdict: Verdict::Unknown, by: None, why: unknown(token, seen, &void, clock) })
}

/// Only an acceptance after its end speaks against that.
fn by_time(token: &Subject, valid: &[&Observation], clock: Clock) -> Option<Judgement> {
    let end = token.expires_at?;
    let skew = clock.skew.unwrap_or_default();
    let over = end.checked_add_signed(if clock.skew.is_some() { LEEWAY } else { UNSURE })?;
    let revived = valid.iter().any(|one| one.accepts() && one.at + skew >= over);
    let why = format!("it expired at {}", time(end));
    (clock.now + skew >= over && !revived).then_some(Judgement { verdict: Verdict::Dead, by: Some(By::Time), why })
}

/// Two refusals since it was last accepted: of two nodes that know different things, the one that knows is not the server.
fn twice(token: &Subject, seen: &[&Observation], words: &str) -> Option<String> {
    let accepted = seen.iter().rev().find(|one| one.accepts());
    let since = seen.iter().filter(|one| accepted.is_none_or(|accepted| one.at > accepted.at));
    let refused: Vec<_> = since.filter(|one| one.refuses() && token.judged_by(one)).collect();
    let [first, .., last] = refused[..] else { return None };
    // Before anything was done that may have ended it.
    let already = match (token.renewed_at, token.ended_at) {
        (Some(renewed), _) => first.at < renewed,
        (None, ended) => ended.is_none(),
    };
    let why = match already {
        true => format!("was already refused by {} at {}", first.call, time(first.at)),
        false => format!("{words} by {}", last.call),
    };
    (last.at - first.at >= APART).then_some(why)
}

fn by_use(token: &Subject, used: &[&Observation], now: Timestamp) -> Option<Judgement> {
    if let Some(why) = twice(token, used, "refused twice") {
        return Some(dead(By::Use, why));
    }
    let accepted = used.iter().rev().find(|one| one.accepts());
    let accepted = accepted.filter(|one| token.is_since(one))?;
    Some(alive(token, accepted, now))
}

/// What was accepted once is used up by that: a later refusal of it says nothing about what it brought, only one of that does.
fn by_replay(token: &Subject, replayed: &[&Observation], now: Timestamp) -> Option<Judgement> {
    let accepted = replayed.iter().rev().find(|one| one.accepts());
    let counts =
        |one: &&&Observation| one.refuses() && accepted.is_none_or(|accepted| one.of_successor && one.at > accepted.at);
    match (replayed.iter().rev().find(counts), accepted) {
        (Some(_), _) if token.kind != TokenKind::Refresh => None,
        (Some(refused), None) => Some(dead(By::Replay, format!("the replay was refused by {}", refused.call))),
        (Some(refused), Some(_)) => {
            Some(dead(By::Replay, format!("what a replay had brought was revoked, and refused by {}", refused.call)))
        }
        (None, accepted) => accepted.map(|accepted| alive(token, accepted, now)),
    }
}

fn by_statement(token: &Subject, stated: &[&Observation], now: Timestamp) -> Option<Judgement> {
    if let Some(why) = twice(token, stated, "twice inactive") {
        return Some(dead(By::Introspect, why));
    }
    let accepted = stated.iter().rev().find(|one| one.accepts());
    let accepted = accepted.filter(|one| token.is_since(one))?;
    Some(alive(token, accepted, now))
}

fn by_format(token: &Subject, valid: &[&Observation], clock: Clock) -> Option<Judgement> {
    let end = token.expires_at.filter(|_| token.signed)?;
    let now = clock.now + clock.skew.map_or(UNSURE, |skew| skew);
    let refused = valid.iter().rev().find(|one| one.refuses());
    let why = match (token.is_free(), refused) {
        (true, Some(one)) => format!("already refused by {}; services that check it themselves accept it", one.call),
        (true, None) => "services that check it themselves accept it".to_owned(),
        (false, _) => "nothing shows that it ended".to_owned(),
    };
    (end > now).then_some(Judgement { verdict: Verdict::AliveUntil(end), by: Some(By::Format), why })
}

fn dead(by: By, why: String) -> Judgement {
    Judgement { verdict: Verdict::Dead, by: Some(by), why }
}

fn alive(token: &Subject, accepted: &Observation, now: Timestamp) -> Judgement {
    let mut why = format!("accepted by {} at {}", accepted.call, time(accepted.at));
    if token.ended_at.is_some() {
        why.push_str(" although revoked; the revocation may still propagate");
    }
    Judgement { verdict: token.alive(now), by: Some(accepted.by), why }
}

/// Why nothing is known, by the most useful of the reasons.
fn unknown(token: &Subject, seen: &[Observation], void: &BTreeSet<&str>, clock: Clock) -> String {
    let call = |of: &dyn Fn(&&Observation) -> bool| seen.iter().rev().find(of).map(|one| one.call.as_str());
    let near = token.expires_at.filter(|end| (*end - clock.now).abs() <= UNSURE);
    if let Some(end) = near.filter(|end| clock.skew.is_none() || *end <= clock.now) {
        return format!("it ends at {}, and clocks may differ", time(end));
    }
    if token.kind == TokenKind::Id {
        return "an ID token is not tried".to_owned();
    }
    if let Some(call) = void.first() {
        return format!("{call} accepts any token, so it proves nothing");
    }
    if let Some(call) = call(&|one| one.result == Answer::Refused && one.control.is_some() && !one.refuses()) {
        return format!("{call} did not accept the new token either, so it proves nothing");
    }
    if let Some(call) = call(&|one| one.refuses()) {
        return match token.is_free() {
            true => format!("refused by {call}, but services that check it themselves may accept it"),
            false => format!("refused once by {call}, which is not enough"),
        };
    }
    if let Some(call) = call(&|one| one.result != Answer::Unclear) {
        return format!("the answer of {call} has no control, so it proves nothing");
    }
    let unclear = call(&|_| true).map(|call| format!("{call} gave no clear answer"));
    unclear.unwrap_or_else(|| token.untried.unwrap_or("it was not tried").to_owned())
}

fn time(at: Timestamp) -> String {
    clock::utc(clock::to_the_second(at))
}
