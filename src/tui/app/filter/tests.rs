//! The words of a filter, and which rows they leave.

use super::*;

fn at(seconds: i64) -> Timestamp {
    clock::parse(&seconds.to_string()).unwrap()
}

const NOW: i64 = 1_000_000;

/// A row with these texts, of this state, made and over at these times from now.
struct Fake<'a>(&'a [(Field, &'a str)], State, Option<(i64, i64)>);

impl Subject for Fake<'_> {
    fn lines(&self) -> Lines<'_> {
        let of = |field: Field| self.0.iter().filter(move |(of, _)| *of == field).map(|(_, text)| text);
        Lines::write(|field, lines| of(field).for_each(|text| texts::add(lines, text)))
    }

    fn state(&self, _: Timestamp) -> State {
        self.1
    }

    fn lifetime(&self) -> Option<Lifetime> {
        let (start, end) = self.2?;
        let (issued_at, expires_at) = (Some(at(NOW + start)), Some(at(NOW + end)));
        Some(Lifetime { issued_at, expires_at, ..Lifetime::default() })
    }
}

const ROWS: [Fake<'static>; 4] = [
    Fake(
        &[
            (Field::Name, "lms-prod"),
            (Field::Env, "prod"),
            (Field::Kind, "access"),
            (Field::Kind, "jwt"),
            (Field::Sub, "ada"),
            (Field::Iss, "https://lms.example.org"),
            (Field::Aud, "files"),
            (Field::Aud, "search"),
            (Field::Scope, "read write"),
            (Field::Tag, "nightly"),
            (Field::Provider, "openedx"),
        ],
        State::Active,
        Some((-600, 3_000)),
    ),
    Fake(
        &[(Field::Name, "lms-prod"), (Field::Env, "prod"), (Field::Kind, "refresh"), (Field::Kind, "opaque")],
        State::Unknown,
        None,
    ),
    Fake(
        &[(Field::Name, "seta-files"), (Field::Env, "Staging"), (Field::Kind, "access"), (Field::Sub, "Zoë")],
        State::Expiring,
        Some((-3_552, 48)),
    ),
    Fake(
        &[(Field::Name, "pasted: curl"), (Field::Kind, "token"), (Field::Sub, "prod-robot")],
        State::Expired,
        Some((-40 * 86_400, -86_400)),
    ),
];

fn left(text: &str) -> String {
    let filter = Filter::parse(text);
    let matches = |row: &&Fake<'_>| filter.rank(*row, at(NOW)).is_some();
    let indices = ROWS.iter().enumerate().filter(|(_, row)| matches(row)).map(|(at, _)| at.to_string());
    indices.collect()
}

#[test]
fn words_fields_and_times_leave_these_rows() {
    for (text, rows) in [
        ("", "0123"),
        ("  ", "0123"),
        // Words: all of them, anywhere, letter by letter in names.
        ("prod", "013"),
        ("PROD", "013"),
        ("lms prod", "01"),
        ("lmsp", "01"),
        ("stf", "2"),
        ("zoë", "2"),
        ("ZOË", "2"),
        ("ada seta", ""),
        ("'lmsp", ""),
        ("'lms-p", "01"),
        ("^lms", "01"),
        ("^prod", "013"),
        ("^rod", ""),
        ("!prod", "2"),
        ("!lmsp", "0123"),
        ("!^lms", "23"),
        ("!'ada", "123"),
        ("https://lms", "0"),
        ("localhost:8080", ""),
        ("files", "02"),
        // Not written to their end.
        ("'", "0123"),
        ("!", "0123"),
        ("env:", "0123"),
        ("left<", "0123"),
        ("left", ""),
        // Fields.
        ("env:prod", "01"),
        ("env:STAG", "2"),
        ("!env:prod", "23"),
        ("env:prod,stag", "012"),
        ("kind:acc", "02"),
        ("kind:acc,ref env:prod", "01"),
        ("kind:opaque", "1"),
        ("state:expired", "3"),
        ("state:exp", "23"),
        ("state:active,expired", "03"),
        ("!state:expired", "012"),
        ("sub:ada", "0"),
        ("iss:lms.example", "0"),
        ("aud:search", "0"),
        ("scope:write", "0"),
        ("tag:night", "0"),
        ("provider:openedx prod", "0"),
        // Times: what is over has nothing left.
        ("left<10m", "2"),
        ("left>10m", "0"),
        ("left<1h", "02"),
        ("!left<1h", "13"),
        ("age>30d", "3"),
        ("age<10m1s", "0"),
        ("age>10m left<1m30s", "2"),
    ] {
        assert_eq!(left(text), rows, "{text}");
        assert_eq!(Filter::parse(text).mistake, None, "{text}");
    }
}

/// What cannot be read is said, and the rest counts.
#[test]
fn mistakes_are_said_and_leave_the_rest() {
    for (text, words, rows) in [
        ("state:foo", "no state is named foo: superseded active opaque", "0123"),
        ("state:active,foo", "no state is named foo", "0123"),
        ("kind:jwk prod", "no kind is named jwk: access refresh id jwt jwe opaque", "013"),
        ("stat:active", "no field is named stat: try env state kind", "0123"),
        ("left<10", "10 is not a span of time: try 90s, 10m, 2h, 30d", "0123"),
        ("left<soon ada", "soon is not a span of time", "0"),
        ("age>1y", "1y is not a span of time", "0123"),
        ("age>-1d", "-1d is not a span of time", "0123"),
        ("left<1\u{1b}", "\\u{1b}", "0123"),
    ] {
        let mistake = Filter::parse(text).mistake.unwrap_or_default();
        assert!(mistake.contains(words), "{text}: {mistake}");
        assert_eq!(left(text), rows, "{text}");
    }
}

#[test]
fn the_best_match_is_the_one_that_is_nearest_to_the_word() {
    let rank = |text, word| best(word, How::Fuzzy, &Fake(&[(Field::Name, text)], State::Active, None).lines());
    let ranked = ["prod", "prod-lms", "lms-prod", "reprod", "p-r-o-d", "lms"].map(|text| rank(text, "prod"));
    assert!(ranked.is_sorted_by(|one, next| one > next), "{ranked:?}");
    assert_eq!((rank("lms", "prod"), rank("a", "b")), (None, None));
    assert_eq!(rank("İx", "x"), rank("rex", "x"), "inside, whatever the letter before takes");
    // One letter is no sequence.
    assert_eq!(rank("lms", "x"), None);
    // Of several texts the best counts.
    let most = |texts, word, how| ranks(texts, word, how).map(|(_, rank)| rank).max();
    for (texts, wanted) in [("reprod\nprod\n", 5), ("reprod\nprod-lms\n", 4), ("lms-prod\nreprod\n", 3), ("aprod\n", 2)]
    {
        assert_eq!(most(texts, "prod", How::Fuzzy), Some(wanted), "{texts:?}");
    }
    assert_eq!(most("lms\nzoë zoë\nzoë\n", "zoë", How::Start), Some(5));
}

#[test]
fn only_times_and_states_ask_for_the_clock() {
    for (text, timely) in [("prod", false), ("kind:acc !env:x", false), ("left<1h", true), ("a !state:expired", true)] {
        assert_eq!(Filter::parse(text).is_timely(), timely, "{text}");
    }
}

proptest::proptest! {
    #[test]
    fn any_text_is_read(text: String) {
        let filter = Filter::parse(&text);
        ROWS.iter().for_each(|row| _ = filter.rank(row, at(NOW)));
    }
}
