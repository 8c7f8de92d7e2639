//! What is known of a job while it runs.

use crate::{
    auth::Prompt,
    clock::Timestamp,
    profile::ProfileName,
    tui::app::{
        demand::Demand,
        message::{JobId, JobKind},
    },
};

/// A job that runs.
#[derive(Debug)]
pub(crate) struct Job {
    pub(crate) id: JobId,
    pub(crate) kind: JobKind,
    pub(crate) profile: ProfileName,
    pub(crate) started: Timestamp,
    /// Nobody asked for it: a refresh before the end.
    pub(crate) unasked: bool,
    /// How far it has come; sanitized.
    pub(crate) step: Option<String>,
    /// It waits for an answer.
    pub(crate) prompt: Option<Prompt>,
    /// It waits for the user to do something in a browser.
    pub(crate) demand: Option<Demand>,
    /// The user has given it up.
    pub(crate) given_up: bool,
    /// It was given up after something was sent: its answer is waited for.
    pub(crate) finishing: bool,
    /// It was given up because the vault was locked.
    pub(super) locked_out: bool,
}

impl Job {
    /// It waits for an answer, so nothing turns.
    pub(crate) fn waits(&self) -> bool {
        self.prompt.is_some()
    }

    pub(super) fn give_up(&mut self) {
        self.given_up = true;
        (self.prompt, self.demand, self.step) = (None, None, None);
    }

    /// `refreshing`.
    pub(crate) fn words(&self) -> &'static str {
        match self.kind {
            _ if self.finishing => "finishing",
            _ if self.given_up => "cancelling",
            _ if self.prompt.is_some() || self.demand.is_some() => "waiting for you",
            JobKind::Login => "logging in",
            JobKind::Refresh => "refreshing",
            JobKind::Revoke => "revoking",
            JobKind::Probe => "probing",
        }
    }
}

/// The jobs that run, oldest first.
#[derive(Debug, Default)]
pub(crate) struct Jobs {
    pub(crate) running: Vec<Job>,
    last: u64,
}

impl Jobs {
    /// The job of a profile.
    pub(crate) fn of(&self, profile: &ProfileName) -> Option<&Job> {
        self.running.iter().find(|job| &job.profile == profile)
    }

    /// An id that nothing has had.
    pub(in crate::tui::app) fn fresh_id(&mut self) -> JobId {
        self.last += 1;
        JobId(self.last)
    }

    pub(super) fn take(&mut self, id: JobId) -> Option<Job> {
        let at = self.running.iter().position(|job| job.id == id)?;
        Some(self.running.remove(at))
    }
}
