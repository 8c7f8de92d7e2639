//! `tokscope verify`, the real binary: words, JSON, exit codes.

use std::{fs, os::unix::fs::PermissionsExt as _, path::Path};

use serde_json::{Value, json};

use crate::{
    support::program::{Done, NOWHERE, tokscope},
    verify::{STEPS, issuer::Issuer},
};

fn run(arguments: &[&str], stdin: &str) -> (String, String, i32) {
    let all: Vec<_> = ["verify"].iter().chain(arguments).copied().collect();
    command(&all, stdin, None)
}

/// The binary with these arguments, and the profiles of this folder.
pub(crate) fn command(arguments: &[&str], stdin: &str, config: Option<&Path>) -> (String, String, i32) {
    let mut command = tokscope(config.unwrap_or(Path::new(NOWHERE)), arguments.iter().copied());
    Done::piped(command.env("TOKSCOPE_TEST_SECRET", "lms-secret"), stdin).parts()
}

fn sample() -> String {
    let samples: Value =
        serde_json::from_str(include_str!("../../vectors/openedx-documentation-samples.json")).unwrap();
    samples[0]["response"]["access_token"].as_str().unwrap().to_owned()
}

const SECRET: &str = "--secret=env:TOKSCOPE_TEST_SECRET";
/// 22 seconds before the sample expires.
const BEFORE: &str = "--now=2023-08-16T18:46:56Z";

#[test]
fn the_checklist_in_words() {
    let (stdout, stderr, code) = run(&[SECRET, "--allow-weak-key", "--aud=lms-key", "--iss=other"], &sample());
    assert_eq!((stderr.as_str(), code), ("", 1));
    assert!(stdout.starts_with("valid, but rejected: expired "), "why comes first: {stdout}");
    assert!(stdout.lines().nth(1).unwrap().starts_with("at 20"), "{stdout}");
    for line in [
        "  passed       signature  made by the secret, a secret of 80 bits\n",
        "  passed       aud        it is for lms-key\n",
        "  failed       iss        iss is http://localhost:18000/oauth2; expected other\n",
        "  not checked  nbf        the token has no nbf\n",
        "  failed       exp        expired ",
        "\nnot accepted: exp, iss\n",
        "\nwarning  allowed by option: HS256 takes a secret of at least 32 bytes, but this one has 10 (RFC 7518 §3.2)\n",
    ] {
        assert!(stdout.contains(line), "{line}\nis not in\n{stdout}");
    }
}

#[test]
fn json_has_all_its_keys() {
    let (stdout, stderr, code) = run(&["--json", SECRET, BEFORE], &sample());
    assert_eq!((stderr.as_str(), code), ("", 1));
    let object: Value = serde_json::from_str(&stdout).unwrap();
    let keys: Vec<_> = object.as_object().unwrap().keys().map(String::as_str).collect();
    let all = [
        "accepted",
        "verdict",
        "reason",
        "alg",
        "kid",
        "key",
        "now",
        "leeway",
        "checks",
        "warnings",
        "keys",
        "decryption",
    ];
    assert_eq!(keys, all);
    assert_eq!((&object["accepted"], &object["verdict"]), (&json!(false), &json!("cannot verify")));
    assert_eq!(object["reason"]["source"], "RFC 7518 §3.2");
    assert_eq!((&object["now"], &object["leeway"]), (&json!("2023-08-16T18:46:56Z"), &json!(0)));
    let checks: Vec<_> =
        object["checks"].as_array().unwrap().iter().map(|check| check["check"].as_str().unwrap()).collect();
    assert_eq!(checks, STEPS);
    assert_eq!(object["keys"], json!([{"name": "the secret", "kid": null, "error": null}]));
    let (stdout, _, code) = run(&["--json", SECRET, BEFORE, "--allow-weak-key"], &sample());
    let object: Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!((&object["accepted"], &object["key"], code), (&json!(true), &json!("the secret"), 0));
}

#[test]
fn exit_codes() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, contents: &[u8], mode: u32| {
        let path = folder.path().join(name);
        fs::write(&path, contents).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let issuer = Issuer::new("ES256");
    let token = issuer.sign(r#"{"alg":"ES256"}"#, r#"{"exp":2000,"aud":"api"}"#);
    let key = file("key.der", &issuer.public(), 0o644);
    let junk = file("junk", b"lms-secret", 0o600);
    let open = file("open", b"lms-secret", 0o644);
    let check = |arguments: &[&str], token: &str, expected: i32| {
        let (stdout, stderr, code) = run(arguments, token);
        assert_eq!(code, expected, "{arguments:?}: {stdout}{stderr}");
        assert_eq!((stdout.is_empty(), stderr.starts_with("error: ")), (code == 2, code == 2), "{stdout}{stderr}");
        assert!(!stderr.contains("lms-secret"), "{stderr}");
    };
    check(&["--key", &key, "--now=1999"], &token, 0);
    check(&["--key", &format!("file:{key}"), "--now=1999", "--aud=api", "--alg=ES256"], &token, 0);
    check(&["--key", &key, "--now=2000"], &token, 1);
    check(&["--key", &key, "--now=2000", "--leeway=1"], &token, 0);
    check(&["--key", &key, "--now=1999", "--aud=you"], &token, 1);
    check(&["--key", &key, "--now=1999", "--alg=RS256"], &token, 1);
    check(&["--now=1999"], &token, 1);
    check(&["--secret", &format!("file:{junk}"), "--allow-weak-key", BEFORE], &sample(), 0);
    check(&["--secret", &format!("file:{open}"), "--allow-weak-key", BEFORE], &sample(), 2);
    check(&["--secret=lms-secret"], &sample(), 2);
    check(&["--secret=prompt"], &sample(), 2);
    check(&["--secret=env:TOKSCOPE_NO_SUCH_VARIABLE"], &sample(), 2);
    check(&[SECRET, "--secret-encoding=hex"], &sample(), 2);
    check(&["--key", &junk], &token, 2);
    check(&["--key=/no/such/key"], &token, 2);
    check(&["--key", &key, "--alg=none"], &token, 2);
    check(&["--key", &key], "hello", 2);
    let (stdout, _, code) = run(&["--secret=plain:lms-secret", "--allow-weak-key", BEFORE], &sample());
    assert!(code == 0 && stdout.contains("warning  the secret was an argument"), "{stdout}");
}

/// What a terminal would act on reaches neither output, wherever it comes from.
#[test]
fn hostile_text_is_made_visible() {
    let issuer = Issuer::new("HS256");
    let hostile = "\u{202e}\u{200b}\u{e0041}\u{9b}31m";
    let escape = "\\u001b]0;x\\u0007";
    let payload = format!(r#"{{"iss":"{hostile}{escape}","aud":["{hostile}"],"exp":"{escape}","scope":"{hostile}"}}"#);
    for header in [
        format!(r#"{{"alg":"HS256","kid":"{hostile}{escape}","typ":"{hostile}"}}"#),
        format!(r#"{{"alg":"{hostile}{escape}"}}"#),
        format!(r#"{{"alg":"HS256","crit":["{hostile}{escape}"]}}"#),
    ] {
        let token = issuer.sign(&header, &payload);
        let jwk = format!(r#"{{"keys":[{{"kty":"{hostile}{escape}","kid":"{hostile}"}}]}}"#);
        let file = tempfile::Builder::new().prefix("a\u{202e}b").tempfile().unwrap();
        fs::write(file.path(), jwk).unwrap();
        for more in [&["--json"][..], &[], &["--iss=x", "--aud=x", "--typ=x", "--scope=x", "--ignore-kid"]] {
            let arguments = [&["--key", file.path().to_str().unwrap()], more].concat();
            let (stdout, stderr, code) = run(&arguments, &token);
            assert_eq!((stderr.as_str(), code), ("", 1));
            let raw = |c: char| c != '\n' && (c.is_control() || "\u{202e}\u{200b}\u{e0041}".contains(c));
            assert!(!stdout.contains(raw) && stdout.contains("202e"), "{stdout:?}");
        }
    }
}

/// JSON serialization with two signatures, unprotected parameters, and a payload that was sent some other way.
#[test]
fn other_serializations() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        fs::write(&path, bytes).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let (first, second) = (Issuer::new("ES256"), Issuer::new("EdDSA"));
    let one = first.sign(r#"{"alg":"ES256"}"#, r#"{"aud":"api"}"#);
    let two = second.sign(r#"{"alg":"EdDSA"}"#, r#"{"aud":"api"}"#);
    let part = |token: &str, at: usize| token.split('.').nth(at).unwrap().to_owned();
    let signature = |token: &str| json!({"protected": part(token, 0), "signature": part(token, 2), "header": {"x": 1}});
    let both = json!({"payload": part(&one, 1), "signatures": [signature(&one), signature(&two)]}).to_string();
    let (a, b) = (file("a.der", &first.public()), file("b.der", &second.public()));
    let (stdout, stderr, code) = run(&["--key", &a, "--aud=api"], &both);
    assert_eq!((stderr.as_str(), code), ("", 0), "{stdout}");
    for words in
        ["signature 1 of 2\nvalid", "signature 2 of 2\ncannot verify", "general JSON serialization", "changed it: x"]
    {
        assert!(stdout.contains(words), "{words}\nis not in\n{stdout}");
    }
    let (stdout, _, code) = run(&["--json", "--key", &a, "--key", &b], &both);
    let object: Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!((&object["accepted"], code), (&json!(true), 0));
    let verdicts: Vec<_> = (0..2).map(|at| &object["signatures"][at]["verdict"]).collect();
    assert_eq!(verdicts, ["valid", "valid"]);
    // A wrong signature beside a good one.
    let wrong = both.replace(&part(&two, 2), &part(&second.sign("{}", "{}"), 2));
    assert_eq!(run(&["--key", &a, "--key", &b], &wrong).2, 1);
    // Detached.
    let detached = format!("{}..{}", part(&one, 0), part(&one, 2));
    let payload = format!("@{}", file("payload", br#"{"aud":"api"}"#));
    let (stdout, _, code) = run(&["--key", &a, "--payload", &payload], &detached);
    assert!(code == 0 && stdout.contains("its payload detached (RFC 7515 appendix F)"), "{stdout}");
    // Its claims are looked at, too.
    assert_eq!(run(&["--key", &a, "--payload", &payload, "--aud=api"], &detached).2, 0);
    let (stdout, _, code) = run(&["--key", &a, "--payload", &payload, "--aud=other"], &detached);
    assert!(code == 1 && stdout.contains("it is for api; expected other"), "{stdout}");
    assert_eq!(run(&["--key", &a], &detached).2, 1);
    assert_eq!(run(&["--key", &a, "--payload", &payload], &one).2, 1);
    assert_eq!(run(&["-", "--key", &a, "--payload=-"], &detached).2, 2);
    assert_eq!(run(&["--key", &a, "--payload=@/no/such/file"], &detached).2, 2);
    assert_eq!(run(&["--key", &a], r#"{"payload":7,"signature":"x"}"#).2, 2);
}
