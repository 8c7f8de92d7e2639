//! How the screen looks: the theme that the settings want, as far as the terminal can show it.

use super::Model;
pub use crate::store::theme::Colors;
use crate::store::theme::Theme;

/// What is known of the terminal at the start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Terminal {
    /// How many colours it has that may be used.
    pub colors: Colors,
}

impl Terminal {
    /// One that has so many colours, and of which nothing else is known.
    pub fn new(colors: Colors) -> Self {
        Self { colors }
    }
}

/// How the screen looks.
#[derive(Debug)]
pub(crate) struct Look {
    /// What the view draws with.
    pub(crate) theme: Theme,
    terminal: Terminal,
}

impl Look {
    /// Before the settings are known.
    pub(super) fn new(terminal: Terminal) -> Self {
        Self { theme: plain().within(terminal.colors), terminal }
    }
}

/// What suits every background: the terminal's own colours.
fn plain() -> Theme {
    Theme::built_in("ansi").expect("it is built in")
}

/// The settings or the terminal have changed.
pub(super) fn settle(model: &mut Model) {
    let Model { look, config, .. } = model;
    let wanted = Theme::built_in(&config.ui.theme).unwrap_or_else(plain);
    look.theme = wanted.within(look.terminal.colors);
}
