//! A record under its lock: read when the lock was taken, and changed only under it.

use std::sync::Arc;

use super::{Record, Shelved, Unsaved, Vault, VaultError, VaultKeys, counted, file_format, seal};
use crate::{
    profile::ProfileName,
    store::{files, identity::Sealer, lock::Lock, runs::RunId},
};

/// A record under its lock. Dropping it lets the next one in; only what was saved or kept is changed.
#[derive(Debug)]
pub struct HeldRecord<'v> {
    /// What is kept: to be changed, and then saved.
    pub record: Record,
    vault: &'v Vault,
    profile: ProfileName,
    /// The count of its last write.
    counter: u64,
    /// Something was kept when it was read.
    is_kept: bool,
    /// Ours until the end: a vault that is locked meanwhile must not cost the reply that is on its way.
    sealer: Sealer,
    lock: Lock,
}

impl<'v> HeldRecord<'v> {
    /// Reads the record, and writes what has been waiting for that.
    pub(super) fn new(
        vault: &'v Vault,
        keys: &VaultKeys,
        profile: &ProfileName,
        lock: Lock,
    ) -> Result<Self, VaultError> {
        let aside = vault.put_aside_of(keys, profile)?;
        let found = match vault.load(keys, profile) {
            // What came meanwhile takes its place.
            Err(VaultError::Deleted { .. }) if aside.is_some() => None,
            found => found?,
        };
        let is_kept = found.is_some();
        let seen = vault.place(profile).file.map_or(0, |path| vault.state().seen.counter(&path));
        let (counter, record) = found.map_or_else(|| (seen, Record::default()), |found| (found.counter, found.record));
        let waiting = vault.unsaved(profile).is_some();
        let (aside, sealed) = aside.unzip();
        let rescued = vault.rescued_of(keys, profile, counter);
        let found = !rescued.is_empty();
        let record = rescued.into_iter().chain(aside).fold(record, Record::joined_by);
        let mut entry = Self { record, vault, profile: profile.clone(), counter, is_kept, sealer: keys.sealer(), lock };
        if waiting || found {
            entry.keep();
        }
        if let Some(sealed) = sealed {
            let aside = &mut vault.state().aside;
            // Unless something else was put there meanwhile.
            if aside.get(profile).is_some_and(|aside| Arc::ptr_eq(&aside.sealed, &sealed)) {
                aside.remove(profile);
            }
        }
        Ok(entry)
    }

    /// The record for whoever its rotation lets in: its run, and anything where none is open.
    pub(super) fn admitting(self, run: Option<&RunId>) -> Result<Self, VaultError> {
        self.record.admits(&self.profile, run)?;
        Ok(self)
    }

    pub(super) fn vault(&self) -> &'v Vault {
        self.vault
    }

    pub(super) fn profile(&self) -> &ProfileName {
        &self.profile
    }

    /// Writes the record. Once this returns, it survives a power cut; on an error, the file is as it was.
    pub fn save(&mut self) -> Result<(), VaultError> {
        let sealed = self.sealed();
        match self.vault.place(&self.profile).file {
            Some(path) => {
                // What could not be opened again must not take the place of what can.
                if !file_format::survives(self.profile.as_str(), self.counter, &self.record) {
                    return Err(VaultError::Unreadable(path));
                }
                files::replace(&path, &sealed)?;
                self.vault.rescue.clear(&self.profile);
                let mut state = self.vault.state();
                state.shelf.remove(&self.profile);
                state.seen.note(&path, &self.profile, self.counter);
            }
            None => self.shelve(sealed, None),
        }
        Ok(())
    }

    /// Writes the record, or else keeps it in memory until it can be written, and until then, if that works, on disk
    /// elsewhere ([`Vault::rescued`]): for what exists nowhere else. Why it is not saved, if it is not.
    pub fn keep(&mut self) -> Option<String> {
        let reason = self.save().err()?.to_string();
        let sealed = self.sealed();
        let rescued = self.record.token_set.as_ref().and_then(|_| self.vault.rescue.save(&self.profile, &sealed));
        self.shelve(sealed, Some(Unsaved { reason: reason.clone(), rescued, lock: self.lock.file() }));
        Some(reason)
    }

    /// Whether there is a record at all.
    pub(super) fn is_kept(&self) -> bool {
        self.is_kept
    }

    /// Removes the record.
    pub fn remove(self) -> Result<(), VaultError> {
        if let Some(path) = self.vault.place(&self.profile).file {
            files::remove(&path)?;
            self.vault.remove_key_sets(&self.profile)?;
            self.vault.rescue.clear(&self.profile);
            self.vault.state().seen.removed(&path);
        }
        self.vault.state().shelf.remove(&self.profile);
        Ok(())
    }

    fn sealed(&mut self) -> Vec<u8> {
        self.counter = counted(self.counter);
        loop {
            let sealed = seal(&self.sealer, &self.profile, self.counter, &self.record);
            if files::fits(&sealed) || !self.record.shed() {
                return sealed;
            }
        }
    }

    fn shelve(&self, sealed: Vec<u8>, unsaved: Option<Unsaved>) {
        // A vault in memory that was locked meanwhile is empty, and stays so.
        if unsaved.is_some() || !self.vault.is_locked() {
            let shelved = Shelved { sealed, counter: self.counter, unsaved };
            self.vault.state().shelf.insert(self.profile.clone(), shelved);
        }
    }
}
