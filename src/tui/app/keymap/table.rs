//! The bindings. Their order is the order of the key bar.

mod dialogs;
mod panes;

use super::Binding;
use crate::tui::app::key::{Key, KeyCode};

/// All keys.
pub(super) fn table() -> impl Iterator<Item = &'static Binding> {
    panes::BINDINGS.iter().chain(dialogs::BINDINGS)
}

const fn named(code: KeyCode) -> Key {
    Key::plain(code)
}

const ENTER: Key = named(KeyCode::Enter);
const ESC: Key = named(KeyCode::Esc);
