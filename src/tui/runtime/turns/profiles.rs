//! Changes of the profiles: each takes the profile's lock first, so that nobody's tokens lose their profile.

use std::sync::Arc;

use ratatui::Frame;

use super::Turns;
use crate::{
    profile::{Profile, ProfileName},
    store::vault::VaultError,
    tui::app::{
        Message, Model,
        message::{Change, VaultRefusal},
    },
};

impl<V: Fn(&Model, &mut Frame<'_>)> Turns<V> {
    pub(super) fn reload(&mut self) -> Result<Vec<Profile>, String> {
        let profiles = self.home.profiles()?;
        self.known.clone_from(&profiles);
        Ok(profiles)
    }

    /// Saves a profile. Its lock is taken first: what is under way with the old name or settings ends before.
    pub(super) fn save(&mut self, old: Option<ProfileName>, profile: &Profile) {
        let name = profile.name.clone();
        let saved = self.replace(old.as_ref(), profile);
        if saved.is_ok()
            && let Err(error) = self.session.forget_secrets(profile)
        {
            let refusal = VaultRefusal { what: error.to_string(), hint: error.hint().unwrap_or_default() };
            self.tell(Message::VaultRefused(name.clone(), refusal));
        }
        let profiles = saved.and_then(|()| self.reload());
        self.tell(Message::ProfilesChanged(Change::Saved { old, name }, profiles));
    }

    fn replace(&mut self, old: Option<&ProfileName>, profile: &Profile) -> Result<(), String> {
        let vault = Arc::clone(&self.session.vault);
        match old {
            Some(old) if *old != profile.name => {
                let renaming = vault.reserve_both(old, &profile.name).map_err(|error| words(&error))?;
                self.home.save(Some(old), profile)?;
                self.ask_vault(&profile.name, |_| renaming.finish());
            }
            old => {
                let _held = vault.reserve(&profile.name).map_err(|error| words(&error))?;
                self.home.save(old, profile)?;
            }
        }
        Ok(())
    }

    /// Removes a profile and what is kept of it, unless somebody works with its tokens.
    pub(super) fn remove(&mut self, name: ProfileName) {
        let removed = self.take_away(&name);
        let profiles = removed.and_then(|()| self.reload());
        self.tell(Message::ProfilesChanged(Change::Removed(name), profiles));
    }

    fn take_away(&mut self, name: &ProfileName) -> Result<(), String> {
        let vault = Arc::clone(&self.session.vault);
        let held = vault.reserve(name).map_err(|error| words(&error))?;
        self.home.remove(name)?;
        self.ask_vault(name, |_| held.remove());
        Ok(())
    }

    pub(super) fn import(&mut self, source: &str, given: Option<&str>) {
        let imported = self.home.import(source, given);
        if let Ok(import) = &imported {
            self.known.clone_from(&import.profiles);
            for (name, set) in &import.token_sets {
                self.ask_vault(name, |_| self.session.adopt(name, set.clone()));
            }
        }
        self.tell(Message::Imported(imported));
    }
}

fn words(error: &VaultError) -> String {
    format!("{error}; {}", error.hint())
}
