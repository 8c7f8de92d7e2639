//! Passwork 7 as `passwork-python` 0.2.0 expects it: opaque tokens, absolute expiries, everything in a base64 envelope
//! unless the client asks for raw JSON. The codes of its errors are unknown, but for `accessTokenExpired`.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::HeaderMap,
    routing::{get, post},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use super::{
    mint,
    tokens::{Account, New},
    wire::{self, Answer},
    world::World,
};
use crate::auth::TokenKind;

/// The life of a refresh token in seconds: 36 hours.
const REFRESH_TTL: i64 = 36 * 3_600;
const USERNAME: &str = "ada";
const PASSWORD: &str = "analytical-engine";

#[derive(Debug)]
pub(super) struct Passwork {
    world: Arc<World>,
    sessions: Mutex<Vec<Session>>,
}

/// A pair that lives; times in Unix seconds.
#[derive(Debug, Clone)]
struct Session {
    access: String,
    access_expires_at: i64,
    refresh: String,
    refresh_expires_at: i64,
}

pub(super) fn routes(state: Arc<Passwork>) -> Router {
    Router::new()
        .route("/api/v1/sessions/refresh", post(refresh))
        .route("/api/v1/sessions/refresh-access-token", post(refresh_access))
        .route("/api/v1/sessions/refresh-refresh-token", post(refresh_refresh))
        .route("/api/v1/users/info", get(info))
        .route("/api/v1/users/login", post(login))
        .with_state(state)
}

/// Rotates the pair: needs the current access token, expired or not. The whole old pair is dead.
async fn refresh(State(passwork): State<Arc<Passwork>>, headers: HeaderMap, body: Bytes) -> Answer {
    let (access, token) = (wire::bearer(&headers), field(&body, "refreshToken"));
    let is_known = |session: &Session| Some(session.access.as_str()) == access && session.refresh == token;
    let answer = passwork.change(is_known, |session| {
        *session = passwork.session(false, passwork.access_ttl());
        session.pair()
    });
    reply(&headers, answer.ok_or_else(|| passwork.refresh_refused(&token)))
}

async fn refresh_access(State(passwork): State<Arc<Passwork>>, headers: HeaderMap, body: Bytes) -> Answer {
    let token = field(&body, "accessToken");
    let answer = passwork.change(
        |session| session.access == token,
        |session| {
            (session.access, session.access_expires_at) =
                passwork.token(TokenKind::Access, false, passwork.access_ttl());
            json!({"accessToken": session.access, "accessTokenExpiredAt": session.access_expires_at})
        },
    );
    reply(&headers, answer.ok_or_else(access_refused))
}

/// The access token stays valid.
async fn refresh_refresh(State(passwork): State<Arc<Passwork>>, headers: HeaderMap, body: Bytes) -> Answer {
    let token = field(&body, "refreshToken");
    let answer = passwork.change(
        |session| session.refresh == token,
        |session| {
            (session.refresh, session.refresh_expires_at) = passwork.token(TokenKind::Refresh, false, REFRESH_TTL);
            json!({"refreshToken": session.refresh, "refreshTokenExpiredAt": session.refresh_expires_at})
        },
    );
    reply(&headers, answer.ok_or_else(|| passwork.refresh_refused(&token)))
}

async fn info(State(passwork): State<Arc<Passwork>>, headers: HeaderMap) -> Answer {
    let now = passwork.world.seconds();
    let session =
        passwork.sessions().iter().find(|session| Some(session.access.as_str()) == wire::bearer(&headers)).cloned();
    let answer = match session {
        Some(session) if session.access_expires_at > now => {
            Ok(json!({"id": "u1", "login": USERNAME, "email": "ada@example.org"}))
        }
        Some(_) => Err(error(401, "accessTokenExpired", None, "Access token expired")),
        None => Err(access_refused()),
    };
    reply(&headers, answer)
}

/// Known from third parties only: the vendor's client has no login.
async fn login(State(passwork): State<Arc<Passwork>>, headers: HeaderMap, body: Bytes) -> Answer {
    let answer = if field(&body, "username") == USERNAME && field(&body, "password") == PASSWORD {
        Ok(passwork.open(passwork.access_ttl()).pair())
    } else {
        Err(error(401, "invalidCredentials", None, "Wrong login or password"))
    };
    reply(&headers, answer)
}

/// A status and the body of an error.
type Refusal = (u16, Value);

fn error(status: u16, code: &str, field: Option<&str>, message: &str) -> Refusal {
    (status, json!({"errors": [{"code": code, "field": field, "message": message}]}))
}

fn access_refused() -> Refusal {
    error(401, "accessTokenInvalid", None, "Access token is invalid")
}

/// The answer, enveloped unless the client asked for raw JSON: errors too.
fn reply(headers: &HeaderMap, result: Result<Value, Refusal>) -> Answer {
    let (status, body) = result.map_or_else(|refusal| refusal, |body| (200, body));
    let raw = headers.get("x-response-format").is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"raw"));
    let text = if raw {
        body.to_string()
    } else {
        json!({"format": "base64", "content": STANDARD.encode(body.to_string())}).to_string()
    };
    wire::with_body(status, "application/json", text)
}

/// A text of a JSON body; empty where it is missing, which no token is.
fn field(body: &[u8], name: &str) -> String {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    body[name].as_str().unwrap_or_default().to_owned()
}

impl Session {
    fn pair(&self) -> Value {
        json!({
            "accessToken": self.access,
            "refreshToken": self.refresh,
            "accessTokenExpiredAt": self.access_expires_at,
            "refreshTokenExpiredAt": self.refresh_expires_at,
        })
    }
}

impl Passwork {
    /// A Passwork with two pairs to paste: one fresh, one whose access token has expired.
    pub(super) fn new(world: Arc<World>) -> Self {
        let passwork = Self { world, sessions: Mutex::default() };
        passwork.open(passwork.access_ttl());
        passwork.open(-60);
        passwork
    }

    pub(super) fn description(&self) -> Value {
        let sessions = self.sessions();
        json!({
            "url": self.world.url,
            "users": [{"username": USERNAME, "password": PASSWORD}],
            "fresh": sessions[0].pair(),
            "expired": sessions[1].pair(),
        })
    }

    /// The pair whose access token has expired; the one that it was rotated to, later on.
    pub(super) fn expired(&self) -> Value {
        self.sessions()[1].pair()
    }

    fn sessions(&self) -> MutexGuard<'_, Vec<Session>> {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Seconds.
    fn access_ttl(&self) -> i64 {
        i64::from(self.world.access_ttl)
    }

    fn open(&self, access_ttl: i64) -> Session {
        let session = self.session(true, access_ttl);
        self.sessions().push(session.clone());
        session
    }

    /// A new pair.
    fn session(&self, login: bool, access_ttl: i64) -> Session {
        let (access, access_expires_at) = self.token(TokenKind::Access, login, access_ttl);
        let (refresh, refresh_expires_at) = self.token(TokenKind::Refresh, login, REFRESH_TTL);
        Session { access, access_expires_at, refresh, refresh_expires_at }
    }

    /// A new token that lives for so many seconds, and its end.
    fn token(&self, kind: TokenKind, login: bool, ttl: i64) -> (String, i64) {
        let account = Account { system: "passwork", client: "", user: USERNAME };
        let (issued_at, grant) = (self.world.seconds(), self.world.tokens().grant(account));
        let expires_at = issued_at + ttl;
        let new = New { account, kind, is_jwt: false, grant, login, issued_at, expires_at };
        (self.world.issue(new, || STANDARD.encode(mint::random_bytes::<32>())), expires_at)
    }

    /// Changes the session that is meant, and ends those of its tokens that the change replaces.
    fn change(&self, is_meant: impl Fn(&Session) -> bool, change: impl FnOnce(&mut Session) -> Value) -> Option<Value> {
        let now = self.world.seconds();
        let mut sessions = self.sessions();
        let session = sessions.iter_mut().find(|session| is_meant(session) && session.refresh_expires_at > now)?;
        let old = session.clone();
        let reply = change(session);
        let mut tokens = self.world.tokens();
        if old.refresh != session.refresh {
            _ = tokens.rotate(&old.refresh, 0, now);
        }
        if old.access != session.access {
            tokens.end(&old.access, now);
        }
        Some(reply)
    }

    /// A refresh token that was used before is counted.
    fn refresh_refused(&self, token: &str) -> Refusal {
        _ = self.world.tokens().presented(token, self.world.seconds());
        error(401, "refreshTokenInvalid", Some("refreshToken"), "Refresh token is invalid or expired")
    }
}
