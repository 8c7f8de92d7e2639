//! A record under its lock: read when the lock was taken, and changed by nobody else.

use std::sync::Arc;

use super::{Record, Shelved, Unsaved, Vault, VaultError, format, seal};
use crate::{
    profile::ProfileName,
    store::{files, identity::Identity, lock::Lock},
};

/// A record under its lock. Dropping it lets the next one in; only what was saved or kept is changed.
#[derive(Debug)]
pub struct Entry<'v> {
    /// What is kept: to be changed, and then saved.
    pub record: Record,
    vault: &'v Vault,
    profile: ProfileName,
    /// Ours until the end: a vault that is locked meanwhile must not cost the reply that is on its way.
    identity: Identity,
    lock: Lock,
}

impl<'v> Entry<'v> {
    /// Reads the record, and writes what has been waiting for that.
    pub(super) fn new(vault: &'v Vault, profile: &ProfileName, lock: Lock) -> Result<Self, VaultError> {
        let identity = vault.identity()?;
        let record = vault.load(&identity, profile)?.unwrap_or_default();
        let aside = vault.put_aside_of(&identity, profile)?;
        let waiting = vault.unsaved(profile).is_some();
        let (aside, sealed) = aside.unzip();
        let rescued = vault.rescued_of(&identity, profile);
        let found = !rescued.is_empty();
        let record = rescued.into_iter().chain(aside).fold(record, Record::joined_by);
        let mut entry = Self { record, vault, profile: profile.clone(), identity, lock };
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

    /// Writes the record. Once this returns, it survives a power cut; on an error, the file is as it was.
    pub fn save(&mut self) -> Result<(), VaultError> {
        let sealed = self.sealed();
        match self.vault.place(&self.profile).file {
            Some(path) => {
                // What could not be opened again must not take the place of what can.
                if !format::survives(self.profile.as_str(), &self.record) {
                    return Err(VaultError::Unreadable { path });
                }
                files::replace(&path, &sealed)?;
                self.vault.rescue.clear(&self.profile);
                self.vault.state().shelf.remove(&self.profile);
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

    /// Removes the record.
    pub fn remove(self) -> Result<(), VaultError> {
        if let Some(path) = self.vault.place(&self.profile).file {
            files::remove(&path)?;
            self.vault.rescue.clear(&self.profile);
        }
        self.vault.state().shelf.remove(&self.profile);
        Ok(())
    }

    fn sealed(&self) -> Vec<u8> {
        seal(&self.identity.public(), &self.profile, &self.record)
    }

    fn shelve(&self, sealed: Vec<u8>, unsaved: Option<Unsaved>) {
        let mut state = self.vault.state();
        // A vault in memory that was locked meanwhile is empty, and stays so.
        if unsaved.is_some() || state.identity.is_some() {
            state.shelf.insert(self.profile.clone(), Shelved { sealed, unsaved });
        }
    }
}
