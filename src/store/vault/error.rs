//! Why the vault said no.

use std::{io, path::PathBuf};

use crate::{
    auth::AuthError,
    profile::ProfileName,
    store::{StoreError, identity::IdentityError, lock::LockError, runs::RunId},
    trouble::{Code, Told},
};

/// Why the vault said no. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    /// It is locked.
    #[error("the vault is locked")]
    Locked,

    /// Another task or process has held the profile's lock all the time.
    #[error("another tokscope is using the tokens of {0}")]
    Busy(ProfileName),

    /// A rotation of the profile was begun and is not settled: only its run changes the tokens.
    #[error("the rotation of {profile} in run {run} is not finished")]
    Rotating {
        /// The profile.
        profile: ProfileName,
        /// The run.
        run: RunId,
    },

    /// A file cannot be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),

    /// The key of the vault cannot be had, or not be moved.
    #[error(transparent)]
    Identity(#[from] IdentityError),

    /// A file is not what was written.
    #[error("cannot open {}: it is damaged, or encrypted for another identity", .0.display())]
    Damaged(PathBuf),

    /// What was to be written could not be read again.
    #[error("{} was not replaced: the new data failed its read-back check", .0.display())]
    Unreadable(PathBuf),

    /// A file was written by a newer tokscope.
    #[error("{} was written by a newer tokscope (version {version} of the format)", .path.display())]
    Newer {
        /// The file.
        path: PathBuf,
        /// The version of its format.
        version: u32,
    },

    /// A file was sealed with only the public half of the key, or was changed.
    #[error("{} was not written with the vault's key: it was forged or changed", .0.display())]
    Forged(PathBuf),

    /// A file has the format of version 1, which anyone can forge, and did not exist when the vault was migrated.
    #[error("{} has the unauthenticated format of an earlier tokscope, which this vault no longer accepts", .0.display())]
    Unauthenticated(PathBuf),

    /// A file is older than the one this process has seen in its place.
    #[error("the saved tokens of {profile} were replaced by an older copy: {}", .path.display())]
    RolledBack {
        /// The file.
        path: PathBuf,
        /// The profile.
        profile: ProfileName,
    },

    /// A file that this process has seen is gone. Said once.
    #[error("the saved tokens of {profile} were deleted by another program: {}", .path.display())]
    Deleted {
        /// The file.
        path: PathBuf,
        /// The profile.
        profile: ProfileName,
    },

    /// A file holds another profile's record.
    #[error("{} contains the tokens of {found}: it was moved there", .path.display())]
    Swapped {
        /// The file.
        path: PathBuf,
        /// Whose tokens are in it.
        found: ProfileName,
    },
}

impl Told for VaultError {
    fn code(&self) -> Code {
        match self {
            Self::Locked => Code::Locked,
            Self::Busy(_) | Self::Rotating { .. } => Code::Busy,
            Self::Store(error) => error.code(),
            Self::Identity(error) => error.code(),
            _ => Code::Failed,
        }
    }

    fn hint(&self) -> Option<String> {
        Some(match self {
            Self::Locked => "unlock it".to_owned(),
            Self::Busy(_) => {
                "nothing was sent or changed; try again when it has finished, or close the other tokscope".to_owned()
            }
            Self::Rotating { run, .. } => format!(
                "nothing was sent or changed; `tokscope rotate --resume {run}` finishes it, `tokscope rotate --abandon {run}` gives \
                 it up"
            ),
            Self::Store(error) => return error.hint(),
            Self::Identity(error) => return error.hint(),
            Self::Damaged(path) | Self::Forged(path) | Self::Swapped { path, .. } => {
                format!("it was not changed; move {} away and log in again", path.display())
            }
            Self::Unauthenticated(path) => format!(
                "it was not changed; update every tokscope that uses this vault, then move {} away and log in again",
                path.display()
            ),
            Self::RolledBack { path, .. } => format!(
                "if you restored a backup, restart tokscope; if not, move {} away and log in again",
                path.display()
            ),
            Self::Deleted { .. } => {
                "if you did not delete them, check who can write to this folder; then log in again".to_owned()
            }
            Self::Unreadable(_) => "it was not changed; please report this".to_owned(),
            Self::Newer { .. } => "it was not changed; use the newer tokscope".to_owned(),
        })
    }
}

/// As a use case passes it on.
impl From<VaultError> for AuthError {
    fn from(error: VaultError) -> Self {
        Self::Vault(error.into())
    }
}

impl VaultError {
    pub(super) fn of_lock(error: LockError, profile: &ProfileName) -> Self {
        match error {
            LockError::Busy => Self::Busy(profile.clone()),
            LockError::Store(error) => Self::Store(error),
        }
    }

    /// Whether there is just no such file.
    pub(super) fn is_missing(&self) -> bool {
        matches!(self, Self::Store(StoreError::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound)
    }
}
