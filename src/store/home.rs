//! Where the vault's key is kept: a word of the settings and of the command line.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// Where the identity is kept. There is no silent fall-back from one to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Home {
    /// In the keyring of the operating system.
    Keyring,
    /// In a file under a passphrase, which is asked for once a session.
    Passphrase,
    /// Nowhere: nothing is on disk, and all is gone when the program ends.
    Memory,
    /// In a file that only its owner can read. Only when asked for by name, and marked on screen.
    Plain,
}

impl Home {
    /// All homes, the best first.
    pub const ALL: [Self; 4] = [Self::Keyring, Self::Passphrase, Self::Memory, Self::Plain];

    /// What it means for the user.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Keyring => "in the system keyring",
            Self::Passphrase => "in a file encrypted with a passphrase",
            Self::Memory => "nowhere: nothing is saved",
            Self::Plain => "in a file that every program you run can read",
        }
    }
}

impl fmt::Display for Home {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Keyring => "keyring",
            Self::Passphrase => "passphrase",
            Self::Memory => "memory",
            Self::Plain => "plain",
        })
    }
}

/// A word that names no home.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the home of the vault's key is one of keyring, passphrase, memory, plain")]
pub struct NoHome;

impl FromStr for Home {
    type Err = NoHome;

    fn from_str(word: &str) -> Result<Self, NoHome> {
        Self::ALL.into_iter().find(|home| home.to_string() == word).ok_or(NoHome)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn homes_are_named_as_in_the_settings() {
        for home in Home::ALL {
            assert_eq!(home.to_string().parse(), Ok(home));
        }
        assert!("Keyring".parse::<Home>().is_err());
    }
}
