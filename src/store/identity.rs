//! The key of the vault: one X25519 identity (age) for all of its files. Where it is kept is the user's choice, a [`Home`].
//!
//! | home | what is where |
//! |---|---|
//! | `keyring` | an item of the Secret Service, found by the vault's recipient |
//! | `passphrase` | `identity.age` in the vault's folder, under scrypt: `age -d` opens it |
//! | `plain` | `identity.txt` in the vault's folder, 0600: `age -i` takes it |
//! | `memory` | nothing anywhere |
//!
//! Beside them lies `recipient.txt`, the public half: it says for whom the vault's files are sealed, so that a key that
//! got lost is noticed, and never replaced by a new one that opens nothing.

mod error;
mod file;
mod keyring;
mod open;

use std::{fmt, io::Read as _, iter, str::FromStr, sync::Arc};

use secrecy::zeroize::Zeroizing;
use serde::{Deserialize, Serialize};

pub(super) use self::open::LOCK_FILE;
pub use self::{
    error::{IdentityError, KeyringError},
    file::{PLAIN_FILE, RECIPIENT_FILE, SEALED_FILE, is_new, recipient},
    keyring::Keyring,
    open::{Opened, Site, check, open, relocate, unlock},
};
use crate::secret::{ExposeSecret as _, SecretString, wiping_stack};

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
            Self::Keyring => "in the keyring of the system",
            Self::Passphrase => "in a file under a passphrase",
            Self::Memory => "nowhere: nothing is saved",
            Self::Plain => "in a file that every program of yours can read",
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
#[error("the key of the vault is kept in one of keyring, passphrase, memory, plain")]
pub struct NoHome;

impl FromStr for Home {
    type Err = NoHome;

    fn from_str(word: &str) -> Result<Self, NoHome> {
        Self::ALL.into_iter().find(|home| home.to_string() == word).ok_or(NoHome)
    }
}

/// The key of the vault. Its memory is wiped when the last clone is dropped; it is in one place only.
#[derive(Clone)]
pub struct Identity(Arc<age::x25519::Identity>);

/// The public half of an identity: enough to seal, and no secret.
#[derive(Clone)]
pub struct Recipient(age::x25519::Recipient);

/// A file of the vault that this identity cannot open, or that was changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it was encrypted for another identity, or it is damaged")]
pub struct Sealed;

impl Identity {
    /// A new one.
    pub fn generate() -> Self {
        wiping_stack(|| Self(Arc::new(age::x25519::Identity::generate())))
    }

    /// Encrypts and authenticates.
    pub fn seal(&self, contents: &[u8]) -> Vec<u8> {
        self.public().seal(contents)
    }

    /// What can seal for it.
    pub fn public(&self) -> Recipient {
        wiping_stack(|| Recipient(self.0.to_public()))
    }

    /// What [`Self::seal`] was given.
    pub fn open(&self, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, Sealed> {
        wiping_stack(|| {
            let decryptor = age::Decryptor::new_buffered(sealed).map_err(|_| Sealed)?;
            let mut reader = decryptor.decrypt(iter::once(&*self.0 as _)).map_err(|_| Sealed)?;
            // Large enough from the start: a buffer that grows leaves copies behind that nobody wipes.
            let mut contents = Zeroizing::new(Vec::with_capacity(sealed.len()));
            reader.read_to_end(&mut contents).map_err(|_| Sealed)?;
            Ok(contents)
        })
    }

    /// The public half: `age1…`. It is no secret.
    pub fn recipient(&self) -> String {
        wiping_stack(|| self.0.to_public().to_string())
    }

    /// `AGE-SECRET-KEY-1…`, for a home.
    fn text(&self) -> SecretString {
        wiping_stack(|| self.0.to_string())
    }

    /// Reads [`Self::text`], also with the comments of an age identity file around it.
    fn parse(text: &SecretString) -> Option<Self> {
        let mut lines = text.expose_secret().lines().map(str::trim);
        let line = lines.find(|line| !line.is_empty() && !line.starts_with('#'))?;
        wiping_stack(|| line.parse().ok().map(|identity| Self(Arc::new(identity))))
    }
}

impl Recipient {
    /// Reads [`Identity::recipient`].
    pub fn parse(text: &str) -> Option<Self> {
        text.trim().parse().ok().map(Self)
    }

    /// Encrypts and authenticates: only the identity opens it.
    pub fn seal(&self, contents: &[u8]) -> Vec<u8> {
        wiping_stack(|| age::encrypt(&self.0, contents).expect("writing to memory does not fail"))
    }
}

impl fmt::Debug for Recipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Recipient")
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Identity")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_opens_with_its_identity_alone_and_unchanged() {
        let identity = Identity::generate();
        let mut sealed = identity.seal(b"marker-secret");
        assert!(!sealed.windows(6).any(|window| window == b"marker"));
        assert_eq!(identity.open(&sealed).unwrap().as_slice(), b"marker-secret");
        assert_eq!(Identity::generate().open(&sealed), Err(Sealed));
        *sealed.last_mut().unwrap() ^= 1;
        assert_eq!(identity.open(&sealed), Err(Sealed));
    }

    #[test]
    fn its_text_is_an_age_identity_file() {
        let identity = Identity::generate();
        let text = format!("# created today\r\n\n{}\n", identity.text().expose_secret());
        assert_eq!(Identity::parse(&text.into()).unwrap().recipient(), identity.recipient());
        assert!(Identity::parse(&"# nothing\n".into()).is_none());
        assert_eq!(format!("{identity:?}"), "Identity");
    }

    #[test]
    fn homes_are_named_as_in_the_settings() {
        for home in Home::ALL {
            assert_eq!(home.to_string().parse(), Ok(home));
        }
        assert!("Keyring".parse::<Home>().is_err());
    }
}
