//! The ID token of OpenID Connect: whose it is, whether it belongs to this login, and whether its issuer made it (Core
//! §3.1.3.7). Nothing that is wrong with it costs the tokens beside it: the refresh token among them may exist nowhere else.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::TimeDelta;
use serde_json::Value;

use super::metadata;
use crate::{
    auth::{TokenKind, TokenSet, UnverifiedIdToken},
    clock::Timestamp,
    secret::{ExposeSecret as _, SecretString},
    text::excerpt,
    token::{
        Token,
        verify::{self, key_set::KeySet, policy::Policy},
    },
};

/// By how much clocks may differ where the server does not say what time it has.
const LEEWAY: TimeDelta = TimeDelta::seconds(60);

/// What an ID token has to say.
#[derive(Debug, Clone, Copy)]
pub struct Expected<'a> {
    /// The client that logged in.
    pub client_id: &'a str,
    /// The issuer, where the profile names one; with `{tenantid}` where it is a template.
    pub issuer: Option<&'a str>,
    /// What the authorization request asked it to repeat.
    pub nonce: Option<&'a str>,
    /// How far the server's clock is ahead of ours.
    pub skew: TimeDelta,
}

/// Reads the claims of a set's new ID token, takes the account from it, and remarks upon what is wrong. Its signature is
/// still to be verified.
pub fn received(set: &mut TokenSet, expected: &Expected<'_>) -> Option<UnverifiedIdToken> {
    let raw = set.token(TokenKind::Id)?.raw.clone();
    let faults = match claims(&raw) {
        Some(claims) => {
            let names = ["preferred_username", "email", "sub"];
            set.account = names.into_iter().find_map(|name| text(&claims, name)).map(str::to_owned);
            expected.faults(&claims, set.received_at)
        }
        // Encrypted for the client: only its signature's reader can say more.
        None if raw.expose_secret().split('.').count() == 5 => Vec::new(),
        None => vec!["it is not a JWT with readable claims".to_owned()],
    };
    if !faults.is_empty() {
        set.remarks.push(format!("the ID token is not valid: {}", faults.join("; ")));
    }
    Some(UnverifiedIdToken { raw, faults, jwks_uri: None, may_fetch: false, secret: None })
}

/// Compares the ID token of a refresh with the one before it: it must be about the same user, from the same issuer
/// (OpenID Connect Core §12.2). One that is not is dropped, and the rest of the set stays.
pub fn same_user(set: &mut TokenSet, old: &TokenSet, id_token: &mut UnverifiedIdToken) {
    let before = old.token(TokenKind::Id).and_then(|token| claims(&token.raw));
    let (Some(new), Some(before)) = (claims(&id_token.raw), before) else { return };
    if let Some(claim) = ["iss", "sub"].into_iter().find(|name| new.get(name) != before.get(name)) {
        let fault = format!("it is about a different user (another {claim})");
        set.remarks.push(format!("the new ID token was not saved: {fault}"));
        id_token.faults.push(fault);
        set.tokens.retain(|token| token.kind != TokenKind::Id);
        set.account.clone_from(&old.account);
    }
}

impl Expected<'_> {
    /// What is wrong with the claims of a token that came at this time.
    fn faults(&self, claims: &Value, received_at: Timestamp) -> Vec<String> {
        let mut faults = Vec::new();
        let named = text(claims, "iss").unwrap_or_default();
        // The token's own tenant stands in the place of the template's.
        let issuer = self.issuer.map(|issuer| metadata::of_tenant(issuer, text(claims, "tid")));
        if issuer.is_some_and(|issuer| !metadata::is_issuer(&issuer, named)) {
            faults.push(format!("its iss is not the issuer of the profile: {}", excerpt(named, 400)));
        }
        let is_for_us = match claims.get("aud") {
            Some(Value::Array(several)) => several.iter().any(|one| *one == self.client_id),
            Some(one) => *one == self.client_id,
            None => false,
        };
        if !is_for_us {
            faults.push("its aud does not name this client".to_owned());
        }
        if claims.get("azp").is_some_and(|azp| *azp != self.client_id) {
            faults.push("its azp names another client".to_owned());
        }
        let now = received_at.checked_add_signed(self.skew).unwrap_or(received_at);
        match claims.get("exp").and_then(Value::as_f64) {
            None => faults.push("it has no exp".to_owned()),
            Some(end) if end <= (now - LEEWAY).timestamp() as f64 => {
                faults.push("it had expired when it arrived (exp)".to_owned());
            }
            Some(_) => {}
        }
        match (self.nonce, text(claims, "nonce")) {
            (Some(sent), Some(repeated)) if sent != repeated => {
                faults.push("its nonce belongs to another login".to_owned());
            }
            (Some(_), None) => faults.push("it does not contain the nonce of this login".to_owned()),
            _ => {}
        }
        faults
    }
}

/// What the signature of an ID token is worth.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Authenticity {
    /// One of the keys made it.
    Valid,
    /// It cannot be told, and why.
    NotVerified(String),
    /// The issuer did not make it, and why this is known.
    Invalid(String),
}

/// Verifies the signature with the keys that the issuer publishes, all of them.
pub fn signature(token: &Token, keys: &KeySet) -> Authenticity {
    let verification = verify::verify(token, keys, &Policy::default());
    match verification.verdict {
        // A claim that is there twice may mean this to us and that to the next reader.
        verify::Verdict::Valid => match verification.refused() {
            Some(step) => Authenticity::Invalid(format!("its signature is valid, but servers would reject its {step}")),
            None => Authenticity::Valid,
        },
        verify::Verdict::InvalidSignature => {
            Authenticity::Invalid("none of its issuer's keys made its signature".to_owned())
        }
        verify::Verdict::Malformed(reason) => Authenticity::Invalid(reason.why),
        _ if token.alg().is_some_and(|alg| alg.eq_ignore_ascii_case("none")) => {
            Authenticity::Invalid("it is not signed (alg none)".to_owned())
        }
        verify::Verdict::NotVerified => match token.kid().filter(|_| !keys.entries().is_empty()) {
            Some(kid) => Authenticity::Invalid(format!("its key (kid {kid}) is not among those of its issuer")),
            None => Authenticity::NotVerified("its issuer publishes no keys".to_owned()),
        },
        verify::Verdict::CannotVerify(reason) => Authenticity::NotVerified(reason.why),
    }
}

fn text<'a>(claims: &'a Value, name: &str) -> Option<&'a str> {
    claims.get(name).and_then(Value::as_str)
}

/// The claims of a JWT, decoded and not verified.
pub(super) fn claims(token: &SecretString) -> Option<Value> {
    let payload = token.expose_secret().split('.').nth(1)?;
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).ok()?).ok().filter(Value::is_object)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{
        auth::{IssuedToken, Scheme},
        clock,
    };

    const EXPECTED: Expected<'_> =
        Expected { client_id: "cli", issuer: Some("https://a.example"), nonce: Some("n"), skew: TimeDelta::zero() };

    fn read(raw: String, expected: &Expected<'_>) -> (TokenSet, Vec<String>) {
        let token = IssuedToken { kind: TokenKind::Id, raw: raw.into(), expires_at: None, scheme: Scheme::BEARER };
        let received_at = clock::parse("1000").unwrap();
        let mut set = TokenSet { tokens: vec![token], scope: None, account: None, received_at, remarks: Vec::new() };
        let read = received(&mut set, expected).unwrap();
        assert_eq!(set.remarks.len(), usize::from(!read.faults.is_empty()), "{:?}", set.remarks);
        (set, read.faults)
    }

    fn jwt(claims: &Value) -> String {
        format!("e30.{}.", URL_SAFE_NO_PAD.encode(claims.to_string()))
    }

    /// Good claims with one changed: null takes it out.
    fn faults(name: &str, value: Value, expected: &Expected<'_>) -> Vec<String> {
        let mut claims = json!({"iss": "https://a.example", "aud": ["x", "cli"], "exp": 1300, "sub": "1", "email": "a@b", "nonce": "n"});
        match value {
            Value::Null => _ = claims.as_object_mut().unwrap().remove(name),
            value => claims[name] = value,
        }
        read(jwt(&claims), expected).1
    }

    #[test]
    fn each_claim_is_checked() {
        for (name, good) in [
            ("aud", json!("cli")),
            ("azp", json!("cli")),
            ("exp", json!(941)),
            ("exp", json!(1e300)),
            ("email", Value::Null),
        ] {
            assert_eq!(faults(name, good.clone(), &EXPECTED), [""; 0], "{name} {good}");
        }
        for (name, bad, word) in [
            ("iss", json!("https://a.example/"), "iss"),
            ("iss", Value::Null, "iss"),
            ("aud", json!("x"), "aud"),
            ("aud", Value::Null, "aud"),
            ("azp", json!("x"), "azp"),
            ("exp", json!(940), "expired"),
            ("exp", json!("soon"), "no exp"),
            ("exp", Value::Null, "no exp"),
            ("nonce", json!("other"), "another login"),
            ("nonce", Value::Null, "does not contain"),
        ] {
            let faults = faults(name, bad.clone(), &EXPECTED);
            assert!(faults.len() == 1 && faults[0].contains(word), "{name} {bad}: {faults:?}");
        }
        assert_eq!(faults("nonce", json!("other"), &Expected { nonce: None, ..EXPECTED }), [""; 0], "none was sent");
        assert_eq!(faults("iss", json!("x"), &Expected { issuer: None, ..EXPECTED }), [""; 0], "none is known");
        let behind = Expected { skew: TimeDelta::seconds(-600), ..EXPECTED };
        assert_eq!(faults("exp", json!(400), &behind), [""; 0], "by the server's clock");
        assert_eq!(read("garbage".to_owned(), &EXPECTED).1.len(), 1);
        assert_eq!(read("a.b.c.d.e".to_owned(), &EXPECTED).1, [""; 0]);
    }

    #[test]
    fn a_tenant_is_the_tokens_own() {
        let entra = Expected { issuer: Some("https://login.example/{tenantid}/v2.0"), ..EXPECTED };
        let of = |iss: &str| {
            let claims = json!({"iss": iss, "tid": "t1", "aud": "cli", "exp": 1300, "nonce": "n"});
            read(jwt(&claims), &entra).1.len()
        };
        assert_eq!([of("https://login.example/t1/v2.0"), of("https://login.example/t2/v2.0")], [0, 1]);
    }

    #[test]
    fn a_signature_is_worth_what_the_published_keys_say() {
        let keys = |set: Value| KeySet::read(set.to_string().as_bytes(), "jwks").unwrap();
        let secret = "a-secret-of-this-lab-that-is-long-enough-0123456789";
        let key = URL_SAFE_NO_PAD.encode(secret);
        let known = keys(json!({"keys": [{"kty": "oct", "kid": "k1", "k": key}]}));
        let other = keys(json!({"keys": [{"kty": "oct", "kid": "k1", "k": URL_SAFE_NO_PAD.encode([7; 64])}]}));
        let signed = |kid: &str| {
            let header = jsonwebtoken::Header {
                kid: Some(kid.to_owned()),
                ..jsonwebtoken::Header::new(jsonwebtoken::Algorithm::HS256)
            };
            let key = jsonwebtoken::EncodingKey::from_secret(secret.as_bytes());
            Token::inspect(&jsonwebtoken::encode(&header, &json!({"sub": "1"}), &key).unwrap())
        };
        assert_eq!(signature(&signed("k1"), &known), Authenticity::Valid);
        let twice = {
            let parts =
                [r#"{"alg":"HS256","kid":"k1"}"#, r#"{"sub":"1","sub":"2"}"#].map(|part| URL_SAFE_NO_PAD.encode(part));
            let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, secret.as_bytes());
            let made = aws_lc_rs::hmac::sign(&key, parts.join(".").as_bytes());
            Token::inspect(&format!("{}.{}", parts.join("."), URL_SAFE_NO_PAD.encode(made)))
        };
        assert!(matches!(signature(&twice, &known), Authenticity::Invalid(why) if why.contains("reject")));
        assert!(matches!(signature(&signed("k1"), &other), Authenticity::Invalid(_)));
        assert!(matches!(signature(&signed("k2"), &known), Authenticity::Invalid(why) if why.contains("kid k2")));
        let none = Token::inspect(&format!(
            "{}.{}.",
            URL_SAFE_NO_PAD.encode(r#"{"alg":"none"}"#),
            URL_SAFE_NO_PAD.encode("{}")
        ));
        assert!(matches!(signature(&none, &known), Authenticity::Invalid(why) if why.contains("not signed")));
        assert!(matches!(signature(&signed("k1"), &KeySet::default()), Authenticity::NotVerified(_)));
    }
}
