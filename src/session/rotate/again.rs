//! What can be done with an old run: go on with it, try again what has survived it, give it up.

use std::sync::Arc;

use super::{
    event::{Event, Shell},
    evidence::{Judgement, Verdict},
    kept::{in_order, kept, reports, trouble, usage},
    plan::Row,
    receipt::{self, Life, Old, Receipt},
    running::Running,
    step::Outcome,
    turn::{Account, Turn, new_tokens},
};
use crate::{
    auth::{AuthError, TokenSet},
    clock,
    profile::{Profile, ProfileName},
    session::Session,
    store::{
        runs::RunId,
        vault::{Journal, Record, Step},
    },
};

impl Session {
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
            rows.push(self.row(profile, &kept.options, attended, Some(kept.way(&profile.name))).await?);
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
            let mut report = receipt::Profile::gone(name);
            running.settled(name, &mut report).await;
            all.push(report);
        }
        in_order(&run.profiles, &mut all);
        running.receipt(kept.started.0, all, resumed)
    }

    fn only_unfinished(&self) -> Result<RunId, AuthError> {
        let unfinished = self.vault.runs().unfinished().map_err(trouble)?;
        match &unfinished[..] {
            [only] => Ok(only.id.clone()),
            [] => Err(usage("no rotation is unfinished", "`tokscope rotate --list` shows all runs")),
            more => {
                let names: Vec<_> = more.iter().map(|run| run.id.to_string()).collect();
                Err(usage("more than one rotation is unfinished", format!("name one: {}", names.join(", "))))
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
        in_order(&run.profiles, &mut all);
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

    /// Tries again the old tokens of a run that were not dead at its end, by what needs no other request to be made good. Their
    /// texts are kept until they are dead.
    pub async fn recheck_rotation(
        &self,
        id: RunId,
        profiles: &[Profile],
        shell: Arc<dyn Shell>,
    ) -> Result<Receipt, AuthError> {
        let held = self.vault.runs().hold(&id).map_err(trouble)?;
        let run = self.vault.runs().read(&id).map_err(trouble)?;
        if run.left().next().is_some() {
            return Err(usage(
                format!("run {id} is not finished"),
                format!("`tokscope rotate --resume {id}` goes on with it"),
            ));
        }
        let kept = kept(&run)?;
        let resumed = self.rotation_receipt(&id)?.map_or(0, |before| before.resumed);
        let mut all = reports(&run);
        let running = Running::new(self.clone(), held, kept.options.clone(), false, shell, all.len());
        let running = Arc::new(running);
        let (run, profiles_left, resumable) = (id, all.len(), self.is_durable());
        running.shell.tell(Event::Planned { run, profiles: profiles_left, resumable });
        for report in &mut all {
            let profile = profiles.iter().find(|profile| profile.name.as_str() == report.name);
            let survives = report.old.iter().any(|old| old.verdict != Life::Dead);
            if let (Some(profile), true) = (profile, survives) {
                *report = self.recheck(&running, profile, report.clone()).await?;
            }
        }
        running.receipt(kept.started.0, all, resumed)
    }

    async fn recheck(
        &self,
        running: &Arc<Running>,
        profile: &Profile,
        before: receipt::Profile,
    ) -> Result<receipt::Profile, AuthError> {
        let record = self.vault.read(&profile.name)?.unwrap_or_default();
        let survivors = survivors(&record, &before);
        let row = self.survivors(profile, &record, &survivors).await?;
        let turn = Turn::new(Arc::clone(running), row, Some(survivors))?;
        Ok(turn.recheck(before, record.token_set).await)
    }
}

/// The old tokens of a report that are not dead, as far as their texts are kept.
fn survivors(record: &Record, report: &receipt::Profile) -> TokenSet {
    let wanted =
        |fingerprint: String| report.old.iter().any(|old| old.verdict != Life::Dead && old.fingerprint == fingerprint);
    let old = record.generations.iter().flat_map(|generation| &generation.tokens);
    let tokens = old.filter(|token| wanted(token.fingerprint.to_string())).filter_map(|token| token.issued());
    let current = record.token_set.iter().flat_map(|set| &set.tokens);
    let current = current.filter(|token| wanted(token.fingerprint().to_string())).cloned();
    let received_at = record.generations.last().map_or_else(clock::now, |generation| generation.received_at);
    TokenSet { tokens: tokens.chain(current).collect(), scope: None, account: None, received_at, remarks: Vec::new() }
}

impl receipt::Profile {
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
        let account = Account::of(journal);
        for token in journal.old_tokens() {
            let mut old = Old::new(token.kind, token.fingerprint().to_string(), &unknown, &[]);
            account.tell(&mut old, &mut self.alarms);
            self.old.push(old);
        }
        self
    }
}
