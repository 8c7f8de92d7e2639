//! The settings of the program: `config.toml` beside the profiles. Every key has a default; a missing file is all of them.
//!
//! ```toml
//! [vault]
//! identity = "keyring"      # keyring, passphrase, memory or plain; unset: chosen at the first start
//! lock_after_minutes = 15   # without a key pressed; 0: never; unset: 15, and never with a plain key
//! [refresh]
//! automatic = false         # what a profile's auto_refresh is where it does not say
//! [clipboard]
//! clear_after_seconds = 45  # 0: never
//! [warn]
//! bell = false              # before an access token expires
//! desktop = false           # a desktop notification (OSC 9, OSC 777)
//! [environments]
//! protected = ["prod*"]     # where changes need a further word
//! readonly = []             # where nothing is sent
//! [ui]
//! theme = "auto"            # or dark, light, high-contrast, colour-blind, ansi, or a file
//! glyphs = "auto"           # or unicode, ascii
//! motion = "full"           # or reduced
//! mouse = true              # false: clicks, the wheel and dragging are the terminal's
//! [keys.tokens]             # a place; its commands and those of the others: `tokscope keys`
//! copy-header = ["a", "F5"]
//! ```

mod keys;

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use toml_edit::{Item, Table, value};

pub use self::keys::{KeyBinding, Rebound, bind, unbind};
use super::{StoreError, document, files, home::Home, lock};
use crate::{auth::ReadOnly, profile::Protected};

/// The manual of the file, and what a new one starts as.
pub const DEFAULT: &str = include_str!("../../assets/config.toml");

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
    /// The environments of profiles.
    pub environments: EnvironmentsConfig,
    /// How the terminal program looks.
    pub ui: UiConfig,
    /// The keys of commands, as they are written.
    #[serde(skip_serializing, deserialize_with = "keys::noticed")]
    pub keys: Vec<KeyBinding>,
}

/// `[vault]`
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct VaultConfig {
    /// Where the identity is kept; `None`: not chosen yet.
    pub identity: Option<Home>,
    /// Minutes without a key pressed after which the vault is locked; 0: never; `None`: see [`Self::lock_after`].
    pub lock_after_minutes: Option<u32>,
}

impl VaultConfig {
    /// Minutes without a key pressed after which a vault is locked whose key is kept there; `None`: never. A plain key
    /// lies in a file as it is: dropping it from memory protects nothing, so it is done only on request.
    pub fn lock_after(&self, home: Home) -> Option<u32> {
        let usual = if home == Home::Plain { 0 } else { 15 };
        Some(self.lock_after_minutes.unwrap_or(usual)).filter(|minutes| *minutes > 0)
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

/// `[environments]`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct EnvironmentsConfig {
    /// Patterns of those in which nothing is changed without a further word, see [`Protected`].
    pub protected: Vec<String>,
    /// Patterns of those from which nothing is sent, see [`ReadOnly`].
    pub readonly: Vec<String>,
}

impl Default for EnvironmentsConfig {
    fn default() -> Self {
        Self { protected: vec!["prod*".to_owned()], readonly: Vec::new() }
    }
}

impl EnvironmentsConfig {
    /// In which nothing is changed without a further word.
    pub fn protected(&self) -> Protected {
        Protected::new(self.protected.iter().cloned())
    }

    /// From which nothing is sent.
    pub fn readonly(&self) -> ReadOnly {
        ReadOnly::in_environments(self.readonly.iter().cloned())
    }
}

/// `[ui]`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct UiConfig {
    /// The name or file of the theme; `auto`: dark or light, as the terminal is.
    pub theme: String,
    /// Which signs and lines are drawn.
    pub glyphs: Glyphs,
    /// How much changes on the screen unasked.
    pub motion: Motion,
    /// Clicks, the wheel and dragging come to the program.
    pub mouse: bool,
}

impl Default for UiConfig {
    fn default() -> Self {
        Self { theme: "auto".to_owned(), glyphs: Glyphs::Auto, motion: Motion::Full, mouse: true }
    }
}

/// The signs and lines of the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Glyphs {
    /// Unicode, unless the terminal draws its signs two columns wide.
    Auto,
    /// Unicode.
    Unicode,
    /// Only ASCII, as far as it is ours.
    Ascii,
}

/// How much changes on the screen unasked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Motion {
    /// Countdowns run with the seconds.
    Full,
    /// Above a minute they step by ten seconds, and nothing comes with a delay.
    Reduced,
}

/// The settings file in a configuration folder.
pub fn path(dir: &Path) -> PathBuf {
    dir.join("config.toml")
}

/// The settings. A missing file is all defaults, and stays missing.
pub fn load(dir: &Path) -> Result<Config, StoreError> {
    let path = path(dir);
    let Some((mut config, text)) = document::load_with_text::<Config>(&path)? else { return Ok(Config::default()) };
    if !config.keys.is_empty() {
        config.keys = keys::read(&String::from_utf8_lossy(&text));
    }
    Ok(config)
}

/// Writes down where the identity is kept; the rest of the file stays as it is, comments included.
pub fn set_identity_home(dir: &Path, home: Home) -> Result<(), StoreError> {
    let path = path(dir);
    let _lock = lock::exclusive(&files::target(&path))?;
    // What cannot be read is not overwritten.
    if load(dir)?.vault.identity == Some(home) {
        return Ok(());
    }
    document::change(&path, DEFAULT, |document| {
        let vault = document.entry("vault").or_insert_with(|| Item::Table(Table::new()));
        let vault = vault.as_table_like_mut().expect("load() accepts nothing but a table");
        document::put(vault, "identity", value(home.to_string()));
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_manual_names_every_key_with_its_default() {
        let dir = tempfile::tempdir().unwrap();
        let loaded = |text: &str| {
            std::fs::write(path(dir.path()), text).unwrap();
            load(dir.path()).unwrap()
        };
        assert_eq!(loaded(DEFAULT), Config::default());
        let said = |line: &'static str| line.strip_prefix('#').filter(|rest| !rest.starts_with(' ')).unwrap_or(line);
        let manual = DEFAULT.lines().map(said).collect::<Vec<_>>().join("\n");
        // The home has no default but the first choice, which the manual shows.
        let mut config = loaded(&manual);
        assert_eq!(config.vault.identity.take(), Some(Home::Keyring));
        // Nor has the lock: it goes by the home.
        let minutes = config.vault.lock_after_minutes.take();
        assert_eq!(minutes, VaultConfig::default().lock_after(Home::Keyring));
        assert_eq!(config, Config::default());
        let document: toml_edit::DocumentMut = manual.parse().unwrap();
        for (table, keys) in serde_json::to_value(Config::default()).unwrap().as_object().unwrap() {
            for key in keys.as_object().unwrap().keys() {
                assert!(document[table].get(key).is_some(), "[{table}] {key} is missing in assets/config.toml");
            }
        }
    }

    #[test]
    fn a_plain_key_has_no_lock_unless_somebody_says_so() {
        let locks = |minutes| {
            let config = VaultConfig { lock_after_minutes: minutes, ..VaultConfig::default() };
            [Home::Keyring, Home::Passphrase, Home::Plain].map(|home| config.lock_after(home))
        };
        assert_eq!(locks(None), [Some(15), Some(15), None]);
        assert_eq!(locks(Some(5)), [Some(5); 3]);
        assert_eq!(locks(Some(0)), [None; 3]);
    }

    #[test]
    fn the_home_is_written_and_all_else_kept() {
        let dir = tempfile::tempdir().unwrap();
        set_identity_home(dir.path(), Home::Plain).unwrap();
        let text = std::fs::read_to_string(path(dir.path())).unwrap();
        assert!(text.starts_with(DEFAULT.lines().next().unwrap()), "a new file is the manual: {text}");
        assert_eq!(load(dir.path()).unwrap().vault.identity, Some(Home::Plain));
        for (before, after) in [
            (
                "# mine\n[warn]\nbell = true # loud\n",
                "# mine\n[warn]\nbell = true # loud\n\n[vault]\nidentity = \"keyring\"\n",
            ),
            ("[vault]\nidentity = \"plain\" # for now\n", "[vault]\nidentity = \"keyring\" # for now\n"),
            ("vault = { lock_after_minutes = 5 }\n", "vault = { lock_after_minutes = 5 , identity = \"keyring\" }\n"),
        ] {
            std::fs::write(path(dir.path()), before).unwrap();
            set_identity_home(dir.path(), Home::Keyring).unwrap();
            assert_eq!(std::fs::read_to_string(path(dir.path())).unwrap(), after);
        }
        std::fs::write(path(dir.path()), "[vault\n").unwrap();
        assert!(set_identity_home(dir.path(), Home::Keyring).is_err());
        assert_eq!(std::fs::read_to_string(path(dir.path())).unwrap(), "[vault\n");
    }

    #[test]
    fn what_is_not_said_has_its_default_and_a_slip_is_named_with_its_line() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(load(dir.path()).unwrap(), Config::default());
        assert!(!path(dir.path()).exists());
        std::fs::write(path(dir.path()), "[vault]\nidentity = \"plain\"\n").unwrap();
        let config = load(dir.path()).unwrap();
        assert_eq!((config.vault.identity, config.vault.lock_after_minutes), (Some(Home::Plain), None));
        std::fs::write(path(dir.path()), "[vault]\nidentity = \"plain\"\n[clipbord]\n").unwrap();
        let error = load(dir.path()).unwrap_err().to_string();
        assert!(error.contains("line 3") && error.contains("clipbord"), "{error}");
    }
}
