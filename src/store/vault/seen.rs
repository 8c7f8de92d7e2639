//! How far each file has come, as this process has seen it: an older one in its place was put back, one that is missing was
//! deleted. A process that has just begun notices neither.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
};

use super::VaultError;
use crate::profile::ProfileName;

/// The highest counters, by file.
#[derive(Debug, Default)]
pub(super) struct Seen(HashMap<PathBuf, Mark>);

#[derive(Debug)]
struct Mark {
    profile: ProfileName,
    counter: u64,
    /// It is there, as far as is known: that it is gone has not been said yet.
    is_there: bool,
}

impl Seen {
    /// The highest counter; 0 where there is none.
    pub(super) fn counter(&self, path: &Path) -> u64 {
        self.0.get(path).map_or(0, |mark| mark.counter)
    }

    /// A file was read or written.
    pub(super) fn note(&mut self, path: &Path, profile: &ProfileName, counter: u64) {
        let mark = Mark { profile: profile.clone(), counter: counter.max(self.counter(path)), is_there: true };
        self.0.insert(path.to_owned(), mark);
    }

    /// This process has removed a file. An older one still may not come back.
    pub(super) fn removed(&mut self, path: &Path) {
        if let Some(mark) = self.0.get_mut(path) {
            mark.is_there = false;
        }
    }

    /// A file is missing: whether another has deleted it since, and that has not been said yet.
    pub(super) fn miss(&mut self, path: &Path) -> bool {
        self.0.get_mut(path).is_some_and(|mark| std::mem::replace(&mut mark.is_there, false))
    }

    /// What is there, as far as is known.
    pub(super) fn there(&self) -> Vec<PathBuf> {
        self.0.iter().filter(|(_, mark)| mark.is_there).map(|(path, _)| path.clone()).collect()
    }

    /// Which of those that were there are none of these files now. Said once.
    pub(super) fn deleted(&mut self, there: &[PathBuf], files: &[PathBuf]) -> Vec<VaultError> {
        let gone = there.iter().filter(|path| !files.contains(path));
        let mut errors: Vec<_> = gone
            .filter_map(|path| {
                let mark = self.0.get_mut(path).filter(|mark| mark.is_there)?;
                mark.is_there = false;
                Some(VaultError::Deleted { path: path.clone(), profile: mark.profile.clone() })
            })
            .collect();
        errors.sort_by_key(ToString::to_string);
        errors
    }
}
