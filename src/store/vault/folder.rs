//! The folder of the vault: names of files, permissions, and what dead processes left behind.

use std::{
    fs::{self, DirBuilder, File},
    io,
    os::unix::fs::{DirBuilderExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
};

use aws_lc_rs::digest;

use super::{NOTE, NOTE_LOCK};
use crate::{
    profile::ProfileName,
    store::{StoreError, files, lock},
};

/// The folder of the vault in a configuration folder.
pub fn path(config_dir: &Path) -> PathBuf {
    config_dir.join("vault")
}

/// The folder, there and closed to others.
#[derive(Debug, Clone)]
pub(super) struct Folder(pub(super) PathBuf);

/// Where a profile's record is.
pub(super) struct RecordFiles {
    /// The name, without an ending.
    pub(super) name: String,
    /// The record; none in memory.
    pub(super) file: Option<PathBuf>,
    /// Its lock.
    pub(super) lock: Option<PathBuf>,
}

impl RecordFiles {
    pub(super) fn new(folder: Option<&Folder>, profile: &ProfileName) -> Self {
        let name = file_name(profile);
        let file = |ending| folder.map(|Folder(path)| path.join(format!("{name}.{ending}")));
        Self { file: file("age"), lock: file("lock"), name }
    }
}

impl Folder {
    /// Makes the folder, or closes the one that is there to others, and sweeps it. A symbolic link is followed.
    pub(super) fn open(config_dir: &Path) -> Result<Self, StoreError> {
        let path = files::target(&path(&files::expanded(config_dir)));
        let failed = |source| StoreError::Io { action: "write", path: path.clone(), source };
        let is_new = !path.exists();
        DirBuilder::new().recursive(true).mode(0o700).create(&path).map_err(failed)?;
        let mode = fs::metadata(&path).map_err(failed)?.permissions().mode() & 0o777;
        if mode != 0o700 {
            fs::set_permissions(&path, fs::Permissions::from_mode(0o700)).map_err(failed)?;
        }
        if is_new {
            // The folder itself must survive a power cut, not only what is in it.
            let parent = path.parent().unwrap_or(Path::new("."));
            File::open(parent).and_then(|parent| parent.sync_all()).map_err(failed)?;
        }
        let folder = Self(path);
        folder.sweep();
        Ok(folder)
    }

    /// The records' files.
    pub(super) fn files(&self) -> Result<Vec<PathBuf>, StoreError> {
        self.named("age")
    }

    /// The profiles' files with this ending.
    pub(super) fn named(&self, ending: &str) -> Result<Vec<PathBuf>, StoreError> {
        let failed = |source| StoreError::Io { action: "read", path: self.0.clone(), source };
        let paths = fs::read_dir(&self.0).map_err(failed)?.map(|entry| entry.map(|entry| entry.path()));
        let mut paths = paths.collect::<io::Result<Vec<_>>>().map_err(failed)?;
        paths.retain(|path| {
            path.extension().is_some_and(|end| end == ending) && path.file_stem().is_some_and(is_record_name)
        });
        paths.sort();
        Ok(paths)
    }

    /// Removes temporary files that are not being written: whoever writes one holds the lock of its record. What cannot
    /// be removed does no harm.
    fn sweep(&self) {
        for path in files::entries(&self.0).unwrap_or_default() {
            let Some(name) = path.file_name().and_then(|name| name.to_str()) else { continue };
            // Without a lock of its own, it is swept by whoever writes it the next time.
            let Some((of, _)) = name.strip_prefix(files::TEMPORARY).and_then(|rest| rest.split_once('.')) else {
                continue;
            };
            let lock = match name.starts_with(&format!("{}{NOTE}-", files::TEMPORARY)) {
                true => NOTE_LOCK.to_owned(),
                false if is_record_name(of.as_ref()) => format!("{of}.lock"),
                false => continue,
            };
            lock::while_free(&self.0.join(lock), || _ = fs::remove_file(&path));
        }
    }
}

/// `edx-prod-` and 128 bits of the name's SHA-256 in hex. People recognize the first part; the second one tells apart
/// what a file system takes for the same: cases, accents written in two ways.
pub(super) fn file_name(profile: &ProfileName) -> String {
    let hash = digest::digest(&digest::SHA256, profile.as_str().as_bytes());
    let hash: String = hash.as_ref().iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    let readable = profile.as_str().chars().filter(|c| c.is_ascii_alphanumeric() || "-_".contains(*c));
    let readable: String = readable.take(32).collect::<String>().to_ascii_lowercase();
    format!("{readable}-{hash}")
}

/// Whether a name is one of [`file_name`].
pub(in crate::store) fn is_record_name(name: &std::ffi::OsStr) -> bool {
    let hash = name.to_str().and_then(|name| name.rsplit_once('-')).map(|(_, hash)| hash);
    hash.is_some_and(|hash| hash.len() == 32 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()))
}
