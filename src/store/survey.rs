//! What lies in the configuration folder, and who may read it: looked at, not opened and not changed.

use std::{
    ffi::OsStr,
    fs,
    os::unix::fs::{MetadataExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
};

use super::{StoreError, files, holders, identity, vault};

/// What was found.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Survey {
    /// The configuration folder is there.
    pub has_folder: bool,
    /// The vault's folder is there.
    pub has_vault: bool,
    /// So many profiles have something in the vault.
    pub records: usize,
    /// What others may read of the vault, with its mode.
    pub exposed: Vec<(PathBuf, u32)>,
    /// What of the vault belongs to another user.
    pub foreign: Vec<PathBuf>,
    /// What is in the vault's folder that tokscope did not create.
    pub stray: Vec<PathBuf>,
    /// Half-written files of processes that died, or of one that is writing right now.
    pub unfinished: Vec<PathBuf>,
}

/// Looks around in a configuration folder.
pub fn survey(dir: &Path) -> Result<Survey, StoreError> {
    let mut survey = Survey::default();
    if metadata(dir)?.is_none() {
        return Ok(survey);
    }
    survey.has_folder = true;
    survey.unfinished.extend(entries(dir)?.into_iter().filter(|(_, name)| is_unfinished(name)).map(|(path, _)| path));
    let vault = vault::path(dir);
    let Some(folder) = metadata(&vault)? else { return Ok(survey) };
    survey.has_vault = true;
    survey.look(&vault, &folder);
    for (path, name) in entries(&vault)? {
        let Some(file) = metadata(&path)? else { continue };
        survey.look(&path, &file);
        match name.as_str() {
            name if is_unfinished(name) => survey.unfinished.push(path),
            name if is_record(name, "age") => survey.records += 1,
            name if is_record(name, "lock") || is_record(name, vault::KEY_SETS) || KNOWN.contains(&name) => {}
            _ => survey.stray.push(path),
        }
    }
    Ok(survey)
}

const KNOWN: [&str; 8] = [
    identity::PLAIN_FILE,
    identity::SEALED_FILE,
    identity::RECIPIENT_FILE,
    identity::LOCK_FILE,
    holders::FOLDER,
    vault::NOTE,
    vault::NOTE_LOCK,
    vault::FORMER,
];

impl Survey {
    fn look(&mut self, path: &Path, file: &fs::Metadata) {
        let mode = file.permissions().mode() & 0o777;
        if mode & 0o077 != 0 {
            self.exposed.push((path.to_owned(), mode));
        }
        if file.uid() != rustix::process::geteuid().as_raw() {
            self.foreign.push(path.to_owned());
        }
    }
}

fn is_record(name: &str, ending: &str) -> bool {
    let stem = name.strip_suffix(ending).and_then(|stem| stem.strip_suffix('.'));
    stem.is_some_and(|stem| vault::is_record_name(OsStr::new(stem)))
}

fn is_unfinished(name: &str) -> bool {
    name.starts_with(files::TEMPORARY)
}

fn metadata(path: &Path) -> Result<Option<fs::Metadata>, StoreError> {
    files::if_there(fs::metadata(path).map_err(StoreError::io("read", path)))
}

fn entries(folder: &Path) -> Result<Vec<(PathBuf, String)>, StoreError> {
    let name = |path: &PathBuf| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    Ok(files::entries(folder)?.into_iter().map(|path| (path.clone(), name(&path))).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{identity::Identity, vault::Vault};

    #[test]
    fn what_others_can_read_and_what_is_left_over_is_found() {
        let root = tempfile::tempdir().unwrap();
        let dir = root.path().join("tokscope");
        assert_eq!(survey(&dir).unwrap(), Survey::default());
        drop(Vault::open(&dir, Identity::generate()).unwrap());
        let clean = Survey { has_folder: true, has_vault: true, ..Survey::default() };
        assert_eq!(survey(&dir).unwrap(), clean);

        let vault = vault::path(&dir);
        let files = ["recipient.txt", ".tokscope-x.age-1", "core", "lms-0123456789abcdef0123456789abcdef.age"];
        for name in files {
            files::replace(&vault.join(name), b"x").unwrap();
        }
        let open = vault.join(files[3]);
        fs::set_permissions(&open, fs::Permissions::from_mode(0o644)).unwrap();
        let found = survey(&dir).unwrap();
        assert_eq!(found.exposed, [(open, 0o644)]);
        assert_eq!((found.records, found.stray), (1, vec![vault.join("core")]));
        assert_eq!(found.unfinished, [vault.join(files[1])]);
        assert!(found.foreign.is_empty());
    }
}
