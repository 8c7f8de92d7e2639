//! Texts that people have and paste, each the essence of a public report, with the right reading. They stand for their
//! kind; `tests/vectors/cases` holds them as they were.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod neighbours;
mod screen;

use std::{fs, path::PathBuf};

use serde_json::Value;

use crate::support::{
    program::{Done, NOWHERE, tokscope},
    stage,
};

fn data(name: &str) -> String {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/vectors/cases").join(name);
    fs::read_to_string(path).unwrap()
}

/// What `tokscope decode --json` says of a text: each token.
fn decode(text: &str) -> Vec<Value> {
    let (stdout, stderr, code) = run(&["decode", "--json", "--now=2026-11-26T06:30:00Z"], text);
    assert_eq!((stderr.as_str(), code), ("", 0), "{text}");
    let object: Value = serde_json::from_str(&stdout).unwrap();
    match object.get("tokens") {
        Some(tokens) => tokens.as_array().unwrap().clone(),
        None => vec![object],
    }
}

fn run(arguments: &[&str], stdin: &str) -> (String, String, i32) {
    Done::piped(&mut tokscope(NOWHERE, arguments.iter().copied()), stdin).parts()
}

/// A token in one line: `form or format / place / purpose / expires_at or exp / state / what it says`.
fn line(token: &Value) -> String {
    let word = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    let kind = match (&token["format"], &token["type"]) {
        (Value::String(format), _) => format.clone(),
        (_, Value::String(name)) => name.clone(),
        _ => word(&token["form"]),
    };
    let end = match &token["expires_at"] {
        Value::Null => &token["times"]["exp"]["utc"],
        said => said,
    };
    let said = ["sub", "iss", "data", "identifier"].iter().find_map(|name| token["claims"][*name].as_str());
    [&kind, &word(&token["place"]), &word(&token["purpose"]), &word(end), &word(&token["state"]), said.unwrap_or("-")]
        .join(" | ")
}

/// The first table of the reports: each text, and the tokens that are in it.
const CASES: &[(&str, &[&str])] = &[
    ("alb-padded-bare.txt", &["jws | - | - | - | unknown | ada"]),
    ("alb-padded-header-line.txt", &["jws | x-amzn-oidc-data header | - | 2026-11-26T06:22:57Z | expired | 11-22"]),
    ("base64-of-a-jwt.txt", &["jws | base64 | - | - | unknown | system:serviceaccount:default:x"]),
    ("base64-of-a-jwt-wrapped.txt", &["jws | base64 | - | - | unknown | system:serviceaccount:default:x"]),
    ("kubernetes-secret.yml", &["jws | base64 in data.token | - | - | unknown | system:serviceaccount:default:x"]),
    (
        "supabase-cookie.txt",
        &[
            "jws | member access_token | access | 2026-11-26T07:12:08Z | valid-by-time | ada",
            "opaque | member refresh_token | refresh | - | unknown | -",
        ],
    ),
    (
        "supabase-cookie-in-pieces.txt",
        &[
            "jws | member access_token | access | 2026-11-26T07:12:08Z | valid-by-time | ada",
            "opaque | member refresh_token | refresh | - | unknown | -",
        ],
    ),
    ("jwe-in-two-cookies.txt", &["jwe | cookie __Secure-authjs.session-token.0-1 | - | - | unknown | -"]),
    ("jws-in-two-cookies.txt", &["jws | cookie session.0-1 | - | 2026-11-26T07:12:08Z | valid-by-time | ada"]),
    (
        "docker-config.json",
        &[
            "jws | member identitytoken of registry.example.org | - | 2026-11-26T07:12:08Z | valid-by-time | ada",
            "opaque | base64 in auths.gcr.io.auth | access | - | unknown | -",
            "jws | base64 in auths.acr2.azurecr.io.auth | - | 2026-11-26T07:12:08Z | valid-by-time | ada",
        ],
    ),
    ("quoted-printable-mail.txt", &["jws | query parameter token | - | 2026-11-26T07:19:30Z | valid-by-time | ada"]),
    (
        "msal-cache.json",
        &[
            "jws | member secret of h.t-login.windows.net-accesstoken-c-t-s | access | 2026-11-26T07:12:08Z | \
             valid-by-time | ada",
            "jws | member secret of h.t-idtoken | id | 2026-11-26T07:12:08Z | valid-by-time | ada",
            "opaque | member secret of h.t-refreshtoken | refresh | - | unknown | -",
        ],
    ),
    (
        "msal-browser-storage.txt",
        &[
            "jws | member secret | access | 2026-11-26T06:31:09Z | valid-by-time | ada",
            "opaque | member secret | refresh | - | unknown | -",
        ],
    ),
    (
        "aws-sso-cache.json",
        &[
            "opaque | member accessToken | access | 2021-12-11T07:18:18Z | expired | -",
            "jws | member clientSecret | - | 2021-12-20T07:18:18Z | expired | -",
            "opaque | member refreshToken | refresh | - | unknown | -",
        ],
    ),
    ("paseto-v4-public-expired.txt", &["PASETO v4.public | - | - | 2019-01-01T00:00:00Z | expired | x"]),
    ("smart-health-card.txt", &["SMART Health Card | - | - | - | unknown | https://shc.example.org"]),
    ("smart-health-card-numeric.txt", &["SMART Health Card | - | - | - | unknown | https://shc.example.org"]),
    ("dpop-proof.txt", &["DPoP proof | - | - | - | unknown | -"]),
    ("security-event-token.txt", &["security event token | - | - | - | unknown | i"]),
    ("status-list-token.txt", &["status list token | - | - | - | unknown | https://s/1"]),
    ("cwt-base64url.txt", &["CWT | - | - | 2026-11-26T06:38:29Z | valid-by-time | ada"]),
    ("cwt-hex.txt", &["CWT | - | - | 2026-11-26T06:38:29Z | valid-by-time | ada"]),
    ("biscuit.txt", &["Biscuit | - | - | - | unknown | -"]),
    ("macaroon-v2-json.txt", &["macaroon | - | - | 2026-01-01T00:00:00Z | expired | id"]),
    ("fly-macaroon-header.txt", &["Fly.io macaroon | - | - | - | unknown | -"]),
];

#[test]
fn each_report_is_read_right() {
    let mut wrong = Vec::new();
    for (name, expected) in CASES {
        let found: Vec<_> = decode(&data(name)).iter().map(line).collect();
        if found != *expected {
            wrong.push(format!("{name}\n  {}\ninstead of\n  {}", found.join("\n  "), expected.join("\n  ")));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

/// CRLF, blanks around and indentation change nothing; neither does a sentence in front.
#[test]
fn what_surrounds_a_text_changes_nothing() {
    for (name, expected) in CASES {
        let text = data(name);
        let text = text.trim_end();
        for around in [text.replace('\n', "\r\n") + "\r\n", format!("\n\n  {text}\n \n")] {
            let found: Vec<_> = decode(&around).iter().map(line).collect();
            assert_eq!(found, *expected, "{name}: {around:?}");
        }
        let found = decode(&format!("this is what I got:\n\n{text}\n")).len();
        assert_eq!(found, expected.len(), "{name} behind a sentence");
    }
}

/// Every report's file has its row here, or is one that is verified.
#[test]
fn no_report_is_forgotten() {
    let verified = include_str!("verify/cases.rs");
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/vectors/cases");
    let files = fs::read_dir(folder).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap());
    let is_known =
        |file: &str| CASES.iter().any(|(name, _)| *name == file) || verified.contains(&format!("\"{file}\""));
    let forgotten: Vec<_> = files.filter(|file| !is_known(file)).collect();
    assert!(forgotten.is_empty(), "{forgotten:?}");
}

/// The token is copied and verified as it came: padding and all.
#[test]
fn padded_segments_stay_whole() {
    let padded = data("alb-padded-header-line.txt");
    let text = padded.split_once(": ").unwrap().1.trim_end();
    let found = tokscope::token::detect::detect(&padded);
    let token = found[0].inspect();
    assert_eq!(tokscope::secret::ExposeSecret::expose_secret(token.raw()), text);
    let codes: Vec<_> = token.defects().iter().map(|defect| defect.code.as_str()).collect();
    assert_eq!(codes, ["padding", "padding"]);
}

#[test]
fn what_other_formats_say() {
    let one = |name: &str| decode(&data(name)).remove(0);
    let paseto = one("paseto-v4-public-expired.txt");
    assert_eq!(paseto["footer"]["kid"], "zVhMiPBP9fRf2snEcT7gFTioeA9COcNy9DfgL1W60haN");
    assert_eq!(paseto["claims"]["data"], "x");
    let cwt = one("cwt-hex.txt");
    assert_eq!(cwt["header"], serde_json::json!({"alg": "ES256", "kid": "k1"}));
    assert_eq!(cwt["claims"]["iss"], "https://as.example.org");
    assert_eq!(one("cwt-base64url.txt")["claims"], cwt["claims"]);
    let macaroon = one("macaroon-v2-json.txt");
    assert_eq!(macaroon["claims"]["caveats"], serde_json::json!(["time-before 2026-01-01T00:00Z"]));
    let biscuit = one("biscuit.txt");
    assert_eq!(biscuit["claims"]["blocks"][0]["facts"], serde_json::json!(["user(\"1234\")"]));
    let card = one("smart-health-card-numeric.txt");
    assert_eq!(card["claims"]["vc"]["type"][0], "https://smarthealth.cards#health-card");
    assert_eq!(card["findings"], serde_json::json!([]));
    assert_eq!((&card["header"]["zip"], &card["defects"]), (&"DEF".into(), &serde_json::json!([])));
}

/// Types whose specification asks for no `exp`: no finding says that one is missing, and the report says what it is.
#[test]
fn types_that_end_by_other_rules() {
    for (name, title) in [
        ("dpop-proof.txt", "DPoP proof (JWT)"),
        ("security-event-token.txt", "security event token (JWT)"),
        ("status-list-token.txt", "status list token (JWT)"),
    ] {
        let text = data(name);
        let findings = decode(&text).remove(0)["findings"].to_string();
        assert!(!findings.contains("no-exp"), "{name}: {findings}");
        let (stdout, ..) = run(&["decode"], &text);
        assert!(stdout.starts_with(title), "{stdout}");
        // As a line of many, too.
        let (stdout, _, code) = run(&["decode", "--lines"], &text);
        assert!(code == 0 && stdout.starts_with("{\"form\":\"jws\""), "{stdout}");
    }
}

/// What is printed for people says where the token was, what it is, and when it ends.
#[test]
fn the_report_says_where_and_until_when() {
    let said = |name: &str| run(&["decode", "--now=2021-12-11T07:00:18Z"], &data(name)).0;
    let secret = said("kubernetes-secret.yml");
    assert!(secret.starts_with("base64 in data.token\nJWT  fingerprint"), "{secret}");
    let cache = said("aws-sso-cache.json");
    assert!(
        cache.contains("1 of 3  member accessToken\nopaque token") && cache.contains("active: 18m 00s left"),
        "{cache}"
    );
    let (_, _, code) = run(&["decode", "--check", "--now=2021-12-11T07:18:18Z"], &data("aws-sso-cache.json"));
    assert_eq!(code, 1, "an opaque token that has ended is out of time");
    let paseto = said("paseto-v4-public-expired.txt");
    assert!(paseto.contains("\nsignature  decoded, not verified\nstate      expired"), "{paseto}");
    assert!(paseto.starts_with("PASETO v4.public") && paseto.contains("\nfooter\n  kid"), "{paseto}");
    let macaroon = said("macaroon-v2-json.txt");
    assert!(
        macaroon.contains("time-before 2026-01-01T00:00Z") && macaroon.contains("active: 4y 21d left"),
        "{macaroon}"
    );
}
