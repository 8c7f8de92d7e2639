//! What state a session is in: one table from what is known of its tokens, and the time.

use super::{
    lifetime::{Lifetime, TimeState},
    urgency::{Urgency, urgency},
};
use crate::clock::{self, Timestamp};

/// The state of a profile's session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// The last operation failed; nothing is renewed until one succeeds.
    Failed,
    /// A revocation tried to end it; it is not known to be dead.
    Alive,
    /// Over, and only a person can get a new one.
    Expired,
    /// A server refused it after a revocation: proven.
    Revoked,
    /// Near its end.
    Expiring,
    /// An operation is under way.
    Busy,
    /// Over, and renewable without a person.
    Renewable,
    /// Its time has not come.
    NotYet,
    /// The vault is closed.
    Locked,
    /// There are none.
    NoTokens,
    /// No expiry is given.
    Unknown,
    /// No expiry is given, and the content cannot be read.
    Opaque,
    /// Valid by time.
    Active,
    /// Another one took its place by an ordinary refresh or login.
    Superseded,
}

/// Each state with its sign and its word, the most urgent first.
const TABLE: [(State, &str, &str); 14] = [
    (State::Failed, "✗", "failed"),
    (State::Alive, "!", "alive-although-revoked"),
    (State::Expired, "×", "expired"),
    (State::Revoked, "⊘", "revoked"),
    (State::Expiring, "▲", "expiring"),
    (State::Busy, "»", "busy"),
    (State::Renewable, "↻", "renewable"),
    (State::NotYet, "◌", "not-yet"),
    (State::Locked, "■", "locked"),
    (State::NoTokens, "○", "no-tokens"),
    (State::Unknown, "?", "unknown"),
    (State::Opaque, "□", "opaque"),
    (State::Active, "●", "active"),
    (State::Superseded, "◦", "superseded"),
];

/// What is known of a session.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Facts {
    /// The vault is closed: nothing else is known.
    pub locked: bool,
    /// An operation is under way.
    pub busy: bool,
    /// The last operation failed.
    pub failed: bool,
    /// A revocation tried to end these tokens.
    pub revoked: bool,
    /// A server refused them after that.
    pub refused: bool,
    /// When others took their place.
    pub replaced: Option<Timestamp>,
    /// Of the token for the API.
    pub access: Option<Lifetime>,
    /// Its content cannot be read.
    pub opaque: bool,
    /// Of the refresh token.
    pub refresh: Option<Lifetime>,
    /// The system renews without a refresh token.
    pub renews_alone: bool,
}

impl Facts {
    /// Whether a new access token can be had without a person.
    pub fn is_renewable(&self, now: Timestamp) -> bool {
        let lives = self.refresh.is_some_and(|life| !life.is_out_of_time(now));
        !self.revoked && !self.failed && (lives || self.renews_alone)
    }

    /// The state at a time.
    pub fn state(&self, now: Timestamp) -> State {
        let ended = if self.is_renewable(now) { State::Renewable } else { State::Expired };
        let access = match self {
            Self { locked: true, .. } => return State::Locked,
            Self { busy: true, .. } => return State::Busy,
            Self { failed: true, .. } => return State::Failed,
            Self { access: None, refresh: None, revoked: true, .. } => return State::Alive,
            Self { access: None, refresh: None, .. } => return State::NoTokens,
            Self { refused: true, .. } => return State::Revoked,
            Self { access: None, .. } => return ended,
            Self { access: Some(access), .. } => access,
        };
        match access.state(now) {
            TimeState::Expired => ended,
            _ if self.revoked => State::Alive,
            _ if self.replaced.is_some() => State::Superseded,
            TimeState::NotYetValid => State::NotYet,
            TimeState::ValidByTime if urgency(access, now) != Urgency::Calm => State::Expiring,
            TimeState::ValidByTime => State::Active,
            TimeState::Unknown if self.opaque => State::Opaque,
            TimeState::Unknown => State::Unknown,
        }
    }

    /// When a person has to log in again, as far as that is known: the end of what renews, or else of the access token.
    pub fn ends(&self, now: Timestamp) -> Option<Timestamp> {
        match self.refresh.filter(|_| self.is_renewable(now)) {
            Some(_) if self.renews_alone => None,
            Some(refresh) => refresh.expires_at,
            None if self.is_renewable(now) => None,
            None => self.access.or(self.refresh)?.expires_at,
        }
    }

    /// The column `left` of a list: a countdown, or a word.
    pub fn left(&self, now: Timestamp) -> String {
        let span = |time: Option<Timestamp>| time.map(|time| clock::span(time - now)).unwrap_or_default();
        let access = self.access.and_then(|life| life.expires_at);
        match self.state(now) {
            State::Alive if access.is_none() => "unknown".to_owned(),
            State::Active | State::Expiring | State::Alive => span(access),
            State::Revoked => "refused".to_owned(),
            State::Superseded => format!("{} ago", span(self.replaced)),
            State::NotYet => format!("in {}", span(self.access.and_then(|life| life.not_before))),
            State::Renewable => span(self.refresh.and_then(|life| life.expires_at)),
            State::Expired => {
                let end = access.or(self.refresh.and_then(|life| life.expires_at));
                format!("{} ago", span(end))
            }
            State::Unknown | State::Opaque => "unknown".to_owned(),
            State::NoTokens => "no tokens".to_owned(),
            state => state.as_str().to_owned(),
        }
    }
}

impl State {
    /// All of them, the most urgent first.
    pub fn all() -> impl Iterator<Item = Self> {
        TABLE.iter().map(|(state, ..)| *state)
    }

    /// The word for programs and filters: `no-tokens`.
    pub fn as_str(self) -> &'static str {
        TABLE[self as usize].2
    }

    /// The sign beside it.
    pub fn sign(self) -> &'static str {
        TABLE[self as usize].1
    }

    /// Reads the word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::all().find(|state| state.as_str() == word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        clock::parse(&seconds.to_string()).unwrap()
    }

    fn life(end: i64) -> Option<Lifetime> {
        Some(Lifetime { issued_at: Some(at(0)), expires_at: Some(at(end)), ..Lifetime::default() })
    }

    #[test]
    fn each_state_has_its_row() {
        for (index, (state, ..)) in TABLE.iter().enumerate() {
            assert_eq!(*state as usize, index);
            assert_eq!(State::parse(state.as_str()), Some(*state));
        }
        assert_eq!(State::parse("no tokens"), None);
    }

    #[test]
    fn states_and_what_is_left() {
        let none = Facts::default();
        let over = Facts { access: life(1_000), ..none };
        let long = Facts { access: life(100_000), ..none };
        let unknown = Facts { access: Some(Lifetime::default()), ..none };
        let later = Lifetime { not_before: Some(at(90_000)), ..life(100_000).unwrap() };
        for (facts, state, left) in [
            (none, State::NoTokens, "no tokens"),
            (long, State::Active, "1d 03h"),
            (Facts { access: life(2_050), ..none }, State::Expiring, "50s"),
            (over, State::Expired, "16m 40s ago"),
            (Facts { refresh: life(10_000), ..over }, State::Renewable, "2h 13m"),
            (Facts { refresh: life(1_500), ..over }, State::Expired, "16m 40s ago"),
            (Facts { renews_alone: true, ..over }, State::Renewable, ""),
            (Facts { refresh: life(10_000), ..none }, State::Renewable, "2h 13m"),
            (Facts { refresh: life(1_500), ..none }, State::Expired, "8m 20s ago"),
            (Facts { refresh: life(10_000), revoked: true, ..over }, State::Expired, "16m 40s ago"),
            (Facts { revoked: true, ..long }, State::Alive, "1d 03h"),
            (Facts { revoked: true, ..unknown }, State::Alive, "unknown"),
            (Facts { revoked: true, ..none }, State::Alive, "unknown"),
            (Facts { revoked: true, refused: true, ..long }, State::Revoked, "refused"),
            (Facts { replaced: Some(at(1_880)), ..long }, State::Superseded, "2m 00s ago"),
            (Facts { replaced: Some(at(1_880)), revoked: true, ..long }, State::Alive, "1d 03h"),
            (Facts { replaced: Some(at(900)), ..over }, State::Expired, "16m 40s ago"),
            (Facts { access: Some(later), ..none }, State::NotYet, "in 1d 00h"),
            (unknown, State::Unknown, "unknown"),
            (Facts { opaque: true, ..unknown }, State::Opaque, "unknown"),
            (Facts { opaque: true, ..long }, State::Active, "1d 03h"),
            (Facts { failed: true, ..long }, State::Failed, "failed"),
            (Facts { busy: true, ..long }, State::Busy, "busy"),
            (Facts { locked: true, ..none }, State::Locked, "locked"),
        ] {
            assert_eq!((facts.state(at(2_000)), facts.left(at(2_000)).as_str()), (state, left), "{facts:?}");
        }
    }

    #[test]
    fn a_session_ends_when_nothing_renews_it_any_more() {
        let over = Facts { access: life(1_000), ..Facts::default() };
        let ends = |facts: Facts| facts.ends(at(2_000)).map(|end| end.timestamp());
        assert_eq!(ends(over), Some(1_000));
        assert_eq!(ends(Facts { refresh: life(9_000), ..over }), Some(9_000));
        assert_eq!(ends(Facts { refresh: Some(Lifetime::default()), ..over }), None, "unknown");
        assert_eq!(ends(Facts { renews_alone: true, ..over }), None);
        assert_eq!(ends(Facts { refresh: life(9_000), failed: true, ..over }), Some(1_000));
        assert_eq!(ends(Facts::default()), None);
    }
}
