//! The profiles, and what goes with a change of them: whoever changes one holds its lock in the vault, so that what is under
//! way with the old name or settings ends before, and what is kept of it follows.

use std::{
    ffi::OsStr,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use super::Session;
pub use crate::store::config::Rebound;
use crate::{
    auth::{TokenSet, import::Imported},
    clock,
    profile::{Profile, ProfileName},
    store::{
        StoreError,
        config::{self, Config, EnvironmentsConfig},
        import, profiles,
        state::{self, Change, State},
        theme,
        vault::{Record, VaultError},
    },
    trouble::Trouble,
};

/// Where the profiles are.
#[derive(Debug, Clone)]
pub enum Profiles {
    /// In the file of this configuration folder.
    File(PathBuf),
    /// In memory, as the demo's are; all clones are one. Look, keys and what is protected are those of this configuration
    /// folder, where there is one: they are the person's. Nothing is written.
    Memory(Arc<Mutex<Vec<Profile>>>, Option<PathBuf>),
}

/// The profiles, held against changes by others.
enum Held<'a> {
    File(profiles::HeldProfiles),
    Memory(MutexGuard<'a, Vec<Profile>>),
}

/// What was forgotten of a profile, or removed with it: to be put back, or dropped, which wipes its tokens.
#[derive(Debug, Clone)]
pub struct Forgotten {
    pub(super) name: ProfileName,
    /// The profile, where it was removed.
    pub(super) profile: Option<(Profile, Option<profiles::Removed>)>,
    pub(super) record: Record,
}

impl Forgotten {
    /// Whose it was.
    pub fn name(&self) -> &ProfileName {
        &self.name
    }
}

/// A profile that was saved.
#[derive(Debug)]
pub struct Saved {
    /// The profile.
    pub profile: Profile,
    /// Why what the vault keeps did not follow, if it did not.
    pub left: Option<VaultError>,
}

/// What became of a profile that was found elsewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImportOutcome {
    /// It is new.
    Added,
    /// It has taken the place of another one.
    Replaced,
    /// It was there.
    Unchanged,
    /// Another one has its name, and stays.
    Refused,
}

/// What an import came to.
#[derive(Debug, Default)]
pub struct ImportReport {
    /// The profiles that were found, and what became of each.
    pub profiles: Vec<(Profile, ImportOutcome)>,
    /// The tokens that came with them and are in the vault now.
    pub token_sets: Vec<(ProfileName, TokenSet)>,
    /// Why others are not, or why what the vault keeps did not follow.
    pub left: Vec<(ProfileName, VaultError)>,
    /// What was left out, and what to do. Partly foreign text.
    pub warnings: Vec<String>,
}

impl Profiles {
    /// These, in memory; with the look and the keys of this configuration folder.
    pub fn in_memory(profiles: Vec<Profile>, folder: Option<PathBuf>) -> Self {
        Self::Memory(Arc::new(Mutex::new(profiles)), folder)
    }

    /// All of them.
    pub fn all(&self) -> Result<Vec<Profile>, StoreError> {
        match self {
            Self::File(folder) => profiles::load(folder),
            Self::Memory(profiles, _) => Ok(lock(profiles).clone()),
        }
    }

    /// The settings beside them; of profiles in memory, what is about the person.
    pub fn settings(&self) -> Result<Config, StoreError> {
        match self {
            Self::File(folder) => config::load(folder),
            Self::Memory(_, None) => Ok(Config::default()),
            Self::Memory(_, Some(folder)) => {
                let Config { ui, keys, environments, .. } = config::load(folder)?;
                let environments = EnvironmentsConfig { readonly: Vec::new(), ..environments };
                Ok(Config { ui, keys, environments, ..Config::default() })
            }
        }
    }

    /// What the file of a theme says that is not built in.
    pub fn theme(&self, name: &str) -> Result<String, StoreError> {
        match self {
            Self::File(folder) => theme::load(folder, name),
            Self::Memory(_, folder) => theme::load(folder.as_deref().unwrap_or(Path::new("")), name),
        }
    }

    /// Writes down which keys a command of the terminal program has; beside profiles in memory nothing is.
    pub fn bind(&self, place: &str, command: &str, keys: &[String]) -> Result<Option<Rebound>, StoreError> {
        match self {
            Self::File(folder) => config::bind(folder, place, command, keys).map(Some),
            Self::Memory(..) => Ok(None),
        }
    }

    /// Takes that back: the settings are what they were, byte for byte.
    pub fn unbind(&self, rebound: &Rebound) -> Result<(), StoreError> {
        match self {
            Self::File(folder) => config::unbind(folder, rebound),
            Self::Memory(..) => Ok(()),
        }
    }

    /// What the program remembers of how it was used; beside profiles in memory nothing.
    pub fn state(&self) -> Result<State, StoreError> {
        match (self, state::folder()) {
            (Self::File(_), Some(folder)) => state::load(&folder),
            _ => Ok(State::default()),
        }
    }

    /// Remembers a change; beside profiles in memory nothing is.
    pub fn remember(&self, change: &Change) -> Result<(), StoreError> {
        match (self, state::folder()) {
            (Self::File(_), Some(folder)) => state::remember(&folder, change),
            _ => Ok(()),
        }
    }

    fn hold(&self) -> Result<Held<'_>, StoreError> {
        Ok(match self {
            Self::File(folder) => Held::File(profiles::hold(folder)?),
            Self::Memory(profiles, _) => Held::Memory(lock(profiles)),
        })
    }
}

impl Held<'_> {
    fn all(&self) -> Result<Vec<Profile>, StoreError> {
        match self {
            Self::File(file) => file.all(),
            Self::Memory(profiles) => Ok(profiles.to_vec()),
        }
    }

    fn put(&mut self, old: Option<&ProfileName>, profile: &Profile) -> Result<(), StoreError> {
        match self {
            Self::File(file) => return file.put(old, profile),
            Self::Memory(profiles) => match profiles.iter_mut().find(|known| Some(&known.name) == old) {
                Some(place) => place.clone_from(profile),
                None => profiles.push(profile.clone()),
            },
        }
        Ok(())
    }

    fn put_back(&mut self, profile: Profile, removed: Option<profiles::Removed>) -> Result<(), StoreError> {
        match self {
            Self::File(file) => return file.put_back(&profile, removed),
            Self::Memory(profiles) => profiles.push(profile),
        }
        Ok(())
    }

    fn remove(&mut self, name: &ProfileName) -> Result<Option<profiles::Removed>, StoreError> {
        match self {
            Self::File(file) => return file.remove(name),
            Self::Memory(profiles) => profiles.retain(|profile| profile.name != *name),
        }
        Ok(None)
    }
}

fn lock(profiles: &Mutex<Vec<Profile>>) -> MutexGuard<'_, Vec<Profile>> {
    profiles.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Session {
    /// Saves under `name` the profile that `make` makes of those that there are: a new one, or the one that was called
    /// `old`. It must not take the place of another. With a new name goes what the vault keeps; what a profile does not let
    /// be remembered any more is forgotten. Blocks the thread for as long as others hold the profile or its file.
    pub fn save_profile<E: From<StoreError> + From<VaultError> + From<Trouble>>(
        &self,
        profiles: &Profiles,
        old: Option<&ProfileName>,
        name: &ProfileName,
        make: impl FnOnce(&[Profile]) -> Result<Profile, E>,
    ) -> Result<Saved, E> {
        self.change(|session| {
            let renaming =
                old.filter(|old| *old != name).map(|old| session.vault.reserve_both(old, name)).transpose()?;
            let reserved = if renaming.is_none() { Some(session.vault.reserve(name)?) } else { None };
            let (profile, forgets) = put(profiles, old, name, make)?;
            drop(reserved);
            let left = renaming.and_then(|renaming| renaming.finish().err());
            let left = left.or_else(|| session.forget_unless(&profile, forgets));
            Ok(Saved { profile, left })
        })
    }

    /// Behind the lock only where there may be something to forget.
    fn forget_unless(&self, profile: &Profile, may_be_there: bool) -> Option<VaultError> {
        if may_be_there || !self.vault.is_locked() { self.forget_secrets(profile).err() } else { None }
    }

    /// Removes a profile and what is kept of it, unless its tokens are in use. What was there, and why the latter is
    /// still there, if it is.
    pub fn remove_profile(
        &self,
        profiles: &Profiles,
        name: &ProfileName,
    ) -> Result<(Forgotten, Option<VaultError>), Trouble> {
        self.change(|session| {
            let reserved = session.vault.reserve(name)?;
            reserved.check_rotation()?;
            let record = session.vault.read(name).ok().flatten().unwrap_or_default();
            let mut held = profiles.hold()?;
            let profile = held.all()?.into_iter().find(|profile| profile.name == *name);
            let removed = held.remove(name)?;
            let profile = profile.map(|profile| (profile, removed));
            Ok((Forgotten { name: name.clone(), profile, record }, reserved.remove().err()))
        })
    }

    /// Puts back what was forgotten or removed. A profile of that name, or tokens that came since, are never overwritten.
    pub fn put_back(&self, profiles: &Profiles, forgotten: Forgotten) -> Result<(), Trouble> {
        let Forgotten { name, profile, record } = forgotten;
        if let Some((profile, removed)) = profile {
            self.change(|session| -> Result<(), Trouble> {
                let _reserved = session.vault.reserve(&name)?;
                let mut held = profiles.hold()?;
                is_free(&held.all()?, &name)?;
                Ok(held.put_back(profile, removed)?)
            })?;
        }
        let has_tokens = record.token_set.is_some();
        if record.is_empty() || self.change(|session| session.vault.put_back(&name, record.clone()))? || !has_tokens {
            return Ok(());
        }
        Err(Trouble::new(
            format!("the old tokens of {name} were not restored"),
            "the profile has newer tokens, which stay",
        ))
    }

    /// In how many sources there is something to import. No file is read for it.
    pub fn sources(&self) -> usize {
        import::present(self.providers)
    }

    /// What is found in a source of the providers. `given` is the path of a file that is not where it usually is, or the address
    /// for those that need one.
    pub fn look_in(&self, source: &str, given: Option<&OsStr>) -> Result<Imported, StoreError> {
        import::read(self.providers, source, given, clock::now())
    }

    /// Takes in what was found elsewhere. One whose name is taken is left out, unless it is to replace the other. The tokens
    /// that come with the new ones go into the vault, and so do those of a profile that has none.
    pub fn import(&self, profiles: &Profiles, found: Imported, replace: bool) -> Result<ImportReport, Trouble> {
        let known = profiles.all()?;
        let mut import = ImportReport { warnings: found.warnings, ..ImportReport::default() };
        for profile in found.profiles {
            let same = |known: &Profile| known.provider == profile.provider && known.settings == profile.settings;
            let outcome = match known.iter().find(|known| known.name == profile.name) {
                Some(known) if same(known) => ImportOutcome::Unchanged,
                Some(_) if !replace => ImportOutcome::Refused,
                Some(_) => ImportOutcome::Replaced,
                None => ImportOutcome::Added,
            };
            if matches!(outcome, ImportOutcome::Added | ImportOutcome::Replaced) {
                let old = (outcome == ImportOutcome::Replaced).then_some(&profile.name);
                let saved = self.save_profile(profiles, old, &profile.name, |_| Ok::<_, Trouble>(profile.clone()))?;
                import.left.extend(saved.left.map(|why| (profile.name.clone(), why)));
            }
            import.profiles.push((profile, outcome));
        }
        for (name, token_set) in found.token_sets {
            let outcome = import.profiles.iter().find(|(profile, _)| profile.name == name).map(|(_, outcome)| *outcome);
            let has_none = || self.change(|session| session.token_set(&name)).is_ok_and(|saved| saved.is_none());
            match outcome {
                Some(ImportOutcome::Added | ImportOutcome::Replaced) => {}
                Some(ImportOutcome::Unchanged) if has_none() => {}
                _ => continue,
            }
            match self.adopt(&name, token_set.clone()) {
                Ok(()) => import.token_sets.push((name, token_set)),
                Err(why) => import.left.push((name, why)),
            }
        }
        Ok(import)
    }
}

/// The profile, and whether the one before it let secrets be remembered and this one does not.
fn put<E: From<StoreError> + From<VaultError> + From<Trouble>>(
    profiles: &Profiles,
    old: Option<&ProfileName>,
    name: &ProfileName,
    make: impl FnOnce(&[Profile]) -> Result<Profile, E>,
) -> Result<(Profile, bool), E> {
    let mut held = profiles.hold()?;
    let known = held.all()?;
    if old != Some(name) {
        is_free(&known, name)?;
    }
    let profile = make(&known)?;
    held.put(old, &profile)?;
    let before = known.iter().find(|known| Some(&known.name) == old);
    let forgets = before.is_some_and(|before| Session::forgets(before, &profile));
    Ok((profile, forgets))
}

fn is_free(known: &[Profile], name: &ProfileName) -> Result<(), Trouble> {
    match known.iter().any(|other| other.name == *name) {
        true => Err(Trouble::new(format!("the profile {name} already exists"), "choose another name")),
        false => Ok(()),
    }
}

#[cfg(test)]
mod tests;
