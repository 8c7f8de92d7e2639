//! The registered clients, and how they prove who they are (RFC 6749 §2.3, RFC 7523 §2.2).

use std::collections::HashMap;

use axum::http::HeaderMap;
use jsonwebtoken::Algorithm;
use serde_json::{Value, json};

use super::{OAuthError, Oidc, SCOPES, issuer_keys::IssuerKeys};
use crate::demo::{mint, wire};

pub(super) const CODE: &str = "authorization_code";
pub(super) const REFRESH: &str = "refresh_token";
pub(super) const CREDENTIALS: &str = "client_credentials";
pub(super) const PASSWORD: &str = "password";
pub(super) const DEVICE: &str = "urn:ietf:params:oauth:grant-type:device_code";
pub(super) const EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";

/// All that the token endpoint knows.
pub(super) const GRANT_TYPES: [&str; 6] = [CODE, REFRESH, CREDENTIALS, PASSWORD, DEVICE, EXCHANGE];

/// A registered client.
#[derive(Debug)]
pub(super) struct Client {
    pub(super) id: &'static str,
    proof: Proof,
    pub(super) grants: &'static [&'static str],
    /// What its tokens are signed with.
    pub(super) algorithm: Algorithm,
    /// Its access tokens are opaque; ID tokens are signed.
    pub(super) opaque: bool,
}

/// How a client proves who it is.
#[derive(Debug)]
enum Proof {
    /// Not at all: a public client.
    None,
    /// By Basic or in the body.
    Secret(&'static str),
    /// `private_key_jwt`.
    Key,
}

impl Client {
    pub(super) fn is_public(&self) -> bool {
        matches!(self.proof, Proof::None)
    }
}

pub(super) static CLIENTS: [Client; 7] = [
    Client {
        id: "tokscope-cli",
        proof: Proof::None,
        grants: &[CODE, DEVICE, REFRESH, EXCHANGE],
        algorithm: Algorithm::EdDSA,
        opaque: false,
    },
    // What breaks clients that forget to form-encode the two halves of HTTP Basic (RFC 6749 §2.3.1).
    Client {
        id: "odd:service",
        proof: Proof::Secret("p@ss:w%rd +/~"),
        grants: &[CODE, CREDENTIALS, REFRESH, EXCHANGE],
        algorithm: Algorithm::ES256,
        opaque: false,
    },
    Client { id: "robot", proof: Proof::Key, grants: &[CREDENTIALS], algorithm: Algorithm::ES256, opaque: false },
    Client {
        id: "legacy",
        proof: Proof::None,
        grants: &[PASSWORD, REFRESH],
        algorithm: Algorithm::RS256,
        opaque: false,
    },
    // The same with opaque access tokens, which nothing but the provider can judge.
    Client {
        id: "opaque-cli",
        proof: Proof::None,
        grants: &[CODE, DEVICE, REFRESH],
        algorithm: Algorithm::EdDSA,
        opaque: true,
    },
    Client {
        id: "opaque-service",
        proof: Proof::Secret("opaque-service-secret"),
        grants: &[CREDENTIALS],
        algorithm: Algorithm::ES256,
        opaque: true,
    },
    Client {
        id: "opaque-legacy",
        proof: Proof::None,
        grants: &[PASSWORD, REFRESH],
        algorithm: Algorithm::ES256,
        opaque: true,
    },
];

pub(super) fn by_id(id: &str) -> Option<&'static Client> {
    CLIENTS.iter().find(|client| client.id == id)
}

/// What `--serve` prints of the clients.
pub(super) fn description(keys: &IssuerKeys) -> Value {
    let row = |client: &Client| {
        let access_tokens = if client.opaque { "opaque" } else { "jwt" };
        let mut row = json!({"client_id": client.id, "grant_types": client.grants, "access_tokens": access_tokens});
        match client.proof {
            Proof::None => {}
            Proof::Secret(secret) => row["client_secret"] = secret.into(),
            Proof::Key => row["private_key"] = keys.client_pem().into(),
        }
        row
    };
    CLIENTS.iter().map(row).collect()
}

/// A call of an endpoint that clients authenticate at.
pub(super) struct ClientRequest {
    form: HashMap<String, String>,
    basic: Option<(String, String)>,
}

impl ClientRequest {
    pub(super) fn new(headers: &HeaderMap, body: &[u8]) -> Self {
        Self { form: wire::form(headers, body), basic: wire::basic(headers) }
    }

    /// A field with something in it: RFC 6749 §3.2 takes an empty one for none.
    pub(super) fn filled(&self, field: &str) -> Option<&str> {
        self.form.get(field).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// A field that the call cannot do without.
    pub(super) fn needed(&self, field: &str) -> Result<&str, OAuthError> {
        self.filled(field).ok_or_else(|| OAuthError::new("invalid_request", format!("{field} is missing")))
    }

    /// The authenticated client.
    pub(super) fn client(&self, oidc: &Oidc) -> Result<&'static Client, OAuthError> {
        let refused = || OAuthError::new("invalid_client", "client authentication failed");
        let (body_id, body_secret, assertion) =
            (self.filled("client_id"), self.filled("client_secret"), self.filled("client_assertion"));
        let ways = [self.basic.is_some(), body_secret.is_some(), assertion.is_some()];
        if ways.into_iter().filter(|used| *used).count() > 1 {
            return Err(OAuthError::new("invalid_request", "more than one way of client authentication was used"));
        }
        let client = match (&self.basic, assertion) {
            (Some((id, _)), _) => by_id(id),
            (None, Some(assertion)) => return self.asserted(oidc, assertion).ok_or_else(refused),
            (None, None) => by_id(body_id.unwrap_or_default()),
        }
        .ok_or_else(refused)?;
        let presented = self.basic.as_ref().map(|(_, secret)| secret.as_str()).or(body_secret);
        let proven = match client.proof {
            Proof::None => presented.is_none_or(str::is_empty),
            Proof::Secret(secret) => presented == Some(secret),
            Proof::Key => false,
        };
        if proven { Ok(client) } else { Err(refused()) }
    }

    /// RFC 7523 §3: issuer and subject are the client, the audience is us, and an assertion is good for one call.
    fn asserted(&self, oidc: &Oidc, assertion: &str) -> Option<&'static Client> {
        const KIND: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
        let claims = mint::verified(assertion, oidc.keys.client_public(), Algorithm::ES256).ok()?;
        let client = by_id(claims["sub"].as_str()?).filter(|client| matches!(client.proof, Proof::Key))?;
        let issuer = oidc.issuer();
        let us = |audience: &Value| *audience == issuer || *audience == format!("{issuer}/token");
        let audience = match &claims["aud"] {
            Value::Array(several) => several.iter().any(us),
            one => us(one),
        };
        let (now, expires_at) = (oidc.world.seconds(), claims["exp"].as_i64()?);
        let good = self.filled("client_assertion_type") == Some(KIND)
            && claims["iss"] == client.id
            && self.filled("client_id").is_none_or(|id| id == client.id)
            && audience
            && expires_at > now
            && oidc.ledger().assert_once(claims["jti"].as_str()?, expires_at, now);
        good.then_some(client)
    }

    /// The scope that is asked for, or `default`.
    pub(super) fn scope(&self, default: &str) -> Result<String, OAuthError> {
        checked_scope(self.filled("scope").unwrap_or(default))
    }

    /// Whom the access token is for: `resource` (RFC 8707) or the `audience` that other servers know.
    pub(super) fn audience(&self) -> Option<&str> {
        self.filled("resource").or_else(|| self.filled("audience"))
    }
}

/// The scope, where all of it is known here.
pub(super) fn checked_scope(scope: &str) -> Result<String, OAuthError> {
    match scope.split(' ').find(|word| !SCOPES.contains(word)) {
        Some(word) => Err(OAuthError::new("invalid_scope", format!("unknown scope {word}"))),
        None => Ok(scope.to_owned()),
    }
}
