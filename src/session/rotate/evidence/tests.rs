//! The truth table: what was seen, and the verdict.

use super::*;

/// Seconds after the ending, which is at 0.
fn at(seconds: i64) -> Timestamp {
    crate::clock::parse("2026-11-26T07:00:00Z").unwrap() + TimeDelta::seconds(seconds)
}

const NOW: i64 = 100;

#[derive(Clone, Copy)]
enum C {
    /// No control.
    None,
    /// The new token was accepted, so many seconds later.
    New(i64),
    /// The new token was not.
    NotNew(Answer),
    /// A made-up token was refused.
    MadeUp,
    /// It was not.
    Open(Answer),
}
use Answer::{Accepted as A, Refused as R, Unclear as U};
use By::{Introspect as I, Replay as P, Use as S};

fn seen(seconds: i64, by: By, result: Answer, control: C) -> Observation {
    let (kind, result_of, later) = match control {
        C::None => (ControlKind::Positive, None, 0),
        C::New(later) => (ControlKind::Positive, Some(A), later),
        C::NotNew(result) => (ControlKind::Positive, Some(result), 1),
        C::MadeUp => (ControlKind::Negative, Some(R), 0),
        C::Open(result) => (ControlKind::Negative, Some(result), 0),
    };
    let control = result_of.map(|result| Control { kind, result, at: at(seconds + later) });
    let call = by.as_str().to_owned();
    Observation {
        at: at(seconds),
        by,
        call,
        own: false,
        of_successor: false,
        status: None,
        result,
        words: String::new(),
        control,
    }
}

/// By the service's own API.
fn own(seconds: i64, result: Answer, control: C) -> Observation {
    Observation { own: true, ..seen(seconds, S, result, control) }
}

fn token(kind: TokenKind, signed: bool, ends: Option<i64>) -> Subject {
    Subject { kind, signed, expires_at: ends.map(at), renewed_at: None, ended_at: Some(at(0)), untried: None }
}

const OPAQUE: (TokenKind, bool) = (TokenKind::Access, false);
const JWT: (TokenKind, bool) = (TokenKind::Access, true);
const REFRESH: (TokenKind, bool) = (TokenKind::Refresh, false);
const SIGNED_REFRESH: (TokenKind, bool) = (TokenKind::Refresh, true);
const ID: (TokenKind, bool) = (TokenKind::Id, true);
const PASTED: (TokenKind, bool) = (TokenKind::Unknown, true);

#[derive(Debug, PartialEq, Clone, Copy)]
enum V {
    Dead(By),
    Until(i64, By),
    Alive(By),
    Unknown,
}

fn verdict(judged: &Judgement) -> V {
    match (judged.verdict, judged.by) {
        (Verdict::Dead, Some(by)) => V::Dead(by),
        (Verdict::AliveUntil(end), Some(by)) => V::Until((end - at(0)).num_seconds(), by),
        (Verdict::Alive, Some(by)) => V::Alive(by),
        (Verdict::Unknown, None) => V::Unknown,
        other => panic!("{other:?}"),
    }
}

const HOUR: Option<i64> = Some(3_600);

#[test]
fn what_was_seen_decides() {
    let skewed = |skew: Option<i64>| Clock { now: at(NOW), skew: skew.map(TimeDelta::seconds) };
    let row = |(kind, signed): (TokenKind, bool), ends, seen: &[Observation], want: V| {
        let judged = judge(&token(kind, signed, ends), seen, skewed(Some(0)));
        assert_eq!(verdict(&judged), want, "{kind} {signed} {ends:?}: {seen:#?}: {}", judged.why);
        assert!(!judged.why.is_empty());
    };
    let new = C::New(1);
    // A use: two refusals, 1 s or more apart, each with its control within 5 s.
    row(OPAQUE, None, &[seen(1, S, R, new), seen(2, S, R, new)], V::Dead(S));
    row(OPAQUE, None, &[seen(1, S, R, new), seen(1, S, R, new)], V::Unknown);
    row(OPAQUE, None, &[seen(1, S, R, new)], V::Unknown);
    row(OPAQUE, None, &[seen(1, S, R, C::New(5)), seen(2, S, R, C::New(5))], V::Dead(S));
    row(OPAQUE, None, &[seen(1, S, R, C::New(6)), seen(2, S, R, new)], V::Unknown);
    row(OPAQUE, None, &[seen(1, S, R, C::New(-1)), seen(2, S, R, new)], V::Unknown);
    for control in [C::None, C::NotNew(R), C::NotNew(U), C::MadeUp] {
        row(OPAQUE, None, &[seen(1, S, R, control), seen(2, S, R, control)], V::Unknown);
        row(OPAQUE, None, &[seen(1, S, R, new), seen(2, S, R, control)], V::Unknown);
    }
    row(OPAQUE, HOUR, &[seen(1, S, A, C::MadeUp)], V::Until(3_600, S));
    row(OPAQUE, None, &[seen(1, S, A, C::MadeUp)], V::Alive(S));
    for control in [C::None, C::Open(A), C::Open(U), new] {
        row(OPAQUE, HOUR, &[seen(1, S, A, control)], V::Unknown);
    }
    // An acceptance beats the refusals before it, and not those after it.
    let [first, second] = [1, 2].map(|at| seen(at, S, R, new));
    row(OPAQUE, None, &[first.clone(), second.clone(), seen(3, S, A, C::MadeUp)], V::Alive(S));
    row(OPAQUE, None, &[first.clone(), seen(3, S, A, C::MadeUp), seen(4, S, R, new)], V::Alive(S));
    let later = [seen(0, S, A, C::MadeUp), first.clone(), second.clone()];
    row(OPAQUE, None, &later, V::Dead(S));
    row(OPAQUE, None, &[second, first], V::Dead(S));
    // One before the ending says nothing about what the ending did.
    row(OPAQUE, None, &[seen(-1, S, A, C::MadeUp)], V::Unknown);
    row(OPAQUE, None, &[seen(-1, I, A, C::MadeUp)], V::Unknown);
    // A call that accepts a made-up token proves nothing, whatever else it says.
    row(OPAQUE, None, &[seen(1, S, A, C::Open(A)), seen(2, S, R, new), seen(3, S, R, new)], V::Unknown);
    row(OPAQUE, None, &[seen(1, S, A, C::Open(A)), seen(2, I, R, new), seen(3, I, R, new)], V::Dead(I));
    // A use beats a statement.
    row(OPAQUE, None, &[seen(1, S, A, C::MadeUp), seen(2, I, R, new)], V::Alive(S));
    let refused = [seen(1, S, R, new), seen(2, S, R, new), seen(3, I, A, C::MadeUp)];
    row(OPAQUE, None, &refused, V::Dead(S));
    // A statement: one of two nodes may know better than the other.
    row(OPAQUE, None, &[seen(1, I, R, new), seen(2, I, R, new)], V::Dead(I));
    row(OPAQUE, None, &[seen(1, I, R, new)], V::Unknown);
    row(OPAQUE, None, &[seen(1, I, R, new), seen(1, I, R, new)], V::Unknown);
    row(OPAQUE, None, &[seen(1, I, R, new), seen(2, I, A, C::MadeUp), seen(3, I, R, new)], V::Alive(I));
    row(OPAQUE, None, &[seen(1, I, R, C::NotNew(R))], V::Unknown);
    row(OPAQUE, None, &[seen(1, I, R, C::None)], V::Unknown);
    row(OPAQUE, HOUR, &[seen(1, I, A, C::MadeUp)], V::Until(3_600, I));
    row(OPAQUE, None, &[seen(1, I, A, C::None)], V::Unknown);
    row(OPAQUE, None, &[seen(1, I, R, new), seen(2, I, A, C::MadeUp)], V::Alive(I));
    row(OPAQUE, None, &[seen(1, I, A, C::MadeUp), seen(2, I, R, new), seen(3, I, R, new)], V::Dead(I));
    // What says nothing.
    row(OPAQUE, HOUR, &[seen(1, S, U, new), seen(2, S, U, new)], V::Unknown);
    row(OPAQUE, HOUR, &[], V::Unknown);
    row(REFRESH, None, &[seen(1, P, U, new)], V::Unknown);
    // A replay.
    row(REFRESH, None, &[seen(1, P, R, C::New(-3))], V::Dead(P));
    row(REFRESH, None, &[seen(1, P, R, C::None)], V::Unknown);
    row(REFRESH, None, &[seen(1, P, A, C::None)], V::Alive(P));
    row(REFRESH, HOUR, &[seen(1, P, A, C::None)], V::Until(3_600, P));
    // What it brought lives, although the second one finds the token used.
    row(REFRESH, None, &[seen(1, P, A, C::None), seen(2, P, R, C::New(-3))], V::Alive(P));
    let successor = |one| Observation { of_successor: true, ..one };
    let brought = [seen(1, P, A, C::None), successor(seen(2, P, R, C::New(-3)))];
    row(REFRESH, None, &brought, V::Dead(P));
    row(REFRESH, None, &[brought[0].clone(), successor(seen(2, P, A, C::None))], V::Alive(P));
    row(REFRESH, None, &[seen(1, I, R, C::NotNew(R)), seen(2, P, R, C::New(-3))], V::Dead(P));
    row(REFRESH, None, &[seen(1, I, R, C::NotNew(R))], V::Unknown);
    row(REFRESH, None, &[seen(1, I, R, new), seen(2, P, A, C::None)], V::Alive(P));
    row(REFRESH, None, &[seen(1, I, R, new), seen(2, I, R, new)], V::Dead(I));
    row(SIGNED_REFRESH, HOUR, &[seen(1, I, R, new), seen(2, I, R, new)], V::Dead(I));
    row(SIGNED_REFRESH, HOUR, &[], V::Until(3_600, By::Format));
    // A signed access token is dead only by time, or where the service's own API refuses it.
    for kind in [JWT, PASTED] {
        row(kind, HOUR, &[], V::Until(3_600, By::Format));
        row(kind, HOUR, &[seen(1, I, R, new), seen(2, I, R, new)], V::Until(3_600, By::Format));
        row(kind, HOUR, &[seen(1, S, R, new), seen(2, S, R, new)], V::Until(3_600, By::Format));
        row(kind, HOUR, &[own(1, R, new), own(2, R, new)], V::Dead(S));
        row(kind, HOUR, &[own(1, R, new)], V::Until(3_600, By::Format));
        row(kind, HOUR, &[own(1, R, C::NotNew(R)), own(2, R, C::NotNew(R))], V::Until(3_600, By::Format));
        row(kind, HOUR, &[own(1, A, C::MadeUp)], V::Until(3_600, S));
        row(kind, HOUR, &[own(1, A, C::Open(A))], V::Until(3_600, By::Format));
        row(kind, None, &[seen(1, I, R, new)], V::Unknown);
        row(kind, None, &[], V::Unknown);
    }
    // ID tokens go by time and format.
    row(ID, HOUR, &[seen(1, I, R, new)], V::Until(3_600, By::Format));
    row(ID, Some(NOW - 60), &[], V::Dead(By::Time));
    row((TokenKind::Id, false), HOUR, &[], V::Unknown);
}

#[test]
fn time_counts_on_the_servers_clock() {
    let row = |ends: i64, skew: Option<i64>, seen: &[Observation], want: V| {
        let clock = Clock { now: at(NOW), skew: skew.map(TimeDelta::seconds) };
        let judged = judge(&token(TokenKind::Access, true, Some(ends)), seen, clock);
        assert_eq!(verdict(&judged), want, "{ends} {skew:?}: {}", judged.why);
    };
    row(NOW - 60, Some(0), &[], V::Dead(By::Time));
    row(NOW - 59, Some(0), &[], V::Unknown);
    row(NOW, Some(0), &[], V::Unknown);
    row(NOW + 1, Some(0), &[], V::Until(NOW + 1, By::Format));
    // A server whose clock is behind accepts it longer.
    row(NOW - 60, Some(-1), &[], V::Unknown);
    row(NOW + 30, Some(90), &[], V::Dead(By::Time));
    row(NOW + 30, Some(31), &[], V::Unknown);
    row(NOW, Some(-30), &[], V::Until(NOW, By::Format));
    // Nothing is known of its clock.
    row(NOW - 300, None, &[], V::Dead(By::Time));
    row(NOW - 299, None, &[], V::Unknown);
    row(NOW + 300, None, &[], V::Unknown);
    row(NOW + 301, None, &[], V::Until(NOW + 301, By::Format));
    // What is accepted after its end lives on.
    row(NOW - 70, Some(0), &[own(NOW, A, C::MadeUp)], V::Alive(S));
    row(NOW - 70, Some(0), &[own(NOW - 11, A, C::MadeUp)], V::Dead(By::Time));
}

#[test]
fn without_an_ending_an_acceptance_counts_whenever_it_came() {
    let mut subject = token(TokenKind::Access, false, None);
    subject.ended_at = None;
    let clock = Clock { now: at(NOW), skew: Some(TimeDelta::zero()) };
    let judged = judge(&subject, &[seen(-9, S, A, C::MadeUp)], clock);
    assert_eq!((verdict(&judged), judged.why.contains("revoked")), (V::Alive(S), false));
    subject.ended_at = Some(at(0));
    let before = [seen(-9, S, R, C::New(1)), seen(-7, S, R, C::New(1))];
    let why = |subject: &Subject| judge(subject, &before, clock).why;
    assert_eq!(why(&subject), "refused twice by use");
    subject.renewed_at = Some(at(-1));
    assert_eq!(why(&subject), "was already refused by use at 2026-11-26T06:59:51Z");
    // What was accepted before the new session came is not known to be accepted now.
    let judged = judge(&subject, &[seen(-9, S, A, C::MadeUp)], clock);
    assert_eq!(verdict(&judged), V::Unknown);
}

#[test]
fn why_nothing_is_known_is_said() {
    let clock = Clock { now: at(NOW), skew: Some(TimeDelta::zero()) };
    let why = |seen: &[Observation]| judge(&token(TokenKind::Access, false, None), seen, clock).why;
    assert_eq!(why(&[]), "it was not tried");
    assert_eq!(why(&[seen(1, S, A, C::Open(A))]), "use accepts any token, so it proves nothing");
    assert_eq!(why(&[seen(1, S, R, C::NotNew(R))]), "use did not accept the new token either, so it proves nothing");
    assert_eq!(why(&[seen(1, S, U, C::New(1))]), "use gave no clear answer");
    assert_eq!(why(&[seen(1, S, R, C::New(1))]), "refused once by use, which is not enough");
    assert_eq!(why(&[seen(1, S, R, C::None)]), "the answer of use has no control, so it proves nothing");
    let untried = Subject { untried: Some("no call takes it"), ..token(TokenKind::Refresh, false, None) };
    assert_eq!(judge(&untried, &[], clock).why, "no call takes it");
}

#[test]
fn only_words_about_the_token_are_an_answer() {
    let words = Some("Authentication credentials were not provided.");
    for (acceptance, status, words, want) in [
        (Acceptance::Accepted, 200, None, A),
        (Acceptance::Rejected, 401, None, R),
        (Acceptance::Rejected, 403, None, R),
        (Acceptance::Rejected, 422, words, R),
        (Acceptance::Unclear, 401, words, R),
        // A page, or nothing at all.
        (Acceptance::Unclear, 401, None, U),
        (Acceptance::Unclear, 403, words, U),
        (Acceptance::Unclear, 404, words, U),
        (Acceptance::Unclear, 429, words, U),
        (Acceptance::Rejected, 503, words, U),
        (Acceptance::Rejected, 200, words, U),
        (Acceptance::Accepted, 302, None, U),
    ] {
        assert_eq!(Answer::of_use(acceptance, status, words), want, "{acceptance:?} {status} {words:?}");
    }
    let replay = [(true, false), (false, true), (false, false)].map(|(ok, no)| Answer::of_replay(ok, no));
    assert_eq!(replay, [A, R, U]);
    let states = [Acceptance::Accepted, Acceptance::Rejected, Acceptance::Unclear].map(Answer::of_introspection);
    assert_eq!(states, [A, R, U]);
}

/// Only what a call has accepted is called accepted.
#[test]
fn words_claim_no_more_than_was_seen() {
    let said = |subject: Subject, seen: &[Observation]| {
        let judged = judge(&subject, seen, Clock { now: at(10), skew: Some(TimeDelta::zero()) });
        judged.verdict.words(judged.accepted(), |end| end.format("%H:%M").to_string())
    };
    let (jwt, opaque) = (token(TokenKind::Access, true, Some(3_600)), token(TokenKind::Access, false, None));
    assert_eq!(said(jwt, &[]), "may be accepted until 08:00");
    assert_eq!(said(jwt, &[own(5, A, C::MadeUp)]), "accepted until 08:00");
    assert_eq!(said(opaque, &[own(5, A, C::MadeUp)]), "still accepted");
    assert_eq!(said(opaque, &[]), "unknown");
    assert_eq!(said(opaque, &[own(5, R, C::New(1)), own(7, R, C::New(1))]), "dead");
}
