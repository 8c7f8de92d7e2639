//! The TOML files that the user may edit, too: read through confy, changed with their comments kept.

use std::{io, path::Path};

use confy::ConfyError;
use serde::{Serialize, de::DeserializeOwned};
use toml_edit::{DocumentMut, TomlError};

use super::{StoreError, files};

/// What the file says; `None` where there is none, which stays so.
pub(super) fn load<T: Serialize + DeserializeOwned + Default>(path: &Path) -> Result<Option<T>, StoreError> {
    // Looked at first: confy would create a missing file, wait for a pipe, and take all memory for a device.
    match files::read_regular(path) {
        Err(StoreError::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
        Ok(text) => confy::load_path(path).map(Some).map_err(|error| unread(path, &text, error)),
    }
}

/// The file for editing; a missing one begins as `new`.
pub(super) fn editable(path: &Path, new: &str) -> Result<DocumentMut, StoreError> {
    let text = match files::read_regular(path) {
        Err(StoreError::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound => new.to_owned(),
        bytes => String::from_utf8_lossy(&bytes?).into_owned(),
    };
    text.parse().map_err(|error: TomlError| StoreError::Profiles {
        path: path.to_owned(),
        mistakes: vec![error.message().to_owned()],
    })
}

/// Why a file could not be read; no line of it is quoted.
fn unread(path: &Path, text: &[u8], error: ConfyError) -> StoreError {
    let path = path.to_owned();
    match error {
        // The error's own text would quote the line, and with it a secret that stands there.
        ConfyError::BadTomlData(error) => {
            let line = error.span().map_or(1, |span| 1 + text.iter().take(span.start).filter(|b| **b == b'\n').count());
            let mistake = format!("line {line}: {}", error.message().replace('\n', ", "));
            StoreError::Profiles { path, mistakes: vec![mistake] }
        }
        ConfyError::ReadConfigurationFileError(source) | ConfyError::GeneralLoadError(source) => {
            StoreError::Io { action: "read", path, source }
        }
        other => StoreError::Io { action: "read", path, source: io::Error::other(other) },
    }
}
