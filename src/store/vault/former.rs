//! The key that the vault was moved away from. It lies beside the records, sealed for the new key, until no file needs it any
//! more: both open meanwhile, and each file is re-encrypted as soon as it is not in use.

use std::{path::PathBuf, time::Duration};

use serde::{Deserialize, Serialize};

use super::{
    HeldRecord, Vault, VaultError, VaultKeys, file_format,
    read::unseal,
    seal::{self, AUTHENTICATED, Kind},
};
use crate::{
    profile::ProfileName,
    secret::ExposeSecret as _,
    store::{
        StoreError, files, holders,
        identity::{self, Identity},
        lock::{self, Lock},
    },
};

/// Its file.
pub(in crate::store) const FILE: &str = "former.age";

#[derive(Serialize, Deserialize)]
struct Former<'a> {
    version: u32,
    #[serde(borrow)]
    key: std::borrow::Cow<'a, str>,
}

impl Vault {
    /// The key before this one, while files may still be sealed for it. A file that this one does not vouch for is none.
    pub(super) fn former(&self, identity: &Identity) -> Result<Option<Identity>, VaultError> {
        let Some(path) = self.former_file() else { return Ok(None) };
        let Some(sealed) = files::if_there(files::read_regular(&path))? else { return Ok(None) };
        let keys = VaultKeys { current: identity.clone(), former: None, listed: Default::default() };
        let opened = keys.open(Kind::Former, &sealed, &path).ok().filter(|opened| opened.version == AUTHENTICATED);
        let former = opened.and_then(|opened| {
            let Former { key, .. } = serde_json::from_slice(&opened.plaintext).ok()?;
            Identity::parse(&key.as_ref().into())
        });
        Ok(former)
    }

    /// Keeps the key before this one.
    pub(super) fn keep_former(&self, new: &Identity, former: &Identity) -> Result<(), VaultError> {
        let Some(path) = self.former_file() else { return Ok(()) };
        let text = former.text();
        let object = file_format::object(&Former { version: AUTHENTICATED, key: text.expose_secret().into() });
        Ok(files::replace(&path, &seal::seal(&new.sealer(), Kind::Former, object))?)
    }

    /// Re-encrypts what is free, and forgets the former key where nothing needs it any more. The keys, as they are then.
    pub(super) fn moved(&self, mut keys: VaultKeys) -> VaultKeys {
        if keys.former.is_none() {
            return keys;
        }
        for profile in self.left_behind(&keys) {
            if let Ok(lock) = self.glance(&profile, Duration::ZERO) {
                // What cannot be written now still opens.
                let _ = self.reseal(&keys, &profile, lock);
            }
        }
        if self.end_move(&keys).unwrap_or(false) {
            keys.former = None;
        }
        keys
    }

    /// The profiles of which something is sealed for the former key.
    pub(super) fn left_behind(&self, keys: &VaultKeys) -> Vec<ProfileName> {
        let is_left = |sealed: &[u8]| keys.current.open(sealed).is_err();
        let records = self.contents().filter(|(_, sealed)| is_left(sealed));
        let mut left: Vec<_> =
            records.filter_map(|(path, sealed)| Some(unseal(keys, &sealed, &path).ok()?.profile)).collect();
        left.extend(self.key_sets_left(keys));
        let state = self.state();
        left.extend(state.shelf.iter().filter(|(_, shelved)| is_left(&shelved.sealed)).map(|(name, _)| name.clone()));
        left.sort();
        left.dedup();
        left
    }

    pub(super) fn reseal(&self, keys: &VaultKeys, profile: &ProfileName, lock: Lock) -> Result<(), VaultError> {
        let sets = self.key_sets(keys, profile).unwrap_or_default();
        if !sets.is_empty() {
            self.write_key_sets(keys, profile, sets)?;
        }
        let mut entry = HeldRecord::new(self, keys, profile, lock)?;
        if entry.is_kept() { entry.save() } else { Ok(()) }
    }

    /// Forgets the former key, unless something is sealed for it, or may still be: by whoever holds a key
    /// of this vault, or a profile's lock. Whether it is forgotten.
    fn end_move(&self, keys: &VaultKeys) -> Result<bool, VaultError> {
        let (Some(folder), Some(path)) = (&self.folder, self.former_file()) else { return Ok(false) };
        if !self.left_behind(keys).is_empty() || holders::count(&folder.0)? > 0 || !folder.is_quiet()? {
            return Ok(false);
        }
        // In this order: as long as the key is there, the next one comes here again.
        identity::write_recipients(&folder.0, &keys.current, None)?;
        self.remove_note()?;
        files::remove(&path)?;
        Ok(true)
    }

    fn former_file(&self) -> Option<PathBuf> {
        self.folder.as_ref().map(|folder| folder.0.join(FILE))
    }
}

impl super::Folder {
    /// Whether no profile's lock is held.
    fn is_quiet(&self) -> Result<bool, StoreError> {
        let mut is_quiet = true;
        for path in self.named("lock")? {
            let mut is_free = false;
            lock::while_free(&path, || is_free = true);
            is_quiet &= is_free;
        }
        Ok(is_quiet)
    }
}
