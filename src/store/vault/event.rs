//! What became of tokens, and who issued them.

use std::collections::BTreeSet;

use crate::{clock::Timestamp, secret::Fingerprint};

/// Where tokens come from, as the profile had it when they were issued: only there may they be sent without a question.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct IssuedBy {
    /// The origins of the profile's addresses: `https://lms.example.org`.
    pub origins: BTreeSet<String>,
    /// The client ID.
    pub client: Option<String>,
}

/// Something that became of the tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// When.
    pub at: Timestamp,
    /// What.
    pub kind: EventKind,
    /// The access token that it is about.
    pub access: Option<Fingerprint>,
    /// The refresh token that it is about.
    pub refresh: Option<Fingerprint>,
    /// When the server said that the access token ends.
    pub expires_at: Option<Timestamp>,
}

/// What can become of tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EventKind {
    /// They came by a login.
    Login,
    /// They came by a refresh.
    Refresh,
    /// They came by another way: pasted, imported.
    Adopted,
    /// The server refused the refresh token.
    Retired,
    /// The server was asked to revoke some of them.
    Revoked,
    /// They were given up as the current ones.
    Logout,
}

impl EventKind {
    /// All of them.
    pub const ALL: [Self; 6] = [Self::Login, Self::Refresh, Self::Adopted, Self::Retired, Self::Revoked, Self::Logout];

    /// The word for files and people.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Login => "login",
            Self::Refresh => "refresh",
            Self::Adopted => "adopted",
            Self::Retired => "retired",
            Self::Revoked => "revoked",
            Self::Logout => "logout",
        }
    }

    /// Whether tokens came by it.
    pub fn brings_tokens(self) -> bool {
        matches!(self, Self::Login | Self::Refresh | Self::Adopted)
    }
}
