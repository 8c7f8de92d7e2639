//! Which processes hold the key of a vault, or a copied secret, in memory right now: `tokscope lock` tells them all to drop it.
//!
//! Each holder has a file in `holders/` of the vault's folder under a record lock of the kernel's. The lock goes with the
//! process, however that ends, and the kernel itself says whose it is: no number in a file could be out of date and
//! belong to another process by now. A process enters before it has what it is going to hold, so none is missed in between.
//!
//! A file can be deleted behind its holder's back. So each also shares a lock of the vault's folder itself: while that is
//! taken there is a holder, found or not.

use std::{
    fs::{self, File, Permissions},
    io,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
    thread,
    time::{Duration, Instant},
};

use rustix::{
    fs::{FlockOperation, fcntl_lock, flock},
    io::Errno,
    process::{Flock, FlockType, Pid, Signal, fcntl_getlk, kill_process},
};

use super::{StoreError, files};

/// The signal that tells a holder to lock.
pub const LOCK_SIGNAL: Signal = Signal::USR1;

/// How long [`lock_all`] waits for the holders to do it.
pub const PATIENCE: Duration = Duration::from_secs(2);

/// Their folder in that of the vault.
pub(super) const FOLDER: &str = "holders";

/// So often the folder may be taken away from under a new holder.
const ATTEMPTS: u32 = 8;

/// What is in the file of a holder that only finishes what was sent.
const FINISHING: &[u8] = b"finishing";

/// The vaults of which this process itself is a holder, each as often as it is.
static OWN: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

fn own() -> MutexGuard<'static, Vec<PathBuf>> {
    OWN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// This process holds the key, or is about to, until this value is dropped.
#[derive(Debug)]
pub struct Holder {
    /// Closed before the file: who sees the file's lock end must not find this one taken.
    _folder: Option<File>,
    /// Open: closing it would end the lock.
    file: File,
    path: PathBuf,
    /// The vault's folder, and whether it came into being for this.
    vault: PathBuf,
    made: bool,
}

/// This process has the key for so short a time that it could not be told anything in it: to read a file, and no more. It has
/// no file; who locks sees that there is a holder, and waits until there is none.
#[derive(Debug)]
pub struct Passage(File);

impl Passage {
    /// To be called before the key is here. `None` where the file system has no such lock.
    pub fn enter(vault: &Path) -> Option<Self> {
        share(vault).map(Self)
    }
}

impl Drop for Passage {
    /// Closing alone would not do: a child process between its fork and its exec still has the folder open.
    fn drop(&mut self) {
        let _ = flock(&self.0, FlockOperation::Unlock);
    }
}

/// Shares the lock of the vault's folder.
fn share(vault: &Path) -> Option<File> {
    let folder = File::open(vault).ok()?;
    flock(&folder, FlockOperation::NonBlockingLockShared).is_ok().then_some(folder)
}

/// What became of the holders of a vault.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Told {
    /// So many have dropped the key.
    pub locked: usize,
    /// So many drop it as soon as the server has answered: what was sent is finished.
    pub finishing: usize,
    /// So many hold it still, or cannot be reached from here: another user's, another container's, another machine's.
    pub holding: usize,
}

impl Holder {
    /// Says that this process holds the key of the vault in this folder. [`LOCK_SIGNAL`] must have its handler before:
    /// without one it ends a process.
    pub fn enter(folder: &Path) -> Result<Self, StoreError> {
        let (vault, made) = (folder.to_owned(), !folder.exists());
        let place = folder.join(FOLDER);
        sweep(&place);
        let failed = |source| StoreError::Io { action: "write", path: place.clone(), source };
        // Others ignore it under this name, until it is locked.
        let hidden = format!(".{}", own_prefix());
        let mut builder = tempfile::Builder::new();
        builder.prefix(&hidden).permissions(Permissions::from_mode(0o600));
        let mut attempts = 0;
        let file = loop {
            files::private_folder(&place)?;
            match builder.tempfile_in(&place) {
                // The last one has just left, and taken the folder away.
                Err(error) if error.kind() == io::ErrorKind::NotFound && attempts < ATTEMPTS => attempts += 1,
                file => break file.map_err(failed)?,
            }
        };
        fcntl_lock(&file, FlockOperation::NonBlockingLockExclusive).map_err(|error| failed(error.into()))?;
        let name = file.path().file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let path = place.join(name.trim_start_matches('.'));
        let file = file.persist_noclobber(&path).map_err(|error| failed(error.error))?;
        // Where the file system has no such lock, the file has to do.
        let folder = share(folder);
        own().push(vault.clone());
        Ok(Self { _folder: folder, file, path, vault, made })
    }

    /// All that is still held is what it takes to finish an exchange that was sent.
    pub fn finishing(&self) {
        // Others only read it to say what this one is doing.
        let _ = rustix::io::pwrite(&self.file, FINISHING, 0);
    }
}

impl Drop for Holder {
    fn drop(&mut self) {
        // Where it cannot be removed, the next one sweeps it.
        let _ = fs::remove_file(&self.path);
        // Folders that are not empty stay.
        let made = self.made.then_some(&*self.vault);
        self.path.parent().into_iter().chain(made).for_each(|folder| _ = fs::remove_dir(folder));
        let mut own = own();
        own.iter().position(|vault| *vault == self.vault).map(|at| own.swap_remove(at));
    }
}

/// Tells every other process that holds the key of this vault to drop it, and waits until they have, at most [`PATIENCE`].
pub fn lock_all(vault: &Path) -> Result<Told, StoreError> {
    let mut told = Told::default();
    let mut waiting = Vec::new();
    for path in holders(&vault.join(FOLDER))? {
        let Some(file) = open(&path)? else { continue };
        match holder(&file) {
            None => {}
            Some(Some(pid)) if kill_process(pid, LOCK_SIGNAL).is_ok() => waiting.push(file),
            Some(_) => told.holding += 1,
        }
    }
    let start = Instant::now();
    let mut pause = Duration::from_millis(1);
    loop {
        let all = waiting.len();
        waiting.retain(|file| holder(file).is_some());
        told.locked += all - waiting.len();
        let known = waiting.len() + told.holding;
        // A holder whose file was deleted cannot be told, but must not be passed over in silence.
        let unknown = known == 0 && is_held(vault);
        if (waiting.is_empty() && !unknown) || start.elapsed() >= PATIENCE {
            told.finishing = waiting.iter().filter(|file| is_finishing(file)).count();
            told.holding += waiting.len() - told.finishing + usize::from(unknown);
            return Ok(told);
        }
        // The kernel does not tell when such a lock ends.
        thread::sleep(pause);
        pause = (pause * 2).min(Duration::from_millis(50));
    }
}

/// How many other processes hold the key of this vault.
pub fn count(folder: &Path) -> Result<usize, StoreError> {
    let mut count = 0;
    for path in holders(&folder.join(FOLDER))? {
        count += usize::from(open(&path)?.is_some_and(|file| holder(&file).is_some()));
    }
    Ok(count)
}

/// Whether another process shares the lock of the vault's folder; where this process does, that cannot be told.
fn is_held(vault: &Path) -> bool {
    if own().iter().any(|own| own == vault) {
        return false;
    }
    let folder = File::open(vault).map_err(|_| Errno::NOENT);
    folder.and_then(|folder| flock(&folder, FlockOperation::NonBlockingLockExclusive)) == Err(Errno::WOULDBLOCK)
}

/// Whether the holder has said that it only finishes what was sent.
fn is_finishing(file: &File) -> bool {
    let mut state = [0; FINISHING.len()];
    rustix::io::pread(file, &mut state, 0).is_ok_and(|length| state[..length] == *FINISHING)
}

/// Whether another process has the lock, and which, as far as that can be told from here.
fn holder(file: &File) -> Option<Option<Pid>> {
    match fcntl_getlk(file, &Flock::from(FlockType::WriteLock)) {
        // Processes elsewhere have no number here, or a negative one, which would mean a whole group.
        Ok(Some(lock)) => Some(lock.pid.filter(|pid| pid.as_raw_nonzero().get() > 0)),
        Ok(None) => None,
        Err(Errno::NOENT) => None,
        Err(_) => Some(None),
    }
}

fn holders(folder: &Path) -> Result<Vec<PathBuf>, StoreError> {
    Ok(files::entries(folder)?.into_iter().filter(|path| is_of_another(path)).collect())
}

/// A file of our own process must not even be opened: closing it would end its lock.
fn is_of_another(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    !name.starts_with('.') && !name.starts_with(&own_prefix())
}

fn own_prefix() -> String {
    format!("{}-", std::process::id())
}

/// For writing, as the question for a write lock wants it; `None`: it is gone.
fn open(path: &Path) -> Result<Option<File>, StoreError> {
    files::if_there(File::options().read(true).write(true).open(path).map_err(StoreError::io("read", path)))
}

/// Removes the files of processes that ended without a word.
fn sweep(folder: &Path) {
    for path in holders(folder).unwrap_or_default() {
        if let Ok(Some(file)) = open(&path)
            && holder(&file).is_none()
        {
            let _ = fs::remove_file(path);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{
        io::{BufRead as _, BufReader},
        process::{Child, Command, Stdio},
    };

    use signal_hook::{consts::SIGUSR1, iterator::Signals};

    use super::*;

    /// For the child: where to hold, and how.
    const HOLD: &str = "TOKSCOPE_TEST_HOLD";

    /// Another process that holds the key; a deaf one does not heed the signal.
    fn start(folder: &Path, how: &str) -> Child {
        let mut child = Command::new(std::env::current_exe().unwrap());
        child.args(["--exact", "store::holders::tests::holders_are_counted_and_told_to_lock", "--nocapture"]);
        let mut child = child.env(HOLD, format!("{how}:{}", folder.display())).stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        assert!(lines.any(|line| line.unwrap().ends_with("holding")), "{how}");
        child
    }

    fn hold(how: &str, folder: &Path) {
        let mut signals = Signals::new([SIGUSR1]).unwrap();
        let holder = Holder::enter(folder).unwrap();
        let second = Holder::enter(folder).unwrap();
        drop(second);
        std::io::Write::write_all(&mut std::io::stdout(), b"\nholding\n").unwrap();
        signals.forever().next();
        if how == "busy" {
            holder.finishing();
        }
        if how == "deaf" || how == "busy" {
            signals.forever().next();
        }
        drop(holder);
        if how == "lives" {
            signals.forever().next();
        }
    }

    #[test]
    fn holders_are_counted_and_told_to_lock() {
        if let Ok(how) = std::env::var(HOLD) {
            let (how, folder) = how.split_once(':').unwrap();
            hold(how, Path::new(folder));
            // What the test's frame would print is no longer read.
            std::process::exit(0);
        }
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path();
        assert_eq!(lock_all(folder).unwrap(), Told::default());
        let mut children = ["lives", "lives", "deaf", "busy", "killed"].map(|how| start(folder, how));
        assert_eq!(count(folder).unwrap(), 5);
        let killed = &mut children[4];
        killed.kill().unwrap();
        killed.wait().unwrap();
        assert_eq!(count(folder).unwrap(), 4, "a lock goes with its process");
        assert_eq!(lock_all(folder).unwrap(), Told { locked: 2, finishing: 1, holding: 1 });
        assert_eq!(count(folder).unwrap(), 2);
        assert_eq!(lock_all(folder).unwrap(), Told { locked: 2, finishing: 0, holding: 0 });
        assert_eq!(lock_all(folder).unwrap(), Told::default(), "no holder is told twice");
        // Who locked still runs, and only the file of the killed one is left, until the next holder comes.
        for child in &mut children[..2] {
            assert!(child.try_wait().unwrap().is_none());
            kill_process(Pid::from_child(child), LOCK_SIGNAL).unwrap();
            assert!(child.wait().unwrap().success());
        }
        let files = || fs::read_dir(folder.join(FOLDER)).map_or(0, Iterator::count);
        assert_eq!(files(), 1);
        let holder = Holder::enter(folder).unwrap();
        assert_eq!((files(), count(folder).unwrap()), (1, 0), "one's own does not count");
        drop(holder);
        assert_eq!(files(), 0);
        a_holder_whose_file_was_deleted_is_not_passed_over(folder);
    }

    /// Only looking begins nothing.
    #[test]
    fn who_leaves_takes_along_what_was_made_for_it() {
        let dir = tempfile::tempdir().unwrap();
        let vault = dir.path().join("vault");
        let first = Holder::enter(&vault).unwrap();
        drop(Holder::enter(&vault).unwrap());
        assert_eq!(lock_all(&vault).unwrap(), Told::default(), "who tells all others is none of them");
        drop(first);
        assert!(!vault.exists());
        let holder = Holder::enter(&vault).unwrap();
        fs::write(vault.join("recipient.txt"), "age1").unwrap();
        drop(holder);
        assert!(vault.join("recipient.txt").exists() && !vault.join(FOLDER).exists());
    }

    #[test]
    fn who_only_passes_has_no_file_and_is_waited_for() {
        let dir = tempfile::tempdir().unwrap();
        let passage = Passage::enter(dir.path()).unwrap();
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
        assert_eq!(lock_all(dir.path()).unwrap(), Told { locked: 0, finishing: 0, holding: 1 });
        drop(passage);
        assert_eq!(lock_all(dir.path()).unwrap(), Told::default());
    }

    fn a_holder_whose_file_was_deleted_is_not_passed_over(folder: &Path) {
        let mut child = start(folder, "deaf");
        fs::remove_dir_all(folder.join(FOLDER)).unwrap();
        assert_eq!(lock_all(folder).unwrap(), Told { locked: 0, finishing: 0, holding: 1 });
        child.kill().unwrap();
        child.wait().unwrap();
        assert_eq!(lock_all(folder).unwrap(), Told::default());
    }
}
