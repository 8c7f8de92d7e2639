//! The settings of the program: `config.toml` beside the profiles. Every key has a default; a missing file is all of them.
//!
//! ```toml
//! [vault]
//! identity = "keyring"      # keyring, passphrase, memory or plain; unset: chosen at the first start
//! lock_after_minutes = 15   # without a key pressed; 0: never
//! [refresh]
//! automatic = false         # what a profile's auto_refresh is where it does not say
//! [clipboard]
//! clear_after_seconds = 45  # 0: never
//! [warn]
//! bell = false              # before an access token expires
//! desktop = false           # a desktop notification (OSC 9, OSC 777)
//! ```

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::{StoreError, identity::Home, profiles::unread};

/// All settings.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Where and how tokens are kept.
    pub vault: VaultConfig,
    /// Refreshing without being asked.
    pub refresh: RefreshConfig,
    /// Copies.
    pub clipboard: ClipboardConfig,
    /// Warnings before a token expires.
    pub warn: WarnConfig,
}

/// `[vault]`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct VaultConfig {
    /// Where the identity is kept; `None`: nobody has chosen yet.
    pub identity: Option<Home>,
    /// Minutes without a key pressed after which the vault is locked; 0: never.
    pub lock_after_minutes: u32,
}

impl Default for VaultConfig {
    fn default() -> Self {
        Self { identity: None, lock_after_minutes: 15 }
    }
}

/// `[refresh]`
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RefreshConfig {
    /// What a profile's `auto_refresh` is where it does not say.
    pub automatic: bool,
}

/// `[clipboard]`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ClipboardConfig {
    /// Seconds after which a copied secret is taken off the clipboard; 0: never.
    pub clear_after_seconds: u32,
}

impl Default for ClipboardConfig {
    fn default() -> Self {
        Self { clear_after_seconds: 45 }
    }
}

/// `[warn]`
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct WarnConfig {
    /// Ring the terminal's bell.
    pub bell: bool,
    /// Send a desktop notification through the terminal.
    pub desktop: bool,
}

/// The settings file in a configuration folder.
pub fn path(dir: &Path) -> PathBuf {
    dir.join("config.toml")
}

/// The settings. A missing file is all defaults, and stays missing.
pub fn load(dir: &Path) -> Result<Config, StoreError> {
    let path = path(dir);
    // confy would create a missing file.
    if !path.try_exists().map_err(|source| StoreError::Io { action: "read", path: path.clone(), source })? {
        return Ok(Config::default());
    }
    confy::load_path(&path).map_err(|error| unread(&path, error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_said_has_its_default_and_a_slip_is_named_with_its_line() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(load(dir.path()).unwrap(), Config::default());
        assert!(!path(dir.path()).exists());
        std::fs::write(path(dir.path()), "[vault]\nidentity = \"plain\"\n").unwrap();
        let config = load(dir.path()).unwrap();
        assert_eq!((config.vault.identity, config.vault.lock_after_minutes), (Some(Home::Plain), 15));
        std::fs::write(path(dir.path()), "[vault]\nidentity = \"plain\"\n[clipbord]\n").unwrap();
        let error = load(dir.path()).unwrap_err().to_string();
        assert!(error.contains("line 3") && error.contains("clipbord"), "{error}");
    }
}
