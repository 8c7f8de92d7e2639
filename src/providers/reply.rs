//! What the systems that do not speak OAuth 2 have in common: JSON replies that may be anything, and words for a no.

use serde_json::{Map, Value};
use url::Url;

use crate::{
    auth::{Acceptance, AuthError, Context, IssuedToken, ProbeVerdict, Scheme, Step, TokenKind, TokenSet},
    clock::Timestamp,
    http::{Request, Response},
    oauth::resource,
    secret::SecretString,
};

/// The host of a profile's URL, with the port where it is not the scheme's own.
pub(super) fn host_of(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

/// Says whom we talk to, and talks.
pub(super) async fn send(cx: &Context<'_>, request: Request, what: &str) -> Result<Response, AuthError> {
    cx.interaction.report(Step::Contacting(format!("{what} of {}", host_of(&request.url))));
    Ok(cx.http.send(request).await?)
}

/// The members of a JSON object.
pub(super) type Members = Map<String, Value>;

/// The body as a JSON object; anything else is not the answer of this system.
pub(super) fn object(response: &Response, json: Option<Value>, expected: &'static str) -> Result<Members, AuthError> {
    match json {
        Some(Value::Object(members)) => Ok(members),
        _ => Err(unexpected(response, expected, response.description())),
    }
}

/// The answer of somebody else, or of another version.
pub(super) fn unexpected(response: &Response, expected: &'static str, found: String) -> AuthError {
    AuthError::UnexpectedAnswer { host: response.host.clone(), status: response.status, expected, found }
}

/// A no in the system's own words.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Refusal {
    /// The system's code.
    pub(super) code: Option<String>,
    /// Its words.
    pub(super) message: Option<String>,
    /// What the user can do.
    pub(super) hint: Option<String>,
    /// Whether the server said clearly that the credential is dead.
    pub(super) credential_dead: bool,
}

impl Refusal {
    /// Whether the server said nothing that this system says.
    fn is_silent(&self) -> bool {
        self.code.is_none() && self.message.is_none()
    }

    /// The error for an answer that is not 200. A silent one is no refusal of the system but somebody's page in its
    /// place, unless the status alone is clear.
    pub(super) fn into_error(self, response: &Response, expected: &'static str) -> AuthError {
        match AuthError::of_answer(response, expected) {
            limited @ AuthError::RateLimited { .. } => return limited,
            trouble if response.status >= 500 => return trouble,
            other if self.is_silent() && !matches!(response.status, 401 | 403) => return other,
            _ => {}
        }
        let words = |text: Option<String>| text.map(|text| response.redacted(&text));
        AuthError::Refused {
            status: response.status,
            code: words(self.code),
            message: words(self.message),
            hint: self.hint,
            credential_dead: self.credential_dead,
        }
    }

    /// The answer to "who am I" when it is a no, with the system's own reading of it.
    pub(super) fn into_verdict(self, response: &Response) -> Result<ProbeVerdict, AuthError> {
        let verdict = resource::verdict(response)?;
        let said = match (&self.code, &self.message) {
            (Some(code), Some(message)) => response.redacted(&format!("{code}: {message}")),
            (Some(words), None) | (None, Some(words)) => response.redacted(words),
            (None, None) => return Ok(verdict),
        };
        let acceptance = match response.status {
            _ if self.credential_dead => Acceptance::Rejected,
            // What flask-jwt-extended answers to garbage.
            422 => Acceptance::Rejected,
            _ => verdict.acceptance,
        };
        let detail = self.hint.map_or_else(|| said.clone(), |hint| format!("{said}; {hint}"));
        Ok(ProbeVerdict { acceptance, detail, ..verdict })
    }
}

/// A token of a reply; `None` where it is missing, empty or no text.
pub(super) fn token(members: &Members, key: &str) -> Option<SecretString> {
    text(members, key).map(SecretString::from)
}

/// A text of a reply; `None` where it is missing, empty or something else.
pub(super) fn text<'a>(members: &'a Members, key: &str) -> Option<&'a str> {
    members.get(key)?.as_str().map(str::trim).filter(|text| !text.is_empty())
}

/// What to say of a reply with these tokens; `None` where it has neither. A refresh token that came alone is kept: it may
/// exist nowhere else.
pub(super) fn without_access(access: &Option<SecretString>, refresh: &Option<SecretString>) -> Option<Vec<String>> {
    match (access, refresh) {
        (Some(_), _) => Some(Vec::new()),
        (None, Some(_)) => {
            Some(vec!["the server sent a refresh token and no access token: refresh once more".to_owned()])
        }
        (None, None) => None,
    }
}

/// A token that goes to the API as `Bearer`.
pub(super) fn bearer(kind: TokenKind, raw: SecretString, expires_at: Option<Timestamp>) -> IssuedToken {
    IssuedToken { kind, raw, expires_at, scheme: Scheme::BEARER }
}

/// The refresh token that a refresh needs.
pub(super) fn refresh_token(token_set: &TokenSet) -> Result<&IssuedToken, AuthError> {
    token_set.token(TokenKind::Refresh).ok_or_else(|| AuthError::Unsupported {
        what: "this session has no refresh token".to_owned(),
        hint: "log in again".to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_texts_that_say_something() {
        let Value::Object(members) = serde_json::json!({"a": " x ", "b": "", "c": 1, "d": null}) else { panic!() };
        assert_eq!(text(&members, "a"), Some("x"));
        assert_eq!(["b", "c", "d", "e"].map(|key| text(&members, key)), [None; 4]);
    }
}
