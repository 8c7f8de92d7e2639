//! What a rotation does to a record, and what nothing else may do to one whose rotation is open.

use super::{EventKind, IssuedBy, Journal, Observation, OldSet, OldToken, Record, Step, VaultError, journal::Attempts};
use crate::{
    auth::{
        IssuedToken, TokenSet,
        rotation::{Kinship, Way},
    },
    clock::Timestamp,
    profile::ProfileName,
    store::runs::RunId,
};

impl Record {
    /// The rotation that is not settled.
    pub fn open_rotation(&self) -> Option<&Journal> {
        self.rotation.as_ref().filter(|journal| journal.is_open())
    }

    /// Begins a rotation: from here on, only its run changes the tokens. The step is [`Step::Obtaining`], and what is current
    /// becomes its old session.
    pub fn begin_rotation(&mut self, run: RunId, way: Option<Way>, kinship: Option<Kinship>) -> &mut Journal {
        let old = self.token_set.clone().map(|token_set| OldSet {
            number: self.number,
            grant: self.grant,
            token_set,
            issued_by: self.issued_by.clone(),
        });
        self.rotation.insert(Journal {
            run,
            way,
            kinship,
            step: Step::Obtaining,
            attempts: Attempts::default(),
            old,
            remarks: Vec::new(),
            so_far: None,
            settled: None,
        })
    }

    /// The new session takes the place of the old one, and the step is [`Step::Obtained`]: in one write. Who issued it is said
    /// where it came by a login.
    pub fn obtained(&mut self, token_set: TokenSet, kind: EventKind, issued_by: Option<IssuedBy>) {
        self.renew(token_set, kind);
        self.issued_by = issued_by.or(self.issued_by.take());
        if let Some(journal) = &mut self.rotation {
            journal.step = Step::Obtained;
        }
    }

    /// Puts the old session back in its place; the new one becomes an old generation. Whether there was an old one.
    pub fn reinstate(&mut self, at: Timestamp) -> bool {
        let Some(old) = self.rotation.as_ref().and_then(|journal| journal.old.clone()) else { return false };
        if self.token_set.as_ref().and_then(TokenSet::generation) != old.token_set.generation() {
            self.log_out(at);
            let is_old =
                |token: &OldToken| old.token_set.tokens.iter().any(|issued| issued.fingerprint() == token.fingerprint);
            self.generations.retain(|generation| !generation.tokens.iter().all(is_old));
        }
        (self.number, self.grant) = (old.number, old.grant);
        (self.token_set, self.issued_by) = (Some(old.token_set), old.issued_by);
        true
    }

    /// Ends the rotation with this result. Of the old session stays what is not known to be dead, as an old generation: it was
    /// to be ended, whatever was sent for that.
    pub fn settle(&mut self, result: String) {
        let Some(journal) = &mut self.rotation else { return };
        let old = journal.old.take();
        (journal.step, journal.so_far, journal.settled) = (Step::Settled, None, Some(result));
        let prints: Vec<_> = old.iter().flat_map(|old| &old.token_set.tokens).map(IssuedToken::fingerprint).collect();
        for generation in &self.generations {
            for token in generation.tokens.iter().filter(|token| prints.contains(&token.fingerprint)) {
                let (at, words) = (generation.replaced_at, "a rotation replaced it".to_owned());
                let tried = || Observation { at, status: None, words };
                self.evidence.entry(token.fingerprint).or_default().revocation.get_or_insert_with(tried);
            }
        }
    }

    /// Refuses whoever is not the run whose rotation is open.
    pub fn admits(&self, profile: &ProfileName, run: Option<&RunId>) -> Result<(), VaultError> {
        match self.open_rotation().filter(|journal| Some(&journal.run) != run) {
            Some(journal) => Err(VaultError::Rotating { profile: profile.clone(), run: journal.run.clone() }),
            None => Ok(()),
        }
    }

    /// What was written apart from this record belongs to the rotation that is open here, or there is none.
    pub(super) fn may_join(&self, newer: &Self) -> bool {
        let of = |record: &Self| record.rotation.as_ref().map(|journal| journal.run.clone());
        self.open_rotation().is_none() || of(self) == of(newer)
    }

    /// The later one of two journals of a run. Another run's takes the place of one that is settled where it came with new
    /// tokens.
    pub(super) fn join_rotation(&mut self, newer: Option<Journal>, came_with_tokens: bool) {
        self.rotation = match (self.rotation.take(), newer) {
            (Some(ours), Some(theirs)) if ours.run == theirs.run => Some(ours.or_later(theirs)),
            (ours, theirs) => theirs.filter(|_| came_with_tokens).or(ours),
        };
    }
}
