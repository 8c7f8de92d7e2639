//! NumericDate (RFC 7519 §2): seconds since 1970 as a JSON number, integer or not.

use std::fmt::Write as _;

use chrono::{DateTime, Datelike as _};

use super::{
    defect::{DefectCode, Defects, excerpt},
    json::{Json, Kind, Node},
    lifetime::{NumericDate, NumericDates},
};
use crate::clock::{self, Timestamp, read::decimal};

/// From here on (the year 5138) a number of seconds can only be meant as milliseconds, …
const MILLISECONDS: u64 = 100_000_000_000;
/// … and from here on as something smaller still.
const MICROSECONDS: u64 = MILLISECONDS * 1_000;

/// The dates of a claims set (RFC 7519 §4.1.4–6).
pub(super) fn dates(claims: &Json, defects: &mut Defects) -> NumericDates {
    let mut found = [None; 3];
    for (index, node) in claims.children(0) {
        match claims.key(node).as_deref() {
            Some("nbf") => found[0] = Some(index),
            Some("iat") => found[1] = Some(index),
            Some("exp") => found[2] = Some(index),
            _ => {}
        }
    }
    let mut take = |name: &str, index: Option<usize>| {
        let index = index?;
        let (date, oddity) = read(claims, &claims.nodes()[index]);
        if let Some((code, text)) = oddity {
            let bytes = defects.segment().content(claims.span(index));
            defects.add_at(code, bytes, || (format!("/{name}"), format!("{} {text}", excerpt(&date.raw))));
        }
        Some(date)
    };
    let [nbf, iat, exp] = found;
    NumericDates { nbf: take("nbf", nbf), iat: take("iat", iat), exp: take("exp", exp) }
}

/// The dates of a claims set in another format than JWT, where they may be text (PASETO, "Registered Claims": ISO 8601).
pub(super) fn dates_of(claims: &Json) -> NumericDates {
    let mut found = dates(claims, &mut Defects::default());
    let read = |name: &str, date: &mut Option<NumericDate>| {
        let text = claims.member(name).and_then(|node| claims.string(node));
        if let (Some(date), Some(text)) = (date, text) {
            date.time = clock::parse(&text);
        }
    };
    read("nbf", &mut found.nbf);
    read("iat", &mut found.iat);
    read("exp", &mut found.exp);
    found
}

/// Reads a date, and says what is odd about it.
pub(super) fn read(json: &Json, node: &Node) -> (NumericDate, Option<(DefectCode, String)>) {
    let raw = json.raw(node);
    let (time, oddity) = match node.kind {
        Kind::Number => interpret(raw),
        _ => (None, Some((DefectCode::DateNotANumber, "is not a number".to_owned()))),
    };
    (NumericDate { raw: raw.to_owned(), time }, oddity)
}

fn interpret(raw: &str) -> (Option<Timestamp>, Option<(DefectCode, String)>) {
    let out_of_range = || (None, Some((DefectCode::DateOutOfRange, "is beyond the years 0 to 9999".to_owned())));
    let Some((seconds, nanoseconds)) = decimal(raw) else { return out_of_range() };
    let time = DateTime::from_timestamp(seconds, nanoseconds).filter(|time| (0..=9999).contains(&time.year()));
    match (seconds.unsigned_abs(), time) {
        (MILLISECONDS..MICROSECONDS, _) => {
            let mut text = "can only be milliseconds; a NumericDate is in seconds".to_owned();
            if let Some(time) = DateTime::from_timestamp_millis(seconds) {
                let _ = write!(text, ". In milliseconds it would be {}", clock::utc(time));
            }
            (None, Some((DefectCode::DateInMilliseconds, text)))
        }
        (_, None) => out_of_range(),
        (_, time) if seconds < 0 => (time, Some((DefectCode::DateNegative, "is before 1970".to_owned()))),
        (_, time) => (time, None),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn reads_dates() {
        let check = |raw: &str, time: Option<&str>, code: Option<&str>| {
            let json = Json::parse(raw);
            let (date, oddity) = read(&json, &json.nodes()[0]);
            assert_eq!(date.raw, raw);
            assert_eq!(date.time.map(clock::utc).as_deref(), time, "{raw}");
            assert_eq!(oddity.map(|(code, _)| code.as_str()), code, "{raw}");
        };
        check("1692211638", Some("2023-08-16T18:47:18Z"), None);
        check("1692211638.25", Some("2023-08-16T18:47:18.250Z"), None);
        check("1692211638.000000001999", Some("2023-08-16T18:47:18.000000001Z"), None);
        check("1.7e9", Some("2023-11-14T22:13:20Z"), None);
        check("17000000000000E-4", Some("2023-11-14T22:13:20Z"), None);
        check("0.0000017e+15", Some("2023-11-14T22:13:20Z"), None);
        check("0", Some("1970-01-01T00:00:00Z"), None);
        check("-0.0e999999999999999999999", Some("1970-01-01T00:00:00Z"), None);
        check("1e-999999999999999999999", Some("1970-01-01T00:00:00Z"), None);
        check("-1", Some("1969-12-31T23:59:59Z"), Some("date-negative"));
        check("-0.5", Some("1969-12-31T23:59:59.500Z"), Some("date-negative"));
        check("99999999999", Some("5138-11-16T09:46:39Z"), None);
        check("1692211638000", None, Some("date-in-milliseconds"));
        check("1692211638000000", None, Some("date-out-of-range"));
        check("-99999999999", None, Some("date-out-of-range"));
        check("9223372036854775809", None, Some("date-out-of-range"));
        check("9223372036854775807", None, Some("date-out-of-range"));
        check("1e300", None, Some("date-out-of-range"));
        check("1e400", None, Some("date-out-of-range"));
        check("-1e99999999999999999999", None, Some("date-out-of-range"));
        check("\"1692211638\"", None, Some("date-not-a-number"));
        check("null", None, Some("date-not-a-number"));
        check("[1]", None, Some("date-not-a-number"));
    }

    #[test]
    fn says_what_milliseconds_would_mean() {
        let (_, oddity) = interpret("1692211638000");
        assert!(oddity.unwrap().1.ends_with("it would be 2023-08-16T18:47:18Z"));
    }

    proptest! {
        #[test]
        fn never_panics(number in "-?(0|[1-9][0-9]{0,20})(\\.[0-9]{1,20})?([eE][+-]?[0-9]{1,22})?") {
            interpret(&number);
        }
    }
}
