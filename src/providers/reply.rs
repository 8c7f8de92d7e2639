//! What the systems that do not speak OAuth 2 have in common: JSON replies that may be anything, and words for a no.

use serde_json::{Map, Value};
use url::Url;

use crate::{
    auth::{Acceptance, AuthError, Context, IssuedToken, ProbeVerdict, Scheme, Step, TokenKind, TokenSet},
    clock::Timestamp,
    http::{Request, Response},
    secret::SecretString,
};

/// A call of a system below the URL of a profile: `{url}/console/api/auth/`.
pub(super) fn endpoint(base: &Url, path: &str) -> Url {
    let mut url = base.clone();
    url.set_path(&format!("{}/{path}", base.path().trim_end_matches('/')));
    url.set_query(None);
    url.set_fragment(None);
    url
}

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
    /// Whether the server said anything that this system says.
    pub(super) fn is_silent(&self) -> bool {
        self.code.is_none() && self.message.is_none()
    }

    /// The error for an answer that is not 200. A silent one is no refusal of the system but somebody's page in its
    /// place, unless the status alone is clear.
    pub(super) fn into_error(self, response: &Response, expected: &'static str) -> AuthError {
        match response.status {
            429 => return AuthError::RateLimited { status: 429, retry_after: response.retry_after() },
            503 if response.retry_after().is_some() => {
                return AuthError::RateLimited { status: 503, retry_after: response.retry_after() };
            }
            401 | 403 => {}
            _ if self.is_silent() => return unexpected(response, expected, response.description()),
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
}

/// The answer to "who am I", for a person.
pub(super) fn verdict(response: &Response, account: Option<String>, refusal: &Refusal) -> ProbeVerdict {
    let acceptance = match response.status {
        200..300 => Acceptance::Accepted,
        401 | 403 => Acceptance::Rejected,
        422 if !refusal.is_silent() => Acceptance::Rejected,
        _ => Acceptance::Unclear,
    };
    let said = match (&refusal.code, &refusal.message) {
        (Some(code), Some(message)) => format!("{code}: {message}"),
        (Some(words), None) | (None, Some(words)) => words.clone(),
        (None, None) if acceptance == Acceptance::Accepted => "the server takes this token".to_owned(),
        (None, None) => response.description(),
    };
    let said = response.redacted(&said);
    let detail = match &refusal.hint {
        Some(hint) if acceptance != Acceptance::Accepted => format!("{said}; {hint}"),
        _ => said,
    };
    ProbeVerdict { acceptance, status: response.status, account, detail }
}

/// A token of a reply; `None` where it is missing, empty or no text.
pub(super) fn token(members: &Members, key: &str) -> Option<SecretString> {
    text(members, key).map(SecretString::from)
}

/// A text of a reply; `None` where it is missing, empty or something else.
pub(super) fn text<'a>(members: &'a Members, key: &str) -> Option<&'a str> {
    members.get(key)?.as_str().map(str::trim).filter(|text| !text.is_empty())
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
    fn endpoints_stand_below_the_path_of_the_profile() {
        let at = |base: &str| endpoint(&Url::parse(base).unwrap(), "api/v1/x/").to_string();
        assert_eq!(at("https://a.example"), "https://a.example/api/v1/x/");
        assert_eq!(at("https://a.example:8443/sub/?q#f"), "https://a.example:8443/sub/api/v1/x/");
    }

    #[test]
    fn texts_are_texts_that_say_something() {
        let Value::Object(members) = serde_json::json!({"a": " x ", "b": "", "c": 1, "d": null}) else { panic!() };
        assert_eq!(text(&members, "a"), Some("x"));
        assert_eq!(["b", "c", "d", "e"].map(|key| text(&members, key)), [None; 4]);
    }
}
