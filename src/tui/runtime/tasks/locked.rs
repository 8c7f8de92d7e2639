//! Renewals behind the lock: the key is fetched for one exchange, and dropped with all that it has opened.

use std::sync::Arc;

use super::{
    Tasks, survive,
    user::{User, tell},
};
use crate::{
    auth::AuthError,
    profile::Profile,
    secret::Fingerprint,
    session::{Location, Session},
    store::{
        holders::Holder,
        identity::{Home, IdentityError},
    },
    tui::{
        app::{
            Message, exchange,
            message::{Facts, Glimpse, Kept, TaskEvent, TaskId, TaskOutcome},
        },
        runtime::Event,
    },
};

/// The way past the lock for what needs nobody: where the key is fetched, and what it opens.
pub(in crate::tui::runtime) struct KeyFetch {
    pub(in crate::tui::runtime) folder: Location,
    pub(in crate::tui::runtime) home: Home,
}

impl KeyFetch {
    /// Fetches the key, for as long as the value lives. From before it is here until then this process counts as a holder
    /// that finishes what it does.
    async fn open(&self, session: &Session) -> Result<(Session, Holder), IdentityError> {
        let holder = self.folder.enter()?;
        holder.finishing();
        Ok((session.behind_lock(&self.folder, self.home).await?, holder))
    }
}

impl Tasks {
    /// Renews tokens behind the lock: the key is fetched for it, and dropped with all that it has opened before this tells of
    /// the end. What comes to light is when the new tokens end.
    pub(in crate::tui::runtime) fn renew(
        &mut self,
        id: TaskId,
        profile: Profile,
        generation: Fingerprint,
        way: KeyFetch,
    ) {
        let session = Arc::clone(&self.session);
        self.begin(id, true, false, |user| async move {
            let renewed = survive(renew(&session, &profile, generation, &way, &user)).await;
            tell(&user.events, id, TaskEvent::Ended(renewed.map(TaskOutcome::Glimpse)));
        });
    }
}

async fn renew(
    session: &Session,
    profile: &Profile,
    generation: Fingerprint,
    way: &KeyFetch,
    user: &User,
) -> Result<Glimpse, AuthError> {
    let (session, holder) = way.open(session).await.map_err(|error| AuthError::Vault(error.into()))?;
    let renewed = session.refresh(profile, Some(generation), user).await;
    if let Ok(condition) = session.condition(&profile.name) {
        let facts = Facts { condition, ..Facts::default() };
        let kept = Box::new(Kept { facts, ..Kept::default() });
        let _ = user.events.send(Event::Message(Message::RecordRead(profile.name.clone(), kept)));
    }
    let skew = session.exchange(&profile.name).as_ref().and_then(exchange::skew).unwrap_or_default();
    let glimpse = renewed.map(|set| Glimpse::of(&profile.name, &set, skew));
    drop((session, holder));
    glimpse
}
