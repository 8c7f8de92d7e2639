//! A time as a person types it: in words, seen from now, in their own zone.
//!
//! | typed | what it means |
//! |---|---|
//! | `now` `+2h` `-1d12h` | so long from now |
//! | `9:00` `fri` `fri 9:00` | the next one |
//! | `today` `tomorrow 9:00` `yesterday` | that day |
//! | `2026-12-01` `2026-12-01 9:00` | that day; without a time its first moment |
//! | `1795698360`, RFC 3339 and all else that [`point`] reads | that point in time |
//!
//! A `Z`, `UTC` or offset behind it names another zone.

use chrono::{
    DateTime, Datelike as _, Days, MappedLocalTime, NaiveDate, NaiveDateTime, NaiveTime, Offset as _, TimeDelta,
    TimeZone, Weekday,
};

use super::{point, without_zone};
use crate::clock::{self, Timestamp, Zone, bounded};

/// What a person is told who typed something else.
pub const FORMS: &str = "+2h, tomorrow 9:00, 2026-12-01, 1795698360";

/// A point in time, and what the calendar has to say about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// The point in time.
    pub at: Timestamp,
    /// Where the clocks are changed.
    pub odd: Option<Odd>,
}

/// What is odd about a time of day where the clocks are changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Odd {
    /// The clocks skip it: it counts from before.
    Skipped,
    /// It comes twice: the first one is meant.
    Twice,
}

impl Odd {
    /// For people.
    pub fn words(self) -> &'static str {
        match self {
            Self::Skipped => "the clocks skip that time: read as if they were not changed yet",
            Self::Twice => "the clocks show that time twice: read as the first one",
        }
    }
}

/// Reads it.
pub fn moment(text: &str, now: Timestamp, zone: Zone) -> Option<Moment> {
    let text = text.trim();
    let certain = |at: Timestamp| Some(Moment { at, odd: None }).filter(|_| bounded(at) == at);
    if let Some(span) = clock::span_of(text).or_else(|| text.eq_ignore_ascii_case("now").then(TimeDelta::zero)) {
        return certain(now.checked_add_signed(span)?);
    }
    // What has a sign is never taken for a time in 1970.
    let spoken = || words(text, now, zone).filter(|moment| bounded(moment.at) == moment.at);
    spoken().or_else(|| certain(point(text, zone).filter(|_| !text.starts_with('+'))?))
}

fn words(text: &str, now: Timestamp, zone: Zone) -> Option<Moment> {
    let text = text.to_ascii_uppercase();
    let (text, offset) = without_zone(&text);
    let zone = offset.map_or(zone, Zone::Fixed);
    let now = zone.at(now).naive_local();
    let (first, rest) = match text.split_once([' ', '\t']) {
        Some((first, rest)) => (first, Some(time(rest.trim_start())?)),
        None => (text, None),
    };
    if let (Some(time), None) = (time(first), rest) {
        let today = now.date().and_time(time);
        return zone.moment(if today > now { today } else { today.checked_add_days(Days::new(1))? });
    }
    let time = rest.unwrap_or(NaiveTime::MIN);
    let date = match first {
        "TODAY" => now.date(),
        "TOMORROW" => now.date().succ_opt()?,
        "YESTERDAY" => now.date().pred_opt()?,
        _ => match first.parse::<Weekday>() {
            Ok(day) => next(day, time, now)?,
            Err(_) => NaiveDate::parse_from_str(first, "%Y-%m-%d").ok()?,
        },
    };
    zone.moment(date.and_time(time))
}

fn time(text: &str) -> Option<NaiveTime> {
    ["%H:%M", "%H:%M:%S"].iter().find_map(|form| NaiveTime::parse_from_str(text, form).ok())
}

/// The day of the next such time that is still to come.
fn next(day: Weekday, time: NaiveTime, now: NaiveDateTime) -> Option<NaiveDate> {
    let date = now.date().iter_days().find(|date| date.weekday() == day)?;
    if date.and_time(time) > now { Some(date) } else { date.checked_add_days(Days::new(7)) }
}

/// The point in time that a date and a time of day mean in a zone: of two the first; one that is skipped counts by the offset
/// of the day before.
pub(in crate::clock) fn resolve<Z: TimeZone>(zone: &Z, local: NaiveDateTime) -> Option<Moment> {
    let of = |time: DateTime<Z>, odd| Some(Moment { at: time.to_utc(), odd });
    match zone.from_local_datetime(&local) {
        MappedLocalTime::Single(time) => of(time, None),
        MappedLocalTime::Ambiguous(first, second) => of(first.min(second), Some(Odd::Twice)),
        MappedLocalTime::None => {
            let before = zone.from_local_datetime(&local.checked_sub_days(Days::new(1))?).earliest()?;
            let at = local.and_local_timezone(before.offset().fix()).single()?.to_utc();
            Some(Moment { at, odd: Some(Odd::Skipped) })
        }
    }
}

/// `Fri 27 Nov 2026 09:00 local (08:00Z), in 18h 54m`: what was read, for whoever typed it.
pub fn told(moment: Moment, now: Timestamp, zone: Zone) -> String {
    let (local, utc) = (zone.at(moment.at), moment.at);
    let form = if moment.at.timestamp() % 60 == 0 { "%H:%M" } else { "%H:%M:%S" };
    let day = if local.date_naive() == utc.date_naive() { String::new() } else { utc.format("%a %-d %b ").to_string() };
    let relative = clock::relative(moment.at, now);
    format!("{} {} local ({day}{}Z), {relative}", local.format("%a %-d %b %Y"), local.format(form), utc.format(form))
}

#[cfg(test)]
mod tests {
    use chrono::FixedOffset;

    use super::*;
    use crate::clock::{parse, utc};

    fn berlin() -> Zone {
        Zone::Fixed(FixedOffset::east_opt(3_600).unwrap())
    }

    fn read(text: &str) -> Option<String> {
        // A Thursday, 14:05:12 in Berlin.
        moment(text, parse("2026-11-26T13:05:12Z").unwrap(), berlin()).map(|moment| utc(moment.at))
    }

    #[test]
    fn words_are_seen_from_now_where_the_reader_is() {
        for (text, time) in [
            ("fri 9:00", "2026-11-27T08:00:00Z"),
            ("Friday 09:00:30", "2026-11-27T08:00:30Z"),
            ("fri", "2026-11-26T23:00:00Z"),
            ("thu 14:06", "2026-11-26T13:06:00Z"),
            ("thu 14:05", "2026-12-03T13:05:00Z"),
            ("thu", "2026-12-02T23:00:00Z"),
            ("wed 9:00", "2026-12-02T08:00:00Z"),
            ("fri  9:00 UTC", "2026-11-27T09:00:00Z"),
            ("fri 9:00z", "2026-11-27T09:00:00Z"),
            ("fri 9:00 -05:00", "2026-11-27T14:00:00Z"),
            ("9:00", "2026-11-27T08:00:00Z"),
            ("15:00", "2026-11-26T14:00:00Z"),
            ("today", "2026-11-25T23:00:00Z"),
            (" Tomorrow ", "2026-11-26T23:00:00Z"),
            ("tomorrow 9:00", "2026-11-27T08:00:00Z"),
            ("yesterday 23:59", "2026-11-25T22:59:00Z"),
            ("2026-12-01", "2026-11-30T23:00:00Z"),
            ("2026-12-01 9:00", "2026-12-01T08:00:00Z"),
            ("2026-12-01Z", "2026-12-01T00:00:00Z"),
            ("2026-12-01T09:00:00", "2026-12-01T08:00:00Z"),
            ("2026-12-01T09:00:00-05:00", "2026-12-01T14:00:00Z"),
            ("Now", "2026-11-26T13:05:12Z"),
            ("+2h", "2026-11-26T15:05:12Z"),
            (" -1d12h ", "2026-11-25T01:05:12Z"),
            ("+1w", "2026-12-03T13:05:12Z"),
            ("1795698360", "2026-11-26T13:06:00Z"),
            ("-60", "1969-12-31T23:59:00Z"),
            ("1970-01-01T00:00:07Z", "1970-01-01T00:00:07Z"),
        ] {
            assert_eq!(read(text).as_deref(), Some(time), "{text}");
        }
        for text in [
            "",
            "+",
            "2h",
            "+h",
            "+2",
            "+2x",
            "+2é",
            "é",
            "+9999999999999999999d",
            "+99999999999w",
            "fri 25:00",
            "fri 9",
            "fry",
            "fri 9:00 9:00",
            "2026-13-01",
            "2026-02-30",
            "9999-12-31 23:59 -12:00",
            "tomorrow 9:00 x",
            "soon",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn what_was_read_is_told() {
        let now = parse("2026-11-26T13:05:12Z").unwrap();
        let told = |text: &str, zone| told(moment(text, now, zone).unwrap(), now, zone);
        assert_eq!(told("fri 9:00", berlin()), "Fri 27 Nov 2026 09:00 local (08:00Z), in 18h 54m");
        assert_eq!(told("fri", berlin()), "Fri 27 Nov 2026 00:00 local (Thu 26 Nov 23:00Z), in 9h 54m");
        assert_eq!(told("-1m", Zone::utc()), "Thu 26 Nov 2026 13:04:12 local (13:04:12Z), 1m 00s ago");
    }

    /// Rome, as the rules of 2026 have it: the clocks go from 2:00 to 3:00 on 29 March, and from 3:00 back to 2:00 on 25 October.
    #[derive(Debug, Clone)]
    struct Rome;

    impl TimeZone for Rome {
        type Offset = FixedOffset;
        fn from_offset(_: &FixedOffset) -> Self {
            Self
        }
        fn offset_from_utc_date(&self, utc: &NaiveDate) -> FixedOffset {
            self.offset_from_utc_datetime(&utc.and_time(NaiveTime::MIN))
        }
        fn offset_from_utc_datetime(&self, utc: &NaiveDateTime) -> FixedOffset {
            let at = |text| parse(text).unwrap().naive_utc();
            let summer = at("2026-03-29T01:00:00Z") <= *utc && *utc < at("2026-10-25T01:00:00Z");
            FixedOffset::east_opt(if summer { 7_200 } else { 3_600 }).unwrap()
        }
        fn offset_from_local_date(&self, local: &NaiveDate) -> MappedLocalTime<FixedOffset> {
            self.offset_from_local_datetime(&local.and_time(NaiveTime::MIN))
        }
        fn offset_from_local_datetime(&self, local: &NaiveDateTime) -> MappedLocalTime<FixedOffset> {
            let offsets = [7_200, 3_600].map(|east| FixedOffset::east_opt(east).unwrap());
            let fits = |offset: &FixedOffset| self.offset_from_utc_datetime(&(*local - *offset)) == *offset;
            match offsets.map(|offset| fits(&offset)) {
                [true, true] => MappedLocalTime::Ambiguous(offsets[0], offsets[1]),
                [true, false] => MappedLocalTime::Single(offsets[0]),
                [false, true] => MappedLocalTime::Single(offsets[1]),
                [false, false] => MappedLocalTime::None,
            }
        }
    }

    #[test]
    fn where_the_clocks_are_changed_each_time_of_day_means_one_moment() {
        for (local, time, odd) in [
            ("2026-03-29T01:59:00", "2026-03-29T00:59:00Z", None),
            ("2026-03-29T02:00:00", "2026-03-29T01:00:00Z", Some(Odd::Skipped)),
            ("2026-03-29T02:30:00", "2026-03-29T01:30:00Z", Some(Odd::Skipped)),
            ("2026-03-29T03:00:00", "2026-03-29T01:00:00Z", None),
            ("2026-10-25T01:59:00", "2026-10-24T23:59:00Z", None),
            ("2026-10-25T02:00:00", "2026-10-25T00:00:00Z", Some(Odd::Twice)),
            ("2026-10-25T02:59:59", "2026-10-25T00:59:59Z", Some(Odd::Twice)),
            ("2026-10-25T03:00:00", "2026-10-25T02:00:00Z", None),
        ] {
            let found = resolve(&Rome, local.parse().unwrap()).unwrap();
            assert_eq!((utc(found.at).as_str(), found.odd), (time, odd), "{local}");
        }
    }
}
