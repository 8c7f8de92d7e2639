//! What servers say when they refuse, and what it means: the codes of the RFCs, and the words of those who have their own.

mod words;

use serde_json::Value;

use crate::{
    auth::AuthError,
    http::{Challenge, Response},
};

/// What the request showed the server: it decides what `invalid_grant` or a bare status means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presented {
    /// The user's name and password.
    Password,
    /// Nothing but the client's own credentials.
    Client,
    /// A refresh token.
    RefreshToken,
    /// A code that the user has approved, from a browser or a device.
    Code,
}

/// What an answer means that is not `expected`: the errors of all endpoints have the same form (RFC 6749 §5.2, RFC 7009
/// §2.2.1, RFC 7662 §2.3, RFC 8628 §3.2).
pub fn of(response: &Response, presented: Presented, expected: &'static str) -> AuthError {
    let json = response.json();
    let member = json.as_ref().and_then(|json| json.get("error")).and_then(Value::as_str);
    let error = AuthError::of_answer(response, expected);
    let AuthError::Refused { status, code, message, hint: trouble, .. } = error else { return error };
    let code = member.filter(|code| !code.is_empty()).map(|code| response.redacted(code)).or(code);
    let message = message.filter(|message| code.as_ref() != Some(message));
    let ended = presented == Presented::RefreshToken && ends_session(response, code.as_deref(), message.as_deref());
    let grant = (ended || code.as_deref() == Some("invalid_grant")).then_some(presented);
    let said = message.as_deref().filter(|_| status < 500).and_then(|words| words::hint(words, grant));
    let hint = match &code {
        Some(code) => said.or_else(|| hint(code, presented)).map(str::to_owned).or(trouble),
        None if message.is_none() => Some(bare_hint(response, presented).to_owned()),
        None => said.map(str::to_owned).or(trouble),
    };
    let hint = if ended { hint_of_the_end(hint) } else { hint };
    AuthError::Refused { status, code, message, hint, credential_dead: ended }
}

const LOG_IN: &str = "log in again";

/// The hint for a session that has ended: another cause would be a second opinion.
pub fn hint_of_the_end(hint: Option<String>) -> Option<String> {
    hint.filter(|hint| hint.contains(LOG_IN)).or(Some(LOG_IN.to_owned()))
}

/// The error codes by which a server says that a refresh token is of no more use, whatever its words: without case and
/// punctuation. A code that names the refresh token itself is told by [`speaks_of_the_end`].
const ENDED: [(&str, &str); 9] = [
    ("invalidgrant", "RFC 6749 §5.2"),
    ("invalidtoken", "RFC 6750 §3.1, to a refresh"),
    ("tokennotvalid", "djangorestframework-simplejwt"),
    ("interactionrequired", "OpenID Connect Core §3.1.2.6, Entra ID"),
    ("loginrequired", "OpenID Connect Core §3.1.2.6"),
    ("consentrequired", "OpenID Connect Core §3.1.2.6"),
    ("accountselectionrequired", "OpenID Connect Core §3.1.2.6"),
    ("mfarequired", "Auth0"),
    ("insufficientuserauthentication", "RFC 9470 §3"),
];

/// Whether a refusal of a refresh means that only a new login helps. A server in trouble does not know what it says.
pub fn ends_session(response: &Response, code: Option<&str>, words: Option<&str>) -> bool {
    if response.status >= 500 {
        return false;
    }
    let plain = |code: &str| code.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_lowercase();
    match code.map(plain) {
        Some(code) if ENDED.iter().any(|(ended, _)| *ended == code) => true,
        // GitHub's bad_refresh_token, Slack's invalid_refresh_token, refreshTokenExpired.
        Some(code) if code.contains("refreshtoken") && speaks_of_the_end(&code) => true,
        Some(code) if code == "invalidrequest" => words.is_some_and(is_about_the_token),
        Some(_) => false,
        None if response.is_success() => false,
        None => match words {
            Some(words) => is_about_the_token(words),
            // glewlwyd.
            None => {
                matches!(response.status, 400 | 401)
                    && response.text().trim().is_empty()
                    && !is_about_the_client(response)
            }
        },
    }
}

/// Whether words say that the token which was shown has ended: the refresh token, and nothing else that can end.
fn is_about_the_token(words: &str) -> bool {
    let words = words.to_lowercase();
    let others = ["access token", "access_token", "client", "secret", "certificate", "assertion", "password"];
    let names = ["token", "grant", "session"].iter().any(|name| words.contains(name));
    names && ["expired", "revoked"].iter().any(|end| words.contains(end)) && !others.iter().any(|o| words.contains(o))
}

fn speaks_of_the_end(code: &str) -> bool {
    ["expired", "revoked", "invalid", "bad", "notvalid", "notfound"].iter().any(|end| code.contains(end))
}

/// What the user can do about an error code (RFC 6749 §5.2, RFC 7009 §2.2.1, RFC 8628 §3.5, RFC 9449).
pub fn hint(code: &str, presented: Presented) -> Option<&'static str> {
    Some(match (code, presented) {
        ("invalid_grant", Presented::Password) => {
            "the server does not accept this account: check the user name and the password, and that the account is active"
        }
        ("invalid_grant", Presented::RefreshToken) => "the refresh token is used up, revoked or expired: log in again",
        ("invalid_grant", Presented::Code) => "the code was used before or has expired: log in again",
        ("access_denied" | "authorization_declined", _) => "access was denied in the browser: log in again and approve",
        ("expired_token" | "code_expired", _) => "the code has expired: log in again for a new one",
        (
            "interaction_required"
            | "login_required"
            | "consent_required"
            | "account_selection_required"
            | "mfa_required",
            Presented::RefreshToken,
        ) => "the server requires your approval: log in again",
        ("invalid_target", _) => "the server does not know this resource: check resource and audience",
        ("invalid_client", _) => "the server does not accept the client ID or its secret: check both",
        ("unauthorized_client", _) => "this client may not use this grant: choose another client or grant",
        ("invalid_request", _) => "a field is missing or sent twice: check the profile's settings",
        ("invalid_scope", _) => "the server does not grant this scope: ask its operator which scopes the client has",
        ("unsupported_grant_type", _) => "the server does not know this grant: check the URL and the grant",
        ("unsupported_token_type", _) => "the server cannot revoke this kind of token",
        ("use_dpop_nonce" | "invalid_dpop_proof", _) => {
            "the server binds tokens to a key and requires a proof with each call (DPoP, RFC 9449), which tokscope cannot \
             make: use a client without DPoP"
        }
        ("server_error" | "temporarily_unavailable", _) => "the server has a problem; try again later",
        _ => return None,
    })
}

/// What the user can do about a status without a word.
fn bare_hint(response: &Response, presented: Presented) -> &'static str {
    match (presented, response.status) {
        _ if is_about_the_client(response) => CHECK_THE_CLIENT,
        (Presented::Password, 400 | 401) => {
            "the server gives no reason: check the user name and the password, then the client ID and its secret"
        }
        (Presented::RefreshToken, 400 | 401) => "the server gives no reason: log in again",
        (Presented::Code, 400 | 401) => {
            "the server gives no reason: log in again, and check the client ID and its secret"
        }
        (_, 403) => "the server gives no reason: check that the client may use this grant, and its secret",
        _ => CHECK_THE_CLIENT,
    }
}

const CHECK_THE_CLIENT: &str = "the server gives no reason: check the client ID and, if the client has one, its secret";

/// Whether the server asks for the client's password, as RFC 6749 §5.2 has it for `invalid_client`.
fn is_about_the_client(response: &Response) -> bool {
    Challenge::all(response).iter().any(|challenge| challenge.is("Basic"))
}

#[cfg(test)]
mod tests {
    use reqwest::header::{HeaderValue, WWW_AUTHENTICATE};

    use super::*;
    use crate::clock;

    fn refused(status: u16, body: &str) -> AuthError {
        let response = Response::scripted(status, body, clock::parse("0").unwrap());
        of(&response, Presented::RefreshToken, "a token response")
    }

    fn ends(error: &AuthError) -> bool {
        matches!(error, AuthError::Refused { credential_dead: true, .. })
    }

    #[test]
    fn a_dead_refresh_token_is_known_by_what_servers_say() {
        let dead = [
            (200, r#"{"error":"bad_refresh_token","error_description":"The refresh token passed is incorrect"}"#),
            (200, r#"{"ok":false,"error":"invalid_refresh_token"}"#),
            (400, r#"{"error":"invalid_grant"}"#),
            (400, r#"{"error":"invalid_request","error_description":"refresh token expired"}"#),
            (400, r#"{"error":"invalid_request","error_description":"The token has been revoked."}"#),
            (400, r#"{"error":"invalid_token","error_description":"Token is expired"}"#),
            (401, r#"{"error":"invalid_token"}"#),
            (400, r#"{"error":"interaction_required","error_description":"AADSTS50076: MFA"}"#),
            (400, r#"{"error":"login_required"}"#),
            (400, r#"{"error":"consent_required"}"#),
            (403, r#"{"error":"mfa_required"}"#),
            (401, r#"{"code":"x","message":"Refresh token is expired"}"#),
            (401, ""),
            (400, "\r\n"),
        ];
        for (status, body) in dead {
            let error = refused(status, body);
            assert!(ends(&error), "{status} {body}: {error:?}");
            assert!(error.hint().unwrap().contains(LOG_IN), "{status} {body}: {:?}", error.hint());
            assert!(!error.may_have_been_processed(), "{status} {body}");
        }
        let alive = [
            (500, r#"{"error":"invalid_grant"}"#),
            (400, r#"{"error":"invalid_request","error_description":"the client secret has expired"}"#),
            (400, r#"{"error":"invalid_request","error_description":"refresh_token is missing"}"#),
            (401, r#"{"error":"invalid_client","error_description":"token endpoint: expired assertion"}"#),
            (401, r#"{"message":"Access token expired"}"#),
            (400, r#"{"error":"slow_down"}"#),
            (200, r#"{"message":"the token has expired"}"#),
            (403, ""),
            (404, ""),
            (401, "<html>"),
        ];
        for (status, body) in alive {
            assert!(!ends(&refused(status, body)), "{status} {body}");
        }
    }

    #[test]
    fn a_bare_status_is_a_refusal_of_what_was_shown() {
        for (status, presented, word) in [
            (400, Presented::Password, "password"),
            (401, Presented::Password, "password"),
            (401, Presented::Client, "client ID"),
            (403, Presented::Client, "may use this grant"),
            (400, Presented::Code, "log in again"),
        ] {
            let response = Response::scripted(status, "", clock::parse("0").unwrap());
            let error = of(&response, presented, "a token response");
            assert_eq!(error.to_string(), format!("the server refused: no reason given (HTTP {status})"));
            assert!(error.hint().unwrap().contains(word), "{status} {presented:?}: {:?}", error.hint());
        }
        let mut response = Response::scripted(401, "", clock::parse("0").unwrap());
        response.headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Basic realm=\"clients\""));
        assert!(!ends(&of(&response, Presented::RefreshToken, "x")), "that is about the client");
    }

    #[test]
    fn a_challenge_alone_is_read() {
        let mut response = Response::scripted(401, "", clock::parse("0").unwrap());
        let words = "DPoP error=\"use_dpop_nonce\", error_description=\"nonce\"";
        response.headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static(words));
        let error = of(&response, Presented::RefreshToken, "x");
        assert_eq!(error.to_string(), "the server refused: use_dpop_nonce: nonce (HTTP 401)");
        assert!(!ends(&error) && error.hint().unwrap().contains("RFC 9449"), "{error:?}");
    }
}
