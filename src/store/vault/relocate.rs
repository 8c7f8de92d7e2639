//! Moving the vault's key to another home.
//!
//! A key that lay in clear may have been read, so away from there goes a new one. Each step is one write, and after each of
//! them the home that the settings name opens everything: whenever it breaks off, it goes on when the vault is opened the
//! next time, or when the key is moved there again.

use std::path::{Path, PathBuf};

use super::{Vault, VaultError};
use crate::store::{
    config,
    identity::{self, Home, Identity, IdentityError, Site},
    lock::WAIT,
};

/// The steps, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RelocationStep {
    /// The old key is sealed for the new one.
    Former,
    /// The public halves of both are written down, the new one first.
    Recipients,
    /// The settings name the new home.
    Settings,
    /// The old home is empty.
    OldHome,
    /// Each file is sealed for the new key.
    Records,
}

impl RelocationStep {
    pub(super) const ALL: [Self; 5] = [Self::Former, Self::Recipients, Self::Settings, Self::OldHome, Self::Records];
}

/// A move from `plain` to a home that is not readable. The new key is in it already.
pub(super) struct Move<'a> {
    dir: &'a Path,
    to: Home,
    site: &'a Site<'a>,
    vault: Vault,
    old: Identity,
    pub(super) new: Identity,
}

/// Whether a move makes a new key: then whoever holds the old one must drop it first.
pub fn makes_new_key(from: Home, to: Home) -> bool {
    from == Home::Plain && matches!(to, Home::Keyring | Home::Passphrase)
}

/// Moves the key to another home: from `plain` to any other it becomes a new one. Whether every file is sealed for it by
/// now: what another process is at follows when the vault is opened again.
pub async fn relocate(
    dir: &Path,
    from: Home,
    to: Home,
    site: &Site<'_>,
    rescue: Vec<PathBuf>,
) -> Result<bool, VaultError> {
    let vault = |identity| Ok::<_, VaultError>(Vault::open(dir, identity)?.rescuing_in(rescue.clone()));
    let identity = if makes_new_key(from, to) {
        let moving = Move::begin(dir, to, site, vault).await?;
        for step in RelocationStep::ALL {
            moving.take(step).await?;
        }
        moving.new
    } else {
        identity::relocate(dir, from, to, site).await?
    };
    identity::leave_plain(dir, site.folder)?;
    Ok(vault(identity)?.keys()?.former.is_none())
}

impl<'a> Move<'a> {
    pub(super) async fn begin(
        dir: &'a Path,
        to: Home,
        site: &'a Site<'a>,
        vault: impl Fn(Identity) -> Result<Vault, VaultError>,
    ) -> Result<Self, VaultError> {
        let old = identity::open(Home::Plain, site).await?;
        // What version 1 has left is taken over under the key that it was sealed for.
        let opened = vault(old.clone())?;
        if !opened.keys()?.listed.is_empty() {
            return Err(IdentityError::Busy(site.folder.to_owned()).into());
        }
        let new = match identity::is_moving(site.folder)? {
            false => identity::create_in(to, site).await?,
            // Its public half is written down: files may be sealed for it.
            true => match identity::find(to, site).await {
                Ok(Some(new)) => new,
                Ok(None) | Err(IdentityError::Lost { .. }) => {
                    return Err(IdentityError::Moving { home: to, folder: site.folder.to_owned() }.into());
                }
                Err(error) => return Err(error.into()),
            },
        };
        Ok(Self { dir, to, site, vault: opened, old, new })
    }

    pub(super) async fn take(&self, step: RelocationStep) -> Result<(), VaultError> {
        match step {
            RelocationStep::Former => self.vault.keep_former(&self.new, &self.old)?,
            RelocationStep::Recipients => identity::write_recipients(self.site.folder, &self.new, Some(&self.old))?,
            RelocationStep::Settings => config::set_identity_home(self.dir, self.to)?,
            RelocationStep::OldHome => identity::remove(Home::Plain, &self.old, self.site).await?,
            RelocationStep::Records => {
                let keys = self.vault.keys_of(self.new.clone())?;
                for profile in self.vault.left_behind(&keys) {
                    // Whoever is at it may take as long as a request does.
                    if let Ok(lock) = self.vault.wait(&profile, WAIT).await {
                        self.vault.reseal(&keys, &profile, lock)?;
                    }
                }
            }
        }
        Ok(())
    }
}
