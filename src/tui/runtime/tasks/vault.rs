//! The vault in the background: its key is looked for, and what it keeps is read.

use std::sync::Arc;

use super::{Tasks, ended, kept};
use crate::{
    auth::{NoInteraction, key_source::KeySource},
    profile::{Profile, ProfileName},
    session::{Location, Session, Wanted, check_keyring},
    store::{
        identity::Home,
        vault::{Contents, VaultError},
    },
    trouble::Trouble,
    tui::{
        app::{
            Message,
            message::{Loose, OpenedVault, TaskId, TaskOutcome, Unopened},
        },
        runtime::{
            Event,
            key::{FoundKey, unopened},
        },
    },
};

impl Tasks {
    /// Looks for the key of the vault; it comes as [`Event::KeyFound`]. `chosen` is the home that the user has chosen just now.
    pub(in crate::tui::runtime) fn find_key(
        &mut self,
        id: TaskId,
        folder: Location,
        chosen: Option<Home>,
        prompt: bool,
    ) {
        let holder = self.holder.clone();
        self.begin(id, false, true, |user| async move {
            let key = folder.key(chosen, prompt, &user).await;
            let key = key.map(|opened| FoundKey { opened, holder }).map_err(unopened);
            let _ = user.events.send(Event::KeyFound(id, key));
        });
    }

    /// Asks the keyring whether it answers; nothing is unlocked.
    pub(in crate::tui::runtime) fn check_keyring(&mut self) {
        let events = self.teller();
        let told = |result| vec![Message::KeyringChecked(result)];
        match self.runtime() {
            Ok(runtime) => {
                _ = runtime.spawn(async move {
                    events(told(check_keyring().await.map_err(|why| why.to_string())));
                });
            }
            Err(why) => events(told(Err(why.to_string()))),
        }
    }

    /// Reads all that is in the vault, which is open.
    pub(in crate::tui::runtime) fn read_vault(
        &mut self,
        id: TaskId,
        home: Home,
        chosen: bool,
        loose: Vec<Loose>,
        mut unreadable: Vec<Trouble>,
    ) {
        let (session, tell) = (Arc::clone(&self.session), self.teller());
        self.in_background(move || {
            let mut over = Vec::new();
            let opened = session.records().map(|Contents { records, unreadable: damaged }| {
                unreadable.extend(damaged.into_iter().map(Trouble::from));
                let records = records.into_iter().map(|(name, record)| {
                    let sets = record.generations.len();
                    let kept = kept(&session, &name, record);
                    over.extend((kept.old.len() < sets).then(|| name.clone()));
                    (name, kept)
                });
                OpenedVault { home, chosen, records: records.collect(), unreadable, loose }
            });
            let unopened = |error: VaultError| TaskOutcome::Unopened(Unopened { why: error.into(), unchosen: None });
            tell(vec![ended(id, opened.map_or_else(unopened, TaskOutcome::Opened))]);
            tidied(&session, over)
        });
    }

    /// Drops what time has ended of old token sets.
    pub(in crate::tui::runtime) fn tidy(&mut self, profiles: Vec<ProfileName>) {
        let session = Arc::clone(&self.session);
        self.in_background(move || tidied(&session, profiles));
    }

    /// Reads the record of a profile again.
    pub(in crate::tui::runtime) fn read_record(&mut self, profile: ProfileName) {
        let session = Arc::clone(&self.session);
        self.in_background(move || {
            let record = session.record(&profile).ok().flatten();
            let kept = record.map(|record| Box::new(kept(&session, &profile, record)));
            kept.into_iter().map(|kept| Message::RecordRead(profile.clone(), kept)).collect()
        });
    }

    /// Revokes the first token set of a demo's profile: what became of it comes with its record.
    pub(in crate::tui::runtime) fn revoke_first(&mut self, profile: Profile) {
        let (session, tell) = (Arc::clone(&self.session), self.teller());
        let Ok(runtime) = self.runtime() else { return };
        _ = runtime.spawn(async move {
            if session.revoke(&profile, Wanted::Generation(1), &NoInteraction).await.is_ok() {
                tell(records(&session));
            }
        });
    }

    /// Tries again to save what could not be saved.
    pub(in crate::tui::runtime) fn save(&mut self, profiles: Vec<ProfileName>) {
        let session = Arc::clone(&self.session);
        self.in_background(move || {
            session.retry();
            let unsaved = profiles.into_iter().map(|profile| {
                let why = session.unsaved(&profile);
                (profile, why)
            });
            vec![Message::Saved(unsaved.collect())]
        });
    }

    /// Looks for the keys of an online source in the vault.
    pub(in crate::tui::runtime) fn find_kept_keys(&mut self, id: TaskId, source: KeySource, profile: Option<Profile>) {
        let session = Arc::clone(&self.session);
        self.in_background(move || {
            vec![ended(id, TaskOutcome::KeptKeys(profile.and_then(|profile| session.kept_keys(&source, &profile))))]
        });
    }
}

/// Drops what time has ended; a vault that was locked meanwhile does it at its next opening.
fn tidied(session: &Session, profiles: Vec<ProfileName>) -> Vec<Message> {
    let refused = profiles.into_iter().filter_map(|profile| match session.tidy(&profile) {
        Ok(()) | Err(VaultError::Locked) => None,
        Err(why) => Some(Message::VaultRefused(profile, why.into())),
    });
    refused.collect()
}

/// All records: other processes change them, too.
pub(in crate::tui::runtime) fn records(session: &Session) -> Vec<Message> {
    let records = session.records().map(|contents| contents.records).unwrap_or_default().into_iter();
    let read = |(name, record)| {
        let kept = Box::new(kept(session, &name, record));
        Message::RecordRead(name, kept)
    };
    records.map(read).collect()
}
