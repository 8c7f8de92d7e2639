//! What changes a record: each call holds the profile's lock from before it reads until after it has written.

use std::{collections::BTreeMap, time::Duration};

use super::{
    Aside, Doubt, EventKind, HeldRecord, IssuedBy, Journal, Record, Step, Vault, VaultError, VaultKeys, counted, seal,
};
use crate::{
    auth::TokenSet,
    clock::Timestamp,
    profile::ProfileName,
    secret::{Fingerprint, SecretString},
    store::{
        files,
        identity::Sealer,
        lock::{self, Lock},
        runs::RunId,
    },
};

/// Tokens can be put aside: see [`Vault::ready`].
#[derive(Debug)]
pub struct Ready {
    sealer: Sealer,
    issued_by: Option<IssuedBy>,
    rotation: Option<Journal>,
}

impl Ready {
    /// Who will have issued the tokens.
    #[must_use]
    pub fn issued_by(self, issued_by: IssuedBy) -> Self {
        Self { issued_by: Some(issued_by), ..self }
    }

    /// The rotation for which they will have been obtained.
    #[must_use]
    pub fn rotating(self, rotation: Journal) -> Self {
        Self { rotation: Some(Journal { step: Step::Obtained, ..rotation }), ..self }
    }
}

/// A profile whose tokens are not used until this is dropped.
#[derive(Debug)]
pub struct Reserved<'v> {
    vault: &'v Vault,
    profile: ProfileName,
    lock: Lock,
}

/// What is kept of a profile, on its way to a new name.
#[derive(Debug)]
pub enum Renaming<'v> {
    /// What is kept under the old name, what is under the new one, and what opens both, also where the vault is locked
    /// meanwhile.
    Kept(Box<(HeldRecord<'v>, HeldRecord<'v>, VaultKeys)>),
    /// Nothing is kept under the old name.
    Nothing {
        /// The old name, reserved.
        from: Reserved<'v>,
        /// The new one.
        to: Reserved<'v>,
    },
}

impl<'v> Reserved<'v> {
    /// Its record, under the same lock. No other run's rotation may be open.
    pub fn entry(self, run: Option<&RunId>) -> Result<HeldRecord<'v>, VaultError> {
        HeldRecord::new(self.vault, &self.vault.keys()?, &self.profile, self.lock)?.admitting(run)
    }

    /// Refuses a profile whose rotation is open: its record says it, or while that is locked, the runs.
    pub fn check_rotation(&self) -> Result<(), VaultError> {
        let Self { vault, profile, .. } = self;
        match vault.read(profile) {
            Ok(record) => record.unwrap_or_default().admits(profile, None),
            Err(VaultError::Locked) => match vault.runs.run_of(profile)? {
                Some(run) => Err(VaultError::Rotating { profile: profile.clone(), run }),
                None => Ok(()),
            },
            Err(_) => Ok(()),
        }
    }

    /// Removes all that is kept of it, unless its rotation is open.
    pub fn remove(self) -> Result<(), VaultError> {
        self.check_rotation()?;
        let Self { vault, profile, .. } = &self;
        if let Some(path) = vault.place(profile).file {
            files::remove(&path)?;
            vault.rescue.clear(profile);
            vault.state().seen.removed(&path);
        }
        vault.remove_key_sets(profile)?;
        let mut state = vault.state();
        state.shelf.remove(profile);
        state.aside.remove(profile);
        Ok(())
    }
}

impl Renaming<'_> {
    /// Moves it. What was kept under the new name is replaced.
    pub fn finish(self) -> Result<(), VaultError> {
        let (from, mut to, keys) = match self {
            Self::Kept(kept) => *kept,
            Self::Nothing { from: _from, to } => return to.remove(),
        };
        to.record = from.record.clone();
        if to.record.is_empty() {
            return to.remove();
        }
        to.save()?;
        let vault = from.vault();
        if let Ok(sets) = vault.key_sets(&keys, from.profile())
            && !sets.is_empty()
        {
            // They can be fetched again.
            let _ = vault.write_key_sets(&keys, to.profile(), sets);
        }
        from.remove()
    }
}

impl Vault {
    /// Takes a profile's lock, waiting 45 s at most, and reads what is kept of it. No other changes it until the entry
    /// is dropped. Dropping the future gives up. Refused while a rotation of the profile is open.
    pub async fn hold(&self, profile: &ProfileName) -> Result<HeldRecord<'_>, VaultError> {
        self.hold_for(profile, lock::WAIT).await
    }

    /// Like [`Self::hold`], waiting so long at most: longer than whoever has the lock may take.
    pub async fn hold_for(&self, profile: &ProfileName, patience: Duration) -> Result<HeldRecord<'_>, VaultError> {
        self.hold_noting(profile, patience).await?.admitting(None)
    }

    /// The same for the run whose rotation is open, or that begins one.
    pub async fn hold_rotating(
        &self,
        profile: &ProfileName,
        run: &RunId,
        patience: Duration,
    ) -> Result<HeldRecord<'_>, VaultError> {
        self.hold_noting(profile, patience).await?.admitting(Some(run))
    }

    /// The same for what is only noted beside the tokens: it is taken whatever rotation is open.
    pub async fn hold_noting(&self, profile: &ProfileName, patience: Duration) -> Result<HeldRecord<'_>, VaultError> {
        let keys = self.keys()?;
        HeldRecord::new(self, &keys, profile, self.wait(profile, patience).await?)
    }

    /// Like [`Self::hold`] for callers that must not wait for another's network request: half a second at most.
    pub fn hold_now(&self, profile: &ProfileName) -> Result<HeldRecord<'_>, VaultError> {
        self.hold_noting_now(profile)?.admitting(None)
    }

    /// Like [`Self::hold_noting`], without such a wait.
    pub fn hold_noting_now(&self, profile: &ProfileName) -> Result<HeldRecord<'_>, VaultError> {
        let keys = self.keys()?;
        HeldRecord::new(self, &keys, profile, self.glance(profile, lock::GLANCE)?)
    }

    /// Tries again to write what could not be written, without waiting for a lock. Whether all is saved now. Cheap where
    /// there is nothing to do; a locked vault can do it too, for whole records.
    pub fn retry(&self) -> bool {
        let waiting: Vec<_> = self.in_memory().into_iter().filter(|profile| self.unsaved(profile).is_some()).collect();
        for profile in &waiting {
            let Ok(lock) = self.glance(profile, Duration::ZERO) else { continue };
            match self.keys() {
                // Making an entry writes what waits for it.
                Ok(keys) => _ = HeldRecord::new(self, &keys, profile, lock),
                Err(_) => self.write_sealed(profile),
            }
        }
        waiting.iter().all(|profile| self.unsaved(profile).is_none())
    }

    /// Writes a record as it lies in memory. The caller holds its lock.
    fn write_sealed(&self, profile: &ProfileName) {
        let shelved = self.state().shelf.get(profile).map(|shelved| (shelved.sealed.clone(), shelved.counter));
        let (Some((sealed, counter)), Some(path)) = (shelved, self.place(profile).file) else { return };
        if files::replace(&path, &sealed).is_ok() {
            self.rescue.clear(profile);
            let mut state = self.state();
            state.shelf.remove(profile);
            state.seen.note(&path, profile, counter);
        }
    }

    /// Drops the tokens of a profile and what is known of them; remembered secrets and the history stay. What was there comes
    /// back, for [`Self::put_back`].
    pub fn forget(&self, profile: &ProfileName) -> Result<Record, VaultError> {
        let mut entry = self.hold_now(profile)?;
        let kept = entry.record.clone();
        entry.record.clear();
        if entry.record.is_empty() { entry.remove() } else { entry.save() }?;
        Ok(kept)
    }

    /// The same of one old set; what comes back is empty where it is gone already.
    pub fn forget_set(&self, profile: &ProfileName, number: u64) -> Result<Record, VaultError> {
        let mut entry = self.hold_now(profile)?;
        let kept = entry.record.take_set(number);
        if !kept.generations.is_empty() {
            if entry.record.is_empty() { entry.remove() } else { entry.save() }?;
        }
        Ok(kept)
    }

    /// Puts back what was forgotten. Current tokens only where there are none again: those are newer. Whether it did.
    pub fn put_back(&self, profile: &ProfileName, kept: Record) -> Result<bool, VaultError> {
        let mut entry = self.hold_now(profile)?;
        if kept.token_set.is_some() && entry.record.token_set.is_some() {
            return Ok(false);
        }
        entry.record.take_back(kept);
        entry.save()?;
        Ok(true)
    }

    /// Takes a profile's lock for a change of the profile itself, waiting half a second at most: its tokens are not used
    /// meanwhile. The vault need not be open.
    pub fn reserve(&self, profile: &ProfileName) -> Result<Reserved<'_>, VaultError> {
        let lock = self.glance(profile, lock::GLANCE)?;
        Ok(Reserved { vault: self, profile: profile.clone(), lock })
    }

    /// The same for tokens that are on their way, waiting so long at most.
    pub async fn reserve_for(&self, profile: &ProfileName, patience: Duration) -> Result<Reserved<'_>, VaultError> {
        let lock = self.wait(profile, patience).await?;
        Ok(Reserved { vault: self, profile: profile.clone(), lock })
    }

    /// Removes all that is kept of a profile: for that the vault need not be open.
    pub fn remove(&self, profile: &ProfileName) -> Result<(), VaultError> {
        self.reserve(profile)?.remove()
    }

    /// Takes the locks of both names, for a profile that gets a new one. The vault must be open where something is kept of it.
    pub fn reserve_both(&self, old: &ProfileName, new: &ProfileName) -> Result<Renaming<'_>, VaultError> {
        let from = self.reserve(old)?;
        let keys = if self.keeps(old) { Some(self.keys()?) } else { None };
        let to = self.reserve(new)?;
        let Some(keys) = keys else { return Ok(Renaming::Nothing { from, to }) };
        let held = |name, lock| HeldRecord::new(self, &keys, name, lock)?.admitting(None);
        let (from, to) = (held(old, from.lock)?, held(new, to.lock)?);
        Ok(Renaming::Kept(Box::new((from, to, keys))))
    }

    /// Moves all that is kept of a profile to a new name. What was kept under that one is replaced.
    pub fn rename(&self, old: &ProfileName, new: &ProfileName) -> Result<(), VaultError> {
        if old == new { Ok(()) } else { self.reserve_both(old, new)?.finish() }
    }

    /// Drops the old generations of a profile that are dead by now. Without a wait: whoever is at it does the same.
    pub fn tidy(&self, profile: &ProfileName, now: Timestamp) -> Result<(), VaultError> {
        let is_due = |record: &Record| record.alive(now).count() < record.generations.len();
        if !self.read(profile)?.is_some_and(|record| is_due(&record)) {
            return Ok(());
        }
        let mut entry = match self.glance(profile, Duration::ZERO) {
            Err(VaultError::Busy(_)) => return Ok(()),
            lock => HeldRecord::new(self, &self.keys()?, profile, lock?)?,
        };
        entry.record.tidy(now);
        if entry.record.is_empty() { entry.remove() } else { entry.save() }
    }

    /// Notes that the tokens of this generation came with an ID token that is not valid.
    pub fn doubt(
        &self,
        profile: &ProfileName,
        generation: Fingerprint,
        at: Timestamp,
        words: String,
    ) -> Result<(), VaultError> {
        let mut entry = self.hold_noting_now(profile)?;
        if entry.record.token_set.as_ref().and_then(TokenSet::generation) == Some(generation) {
            entry.record.doubt = Some(Doubt { at, words });
            entry.save()?;
        }
        Ok(())
    }

    /// Remembers a secret under the key of its setting; `None` forgets it.
    pub fn remember(&self, profile: &ProfileName, key: &str, secret: Option<SecretString>) -> Result<(), VaultError> {
        let mut entry = self.hold_noting_now(profile)?;
        match secret {
            Some(secret) => _ = entry.record.secrets.insert(key.to_owned(), secret),
            None => _ = entry.record.secrets.remove(key),
        }
        entry.save()
    }

    /// Takes new tokens in before the record's lock is there: nothing that a server gave is thrown away, whoever holds the
    /// lock, whatever the file looks like. The next call that gets the lock puts them in the record.
    ///
    /// `ready` is what [`Self::ready`] gave before they were asked for.
    pub fn put_aside(&self, ready: &Ready, profile: &ProfileName, token_set: TokenSet, kind: EventKind) {
        let mut record = Record::default();
        record.renew(token_set, kind);
        record.issued_by.clone_from(&ready.issued_by);
        record.rotation.clone_from(&ready.rotation);
        self.put_record_aside(ready, profile, &record);
    }

    fn put_record_aside(&self, ready: &Ready, profile: &ProfileName, record: &Record) {
        // It counts by the time alone: what is in the record is not known here.
        let sealed = seal(&ready.sealer, profile, counted(0), record).into();
        let reason = "another tokscope is using their place in the vault".to_owned();
        // A vault in memory that was locked meanwhile is empty, and stays so: what is put there could not be opened.
        if self.folder.is_some() || !self.is_locked() {
            self.state().aside.insert(profile.clone(), Aside { sealed, reason, rescued: None });
        }
    }

    /// What it takes to keep tokens that are about to be asked for, even if the vault is locked before they come.
    pub fn ready(&self) -> Result<Ready, VaultError> {
        Ok(Ready { sealer: self.keys()?.sealer(), issued_by: None, rotation: None })
    }

    /// Says why tokens that were put aside are still there, and puts them on disk elsewhere, if that works.
    pub(crate) fn explain_aside(&self, profile: &ProfileName, why: &VaultError) {
        if let Some(aside) = self.state().aside.get_mut(profile) {
            aside.reason = why.to_string();
            aside.rescued = self.rescue.save(profile, &aside.sealed);
        }
    }

    /// Takes what another vault keeps in memory, the old generations too; what is here already becomes one of them. What
    /// cannot be written now is kept until it can.
    pub fn take_over(&self, other: &Self) -> Result<(), VaultError> {
        // One in memory in which nothing is has not even a key, and needs none for this.
        if !other.is_durable() && other.in_memory().is_empty() {
            return Ok(());
        }
        other.all()?.records.into_iter().try_for_each(|(profile, record)| self.take_over_record(&profile, record))
    }

    /// The same of one record: its tokens, what has to be told of them, what became of them, and its secrets.
    pub fn take_over_record(&self, profile: &ProfileName, record: Record) -> Result<(), VaultError> {
        if record.token_set.is_some() || !record.generations.is_empty() {
            // They come whatever is here: their history was another one.
            let last = record.history.iter().rfind(|event| event.kind.brings_tokens());
            let history = last.cloned().into_iter().collect();
            let aside = Record { history, secrets: BTreeMap::new(), ..record.clone() };
            self.put_record_aside(&self.ready()?, profile, &aside);
        }
        match self.hold_noting_now(profile) {
            Ok(mut entry) => {
                entry.record.replaced_by(record);
                entry.keep();
            }
            Err(why) => self.explain_aside(profile, &why),
        }
        Ok(())
    }

    pub(super) async fn wait(&self, profile: &ProfileName, patience: Duration) -> Result<Lock, VaultError> {
        let place = self.place(profile);
        let lock = self.locks.wait(patience, &place.name, place.lock.as_deref(), || self.held(profile)).await;
        lock.map_err(|error| VaultError::of_lock(error, profile))
    }

    pub(super) fn glance(&self, profile: &ProfileName, patience: Duration) -> Result<Lock, VaultError> {
        let place = self.place(profile);
        let lock = self.locks.glance(patience, &place.name, place.lock.as_deref(), || self.held(profile));
        lock.map_err(|error| VaultError::of_lock(error, profile))
    }
}
