//! Why the key of the vault cannot be had.

use std::path::PathBuf;

use super::Home;
use crate::{
    store::StoreError,
    trouble::{Code, Told, Trouble},
};

const UNLOCK: &str = "unlock it with `tokscope vault unlock` or its own program";

/// Why the keyring of the system does not help.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyringError {
    /// No session bus, or no Secret Service on it.
    #[error("no keyring available: {0}")]
    Absent(#[source] Trouble),
    /// It is there and answers, and it wants to be unlocked.
    #[error("the keyring is locked")]
    Locked,
    /// Something is there, and no answer came in time.
    #[error("the keyring does not respond")]
    Silent,
    /// It has no place that outlasts the session.
    #[error("the keyring has no default collection")]
    NoCollection,
    /// The user closed the keyring's own dialog.
    #[error("the keyring stays locked: its dialog was closed")]
    Dismissed,
    /// Anything else that it said.
    #[error("the keyring failed: {0}")]
    Failed(#[source] Trouble),
    /// Not on this system yet.
    #[error("no keyring support on this system yet")]
    Unsupported,
}

impl Told for KeyringError {
    fn code(&self) -> Code {
        match self {
            Self::Locked | Self::Dismissed => Code::Locked,
            Self::Silent => Code::Busy,
            Self::Absent(_) | Self::NoCollection => Code::Setting,
            Self::Unsupported => Code::Unsupported,
            Self::Failed(_) => Code::Failed,
        }
    }

    fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::Absent(_) => "start a Secret Service (gnome-keyring, KWallet, KeePassXC), or choose another home",
            Self::Locked | Self::Dismissed => UNLOCK,
            Self::Silent => "check whether its own dialog is open, or restart it",
            Self::NoCollection => "create a default keyring in its own program (Passwords and Keys, KWalletManager)",
            Self::Failed(_) => "its own program or the system journal may tell more",
            Self::Unsupported => "choose another home: passphrase, memory or plain",
        };
        Some(hint.to_owned())
    }
}

/// Why the key of the vault cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum IdentityError {
    /// No home was chosen yet, and the keyring, which would be the first choice, does not help.
    #[error("no home chosen yet for the vault's key, and {0}")]
    Unchosen(KeyringError),
    /// The keyring does not help.
    #[error(transparent)]
    Keyring(#[from] KeyringError),
    /// A passphrase is needed, and no user is there to ask.
    #[error("the vault needs its passphrase, and this run cannot ask for it")]
    NeedsPassphrase,
    /// That was not it.
    #[error("wrong passphrase for the vault")]
    WrongPassphrase,
    /// The two did not match, or it was too weak.
    #[error("{0}")]
    BadPassphrase(String),
    /// The user gave no answer.
    #[error("cancelled")]
    Cancelled,
    /// The vault was sealed for a key that is not in this home.
    #[error("the key of the vault in {} is not kept in this home: {home}", .folder.display())]
    Lost {
        /// Where it was looked for.
        home: Home,
        /// The vault.
        folder: PathBuf,
    },
    /// There is a key, and it is another one than the vault was sealed for.
    #[error("the key in this home ({home}) is not the one that the vault in {} was encrypted for", .folder.display())]
    Another {
        /// Where it was found.
        home: Home,
        /// The vault.
        folder: PathBuf,
    },
    /// What is kept there is no key.
    #[error("the vault's key in this home ({0}) is not a key, or is damaged")]
    Damaged(Home),
    /// Others can read the key.
    #[error("{} contains the vault's key, and others can read it", .0.display())]
    Exposed(PathBuf),
    /// Another process makes the key at this moment.
    #[error("another tokscope is creating the key of the vault in {}", .0.display())]
    Busy(PathBuf),
    /// A move to another home has not ended, and that home is not this one.
    #[error("the key of the vault in {} is being moved to another home than {home}", .folder.display())]
    Moving {
        /// Where it was looked for.
        home: Home,
        /// The vault.
        folder: PathBuf,
    },
    /// A key that is kept nowhere can neither be moved nor be moved to.
    #[error("with {} as its home the key is not stored: there is nothing to move", Home::Memory)]
    NothingToMove,
    /// A file could not be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Told for IdentityError {
    fn code(&self) -> Code {
        match self {
            Self::Unchosen(error) | Self::Keyring(error) => error.code(),
            Self::NeedsPassphrase | Self::WrongPassphrase => Code::Locked,
            Self::Cancelled => Code::Cancelled,
            Self::Busy(_) => Code::Busy,
            Self::BadPassphrase(_) | Self::NothingToMove => Code::Usage,
            Self::Lost { .. } | Self::Moving { .. } => Code::Setting,
            Self::Another { .. } | Self::Damaged(_) | Self::Exposed(_) => Code::Failed,
            Self::Store(error) => error.code(),
        }
    }

    fn hint(&self) -> Option<String> {
        const CHOOSE: &str = "choose: --identity passphrase (asked for once a session), memory (nothing is saved) or \
                              plain (a file that only you can read); or TOKSCOPE_IDENTITY, or identity in config.toml";
        let words = match self {
            Self::Unchosen(KeyringError::Locked) => return Some(format!("{UNLOCK}; or {CHOOSE}")),
            Self::Unchosen(_) => CHOOSE,
            Self::Keyring(error) => return error.hint(),
            Self::NeedsPassphrase => "run it on a terminal, without --no-input",
            Self::WrongPassphrase => "try again; nothing was changed",
            Self::BadPassphrase(_) => "try again; nothing was written",
            Self::Cancelled => "nothing was changed",
            Self::Lost { .. } => {
                "choose the home where it is (--identity), or restore it; `tokscope doctor` checks the setup. If it is \
                 lost, move the folder away and log in again"
            }
            Self::Another { .. } => {
                "restore the right one, or move the vault's folder away and log in again; nothing was changed"
            }
            Self::Damaged(Home::Keyring) => "inspect the item in the keyring's own program",
            Self::Damaged(_) => "restore the file from a backup; nothing was changed",
            Self::Exposed(path) => {
                return Some(format!("chmod 600 {}, and log in again if others may have read it", path.display()));
            }
            Self::Busy(_) => "try again in a moment",
            Self::Moving { .. } => "finish that move first: run `tokscope vault home` again with the same home",
            Self::NothingToMove => "`tokscope vault` shows where it is kept",
            Self::Store(error) => return error.hint(),
        };
        Some(words.to_owned())
    }
}
