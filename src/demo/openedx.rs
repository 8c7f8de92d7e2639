//! Open edX as django-oauth-toolkit 1.7.1, edx-drf-extensions 10.6.0 and edx-platform answer.

mod accounts;
mod jwt;
mod request;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, HeaderValue, header},
    routing::{get, post},
};
use serde_json::{Value, json};

pub(super) use self::accounts::account;
use self::{
    accounts::{CLIENTS, Client, USERS, User},
    request::{OAuthError, Request},
};
use super::{
    mint,
    tokens::{Account, New, Presented, Reach},
    wire::{self, Answer},
    world::World,
};
use crate::auth::TokenKind;

/// The life of an opaque access token in seconds: django-oauth-toolkit's default.
const OPAQUE_TTL: i64 = 36_000;
/// What is granted where the request names no scope.
const DEFAULT_SCOPE: &str = "read write email profile";

/// The state of the LMS.
#[derive(Debug)]
pub(super) struct OpenEdx {
    world: Arc<World>,
    /// What the refresh tokens stand for.
    grants: Mutex<HashMap<String, Grant>>,
}

/// What a refresh token stands for.
#[derive(Debug, Clone)]
struct Grant {
    client: &'static Client,
    user: &'static User,
    /// The granted scope, without the `user_id` that the reply adds.
    scope: Vec<String>,
    /// The opaque access token that was issued with it and dies with it.
    opaque: String,
    /// That one was revoked, and a refresh stumbles over it.
    broken: bool,
}

/// In which form an access token is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TokenForm {
    /// A Bearer token without `token_type=JWT`.
    Opaque,
    /// HS256.
    Jwt,
    /// RS512: `asymmetric_jwt`.
    AsymmetricJwt,
}

pub(super) fn routes(state: Arc<OpenEdx>) -> Router {
    Router::new()
        .route("/oauth2/access_token", post(access_token))
        .route("/oauth2/access_token/", post(access_token))
        .route("/oauth2/revoke_token", post(revoke_token))
        .route("/oauth2/revoke_token/", post(revoke_token))
        .route("/api/user/v1/me", get(me))
        .route("/api/enrollment/v1/enrollment", get(enrollments))
        .with_state(state)
}

async fn access_token(State(lms): State<Arc<OpenEdx>>, headers: HeaderMap, body: Bytes) -> Answer {
    let request = Request::new(&headers, &body);
    let token_type = request.get("token_type").or_else(|| headers.get("x-token-type")?.to_str().ok());
    let form = match token_type {
        Some(word) if word.eq_ignore_ascii_case("jwt") => match request.filled("asymmetric_jwt") {
            Some(_) => TokenForm::AsymmetricJwt,
            None => TokenForm::Jwt,
        },
        _ => TokenForm::Opaque,
    };
    let answer = match request.get("grant_type") {
        Some("password") => lms.password(&request, form),
        Some("client_credentials") => lms.client_credentials(&request, form),
        Some("refresh_token") => match lms.refresh(&request, form) {
            Ok(None) => return wire::html(500, "Server Error (500)", "There has been an error."),
            Ok(Some(reply)) => Ok(reply),
            Err(error) => Err(error),
        },
        _ => Err(OAuthError("unsupported_grant_type", None)),
    };
    let mut answer = answer.map_or_else(OAuthError::into_answer, |body| wire::json(200, &body));
    answer.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    answer.headers_mut().insert(header::PRAGMA, HeaderValue::from_static("no-cache"));
    answer
}

/// RFC 7009: 200 for any token, whether it is known or not; a JWT stays active. A confidential client ends other clients'
/// tokens too.
async fn revoke_token(State(lms): State<Arc<OpenEdx>>, headers: HeaderMap, body: Bytes) -> Answer {
    let request = Request::new(&headers, &body);
    let Some(token) = request.filled("token") else {
        return OAuthError("invalid_request", Some("Missing token parameter.".to_owned())).into_answer();
    };
    match request.client() {
        Ok(client) => lms.revoke(token, client, request.filled("token_type_hint").is_some()),
        Err(error) => return error.into_answer(),
    }
    wire::with_body(200, "text/html; charset=utf-8", "")
}

async fn me(State(lms): State<Arc<OpenEdx>>, headers: HeaderMap) -> Answer {
    lms.answer(&headers, |username| json!({"username": username}))
}

/// The courses of the user: what the documentation calls with a new token.
async fn enrollments(State(lms): State<Arc<OpenEdx>>, headers: HeaderMap) -> Answer {
    let details = json!({"course_id": "course-v1:edX+DemoX+Demo_Course", "course_name": "Demonstration Course"});
    let created = "2023-08-01T09:00:00Z";
    lms.answer(&headers, |username| {
        json!([{"created": created, "mode": "audit", "is_active": true, "course_details": details, "user": username}])
    })
}

impl OpenEdx {
    /// What an API answers to the user whose token a request has, or to a request without a good one.
    fn answer(&self, headers: &HeaderMap, content: impl Fn(String) -> Value) -> Answer {
        let user = match wire::authorization(headers) {
            Some((scheme, token)) if scheme.eq_ignore_ascii_case("jwt") => self.jwt_user(token),
            Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => self.opaque_user(token),
            _ => Err(json!({"detail": "Authentication credentials were not provided."})),
        };
        match user {
            Ok(username) => wire::json(200, &content(username)),
            Err(body) => {
                let mut answer = wire::json(401, &body);
                let challenge = HeaderValue::from_static("JWT realm=\"api\"");
                answer.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
                answer
            }
        }
    }

    pub(super) fn new(world: Arc<World>) -> Self {
        Self { world, grants: Mutex::default() }
    }

    pub(super) fn description(&self) -> Value {
        let users =
            USERS.iter().map(|user| json!({"username": user.username, "email": user.email, "password": user.password}));
        let clients = CLIENTS.iter().map(|client| {
            json!({"client_id": client.id, "client_secret": client.secret, "grant_type": client.grant_type.replace('-', "_")})
        });
        let url = &self.world.url;
        json!({
            "url": url,
            "token_endpoint": format!("{url}/oauth2/access_token"),
            "revocation_endpoint": format!("{url}/oauth2/revoke_token"),
            "me": format!("{url}/api/user/v1/me"),
            "users": users.collect::<Value>(),
            "clients": clients.collect::<Value>(),
        })
    }

    /// The life of a JWT in seconds.
    pub(super) fn access_ttl(&self) -> i64 {
        i64::from(self.world.access_ttl)
    }

    /// Issues tokens as a login at `issued_at` (Unix seconds) would have: the body of the token response.
    pub(super) fn login_at(&self, client: &'static Client, user: &'static User, issued_at: i64, ttl: i64) -> Value {
        let scope = DEFAULT_SCOPE.split(' ').map(str::to_owned).collect();
        self.issue(client, user, scope, TokenForm::Jwt, None, (issued_at, ttl))
    }

    fn grants(&self) -> MutexGuard<'_, HashMap<String, Grant>> {
        self.grants.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn revoke(&self, token: &str, client: &Client, hinted: bool) {
        let now = self.world.seconds();
        let mut tokens = self.world.tokens();
        let may = |owner: &Account| client.secret.is_some() || owner.client == client.id;
        let Some(known) = tokens.find(token).map(|it| it.new).filter(|new| may(&new.account)) else { return };
        // A JWT is not looked up, whatever its twin is.
        let reach = if known.kind == TokenKind::Refresh { Reach::Grant } else { Reach::Itself };
        tokens.revoke(token, reach, hinted, now);
        let mut grants = self.grants();
        match grants.get_mut(token) {
            Some(grant) => grant.broken = false,
            None => {
                let mut bereft = grants.iter_mut().filter(|(_, grant)| grant.opaque == token);
                if let (Some((refresh, grant)), false) = (bereft.next(), tokens.lives(token, now)) {
                    grant.broken = true;
                    tokens.end(refresh, now);
                }
            }
        }
    }

    fn password(&self, request: &Request, form: TokenForm) -> Result<Value, OAuthError> {
        let client = request.client()?;
        let (username, password) = (request.needed("username")?, request.needed("password")?);
        let user = USERS
            .iter()
            .find(|user| user.is_called(username) && user.password == password)
            .ok_or_else(|| OAuthError("invalid_grant", Some("Invalid credentials given.".to_owned())))?;
        allowed(client, "password")?;
        Ok(self.issue(client, user, request.scope()?, form, None, self.now_for_access_ttl()))
    }

    fn client_credentials(&self, request: &Request, form: TokenForm) -> Result<Value, OAuthError> {
        let client = request.client()?;
        allowed(client, "client-credentials")?;
        Ok(self.issue(client, client.user, request.scope()?, form, None, self.now_for_access_ttl()))
    }

    /// Rotation without grace: the old refresh token is dead before the new one is on its way. No reply where the server
    /// stumbles.
    fn refresh(&self, request: &Request, form: TokenForm) -> Result<Option<Value>, OAuthError> {
        let missing = || OAuthError("invalid_request", Some("Missing refresh token parameter.".to_owned()));
        let refresh_token = request.get("refresh_token").ok_or_else(missing)?;
        let client = request.client()?;
        let refused = || Err(OAuthError("invalid_grant", None));
        let known = self.grants().get(refresh_token).filter(|grant| grant.client.id == client.id).cloned();
        let Some(grant) = known else { return refused() };
        if grant.broken {
            return Ok(None);
        }
        let now = self.world.seconds();
        let presented = self.world.tokens().presented(refresh_token, now);
        match presented {
            Presented::Good => {}
            Presented::Again(reply) => return Ok(Some(reply)),
            _ => return refused(),
        }
        if let Some(scope) = request.filled("scope")
            && !scope.split(' ').all(|word| grant.scope.iter().any(|granted| granted == word))
        {
            return Err(OAuthError("invalid_scope", None));
        }
        let kept = {
            let mut tokens = self.world.tokens();
            let kept = tokens.rotate(refresh_token, 0, now);
            tokens.end(&grant.opaque, now);
            kept
        };
        let reply = self.issue(client, grant.user, grant.scope, form, Some(kept), self.now_for_access_ttl());
        self.world.tokens().answered(refresh_token, &reply);
        Ok(Some(reply))
    }

    fn now_for_access_ttl(&self) -> (i64, i64) {
        (self.world.seconds(), self.access_ttl())
    }

    /// Issues tokens at a time, in Unix seconds; a JWT lives for `ttl` seconds, an opaque token for its own ten hours.
    /// `renewed` is what a refresh keeps of its refresh token.
    fn issue(
        &self,
        client: &'static Client,
        user: &'static User,
        scope: Vec<String>,
        form: TokenForm,
        renewed: Option<Option<String>>,
        (issued_at, ttl): (i64, i64),
    ) -> Value {
        let account = Account { system: "openedx", client: client.id, user: user.username };
        let (grant, login) = (self.world.tokens().grant(account), renewed.is_none());
        let new = |kind, is_jwt, life: i64| New {
            account,
            kind,
            is_jwt,
            grant,
            login,
            issued_at,
            expires_at: issued_at.saturating_add(life),
        };
        // A JWT still has an opaque twin: the dispatcher of edx-platform builds the one from the other.
        let twin = New { login: login && form == TokenForm::Opaque, ..new(TokenKind::Access, false, OPAQUE_TTL) };
        let opaque = self.world.issue(twin, || mint::random_text(30));
        let refresh_token = (client.grant_type == "password").then(|| {
            // Its age is not checked.
            let issue = || self.world.issue(new(TokenKind::Refresh, false, i64::MAX), || mint::random_text(30));
            renewed.flatten().unwrap_or_else(issue)
        });
        if let Some(token) = &refresh_token {
            let grant = Grant { client, user, scope: scope.clone(), opaque: opaque.clone(), broken: false };
            self.grants().insert(token.clone(), grant);
        }
        let mut reply = if form == TokenForm::Opaque {
            json!({"access_token": opaque, "expires_in": OPAQUE_TTL, "token_type": "Bearer", "scope": scope.join(" ")})
        } else {
            let mut scopes = scope;
            if client.grant_type == "password" && !scopes.iter().any(|word| word == "user_id") {
                scopes.push("user_id".to_owned());
            }
            let claims = self.claims(client, user, &scopes, issued_at, issued_at + ttl);
            let jwt = self.world.issue(new(TokenKind::Access, true, ttl), || self.sign(&claims, form));
            json!({"access_token": jwt, "expires_in": ttl, "token_type": "JWT", "scope": scopes.join(" ")})
        };
        if let Some(token) = refresh_token {
            reply["refresh_token"] = token.into();
        }
        reply
    }

    fn opaque_user(&self, token: &str) -> Result<String, Value> {
        let refusal = |code: &str, message: &str| json!({"error_code": code, "developer_message": message});
        let now = self.world.seconds();
        let mut tokens = self.world.tokens();
        let is_opaque = |new: &New| new.account.system == "openedx" && new.kind == TokenKind::Access && !new.is_jwt;
        match tokens.find(token).map(|known| known.new).filter(is_opaque) {
            Some(known) if known.expires_at <= now => {
                Err(refusal("token_expired", "The provided access token has expired and is no longer valid."))
            }
            Some(known) if tokens.accepted(token, now) => Ok(known.account.user.to_owned()),
            _ => Err(refusal("token_nonexistent", "The provided access token does not match any valid tokens.")),
        }
    }
}

fn allowed(client: &Client, grant_type: &str) -> Result<(), OAuthError> {
    if client.grant_type == grant_type { Ok(()) } else { Err(OAuthError("unauthorized_client", None)) }
}
