//! Files: read whole and within a limit, replaced in one step, never readable by others.

pub(crate) mod room;

use std::{
    borrow::Cow,
    ffi::OsString,
    fs::{self, DirBuilder, File},
    io::{self, Read as _, Write as _},
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
};

use rustix::fs::OFlags;
use tempfile::Builder;

use crate::{
    secret::wiping_stack,
    text::typed,
    trouble::{Code, Told},
};

/// No file that belongs here is larger: 1 MiB.
const LIMIT: u64 = 1 << 20;

/// A pipe in the place of a file is opened at once or not at all, and no terminal becomes ours.
pub(super) const UNWAITED: i32 = OFlags::NONBLOCK.union(OFlags::NOCTTY).bits().cast_signed();

/// How the names of temporary files begin; the name of the file that they are to become follows.
pub(super) const TEMPORARY: &str = ".tokscope-";

/// Why a file could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The operating system said no.
    #[error("cannot {action} {}: {source}", shown(.path))]
    Io {
        /// `read`, `write`, `remove` or `lock`.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },

    /// Another program has been writing the file all the time.
    #[error("another program is changing {}", shown(.0))]
    Busy(PathBuf),

    /// The file is larger than any that belongs here.
    #[error("{} is larger than {} KiB", shown(.0), .1 / 1024)]
    TooLarge(PathBuf, u64),

    /// Something else than a file: a pipe, a device, a folder.
    #[error("{} is not a regular file", .0.display())]
    NotRegular(PathBuf),

    /// Others can change the configuration.
    #[error("{}: they could choose where secrets are sent", .others.words(.path))]
    Writable {
        /// What they can change.
        path: PathBuf,
        /// Who.
        others: Others,
    },

    /// The profiles file has mistakes: all of them.
    #[error("{} has errors: {}", .path.display(), .mistakes.join("; "))]
    Profiles {
        /// The file.
        path: PathBuf,
        /// What is wrong, each with its profile or line. Foreign text; never a value, which may be a secret.
        mistakes: Vec<String>,
    },

    /// The home folder of the user is not known.
    #[error("cannot find your home folder")]
    NoHome,
}

impl Told for StoreError {
    fn code(&self) -> Code {
        match self {
            Self::Io { source, .. } => Code::of_io(source),
            Self::Busy(_) => Code::Busy,
            Self::Writable { .. } | Self::Profiles { .. } | Self::NoHome => Code::Setting,
            Self::TooLarge(..) | Self::NotRegular(_) => Code::Failed,
        }
    }

    fn hint(&self) -> Option<String> {
        let words = match self {
            Self::Io { source, .. } => match source.kind() {
                io::ErrorKind::NotFound => "check the path",
                io::ErrorKind::PermissionDenied => "check who owns the file and its folder",
                io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                    "make room on the disk; nothing was changed"
                }
                io::ErrorKind::ReadOnlyFilesystem => {
                    "make its file system writable, or choose another folder with --config-dir"
                }
                _ => "check the path and the disk",
            },
            Self::Busy(_) => "nothing was changed; try again",
            Self::Writable { path, others } => return Some(others.remedy(path)),
            Self::NotRegular(path) => {
                return Some(format!("move {} away, and put a file in its place", path.display()));
            }
            Self::TooLarge(..) => "check the path: this may be another file",
            Self::Profiles { path, .. } => return Some(format!("correct {}", path.display())),
            Self::NoHome => "set HOME, or choose a folder with --config-dir",
        };
        Some(words.to_owned())
    }
}

impl StoreError {
    pub(super) fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io { action, path: path.to_owned(), source }
    }
}

/// What was found; `None` where there is no such file.
pub(super) fn if_there<T>(found: Result<T, StoreError>) -> Result<Option<T>, StoreError> {
    match found {
        Err(StoreError::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound => Ok(None),
        found => found.map(Some),
    }
}

/// What lies in a folder, by name; nothing where there is no folder.
pub(super) fn entries(folder: &Path) -> Result<Vec<PathBuf>, StoreError> {
    let failed = || StoreError::io("read", folder);
    let Some(found) = if_there(fs::read_dir(folder).map_err(failed()))? else { return Ok(Vec::new()) };
    let mut paths = found.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>().map_err(failed())?;
    paths.sort();
    Ok(paths)
}

/// Who can change a file or folder besides its user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Others {
    /// Every user.
    Everybody,
    /// Members of this group, or whom an access list names.
    Group(u32),
    /// Its owner.
    Owner(u32),
}

impl Others {
    /// Who it is, in words.
    fn words(&self, path: &Path) -> String {
        let path = path.display();
        match self {
            Self::Everybody => format!("every user of this machine can change {path}"),
            Self::Group(group) => format!("other users can change {path} through its group ({group}) or access list"),
            Self::Owner(user) => format!("{path} belongs to another user ({user})"),
        }
    }

    /// How it is set right.
    fn remedy(&self, path: &Path) -> String {
        let command = match self {
            Self::Everybody => format!("chmod o-w {}", path.display()),
            Self::Group(_) => format!("chmod g-w {}", path.display()),
            Self::Owner(_) => format!("chown it to yourself ({}), or use --config-dir", path.display()),
        };
        format!("{command}; --allow-writable-config (TOKSCOPE_ALLOW_WRITABLE_CONFIG=1) accepts it unchanged")
    }
}

/// A path for a sentence. What was typed in its place may be a secret: then it is not repeated.
pub fn shown(path: &Path) -> Cow<'_, str> {
    let text = path.to_string_lossy();
    if typed::path(&text).is_some() { text } else { "that file (its name is not a path, so it is not repeated)".into() }
}

/// A file for output, in which nothing was changed yet.
#[derive(Debug)]
pub struct Output(File);

impl Output {
    /// Opens it. A new one is readable only by its user.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let mut options = File::options();
        let file = options.write(true).create(true).truncate(false).mode(0o600).open(path);
        Ok(Self(file.map_err(StoreError::io("write", path))?))
    }

    /// Empties it, for what comes.
    pub fn begin(self) -> io::Result<impl io::Write + Send> {
        // A pipe or device has no length.
        if self.0.metadata()?.is_file() {
            self.0.set_len(0)?;
        }
        Ok(self.0)
    }
}

/// The whole file, at most 1 MiB; `~` is the home folder. It may be a pipe, whose other end is waited for.
pub fn read(path: &Path) -> Result<Vec<u8>, StoreError> {
    let path = expanded(path);
    let file = File::open(&path).map_err(StoreError::io("read", &path))?;
    whole(file, &path, LIMIT)
}

/// The names in a folder, its folders first, each with `/` at its end; what is no UTF-8 is left out.
pub fn names(folder: &Path) -> Result<Vec<String>, StoreError> {
    let folder = expanded(folder);
    let failed = StoreError::io("read", &folder);
    let (mut folders, mut others) = (Vec::new(), Vec::new());
    for entry in fs::read_dir(&folder).map_err(failed)?.flatten() {
        let Ok(name) = entry.file_name().into_string() else { continue };
        // What a link leads to counts.
        match fs::metadata(entry.path()).is_ok_and(|it| it.is_dir()) {
            true => folders.push(name + "/"),
            false => others.push(name),
        }
    }
    folders.sort();
    others.sort();
    folders.extend(others);
    Ok(folders)
}

/// The permissions of a file that a setting names, such as 0o600. What is no file is refused.
pub fn permissions(path: &Path) -> Result<u32, StoreError> {
    let path = expanded(path);
    let found = fs::metadata(&path).map_err(StoreError::io("read", &path))?;
    if found.is_file() { Ok(found.permissions().mode() & 0o777) } else { Err(StoreError::NotRegular(path)) }
}

/// Like [`read`], of a file of our own: a pipe or a device in its place is refused, and is not waited for.
pub(super) fn read_regular(path: &Path) -> Result<Vec<u8>, StoreError> {
    read_within(path, LIMIT)
}

/// The same within another limit.
pub(super) fn read_within(path: &Path, limit: u64) -> Result<Vec<u8>, StoreError> {
    let file = File::options().read(true).custom_flags(UNWAITED).open(path).map_err(StoreError::io("read", path))?;
    match file.metadata().map_err(StoreError::io("read", path))?.is_file() {
        true => whole(file, path, limit),
        false => Err(StoreError::NotRegular(path.to_owned())),
    }
}

fn whole(file: File, path: &Path, limit: u64) -> Result<Vec<u8>, StoreError> {
    let length = file.metadata().map_or(0, |file| file.len().min(limit));
    // Large enough from the start: else the library feels its way by a buffer on the stack.
    let mut bytes = Vec::with_capacity(length as usize + 64);
    wiping_stack(|| file.take(limit + 1).read_to_end(&mut bytes)).map_err(StoreError::io("read", path))?;
    match bytes.len() as u64 > limit {
        true => Err(StoreError::TooLarge(path.to_owned(), limit)),
        false => Ok(bytes),
    }
}

/// Puts new contents in place of a file in one step: whoever reads it sees the old contents or the new ones, also after
/// a crash. The file is 0600 from its first byte on and a missing folder is made 0700. A symbolic link stays one.
pub fn replace(path: &Path, contents: &[u8]) -> Result<(), StoreError> {
    replace_within(path, contents, LIMIT)
}

/// The same within another limit.
pub(super) fn replace_within(path: &Path, contents: &[u8], limit: u64) -> Result<(), StoreError> {
    let path = &target(path);
    // It could not be read again.
    if contents.len() as u64 > limit {
        return Err(StoreError::TooLarge(path.clone(), limit));
    }
    let failed = || StoreError::io("write", path);
    room::there_is(path).map_err(failed())?;
    let dir = path.parent().unwrap_or(Path::new("."));
    private_folder(dir)?;
    let mut builder = Builder::new();
    let private = fs::Permissions::from_mode(0o600);
    let mut prefix = OsString::from(TEMPORARY);
    prefix.push(path.file_name().unwrap_or_default());
    prefix.push("-");
    builder.prefix(&prefix).permissions(private.clone());
    let mut file = builder.tempfile_in(dir).map_err(failed())?;
    // A umask may have taken our own bits away.
    file.as_file().set_permissions(private).map_err(failed())?;
    file.write_all(contents).map_err(failed())?;
    file.as_file().sync_all().map_err(failed())?;
    file.persist(path).map_err(|error| failed()(error.error))?;
    File::open(dir).and_then(|dir| dir.sync_all()).map_err(failed())
}

/// Whether it is within the limit of [`replace`].
pub(super) fn fits(contents: &[u8]) -> bool {
    contents.len() as u64 <= LIMIT
}

/// Removes what dead processes have left of a file that they were writing. The caller holds its lock.
pub(super) fn sweep(path: &Path) {
    let name = |path: &Path| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let unfinished = format!("{TEMPORARY}{}-", name(path));
    let there = entries(path.parent().unwrap_or(Path::new("."))).unwrap_or_default();
    for left in there.iter().filter(|left| name(left).starts_with(&unfinished)) {
        // It does no harm where it stays.
        let _ = fs::remove_file(left);
    }
}

/// Makes a folder 0700 where it is missing, with those above it.
pub fn private_folder(dir: &Path) -> Result<(), StoreError> {
    DirBuilder::new().recursive(true).mode(0o700).create(dir).map_err(StoreError::io("write", dir))
}

/// What was made or removed right beside this path survives a power cut.
pub(super) fn sync_folder_of(path: &Path) -> Result<(), StoreError> {
    let dir = path.parent().unwrap_or(Path::new("."));
    File::open(dir).and_then(|dir| dir.sync_all()).map_err(StoreError::io("write", path))
}

/// Removes a file for good. One that is not there is removed already.
pub fn remove(path: &Path) -> Result<(), StoreError> {
    let path = &target(path);
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(StoreError::io("remove", path)(error)),
        _ => {}
    }
    let dir = path.parent().unwrap_or(Path::new("."));
    File::open(dir).and_then(|dir| dir.sync_all()).map_err(StoreError::io("remove", path))
}

/// The path with a leading `~` or `~/` as the home folder.
pub fn expanded(path: &Path) -> PathBuf {
    match (path.strip_prefix("~"), std::env::home_dir()) {
        (Ok(rest), Some(home)) => home.join(rest),
        _ => path.to_owned(),
    }
}

/// Opens a file that is only read, whatever it is: a pipe is as good as any, where a person named it.
pub fn open(path: &Path) -> io::Result<File> {
    File::open(path)
}

/// Where a chain of symbolic links ends, whether or not something is there.
pub(super) fn target(path: &Path) -> PathBuf {
    let mut path = path.to_owned();
    // As many as Linux follows; a loop then fails in the rename.
    for _ in 0..40 {
        match fs::read_link(&path) {
            Ok(link) => path = path.parent().unwrap_or(Path::new("")).join(link),
            Err(_) => break,
        }
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_replaced_file_is_private_and_nothing_else_is_left() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("a/b/profiles.toml");
        for contents in ["one", "two"] {
            replace(&path, contents.as_bytes()).unwrap();
            assert_eq!(read(&path).unwrap(), contents.as_bytes());
        }
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&path), 0o600);
        assert_eq!(mode(path.parent().unwrap()), 0o700);
        assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
    }

    #[test]
    fn a_symbolic_link_stays_one() {
        let root = tempfile::tempdir().unwrap();
        let (real, link) = (root.path().join("dotfiles.toml"), root.path().join("profiles.toml"));
        std::os::unix::fs::symlink("dotfiles.toml", &link).unwrap();
        replace(&link, b"new").unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::read(real).unwrap(), b"new");
    }

    #[test]
    fn a_failed_write_leaves_the_old_contents() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("profiles.toml");
        fs::create_dir(&path).unwrap();
        assert!(matches!(replace(&path, b"new"), Err(StoreError::Io { action: "write", .. })));
        assert_eq!(fs::read_dir(root.path()).unwrap().count(), 1, "no temporary file is left");
    }

    #[test]
    fn huge_files_are_refused() {
        let file = tempfile::NamedTempFile::new().unwrap();
        file.as_file().set_len(LIMIT + 1).unwrap();
        assert!(matches!(read(file.path()), Err(StoreError::TooLarge(..))));
    }
}
