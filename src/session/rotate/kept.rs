//! A run as it is kept: the plan as it was confirmed, and the receipt.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{
    event::Shell,
    plan::{Options, Plan, Row},
    receipt::{self, Receipt, shown},
    running::Running,
    step::Outcome,
};
use crate::{
    auth::{AuthError, rotation::Way},
    clock,
    profile::{Profile, ProfileName},
    session::Session,
    store::{
        StoreError,
        runs::{Run, RunId},
    },
    trouble::{Code, Trouble},
};

/// A plan as the run file has it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Kept {
    pub(super) started: receipt::At,
    pub(super) options: Options,
    pub(super) consent: bool,
    /// The way of each profile that has one.
    ways: Vec<(String, Way)>,
}

impl Kept {
    pub(super) fn of(plan: &Plan, consent: bool) -> Self {
        let ways = plan.rows.iter().filter_map(|row| Some((row.profile.name.to_string(), row.way?)));
        Self { started: receipt::At::of(clock::now()), options: plan.options.clone(), consent, ways: ways.collect() }
    }

    pub(super) fn way(&self, profile: &ProfileName) -> Option<Way> {
        self.ways.iter().find(|(name, _)| name == profile.as_str()).map(|(_, way)| *way)
    }
}

/// A run, in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunSummary {
    /// Its name.
    pub id: RunId,
    /// So many profiles it is about.
    pub profiles: usize,
    /// So many of them are not settled.
    pub left: usize,
    /// What came of those that are.
    pub totals: receipt::Totals,
    /// A process performs it right now.
    pub is_running: bool,
}

/// What was asked for cannot be done with the runs as they are.
pub(super) fn usage(what: impl Into<String>, hint: impl Into<String>) -> AuthError {
    AuthError::Setting(Trouble::new(what, hint).coded(Code::Usage))
}

/// The runs cannot be read or written.
pub(super) fn trouble(error: StoreError) -> AuthError {
    AuthError::Vault(Trouble::from(error))
}

impl Session {
    /// Performs a plan, and returns its receipt, which is kept with the run. `consent`: a person has confirmed that a second
    /// login may be needed.
    pub async fn rotate(&self, plan: Plan, consent: bool, shell: Arc<dyn Shell>) -> Result<Receipt, AuthError> {
        let started = clock::now();
        let names: Vec<_> = plan.rows.iter().map(|row| row.profile.name.clone()).collect();
        let id = RunId::new(started);
        let kept = Kept::of(&plan, consent);
        let held = self.vault.runs().begin(&id, &names, &kept).map_err(trouble)?;
        let run = Running::new(self.clone(), held, plan.options.clone(), consent, shell, plan.rows.len());
        let run = Arc::new(run);
        let mut reports = run.perform(plan.rows).await;
        in_order(&names, &mut reports);
        run.receipt(started, reports, 0)
    }

    /// The runs of rotations, the newest first.
    pub fn rotations(&self) -> Result<Vec<RunSummary>, AuthError> {
        let runs = self.vault.runs();
        let all = runs.list().map_err(trouble)?;
        let known = all.iter().filter_map(|id| runs.read(id).ok());
        let summary = |run: Run| RunSummary {
            profiles: run.profiles.len(),
            left: run.left().count(),
            totals: receipt::Totals::of(&reports(&run)),
            is_running: runs.is_held(&run.id),
            id: run.id,
        };
        Ok(known.map(summary).collect())
    }

    /// The receipt of a run, as far as it came.
    pub fn rotation_receipt(&self, run: &RunId) -> Result<Option<Receipt>, AuthError> {
        let text = self.vault.runs().receipt(run, "json").map_err(trouble)?;
        Ok(text.and_then(|text| serde_json::from_str(&text).ok()))
    }

    /// Keeps a receipt, for people and for programs.
    pub(super) fn keep(&self, run: &RunId, receipt: &Receipt) -> Result<(), AuthError> {
        let runs = self.vault.runs();
        runs.keep_receipt(run, "json", &receipt.json()).map_err(trouble)?;
        runs.keep_receipt(run, "md", &receipt.markdown()).map(|_| ()).map_err(trouble)
    }
}

pub(super) fn kept(run: &Run) -> Result<Kept, AuthError> {
    serde_json::from_value(run.plan.clone())
        .map_err(|_| usage(format!("the plan of run {} cannot be read", run.id), "it was written by another tokscope"))
}

/// What came of those that are settled.
pub(super) fn reports(run: &Run) -> Vec<receipt::Profile> {
    let settled = run.settled.iter().filter_map(|(_, report)| serde_json::from_value(report.clone()).ok());
    let mut reports: Vec<_> = settled.collect();
    in_order(&run.profiles, &mut reports);
    reports
}

/// As they were planned, whichever was settled first.
pub(super) fn in_order(names: &[ProfileName], reports: &mut [receipt::Profile]) {
    reports.sort_by_key(|report| names.iter().position(|name| name.as_str() == report.name));
}

impl receipt::Profile {
    /// Of which nothing was begun, or nothing came.
    pub(super) fn untouched(row: &Row, outcome: Outcome, reason: &str) -> Self {
        let profile = &row.profile;
        Self {
            name: profile.name.to_string(),
            environment: profile.environment.clone(),
            tags: profile.tags.clone(),
            provider: profile.provider.clone(),
            origin: row.origin.clone(),
            account: row.account.clone(),
            outcome,
            reason: Some(shown(reason)),
            way: None,
            kinship: None,
            recovered: false,
            alarms: Vec::new(),
            new: Vec::new(),
            old: Vec::new(),
            left_to_do: Vec::new(),
            elapsed_ms: 0,
        }
    }

    /// Of a profile that was removed.
    pub(super) fn gone(name: &ProfileName) -> Self {
        let (settings, tags) = (std::collections::BTreeMap::new(), Vec::new());
        let profile = Profile { name: name.clone(), provider: String::new(), settings, environment: None, tags };
        Self::untouched(&Row::bare(profile), Outcome::NotStarted, "the profile was removed")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reports_are_in_the_order_of_the_plan_whichever_was_settled_first() {
        let names = ["b", "a", "c"].map(|name| ProfileName::new(name).unwrap());
        let report = |name: &ProfileName| (name.clone(), serde_json::to_value(receipt::Profile::gone(name)).unwrap());
        let settled = vec![report(&names[2]), report(&names[0]), report(&names[1])];
        let (id, profiles) = (RunId::new(clock::now()), names.to_vec());
        let told = reports(&Run { id, profiles, plan: serde_json::Value::Null, settled });
        assert_eq!(told.iter().map(|report| report.name.as_str()).collect::<Vec<_>>(), ["b", "a", "c"]);
    }
}
