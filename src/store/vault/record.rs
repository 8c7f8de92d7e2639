//! What the vault keeps of a profile.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    event::{Event, EventKind, IssuedBy},
    generation::{self, Evidence, Evidences, Generation, Observation},
    journal::Journal,
};
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
    /// Who issued them; `None` where that was not noted: pasted tokens, and those of an earlier version.
    pub issued_by: Option<IssuedBy>,
    /// Which set of the profile they are, counted from 1; 0 before the first.
    pub number: u64,
    /// The number of the set that began their grant; 0 where that is not known.
    pub grant: u64,
    /// The sets before them, the oldest first, until each of their tokens is dead.
    pub generations: Vec<Generation>,
    /// What is known of the end of tokens that are kept, the current ones among them.
    pub evidence: Evidences,
    /// A refresh that was begun and whose end is not known.
    pub in_flight: Option<InFlight>,
    /// The server has said that the current refresh token is dead.
    pub retired: Option<Retired>,
    /// The current tokens came with an ID token that is not valid.
    pub doubt: Option<Doubt>,
    /// The rotation that is open, or the last one that was settled.
    pub rotation: Option<Journal>,
    /// What became of the tokens, the oldest first, at most [`HISTORY`]. No tokens.
    pub history: Vec<Event>,
    /// Secrets by the key of their setting: passwords where the profile asks for it.
    pub secrets: BTreeMap<String, SecretString>,
}

/// The mark of a refresh under way. It is on disk before the request is sent and goes with the write of the reply: one
/// that is found later means that it is not known whether the server has used up the refresh token.
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

impl Record {
    /// What is taken of a record of version 1: not the key sets, which can be fetched again, and would verify what whoever
    /// planted them has signed.
    pub(super) fn of_version_1(mut self) -> Self {
        self.secrets.retain(|key, _| !key.starts_with(KEY_SETS));
        self
    }

    /// Puts new tokens in the place of the current ones, which become an old generation in the same write. Marks of the old
    /// are void. Of tokens that came by another way it is not known who issued them; of a login's, the caller says it.
    pub fn renew(&mut self, token_set: TokenSet, kind: EventKind) {
        let at = token_set.received_at;
        self.remember(kind, at, &token_set);
        let old = self.token_set.replace(token_set);
        self.supersede(old, (at, kind));
        self.number = self.next_number();
        if kind != EventKind::Refresh {
            self.grant = self.number;
        }
        if kind == EventKind::Adopted {
            self.issued_by = None;
        }
        self.tidy(at);
    }

    /// Gives the current tokens up. They stay as an old generation until they are dead.
    pub fn log_out(&mut self, at: Timestamp) {
        let Some(old) = self.token_set.take() else { return };
        self.remember(EventKind::Logout, at, &old);
        self.supersede(Some(old), (at, EventKind::Logout));
        self.issued_by = self.issued_by.take().filter(|_| !self.secrets.is_empty());
        self.tidy(at);
    }

    fn supersede(&mut self, old: Option<TokenSet>, replaced: (Timestamp, EventKind)) {
        let (place, issued_by) = ((self.number, self.grant), self.issued_by.clone());
        let old = old.and_then(|old| Generation::of(&old, self.token_set.as_ref(), place, issued_by, replaced));
        self.generations.extend(old);
        (self.in_flight, self.retired, self.doubt) = (None, None, None);
    }

    /// The number of the next set.
    fn next_number(&self) -> u64 {
        let numbers = self.generations.iter().map(|generation| generation.number);
        numbers.max().unwrap_or_default().max(self.number).saturating_add(1)
    }

    /// Drops the old generations that are dead, and what is known of tokens that are not kept.
    pub fn tidy(&mut self, now: Timestamp) {
        generation::tidy(&mut self.generations, &self.evidence, now);
        let current = self.token_set.iter().flat_map(|set| &set.tokens).map(IssuedToken::fingerprint);
        let old = self.generations.iter().flat_map(|generation| &generation.tokens).map(|token| token.fingerprint);
        let rotating = self.rotation.iter().flat_map(Journal::old_tokens).map(IssuedToken::fingerprint);
        let kept: BTreeSet<_> = current.chain(old).chain(rotating).collect();
        self.evidence.retain(|fingerprint, _| kept.contains(fingerprint));
    }

    /// What is known of the end of a token.
    pub fn evidence(&self, fingerprint: Fingerprint) -> Evidence {
        self.evidence.get(&fingerprint).cloned().unwrap_or_default()
    }

    /// Whether a token is one of the current set.
    pub fn is_current(&self, fingerprint: Fingerprint) -> bool {
        let tokens = self.token_set.iter().flat_map(|set| &set.tokens);
        tokens.into_iter().any(|token| token.fingerprint() == fingerprint)
    }

    /// Whether a revocation tried to end the current tokens: nothing renews them unasked.
    pub fn is_revoked(&self) -> bool {
        let tokens = self.token_set.iter().flat_map(|set| &set.tokens);
        let mut tokens = tokens.filter(|token| token.kind != TokenKind::Id);
        tokens.any(|token| self.evidence(token.fingerprint()).is_revoked())
    }

    /// Whether a server refused each of the current tokens after that, or its time is over.
    pub fn is_refused(&self, now: Timestamp) -> bool {
        let dead = |token: &IssuedToken| {
            self.evidence(token.fingerprint()).proof().is_some() || token.expires_at.is_some_and(|end| end <= now)
        };
        let tokens = self.token_set.iter().flat_map(|set| &set.tokens).filter(|token| token.kind != TokenKind::Id);
        self.is_revoked() && tokens.into_iter().all(dead)
    }

    /// The old generations of which something may still be accepted.
    pub fn alive(&self, now: Timestamp) -> impl Iterator<Item = &Generation> {
        self.generations.iter().filter(move |generation| !generation.is_dead(&self.evidence, now))
    }

    /// This record with the tokens of another one, which was written apart from it. Not if it has had them, or if they
    /// came in the place of other tokens than the current ones: then they are outdated, whatever the clock says.
    pub(super) fn joined_by(mut self, newer: Self) -> Self {
        for (fingerprint, evidence) in &newer.evidence {
            self.evidence.entry(*fingerprint).or_insert_with(|| evidence.clone());
        }
        let event_of = |set: &TokenSet| {
            let of = |kind| set.token(kind).map(IssuedToken::fingerprint);
            (set.received_at, of(TokenKind::Access), of(TokenKind::Refresh))
        };
        let knows = |record: &Self, set: &TokenSet| {
            let events = &mut record.history.iter();
            events.any(|event| (event.at, event.access, event.refresh) == event_of(set))
        };
        // Tokens alone have one event.
        let follows = newer.history.len() <= 1 || self.token_set.as_ref().is_none_or(|set| knows(&newer, set));
        let known = newer.token_set.as_ref().is_some_and(|set| knows(&self, set));
        let joins = self.may_join(&newer);
        self.join_rotation(newer.rotation.filter(|_| joins), !known);
        if !known && joins && (follows || self.is_empty()) {
            if let Some(token_set) = newer.token_set {
                let kind = newer.history.last().map_or(EventKind::Adopted, |event| event.kind);
                self.renew(token_set, kind);
                self.issued_by = newer.issued_by;
                if newer.history.len() <= 1 {
                    self.grant = self.number;
                }
            }
            self.adopt_generations(newer.generations, newer.grant);
        } else if !known {
            // Outdated is not dead.
            let at = self.token_set.as_ref().map(|set| (set.received_at, EventKind::Refresh));
            let others =
                newer.token_set.zip(at).and_then(|(set, at)| Generation::of(&set, None, (0, 0), newer.issued_by, at));
            self.adopt_generations(others.into_iter().collect(), 0);
        }
        self
    }

    /// Takes over old generations of another record, under numbers of this one.
    fn adopt_generations(&mut self, others: Vec<Generation>, grant: u64) {
        for mut other in others {
            let kept = |token: &generation::OldToken| {
                let current = self.token_set.iter().flat_map(|set| &set.tokens).map(IssuedToken::fingerprint);
                let old = self.generations.iter().flat_map(|old| &old.tokens).map(|old| old.fingerprint);
                current.chain(old).any(|kept| kept == token.fingerprint)
            };
            other.tokens.retain(|token| !kept(token));
            if !other.tokens.is_empty() {
                other.number = self.next_number();
                other.grant = if self.grant != 0 && other.grant == grant { self.grant } else { other.number };
                self.generations.push(other);
                self.number = if self.token_set.is_some() { self.next_number() } else { self.number };
            }
        }
    }

    /// What another vault knew of the current tokens counts from now on, be it that they are gone.
    pub(super) fn replaced_by(&mut self, other: Self) {
        let of = |set: &TokenSet, kind| set.token(kind).map(IssuedToken::fingerprint);
        let is_told = |set: &TokenSet| {
            let these = (of(set, TokenKind::Access), of(set, TokenKind::Refresh));
            other.history.iter().any(|event| (event.access, event.refresh) == these)
        };
        // Not of tokens that the other one never had: they are newer, or another's.
        if self.may_join(&other) && self.token_set.as_ref().is_none_or(is_told) {
            self.join_rotation(other.rotation, true);
            if other.token_set.is_none() && other.generations.is_empty() {
                // They were forgotten there.
                self.generations.clear();
            }
            (self.token_set, self.issued_by) = (other.token_set, other.issued_by);
            (self.in_flight, self.retired, self.doubt) = (other.in_flight, other.retired, other.doubt);
            self.evidence.extend(other.evidence);
            self.adopt_generations(other.generations, other.grant);
        }
        self.secrets.extend(other.secrets);
        self.history.extend(other.history);
        self.history.sort_by_key(|event| event.at);
        self.history.dedup();
        let excess = self.history.len().saturating_sub(HISTORY);
        self.history.drain(..excess);
    }

    /// The server has refused the current refresh token.
    pub fn retire(&mut self, refresh_token: Fingerprint, at: Timestamp, status: Option<u16>, words: String) {
        if let Some(token_set) = self.token_set.take() {
            self.remember(EventKind::Retired, at, &token_set);
            self.token_set = Some(token_set);
        }
        self.in_flight = None;
        let refused = Observation { at, status, words: words.clone() };
        self.evidence.entry(refresh_token).or_default().refused = Some(refused);
        self.retired = Some(Retired { refresh_token, at, words });
    }

    /// Drops all tokens, and what is known of them beyond the history and the result of the last rotation. Secrets were for the
    /// same server as they.
    pub fn clear(&mut self) {
        self.issued_by = self.issued_by.take().filter(|_| !self.secrets.is_empty());
        self.token_set = None;
        self.generations.clear();
        self.evidence.clear();
        (self.in_flight, self.retired, self.doubt) = (None, None, None);
    }

    /// Takes out one old set, with what is known of its tokens. The history stays.
    pub(super) fn take_set(&mut self, number: u64) -> Self {
        let generations: Vec<_> = self.generations.extract_if(.., |old| old.number == number).collect();
        let mut taken = Self { generations, ..Self::default() };
        for token in taken.generations.iter().flat_map(|old| &old.tokens) {
            taken.evidence.extend(self.evidence.remove_entry(&token.fingerprint));
        }
        taken
    }

    /// Takes back what was forgotten of it. What is known now counts more than what was known then.
    pub(super) fn take_back(&mut self, kept: Self) {
        let now = std::mem::replace(self, kept);
        if !now.history.is_empty() {
            self.history = now.history;
        }
        self.secrets.extend(now.secrets);
        self.evidence.extend(now.evidence);
        self.rotation = now.rotation.or(self.rotation.take());
        let numbers: BTreeSet<_> = now.generations.iter().map(|old| old.number).collect();
        self.generations.retain(|old| !numbers.contains(&old.number));
        self.generations.extend(now.generations);
        self.generations.sort_by_key(|old| old.number);
        if self.token_set.is_none() {
            (self.token_set, self.issued_by) = (now.token_set, now.issued_by.or(self.issued_by.take()));
            (self.number, self.grant) = (now.number.max(self.number), now.grant.max(self.grant));
            (self.in_flight, self.retired, self.doubt) = (now.in_flight, now.retired, now.doubt);
        }
    }

    /// Gives up what takes the most room, so that the rest can be saved: the text of old generations, else the largest token
    /// that is not a refresh token, of the session that is rotated or else of the current one. Whether there was anything.
    pub(super) fn shed(&mut self) -> bool {
        if generation::shed(&mut self.generations) {
            return true;
        }
        let rotating = self.rotation.as_mut().and_then(|journal| journal.old.as_mut()).map(|old| &mut old.token_set);
        rotating.into_iter().chain(&mut self.token_set).any(Self::shed_of)
    }

    fn shed_of(set: &mut TokenSet) -> bool {
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
        let no_tokens = self.token_set.is_none() && self.generations.is_empty();
        no_tokens && self.secrets.is_empty() && self.history.is_empty() && self.open_rotation().is_none()
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
