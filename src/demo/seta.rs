//! SeTA: login by a signed message, refresh with rotation, two dialects of errors (`message` of its own, `msg` of
//! flask-jwt-extended).

use std::sync::{Arc, OnceLock};

use aws_lc_rs::signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, header},
    routing::{get, post},
};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey};
use serde_json::{Map, Value, json};

use super::{
    mint::{self, Rejection, RsaKey},
    tokens::{Account, New, Presented},
    wire::{self, Answer},
    world::World,
};
use crate::auth::TokenKind;

/// The life of a refresh token in seconds.
const REFRESH_TTL: i64 = 86_400;
const PROVIDERS: [&str; 3] = ["ecas", "github", "seta"];
/// What a login needs, with the words of the real server's parser.
const FIELDS: [(&str, &str); 4] = [
    ("username", "User or application name"),
    ("provider", "User or application name"),
    ("rsa_original_message", "Any random message"),
    ("rsa_message_signature", "Signature using hex format, string of hexadecimal numbers."),
];

struct User {
    username: &'static str,
    provider: &'static str,
    /// The id that SeTA gives to a user, whatever the provider.
    id: &'static str,
    role: &'static str,
    first_name: &'static str,
    last_name: &'static str,
    /// Whether a public key is registered: always that of [`key_pair`].
    has_key: bool,
    blocked: bool,
}

static USERS: [User; 4] = [
    User {
        username: "ada",
        provider: "ecas",
        id: "us3r4da",
        role: "User",
        first_name: "Ada",
        last_name: "Lovelace",
        has_key: true,
        blocked: false,
    },
    User {
        username: "grace",
        provider: "github",
        id: "us3rgr4ce",
        role: "Administrator",
        first_name: "Grace",
        last_name: "Hopper",
        has_key: false,
        blocked: false,
    },
    User {
        username: "indexer",
        provider: "seta",
        id: "4pp1nd3x",
        role: "Application",
        first_name: "",
        last_name: "",
        has_key: true,
        blocked: false,
    },
    User {
        username: "mallory",
        provider: "ecas",
        id: "us3rm4l",
        role: "User",
        first_name: "Mallory",
        last_name: "",
        has_key: true,
        blocked: true,
    },
];

pub(super) struct Seta {
    world: Arc<World>,
    /// Signs the tokens; it is not known outside.
    secret: [u8; 32],
}

impl std::fmt::Debug for Seta {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Seta").finish_non_exhaustive()
    }
}

pub(super) fn routes(state: Arc<Seta>) -> Router {
    Router::new()
        .route("/authentication/v1/token", post(token))
        .route("/authentication/v1/token/refresh", post(refresh))
        .route("/authentication/v1/user-info", get(user_info))
        .route("/authentication/v1/authenticators", get(authenticators))
        .route("/authentication/v1/logout", post(logout))
        .route("/authentication/v1/logout/{provider}", post(logout))
        .route("/seta-search/api/v1/corpus", post(corpus))
        .with_state(state)
}

async fn token(State(seta): State<Arc<Seta>>, headers: HeaderMap, body: Bytes) -> Answer {
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if !content_type.starts_with("application/json") {
        let why = "Did not attempt to load JSON data because the request Content-Type was not 'application/json'.";
        return wire::json(415, &json!({"message": why}));
    }
    let Ok(Value::Object(body)) = serde_json::from_slice(&body) else {
        let why = "The browser (or proxy) sent a request that this server could not understand.";
        return wire::json(400, &json!({"message": why}));
    };
    match seta.login(&body) {
        Ok(reply) => wire::json(200, &reply),
        Err((status, body)) => wire::json(status, &body),
    }
}

async fn refresh(State(seta): State<Arc<Seta>>, headers: HeaderMap) -> Answer {
    let rotated = seta.presented(&headers, "refresh").and_then(|(token, user)| seta.refresh(token, user));
    rotated.map_or_else(|refusal| refusal.answer(), |reply| wire::json(200, &reply))
}

/// Ends the browser's session only: the tokens stay active.
async fn logout() -> Answer {
    wire::json(200, &json!({"status": "success"}))
}

async fn user_info(State(seta): State<Arc<Seta>>, headers: HeaderMap) -> Answer {
    match seta.presented(&headers, "access") {
        Ok((_, user)) => wire::json(
            200,
            &json!({
                "username": user.id,
                "firstName": user.first_name,
                "lastName": user.last_name,
                "domain": null,
                "email": format!("{}@example.org", user.username),
                "role": user.role,
            }),
        ),
        Err(refusal) => refusal.answer(),
    }
}

/// The addresses are relative, as with the real server.
async fn authenticators() -> Answer {
    let one = |name: &str| {
        let path = name.to_lowercase();
        json!({
            "name": name,
            "login_url": format!("/authentication/v1/login/{path}"),
            "logout_url": format!("/authentication/v1/logout/{path}"),
        })
    };
    wire::json(200, &json!([one("ECAS"), one("GitHub")]))
}

async fn corpus(State(seta): State<Arc<Seta>>, headers: HeaderMap) -> Answer {
    match seta.presented(&headers, "access") {
        Ok(_) => wire::json(200, &json!({"total_docs": 0, "documents": []})),
        Err(refusal) => refusal.answer(),
    }
}

/// Why a token that was presented is refused.
#[derive(Debug, Clone, Copy)]
enum Refusal {
    /// No token: what is wrong with the header, and the kind of token whose cookie is missing, too.
    Missing(&'static str, &'static str),
    Expired,
    Revoked,
    NotRefresh,
    NotAccess,
    Broken(Rejection),
}

impl Refusal {
    fn answer(self) -> Answer {
        let missing;
        let (status, msg) = match self {
            Self::Missing(header, kind) => {
                let cookie = format!("Missing cookie \"{kind}_token_cookie\"");
                missing = format!("Missing JWT in headers or cookies ({header}; {cookie})");
                (401, missing.as_str())
            }
            Self::Expired => (401, "Token has expired"),
            Self::Revoked => (401, "Token has been revoked"),
            Self::NotRefresh => (422, "Only refresh tokens are allowed"),
            Self::NotAccess => (422, "Only non-refresh tokens are allowed"),
            Self::Broken(Rejection::Segments) => (422, "Not enough segments"),
            Self::Broken(Rejection::Garbage) => (422, "Invalid header padding"),
            Self::Broken(Rejection::Signature) => (422, "Signature verification failed"),
        };
        wire::json(status, &json!({"msg": msg}))
    }
}

impl Seta {
    pub(super) fn new(world: Arc<World>) -> Self {
        Self { world, secret: mint::random_bytes() }
    }

    pub(super) fn description(&self) -> Value {
        let users = USERS.iter().map(|user| {
            json!({"username": user.username, "provider": user.provider, "blocked": user.blocked, "has_key": user.has_key})
        });
        json!({"url": self.world.url, "users": users.collect::<Value>(), "private_key": key_pair().private_pem()})
    }

    /// The pair that a login at `issued_at` (Unix seconds) yields.
    pub(super) fn login_at(&self, username: &str, issued_at: i64) -> Value {
        let user = USERS.iter().find(|user| user.username == username).expect("demo.toml names users that exist");
        self.issue(user, None, issued_at)
    }

    fn login(&self, body: &Map<String, Value>) -> Result<Value, (u16, Value)> {
        let field = |name: &str| body.get(name).and_then(Value::as_str);
        for (name, help) in FIELDS {
            let reason = match field(name) {
                None => format!("{help} Missing required parameter in the JSON body"),
                // Lower case only, whatever the documentation says.
                Some(value) if name == "provider" && !PROVIDERS.contains(&value) => {
                    format!("{help} The value '{value}' is not a valid choice for 'provider'.")
                }
                Some(_) => continue,
            };
            return Err((400, json!({"errors": {name: reason}, "message": "Input payload validation failed"})));
        }
        let message = |status, text: &str| (status, json!({"message": text}));
        let (username, provider) = (field("username"), field("provider"));
        let user = USERS
            .iter()
            .find(|user| {
                // Names are taken in any case, providers are not.
                let named = username.is_some_and(|name| name.eq_ignore_ascii_case(user.username));
                named && Some(user.provider) == provider && !user.blocked
            })
            .ok_or_else(|| message(401, "Invalid User"))?;
        if !user.has_key {
            return Err(message(401, "Invalid user"));
        }
        let (text, signature) = (field("rsa_original_message"), field("rsa_message_signature"));
        let key = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, key_pair().public_der());
        let proven = signature.and_then(unhex).is_some_and(|signature| {
            // No nonce is kept: the same pair is good again and again, as with the real server.
            key.verify(text.unwrap_or_default().as_bytes(), &signature).is_ok()
        });
        if proven { Ok(self.issue(user, None, self.world.seconds())) } else { Err(message(403, "Invalid Signature")) }
    }

    /// The old refresh token is dead before the new one is on its way.
    fn refresh(&self, token: &str, user: &User) -> Result<Value, Refusal> {
        let now = self.world.seconds();
        let presented = self.world.tokens().presented(token, now);
        match presented {
            Presented::Good => {}
            Presented::Again(reply) => return Ok(reply),
            _ => return Err(Refusal::Revoked),
        }
        let kept = self.world.tokens().rotate(token, 0, now);
        let reply = self.issue(user, Some(kept), now);
        self.world.tokens().answered(token, &reply);
        Ok(reply)
    }

    /// A pair that is issued at `now`, Unix seconds. After a refresh, which may keep its refresh token, `fresh` is false and
    /// `user_type` is gone.
    fn issue(&self, user: &User, renewed: Option<Option<String>>, now: i64) -> Value {
        let account = Account { system: "seta", client: "", user: user.id };
        let grant = self.world.tokens().grant(account);
        let login = renewed.is_none();
        let new =
            |kind, ttl: i64| New { account, kind, is_jwt: true, grant, login, issued_at: now, expires_at: now + ttl };
        let token = |kind: &str, ttl: i64| {
            let mut claims = json!({
                "fresh": login && kind == "access",
                "iat": now,
                "jti": mint::random_text(32).to_lowercase(),
                "type": kind,
                "seta_id": {"user_id": user.id, "provider": user.provider, "provider_uid": user.username},
                "nbf": now,
                "exp": now + ttl,
                "iss": "SETA Auth Server",
                "sub": user.id,
                "role": user.role,
            });
            if login {
                claims["user_type"] = if user.provider == "seta" { "application" } else { "user" }.into();
            }
            let key = EncodingKey::from_secret(&self.secret);
            mint::jws(r#"{"alg":"HS256","typ":"JWT"}"#, &claims.to_string(), &key, Algorithm::HS256)
        };
        let access_ttl = i64::from(self.world.access_ttl);
        let access = self.world.issue(new(TokenKind::Access, access_ttl), || token("access", access_ttl));
        let refresh = renewed.flatten().unwrap_or_else(|| {
            self.world.issue(new(TokenKind::Refresh, REFRESH_TTL), || token("refresh", REFRESH_TTL))
        });
        json!({"access_token": access, "refresh_token": refresh})
    }

    /// The token under `Bearer` and its user; checked in the order of flask-jwt-extended.
    fn presented<'a>(&self, headers: &'a HeaderMap, kind: &'static str) -> Result<(&'a str, &'static User), Refusal> {
        const NO_HEADER: &str = "Missing Authorization Header";
        const NO_BEARER: &str =
            "Missing 'Bearer' type in 'Authorization' header. Expected 'Authorization: Bearer <JWT>'";
        let why = if headers.contains_key(header::AUTHORIZATION) { NO_BEARER } else { NO_HEADER };
        let token = wire::bearer(headers).ok_or(Refusal::Missing(why, kind))?;
        let key = DecodingKey::from_secret(&self.secret);
        let claims = mint::verified(token, &key, Algorithm::HS256).map_err(Refusal::Broken)?;
        if claims["exp"].as_i64().is_none_or(|exp| exp <= self.world.seconds()) {
            return Err(Refusal::Expired);
        }
        if claims["type"] != kind {
            return Err(if kind == "refresh" { Refusal::NotRefresh } else { Refusal::NotAccess });
        }
        let user = USERS.iter().find(|user| claims["sub"] == user.id).ok_or(Refusal::Broken(Rejection::Garbage))?;
        Ok((token, user))
    }
}

/// The demo users' key pair: new in every process, made when it is first wanted.
fn key_pair() -> &'static RsaKey {
    static KEY: OnceLock<RsaKey> = OnceLock::new();
    KEY.get_or_init(RsaKey::generate)
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<_>> = text.chars().map(|c| c.to_digit(16).map(|digit| digit as u8)).collect();
    digits.filter(|digits| digits.len() % 2 == 0).map(|digits| digits.chunks(2).map(|d| d[0] << 4 | d[1]).collect())
}
