//! A command of the list of keys waits for its new key: the next one that is pressed, if it is free.

use super::{Mode, palette};
use crate::{
    store::config::KeyBinding,
    text,
    tui::app::{
        Model,
        key::Key,
        keymap::{self, Action, Binding, Place},
        message::{Effect, Effects, KeepId},
        notices::Level,
        undo::{self, Undone},
    },
};

/// A command waits for its new key.
pub(crate) struct Rebind {
    pub(crate) place: Place,
    pub(crate) binding: &'static Binding,
    /// Why it cannot have the key that was pressed; sanitized.
    pub(crate) refused: Option<String>,
}

/// What a command had before it was given another key.
#[derive(Debug)]
pub(crate) struct Before {
    place: Place,
    command: &'static str,
    keys: Vec<Key>,
    settings: Vec<KeyBinding>,
    /// Under which the file is kept.
    pub(in crate::tui::app) keep: KeepId,
}

impl std::fmt::Debug for Rebind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Rebind").field("place", &self.place).field("command", &self.binding.id).finish_non_exhaustive()
    }
}

pub(in crate::tui::app) fn offer(model: &Model) -> Option<Action> {
    let (place, _) = palette::command(model)?;
    (!place.is_fixed()).then_some(Action::Rebind)
}

/// Waits for the new key of the command under the cursor.
pub(in crate::tui::app) fn open(model: &mut Model) {
    if let Some((place, binding)) = palette::command(model) {
        model.modes.push(Mode::Rebind(Rebind { place, binding, refused: None }));
    }
}

pub(in crate::tui::app) fn is_open(model: &Model) -> bool {
    matches!(model.modes.top(), Some(Mode::Rebind(_)))
}

/// The new key: it counts at once, and is written into the settings.
pub(in crate::tui::app) fn pressed(model: &mut Model, key: Key) -> Effects {
    let Some(Mode::Rebind(rebind)) = model.modes.top_mut() else { return Effects::none() };
    let (place, binding) = (rebind.place, rebind.binding);
    if let Some(why) = keymap::why_not(&model.keymap, place, binding, key) {
        rebind.refused = Some(text::visible(&why).into_owned());
        return Effects::none();
    }
    model.modes.close();
    let (at, command) = (place.name(), binding.id);
    let keep = model.undo.fresh_id();
    let settings = model.config.keys.clone();
    let before = Before { place, command, keys: model.keymap.keys(place, binding).to_vec(), settings, keep };
    undo::keep(model, Undone::Keys(before), &format!("the key of {at}.{command}"));
    model.keymap.bind(place, binding, &[key]);
    let keys = vec![key.to_string()];
    let settings = &mut model.config.keys;
    settings.retain(|it| it.place != at || it.command.as_deref() != Some(command));
    let (place, written) = (at.to_owned(), Some(keys.clone()));
    settings.push(KeyBinding { line: 0, place, command: Some(command.to_owned()), keys: written });
    palette::read_keys(model);
    model.advise(None, Level::Success, &format!("{at}.{command} is {key} now."), "{key:panes.undo} undoes");
    Effect::Bind { place: at, command, keys, keep }.into()
}

/// Gives a command the keys back that it had.
pub(in crate::tui::app) fn undo(model: &mut Model, before: Before) -> Effects {
    let Before { place, command, keys, settings, keep } = before;
    let name = format!("{}.{command}", place.name());
    if let Some(binding) = keymap::command(&name) {
        model.keymap.bind(place, binding, &keys);
    }
    model.config.keys = settings;
    let keys: Vec<_> = keys.iter().map(ToString::to_string).collect();
    let words = if keys.is_empty() { "has no key".to_owned() } else { format!("is {}", keys.join(" ")) };
    model.tell(Level::Info, &format!("{name} {words} again."));
    Effect::Unbind(keep).into()
}
