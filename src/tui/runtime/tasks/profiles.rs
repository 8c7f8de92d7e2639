//! The profiles, off the screen's thread: their file may be locked by others, or far away. One thing after the other, in the
//! order in which it was asked for, so that the list that is told last is the newest.

use std::{
    ffi::OsStr,
    sync::{
        Arc, Mutex, PoisonError,
        mpsc::{self, Receiver, Sender},
    },
};

use tokio::sync::watch;

use super::{Tasks, ended, records};
use crate::{
    profile::{Profile, ProfileName},
    session::{self, ImportOutcome, Profiles, Session},
    store::{StoreError, config::Config, state::Change, vault::VaultError},
    trouble::{Told as _, Trouble},
    tui::app::{
        Message,
        message::{Import, TaskId, TaskOutcome as Brought},
    },
};

type Work = Box<dyn FnOnce() + Send>;

/// The work that was asked for and is not done.
pub(super) struct Changes {
    queue: Sender<Work>,
    next: Arc<Mutex<Receiver<Work>>>,
    /// What the exit waits for, in words.
    pending: watch::Sender<Vec<String>>,
}

/// Work that the exit waits for, until this is dropped.
pub(super) struct Pending(watch::Sender<Vec<String>>, String);

impl Default for Changes {
    fn default() -> Self {
        let (queue, next) = mpsc::channel();
        Self { queue, next: Arc::new(Mutex::new(next)), pending: watch::Sender::default() }
    }
}

impl Changes {
    /// The exit waits for this from now on.
    pub(super) fn begin(&self, what: String) -> Pending {
        self.pending.send_modify(|pending| pending.push(what.clone()));
        Pending(self.pending.clone(), what)
    }

    /// What the exit waits for.
    pub(super) fn pending(&self) -> Vec<String> {
        self.pending.borrow().clone()
    }

    /// Returns when it need not wait any more.
    pub(super) fn done(&self) -> impl Future<Output = ()> + Send + use<> {
        let mut pending = self.pending.subscribe();
        async move { _ = pending.wait_for(Vec::is_empty).await }
    }

    /// Returns when the tokens of this profile that were to be forgotten are: what comes afterwards must not go with them.
    pub(super) fn forgotten(&self, profile: &ProfileName) -> impl Future<Output = ()> + Send + use<> {
        let (mut pending, what) = (self.pending.subscribe(), tokens(profile));
        async move { _ = pending.wait_for(|pending| !pending.contains(&what)).await }
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        self.0.send_modify(|pending| {
            if let Some(place) = pending.iter().position(|what| *what == self.1) {
                pending.remove(place);
            }
        });
    }
}

impl Tasks {
    /// Saves a profile that was called `old`.
    pub(in crate::tui::runtime) fn save_profile(
        &mut self,
        id: TaskId,
        profiles: &Profiles,
        old: Option<ProfileName>,
        profile: Profile,
    ) {
        let (profiles, name) = (profiles.clone(), profile.name.clone());
        self.change(format!("the file of the profile {name}"), move |session| {
            let saved = session.save_profile(&profiles, old.as_ref(), &name, |_| Ok::<_, Trouble>(profile));
            let (left, all) = changed(&profiles, saved.map(|saved| saved.left));
            let left = left.map(|why| Message::VaultRefused(name, why.into()));
            left.into_iter().chain([ended(id, Brought::Changed(all))]).collect()
        });
    }

    /// Brings profiles in from elsewhere.
    pub(in crate::tui::runtime) fn import(
        &mut self,
        id: TaskId,
        profiles: &Profiles,
        source: &'static str,
        given: Option<String>,
    ) {
        let profiles = profiles.clone();
        self.change("the import of profiles".to_owned(), move |session| {
            import(id, session, &profiles, source, given.as_deref())
        });
    }

    /// Looks for what other programs of this machine keep.
    pub(in crate::tui::runtime) fn scan(&mut self, id: TaskId) {
        self.in_background(move || vec![ended(id, Brought::Scanned(session::of_other_programs()))]);
    }

    /// Sees how many sources have something to import.
    pub(in crate::tui::runtime) fn look_for_sources(&mut self) {
        let session = Arc::clone(&self.session);
        self.in_background(move || vec![Message::SourcesFound(session.sources())]);
    }

    /// Reads the settings, the profiles and what is kept of them again.
    pub(in crate::tui::runtime) fn reload(&mut self, profiles: &Profiles) {
        let profiles = profiles.clone();
        self.in_order(None, move |session| {
            let all = profiles.all().map_err(|error| words(&error));
            let config = settings(&profiles);
            config.iter().for_each(|config| session.restrict(config.environments.readonly()));
            let read = [Message::ConfigLoaded(config), Message::ProfilesLoaded(all)];
            read.into_iter().chain(records(session)).collect()
        });
    }

    /// Reads the file of a theme.
    pub(in crate::tui::runtime) fn read_theme(&mut self, profiles: &Profiles, name: String) {
        let profiles = profiles.clone();
        self.in_order(None, move |_| {
            let file = profiles.theme(&name).map_err(|error| words(&error));
            vec![Message::ThemeRead(name, file)]
        });
    }

    /// Remembers something for the next start, before the program ends.
    pub(in crate::tui::runtime) fn remember(&mut self, profiles: &Profiles, change: Change) {
        let profiles = profiles.clone();
        self.change("what is remembered of the screen".to_owned(), move |_| {
            let left = profiles.remember(&change).err();
            left.map(|error| Message::NotRemembered(words(&error))).into_iter().collect()
        });
    }

    pub(super) fn change(&mut self, what: String, work: impl FnOnce(&Session) -> Vec<Message> + Send + 'static) {
        let pending = self.changes.begin(what);
        self.in_order(Some(pending), work);
    }

    /// Works when all is done that was asked for before.
    fn in_order(&mut self, pending: Option<Pending>, work: impl FnOnce(&Session) -> Vec<Message> + Send + 'static) {
        let (session, tell) = (Arc::clone(&self.session), self.teller());
        let work = move || {
            tell(work(&session));
            drop(pending);
        };
        self.changes.queue.send(Box::new(work)).expect("both ends are ours");
        let next = Arc::clone(&self.changes.next);
        self.in_background(move || {
            // Whoever has this does the oldest that is left, which need not be what it was sent for.
            let next = next.lock().unwrap_or_else(PoisonError::into_inner);
            if let Ok(work) = next.try_recv() {
                work();
            }
            Vec::new()
        });
    }
}

/// What is forgotten, in words.
pub(super) fn tokens(profile: &ProfileName) -> String {
    format!("the tokens of {profile}")
}

/// The settings of the program.
pub(in crate::tui::runtime) fn settings(profiles: &Profiles) -> Result<Config, String> {
    profiles.settings().map_err(|error| words(&error))
}

/// What a change has left undone, and the profiles after it.
pub(super) fn changed(
    profiles: &Profiles,
    change: Result<Option<VaultError>, Trouble>,
) -> (Option<VaultError>, Result<Vec<Profile>, String>) {
    match change {
        Ok(left) => (left, profiles.all().map_err(|error| words(&error))),
        Err(error) => (None, Err(error.line())),
    }
}

fn import(id: TaskId, session: &Session, profiles: &Profiles, source: &str, given: Option<&str>) -> Vec<Message> {
    let found = session.look_in(source, given.map(OsStr::new));
    let imported = found.map_err(|error| words(&error)).and_then(|found| {
        let import = session.import(profiles, found, false).map_err(|error| error.line())?;
        Ok((import, profiles.all().map_err(|error| words(&error))?))
    });
    let (import, all) = match imported {
        Ok(imported) => imported,
        Err(why) => return vec![ended(id, Brought::Imported(Err(why)))],
    };
    let session::ImportReport { profiles: found, token_sets, left, mut warnings } = import;
    let mut added = Vec::new();
    for (profile, outcome) in found {
        let name = profile.name;
        match outcome {
            ImportOutcome::Added | ImportOutcome::Replaced => added.push(name),
            ImportOutcome::Unchanged => warnings.push(format!("{name} already exists, unchanged")),
            ImportOutcome::Refused => {
                warnings.push(format!("{name} already exists and was kept; rename it and import again to have both"));
            }
        }
    }
    if added.is_empty() && warnings.is_empty() {
        warnings.push("nothing to import".to_owned());
    }
    let left = left.into_iter().map(|(name, why)| Message::VaultRefused(name, why.into()));
    let imported = ended(id, Brought::Imported(Ok(Import { profiles: all, added, token_sets, warnings })));
    [imported].into_iter().chain(left).collect()
}

pub(in crate::tui::runtime) fn words(error: &StoreError) -> String {
    error.line()
}
