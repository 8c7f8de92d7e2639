//! The key of the vault on its way: what a search for it brings, and what is fetched past the lock.

use std::sync::Arc;

use crate::{
    session::{Location, Session},
    store::{
        holders::Holder,
        identity::{Home, IdentityError, UnlockedIdentity},
    },
    trouble::Trouble,
    tui::app::message::Unopened,
};

/// What the search for the key has brought.
#[derive(Debug)]
pub(super) struct FoundKey {
    pub(super) opened: UnlockedIdentity,
    /// This process counts as a holder until it is taken in, or dropped because nobody waits for it any more.
    pub(super) holder: Option<Arc<Holder>>,
}

/// The way past the lock for what needs nobody: where the key is fetched, and what it opens.
pub(super) struct KeyFetch {
    pub(super) folder: Location,
    pub(super) home: Home,
}

impl KeyFetch {
    /// Fetches the key, for as long as the value lives. From before it is here until then this process counts as a holder
    /// that finishes what it does.
    pub(super) async fn open(&self, session: &Session) -> Result<(Session, Holder), IdentityError> {
        let holder = self.folder.enter()?;
        holder.finishing();
        Ok((session.behind_lock(&self.folder, self.home).await?, holder))
    }
}

/// Why there is no key.
pub(super) fn unopened(error: IdentityError) -> Unopened {
    let unchosen = match &error {
        IdentityError::Unchosen(why) => Some(why.to_string()),
        _ => None,
    };
    let mut why = Trouble::from(error);
    if let Some(keyring) = &unchosen {
        why.what = format!("no place to save tokens yet: {keyring}");
    }
    Unopened { why, unchosen }
}
