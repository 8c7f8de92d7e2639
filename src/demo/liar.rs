//! What the modes change between the network and the systems, whatever the system is.

use std::sync::{Arc, atomic::Ordering};

use axum::{
    extract::{Request, State},
    http::{HeaderValue, header},
    middleware::Next,
};
use serde_json::json;

use super::{
    mode::Mode,
    wire::{self, Answer},
    world::World,
};

/// Where access tokens are used.
const USES: [&str; 8] = [
    "/api/me",
    "/api/checked/me",
    "/oidc/userinfo",
    "/api/user/v1/me",
    "/api/enrollment/v1/enrollment",
    "/authentication/v1/user-info",
    "/api/v1/users/info",
    "/console/api/central/clusterdefinition/",
];

/// Where tokens are revoked.
const REVOCATIONS: [&str; 3] = ["/oidc/revoke", "/oauth2/revoke_token", "/oauth2/revoke_token/"];

/// Answers in place of a system where the mode wants it.
pub(super) async fn between(State(world): State<Arc<World>>, request: Request, next: Next) -> Answer {
    let path = request.uri().path();
    let (is_use, is_revocation) = (USES.contains(&path), REVOCATIONS.contains(&path));
    match world.mode {
        Mode::BlindProbe if is_use => {
            let mut answer = wire::json(401, &json!({"detail": "Invalid token."}));
            let challenge = HeaderValue::from_static("Bearer error=\"invalid_token\"");
            answer.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
            answer
        }
        Mode::OpenProbe if is_use => wire::json(200, &json!({"sub": "anyone", "username": "anyone", "active": true})),
        Mode::Revoke503 if is_revocation => later(503, "Service Unavailable"),
        Mode::Limited(every) => match world.requests.fetch_add(1, Ordering::Relaxed) + 1 {
            count if every > 0 && count.is_multiple_of(every.unsigned_abs()) => later(429, "Too Many Requests"),
            _ => next.run(request).await,
        },
        _ => next.run(request).await,
    }
}

/// An HTML page that asks to come back a second later.
fn later(status: u16, title: &str) -> Answer {
    let mut answer = wire::html(status, title, "Please try again later.");
    answer.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
    answer
}
