//! How the vault's files are sealed: a JSON object that ends with its authentication code, encrypted for the identity.
//!
//! Encrypting needs only the public half, which lies beside the files. The code needs the identity, so no one without it
//! makes a file that is accepted. It covers all that is in the file, the profile's name and the counter among it, and what
//! kind of file it is.

use std::{collections::BTreeSet, fmt::Write as _, path::Path, sync::Arc};

use aws_lc_rs::digest;
use serde::Deserialize;

use super::VaultError;
use crate::{
    secret::Zeroizing,
    store::identity::{Identity, Sealer},
};

/// From this version on, files end with their code. All but the records are of it.
pub(super) const AUTHENTICATED: u32 = 2;
/// The newest version of the records, the one that is written. Version 2 knew no old generations but the previous one, version 3
/// no rotations.
pub(super) const VERSION: u32 = 4;

/// What a file is: the code of one kind is none of another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// What is kept of a profile.
    Record,
    /// The key sets that were fetched for a profile.
    KeySets,
    /// The files of version 1 that are still accepted.
    Migration,
    /// The key that the vault is being moved away from.
    Former,
}

/// What opens the files of a vault, and seals them. Its own for each exchange, so that one that is under way ends well
/// whatever becomes of the vault meanwhile.
#[derive(Debug, Clone)]
pub struct VaultKeys {
    /// The identity of the vault.
    pub(super) current: Identity,
    /// The one before it, until the last file is re-encrypted.
    pub(super) former: Option<Identity>,
    /// The SHA-256 of each version-1 file that is accepted still.
    pub(super) listed: Arc<BTreeSet<String>>,
}

/// A file that was opened.
pub(super) struct Unsealed {
    pub(super) plaintext: Zeroizing<Vec<u8>>,
    /// 1, or whatever came since.
    pub(super) version: u32,
}

#[derive(Deserialize)]
struct Head {
    version: u32,
}

/// What stands in front of the code, and behind it.
const MAC: (&[u8], &[u8]) = (b",\"mac\":\"", b"\"}");
/// The length of both, and of the code in hex.
pub(super) const MAC_LENGTH: usize = MAC.0.len() + 64 + MAC.1.len();

/// Seals an object that ends with its brace.
pub(super) fn seal(sealer: &Sealer, kind: Kind, mut object: Zeroizing<Vec<u8>>) -> Vec<u8> {
    let code = sealer.code(&[kind.label(), &object]);
    object.pop();
    object.reserve_exact(MAC_LENGTH);
    object.extend_from_slice(MAC.0);
    object.extend_from_slice(hex(&code).as_bytes());
    object.extend_from_slice(MAC.1);
    sealer.seal(&object)
}

impl VaultKeys {
    /// Opens a file of this kind. One that is not authenticated is refused, unless it is listed.
    pub(super) fn open(&self, kind: Kind, sealed: &[u8], path: &Path) -> Result<Unsealed, VaultError> {
        let damaged = || VaultError::Damaged(path.to_owned());
        let mut identities = std::iter::once(&self.current).chain(&self.former);
        let opened = identities.find_map(|identity| Some((identity, identity.open(sealed).ok()?)));
        let (identity, plaintext) = opened.ok_or_else(damaged)?;
        let Head { version } = serde_json::from_slice(&plaintext).map_err(|_| damaged())?;
        match version {
            0 => Err(damaged()),
            1 if self.listed.contains(&hash(sealed)) => Ok(Unsealed { plaintext, version }),
            1 => Err(VaultError::Unauthenticated(path.to_owned())),
            AUTHENTICATED.. if version > kind.version() => Err(VaultError::Newer { path: path.to_owned(), version }),
            AUTHENTICATED.. if is_authentic(identity, kind, &plaintext) => Ok(Unsealed { plaintext, version }),
            AUTHENTICATED.. => Err(VaultError::Forged(path.to_owned())),
        }
    }

    /// What seals for the vault.
    pub(super) fn sealer(&self) -> Sealer {
        self.current.sealer()
    }
}

fn is_authentic(identity: &Identity, kind: Kind, plaintext: &[u8]) -> bool {
    let Some(end) = plaintext.len().checked_sub(MAC_LENGTH) else { return false };
    let (object, tail) = plaintext.split_at(end);
    let code = tail.strip_prefix(MAC.0).and_then(|tail| tail.strip_suffix(MAC.1)).and_then(bytes);
    code.is_some_and(|code| identity.vouches(&[kind.label(), object, b"}"], &code))
}

impl Kind {
    /// The newest version of such files.
    fn version(self) -> u32 {
        if self == Self::Record { VERSION } else { AUTHENTICATED }
    }

    fn label(self) -> &'static [u8] {
        match self {
            Self::Record => b"record\0",
            Self::KeySets => b"key sets\0",
            Self::Migration => b"migration\0",
            Self::Former => b"former key\0",
        }
    }
}

/// The SHA-256 of a file as it lies there.
pub(super) fn hash(sealed: &[u8]) -> String {
    hex(digest::digest(&digest::SHA256, sealed).as_ref())
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn bytes(hex: &[u8]) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(hex).ok().filter(|text| text.bytes().all(|byte| byte.is_ascii_hexdigit()))?;
    let pairs = text.as_bytes().chunks(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok());
    pairs.collect()
}
