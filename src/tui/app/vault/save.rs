//! The one question of the vault, when the first tokens are there: are they saved, and where is the key kept? Until it is answered
//! they are only in memory.

use super::State;
use crate::{
    store::identity::Home,
    tui::app::{
        Model,
        keymap::Action,
        message::{Effect, Effects},
        mode::Mode,
    },
};

/// How far the question is.
#[derive(Debug, Default)]
pub(super) struct Saving {
    /// Nobody has said yet where the key is kept.
    pub(super) undecided: bool,
    /// The keyring is to be asked whether it answers.
    pub(super) check: bool,
    /// Whether it does, or why not; sanitized.
    pub(super) keyring: Option<Result<(), String>>,
    /// There are tokens to be saved.
    pub(super) wanted: bool,
}

impl Model {
    /// Whether the keyring answers, or why not, as the question says it.
    pub(crate) fn keyring(&self) -> Result<(), &str> {
        match &self.vault.saving.keyring {
            Some(Ok(())) => Ok(()),
            Some(Err(why)) => Err(why),
            None => Err("it does not answer"),
        }
    }
}

/// What nobody has decided about waits for nothing: tokens stay in memory until the question is answered.
pub(super) fn begin_in_memory(model: &mut Model) -> bool {
    let begins = model.vault.saving.undecided && model.vault.state == State::Fresh;
    if begins {
        model.vault.hold_for_now();
        model.vault.saving.check = true;
    }
    begins
}

/// The question whether tokens are saved has no answer yet.
pub(super) fn is_unanswered(model: &Model) -> bool {
    model.vault.saving.undecided || model.modes.iter().any(|mode| matches!(mode, Mode::Save))
}

/// Tokens came by another way than a login.
pub(in crate::tui::app) fn keep_first(model: &mut Model) {
    begin_in_memory(model);
    came(model);
}

/// Tokens came.
pub(in crate::tui::app) fn came(model: &mut Model) {
    model.vault.saving.wanted |= model.vault.saving.undecided && model.vault.state == State::Open(Home::Memory);
}

/// Asks the keyring, when it is time.
pub(super) fn due(model: &mut Model) -> Effects {
    let check = std::mem::take(&mut model.vault.saving.check);
    if check { Effect::CheckKeyring.into() } else { Effects::none() }
}

/// The keyring has answered, or not.
pub(in crate::tui::app) fn checked(model: &mut Model, result: Result<(), String>) {
    let visible = |why: String| crate::text::visible(&why).into_owned();
    model.vault.saving.keyring = Some(result.map_err(visible));
}

/// Opens the question when nothing else has the keyboard.
pub(super) fn settle(model: &mut Model) {
    let saving = &model.vault.saving;
    if saving.wanted && saving.keyring.is_some() && model.modes.yields() {
        (model.vault.saving.wanted, model.vault.saving.undecided) = (false, false);
        model.modes.push(Mode::Save);
    }
}

pub(in crate::tui::app) fn offer_keyring(model: &Model) -> Option<Action> {
    model.keyring().is_ok().then(|| answer(Home::Keyring))
}

pub(in crate::tui::app) fn offer_passphrase(_: &Model) -> Option<Action> {
    Some(answer(Home::Passphrase))
}

pub(in crate::tui::app) fn offer_memory(_: &Model) -> Option<Action> {
    Some(Action::Answer(Action::KeepInMemory.into()))
}

fn answer(home: Home) -> Action {
    Action::Answer(Action::OpenVault(Some(home)).into())
}
