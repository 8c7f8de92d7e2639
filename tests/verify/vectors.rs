//! Worked examples: RFC 7515, 7519, 7520, 7797, 8037, and what Open edX documents.

use serde_json::Value;
use tokscope::token::{
    Token,
    verify::{keys::KeySet, policy::Policy, verify},
};

use crate::{failed, verified, word};

fn list(text: &str) -> Vec<Value> {
    serde_json::from_str(text).unwrap()
}

fn keys(jwk: &Value) -> KeySet {
    KeySet::read(jwk.to_string().as_bytes(), "example.json").unwrap()
}

#[test]
fn examples_of_the_rfcs() {
    for example in list(include_str!("../vectors/jws-rfc-examples.json")) {
        let (token, keys) = (example["token"].as_str().unwrap(), keys(&example["key"]));
        assert_eq!(word(token, &keys), example["verdict"].as_str().unwrap(), "{}", example["from"]);
        // Whatever was signed, not a bit of it can change.
        if example["verdict"] == "valid" {
            let (start, signature) = token.rsplit_once('.').unwrap();
            let other = if signature.starts_with('A') { "B" } else { "A" };
            assert_eq!(word(&format!("{start}.{other}{}", &signature[1..]), &keys), "invalid signature");
        }
    }
}

#[test]
fn compact_forms_of_the_cookbook() {
    let mut seen = Vec::new();
    for case in list(include_str!("../vectors/rfc7520-cookbook.json")) {
        let (path, case) = (case["path"].as_str().unwrap(), &case["case"]);
        let (case, signing) = match path.starts_with("6.") {
            true => (&case["sign"], true),
            false => (case, case.get("signing").is_some()),
        };
        let Some(token) = case["output"]["compact"].as_str().filter(|_| signing) else { continue };
        let verdict = verified(token, &keys(&case["input"]["key"])).verdict;
        let source = verdict.reason().and_then(|reason| reason.source).unwrap_or_default();
        seen.push(format!("{path}: {} {source}", verdict.as_str()));
    }
    seen.sort();
    let expected = [
        "6.nesting_signatures_and_encryption.json: valid ",
        "curve25519/jws.json: valid ",
        "jws/4_1.rsa_v15_signature.json: valid ",
        "jws/4_2.rsa-pss_signature.json: valid ",
        "jws/4_3.ecdsa_signature.json: valid ",
        "jws/4_4.hmac-sha2_integrity_protection.json: valid ",
        "jws/4_5.signature_with_detached_content.json: cannot verify RFC 7515 appendix F",
        "rfc7797/hmac-sha2_b64_false.json: cannot verify RFC 7797 §3",
    ];
    assert_eq!(seen, expected);
}

/// Of the JSON serializations those signatures that a compact one can hold: header and payload are protected.
#[test]
fn json_forms_of_the_cookbook() {
    let mut seen = Vec::new();
    for case in list(include_str!("../vectors/rfc7520-cookbook.json")) {
        let (path, case) = (case["path"].as_str().unwrap(), &case["case"]);
        let json = &case["output"]["json"];
        let (Some(payload), Some(signatures)) = (json["payload"].as_str(), json["signatures"].as_array()) else {
            continue;
        };
        let one_key = std::slice::from_ref(&case["input"]["key"]);
        let jwks = case["input"]["key"].as_array().map_or(one_key, Vec::as_slice);
        for (signature, jwk) in signatures.iter().zip(jwks) {
            let Some(header) = signature["protected"].as_str() else { continue };
            let token = format!("{header}.{payload}.{}", signature["signature"].as_str().unwrap());
            seen.push(format!("{path}: {}", word(&token, &keys(jwk))));
        }
    }
    seen.sort();
    let expected = [
        "curve25519/jws.json: valid",
        "jws/4_1.rsa_v15_signature.json: valid",
        "jws/4_2.rsa-pss_signature.json: valid",
        "jws/4_3.ecdsa_signature.json: valid",
        "jws/4_4.hmac-sha2_integrity_protection.json: valid",
        "jws/4_6.protecting_specific_header_fields.json: valid",
        "jws/4_8.multiple_signatures.json: valid",
        "jws/4_8.multiple_signatures.json: valid",
        "rfc7797/4.2.hmac-sha2_b64_false.json: cannot verify",
        "rfc7797/hmac-sha2_b64_false.json: cannot verify",
    ];
    assert_eq!(seen, expected);
}

/// The set of all public keys of the cookbook: each token finds its own.
#[test]
fn a_key_set_is_searched_by_kid() {
    let cases = list(include_str!("../vectors/rfc7520-cookbook.json"));
    let jwks: Vec<_> = cases.iter().filter(|case| case["path"].as_str().unwrap().starts_with("jwk/")).collect();
    let set = serde_json::json!({"keys": jwks.iter().map(|jwk| &jwk["case"]).collect::<Vec<_>>()});
    let set = KeySet::read(set.to_string().as_bytes(), "jwks.json").unwrap();
    assert_eq!(set.duplicate_kids(), ["bilbo.baggins@hobbiton.example"]);
    let found: Vec<_> = (cases.iter())
        .filter(|case| case["path"].as_str().unwrap().starts_with("jws/4_"))
        .filter_map(|case| case["case"]["output"]["compact"].as_str())
        .filter_map(|token| verified(token, &set).key)
        .collect();
    assert_eq!(found, ["jwks.json, key 3", "jwks.json, key 3", "jwks.json, key 1", "jwks.json, key 5"]);
}

#[test]
fn open_edx_signs_with_a_secret_that_is_too_short() {
    let keys = KeySet::secret(b"lms-secret", "the secret");
    let weak = Policy { allow_weak_key: true, ..Policy::default() };
    for sample in list(include_str!("../vectors/openedx-documentation-samples.json")) {
        let raw = sample["response"]["access_token"].as_str().unwrap();
        let strict = verified(raw, &keys).verdict;
        let reason = strict.reason().unwrap();
        assert_eq!((strict.as_str(), reason.source), ("cannot verify", Some("RFC 7518 §3.2")));
        assert!(reason.why.contains("at least 32 bytes, and this one has 10"), "{}", reason.why);
        let verification = verify(&Token::inspect(raw), &keys, &weak);
        assert_eq!((verification.verdict.as_str(), verification.waived.len()), ("valid", 1));
        let other = KeySet::secret(b"lms-secreT", "the secret");
        assert_eq!(verify(&Token::inspect(raw), &other, &weak).verdict.as_str(), "invalid signature");
        let expect = |expected: &mut tokscope::token::verify::Expectations| {
            expected.audiences = vec!["lms-key".to_owned()];
            expected.issuers = vec!["http://localhost:18000/oauth2".to_owned()];
            expected.scopes = vec!["email".to_owned()];
        };
        assert_eq!(failed(raw, &keys, &weak, 1_692_211_600, expect), [""; 0]);
        assert_eq!(failed(raw, &keys, &weak, 1_795_000_000, expect), ["exp"]);
    }
}
