//! Hands the providers' importers what they read: a file, variables, an address.

use std::{
    env,
    ffi::OsStr,
    path::{Path, PathBuf},
};

use super::{StoreError, files};
use crate::{
    auth::{
        Provider,
        import::{self, Imported, Reads, Variables},
    },
    clock::Timestamp,
};

/// What is found in a source of these providers. `given` is the path of a file that is not where it usually is, or the
/// address for those that need one.
pub fn read(
    providers: &[&dyn Provider],
    source: &str,
    given: Option<&OsStr>,
    now: Timestamp,
) -> Result<Imported, StoreError> {
    let mut imported = Imported::default();
    for importer in import::importers(providers).filter(|importer| importer.id == source) {
        match importer.reads {
            Reads::Variables(read) => read(&Variables::new(&|name| env::var(name).ok()), &mut imported),
            Reads::Address { read, .. } => read(given.and_then(OsStr::to_str).unwrap_or_default(), &mut imported),
            Reads::File { usual, read } => {
                let path = given.map_or_else(|| PathBuf::from(usual), PathBuf::from);
                let text = files::read(&path)?;
                read(&String::from_utf8_lossy(&text), now, &mut imported);
                warn_of_readers(&path, &mut imported);
            }
        }
    }
    Ok(imported)
}

/// In how many sources there is something: a file where it usually is, variables that are set.
pub fn present(providers: &[&dyn Provider]) -> usize {
    let there = |id: &str| {
        import::importers(providers).filter(|importer| importer.id == id).any(|importer| match importer.reads {
            Reads::Variables(read) => {
                let mut found = Imported::default();
                read(&Variables::new(&|name| env::var(name).ok()), &mut found);
                !found.profiles.is_empty()
            }
            Reads::File { usual, .. } => files::expanded(Path::new(usual)).is_file(),
            Reads::Address { .. } => false,
        })
    };
    import::sources(providers).iter().filter(|source| there(source.id)).count()
}

/// Programs keep tokens in files that they leave open to everybody.
fn warn_of_readers(path: &Path, imported: &mut Imported) {
    use std::os::unix::fs::PermissionsExt as _;
    let file = std::fs::metadata(files::expanded(path));
    if file.is_ok_and(|file| file.permissions().mode() & 0o077 != 0) {
        let shown = path.display();
        imported.warn(format!("other users of this machine can read {shown} and the tokens in it: chmod 600 {shown}"));
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::PermissionsExt as _};

    use super::*;
    use crate::{clock, providers};

    #[test]
    fn a_file_that_others_can_read_is_warned_about() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("core.conf");
        fs::write(&path, "[k8s_config_0]\nhost_url = https://eu.example.org\n").unwrap();
        let read = |path: &Path| read(providers::ALL, "practicus", Some(path.as_os_str()), clock::now());
        for (mode, open) in [(0o600, false), (0o644, true)] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            let imported = read(&path).unwrap();
            assert_eq!(imported.profiles.len(), 1);
            assert_eq!(imported.warnings.join("\n").contains("chmod 600"), open, "{imported:?}");
        }
        assert!(read(&folder.path().join("none")).is_err());
    }
}
