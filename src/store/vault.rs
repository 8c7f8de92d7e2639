//! The vault: what is kept of each profile, encrypted, one file a profile in the folder `vault` beside the profiles, or
//! the same only in memory.
//!
//! Nothing decrypted stays here: each call reads, so it sees what another process has written, and a locked vault has
//! nothing to give away. Who changes a record holds its lock ([`Vault::hold`]) from before it is read until after it is
//! written. What cannot be written stays in memory, encrypted, and is written as soon as that works ([`Vault::retry`]).
//!
//! Each file is authenticated (`seal`) and counts its writes, so what was forged, or put in place of what this process has
//! seen, is refused. `migration` takes over what version 1 has left.

mod change;
mod error;
mod event;
mod file_format;
mod folder;
mod former;
pub mod generation;
mod held_record;
mod journal;
mod kept_set;
mod key_sets;
mod migration;
mod read;
pub mod record;
mod relocate;
pub mod rescue;
mod rotation;
mod seal;
mod seen;

use std::{
    collections::{BTreeSet, HashMap},
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

pub use self::{
    change::{Ready, Renaming, Reserved},
    error::VaultError,
    event::{Event, EventKind, IssuedBy},
    folder::path,
    generation::{Evidence, Evidences, Generation, Observation, OldToken},
    held_record::HeldRecord,
    journal::{Attempts, Journal, OldSet, Step},
    kept_set::KeptSet,
    read::Contents,
    record::{Doubt, InFlight, Record, Retired},
    relocate::{makes_new_key, relocate},
    seal::VaultKeys,
};
pub(super) use self::{
    folder::is_record_name,
    former::FILE as FORMER,
    key_sets::ENDING as KEY_SETS,
    migration::{LOCK as NOTE_LOCK, NOTE},
};
use self::{
    folder::{Folder, RecordFiles},
    rescue::Rescue,
    seal::Kind,
    seen::Seen,
};
use super::{
    StoreError,
    identity::{self, Identity, Recipient, Sealer},
    lock::{FileLock, Locks},
    runs::{RunId, Runs},
};
use crate::{
    clock,
    profile::ProfileName,
    secret::{ExposeSecret as _, SecretString, Zeroizing},
};

/// Keeps tokens and secrets by profile.
#[derive(Debug)]
pub struct Vault {
    /// Where the files are; none in memory.
    folder: Option<Folder>,
    /// The runs of rotations, beside the folder.
    runs: Runs,
    /// Where tokens go that the folder does not take.
    rescue: Rescue,
    locks: Arc<Locks>,
    /// None while the vault is locked.
    key: Mutex<Option<Unlocked>>,
    /// It is open, and gets its key when that is needed: to make one is a part of a start that most starts have no use for.
    keyless: AtomicBool,
    state: Arc<Mutex<State>>,
}

/// What an open vault has.
#[derive(Debug)]
struct Unlocked {
    identity: Identity,
    /// The same, with what the folder says of it: known from the first use on.
    keys: Option<VaultKeys>,
}

#[derive(Debug)]
struct State {
    /// For whom everything is sealed: known from the first opening on, also while the vault is locked.
    recipient: Option<Recipient>,
    /// Whole records that are in no file: all of a vault in memory, and else what could not be written.
    shelf: HashMap<ProfileName, Shelved>,
    /// Tokens that came while the record could not be had.
    aside: HashMap<ProfileName, Aside>,
    /// The key sets of a vault in memory, sealed.
    sets: HashMap<ProfileName, Vec<u8>>,
    /// How far each record has come.
    seen: Seen,
    /// The same of the key sets.
    seen_sets: Seen,
}

/// A record in memory, encrypted. Only who holds its lock changes it.
#[derive(Debug)]
struct Shelved {
    sealed: Vec<u8>,
    counter: u64,
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

/// Tokens that are not in their record yet, encrypted.
#[derive(Debug)]
struct Aside {
    sealed: Arc<[u8]>,
    /// Why they are not.
    reason: String,
    /// Where they are instead, if anywhere: a file outside of the vault.
    rescued: Option<PathBuf>,
}

/// What a screen shows of a record besides its tokens.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Condition {
    /// A refresh was begun and its end is not known: the mark is left over, unless one is under way right now.
    pub in_flight: Option<InFlight>,
    /// The server has refused the refresh token: only a login helps.
    pub retired: Option<Retired>,
    /// The ID token of the current tokens is not valid: no refresh begins unasked.
    pub doubt: Option<Doubt>,
    /// The run whose rotation of them is not settled: nothing else changes them.
    pub rotating: Option<RunId>,
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
        Self { keyless: true.into(), ..Self::new(None, None) }
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
        let key = identity.map(|identity| Unlocked { identity, keys: None });
        let state = State {
            recipient,
            shelf: HashMap::new(),
            aside: HashMap::new(),
            sets: HashMap::new(),
            seen: Seen::default(),
            seen_sets: Seen::default(),
        };
        let (key, state) = (Mutex::new(key), Arc::new(Mutex::new(state)));
        let runs = folder.as_ref().map_or_else(Runs::default, |Folder(path)| Runs::beside(path));
        Self { folder, runs, rescue: Rescue::default(), locks: Arc::default(), key, keyless: false.into(), state }
    }

    /// The same vault, open to whoever has this value, for as long as they have it: what is done behind the lock goes through
    /// it, and the vault itself stays locked.
    #[must_use]
    pub fn opened_by(&self, identity: Identity) -> Self {
        Self {
            folder: self.folder.clone(),
            runs: self.runs.clone(),
            rescue: self.rescue.clone(),
            locks: Arc::clone(&self.locks),
            key: Mutex::new(Some(Unlocked { identity, keys: None })),
            keyless: false.into(),
            state: Arc::clone(&self.state),
        }
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

    /// The runs of rotations. Reading them needs no key: no secrets are in them.
    pub fn runs(&self) -> &Runs {
        &self.runs
    }

    /// Whether what is saved is still there after the program ends.
    pub fn is_durable(&self) -> bool {
        self.folder.is_some()
    }

    /// Whether nothing can be read or changed before [`Self::unlock`].
    pub fn is_locked(&self) -> bool {
        !self.keyless.load(Ordering::Relaxed) && self.key().is_none()
    }

    /// Drops the identity, also where the kernel keeps it. Calls under way end as they would have; later ones answer [`VaultError::Locked`]. What could
    /// not be saved is kept, encrypted. A vault in memory is emptied: its identity is nowhere else.
    pub fn lock(&self) {
        self.keyless.store(false, Ordering::Relaxed);
        if let Some(held) = self.key().take() {
            identity::kernel::revoke(&held.identity.recipient());
        }
        let mut state = self.state();
        if self.folder.is_none() {
            state.recipient = None;
            state.shelf.clear();
            state.aside.clear();
            state.sets.clear();
        }
    }

    /// Opens a locked vault.
    pub fn unlock(&self, identity: Identity) {
        self.keyless.store(false, Ordering::Relaxed);
        self.state().recipient = Some(identity.public());
        *self.key() = Some(Unlocked { identity, keys: None });
    }

    /// Encrypts a text that only this vault opens again, also while it is locked, once it has been open.
    pub fn seal(&self, text: &SecretString) -> Result<Vec<u8>, VaultError> {
        Ok(self.recipient()?.seal(text.expose_secret().as_bytes()))
    }

    /// The text that [`Self::seal`] was given; `None` where it was sealed for another vault.
    pub fn unseal(&self, sealed: &[u8]) -> Result<Option<SecretString>, VaultError> {
        let opened: Option<Zeroizing<Vec<u8>>> = self.keys()?.current.open(sealed).ok();
        Ok(opened.and_then(|bytes| std::str::from_utf8(&bytes).ok().map(SecretString::from)))
    }

    /// Why the newest tokens of a profile are not in the vault's folder; `None` where they are.
    pub fn unsaved(&self, profile: &ProfileName) -> Option<String> {
        let state = self.state();
        let shelved = state.shelf.get(profile).and_then(|shelved| shelved.unsaved.as_ref());
        let reason = shelved.map(|unsaved| &unsaved.reason).or(state.aside.get(profile).map(|aside| &aside.reason));
        reason.cloned()
    }

    /// Where the newest tokens of a profile are on disk while they are [`Self::unsaved`]: a file outside of the vault, from
    /// which the next tokscope takes them. `None`: they are only in memory.
    pub fn rescued(&self, profile: &ProfileName) -> Option<PathBuf> {
        let state = self.state();
        let shelved = state.shelf.get(profile).and_then(|shelved| shelved.unsaved.as_ref());
        let rescued = shelved.map(|unsaved| &unsaved.rescued).or(state.aside.get(profile).map(|aside| &aside.rescued));
        rescued.cloned().flatten()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn key(&self) -> MutexGuard<'_, Option<Unlocked>> {
        let mut key = self.key.lock().unwrap_or_else(PoisonError::into_inner);
        if self.keyless.swap(false, Ordering::Relaxed) {
            let identity = Identity::generate();
            self.state().recipient = Some(identity.public());
            *key = Some(Unlocked { identity, keys: None });
        }
        key
    }

    /// The keys of the open vault. Their first use takes over what earlier versions have left.
    fn keys(&self) -> Result<VaultKeys, VaultError> {
        let identity = {
            let held = self.key();
            let held = held.as_ref().ok_or(VaultError::Locked)?;
            if let Some(keys) = &held.keys {
                return Ok(keys.clone());
            }
            held.identity.clone()
        };
        let keys = self.moved(self.migrated(self.keys_of(identity)?));
        if let Some(held) = self.key().as_mut().filter(|held| held.identity.is(&keys.current)) {
            held.keys = Some(keys.clone());
        }
        Ok(keys)
    }

    /// The keys of this vault for whoever has its identity, whether or not the vault itself is open.
    fn keys_of(&self, identity: Identity) -> Result<VaultKeys, VaultError> {
        let former = self.former(&identity)?;
        let listed = self.listed(&identity)?;
        Ok(VaultKeys { current: identity, former, listed })
    }

    fn recipient(&self) -> Result<Recipient, VaultError> {
        drop(self.key());
        self.state().recipient.clone().ok_or(VaultError::Locked)
    }

    fn place(&self, profile: &ProfileName) -> RecordFiles {
        RecordFiles::new(self.folder.as_ref(), profile)
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
}

/// The count of the next write. It is no less than the time in milliseconds, so that it grows from a file that was removed
/// to the next one of its name, too.
fn counted(before: u64) -> u64 {
    let now = u64::try_from(clock::now().timestamp_millis()).unwrap_or_default();
    before.saturating_add(1).max(now)
}

/// Where a record is that is in no file.
const MEMORY: &str = "(memory)";

fn seal(sealer: &Sealer, profile: &ProfileName, counter: u64, record: &Record) -> Vec<u8> {
    seal::seal(sealer, Kind::Record, file_format::write(profile.as_str(), counter, record))
}

#[cfg(test)]
mod tests;
