//! The truth table: what can be wrong with a token, times all algorithms.

use aws_lc_rs::hmac;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use tokscope::token::verify::{Expectations, key_set::KeySet, policy::Policy};

use crate::verify::{
    failed,
    issuer::{ALGORITHMS, Issuer},
    verified, word,
};

const PAYLOAD: &str = r#"{"iss":"https://issuer.example","aud":["api","other"],"nbf":1000,"iat":1000,"exp":2000}"#;
/// Within the token's time.
const NOW: i64 = 1500;

/// Verdict and failed steps, for one who expects the right audience and issuer.
fn cell(token: &str, keys: &KeySet, now: i64) -> (&'static str, Vec<&'static str>) {
    expecting(token, keys, now, "api", "https://issuer.example")
}

fn expecting(token: &str, keys: &KeySet, now: i64, aud: &str, iss: &str) -> (&'static str, Vec<&'static str>) {
    let expect = |expected: &mut Expectations| {
        expected.audiences = vec![aud.to_owned()];
        expected.issuers = vec![iss.to_owned()];
    };
    (word(token, keys), failed(token, keys, &Policy::default(), now, expect))
}

fn header(alg: &str) -> String {
    format!(r#"{{"alg":"{alg}"}}"#)
}

/// A secret, unless the algorithm takes one: then the public key of somebody who signs with RSA.
fn of_another_type(alg: &str) -> KeySet {
    if alg.starts_with("HS") { Issuer::new("RS256").keys() } else { KeySet::secret(&[7; 64], "the secret") }
}

/// Shorter than the algorithm allows: for a curve, another curve.
fn too_short(alg: &str) -> KeySet {
    match alg {
        "HS256" => KeySet::secret(&[7; 31], "short"),
        "HS384" => KeySet::secret(&[7; 47], "short"),
        "HS512" => KeySet::secret(&[7; 63], "short"),
        "ES256" => Issuer::new("ES256K").keys(),
        "ES384" | "ES512" | "ES256K" => Issuer::new("ES256").keys(),
        "EdDSA" | "Ed25519" => {
            let x = URL_SAFE_NO_PAD.encode([7; 31]);
            KeySet::read(format!(r#"{{"kty":"OKP","crv":"Ed25519","x":"{x}"}}"#).as_bytes(), "short").unwrap()
        }
        _ => KeySet::read(include_bytes!("../../vectors/private-keys/weak.pem"), "short").unwrap(),
    }
}

#[test]
fn no_cell_is_wrong() {
    for alg in ALGORITHMS {
        let issuer = Issuer::new(alg);
        let keys = issuer.keys();
        let token = issuer.sign(&header(alg), PAYLOAD);
        let check = |case: &str, cell: (&str, Vec<&str>), word: &str, failed: &[&str]| {
            assert_eq!(cell, (word, failed.to_vec()), "{alg}, {case}");
        };
        check("valid", cell(&token, &keys, NOW), "valid", &[]);
        check("no key", cell(&token, &KeySet::default(), NOW), "not verified", &["key"]);

        let other = issuer.sign(&header(alg), r#"{"sub":"admin"}"#);
        let (start, _) = token.rsplit_once('.').unwrap();
        let (_, signature) = other.rsplit_once('.').unwrap();
        check("tampered", cell(&format!("{start}.{signature}"), &keys, NOW), "invalid signature", &["signature"]);
        check("wrong key", cell(&token, &Issuer::new(alg).keys(), NOW), "invalid signature", &["signature"]);

        check("wrong alg for the key", cell(&token, &of_another_type(alg), NOW), "cannot verify", &["key"]);
        let confused = Issuer::Hmac(hmac::HMAC_SHA256, issuer.public()).sign(&header("HS256"), PAYLOAD);
        if !alg.starts_with("HS") {
            check("public key as secret", cell(&confused, &keys, NOW), "cannot verify", &["key"]);
        }
        check("empty key", cell(&token, &KeySet::secret(b"", "empty"), NOW), "cannot verify", &["key"]);
        check("short key", cell(&token, &too_short(alg), NOW), "cannot verify", &["key"]);

        for none in ["none", "None", "nOnE"] {
            let unsigned = format!("{}.{}.", URL_SAFE_NO_PAD.encode(header(none)), URL_SAFE_NO_PAD.encode(PAYLOAD));
            check("none", cell(&unsigned, &keys, NOW), "cannot verify", &["algorithm"]);
            let signed = issuer.sign(&header(none), PAYLOAD);
            check("none, but signed", cell(&signed, &keys, NOW), "cannot verify", &["algorithm"]);
        }
        let (_, payload) = start.split_once('.').unwrap();
        let swapped = format!("{}.{payload}.{signature}", URL_SAFE_NO_PAD.encode(header("XY256")));
        check("unknown alg", cell(&swapped, &keys, NOW), "cannot verify", &["algorithm"]);
        let crit = issuer.sign(&format!(r#"{{"alg":"{alg}","crit":["exp"],"exp":1}}"#), PAYLOAD);
        check("unknown crit", cell(&crit, &keys, NOW), "cannot verify", &["shape"]);
        let crit = issuer.sign(&format!(r#"{{"alg":"{alg}","crit":[]}}"#), PAYLOAD);
        check("empty crit", cell(&crit, &keys, NOW), "malformed", &["shape"]);

        let b64 = |more: &str| issuer.sign(&format!(r#"{{"alg":"{alg}","crit":["b64"]{more}}}"#), PAYLOAD);
        check("b64 as usual", cell(&b64(r#","b64":true"#), &keys, NOW), "valid", &[]);
        check("no b64", cell(&b64(""), &keys, NOW), "cannot verify", &["shape"]);
        // The payload is taken as it stands: the base64url of claims is no claims set.
        check("b64: false", cell(&b64(r#","b64":false"#), &keys, NOW), "valid", &["payload", "iss", "aud"]);

        check("expired", cell(&token, &keys, 2000), "valid", &["exp"]);
        check("last second", cell(&token, &keys, 1999), "valid", &[]);
        check("not yet valid", cell(&token, &keys, 999), "valid", &["nbf", "iat"]);
        check("wrong aud", expecting(&token, &keys, NOW, "you", "https://issuer.example"), "valid", &["aud"]);
        check("wrong iss", expecting(&token, &keys, NOW, "api", "https://issuer.example/"), "valid", &["iss"]);
        check("cut off", cell(start, &keys, NOW), "malformed", &["shape"]);
        check("empty signature", cell(&format!("{start}."), &keys, NOW), "malformed", &["shape"]);
        // The signature's segment is no part of what is signed.
        let padding = "=".repeat((4 - signature.len() % 4) % 4);
        check("padded", cell(&format!("{token}{padding}"), &keys, NOW), "valid", &[]);
        check("padded too much", cell(&format!("{token}{padding}=="), &keys, NOW), "malformed", &["shape"]);
        let (text, whole) = (format!("{}\n{}", &token[..40], &token[40..]), cell(&token, &keys, NOW));
        check("in pieces", cell(&text, &keys, NOW), whole.0, &["text"]);
        let twice = issuer.sign(&header(alg), &PAYLOAD.replacen('{', r#"{"exp":9999,"#, 1));
        check("a claim twice", cell(&twice, &keys, NOW), "valid", &["payload"]);
    }
}

#[test]
fn a_short_secret_is_used_on_request_and_an_empty_one_never() {
    for (alg, algorithm) in [("HS256", hmac::HMAC_SHA256), ("HS384", hmac::HMAC_SHA384), ("HS512", hmac::HMAC_SHA512)] {
        let weak = Policy { allow_weak_key: true, ..Policy::default() };
        for (secret, expected) in [(&b"lms-secret"[..], "valid"), (b"", "cannot verify")] {
            let issuer = Issuer::Hmac(algorithm, secret.to_vec());
            let token = tokscope::token::Token::inspect(&issuer.sign(&header(alg), PAYLOAD));
            let verification = tokscope::token::verify::verify(&token, &issuer.keys(), &weak);
            assert_eq!(verification.verdict.as_str(), expected, "{alg}");
            assert_eq!(verification.waived.len(), usize::from(expected == "valid"), "{alg}");
            let strict = verified(&issuer.sign(&header(alg), PAYLOAD), &issuer.keys());
            assert_eq!(strict.verdict.reason().unwrap().source, Some("RFC 7518 §3.2"));
        }
    }
}

#[test]
fn leeway_is_counted_in_seconds_on_both_ends() {
    let issuer = Issuer::new("HS256");
    let token = issuer.sign(&header("HS256"), PAYLOAD);
    let at = |now, leeway| failed(&token, &issuer.keys(), &Policy::default(), now, |expected| expected.leeway = leeway);
    assert_eq!(at(2059, 60), [""; 0]);
    assert_eq!(at(2060, 60), ["exp"]);
    assert_eq!(at(940, 60), [""; 0]);
    assert_eq!(at(939, 60), ["nbf", "iat"]);
    assert_eq!(at(-9_000_000_000, u32::MAX), ["nbf", "iat"]);
}

#[test]
fn claims_are_read_as_their_rfcs_have_them() {
    let issuer = Issuer::new("HS256");
    let keys = issuer.keys();
    let check = |header: &str, payload: &str, expect: fn(&mut Expectations), expected: &[&str]| {
        let token = issuer.sign(header, payload);
        assert_eq!(failed(&token, &keys, &Policy::default(), NOW, expect), expected, "{header} {payload}");
    };
    let plain = header("HS256");
    let aud = |expected: &mut Expectations| expected.audiences = vec!["a".to_owned(), "b".to_owned()];
    check(&plain, r#"{"aud":"b"}"#, aud, &[]);
    check(&plain, r#"{"aud":["c","a"]}"#, aud, &[]);
    check(&plain, r#"{"aud":["c"]}"#, aud, &["aud"]);
    check(&plain, r#"{"aud":7}"#, aud, &["aud"]);
    check(&plain, "{}", aud, &["aud"]);
    let typ = |expected: &mut Expectations| expected.typ = Some("at+jwt".to_owned());
    check(r#"{"alg":"HS256","typ":"application/AT+JWT"}"#, "{}", typ, &[]);
    check(r#"{"alg":"HS256","typ":"JWT"}"#, "{}", typ, &["typ"]);
    check(&plain, "{}", typ, &["typ"]);
    let scope = |expected: &mut Expectations| expected.scopes = vec!["read".to_owned(), "write".to_owned()];
    check(&plain, r#"{"scope":"write read"}"#, scope, &[]);
    check(&plain, r#"{"scopes":["read","write","email"]}"#, scope, &[]);
    check(&plain, r#"{"scp":"read"}"#, scope, &["scope"]);
    check(&plain, "{}", scope, &["scope"]);
    check(&plain, r#"{"exp":"soon","nbf":[],"iat":1700000000000}"#, |_| {}, &["exp", "nbf", "iat"]);
    check(&plain, r#"{"client_id":"b"}"#, aud, &[]);
    check(&plain, r#"{"client_id":"c"}"#, aud, &["aud"]);
    check(&plain, r#"{"client_id":"b","aud":"c"}"#, aud, &["aud"]);
    check(&plain, r#"{"client_id":"b","aud":null}"#, aud, &["aud"]);
    check(&plain, r#"{"exp":2000,}"#, |_| {}, &["payload"]);
    check(&plain, "prose", |_| {}, &["payload"]);
    check(&plain, "prose", aud, &["payload", "aud"]);
    check(&plain, "[1]", scope, &["payload", "scope"]);
    check(&plain, "\u{feff}{}", |_| {}, &["payload"]);
    check(&plain, r#"{"a":{"b":1,"b":2}}"#, |_| {}, &["payload"]);
    check(&plain, "", |_| {}, &["payload"]);
}

#[test]
fn only_the_algorithms_that_are_asked_for_are_accepted() {
    let issuer = Issuer::new("RS256");
    let token = issuer.sign(&header("RS256"), PAYLOAD);
    let only = |name: &str| Policy {
        algorithms: vec![tokscope::token::verify::algorithm::Algorithm::named(name).unwrap()],
        ..Policy::default()
    };
    assert_eq!(failed(&token, &issuer.keys(), &only("PS256"), NOW, |_| {}), ["algorithm"]);
    assert_eq!(failed(&token, &issuer.keys(), &only("RS256"), NOW, |_| {}), [""; 0]);
}
