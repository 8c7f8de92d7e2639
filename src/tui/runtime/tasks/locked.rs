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
    session::Session,
    tui::{
        app::{
            Message, exchange,
            message::{Facts, Glimpse, Kept, TaskEvent, TaskId, TaskOutcome},
        },
        runtime::{Event, key::KeyFetch},
    },
};

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
