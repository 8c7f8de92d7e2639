//! The configuration folder: its settings, the home of the vault's key and who holds it, and how all of it is.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, OnceLock},
};

use chrono::TimeDelta;

use super::Profiles;
use crate::{
    auth::{Interaction, NoInteraction},
    clock::Timestamp,
    profile::ProfileName,
    store::{
        self, StoreError,
        config::{self, Config},
        holders::{self, Holder, Passage, Told},
        identity::{
            self, Home, Identity, IdentityError, KernelError, Keyring, KeyringError, Recipient, Site, UnlockedIdentity,
            kernel,
        },
        profiles,
        survey::{self, Survey},
        trust,
        vault::{self, VaultError, rescue},
    },
};

/// Where a vault is, and where its key is.
#[derive(Debug, Clone)]
pub struct Location {
    /// The folder of all configuration.
    pub config: PathBuf,
    /// The home of the key that the command line or the environment names, instead of what the settings say.
    pub asked: Option<Home>,
    /// The settings, where they are read only once.
    settings: Option<Arc<OnceLock<Config>>>,
}

/// What became of a move of the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moved {
    /// All is encrypted for the key in its new home.
    Whole,
    /// The key is in its new home; another process uses some of the tokens, which follow when it is done.
    InUse,
    /// Nothing was changed: another process holds the key that was to be replaced.
    Held,
}

/// Tokens that were kept outside of the vault.
#[derive(Debug)]
pub struct Rescued {
    /// The file, which only this user can read.
    pub path: PathBuf,
    /// It is encrypted for the vault's key; else the vault has none yet.
    pub is_sealed: bool,
}

impl Location {
    /// The given folder, or else the one that the system has for the program. It need not exist.
    pub fn locate(given: Option<&Path>, asked: Option<Home>) -> Result<Self, StoreError> {
        Ok(Self::new(store::config_dir(given)?, asked))
    }

    /// This folder. It need not exist.
    pub fn new(config: PathBuf, asked: Option<Home>) -> Self {
        Self { config, asked, settings: None }
    }

    /// For a command that ends soon: it goes by the settings as they are when they are first read.
    #[must_use]
    pub fn reading_once(self) -> Self {
        Self { settings: Some(Arc::default()), ..self }
    }

    /// Refuses a folder that others can change.
    pub fn check(&self) -> Result<(), StoreError> {
        trust::check(&self.config)
    }

    /// The folder of the vault itself.
    pub fn vault(&self) -> PathBuf {
        vault::path(&self.config)
    }

    /// Whether nothing was ever kept in it.
    pub fn is_new(&self) -> Result<bool, StoreError> {
        identity::is_new(&self.vault())
    }

    /// The profiles in it.
    pub fn profiles(&self) -> Profiles {
        Profiles::File(self.config.clone())
    }

    /// The file of the profiles.
    pub fn profiles_file(&self) -> PathBuf {
        profiles::path(&self.config)
    }

    /// The settings. A missing file is all defaults.
    pub fn settings(&self) -> Result<Config, StoreError> {
        let Some(once) = &self.settings else { return config::load(&self.config) };
        match once.get() {
            Some(known) => Ok(known.clone()),
            None => config::load(&self.config).map(|read| once.get_or_init(|| read).clone()),
        }
    }

    /// The file of the settings.
    pub fn settings_file(&self) -> PathBuf {
        config::path(&self.config)
    }

    /// The home of the key, if one was chosen.
    pub fn home(&self) -> Result<Option<Home>, StoreError> {
        Ok(self.asked.or(self.settings()?.vault.identity))
    }

    /// From now on, `tokscope lock` reaches this process: to be called before it has what it is going to hold.
    pub fn enter(&self) -> Result<Holder, StoreError> {
        Holder::enter(&self.vault())
    }

    /// This process has the key for as long as it takes to read a file. `tokscope lock` waits for that; `None`: it could not.
    pub fn pass(&self) -> Option<Passage> {
        Passage::enter(&self.vault())
    }

    /// The key, where it can be had at once: without a question, the system's keyring, or a change of anything.
    pub fn key_at_hand(&self) -> Result<Option<UnlockedIdentity>, IdentityError> {
        let Some(settled) = self.settings()?.vault.identity else { return Ok(None) };
        let home = self.asked.unwrap_or(settled);
        let found = identity::at_hand(home, &self.vault())?;
        Ok(found.map(|identity| UnlockedIdentity { home, identity, chosen: false }))
    }

    /// Keeps the key in the user's keyring of the kernel for so long, where every program of the user can read it. When it
    /// will go.
    pub fn cache_key(&self, key: &UnlockedIdentity, span: TimeDelta) -> Result<Timestamp, KernelError> {
        kernel::keep(&key.identity, span)
    }

    /// Until when the kernel keeps the key, if it does.
    pub fn cached_until(&self) -> Option<Timestamp> {
        let recipient = identity::recipient(&self.vault()).ok().flatten()?;
        kernel::load(&recipient).map(|cached| cached.until)
    }

    /// Tells all processes that hold the key to drop it, and takes it from the kernel's keyring.
    pub fn lock_all(&self) -> Result<Told, StoreError> {
        if let Some(recipient) = identity::recipient(&self.vault())? {
            kernel::revoke(&recipient);
        }
        holders::lock_all(&self.vault())
    }

    /// How many processes hold the key.
    pub fn holders(&self) -> Result<usize, StoreError> {
        holders::count(&self.vault())
    }

    /// Looks for the key. `chosen` is the home that the user has chosen just now, and that the settings name from then on.
    /// `prompt`: the keyring may show a dialog of its own.
    pub async fn key(
        &self,
        chosen: Option<Home>,
        prompt: bool,
        user: &dyn Interaction,
    ) -> Result<UnlockedIdentity, IdentityError> {
        let folder = self.vault();
        let site = Site { folder: &folder, keyring: Keyring::default(), user, prompt };
        let settled = self.settings()?.vault.identity;
        let mut key = identity::unlock_settled(&self.config, chosen.or(self.asked), settled, &site).await?;
        if let Some(home) = chosen {
            config::set_identity_home(&self.config, home)?;
            key.chosen = true;
        }
        Ok(key)
    }

    /// The key of a vault that has one, if it can be had without a user. `home` is where it was; it may have been moved since.
    pub(super) async fn key_alone(&self, home: Home) -> Result<Identity, IdentityError> {
        let (folder, home) = (self.vault(), self.home()?.unwrap_or(home));
        identity::existing(home, &unattended(&folder)).await
    }

    /// Whether the key is in this home, as far as that can be told without a user. Changes nothing.
    pub async fn check_key(&self, home: Home) -> Result<(), IdentityError> {
        identity::check(home, &unattended(&self.vault())).await
    }

    /// Moves the key to another home; where there is no key yet, the first one is made there.
    pub async fn move_key(&self, to: Home, user: &dyn Interaction) -> Result<Moved, VaultError> {
        let folder = self.vault();
        let site = Site { folder: &folder, keyring: Keyring::default(), user, prompt: false };
        let from = match self.home()? {
            from if from.is_none_or(|from| from == to) && identity::recipient(&folder)?.is_none() => {
                identity::unlock(&self.config, Some(to), &site).await?;
                return Ok(Moved::Whole);
            }
            from => from.unwrap_or(Home::Keyring),
        };
        if vault::makes_new_key(from, to) {
            // They would go on with the key that they have.
            let told = self.lock_all()?;
            if told.holding + told.finishing > 0 {
                return Ok(Moved::Held);
            }
        }
        let is_whole = vault::relocate(&self.config, from, to, &site, rescue::places()).await?;
        Ok(if is_whole { Moved::Whole } else { Moved::InUse })
    }

    /// Whether a move of the key was begun and is not done.
    pub fn is_moving(&self) -> Result<bool, StoreError> {
        identity::is_moving(&self.vault())
    }

    /// Keeps what could be neither saved nor printed in a file of its own, encrypted where the vault has a key; `None` where no
    /// place takes it.
    pub fn rescue(&self, profile: &ProfileName, text: String) -> Option<Rescued> {
        let recipient = identity::recipient(&self.vault()).ok().flatten().and_then(|text| Recipient::parse(&text));
        let is_sealed = recipient.is_some();
        let (contents, ending) = match recipient {
            Some(recipient) => (recipient.seal(text.as_bytes()), "age"),
            None => (text.into_bytes(), "json"),
        };
        let path = rescue::keep(&rescue::places(), profile, &contents, ending)?;
        Some(Rescued { path, is_sealed })
    }

    /// What lies in the folder, and who may read it.
    pub fn survey(&self) -> Result<Survey, StoreError> {
        survey::survey(&self.config)
    }
}

/// Whether the system's keyring answers and is unlocked. Asks nothing.
pub async fn check_keyring() -> Result<(), KeyringError> {
    Keyring::default().check().await
}

/// Unlocks the system's keyring, whose own dialog asks; `asking` is called before.
pub async fn unlock_keyring(asking: impl FnOnce()) -> Result<(), KeyringError> {
    let keyring = Keyring::default();
    match keyring.check().await {
        Err(KeyringError::Locked) => {
            asking();
            keyring.unlock().await
        }
        other => other,
    }
}

fn unattended(folder: &Path) -> Site<'_> {
    Site { folder, keyring: Keyring::default(), user: &NoInteraction, prompt: false }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_reads_the_settings_once() {
        let dir = tempfile::tempdir().unwrap();
        let folder = Location::new(dir.path().to_owned(), None);
        let once = folder.clone().reading_once();
        assert_eq!(once.home().unwrap(), None);
        config::set_identity_home(dir.path(), Home::Plain).unwrap();
        assert_eq!((folder.home().unwrap(), once.home().unwrap()), (Some(Home::Plain), None));
        std::fs::write(folder.settings_file(), "[vault\n").unwrap();
        let broken = folder.reading_once();
        assert!(broken.settings().is_err() && once.settings().is_ok(), "and a file that cannot be read is told");
    }
}
