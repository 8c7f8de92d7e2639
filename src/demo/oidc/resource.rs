//! Two services that take the provider's access tokens: one verifies JWTs offline (RFC 9068 §4), one asks the provider.

use axum::{extract::State, http::HeaderMap};
use serde_json::{Value, json};

use super::{Shared, challenge, json_answer, user_of};
use crate::demo::wire::{self, Answer};

/// Signature and expiry only: it learns of no revocation, and knows no opaque token.
pub(super) async fn offline(State(oidc): Shared, headers: HeaderMap) -> Answer {
    let now = oidc.world.seconds();
    let in_time = |claims: &Value| claims["exp"].as_i64().is_some_and(|exp| exp > now);
    let claims = wire::bearer(&headers).and_then(|token| oidc.keys.verified(token, "at+jwt"));
    answer(claims.filter(|claims| claims["iss"] == oidc.issuer() && in_time(claims)).as_ref())
}

/// What the provider says.
pub(super) async fn checked(State(oidc): Shared, headers: HeaderMap) -> Answer {
    let claims = wire::bearer(&headers).and_then(|token| {
        let claims = oidc.claims(token)?;
        oidc.world.tokens().remembered(token, oidc.world.seconds()).then_some(claims)
    });
    answer(claims.as_ref())
}

fn answer(claims: Option<&Value>) -> Answer {
    let Some(claims) = claims else {
        return challenge(401, "Bearer realm=\"tokscope demo\", error=\"invalid_token\"");
    };
    let name = user_of(claims).map_or(&claims["client_id"], |_| &claims["sub"]);
    json_answer(
        200,
        &json!({"sub": claims["sub"], "username": user_of(claims).map_or(name.clone(), |it| it.username.into())}),
    )
}
