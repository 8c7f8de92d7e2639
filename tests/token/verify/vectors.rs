//! Worked examples: RFC 7515, 7519, 7520, 7797, 8037, and what Open edX documents.

use serde_json::Value;
use tokscope::token::{
    Token,
    verify::{key_set::KeySet, policy::Policy, serialization::Serialized, verify, verify_detached},
};

use crate::verify::{failed, issuer::Issuer, verified, word};

fn list(text: &str) -> Vec<Value> {
    serde_json::from_str(text).unwrap()
}

fn keys(jwk: &Value) -> KeySet {
    KeySet::read(jwk.to_string().as_bytes(), "example.json").unwrap()
}

#[test]
fn examples_of_the_rfcs() {
    for example in list(include_str!("../../vectors/jws-rfc-examples.json")) {
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
    for case in list(include_str!("../../vectors/rfc7520-cookbook.json")) {
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
        "rfc7797/hmac-sha2_b64_false.json: valid ",
    ];
    assert_eq!(seen, expected);
}

/// Every JSON serialization, general and flattened, each signature with its own key; the detached ones with their payload.
#[test]
fn json_forms_of_the_cookbook() {
    let mut seen = Vec::new();
    for case in list(include_str!("../../vectors/rfc7520-cookbook.json")) {
        let (path, case) = (case["path"].as_str().unwrap(), &case["case"]);
        if !path.starts_with("jws/") && !path.starts_with("rfc7797/") && path != "curve25519/jws.json" {
            continue;
        }
        let one_key = std::slice::from_ref(&case["input"]["key"]);
        let jwks = case["input"]["key"].as_array().map_or(one_key, Vec::as_slice);
        let payload = case["input"]["payload"].as_str().unwrap();
        for form in ["json", "json_flat"] {
            let Some(json) = case["output"].get(form) else { continue };
            let serialized = Serialized::read(&json.to_string()).unwrap().unwrap();
            for (signature, jwk) in serialized.signatures.iter().zip(jwks) {
                let detached = json.get("payload").is_none().then_some(payload.as_bytes());
                let check = |payload: Option<&[u8]>| signature.verify(payload, &keys(jwk), &Policy::default());
                let verification = check(detached);
                let shape = format!("{:?}", verification.steps[0].outcome);
                let odd: Vec<_> = [("detached", "detached"), ("RFC 7797", "unencoded"), ("flattened", "flat")]
                    .into_iter()
                    .filter_map(|(words, name)| shape.contains(words).then_some(name))
                    .collect();
                let open = signature.unprotected.join(",");
                seen.push(format!("{path}: {} {odd:?} {open}", verification.verdict.as_str()));
                // Another payload is not what was signed; a second one is refused.
                let other = match verification.verdict.as_str() {
                    "valid" if detached.is_some() => "invalid signature",
                    "valid" => "cannot verify",
                    refused => refused,
                };
                assert_eq!(check(Some(b"another")).verdict.as_str(), other, "{path}");
            }
        }
    }
    let mut expected = [
        r#"curve25519/jws.json: valid [] "#,
        r#"curve25519/jws.json: valid ["flat"] "#,
        r#"jws/4_1.rsa_v15_signature.json: valid [] "#,
        r#"jws/4_1.rsa_v15_signature.json: valid ["flat"] "#,
        r#"jws/4_2.rsa-pss_signature.json: valid [] "#,
        r#"jws/4_2.rsa-pss_signature.json: valid ["flat"] "#,
        r#"jws/4_3.ecdsa_signature.json: valid [] "#,
        r#"jws/4_3.ecdsa_signature.json: valid ["flat"] "#,
        r#"jws/4_4.hmac-sha2_integrity_protection.json: valid [] "#,
        r#"jws/4_4.hmac-sha2_integrity_protection.json: valid ["flat"] "#,
        r#"jws/4_5.signature_with_detached_content.json: valid ["detached"] "#,
        r#"jws/4_5.signature_with_detached_content.json: valid ["detached", "flat"] "#,
        r#"jws/4_6.protecting_specific_header_fields.json: valid [] kid"#,
        r#"jws/4_6.protecting_specific_header_fields.json: valid ["flat"] kid"#,
        r#"jws/4_7.protecting_content_only.json: valid [] alg,kid"#,
        r#"jws/4_7.protecting_content_only.json: valid ["flat"] alg,kid"#,
        r#"jws/4_8.multiple_signatures.json: valid [] "#,
        r#"jws/4_8.multiple_signatures.json: valid [] alg,kid"#,
        r#"jws/4_8.multiple_signatures.json: valid [] kid"#,
        // The cookbook forgot crit here, which RFC 7797 §6 demands.
        r#"rfc7797/4.2.hmac-sha2_b64_false.json: malformed [] "#,
        r#"rfc7797/4.2.hmac-sha2_b64_false.json: malformed [] "#,
        r#"rfc7797/hmac-sha2_b64_false.json: valid ["unencoded"] "#,
        r#"rfc7797/hmac-sha2_b64_false.json: valid ["unencoded", "flat"] "#,
    ];
    seen.sort();
    expected.sort_unstable();
    assert_eq!(seen, expected);
}

#[test]
fn detached_payloads_in_compact_serialization() {
    let cases = list(include_str!("../../vectors/rfc7520-cookbook.json"));
    let case =
        &cases.iter().find(|case| case["path"] == "jws/4_5.signature_with_detached_content.json").unwrap()["case"];
    let token = Token::inspect(case["output"]["compact"].as_str().unwrap());
    let payload = case["input"]["payload"].as_str().unwrap().as_bytes();
    let with = |payload: &[u8]| verify_detached(&token, payload, &keys(&case["input"]["key"]), &Policy::default());
    assert_eq!(with(payload).verdict.as_str(), "valid");
    assert_eq!(with(&payload[1..]).verdict.as_str(), "invalid signature");
    // RFC 7797 §4.2, its own example.
    let key =
        r#"{"kty":"oct","k":"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"}"#;
    let token = "eyJhbGciOiJIUzI1NiIsImI2NCI6ZmFsc2UsImNyaXQiOlsiYjY0Il19..A5dxf2s96_n5FLueVuW1Z_vh161FwXZC4YLPff6dmDY";
    let key = KeySet::read(key.as_bytes(), "key.json").unwrap();
    let verification = verify_detached(&Token::inspect(token), b"$.02", &key, &Policy::default());
    assert_eq!(verification.verdict.as_str(), "valid");
    // Not encoded and detached: any bytes.
    let issuer = Issuer::new("HS256");
    let token = issuer.sign_detached(r#"{"alg":"HS256","b64":false,"crit":["b64"]}"#, b"$.02\xff");
    let with = |payload: &[u8]| verify_detached(&Token::inspect(&token), payload, &issuer.keys(), &Policy::default());
    assert_eq!(with(b"$.02\xff").verdict.as_str(), "valid");
    assert_eq!(with(b"$.02").verdict.as_str(), "invalid signature");
    let uncritical = issuer.sign_detached(r#"{"alg":"HS256","b64":false}"#, b"$.02");
    let verdict = verify_detached(&Token::inspect(&uncritical), b"$.02", &issuer.keys(), &Policy::default()).verdict;
    assert_eq!(verdict.reason().unwrap().source, Some("RFC 7797 §6"));
}

#[test]
fn malformed_json_serializations() {
    let issuer = Issuer::new("HS256");
    let compact = issuer.sign(r#"{"alg":"HS256","kid":"k"}"#, "{}");
    let [header, payload, signature]: [&str; 3] = compact.split('.').collect::<Vec<_>>().try_into().unwrap();
    let flat =
        |more: &str| format!(r#"{{"payload":"{payload}","protected":"{header}","signature":"{signature}"{more}}}"#);
    let verdict = |text: &str| match Serialized::read(text) {
        None => "no JWS".to_owned(),
        Some(Err(reason)) => reason.why,
        Some(Ok(read)) => {
            let words = read.signatures.iter().map(|signature| {
                let verdict = signature.verify(None, &issuer.keys(), &Policy::default()).verdict;
                format!("{} {}", verdict.as_str(), verdict.reason().map_or("", |reason| &reason.why))
            });
            words.collect::<Vec<_>>().join(", ")
        }
    };
    assert_eq!(verdict(&flat("")), "valid ");
    assert_eq!(verdict(&flat(r#","header":{"jku":"x"}"#)), "valid ");
    assert_eq!(
        verdict(&flat(r#","header":{"kid":"k"}"#)),
        "malformed header/kid: kid is duplicated; programs differ in which value they use"
    );
    assert_eq!(verdict(&flat(r#","header":{"crit":["x"]}"#)), "malformed crit is not protected by the signature");
    assert_eq!(verdict(&flat(r#","header":{"b64":false}"#)), "malformed b64 is not protected by the signature");
    assert_eq!(verdict(&flat(r#","header":[]"#)), "header is not an object");
    assert_eq!(verdict(&flat(r#","payload":"""#)), "a member is duplicated");
    assert!(verdict(&flat(r#","signatures":[]"#)).contains("also members of the flattened"));
    assert_eq!(verdict(r#"{"payload":"","signatures":[]}"#), "signatures is not a non-empty list");
    assert_eq!(verdict(r#"{"payload":"","signatures":{}}"#), "signatures is not a non-empty list");
    assert_eq!(verdict(r#"{"payload":"","signatures":[7]}"#), "signatures contains something that is not an object");
    assert_eq!(verdict(r#"{"payload":7,"signature":""}"#), "payload is not a string");
    assert_eq!(verdict(r#"{"payload":"","protected":"!","signature":""}"#), "protected is not base64url");
    assert_eq!(
        verdict(r#"{"payload":"","protected":"W10","signature":""}"#),
        "the protected header is not a JSON object"
    );
    assert_eq!(verdict(r#"{"signature":"x"}"#), "no JWS");
    assert_eq!(verdict("[]"), "no JWS");
}

/// The set of all public keys of the cookbook: each token finds its own.
#[test]
fn a_key_set_is_searched_by_kid() {
    let cases = list(include_str!("../../vectors/rfc7520-cookbook.json"));
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
    for sample in list(include_str!("../../vectors/openedx-documentation-samples.json")) {
        let raw = sample["response"]["access_token"].as_str().unwrap();
        let strict = verified(raw, &keys).verdict;
        let reason = strict.reason().unwrap();
        assert_eq!((strict.as_str(), reason.source), ("cannot verify", Some("RFC 7518 §3.2")));
        assert!(reason.why.contains("at least 32 bytes, but this one has 10"), "{}", reason.why);
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
