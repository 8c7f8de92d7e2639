//! Whether the payload is one that a server takes for a JWT's claims set.

use super::StepOutcome;
use crate::token::{DefectCode, Form, Jws, Payload, Token, json::Kind};

/// RFC 7519 §7.2, steps 8 to 10, and §4: a JSON object in which each name is there once. `free`: no JWT is meant.
pub(super) fn outcome(token: &Token, free: bool) -> StepOutcome {
    let Form::Jws(jws) = token.form() else {
        return StepOutcome::NotChecked("there is no readable payload".to_owned());
    };
    let failed = |why: String, fix: &str| StepOutcome::Failed { why, fix: fix.to_owned() };
    match fault(token, jws) {
        None => StepOutcome::Passed("one claims set, without duplicates".to_owned()),
        Some(_) if free => StepOutcome::NotChecked("not a JWT, so the payload may be anything".to_owned()),
        Some(why) => failed(why, "have the issuer write one JSON object in UTF-8, without duplicate names"),
    }
}

fn fault(token: &Token, jws: &Jws) -> Option<String> {
    let claims = match &jws.payload {
        Payload::Bytes(bytes) if bytes.is_empty() => {
            return Some("the payload is empty, so this is not a JWT; give a detached payload separately".to_owned());
        }
        Payload::Bytes(bytes) if bytes.starts_with("\u{feff}".as_bytes()) => {
            return Some("the payload begins with a byte order mark, which JSON forbids (RFC 8259 §8.1)".to_owned());
        }
        Payload::Bytes(_) => return Some("the payload is not JSON, so this is not a JWT (RFC 7519 §7.2)".to_owned()),
        Payload::Claims(claims) => claims,
    };
    if let Some(error) = claims.error() {
        return Some(format!("the claims are not JSON: {error}"));
    }
    if claims.root().is_none_or(|root| root.kind != Kind::Object) {
        return Some("the payload is JSON but not an object, so this is not a JWT (RFC 7519 §7.2)".to_owned());
    }
    let odd = token.defects().iter().find(|defect| match defect.code {
        DefectCode::DuplicateKey => !defect.place.starts_with("header"),
        DefectCode::NotUtf8 => defect.place == "payload",
        _ => false,
    })?;
    Some(format!("{} ({})", odd.text, odd.place))
}
