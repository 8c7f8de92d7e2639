//! What comes of talking to a profile's server: how far it is, what it brought, why it failed.

use chrono::TimeDelta;

use super::{End, State, Task};
use crate::{
    auth::{Acceptance, AuthError, Fate, ProbeVerdict, Progress, TokenKind, TokenSet},
    clock,
    profile::ProfileName,
    session::Ended,
    text,
    token::lifetime::Lifetime,
    tui::app::{
        Model,
        demand::Demand,
        message::{Effect, Effects, TaskId, TaskOutcome, What},
        notices::Level,
        page::Tone,
        profiles::{FailedTask, Glimpse},
        renewal, vault,
    },
};

pub(super) fn stepped(model: &mut Model, id: TaskId, step: Progress) -> Effects {
    let Some(task) = model.tasks.by_id_mut(id) else { return Effects::none() };
    let whose = task.whose.clone();
    if task.is_given_up() && !matches!(step, Progress::Remark(_) | Progress::Finishing) {
        return Effects::none();
    }
    // A device login asks again and again while its code waits to be typed in.
    let polls = task.demand.as_ref().is_some_and(|demand| demand.code.is_some());
    if let Some(demand) = Demand::of(&step) {
        task.demand = Some(demand);
    }
    let mut step_is = |text: String| task.step = Some(text::visible(&text).into_owned());
    match step {
        Progress::Contacting(_) if polls => {}
        Progress::Contacting(whom) => {
            step_is(format!("contacting {whom}"));
            // The page has done its part.
            task.demand = None;
        }
        Progress::OpenPage { url } => {
            step_is("waiting for the browser".to_owned());
            return Effect::OpenPage { task: id, url }.into();
        }
        Progress::DeviceCode { user_code, verification_uri, .. } => {
            step_is(format!("enter {user_code} at {verification_uri}"));
        }
        Progress::Remark(words) => model.tell_about(whose.as_ref(), Level::Info, &words, None),
        Progress::Finishing => {
            task.state = State::Finishing;
            task.step = Some("sent; the response will be saved".to_owned());
            let noun = task.what.noun();
            let words = format!("the {noun} was already sent: its response will be saved when it arrives");
            model.tell_about(whose.as_ref(), Level::Info, &words, None);
        }
    }
    Effects::none()
}

pub(super) fn ended(model: &mut Model, task: &Task, result: Result<TaskOutcome, AuthError>) -> Effects {
    let Some(profile) = &task.whose else { return Effects::none() };
    let end = match &result {
        Ok(_) => End::Succeeded,
        Err(AuthError::Cancelled) => End::Cancelled,
        Err(_) => End::Failed,
    };
    let mut effects = Effects::none();
    match result {
        // The vault was locked since the task began: what it brought is saved, and stays unseen.
        Ok(TaskOutcome::TokenSet(set)) if model.vault.is_locked() => {
            let skew = model.profiles.row(profile).map_or(TimeDelta::zero(), |row| row.skew);
            effects = glimpsed(model, task, profile, Glimpse::of(profile, &set, skew));
        }
        Ok(TaskOutcome::TokenSet(set)) => arrived(model, task, profile, &set),
        Ok(TaskOutcome::Glimpse(glimpse)) => effects = glimpsed(model, task, profile, glimpse),
        Ok(TaskOutcome::Revoked(ended)) => revoked(model, task, profile, &ended),
        Ok(TaskOutcome::Probed(verdict)) => probed(model, task, profile, &verdict),
        Ok(_) => {}
        Err(error) => failed(model, task, profile, &error),
    }
    super::count(model, task.group, end);
    effects
}

/// Tells what became of a task. Of one of many only the list of notices tells: the user gets one notice for all.
fn tell(model: &mut Model, task: &Task, severity: Level, words: &str, hint: Option<&str>) {
    match (&task.whose, model.tasks.group(task)) {
        (Some(profile), Some(_)) => model.note(profile, severity, words),
        (whose, _) => model.tell_about(whose.as_ref(), severity, words, hint),
    }
}

/// The profile has this token set now; what comes back is the access token's lifetime.
pub(in crate::tui::app) fn hold(model: &mut Model, profile: &ProfileName, set: &TokenSet) -> Lifetime {
    model.tokens.replace(profile, set);
    let skew = model.profiles.row(profile).map_or(TimeDelta::zero(), |row| row.skew);
    model.tokens.correct(profile, skew);
    let lifetime = access_lifetime(model, profile);
    model.profiles.hold(profile, set, lifetime);
    lifetime
}

/// The profile's lifetime follows that of its tokens.
pub(in crate::tui::app) fn measure(model: &mut Model, profile: &ProfileName) {
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

fn arrived(model: &mut Model, task: &Task, profile: &ProfileName, set: &TokenSet) {
    let lifetime = hold(model, profile, set);
    renewed(model, task, profile, lifetime);
    if !task.unasked {
        for remark in &set.remarks {
            tell(model, task, Level::Info, remark, None);
        }
    }
}

/// The tokens were renewed, and stay behind the lock; where that was opened meanwhile, they are brought up.
fn glimpsed(model: &mut Model, task: &Task, profile: &ProfileName, glimpse: Glimpse) -> Effects {
    let lifetime = glimpse.lifetime();
    model.profiles.row_mut(profile).into_iter().for_each(|row| row.glimpse(glimpse));
    renewed(model, task, profile, lifetime);
    vault::bring_up(model, profile)
}

fn renewed(model: &mut Model, task: &Task, profile: &ProfileName, lifetime: Lifetime) {
    renewal::succeeded(model, task, profile, &lifetime);
    let done = if task.what == What::Refresh { "refreshed" } else { "logged in" };
    let until = match lifetime.expires_at {
        Some(end) => format!("{done}; the access token expires in {}", clock::span(end - model.now)),
        None => format!("{done}; no expiry given for the access token"),
    };
    if task.unasked && !task.is_given_up() {
        model.notices.settle(profile);
        model.profiles.row_mut(profile).into_iter().for_each(|row| row.failure = None);
        // Silent: it is in the list of notices, and the row shows the new countdown.
        return model.note(profile, Level::Success, &until);
    }
    tell(model, task, Level::Success, &until, None);
}

/// A server that says yes was asked: that proves nothing. Whether the tokens are dead, the record tells, which is read again.
fn revoked(model: &mut Model, task: &Task, profile: &ProfileName, ended: &[Ended]) {
    let mut fates = Vec::new();
    for set in ended {
        let of = if set.is_current { String::new() } else { format!(" of generation {}", set.generation) };
        let (mut asked, mut alive) = (Vec::new(), Vec::new());
        for token in &set.tokens {
            let (kind, print) = (token.kind, token.fingerprint);
            match &token.fate {
                Fate::Asked(status) => {
                    asked.push(format!("{kind} {print}"));
                    let words = format!("{kind} token {print}{of}: the server was asked to revoke it (HTTP {status})");
                    fates.push((Tone::Good, words));
                }
                Fate::Alive(why) => {
                    let words = format!("{kind} token {print}{of}: still active: {why}");
                    fates.push((Tone::Warn, text::visible(&words).into_owned()));
                    alive.push(format!("the {kind} token{of} is still active: {why}"));
                }
            }
        }
        if !asked.is_empty() {
            let words = format!("asked the server to revoke {}{of}", asked.join(" and "));
            let hint = model.hint("that proves nothing yet: {key:probe} tries the token").into_owned();
            tell(model, task, Level::Success, &words, Some(&hint));
        }
        for words in alive {
            tell(model, task, Level::Warning, &words, None);
        }
    }
    if let Some(row) = model.profiles.row_mut(profile) {
        row.fates = fates;
    }
}

fn probed(model: &mut Model, task: &Task, profile: &ProfileName, verdict: &ProbeVerdict) {
    let (severity, word) = match verdict.acceptance {
        Acceptance::Accepted => (Level::Success, "accepted by the server"),
        Acceptance::Rejected => (Level::Error, "rejected by the server"),
        Acceptance::Unclear => (Level::Warning, "unclear: the response says nothing about the token"),
    };
    let account = verdict.account.as_ref().map(|account| format!(" as {account}")).unwrap_or_default();
    let words = format!("{word}{account} (HTTP {})", verdict.status);
    let hint = Some(verdict.detail.as_str()).filter(|detail| !detail.is_empty());
    tell(model, task, severity, &words, hint);
    model.notices.last_is_private();
    let all = hint.map_or_else(|| words.clone(), |hint| format!("{words}: {hint}"));
    if let Some(row) = model.profiles.row_mut(profile) {
        row.probed = Some(text::visible(&all).into_owned());
    }
}

fn failed(model: &mut Model, task: &Task, profile: &ProfileName, error: &AuthError) {
    let (words, hint) = (error.to_string(), error.hint());
    if *error == AuthError::Cancelled && task.locked_out {
        // Nothing was sent: it may begin again behind the lock.
        return renewal::locked_out(model, profile);
    }
    if *error == AuthError::Cancelled {
        if task.what == What::Refresh {
            renewal::cancelled(model, profile);
        }
        return tell(model, task, Level::Info, &format!("{} cancelled", task.what.noun()), None);
    }
    if task.what == What::Refresh {
        renewal::failed(model, profile, error);
    }
    if task.unasked {
        return failed_unasked(model, task, profile, &words, hint.as_deref());
    }
    tell(model, task, Level::Error, &words, hint.as_deref());
    fail(model, &task.what, profile, &words, hint);
}

/// A refresh that nobody asked for has failed: where there will be another one, it is no more than a warning.
fn failed_unasked(model: &mut Model, task: &Task, profile: &ProfileName, words: &str, hint: Option<&str>) {
    model.notices.settle(profile);
    let Some(row) = model.profiles.row(profile) else { return };
    let (plan, next) = (renewal::plan(model, row), renewal::lasting_words(model, row));
    let stopped = matches!(plan, renewal::Plan::Stopped(_));
    // Behind the lock the row is all that there is to see.
    if stopped || model.vault.is_locked() {
        fail(model, &task.what, profile, words, hint.map(str::to_owned));
    }
    let words = format!("auto-refresh: {words}");
    match stopped {
        true => tell(model, task, Level::Error, &words, hint),
        false => tell(model, task, Level::Warning, &words, Some(&next)),
    }
}

fn fail(model: &mut Model, what: &What, profile: &ProfileName, words: &str, hint: Option<String>) {
    let (noun, at) = (what.noun(), model.now);
    if let Some(row) = model.profiles.row_mut(profile) {
        let text = text::visible(words).into_owned();
        let hint = hint.map(|hint| text::visible(&hint).into_owned());
        row.failure = Some(FailedTask { noun, at, text, hint });
    }
}
