//! The bindings. Their order is the order of the key bar.

mod dialogs;
mod motion;
mod panes;

use super::Binding;
use crate::tui::app::key::{Key, KeyCode};

/// All keys.
pub(super) fn table() -> impl Iterator<Item = &'static Binding> {
    [panes::BINDINGS, motion::BINDINGS, dialogs::BINDINGS].into_iter().flatten()
}

const fn named(code: KeyCode) -> Key {
    Key::plain(code)
}

const ENTER: Key = named(KeyCode::Enter);
const ESC: Key = named(KeyCode::Esc);
