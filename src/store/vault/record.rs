//! What the vault keeps of a profile.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    auth::{IssuedToken, TokenKind, TokenSet},
    clock::Timestamp,
    secret::{ExposeSecret as _, Fingerprint, SecretString},
};

/// Under which name version 1 kept the key sets that it had fetched: among the secrets.
const KEY_SETS: &str = "keys from ";

/// So many events are remembered.
pub const HISTORY: usize = 50;

/// All that the vault keeps of a profile.
#[derive(Debug, Clone, Default)]
pub struct Record {
    /// The current tokens.
    pub token_set: Option<TokenSet>,
    /// Who issued them; `None` where nobody has noted it: pasted tokens, and those of an earlier version.
    pub issued_by: Option<IssuedBy>,
    /// The tokens before them, until the current ones have proved good.
    pub previous: Option<TokenSet>,
    /// A refresh that was begun and whose end is not known.
    pub in_flight: Option<InFlight>,
    /// The server has said that the current refresh token is dead.
    pub retired: Option<Retired>,
    /// The current tokens came with an ID token that is not valid.
    pub doubt: Option<Doubt>,
    /// What became of the tokens, the oldest first, at most [`HISTORY`]. No tokens.
    pub history: Vec<Event>,
    /// Secrets by the key of their setting: passwords where the profile asks for it.
    pub secrets: BTreeMap<String, SecretString>,
}

/// Where tokens come from, as the profile had it when they were issued: only there may they be sent without a question.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct IssuedBy {
    /// The origins of the profile's addresses: `https://lms.example.org`.
    pub origins: BTreeSet<String>,
    /// The client ID.
    pub client: Option<String>,
}

/// The mark of a refresh under way. It is on disk before the request is sent and goes with the write of the reply: one
/// that is found later means that nobody knows whether the server has used up the refresh token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InFlight {
    /// The refresh token that was sent.
    pub refresh_token: Fingerprint,
    /// When.
    pub since: Timestamp,
    /// The process that sent it.
    pub pid: u32,
    /// How often it has been sent without an answer that says anything: 1 or more.
    pub attempts: u32,
}

/// A refresh token that the server has refused clearly.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Retired {
    /// Which one.
    pub refresh_token: Fingerprint,
    /// When.
    pub at: Timestamp,
    /// The refusal, as it was shown. Foreign text.
    pub words: String,
}

/// An ID token that its issuer did not make, or not for this login. The tokens that came with it are kept, and nothing
/// refreshes them unasked until a person has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Doubt {
    /// When that was found out.
    pub at: Timestamp,
    /// What is wrong with it. Foreign text.
    pub words: String,
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
    /// The server revoked some of them.
    Revoked,
}

impl EventKind {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Login, Self::Refresh, Self::Adopted, Self::Retired, Self::Revoked];

    /// The word for files and people.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Login => "login",
            Self::Refresh => "refresh",
            Self::Adopted => "adopted",
            Self::Retired => "retired",
            Self::Revoked => "revoked",
        }
    }
}

impl Record {
    /// What is taken of a record of version 1: not the key sets, which can be fetched again, and would verify what whoever
    /// planted them has signed.
    pub(super) fn of_version_1(mut self) -> Self {
        self.secrets.retain(|key, _| !key.starts_with(KEY_SETS));
        self
    }

    /// Puts new tokens in the place of the current ones, which become the previous ones. Marks of the old are void. Of
    /// tokens that came by another way nobody knows who issued them; of a login's, the caller says it.
    pub fn renew(&mut self, token_set: TokenSet, kind: EventKind) {
        if kind == EventKind::Adopted {
            self.issued_by = None;
        }
        self.remember(kind, token_set.received_at, &token_set);
        self.previous = self.token_set.replace(token_set);
        (self.in_flight, self.retired, self.doubt) = (None, None, None);
    }

    /// This record with the tokens of another one, which was written apart from it. Not if it has had them, or if they
    /// came in the place of other tokens than the current ones: then they are outdated, whatever the clock says.
    pub(super) fn joined_by(mut self, newer: Self) -> Self {
        let Some(token_set) = newer.token_set else { return self };
        let of = |kind| token_set.token(kind).map(IssuedToken::fingerprint);
        let (access, refresh, at) = (of(TokenKind::Access), of(TokenKind::Refresh), token_set.received_at);
        let known = self.history.iter().any(|event| (event.at, event.access, event.refresh) == (at, access, refresh));
        let current = self.token_set.as_ref().and_then(TokenSet::generation);
        let outdated = newer.previous.is_some_and(|previous| previous.generation() != current) && !self.is_empty();
        if !known && !outdated {
            let kind = newer.history.last().map_or(EventKind::Adopted, |event| event.kind);
            self.renew(token_set, kind);
            self.issued_by = newer.issued_by;
        }
        self
    }

    /// What another vault knew of the current tokens counts from now on, be it that they are gone.
    pub(super) fn replaced_by(&mut self, other: Self) {
        let of = |set: &TokenSet, kind| set.token(kind).map(IssuedToken::fingerprint);
        let is_told = |set: &TokenSet| {
            let these = (of(set, TokenKind::Access), of(set, TokenKind::Refresh));
            other.history.iter().any(|event| (event.access, event.refresh) == these)
        };
        // Not of tokens that the other one never had: they are newer, or somebody else's.
        if self.token_set.as_ref().is_none_or(is_told) {
            self.previous = self.previous.take().filter(|_| other.token_set.is_some());
            (self.token_set, self.issued_by) = (other.token_set, other.issued_by);
            (self.in_flight, self.retired, self.doubt) = (other.in_flight, other.retired, other.doubt);
        }
        self.secrets.extend(other.secrets);
        self.history.extend(other.history);
        self.history.sort_by_key(|event| event.at);
        self.history.dedup();
        let excess = self.history.len().saturating_sub(HISTORY);
        self.history.drain(..excess);
    }

    /// The server has refused the current refresh token.
    pub fn retire(&mut self, refresh_token: Fingerprint, at: Timestamp, words: String) {
        if let Some(token_set) = self.token_set.take() {
            self.remember(EventKind::Retired, at, &token_set);
            self.token_set = Some(token_set);
        }
        self.in_flight = None;
        self.retired = Some(Retired { refresh_token, at, words });
    }

    /// Drops the tokens, and what is known of them beyond the history. Secrets were for the same server as they.
    pub fn clear(&mut self) {
        self.issued_by = self.issued_by.take().filter(|_| !self.secrets.is_empty());
        (self.token_set, self.previous) = (None, None);
        (self.in_flight, self.retired, self.doubt) = (None, None, None);
    }

    /// Gives up what takes the most room, so that the rest can be saved: the previous tokens, else the largest of the
    /// current ones that is no refresh token. Whether there was anything.
    pub(super) fn shed(&mut self) -> bool {
        if self.previous.take().is_some() {
            return true;
        }
        let Some(set) = &mut self.token_set else { return false };
        let size = |token: &IssuedToken| token.raw.expose_secret().len();
        let dispensable = set.tokens.iter().enumerate().filter(|(_, token)| token.kind != TokenKind::Refresh);
        let Some((place, _)) = dispensable.max_by_key(|(_, token)| size(token)) else { return false };
        let token = set.tokens.remove(place);
        let name = if token.kind == TokenKind::Unknown { "token".to_owned() } else { format!("{} token", token.kind) };
        set.remarks.push(format!("the {name} is too large to be saved: {} KiB", size(&token).div_ceil(1024)));
        true
    }

    /// Whether nothing is left that is worth a file.
    pub fn is_empty(&self) -> bool {
        self.token_set.is_none() && self.previous.is_none() && self.secrets.is_empty() && self.history.is_empty()
    }

    /// Notes what became of tokens.
    pub fn remember(&mut self, kind: EventKind, at: Timestamp, token_set: &TokenSet) {
        let of = |kind| token_set.token(kind).map(|token| token.fingerprint());
        let expires_at = token_set.token(TokenKind::Access).and_then(|token| token.expires_at);
        let (access, refresh) = (of(TokenKind::Access), of(TokenKind::Refresh));
        self.history.push(Event { at, kind, access, refresh, expires_at });
        let excess = self.history.len().saturating_sub(HISTORY);
        self.history.drain(..excess);
    }
}
