//! The turns of a run: as many at once as was asked for.

use std::sync::Arc;

use tokio::task::JoinSet;

use super::{
    event::Event,
    plan::Row,
    receipt,
    running::{Awaited, Running},
    step::Outcome,
    turn::Turn,
};
use crate::{
    auth::{AuthError, TokenSet},
    store::vault::Journal,
};

impl Running {
    /// Performs the turns of these rows. What the program's end has cut short is missing.
    pub(super) async fn perform(self: &Arc<Self>, rows: Vec<Row>) -> Vec<receipt::Profile> {
        let resumable = self.session.is_durable();
        let (run, profiles) = (self.id.clone(), rows.len());
        self.shell.tell(Event::Planned { run, profiles, resumable });
        let mut turns = JoinSet::new();
        for row in rows {
            let run = Arc::clone(self);
            turns.spawn(async move { run.turn(row).await });
        }
        let mut reports = Vec::new();
        while let Some(ended) = turns.join_next().await {
            match ended {
                Ok(report) => reports.extend(report),
                Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
                Err(_) => {}
            }
        }
        reports
    }

    async fn turn(self: Arc<Self>, row: Row) -> Option<receipt::Profile> {
        let awaited = self.options.panic.then(|| (Awaited::ending(&self), Awaited::obtaining(&self)));
        let name = row.profile.name.clone();
        let record = match self.session.vault.read(&name) {
            Ok(record) => record.unwrap_or_default(),
            // It may be one whose rotation is open.
            Err(error) => return Some(self.not_started(&row, &AuthError::from(error))),
        };
        let journal = record.rotation.clone().filter(|journal| journal.run == self.id);
        // It was settled, and its line in the run was lost.
        let settled: Option<receipt::Profile> =
            journal.as_ref().and_then(|journal| serde_json::from_str(journal.settled.as_deref()?).ok());
        if let Some(mut report) = settled {
            self.settled(&name, &mut report).await;
            return Some(report);
        }
        let is_outdated = record.token_set.as_ref().and_then(TokenSet::generation) != row.generation;
        let row = if is_outdated && journal.is_none() { self.planned_again(&row).await } else { row };
        let old = match &journal {
            Some(journal) => journal.old.as_ref().map(|old| old.token_set.clone()),
            None => record.token_set.clone(),
        };
        let is_open = journal.as_ref().is_some_and(Journal::is_open);
        match Turn::new(Arc::clone(&self), row.clone(), old) {
            Ok(mut turn) => {
                turn.awaited(awaited);
                if let Some(journal) = journal.filter(Journal::is_open) {
                    turn.take_up(&journal, &record).await;
                    turn.recall(&journal);
                }
                turn.perform().await
            }
            Err(error) => {
                let mut report = self.not_started(&row, &error);
                if !is_open {
                    self.settled(&name, &mut report).await;
                }
                Some(report)
            }
        }
    }

    /// Nothing can be done for a profile: it is read-only, or its settings are wrong.
    fn not_started(&self, row: &Row, error: &AuthError) -> receipt::Profile {
        let report = receipt::Profile::untouched(row, Outcome::NotStarted, &error.to_string());
        let (profile, reason) = (row.profile.name.clone(), report.reason.clone());
        self.shell.tell(Event::Settled { profile, outcome: Outcome::NotStarted, reason });
        report
    }

    /// The profile has other tokens than when the plan was made.
    async fn planned_again(&self, row: &Row) -> Row {
        let attended = self.shell.user(&row.profile.name).is_attended();
        let again = self.session.row(&row.profile, &self.options, attended, None).await;
        again.unwrap_or_else(|_| row.clone())
    }
}
