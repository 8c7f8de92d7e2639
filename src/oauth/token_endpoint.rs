//! The token endpoint's answers (RFC 6749 §5), read as they really are: numbers as text, members missing, HTML.

use chrono::TimeDelta;
use serde_json::{Map, Value};

use super::refusal;
pub use super::refusal::Presented;
use crate::{
    auth::{
        AuthError, IssuedToken, Scheme, TokenKind, TokenSet,
        answer::{Answer, text, written},
    },
    clock::{Timestamp, read},
    http::{Oddity, Reading, Response},
    secret::SecretString,
};

const EXPECTED: &str = "a token response";

/// A successful answer (RFC 6749 §5.1).
#[derive(Debug, Clone)]
pub struct TokenResponse {
    /// The access token. An answer without one is an error, unless it brings another token: that may exist nowhere else.
    pub access_token: Option<SecretString>,
    /// `Bearer`, `JWT`: as it was sent. The RFC requires it, servers leave it out.
    pub token_type: Option<String>,
    /// When the access token ends: `expires_in`, counted from when the answer came.
    pub expires_at: Option<Timestamp>,
    /// The refresh token.
    pub refresh_token: Option<SecretString>,
    /// When it ends, where the server says so.
    pub refresh_expires_at: Option<Timestamp>,
    /// The ID token of OpenID Connect.
    pub id_token: Option<SecretString>,
    /// When it ends, where the server says so beside it.
    pub id_expires_at: Option<Timestamp>,
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
    let reading = response.read();
    let refused = || Err(refusal::of(response, presented, EXPECTED));
    let Some(members) = reading.members() else { return refused() };
    let mut answer = Answer::with(members, &TOKENS);
    // Tokens are taken whatever stands beside them: some servers write `"error": null`.
    let is_news = match response.status {
        200..300 => holds_token(&answer),
        500.. => gives_token(response, &answer),
        _ => gives_token(response, &answer) && !has_error(members),
    };
    if !is_news {
        return refused();
    }
    let failed = (!response.is_success()).then_some(Oddity::Failed);
    let reading = Reading { oddities: reading.oddities.iter().copied().chain(failed).collect(), value: None };
    answer.remarks.extend(reading.remark("the server"));
    let error = text(members, "error").map(|code| format!("the server sent an error beside the tokens: {code}"));
    answer.remarks.extend(error.map(|error| response.redacted(&error)));
    success(response, answer)
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
        let other = |kind, raw, expires_at| IssuedToken { kind, raw, expires_at, scheme: Scheme::BEARER };
        let refresh = self.refresh_token.map(|raw| other(TokenKind::Refresh, raw, self.refresh_expires_at));
        let id = self.id_token.map(|raw| other(TokenKind::Id, raw, self.id_expires_at));
        // Where there is no access token, the end of the ID token is that of the session (Azure B2C).
        let tokens = if access.is_some() { [access, refresh, id] } else { [id, refresh, None] };
        TokenSet {
            tokens: tokens.into_iter().flatten().collect(),
            scope: self.scope,
            account: None,
            received_at: self.received_at,
            remarks: self.remarks,
        }
    }
}

const TOKENS: [&str; 3] = ["access_token", "refresh_token", "id_token"];

fn success(response: &Response, mut answer: Answer<'_>) -> Result<TokenResponse, AuthError> {
    let access_token = answer.token(TokenKind::Access, "access_token");
    let refresh_token = answer.token(TokenKind::Refresh, "refresh_token");
    let id_token = answer.token(TokenKind::Id, "id_token");
    if access_token.is_none() && refresh_token.is_none() && id_token.is_none() {
        return Err(AuthError::of_answer(response, EXPECTED));
    }
    let expires_at = answer.end(read::ACCESS, response.received_at);
    let refresh_expires_at = refresh_token.as_ref().and_then(|_| answer.end(read::REFRESH, response.received_at));
    let id_expires_at = id_token.as_ref().and_then(|_| answer.end(read::ID, response.received_at));
    let missing = match (&access_token, &id_token, &refresh_token) {
        (Some(_), _, _) => None,
        (None, Some(_), _) => Some("the server sent an ID token and no access token"),
        (None, None, _) => Some("the server sent a refresh token and no access token: refresh again"),
    };
    answer.remarks.extend(missing.map(str::to_owned));
    let scope = answer.members().get("scope").and_then(words);
    let scope = scope.filter(|scope| answer.bounded("scope", scope.len()));
    Ok(TokenResponse {
        access_token,
        token_type: answer.short("token_type").map(str::to_owned),
        expires_at,
        refresh_token,
        refresh_expires_at,
        id_token,
        id_expires_at,
        scope,
        received_at: response.received_at,
        remarks: answer.remarks,
    })
}

/// Whether there is a token that must not get lost.
fn holds_token(answer: &Answer<'_>) -> bool {
    TOKENS.iter().any(|name| text(answer.members(), name).is_some())
}

/// Whether there is one that we did not send: an answer that says no may repeat what it was shown.
fn gives_token(response: &Response, answer: &Answer<'_>) -> bool {
    TOKENS.iter().any(|name| text(answer.members(), name).is_some_and(|token| !response.is_echo(token)))
}

fn has_error(members: &Map<String, Value>) -> bool {
    members.get("error").is_some_and(|error| !error.is_null())
}

/// A number of seconds, written as a number or as text, with or without a fraction; not negative.
pub(super) fn seconds(value: &Value) -> Option<TimeDelta> {
    read::life(&written(Some(value))?)
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
        assert_eq!(found(200, "not json"), "8 bytes of text that is not JSON");
        let error = read(&answer(429, "<html>slow down"), Presented::Password).unwrap_err();
        assert_eq!(error, AuthError::RateLimited { status: 429, retry_after: None, words: None });
    }
}
