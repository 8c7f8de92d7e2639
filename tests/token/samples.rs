//! Tokens of the wild: the samples that Open edX and Passwork document, and the worked examples of RFC 7520.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde_json::Value;
use tokscope::{
    clock,
    secret::ExposeSecret as _,
    token::{Form, Payload, Token, json::Json, lifetime::TimeState},
};

fn vectors(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

fn open_edx() -> Vec<String> {
    let samples = vectors(include_str!("../vectors/openedx-documentation-samples.json"));
    let samples = samples.as_array().unwrap().iter();
    samples.map(|sample| sample["response"]["access_token"].as_str().unwrap().to_owned()).collect()
}

fn keys(json: &Json) -> Vec<String> {
    json.children(0).map(|(_, node)| json.key(node).unwrap().into_owned()).collect()
}

#[test]
fn open_edx_samples_decode_in_their_own_order() {
    let tokens = open_edx();
    assert_eq!(tokens.len(), 3);
    for raw in tokens {
        let token = Token::inspect(&raw);
        assert_eq!(token.defects(), []);
        assert_eq!((token.alg().as_deref(), token.typ()), (Some("HS256"), None));
        assert_eq!(token.subject().as_deref(), Some("5c10f66f2d6390b70662c914aae7ef79"));
        let claims = token.claims().unwrap();
        let order = "aud exp grant_type iat iss preferred_username scopes version sub filters is_restricted \
                     email_verified email name family_name given_name administrator superuser";
        assert_eq!(keys(claims).join(" "), order);
        assert_eq!(claims.error(), None);
        assert!(claims.text().starts_with("{\"aud\": \"lms-key\", \"exp\": 16922"));
    }
}

#[test]
fn open_edx_samples_verify_and_are_expired() {
    let key = DecodingKey::from_secret(b"lms-secret");
    let mut validation = Validation::new(Algorithm::HS256);
    validation.set_audience(&["lms-key"]);
    validation.validate_exp = false;
    for raw in open_edx() {
        let verified = jsonwebtoken::decode::<Value>(&raw, &key, &validation).unwrap();
        let token = Token::inspect(&raw);
        assert_eq!(serde_json::from_str::<Value>(&token.claims().unwrap().compact(0)).unwrap(), verified.claims);
        let exp = token.dates().unwrap().exp.clone().unwrap();
        assert_eq!(exp.raw, verified.claims["exp"].to_string());
        assert_eq!(token.lifetime().state(clock::parse("2026-11-21T00:00:00Z").unwrap()), TimeState::Expired);
        assert_eq!(token.lifetime().state(clock::parse("2023-08-16T18:00:00Z").unwrap()), TimeState::ValidByTime);
    }
}

#[test]
fn passwork_sample_is_opaque() {
    let sample = vectors(include_str!("../vectors/passwork-documentation-sample.json"));
    for name in ["accessToken", "refreshToken"] {
        let raw = sample["response"][name].as_str().unwrap();
        let token = Token::inspect(raw);
        assert!(matches!(token.form(), Form::Opaque) && token.is_plausible());
        assert_eq!((token.raw().expose_secret(), token.defects()), (raw, &[][..]));
    }
}

/// Every compact serialization of the cookbook: its header, and its payload where that is not encrypted.
#[test]
fn cookbook() {
    let cases = vectors(include_str!("../vectors/rfc7520-cookbook.json"));
    let (mut jws, mut jwe) = (0, 0);
    for case in cases.as_array().unwrap() {
        let (path, case) = (case["path"].as_str().unwrap(), &case["case"]);
        let Some(raw) = case["output"]["compact"].as_str() else { continue };
        let token = Token::inspect(raw);
        let header = serde_json::from_str::<Value>(&token.header().unwrap().compact(0)).unwrap();
        match token.form() {
            Form::Jws(decoded) => {
                assert_eq!(header, case["signing"]["protected"], "{path}");
                let Payload::Bytes(bytes) = &decoded.payload else { panic!("{path}: the payloads are prose") };
                let detached = raw.contains("..");
                let payload = if detached { "" } else { case["input"]["payload"].as_str().unwrap() };
                assert_eq!(str::from_utf8(bytes), Ok(payload), "{path}");
                let code = if detached { "detached-payload" } else { "no-claims" };
                assert_eq!(token.defects().iter().map(|d| d.code.as_str()).collect::<Vec<_>>(), [code], "{path}");
                jws += 1;
            }
            Form::Jwe(_) => {
                assert_eq!(header, case["encrypting_content"]["protected"], "{path}");
                assert_eq!(token.defects(), [], "{path}");
                jwe += 1;
            }
            Form::Opaque => panic!("{path} is not recognized"),
        }
    }
    assert_eq!((jws, jwe), (7, 10));
}
