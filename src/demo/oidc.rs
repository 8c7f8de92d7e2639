//! An OpenID provider under `/oidc`: OpenID Connect Core and Discovery, RFC 6749, 7009, 7636, 7662, 8414, 8628, 8693,
//! 9068 and 9207, as far as a client on a terminal meets them.
//!
//! Pages are approved with a button, or without a question by `auto=approve` (`auto=deny` refuses), so that scripts and
//! demos need no hands.

mod authorize;
mod client;
mod device;
mod grant;
mod issuer_keys;
mod ledger;
mod token;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, HeaderValue, header},
    response::IntoResponse,
    routing::{get, post},
};
use serde_json::{Value, json};

use self::{client::ClientRequest, issuer_keys::IssuerKeys, ledger::Ledger};
use super::{
    Refreshes, World,
    wire::{self, Answer},
};

/// All that can be asked for.
const SCOPES: [&str; 5] = ["openid", "profile", "email", "offline_access", "api"];

/// An account.
#[derive(Debug)]
struct User {
    sub: &'static str,
    username: &'static str,
    password: &'static str,
    name: &'static str,
    email: &'static str,
}

static USERS: [User; 2] = [
    User {
        sub: "24400320",
        username: "ada",
        password: "analytical-engine",
        name: "Ada Lovelace",
        email: "ada@example.org",
    },
    User {
        sub: "24400321",
        username: "grace",
        password: "nanosecond",
        name: "Grace Hopper",
        email: "grace@example.org",
    },
];

/// The state of the provider.
#[derive(Debug)]
pub(super) struct Oidc {
    world: Arc<World>,
    keys: IssuerKeys,
    ledger: Mutex<Ledger>,
}

/// The routes of the provider.
pub(super) fn routes(state: Arc<Oidc>) -> Router {
    Router::new()
        .route("/oidc/.well-known/openid-configuration", get(metadata))
        .route("/.well-known/oauth-authorization-server/oidc", get(metadata))
        .route("/oidc/jwks", get(jwks))
        .route("/oidc/authorize", get(authorize::page))
        .route("/oidc/token", post(token::endpoint))
        .route("/oidc/device_authorization", post(device::authorization))
        .route("/oidc/device", get(device::page))
        .route("/oidc/revoke", post(revoke))
        .route("/oidc/introspect", post(introspect))
        .route("/oidc/userinfo", get(userinfo).post(userinfo))
        .with_state(state)
}

type Shared = State<Arc<Oidc>>;

/// RFC 6749 §5.2.
#[derive(Debug)]
struct OAuthError(&'static str, String);

impl OAuthError {
    fn new(code: &'static str, description: impl Into<String>) -> Self {
        Self(code, description.into())
    }

    fn missing(what: &str) -> Self {
        Self::new("invalid_request", format!("{what} is missing"))
    }
}

impl IntoResponse for OAuthError {
    fn into_response(self) -> Answer {
        let Self(code, description) = self;
        let status = if code == "invalid_client" { 401 } else { 400 };
        let mut answer = json_answer(status, &json!({"error": code, "error_description": description}));
        if status == 401 {
            let challenge = HeaderValue::from_static("Basic realm=\"tokscope demo\"");
            answer.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
        }
        answer
    }
}

impl Oidc {
    pub(super) fn new(world: Arc<World>) -> Self {
        Self { world, keys: IssuerKeys::default(), ledger: Mutex::default() }
    }

    /// What `--serve` prints.
    pub(super) fn description(&self) -> Value {
        let users = USERS.iter().map(|user| json!({"username": user.username, "password": user.password}));
        json!({
            "issuer": self.issuer(),
            "users": users.collect::<Value>(),
            "clients": client::description(&self.keys),
        })
    }

    pub(super) fn refreshes(&self) -> Refreshes {
        self.ledger().refreshes
    }

    fn issuer(&self) -> String {
        format!("{}/oidc", self.world.url)
    }

    fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The claims of an access token of ours that is good right now.
    fn live_claims(&self, token: &str) -> Option<Value> {
        let claims = self.keys.verified(token, "at+jwt")?;
        let lives = claims["exp"].as_i64()? > self.world.seconds() && self.ledger().lives(claims["jti"].as_str()?);
        lives.then_some(claims)
    }
}

/// The user of a `sub` in one of our tokens; none for a client that acts for itself.
fn user_of(claims: &Value) -> Option<&'static User> {
    USERS.iter().find(|user| claims["sub"] == user.sub)
}

fn json_answer(status: u16, body: &Value) -> Answer {
    let mut answer = wire::with_body(status, "application/json", body.to_string());
    answer.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    answer
}

/// RFC 8414 §3.2 and OpenID Connect Discovery 1.0 §4.2: both addresses give the same document.
async fn metadata(State(oidc): Shared) -> Answer {
    let issuer = oidc.issuer();
    let at = |path: &str| format!("{issuer}/{path}");
    let methods = ["none", "client_secret_basic", "client_secret_post", "private_key_jwt"];
    json_answer(
        200,
        &json!({
            "issuer": issuer,
            "authorization_endpoint": at("authorize"),
            "token_endpoint": at("token"),
            "device_authorization_endpoint": at("device_authorization"),
            "revocation_endpoint": at("revoke"),
            "introspection_endpoint": at("introspect"),
            "userinfo_endpoint": at("userinfo"),
            "jwks_uri": at("jwks"),
            "response_types_supported": ["code"],
            "response_modes_supported": ["query"],
            "grant_types_supported": client::GRANT_TYPES,
            "subject_types_supported": ["public"],
            "scopes_supported": SCOPES,
            "id_token_signing_alg_values_supported": issuer_keys::ALGORITHMS,
            "token_endpoint_auth_methods_supported": methods,
            "token_endpoint_auth_signing_alg_values_supported": ["ES256"],
            "code_challenge_methods_supported": ["S256"],
            "authorization_response_iss_parameter_supported": true,
            "claims_supported": ["iss", "sub", "aud", "exp", "iat", "auth_time", "nonce", "name", "email"],
        }),
    )
}

async fn jwks(State(oidc): Shared) -> Answer {
    json_answer(200, &oidc.keys.public())
}

/// RFC 7009: 200 whether the token was known or not; a refresh token takes all tokens of its family with it.
async fn revoke(State(oidc): Shared, headers: HeaderMap, body: Bytes) -> Result<Answer, OAuthError> {
    let call = ClientRequest::new(&headers, &body);
    let client = call.client(&oidc)?;
    let token = call.filled("token").ok_or_else(|| OAuthError::missing("token"))?;
    let claims = oidc.live_claims(token).filter(|claims| claims["client_id"] == client.id);
    let mut ledger = oidc.ledger();
    match claims.as_ref().and_then(|claims| claims["jti"].as_str()) {
        Some(id) => ledger.revoke_access(id),
        None => ledger.revoke_refresh(token, client),
    }
    Ok(wire::with_body(200, "text/plain", ""))
}

/// RFC 7662. A client that proves nothing learns of its own tokens only.
async fn introspect(State(oidc): Shared, headers: HeaderMap, body: Bytes) -> Result<Answer, OAuthError> {
    let call = ClientRequest::new(&headers, &body);
    let client = call.client(&oidc)?;
    let token = call.filled("token").ok_or_else(|| OAuthError::missing("token"))?;
    let now = oidc.world.seconds();
    let described = match oidc.live_claims(token) {
        Some(mut claims) => {
            claims["active"] = true.into();
            claims["token_type"] = "Bearer".into();
            if let Some(user) = user_of(&claims) {
                claims["username"] = user.username.into();
            }
            Some(claims)
        }
        None => oidc.ledger().describe_refresh(token, now),
    };
    let shown = described.filter(|claims| !client.is_public() || claims["client_id"] == client.id);
    Ok(json_answer(200, &shown.unwrap_or_else(|| json!({"active": false}))))
}

/// OpenID Connect Core §5.3, errors by RFC 6750 §3.1.
async fn userinfo(State(oidc): Shared, headers: HeaderMap) -> Answer {
    let Some(token) = wire::bearer(&headers) else {
        return challenge(401, "Bearer realm=\"tokscope demo\"");
    };
    let Some(claims) = oidc.live_claims(token) else {
        let words = "error=\"invalid_token\", error_description=\"The access token expired or was revoked\"";
        return challenge(401, &format!("Bearer realm=\"tokscope demo\", {words}"));
    };
    let scope = claims["scope"].as_str().unwrap_or_default();
    match user_of(&claims) {
        Some(user) if has(scope, "openid") => json_answer(200, &about(user, scope)),
        _ => challenge(403, "Bearer realm=\"tokscope demo\", error=\"insufficient_scope\", scope=\"openid\""),
    }
}

fn challenge(status: u16, words: &str) -> Answer {
    let mut answer = wire::with_body(status, "text/plain", "");
    let value = HeaderValue::from_str(words).expect("our own challenges are legal");
    answer.headers_mut().insert(header::WWW_AUTHENTICATE, value);
    answer
}

/// The claims about a user that a scope lets see (OpenID Connect Core §5.4).
fn about(user: &User, scope: &str) -> Value {
    let mut claims = json!({"sub": user.sub});
    if has(scope, "profile") {
        claims["name"] = user.name.into();
        claims["preferred_username"] = user.username.into();
    }
    if has(scope, "email") {
        claims["email"] = user.email.into();
        claims["email_verified"] = true.into();
    }
    claims
}

/// Whether a scope holds a word (RFC 6749 §3.3).
fn has(scope: &str, word: &str) -> bool {
    scope.split(' ').any(|other| other == word)
}
