//! The door of the vault: its key comes in, and goes when the vault is locked.
//!
//! The key is looked for in the background; the loop takes it in, so that a lock and an opening never cross.

use std::{path::PathBuf, sync::Arc};

use super::{
    Event,
    jobs::{Jobs, Way},
};
use crate::{
    auth::TokenKind,
    clock::Timestamp,
    session::Session,
    store::{
        StoreError,
        holders::Holder,
        identity::{Home, Identity, IdentityError},
        vault::{self, Vault},
    },
    tui::app::{
        Message, Model,
        message::{JobId, Loose, Unopened, VaultRefusal},
    },
};

/// What the search for the key has brought.
#[derive(Debug)]
pub(super) struct Key {
    pub(super) home: Home,
    pub(super) identity: Identity,
    /// The home was chosen just now.
    pub(super) chosen: bool,
    /// This process counts as a holder until it is taken in, or dropped because nobody waits for it any more.
    pub(super) holder: Option<Arc<Holder>>,
}

/// The vault of a configuration folder, open or not.
pub(super) struct Door {
    pub(super) dir: PathBuf,
    /// The home that the command line or the environment names.
    pub(super) asked: Option<Home>,
    /// The vault with its files, once it was open, and where its key is.
    vault: Option<(Arc<Vault>, Home)>,
    /// The tokens of no profile, encrypted while the vault is locked.
    loose: Vec<(String, TokenKind, Option<Timestamp>, Vec<u8>)>,
    /// Why `tokscope lock` does not reach this process.
    unreachable: Option<VaultRefusal>,
}

impl Door {
    pub(super) fn new(dir: PathBuf, asked: Option<Home>) -> Self {
        Self { dir, asked, vault: None, loose: Vec::new(), unreachable: None }
    }

    /// Before something comes that `tokscope lock` must reach: from now on others can tell us to drop it.
    pub(super) fn enter_holders(&mut self, model: &Model, jobs: &mut Jobs) {
        let in_memory = self.asked == Some(Home::Memory);
        let holds = if in_memory { model.lends() } else { model.holds() };
        if !holds || jobs.holder.is_some() {
            return;
        }
        match Holder::enter(&vault::path(&self.dir)) {
            Ok(holder) => jobs.holder = Some(Arc::new(holder)),
            Err(error) => {
                let what = format!("`tokscope lock` cannot reach this one: {error}");
                self.unreachable = Some(VaultRefusal { what, hint: error.hint() });
            }
        }
    }

    /// Nothing of it is here any more, but for what jobs still need that finish what they sent.
    pub(super) fn leave_holders(&mut self, model: &Model, jobs: &mut Jobs) {
        let holder = if model.holds() { None } else { jobs.holder.take() };
        holder.iter().for_each(|holder| holder.finishing());
    }

    /// Opens the vault with its key; what it holds is read in the background, and told as [`Message::VaultOpened`].
    pub(super) fn open(&mut self, id: JobId, key: Key, session: &mut Arc<Session>, jobs: &mut Jobs) {
        let Key { home, identity, chosen, holder: _holder } = key;
        let mut trouble = Vec::new();
        if home != Home::Memory {
            match self.enter(home, identity, session, jobs) {
                Ok(more) => trouble = more,
                Err(error) => {
                    let unopened = Unopened { why: refusal(&error), unchosen: None };
                    return jobs.tell(Event::Message(Message::VaultOpened(id, Err(unopened))));
                }
            }
        }
        let loose = self.loose.iter().filter_map(|(source, kind, expires_at, sealed)| {
            let raw = session.vault.unseal(sealed).ok().flatten()?;
            Some(Loose { source: source.clone(), kind: *kind, raw, expires_at: *expires_at })
        });
        jobs.read_vault(id, home, chosen, loose.collect(), trouble);
    }

    fn enter(
        &mut self,
        home: Home,
        identity: Identity,
        session: &mut Arc<Session>,
        jobs: &mut Jobs,
    ) -> Result<Vec<VaultRefusal>, StoreError> {
        let vault = match &self.vault {
            Some((vault, _)) => {
                vault.unlock(identity);
                Arc::clone(vault)
            }
            None => Arc::new(Vault::open(&self.dir, identity)?.rescuing_in(vault::rescue::places())),
        };
        let mut trouble: Vec<_> = self.unreachable.take().into_iter().collect();
        if !session.vault.is_durable() {
            // What was kept in memory until now has a home.
            if let Err(error) = vault.take_over(&session.vault) {
                trouble.push(VaultRefusal { what: error.to_string(), hint: error.hint() });
            }
            *session = Arc::new(session.over(Arc::clone(&vault)));
            jobs.session = Arc::clone(session);
        }
        self.vault = Some((vault, home));
        Ok(trouble)
    }

    /// The way past the lock, while the vault is locked.
    pub(super) fn way(&self) -> Option<Way> {
        let (vault, home) = self.vault.as_ref().filter(|(vault, _)| vault.is_locked())?;
        Some(Way { dir: self.dir.clone(), asked: self.asked, home: *home, vault: Arc::clone(vault) })
    }

    /// The tokens of no profile are on screen again.
    pub(super) fn is_shown(&mut self) {
        self.loose.clear();
    }

    /// Drops the key; the tokens of no profile are encrypted first.
    pub(super) fn lock(&mut self, loose: Vec<Loose>) {
        let Some((vault, _)) = &self.vault else { return };
        let sealed = |Loose { source, kind, raw, expires_at }| Some((source, kind, expires_at, vault.seal(&raw).ok()?));
        self.loose.extend(loose.into_iter().filter_map(sealed));
        vault.lock();
    }
}

fn refusal(error: &StoreError) -> VaultRefusal {
    VaultRefusal { what: error.to_string(), hint: error.hint() }
}

/// Why there is no key.
pub(super) fn unopened(error: &IdentityError) -> Unopened {
    let (what, unchosen) = match error {
        IdentityError::Unchosen(why) => (format!("no place to save tokens yet: {why}"), Some(why.to_string())),
        error => (error.to_string(), None),
    };
    Unopened { why: VaultRefusal { what, hint: error.hint() }, unchosen }
}
