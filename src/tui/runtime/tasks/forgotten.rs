//! What was forgotten or removed: kept for a while in memory that is wiped when it is dropped, so that it can be put back.

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
    session::{self, Profiles},
    trouble::Trouble,
    tui::app::{
        Message,
        message::{KeepId, TaskId, TaskOutcome},
    },
};

/// All of it, by its id.
#[derive(Clone, Default)]
pub(super) struct Forgotten(Arc<Mutex<HashMap<KeepId, session::Forgotten>>>);

impl Forgotten {
    fn lock(&self) -> MutexGuard<'_, HashMap<KeepId, session::Forgotten>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
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
                Ok(taken) => _ = forgotten.lock().insert(keep, taken),
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
                forgotten.lock().insert(keep, taken);
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
            let taken = forgotten.lock().remove(&keep);
            let put_back = || {
                let gone = || Trouble::new("it is not kept any more", "log in again");
                let taken = taken.ok_or_else(gone)?;
                let name = taken.name().clone();
                session.put_back(&profiles, taken)?;
                let record = session.record(&name)?.unwrap_or_default();
                let all = profiles.all().map_err(|error| Trouble::bare(words(&error)))?;
                Ok((all, Box::new(kept(session, &name, record))))
            };
            vec![ended(id, TaskOutcome::PutBack(put_back()))]
        });
    }

    /// Wipes what is not put back any more.
    pub(in crate::tui::runtime) fn wipe(&self, ids: &[KeepId]) {
        self.forgotten.lock().retain(|id, _| !ids.contains(id));
    }
}
