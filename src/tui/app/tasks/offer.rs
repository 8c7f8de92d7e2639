//! What the keys of tasks mean for the profile of the focused pane.

use super::Task;
use crate::{
    profile::ProfileName,
    session::Wanted,
    tui::app::{Model, keymap::Action, message::What, mode::Question},
};

/// The profile of the focused pane, if its system has such a call, and nobody has asked it for anything. A change of the profile is
/// no obstacle: what comes after it waits for it.
fn offer<'a>(model: &'a Model, what: &What) -> Option<&'a ProfileName> {
    let row = model.target()?;
    let can = row.descriptor?.capabilities;
    let holding = row.holding.as_ref().filter(|holding| !holding.revoked);
    let possible = match what {
        What::Login => can.login,
        What::Refresh => can.refresh && (holding.is_some() || model.vault.is_locked()),
        What::Revoke(_) => can.revoke && (holding.is_some() || !row.old.is_empty()),
        What::Probe(_) => can.probe && row.holding.is_some(),
        _ => false,
    };
    let busy = model.tasks.of(&row.profile.name).is_some_and(|task| !(task.unasked && task.is_queued()));
    (possible && !busy).then_some(&row.profile.name)
}

pub(in crate::tui::app) fn offer_login(model: &Model) -> Option<Action> {
    offer(model, &What::Login).map(|name| Action::Start(What::Login, name.clone()))
}

pub(in crate::tui::app) fn offer_refresh(model: &Model) -> Option<Action> {
    offer(model, &What::Refresh).map(|name| Action::Start(What::Refresh, name.clone()))
}

pub(in crate::tui::app) fn offer_probe(model: &Model) -> Option<Action> {
    offer(model, &What::Probe(None)).map(|name| Action::Start(What::Probe(None), name.clone()))
}

pub(in crate::tui::app) fn offer_revoke(model: &Model) -> Option<Action> {
    offer(model, &What::Revoke(Wanted::Current)).map(|name| Action::Ask(Question::Revoke(name.clone())))
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
