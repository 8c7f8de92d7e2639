//! Background jobs: one at a time for a profile. An event of an unknown job is ignored: one from before a lock may still talk.

mod job;

use chrono::TimeDelta;

pub(crate) use self::job::{Job, Jobs};

use super::{
    Model,
    demand::Demand,
    keymap::Action,
    message::{Effect, Effects, JobEvent, JobId, JobKind, Outcome},
    mode::Question,
    notices::Severity,
    page::Tone,
    profiles::{Failure, Glimpse},
    renewal, vault,
};
use crate::{
    auth::{Acceptance, AuthError, Fate, ProbeVerdict, Prompt, Revocation, Step, TokenKind, TokenSet},
    clock,
    profile::ProfileName,
    secret::Fingerprint,
    text,
    token::lifetime::Lifetime,
};

impl Model {
    /// The open question of a job or of the vault, and who asks.
    pub(crate) fn prompt(&self, id: JobId) -> Option<(&str, &Prompt)> {
        self.prompts().find(|(asking, ..)| *asking == id).map(|(_, who, prompt)| (who, prompt))
    }

    /// The first one that waits for an answer.
    pub(super) fn asking(&self) -> Option<JobId> {
        self.prompts().next().map(|(id, ..)| id)
    }

    pub(super) fn answered(&mut self, id: JobId) {
        self.jobs.running.iter_mut().filter(|job| job.id == id).for_each(|job| job.prompt = None);
        self.vault.opening.iter_mut().filter(|opening| opening.id == id).for_each(|opening| opening.prompt = None);
    }

    fn prompts(&self) -> impl Iterator<Item = (JobId, &str, &Prompt)> {
        let vault = self.vault.opening.iter();
        let vault = vault.filter_map(|opening| Some((opening.id, "vault", opening.prompt.as_ref()?)));
        let jobs = self.jobs.running.iter();
        vault.chain(jobs.filter_map(|job| Some((job.id, job.profile.as_str(), job.prompt.as_ref()?))))
    }
}

/// The action for the profile of the focused pane, if nothing runs for it and its system has such a call.
fn offer(model: &Model, kind: JobKind) -> Option<&ProfileName> {
    let row = model.target()?;
    let can = row.descriptor?.capabilities;
    let holding = row.holding.as_ref().filter(|holding| !holding.revoked);
    let possible = match kind {
        JobKind::Login => can.login,
        JobKind::Refresh => can.refresh && (holding.is_some() || model.vault.is_locked()),
        JobKind::Revoke => can.revoke && holding.is_some(),
        JobKind::Probe => can.probe && row.holding.is_some(),
    };
    (possible && model.jobs.of(&row.profile.name).is_none()).then_some(&row.profile.name)
}

pub(super) fn offer_login(model: &Model) -> Option<Action> {
    offer(model, JobKind::Login).map(|name| Action::Start(JobKind::Login, name.clone()))
}

pub(super) fn offer_refresh(model: &Model) -> Option<Action> {
    offer(model, JobKind::Refresh).map(|name| Action::Start(JobKind::Refresh, name.clone()))
}

pub(super) fn offer_probe(model: &Model) -> Option<Action> {
    offer(model, JobKind::Probe).map(|name| Action::Start(JobKind::Probe, name.clone()))
}

pub(super) fn offer_revoke(model: &Model) -> Option<Action> {
    offer(model, JobKind::Revoke).map(|name| Action::Ask(Question::Revoke(name.clone())))
}

/// The job of the focused pane's profile, else the newest one. One that nobody asked for only where there is nothing else
/// that the key could be meant for.
pub(super) fn offer_cancel(model: &Model) -> Option<Action> {
    let own = model.target().and_then(|row| model.jobs.of(&row.profile.name));
    let own = own.filter(|job| !job.given_up && (!job.unasked || model.notices.unread().next().is_none()));
    own.or(model.jobs.running.iter().rfind(|job| !job.given_up && !job.unasked)).map(|job| Action::Cancel(job.id))
}

pub(super) fn start(model: &mut Model, kind: JobKind, profile: ProfileName) -> Effects {
    if model.jobs.of(&profile).is_some() {
        return Effects::none();
    }
    if model.profiles.row(&profile).is_some_and(|row| row.changing) {
        model.tell_about(Some(&profile), Severity::Info, "the profile is being changed; try again in a moment", None);
        return Effects::none();
    }
    if let Some(effects) = vault::first(model, kind, &profile) {
        return effects;
    }
    model.notices.settle(&profile);
    if let Some(row) = model.profiles.row_mut(&profile) {
        row.failure = None;
    }
    begin(model, kind, profile, None)
}

/// Starts a refresh that nobody asked for: what was said about the profile stays until there is something new.
pub(super) fn start_unasked(model: &mut Model, profile: ProfileName) -> Effects {
    let holding = model.profiles.row(&profile).and_then(|row| row.holding.as_ref());
    match holding.and_then(|holding| holding.generation) {
        Some(generation) => begin(model, JobKind::Refresh, profile, Some(generation)),
        None => Effects::none(),
    }
}

fn begin(model: &mut Model, kind: JobKind, profile: ProfileName, unasked: Option<Fingerprint>) -> Effects {
    if matches!(kind, JobKind::Login | JobKind::Refresh) {
        renewal::started(model, &profile);
    }
    let id = model.jobs.fresh_id();
    let started = model.now;
    model.jobs.running.push(Job {
        id,
        kind,
        profile: profile.clone(),
        started,
        unasked: unasked.is_some(),
        step: None,
        prompt: None,
        demand: None,
        given_up: false,
        finishing: false,
        locked_out: false,
    });
    Effect::StartJob { id, kind, profile, unasked }.into()
}

pub(super) fn cancel(model: &mut Model, id: JobId) -> Effects {
    if let Some(effects) = vault::stop(model, id) {
        return effects;
    }
    let Some(job) = model.jobs.running.iter_mut().find(|job| job.id == id && !job.given_up) else {
        return Effects::none();
    };
    // The screen is free at once. How it ends, only the exchange itself knows: what was sent is finished.
    job.give_up();
    Effect::CancelJob(id).into()
}

/// The vault is locked: all are given up.
pub(super) fn lock_out(model: &mut Model) -> Vec<Effect> {
    let given_up = model.jobs.running.iter_mut().map(|job| {
        job.give_up();
        job.locked_out = true;
        Effect::CancelJob(job.id)
    });
    given_up.collect()
}

/// What a job is called.
pub(super) fn noun(kind: JobKind) -> &'static str {
    match kind {
        JobKind::Login => "login",
        JobKind::Refresh => "refresh",
        JobKind::Revoke => "revocation",
        JobKind::Probe => "probe",
    }
}

pub(super) fn event(model: &mut Model, id: JobId, event: JobEvent) -> Effects {
    let Some(job) = model.jobs.running.iter_mut().find(|job| job.id == id) else {
        if let JobEvent::Asked(prompt) = event {
            vault::asked(model, id, prompt);
        }
        return Effects::none();
    };
    match event {
        JobEvent::Stepped(step) => return stepped(model, id, step),
        JobEvent::Asked(_) if job.given_up => {}
        JobEvent::Asked(prompt) => job.prompt = Some(prompt),
        JobEvent::Ended(result) => {
            let job = model.jobs.take(id).expect("it was found above");
            match result {
                // The vault was locked since the job began: what it brought is saved, and stays unseen.
                Ok(Outcome::TokenSet(set)) if model.vault.is_locked() => {
                    let skew = model.profiles.row(&job.profile).map_or(TimeDelta::zero(), |row| row.skew);
                    return glimpsed(model, &job, Glimpse::of(&job.profile, &set, skew));
                }
                Ok(Outcome::TokenSet(set)) => arrived(model, &job, &set),
                Ok(Outcome::Glimpse(glimpse)) => return glimpsed(model, &job, glimpse),
                Ok(Outcome::Revoked(revocation)) => revoked(model, &job.profile, &revocation),
                Ok(Outcome::Probed(verdict)) => probed(model, &job.profile, &verdict),
                Err(error) => failed(model, &job, &error),
            }
        }
    }
    Effects::none()
}

fn stepped(model: &mut Model, id: JobId, step: Step) -> Effects {
    let Some(job) = model.jobs.running.iter_mut().find(|job| job.id == id) else { return Effects::none() };
    let profile = job.profile.clone();
    if job.given_up && !matches!(step, Step::Remark(_) | Step::Finishing) {
        return Effects::none();
    }
    // A device login asks again and again while its code waits to be typed in.
    let polls = job.demand.as_ref().is_some_and(|demand| demand.code.is_some());
    if let Some(demand) = Demand::of(&step) {
        job.demand = Some(demand);
    }
    let mut step_is = |text: String| job.step = Some(text::visible(&text).into_owned());
    match step {
        Step::Contacting(_) if polls => {}
        Step::Contacting(whom) => {
            step_is(format!("contacting {whom}"));
            // The page has done its part.
            job.demand = None;
        }
        Step::OpenPage { url } => {
            step_is("waiting for the browser".to_owned());
            return Effect::OpenPage { job: id, url }.into();
        }
        Step::DeviceCode { user_code, verification_uri, .. } => {
            step_is(format!("enter {user_code} at {verification_uri}"));
        }
        Step::Remark(words) => model.tell_about(Some(&profile), Severity::Info, &words, None),
        Step::Finishing => {
            job.finishing = true;
            job.step = Some("sent; the response will be saved".to_owned());
            let words = format!("the {} was already sent: its response will be saved when it arrives", noun(job.kind));
            model.tell_about(Some(&profile), Severity::Info, &words, None);
        }
    }
    Effects::none()
}

/// The profile has this token set now; what comes back is the access token's lifetime.
pub(super) fn hold(model: &mut Model, profile: &ProfileName, set: &TokenSet) -> Lifetime {
    model.tokens.replace(profile, set);
    let skew = model.profiles.row(profile).map_or(TimeDelta::zero(), |row| row.skew);
    model.tokens.correct(profile, skew);
    let lifetime = access_lifetime(model, profile);
    model.profiles.hold(profile, set, lifetime);
    lifetime
}

/// The profile's lifetime follows that of its tokens.
pub(super) fn measure(model: &mut Model, profile: &ProfileName) {
    let lifetime = access_lifetime(model, profile);
    if let Some(holding) = model.profiles.row_mut(profile).and_then(|row| row.holding.as_mut()) {
        holding.lifetime = lifetime;
    }
}

fn access_lifetime(model: &Model, profile: &ProfileName) -> Lifetime {
    let rows = model.tokens.rows().iter().filter(|row| row.profile() == Some(profile));
    let lifetimes: Vec<_> = rows.map(|row| (row.kind, row.lifetime)).collect();
    let access = lifetimes.iter().find(|(kind, _)| *kind == TokenKind::Access).or(lifetimes.first());
    access.map(|(_, lifetime)| *lifetime).unwrap_or_default()
}

fn arrived(model: &mut Model, job: &Job, set: &TokenSet) {
    let lifetime = hold(model, &job.profile, set);
    renewed(model, job, lifetime);
    if !job.unasked {
        for remark in &set.remarks {
            model.tell_about(Some(&job.profile), Severity::Info, remark, None);
        }
    }
}

/// The tokens were renewed, and stay behind the lock; where that was opened meanwhile, they are brought up.
fn glimpsed(model: &mut Model, job: &Job, glimpse: Glimpse) -> Effects {
    let lifetime = glimpse.lifetime();
    model.profiles.row_mut(&job.profile).into_iter().for_each(|row| row.glimpse(glimpse));
    renewed(model, job, lifetime);
    vault::bring_up(model, &job.profile)
}

fn renewed(model: &mut Model, job: &Job, lifetime: Lifetime) {
    renewal::succeeded(model, job, &lifetime);
    let done = if job.kind == JobKind::Refresh { "refreshed" } else { "logged in" };
    let until = match lifetime.expires_at {
        Some(end) => format!("{done}; the access token expires in {}", clock::span(end - model.now)),
        None => format!("{done}; no expiry given for the access token"),
    };
    if job.unasked && !job.given_up {
        model.notices.settle(&job.profile);
        model.profiles.row_mut(&job.profile).into_iter().for_each(|row| row.failure = None);
        // Silent: it is in the list of notices, and the row shows the new countdown.
        return model.note(&job.profile, Severity::Success, &until);
    }
    model.tell_about(Some(&job.profile), Severity::Success, &until, None);
}

fn revoked(model: &mut Model, profile: &ProfileName, revocation: &Revocation) {
    let fate = |(kind, fate): &(TokenKind, Fate)| match fate {
        Fate::Revoked => (Tone::Good, format!("{kind} token: revoked")),
        Fate::Alive(why) => (Tone::Warn, text::visible(&format!("{kind} token: still active: {why}")).into_owned()),
    };
    if let Some(row) = model.profiles.row_mut(profile) {
        row.fates = revocation.tokens.iter().map(fate).collect();
    }
    let mut alive = Vec::new();
    let mut dead = Vec::new();
    for (kind, fate) in &revocation.tokens {
        match fate {
            Fate::Revoked => {
                model.tokens.revoked(profile, *kind);
                dead.push(format!("the {kind} token"));
            }
            Fate::Alive(why) => alive.push(format!("the {kind} token is still active: {why}")),
        }
    }
    let access_dead = alive.is_empty();
    if let Some(holding) = model.profiles.row_mut(profile).and_then(|row| row.holding.as_mut()) {
        holding.revoked = access_dead;
    }
    if !dead.is_empty() {
        model.tell_about(Some(profile), Severity::Success, &format!("revoked {}", dead.join(" and ")), None);
    }
    for words in alive {
        model.tell_about(Some(profile), Severity::Warning, &words, None);
    }
}

fn probed(model: &mut Model, profile: &ProfileName, verdict: &ProbeVerdict) {
    let (severity, word) = match verdict.acceptance {
        Acceptance::Accepted => (Severity::Success, "accepted by the server"),
        Acceptance::Rejected => (Severity::Error, "rejected by the server"),
        Acceptance::Unclear => (Severity::Warning, "unclear: the response says nothing about the token"),
    };
    let account = verdict.account.as_ref().map(|account| format!(" as {account}")).unwrap_or_default();
    let words = format!("{word}{account} (HTTP {})", verdict.status);
    let hint = Some(verdict.detail.as_str()).filter(|detail| !detail.is_empty());
    model.tell_about(Some(profile), severity, &words, hint);
    model.notices.last_is_private();
    let all = hint.map_or_else(|| words.clone(), |hint| format!("{words}: {hint}"));
    if let Some(row) = model.profiles.row_mut(profile) {
        row.probed = Some(text::visible(&all).into_owned());
    }
}

fn failed(model: &mut Model, job: &Job, error: &AuthError) {
    let (words, hint) = (error.to_string(), error.hint());
    if *error == AuthError::Cancelled && job.locked_out {
        // Nothing was sent: it may begin again behind the lock.
        return renewal::locked_out(model, &job.profile);
    }
    if *error == AuthError::Cancelled {
        if job.kind == JobKind::Refresh {
            renewal::cancelled(model, &job.profile);
        }
        return model.tell_about(Some(&job.profile), Severity::Info, &format!("{} cancelled", noun(job.kind)), None);
    }
    if job.kind == JobKind::Refresh {
        renewal::failed(model, &job.profile, error);
    }
    if job.unasked {
        return failed_unasked(model, job, &words, hint.as_deref());
    }
    model.tell_about(Some(&job.profile), Severity::Error, &words, hint.as_deref());
    fail(model, job, &words, hint);
}

/// A refresh that nobody asked for has failed: where there will be another one, it is no more than a warning.
fn failed_unasked(model: &mut Model, job: &Job, words: &str, hint: Option<&str>) {
    model.notices.settle(&job.profile);
    let Some(row) = model.profiles.row(&job.profile) else { return };
    let (plan, next) = (renewal::plan(model, row), renewal::lasting_words(model, row));
    let stopped = matches!(plan, renewal::Plan::Stopped(_));
    // Behind the lock the row is all that there is to see.
    if stopped || model.vault.is_locked() {
        fail(model, job, words, hint.map(str::to_owned));
    }
    let words = format!("auto-refresh: {words}");
    match stopped {
        true => model.tell_about(Some(&job.profile), Severity::Error, &words, hint),
        false => model.tell_about(Some(&job.profile), Severity::Warning, &words, Some(&next)),
    }
}

fn fail(model: &mut Model, job: &Job, words: &str, hint: Option<String>) {
    let (kind, at) = (job.kind, model.now);
    if let Some(row) = model.profiles.row_mut(&job.profile) {
        let text = text::visible(words).into_owned();
        let hint = hint.map(|hint| text::visible(&hint).into_owned());
        row.failure = Some(Failure { kind, at, text, hint });
    }
}
