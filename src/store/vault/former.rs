//! The key that the vault is being moved away from: kept beside the records, under the new one, until none is sealed for it.

use std::{io, path::PathBuf};

use serde::{Deserialize, Serialize};

use super::{
    Keys, Vault, VaultError,
    seal::{Kind, VERSION},
};
use crate::store::{StoreError, files, identity::Identity};

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
        let sealed = match files::read_regular(&path) {
            Err(StoreError::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound => return Ok(None),
            sealed => sealed?,
        };
        let keys = Keys { current: identity.clone(), former: None, listed: Default::default() };
        let opened = keys.open(Kind::Former, &sealed, &path).ok().filter(|opened| opened.version == VERSION);
        let former = opened.and_then(|opened| {
            let Former { key, .. } = serde_json::from_slice(&opened.plaintext).ok()?;
            Identity::parse(&key.as_ref().into())
        });
        Ok(former)
    }

    fn former_file(&self) -> Option<PathBuf> {
        self.folder.as_ref().map(|folder| folder.0.join(FILE))
    }
}
