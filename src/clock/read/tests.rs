use proptest::prelude::*;

use super::*;
use crate::clock::{parse, utc};

fn read(text: &str) -> Option<String> {
    point(text, Zone::utc()).map(utc)
}

#[test]
fn one_time_in_all_its_forms() {
    for text in [
        "1795296938",
        " 1795296938 ",
        "1795296938.0",
        "1.795296938e9",
        "1795296938000",
        "1795296938000000",
        "1795296938000000000",
        "2026-11-21T21:35:38Z",
        "2026-11-21t21:35:38z",
        "2026-11-21T22:35:38+01:00",
        "2026-11-21T22:35:38+0100",
        "2026-11-21T22:35:38+01",
        "2026-11-21 16:05:38 -0530",
        "2026-11-21T21:35:38 UTC",
        "2026-11-21T21:35:38UTC",
        "2026-11-21 21:35:38 GMT",
        "2026-11-21 21:35:38",
        "2026-11-21T21:35:38",
        "2026-11-21T21:35:38.000000",
        "2026-11-21 21:35:38 +0000 UTC",
        "2026-11-21T21:35:38Z[UTC]",
        "2026-11-21T22:35:38+01:00[Europe/Berlin]",
        "2026/11/21 21:35:38",
        "20261121T213538Z",
        "Sat, 21 Nov 2026 21:35:38 GMT",
        "Sat, 21 Nov 2026 22:35:38 +0100",
        "11/21/2026 21:35:38 +00:00",
        "11/21/2026 9:35:38 PM +00:00",
    ] {
        assert_eq!(read(text).as_deref(), Some("2026-11-21T21:35:38Z"), "{text}");
    }
    let berlin = Zone::Fixed(FixedOffset::east_opt(3_600).unwrap());
    assert_eq!(point("2026-11-21 22:35:38", berlin), parse("1795296938"), "no zone of its own");
    for text in
        ["", "soon", "NaN", "inf", "1e400", "-", "2026-13-01T00:00:00Z", "21:35", "[", "é", "2026-11-21T21:35:38+9"]
    {
        assert_eq!(read(text), None, "{text}");
    }
}

#[test]
fn what_lies_beyond_the_calendar_is_moved_into_it() {
    for text in ["+33658-09-27T01:46:39Z", "9999-12-31T23:59:59-12:00"] {
        assert_eq!(read(text).as_deref(), Some("9999-12-31T23:59:59Z"), "{text}");
    }
    assert_eq!(read("-0004-01-01T00:00:00Z").as_deref(), Some("0001-01-01T00:00:00Z"));
    assert_eq!(read("-99999999999").as_deref(), Some("0001-01-01T00:00:00Z"));
}

/// The members of a flat object in shorthand: `expires_in 60, expires_at soon`.
fn ends(ends: Ends, members: &str) -> (Option<String>, Option<String>) {
    let pairs: Vec<_> = members.split(", ").filter_map(|pair| pair.split_once(' ')).collect();
    let member = |name: &str| pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| Cow::Borrowed(*value));
    let end = ends.of_answer(member, parse("2026-11-21T21:00:00Z").unwrap());
    (end.at.map(utc), end.remark)
}

#[test]
fn an_end_is_said_in_many_ways() {
    let check = |members: &str, expected: &str| {
        let expected = (!expected.is_empty()).then(|| expected.to_owned());
        assert_eq!(ends(ACCESS, members), (expected, None), "{members}");
    };
    check("", "");
    check("expires_in 60", "2026-11-21T21:01:00Z");
    check("expires_in 59.6", "2026-11-21T21:00:59.600Z");
    check("expires_on 1795296938", "2026-11-21T21:35:38Z");
    check("expires_at 1795296938000", "2026-11-21T21:35:38Z");
    check("expires_at 2026-11-21T21:35:38Z", "2026-11-21T21:35:38Z");
    check("expiry_date 1795296938000", "2026-11-21T21:35:38Z");
    check("expires_at 60", "2026-11-21T21:01:00Z");
    check("expires_in 60, expires_on 1795296938", "2026-11-21T21:01:00Z");
    check("expires_in soon, expires_on 1795296938", "2026-11-21T21:35:38Z");
    for name in REFRESH.lives {
        assert_eq!(ends(REFRESH, &format!("{name} 60")).0.as_deref(), Some("2026-11-21T21:01:00Z"));
        assert_eq!(ends(REFRESH, &format!("{name} 0")), (None, None), "an offline token");
    }
}

#[test]
fn what_is_odd_about_an_end_is_a_remark() {
    let check = |members: &str, at: Option<&str>, remark: &str| {
        let (found, said) = ends(ACCESS, members);
        assert_eq!(found.as_deref(), at, "{members}");
        assert!(said.as_ref().is_some_and(|said| said.contains(remark)), "{members}: {said:?}");
    };
    check("expires_in 0", Some("2026-11-21T21:00:00Z"), "expires_in is 0");
    check("expires_in 999999999999", Some("9999-12-31T23:59:59Z"), "beyond the year 9999");
    check("expires_in -1", None, "expires_in is not a valid time");
    check("expires_in 1e300", None, "not a valid time");
    check("expires_in soon", None, "not a valid time");
    check("expires_at 0", None, "expires_at is not a valid time");
}

#[test]
fn an_old_document_names_its_end_before_its_span() {
    let member = |name: &str| match name {
        "expires_in" => Some(Cow::Borrowed("60")),
        "expires_at" => Some(Cow::Borrowed("1795296938")),
        _ => None,
    };
    let end = ACCESS.of_document(member, parse("2026-11-25T00:00:00Z").unwrap());
    assert_eq!(end.at.map(utc).as_deref(), Some("2026-11-21T21:35:38Z"));
}

proptest! {
    #[test]
    fn agrees_with_floats(value in -1e14..1e14_f64) {
        let (seconds, nanoseconds) = decimal(&value.to_string()).unwrap();
        prop_assert!((seconds as f64 + f64::from(nanoseconds) / 1e9 - value).abs() <= value.abs() * 1e-15 + 1e-9);
    }

    /// What is read can be written and read again.
    #[test]
    fn whatever_is_read_can_be_written(text in "[-+0-9.eETZ: ]{0,30}|\\PC{0,30}", since in any::<i64>()) {
        let since = bounded(DateTime::from_timestamp(since, 0).unwrap_or_default());
        for time in [point(&text, Zone::utc()), point(&text, Zone::System), end_of(&text, since)].into_iter().flatten() {
            prop_assert_eq!(parse(&utc(time)), Some(time));
        }
    }

    #[test]
    fn whatever_is_said_of_an_end_can_be_written(text in "-?[0-9]{0,25}(e[0-9]{1,3})?") {
        for ends in [ACCESS, REFRESH] {
            for name in ends.lives.iter().chain(ends.points) {
                let member = |asked: &str| (asked == *name).then_some(Cow::Borrowed(text.as_str()));
                for since in [Timestamp::MIN_UTC, Timestamp::MAX_UTC, Timestamp::UNIX_EPOCH] {
                    if let Some(time) = ends.of_answer(member, since).at {
                        prop_assert_eq!(parse(&utc(bounded(time))), Some(bounded(time)));
                    }
                }
            }
        }
    }
}
