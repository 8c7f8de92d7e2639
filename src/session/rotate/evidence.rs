//! What is known of an old token, and what follows from it: observations with their controls, and one verdict.
//!
//! | by | dead | alive |
//! |---|---|---|
//! | use | two refusals, 1 s or more apart, each with a positive control | one acceptance with a negative control |
//! | replay | refused in the exact words, and a login of this run worked | accepted |
//! | introspection | twice inactive, 1 s or more apart, while the new token of the same kind is active | active, with a negative control |
//! | time | its end is past, on the server's clock | – |
//! | format | – | a JWT whose end is ahead, and nothing else is known |
//!
//! What has no control proves nothing, except time and format. A call that accepts a made-up token proves nothing at all. A use
//! (or a replay, which is one) beats a statement. A signed access token is dead only by time, or where the service's own API
//! refuses it: other services accept it without asking anyone. ID tokens go by time and format alone.

mod judge;

use chrono::TimeDelta;

pub use self::judge::judge;
use crate::{
    auth::{Acceptance, TokenKind},
    clock::Timestamp,
};

/// So long after a refusal its control still speaks of the same moment.
pub const AT_ONCE: TimeDelta = TimeDelta::seconds(5);
/// So far apart two refusals are two.
pub const APART: TimeDelta = TimeDelta::seconds(1);

/// What is known of a token that should be dead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It is no longer accepted.
    Dead,
    /// It is accepted until then, as far as anyone knows.
    AliveUntil(Timestamp),
    /// It is accepted, and no end is known.
    Alive,
    /// Nothing proves either.
    Unknown,
}

/// By what something is known of a token, the strongest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum By {
    /// It was shown to an API.
    Use,
    /// The old refresh token was sent once more.
    Replay,
    /// The authorization server's word (RFC 7662).
    Introspect,
    /// Its end is past.
    Time,
    /// What stands in it.
    Format,
}

/// What an answer says of the token that was shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// It is good.
    Accepted,
    /// It is no good.
    Refused,
    /// Nothing: a limit, a fault, a page, a cut answer.
    Unclear,
}

/// What a control is to show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ControlKind {
    /// The same call accepts a token that is known to be live.
    Positive,
    /// The same call refuses a made-up token.
    Negative,
}

/// The same call, with a token of which the answer is known beforehand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Control {
    /// Which one.
    pub kind: ControlKind,
    /// What came.
    pub result: Answer,
    /// When.
    pub at: Timestamp,
}

/// One thing that was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Observation {
    /// When.
    pub at: Timestamp,
    /// By what.
    pub by: By,
    /// By which call, in words: two of the same words are the same call.
    pub call: String,
    /// The service's own API, not the authorization server.
    pub own: bool,
    /// Not the token itself was sent, but what an earlier replay of it had brought.
    pub of_successor: bool,
    /// The HTTP status.
    pub status: Option<u16>,
    /// What came.
    pub result: Answer,
    /// The server's words: foreign text.
    pub words: String,
    /// Its control.
    pub control: Option<Control>,
}

/// An old token, as far as its verdict depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Subject {
    /// Which one.
    pub kind: TokenKind,
    /// A JWT: services check it without asking.
    pub signed: bool,
    /// When it ends, by what it says and by what the server said.
    pub expires_at: Option<Timestamp>,
    /// When the new session came: what was accepted before it says nothing of now.
    pub renewed_at: Option<Timestamp>,
    /// When the last request was sent that should have ended it.
    pub ended_at: Option<Timestamp>,
    /// Why it was not tried.
    pub untried: Option<&'static str>,
}

/// The time, and how far the server's clock is from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Clock {
    /// By this machine.
    pub now: Timestamp,
    /// What the server's clock is ahead; `None`: it was not measured.
    pub skew: Option<TimeDelta>,
}

/// A verdict, and what it is by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judgement {
    /// The verdict.
    pub verdict: Verdict,
    /// What decided; `None`: nothing did.
    pub by: Option<By>,
    /// Why, in words.
    pub why: String,
}

impl Verdict {
    /// The word for programs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Dead => "dead",
            Self::AliveUntil(_) => "alive_until",
            Self::Alive => "alive",
            Self::Unknown => "unknown",
        }
    }

    /// The words for people: `accepted until 14:46:20`. `accepted`: a call has shown it at work; else only its end is known.
    pub fn words(self, accepted: bool, time: impl Fn(Timestamp) -> String) -> String {
        match self {
            Self::Dead => "dead".to_owned(),
            Self::AliveUntil(end) if accepted => format!("accepted until {}", time(end)),
            Self::AliveUntil(end) => format!("may be accepted until {}", time(end)),
            Self::Alive if accepted => "still accepted".to_owned(),
            Self::Alive => "may still be accepted".to_owned(),
            Self::Unknown => "unknown".to_owned(),
        }
    }
}

impl By {
    /// Whether something was shown to a server, and it answered.
    pub fn is_call(self) -> bool {
        matches!(self, Self::Use | Self::Replay | Self::Introspect)
    }
}

impl Judgement {
    /// Whether a call has accepted the token.
    pub fn accepted(&self) -> bool {
        matches!(self.verdict, Verdict::Alive | Verdict::AliveUntil(_)) && self.by.is_some_and(By::is_call)
    }
}

impl Answer {
    /// Of a call of an API. `words`: the server's own, where the answer has any; a page or an empty body has none.
    pub fn of_use(acceptance: Acceptance, status: u16, words: Option<&str>) -> Self {
        match (acceptance, status) {
            (Acceptance::Accepted, 200..300) => Self::Accepted,
            (Acceptance::Rejected, 400..500) => Self::Refused,
            // It does not name the token; its control tells whether it is about it.
            (Acceptance::Unclear, 401) if words.is_some() => Self::Refused,
            _ => Self::Unclear,
        }
    }

    /// Of introspection.
    pub fn of_introspection(acceptance: Acceptance) -> Self {
        match acceptance {
            Acceptance::Accepted => Self::Accepted,
            Acceptance::Rejected => Self::Refused,
            Acceptance::Unclear => Self::Unclear,
        }
    }

    /// Of a refresh with an old refresh token: only the exact words of a refusal count.
    pub fn of_replay(accepted: bool, refused: bool) -> Self {
        match (accepted, refused) {
            (true, _) => Self::Accepted,
            (false, true) => Self::Refused,
            (false, false) => Self::Unclear,
        }
    }

    /// The word for programs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Refused => "refused",
            Self::Unclear => "unclear",
        }
    }
}

impl ControlKind {
    /// The word for programs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Positive => "positive",
            Self::Negative => "negative",
        }
    }
}

impl By {
    /// The word for programs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Use => "use",
            Self::Replay => "replay",
            Self::Introspect => "introspect",
            Self::Time => "time",
            Self::Format => "format",
        }
    }
}

impl Subject {
    /// Whether services accept it without asking whoever issued it.
    fn is_free(&self) -> bool {
        self.signed && matches!(self.kind, TokenKind::Access | TokenKind::Unknown)
    }

    /// Whether this was seen since anything was done that may have ended it.
    pub fn is_since(&self, one: &Observation) -> bool {
        [self.renewed_at, self.ended_at].into_iter().flatten().all(|done| one.at >= done)
    }

    /// Whether a refusal by this call says anything about it.
    pub fn judged_by(&self, one: &Observation) -> bool {
        !self.is_free() || one.own
    }
}

impl Observation {
    fn control(&self, kind: ControlKind, result: Answer) -> Option<&Control> {
        self.control.as_ref().filter(|control| control.kind == kind && control.result == result)
    }

    /// Whether its call accepts whatever it is shown.
    fn is_void(&self) -> bool {
        self.control(ControlKind::Negative, Answer::Accepted).is_some()
    }

    /// Whether it shows the token at work.
    pub fn accepts(&self) -> bool {
        let shown = self.by == By::Replay || self.control(ControlKind::Negative, Answer::Refused).is_some();
        self.result == Answer::Accepted && shown
    }

    /// Whether another try may tell what this one does not: its control came late, or gave no clear answer.
    pub fn is_unsettled(&self) -> bool {
        let vain = self.control.is_some_and(|control| control.result != Answer::Refused);
        self.result == Answer::Refused && !self.refuses() && vain
    }

    /// The same call has accepted a live token at this moment: whether that is its control.
    pub fn confirm(&mut self, by: By, call: &str, at: Timestamp) -> bool {
        let fits = self.by == by && self.call == call && self.result == Answer::Refused && !self.refuses();
        let control = Control { kind: ControlKind::Positive, result: Answer::Accepted, at };
        let confirms = fits && at >= self.at && at - self.at <= AT_ONCE;
        if confirms {
            self.control = Some(control);
        }
        confirms
    }

    /// Whether it counts as a refusal.
    pub fn refuses(&self) -> bool {
        let timely = |control: &Control| {
            // The login that a replay goes by came before it.
            self.by == By::Replay || (control.at >= self.at && control.at - self.at <= AT_ONCE)
        };
        self.result == Answer::Refused && self.control(ControlKind::Positive, Answer::Accepted).is_some_and(timely)
    }
}

#[cfg(test)]
mod tests;
