//! Keys to decrypt with, and reading them from whatever people keep them in.
//!
//! It reads the same materials as [`verify::key_set`](crate::token::verify::key_set), with the same readers; but there only
//! the public part of a key is kept, and here the private one is. A public key decrypts nothing and is listed as
//! unusable, with that reason.

mod read;

use std::fmt;

use aws_lc_rs::{agreement::PrivateKey, rsa::PrivateDecryptingKey};

use super::agreement::Curve;
use crate::{
    secret::Zeroizing,
    token::verify::key_set::{KeyEntry, Limits},
    trouble::Trouble,
};

/// The keys that a token may be decrypted with. `Debug` shows no key.
#[derive(Debug, Default)]
pub struct DecryptionKeys {
    entries: Vec<KeyEntry<DecryptionKey>>,
}

/// A key that something can be decrypted with. `Debug` and `Display` say what kind of key it is.
pub struct DecryptionKey {
    pub(super) material: Material,
    /// What its JWK says it may be used for.
    pub(super) limits: Limits,
}

/// The key itself. The library overwrites its keys when they are dropped, as `Zeroizing` does.
pub(super) enum Material {
    /// A shared secret or a passphrase.
    Secret(Zeroizing<Vec<u8>>),
    Rsa(PrivateDecryptingKey),
    Agreement(&'static Curve, PrivateKey),
}

impl DecryptionKeys {
    /// A shared secret or a passphrase, of any length.
    pub fn secret(secret: &[u8], name: impl Into<String>) -> Self {
        let key = DecryptionKey::from(Material::Secret(Zeroizing::new(secret.to_vec())));
        Self { entries: vec![KeyEntry { name: name.into(), kid: None, key: Ok(key) }] }
    }

    /// Reads a JWK or JWK set (RFC 7517), PEM (RFC 7468), or DER: private keys in PKCS#8, PKCS#1 and SEC 1. Never a
    /// bare secret: that has its own way, [`Self::secret`].
    ///
    /// # Errors
    /// There is no key at all. Keys that cannot be used are [listed](Self::entries), with their reasons.
    pub fn read(material: &[u8], name: &str) -> Result<Self, Trouble> {
        read::read(material, name).map(|entries| Self { entries })
    }

    /// The keys, in order.
    pub fn entries(&self) -> &[KeyEntry<DecryptionKey>] {
        &self.entries
    }

    /// Adds the keys of another set behind these.
    pub fn append(&mut self, mut other: Self) {
        self.entries.append(&mut other.entries);
    }
}

impl From<Material> for DecryptionKey {
    fn from(material: Material) -> Self {
        Self { material, limits: Limits::default() }
    }
}

/// For sentences: `a secret of 80 bits`, `an RSA private key of 2048 bits`.
impl fmt::Display for DecryptionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.material {
            Material::Secret(secret) => write!(f, "a secret of {} bits", secret.len() * 8),
            Material::Rsa(key) => write!(f, "an RSA private key of {} bits", key.key_size_bits()),
            Material::Agreement(curve, _) => write!(f, "a private key on {}", curve.name),
        }
    }
}

impl fmt::Debug for DecryptionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DecryptionKey({self})")
    }
}
