//! What all turns of a run share.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use chrono::TimeDelta;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

use super::{
    event::{Event, Shell},
    gate::Gates,
    plan::Options,
    receipt::{self, Receipt, shown},
    step::Cancelled,
};
use crate::{
    auth::{AuthError, IssuedToken, TokenKind},
    clock::{self, Timestamp},
    profile::ProfileName,
    session::Session,
    store::{
        runs::{HeldRun, RunId},
        vault::IssuedBy,
    },
};

/// So many turns are under way for each request that may be: the others of them wait for time to pass.
const TURNS_PER_REQUEST: usize = 8;

/// What all turns of a run share.
pub(super) struct Running {
    pub(super) session: Session,
    pub(super) id: RunId,
    pub(super) options: Options,
    pub(super) consent: bool,
    pub(super) shell: Arc<dyn Shell>,
    pub(super) gates: Gates,
    /// Persons are asked one at a time.
    pub(super) persons: Semaphore,
    /// In panic: so many turns have tokens to end yet.
    pub(super) unended: watch::Sender<usize>,
    /// In panic: so many turns have not come to a new session yet, or to the end of their search.
    pub(super) unobtained: watch::Sender<usize>,
    /// Live tokens: the control for profiles that have none.
    live: Mutex<HashMap<Place, IssuedToken>>,
    turns: Arc<Semaphore>,
    held: Arc<HeldRun>,
}

/// Where a live token of one profile tells as much as one of another.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) enum Place {
    /// An API that takes both.
    Call(String),
    /// What a server says of tokens of a kind to a client: of another client's it may know nothing.
    Said(TokenKind, IssuedBy),
}

/// A turn for which others wait, until this is dropped.
pub(super) struct Awaited(Arc<Running>, fn(&Running) -> &watch::Sender<usize>);

impl Awaited {
    /// It has tokens to end yet.
    pub(super) fn ending(run: &Arc<Running>) -> Self {
        Self(Arc::clone(run), |run| &run.unended)
    }

    /// It has no new session yet.
    pub(super) fn obtaining(run: &Arc<Running>) -> Self {
        Self(Arc::clone(run), |run| &run.unobtained)
    }
}

impl Drop for Awaited {
    fn drop(&mut self) {
        (self.1)(&self.0).send_modify(|left| *left = left.saturating_sub(1));
    }
}

impl Running {
    pub(super) fn new(
        session: Session,
        held: HeldRun,
        options: Options,
        consent: bool,
        shell: Arc<dyn Shell>,
        profiles: usize,
    ) -> Self {
        let at_once = usize::try_from(options.parallel).unwrap_or(usize::MAX).clamp(1, 1_000);
        // In panic, all begin at once.
        let turns = if options.panic { profiles.max(1) } else { at_once * TURNS_PER_REQUEST };
        Self {
            session,
            id: held.id().clone(),
            gates: Gates::new(at_once),
            persons: Semaphore::new(1),
            unended: watch::Sender::new(if options.panic { profiles } else { 0 }),
            unobtained: watch::Sender::new(if options.panic { profiles } else { 0 }),
            live: Mutex::default(),
            turns: Arc::new(Semaphore::new(turns)),
            held: Arc::new(held),
            options,
            consent,
            shell,
        }
    }

    /// That this token is accepted there.
    pub(super) fn accepted(&self, place: Place, token: &IssuedToken) {
        self.live.lock().unwrap_or_else(PoisonError::into_inner).insert(place, token.clone());
    }

    /// A token that is accepted there.
    pub(super) fn live(&self, place: &Place) -> Option<IssuedToken> {
        self.live.lock().unwrap_or_else(PoisonError::into_inner).get(place).cloned()
    }

    pub(super) fn is_cancelled(&self) -> bool {
        *self.shell.cancelled().borrow() != Cancelled::No
    }

    pub(super) fn free_slot(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.turns).try_acquire_owned().ok()
    }

    pub(super) async fn slot(self: Arc<Self>) -> OwnedSemaphorePermit {
        Arc::clone(&self.turns).acquire_owned().await.expect("it is never closed")
    }

    /// Lets time pass. In tests it is only said to have passed: a turn goes by what it has waited for.
    pub(super) async fn sleep(&self, pause: TimeDelta) {
        if cfg!(test) {
            return tokio::task::yield_now().await;
        }
        tokio::time::sleep(pause.to_std().unwrap_or_default()).await;
    }

    /// Notes in the run what came of a profile. Where that does not work, a resumed run does it, and its report says so.
    pub(super) async fn settled(&self, profile: &ProfileName, report: &mut receipt::Profile) {
        let (held, name, line) = (Arc::clone(&self.held), profile.clone(), report.clone());
        let settled = tokio::task::spawn_blocking(move || held.settle(&name, &line)).await;
        if let Ok(Err(error)) = settled {
            let run = &self.id;
            report
                .alarms
                .push(format!("the end of the rotation is not in its run ({error}): `tokscope rotate --resume {run}`"));
        }
    }

    /// The receipt of what was done, which is kept.
    pub(super) fn receipt(
        &self,
        started: Timestamp,
        reports: Vec<receipt::Profile>,
        resumed: u32,
    ) -> Result<Receipt, AuthError> {
        let mut receipt = Receipt::new(self.id.to_string(), started, clock::now(), self.options.clone(), reports);
        receipt.resumed = resumed;
        // What was done is told, whatever the disk takes.
        receipt.unkept = self.session.keep(&self.id, &receipt).err().map(|error| shown(&error.to_string()));
        self.shell.tell(Event::Total(receipt.totals));
        Ok(receipt)
    }
}
