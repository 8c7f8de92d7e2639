//! `tokscope encode`, the real binary, and back through `decode` and `verify`.

use std::fs;

use serde_json::{Value, json};

use crate::{
    support::program::{Done, NOWHERE, tokscope},
    verify::issuer::Issuer,
};

fn run(arguments: &[&str], stdin: &[u8]) -> (String, String, i32) {
    let mut command = tokscope(NOWHERE, arguments.iter().copied());
    Done::piped(command.env("TOKSCOPE_TEST_SECRET", "0123456789abcdef0123456789abcdef"), stdin).parts()
}

const SECRET: &str = "--secret=env:TOKSCOPE_TEST_SECRET";

fn made(arguments: &[&str], stdin: &str) -> (String, Value) {
    let (token, stderr, code) = run(&[&["encode", "--now=1000"], arguments].concat(), stdin.as_bytes());
    assert_eq!((stderr.as_str(), code), ("", 0), "{arguments:?}");
    assert_eq!(token.lines().count(), 1);
    let (object, ..) = run(&["decode", "--json"], token.as_bytes());
    (token, serde_json::from_str(&object).unwrap())
}

#[test]
fn claims_are_signed_as_they_are_written() {
    let claims = "{ \"n\": 1.50e40,\n  \"a\":1, \"a\" : 2 }";
    let (token, object) = made(&["-", SECRET], &format!("\n{claims}\r\n"));
    assert_eq!(object["header"], json!({"alg": "HS256", "typ": "JWT"}));
    assert_eq!(tokscope::token::Token::inspect(&token).claims().unwrap().text(), claims);
    // The signature is right, and a claim is there twice.
    let (stdout, stderr, code) = run(&["verify", SECRET], token.as_bytes());
    assert!(stdout.starts_with("valid, but rejected: a is duplicated"), "{stdout}");
    assert_eq!((stderr.as_str(), code), ("", 1));
}

#[test]
fn options_set_header_and_dates() {
    let options = ["{\"exp\":1,\"sub\":\"ada\"}", SECRET, "--kid=k\"1", "--typ=at+jwt", "--header=x5t=[1]"];
    let dates = ["--iat=now", "--exp=+15m", "--nbf", "-1h"];
    let (token, object) = made(&[&options[..], &dates].concat(), "");
    assert_eq!(object["header"], json!({"alg": "HS256", "typ": "at+jwt", "kid": "k\"1", "x5t": [1]}));
    let claims = tokscope::token::Token::inspect(&token).claims().unwrap().text().to_owned();
    assert_eq!(claims, "{\"exp\":1900,\"sub\":\"ada\",\"iat\":1000,\"nbf\":-2600}");
    let (_, object) = made(&["{}", SECRET, "--exp=2026-11-21T21:35:38Z", "--typ="], "");
    assert_eq!(object["claims"], json!({"exp": 1_795_296_938}));
    assert_eq!(object["header"], json!({"alg": "HS256"}));
}

#[test]
fn private_keys_sign_and_their_public_keys_verify() {
    let folder = tempfile::tempdir().unwrap();
    for alg in ["RS256", "ES256", "ES512", "EdDSA"] {
        let issuer = Issuer::new(alg);
        let file = |name: &str, bytes: Vec<u8>| {
            let path = folder.path().join(name);
            fs::write(&path, bytes).unwrap();
            path.to_str().unwrap().to_owned()
        };
        let (private, public) = (file("private.der", issuer.private()), file("public.der", issuer.public()));
        // Nobody says which algorithm: the key does.
        let (token, object) = made(&["{\"aud\":\"api\"}", "--key", &private], "");
        assert_eq!(object["header"]["alg"], alg);
        let (_, stderr, code) = run(&["verify", "--key", &public, "--aud=api"], token.as_bytes());
        assert_eq!((stderr.as_str(), code), ("", 0), "{alg}");
        let (stdout, stderr, code) = run(&["encode", "{}", "--key", &public], b"");
        assert_eq!((stdout.as_str(), code), ("", 2));
        assert!(stderr.contains("it is a public key"), "{stderr}");
    }
}

#[test]
fn an_unsecured_token_is_asked_for_by_name() {
    let (token, object) = made(&["{\"sub\":\"ada\"}", "--alg=none"], "");
    assert!(token.ends_with(".\n") && object["header"]["alg"] == "none", "{token}");
    let (stdout, _, code) = run(&["verify"], token.as_bytes());
    assert!(code == 1 && stdout.starts_with("cannot verify"), "{stdout}");
}

#[test]
fn trouble_leaves_standard_output_empty() {
    let check = |arguments: &[&str], stdin: &[u8], words: &str| {
        let (stdout, stderr, code) = run(&[&["encode"], arguments].concat(), stdin);
        assert_eq!((stdout.as_str(), code), ("", 2), "{arguments:?}");
        assert!(stderr.starts_with("error: ") && stderr.contains(words), "{words}\nis not in\n{stderr}");
        assert!(!stderr.contains("0123456789abcdef"), "{stderr}");
    };
    check(&["{}"], b"", "no key to sign with");
    check(
        &["{\"a\":1\n\"b\":2}", SECRET],
        b"",
        "the argument: the claims are not JSON at line 2, column 1: missing comma or }",
    );
    check(&["-", SECRET], b"[]", "the claims must be a JSON object");
    check(&["-", SECRET], b"{\"a\":\"\xff\"}", "not UTF-8 at byte 6");
    check(&["@/no/such/file", SECRET], b"", "cannot read /no/such/file");
    check(&["{}", SECRET, "--alg=HS512"], b"", "at least 64 bytes, but this one has 32 (RFC 7518 §3.2)");
    check(&["{}", SECRET, "--alg=RS256"], b"", "RS256 takes an RSA key");
    check(&["{}", SECRET, "--alg=none"], b"", "alg none does not take a key");
    check(&["{}", SECRET, "--alg=HS1"], b"", "use one of HS256");
    check(&["{}", SECRET, "--header=cty=JWT"], b"", "the value is not JSON");
    check(&["{}", SECRET, "--header=alg=\"none\""], b"", "use --alg for the algorithm");
    check(&["{}", SECRET, "--exp=soon"], b"", "not a time; try: ");
    check(&["{}", SECRET, "--exp=+99999999999999d"], b"", "not a time; try: ");
    check(&["{}", "--secret=0123456789abcdef0123456789abcdef"], b"", "does not name a source");
    let weak = ["encode", "{}", SECRET, "--alg=HS512", "--allow-weak-key"];
    let (token, stderr, code) = run(&weak, b"");
    assert!(code == 0 && token.contains('.') && stderr.starts_with("warning: allowed by option"), "{stderr}");
}
