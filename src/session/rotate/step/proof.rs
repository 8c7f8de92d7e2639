//! What is still to be tried of the old tokens, and when.
//!
//! The access tokens go first, by their use or by what the server says of them. The replay of the refresh token is the last of
//! all: it may end other tokens, and what is accepted is used up by it.

use chrono::TimeDelta;

use super::{AT_MOST, Cancelled, Check, Hint, New, Next, OldToken, Situation};
use crate::{
    auth::{
        TokenKind,
        rotation::{Ending, Kinship, Replay, Way},
    },
    clock::Timestamp,
    session::rotate::evidence::{APART, Answer, By, Judgement, Observation, Verdict},
};

/// So many seconds after an ending, what is still accepted is tried again.
const AGAIN: [i64; 8] = [1, 2, 5, 10, 20, 40, 60, 120];
/// So often is an answer waited for that says something.
const UNCLEAR: usize = 3;

/// What is to be tried of a token.
enum Proof {
    Now(By),
    Later(Timestamp),
    Done,
}

impl Situation {
    /// The next proof, or the end.
    pub(super) fn proven(&self) -> Next {
        let is_untouched = !matches!(self.new, New::Here(_)) && !self.has_ended();
        if self.cancelled == Cancelled::Prove || (is_untouched && self.cancelled != Cancelled::No) {
            return Next::Settle(self.outcome());
        }
        // Where nothing was done, only a refusal is worth another try: one is not enough.
        let due = |token: &&OldToken| !is_untouched || token.seen.iter().any(Observation::refuses);
        let proof = |token: &OldToken| Some(token).filter(due).map_or(Proof::Done, |token| self.proof(token));
        let proofs: Vec<_> = self.tokens.iter().map(proof).collect();
        let due = proofs.iter().enumerate().filter_map(|(place, proof)| match proof {
            Proof::Now(by) => Some((place, *by)),
            _ => None,
        });
        let due: Vec<_> = due.collect();
        if !due.is_empty() {
            return Next::Prove(due);
        }
        if let Some(again) = self.second_ending() {
            return again;
        }
        let later = proofs.iter().filter_map(|proof| match proof {
            Proof::Later(at) => Some(*at),
            _ => None,
        });
        if let Some(at) = later.min() {
            return Next::Wait(at);
        }
        match self.tokens.iter().position(|token| self.may_replay(token)) {
            Some(place) => Next::Prove(vec![(place, By::Replay)]),
            None => Next::Settle(self.outcome()),
        }
    }

    /// The old access tokens that are still to be tried before anything is sent, each by one call. Panic waits for nothing.
    pub(super) fn unobserved(&self) -> Vec<(usize, By)> {
        let is_access = |token: &OldToken| matches!(token.subject.kind, TokenKind::Access | TokenKind::Unknown);
        let lives = |token: &OldToken| token.subject.expires_at.is_none_or(|end| end > self.clock.now);
        let wanted = |token: &&OldToken| !self.observed && !self.panic && is_access(token) && lives(token);
        let first = |token: &OldToken| Some(token).filter(wanted).and_then(|token| token.tests.first().copied());
        let all = self.tokens.iter().enumerate();
        all.filter_map(|(place, token)| Some((place, first(token)?))).collect()
    }

    /// Why a token was not tried, where nothing tells of it.
    pub fn untried(&self, token: &OldToken) -> &'static str {
        match (token.subject.kind, self.new, token.subject.ended_at) {
            (TokenKind::Refresh, New::Pending | New::Failed, None) => "it was not tried: there is no new session",
            (TokenKind::Refresh, New::Here(Kinship::Shared | Kinship::Maybe | Kinship::Separate), None) => {
                "it was not revoked, and testing it would only renew it"
            }
            (TokenKind::Refresh, ..) => "testing it would trigger reuse detection and end the new session",
            _ => "no call takes it: set probe_url in the profile",
        }
    }

    fn proof(&self, token: &OldToken) -> Proof {
        if token.subject.kind == TokenKind::Id || token.is_dead(self.clock) {
            return Proof::Done;
        }
        if let Some(next) = self.next_replay(token) {
            return if next <= self.clock.now { Proof::Now(By::Replay) } else { Proof::Later(next) };
        }
        let tests = token.tests.iter().filter(|by| **by != By::Introspect || !self.goes_by_replay(token));
        for by in tests {
            let counts = |one: &&Observation| one.by == *by && token.subject.is_since(one);
            let seen: Vec<_> = token.seen.iter().filter(counts).collect();
            let Some(last) = seen.last() else { return Proof::Now(*by) };
            let next = if last.accepts() && self.replayed_at().is_some_and(|replayed| replayed > last.at) {
                // The server may take a replay for a theft, and end what it had accepted.
                self.clock.now
            } else if last.accepts() {
                match self.again(token, last.at) {
                    Some(at) => at,
                    None => return Proof::Done,
                }
            } else if last.refuses() && token.subject.judged_by(last) || self.is_unsettled(&seen) {
                last.at + APART
            } else if last.result == Answer::Unclear && last.status.is_none_or(|status| status >= 500) {
                let unclear = seen.iter().filter(|one| one.result == Answer::Unclear).count();
                match self.again(token, last.at).filter(|_| unclear < UNCLEAR) {
                    Some(at) => at,
                    None => continue,
                }
            } else {
                continue;
            };
            return if next <= self.clock.now { Proof::Now(*by) } else { Proof::Later(next) };
        }
        Proof::Done
    }

    /// When what a replay has brought is sent: the ending of the old token and its own may still propagate.
    fn next_replay(&self, token: &OldToken) -> Option<Timestamp> {
        let last = token.seen.iter().rev().find(|one| one.by == By::Replay)?;
        if token.brought && last.accepts() && self.is_replayable(token) { self.again(token, last.at) } else { None }
    }

    /// When a refresh token of the session was sent once more.
    fn replayed_at(&self) -> Option<Timestamp> {
        let seen = self.tokens.iter().flat_map(|token| &token.seen);
        seen.filter(|one| one.by == By::Replay).map(|one| one.at).max()
    }

    /// Whether the control of the last one was in vain: it is tried again, a few times.
    fn is_unsettled(&self, seen: &[&Observation]) -> bool {
        let times = seen.iter().filter(|one| one.is_unsettled()).count();
        self.cancelled == Cancelled::No && times < UNCLEAR && seen.last().is_some_and(|last| last.is_unsettled())
    }

    /// When a token that should be dead is tried again: none that nothing was to end.
    fn again(&self, token: &OldToken, last: Timestamp) -> Option<Timestamp> {
        let ended = token.subject.ended_at.filter(|_| token.ending != Ending::None)?;
        let goes_on = self.cancelled == Cancelled::No;
        let steps = AGAIN.iter().map(|seconds| TimeDelta::seconds(*seconds)).filter(|after| *after < self.prove_for);
        let mut steps = steps.chain([self.prove_for]).map(|after| ended + after);
        steps.find(|at| *at > last).filter(|_| goes_on)
    }

    /// A second revocation, without a hint: where a token of the session is accepted that should be dead, and where the first one
    /// was not answered with yes.
    pub(super) fn second_ending(&self) -> Option<Next> {
        let may = match self.new {
            New::Here(kinship) => self.may_end(kinship) || (self.control == Check::Due && self.ends(kinship)),
            New::Pending | New::Failed => self.revoke && self.panic,
        };
        let asked = |token: &OldToken| token.ending == Ending::Revocation && token.ended > 0;
        let judged = |token: &OldToken| Some(token.judged(self.clock)).filter(|judged| judged.verdict != Verdict::Dead);
        let by_a_call = |judged: Judgement| judged.by.is_some_and(By::is_call);
        let is_shown_alive = self.tokens.iter().any(|token| asked(token) && judged(token).is_some_and(by_a_call));
        let again = self.tokens.iter().position(|token| {
            asked(token) && token.ended == 1 && judged(token).is_some() && (is_shown_alive || !token.answered)
        });
        again.filter(|_| may && self.cancelled == Cancelled::No).map(|place| Next::End(place, Hint::None))
    }

    /// Whether the replay is what tells of this token: then nothing weaker is asked.
    fn goes_by_replay(&self, token: &OldToken) -> bool {
        let separate = matches!(self.new, New::Here(Kinship::Separate | Kinship::Same));
        let untold = token.seen.iter().all(|one| one.by != By::Replay || one.result != Answer::Unclear);
        separate && !self.recovered && untold && self.is_replayable(token)
    }

    /// Whether a replay can do no harm, and is still to come.
    fn may_replay(&self, token: &OldToken) -> bool {
        let untried = token.seen.iter().all(|one| one.by != By::Replay);
        untried && token.replays < AT_MOST && !token.is_dead(self.clock) && self.is_replayable(token)
    }

    /// The new session came by a login of this run, and what reuse detection may end is not it: the grant is another, or the
    /// control has passed after the ending. A token that nothing has ended would only be renewed by it.
    fn is_replayable(&self, token: &OldToken) -> bool {
        let New::Here(kinship) = self.new else { return false };
        let by_login = matches!(self.way, Some(Way::Login | Way::Asked));
        let safe = kinship == Kinship::Separate || self.control == Check::Passed;
        let harmless = match token.replay {
            Replay::AfterLogin => by_login && safe && kinship != Kinship::Identical,
            Replay::Always => kinship != Kinship::Identical,
            Replay::Never => false,
        };
        let is_ended = token.subject.ended_at.is_some();
        token.subject.kind == TokenKind::Refresh && is_ended && harmless && self.control != Check::Refused
    }
}
