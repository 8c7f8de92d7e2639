//! Token revocation (RFC 7009).

use serde_json::Value;
use url::Url;

use super::{
    client::Client,
    refusal::{self, Presented},
};
use crate::{
    auth::{AuthError, Context, Fate, IssuedToken, TokenKind},
    http::{RequestValue, Response},
};

/// Asks the server to revoke one token, with or without a hint of its kind.
///
/// # Errors
/// Only for what concerns the call as a whole: no connection, no client authentication. A server that cannot revoke
/// this kind of token leaves it [`Fate::Alive`].
pub async fn revoke(
    cx: &Context<'_>,
    client: &Client,
    endpoint: &Url,
    token: &IssuedToken,
    hinted: bool,
) -> Result<Fate, AuthError> {
    let mut fields: Vec<(&str, RequestValue)> = vec![("token", (&token.raw).into())];
    let hint = type_hint(token.kind).filter(|_| hinted);
    fields.extend(hint.map(|hint| ("token_type_hint", hint.into())));
    let response = client.post(cx, endpoint, "revocation endpoint", fields).await?;
    if response.is_success() && is_yes(&response) {
        return Ok(Fate::Asked(response.status));
    }
    match error(&response, endpoint) {
        AuthError::Refused { code: Some(code), .. } if code == "unsupported_token_type" => {
            Ok(Fate::Alive("the server cannot revoke this kind of token".to_owned()))
        }
        error => Err(error),
    }
}

/// Whether a success is one. RFC 7009 §2.2 has the body ignored; but a page comes from a portal on the way, and some
/// write an error into a 200. That the token is invalid already is what was wanted.
fn is_yes(response: &Response) -> bool {
    let json = response.json().unwrap_or_default();
    let error = json.get("error").and_then(Value::as_str);
    error.is_none_or(|code| code == "invalid_token") && !response.text().trim_start().starts_with('<')
}

/// What an answer means that is not a success.
pub fn error(response: &Response, endpoint: &Url) -> AuthError {
    match refusal::of(response, Presented::Client, "a revocation response") {
        AuthError::UnexpectedAnswer { status: status @ (404 | 405 | 410), .. } => AuthError::unsupported(
            format!("no revocation endpoint at {endpoint} (HTTP {status}); nothing was revoked"),
            "check revocation_endpoint or the URL in the profile; or ask the server's operator to end the session",
        ),
        error => error,
    }
}

/// `token_type_hint` of RFC 7009 §2.1 and RFC 7662 §2.1.
pub fn type_hint(kind: TokenKind) -> Option<&'static str> {
    match kind {
        TokenKind::Access => Some("access_token"),
        TokenKind::Refresh => Some("refresh_token"),
        TokenKind::Id | TokenKind::Unknown => None,
    }
}
