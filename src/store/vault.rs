//! The vault: what is kept of each profile, encrypted, one file a profile in the folder `vault` beside the profiles, or
//! the same in memory alone.
//!
//! Nothing decrypted stays here: each call reads, so it sees what another process has written, and a locked vault has
//! nothing to give away. Who changes a record holds its lock ([`Vault::hold`]) from before it is read until after it is
//! written. What cannot be written stays in memory, encrypted, and is written as soon as that works ([`Vault::retry`]).

mod change;
mod entry;
mod error;
mod folder;
mod format;
pub mod record;
pub mod rescue;

use std::{
    collections::{BTreeSet, HashMap},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

pub(super) use self::folder::is_record_name;
pub use self::{
    change::{Ready, Renaming, Reserved},
    entry::Entry,
    error::VaultError,
    folder::path,
    record::{Event, EventKind, InFlight, Record, Retired},
};
use self::{
    folder::{Folder, Place},
    format::FormatError,
    rescue::Rescue,
};
use super::{
    StoreError, files,
    identity::{Identity, Recipient},
    lock::{FileLock, Locks},
};
use crate::{
    auth::{IssuedToken, TokenKind, TokenSet},
    profile::ProfileName,
    secret::{ExposeSecret as _, SecretString, Zeroizing},
};

/// Keeps tokens and secrets by profile.
#[derive(Debug)]
pub struct Vault {
    /// Where the files are; none in memory.
    folder: Option<Folder>,
    /// Where tokens go that the folder does not take.
    rescue: Rescue,
    locks: Locks,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    /// None while the vault is locked.
    identity: Option<Identity>,
    /// For whom everything is sealed: known from the first opening on, also while the vault is locked.
    recipient: Option<Recipient>,
    /// Whole records that are in no file: all of a vault in memory, and else what could not be written.
    shelf: HashMap<ProfileName, Shelved>,
    /// Tokens that came while the record could not be had.
    aside: HashMap<ProfileName, Aside>,
}

/// A record in memory, encrypted. Only who holds its lock changes it.
#[derive(Debug)]
struct Shelved {
    sealed: Vec<u8>,
    /// Why it is not in its file, where it should be.
    unsaved: Option<Unsaved>,
}

#[derive(Debug)]
struct Unsaved {
    reason: String,
    /// Where it is instead, if anywhere: a file outside of the vault.
    rescued: Option<PathBuf>,
    /// Kept locked, so that no other process uses what the file still says.
    lock: Option<Arc<FileLock>>,
}

/// What was put aside, opened, and the bytes that it was.
type PutAside = (Record, Arc<[u8]>);

/// Tokens that are not in their record yet, encrypted.
#[derive(Debug)]
struct Aside {
    sealed: Arc<[u8]>,
    /// Why they are not.
    reason: String,
    /// Where they are instead, if anywhere: a file outside of the vault.
    rescued: Option<PathBuf>,
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
    /// Why the newest tokens are not in the vault's folder, but in memory, and where [`Vault::rescued`] says.
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
        let recipient = identity.as_ref().map(Identity::public);
        let state = State { identity, recipient, shelf: HashMap::new(), aside: HashMap::new() };
        Self { folder, rescue: Rescue::default(), locks: Locks::default(), state: Mutex::new(state) }
    }

    /// Where tokens go, encrypted, that cannot be written into the vault's folder, and where they are looked for; see
    /// [`rescue::places`]. Nowhere, unless this is called.
    #[must_use]
    pub fn rescuing_in(mut self, places: Vec<PathBuf>) -> Self {
        if let Some(Folder(folder)) = &self.folder {
            self.rescue = Rescue::new(places, folder);
        }
        self
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
            state.recipient = None;
            state.shelf.clear();
            state.aside.clear();
        }
    }

    /// Opens a locked vault.
    pub fn unlock(&self, identity: Identity) {
        let mut state = self.state();
        state.recipient = Some(identity.public());
        state.identity = Some(identity);
    }

    /// Encrypts a text that only this vault opens again, also while it is locked, once it has been open.
    pub fn seal(&self, text: &SecretString) -> Result<Vec<u8>, VaultError> {
        Ok(self.recipient()?.seal(text.expose_secret().as_bytes()))
    }

    /// The text that [`Self::seal`] was given; `None` where it was sealed for another vault.
    pub fn unseal(&self, sealed: &[u8]) -> Result<Option<SecretString>, VaultError> {
        let opened: Option<Zeroizing<Vec<u8>>> = self.identity()?.open(sealed).ok();
        Ok(opened.and_then(|bytes| std::str::from_utf8(&bytes).ok().map(SecretString::from)))
    }

    /// What is kept of a profile. Where its file cannot be read, what was put aside is still there.
    pub fn read(&self, profile: &ProfileName) -> Result<Option<Record>, VaultError> {
        let identity = self.identity()?;
        let record = self.load(&identity, profile);
        let aside = self.put_aside_of(&identity, profile)?.map(|(aside, _)| aside);
        let newer: Vec<_> = self.rescued_of(&identity, profile).into_iter().chain(aside).collect();
        if newer.is_empty() {
            return record;
        }
        Ok(Some(newer.into_iter().fold(record.ok().flatten().unwrap_or_default(), Record::joined_by)))
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
        let record = self.read(profile)?.unwrap_or_default();
        Ok(self.condition_of(profile, &record))
    }

    /// Like [`Self::condition`], of a record that was read just now.
    pub fn condition_of(&self, profile: &ProfileName, record: &Record) -> Condition {
        let current = record.token_set.as_ref();
        let current = current.and_then(|set| set.token(TokenKind::Refresh).map(IssuedToken::fingerprint));
        Condition {
            in_flight: record.in_flight.clone().filter(|mark| Some(mark.refresh_token) == current),
            retired: record.retired.clone().filter(|retired| Some(retired.refresh_token) == current),
            unsaved: self.unsaved(profile),
        }
    }

    /// Everything that is kept: each file is read. One that cannot be read does not hide the others.
    pub fn all(&self) -> Result<Contents, VaultError> {
        let identity = self.identity()?;
        let mut contents = Contents::default();
        for profile in self.in_memory() {
            match self.read(&profile) {
                Ok(record) => contents.records.extend(record.map(|record| (profile, record))),
                Err(error) => contents.unreadable.push(error),
            }
        }
        let folder = self.folder.as_ref();
        for path in folder.map(Folder::files).transpose()?.unwrap_or_default() {
            match self.read_file(&identity, &path) {
                Ok((found, _)) if self.place(&found).file.as_ref() != Some(&path) => {
                    contents.unreadable.push(VaultError::Swapped { path, found });
                }
                Ok((name, _)) if contents.records.iter().any(|(known, _)| *known == name) => {}
                Ok(record) => contents.records.push(record),
                // It was removed since.
                Err(error) if error.is_missing() => {}
                Err(error) => contents.unreadable.push(error),
            }
        }
        contents.records.sort_by(|(a, _), (b, _)| a.cmp(b));
        Ok(contents)
    }

    /// Why the newest tokens of a profile are not in the vault's folder; `None` where they are.
    pub fn unsaved(&self, profile: &ProfileName) -> Option<String> {
        let state = self.state();
        let shelved = state.shelf.get(profile).and_then(|shelved| shelved.unsaved.as_ref());
        let reason = shelved.map(|unsaved| &unsaved.reason).or(state.aside.get(profile).map(|aside| &aside.reason));
        reason.cloned()
    }

    /// Where the newest tokens of a profile are on disk while they are [`Self::unsaved`]: a file outside of the vault, from
    /// which the next tokscope takes them. `None`: they are in memory alone.
    pub fn rescued(&self, profile: &ProfileName) -> Option<PathBuf> {
        let state = self.state();
        let shelved = state.shelf.get(profile).and_then(|shelved| shelved.unsaved.as_ref());
        let rescued = shelved.map(|unsaved| &unsaved.rescued).or(state.aside.get(profile).map(|aside| &aside.rescued));
        rescued.cloned().flatten()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn identity(&self) -> Result<Identity, VaultError> {
        self.state().identity.clone().ok_or(VaultError::Locked)
    }

    fn recipient(&self) -> Result<Recipient, VaultError> {
        self.state().recipient.clone().ok_or(VaultError::Locked)
    }

    fn place(&self, profile: &ProfileName) -> Place {
        Place::new(self.folder.as_ref(), profile)
    }

    /// The lock file of a profile, where we have kept it locked.
    fn held(&self, profile: &ProfileName) -> Option<Arc<FileLock>> {
        self.state().shelf.get(profile)?.unsaved.as_ref()?.lock.clone()
    }

    /// The profiles of which something is in memory.
    fn in_memory(&self) -> BTreeSet<ProfileName> {
        let state = self.state();
        state.shelf.keys().chain(state.aside.keys()).cloned().collect()
    }

    /// The record, without what was put aside.
    fn load(&self, identity: &Identity, profile: &ProfileName) -> Result<Option<Record>, VaultError> {
        if let Some(shelved) = self.state().shelf.get(profile) {
            return Ok(Some(unseal(identity, &shelved.sealed, Path::new(MEMORY))?.1));
        }
        let Some(path) = self.place(profile).file else { return Ok(None) };
        match self.read_file(identity, &path) {
            Ok((found, _)) if found != *profile => Err(VaultError::Swapped { path, found }),
            Ok((_, record)) => Ok(Some(record)),
            Err(error) if error.is_missing() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// What was put aside of a profile, and its bytes.
    fn put_aside_of(&self, identity: &Identity, profile: &ProfileName) -> Result<Option<PutAside>, VaultError> {
        let Some(sealed) = self.state().aside.get(profile).map(|aside| Arc::clone(&aside.sealed)) else {
            return Ok(None);
        };
        Ok(Some((unseal(identity, &sealed, Path::new(MEMORY))?.1, sealed)))
    }

    /// What another process, or this one, has put elsewhere because the vault's folder did not take it. What is not ours
    /// is none of it.
    fn rescued_of(&self, identity: &Identity, profile: &ProfileName) -> Vec<Record> {
        let records = self.rescue.saved(profile).filter_map(|(path, sealed)| unseal(identity, &sealed, &path).ok());
        records.filter(|(name, _)| name == profile).map(|(_, record)| record).collect()
    }

    fn read_file(&self, identity: &Identity, path: &Path) -> Result<(ProfileName, Record), VaultError> {
        unseal(identity, &files::read(path)?, path)
    }
}

/// Where a record is that is in no file.
const MEMORY: &str = "(memory)";

fn seal(recipient: &Recipient, profile: &ProfileName, record: &Record) -> Vec<u8> {
    recipient.seal(&format::write(profile.as_str(), record))
}

fn unseal(identity: &Identity, sealed: &[u8], path: &Path) -> Result<(ProfileName, Record), VaultError> {
    let damaged = || VaultError::Damaged { path: path.to_owned() };
    let plaintext = identity.open(sealed).map_err(|_| damaged())?;
    let (name, record) = format::read(&plaintext).map_err(|error| match error {
        FormatError::Damaged => damaged(),
        FormatError::Newer(version) => VaultError::Newer { path: path.to_owned(), version },
    })?;
    Ok((ProfileName::new(name).map_err(|_| damaged())?, record))
}

#[cfg(test)]
mod tests;
