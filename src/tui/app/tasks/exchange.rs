//! What comes of talking to a profile's server: how far it is, what it brought, why it failed.

mod revoked;

use std::collections::BTreeSet;

use chrono::TimeDelta;

use super::{End, State, Task};
use crate::{
    auth::{Acceptance, AuthError, ProbeVerdict, Progress, TokenKind, TokenSet},
    clock::{self, Timestamp},
    profile::ProfileName,
    text,
    token::lifetime::Lifetime,
    trouble::Trouble,
    tui::app::{
        Model, api,
        demand::Demand,
        exchange,
        message::{ApiRequest, Effect, Effects, TaskId, TaskOutcome, What},
        notices::Level,
        profiles::{FailedTask, Glimpse},
        renewal,
        tokens::Row,
        vault,
    },
};

pub(super) fn stepped(model: &mut Model, id: TaskId, step: Progress) -> Effects {
    let Some(task) = model.tasks.by_id_mut(id) else { return Effects::none() };
    let whose = task.who().cloned();
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
        Progress::Contacting(_) if polls => {
            task.demand.iter_mut().for_each(|demand| (demand.asked, demand.next) = (demand.asked + 1, None));
        }
        Progress::Pausing { until } => task.demand.iter_mut().for_each(|demand| demand.next = Some(until)),
        Progress::Contacting(whom) => {
            // A name stands alone, what something is called has an article.
            let the = if whom.contains(' ') { "the " } else { "" };
            step_is(format!("asking {the}{whom}"));
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
            task.step = Some("its response will be saved".to_owned());
            let noun = task.what.noun();
            let words = format!("The {noun} was already sent: its response will be saved when it arrives.");
            model.tell_about(whose.as_ref(), Level::Info, &words, None);
        }
    }
    Effects::none()
}

/// A step of one profile of a rotation: only what wants the user is shown, the rest is in its row.
pub(super) fn stepped_of(model: &mut Model, id: TaskId, profile: &ProfileName, step: Progress) -> Effects {
    let Some(task) = model.tasks.by_id_mut(id) else { return Effects::none() };
    let demands = matches!(step, Progress::OpenPage { .. } | Progress::DeviceCode { .. });
    if demands {
        task.asker = Some(profile.clone());
    }
    match step {
        Progress::Remark(words) => model.tell_about(Some(profile), Level::Info, &words, None),
        Progress::Finishing => {}
        step if demands || task.asker.as_ref() == Some(profile) && task.demand.is_some() => {
            return stepped(model, id, step);
        }
        _ => {}
    }
    Effects::none()
}

pub(super) fn ended(model: &mut Model, task: &Task, result: Result<TaskOutcome, AuthError>) -> Effects {
    let Some(profile) = &task.whose else { return Effects::none() };
    if let What::Call(request) = &task.what {
        return called(model, task, profile, request, result);
    }
    let end = match &result {
        Ok(_) => End::Succeeded,
        Err(AuthError::Cancelled) => End::Cancelled,
        Err(_) => End::Failed,
    };
    let mut effects = Effects::none();
    if end == End::Succeeded {
        model.profiles.row_mut(profile).into_iter().for_each(|row| row.failure = None);
    }
    match result {
        // The vault was locked since the task began: what it brought is saved, and stays unseen.
        Ok(TaskOutcome::TokenSet(set)) if model.vault.is_locked() => {
            let skew = model.profiles.row(profile).map_or(TimeDelta::zero(), |row| row.skew);
            effects = glimpsed(model, task, profile, Glimpse::of(profile, &set, skew));
        }
        Ok(TaskOutcome::TokenSet(set)) => arrived(model, task, profile, &set),
        Ok(TaskOutcome::Glimpse(glimpse)) => effects = glimpsed(model, task, profile, glimpse),
        Ok(TaskOutcome::Revoked(ended)) => revoked::tell(model, task, profile, &ended),
        Ok(TaskOutcome::Probed(verdict)) => probed(model, task, profile, &verdict),
        Ok(_) => {}
        Err(error) => failed(model, task, profile, &error),
    }
    super::count(model, task.group, end);
    effects
}

/// What an API answers says nothing of the session: the row stays as it is.
fn called(
    model: &mut Model,
    task: &Task,
    profile: &ProfileName,
    request: &ApiRequest,
    result: Result<TaskOutcome, AuthError>,
) -> Effects {
    match result {
        Ok(TaskOutcome::Called(status)) => return api::answered(model, profile, request, status),
        Ok(_) => {}
        Err(AuthError::Cancelled) => {
            let doubt = request.changes().then_some("the server may have acted on it");
            tell(model, task, Level::Info, &cancelled_words(&task.what), doubt);
        }
        Err(error) => complain(model, task, Level::Error, &error.into()),
    }
    Effects::none()
}

/// Tells what became of a task. Of one of many only the list of notices tells: the user gets one notice for all.
fn tell(model: &mut Model, task: &Task, severity: Level, words: &str, hint: Option<&str>) {
    match (&task.whose, model.tasks.group(task)) {
        (Some(profile), Some(_)) => model.note(profile, severity, words),
        (whose, _) => model.tell_about(whose.as_ref(), severity, words, hint),
    }
}

/// The same, with what to do by which command.
fn advise(model: &mut Model, task: &Task, severity: Level, words: &str, hint: &'static str) {
    match (&task.whose, model.tasks.group(task)) {
        (Some(profile), Some(_)) => model.note(profile, severity, words),
        (whose, _) => model.advise(whose.as_ref(), severity, words, hint),
    }
}

/// The profile has this token set now; what comes back is the access token's lifetime.
pub(in crate::tui::app) fn hold(model: &mut Model, profile: &ProfileName, set: &TokenSet) -> Lifetime {
    model.tokens.replace(profile, set);
    let skew = model.profiles.row(profile).map_or(TimeDelta::zero(), |row| row.skew);
    model.tokens.correct(profile, skew);
    let (lifetime, refresh) = lifetimes(model, profile);
    let opaque = |row: &Row| row.kind == TokenKind::Access && matches!(row.token.form(), crate::token::Form::Opaque);
    let opaque = model.tokens.of_profile(profile).any(|row| row.is_current_of(profile) && opaque(row));
    model.profiles.hold(profile, set, lifetime, refresh, opaque);
    lifetime
}

/// The profile's lifetimes follow those of its tokens.
pub(in crate::tui::app) fn measure(model: &mut Model, profile: &ProfileName) {
    let lifetimes = lifetimes(model, profile);
    if let Some(holding) = model.profiles.row_mut(profile).and_then(|row| row.holding.as_mut()) {
        (holding.lifetime, holding.refresh) = lifetimes;
    }
}

/// Of the access token, and of the refresh token, where there is one.
fn lifetimes(model: &Model, profile: &ProfileName) -> (Lifetime, Option<Lifetime>) {
    let rows = model.tokens.of_profile(profile).filter(|row| row.is_current_of(profile));
    let lifetimes: Vec<_> = rows.map(|row| (row.kind, row.lifetime)).collect();
    let of = |wanted| lifetimes.iter().find(|(kind, _)| *kind == wanted).map(|(_, lifetime)| *lifetime);
    let first = lifetimes.first().map(|(_, lifetime)| *lifetime);
    (of(TokenKind::Access).or(first).unwrap_or_default(), of(TokenKind::Refresh))
}

fn arrived(model: &mut Model, task: &Task, profile: &ProfileName, set: &TokenSet) {
    let scope = |model: &Model| model.profiles.row(profile)?.holding.as_ref()?.scope.clone();
    let before = scope(model);
    let lifetime = hold(model, profile, set);
    vault::came(model);
    let scope = Scope::compared(before.as_deref(), scope(model).as_deref());
    renewed(model, task, profile, lifetime, scope);
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
    renewed(model, task, profile, lifetime, Scope::Unknown);
    vault::bring_up(model, profile)
}

fn renewed(model: &mut Model, task: &Task, profile: &ProfileName, lifetime: Lifetime, scope: Scope) {
    renewal::succeeded(model, task, profile, &lifetime);
    let words = renewed_words(model, task, profile, lifetime, scope);
    if task.unasked && !task.is_given_up() {
        // Silent: it is in the log, and the row shows the new countdown.
        return model.note(profile, Level::Success, &words);
    }
    tell(model, task, Level::Success, &words, None);
}

/// `Logged in. Access for 1m 29s, refresh for 24h.`; `Refreshed. Access for 1m 29s; scopes unchanged.`
fn renewed_words(model: &Model, task: &Task, profile: &ProfileName, lifetime: Lifetime, scope: Scope) -> String {
    let left = |end: Timestamp| clock::span((end - model.now).max(TimeDelta::zero()));
    let access = match lifetime.expires_at {
        Some(end) => format!("Access for {}", left(end)),
        None => "Access without a given expiry".to_owned(),
    };
    let clock = model.profiles.row(profile).and_then(|row| exchange::skew_words(row.skew));
    let clock = clock.map(|skew| format!(" (server clock {skew})")).unwrap_or_default();
    if task.what == What::Refresh {
        let scopes = match scope {
            Scope::Same => "; scopes unchanged",
            Scope::Other => "; scopes changed",
            Scope::Unknown => "",
        };
        return format!("Refreshed. {access}{scopes}.{clock}");
    }
    let of_refresh = |row: &&Row| row.is_current_of(profile) && row.kind == TokenKind::Refresh;
    let refresh = model.tokens.rows().iter().find(of_refresh).and_then(|row| row.lifetime.expires_at);
    let refresh = refresh.map(|end| format!(", refresh for {}", left(end))).unwrap_or_default();
    format!("Logged in. {access}{refresh}.{clock}")
}

/// Whether the scopes are those of the tokens before.
#[derive(Debug, Clone, Copy)]
enum Scope {
    Same,
    Other,
    Unknown,
}

impl Scope {
    /// In whatever order the server names them.
    fn compared(before: Option<&str>, after: Option<&str>) -> Self {
        let words = |scope: &str| scope.split_whitespace().map(str::to_owned).collect::<BTreeSet<_>>();
        match (before.map(words), after.map(words)) {
            (Some(before), Some(after)) if before == after => Self::Same,
            (Some(_), Some(_)) => Self::Other,
            _ => Self::Unknown,
        }
    }
}

fn probed(model: &mut Model, task: &Task, profile: &ProfileName, verdict: &ProbeVerdict) {
    let detail = Some(verdict.detail.as_str()).filter(|detail| !detail.is_empty());
    let status = verdict.status;
    // Which one, where it is none of the current tokens.
    let of = old_of(model, task, profile);
    let (severity, words) = match (verdict.acceptance, &verdict.account) {
        (Acceptance::Accepted, Some(account)) => {
            (Level::Success, format!("accepted: the server says you are {account}."))
        }
        (Acceptance::Accepted, None) => (Level::Success, format!("accepted (HTTP {status}).")),
        (Acceptance::Rejected, _) => {
            (Level::Error, format!("refused with {status}: {}", detail.unwrap_or("no reason given")))
        }
        (Acceptance::Unclear, _) => {
            (Level::Warning, format!("unclear (HTTP {status}): {}", detail.unwrap_or("no reason given")))
        }
    };
    let words = text::capitalized(&of.iter().fold(words, |words, of| format!("{of}: {words}")));
    match verdict.acceptance {
        Acceptance::Rejected if of.is_some() => tell(model, task, severity, &words, None),
        Acceptance::Rejected => advise(model, task, severity, &words, "{key:refresh} refreshes"),
        Acceptance::Unclear => tell(model, task, severity, &words, None),
        Acceptance::Accepted => tell(model, task, severity, &words, detail),
    }
    model.notices.last_is_private();
    let all = match (verdict.acceptance, detail) {
        (Acceptance::Accepted, Some(detail)) => format!("{words} {detail}"),
        _ => words,
    };
    if let Some(row) = model.profiles.row_mut(profile) {
        row.probed = Some(text::visible(&all).into_owned());
    }
}

/// `generation 1, access 2b565178`, where that was tried.
fn old_of(model: &Model, task: &Task, profile: &ProfileName) -> Option<String> {
    let What::Probe(Some(print)) = task.what else { return None };
    let sets = &model.profiles.row(profile)?.old;
    let set = sets.iter().find_map(|set| Some((set, set.tokens.iter().find(|token| token.fingerprint == print)?)));
    set.map(|(set, token)| format!("generation {}, {} {print}", set.number, token.kind))
}

fn failed(model: &mut Model, task: &Task, profile: &ProfileName, error: &AuthError) {
    let trouble = Trouble::from(error.clone());
    if *error == AuthError::Cancelled && task.locked_out {
        // Nothing was sent: it may begin again behind the lock.
        return renewal::locked_out(model, profile);
    }
    if *error == AuthError::Cancelled {
        if task.what == What::Refresh {
            renewal::cancelled(model, profile);
        }
        return tell(model, task, Level::Info, &cancelled_words(&task.what), None);
    }
    if task.what == What::Refresh {
        renewal::failed(model, profile, error);
    }
    if task.unasked {
        return failed_unasked(model, task, profile, trouble);
    }
    complain(model, task, Level::Error, &trouble);
    fail(model, &task.what, profile, &trouble);
}

/// A refresh that nobody asked for has failed: where there will be another one, it is no more than a warning.
fn failed_unasked(model: &mut Model, task: &Task, profile: &ProfileName, mut trouble: Trouble) {
    model.notices.settle(profile);
    let Some(row) = model.profiles.row(profile) else { return };
    let (plan, next) = (renewal::plan(model, row), renewal::lasting_words(model, row));
    let stopped = matches!(plan, renewal::Plan::Stopped(_));
    // Behind the lock the row is all that there is to see.
    if stopped || model.vault.is_locked() {
        fail(model, &task.what, profile, &trouble);
    }
    if !stopped {
        trouble.hint = Some(next);
    }
    let severity = if stopped { Level::Error } else { Level::Warning };
    complain(model, task, severity, &trouble.under("auto-refresh"));
}

/// `Refresh cancelled.`
pub(super) fn cancelled_words(what: &What) -> String {
    format!("{} cancelled.", text::capitalized(what.noun()))
}

/// What did not work; of one of many only the log tells.
fn complain(model: &mut Model, task: &Task, severity: Level, trouble: &Trouble) {
    match (&task.whose, model.tasks.group(task)) {
        (Some(profile), Some(_)) => model.note_trouble(profile, severity, trouble),
        (whose, _) => model.complain(whose.as_ref(), severity, trouble),
    }
}

/// The row keeps it until something succeeds.
fn fail(model: &mut Model, what: &What, profile: &ProfileName, trouble: &Trouble) {
    let (noun, at) = (what.noun(), model.now);
    if let Some(row) = model.profiles.row_mut(profile) {
        let visible = |text: &str| text::visible(text).into_owned();
        let (text, means, hint) =
            (visible(&trouble.what), trouble.means.as_deref().map(visible), trouble.to_do().map(visible));
        row.failure = Some(FailedTask { noun, at, text, means, hint });
    }
}
