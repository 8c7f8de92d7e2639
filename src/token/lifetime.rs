//! How long a token lives: from its own NumericDates (RFC 7519 §4.1.4–6) and from what the server said beside it.

use chrono::TimeDelta;

use crate::clock::Timestamp;

/// The three dates of a claims set.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NumericDates {
    /// "Not before".
    pub nbf: Option<NumericDate>,
    /// "Issued at".
    pub iat: Option<NumericDate>,
    /// "Expiration time".
    pub exp: Option<NumericDate>,
}

/// A date claim: as it was written, and what it means if it means anything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NumericDate {
    /// The JSON value as written: foreign text.
    pub raw: String,
    /// The time, where the value is one that a calendar can hold. `None` comes with a defect.
    pub time: Option<Timestamp>,
}

/// From when to when a token is good, as far as that is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Lifetime {
    /// Not good before: `nbf`.
    pub not_before: Option<Timestamp>,
    /// When it was made: `iat`, or when the server's reply came. Where the lifetime bar starts.
    pub issued_at: Option<Timestamp>,
    /// Good until: `exp`, or what the server said.
    pub expires_at: Option<Timestamp>,
    /// An `exp` or `nbf` is there that cannot be read: a resource server may take it either way.
    pub unreadable: bool,
}

/// What the clock says about a token. Nothing here says that it is *valid*: only a key can.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimeState {
    /// Within its time.
    ValidByTime,
    /// `exp` is now or past (RFC 7519 §4.1.4: "on or after").
    Expired,
    /// `nbf` is still to come.
    NotYetValid,
    /// No expiry given, or what the token says about it cannot be read.
    Unknown,
}

impl TimeState {
    /// The word for programs: `valid-by-time`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ValidByTime => "valid-by-time",
            Self::Expired => "expired",
            Self::NotYetValid => "not-yet-valid",
            Self::Unknown => "unknown",
        }
    }
}

impl Lifetime {
    /// Joins what the token says about itself with what the server said about it. The token wins: it is what a
    /// resource server reads. What the server said still counts beside an `exp` that cannot be read, but only against
    /// the token: it can be expired by that, and never valid.
    pub fn new(dates: Option<&NumericDates>, expires_at: Option<Timestamp>, received_at: Option<Timestamp>) -> Self {
        let claimed = |date: fn(&NumericDates) -> &Option<NumericDate>| dates.and_then(|dates| date(dates).as_ref());
        let (nbf, exp) = (claimed(|dates| &dates.nbf), claimed(|dates| &dates.exp));
        Self {
            not_before: nbf.and_then(|date| date.time),
            issued_at: claimed(|dates| &dates.iat).and_then(|date| date.time).or(received_at),
            expires_at: exp.and_then(|date| date.time).or(expires_at),
            unreadable: [nbf, exp].into_iter().flatten().any(|date| date.time.is_none()),
        }
    }

    /// The state at a time, without leeway.
    pub fn state(&self, now: Timestamp) -> TimeState {
        match self {
            Self { expires_at: Some(end), .. } if now >= *end => TimeState::Expired,
            Self { not_before: Some(start), .. } if now < *start => TimeState::NotYetValid,
            Self { expires_at: Some(_), unreadable: false, .. } => TimeState::ValidByTime,
            _ => TimeState::Unknown,
        }
    }

    /// Whether the clock says that a resource server must refuse it now.
    pub fn is_out_of_time(&self, now: Timestamp) -> bool {
        matches!(self.state(now), TimeState::Expired | TimeState::NotYetValid)
    }

    /// The whole life, where both ends are known.
    pub fn whole(&self) -> Option<TimeDelta> {
        let whole = self.expires_at? - self.issued_at?;
        (whole > TimeDelta::zero()).then_some(whole)
    }

    /// How much of the life is left, from 1 down to 0, where both ends are known.
    pub fn left(&self, now: Timestamp) -> Option<f64> {
        let left = (self.expires_at? - now).as_seconds_f64();
        Some((left / self.whole()?.as_seconds_f64()).clamp(0.0, 1.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock;

    fn at(seconds: i64) -> Timestamp {
        clock::parse(&seconds.to_string()).expect("a time")
    }

    /// Dates from short notation: a number, `?` for what cannot be read, nothing for nothing.
    fn date(text: &str) -> Option<NumericDate> {
        (!text.is_empty()).then(|| NumericDate { raw: text.to_owned(), time: clock::parse(text) })
    }

    #[test]
    fn states() {
        let check = |nbf: &str, exp: &str, server: &str, now: i64, expected: TimeState| {
            let dates = NumericDates { nbf: date(nbf), iat: None, exp: date(exp) };
            let lifetime = Lifetime::new(Some(&dates), clock::parse(server), None);
            let state = lifetime.state(at(now));
            assert_eq!(state, expected, "nbf {nbf} exp {exp} server {server} now {now}");
            let out = matches!(expected, TimeState::Expired | TimeState::NotYetValid);
            assert_eq!(lifetime.is_out_of_time(at(now)), out);
        };
        check("", "100", "", 99, TimeState::ValidByTime);
        check("", "100", "", 100, TimeState::Expired);
        check("50", "100", "", 49, TimeState::NotYetValid);
        check("50", "100", "", 50, TimeState::ValidByTime);
        check("", "", "", 0, TimeState::Unknown);
        check("50", "", "", 49, TimeState::NotYetValid);
        check("50", "", "", 50, TimeState::Unknown);
        check("", "", "100", 99, TimeState::ValidByTime);
        check("", "", "100", 100, TimeState::Expired);
        check("", "100", "50", 60, TimeState::ValidByTime);
        check("", "?", "", 0, TimeState::Unknown);
        check("", "?", "100", 99, TimeState::Unknown);
        check("", "?", "100", 100, TimeState::Expired);
        check("?", "100", "", 99, TimeState::Unknown);
        check("?", "100", "", 100, TimeState::Expired);
        check("200", "100", "", 150, TimeState::Expired);
    }

    #[test]
    fn what_is_left() {
        let life = Lifetime { issued_at: Some(at(100)), expires_at: Some(at(200)), ..Lifetime::default() };
        assert_eq!([0, 100, 150, 300].map(|now| life.left(at(now))), [1.0, 1.0, 0.5, 0.0].map(Some));
        assert_eq!(Lifetime { expires_at: Some(at(100)), ..life }.left(at(50)), None);
        assert_eq!(Lifetime { issued_at: None, ..life }.left(at(50)), None);
    }
}
