//! Time. The only module that asks the operating system what time it is; everything else is told.

pub mod read;

use std::time::SystemTime;

use self::read::{Moment, moment::resolve};
use chrono::{
    DateTime, Datelike as _, FixedOffset, Local, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Timelike as _, Utc,
};

/// A point in time, UTC.
pub type Timestamp = DateTime<Utc>;

/// The time now. A clock that was never set, or set to another age, is no reason to panic.
#[allow(clippy::disallowed_methods, reason = "the one place that reads the clock")]
pub fn now() -> Timestamp {
    of_system(SystemTime::now())
}

fn of_system(time: SystemTime) -> Timestamp {
    let (ahead, span) = match time.duration_since(SystemTime::UNIX_EPOCH) {
        Ok(span) => (true, span),
        Err(before) => (false, before.duration()),
    };
    let span = TimeDelta::from_std(span).unwrap_or(TimeDelta::MAX);
    let time = Timestamp::UNIX_EPOCH.checked_add_signed(if ahead { span } else { -span });
    bounded(time.unwrap_or(if ahead { Timestamp::MAX_UTC } else { Timestamp::MIN_UTC }))
}

/// A time within the years 1 to 9999, the only ones that RFC 3339 can write and [`parse`] reads: the nearest one.
pub fn bounded(time: Timestamp) -> Timestamp {
    const fn at(year: i32, month: u32, day: u32, time: NaiveTime) -> Timestamp {
        NaiveDate::from_ymd_opt(year, month, day).expect("a day of the calendar").and_time(time).and_utc()
    }
    const FIRST: Timestamp = at(1, 1, 1, NaiveTime::MIN);
    const LAST: Timestamp = at(9999, 12, 31, NaiveTime::from_hms_opt(23, 59, 59).expect("a second of the day"));
    time.clamp(FIRST, LAST)
}

/// The zone in which local times are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Zone {
    /// The system's zone, daylight saving included.
    System,
    /// A fixed offset from UTC: for tests and pictures.
    Fixed(FixedOffset),
}

impl Zone {
    /// UTC, as a fixed zone.
    pub fn utc() -> Self {
        Self::Fixed(FixedOffset::east_opt(0).expect("zero is a valid offset"))
    }

    fn at(self, time: Timestamp) -> DateTime<FixedOffset> {
        match self {
            Self::System => time.with_timezone(&Local).fixed_offset(),
            Self::Fixed(offset) => time.with_timezone(&offset),
        }
    }

    /// The point in time that a date and a time of day mean in this zone.
    fn moment(self, local: NaiveDateTime) -> Option<Moment> {
        match self {
            Self::System => resolve(&Local, local),
            Self::Fixed(offset) => resolve(&offset, local),
        }
    }
}

/// `2026-11-21 22:35:38 +01:00`: a time where the reader is, with the offset that makes it unambiguous.
pub fn local(time: Timestamp, zone: Zone) -> String {
    zone.at(time).format("%Y-%m-%d %H:%M:%S %:z").to_string()
}

/// `22:35:38`: a time of today where the reader is; with its date where it is further than half a day from `now`.
pub fn of_day(time: Timestamp, now: Timestamp, zone: Zone) -> String {
    let near = (time - now).abs() < TimeDelta::hours(12);
    zone.at(time).format(if near { "%H:%M:%S" } else { "%Y-%m-%d %H:%M:%S" }).to_string()
}

/// `Fri 27 Nov 09:00`: a day and a time where the reader is; seconds and the year only where they say something.
pub fn on_day(time: Timestamp, now: Timestamp, zone: Zone) -> String {
    let (at, today) = (zone.at(time), zone.at(now));
    let year = if at.year() == today.year() { String::new() } else { format!(" {}", at.year()) };
    let form = if at.second() == 0 { "%H:%M" } else { "%H:%M:%S" };
    format!("{}{year} {}", at.format("%a %-d %b"), at.format(form))
}

/// `14:05`: a time of day where the reader is, without its seconds.
pub fn minute(time: Timestamp, zone: Zone) -> String {
    zone.at(time).format("%H:%M").to_string()
}

/// `27 Nov`: a day where the reader is.
pub fn day(time: Timestamp, zone: Zone) -> String {
    zone.at(time).format("%-d %b").to_string()
}

/// `2026`: a year where the reader is.
pub fn year(time: Timestamp, zone: Zone) -> String {
    zone.at(time).format("%Y").to_string()
}

/// `2026-11-21T21:35:38Z`: RFC 3339, with a fraction only where there is one.
pub fn utc(time: Timestamp) -> String {
    time.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true)
}

/// The time without what is below its second.
pub fn to_the_second(time: Timestamp) -> Timestamp {
    time - TimeDelta::nanoseconds(i64::from(time.timestamp_subsec_nanos()))
}

/// `4m 12s`: a span without its sign, in its two largest units, rounded towards zero.
pub fn span(span: TimeDelta) -> String {
    let seconds = span.num_seconds().unsigned_abs();
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3_600 % 24, seconds / 60 % 60);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{seconds}s"),
        (0, 0, m) => format!("{m}m {:02}s", seconds % 60),
        (0, h, m) => format!("{h}h {m:02}m"),
        (d, h, _) if d < 400 => format!("{d}d {h:02}h"),
        (d, _, _) => format!("{}y {}d", d / 365, d % 365),
    }
}

/// `15m`: the same without a last unit of which there is none.
pub fn round_span(span: TimeDelta) -> String {
    let text = self::span(span);
    [" 00s", " 00m", " 00h"].iter().find_map(|none| text.strip_suffix(none)).unwrap_or(&text).to_owned()
}

/// `in 4m 12s` or `3d 04h ago`, seen from `now`.
pub fn relative(time: Timestamp, now: Timestamp) -> String {
    let delta = time.signed_duration_since(now);
    match delta.num_seconds() {
        0 => "now".to_owned(),
        s if s > 0 => format!("in {}", span(delta)),
        _ => format!("{} ago", span(delta)),
    }
}

/// `+2h`, `-1d12h`: weeks, days, hours, minutes and seconds behind a sign.
pub fn span_of(text: &str) -> Option<TimeDelta> {
    let (sign, mut rest) = text.split_at_checked(1).filter(|(_, rest)| !rest.is_empty())?;
    let mut seconds: i64 = 0;
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let unit = match rest.as_bytes().get(digits)? {
            b'w' => 604_800,
            b'd' => 86_400,
            b'h' => 3_600,
            b'm' => 60,
            b's' => 1,
            _ => return None,
        };
        let number: i64 = rest[..digits].parse().ok()?;
        seconds = seconds.checked_add(number.checked_mul(unit)?)?;
        rest = &rest[digits + 1..];
    }
    match sign {
        "+" => TimeDelta::try_seconds(seconds),
        "-" => TimeDelta::try_seconds(-seconds),
        _ => None,
    }
}

/// Reads a time that a file of ours names: [`read::point`], in UTC where it names no zone.
pub fn parse(text: &str) -> Option<Timestamp> {
    read::point(text, Zone::utc())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        parse(text).expect("a valid time")
    }

    #[test]
    fn no_clock_makes_a_panic() {
        let year = |time: SystemTime| utc(of_system(time))[..4].to_owned();
        let day = std::time::Duration::from_secs(86_400);
        assert_eq!(year(SystemTime::UNIX_EPOCH - day), "1969");
        assert_eq!(year(SystemTime::UNIX_EPOCH - 800_000 * day), "0001");
        assert_eq!(year(SystemTime::UNIX_EPOCH + 3_000_000 * day), "9999");
        assert_eq!(year(SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(i64::MAX as u64)), "9999");
    }

    #[test]
    fn spans_have_two_units() {
        let cases = [
            (0, "0s"),
            (59, "59s"),
            (60, "1m 00s"),
            (252, "4m 12s"),
            (3_600, "1h 00m"),
            (90_061, "1d 01h"),
            (400 * 86_400, "1y 35d"),
            (-61, "1m 01s"),
        ];
        for (seconds, text) in cases {
            assert_eq!(span(TimeDelta::seconds(seconds)), text);
            let round = text.replace(" 00s", "").replace(" 00m", "");
            assert_eq!(round_span(TimeDelta::seconds(seconds)), round);
        }
    }

    #[test]
    fn times_name_their_zone() {
        let time = at("2026-11-21T21:35:38Z");
        let zone = Zone::Fixed(FixedOffset::east_opt(3_600).expect("an hour"));
        assert_eq!(local(time, zone), "2026-11-21 22:35:38 +01:00");
        assert_eq!(of_day(time, at("2026-11-21T21:00:00Z"), zone), "22:35:38");
        assert_eq!(of_day(time, at("2026-11-20T21:00:00Z"), zone), "2026-11-21 22:35:38");
        assert_eq!(on_day(time, time, zone), "Sat 21 Nov 22:35:38");
        assert_eq!(on_day(at("2027-01-01T08:00:00Z"), time, zone), "Fri 1 Jan 2027 09:00");
        assert_eq!(utc(time), "2026-11-21T21:35:38Z");
        assert_eq!(relative(time, at("2026-11-21T21:35:00Z")), "in 38s");
        assert_eq!(relative(time, at("2026-11-21T21:36:38Z")), "1m 00s ago");
        assert_eq!(parse("1795296938"), Some(time));
    }
}
