//! What the list knows of a profile's tokens, in sight or behind the lock.

use chrono::TimeDelta;

use crate::{
    auth::{TokenKind, TokenSet},
    clock::Timestamp,
    profile::ProfileName,
    secret::Fingerprint,
    token::lifetime::Lifetime,
    tui::app::tokens,
};

/// What is known of a profile's tokens.
#[derive(Debug)]
pub(crate) struct Holding {
    /// Of the access token.
    pub(crate) lifetime: Lifetime,
    /// Of the refresh token, where there is one.
    pub(crate) refresh: Option<Lifetime>,
    /// Which tokens they are.
    pub(crate) generation: Option<Fingerprint>,
    /// Sanitized.
    pub(crate) account: Option<String>,
    /// Sanitized.
    pub(crate) scope: Option<String>,
    pub(crate) received_at: Timestamp,
    /// The tokens themselves are behind the lock.
    pub(crate) veiled: bool,
    /// A revocation tried to end them.
    pub(crate) revoked: bool,
    /// Since then all of them are dead.
    pub(crate) refused: bool,
    /// The content of the access token cannot be read.
    pub(crate) opaque: bool,
    /// The user was warned of its end.
    pub(crate) warned: bool,
}

/// What the list says of tokens that stay behind the lock: when they end and which they are. No token, no claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Glimpse {
    lifetime: Lifetime,
    refresh: Option<Lifetime>,
    generation: Option<Fingerprint>,
    received_at: Timestamp,
}

impl Glimpse {
    /// Of this token set, whose server's clock is so far ahead of ours.
    pub fn of(profile: &ProfileName, set: &TokenSet, skew: TimeDelta) -> Self {
        let access = set.token(TokenKind::Access).or(set.tokens.first());
        let lifetime = |token| tokens::lifetime(profile, set, token, skew);
        Self {
            lifetime: access.map(lifetime).unwrap_or_default(),
            refresh: set.token(TokenKind::Refresh).map(lifetime),
            generation: set.generation(),
            received_at: set.received_at,
        }
    }

    /// When the access token ends.
    pub(in crate::tui::app) fn lifetime(&self) -> Lifetime {
        self.lifetime
    }
}

impl From<Glimpse> for Holding {
    fn from(Glimpse { lifetime, refresh, generation, received_at }: Glimpse) -> Self {
        Self {
            lifetime,
            refresh,
            generation,
            account: None,
            scope: None,
            received_at,
            veiled: true,
            revoked: false,
            refused: false,
            opaque: false,
            warned: false,
        }
    }
}
