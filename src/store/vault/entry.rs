//! A record under its lock: read when the lock was taken, and changed by nobody else.

use std::sync::Arc;

use super::{Record, Shelved, Unsaved, Vault, VaultError, seal};
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
    /// What of the shelf is in the record.
    shelved: Option<Arc<[u8]>>,
    lock: Lock,
}

impl<'v> Entry<'v> {
    pub(super) fn new(vault: &'v Vault, profile: &ProfileName, lock: Lock) -> Result<Self, VaultError> {
        let identity = vault.identity()?;
        let (record, shelved) = vault.load(&identity, profile)?;
        let record = record.unwrap_or_default();
        let mut entry = Self { record, vault, profile: profile.clone(), identity, shelved, lock };
        if vault.unsaved(profile).is_some() {
            // The next opportunity. What cannot be saved now either stays where it is.
            let _ = entry.save();
        }
        Ok(entry)
    }

    /// Writes the record. Once this returns, it survives a power cut; on an error, the file is as it was.
    pub fn save(&mut self) -> Result<(), VaultError> {
        let sealed = seal(&self.identity, &self.profile, &self.record);
        match self.vault.place(&self.profile).file {
            Some(path) => {
                files::replace(&path, &sealed)?;
                self.take_off_the_shelf();
            }
            None => self.shelve(sealed, None),
        }
        Ok(())
    }

    /// Writes the record, or else keeps it in memory until it can be written: for what exists nowhere else. Why it is not
    /// saved, if it is not.
    pub fn keep(&mut self) -> Option<String> {
        let error = self.save().err()?;
        let reason = error.to_string();
        let sealed = seal(&self.identity, &self.profile, &self.record);
        self.shelve(sealed, Some(Unsaved { reason: reason.clone(), lock: self.lock.file() }));
        Some(reason)
    }

    /// Removes the record.
    pub fn remove(mut self) -> Result<(), VaultError> {
        if let Some(path) = self.vault.place(&self.profile).file {
            files::remove(&path)?;
        }
        self.shelved = self.vault.state().shelf.get(&self.profile).map(|shelved| Arc::clone(&shelved.sealed));
        self.take_off_the_shelf();
        Ok(())
    }

    fn shelve(&mut self, sealed: Arc<[u8]>, unsaved: Option<Unsaved>) {
        self.shelved = Some(Arc::clone(&sealed));
        self.vault.state().shelf.insert(self.profile.clone(), Shelved { sealed, unsaved });
    }

    /// What is in the record is no longer needed on the shelf. What another put there meanwhile is.
    fn take_off_the_shelf(&mut self) {
        let Some(ours) = self.shelved.take() else { return };
        let shelf = &mut self.vault.state().shelf;
        if shelf.get(&self.profile).is_some_and(|shelved| Arc::ptr_eq(&shelved.sealed, &ours)) {
            shelf.remove(&self.profile);
        }
    }
}
