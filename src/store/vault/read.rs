//! Reading: from memory, from the folder, and from where else tokens were put.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use super::{Condition, Folder, MEMORY, Record, Vault, VaultError, VaultKeys, file_format, seal::Kind};
use crate::{
    auth::{IssuedToken, TokenKind, TokenSet},
    profile::ProfileName,
    secret::SecretString,
    store::{StoreError, files},
};

/// What was put aside, opened, and the bytes that it was.
pub(super) type PutAside = (Record, Arc<[u8]>);

/// A record as it was opened.
pub(super) struct OpenedRecord {
    pub(super) profile: ProfileName,
    /// 0: of version 1.
    pub(super) counter: u64,
    pub(super) record: Record,
}

/// All that a vault holds.
#[derive(Debug, Default)]
pub struct Contents {
    /// The records, by name.
    pub records: Vec<(ProfileName, Record)>,
    /// Files that cannot be read. They stay as they are.
    pub unreadable: Vec<VaultError>,
}

/// So many milliseconds may a record go on while tokens wait for it elsewhere: an hour, more than any lock is held.
const LATE: u64 = 3_600_000;

impl Vault {
    /// Whether anything is kept of a profile. The vault need not be open.
    pub fn keeps(&self, profile: &ProfileName) -> bool {
        let file = self.place(profile).file;
        file.is_some_and(|record| record.exists() || self.key_sets_file(profile).exists())
            || self.state().sets.contains_key(profile)
            || self.in_memory().contains(profile)
            || self.rescue.saved(profile).next().is_some()
    }

    /// What is kept of a profile. Where its file cannot be read, what was put aside is still there.
    pub fn read(&self, profile: &ProfileName) -> Result<Option<Record>, VaultError> {
        let keys = self.keys()?;
        let record = self.load(&keys, profile);
        let aside = self.put_aside_of(&keys, profile)?.map(|(aside, _)| aside);
        let counter = record.as_ref().map_or(0, |record| record.as_ref().map_or(0, |found| found.counter));
        let newer: Vec<_> = self.rescued_of(&keys, profile, counter).into_iter().chain(aside).collect();
        let record = record.map(|found| found.map(|found| found.record));
        if newer.is_empty() {
            return record;
        }
        Ok(Some(newer.into_iter().fold(record.ok().flatten().unwrap_or_default(), Record::joined_by)))
    }

    /// The current token set of a profile.
    pub fn token_set(&self, profile: &ProfileName) -> Result<Option<TokenSet>, VaultError> {
        Ok(self.read(profile)?.and_then(|record| record.token_set))
    }

    /// A remembered secret of a profile, by the key of its setting.
    pub fn secret(&self, profile: &ProfileName, key: &str) -> Result<Option<SecretString>, VaultError> {
        Ok(self.read(profile)?.and_then(|mut record| record.secrets.remove(key)))
    }

    /// What is to be told of a profile's record.
    pub fn condition(&self, profile: &ProfileName) -> Result<Condition, VaultError> {
        let record = self.read(profile)?.unwrap_or_default();
        Ok(self.condition_of(profile, &record))
    }

    /// Like [`Self::condition`], of a record that was read just now.
    pub fn condition_of(&self, profile: &ProfileName, record: &Record) -> Condition {
        let current = record.token_set.as_ref();
        let current = current.and_then(|set| set.token(TokenKind::Refresh).map(IssuedToken::fingerprint));
        Condition {
            in_flight: record.in_flight.clone().filter(|mark| Some(mark.refresh_token) == current),
            retired: record.retired.clone().filter(|retired| Some(retired.refresh_token) == current),
            doubt: record.doubt.clone(),
            rotating: record.open_rotation().map(|journal| journal.run.clone()),
            unsaved: self.unsaved(profile),
        }
    }

    /// Everything that is kept: each file is read. One that cannot be read does not hide the others.
    pub fn all(&self) -> Result<Contents, VaultError> {
        let keys = self.keys()?;
        let mut contents = Contents::default();
        for profile in self.in_memory() {
            match self.read(&profile) {
                Ok(record) => contents.records.extend(record.map(|record| (profile, record))),
                Err(error) => contents.unreadable.push(error),
            }
        }
        let known = self.state().seen.there();
        let files = self.files()?;
        for path in &files {
            match self.read_file(&keys, path) {
                Ok(found) if contents.records.iter().any(|(known, _)| *known == found.profile) => {}
                Ok(found) => contents.records.push((found.profile, found.record)),
                // It was removed since.
                Err(error) if error.is_missing() => {}
                Err(error) => contents.unreadable.push(error),
            }
        }
        contents.unreadable.extend(self.state().seen.deleted(&known, &files));
        contents.records.sort_by(|(a, _), (b, _)| a.cmp(b));
        Ok(contents)
    }

    /// The records' files.
    pub(super) fn files(&self) -> Result<Vec<PathBuf>, StoreError> {
        self.folder.as_ref().map_or_else(|| Ok(Vec::new()), Folder::files)
    }

    /// The record, without what was put aside.
    pub(super) fn load(&self, keys: &VaultKeys, profile: &ProfileName) -> Result<Option<OpenedRecord>, VaultError> {
        if let Some(shelved) = self.state().shelf.get(profile) {
            return unseal(keys, &shelved.sealed, Path::new(MEMORY)).map(Some);
        }
        let Some(path) = self.place(profile).file else { return Ok(None) };
        match self.read_file(keys, &path) {
            Ok(found) => Ok(Some(found)),
            Err(error) if error.is_missing() => match self.state().seen.miss(&path) {
                true => Err(VaultError::Deleted { path, profile: profile.clone() }),
                false => Ok(None),
            },
            Err(error) => Err(error),
        }
    }

    /// What was put aside of a profile, and its bytes.
    pub(super) fn put_aside_of(&self, keys: &VaultKeys, profile: &ProfileName) -> Result<Option<PutAside>, VaultError> {
        let Some(sealed) = self.state().aside.get(profile).map(|aside| Arc::clone(&aside.sealed)) else {
            return Ok(None);
        };
        match unseal(keys, &sealed, Path::new(MEMORY)) {
            Ok(opened) => Ok(Some((opened.record, sealed))),
            Err(VaultError::Damaged(_)) => {
                // The key has moved while this vault was locked. The copy on disk was re-encrypted, and is in its record.
                self.state().aside.remove(profile);
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// What another process, or this one, has put elsewhere because the vault's folder did not take it. What is not ours
    /// is none of it, and neither is what lay there while the record of this count went on: it was put back.
    pub(super) fn rescued_of(&self, keys: &VaultKeys, profile: &ProfileName, counter: u64) -> Vec<Record> {
        let found = self.rescue.saved(profile).filter_map(|(path, sealed)| unseal(keys, &sealed, &path).ok());
        let is_late = |found: &OpenedRecord| found.counter != 0 && found.counter.saturating_add(LATE) < counter;
        found.filter(|found| found.profile == *profile && !is_late(found)).map(|found| found.record).collect()
    }

    pub(super) fn read_file(&self, keys: &VaultKeys, path: &Path) -> Result<OpenedRecord, VaultError> {
        // Taken first: another task may write a newer one while this one is read.
        let seen = self.state().seen.counter(path);
        let opened = unseal(keys, &files::read_regular(path)?, path)?;
        if self.place(&opened.profile).file.as_deref() != Some(path) {
            return Err(VaultError::Swapped { path: path.to_owned(), found: opened.profile });
        }
        if opened.counter < seen {
            return Err(VaultError::RolledBack { path: path.to_owned(), profile: opened.profile });
        }
        self.state().seen.note(path, &opened.profile, opened.counter);
        Ok(opened)
    }
}

pub(super) fn unseal(keys: &VaultKeys, sealed: &[u8], path: &Path) -> Result<OpenedRecord, VaultError> {
    let opened = keys.open(Kind::Record, sealed, path)?;
    let damaged = || VaultError::Damaged(path.to_owned());
    let mut written = file_format::read(&opened.plaintext).map_err(|_| damaged())?;
    if opened.version == 1 {
        (written.counter, written.record) = (0, written.record.of_version_1());
    }
    let profile = ProfileName::new(written.profile).map_err(|_| damaged())?;
    Ok(OpenedRecord { profile, counter: written.counter, record: written.record })
}
