//! The vault, opened with its key and locked again; the way past the lock for what needs no user; and what the vault holds.

use std::{
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError, RwLock, Weak},
};

use super::{Forgotten, Location, Session};
use crate::{
    auth::TokenSet,
    profile::ProfileName,
    secret::SecretString,
    store::{
        StoreError,
        identity::{Home, IdentityError, UnlockedIdentity},
        vault::{Condition, Contents, Record, Vault, VaultError, rescue},
    },
};

/// The vault that has taken the place of the one in memory, for who was asked to change something before it was opened. It is
/// kept by whoever works with it, and where they let go of it, the one in memory is the right one again.
#[derive(Default)]
pub(super) struct Successor {
    vault: Mutex<Weak<Vault>>,
    /// Shared by those who change something, so that nothing goes into the old vault once it was emptied into the new one.
    changes: RwLock<()>,
}

impl Session {
    /// The use cases over the vault in this folder, which this key opens; the same ones where the key is only in memory.
    /// What was kept in memory until now goes into the vault, and why it does not, if it does not.
    pub fn open(&self, folder: &Location, key: UnlockedIdentity) -> Result<(Self, Option<VaultError>), StoreError> {
        if key.home == Home::Memory {
            return Ok((self.clone(), None));
        }
        if self.vault.is_durable() {
            self.vault.unlock(key.identity);
            return Ok((self.clone(), None));
        }
        let vault = Arc::new(Vault::open(&folder.config, key.identity)?.rescuing_in(rescue::places()));
        let _alone = self.successor.changes.write().unwrap_or_else(PoisonError::into_inner);
        let left = vault.take_over(&self.vault).err();
        *self.successor.vault.lock().unwrap_or_else(PoisonError::into_inner) = Arc::downgrade(&vault);
        Ok((self.over(vault), left))
    }

    /// The use cases over the vault in this folder, locked; over one in memory where nothing was ever kept.
    pub fn closed(&self, folder: &Location) -> Result<Self, StoreError> {
        Ok(match folder.is_new()? {
            true => self.clone(),
            false => self.over(Arc::new(Vault::open_locked(&folder.config)?.rescuing_in(rescue::places()))),
        })
    }

    /// The use cases behind the lock, for as long as the value lives: the key is fetched from its home, if that needs no user,
    /// and the vault itself stays locked. `home` is where the key was; it may have been moved since.
    pub async fn behind_lock(&self, folder: &Location, home: Home) -> Result<Self, IdentityError> {
        let identity = folder.key_alone(home).await?;
        Ok(self.over(Arc::new(self.vault.opened_by(identity))))
    }

    /// The same, over another vault.
    fn over(&self, vault: Arc<Vault>) -> Self {
        Self { vault, successor: Arc::default(), clients: Arc::default(), key_sets: Arc::default(), ..self.clone() }
    }

    /// Changes something over the vault of the moment in which the change begins, which may have been opened after it was
    /// asked for. Blocks the thread while the vault is opened for the first time.
    pub(super) fn change<T>(&self, work: impl FnOnce(&Self) -> T) -> T {
        let _shared = self.successor.changes.read().unwrap_or_else(PoisonError::into_inner);
        let opened = self.successor.vault.lock().unwrap_or_else(PoisonError::into_inner).upgrade();
        match opened {
            Some(vault) => work(&self.over(vault)),
            None => work(self),
        }
    }

    /// An exchange has ended that began over the vault in memory: what it has left there goes into the vault that was opened
    /// meanwhile.
    pub(super) fn follow(&self, profile: &ProfileName) {
        if self.vault.is_durable() {
            return;
        }
        self.change(|session| {
            let left = self.vault.read(profile).ok().flatten().filter(|_| session.vault.is_durable());
            // What does not go in at once is kept beside it, and tried again.
            left.map(|record| session.vault.take_over_record(profile, record))
        });
    }

    /// Drops the key, and forgets the last exchange of each profile.
    pub fn lock(&self) {
        self.vault.lock();
        self.clients().clear();
    }

    /// Whether what is saved is still there after the program ends.
    pub fn is_durable(&self) -> bool {
        self.vault.is_durable()
    }

    /// Whether the key is not here.
    pub fn is_locked(&self) -> bool {
        self.vault.is_locked()
    }

    /// Encrypts a text that only this vault opens again, also while it is locked.
    pub fn seal(&self, text: &SecretString) -> Option<Vec<u8>> {
        self.vault.seal(text).ok()
    }

    /// The text that [`Self::seal`] was given.
    pub fn unseal(&self, sealed: &[u8]) -> Option<SecretString> {
        self.vault.unseal(sealed).ok().flatten()
    }

    /// Whether anything is kept of a profile. The vault need not be open.
    pub fn keeps(&self, profile: &ProfileName) -> bool {
        self.vault.keeps(profile)
    }

    /// The saved tokens of a profile.
    pub fn token_set(&self, profile: &ProfileName) -> Result<Option<TokenSet>, VaultError> {
        self.vault.token_set(profile)
    }

    /// All that is kept of a profile.
    pub fn record(&self, profile: &ProfileName) -> Result<Option<Record>, VaultError> {
        self.vault.read(profile)
    }

    /// All that the vault holds.
    pub fn records(&self) -> Result<Contents, VaultError> {
        self.vault.all()
    }

    /// What has to be told of the tokens of a profile.
    pub fn condition(&self, profile: &ProfileName) -> Result<Condition, VaultError> {
        self.vault.condition(profile)
    }

    /// The same, of a record that was read.
    pub fn condition_of(&self, profile: &ProfileName, record: &Record) -> Condition {
        self.vault.condition_of(profile, record)
    }

    /// Drops the tokens of a profile here; the server is not told.
    pub fn forget(&self, profile: &ProfileName) -> Result<Forgotten, VaultError> {
        let record = self.change(|session| session.vault.forget(profile))?;
        Ok(Forgotten { name: profile.clone(), profile: None, record })
    }

    /// The same of one old set, by its number.
    pub fn forget_set(&self, profile: &ProfileName, number: u64) -> Result<Forgotten, VaultError> {
        let record = self.change(|session| session.vault.forget_set(profile, number))?;
        Ok(Forgotten { name: profile.clone(), profile: None, record })
    }

    /// Tries again to save what could not be saved; whether all is saved now.
    pub fn retry(&self) -> bool {
        self.vault.retry()
    }

    /// Why the newest tokens of a profile are not in the vault, if they are not.
    pub fn unsaved(&self, profile: &ProfileName) -> Option<String> {
        self.vault.unsaved(profile)
    }

    /// Where they are on disk meanwhile, encrypted; `None`: only in memory.
    pub fn rescued(&self, profile: &ProfileName) -> Option<PathBuf> {
        self.vault.rescued(profile)
    }
}
