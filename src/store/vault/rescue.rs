//! Where tokens go that the vault's own folder does not take: a disk that is full, or has turned read-only, must not cost
//! what a server gives once. They are encrypted as in the vault, and the next call that finds them puts them into their
//! record.

use std::{
    env, fs,
    os::unix::fs::{MetadataExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
};

use aws_lc_rs::digest;

use crate::{
    clock,
    profile::ProfileName,
    store::{files, state},
};

/// Where tokens may go, the best place first: the session's own folder, mostly in memory; the state folder; the
/// temporary folder. Each is another one than the configuration's, mostly on another file system.
pub fn places() -> Vec<PathBuf> {
    let folder = |name| env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let own = format!("tokscope-{}", rustix::process::geteuid().as_raw());
    let session = folder("XDG_RUNTIME_DIR").map(|folder| folder.join("tokscope"));
    [session, state::folder(), Some(env::temp_dir().join(own))].into_iter().flatten().collect()
}

/// Keeps what could be neither saved nor printed at the first place that takes it, in a file of its own that only this user
/// can read. No vault takes it from there. Where it is now.
pub fn keep(places: &[PathBuf], profile: &ProfileName, contents: &[u8], ending: &str) -> Option<PathBuf> {
    let file = format!("{}.{}.{ending}", super::folder::file_name(profile), clock::now().timestamp_millis());
    put(places, &file, contents)
}

/// The rescue of one vault's tokens.
#[derive(Debug, Default, Clone)]
pub(super) struct Rescue {
    places: Vec<PathBuf>,
    /// Tells this vault's files from another one's.
    vault: String,
}

impl Rescue {
    pub(super) fn new(places: Vec<PathBuf>, folder: &Path) -> Self {
        let folder = fs::canonicalize(folder).unwrap_or_else(|_| folder.to_owned());
        let hash = digest::digest(&digest::SHA256, folder.as_os_str().as_encoded_bytes());
        let vault = hash.as_ref().iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        Self { places, vault }
    }

    /// Saves a sealed record at the first place that takes it. Where it is now.
    pub(super) fn save(&self, profile: &ProfileName, sealed: &[u8]) -> Option<PathBuf> {
        put(&self.places, &self.file(profile), sealed)
    }

    /// What was saved of a profile: sealed records, which may be anything.
    pub(super) fn saved(&self, profile: &ProfileName) -> impl Iterator<Item = (PathBuf, Vec<u8>)> {
        let paths = self.places.iter().filter(|place| is_ours(place)).map(|place| place.join(self.file(profile)));
        paths.filter_map(|path| files::read_regular(&path).ok().map(|sealed| (path, sealed)))
    }

    /// The files of all profiles.
    pub(super) fn files(&self) -> Vec<PathBuf> {
        let ending = format!(".{}.age", self.vault);
        let places = self.places.iter().filter(|place| is_ours(place));
        let found = places.filter_map(|place| files::entries(place).ok()).flatten();
        found.filter(|path| path.to_string_lossy().ends_with(&ending)).collect()
    }

    /// Removes what was saved: it is in its record now.
    pub(super) fn clear(&self, profile: &ProfileName) {
        for place in self.places.iter().filter(|place| is_ours(place)) {
            // What stays is known by the record's history for what it is.
            let _ = fs::remove_file(place.join(self.file(profile)));
        }
    }

    fn file(&self, profile: &ProfileName) -> String {
        format!("{}.{}.age", super::folder::file_name(profile), self.vault)
    }
}

fn put(places: &[PathBuf], file: &str, contents: &[u8]) -> Option<PathBuf> {
    places.iter().find_map(|place| {
        files::private_folder(place).ok().filter(|()| is_ours(place))?;
        let path = place.join(file);
        files::replace(&path, contents).ok().map(|()| path)
    })
}

/// Whether a folder belongs to this user and is closed to others: in the temporary folder anyone can make one.
fn is_ours(place: &Path) -> bool {
    fs::symlink_metadata(place).is_ok_and(|found| {
        let private = found.permissions().mode() & 0o077 == 0;
        found.is_dir() && found.uid() == rustix::process::geteuid().as_raw() && private
    })
}
