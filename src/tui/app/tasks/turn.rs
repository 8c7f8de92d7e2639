//! Whose turn it is.

use super::{AT_ONCE, End, State, Task, end};
use crate::tui::app::{
    Model,
    message::{Effect, Effects, TaskId, What},
    renewal,
};

/// Begins all whose turn has come.
pub(in crate::tui::app) fn launch(model: &mut Model) -> Effects {
    let mut effects = Effects::none();
    for unasked in [false, true] {
        let queued = |task: &&Task| task.is_queued() && task.unasked == unasked;
        let ids: Vec<_> = model.tasks.all.iter().filter(queued).map(|task| task.id).collect();
        for id in ids {
            match model.tasks.by_id(id) {
                Some(task) if is_moot(model, task) => _ = end(model, id, End::Cancelled),
                Some(task) if has_its_turn(model, task) => effects.0.extend(send(model, id)),
                _ => {}
            }
        }
    }
    effects
}

/// Its profile is gone, or there is nothing to renew any more.
fn is_moot(model: &Model, task: &Task) -> bool {
    let row = task.whose.as_ref().and_then(|name| model.profiles.row(name));
    task.what.is_exchange() && row.is_none_or(|row| task.unasked && !renewal::is_due(model, row))
}

fn has_its_turn(model: &Model, task: &Task) -> bool {
    let running = || model.tasks.all.iter().filter(|task| !task.is_queued());
    let free = running().all(|other| !other.what.is_exclusive() || other.whose != task.whose);
    if task.what.is_rotation() {
        return model.tasks.opening().is_none() && model.vault.is_open();
    }
    if !task.what.is_exchange() {
        return free || !task.what.is_exclusive();
    }
    let counts = |other: &&Task| other.what.is_exchange() && !other.waits() && (task.unasked || !other.unasked);
    // Tokens on their way from memory into the vault must not be renewed behind its back.
    let vault = model.tasks.opening().is_none() && (task.unasked || model.vault.is_open());
    free && vault && running().filter(counts).count() < AT_ONCE
}

fn send(model: &mut Model, id: TaskId) -> Option<Effect> {
    let now = model.now;
    let task = model.tasks.by_id_mut(id)?;
    (task.state, task.since) = (State::Running, now);
    let (what, whose, unasked) = (task.what.clone(), task.whose.clone(), task.unasked);
    let profile = whose.as_ref().filter(|_| what.is_exchange());
    if let Some(profile) = profile.filter(|_| matches!(what, What::Login | What::Refresh)) {
        renewal::started(model, profile);
    }
    let holding = profile.and_then(|name| model.profiles.row(name)?.holding.as_ref());
    let unasked = holding.filter(|_| unasked).and_then(|holding| holding.generation);
    Some(Effect::Start { id, what, whose, unasked })
}

/// The program ends: changes of profiles that wait for their turn wait no longer.
pub(in crate::tui::app) fn last_changes(model: &mut Model) -> Vec<Effect> {
    let queued = |task: &&Task| task.is_queued() && task.what.is_change();
    let ids: Vec<_> = model.tasks.all.iter().filter(queued).map(|task| task.id).collect();
    ids.into_iter().filter_map(|id| send(model, id)).collect()
}
