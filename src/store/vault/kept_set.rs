//! The token sets of a record, the current one and the old ones alike.

use super::{
    event::{EventKind, IssuedBy},
    generation::{Evidence, Evidences, Generation, OldToken},
    record::Record,
};
use crate::{
    auth::TokenSet,
    clock::Timestamp,
    secret::ExposeSecret as _,
    token::{Form, Token, state::Facts},
};

/// A token set that is kept.
#[derive(Debug, Clone)]
pub struct KeptSet {
    /// Its number.
    pub number: u64,
    /// The number of the set that began its grant; 0 where that is not known.
    pub grant: u64,
    /// It is the current one.
    pub is_current: bool,
    /// Whose tokens they are. Foreign text.
    pub account: Option<String>,
    /// When they came.
    pub received_at: Timestamp,
    /// When its time as the current set was over, and what ended it.
    pub replaced: Option<(Timestamp, EventKind)>,
    /// Its tokens.
    pub tokens: Vec<OldToken>,
    /// Those whose text is kept.
    pub token_set: Option<TokenSet>,
    /// Who issued them.
    pub issued_by: Option<IssuedBy>,
}

impl Record {
    /// All token sets that are kept and not dead, the current one first, then the newest.
    pub fn sets(&self, now: Timestamp) -> impl Iterator<Item = KeptSet> {
        let current = self.token_set.as_ref().map(|set| KeptSet {
            number: self.number,
            grant: self.grant,
            is_current: true,
            account: set.account.clone(),
            received_at: set.received_at,
            replaced: None,
            tokens: set.tokens.iter().map(OldToken::of).collect(),
            token_set: Some(set.clone()),
            issued_by: self.issued_by.clone(),
        });
        let old: Vec<_> = self.alive(now).map(KeptSet::of).collect();
        current.into_iter().chain(old.into_iter().rev())
    }
}

impl KeptSet {
    fn of(old: &Generation) -> Self {
        Self {
            number: old.number,
            grant: old.grant,
            is_current: false,
            account: old.account.clone(),
            received_at: old.received_at,
            replaced: Some((old.replaced_at, old.replaced_by)),
            tokens: old.tokens.clone(),
            token_set: old.token_set(),
            issued_by: old.issued_by.clone(),
        }
    }

    /// `access 2b565178, refresh 8d01aa43`.
    pub fn fingerprints(&self) -> String {
        let words = self.tokens.iter().map(|token| format!("{} {}", token.kind, token.fingerprint));
        words.collect::<Vec<_>>().join(", ")
    }

    /// Whether one of its tokens should be dead: an old one, or one that a revocation tried to end.
    pub fn is_judged(&self, token: &OldToken, known: &Evidences) -> bool {
        !self.is_current || known.get(&token.fingerprint).is_some_and(Evidence::is_revoked)
    }

    /// What the state of one of its tokens follows from.
    pub fn facts(&self, token: &OldToken, known: &Evidences) -> Facts {
        let inspected = token.raw.as_ref().map(|raw| Token::inspect(raw.expose_secret()));
        let opaque = inspected.is_some_and(|token| matches!(token.form(), Form::Opaque));
        Facts { opaque, ..token.facts(self.received_at, self.replaced.map(|(at, _)| at), known) }
    }
}
