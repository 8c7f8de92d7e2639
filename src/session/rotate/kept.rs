//! What is kept of runs: the plan as it was confirmed, the receipts, and what can be done with an old run.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{
    event::Shell,
    evidence::{Judgement, Verdict},
    plan::{Options, Plan, Row},
    receipt::{self, Old, Receipt, server_words},
    running::Running,
    step::Outcome,
    turn::new_tokens,
};
use crate::{
    auth::{AuthError, TokenSet, rotation::Way},
    clock,
    profile::{Profile, ProfileName},
    session::Session,
    store::{
        StoreError,
        runs::{Run, RunId},
        vault::{Journal, Step},
    },
    trouble::{Told as _, Trouble},
};

/// A plan as the run file has it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Kept {
    started: receipt::At,
    options: Options,
    consent: bool,
    /// The way of each profile that has one.
    ways: Vec<(String, Way)>,
}

impl Kept {
    pub(super) fn of(plan: &Plan, consent: bool) -> Self {
        let ways = plan.rows.iter().filter_map(|row| Some((row.profile.name.to_string(), row.way?)));
        Self { started: receipt::At(clock::now()), options: plan.options.clone(), consent, ways: ways.collect() }
    }

    fn way(&self, profile: &ProfileName) -> Option<Way> {
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
    /// A process performs it right now.
    pub is_running: bool,
}

pub(super) fn trouble(error: StoreError) -> AuthError {
    Trouble::new(error.line(), error.hint().unwrap_or_default()).into()
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
        reports.sort_by_key(|report| names.iter().position(|name| name.as_str() == report.name));
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

    /// Goes on with a run that was interrupted: the named one, or the only one. It needs no new confirmation: what is left is a part
    /// of it.
    pub async fn resume_rotation(
        &self,
        run: Option<RunId>,
        profiles: &[Profile],
        shell: Arc<dyn Shell>,
    ) -> Result<Receipt, AuthError> {
        let id = match run {
            Some(run) => run,
            None => self.only_unfinished()?,
        };
        let held = self.vault.runs().hold(&id).map_err(trouble)?;
        let run = self.vault.runs().read(&id).map_err(trouble)?;
        let kept = kept(&run)?;
        let before = self.rotation_receipt(&id)?;
        let resumed = before.map_or(0, |before| before.resumed) + 1;
        let left: Vec<_> = run.left().cloned().collect();
        let found: Vec<_> = profiles.iter().filter(|profile| left.contains(&profile.name)).cloned().collect();
        let attended = left.first().is_some_and(|name| shell.user(name).is_attended());
        let mut rows = Vec::new();
        for profile in &found {
            rows.push(self.row(profile, &kept.options, attended, kept.way(&profile.name)).await?);
        }
        let profiles = rows.len();
        let running = Running::new(self.clone(), held, kept.options.clone(), kept.consent, shell, profiles);
        let running = Arc::new(running);
        // That it was resumed is known, also where it is killed again.
        let settled = reports(&run);
        let mut so_far =
            Receipt::new(id.to_string(), kept.started.0, clock::now(), kept.options.clone(), settled.clone());
        so_far.resumed = resumed;
        self.keep(&id, &so_far)?;
        let mut all = settled;
        all.extend(running.perform(rows).await);
        for name in left.iter().filter(|name| !found.iter().any(|profile| profile.name == **name)) {
            let report = receipt::Profile::gone(name);
            running.settled(name, &report).await;
            all.push(report);
        }
        all.sort_by_key(|report| run.profiles.iter().position(|name| name.as_str() == report.name));
        running.receipt(kept.started.0, all, resumed)
    }

    fn only_unfinished(&self) -> Result<RunId, AuthError> {
        let unfinished = self.vault.runs().unfinished().map_err(trouble)?;
        match &unfinished[..] {
            [only] => Ok(only.id.clone()),
            [] => Err(AuthError::setting("no rotation is unfinished", "`tokscope rotate --list` shows all runs")),
            more => {
                let names: Vec<_> = more.iter().map(|run| run.id.to_string()).collect();
                Err(AuthError::setting(
                    "more than one rotation is unfinished",
                    format!("name one: {}", names.join(", ")),
                ))
            }
        }
    }

    /// Gives up a run that was interrupted: nothing is sent, its profiles may be used again, and what was not proven stays
    /// unknown.
    pub async fn abandon_rotation(&self, id: &RunId, profiles: &[Profile]) -> Result<Receipt, AuthError> {
        let held = self.vault.runs().hold(id).map_err(trouble)?;
        let run = self.vault.runs().read(id).map_err(trouble)?;
        let kept = kept(&run)?;
        let resumed = self.rotation_receipt(id)?.map_or(0, |before| before.resumed);
        let mut all = reports(&run);
        for name in run.left() {
            let profile = profiles.iter().find(|profile| profile.name == *name);
            let report = self.abandoned(id, name, profile)?;
            held.settle(name, &report).map_err(trouble)?;
            all.push(report);
        }
        all.sort_by_key(|report| run.profiles.iter().position(|name| name.as_str() == report.name));
        let mut receipt = Receipt::new(id.to_string(), kept.started.0, clock::now(), kept.options, all);
        receipt.resumed = resumed;
        self.keep(id, &receipt)?;
        Ok(receipt)
    }

    fn abandoned(
        &self,
        id: &RunId,
        name: &ProfileName,
        profile: Option<&Profile>,
    ) -> Result<receipt::Profile, AuthError> {
        let mut entry = self.vault.hold_noting_now(name)?;
        let Some(journal) = entry.record.rotation.clone().filter(|journal| journal.run == *id && journal.is_open())
        else {
            return Ok(match profile {
                Some(profile) => {
                    receipt::Profile::untouched(&Row::bare(profile.clone()), Outcome::NotStarted, "abandoned")
                }
                None => receipt::Profile::gone(name),
            });
        };
        let row = profile.map_or_else(
            || receipt::Profile::gone(name),
            |profile| receipt::Profile::untouched(&Row::bare(profile.clone()), Outcome::Failed, "abandoned"),
        );
        let report = row.abandoned(&journal, entry.record.token_set.as_ref());
        entry.record.settle(serde_json::to_string(&report).expect("a report has text keys only"));
        entry.save()?;
        Ok(report)
    }
}

fn kept(run: &Run) -> Result<Kept, AuthError> {
    serde_json::from_value(run.plan.clone()).map_err(|_| {
        AuthError::setting(format!("the plan of run {} cannot be read", run.id), "it was written by another tokscope")
    })
}

fn reports(run: &Run) -> Vec<receipt::Profile> {
    run.settled.iter().filter_map(|(_, report)| serde_json::from_value(report.clone()).ok()).collect()
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
            reason: Some(server_words(reason)),
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

    /// As far as a journal has come: the old tokens are unknown.
    fn abandoned(mut self, journal: &Journal, current: Option<&TokenSet>) -> Self {
        let has_new = journal.attempts.obtain > 0 && journal.step != Step::Obtaining;
        (self.way, self.kinship) = (journal.way, journal.kinship);
        if has_new {
            (self.outcome, self.reason) = (Outcome::Rotated, None);
            self.alarms.push("abandoned: nothing was proven of the old tokens".to_owned());
            self.new = current.map(new_tokens).unwrap_or_default();
        }
        let unknown = Judgement { verdict: Verdict::Unknown, by: None, why: "abandoned".to_owned() };
        let old =
            journal.old_tokens().map(|token| Old::new(token.kind, token.fingerprint().to_string(), &unknown, &[]));
        self.old = old.collect();
        self
    }

    /// Of a profile that was removed.
    fn gone(name: &ProfileName) -> Self {
        let (settings, tags) = (std::collections::BTreeMap::new(), Vec::new());
        let profile = Profile { name: name.clone(), provider: String::new(), settings, environment: None, tags };
        Self::untouched(&Row::bare(profile), Outcome::NotStarted, "the profile was removed")
    }
}
