//! How near the end of a token is: one table for colours, bell and notification.
//!
//! | step | begins | at least | at most |
//! |---|---|---|---|
//! | soon | when a tenth of the life is left | a minute before the end | two thirds of the life |
//! | now | half a minute before the end | | a third of the life |
//!
//! Where the beginning of the life is not known, "soon" begins two minutes before its end.

use chrono::TimeDelta;

use super::lifetime::Lifetime;
use crate::clock::Timestamp;

/// How near the end is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Urgency {
    /// There is time.
    Calm,
    /// Something should be done.
    Soon,
    /// It is nearly over, or it is.
    Now,
}

const NOW: TimeDelta = TimeDelta::seconds(30);
const SOON: TimeDelta = TimeDelta::minutes(1);
const SOON_OF_UNKNOWN: TimeDelta = TimeDelta::minutes(2);

/// When [`Urgency::Soon`] begins, and when [`Urgency::Now`]; `None` where the end is not known.
pub fn steps(lifetime: &Lifetime) -> Option<(Timestamp, Timestamp)> {
    let end = lifetime.expires_at?;
    let (soon, now) = match lifetime.whole() {
        Some(life) => ((life / 10).max(SOON).min(life * 2 / 3), NOW.min(life / 3)),
        None => (SOON_OF_UNKNOWN, NOW),
    };
    Some((end.checked_sub_signed(soon)?, end.checked_sub_signed(now)?))
}

/// How near the end is at a time.
pub fn urgency(lifetime: &Lifetime, at: Timestamp) -> Urgency {
    match steps(lifetime) {
        Some((_, now)) if at >= now => Urgency::Now,
        Some((soon, _)) if at >= soon => Urgency::Soon,
        _ => Urgency::Calm,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::parse;

    /// The seconds before the end at which the two steps begin.
    fn before(life: Option<i64>) -> (i64, i64) {
        let end = parse("1000000").unwrap();
        let issued_at = life.map(|life| end - TimeDelta::seconds(life));
        let lifetime = Lifetime { issued_at, expires_at: Some(end), ..Lifetime::default() };
        let (soon, now) = steps(&lifetime).unwrap();
        assert_eq!(urgency(&lifetime, soon - TimeDelta::milliseconds(1)), Urgency::Calm);
        assert_eq!([soon, now].map(|at| urgency(&lifetime, at)), [Urgency::Soon, Urgency::Now]);
        ((end - soon).num_seconds(), (end - now).num_seconds())
    }

    #[test]
    fn each_life_has_its_steps() {
        assert_eq!(before(Some(36_000)), (3_600, 30));
        assert_eq!(before(Some(3_600)), (360, 30));
        assert_eq!(before(Some(90)), (60, 30));
        assert_eq!(before(Some(30)), (20, 10));
        assert_eq!(before(None), (120, 30));
        assert_eq!(urgency(&Lifetime::default(), parse("0").unwrap()), Urgency::Calm);
    }
}
