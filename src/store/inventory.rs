//! What other programs of this machine keep: the tokens in their files and variables, for the first hour of an incident.
//!
//! Only files of the table ([`programs`]) are opened, and those below the paths that were named. A symbolic link that leads
//! out of the home folder is not followed. No file is held longer than it is read; nothing is asked of a keyring.

mod named;
mod programs;

use std::{
    collections::HashSet,
    env,
    ffi::OsStr,
    fs::{self, File},
    io::{self, Read as _},
    os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
};

pub use self::programs::{Program, programs};
use super::files::UNWAITED;
use crate::{
    secret::{ExposeSecret as _, SecretString, wiping_stack},
    text,
    token::detect::{Found, Purpose, detect},
};

/// More of a file is not read: 16 MiB. Databases of credentials are far smaller.
const LIMIT: u64 = 16 << 20;
/// How deep the folders below a named path are walked.
const DEEPEST: usize = 16;
/// Folders in which `.env` files are copies of others, or none of the user's.
const PASSED_OVER: [&str; 4] = [".git", "node_modules", "target", ".venv"];

/// What is in files of variables below a named path.
static VARIABLES: Program = Program::new("env", ".env files", &[], "at the server of each")
    .names(&["KEY", "SECRET", "PASSWORD", "PASSWD", "PWD"]);

/// A secret that a program keeps.
#[derive(Debug)]
pub struct Held {
    /// Whose it is.
    pub program: &'static Program,
    /// Where it is.
    pub place: Place,
    /// Its name there. Foreign text.
    pub name: Option<String>,
    /// The host or section to which it belongs. Foreign text.
    pub of: Option<String>,
    /// What it is for: `access`, `refresh`, `id`, `token`; `key` is a secret that never was a token: a password, an API key.
    pub kind: &'static str,
    /// The secret, and what is said beside it.
    pub found: Found,
}

/// Where a secret is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Place {
    /// In a file, which has these permissions.
    File(PathBuf, u32),
    /// In a variable of the environment.
    Variable(&'static str),
}

impl Place {
    /// `~/.npmrc 0644, not private`, `$NPM_TOKEN`; sanitized.
    pub fn words(&self) -> String {
        match self {
            Self::File(path, mode) => {
                let open = if mode & 0o077 == 0 { "" } else { ", not private" };
                let short = env::home_dir().and_then(|home| Some(Path::new("~").join(path.strip_prefix(home).ok()?)));
                let path = short.as_ref().unwrap_or(path).display().to_string();
                format!("{} {mode:04o}{open}", text::visible(&path))
            }
            Self::Variable(name) => format!("${name}"),
        }
    }
}

/// What was found.
#[derive(Debug, Default)]
pub struct Inventory {
    /// The secrets, program by program.
    pub held: Vec<Held>,
    /// Files that were looked at and could not be read, and why. Partly foreign text.
    pub unread: Vec<String>,
    /// What was not looked at, and why: keyrings, links that lead away.
    pub remarks: Vec<String>,
}

/// Where one looks.
struct Places<'a> {
    home: PathBuf,
    variable: &'a dyn Fn(&str) -> Option<String>,
}

/// Looks at the files of all programs, the variables of this process, and `.env` files below these paths. A path that is a file
/// is read whatever its name is.
pub fn take(paths: &[PathBuf]) -> Inventory {
    let home = env::home_dir().unwrap_or_default();
    Places { home, variable: &|name| env::var(name).ok() }.take(paths)
}

/// A file or folder of our own, with its permissions.
pub fn place_of(path: PathBuf) -> Place {
    let mode = fs::metadata(&path).map_or(0, |file| file.permissions().mode() & 0o777);
    Place::File(path, mode)
}

impl Places<'_> {
    fn take(&self, paths: &[PathBuf]) -> Inventory {
        let mut inventory = Inventory::default();
        let mut seen = HashSet::new();
        for program in programs() {
            let files: Vec<_> = program.files.iter().flat_map(|pattern| self.expanded(pattern)).collect();
            let before = inventory.held.len();
            let mut read = None;
            for path in files {
                if self.read(&path, program, &mut seen, &mut inventory) {
                    read = Some(path);
                }
            }
            if let (Some(path), true, true) = (read, program.keyring, before == inventory.held.len()) {
                let (path, name) = (path.display(), program.name);
                inventory
                    .remarks
                    .push(format!("{name}: no token in {path}; it may be in the keyring, which is not read"));
            }
            for name in program.variables {
                let Some(value) = (self.variable)(name).filter(|value| !value.trim().is_empty()) else { continue };
                let mut found = Found::whole(value.trim());
                found.purpose = name.contains("REFRESH").then_some(Purpose::Refresh);
                let kind = if name.ends_with("TOKEN") { kind(&found) } else { "key" };
                let (place, name) = (Place::Variable(name), Some((*name).to_owned()));
                inventory.held.push(Held { program, place, name, of: None, kind, found });
            }
        }
        for path in paths {
            match fs::symlink_metadata(path) {
                Ok(file) if file.is_dir() => self.walk(path, 0, &mut seen, &mut inventory),
                Ok(_) => _ = self.read(path, &VARIABLES, &mut seen, &mut inventory),
                Err(error) => inventory.unread.push(format!("cannot read {}: {error}", path.display())),
            }
        }
        inventory
    }

    /// The files that a pattern stands for.
    fn expanded(&self, pattern: &str) -> Vec<PathBuf> {
        let (head, rest) = pattern.split_once('/').unwrap_or((pattern, ""));
        let mut paths = match head.strip_prefix('$') {
            None => vec![self.home.clone()],
            // Of paths one after the other, as in KUBECONFIG, each counts.
            Some(name) => (self.variable)(name).iter().flat_map(|value| env::split_paths(value)).collect(),
        };
        paths.retain(|path| path.is_absolute());
        for segment in rest.split('/').filter(|segment| !segment.is_empty()) {
            paths = match segment.contains('*') {
                false => paths.into_iter().map(|path| path.join(segment)).collect(),
                true => paths.iter().flat_map(|path| entries(path)).filter(|path| fits(path, segment)).collect(),
            };
        }
        paths
    }

    /// Looks for files of variables, without following a link.
    fn walk(&self, folder: &Path, depth: usize, seen: &mut HashSet<(Place, String)>, inventory: &mut Inventory) {
        for path in entries(folder) {
            let Ok(file) = fs::symlink_metadata(&path) else { continue };
            let name = path.file_name().and_then(OsStr::to_str).unwrap_or_default();
            if file.is_dir() && depth < DEEPEST && !PASSED_OVER.contains(&name) {
                self.walk(&path, depth + 1, seen, inventory);
            } else if file.is_file() && (name == ".env" || name.starts_with(".env.") || name.ends_with(".env")) {
                self.read(&path, &VARIABLES, seen, inventory);
            }
        }
    }

    /// Reads a file, and tells whether it is there.
    fn read(
        &self,
        path: &Path,
        program: &'static Program,
        seen: &mut HashSet<(Place, String)>,
        inventory: &mut Inventory,
    ) -> bool {
        let (bytes, mode) = match self.contents(path) {
            Ok(Some(contents)) => contents,
            Ok(None) => {
                let remark =
                    format!("{}: {} is a link that leads out of the home folder", program.name, path.display());
                inventory.remarks.push(remark);
                return false;
            }
            // Most programs are not here.
            Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
                return false;
            }
            Err(error) => {
                inventory.unread.push(format!("{}: cannot read {}: {error}", program.name, path.display()));
                return false;
            }
        };
        let place = Place::File(path.to_owned(), mode);
        for held in program.secrets(&String::from_utf8_lossy(&bytes), &place) {
            if seen.insert((place.clone(), held.found.inspect().fingerprint().to_string())) {
                inventory.held.push(held);
            }
        }
        true
    }

    /// The contents of a regular file, and its permissions; `None` where it is elsewhere than in the home folder, though its
    /// path does not say so.
    fn contents(&self, path: &Path) -> io::Result<Option<(Vec<u8>, u32)>> {
        let real = fs::canonicalize(path)?;
        let inside = |path: &Path, home: &Path| !home.as_os_str().is_empty() && path.starts_with(home);
        if inside(path, &self.home) && !inside(&real, &fs::canonicalize(&self.home)?) {
            return Ok(None);
        }
        let file = File::options().read(true).custom_flags(UNWAITED).open(&real)?;
        let about = file.metadata()?;
        if !about.is_file() {
            return Err(io::Error::other("not a regular file"));
        }
        let mut bytes = Vec::with_capacity(about.len().min(LIMIT) as usize + 64);
        wiping_stack(|| file.take(LIMIT).read_to_end(&mut bytes))?;
        Ok(Some((bytes, about.permissions().mode() & 0o777)))
    }
}

impl Program {
    /// The secrets in a text of this program.
    fn secrets(&'static self, text: &str, place: &Place) -> Vec<Held> {
        let mut held: Vec<_> = detect(text)
            .into_iter()
            .map(|found| {
                let said = found.place.clone();
                let told = said.as_deref().and_then(|said| said.split_once(" of ")).map(|(_, of)| of);
                let before = || text.find(found.text.expose_secret()).and_then(|at| named::owner(text, at));
                let of = told.or_else(before).map(str::to_owned);
                Held { program: self, place: place.clone(), name: said, of, kind: kind(&found), found }
            })
            .collect();
        for named in named::secrets(text, self.names) {
            if held.iter().all(|held| held.found.text.expose_secret() != named.value) {
                let mut found = Found::whole("");
                found.text = SecretString::from(&*named.value);
                let (name, of) = (Some(named.name.to_owned()), named.of.map(str::to_owned));
                held.push(Held { program: self, place: place.clone(), name, of, kind: "key", found });
            }
        }
        held.retain(|held| {
            let begins =
                |only: &&str| held.found.text.expose_secret().starts_with(*only) || held.of.as_deref() == Some(*only);
            self.only.is_empty() || self.only.iter().any(begins)
        });
        held
    }
}

fn kind(found: &Found) -> &'static str {
    found.purpose.map_or("token", Purpose::as_str)
}

/// What is in a folder, in the order of names; nothing where it cannot be read.
fn entries(folder: &Path) -> Vec<PathBuf> {
    let mut entries: Vec<_> = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    entries.sort();
    entries
}

/// Whether a name is as this pattern says.
fn fits(path: &Path, pattern: &str) -> bool {
    let Some(name) = path.file_name().and_then(OsStr::to_str) else { return false };
    let parts: Vec<_> = pattern.split('*').collect();
    let (Some((first, rest)), Some(last)) = (parts.split_first(), parts.last()) else { return false };
    let Some(mut left) = name.strip_prefix(first) else { return false };
    for part in &rest[..rest.len().saturating_sub(1)] {
        let Some((_, behind)) = left.split_once(part) else { return false };
        left = behind;
    }
    left.ends_with(last)
}

#[cfg(test)]
mod tests;
