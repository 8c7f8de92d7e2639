//! Whether the disk has room for a file that is to last. In tests a folder can be full at its n-th write.

/// Said before each write that is to last.
#[cfg(not(test))]
pub(in crate::store) fn there_is(_: &std::path::Path) -> std::io::Result<()> {
    Ok(())
}

#[cfg(test)]
pub(crate) use self::full::Full;
#[cfg(test)]
pub(in crate::store) use self::full::there_is;

#[cfg(test)]
mod full {
    use std::{
        io,
        path::{Path, PathBuf},
        sync::{Mutex, MutexGuard, PoisonError},
    };

    static ALL: Mutex<Vec<Folder>> = Mutex::new(Vec::new());

    struct Folder {
        path: PathBuf,
        /// So many writes there were.
        writes: usize,
        /// The first one that fails.
        first: usize,
        /// All that follow it fail, too.
        lasts: bool,
    }

    fn all() -> MutexGuard<'static, Vec<Folder>> {
        ALL.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(in crate::store) fn there_is(path: &Path) -> io::Result<()> {
        let mut all = all();
        let Some(folder) = all.iter_mut().find(|folder| path.starts_with(&folder.path)) else { return Ok(()) };
        let nth = folder.writes;
        folder.writes += 1;
        let fails = nth == folder.first || (folder.lasts && nth > folder.first);
        if fails { Err(io::ErrorKind::StorageFull.into()) } else { Ok(()) }
    }

    /// A folder that is full at a write, until this is dropped.
    pub(crate) struct Full(PathBuf);

    impl Full {
        /// At the n-th write from now on, counted from 0, and, if it lasts, at all that follow.
        pub(crate) fn at(folder: &Path, nth: usize, lasts: bool) -> Self {
            all().push(Folder { path: folder.to_owned(), writes: 0, first: nth, lasts });
            Self(folder.to_owned())
        }

        /// So many writes were tried.
        pub(crate) fn writes(&self) -> usize {
            all().iter().find(|folder| folder.path == self.0).map_or(0, |folder| folder.writes)
        }
    }

    impl Drop for Full {
        fn drop(&mut self) {
            all().retain(|folder| folder.path != self.0);
        }
    }
}
