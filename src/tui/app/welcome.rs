//! The first start: what the tokens pane says while there is nothing at all.

use super::{
    Model,
    keymap::Action,
    message::{Effect, Effects},
    mode::Choice,
    profiles,
    vault::State,
};

/// What is known for it.
#[derive(Debug, Default)]
pub(crate) struct Welcome {
    /// It was asked how many sources of profiles there are.
    asked: bool,
    /// How many sources have something to import.
    pub(crate) sources: Option<usize>,
}

/// Whether there is nothing yet: no profile, no token, nothing in the vault.
pub(crate) fn is_shown(model: &Model) -> bool {
    let nothing = model.profiles.rows.is_empty() && model.tokens.rows().is_empty() && model.profiles.problem.is_none();
    let kept = !matches!(model.vault.state, State::Fresh | State::Own);
    nothing && !kept && model.demo.is_none() && model.tasks.opening().is_none()
}

/// Whether the user is yet to say where the vault's key is kept.
pub(crate) fn is_first(model: &Model) -> bool {
    model.vault.state == State::Fresh
}

/// Asks once what could be imported.
pub(super) fn due(model: &mut Model) -> Effects {
    if model.welcome.asked || !is_first(model) || !is_shown(model) {
        return Effects::none();
    }
    model.welcome.asked = true;
    Effect::LookForSources.into()
}

pub(super) fn offer_demo(model: &Model) -> Option<Action> {
    is_shown(model).then_some(Action::TryDemo)
}

pub(super) fn offer_new(model: &Model) -> Option<Action> {
    is_shown(model).then_some(Action::Choose(Choice::Provider))
}

pub(super) fn offer_import(model: &Model) -> Option<Action> {
    is_shown(model).then(|| profiles::offer_import(model)).flatten()
}
