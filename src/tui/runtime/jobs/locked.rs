//! Renewals behind the lock: the key is fetched for one exchange, and dropped with all that it has opened.

use std::{path::PathBuf, sync::Arc};

use tokio::sync::watch;

use super::{
    Job, Jobs, no_runtime, survive,
    user::{Answer, User, tell},
};
use crate::{
    auth::{AuthError, NoInteraction},
    profile::Profile,
    secret::Fingerprint,
    session::Session,
    store::{
        config,
        holders::Holder,
        identity::{self, Home, IdentityError, Keyring, Site},
        vault::{self, Vault},
    },
    tui::{
        app::{
            Message, exchange,
            message::{Facts, Glimpse, JobEvent, JobId, Kept, Outcome},
        },
        runtime::Event,
    },
};

/// The way past the lock for what needs nobody: where the key is fetched, and what it opens.
pub(in crate::tui::runtime) struct Way {
    pub(in crate::tui::runtime) dir: PathBuf,
    /// The home that the command line or the environment names, and the one that the key had when it was here.
    pub(in crate::tui::runtime) asked: Option<Home>,
    pub(in crate::tui::runtime) home: Home,
    pub(in crate::tui::runtime) vault: Arc<Vault>,
}

impl Way {
    /// Fetches the key, for as long as the value lives. From before it is here until then this process counts as a holder
    /// that finishes what it does.
    async fn open(&self) -> Result<(Vault, Holder), IdentityError> {
        let folder = vault::path(&self.dir);
        let holder = Holder::enter(&folder)?;
        holder.finishing();
        // It may have been moved since.
        let settled = config::load(&self.dir)?.vault.identity;
        let home = self.asked.or(settled).unwrap_or(self.home);
        let site = Site { folder: &folder, keyring: Keyring::default(), user: &NoInteraction, prompt: false };
        let identity = identity::existing(home, &site).await?;
        Ok((self.vault.opened_by(identity), holder))
    }
}

impl Jobs {
    /// Renews tokens behind the lock: the key is fetched for it, and dropped with all that it has opened before this tells of
    /// the end. What comes to light is when the new tokens end.
    pub(in crate::tui::runtime) fn renew(&mut self, id: JobId, profile: Profile, generation: Fingerprint, way: Way) {
        let (session, events) = (Arc::clone(&self.session), self.events.clone());
        let (give_up, given_up) = watch::channel(false);
        let answer = Arc::<Answer>::default();
        let user = User { id, events: events.clone(), answer: Arc::clone(&answer), is_there: false, given_up };
        let task = match self.runtime() {
            Ok(runtime) => runtime.spawn(async move {
                let renewed = survive(renew(&session, &profile, generation, &way, &user)).await;
                tell(&events, id, JobEvent::Ended(renewed.map(Outcome::Glimpse)));
            }),
            Err(error) => return tell(&events, id, JobEvent::Ended(Err(no_runtime(&error)))),
        };
        self.running.insert(id, Job { task: task.abort_handle(), answer, given_up: Some(give_up) });
    }
}

async fn renew(
    session: &Session,
    profile: &Profile,
    generation: Fingerprint,
    way: &Way,
    user: &User,
) -> Result<Glimpse, AuthError> {
    let no_key = |error: IdentityError| AuthError::Vault { what: error.to_string(), hint: error.hint() };
    let (vault, holder) = way.open().await.map_err(no_key)?;
    let session = session.behind_the_lock(vault);
    let renewed = session.refresh(profile, Some(generation), user).await;
    if let Ok(condition) = session.vault.condition(&profile.name) {
        let facts = Facts { condition, ..Facts::default() };
        let kept = Box::new(Kept { token_set: None, facts });
        let _ = user.events.send(Event::Message(Message::RecordRead(profile.name.clone(), kept)));
    }
    let skew = session.exchange(&profile.name).as_ref().and_then(exchange::skew).unwrap_or_default();
    let glimpse = renewed.map(|set| Glimpse::of(&profile.name, &set, skew));
    drop((session, holder));
    glimpse
}
