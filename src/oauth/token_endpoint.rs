//! The token endpoint's answers (RFC 6749 §5), read as they really are: numbers as text, members missing, HTML.

use chrono::TimeDelta;
use serde_json::{Map, Value};

use super::refusal;
pub use super::refusal::Presented;
use crate::{
    auth::{AuthError, IssuedToken, Scheme, TokenKind, TokenSet},
    clock::Timestamp,
    http::Response,
    secret::SecretString,
};

const EXPECTED: &str = "a token response";

/// A successful answer (RFC 6749 §5.1).
#[derive(Debug, Clone)]
pub struct TokenResponse {
    /// The access token. An answer without one is an error, unless it brings a refresh token: that one may exist nowhere
    /// else.
    pub access_token: Option<SecretString>,
    /// `Bearer`, `JWT`: as it was sent. The RFC requires it, servers leave it out.
    pub token_type: Option<String>,
    /// When the access token ends: `expires_in`, counted from when the answer came.
    pub expires_at: Option<Timestamp>,
    /// The refresh token.
    pub refresh_token: Option<SecretString>,
    /// The ID token of OpenID Connect.
    pub id_token: Option<SecretString>,
    /// The granted scope.
    pub scope: Option<String>,
    /// When the answer came.
    pub received_at: Timestamp,
    /// What was odd about it.
    pub remarks: Vec<String>,
}

/// Reads an answer of the token endpoint.
///
/// # Errors
/// [`AuthError::Refused`] for an error answer (§5.2), whatever its status; [`AuthError::RateLimited`];
/// [`AuthError::UnexpectedAnswer`] for everything that is neither.
pub fn read(response: &Response, presented: Presented) -> Result<TokenResponse, AuthError> {
    match response.json() {
        // Tokens are taken whatever stands beside them: some servers write `"error": null`.
        Some(Value::Object(members)) if response.is_success() && (has_token(&members) || !has_error(&members)) => {
            success(response, &members)
        }
        _ => Err(refusal::of(response, presented, EXPECTED)),
    }
}

impl TokenResponse {
    /// The tokens as a set: the access token goes to the API under `scheme`.
    pub fn into_token_set(self, scheme: Scheme) -> TokenSet {
        let access = self.access_token.map(|raw| IssuedToken {
            kind: TokenKind::Access,
            raw,
            expires_at: self.expires_at,
            scheme,
        });
        let other = |kind, raw: SecretString| IssuedToken { kind, raw, expires_at: None, scheme: Scheme::BEARER };
        let refresh = self.refresh_token.map(|raw| other(TokenKind::Refresh, raw));
        let id = self.id_token.map(|raw| other(TokenKind::Id, raw));
        TokenSet {
            tokens: [access, refresh, id].into_iter().flatten().collect(),
            scope: self.scope,
            account: None,
            received_at: self.received_at,
            remarks: self.remarks,
        }
    }
}

fn success(response: &Response, members: &Map<String, Value>) -> Result<TokenResponse, AuthError> {
    let text = |name: &str| members.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    if !has_token(members) {
        return Err(AuthError::of_answer(response, EXPECTED));
    }
    let mut remarks = Vec::new();
    if text("access_token").is_none() {
        remarks.push("the server sent a refresh token and no access token: refresh once more".to_owned());
    }
    let lifetime = members.get("expires_in").filter(|value| !value.is_null());
    let expires_at = lifetime.and_then(seconds).and_then(|span| response.received_at.checked_add_signed(span));
    if let (Some(odd), None) = (lifetime, expires_at) {
        remarks.push(format!("the server's expires_in is no lifetime: {}", response.redacted(&odd.to_string())));
    }
    Ok(TokenResponse {
        access_token: text("access_token").map(Into::into),
        token_type: text("token_type").map(str::to_owned),
        expires_at,
        refresh_token: text("refresh_token").map(Into::into),
        id_token: text("id_token").map(Into::into),
        scope: members.get("scope").and_then(words),
        received_at: response.received_at,
        remarks,
    })
}

/// Whether there is one that must not get lost.
fn has_token(members: &Map<String, Value>) -> bool {
    let text = |name: &str| members.get(name).and_then(Value::as_str).is_some_and(|text| !text.is_empty());
    text("access_token") || text("refresh_token")
}

fn has_error(members: &Map<String, Value>) -> bool {
    members.get("error").is_some_and(|error| !error.is_null())
}

/// A number of seconds, written as a number or as text, with or without a fraction; not negative.
pub(super) fn seconds(value: &Value) -> Option<TimeDelta> {
    let number = match value {
        Value::String(text) => text.trim().parse().ok()?,
        other => other.as_f64()?,
    };
    // 10^12 s are 31,000 years: beyond it only arithmetic overflows.
    (0.0..1e12).contains(&number).then(|| TimeDelta::milliseconds((number * 1e3) as i64))
}

/// A scope: words in one text, or a list of them.
fn words(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Array(items) => Some(items.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" ")),
        _ => None,
    }
    .filter(|scope| !scope.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{clock, secret::ExposeSecret as _};

    fn answer(status: u16, body: &str) -> Response {
        Response::scripted(status, body, clock::parse("2026-11-21T22:00:00Z").unwrap())
    }

    #[test]
    fn answers_are_read_tolerantly() {
        let cases = [
            (r#"{"access_token":"a","expires_in":90}"#, Some("2026-11-21T22:01:30Z")),
            (r#"{"access_token":"a","expires_in":"90"}"#, Some("2026-11-21T22:01:30Z")),
            (r#"{"access_token":"a","expires_in":89.6}"#, Some("2026-11-21T22:01:29.600Z")),
            (r#"{"access_token":"a","expires_in":null}"#, None),
            (r#"{"access_token":"a"}"#, None),
        ];
        for (body, expected) in cases {
            let read = read(&answer(200, body), Presented::Password).unwrap();
            assert_eq!(read.expires_at.map(clock::utc).as_deref(), expected, "{body}");
            assert!(read.remarks.is_empty());
        }
        for odd in ["-1", "1e300", "\"soon\"", "[]"] {
            let body = format!(r#"{{"access_token":"a","expires_in":{odd}}}"#);
            let read = read(&answer(200, &body), Presented::Password).unwrap();
            assert_eq!(read.expires_at, None);
            assert_eq!(read.remarks.len(), 1, "{odd}");
        }
        let all = r#"{"access_token":"a","refresh_token":"r","id_token":"i","scope":["x","y"],"token_type":"bearer"}"#;
        let set = read(&answer(200, all), Presented::Password).unwrap().into_token_set(Scheme::BEARER);
        let kinds: Vec<_> = set.tokens.iter().map(|token| (token.kind, token.raw.expose_secret())).collect();
        assert_eq!(kinds, [(TokenKind::Access, "a"), (TokenKind::Refresh, "r"), (TokenKind::Id, "i")]);
        assert_eq!(set.scope.as_deref(), Some("x y"));
    }

    #[test]
    fn no_refresh_token_is_thrown_away() {
        let kinds = |body: &str| {
            let set = read(&answer(200, body), Presented::RefreshToken).unwrap().into_token_set(Scheme::BEARER);
            (set.tokens.iter().map(|token| token.kind).collect::<Vec<_>>(), set.remarks.len())
        };
        assert_eq!(kinds(r#"{"refresh_token":"r"}"#), (vec![TokenKind::Refresh], 1));
        assert_eq!(kinds(r#"{"access_token":7,"refresh_token":"r","expires_in":{}}"#), (vec![TokenKind::Refresh], 2));
        let both = vec![TokenKind::Access, TokenKind::Refresh];
        assert_eq!(kinds(r#"{"error":null,"access_token":"a","refresh_token":"r"}"#), (both.clone(), 0));
        assert_eq!(kinds(r#"{"error":"","access_token":"a","refresh_token":"r"}"#), (both, 0));
    }

    #[test]
    fn only_a_refused_refresh_token_is_dead() {
        let body = r#"{"error":"invalid_grant","error_description":"Invalid credentials given."}"#;
        for (presented, dead) in [(Presented::Password, false), (Presented::RefreshToken, true)] {
            let error = read(&answer(400, body), presented).unwrap_err();
            let AuthError::Refused { credential_dead, code, message, .. } = &error else { panic!("{error:?}") };
            assert_eq!(*credential_dead, dead);
            assert_eq!(code.as_deref(), Some("invalid_grant"));
            assert_eq!(message.as_deref(), Some("Invalid credentials given."));
            assert!(error.hint().is_some());
        }
        let bare = read(&answer(200, r#"{"error":"server_error"}"#), Presented::RefreshToken).unwrap_err();
        assert_eq!(bare.to_string(), "the server refused: server_error (HTTP 200)");
    }

    #[test]
    fn what_is_no_token_response_is_described() {
        let found = |status, body| match read(&answer(status, body), Presented::Password).unwrap_err() {
            AuthError::UnexpectedAnswer { found, .. } => found,
            other => panic!("{other:?}"),
        };
        assert_eq!(found(200, "<html><title>Sign in</title>"), "an HTML page titled \"Sign in\"");
        assert_eq!(found(200, r#"{"token":"x"}"#), "a JSON object of token");
        assert_eq!(found(200, r#"{"access_token":""}"#), "a JSON object of access_token");
        assert_eq!(found(502, ""), "an empty body");
        assert_eq!(found(200, "not json"), "text that starts with \"not json\"");
        let error = read(&answer(429, "<html>slow down"), Presented::Password).unwrap_err();
        assert_eq!(error, AuthError::RateLimited { status: 429, retry_after: None, words: None });
    }
}
