//! Reports that the user wants as files of their own.

use std::path::{Path, absolute};

use super::Session;
use crate::store::{StoreError, files};

impl Session {
    /// Puts a report in place of a file, which only its user can read.
    pub fn write_report(&self, path: &Path, text: &str) -> Result<(), StoreError> {
        let failed = |source| StoreError::Io { action: "write", path: path.to_owned(), source };
        let path = absolute(path).map_err(failed)?;
        files::replace(&path, text.as_bytes())
    }
}
