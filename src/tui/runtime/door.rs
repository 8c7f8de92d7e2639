//! The door of the vault: its key comes in, and goes when the vault is locked.
//!
//! The key is looked for in the background; the loop takes it in, so that a lock and an opening never cross.

use std::{fmt, sync::Arc};

use super::{
    Event,
    key::{FoundKey, KeyFetch},
    tasks::Tasks,
};
use crate::{
    auth::TokenKind,
    clock::Timestamp,
    session::{Location, Session},
    store::{holders::Holder, identity::Home, vault::VaultError},
    trouble::Trouble,
    tui::app::{
        Model,
        message::{Loose, TaskId, Unopened},
    },
};

/// The vault, open.
pub(super) struct Entered {
    session: Session,
    home: Home,
    chosen: bool,
    /// Why what was kept in memory until now is not in it.
    left: Option<VaultError>,
    holder: Option<Arc<Holder>>,
}

impl fmt::Debug for Entered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Entered").field("home", &self.home).finish_non_exhaustive()
    }
}

/// The vault of a configuration folder, open or not.
pub(super) struct Door {
    pub(super) folder: Location,
    /// Where its key is, once it was open.
    home: Option<Home>,
    /// The tokens of no profile, encrypted while the vault is locked.
    loose: Vec<(String, TokenKind, Option<Timestamp>, Vec<u8>)>,
    /// Why `tokscope lock` does not reach this process.
    unreachable: Option<Trouble>,
}

impl Door {
    pub(super) fn new(folder: Location) -> Self {
        Self { folder, home: None, loose: Vec::new(), unreachable: None }
    }

    /// Before something comes that `tokscope lock` must reach: from now on others can tell us to drop it.
    pub(super) fn enter_holders(&mut self, model: &Model, tasks: &mut Tasks) {
        let in_memory = self.folder.asked == Some(Home::Memory);
        let holds = if in_memory { model.lends() } else { model.holds() };
        if !holds || tasks.holder.is_some() {
            return;
        }
        match self.folder.enter() {
            Ok(holder) => tasks.holder = Some(Arc::new(holder)),
            Err(error) => {
                self.unreachable = Some(Trouble::from(error).under("`tokscope lock` cannot reach this one"));
            }
        }
    }

    /// Nothing of it is here any more, but for what tasks still need that finish what they sent.
    pub(super) fn leave_holders(&mut self, model: &Model, tasks: &mut Tasks) {
        let holder = if model.holds() { None } else { tasks.holder.take() };
        holder.iter().for_each(|holder| holder.finishing());
    }

    /// Opens the vault with its key. The first time that needs files, which are waited for in the background: then
    /// [`Event::Entered`] tells. Afterwards it is done at once, so that a lock and an opening never cross.
    pub(super) fn open(
        &self,
        id: TaskId,
        key: FoundKey,
        session: &Arc<Session>,
        tasks: &mut Tasks,
    ) -> Option<Result<Box<Entered>, Unopened>> {
        let (folder, within) = (self.folder.clone(), Arc::clone(session));
        let FoundKey { opened, holder } = key;
        let (home, chosen) = (opened.home, opened.chosen);
        let needs_files = home != Home::Memory && !session.is_durable();
        let enter = move || match within.open(&folder, opened) {
            Ok((session, left)) => Ok(Box::new(Entered { session, home, chosen, left, holder })),
            Err(error) => Err(Unopened { why: error.into(), unchosen: None }),
        };
        if !needs_files {
            return Some(enter());
        }
        tasks.tell_later(move || Event::Entered(id, enter()));
        None
    }

    /// Takes the open vault in; what it holds is read in the background, and told as the end of the task.
    pub(super) fn take_in(&mut self, id: TaskId, entered: Entered, session: &mut Arc<Session>, tasks: &mut Tasks) {
        let Entered { session: opened, home, chosen, left, holder: _holder } = entered;
        *session = Arc::new(opened);
        tasks.session = Arc::clone(session);
        let mut trouble = Vec::new();
        if home != Home::Memory {
            self.home = Some(home);
            trouble.extend(self.unreachable.take());
        }
        trouble.extend(left.map(Trouble::from));
        let loose = self.loose.iter().filter_map(|(source, kind, expires_at, sealed)| {
            let raw = session.unseal(sealed)?;
            Some(Loose { source: source.clone(), kind: *kind, raw, expires_at: *expires_at })
        });
        tasks.read_vault(id, home, chosen, loose.collect(), trouble);
    }

    /// The way past the lock, while the vault is locked.
    pub(super) fn way(&self, session: &Session) -> Option<KeyFetch> {
        let home = self.home.filter(|_| session.is_locked())?;
        Some(KeyFetch { folder: self.folder.clone(), home })
    }

    /// The tokens of no profile are on screen again.
    pub(super) fn is_shown(&mut self) {
        self.loose.clear();
    }

    /// Drops the key; the tokens of no profile are encrypted first.
    pub(super) fn lock(&mut self, loose: Vec<Loose>, session: &Session) {
        if self.home.is_some() {
            let sealed =
                |Loose { source, kind, raw, expires_at }| Some((source, kind, expires_at, session.seal(&raw)?));
            self.loose.extend(loose.into_iter().filter_map(sealed));
            session.lock();
        }
    }
}
