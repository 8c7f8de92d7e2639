//! Times and spans in arguments.

use chrono::TimeDelta;

use crate::clock::{
    self, Timestamp, Zone,
    read::{FORMS, moment},
};

/// The time that counts as now.
#[derive(Debug, Clone, Default, clap::Args)]
pub(super) struct Now {
    /// Use this time as now: RFC 3339, Unix seconds, or words such as +2h, fri 9:00, 2026-12-01
    #[arg(long = "now", value_name = "TIME", value_parser = time, allow_hyphen_values = true)]
    pub(super) given: Option<Timestamp>,
}

impl Now {
    /// The time that was given, or that it is.
    pub(super) fn get(&self) -> Timestamp {
        self.given.unwrap_or_else(clock::now)
    }
}

/// A time that is read as soon as it is known what counts as now.
#[derive(Debug, Clone)]
pub struct Moment(String);

impl Moment {
    /// Checks its form.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        time(text).map(|_| Self(text.to_owned()))
    }

    /// The time; none beyond the range of dates.
    pub(super) fn seen_from(&self, now: Timestamp) -> Option<Timestamp> {
        seen(&self.0, now)
    }
}

fn time(text: &str) -> Result<Timestamp, String> {
    seen(text, clock::now()).ok_or_else(|| format!("not a time; try: {FORMS}"))
}

fn seen(text: &str, now: Timestamp) -> Option<Timestamp> {
    moment(text, now, Zone::System).map(|moment| moment.at)
}

/// Reads a span: `90`, `90s`, `10m`, `1h30m`, `2d`.
pub(super) fn span(text: &str) -> Result<TimeDelta, &'static str> {
    const FORMS: &str = "write a time such as 60s, 10m or 1h30m";
    let unit = if text.bytes().all(|byte| byte.is_ascii_digit()) { "s" } else { "" };
    clock::span_of(&format!("+{text}{unit}")).ok_or(FORMS)
}

/// The same, and longer than nothing.
pub(super) fn some_span(text: &str) -> Result<TimeDelta, &'static str> {
    span(text).and_then(|span| if span.is_zero() { Err("write a time longer than 0s") } else { Ok(span) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_have_units_or_are_seconds() {
        for (text, seconds) in [("0", 0), ("90", 90), ("60s", 60), ("10m", 600), ("1h30m", 5_400), ("2d", 172_800)] {
            assert_eq!(span(text), Ok(TimeDelta::seconds(seconds)), "{text}");
            assert_eq!(some_span(text).is_ok(), seconds > 0, "{text}");
        }
        for text in ["", "s", "-1", "+1m", "1.5m", "1x", "é", "99999999999999999999"] {
            assert!(span(text).is_err() && some_span(text).is_err(), "{text}");
        }
    }

    #[test]
    fn moments_are_seen_from_the_now_that_counts() {
        let now = clock::parse("1000000").unwrap();
        let seen = |text| Moment::parse(text).unwrap().seen_from(now).map(|time| time.timestamp());
        assert_eq!(
            (seen("now"), seen("+15m"), seen("-1h"), seen("7")),
            (Some(1_000_000), Some(1_000_900), Some(996_400), Some(7))
        );
        for text in ["", "soon", "15m", "+15", "+1y"] {
            assert!(Moment::parse(text).is_err(), "{text}");
        }
    }
}
