//! The vault: what is kept of each profile, encrypted, one file a profile in the folder `vault` beside the profiles, or
//! the same in memory alone.
//!
//! Nothing decrypted stays here: each call reads, so it sees what another process has written, and a locked vault has
//! nothing to give away. Who changes a record holds its lock ([`Vault::hold`]) from before it is read until after it is
//! written. What cannot be written stays in memory, encrypted, and is written as soon as that works ([`Vault::retry`]).

mod entry;
mod error;
mod folder;
mod format;
pub mod record;

use std::{
    collections::HashMap,
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use secrecy::zeroize::Zeroizing;

pub use self::{
    entry::Entry,
    error::VaultError,
    folder::path,
    record::{Event, EventKind, InFlight, Record, Retired},
};
use self::{
    folder::{Folder, Place},
    format::FormatError,
};
use super::{
    StoreError, files,
    identity::Identity,
    lock::{FileLock, Locks},
};
use crate::{
    auth::TokenSet,
    profile::ProfileName,
    secret::{Fingerprint, SecretString},
};

/// Keeps tokens and secrets by profile.
#[derive(Debug)]
pub struct Vault {
    /// Where the files are; none in memory.
    folder: Option<Folder>,
    locks: Locks,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    /// None while the vault is locked.
    identity: Option<Identity>,
    /// What is in no file: everything of a vault in memory, and else what could not be written.
    shelf: HashMap<ProfileName, Shelved>,
}

/// A record in memory, encrypted.
#[derive(Debug)]
struct Shelved {
    sealed: Arc<[u8]>,
    /// Why it is not in its file, where it should be.
    unsaved: Option<Unsaved>,
}

#[derive(Debug)]
struct Unsaved {
    reason: String,
    /// Kept locked, so that no other process uses what the file still says. None where the lock itself was not to be had:
    /// then somebody else may have written since.
    lock: Option<Arc<FileLock>>,
}

/// All that a vault holds.
#[derive(Debug, Default)]
pub struct Contents {
    /// The records, by name.
    pub records: Vec<(ProfileName, Record)>,
    /// Files that cannot be read. They stay as they are.
    pub unreadable: Vec<VaultError>,
}

/// What a screen shows of a record besides its tokens.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Condition {
    /// A refresh was begun and its end is not known: the mark is left over, unless one is under way right now.
    pub in_flight: Option<InFlight>,
    /// The server has refused the refresh token: only a login helps.
    pub retired: Option<Retired>,
    /// Why the newest tokens are in memory alone.
    pub unsaved: Option<String>,
}

/// One in memory.
impl Default for Vault {
    fn default() -> Self {
        Self::memory()
    }
}

impl Vault {
    /// A vault without files: all is gone with it, and when it is locked.
    pub fn memory() -> Self {
        Self::new(None, Some(Identity::generate()))
    }

    /// The vault of a configuration folder. Its own folder is made where it is missing, closed to others where it is not,
    /// and cleared of what dead processes left behind.
    pub fn open(config_dir: &Path, identity: Identity) -> Result<Self, StoreError> {
        Ok(Self::new(Some(Folder::open(config_dir)?), Some(identity)))
    }

    /// Like [`Self::open`], locked.
    pub fn open_locked(config_dir: &Path) -> Result<Self, StoreError> {
        Ok(Self::new(Some(Folder::open(config_dir)?), None))
    }

    fn new(folder: Option<Folder>, identity: Option<Identity>) -> Self {
        let state = State { identity, shelf: HashMap::new() };
        Self { folder, locks: Locks::default(), state: Mutex::new(state) }
    }

    /// Whether what is saved is still there after the program ends.
    pub fn is_durable(&self) -> bool {
        self.folder.is_some()
    }

    /// Whether nothing can be read or changed before [`Self::unlock`].
    pub fn is_locked(&self) -> bool {
        self.state().identity.is_none()
    }

    /// Drops the identity. Calls under way end as they would have; later ones answer [`VaultError::Locked`]. What could
    /// not be saved is kept, encrypted. A vault in memory is emptied: nobody else has its identity.
    pub fn lock(&self) {
        let mut state = self.state();
        state.identity = None;
        if self.folder.is_none() {
            state.shelf.clear();
        }
    }

    /// Opens a locked vault.
    pub fn unlock(&self, identity: Identity) {
        self.state().identity = Some(identity);
    }

    /// What is kept of a profile.
    pub fn read(&self, profile: &ProfileName) -> Result<Option<Record>, VaultError> {
        let identity = self.identity()?;
        self.load(&identity, profile).map(|(record, _)| record)
    }

    /// The current token set of a profile.
    pub fn token_set(&self, profile: &ProfileName) -> Result<Option<TokenSet>, VaultError> {
        Ok(self.read(profile)?.and_then(|record| record.token_set))
    }

    /// A remembered secret of a profile, by the key of its setting.
    pub fn secret(&self, profile: &ProfileName, key: &str) -> Result<Option<SecretString>, VaultError> {
        Ok(self.read(profile)?.and_then(|mut record| record.secrets.remove(key)))
    }

    /// What is to be told of a profile's record.
    pub fn condition(&self, profile: &ProfileName) -> Result<Condition, VaultError> {
        let Record { in_flight, retired, .. } = self.read(profile)?.unwrap_or_default();
        Ok(Condition { in_flight, retired, unsaved: self.unsaved(profile) })
    }

    /// Everything that is kept: each file is read. One that cannot be read does not hide the others.
    pub fn all(&self) -> Result<Contents, VaultError> {
        let identity = self.identity()?;
        let mut contents = Contents::default();
        let shelved: Vec<_> = self.state().shelf.keys().cloned().collect();
        for profile in shelved {
            match self.load(&identity, &profile) {
                Ok((record, _)) => contents.records.extend(record.map(|record| (profile, record))),
                Err(error) => contents.unreadable.push(error),
            }
        }
        for path in self.folder.iter().map(Folder::files).collect::<Result<Vec<_>, _>>()?.into_iter().flatten() {
            match self.read_file(&identity, &path) {
                Ok((name, _)) if contents.records.iter().any(|(known, _)| *known == name) => {}
                Ok(found) => contents.records.push(found),
                // It was removed since.
                Err(error) if error.is_missing() => {}
                Err(error) => contents.unreadable.push(error),
            }
        }
        contents.records.sort_by(|(a, _), (b, _)| a.cmp(b));
        Ok(contents)
    }

    /// Why the newest tokens of a profile are in memory alone; `None` where they are saved.
    pub fn unsaved(&self, profile: &ProfileName) -> Option<String> {
        Some(self.state().shelf.get(profile)?.unsaved.as_ref()?.reason.clone())
    }

    /// Takes a profile's lock, waiting 15 s at most, and reads what is kept of it. Nobody else changes it until the entry
    /// is dropped. Dropping the future gives up.
    pub async fn hold(&self, profile: &ProfileName) -> Result<Entry<'_>, VaultError> {
        let place = self.place(profile);
        let lock = self.locks.wait(&place.name, place.lock.as_deref(), || self.held(profile)).await;
        Entry::new(self, profile, lock.map_err(|error| VaultError::of_lock(error, profile))?)
    }

    /// Like [`Self::hold`] for callers that must not wait for another's network request: half a second at most.
    pub fn hold_now(&self, profile: &ProfileName) -> Result<Entry<'_>, VaultError> {
        let place = self.place(profile);
        let lock = self.locks.glance(&place.name, place.lock.as_deref(), || self.held(profile));
        Entry::new(self, profile, lock.map_err(|error| VaultError::of_lock(error, profile))?)
    }

    /// Tries again to write what could not be written. Whether all is saved now. Cheap where there is nothing to do.
    pub fn retry(&self) -> bool {
        let waiting: Vec<_> = {
            let state = self.state();
            state.shelf.iter().filter(|(_, shelved)| shelved.unsaved.is_some()).map(|(name, _)| name.clone()).collect()
        };
        // Holding an entry writes what waits for it.
        waiting.iter().filter(|name| self.hold_now(name).is_err() || self.unsaved(name).is_some()).count() == 0
    }

    /// Drops the tokens of a profile and what is known of them; remembered secrets and the history stay.
    pub fn forget(&self, profile: &ProfileName) -> Result<(), VaultError> {
        let mut entry = self.hold_now(profile)?;
        entry.record.clear();
        entry.save()
    }

    /// Removes all that is kept of a profile.
    pub fn remove(&self, profile: &ProfileName) -> Result<(), VaultError> {
        self.hold_now(profile)?.remove()
    }

    /// Moves all that is kept of a profile to a new name. What was kept under that one is replaced.
    pub fn rename(&self, old: &ProfileName, new: &ProfileName) -> Result<(), VaultError> {
        if old == new {
            return Ok(());
        }
        let from = self.hold_now(old)?;
        let mut to = self.hold_now(new)?;
        to.record = from.record.clone();
        to.save()?;
        from.remove()
    }

    /// The current tokens have proved good: the previous ones are dropped. `generation` is what was tried.
    pub fn confirm(&self, profile: &ProfileName, generation: Fingerprint) -> Result<(), VaultError> {
        let proved = |record: &Record| {
            record.previous.is_some() && record.token_set.as_ref().and_then(TokenSet::generation) == Some(generation)
        };
        if !self.read(profile)?.is_some_and(|record| proved(&record)) {
            return Ok(());
        }
        let mut entry = self.hold_now(profile)?;
        if proved(&entry.record) {
            entry.record.previous = None;
            entry.save()?;
        }
        Ok(())
    }

    /// Remembers a secret under the key of its setting; `None` forgets it.
    pub fn remember(&self, profile: &ProfileName, key: &str, secret: Option<SecretString>) -> Result<(), VaultError> {
        let mut entry = self.hold_now(profile)?;
        match secret {
            Some(secret) => _ = entry.record.secrets.insert(key.to_owned(), secret),
            None => _ = entry.record.secrets.remove(key),
        }
        entry.save()
    }

    /// Takes tokens in that came while the lock was not to be had: nothing that a server gave is thrown away. They are
    /// saved by the next call that gets the lock.
    pub fn put_aside(
        &self,
        profile: &ProfileName,
        token_set: TokenSet,
        kind: EventKind,
        why: &VaultError,
    ) -> Result<(), VaultError> {
        let identity = self.identity()?;
        let mut record = Record::default();
        record.renew(token_set, kind);
        let sealed = seal(&identity, profile, &record);
        let unsaved = Some(Unsaved { reason: why.to_string(), lock: None });
        self.state().shelf.insert(profile.clone(), Shelved { sealed, unsaved });
        Ok(())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn identity(&self) -> Result<Identity, VaultError> {
        self.state().identity.clone().ok_or(VaultError::Locked)
    }

    fn place(&self, profile: &ProfileName) -> Place {
        Place::new(self.folder.as_ref(), profile)
    }

    /// The lock file of a profile, where we have kept it locked.
    fn held(&self, profile: &ProfileName) -> Option<Arc<FileLock>> {
        self.state().shelf.get(profile)?.unsaved.as_ref()?.lock.clone()
    }

    /// What is kept, and which bytes of the shelf are in it.
    fn load(
        &self,
        identity: &Identity,
        profile: &ProfileName,
    ) -> Result<(Option<Record>, Option<Arc<[u8]>>), VaultError> {
        let path = self.place(profile).file;
        let file = || match path.as_deref().map(|path| self.read_file(identity, path)) {
            Some(Ok((name, _))) if name != *profile => {
                Err(VaultError::Swapped { path: path.clone().unwrap_or_default(), found: name })
            }
            Some(Ok((_, record))) => Ok(Some(record)),
            Some(Err(error)) if error.is_missing() => Ok(None),
            Some(Err(error)) => Err(error),
            None => Ok(None),
        };
        let shelved = self.state().shelf.get(profile).map(|shelved| {
            let alone = shelved.unsaved.as_ref().is_none_or(|unsaved| unsaved.lock.is_some());
            (Arc::clone(&shelved.sealed), alone)
        });
        let Some((sealed, alone)) = shelved else { return Ok((file()?, None)) };
        let (_, mut record) = unseal(identity, &sealed, Path::new("(memory)"))?;
        if !alone && let (Some(mut kept), Some(token_set)) = (file()?, record.token_set.take()) {
            let kind = record.history.last().map_or(EventKind::Adopted, |event| event.kind);
            kept.renew(token_set, kind);
            record = kept;
        }
        Ok((Some(record), Some(sealed)))
    }

    fn read_file(&self, identity: &Identity, path: &Path) -> Result<(ProfileName, Record), VaultError> {
        unseal(identity, &files::read(path)?, path)
    }
}

fn seal(identity: &Identity, profile: &ProfileName, record: &Record) -> Arc<[u8]> {
    identity.seal(&format::write(profile.as_str(), record)).into()
}

fn unseal(identity: &Identity, sealed: &[u8], path: &Path) -> Result<(ProfileName, Record), VaultError> {
    let damaged = || VaultError::Damaged { path: path.to_owned() };
    let plaintext = Zeroizing::new(identity.open(sealed).map_err(|_| damaged())?);
    let (name, record) = format::read(&plaintext).map_err(|error| match error {
        FormatError::Damaged => damaged(),
        FormatError::Newer(version) => VaultError::Newer { path: path.to_owned(), version },
    })?;
    Ok((ProfileName::new(name).map_err(|_| damaged())?, record))
}

#[cfg(test)]
mod tests;
