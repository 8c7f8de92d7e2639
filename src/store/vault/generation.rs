//! Token sets that are not the current one any more, and what is known of the end of tokens.
//!
//! A set stays until each of its tokens is dead: by time, or because a server refused it after a revocation had asked for
//! that. What a server says to a revocation proves nothing: a success means that it was *asked*.

use std::collections::BTreeMap;

use chrono::TimeDelta;

use super::event::{EventKind, IssuedBy};
use crate::{
    auth::{IssuedToken, Scheme, TokenKind, TokenSet},
    clock::Timestamp,
    secret::{ExposeSecret as _, Fingerprint, SecretString},
    token::{Form, Token, lifetime::Lifetime, state::Facts},
};

/// The raw text of so many sets is kept of a profile; of those before them only fingerprint, kind and expiry.
pub const RAW_SETS: usize = 20;
/// So many bytes of raw text are kept of a profile besides the current set.
pub const RAW_BYTES: usize = 256 << 10;
/// So many sets are kept at all. Nothing else would end those whose tokens have no expiry.
pub const SETS: usize = 500;
/// After its end, a token may be accepted so much longer: clocks differ.
const LEEWAY: TimeDelta = TimeDelta::seconds(60);

/// A token set whose place another one has taken, or that was given up.
#[derive(Debug, Clone, PartialEq)]
pub struct Generation {
    /// Which one of the profile, counted from 1.
    pub number: u64,
    /// The number of the set that began its grant; 0 where that is not known. Refreshes go on with one grant, logins begin
    /// another: to revoke a token of a grant may end all others of it.
    pub grant: u64,
    /// Its tokens. Those that its successor has too belong to the successor.
    pub tokens: Vec<OldToken>,
    /// The granted scope.
    pub scope: Option<String>,
    /// Whose tokens they are.
    pub account: Option<String>,
    /// When they came.
    pub received_at: Timestamp,
    /// Who issued them.
    pub issued_by: Option<IssuedBy>,
    /// When its time as the current set was over.
    pub replaced_at: Timestamp,
    /// What ended that: a login, a refresh, an import, a logout.
    pub replaced_by: EventKind,
}

/// A token of such a set.
#[derive(Debug, Clone)]
pub struct OldToken {
    /// Which one.
    pub kind: TokenKind,
    /// Its fingerprint.
    pub fingerprint: Fingerprint,
    /// The token itself: not of sets that are too old, nor of dead tokens.
    pub raw: Option<SecretString>,
    /// How it is presented to the API.
    pub scheme: Scheme,
    /// When it is no longer accepted: the later one of what it says and what the server said.
    pub expires_at: Option<Timestamp>,
}

impl PartialEq for OldToken {
    fn eq(&self, other: &Self) -> bool {
        let of = |token: &Self| (token.kind, token.fingerprint, token.raw.is_some(), token.expires_at);
        of(self) == of(other) && self.scheme == other.scheme
    }
}

/// What a server answered about a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Observation {
    /// When.
    pub at: Timestamp,
    /// The HTTP status, where there was one.
    pub status: Option<u16>,
    /// In words. Foreign text.
    pub words: String,
}

/// What is known of the end of a token.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Evidence {
    /// A revocation tried to end it: what came of that. With a status, the server was asked, and said yes.
    pub revocation: Option<Observation>,
    /// A server refused it last.
    pub refused: Option<Observation>,
    /// A server accepted it last.
    pub accepted: Option<Observation>,
}

/// What is known of the end of tokens, by their fingerprints.
pub type Evidences = BTreeMap<Fingerprint, Evidence>;

impl Evidence {
    /// Whether a revocation tried to end it.
    pub fn is_revoked(&self) -> bool {
        self.revocation.is_some()
    }

    /// The refusal that proves it dead: one that came after a revocation had asked for it, and no acceptance since.
    pub fn proof(&self) -> Option<&Observation> {
        let (asked, refused) = (self.revocation.as_ref()?, self.refused.as_ref()?);
        let accepted = self.accepted.as_ref().is_some_and(|accepted| accepted.at >= refused.at);
        (refused.at >= asked.at && !accepted).then_some(refused)
    }
}

impl OldToken {
    /// A token of a set.
    pub(super) fn of(token: &IssuedToken) -> Self {
        let inspected = Token::inspect(token.raw.expose_secret());
        let claimed = Lifetime::new(inspected.dates(), None, None).expires_at;
        Self {
            kind: token.kind,
            fingerprint: token.fingerprint(),
            raw: Some(token.raw.clone()),
            scheme: token.scheme.clone(),
            expires_at: claimed.max(token.expires_at),
        }
    }

    /// Whether its time is over, whatever clock looks at it.
    pub fn is_over(&self, now: Timestamp) -> bool {
        self.over_at().is_some_and(|end| end <= now)
    }

    /// When that is so.
    pub fn over_at(&self) -> Option<Timestamp> {
        self.expires_at?.checked_add_signed(LEEWAY)
    }

    /// The token as it was issued, where its text is kept.
    pub fn issued(&self) -> Option<IssuedToken> {
        let Self { kind, raw, scheme, expires_at, .. } = self.clone();
        Some(IssuedToken { kind, raw: raw?, expires_at, scheme })
    }

    /// What its state follows from, as one of a set that came then.
    pub(super) fn facts(&self, received_at: Timestamp, replaced: Option<Timestamp>, known: &Evidences) -> Facts {
        let evidence = known.get(&self.fingerprint).cloned().unwrap_or_default();
        let life = Lifetime { issued_at: Some(received_at), expires_at: self.expires_at, ..Lifetime::default() };
        Facts {
            access: Some(life),
            revoked: evidence.is_revoked(),
            refused: evidence.proof().is_some(),
            replaced,
            ..Facts::default()
        }
    }

    /// Whether services check it without asking its issuer, as far as its text is kept.
    pub fn is_signed(&self) -> bool {
        let raw = self.raw.as_ref();
        raw.is_some_and(|raw| matches!(Token::inspect(raw.expose_secret()).form(), Form::Jws(_)))
    }

    fn is_dead(&self, known: &Evidences, now: Timestamp) -> bool {
        self.is_over(now) || known.get(&self.fingerprint).is_some_and(|known| known.proof().is_some())
    }
}

impl Generation {
    /// A set that is not the current one any more; `None` where its successor has all of its tokens.
    pub fn of(
        set: &TokenSet,
        successor: Option<&TokenSet>,
        (number, grant): (u64, u64),
        issued_by: Option<IssuedBy>,
        replaced: (Timestamp, EventKind),
    ) -> Option<Self> {
        let goes_on = |token: &&IssuedToken| {
            let kept = successor.iter().flat_map(|set| &set.tokens);
            !kept.into_iter().any(|kept| kept.raw.expose_secret() == token.raw.expose_secret())
        };
        let mut tokens: Vec<_> = set.tokens.iter().filter(goes_on).collect();
        tokens.dedup_by_key(|token| token.fingerprint());
        let generation = Self {
            number,
            grant,
            tokens: tokens.into_iter().map(OldToken::of).collect(),
            scope: set.scope.clone(),
            account: set.account.clone(),
            received_at: set.received_at,
            issued_by,
            replaced_at: replaced.0,
            replaced_by: replaced.1,
        };
        (!generation.tokens.is_empty()).then_some(generation)
    }

    /// The tokens whose text is kept, as a set; `None` where there are none.
    pub fn token_set(&self) -> Option<TokenSet> {
        let tokens: Vec<_> = self.tokens.iter().filter_map(OldToken::issued).collect();
        let (scope, account) = (self.scope.clone(), self.account.clone());
        let set = TokenSet { tokens, scope, account, received_at: self.received_at, remarks: Vec::new() };
        (!set.tokens.is_empty()).then_some(set)
    }

    /// Its first token of a kind.
    pub fn token(&self, kind: TokenKind) -> Option<&OldToken> {
        self.tokens.iter().find(|token| token.kind == kind)
    }

    /// What the state of one of its tokens follows from.
    pub fn facts(&self, token: &OldToken, known: &Evidences) -> Facts {
        token.facts(self.received_at, Some(self.replaced_at), known)
    }

    /// Whether a revocation tried to end it and some of it is not known to be dead. ID tokens grant nothing.
    pub fn survives(&self, known: &Evidences, now: Timestamp) -> bool {
        self.tokens.iter().any(|token| {
            let tried = known.get(&token.fingerprint).is_some_and(Evidence::is_revoked);
            tried && token.kind != TokenKind::Id && !token.is_dead(known, now)
        })
    }

    /// Whether none of its tokens is accepted anywhere any more.
    pub fn is_dead(&self, known: &Evidences, now: Timestamp) -> bool {
        self.tokens.iter().all(|token| token.is_dead(known, now))
    }

    fn raw(&self) -> usize {
        self.tokens.iter().filter_map(|token| token.raw.as_ref()).map(|raw| raw.expose_secret().len()).sum()
    }

    fn wipe(&mut self) {
        self.tokens.iter_mut().for_each(|token| token.raw = None);
    }
}

/// Drops what is dead, and the text of what is dead or too old. Of sets beyond the limits those go first that no revocation
/// tried to end.
pub(super) fn tidy(generations: &mut Vec<Generation>, known: &Evidences, now: Timestamp) {
    generations.retain(|generation| !generation.is_dead(known, now));
    for token in generations.iter_mut().flat_map(|generation| &mut generation.tokens) {
        if token.is_dead(known, now) {
            token.raw = None;
        }
    }
    while generations.len() > SETS {
        let spare = generations.iter().position(|generation| !generation.survives(known, now));
        generations.remove(spare.unwrap_or_default());
    }
    let (mut sets, mut bytes) = (0, 0);
    for generation in generations.iter_mut().rev() {
        let raw = generation.raw();
        if raw > 0 {
            (sets, bytes) = (sets + 1, bytes + raw);
        }
        if sets > RAW_SETS || bytes > RAW_BYTES {
            generation.wipe();
        }
    }
}

/// Gives up the raw text of the oldest set that has some. Whether there was any.
pub(super) fn shed(generations: &mut [Generation]) -> bool {
    let oldest = generations.iter_mut().find(|generation| generation.raw() > 0);
    oldest.map(Generation::wipe).is_some()
}
