//! `tokscope decode` and `tokscope verify` of encrypted tokens, the real binary.

use std::fs;

use serde_json::{Value, json};

use crate::{
    jwe::{
        interop::token,
        seal::{key, seal},
    },
    support::program::{Done, NOWHERE, tokscope},
};

const SECRET: &str = "--secret=env:TOKSCOPE_TEST_SECRET";
const NOW: &str = "--now=1999999000";

fn run(arguments: &[&str], stdin: &str) -> (String, String, i32) {
    let mut command = tokscope(NOWHERE, arguments.iter().copied());
    Done::piped(command.env("TOKSCOPE_TEST_SECRET", "sixteen bytes ok"), stdin).parts()
}

fn claims(claims: &str) -> String {
    seal(r#"{"alg":"dir","enc":"A128GCM","typ":"JWT"}"#, claims.as_bytes())
}

#[test]
fn claims_are_shown() {
    let token = claims(r#"{"sub":"alice","exp":2000000000}"#);
    let (stdout, stderr, code) = run(&["decode", SECRET, NOW, "--check"], &token);
    assert_eq!((stderr.as_str(), code), ("", 0), "{stdout}");
    let fingerprint = stdout.split_whitespace().nth(2).unwrap();
    let expected = format!(
        "\
JWE  fingerprint {fingerprint}
decryption decrypted with the secret
state      active: 16m 40s left

header
  alg  \"dir\"  how the recipient gets the content encryption key
  enc  \"A128GCM\"  how the content is encrypted and authenticated
  typ  \"JWT\"  media type of the whole token

plaintext
  sub  \"alice\"
  exp  2000000000  2033-05-18 03:33:20 +00:00 · 2033-05-18T03:33:20Z · in 16m 40s
"
    );
    assert_eq!(stdout, expected);
    let (_, _, code) = run(&["decode", SECRET, "--now=2000000000", "--check"], &token);
    assert_eq!(code, 1);
}

#[test]
fn without_the_key_it_says_what_would_help() {
    let token = claims("{}");
    let (stdout, stderr, code) = run(&["decode"], &token);
    assert_eq!((stderr.as_str(), code), ("", 0));
    assert!(stdout.starts_with("JWE, encrypted: only its header can be read"), "{stdout}");
    assert!(stdout.contains("\ndecryption no key: no key given\n"), "{stdout}");
    assert!(stdout.contains("private key, or the shared secret\n"), "{stdout}");
    let (stdout, _, code) = run(&["decode", "--secret=plain:seventeen bytes!", "--json"], &token);
    let object: Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!((&object["decryption"]["verdict"], code), (&json!("wrong key"), 0));
    assert_eq!(object["decryption"]["plaintext"], Value::Null);
    assert!(!stdout.contains("seventeen"), "{stdout}");
}

#[test]
fn json_has_all_its_keys() {
    let token = claims(r#"{"sub":"alice","exp":2000000000}"#);
    let (stdout, stderr, code) = run(&["decode", "--json", SECRET, NOW], &token);
    assert_eq!((stderr.as_str(), code), ("", 0));
    assert!(!stdout.contains("sixteen"));
    let object: Value = serde_json::from_str(&stdout).unwrap();
    let keys = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(
        keys(&object)[keys(&object).len() - 4..],
        ["disclosures", "findings", "decryption", "nested"].map(str::to_owned)[..]
    );
    let decryption = &object["decryption"];
    assert_eq!(keys(decryption), ["verdict", "reason", "key", "checks", "cautions", "plaintext"]);
    assert_eq!((&decryption["verdict"], &decryption["key"]), (&json!("decrypted"), &json!("the secret")));
    let plaintext = &decryption["plaintext"];
    assert_eq!(keys(plaintext), ["bytes", "kind", "json", "text", "times", "state"]);
    assert_eq!(plaintext["json"], json!({"sub": "alice", "exp": 2_000_000_000}));
    assert_eq!((&plaintext["kind"], &plaintext["state"]), (&json!("json"), &json!("valid-by-time")));
    assert_eq!(object["nested"], Value::Null);
}

/// RFC 7520 §6: what is signed inside is verified.
#[test]
fn a_nested_token_is_shown_and_verified() {
    let list: Vec<Value> = serde_json::from_str(include_str!("../../vectors/rfc7520-cookbook.json")).unwrap();
    let case = &list.iter().find(|case| case["path"].as_str().unwrap().starts_with("6.")).unwrap()["case"];
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, contents: &Value| {
        let path = folder.path().join(name);
        fs::write(&path, contents.to_string()).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let private = file("private.json", &case["encrypt"]["input"]["key"]);
    let issuer = file("issuer.json", &case["sign"]["input"]["key"]);
    let token = case["encrypt"]["output"]["compact"].as_str().unwrap();

    let (stdout, _, code) = run(&["decode", "--key", &private], token);
    assert_eq!(code, 0);
    assert!(stdout.contains("\ndecryption decrypted with private.json\n"), "{stdout}");
    assert!(stdout.contains("\ninside  JWT  fingerprint "), "{stdout}");
    assert!(stdout.contains("\n  iss  ") && stdout.contains("  \"hobbiton.example\"\n"), "{stdout}");
    let (stdout, _, _) = run(&["decode", "--json", "--key", &private], token);
    let object: Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!(object["decryption"]["plaintext"]["kind"], "token");
    assert_eq!(object["nested"]["claims"]["iss"], "hobbiton.example");

    let verify = |more: &[&str]| run(&[&["verify", "--now=1300819379"], more].concat(), token);
    let (stdout, stderr, code) = verify(&["--key", &private, "--key", &issuer]);
    assert_eq!((stderr.as_str(), code), ("", 0), "{stdout}");
    assert!(stdout.starts_with("decryption decrypted with private.json\nvalid  "), "{stdout}");
    let (stdout, _, code) = verify(&["--key", &private]);
    assert_eq!(code, 1);
    assert!(stdout.contains("\ncannot verify: private.json: the key's use is enc, not sig\n"), "{stdout}");
    let (stdout, _, code) = verify(&["--key", &issuer, "--json"]);
    let object: Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!(
        (&object["verdict"], &object["decryption"]["verdict"], code),
        (&json!("cannot verify"), &json!("cannot decrypt"), 1)
    );
    assert!(object["reason"]["why"].as_str().unwrap().contains("the key's use is sig, not enc"), "{stdout}");
    let (stdout, _, code) = verify(&[]);
    assert_eq!(code, 1);
    assert!(stdout.contains("it is encrypted: no key given"), "{stdout}");
}

#[test]
fn claims_that_nobody_signed_are_not_verified() {
    let (stdout, _, code) = run(&["verify", SECRET], &claims("{}"));
    assert_eq!(code, 1);
    assert!(stdout.contains("unsigned claims: there is no signature to verify"), "{stdout}");
}

#[test]
fn keys_without_use_are_named() {
    let (stdout, _, code) = run(&["decode", SECRET], "eyJhbGciOiJub25lIn0.e30.");
    assert!(code == 0 && stdout.contains("nothing is encrypted"), "{stdout}");
}

#[test]
fn a_general_serialization_is_one_token() {
    let list: Vec<Value> = serde_json::from_str(include_str!("../../vectors/rfc7520-cookbook.json")).unwrap();
    let case = &list.iter().find(|case| case["path"].as_str().unwrap().starts_with("jwe/5_13")).unwrap()["case"];
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("key.json");
    fs::write(&path, json!({"keys": [case["input"]["key"][2]]}).to_string()).unwrap();
    let token = serde_json::to_string_pretty(&case["output"]["json"]).unwrap();
    let (stdout, stderr, code) = run(&["decode", "--key", path.to_str().unwrap()], &token);
    assert_eq!((stderr.as_str(), code), ("", 0));
    assert!(stdout.contains("You can trust us to stick with you"), "{stdout}");
}

#[test]
fn hostile_text_is_made_visible() {
    let hostile = "\u{202e}\u{200b}\u{9b}31m";
    let escape = "\\u001b]0;x\\u0007";
    let header = format!(r#"{{"alg":"dir","enc":"A128GCM","kid":"{hostile}{escape}","{hostile}":1}}"#);
    for inside in [format!("{hostile}\x1b[31m"), format!(r#"{{"a{hostile}":"{hostile}{escape}"}}"#)] {
        for more in
            [&["decode", SECRET][..], &["decode", "--json", SECRET], &["verify", SECRET], &["verify", "--json", SECRET]]
        {
            let (stdout, stderr, code) = run(more, &seal(&header, inside.as_bytes()));
            assert_eq!((stderr.as_str(), code), ("", i32::from(more[0] == "verify")));
            let raw = |c: char| c != '\n' && (c.is_control() || "\u{202e}\u{200b}".contains(c));
            assert!(!stdout.contains(raw), "{stdout:?}");
        }
    }
    let header = format!(r#"{{"alg":"{hostile}","enc":"{escape}","crit":["{hostile}"],"zip":"{hostile}"}}"#);
    let (stdout, _, _) = run(&["decode", SECRET], &seal(&header, b""));
    assert!(!stdout.contains("\u{202e}") && stdout.contains("202e"), "{stdout:?}");
}

#[test]
fn trouble_with_keys_is_named() {
    let token = &token("RSA-OAEP").token;
    let folder = tempfile::tempdir().unwrap();
    let junk = folder.path().join("junk");
    fs::write(&junk, "no key at all").unwrap();
    let (stdout, stderr, code) = run(&["decode", "--key", junk.to_str().unwrap()], token);
    assert_eq!((stdout.as_str(), code), ("", 2));
    assert!(stderr.starts_with("error: junk holds no key") && !stderr.contains("at all"), "{stderr}");
    let (_, stderr, code) = run(&["decode", "--lines", SECRET], token);
    assert!(code == 2 && stderr.contains("--lines"), "{stderr}");
    assert!(!key().entries().is_empty());
}
