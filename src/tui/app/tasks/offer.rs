//! What the keys of tasks mean for what a command acts on.

use super::Task;
use crate::{
    session::Wanted,
    store::vault::{Evidence, Generation, OldToken},
    tui::app::{
        Model,
        keymap::Action,
        message::{TaskId, What},
        mode::{self, Question},
        profiles::ProfileRow,
        rotation,
        target::{
            self,
            plan::{self, Bulk},
        },
        tokens::{Old, Row, old},
    },
};

/// What leaving its question does to a task: of a rotation the profile that asks is skipped, and the others go on.
pub(in crate::tui::app) fn give_up(model: &Model, id: TaskId) -> Action {
    let rotates = model.tasks.by_id(id).is_some_and(|task| task.what.is_rotation());
    if rotates { Action::Rotate(rotation::Step::Skip) } else { Action::Cancel(id) }
}

/// Why this cannot be done for a profile now. A change of the profile is no obstacle: what comes after it waits for it.
pub(in crate::tui::app) fn obstacle(model: &Model, row: &ProfileRow, what: &What) -> Option<&'static str> {
    let Some(descriptor) = row.descriptor else { return Some("unknown provider") };
    let can = descriptor.capabilities;
    let holding = row.holding.as_ref().filter(|holding| !holding.revoked);
    let (able, never) = match what {
        What::Login => (can.login, "no login in this system"),
        What::Refresh => (can.refresh, "no refresh in this system"),
        What::Revoke(_) => (can.revoke, "no revocation in this system"),
        What::Probe(_) => (can.probe, "no probe in this system"),
        _ => (false, ""),
    };
    let possible = match what {
        What::Refresh => holding.is_some() || model.vault.is_locked(),
        What::Revoke(Wanted::Current) => holding.is_some(),
        What::Revoke(Wanted::All) => holding.is_some() || !row.old.is_empty(),
        What::Probe(None) => row.holding.is_some(),
        _ => true,
    };
    let old = match what {
        What::Revoke(Wanted::Generation(number)) => old_set(row, |set| set.number == *number, |_| true),
        What::Probe(Some(token)) => {
            let of = |old: &OldToken| old.fingerprint == *token;
            let is_current = || !row.old.iter().any(|set| set.tokens.iter().any(of));
            if is_current() { None } else { old_set(row, |set| set.tokens.iter().any(of), of) }
        }
        _ => None,
    };
    let running = || model.tasks.told_of(&row.profile.name, model.now);
    let busy = || running().is_some_and(|task| !(task.unasked && task.is_queued()));
    match () {
        () if !able => Some(never),
        () if !possible => Some("no tokens"),
        () if old.is_some() => old,
        () if row.facts.condition.rotating.is_some() || model.rotation.covers(&row.profile.name) => {
            Some("is being rotated")
        }
        () if busy() => Some("busy"),
        () => None,
    }
}

/// Why nothing can be asked of an old set, or of one token of it.
fn old_set(
    row: &ProfileRow,
    is: impl Fn(&Generation) -> bool,
    meant: impl Fn(&OldToken) -> bool,
) -> Option<&'static str> {
    let Some(set) = row.old.iter().find(|set| is(set)) else { return Some("no longer kept") };
    let refused = |token: &OldToken| row.facts.evidence.get(&token.fingerprint).and_then(Evidence::proof).is_some();
    let mut kept = set.tokens.iter().filter(|token| meant(token) && token.raw.is_some());
    match kept.next() {
        None => Some("only its fingerprint and expiry are kept"),
        Some(first) if refused(first) && kept.all(refused) => Some("dead: the server refused it after revocation"),
        Some(_) => None,
    }
}

/// For one profile at once or after a question, for more through a plan.
fn offer(model: &Model, what: What, bulk: Bulk) -> Option<Action> {
    match (old::meant(model), &what) {
        (Some(Ok((row, old))), What::Probe(_) | What::Revoke(_)) => return of_old(model, row, old, &what),
        (Some(Err(old::Several)), What::Probe(_) | What::Revoke(_)) => {
            return plan::offer(model, bulk).or_else(|| {
                let (row, old) = old::only_set(model)?;
                of_old(model, row, old, &what)
            });
        }
        _ => {}
    }
    let [one] = *target::profiles(model).ok()? else { return plan::offer(model, bulk) };
    let row = model.profiles.rows.get(one).filter(|row| obstacle(model, row, &what).is_none())?;
    let name = row.profile.name.clone();
    Some(match what {
        What::Revoke(_) => mode::revocation(model, &name)?,
        what => Action::Start(what, name),
    })
}

/// The same for a token of a set that is not current any more, where its text is kept.
fn of_old(model: &Model, token: &Row, old: Old, what: &What) -> Option<Action> {
    let name = token.profile()?;
    let sets = Wanted::Generation(old.generation);
    let what = match what {
        What::Probe(_) => What::Probe(Some(token.fingerprint)),
        _ => What::Revoke(sets),
    };
    model.profiles.row(name).filter(|row| old.whole && obstacle(model, row, &what).is_none())?;
    match what {
        What::Revoke(_) if token.refused.is_some() => None,
        What::Revoke(_) => Some(Action::Ask(Question::Revoke(name.clone(), sets))),
        what => Some(Action::Start(what, name.clone())),
    }
}

pub(in crate::tui::app) fn offer_login(model: &Model) -> Option<Action> {
    offer(model, What::Login, Bulk::LogIn)
}

pub(in crate::tui::app) fn offer_refresh(model: &Model) -> Option<Action> {
    offer(model, What::Refresh, Bulk::Refresh)
}

pub(in crate::tui::app) fn offer_probe(model: &Model) -> Option<Action> {
    offer(model, What::Probe(None), Bulk::Probe)
}

/// Whether the profile works: its token tells, or a login.
pub(in crate::tui::app) fn offer_test(model: &Model) -> Option<Action> {
    offer_probe(model).or_else(|| offer_login(model))
}

pub(in crate::tui::app) fn offer_revoke(model: &Model) -> Option<Action> {
    offer(model, What::Revoke(Wanted::All), Bulk::Revoke)
}

/// The task of the focused pane's profile, else the newest one. One that nobody asked for only where there is nothing else
/// that the key could be meant for; and none that waits for the vault, whose opening is what can be cancelled then.
pub(in crate::tui::app) fn offer_cancel(model: &Model) -> Option<Action> {
    let can =
        |task: &&Task| !task.is_given_up() && !(task.is_queued() && (task.unasked || model.tasks.opening().is_some()));
    let own = model.target().and_then(|row| model.tasks.of(&row.profile.name)).filter(can);
    let own = own.filter(|task| !task.unasked || model.notice_line().is_empty());
    own.or(model.tasks.exchanges().filter(can).rfind(|task| !task.unasked)).map(|task| Action::Cancel(task.id))
}
