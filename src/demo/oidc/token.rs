//! The token endpoint: every grant, and what it issues (RFC 6749 §5.1, RFC 9068, OpenID Connect Core §2).

use aws_lc_rs::digest;
use axum::{body::Bytes, extract::State, http::HeaderMap};
use serde_json::{Value, json};

use super::{
    OAuthError, Oidc, Shared, USERS, about, account,
    client::{self, CODE, CREDENTIALS, Client, ClientRequest, DEVICE, EXCHANGE, GRANT_TYPES, PASSWORD, REFRESH},
    grant::Grant,
    has, json_answer,
    ledger::REFRESH_TTL,
    user_of,
};
use crate::{
    auth::TokenKind,
    demo::{
        mint,
        tokens::{New, Presented},
        wire::Answer,
    },
};

const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";

pub(super) async fn endpoint(State(oidc): Shared, headers: HeaderMap, body: Bytes) -> Result<Answer, OAuthError> {
    Ok(json_answer(200, &oidc.token(&ClientRequest::new(&headers, &body))?))
}

/// The S256 challenge of a PKCE verifier (RFC 7636 §4.2).
fn challenge(verifier: &str) -> String {
    mint::segment(digest::digest(&digest::SHA256, verifier.as_bytes()))
}

impl Oidc {
    fn token(&self, call: &ClientRequest) -> Result<Value, OAuthError> {
        let client = call.client(self)?;
        let grant_type = call.needed("grant_type")?;
        if !GRANT_TYPES.contains(&grant_type) {
            return Err(OAuthError::new("unsupported_grant_type", format!("unknown grant_type {grant_type}")));
        }
        if !client.grants.contains(&grant_type) {
            return Err(OAuthError::new("unauthorized_client", format!("{} may not use {grant_type}", client.id)));
        }
        match grant_type {
            CODE => self.authorization_code(call, client),
            REFRESH => self.refresh(call, client),
            CREDENTIALS => Ok(self.issue(&self.grant(call, client, "api")?, None)),
            PASSWORD => self.password(call, client),
            DEVICE => self.device_code(call, client),
            EXCHANGE => self.exchange(call, client),
            _ => unreachable!("GRANT_TYPES has no other"),
        }
    }

    /// A grant to the client itself, of what the call asks for.
    fn grant(&self, call: &ClientRequest, client: &'static Client, default_scope: &str) -> Result<Grant, OAuthError> {
        Ok(Grant {
            family: self.family(client, None),
            client,
            user: None,
            scope: call.scope(default_scope)?,
            audience: call.audience().map(str::to_owned),
            nonce: None,
            auth_time: self.world.seconds(),
        })
    }

    fn authorization_code(&self, call: &ClientRequest, client: &Client) -> Result<Value, OAuthError> {
        let (code, redirect_uri, verifier) =
            (call.needed("code")?, call.needed("redirect_uri")?, call.needed("code_verifier")?);
        let now = self.world.seconds();
        let redeemed = self.ledger().redeem(code, now);
        let code = redeemed.map_err(|(error, family)| {
            if let Some(family) = family {
                self.world.tokens().end_grant(family, now);
            }
            error
        })?;
        let refused = |words| Err(OAuthError::new("invalid_grant", words));
        if code.grant.client.id != client.id {
            return refused("the code is another client's");
        }
        if code.redirect_uri != redirect_uri {
            return refused("redirect_uri is not the one of the authorization request");
        }
        if challenge(verifier) != code.challenge {
            return refused("code_verifier does not match code_challenge");
        }
        Ok(self.issue(&code.grant, None))
    }

    fn refresh(&self, call: &ClientRequest, client: &Client) -> Result<Value, OAuthError> {
        let token = call.needed("refresh_token")?;
        let refused = |words| Err(OAuthError::new("invalid_grant", words));
        let granted = self.ledger().granted(token).cloned();
        let Some(granted) = granted else { return refused("the refresh token is unknown") };
        if granted.client.id != client.id {
            return refused("the refresh token is another client's");
        }
        let now = self.world.seconds();
        let presented = self.world.tokens().presented(token, now);
        match presented {
            Presented::Good => {}
            Presented::Again(reply) => return Ok(reply),
            Presented::Used => {
                self.world.tokens().end_grant(granted.family, now);
                return refused("the refresh token was used before: all tokens of this login are revoked");
            }
            Presented::Over | Presented::Unknown => return refused("the refresh token is revoked or has expired"),
        }
        let scope = call.scope(&granted.scope)?;
        if let Some(word) = scope.split(' ').find(|word| !has(&granted.scope, word)) {
            return Err(OAuthError::new("invalid_scope", format!("{word} was not granted")));
        }
        let kept = self.world.tokens().rotate(token, i64::from(self.world.refresh_grace), now);
        let reply = self.issue(&Grant { scope, ..granted }, Some(kept));
        self.world.tokens().answered(token, &reply);
        Ok(reply)
    }

    fn password(&self, call: &ClientRequest, client: &'static Client) -> Result<Value, OAuthError> {
        let (username, password) = (call.needed("username")?, call.needed("password")?);
        let user = USERS
            .iter()
            .find(|user| user.username == username && user.password == password)
            .ok_or_else(|| OAuthError::new("invalid_grant", "wrong user name or password"))?;
        let grant = self.grant(call, client, "openid profile email")?;
        let family = self.family(client, Some(user));
        Ok(self.issue(&Grant { user: Some(user), family, ..grant }, None))
    }

    /// RFC 8693: an access token of ours for one with another audience or less scope.
    fn exchange(&self, call: &ClientRequest, client: &'static Client) -> Result<Value, OAuthError> {
        let (token, kind) = (call.needed("subject_token")?, call.needed("subject_token_type")?);
        if kind != ACCESS_TOKEN {
            return Err(OAuthError::new("invalid_request", "subject_token_type must name an access token"));
        }
        let claims = self.live_claims(token).ok_or_else(|| {
            OAuthError::new("invalid_request", "subject_token is not an access token that is valid here")
        })?;
        let held = claims["scope"].as_str().unwrap_or_default();
        let scope = call.scope(held)?;
        if let Some(word) = scope.split(' ').find(|word| !has(held, word)) {
            return Err(OAuthError::new("invalid_scope", format!("the subject token has no {word}")));
        }
        let grant = self.grant(call, client, &scope)?;
        let (mut reply, _) = self.issue_access(&Grant { user: user_of(&claims), ..grant }, true);
        reply["issued_token_type"] = ACCESS_TOKEN.into();
        Ok(reply)
    }

    /// The token response to a login of a user, or of the client itself, now.
    pub(in crate::demo) fn login(&self, client_id: &str, username: &str) -> Value {
        let client = client::by_id(client_id).expect("demo.toml names clients that exist");
        let user = USERS.iter().find(|user| user.username == username);
        let scope = if user.is_some() { "openid profile email" } else { "api" }.to_owned();
        let (family, auth_time) = (self.family(client, user), self.world.seconds());
        self.issue(&Grant { family, client, user, scope, audience: None, nonce: None, auth_time }, None)
    }

    /// The token response for a grant: with a refresh token where the client may use one, with an ID token where
    /// a user logged in with `openid`. A refresh may keep its refresh token.
    pub(super) fn issue(&self, grant: &Grant, renewed: Option<Option<String>>) -> Value {
        let login = renewed.is_none();
        let (mut reply, access) = self.issue_access(grant, login);
        let Some(user) = grant.user else { return reply };
        if grant.client.grants.contains(&REFRESH) {
            let now = self.world.seconds();
            let new = self.new_token(grant, TokenKind::Refresh, login, REFRESH_TTL);
            let make = || self.world.issue(new, || mint::random_text(43));
            let token = renewed.flatten().unwrap_or_else(make);
            self.ledger().keep_refresh(&token, grant.clone(), now);
            reply["refresh_token"] = token.into();
        }
        if has(&grant.scope, "openid") {
            let now = self.world.seconds();
            let mut claims = json!({
                "iss": self.issuer(),
                "sub": user.sub,
                "aud": grant.client.id,
                "exp": now + i64::from(self.world.access_ttl),
                "iat": now,
                "auth_time": grant.auth_time,
                // OpenID Connect Front-Channel Logout §3: the session at the server.
                "sid": mint::segment(grant.family.to_be_bytes()),
            });
            let members = claims.as_object_mut().expect("an object was written above");
            if let Some(nonce) = &grant.nonce {
                members.insert("nonce".to_owned(), nonce.as_str().into());
            }
            if let Value::Object(about) = about(user, &grant.scope) {
                members.extend(about);
            }
            // OpenID Connect Core §3.1.3.6. The hash follows the algorithm: SHA-512 for Ed25519.
            let hash = match grant.client.algorithm {
                jsonwebtoken::Algorithm::EdDSA => &digest::SHA512,
                _ => &digest::SHA256,
            };
            let hashed = digest::digest(hash, access.as_bytes());
            let half = &hashed.as_ref()[..hashed.as_ref().len() / 2];
            members.insert("at_hash".to_owned(), mint::segment(half).into());
            reply["id_token"] = self.keys.sign(grant.client.algorithm, "JWT", &claims).into();
        }
        reply
    }

    fn new_token(&self, grant: &Grant, kind: TokenKind, login: bool, ttl: i64) -> New {
        let (account, issued_at) = (account(grant.client, grant.user), self.world.seconds());
        let is_jwt = kind == TokenKind::Access && !grant.client.opaque;
        New { account, kind, is_jwt, grant: grant.family, login, issued_at, expires_at: issued_at + ttl }
    }

    /// The access token alone, a JWT (RFC 9068 §2) or opaque, within its reply and outside.
    fn issue_access(&self, grant: &Grant, login: bool) -> (Value, String) {
        let (now, ttl) = (self.world.seconds(), i64::from(self.world.access_ttl));
        let mut claims = json!({
            "iss": self.issuer(),
            "exp": now + ttl,
            "aud": grant.audience.clone().unwrap_or_else(|| format!("{}/api", self.world.url)),
            "sub": grant.user.map_or(grant.client.id, |user| user.sub),
            "client_id": grant.client.id,
            "iat": now,
            "jti": mint::random_text(22),
            "scope": grant.scope,
        });
        if grant.user.is_some() {
            claims["auth_time"] = grant.auth_time.into();
        }
        let new = self.new_token(grant, TokenKind::Access, login, ttl);
        let access = self.world.issue(new, || {
            if !grant.client.opaque {
                return self.keys.sign(grant.client.algorithm, "at+jwt", &claims);
            }
            let text = mint::random_text(32);
            self.ledger().keep_opaque(&text, claims.clone(), now);
            text
        });
        // An old token that is returned again has its old end.
        let end = self.world.tokens().find(&access).map_or(now + ttl, |known| known.new.expires_at);
        let reply =
            json!({"access_token": access, "token_type": "Bearer", "expires_in": end - now, "scope": grant.scope});
        (reply, access)
    }
}
