//! Forty refusals that people asked about in public, each a token with a server's answer: does the first line that tokscope
//! says of it name the cause?
//!
//! `refusals/cases.json` has, of each, the thread, what the cause was according to it, the answer as it is quoted there, and
//! words that only a line which names the cause has. Tokens are made for this: same header, same claims, no key of anybody's.
//! The server's own words, which tokscope repeats, do not count.
//!
//! A case goes the way that its user would go: `probe`, a refused `refresh`, login with a `code` or by the `client` alone, or
//! `verify` with the key at hand. What is said first is the line of `tokscope probe` and of `tokscope verify`, and of a refused
//! exchange what it `means`, right below the server's words.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod world;

use std::fmt::Write as _;

use serde_json::Value;
use tokscope::{
    auth::{AuthError, IssuedToken, Scheme, TokenKind},
    oauth::{refusal, resource, token_endpoint::Presented},
};

use self::world::{Made, first_of_verify, response};

/// Fewer are too few.
const NAMED: usize = 38;

fn cases() -> Vec<Value> {
    serde_json::from_str(include_str!("refusals/cases.json")).unwrap()
}

fn text<'a>(case: &'a Value, name: &str) -> &'a str {
    case[name].as_str().unwrap_or_else(|| panic!("{name} is missing in {case}"))
}

/// What is said first, as far as it is tokscope's own.
fn first_line(case: &Value) -> String {
    let (made, answer) = (Made::of(case), response(case));
    let presented = match text(case, "entrance") {
        "verify" => return first_of_verify(case, &made),
        "probe" => {
            let scheme = case["scheme"].as_str().map_or(Scheme::BEARER, |name| Scheme::new(name).unwrap());
            let raw = made.token.as_str().into();
            let token = IssuedToken { kind: TokenKind::Access, raw, expires_at: None, scheme };
            // Behind the first colon are the server's words.
            let detail = resource::verdict(&answer, &token).unwrap().detail;
            return detail.split(": ").next().unwrap_or_default().to_owned();
        }
        "refresh" => Presented::RefreshToken,
        "code" => Presented::Code,
        "client" => Presented::Client,
        other => panic!("no entrance is called {other}"),
    };
    let error: AuthError = refusal::of(&answer, presented, "a token response");
    error.means().unwrap_or_default()
}

#[test]
#[allow(clippy::print_stdout, reason = "the table is for people; a test that passes prints only if asked")]
fn the_first_line_names_the_cause_of_at_least_38_in_40_refusals() {
    let cases = cases();
    let (mut table, mut named, mut wrong) = (String::new(), 0, Vec::new());
    for case in &cases {
        let (name, line) = (text(case, "name"), first_line(case));
        let is_named = line.contains(text(case, "names"));
        named += usize::from(is_named);
        writeln!(table, "{} {name:55} {line}", if is_named { "✔" } else { "✗" }).unwrap();
        // A miss is listed and explained with the case.
        wrong.extend((is_named == case.get("missed").is_some()).then_some(name));
    }
    println!("{table}{named} of {} are named", cases.len());
    assert!(wrong.is_empty(), "not as the cases have it: {wrong:?}\n{table}");
    assert!(cases.len() == 40 && named >= NAMED, "{named} of {} are named\n{table}", cases.len());
}

/// A word that the answer has itself would prove nothing, and two cases from one thread are one.
#[test]
fn each_refusal_is_from_a_thread_of_its_own_and_is_asked_for_more_than_its_words() {
    let cases = cases();
    let sources: std::collections::BTreeSet<_> = cases.iter().map(|case| text(case, "source")).collect();
    assert_eq!(sources.len(), cases.len());
    for case in &cases {
        let generic = ["the token is not accepted", "the call was refused, but not necessarily because of this token"];
        assert!(!generic.iter().any(|line| line.contains(text(case, "names"))), "{case}");
        assert!(text(case, "source").starts_with("https://") && !text(case, "cause").is_empty(), "{case}");
    }
}
