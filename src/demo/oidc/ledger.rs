//! What the provider remembers: codes, and what refresh tokens and opaque access tokens stand for.

use std::collections::HashMap;

use serde_json::{Value, json};

use super::{OAuthError, device::Device, grant::Grant};
use crate::demo::mint;

/// The life of an authorization code in seconds.
const CODE_TTL: i64 = 60;
/// The life of a refresh token in seconds: a day.
pub(super) const REFRESH_TTL: i64 = 86_400;

/// A code and what it has to be redeemed with.
#[derive(Debug, Clone)]
pub(super) struct Code {
    pub(super) grant: Grant,
    pub(super) redirect_uri: String,
    /// PKCE, S256.
    pub(super) challenge: String,
    expires_at: i64,
    used: bool,
}

#[derive(Debug)]
struct Refresh {
    grant: Grant,
    expires_at: i64,
}

/// What the provider remembers.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    codes: HashMap<String, Code>,
    refresh: HashMap<String, Refresh>,
    /// The claims of opaque access tokens.
    opaque: HashMap<String, Value>,
    /// Client assertions that were used, with their end.
    assertions: HashMap<String, i64>,
    pub(super) devices: HashMap<String, Device>,
}

impl Ledger {
    /// A code for a grant.
    pub(super) fn code(&mut self, grant: Grant, redirect_uri: &str, challenge: &str, now: i64) -> String {
        self.codes.retain(|_, code| code.expires_at + REFRESH_TTL > now);
        let text = mint::random_text(32);
        let (redirect_uri, challenge) = (redirect_uri.to_owned(), challenge.to_owned());
        let code = Code { grant, redirect_uri, challenge, expires_at: now + CODE_TTL, used: false };
        self.codes.insert(text.clone(), code);
        text
    }

    /// Takes a code. One that comes twice is an error that names its family: what it was redeemed for has to end (RFC 6749
    /// §4.1.2).
    pub(super) fn redeem(&mut self, code: &str, now: i64) -> Result<Code, (OAuthError, Option<u64>)> {
        let refused = |words, family| Err((OAuthError::new("invalid_grant", words), family));
        let Some(known) = self.codes.get_mut(code) else { return refused("the code is unknown", None) };
        if known.used {
            return refused("the code was used before: all its tokens are revoked", Some(known.grant.family));
        }
        known.used = true;
        if known.expires_at <= now { refused("the code expired", None) } else { Ok(known.clone()) }
    }

    /// A refresh token stands for a grant.
    pub(super) fn keep_refresh(&mut self, token: &str, grant: Grant, now: i64) {
        self.refresh.retain(|_, token| token.expires_at > now);
        self.refresh.insert(token.to_owned(), Refresh { grant, expires_at: now + REFRESH_TTL });
    }

    /// The grant of a refresh token, whether it lives or not.
    pub(super) fn granted(&self, token: &str) -> Option<&Grant> {
        self.refresh.get(token).map(|known| &known.grant)
    }

    /// An opaque access token stands for claims.
    pub(super) fn keep_opaque(&mut self, token: &str, claims: Value, now: i64) {
        self.opaque.retain(|_, claims| claims["exp"].as_i64().is_some_and(|end| end > now));
        self.opaque.insert(token.to_owned(), claims);
    }

    /// The claims of an opaque access token, whether it lives or not.
    pub(super) fn opaque(&self, token: &str) -> Option<Value> {
        self.opaque.get(token).cloned()
    }

    /// RFC 7662 §2.2 for a refresh token.
    pub(super) fn describe_refresh(&self, token: &str) -> Option<Value> {
        let Refresh { grant, expires_at } = self.refresh.get(token)?;
        let user = grant.user.map(|user| (user.sub, user.username)).unzip();
        Some(json!({"active": true, "client_id": grant.client.id, "scope": grant.scope, "exp": expires_at,
            "sub": user.0, "username": user.1}))
    }

    /// Whether a client assertion comes for the first time.
    pub(super) fn assert_once(&mut self, jti: &str, expires_at: i64, now: i64) -> bool {
        self.assertions.retain(|_, end| *end > now);
        self.assertions.insert(jti.to_owned(), expires_at).is_none()
    }
}
