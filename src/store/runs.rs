//! The runs of rotations, one file each in the folder `runs` beside the vault: the plan, then a line per profile that is
//! settled. The receipts of a run lie beside it. Nothing of it is secret.
//!
//! A file begins in one step with its plan, and a line is on disk when [`HeldRun::settle`] returns. One that was cut does not
//! count. Whoever performs a run has its file locked.

use std::{
    collections::BTreeMap,
    fmt,
    fs::{File, TryLockError},
    io::{self, Write as _},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{StoreError, files};
use crate::{
    clock::{self, Timestamp},
    profile::ProfileName,
};

/// So large may a run be, and a receipt: 64 MiB, some ten thousand profiles.
const LIMIT: u64 = 64 << 20;
/// The version of the files.
const VERSION: u32 = 1;

/// The name of a run, `20261126-071502-5f2c`: when it began, in UTC, and four random digits. Later ones are greater.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RunId(String);

/// Where the runs are.
#[derive(Debug, Clone)]
pub enum Runs {
    /// In this folder, which need not exist.
    Folder(PathBuf),
    /// In memory; all clones are one.
    Memory(Arc<Mutex<BTreeMap<RunId, InMemory>>>),
}

/// A run in memory.
#[derive(Debug)]
pub struct InMemory {
    run: Run,
    is_held: bool,
    receipts: BTreeMap<String, String>,
}

/// A run as it was read.
#[derive(Debug, Clone)]
pub struct Run {
    /// Its name.
    pub id: RunId,
    /// The profiles that it is about.
    pub profiles: Vec<ProfileName>,
    /// The plan and its options.
    pub plan: Value,
    /// What came of those that are settled, each once.
    pub settled: Vec<(ProfileName, Value)>,
}

/// A run that is performed: no other process performs it.
#[derive(Debug)]
pub struct HeldRun {
    id: RunId,
    place: Place,
}

#[derive(Debug)]
enum Place {
    /// With the length of its whole lines.
    File {
        path: PathBuf,
        file: File,
        length: Mutex<u64>,
    },
    Memory(Arc<Mutex<BTreeMap<RunId, InMemory>>>),
}

#[derive(Serialize, Deserialize)]
struct Head<P> {
    version: u32,
    profiles: Vec<String>,
    plan: P,
}

#[derive(Serialize, Deserialize)]
struct Line<R> {
    profile: String,
    settled: R,
}

impl RunId {
    /// One that begins now.
    pub fn new(now: Timestamp) -> Self {
        let mut random = [0; 2];
        aws_lc_rs::rand::fill(&mut random).expect("the system has random bytes");
        Self(format!("{}-{:04x}", clock::bounded(now).format("%Y%m%d-%H%M%S"), u16::from_be_bytes(random)))
    }

    /// Reads one.
    pub fn parse(text: &str) -> Option<Self> {
        let is = |part: &str, length, legal: fn(u8) -> bool| part.len() == length && part.bytes().all(legal);
        let digit: fn(u8) -> bool = |byte| byte.is_ascii_digit();
        let hex: fn(u8) -> bool = |byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        let [day, time, random] = text.split('-').collect::<Vec<_>>().try_into().ok()?;
        (is(day, 8, digit) && is(time, 6, digit) && is(random, 4, hex)).then(|| Self(text.to_owned()))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Those of a vault in memory.
impl Default for Runs {
    fn default() -> Self {
        Self::Memory(Arc::default())
    }
}

impl Runs {
    /// Those of the vault in this folder.
    pub fn beside(vault: &Path) -> Self {
        Self::Folder(vault.with_file_name("runs"))
    }

    /// Begins a run.
    pub fn begin(&self, id: &RunId, profiles: &[ProfileName], plan: &impl Serialize) -> Result<HeldRun, StoreError> {
        match self {
            Self::Folder(folder) => {
                let profiles = profiles.iter().map(ToString::to_string).collect();
                let head = line(&Head { version: VERSION, profiles, plan });
                let is_new = !folder.exists();
                files::replace_within(&path(folder, id), &head, LIMIT)?;
                if is_new {
                    files::sync_folder_of(folder)?;
                }
            }
            Self::Memory(runs) => {
                let plan = serde_json::to_value(plan).expect(WRITABLE);
                let run = Run { id: id.clone(), profiles: profiles.to_vec(), plan, settled: Vec::new() };
                lock(runs).insert(id.clone(), InMemory { run, is_held: false, receipts: BTreeMap::new() });
            }
        }
        self.hold(id)
    }

    /// Takes a run that was begun, to go on with it. [`StoreError::Busy`]: another is at it.
    pub fn hold(&self, id: &RunId) -> Result<HeldRun, StoreError> {
        let place = match self {
            Self::Folder(folder) => {
                let path = path(folder, id);
                let failed = || StoreError::io("write", &path);
                let file = File::options().read(true).append(true).open(&path).map_err(failed())?;
                match file.try_lock() {
                    Ok(()) => {}
                    Err(TryLockError::WouldBlock) => return Err(StoreError::Busy(path)),
                    Err(TryLockError::Error(why)) => return Err(StoreError::io("lock", &path)(why)),
                }
                // What was cut goes, so that the next line has one of its own.
                let text = files::read_within(&path, LIMIT)?;
                let length = text.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end as u64 + 1);
                if length < text.len() as u64 {
                    file.set_len(length).map_err(failed())?;
                }
                Place::File { path, file, length: length.into() }
            }
            Self::Memory(runs) => {
                let mut all = lock(runs);
                let found = all.get_mut(id).ok_or_else(|| missing(Path::new(id.as_str())))?;
                if std::mem::replace(&mut found.is_held, true) {
                    return Err(StoreError::Busy(id.as_str().into()));
                }
                Place::Memory(Arc::clone(runs))
            }
        };
        Ok(HeldRun { id: id.clone(), place })
    }

    /// All of them, the newest first.
    pub fn list(&self) -> Result<Vec<RunId>, StoreError> {
        let mut all: Vec<_> = match self {
            Self::Folder(folder) => files::entries(folder)?.iter().filter_map(|path| id_of(path)).collect(),
            Self::Memory(runs) => lock(runs).keys().cloned().collect(),
        };
        all.sort();
        all.reverse();
        Ok(all)
    }

    /// What is written of a run.
    pub fn read(&self, id: &RunId) -> Result<Run, StoreError> {
        match self {
            Self::Folder(folder) => {
                let path = path(folder, id);
                let text = files::read_within(&path, LIMIT)?;
                Run::of(id, &text).ok_or_else(|| {
                    let why = "it is not a run that this tokscope can read";
                    StoreError::io("read", &path)(io::Error::new(io::ErrorKind::InvalidData, why))
                })
            }
            Self::Memory(runs) => {
                lock(runs).get(id).map(|found| found.run.clone()).ok_or_else(|| missing(Path::new(id.as_str())))
            }
        }
    }

    /// Whether a process performs it right now.
    pub fn is_held(&self, id: &RunId) -> bool {
        match self {
            Self::Folder(folder) => File::open(path(folder, id))
                .is_ok_and(|file| matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock))),
            Self::Memory(runs) => lock(runs).get(id).is_some_and(|found| found.is_held),
        }
    }

    /// Those that are not finished, the newest first. What cannot be read is not among them.
    pub fn unfinished(&self) -> Result<Vec<Run>, StoreError> {
        let all = self.list()?;
        Ok(all.iter().filter_map(|id| self.read(id).ok()).filter(|run| run.left().next().is_some()).collect())
    }

    /// The unfinished run that a profile is not settled in.
    pub fn run_of(&self, profile: &ProfileName) -> Result<Option<RunId>, StoreError> {
        let runs = self.unfinished()?.into_iter();
        Ok(runs.filter(|run| run.left().any(|left| left == profile)).map(|run| run.id).next())
    }

    /// Keeps the receipt of a run in a form, `md` or `json`; it takes the place of the one before. Where it is, if it is in a
    /// file.
    pub fn keep_receipt(&self, id: &RunId, form: &str, text: &str) -> Result<Option<PathBuf>, StoreError> {
        match self {
            Self::Folder(folder) => {
                let path = path(folder, id).with_extension(form);
                files::replace_within(&path, text.as_bytes(), LIMIT).map(|()| Some(path))
            }
            Self::Memory(runs) => {
                let mut all = lock(runs);
                let found = all.get_mut(id).ok_or_else(|| missing(Path::new(id.as_str())))?;
                found.receipts.insert(form.to_owned(), text.to_owned());
                Ok(None)
            }
        }
    }

    /// The receipt that was kept of a run.
    pub fn receipt(&self, id: &RunId, form: &str) -> Result<Option<String>, StoreError> {
        match self {
            Self::Folder(folder) => {
                let path = path(folder, id).with_extension(form);
                let text = files::if_there(files::read_within(&path, LIMIT))?;
                Ok(text.map(|text| String::from_utf8_lossy(&text).into_owned()))
            }
            Self::Memory(runs) => Ok(lock(runs).get(id).and_then(|found| found.receipts.get(form).cloned())),
        }
    }
}

impl Run {
    /// `None`: it is not one, or a newer one.
    fn of(id: &RunId, text: &[u8]) -> Option<Self> {
        let mut lines = text.split_inclusive(|byte| *byte == b'\n').filter_map(|line| line.strip_suffix(b"\n"));
        let head: Head<Value> = serde_json::from_slice(lines.next()?).ok()?;
        let names = head.profiles.into_iter().map(|name| ProfileName::new(name).ok()).collect::<Option<_>>()?;
        let mut run = Self { id: id.clone(), profiles: names, plan: head.plan, settled: Vec::new() };
        for line in lines {
            // A line that was cut, and another one behind it.
            let Ok(Line { profile, settled }) = serde_json::from_slice::<Line<Value>>(line) else { continue };
            run.settle(ProfileName::new(profile).ok()?, settled);
        }
        (head.version == VERSION).then_some(run)
    }

    /// The last word counts.
    fn settle(&mut self, profile: ProfileName, result: Value) {
        match self.settled.iter_mut().find(|(settled, _)| *settled == profile) {
            Some((_, before)) => *before = result,
            None => self.settled.push((profile, result)),
        }
    }

    /// The profiles that are not settled.
    pub fn left(&self) -> impl Iterator<Item = &ProfileName> {
        self.profiles.iter().filter(|profile| !self.settled.iter().any(|(settled, _)| settled == *profile))
    }
}

impl HeldRun {
    /// Its name.
    pub fn id(&self) -> &RunId {
        &self.id
    }

    /// Notes what came of a profile. Once this returns, it survives a power cut; on an error, nothing was noted.
    pub fn settle(&self, profile: &ProfileName, result: &impl Serialize) -> Result<(), StoreError> {
        match &self.place {
            Place::File { path, file, length } => {
                let line = line(&Line { profile: profile.to_string(), settled: result });
                let failed = || StoreError::io("write", path);
                files::room::there_is(path).map_err(failed())?;
                {
                    let mut length = lock(length);
                    let mut writer = file;
                    if let Err(why) = writer.write_all(&line) {
                        // A part of it must not stand before the next one.
                        let _ = file.set_len(*length);
                        return Err(failed()(why));
                    }
                    *length += line.len() as u64;
                }
                // Whoever is settled at the same time shares the wait for the disk.
                file.sync_data().map_err(failed())
            }
            Place::Memory(runs) => {
                let result = serde_json::to_value(result).expect(WRITABLE);
                let mut all = lock(runs);
                let found = all.get_mut(&self.id).ok_or_else(|| missing(Path::new(self.id.as_str())))?;
                found.run.settle(profile.clone(), result);
                Ok(())
            }
        }
    }
}

impl Drop for HeldRun {
    fn drop(&mut self) {
        match &self.place {
            // Closing alone would not do: a child process between its fork and its exec still has the file open.
            Place::File { file, .. } => _ = file.unlock(),
            Place::Memory(runs) => _ = lock(runs).get_mut(&self.id).map(|found| found.is_held = false),
        }
    }
}

const WRITABLE: &str = "plans and results have text keys and finite numbers only";
const ENDING: &str = "jsonl";

fn line(value: &impl Serialize) -> Vec<u8> {
    let mut line = serde_json::to_vec(value).expect(WRITABLE);
    line.push(b'\n');
    line
}

fn path(folder: &Path, id: &RunId) -> PathBuf {
    folder.join(format!("{id}.{ENDING}"))
}

fn id_of(path: &Path) -> Option<RunId> {
    let is_run = path.extension().is_some_and(|ending| ending == ENDING);
    path.file_stem().and_then(|name| name.to_str()).filter(|_| is_run).and_then(RunId::parse)
}

fn missing(path: &Path) -> StoreError {
    StoreError::io("read", path)(io::ErrorKind::NotFound.into())
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
