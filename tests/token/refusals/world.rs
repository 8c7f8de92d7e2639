//! Makes of a case its token, its answer, and what the user has at hand.

use std::fs;

use aws_lc_rs::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair},
};
use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE, URL_SAFE_NO_PAD},
};
use reqwest::header::{HeaderName, HeaderValue};
use serde_json::Value;
use tokscope::{clock, http::Response};

use crate::verify::{binary::command, issuer::Issuer};

/// When all of it happens, by our clock.
const NOW: &str = "2026-06-01T12:00:00Z";

/// A token, and who signed it.
pub(super) struct Made {
    pub(super) token: String,
    issuer: Issuer,
}

impl Made {
    pub(super) fn of(case: &Value) -> Self {
        let wanted = &case["token"];
        let signed = wanted["signed"].as_str().unwrap_or("text:another-secret-of-this-contest-0123456789");
        let issuer = match signed.split_once(':') {
            Some(("text", secret)) => Issuer::secret(secret.as_bytes()),
            Some(("base64", secret)) => Issuer::secret(&STANDARD.decode(secret).unwrap()),
            _ if signed == "rsa" => Issuer::new("RS256"),
            _ => Issuer::new("ES256"),
        };
        if let Some(raw) = wanted["raw"].as_str() {
            return Self { token: raw.to_owned(), issuer };
        }
        let (header, claims) = (wanted["header"].to_string(), wanted["claims"].to_string());
        let mut token = issuer.sign(&header, &claims);
        if wanted["padded"] == true {
            token = [header.as_bytes(), claims.as_bytes(), &[7; 64]].map(|part| URL_SAFE.encode(part)).join(".");
            assert!(token.contains('='), "{token}");
        }
        if signed == "der" {
            let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &issuer.private()).unwrap();
            let (message, _) = token.rsplit_once('.').unwrap();
            let signature = pair.sign(&SystemRandom::new(), message.as_bytes()).unwrap();
            token = format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature));
        }
        Self { token, issuer }
    }
}

/// The server's answer.
pub(super) fn response(case: &Value) -> Response {
    let answer = &case["answer"];
    let status = answer["status"].as_u64().and_then(|status| u16::try_from(status).ok()).unwrap();
    let mut response = Response::scripted(status, answer["body"].as_str().unwrap(), clock::parse(NOW).unwrap());
    for (name, value) in answer["headers"].as_object().into_iter().flatten() {
        let value = HeaderValue::from_str(value.as_str().unwrap()).unwrap();
        response.headers.insert(HeaderName::from_bytes(name.as_bytes()).unwrap(), value);
    }
    response
}

/// The first line of `tokscope verify`, the real binary, with the key or secret that the user has.
pub(super) fn first_of_verify(case: &Value, made: &Made) -> String {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("key");
    let given = match (case["key"].as_str(), case["secret"].as_str()) {
        (Some("own"), _) => {
            fs::write(&path, made.issuer.public()).unwrap();
            format!("--key={}", path.display())
        }
        // A key set that the issuer published before.
        (Some("rolled"), _) => {
            let public = Issuer::new("ES256").public();
            let [x, y] = [32..64, 0..32].map(|end| {
                let at = public.len() - end.end;
                URL_SAFE_NO_PAD.encode(&public[at..at + 32])
            });
            let key = serde_json::json!({"kty": "EC", "crv": "P-256", "kid": "old", "x": x, "y": y});
            fs::write(&path, serde_json::json!({"keys": [key]}).to_string()).unwrap();
            format!("--key={}", path.display())
        }
        (None, Some(secret)) => format!("--secret=plain:{secret}"),
        other => panic!("nothing to verify with: {other:?}"),
    };
    let (stdout, stderr, _) = command(&["verify", &given, &format!("--now={NOW}")], &made.token, None);
    stdout.lines().next().unwrap_or_else(|| panic!("{stderr}")).to_owned()
}
