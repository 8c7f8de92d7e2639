//! What is kept: profiles and settings in TOML files, tokens in the vault. The only module that opens files.

pub mod config;
mod document;
pub mod files;
pub mod holders;
mod home;
pub mod identity;
pub mod import;
pub mod inventory;
pub mod lock;
pub mod profiles;
pub mod runs;
pub mod secrets;
pub mod state;
pub mod survey;
pub mod theme;
pub mod trust;
pub mod vault;

use std::path::{Path, PathBuf};

pub use self::files::StoreError;

/// The folder of all configuration: the given one, else where confy keeps that of `tokscope`. It need not exist.
pub fn config_dir(given: Option<&Path>) -> Result<PathBuf, StoreError> {
    if let Some(dir) = given {
        return Ok(files::expanded(dir));
    }
    let file = confy::get_configuration_file_path("tokscope", "profiles").map_err(|_| StoreError::NoHome)?;
    file.parent().map(Path::to_owned).ok_or(StoreError::NoHome)
}
