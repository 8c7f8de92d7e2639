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
mod resource;
mod revocation;
mod token;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::{
    Router,
    extract::State,
    http::{HeaderMap, HeaderValue, header},
    response::IntoResponse,
    routing::{get, post},
};
use serde_json::{Value, json};

use self::{client::Client, issuer_keys::IssuerKeys, ledger::Ledger};
use super::{
    Refreshes,
    tokens::Account,
    wire::{self, Answer},
    world::World,
};

/// Under this name its tokens are remembered.
const SYSTEM: &str = "oidc";

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
        .route("/oidc/revoke", post(revocation::revoke))
        .route("/oidc/introspect", post(revocation::introspect))
        .route("/oidc/userinfo", get(userinfo).post(userinfo))
        .route("/api/me", get(resource::offline))
        .route("/api/checked/me", get(resource::checked))
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
            "api": {
                "offline": format!("{}/api/me", self.world.url),
                "checked": format!("{}/api/checked/me", self.world.url),
            },
        })
    }

    pub(super) fn refreshes(&self) -> Refreshes {
        let totals = self.world.tokens().totals.get(SYSTEM).copied().unwrap_or_default();
        Refreshes { granted: totals.refreshes, replayed: totals.replays }
    }

    fn issuer(&self) -> String {
        format!("{}/oidc", self.world.url)
    }

    fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The grant of a login: what all its tokens are of.
    fn family(&self, client: &Client, user: Option<&User>) -> u64 {
        self.world.tokens().grant(account(client, user))
    }

    /// The claims of an access token of ours, whether it lives or not.
    fn claims(&self, token: &str) -> Option<Value> {
        let opaque = self.ledger().opaque(token);
        opaque.or_else(|| self.keys.verified(token, "at+jwt"))
    }

    /// The claims of an access token of ours that is good right now.
    fn live_claims(&self, token: &str) -> Option<Value> {
        let claims = self.claims(token)?;
        self.world.tokens().accepted(token, self.world.seconds()).then_some(claims)
    }
}

/// Whose a token is.
fn account(client: &Client, user: Option<&User>) -> Account {
    Account { system: SYSTEM, client: client.id, user: user.map_or("", |user| user.username) }
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
