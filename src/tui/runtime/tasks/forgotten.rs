//! What was forgotten, removed or written into the settings: kept for a while in memory that is wiped when it is dropped, so that it can be put back.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use super::{
    Tasks, ended, kept,
    profiles::{changed, tokens, words},
};
use crate::{
    profile::ProfileName,
    session::{self, Profiles, Rebound},
    trouble::Trouble,
    tui::app::{
        Message,
        message::{KeepId, TaskId, TaskOutcome},
    },
};

/// What can be put back.
pub(super) enum Taken {
    /// Tokens, a profile.
    Forgotten(Box<session::Forgotten>),
    /// What the settings were before a key was written down.
    Settings(Rebound),
}

/// All of it, by its id.
#[derive(Clone, Default)]
pub(super) struct Forgotten(Arc<Mutex<HashMap<KeepId, Taken>>>);

impl Forgotten {
    fn lock(&self) -> MutexGuard<'_, HashMap<KeepId, Taken>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn keep(&self, id: KeepId, taken: Taken) {
        self.lock().insert(id, taken);
    }

    pub(super) fn take(&self, id: KeepId) -> Option<Taken> {
        self.lock().remove(&id)
    }
}

impl Tasks {
    /// Drops the tokens of a profile, or one old set of them, and keeps them under this id.
    pub(in crate::tui::runtime) fn forget(&mut self, profile: ProfileName, set: Option<u64>, keep: KeepId) {
        let (session, tell, pending) = (Arc::clone(&self.session), self.teller(), self.changes.begin(tokens(&profile)));
        let forgotten = self.forgotten.clone();
        self.in_background(move || {
            let forgotten_now = match set {
                Some(number) => session.forget_set(&profile, number),
                None => session.forget(&profile),
            };
            match forgotten_now {
                Ok(taken) => forgotten.keep(keep, Taken::Forgotten(Box::new(taken))),
                Err(why) => tell(vec![Message::VaultRefused(profile, why.into())]),
            }
            drop(pending);
            Vec::new()
        });
    }

    /// Removes a profile and what is kept of it, and keeps both under this id.
    pub(in crate::tui::runtime) fn remove_profile(
        &mut self,
        id: TaskId,
        profiles: &Profiles,
        name: ProfileName,
        keep: KeepId,
    ) {
        let (profiles, forgotten) = (profiles.clone(), self.forgotten.clone());
        self.change(format!("the file of the profile {name}"), move |session| {
            let removed = session.remove_profile(&profiles, &name).map(|(taken, left)| {
                forgotten.keep(keep, Taken::Forgotten(Box::new(taken)));
                left
            });
            let (left, all) = changed(&profiles, removed);
            let left = left.map(|why| Message::VaultRefused(name, why.into()));
            left.into_iter().chain([ended(id, TaskOutcome::Changed(all))]).collect()
        });
    }

    /// Puts back what is kept under this id.
    pub(in crate::tui::runtime) fn put_back(&mut self, id: TaskId, profiles: &Profiles, keep: KeepId) {
        let (profiles, forgotten) = (profiles.clone(), self.forgotten.clone());
        self.change("the file of the profiles".to_owned(), move |session| {
            let taken = forgotten.take(keep);
            let put_back = || {
                let Some(Taken::Forgotten(taken)) = taken else {
                    return Err(Trouble::new("it is not kept any more", "log in again"));
                };
                let name = taken.name().clone();
                session.put_back(&profiles, *taken)?;
                let record = session.record(&name)?.unwrap_or_default();
                let all = profiles.all().map_err(|error| Trouble::bare(words(&error)))?;
                Ok((all, Box::new(kept(session, &name, record))))
            };
            vec![ended(id, TaskOutcome::PutBack(put_back()))]
        });
    }

    /// Writes down which keys a command has, before the program ends, and keeps what the settings were.
    pub(in crate::tui::runtime) fn bind(
        &mut self,
        profiles: &Profiles,
        (place, command): (&'static str, &'static str),
        keys: Vec<String>,
        keep: KeepId,
    ) {
        let (profiles, forgotten) = (profiles.clone(), self.forgotten.clone());
        self.change("the keys in the settings".to_owned(), move |_| match profiles.bind(place, command, &keys) {
            Ok(rebound) => {
                rebound.into_iter().for_each(|rebound| forgotten.keep(keep, Taken::Settings(rebound)));
                Vec::new()
            }
            Err(error) => vec![Message::NotRemembered(words(&error))],
        });
    }

    /// Puts the settings back that are kept under this id.
    pub(in crate::tui::runtime) fn unbind(&mut self, profiles: &Profiles, keep: KeepId) {
        let (profiles, forgotten) = (profiles.clone(), self.forgotten.clone());
        self.change("the keys in the settings".to_owned(), move |_| match forgotten.take(keep) {
            Some(Taken::Settings(rebound)) => {
                let left = profiles.unbind(&rebound).err();
                left.map(|error| Message::NotRemembered(words(&error))).into_iter().collect()
            }
            _ => Vec::new(),
        });
    }

    /// Wipes what is not put back any more.
    pub(in crate::tui::runtime) fn wipe(&self, ids: &[KeepId]) {
        self.forgotten.lock().retain(|id, _| !ids.contains(id));
    }
}
