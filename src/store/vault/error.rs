//! Why the vault said no.

use std::{io, path::PathBuf};

use crate::{
    profile::ProfileName,
    store::{StoreError, lock::LockError},
};

/// Why the vault said no. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    /// It is locked.
    #[error("the vault is locked")]
    Locked,

    /// Another task or process has held the profile's lock all the time.
    #[error("another tokscope is busy with the tokens of {profile}")]
    Busy {
        /// The profile.
        profile: ProfileName,
    },

    /// A file cannot be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),

    /// A file is not what was written.
    #[error("{} cannot be opened: it is damaged, or encrypted for another identity", .path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
    },

    /// A file was written by a newer tokscope.
    #[error("{} was written by a newer tokscope (version {version} of the format)", .path.display())]
    Newer {
        /// The file.
        path: PathBuf,
        /// The version of its format.
        version: u32,
    },

    /// A file holds another profile's record.
    #[error("{} holds the tokens of {found}: somebody moved it there", .path.display())]
    Swapped {
        /// The file.
        path: PathBuf,
        /// Whose tokens are in it.
        found: ProfileName,
    },
}

impl VaultError {
    /// What the user can do about it.
    pub fn hint(&self) -> String {
        match self {
            Self::Locked => "unlock it".to_owned(),
            Self::Busy { .. } => {
                "nothing was sent or changed; try again when it has finished, or close the other tokscope".to_owned()
            }
            Self::Store(error) => error.hint(),
            Self::Damaged { path } | Self::Swapped { path, .. } => {
                format!("it is left as it is; move {} away to log in anew", path.display())
            }
            Self::Newer { .. } => "it is left as it is; use the newer tokscope".to_owned(),
        }
    }

    pub(super) fn of_lock(error: LockError, profile: &ProfileName) -> Self {
        match error {
            LockError::Busy => Self::Busy { profile: profile.clone() },
            LockError::Store(error) => Self::Store(error),
        }
    }

    /// Whether there is just no such file.
    pub(super) fn is_missing(&self) -> bool {
        matches!(self, Self::Store(StoreError::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound)
    }
}
