//! The vault and its key: the key is looked for, taken in and dropped; and the way past the lock for what needs nobody.

use std::{path::PathBuf, sync::Arc};

use super::Session;
use crate::{
    auth::{Interaction, NoInteraction, TokenSet},
    profile::ProfileName,
    secret::SecretString,
    store::{
        StoreError, config,
        identity::{self, Home, IdentityError, Keyring, Opened, Site},
        vault::{self, Condition, Contents, Record, Vault, VaultError},
    },
};

/// Where a vault is, and where its key is.
#[derive(Debug, Clone)]
pub struct Folder {
    /// The folder of all configuration.
    pub config: PathBuf,
    /// The home of the key that the command line or the environment names, instead of what the settings say.
    pub asked: Option<Home>,
}

impl Folder {
    /// The folder of the vault itself.
    pub fn vault(&self) -> PathBuf {
        vault::path(&self.config)
    }

    /// Whether nothing was ever kept in it.
    pub fn is_new(&self) -> Result<bool, StoreError> {
        identity::is_new(&self.vault())
    }

    /// The home of the key, as far as somebody has chosen one.
    pub fn home(&self) -> Result<Option<Home>, StoreError> {
        Ok(self.asked.or(config::load(&self.config)?.vault.identity))
    }

    /// Looks for the key. `chosen` is the home that the user has chosen just now, and that the settings name from then on.
    /// `prompt`: the keyring may show a dialog of its own.
    pub async fn key(
        &self,
        chosen: Option<Home>,
        prompt: bool,
        user: &dyn Interaction,
    ) -> Result<Opened, IdentityError> {
        let folder = self.vault();
        let site = Site { folder: &folder, keyring: Keyring::default(), user, prompt };
        let mut key = identity::unlock(&self.config, chosen.or(self.asked), &site).await?;
        if let Some(home) = chosen {
            config::set_identity_home(&self.config, home)?;
            key.chosen = true;
        }
        Ok(key)
    }
}

impl Session {
    /// The use cases over the vault in this folder, which this key opens; the same ones where the key is in memory alone.
    /// What was kept in memory until now goes into the vault, and why it does not, if it does not.
    pub fn open(&self, folder: &Folder, key: Opened) -> Result<(Self, Option<VaultError>), StoreError> {
        if key.home == Home::Memory {
            return Ok((self.clone(), None));
        }
        if self.vault.is_durable() {
            self.vault.unlock(key.identity);
            return Ok((self.clone(), None));
        }
        let vault = Vault::open(&folder.config, key.identity)?.rescuing_in(vault::rescue::places());
        let left = vault.take_over(&self.vault).err();
        Ok((self.over(Arc::new(vault)), left))
    }

    /// The use cases over the vault in this folder, locked; over one in memory where nothing was ever kept.
    pub fn closed(&self, folder: &Folder) -> Result<Self, StoreError> {
        Ok(match folder.is_new()? {
            true => self.clone(),
            false => self.over(Arc::new(Vault::open_locked(&folder.config)?.rescuing_in(vault::rescue::places()))),
        })
    }

    /// The use cases behind the lock, for as long as the value lives: the key is fetched from its home, if that needs nobody,
    /// and the vault itself stays locked. `home` is where the key was; it may have been moved since.
    pub async fn behind_lock(&self, folder: &Folder, home: Home) -> Result<Self, IdentityError> {
        let (path, home) = (folder.vault(), folder.home()?.unwrap_or(home));
        let site = Site { folder: &path, keyring: Keyring::default(), user: &NoInteraction, prompt: false };
        let identity = identity::existing(home, &site).await?;
        Ok(self.over(Arc::new(self.vault.opened_by(identity))))
    }

    /// The same, over another vault.
    fn over(&self, vault: Arc<Vault>) -> Self {
        Self { vault, clients: Arc::default(), key_sets: Arc::default(), ..self.clone() }
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
    pub fn forget(&self, profile: &ProfileName) -> Result<(), VaultError> {
        self.vault.forget(profile)
    }

    /// Tries again to save what could not be saved; whether all is saved now.
    pub fn retry(&self) -> bool {
        self.vault.retry()
    }

    /// Why the newest tokens of a profile are not in the vault, if they are not.
    pub fn unsaved(&self, profile: &ProfileName) -> Option<String> {
        self.vault.unsaved(profile)
    }

    /// Where they are on disk meanwhile, encrypted; `None`: in memory alone.
    pub fn rescued(&self, profile: &ProfileName) -> Option<PathBuf> {
        self.vault.rescued(profile)
    }
}
