//! Tasks that are not wanted any more: one, all that have one cause, all that have to do with the vault.

use super::{End, Task, Tasks, count, end, exchange};
use crate::tui::app::{
    Model,
    message::{Effect, Effects, TaskId, What},
    notices::Level,
    vault,
};

/// The user does not want it any more; nor the others that the user wanted for the same cause.
pub(in crate::tui::app) fn cancel(model: &mut Model, id: TaskId) -> Effects {
    let Some(task) = model.tasks.by_id(id) else { return Effects::none() };
    let ids: Vec<_> = match model.tasks.group(task).filter(|group| !group.cause.is_unasked()) {
        Some(group) => model.tasks.all.iter().filter(|task| task.group == Some(group.id)).map(|task| task.id).collect(),
        None => vec![id],
    };
    Effects(ids.into_iter().filter_map(|id| let_go(model, id)).collect())
}

fn let_go(model: &mut Model, id: TaskId) -> Option<Effect> {
    let task = model.tasks.by_id_mut(id)?;
    match &task.what {
        What::OpenVault { .. } => {
            model.tasks.take(id);
            model.vault.renewed.clear();
            vault::stopped(model);
        }
        What::FindKeys(source, _) => {
            let words = format!("Stopped looking for the keys of {source}.");
            model.tasks.take(id);
            model.tell(Level::Info, &words);
        }
        what if what.is_rotation() && !task.is_queued() => {
            // The profile that asks is skipped; the others go on.
            let asker = task.asker.take()?;
            (task.prompt, task.demand) = (None, None);
            return Some(Effect::Skip(id, asker));
        }
        what if task.is_queued() => {
            let (words, whose) = (exchange::cancelled_words(what), task.whose.clone());
            if !end(model, id, End::Cancelled) {
                model.tell_about(whose.as_ref(), Level::Info, &words, None);
            }
            return None;
        }
        // The screen is free at once. How it ends, only the exchange itself knows: what was sent is finished.
        what if what.is_exchange() && !task.is_given_up() => task.give_up(),
        _ => return None,
    }
    Some(Effect::Cancel(id))
}

/// What waits for the vault will not begin: how many, and the first of them.
pub(in crate::tui::app) fn drop_waiting(model: &mut Model) -> (usize, Option<Task>) {
    let needs = |what: &What| what.is_exchange() || what.is_rotation();
    let waits = |task: &mut Task| task.is_queued() && !task.unasked && needs(&task.what);
    let dropped: Vec<_> = model.tasks.all.extract_if(.., waits).collect();
    let Tasks { all, groups, .. } = &mut model.tasks;
    // There is one notice for all, and it is not the group's.
    groups.retain(|group| all.iter().any(|task| task.group == Some(group.id)));
    dropped.iter().for_each(|task| _ = count(model, task.group, End::Cancelled));
    (dropped.len(), dropped.into_iter().next())
}

/// The vault is locked: all that may have to do with it are given up.
pub(in crate::tui::app) fn lock_out(model: &mut Model) -> Vec<Effect> {
    model.tasks.groups.clear();
    drop_waiting(model);
    let all = &mut model.tasks.all;
    all.retain(|task| !(task.is_queued() && task.unasked || matches!(task.what, What::FindKeptKeys(..))));
    let mut given_up: Vec<_> = all.iter_mut().filter(|task| task.what.is_exchange()).collect();
    for task in &mut given_up {
        task.give_up();
        (task.locked_out, task.group) = (true, None);
    }
    let cancelled = |task: &&Task| task.what.is_exchange() || matches!(task.what, What::FindKeys(..));
    let effects = all.iter().filter(cancelled).map(|task| Effect::Cancel(task.id)).collect();
    all.retain(|task| !matches!(task.what, What::FindKeys(..)));
    effects
}

/// The opening of the vault, which is not wanted any more.
pub(in crate::tui::app) fn stop_opening(model: &mut Model) -> Option<Task> {
    let id = model.tasks.opening()?.id;
    model.tasks.take(id)
}
