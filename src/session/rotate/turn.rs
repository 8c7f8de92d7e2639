//! One profile's turn in a run: performs what [`step`] says, and writes down before it sends what must not be repeated.

mod account;
mod call;
mod end;
mod obtain;
mod prove;
mod recheck;
mod report;
mod resume;

use std::{collections::HashMap, sync::Arc};

use chrono::TimeDelta;
use tokio::sync::OwnedSemaphorePermit;

use self::call::Published;
pub(super) use self::{account::Account, report::new_tokens};
use super::{
    event::{Event, Stage, Waiting},
    evidence::{APART, By, Clock, Control, Subject},
    plan::{Planned, Row},
    receipt::{At, Profile, SentEnding},
    running::{Awaited, Running},
    step::{self, Cancelled, Check, New, Next, OldToken, Situation},
};
use crate::{
    auth::{
        AuthError, IssuedToken, TokenKind, TokenSet,
        rotation::{Ending, Rotation, Tried},
    },
    clock::{self, Timestamp},
    profile::ProfileName,
    session::{Caller, Session},
    store::vault::{Journal, Record, VaultError},
};

/// One profile's turn.
pub(super) struct Turn {
    run: Arc<Running>,
    row: Row,
    call: Caller,
    origin: String,
    rotation: &'static Rotation,
    /// The old session, and its tokens in the order of the situation's.
    old: Option<TokenSet>,
    tokens: Vec<IssuedToken>,
    new: Option<TokenSet>,
    /// What the last replay has brought: it was ended, and no one else has it.
    brought: Option<TokenSet>,
    obtained_at: Option<Timestamp>,
    now: Situation,
    /// The rotation is written down in the record.
    journaled: bool,
    /// What was sent to end each of the tokens.
    endings: Vec<Vec<SentEnding>>,
    /// What calls say to a made-up token.
    made_up: HashMap<(By, TokenKind), Control>,
    /// By what the new session is tried.
    control_by: By,
    /// The server has called the new refresh token active.
    refresh_is_active: bool,
    /// In panic: others wait for the endings of this one …
    unended: Option<Awaited>,
    /// … and for its new session.
    unobtained: Option<Awaited>,
    reason: Option<String>,
    alarms: Vec<String>,
    left_to_do: Vec<String>,
    has_recovered: bool,
    started: Timestamp,
    /// What issuers publish of themselves: asked for once.
    published: Published,
    /// How far waiting has come ahead of a clock that was put back.
    shift: TimeDelta,
}

impl Turn {
    /// A turn for a profile whose old session is this.
    pub(super) fn new(run: Arc<Running>, row: Row, old: Option<TokenSet>) -> Result<Self, AuthError> {
        let call = run.session.call(&row.profile)?;
        // What the user does with the profile meanwhile is not what a receipt tells.
        let call = Caller { http: Arc::new(call.http.apart()), ..call };
        let rotation = &call.provider.descriptor().rotation;
        let tokens: Vec<_> = old.iter().flat_map(TokenSet::in_order_of_ending).cloned().collect();
        let fresh = |token: &IssuedToken| {
            let planned = row.tokens.iter().find(|planned| planned.fingerprint == token.fingerprint());
            let end = old.as_ref().and_then(|set| end_of(set, token));
            old_token(token, end, planned, rotation)
        };
        let options = &run.options;
        let now = Situation {
            way: row.way,
            consent: run.consent,
            panic: options.panic,
            revoke: options.revoke,
            cancelled: Cancelled::No,
            new: New::Pending,
            control: Check::Due,
            passed: false,
            old_works: None,
            restored: false,
            recovered: false,
            observed: false,
            begun: false,
            tokens: tokens.iter().map(fresh).collect(),
            clock: Clock { now: clock::now(), skew: None },
            prove_for: options.proving(),
        };
        let endings = vec![Vec::new(); tokens.len()];
        let origin = call.settings.server().unwrap_or_default();
        Ok(Self {
            origin,
            rotation,
            old,
            tokens,
            new: None,
            brought: None,
            obtained_at: None,
            now,
            journaled: false,
            endings,
            made_up: HashMap::new(),
            control_by: By::Use,
            refresh_is_active: false,
            unended: None,
            unobtained: None,
            reason: None,
            alarms: Vec::new(),
            left_to_do: Vec::new(),
            has_recovered: false,
            started: clock::now(),
            published: Published::default(),
            shift: TimeDelta::zero(),
            run,
            row,
            call,
        })
    }

    /// Performs the turn to its end; `None`: the program ends before it, and a resumed run goes on.
    pub(super) async fn perform(mut self) -> Option<Profile> {
        let _slot = if self.row.asks() { None } else { self.slot().await };
        self.started = clock::now();
        self.tell(|profile| Event::Started { profile });
        loop {
            if self.run.session.is_leaving() {
                return None;
            }
            self.now.cancelled = self.now.cancelled.max(*self.run.shell.cancelled().borrow());
            self.now.clock.now = self.time();
            match step::next(&self.now) {
                Next::Observe(all) => self.observe(all).await,
                Next::Obtain(way) => {
                    self.all_have_ended().await;
                    self.obtain(way).await;
                }
                Next::Control => self.control().await,
                Next::TryOld => self.try_old().await,
                Next::End(place, hint) => self.end(place, hint).await,
                Next::UseUp(place) => self.use_up(place).await,
                Next::Recover => self.recover().await,
                Next::Restore(ends_new) => self.restore(ends_new).await,
                Next::Prove(all) => {
                    self.all_have_obtained().await;
                    self.stage(Stage::Proving);
                    for (place, by) in all {
                        self.prove(place, by).await;
                    }
                }
                Next::Wait(until) => self.wait(until).await,
                Next::Settle(outcome) => return Some(self.settle(outcome).await),
            }
        }
    }

    /// Its place among those that are under way; none where the user wants no more.
    async fn slot(&self) -> Option<OwnedSemaphorePermit> {
        if let Some(slot) = self.run.free_slot() {
            return Some(slot);
        }
        self.wait_for(Waiting::Slot, None);
        self.unless(Cancelled::Begin, Arc::clone(&self.run).slot()).await
    }

    /// Waits, unless the user wants so little.
    async fn unless<T>(&self, level: Cancelled, work: impl Future<Output = T>) -> Option<T> {
        let mut cancelled = self.run.shell.cancelled();
        tokio::select! { biased;
            Ok(_) = cancelled.wait_for(|now| *now >= level) => None,
            done = work => Some(done),
        }
    }

    /// In panic, others wait for this one.
    pub(super) fn awaited(&mut self, awaited: Option<(Awaited, Awaited)>) {
        (self.unended, self.unobtained) = awaited.unzip();
    }

    /// In panic, no one logs in before all have ended what they can.
    async fn all_have_ended(&mut self) {
        if self.unended.take().is_some() {
            let left = &mut self.run.unended.subscribe();
            let _ = left.wait_for(|left| *left == 0).await;
        }
    }

    /// In panic, who has no new session proves by those of the others.
    async fn all_have_obtained(&mut self) {
        drop(self.unended.take());
        if self.unobtained.take().is_some() && !matches!(self.now.new, New::Here(_)) {
            let left = &mut self.run.unobtained.subscribe();
            let _ = self.unless(Cancelled::Prove, left.wait_for(|left| *left == 0)).await;
        }
    }

    async fn wait(&mut self, until: Timestamp) {
        let pause = (until - self.time()).max(TimeDelta::zero());
        if pause > APART {
            self.wait_for(Waiting::Propagation, Some(until));
        }
        let next = if self.now.cancelled == Cancelled::No { Cancelled::Begin } else { Cancelled::Prove };
        if self.unless(next, self.run.sleep(pause)).await.is_none() {
            return;
        }
        self.shift = self.shift.max(until - clock::now());
    }

    fn time(&self) -> Timestamp {
        clock::now() + self.shift
    }

    fn at(&self) -> At {
        At::of(self.time())
    }

    fn session(&self) -> &Session {
        &self.run.session
    }

    fn tell(&self, event: impl FnOnce(ProfileName) -> Event) {
        self.run.shell.tell(event(self.row.profile.name.clone()));
    }

    fn stage(&self, stage: Stage) {
        self.tell(|profile| Event::Step { profile, stage });
    }

    fn wait_for(&self, what: Waiting, until: Option<Timestamp>) {
        self.tell(|profile| Event::Waiting { profile, what, until });
    }

    /// Changes the record, on disk before this returns. Where it cannot be written, nothing was changed.
    async fn write<T: Send + 'static>(
        &self,
        change: impl FnOnce(&mut Record) -> T + Send + 'static,
    ) -> Result<T, VaultError> {
        let (session, name, run) = (self.session().clone(), self.row.profile.name.clone(), self.run.id.clone());
        // Many write at once: so they share the wait for the disk.
        let write = move || {
            let mut entry = session.vault.hold_noting_now(&name)?;
            entry.record.admits(&name, Some(&run))?;
            let done = change(&mut entry.record);
            entry.save().map(|()| done)
        };
        tokio::task::spawn_blocking(write).await.unwrap_or_else(|_| Err(VaultError::Locked))
    }

    /// Changes the journal, which begins with that.
    async fn note<T: Send + 'static>(
        &mut self,
        change: impl FnOnce(&mut Journal) -> T + Send + 'static,
    ) -> Result<T, VaultError> {
        let (run, way, kinship) = (self.run.id.clone(), self.now.way, self.row.kinship);
        let so_far = Some(self.account());
        let here = if let New::Here(kinship) = self.now.new { Some(kinship) } else { None };
        let noted = self.write(move |record| {
            if record.open_rotation().is_none() {
                record.begin_rotation(run, way, kinship);
            }
            let journal = record.rotation.as_mut().expect("it was begun");
            journal.so_far = so_far;
            // That of the first new session: another login may follow.
            if journal.attempts.recover == 0 {
                journal.kinship = here.or(journal.kinship);
            }
            change(journal)
        });
        let noted = noted.await?;
        self.journaled = true;
        Ok(noted)
    }

    /// Where tokens are tried: what the service's own API refuses is dead there.
    fn is_own(&self) -> bool {
        self.rotation.tried(&self.call.settings) == Tried::OwnApi
    }
}

/// What is known of an old token before anything is sent.
fn old_token(
    token: &IssuedToken,
    expires_at: Option<Timestamp>,
    planned: Option<&Planned>,
    rotation: &Rotation,
) -> OldToken {
    let subject = Subject {
        kind: token.kind,
        signed: token.is_signed(),
        expires_at,
        renewed_at: None,
        ended_at: None,
        untried: None,
    };
    let tests = planned.iter().flat_map(|planned| planned.tests.iter().copied());
    OldToken {
        subject,
        ending: planned.map_or(Ending::None, |planned| planned.ending),
        ended: 0,
        answered: false,
        replays: 0,
        replay: rotation.replay,
        brought: false,
        tests: tests.filter(|by| *by != By::Replay).collect(),
        seen: Vec::new(),
    }
}

/// When a token ends: the later one of what it says and what the server said.
pub(super) fn end_of(set: &TokenSet, token: &IssuedToken) -> Option<Timestamp> {
    set.lifetime(token).expires_at.max(token.expires_at)
}

/// The token that goes to an API.
fn access(set: Option<&TokenSet>) -> Option<&IssuedToken> {
    let set = set?;
    set.token(TokenKind::Access).or_else(|| set.token(TokenKind::Unknown))
}
