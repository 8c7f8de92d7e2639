//! Replies as they really come: whatever is odd about one, the tokens in it are kept, and none of them is shown.

#![allow(clippy::unwrap_used, reason = "what fails here fails the test")]

mod secrets;
mod shapes;

use std::sync::Arc;

use crate::support::{server, stage};
use tokscope::{
    auth::{IssuedToken, Scheme, TokenKind, TokenSet},
    clock,
    profile::{Profile, ProfileName},
    providers,
    secret::ExposeSecret as _,
    session::Session,
    store::{secrets::Secrets, vault::Vault},
};

/// A system, with what its profile needs for a login without questions (`URL` is the server, `KEY` a private key), and its names for tokens.
struct System {
    id: &'static str,
    settings: &'static [(&'static str, &'static str)],
    access: &'static str,
    refresh: &'static str,
}

const SYSTEMS: [System; 5] = [
    System {
        id: "practicus",
        settings: &[("url", "URL"), ("email", "a@example.org"), ("password", "plain:p4ssw0rd-marker")],
        access: "access",
        refresh: "refresh",
    },
    System {
        id: "seta",
        settings: &[("url", "URL"), ("username", "ada"), ("private_key", "plain:KEY")],
        access: "access_token",
        refresh: "refresh_token",
    },
    System {
        id: "passwork",
        settings: &[("url", "URL"), ("login", "password"), ("username", "ada"), ("password", "plain:p4ssw0rd-marker")],
        access: "accessToken",
        refresh: "refreshToken",
    },
    System {
        id: "openedx",
        settings: &[("url", "URL"), ("client_id", "c"), ("username", "ada"), ("password", "plain:p4ssw0rd-marker")],
        access: "access_token",
        refresh: "refresh_token",
    },
    System {
        id: "oauth2",
        settings: &[
            ("token_endpoint", "URL/token"),
            ("client_id", "c"),
            ("grant", "password"),
            ("username", "ada"),
            ("password", "plain:p4ssw0rd-marker"),
        ],
        access: "access_token",
        refresh: "refresh_token",
    },
];

impl System {
    fn profile(&self, url: &str) -> Profile {
        let key = include_str!("../vectors/private-keys/pkcs8.pem");
        let filled = |value: &str| value.replace("URL", url).replace("KEY", key);
        let settings = self.settings.iter().map(|(key, value)| ((*key).to_owned(), filled(value))).collect();
        let name = ProfileName::new(self.id).unwrap();
        Profile { name, provider: self.id.to_owned(), settings, environment: None, tags: Vec::new() }
    }
}

fn session() -> Session {
    Session::new(providers::ALL, Box::new(Secrets::default()), Arc::new(Vault::memory()))
}

/// Gives the session the tokens of an earlier login.
fn adopt(session: &Session, profile: &Profile) {
    let token = |kind, raw: &str| IssuedToken { kind, raw: raw.into(), expires_at: None, scheme: Scheme::BEARER };
    let token_set = TokenSet {
        tokens: vec![token(TokenKind::Access, "old-access"), token(TokenKind::Refresh, "old-refresh")],
        scope: None,
        account: None,
        received_at: clock::parse("2026-11-21T21:00:00Z").unwrap(),
        remarks: Vec::new(),
    };
    session.adopt(&profile.name, token_set).unwrap();
}

fn saved(session: &Session, profile: &Profile, kind: TokenKind) -> Option<String> {
    let set = session.token_set(&profile.name).unwrap()?;
    set.token(kind).map(|token| token.raw.expose_secret().to_owned())
}
