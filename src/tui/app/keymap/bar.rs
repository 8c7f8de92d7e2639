//! The key bar: what the keys do right now, and what of it stands first.

use super::{Action, active};
use crate::tui::app::{
    Model, Pane,
    inspector::Tab,
    key::Key,
    message::TaskId,
    mode::{Choice, Mode},
    page,
    target::plan,
    vault,
};

/// The key bar: keys that do something right now, with their words.
pub(crate) fn bar(model: &Model) -> Vec<(Key, Action)> {
    let mut bar: Vec<(Key, Action)> = Vec::new();
    for (place, binding) in active(model) {
        let Some(key) = model.keys(place, binding).first() else { continue };
        let Some(action) = (binding.offer)(model).filter(|action| !action.words().is_empty()) else { continue };
        if bar.iter().all(|(other, told)| other != key && told.words() != action.words()) {
            bar.push((*key, action));
        }
    }
    // What is over in a moment is not cancelled: its hint would flicker.
    let told =
        |id: &TaskId| !model.modes.is_empty() || model.tasks.by_id(*id).is_none_or(|task| task.is_told(model.now));
    bar.retain(|(_, action)| !matches!(action, Action::Cancel(id) if !told(id)));
    // Nothing is there yet that could be kept.
    bar.retain(|(_, action)| *action != Action::Choose(Choice::Home) || vault::holds(model));
    // On the checklist a key to verify with is what is wanted most.
    if model.modes.is_empty() && model.focus == Pane::Inspector && model.inspector.tab == Tab::Verify {
        bar.sort_by_key(|(_, action)| *action != Action::Choose(Choice::Key));
    }
    // On the horizon it is the time that is moved.
    if matches!(model.modes.top(), Some(Mode::Horizon(_))) {
        bar.sort_by_key(|(_, action)| {
            !matches!(
                action,
                Action::Horizon(_) | Action::SearchPage(page::search::Step::Narrow | page::search::Step::Widen)
            )
        });
    }
    // On the page of a rotation, what is done about it.
    if matches!(model.modes.top(), Some(Mode::Rotation(_))) {
        let is_its = |action: &Action| matches!(action, Action::Rotate(_) | Action::Open(page::PageKind::Exchange(_)));
        bar.sort_by_key(|(_, action)| !is_its(action));
    }
    // What is marked is most often renewed.
    if model.modes.is_empty() && model.marks.len() > 0 {
        let renews = |action: &Action| matches!(action, Action::Plan(plan::Bulk::Refresh) | Action::Rotate(_));
        bar.sort_by_key(|(_, action)| !renews(action));
    }
    // After a failure, what went over the wire.
    if model.modes.is_empty() && model.target().is_some_and(|row| row.failure.is_some()) {
        bar.sort_by_key(|(_, action)| *action != Action::ShowExchange);
    }
    bar
}
