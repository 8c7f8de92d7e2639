use serde_json::{Value, json};

use super::*;
use crate::{
    clock,
    session::rotate::{
        evidence::{Clock, Control, Subject, judge},
        plan::Wanted,
    },
};

#[path = "../../../../tests/support/schema.rs"]
#[allow(unreachable_pub, reason = "it is there for all tests")]
mod schema;

fn at(text: &str) -> Timestamp {
    clock::parse(&format!("2026-11-26T{text}Z")).unwrap()
}

fn seen(by: By, time: &str, status: u16, result: Answer, words: &str, control: (ControlKind, &str)) -> Observation {
    let (kind, when) = control;
    let refuses = kind == ControlKind::Negative;
    let result_of = if refuses { Answer::Refused } else { Answer::Accepted };
    let control = Some(Control { kind, result: result_of, at: at(when) });
    let call = format!("the {} of lms.example.org", if by == By::Replay { "token endpoint" } else { "API" });
    Observation {
        at: at(time),
        by,
        call,
        own: true,
        of_successor: false,
        status: Some(status),
        result,
        words: words.to_owned(),
        control,
    }
}

fn old(kind: TokenKind, fingerprint: &str, expires_at: Option<&str>, seen: &[Observation]) -> Old {
    let signed = kind == TokenKind::Access;
    let subject = Subject {
        kind,
        signed,
        expires_at: expires_at.map(at),
        renewed_at: None,
        ended_at: Some(at("07:15:04")),
        untried: None,
    };
    let clock = Clock { now: at("07:15:09"), skew: Some(TimeDelta::zero()) };
    let judged = judge(&subject, seen, clock);
    Old { expires_at: expires_at.map(at).map(At), ..Old::new(kind, fingerprint.to_owned(), &judged, seen) }
}

fn lms() -> Profile {
    let replay =
        seen(By::Replay, "07:15:05", 400, Answer::Refused, "invalid_grant", (ControlKind::Positive, "07:15:03"));
    let used = seen(By::Use, "07:15:05", 200, Answer::Accepted, "", (ControlKind::Negative, "07:15:05"));
    let mut refresh = old(TokenKind::Refresh, "10ad55c3", None, &[replay]);
    let (at, call) = (At(at("07:15:04")), "POST https://lms.example.org/oauth2/revoke_token".to_owned());
    refresh.endings.push(SentEnding { at, call, status: Some(200), words: String::new() });
    let access = old(TokenKind::Access, "e03b9d21", Some("08:02:44"), &[used]);
    let new = |kind, fingerprint: &str, end: Option<&str>| NewToken {
        kind,
        fingerprint: fingerprint.to_owned(),
        expires_at: end.map(self::at).map(At),
    };
    Profile {
        name: "lms".to_owned(),
        environment: Some("prod".to_owned()),
        tags: vec!["work".to_owned()],
        provider: "openedx".to_owned(),
        origin: "https://lms.example.org".to_owned(),
        account: Some("ada".to_owned()),
        outcome: Outcome::Rotated,
        reason: None,
        way: Some(Way::Login),
        kinship: Some(Kinship::Separate),
        recovered: false,
        alarms: Vec::new(),
        new: vec![new(TokenKind::Access, "9c1f03aa", Some("08:15:03")), new(TokenKind::Refresh, "77b0e412", None)],
        old: vec![refresh, access],
        left_to_do: Vec::new(),
        elapsed_ms: 3_200,
    }
}

fn mail() -> Profile {
    Profile {
        name: "mail".to_owned(),
        environment: None,
        tags: Vec::new(),
        provider: "oauth2".to_owned(),
        origin: "https://idp.example.net".to_owned(),
        account: None,
        outcome: Outcome::Failed,
        reason: Some("the server refused the refresh token (invalid_grant)".to_owned()),
        way: Some(Way::Refresh),
        kinship: None,
        recovered: false,
        alarms: vec!["the refresh token was revoked, or another party has used it".to_owned()],
        new: Vec::new(),
        old: Vec::new(),
        left_to_do: vec!["log in by hand".to_owned(), "search the server's log for a81c7790".to_owned()],
        elapsed_ms: 400,
    }
}

fn receipt(profiles: Vec<Profile>) -> Receipt {
    let run = "20261126-071502-5f2c".to_owned();
    let mut receipt = Receipt::new(run, at("07:15:02"), at("07:15:09"), Options::default(), profiles);
    receipt.tool = "tokscope 0.2.0".to_owned();
    receipt
}

#[test]
fn people_read_markdown() {
    let expected = "\
# Token rotation 20261126-071502-5f2c · 2 profiles · 1 rotated · 1 failed · 1 survivor
2026-11-26 07:15:02Z – 07:15:09Z · tokscope 0.2.0 · way auto · not panic

## lms · openedx · prod · https://lms.example.org · ada · rotated (login, separate grant)
New: access `9c1f03aa` until 08:15:03Z · refresh `77b0e412`, no expiry given

| old token | verdict | evidence |
|---|---|---|
| refresh `10ad55c3` | **dead** | replay 07:15:05Z: 400 `invalid_grant`; control: login at the same endpoint 07:15:03Z; the replay was refused by the token endpoint of lms.example.org |
| access `e03b9d21` | **alive until 08:02:44Z** | use 07:15:05Z: 200; made-up token refused; accepted by the API of lms.example.org at 2026-11-26T07:15:05Z although revoked; the revocation may still propagate |

Server: revocation 200, empty

## mail · oauth2 · https://idp.example.net · failed: the server refused the refresh token (invalid\\_grant)
ALARM: the refresh token was revoked, or another party has used it.
Left to do: log in by hand; search the server's log for a81c7790.

Not covered: tokens that others drew from these grants, earlier generations, browser sessions, passwords, client secrets. If a password leaked, change it first.
";
    assert_eq!(receipt(vec![lms(), mail()]).markdown(), expected);
}

/// Every receipt is what the schema says, down to the last member, and reads back as it was.
#[test]
fn programs_read_json_that_the_schema_describes() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/schema/receipt.json");
    let schema: Value = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
    let empty = receipt(Vec::new());
    let mut full = receipt(vec![lms(), mail()]);
    full.options = Options { way: Wanted::Refresh, revoke: false, panic: true, prove_for: 5, parallel: 4 };
    full.resumed = 2;
    full.profiles[0].old[0].jti = Some("52e8".to_owned());
    for receipt in [empty, full] {
        let text = receipt.json();
        let value: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(schema::fault(&schema, &value), None);
        assert_eq!(serde_json::from_str::<Receipt>(&text).unwrap(), receipt);
        let mut planted = value.clone();
        planted["profiles"].as_array_mut().unwrap().push(json!({"raw": "x"}));
        assert!(schema::fault(&schema, &planted).is_some() && serde_json::from_value::<Receipt>(planted).is_err());
        let mut open = value;
        open["secret"] = "x".into();
        assert!(schema::fault(&schema, &open).is_some() && serde_json::from_value::<Receipt>(open).is_err());
    }
    for object in ["Profile", "Old", "Seen", "SeenControl", "SentEnding", "NewToken", "Options", "Totals"] {
        assert_eq!(schema["$defs"][object]["additionalProperties"], false, "{object} is closed");
    }
}

#[test]
fn foreign_words_are_masked_cut_and_mean_nothing() {
    const JWT: &str = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJtYXJrZXIifQ.c2lnbmF0dXJlLXNpZ25hdHVyZQ";
    let words = server_words(&format!("no \u{1b}[31m{JWT} {}", "x ".repeat(300)));
    assert!(!words.contains(JWT) && !words.contains('\u{1b}'), "{words}");
    assert_eq!(words.chars().count(), 201, "{words}");
    let mut hostile = lms();
    hostile.account = Some("<img src=x> | [a](b) `c` *d* \n# e".to_owned());
    hostile.old[0].evidence[0].words = "a`|b".to_owned();
    hostile.left_to_do = vec!["</td>\u{202e}".to_owned()];
    let text = receipt(vec![hostile]).markdown();
    assert!(text.contains(r"\<img src=x\> \| \[a\](b) \`c\` \*d\* \\n\# e"), "{text}");
    assert!(text.contains("`a'\\|b`") && text.contains(r"\</td\>\\u{202e}"), "{text}");
    assert_eq!(text.lines().filter(|line| line.starts_with('#')).count(), 2);
}

#[test]
fn clean_is_only_what_is_dead_or_dies_in_time() {
    let hour = TimeDelta::hours(1);
    let with = |outcome, kind, verdict, until: Option<&str>| {
        let mut profile = lms();
        profile.outcome = outcome;
        profile.old.truncate(1);
        let one = &mut profile.old[0];
        (one.kind, one.verdict, one.until) = (kind, verdict, until.map(at).map(At));
        receipt(vec![profile])
    };
    use Outcome::{Failed, NotStarted, Revoked, Rotated};
    use TokenKind::{Access, Id, Refresh};
    for (outcome, kind, verdict, until, clean) in [
        (Rotated, Refresh, Life::Dead, None, true),
        (Rotated, Access, Life::AliveUntil, Some("08:15:09"), true),
        (Rotated, Id, Life::AliveUntil, Some("08:15:09"), true),
        (Rotated, Access, Life::AliveUntil, Some("08:15:10"), false),
        (Rotated, Refresh, Life::AliveUntil, Some("07:20:00"), false),
        (Rotated, Access, Life::Alive, None, false),
        (Rotated, Access, Life::Unknown, None, false),
        (Revoked, Refresh, Life::Dead, None, false),
        (Failed, Refresh, Life::Dead, None, false),
        (NotStarted, Refresh, Life::Dead, None, false),
    ] {
        let receipt = with(outcome, kind, verdict, until);
        assert_eq!(receipt.is_clean(hour, at("07:15:09")), clean, "{outcome:?} {kind} {verdict:?} {until:?}");
    }
    assert!(!receipt(vec![lms(), mail()]).is_clean(hour, at("07:15:09")));
}
