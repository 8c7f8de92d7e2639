//! The TOML files that the user may edit, too: read through confy, changed with their comments kept.

use std::{io, path::Path};

use confy::ConfyError;
use serde::{Serialize, de::DeserializeOwned};
use toml_edit::{DocumentMut, Item, Table, TableLike, TomlError};

use super::{StoreError, files};

/// What the file says; `None` where there is none, which stays so.
pub(super) fn load<T: Serialize + DeserializeOwned + Default>(path: &Path) -> Result<Option<T>, StoreError> {
    Ok(load_with_text(path)?.map(|(said, _)| said))
}

/// The same, and its text.
pub(super) fn load_with_text<T: Serialize + DeserializeOwned + Default>(
    path: &Path,
) -> Result<Option<(T, Vec<u8>)>, StoreError> {
    // Looked at first: confy would create a missing file, wait for a pipe, and take all memory for a device.
    let Some(text) = files::if_there(files::read_regular(path))? else { return Ok(None) };
    match confy::load_path(path) {
        Ok(said) => Ok(Some((said, text))),
        Err(error) => Err(unread(path, &text, error)),
    }
}

/// Changes the file; a missing one begins as `new`. The caller holds its lock.
pub(super) fn change<T>(
    path: &Path,
    new: &str,
    change: impl FnOnce(&mut DocumentMut) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    let text = files::if_there(files::read_regular(path))?;
    let text = text.map_or_else(|| new.into(), |bytes| String::from_utf8_lossy(&bytes).into_owned());
    let mistake =
        |error: TomlError| StoreError::Profiles { path: path.to_owned(), mistakes: vec![error.message().to_owned()] };
    let mut document = text.parse().map_err(mistake)?;
    let changed = change(&mut document)?;
    files::replace(path, document.to_string().as_bytes())?;
    Ok(changed)
}

/// A table that is written only where something is in it.
pub(super) fn implicit() -> Item {
    let mut table = Table::new();
    table.set_implicit(true);
    Item::Table(table)
}

/// Puts a value in a table. What stands behind the one before it stays there.
pub(super) fn put(table: &mut dyn TableLike, key: &str, mut new: Item) {
    let before = table.get(key).and_then(Item::as_value).map(|old| old.decor().clone());
    if let (Some(value), Some(before)) = (new.as_value_mut(), before) {
        *value.decor_mut() = before;
    }
    table.insert(key, new);
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
