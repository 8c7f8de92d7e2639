//! A rotation that runs, or has ended: for each profile how far it is, and what is known of its old tokens.

use std::{collections::HashMap, sync::Arc};

use chrono::TimeDelta;

use crate::{
    auth::TokenKind,
    clock::Timestamp,
    http::Exchange,
    profile::ProfileName,
    session::{
        Verdict,
        rotate::{
            Event, Stage, Waiting,
            receipt::{self, Receipt},
            step::Outcome,
        },
    },
    store::runs::RunId,
    tui::app::message::{TaskId, What},
};

/// An old access token that ends so soon is no survivor to worry about: as for the exit code of `tokscope rotate`.
const MAX_SURVIVAL: TimeDelta = TimeDelta::hours(1);

/// All of it.
#[derive(Debug)]
pub(crate) struct Live {
    /// Performs it, while it runs.
    pub(super) task: Option<TaskId>,
    pub(super) run: Option<RunId>,
    pub(super) doing: Doing,
    pub(super) rows: Vec<LiveRow>,
    places: HashMap<ProfileName, usize>,
    /// So many profiles in all; of a resumed run not all of them have a row.
    pub(super) all: usize,
    /// So many of them are settled.
    pub(super) settled: usize,
    pub(super) began: Timestamp,
    pub(super) ended: Option<Timestamp>,
    /// How often it was asked to stop.
    pub(super) stops: u8,
    pub(super) resumable: bool,
    pub(super) receipt: Option<Box<Receipt>>,
}

/// What is done about a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Doing {
    Rotating,
    /// What was not dead at its end is tried again.
    Rechecking,
    Abandoning,
}

impl Doing {
    pub(super) fn of(what: &What) -> Self {
        match what {
            What::RecheckRotation(_) => Self::Rechecking,
            What::AbandonRotation(_) => Self::Abandoning,
            _ => Self::Rotating,
        }
    }
}

/// A profile of it.
#[derive(Debug)]
pub(super) struct LiveRow {
    pub(super) name: ProfileName,
    pub(super) phase: Phase,
    pub(super) began: Option<Timestamp>,
    pub(super) took: Option<TimeDelta>,
    /// What is known of its old tokens, and whether a call has accepted them.
    pub(super) verdicts: Vec<Known>,
    pub(super) reason: Option<String>,
    exchange: Option<Arc<Exchange>>,
}

/// An old token: its kind and fingerprint, its verdict, and whether a call has accepted it.
pub(super) type Known = (TokenKind, String, Verdict, bool);

/// How far a profile is.
#[derive(Debug, Clone, Copy)]
pub(super) enum Phase {
    Planned,
    Step(Stage),
    Waiting(Waiting, Option<Timestamp>),
    Settled(Outcome),
}

impl LiveRow {
    fn new(name: ProfileName) -> Self {
        let (phase, verdicts) = (Phase::Planned, Vec::new());
        Self { name, phase, began: None, took: None, verdicts, reason: None, exchange: None }
    }

    /// As the receipt has it.
    fn of(profile: &receipt::Profile) -> Option<Self> {
        let known = |old: &receipt::Old| {
            let (verdict, accepted) = old.judged();
            (old.kind, old.fingerprint.clone(), verdict, accepted)
        };
        Some(Self {
            name: ProfileName::new(profile.name.clone()).ok()?,
            phase: Phase::Settled(profile.outcome),
            began: None,
            took: Some(TimeDelta::milliseconds(profile.elapsed_ms)),
            verdicts: profile.old.iter().map(known).collect(),
            reason: profile.reason.clone(),
            exchange: None,
        })
    }

    fn judge(&mut self, kind: TokenKind, token: String, verdict: Verdict, accepted: bool) {
        match self.verdicts.iter_mut().find(|(_, known, ..)| *known == token) {
            Some(known) => (known.2, known.3) = (verdict, accepted),
            None => self.verdicts.push((kind, token, verdict, accepted)),
        }
    }

    /// The old tokens that are not dead. ID tokens grant nothing.
    pub(super) fn survivors(&self) -> impl Iterator<Item = &Known> {
        self.verdicts.iter().filter(|(kind, _, verdict, _)| *verdict != Verdict::Dead && *kind != TokenKind::Id)
    }

    pub(super) fn survives(&self) -> bool {
        self.survivors().next().is_some()
    }

    pub(super) fn outcome(&self) -> Option<Outcome> {
        if let Phase::Settled(outcome) = self.phase { Some(outcome) } else { None }
    }
}

impl Live {
    pub(super) fn new(task: TaskId, names: Vec<ProfileName>, began: Timestamp, resumable: bool) -> Self {
        let places = names.iter().enumerate().map(|(place, name)| (name.clone(), place)).collect();
        let all = names.len();
        Self {
            task: Some(task),
            run: None,
            doing: Doing::Rotating,
            rows: names.into_iter().map(LiveRow::new).collect(),
            places,
            all,
            settled: 0,
            began,
            ended: None,
            stops: 0,
            resumable,
            receipt: None,
        }
    }

    /// One that was cut off before: of so many profiles so many are left.
    pub(super) fn cut_off(run: RunId, all: usize, left: usize, now: Timestamp) -> Self {
        let live = Self::new(TaskId(0), Vec::new(), now, true);
        Self { task: None, run: Some(run), all, settled: all.saturating_sub(left), ended: Some(now), ..live }
    }

    /// Something more is done about it. Its rows stay until there is news of them.
    pub(super) fn again(&mut self, task: TaskId, doing: Doing, now: Timestamp) {
        (self.task, self.doing, self.began, self.ended) = (Some(task), doing, now, None);
        (self.stops, self.receipt) = (0, None);
    }

    /// Whether an old token was not dead at its end.
    pub(super) fn survives(&self) -> bool {
        self.receipt.is_some() && self.rows.iter().any(LiveRow::survives)
    }

    fn row_mut(&mut self, name: &ProfileName) -> &mut LiveRow {
        let place = *self.places.entry(name.clone()).or_insert(self.rows.len());
        if place == self.rows.len() {
            self.rows.push(LiveRow::new(name.clone()));
        }
        &mut self.rows[place]
    }

    pub(super) fn exchanged(&mut self, profile: &ProfileName, exchange: Exchange) {
        self.row_mut(profile).exchange = Some(Arc::new(exchange));
    }

    pub(super) fn exchange(&self, profile: &ProfileName) -> Option<&Arc<Exchange>> {
        self.rows[*self.places.get(profile)?].exchange.as_ref()
    }

    pub(super) fn lock(&mut self) {
        self.rows.iter_mut().for_each(|row| row.exchange = None);
    }

    /// Whether the profile is one of it and not settled.
    pub(super) fn covers(&self, profile: &ProfileName) -> bool {
        self.places.get(profile).is_some_and(|place| self.rows[*place].outcome().is_none())
    }

    /// How many are settled, and how many there are.
    pub(crate) fn counts(&self) -> (usize, usize) {
        (self.settled, self.all.max(self.rows.len()))
    }

    pub(super) fn take(&mut self, event: Event, now: Timestamp) {
        match event {
            Event::Planned { run, profiles, resumable } => {
                (self.run, self.all, self.resumable) = (Some(run), profiles, resumable);
                // What was settled before it was cut off is not counted.
                self.settled = self.settled.min(self.rows.len());
            }
            Event::Started { profile } => self.row_mut(&profile).began = Some(now),
            Event::Step { profile, stage } => self.row_mut(&profile).phase = Phase::Step(stage),
            Event::Waiting { profile, what, until } => {
                self.row_mut(&profile).phase = Phase::Waiting(what, until);
            }
            Event::Asked { profile } => self.row_mut(&profile).phase = Phase::Waiting(Waiting::Person, None),
            Event::Judged { profile, kind, token, verdict, accepted } => {
                self.row_mut(&profile).judge(kind, token.to_string(), verdict, accepted);
            }
            Event::Settled { profile, outcome, reason } => {
                let row = self.row_mut(&profile);
                let is_news = row.outcome().is_none();
                row.took = row.began.map(|began| (now - began).max(TimeDelta::zero()));
                (row.phase, row.reason) = (Phase::Settled(outcome), reason);
                self.settled += usize::from(is_news);
            }
            Event::Obtained { .. } | Event::Ended { .. } | Event::Total(_) => {}
        }
    }

    /// It has ended; whether nothing is left to worry about.
    pub(super) fn end(&mut self, receipt: Receipt, now: Timestamp) -> bool {
        (self.task, self.ended) = (None, Some(now));
        let exchanges: HashMap<_, _> = self.rows.drain(..).filter_map(|row| Some((row.name, row.exchange?))).collect();
        self.rows = receipt.profiles.iter().filter_map(LiveRow::of).collect();
        self.rows.iter_mut().for_each(|row| row.exchange = exchanges.get(&row.name).cloned());
        self.places = self.rows.iter().enumerate().map(|(place, row)| (row.name.clone(), place)).collect();
        (self.all, self.settled) = (self.rows.len(), self.rows.len());
        let clean = receipt.is_clean(MAX_SURVIVAL, now);
        self.receipt = Some(Box::new(receipt));
        clean
    }
}
