//! What the provider remembers: codes, refresh tokens by family, and which access tokens are dead.

use std::collections::{HashMap, HashSet};

use serde_json::{Value, json};

use super::{OAuthError, client::Client, device::Device, grant::Grant};
use crate::demo::{Refreshes, mint};

/// The life of an authorization code in seconds.
const CODE_TTL: i64 = 60;
/// The life of a refresh token in seconds: a day.
const REFRESH_TTL: i64 = 86_400;

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
    used_at: Option<i64>,
}

/// What the provider remembers.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    families: u64,
    codes: HashMap<String, Code>,
    refresh: HashMap<String, Refresh>,
    pub(super) refreshes: Refreshes,
    /// Access tokens by their `jti`, with family and end.
    access: HashMap<String, (u64, i64)>,
    dead_families: HashSet<u64>,
    /// Client assertions that were used, with their end.
    assertions: HashMap<String, i64>,
    pub(super) devices: HashMap<String, Device>,
}

impl Ledger {
    /// A family that no token is in yet.
    pub(super) fn new_family(&mut self) -> u64 {
        self.families += 1;
        self.families
    }

    /// A code for a grant.
    pub(super) fn code(&mut self, grant: Grant, redirect_uri: &str, challenge: &str, now: i64) -> String {
        self.codes.retain(|_, code| code.expires_at + REFRESH_TTL > now);
        let text = mint::random_text(32);
        let (redirect_uri, challenge) = (redirect_uri.to_owned(), challenge.to_owned());
        let code = Code { grant, redirect_uri, challenge, expires_at: now + CODE_TTL, used: false };
        self.codes.insert(text.clone(), code);
        text
    }

    /// Takes a code. One that comes twice kills what it was redeemed for (RFC 6749 §4.1.2).
    pub(super) fn redeem(&mut self, code: &str, now: i64) -> Result<Code, OAuthError> {
        let refused = |words| Err(OAuthError::new("invalid_grant", words));
        let Some(known) = self.codes.get_mut(code) else { return refused("the code is unknown") };
        if known.used {
            self.dead_families.insert(known.grant.family);
            return refused("the code was used before: all its tokens are revoked");
        }
        known.used = true;
        if known.expires_at <= now { refused("the code expired") } else { Ok(known.clone()) }
    }

    /// A refresh token for a grant.
    pub(super) fn refresh_token(&mut self, grant: Grant, now: i64) -> String {
        self.refresh.retain(|_, token| token.expires_at > now);
        let text = mint::random_text(43);
        self.refresh.insert(text.clone(), Refresh { grant, expires_at: now + REFRESH_TTL, used_at: None });
        text
    }

    /// The grant of a refresh token that lives. `rotate` uses it up: `grace` seconds later at the latest.
    pub(super) fn refreshed(
        &mut self,
        token: &str,
        client: &Client,
        now: i64,
        grace: i64,
    ) -> Result<Grant, OAuthError> {
        let refused = |words| Err(OAuthError::new("invalid_grant", words));
        match self.refresh.get(token) {
            Some(known) if known.grant.client.id != client.id => refused("the refresh token is another client's"),
            Some(known) if known.used_at.is_some_and(|used_at| now - used_at >= grace) => {
                let family = known.grant.family;
                self.dead_families.insert(family);
                self.refreshes.replayed += 1;
                refused("the refresh token was used before: all tokens of this login are revoked")
            }
            Some(known) if self.dead_families.contains(&known.grant.family) => refused("the refresh token is revoked"),
            Some(known) if known.expires_at <= now => refused("the refresh token expired"),
            Some(known) => Ok(known.grant.clone()),
            None => refused("the refresh token is unknown"),
        }
    }

    /// Marks a refresh token as used: unless there is a grace period, it gives its family away from now on.
    pub(super) fn rotate(&mut self, token: &str, now: i64) {
        if let Some(known) = self.refresh.get_mut(token) {
            known.used_at.get_or_insert(now);
            self.refreshes.granted += 1;
        }
    }

    /// The `jti` of a new access token.
    pub(super) fn access_token(&mut self, family: u64, expires_at: i64, now: i64) -> String {
        self.access.retain(|_, (_, end)| *end > now);
        let id = mint::random_text(22);
        self.access.insert(id.clone(), (family, expires_at));
        id
    }

    /// Whether an access token was revoked neither alone nor with its family.
    pub(super) fn lives(&self, jti: &str) -> bool {
        self.access.get(jti).is_some_and(|(family, _)| !self.dead_families.contains(family))
    }

    pub(super) fn revoke_access(&mut self, jti: &str) {
        self.access.remove(jti);
    }

    pub(super) fn revoke_refresh(&mut self, token: &str, client: &Client) {
        if let Some(known) = self.refresh.get(token).filter(|known| known.grant.client.id == client.id) {
            self.dead_families.insert(known.grant.family);
        }
    }

    /// RFC 7662 §2.2 for a refresh token that lives.
    pub(super) fn describe_refresh(&self, token: &str, now: i64) -> Option<Value> {
        let Refresh { grant, expires_at, used_at } = self.refresh.get(token)?;
        let lives = used_at.is_none() && *expires_at > now && !self.dead_families.contains(&grant.family);
        let user = grant.user.map(|user| (user.sub, user.username)).unzip();
        lives.then(|| {
            json!({"active": true, "client_id": grant.client.id, "scope": grant.scope, "exp": expires_at,
                "sub": user.0, "username": user.1})
        })
    }

    /// Whether a client assertion comes for the first time.
    pub(super) fn assert_once(&mut self, jti: &str, expires_at: i64, now: i64) -> bool {
        self.assertions.retain(|_, end| *end > now);
        self.assertions.insert(jti.to_owned(), expires_at).is_none()
    }
}
