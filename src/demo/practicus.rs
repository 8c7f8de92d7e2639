//! Practicus AI as `practicuscore` 25.5.2 expects it. What the real server says in its errors is not known; these are
//! the words of the framework that it is probably built on (Django REST framework with simplejwt).

use std::sync::Arc;

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, HeaderValue, header},
    routing::{get, post},
};
use jsonwebtoken::Algorithm;
use serde_json::{Map, Value, json};

use super::{
    mint,
    tokens::{Account, New},
    wire::{self, Answer},
    world::World,
};
use crate::auth::TokenKind;

/// The life of a refresh token in seconds: a week.
const REFRESH_TTL: i64 = 7 * 86_400;
const ISSUER: &str = "practicus";

struct User {
    email: &'static str,
    username: &'static str,
    password: &'static str,
    id: u32,
    /// The one-time code of an account with multi-factor authentication; a real one changes every 30 seconds.
    otp_code: Option<&'static str>,
}

static USERS: [User; 2] = [
    User { email: "ada@example.org", username: "ada", password: "analytical-engine", id: 4, otp_code: None },
    User { email: "grace@example.org", username: "grace", password: "nanosecond", id: 5, otp_code: Some("123456") },
];

/// Which token it is: `token_type`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Access,
    Refresh,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Access => "access",
            Self::Refresh => "refresh",
        }
    }
}

pub(super) fn routes(world: Arc<World>) -> Router {
    Router::new()
        .route("/console/api/auth/", post(login))
        .route("/console/api/auth/refresh/", post(refresh))
        .route("/console/api/central/clusterdefinition/", get(cluster_definition))
        .with_state(world)
}

pub(super) fn description(world: &World) -> Value {
    let users = USERS.iter().map(|user| {
        json!({"email": user.email, "username": user.username, "password": user.password, "otp_code": user.otp_code})
    });
    json!({"url": world.url, "users": users.collect::<Value>()})
}

async fn login(State(world): State<Arc<World>>, headers: HeaderMap, body: Bytes) -> Answer {
    let form = wire::form(&headers, &body);
    let field = |name: &str| form.get(name).map_or("", String::as_str);
    let missing: Map<_, _> = ["email", "password"]
        .into_iter()
        .filter(|name| field(name).is_empty())
        .map(|name| (name.to_owned(), json!(["This field is required."])))
        .collect();
    if !missing.is_empty() {
        return wire::json(400, &Value::Object(missing));
    }
    let user = USERS.iter().find(|user| user.email == field("email") && user.password == field("password"));
    match user {
        Some(user) if user.otp_code.is_none_or(|code| code == field("otp_code")) => {
            let token = |kind| issue(&world, user, kind, true);
            let body =
                json!({"refresh": token(Kind::Refresh), "access": token(Kind::Access), "username": user.username});
            wire::json(200, &body)
        }
        Some(_) => unauthorized(&json!({"detail": "A one-time code is required, or the one given is wrong"})),
        None => unauthorized(&json!({"detail": "No active account found with the given credentials"})),
    }
}

/// The refresh token stays as it is: the reply has no new one.
async fn refresh(State(world): State<Arc<World>>, headers: HeaderMap, body: Bytes) -> Answer {
    let form = wire::form(&headers, &body);
    let Some(token) = form.get("refresh").filter(|token| !token.is_empty()) else {
        return wire::json(400, &json!({"refresh": ["This field is required."]}));
    };
    match user_of(&world, token, Kind::Refresh) {
        Ok(user) => {
            let access = issue(&world, user, Kind::Access, false);
            world.tokens().refreshed(token);
            wire::json(200, &json!({"access": access, "username": user.username}))
        }
        Err(detail) => unauthorized(&json!({"detail": detail, "code": "token_not_valid"})),
    }
}

async fn cluster_definition(State(world): State<Arc<World>>, headers: HeaderMap) -> Answer {
    let Some(token) = wire::bearer(&headers) else {
        return unauthorized(&json!({"detail": "Authentication credentials were not provided."}));
    };
    match user_of(&world, token, Kind::Access) {
        Ok(_) => wire::json(200, &json!({"NAME": "demo-cluster", "REGION_NAME": "demo-region"})),
        Err(message) => unauthorized(&json!({
            "detail": "Given token not valid for any token type",
            "code": "token_not_valid",
            "messages": [{"token_class": "AccessToken", "token_type": "access", "message": message}],
        })),
    }
}

fn unauthorized(body: &Value) -> Answer {
    let mut answer = wire::json(401, body);
    let challenge = HeaderValue::from_static("Bearer realm=\"api\"");
    answer.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
    answer
}

fn issue(world: &World, user: &User, kind: Kind, login: bool) -> String {
    let now = world.seconds();
    let ttl = if kind == Kind::Access { i64::from(world.access_ttl) } else { REFRESH_TTL };
    let claims = json!({
        "token_type": kind.name(),
        "exp": now + ttl,
        "iat": now,
        "jti": mint::random_text(32).to_lowercase(),
        "user_id": user.id,
        "iss": ISSUER,
        "sub": user.email,
        "username": user.username,
    });
    let header = r#"{"alg":"RS256","typ":"JWT"}"#;
    let account = Account { system: "practicus", client: "", user: user.username };
    let grant = world.tokens().grant(account);
    let of = if kind == Kind::Access { TokenKind::Access } else { TokenKind::Refresh };
    let new = New { account, kind: of, is_jwt: true, grant, login, issued_at: now, expires_at: now + ttl };
    world.issue(new, || mint::jws(header, &claims.to_string(), &world.rsa().encoding_key(), Algorithm::RS256))
}

fn user_of(world: &World, token: &str, kind: Kind) -> Result<&'static User, &'static str> {
    const INVALID: &str = "Token is invalid or expired";
    let claims = mint::verified(token, &world.rsa().decoding_key(), Algorithm::RS256).map_err(|_| INVALID)?;
    if claims["exp"].as_i64().is_none_or(|exp| exp <= world.seconds()) || claims["iss"] != ISSUER {
        return Err(INVALID);
    }
    if claims["token_type"] != kind.name() {
        return Err("Token has wrong type");
    }
    USERS.iter().find(|user| claims["sub"] == user.email).ok_or(INVALID)
}
