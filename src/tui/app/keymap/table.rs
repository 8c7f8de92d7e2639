//! The bindings. Their order is the order of the key bar.

mod dialogs;
mod everywhere;
mod motion;
mod panes;
mod rotation;
mod sights;

use super::{Action, Binding, Place};
use crate::tui::app::{
    Model,
    key::{Key, KeyCode},
};

/// All keys.
pub(super) fn table() -> impl Iterator<Item = &'static Binding> {
    let parts = [panes::BINDINGS, everywhere::BINDINGS, rotation::BINDINGS, sights::BINDINGS, motion::BINDINGS];
    parts.into_iter().chain([dialogs::BINDINGS]).flatten()
}

/// A row of the table.
const fn bind(
    id: &'static str,
    keys: &'static [Key],
    places: &'static [Place],
    help: &'static str,
    offer: fn(&Model) -> Option<Action>,
) -> Binding {
    Binding { id, keys, places, help, offer, why_not: None }
}

impl Binding {
    /// The one reason why it may not be possible.
    const fn unless(self, why_not: &'static str) -> Self {
        Self { why_not: Some(why_not), ..self }
    }
}

const fn named(code: KeyCode) -> Key {
    Key::plain(code)
}

const ENTER: Key = named(KeyCode::Enter);
const ESC: Key = named(KeyCode::Esc);
