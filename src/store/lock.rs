//! One at a time per profile: a turn among the tasks of this process, and a file lock among processes.
//!
//! Lock files are empty and stay for ever: removing one that another waits for would let two in. Where one is removed
//! nevertheless, whoever has locked a file that is not at its place any more begins again.

use std::{
    collections::HashMap,
    fs::{self, File, OpenOptions, TryLockError},
    io,
    os::unix::fs::{MetadataExt as _, OpenOptionsExt as _},
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::{
    sync::{Mutex as Turn, OwnedMutexGuard},
    time,
};

use super::{StoreError, files};

/// How long one waits for a lock before giving up, where nothing is known of the requests that are sent under it: twice the
/// time-out that a profile has by default, and a little.
pub const WAIT: Duration = Duration::from_secs(45);
/// How long one waits who may not hold up a screen.
pub(super) const GLANCE: Duration = Duration::from_millis(500);
/// How often another process's lock is tried.
const POLL: Duration = Duration::from_millis(5);

/// Why a lock was not got.
#[derive(Debug)]
pub(super) enum LockError {
    /// Another has had it all the time.
    Busy,
    /// The lock file cannot be opened or locked.
    Store(StoreError),
}

/// The turns of all profiles in this process.
#[derive(Debug, Default)]
pub(super) struct Locks(Mutex<HashMap<String, Arc<Turn<()>>>>);

/// A lock that is held. Dropping it lets the next one in.
#[derive(Debug)]
pub(super) struct Lock {
    // The order matters: the next task of this process must find the file free.
    file: Option<Arc<FileLock>>,
    _turn: OwnedMutexGuard<()>,
}

/// A locked lock file.
#[derive(Debug)]
pub(super) struct FileLock(File);

impl Drop for FileLock {
    /// Closing alone would not do: a child process between its fork and its exec still has the file open.
    fn drop(&mut self) {
        let _ = self.0.unlock();
    }
}

impl Lock {
    /// The lock file, to be kept locked beyond this turn. None for what is in memory only.
    pub(super) fn file(&self) -> Option<Arc<FileLock>> {
        self.file.clone()
    }
}

impl Locks {
    /// Waits for a lock, so long at most. `held` is asked once the turn is ours: this process may hold the file already.
    /// Without a path there is only the turn. Dropping the future gives up, and releases what it had.
    pub(super) async fn wait(
        &self,
        patience: Duration,
        name: &str,
        path: Option<&Path>,
        held: impl Fn() -> Option<Arc<FileLock>>,
    ) -> Result<Lock, LockError> {
        let turn = self.turn(name);
        let both = async {
            let turn = turn.lock_owned().await;
            loop {
                match attempt(path, &held)? {
                    Attempt::Locked(file) => return Ok(Lock { file, _turn: turn }),
                    Attempt::Taken => time::sleep(POLL).await,
                }
            }
        };
        time::timeout(patience, both).await.unwrap_or(Err(LockError::Busy))
    }

    /// The lock, if it is free within so long, by blocking the thread: for callers that cannot wait for another's network
    /// request.
    pub(super) fn glance(
        &self,
        patience: Duration,
        name: &str,
        path: Option<&Path>,
        held: impl Fn() -> Option<Arc<FileLock>>,
    ) -> Result<Lock, LockError> {
        let turn = self.turn(name);
        let mut left = patience.as_millis() / POLL.as_millis();
        loop {
            if let Ok(turn) = Arc::clone(&turn).try_lock_owned()
                && let Attempt::Locked(file) = attempt(path, &held)?
            {
                return Ok(Lock { file, _turn: turn });
            }
            if left == 0 {
                return Err(LockError::Busy);
            }
            left -= 1;
            std::thread::sleep(POLL);
        }
    }

    fn turn(&self, name: &str) -> Arc<Turn<()>> {
        let mut turns = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(turns.entry(name.to_owned()).or_default())
    }
}

/// Does something that only whoever has the lock may do; not at all where another has it.
pub(super) fn while_free(path: &Path, work: impl FnOnce()) {
    if let Ok(Attempt::Locked(_lock)) = attempt(Some(path), || None) {
        work();
    }
}

/// How long one waits for others to write a file.
const PATIENCE: Duration = Duration::from_secs(5);

/// Holds the lock of a file that is read, changed and written again; it lies beside it. Blocks the thread, for as long as
/// others take to write theirs. What dead processes left of theirs goes.
pub(super) fn exclusive(file: &Path) -> Result<FileLock, StoreError> {
    let mut name = std::ffi::OsString::from(".");
    name.push(file.file_name().unwrap_or_default());
    name.push(".lock");
    let path = file.with_file_name(name);
    files::private_folder(file.parent().unwrap_or(Path::new(".")))?;
    for _ in 0..PATIENCE.as_millis() / POLL.as_millis() {
        match attempt(Some(&path), || None) {
            Ok(Attempt::Locked(lock)) => {
                files::sweep(file);
                return Ok(lock.and_then(Arc::into_inner).expect("it was taken just now"));
            }
            Ok(Attempt::Taken) => std::thread::sleep(POLL),
            Err(LockError::Store(error)) => return Err(error),
            Err(LockError::Busy) => break,
        }
    }
    Err(StoreError::Busy(file.to_owned()))
}

/// What came of trying a lock file.
enum Attempt {
    /// It is ours; without a path there is none.
    Locked(Option<Arc<FileLock>>),
    /// Another has it.
    Taken,
}

fn attempt(path: Option<&Path>, held: impl Fn() -> Option<Arc<FileLock>>) -> Result<Attempt, LockError> {
    let Some(path) = path else { return Ok(Attempt::Locked(None)) };
    let failed = |source| LockError::Store(StoreError::Io { action: "lock", path: path.to_owned(), source });
    if let Some(file) = held()
        && is_at(&file.0, path).map_err(failed)?
    {
        return Ok(Attempt::Locked(Some(file)));
    }
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false).mode(0o600).custom_flags(files::UNWAITED);
    let file = options.open(path).map_err(failed)?;
    match file.try_lock().map(|()| FileLock(file)) {
        Ok(lock) if is_at(&lock.0, path).map_err(failed)? => Ok(Attempt::Locked(Some(Arc::new(lock)))),
        // It was replaced in between: the next attempt tries the new one.
        Ok(_) | Err(TryLockError::WouldBlock) => Ok(Attempt::Taken),
        Err(TryLockError::Error(source)) => Err(failed(source)),
    }
}

/// Whether the path still leads to this file. Without that, another process has locked, or will, what is there now.
fn is_at(file: &File, path: &Path) -> io::Result<bool> {
    let file = file.metadata()?;
    match fs::metadata(path) {
        Ok(there) => Ok((file.dev(), file.ino()) == (there.dev(), there.ino())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nothing() -> Option<Arc<FileLock>> {
        None
    }

    #[tokio::test]
    async fn one_at_a_time_among_tasks_and_among_processes() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.lock");
        // Two of them are what two processes have.
        let (ours, theirs) = (Locks::default(), Locks::default());
        let soon = Duration::from_millis(30);
        let held = ours.wait(WAIT, "a", Some(&path), nothing).await.unwrap();
        for other in [&ours, &theirs] {
            let refused = other.wait(soon, "a", Some(&path), nothing).await;
            assert!(matches!(refused, Err(LockError::Busy)), "{refused:?}");
            assert!(matches!(other.glance(Duration::ZERO, "a", Some(&path), nothing), Err(LockError::Busy)));
        }
        assert!(ours.wait(soon, "b", Some(&folder.path().join("b.lock")), nothing).await.is_ok(), "another profile's");
        let waiting = theirs.wait(WAIT, "a", Some(&path), nothing);
        let release = async {
            tokio::task::yield_now().await;
            drop(held);
        };
        assert!(tokio::join!(waiting, release).0.is_ok());
        assert!(ours.glance(Duration::ZERO, "a", Some(&path), nothing).is_ok(), "the other one was dropped");
    }

    #[tokio::test]
    async fn who_stops_waiting_leaves_nothing_behind() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.lock");
        let (ours, theirs) = (Locks::default(), Locks::default());
        let held = theirs.glance(Duration::ZERO, "a", Some(&path), nothing).unwrap();
        let mut waiting = Box::pin(ours.wait(WAIT, "a", Some(&path), nothing));
        tokio::select! { biased;
            result = &mut waiting => panic!("{result:?}"),
            () = tokio::task::yield_now() => drop(waiting),
        }
        drop(held);
        assert!(ours.glance(Duration::ZERO, "a", Some(&path), nothing).is_ok());
    }

    /// The kernel locks files, and two files can have had the same path.
    #[test]
    fn a_lock_file_that_was_replaced_lets_nobody_in() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.lock");
        let stale = OpenOptions::new().write(true).create(true).truncate(false).open(&path).unwrap();
        assert!(is_at(&stale, &path).unwrap());
        fs::remove_file(&path).unwrap();
        assert!(!is_at(&stale, &path).unwrap(), "it is gone");
        let theirs = Locks::default().glance(Duration::ZERO, "a", Some(&path), nothing).unwrap();
        assert!(!is_at(&stale, &path).unwrap(), "another one is there");
        stale.lock().unwrap();
        let stale = Arc::new(FileLock(stale));
        let held = || Some(Arc::clone(&stale));
        let second = Locks::default().glance(Duration::ZERO, "a", Some(&path), held);
        assert!(matches!(second, Err(LockError::Busy)), "what was kept locked is not the lock: {second:?}");
        drop(theirs);
        assert!(Locks::default().glance(Duration::ZERO, "a", Some(&path), held).is_ok());
    }

    #[test]
    fn a_lock_file_that_cannot_be_had_is_no_lock() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("no/such/folder/a.lock");
        let refused = Locks::default().glance(Duration::ZERO, "a", Some(&path), nothing);
        assert!(matches!(refused, Err(LockError::Store(_))), "{refused:?}");
    }
}
