//! Token introspection (RFC 7662): what the server itself says about a token.

use serde_json::Value;
use url::Url;

use super::{
    client::Client,
    id_token,
    refusal::{self, Presented},
    revocation::type_hint,
};
use crate::{
    auth::{Acceptance, AuthError, Context, IssuedToken, ProbeVerdict},
    http::RequestValue,
};

/// Asks the server whether a token is active. A server that does not say so, because it takes no JWTs or does not know
/// this client, leaves it unclear: that is no word about the token.
///
/// # Errors
/// Where there was no answer, or only that there are too many requests.
pub async fn introspect(
    cx: &Context<'_>,
    client: &Client,
    endpoint: &Url,
    token: &IssuedToken,
) -> Result<ProbeVerdict, AuthError> {
    const EXPECTED: &str = "an introspection response";
    let mut fields: Vec<(&str, RequestValue)> = vec![("token", (&token.raw).into())];
    fields.extend(type_hint(token.kind).map(|hint| ("token_type_hint", hint.into())));
    let response = client.post(cx, endpoint, "introspection endpoint", fields).await?;
    let json = response.read().whole().filter(|_| response.is_success());
    let active = json.as_ref().and_then(|json| json.get("active")).and_then(Value::as_bool);
    let (Some(json), Some(active)) = (json, active) else {
        return match refusal::of(&response, Presented::Client, EXPECTED) {
            error @ AuthError::RateLimited { .. } => Err(error),
            error => Ok(ProbeVerdict {
                acceptance: Acceptance::Unclear,
                status: response.status,
                account: None,
                detail: unclear(&error, token),
            }),
        };
    };
    let text = |name: &str| json.get(name).and_then(Value::as_str).map(|text| response.redacted(text));
    let mut detail = match active {
        true => "the server says that the token is active".to_owned(),
        // RFC 7662 §2.2: it does not say why, nor whether this client may know.
        false => {
            "the server says that the token is not active: expired, revoked, or not visible to this client".to_owned()
        }
    };
    for name in ["scope", "client_id"] {
        if let Some(value) = text(name) {
            detail = format!("{detail}; {name} {value}");
        }
    }
    Ok(ProbeVerdict {
        acceptance: if active { Acceptance::Accepted } else { Acceptance::Rejected },
        status: response.status,
        account: text("username").or_else(|| text("sub")),
        detail,
    })
}

/// Why an introspection says nothing about a token.
fn unclear(error: &AuthError, token: &IssuedToken) -> String {
    let why = match error {
        AuthError::Refused { code: Some(code), .. } if code == "invalid_client" => {
            "the introspection endpoint does not accept this client, which says nothing about the token"
        }
        AuthError::Refused { .. } if id_token::claims(&token.raw).is_some() => {
            "the introspection endpoint does not take this token, as is common for JWTs; that says nothing about it"
        }
        _ => "the introspection endpoint says nothing about the token",
    };
    format!("{why}: {error}")
}
