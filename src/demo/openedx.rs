//! Open edX as django-oauth-toolkit 1.7.1, edx-drf-extensions 10.6.0 and edx-platform answer.

mod accounts;
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
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey};
use serde_json::{Value, json};

pub(super) use self::accounts::account;
use self::{
    accounts::{CLIENTS, Client, USERS, User},
    request::{OAuthError, Request},
};
use super::{
    World, mint,
    wire::{self, Answer},
};

/// The key of the tokens in Open edX's documentation, and of a development LMS.
const SECRET: &[u8] = b"lms-secret";
/// The header of the tokens that `asymmetric_jwt` yields.
const ASYMMETRIC_HEADER: &str = r#"{"alg":"RS512","kid":"devstack_key"}"#;
const AUDIENCE: &str = "lms-key";
/// The life of an opaque access token in seconds: django-oauth-toolkit's default.
const OPAQUE_TTL: i64 = 36_000;
/// What is granted where the request names no scope.
const DEFAULT_SCOPE: &str = "read write email profile";

/// The state of the LMS.
#[derive(Debug)]
pub(super) struct OpenEdx {
    world: Arc<World>,
    tokens: Mutex<Tokens>,
}

#[derive(Debug, Default)]
struct Tokens {
    /// Refresh tokens that live.
    refresh: HashMap<String, Grant>,
    /// Opaque access tokens, expired ones too.
    opaque: HashMap<String, Opaque>,
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
}

#[derive(Debug, Clone, Copy)]
struct Opaque {
    user: &'static User,
    /// Unix seconds.
    expires_at: i64,
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
        Some("refresh_token") => lms.refresh(&request, form),
        _ => Err(OAuthError("unsupported_grant_type", None)),
    };
    let mut answer = answer.map_or_else(OAuthError::into_answer, |body| wire::json(200, &body));
    answer.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    answer.headers_mut().insert(header::PRAGMA, HeaderValue::from_static("no-cache"));
    answer
}

/// RFC 7009: 200 for any token, whether it is known or not; a JWT stays active.
async fn revoke_token(State(lms): State<Arc<OpenEdx>>, headers: HeaderMap, body: Bytes) -> Answer {
    let request = Request::new(&headers, &body);
    let Some(token) = request.filled("token") else {
        return OAuthError("invalid_request", Some("Missing token parameter.".to_owned())).into_answer();
    };
    if let Err(error) = request.client() {
        return error.into_answer();
    }
    let mut tokens = lms.tokens();
    if let Some(grant) = tokens.refresh.remove(token) {
        tokens.opaque.remove(&grant.opaque);
    }
    tokens.opaque.remove(token);
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
        Self { world, tokens: Mutex::default() }
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
        self.issue(client, user, scope, TokenForm::Jwt, (issued_at, ttl))
    }

    fn tokens(&self) -> MutexGuard<'_, Tokens> {
        self.tokens.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn password(&self, request: &Request, form: TokenForm) -> Result<Value, OAuthError> {
        let client = request.client()?;
        let (username, password) = (request.needed("username")?, request.needed("password")?);
        let user = USERS
            .iter()
            .find(|user| user.is_called(username) && user.password == password)
            .ok_or_else(|| OAuthError("invalid_grant", Some("Invalid credentials given.".to_owned())))?;
        allowed(client, "password")?;
        Ok(self.issue(client, user, request.scope()?, form, self.now_for_access_ttl()))
    }

    fn client_credentials(&self, request: &Request, form: TokenForm) -> Result<Value, OAuthError> {
        let client = request.client()?;
        allowed(client, "client-credentials")?;
        Ok(self.issue(client, client.user, request.scope()?, form, self.now_for_access_ttl()))
    }

    /// Rotation without grace: the old refresh token is dead before the new one is on its way.
    fn refresh(&self, request: &Request, form: TokenForm) -> Result<Value, OAuthError> {
        let missing = || OAuthError("invalid_request", Some("Missing refresh token parameter.".to_owned()));
        let refresh_token = request.get("refresh_token").ok_or_else(missing)?;
        let client = request.client()?;
        let grant = {
            let mut tokens = self.tokens();
            let known = tokens.refresh.get(refresh_token).filter(|grant| grant.client.id == client.id);
            let grant = known.cloned().ok_or(OAuthError("invalid_grant", None))?;
            if let Some(scope) = request.filled("scope")
                && !scope.split(' ').all(|word| grant.scope.iter().any(|granted| granted == word))
            {
                return Err(OAuthError("invalid_scope", None));
            }
            tokens.refresh.remove(refresh_token);
            tokens.opaque.remove(&grant.opaque);
            grant
        };
        Ok(self.issue(client, grant.user, grant.scope, form, self.now_for_access_ttl()))
    }

    fn now_for_access_ttl(&self) -> (i64, i64) {
        (self.world.seconds(), self.access_ttl())
    }

    /// Issues tokens at a time, in Unix seconds; a JWT lives for `ttl` seconds, an opaque token for its own ten hours.
    fn issue(
        &self,
        client: &'static Client,
        user: &'static User,
        scope: Vec<String>,
        form: TokenForm,
        (issued_at, ttl): (i64, i64),
    ) -> Value {
        // A JWT still has an opaque twin: the dispatcher of edx-platform builds the one from the other.
        let opaque = mint::random_text(30);
        let refresh_token = (client.grant_type == "password").then(|| mint::random_text(30));
        {
            let mut tokens = self.tokens();
            tokens.opaque.insert(opaque.clone(), Opaque { user, expires_at: issued_at + OPAQUE_TTL });
            if let Some(token) = &refresh_token {
                let grant = Grant { client, user, scope: scope.clone(), opaque: opaque.clone() };
                tokens.refresh.insert(token.clone(), grant);
            }
        }
        let mut reply = if form == TokenForm::Opaque {
            json!({"access_token": opaque, "expires_in": OPAQUE_TTL, "token_type": "Bearer", "scope": scope.join(" ")})
        } else {
            let mut scopes = scope;
            if client.grant_type == "password" && !scopes.iter().any(|word| word == "user_id") {
                scopes.push("user_id".to_owned());
            }
            let claims = self.claims(client, user, &scopes, issued_at, issued_at + ttl);
            let jwt = self.sign(&claims, form);
            json!({"access_token": jwt, "expires_in": ttl, "token_type": "JWT", "scope": scopes.join(" ")})
        };
        if let Some(token) = refresh_token {
            reply["refresh_token"] = token.into();
        }
        reply
    }

    fn claims(&self, client: &Client, user: &User, scopes: &[String], iat: i64, exp: i64) -> Value {
        let filters: &[&str] = if client.grant_type == "password" { &["user:me"] } else { &[] };
        let mut claims = json!({
            "aud": AUDIENCE,
            "exp": exp,
            "grant_type": client.grant_type,
            "iat": iat,
            "iss": self.issuer(),
            "preferred_username": user.username,
            "scopes": scopes,
            "version": "1.2.0",
            "sub": user.sub,
            "filters": filters,
            "is_restricted": false,
            "email_verified": true,
        });
        for scope in scopes {
            match scope.as_str() {
                "user_id" => claims["user_id"] = user.id.into(),
                "email" => claims["email"] = user.email.into(),
                "profile" => {
                    claims["name"] = user.name.into();
                    claims["family_name"] = "".into();
                    claims["given_name"] = "".into();
                    claims["administrator"] = user.staff.into();
                    claims["superuser"] = false.into();
                }
                _ => {}
            }
        }
        claims
    }

    fn issuer(&self) -> String {
        format!("{}/oauth2", self.world.url)
    }

    fn sign(&self, claims: &Value, form: TokenForm) -> String {
        let payload = mint::python_json(claims);
        if form == TokenForm::AsymmetricJwt {
            mint::jws(ASYMMETRIC_HEADER, &payload, &self.world.rsa().encoding_key(), Algorithm::RS512)
        } else {
            mint::jws(r#"{"alg":"HS256"}"#, &payload, &EncodingKey::from_secret(SECRET), Algorithm::HS256)
        }
    }

    /// The user of a JWT. Whatever is wrong with it, the answer is the same.
    fn jwt_user(&self, token: &str) -> Result<String, Value> {
        let claims = if token.starts_with(&mint::segment(ASYMMETRIC_HEADER)) {
            mint::verified(token, &self.world.rsa().decoding_key(), Algorithm::RS512).ok()
        } else {
            mint::verified(token, &DecodingKey::from_secret(SECRET), Algorithm::HS256).ok()
        };
        claims
            .filter(|claims| claims["aud"] == AUDIENCE && claims["iss"] == self.issuer())
            .filter(|claims| claims["exp"].as_i64().is_some_and(|exp| exp > self.world.seconds()))
            .and_then(|claims| claims["preferred_username"].as_str().map(str::to_owned))
            .ok_or_else(|| json!({"detail": "Invalid token."}))
    }

    fn opaque_user(&self, token: &str) -> Result<String, Value> {
        let refusal = |code: &str, message: &str| json!({"error_code": code, "developer_message": message});
        match self.tokens().opaque.get(token) {
            None => Err(refusal("token_nonexistent", "The provided access token does not match any valid tokens.")),
            Some(opaque) if opaque.expires_at <= self.world.seconds() => {
                Err(refusal("token_expired", "The provided access token has expired and is no longer valid."))
            }
            Some(opaque) => Ok(opaque.user.username.to_owned()),
        }
    }
}

fn allowed(client: &Client, grant_type: &str) -> Result<(), OAuthError> {
    if client.grant_type == grant_type { Ok(()) } else { Err(OAuthError("unauthorized_client", None)) }
}
