//! Revocation (RFC 7009) and introspection (RFC 7662).

use axum::{body::Bytes, extract::State, http::HeaderMap};
use serde_json::json;

use super::{OAuthError, Shared, client::ClientRequest, json_answer, user_of};
use crate::{
    auth::TokenKind,
    demo::{
        tokens::Reach,
        wire::{self, Answer},
    },
};

/// RFC 7009: 200 whether the token was known or not, and for another client's; a refresh token takes all tokens of its
/// family with it.
pub(super) async fn revoke(State(oidc): Shared, headers: HeaderMap, body: Bytes) -> Result<Answer, OAuthError> {
    let call = ClientRequest::new(&headers, &body);
    let client = call.client(&oidc)?;
    let token = call.filled("token").ok_or_else(|| OAuthError::missing("token"))?;
    let mut tokens = oidc.world.tokens();
    let known = tokens.find(token).map(|it| it.new).filter(|new| new.account.client == client.id);
    if let Some(known) = known {
        let reach = if known.kind == TokenKind::Refresh { Reach::Grant } else { Reach::Itself };
        tokens.revoke(token, reach, call.filled("token_type_hint").is_some(), oidc.world.seconds());
    }
    Ok(wire::with_body(200, "text/plain", ""))
}

/// RFC 7662. A client that proves nothing learns of its own tokens only.
pub(super) async fn introspect(State(oidc): Shared, headers: HeaderMap, body: Bytes) -> Result<Answer, OAuthError> {
    let call = ClientRequest::new(&headers, &body);
    let client = call.client(&oidc)?;
    let token = call.filled("token").ok_or_else(|| OAuthError::missing("token"))?;
    let known = match oidc.claims(token) {
        Some(mut claims) => {
            claims["token_type"] = "Bearer".into();
            if let Some(user) = user_of(&claims) {
                claims["username"] = user.username.into();
            }
            Some(claims)
        }
        None => oidc.ledger().describe_refresh(token),
    };
    let shown = known
        .filter(|claims| !client.is_public() || claims["client_id"] == client.id)
        .filter(|_| oidc.world.tokens().active(token, oidc.world.seconds()));
    let shown = shown.map(|mut claims| {
        claims["active"] = true.into();
        claims
    });
    Ok(json_answer(200, &shown.unwrap_or_else(|| json!({"active": false}))))
}
