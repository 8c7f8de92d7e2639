//! What version 1 has left: records that are encrypted and not authenticated, so anyone with the public half could have
//! made them.
//!
//! The first opening trusts what it finds, since nothing can tell more. It notes which files these are, in a file that is
//! authenticated, and rewrites each of them; from then on version 1 is refused. That the note exists is enough to refuse
//! what is not in it, whatever it says; where it is missing and an authenticated record is there, it was deleted. An identity
//! that was made since says in its home that it never had a version 1 (`Identity::is_strict`): it needs no note.

use std::{collections::BTreeSet, path::PathBuf, sync::Arc, time::Duration};

use serde::{Deserialize, Serialize};

use super::{
    HeldRecord, Vault, VaultError, VaultKeys, file_format,
    read::unseal,
    seal::{self, AUTHENTICATED, Kind},
};
use crate::store::{StoreError, files, identity::Identity, lock};

/// The note.
pub(in crate::store) const NOTE: &str = "migration.age";

/// Its lock.
pub(in crate::store) const LOCK: &str = ".migration.age.lock";

#[derive(Serialize, Deserialize)]
struct Note {
    version: u32,
    /// The SHA-256 of each file that is still to be rewritten.
    files: BTreeSet<String>,
}

impl Vault {
    /// The files of version 1 that are accepted: noted the first time.
    pub(super) fn listed(&self, identity: &Identity) -> Result<Arc<BTreeSet<String>>, VaultError> {
        let Some(path) = self.note().filter(|_| !identity.is_strict()) else { return Ok(Arc::default()) };
        // Two processes that have just been updated make one note.
        let _lock = lock::exclusive(&path)?;
        let keys = VaultKeys { current: identity.clone(), former: None, listed: Arc::default() };
        if let Some(sealed) = files::if_there(files::read_regular(&path))? {
            return Ok(Arc::new(read(&keys, &sealed, &path)));
        }
        let found = self.first_found(identity)?;
        match write(&keys, &path, &found) {
            // Without the note, whoever comes next would refuse them.
            Err(error) if !found.is_empty() => Err(error.into()),
            _ => Ok(Arc::new(found)),
        }
    }

    /// Rewrites what is listed and free. The keys, for what is left then.
    pub(super) fn migrated(&self, mut keys: VaultKeys) -> VaultKeys {
        let Some(path) = self.note().filter(|_| !keys.listed.is_empty()) else { return keys };
        for (path, sealed) in self.contents().filter(|(_, sealed)| keys.listed.contains(&seal::hash(sealed))) {
            let Ok(old) = unseal(&keys, &sealed, &path) else { continue };
            if let Ok(lock) = self.glance(&old.profile, Duration::ZERO)
                && let Ok(mut entry) = HeldRecord::new(self, &keys, &old.profile, lock)
            {
                // What cannot be written now is listed still.
                let _ = entry.save();
            }
        }
        if let Ok(_lock) = lock::exclusive(&path)
            && let Ok(sealed) = files::read_regular(&path)
        {
            let mut left = read(&keys, &sealed, &path);
            let there: BTreeSet<_> = self.contents().map(|(_, sealed)| seal::hash(&sealed)).collect();
            left.retain(|hash| there.contains(hash));
            let _ = write(&keys, &path, &left);
            keys.listed = Arc::new(left);
        }
        keys
    }

    /// What the first opening finds; nothing where the note must have been deleted.
    fn first_found(&self, identity: &Identity) -> Result<BTreeSet<String>, VaultError> {
        self.files()?;
        let mut found = BTreeSet::new();
        for (path, sealed) in self.contents() {
            let hash = seal::hash(&sealed);
            let listed = Arc::new(BTreeSet::from([hash.clone()]));
            match (VaultKeys { current: identity.clone(), former: None, listed }).open(Kind::Record, &sealed, &path) {
                Ok(opened) if opened.version >= AUTHENTICATED => return Ok(BTreeSet::new()),
                Ok(_) => _ = found.insert(hash),
                Err(_) => {}
            }
        }
        Ok(found)
    }

    /// Removes the note: the key that it is about is used no more.
    pub(super) fn remove_note(&self) -> Result<(), StoreError> {
        self.note().map_or(Ok(()), |path| files::remove(&path))
    }

    /// All records that are in files, here and elsewhere.
    pub(super) fn contents(&self) -> impl Iterator<Item = (PathBuf, Vec<u8>)> {
        let here = self.files().unwrap_or_default().into_iter();
        here.chain(self.rescue.files()).filter_map(|path| files::read_regular(&path).ok().map(|sealed| (path, sealed)))
    }

    fn note(&self) -> Option<PathBuf> {
        self.folder.as_ref().map(|folder| folder.0.join(NOTE))
    }
}

/// What a note says. One that is not ours, or was changed, lists nothing.
fn read(keys: &VaultKeys, sealed: &[u8], path: &std::path::Path) -> BTreeSet<String> {
    let opened = keys.open(Kind::Migration, sealed, path).ok().filter(|opened| opened.version == AUTHENTICATED);
    let note = opened.and_then(|opened| serde_json::from_slice::<Note>(&opened.plaintext).ok());
    note.map(|note| note.files).unwrap_or_default()
}

fn write(keys: &VaultKeys, path: &std::path::Path, files: &BTreeSet<String>) -> Result<(), StoreError> {
    let note = file_format::object(&Note { version: AUTHENTICATED, files: files.clone() });
    files::replace(path, &seal::seal(&keys.sealer(), Kind::Migration, note))
}
