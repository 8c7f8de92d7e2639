//! The real binary: standard output, standard error, exit codes, pipes.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::{
    io::{BufRead as _, BufReader, Write as _},
    process::{Command, Output, Stdio},
};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use tokscope::tui::app::{key::Key, keymap};

use crate::support::program::{self, Done};

fn tokscope(arguments: &[&str]) -> Command {
    program::tokscope(program::NOWHERE, arguments.iter().copied())
}

fn run(arguments: &[&str], stdin: &[u8]) -> (String, String, i32) {
    Done::piped(&mut tokscope(arguments), stdin).parts()
}

fn jws(header: &str, payload: &str) -> String {
    format!("{}.{}.c2ln", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(payload))
}

fn sample() -> String {
    let samples: Value = serde_json::from_str(include_str!("../vectors/openedx-documentation-samples.json")).unwrap();
    samples[0]["response"]["access_token"].as_str().unwrap().to_owned()
}

/// 22 seconds before the sample expires.
const BEFORE: &str = "--now=2023-08-16T18:46:56Z";

/// What a person types without a zone is in their own, where the clocks are changed, too.
#[test]
fn a_time_is_typed_in_words_and_in_local_time() {
    let seen_as = |time: &str| {
        let mut command = tokscope(&["decode", "--json", "--now", time]);
        // The rules of central Europe, whatever is installed.
        command.env("TZ", "CET-1CEST,M3.5.0,M10.5.0/3");
        let (stdout, stderr, code) = Done::piped(&mut command, sample().as_bytes()).parts();
        assert_eq!(code, 0, "{stderr}");
        stdout
    };
    for (local, utc) in [
        ("2023-08-16 20:46:56", "2023-08-16T18:46:56Z"),
        ("2023-08-16", "2023-08-15T22:00:00Z"),
        ("2026-03-29 02:30", "2026-03-29T01:30:00Z"),
        ("2026-10-25 02:30", "2026-10-25T00:30:00Z"),
        ("2026-10-25 03:30", "2026-10-25T02:30:00Z"),
    ] {
        assert_eq!(seen_as(local), seen_as(utc), "{local}");
    }
    assert_ne!(seen_as("2026-10-25 03:30"), seen_as("2026-10-25T01:30:00Z"));
}

#[test]
fn json_of_the_sample() {
    let (stdout, stderr, code) = run(&["decode", "--json", BEFORE], sample().as_bytes());
    assert_eq!((stderr.as_str(), code), ("", 0));
    let object: Value = serde_json::from_str(&stdout).unwrap();
    let keys: Vec<_> = object.as_object().unwrap().keys().collect();
    assert_eq!(
        keys,
        [
            "place",
            "purpose",
            "expires_at",
            "form",
            "fingerprint",
            "header",
            "claims",
            "payload",
            "signature",
            "times",
            "state",
            "defects",
            "format",
            "type",
            "footer",
            "disclosures",
            "findings",
            "decryption",
            "nested"
        ]
    );
    assert_eq!(object["form"], "jws");
    assert_eq!(object["header"], json!({"alg": "HS256"}));
    let claims: Vec<_> = object["claims"].as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(claims[..5], ["aud", "exp", "grant_type", "iat", "iss"]);
    assert_eq!(claims.len(), 18);
    assert_eq!(object["signature"], json!({"alg": "HS256", "bytes": 32, "verification": "not verified"}));
    let exp = json!({"raw": "1692211638", "utc": "2023-08-16T18:47:18Z", "seconds_left": 22});
    let iat = json!({"raw": "1692208038", "utc": "2023-08-16T17:47:18Z", "seconds_left": -3578});
    assert_eq!(object["times"], json!({"nbf": null, "iat": iat, "exp": exp}));
    assert_eq!((&object["state"], &object["defects"]), (&json!("valid-by-time"), &json!([])));
    let (stdout, _, code) = run(&["decode", "--json", "-"], sample().as_bytes());
    assert_eq!(serde_json::from_str::<Value>(&stdout).unwrap()["state"], "expired");
    assert_eq!(code, 0);
}

/// All that is printed for programs, byte by byte: order, duplicates, digits and escapes are those of the token, and what a
/// terminal would act on is escaped.
#[test]
fn json_byte_by_byte() {
    let claims = concat!(
        r#"{ "z":1, "a":9223372036854775809, "n":1e400, "exp":1.6922116380e9, "a":-0.0, "iat":"1692208038","#,
        r#""s":"\ud800 a\/b "#,
        "\u{202e} \u{200b} e\u{301} ",
        r#"\b", "": {"y":[{}, [ ] ,null ], "b":true,"y":0}, "big":123456789012345678901234567890.10}"#
    );
    let odd = &jws(r#"{"typ":"JWT","alg":"HS256","kid":"\u0041 \"b\"","alg":"ES256"}"#, claims);
    let broken = &jws(r#"{"alg":"HS256"}"#, r#"{"a":[1,{"b":"c"#);
    let text = &jws(r#"{"alg":"none"}"#, "\u{1}\"\u{301}\\ \u{8}\u{c}\u{7f}\u{202e}\u{301}\n").replace("c2ln", "");
    let vector = |vectors: &str, at: usize| serde_json::from_str::<Value>(vectors).unwrap()[at].clone();
    let nested = &vector(include_str!("../vectors/jwe-rfc-examples.json"), 5);
    let signed = &vector(include_str!("../vectors/jws-rfc-examples.json"), 0);
    let dir = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        std::fs::write(dir.path().join(name), text).unwrap();
        dir.path().join(name).to_str().unwrap().to_owned()
    };
    let jwe_key = &file("jwe.json", &json!({"keys": nested["keys"]}).to_string());
    let jws_key = &file("jws.json", &signed["key"].to_string());
    let sd_jwt = include_str!("../vectors/cases/sd-jwt-forged-disclosure.txt");
    let [jwe, jws] = [nested, signed].map(|vector| vector["token"].as_str().unwrap());
    let general = |signature: &str| {
        let parts: Vec<_> = jws.split('.').collect();
        let one = json!({"protected": parts[0], "signature": parts[2]});
        json!({"payload": parts[1], "signatures": [one, {"protected": parts[0], "signature": signature}]}).to_string()
    };
    let cases: &[(&[&str], &str)] = &[
        (&["decode", "--json"], odd),
        (&["decode", "--json"], broken),
        (&["decode", "--json"], text),
        (
            &["decode", "--json"],
            &json!({"access_token": sample(), "refresh_token": "5g92HR0yJ4m51NIIy4djM9ozd44Juftg"}).to_string(),
        ),
        (&["decode", "--json"], sd_jwt),
        (&["decode", "--json"], include_str!("../vectors/cases/paseto-v4-public-expired.txt")),
        (&["decode", "--json"], include_str!("../vectors/cases/macaroon-v2-json.txt")),
        (&["decode", "--json"], include_str!("../vectors/cases/cwt-hex.txt")),
        (&["decode", "--json"], jwe),
        (&["decode", "--json", "--key", jwe_key], jwe),
        (&["decode", "--lines"], &[odd, broken, text, "opaque-opaque-opaque", "", jwe].join("\n")),
        (&["verify", "--json"], jws),
        (&["verify", "--json", "--key", jws_key], jws),
        (&["verify", "--json", "--key", jws_key, "--key", jwe_key], jwe),
        (&["verify", "--json", "--key", jws_key], &general("c2ln")),
        (&["diff", "--json", "-", jws], odd),
        (&["diff", "--json", "-", jws], jws),
    ];
    let mut all = String::new();
    for (arguments, input) in cases {
        let now: &[&str] = if arguments[0] == "diff" { &[] } else { &["--now=2023-08-16T18:46:56.5Z"] };
        let (stdout, stderr, _) = run(&[arguments, now].concat(), input.as_bytes());
        assert_eq!(stderr, "");
        let shown: Vec<_> = arguments.iter().map(|it| it.rsplit('/').next().unwrap()).collect();
        all += &format!("$ {}\n{stdout}\n", shown.join(" ").replace(jws, "TOKEN"));
    }
    snapbox::assert_data_eq!(all, snapbox::file!["../vectors/json.txt"].raw());
}

#[test]
fn readable_output() {
    let claims = r#"{"sub":"feanil","exp":1692211638,"n":9223372036854775809,"n":1e400}"#;
    let (stdout, stderr, code) = run(&["decode", BEFORE], jws(r#"{"alg":"ES256K"}"#, claims).as_bytes());
    assert_eq!((stderr.as_str(), code), ("", 0));
    let fingerprint = stdout.split_whitespace().nth(2).unwrap();
    let expected = format!(
        "\
JWT  fingerprint {fingerprint}
signature  ES256K, 3 bytes: decoded, not verified
state      active: 22s left

header
  alg  \"ES256K\"

claims
  sub  \"feanil\"
  exp  1692211638  2023-08-16 18:47:18 +00:00 · 2023-08-16T18:47:18Z · in 22s
  n    9223372036854775809
  n    1e400

defects
  duplicate-key in /n (byte 99): n is duplicated; programs differ in which value they use

findings
  duplicate-member in /n: a name is duplicated, and programs differ in which value they use (RFC 7519 §4, \
RFC 7515 §4)
  no-aud in /aud: any server that trusts the issuer may accept it (RFC 8725 §3.9, RFC 9700 §2.3)
"
    );
    assert_eq!(stdout, expected);
}

#[test]
fn sources() {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), format!("Authorization: Bearer {}\n", sample())).unwrap();
    let at_file = format!("@{}", file.path().display());
    let token = sample();
    let expected = run(&["decode", "--json", BEFORE], token.as_bytes());
    assert_eq!(run(&["decode", "--json", BEFORE, "-"], token.as_bytes()), expected);
    // The file has a header around it, which is said.
    let (stdout, ..) = run(&["decode", "--json", BEFORE, &at_file], b"");
    let header = r#""place": "Authorization header",
  "purpose": "access""#;
    let plain = "\"place\": null,\n  \"purpose\": null";
    assert_eq!((stdout.replace(header, plain), String::new(), 0), expected);
    assert_eq!(run(&["decode", "--json", BEFORE, &token], b""), expected);
    let wrapped = format!("{}\n{}\n", &token[..400], &token[400..]);
    let (stdout, _, code) = run(&["decode", "--json", BEFORE], wrapped.as_bytes());
    assert_eq!((code, stdout.contains("\"whitespace\"")), (0, true));
}

#[test]
fn several_tokens_in_one_text() {
    let response = json!({"access_token": sample(), "refresh_token": "5g92HR0yJ4m51NIIy4djM9ozd44Juftg"}).to_string();
    let (stdout, stderr, code) = run(&["decode", "--json", BEFORE], response.as_bytes());
    assert_eq!((stderr.as_str(), code), ("", 0));
    let tokens = &serde_json::from_str::<Value>(&stdout).unwrap()["tokens"];
    let keys: Vec<_> = tokens[0].as_object().unwrap().keys().take(4).collect();
    assert_eq!(keys, ["place", "purpose", "expires_at", "form"]);
    assert_eq!([&tokens[0]["place"], &tokens[0]["purpose"]], ["member access_token", "access"]);
    assert_eq!([&tokens[1]["form"], &tokens[1]["purpose"]], ["opaque", "refresh"]);
    let (stdout, _, _) = run(&["decode", BEFORE], response.as_bytes());
    assert!(stdout.starts_with("1 of 2  member access_token\nJWT") && stdout.contains("\n2 of 2  member refresh"));
    assert_eq!(run(&["decode", "--check"], response.as_bytes()).2, 1);
    let (stdout, _, _) = run(&["decode", "--json", BEFORE], format!("Cookie: a=b; jwt={}", sample()).as_bytes());
    assert_eq!(serde_json::from_str::<Value>(&stdout).unwrap()["form"], "jws");
}

#[test]
fn diff_of_two_tokens() {
    let header = r#"{"alg":"RS256"}"#;
    let [first, second] =
        [r#"{"exp":100,"scope":"a b"}"#, r#"{"exp":160,"scope":"a c"}"#].map(|text| jws(header, text));
    let (stdout, stderr, code) = run(&["diff", &first, "-"], second.as_bytes());
    assert_eq!((stderr.as_str(), code), ("", 1));
    assert_eq!(stdout, "~ /scope  \"a b\" → \"a c\"  +c -b\n~ /exp  100 → 160  (+60 s)\n");
    let (stdout, _, code) = run(&["diff", "--json", "-", &second], first.as_bytes());
    let expected = json!({"same": false, "changes": [
        {"place": "/scope", "before": "a b", "after": "a c", "shift_seconds": null, "gained": ["c"], "lost": ["b"]},
        {"place": "/exp", "before": 100, "after": 160, "shift_seconds": 60, "gained": [], "lost": []},
    ]});
    assert_eq!((serde_json::from_str::<Value>(&stdout).unwrap(), code), (expected, 1));
    assert_eq!(run(&["diff", &first, "-"], first.as_bytes()), ("the tokens are identical\n".into(), String::new(), 0));
    assert_eq!(run(&["diff", "-", "-"], first.as_bytes()).2, 2);
    assert_eq!(run(&["diff", &first, "-"], b"none").2, 2);
}

#[test]
fn exit_codes() {
    let check = |arguments: &[&str], stdin: &str, expected: i32| {
        let (stdout, stderr, code) = run(arguments, stdin.as_bytes());
        assert_eq!(code, expected, "{arguments:?} {stdin}: {stderr}");
        assert_eq!(stderr.starts_with("error: "), expected == 2, "{stderr}");
        assert_eq!(stdout.is_empty(), expected == 2, "{stdout}");
    };
    let expires = |claims: &str| jws(r#"{"alg":"HS256"}"#, claims);
    check(&["decode"], &sample(), 0);
    check(&["decode", "--check"], &sample(), 1);
    check(&["decode", "--check", BEFORE], &sample(), 0);
    check(&["decode", "--check", "--now", "100"], &expires(r#"{"exp":100}"#), 1);
    check(&["decode", "--check", "--now", "99"], &expires(r#"{"exp":100}"#), 0);
    check(&["decode", "--check", "--now", "99"], &expires(r#"{"nbf":100}"#), 1);
    check(&["decode", "--check"], &expires(r#"{}"#), 0);
    check(&["decode", "--check"], &expires(r#"{"exp":"soon"}"#), 0);
    check(&["decode"], "5g92HR0yJ4m51NIIy4djM9ozd44Juftg/og+KzyoLy8=", 0);
    check(&["decode"], "hello", 2);
    check(&["decode"], "two words that are no token", 2);
    check(&["decode"], "", 2);
    check(&["decode"], " \n", 2);
    check(&["decode", "@/nowhere/at/all"], "", 2);
    check(&["decode", "--now", "someday"], &sample(), 2);
    check(&["decode", "--wrong"], &sample(), 2);
    check(&["decode", "--lines", "x"], "", 2);
    check(&["token-token-token", "decode"], "", 2);
    check(&["--help"], "", 0);
    check(&["decode", "--help"], "", 0);
    check(&["--version"], "", 0);
    check(&["--verbose"], "", 2);
}

#[test]
fn a_build_says_which_it_is() {
    let (plain, _, code) = run(&["-V"], b"");
    assert_eq!((plain.as_str(), code), (concat!("tokscope ", env!("CARGO_PKG_VERSION"), "\n"), 0));
    let (verbose, ..) = run(&["--version", "--verbose"], b"");
    let lines: Vec<_> =
        verbose.strip_prefix(&plain).unwrap().lines().map(|line| line.split_once(": ").unwrap()).collect();
    assert_eq!(lines.iter().map(|(name, _)| *name).collect::<Vec<_>>(), ["commit", "target", "profile", "features"]);
    assert!(lines[1].1.starts_with(std::env::consts::ARCH), "{verbose}");
    assert!(lines[3].1.contains("secret-service"), "{verbose}");
}

#[test]
fn errors_say_what_to_do() {
    let (_, stderr, _) = run(&["decode", "@/nowhere/at/all"], b"");
    assert!(stderr.contains("/nowhere/at/all") && stderr.contains("\nhint: "), "{stderr}");
    let (_, stderr, _) = run(&["decode"], b"secret-marker");
    assert!(!stderr.contains("secret-marker") && stderr.contains("\nhint: "), "{stderr}");
    // Neither does a complaint about arguments quote a token.
    let (_, stderr, code) = run(&["decode", "-", &sample()], b"");
    assert!(!stderr.contains(&sample()) && stderr.contains("unexpected argument '…'"), "{stderr}");
    assert_eq!(code, 2);
    let (stdout, _, _) = run(&["decode", "--help"], b"");
    assert!(stdout.contains("visible in `ps`"), "{stdout}");
}

/// What a terminal would act on reaches neither output, wherever it comes from.
#[test]
fn hostile_text_is_made_visible() {
    let hostile = "\u{1b}]0;x\u{7}\u{9b}31m\u{202e}\u{200b}\u{e0041}\u{feff}";
    let text = format!("a{hostile}b");
    let payload = format!("{{\"{text}\":\"{text}\",\"sub\":[\"{text}\"],\"exp\":\"{text}\",\"exp\":\"{text}\",}}");
    // As JSON escapes in the claims, raw (except for controls, which JSON has not), and in the header.
    let escaped = |text: &str| text.chars().filter(|c| !c.is_control()).collect::<String>();
    let header = format!("{{\"alg\":\"{0}\",\"kid\":\"{0}\"}}", escaped(&text));
    let escapes = r#"{"\u001b]0;x\u0007":"\u202e\ud800\u001b[2J","exp":"\u001b[2J","a\u202e":1,"a\u202e":2}"#;
    for token in [jws(&header, &escaped(&payload)), jws(&header, escapes), jws(&header, &payload), jws(&header, &text)]
    {
        for arguments in [&["decode"][..], &["decode", "--json"], &["decode", "--lines"]] {
            let (stdout, stderr, code) = run(arguments, token.as_bytes());
            assert_eq!((stderr.as_str(), code), ("", 0));
            assert_clean(&stdout);
            assert!(stdout.contains("202e"), "{stdout}");
        }
    }
    for arguments in [&["decode", &text][..], &["decode", &format!("@{text}")], &["decode", &format!("--{text}")]] {
        let (stdout, stderr, code) = run(arguments, b"");
        assert_eq!((stdout.as_str(), code), ("", 2));
        assert_clean(&stderr);
    }
}

fn assert_clean(output: &str) {
    let raw = |c: char| c != '\n' && (c.is_control() || "\u{202e}\u{200b}\u{e0041}\u{feff}".contains(c));
    assert!(!output.contains(raw), "{output:?}");
}

#[test]
fn colour_only_on_demand() {
    let (plain, _, _) = run(&["decode", BEFORE], sample().as_bytes());
    assert!(!plain.contains('\u{1b}'));
    let (coloured, _, _) = run(&["decode", BEFORE, "--color=always"], sample().as_bytes());
    assert!(coloured.contains("\u{1b}[32mactive"));
    let mut stripped = coloured;
    for code in ["1", "2", "31", "32", "33", "36", "0"] {
        stripped = stripped.replace(&format!("\u{1b}[{code}m"), "");
    }
    assert_eq!(stripped, plain);
}

#[test]
fn lines_are_answered_one_by_one() {
    let mut child = tokscope(&["decode", "--lines", BEFORE]).stdin(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    // Each line is written only after the one before was answered: nothing waits for more input.
    for line in [sample(), "broken".into(), String::new(), sample()] {
        writeln!(stdin, "{line}").unwrap();
        let mut answer = String::new();
        stdout.read_line(&mut answer).unwrap();
        let answer: Value = serde_json::from_str(&answer).unwrap();
        match line.len() {
            0 => assert_eq!(answer, json!({"line": 3, "error": "empty line"})),
            6 => assert_eq!(answer, json!({"line": 2, "error": "not a token"})),
            _ => assert_eq!((&answer["form"], &answer["state"]), (&json!("jws"), &json!("valid-by-time"))),
        }
    }
    drop(stdin);
    assert!(child.wait().unwrap().success());
}

#[test]
fn lines_and_check() {
    let lines = format!("{0}\n{0}\n", sample());
    let code = |arguments: &[&str], lines: &str| run(arguments, lines.as_bytes()).2;
    assert_eq!(code(&["decode", "--lines"], &lines), 0);
    assert_eq!(code(&["decode", "--lines", "--check"], &lines), 1);
    assert_eq!(code(&["decode", "--lines", "--check", BEFORE], &lines), 0);
    assert_eq!(code(&["decode", "--lines"], &format!("x\n{lines}")), 0);
    assert_eq!(code(&["decode", "--lines", "--check"], &format!("x\n{lines}")), 2);
}

/// `tokscope decode --lines | head -1`, with the producer still there.
#[test]
fn a_broken_pipe_is_no_error() {
    let mut child = tokscope(&["decode", "--lines"]).stdin(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    writeln!(stdin, "{}", sample()).unwrap();
    stdout.read_line(&mut String::new()).unwrap();
    drop(stdout);
    // Not just one more line: a child that another test starts in this moment holds our end of the pipe until its exec.
    let ended = (0..100_000).any(|_| writeln!(stdin, "{}", sample()).is_err());
    assert!(ended, "it goes on without a reader");
    let Output { status, stderr, .. } = child.wait_with_output().unwrap();
    assert_eq!((status.code(), stderr.as_slice()), (Some(0), &b""[..]));
    for arguments in [&["decode"][..], &["decode", "--json"]] {
        let mut child = tokscope(arguments).stdin(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let _ = child.stdin.take().unwrap().write_all(sample().as_bytes());
        let Output { status, stderr, .. } = child.wait_with_output().unwrap();
        assert_eq!((status.code(), stderr.as_slice()), (Some(0), &b""[..]));
    }
}

/// The table of keys comes from the terminal program: each command by its name, and a key that can be read again.
#[test]
fn the_keys_are_listed_from_the_one_table() {
    let (stdout, stderr, code) = run(&["keys", "--json"], b"");
    assert_eq!((stderr.as_str(), code), ("", 0));
    let rows: Vec<Value> = serde_json::from_str(&stdout).unwrap();
    assert_eq!(rows.len(), keymap::bindings().count());
    let header = rows.iter().find(|row| row["place"] == "tokens" && row["command"] == "copy-header").unwrap();
    assert_eq!(header["keys"], json!(["a"]));
    assert_eq!(header.as_object().unwrap().keys().collect::<Vec<_>>(), ["place", "command", "keys", "help"]);
    for row in &rows {
        let name = format!("{}.{}", row["place"].as_str().unwrap(), row["command"].as_str().unwrap());
        assert_eq!(keymap::command(&name).unwrap().help, row["help"].as_str().unwrap());
        for key in row["keys"].as_array().unwrap() {
            // One key, or one after another.
            let one = |key: &str| key.parse::<Key>().is_ok();
            assert!(key.as_str().unwrap().split(' ').all(one), "{name}: {key}");
        }
    }
    let (stdout, stderr, code) = run(&["keys"], b"");
    assert_eq!((stderr.as_str(), code), ("", 0));
    assert!(
        stdout.contains("\ntokens\n") && stdout.contains("  copy-header       a               copy the Auth"),
        "{stdout}"
    );
}
