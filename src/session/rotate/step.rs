//! What the rotation of one profile does next: a function of how far it has come, and nothing else. Whoever performs it asks
//! again after each thing that was done.
//!
//! **The ordering rule**: an old token is ended only when the new session is saved, the control has accepted it (or no call can
//! judge it and its grant is separate), and a session is left whatever the ending reaches: the grant is separate, or a login
//! without a person exists, or a person has agreed to a second login. Where the tokens of a refresh are the same grant,
//! nothing is ever sent. Only panic ends first.

mod proof;

use chrono::TimeDelta;

use super::evidence::{By, Clock, Judgement, Observation, Subject, Verdict, judge};
use crate::{
    auth::{
        TokenKind,
        rotation::{Ending, Kinship, Replay, Way},
    },
    clock::Timestamp,
};

/// So often is a token ended, used up or replayed, a resumed run included.
pub const AT_MOST: u32 = 2;

/// How far the rotation of a profile has come.
#[derive(Debug, Clone)]
pub struct Situation {
    /// How the new session is obtained; `None`: in no way.
    pub way: Option<Way>,
    /// A person is there who has agreed that a second login may be needed.
    pub consent: bool,
    /// The old session is ended before the new one is obtained.
    pub panic: bool,
    /// Old tokens are ended at all.
    pub revoke: bool,
    /// What the user wants no more of.
    pub cancelled: Cancelled,
    /// The new session.
    pub new: New,
    /// Whether it is accepted.
    pub control: Check,
    /// It was accepted once: where it is refused now, what was sent since has ended it.
    pub passed: bool,
    /// Whether the old access token is: asked where the new one is refused before anything was ended.
    pub old_works: Option<bool>,
    /// The old session is the current one again.
    pub restored: bool,
    /// The login after the endings was begun.
    pub recovered: bool,
    /// The old access tokens were tried before anything was sent.
    pub observed: bool,
    /// An earlier process had begun to end them: what it had sent is not known.
    pub begun: bool,
    /// The tokens of the old session, in the order in which they are ended.
    pub tokens: Vec<OldToken>,
    /// The time.
    pub clock: Clock,
    /// So long an ended token that is accepted is tried again.
    pub prove_for: TimeDelta,
}

/// What the user wants no more of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Cancelled {
    /// All goes on.
    #[default]
    No,
    /// Nothing new begins: what was begun is led to its end.
    Begin,
    /// No more proofs either.
    Prove,
}

/// The new session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum New {
    /// It was not asked for.
    Pending,
    /// It could not be had.
    Failed,
    /// It is saved.
    Here(Kinship),
}

/// Whether the new session is accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Check {
    /// Not known, or something was sent since that may have reached it.
    Due,
    /// It is.
    Passed,
    /// It is not.
    Refused,
    /// No call can judge it.
    Mute,
}

/// A token of the old session.
#[derive(Debug, Clone)]
pub struct OldToken {
    /// What its verdict depends on.
    pub subject: Subject,
    /// By what it is ended.
    pub ending: Ending,
    /// How often that was begun, as the journal has it.
    pub ended: u32,
    /// The server said yes to it.
    pub answered: bool,
    /// How often it was replayed, as the journal has it.
    pub replays: u32,
    /// Whether a replay may tell.
    pub replay: Replay,
    /// What the last replay has brought is at hand, and was ended: it is sent next.
    pub brought: bool,
    /// By what it can be tried besides: [`By::Use`], [`By::Introspect`].
    pub tests: Vec<By>,
    /// What was seen of it.
    pub seen: Vec<Observation>,
}

/// What to do. A token is named by its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    /// Try old tokens before anything is sent: what is dead already was not ended by this run.
    Observe(Vec<(usize, By)>),
    /// Get the new session.
    Obtain(Way),
    /// Try the new access token.
    Control,
    /// Try the old access token: the new one is refused.
    TryOld,
    /// Ask the server to end a token, with or without a hint of its kind.
    End(usize, Hint),
    /// Refresh with the old refresh token, and wipe what comes.
    UseUp(usize),
    /// Log in again: the endings have reached the new session.
    Recover,
    /// Put the old session back in its place. `true`: the new one is ended first.
    Restore(bool),
    /// Try old tokens.
    Prove(Vec<(usize, By)>),
    /// Nothing before this moment.
    Wait(Timestamp),
    /// The end.
    Settle(Outcome),
}

/// Whether a revocation says of which kind the token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hint {
    /// It does.
    Kind,
    /// It does not: some servers look only for the kind that they are told.
    None,
}

/// What came of a profile: exactly one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// There is a new session.
    Rotated,
    /// The old session was ended, and there is no new one.
    Revoked,
    /// The old session is still the current one.
    Failed,
    /// Nothing was begun.
    NotStarted,
}

impl Outcome {
    /// The word for programs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Rotated => "rotated",
            Self::Revoked => "revoked",
            Self::Failed => "failed",
            Self::NotStarted => "not_started",
        }
    }
}

impl OldToken {
    /// What is known of it.
    pub fn judged(&self, clock: Clock) -> Judgement {
        judge(&self.subject, &self.seen, clock)
    }

    fn is_dead(&self, clock: Clock) -> bool {
        self.judged(clock).verdict == Verdict::Dead
    }
}

/// What to do next.
pub fn next(now: &Situation) -> Next {
    if now.panic && now.new == New::Pending {
        // Nothing that was begun is left undone.
        let begin = now.cancelled == Cancelled::No || now.has_ended();
        if let Some(ending) = now.first_ending().filter(|_| begin && now.revoke) {
            return ending;
        }
    }
    match now.new {
        New::Pending => match now.way.filter(|way| !now.panic || *way == Way::Login) {
            Some(way) if now.cancelled == Cancelled::No => match now.unobserved() {
                due if due.is_empty() => Next::Obtain(way),
                due => Next::Observe(due),
            },
            _ => now.proven(),
        },
        New::Failed => now.proven(),
        New::Here(kinship) => now.with_new(kinship),
    }
}

impl Situation {
    /// The new session is here.
    pub fn renewed(&mut self, kinship: Kinship, at: Option<Timestamp>) {
        self.new = New::Here(kinship);
        self.tokens.iter_mut().for_each(|token| token.subject.renewed_at = at);
    }

    /// Something was sent that may have reached the new session. What no call can judge is not asked about again.
    pub fn sent(&mut self) {
        if self.control != Check::Mute {
            self.control = Check::Due;
        }
    }

    /// What the control has shown.
    pub fn checked(&mut self, control: Check) {
        self.control = control;
        self.passed |= control == Check::Passed;
    }

    /// What the old access token has shown where the new one was refused; `None`: it cannot be tried.
    pub fn compared(&mut self, old_works: Option<bool>) {
        match old_works {
            // It refuses whatever it is shown.
            Some(false) => self.control = Check::Mute,
            works => self.old_works = Some(works == Some(true)),
        }
    }

    /// The login after the endings was begun, and this is what it brought.
    pub fn recovered(&mut self, new: New) {
        (self.new, self.recovered, self.control) = (new, true, Check::Due);
    }

    fn with_new(&self, kinship: Kinship) -> Next {
        match self.control {
            Check::Due if self.cancelled < Cancelled::Prove || self.has_ended() => {
                return self.next_of_round().unwrap_or(Next::Control);
            }
            Check::Refused if self.is_lost() && self.may_recover() => return Next::Recover,
            Check::Refused if self.restored => return Next::Settle(Outcome::Failed),
            Check::Refused if !self.is_lost() && !self.has_ended() => match self.old_works {
                None => return Next::TryOld,
                // An ending of the new session must not reach the old one.
                Some(true) if kinship != Kinship::Same => return Next::Restore(kinship == Kinship::Separate),
                Some(_) => {}
            },
            Check::Due | Check::Refused | Check::Passed | Check::Mute => {}
        }
        if self.may_end(kinship)
            && (self.cancelled == Cancelled::No || self.has_ended())
            && let Some(ending) = self.first_ending()
        {
            return ending;
        }
        // The new tokens were the old ones, and are ended now.
        if kinship == Kinship::Identical && self.has_ended() && !self.panic && self.may_recover() {
            return Next::Recover;
        }
        self.proven()
    }

    /// What is still to be ended before the control runs again.
    fn next_of_round(&self) -> Option<Next> {
        let New::Here(kinship) = self.new else { return None };
        let round = self.tokens.iter().map(|token| token.ended).max().filter(|_| self.passed && !self.recovered);
        // One that is begun again after a kill may be the first of them.
        let is_round = round.is_some_and(|round| round > 0 || self.begun);
        let first = if is_round && self.ends(kinship) { self.first_ending() } else { None };
        match round {
            Some(AT_MOST) if self.ends(kinship) && self.cancelled == Cancelled::No => {
                first.or_else(|| self.second_ending())
            }
            _ => first,
        }
    }

    /// Whether what was sent has ended the new session.
    fn is_lost(&self) -> bool {
        self.control == Check::Refused && (self.passed || self.recovered)
    }

    /// By the same way, at most once: without a person, or by one who has agreed to it.
    fn may_recover(&self) -> bool {
        !self.recovered && (self.way == Some(Way::Login) || (self.way == Some(Way::Asked) && self.consent))
    }

    /// Whether the ordering rule allows an ending.
    fn may_end(&self, kinship: Kinship) -> bool {
        let works = match self.control {
            Check::Passed => true,
            Check::Mute => kinship == Kinship::Separate,
            Check::Due | Check::Refused => false,
        };
        works && self.ends(kinship)
    }

    /// Whether a session is left, whatever an ending reaches.
    fn ends(&self, kinship: Kinship) -> bool {
        let left = match kinship {
            Kinship::Separate => true,
            Kinship::Shared | Kinship::Maybe | Kinship::Identical => self.may_recover(),
            Kinship::Same => false,
        };
        self.revoke && !self.recovered && left
    }

    /// Whether an ending was begun.
    fn has_ended(&self) -> bool {
        self.begun || self.tokens.iter().any(|token| token.ended > 0)
    }

    /// The first token that was not ended yet.
    fn first_ending(&self) -> Option<Next> {
        let left = |token: &OldToken| token.ended == 0 && !token.is_dead(self.clock);
        let mut tokens = self.tokens.iter().enumerate().filter(|(_, token)| left(token));
        tokens.find_map(|(place, token)| match token.ending {
            Ending::Revocation if token.subject.kind != TokenKind::Id => Some(Next::End(place, Hint::Kind)),
            Ending::UseUp if self.may_use_up() => Some(Next::UseUp(place)),
            _ => None,
        })
    }

    /// The successor belongs to the old session: only where the new one is another's, or nothing is to be spared.
    fn may_use_up(&self) -> bool {
        self.new == New::Here(Kinship::Separate) || (self.panic && self.new == New::Pending)
    }

    fn outcome(&self) -> Outcome {
        match self.new {
            New::Here(_) if self.is_lost() => Outcome::Revoked,
            New::Here(Kinship::Identical) => Outcome::Failed,
            New::Here(Kinship::Same) if self.control == Check::Refused && self.old_works == Some(true) => {
                Outcome::Failed
            }
            New::Here(_) => Outcome::Rotated,
            New::Pending | New::Failed if self.has_ended() || self.recovered => Outcome::Revoked,
            New::Pending if self.cancelled != Cancelled::No => Outcome::NotStarted,
            New::Pending | New::Failed => Outcome::Failed,
        }
    }
}

#[cfg(test)]
mod tests;
