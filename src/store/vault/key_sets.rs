//! The key sets that were fetched to verify a profile's tokens with: a file of their own, so that one that is too large
//! costs itself and no token. They can be fetched again.

use std::{borrow::Cow, collections::BTreeMap, path::PathBuf};

use serde::{Deserialize, Serialize};

use super::{
    Vault, VaultError, VaultKeys, counted, file_format,
    seal::{self, AUTHENTICATED, Kind},
};
use crate::{
    profile::ProfileName,
    secret::{ExposeSecret as _, SecretString},
    store::{StoreError, files, lock},
};

/// What their file is called, behind the profile's name.
pub(in crate::store) const ENDING: &str = "keys";

#[derive(Serialize, Deserialize)]
struct File<'a> {
    version: u32,
    #[serde(borrow)]
    profile: Cow<'a, str>,
    counter: u64,
    /// By their source.
    sets: BTreeMap<String, String>,
}

impl Vault {
    /// A kept key set of a profile, by its source.
    pub fn key_set(&self, profile: &ProfileName, source: &str) -> Result<Option<SecretString>, VaultError> {
        Ok(self.key_sets(&self.keys()?, profile)?.remove(source).map(SecretString::from))
    }

    /// Keeps a key set. Others of the profile go where there is no room for all.
    pub fn keep_key_set(&self, profile: &ProfileName, source: &str, set: &SecretString) -> Result<(), VaultError> {
        let keys = self.keys()?;
        let _lock = self.glance(profile, lock::GLANCE)?;
        let new = BTreeMap::from([(source.to_owned(), set.expose_secret().to_owned())]);
        // What cannot be read is fetched again.
        let mut all = self.key_sets(&keys, profile).unwrap_or_default();
        all.extend(new.clone());
        match self.write_key_sets(&keys, profile, all) {
            Err(VaultError::Store(StoreError::TooLarge(..))) => self.write_key_sets(&keys, profile, new),
            done => done,
        }
    }

    pub(super) fn key_sets(
        &self,
        keys: &VaultKeys,
        profile: &ProfileName,
    ) -> Result<BTreeMap<String, String>, VaultError> {
        let path = self.key_sets_file(profile);
        let seen = self.state().seen_sets.counter(&path);
        let sealed = match &self.folder {
            None => self.state().sets.get(profile).cloned(),
            Some(_) => files::if_there(files::read_regular(&path))?,
        };
        let Some(sealed) = sealed else { return Ok(BTreeMap::new()) };
        let opened = keys.open(Kind::KeySets, &sealed, &path)?;
        let damaged = || VaultError::Damaged(path.clone());
        let file: File<'_> = serde_json::from_slice(&opened.plaintext).map_err(|_| damaged())?;
        let found = ProfileName::new(file.profile).map_err(|_| damaged())?;
        match file.counter {
            _ if found != *profile => Err(VaultError::Swapped { path, found }),
            counter if counter < seen => Err(VaultError::RolledBack { path, profile: found }),
            counter => {
                self.state().seen_sets.note(&path, profile, counter);
                Ok(file.sets)
            }
        }
    }

    /// Writes all key sets of a profile. The caller holds its lock.
    pub(super) fn write_key_sets(
        &self,
        keys: &VaultKeys,
        profile: &ProfileName,
        sets: BTreeMap<String, String>,
    ) -> Result<(), VaultError> {
        let path = self.key_sets_file(profile);
        let counter = counted(self.state().seen_sets.counter(&path));
        let file = File { version: AUTHENTICATED, profile: profile.as_str().into(), counter, sets };
        let sealed = seal::seal(&keys.sealer(), Kind::KeySets, file_format::object(&file));
        match &self.folder {
            None => _ = self.state().sets.insert(profile.clone(), sealed),
            Some(_) => files::replace(&path, &sealed)?,
        }
        self.state().seen_sets.note(&path, profile, counter);
        Ok(())
    }

    /// The profiles whose key sets are sealed for the former key.
    pub(super) fn key_sets_left(&self, keys: &VaultKeys) -> Vec<ProfileName> {
        let paths = self.folder.as_ref().and_then(|folder| folder.named(ENDING).ok()).unwrap_or_default();
        let left = paths.into_iter().filter_map(|path| {
            let sealed = files::read_regular(&path).ok().filter(|sealed| keys.current.open(sealed).is_err())?;
            let opened = keys.open(Kind::KeySets, &sealed, &path).ok()?;
            ProfileName::new(serde_json::from_slice::<File<'_>>(&opened.plaintext).ok()?.profile).ok()
        });
        left.collect()
    }

    /// Removes all key sets of a profile. The caller holds its lock.
    pub(super) fn remove_key_sets(&self, profile: &ProfileName) -> Result<(), StoreError> {
        self.state().sets.remove(profile);
        self.folder.as_ref().map_or(Ok(()), |_| files::remove(&self.key_sets_file(profile)))
    }

    pub(super) fn key_sets_file(&self, profile: &ProfileName) -> PathBuf {
        let record = self.place(profile).file.unwrap_or_else(|| PathBuf::from(super::MEMORY));
        record.with_extension(ENDING)
    }
}
