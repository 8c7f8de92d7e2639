//! What moves about in panes, pages and lists.

use super::named;
use crate::tui::app::{
    Pane,
    key::{Key, KeyCode},
    keymap::{
        Action, Binding,
        Place::{Menu, Page, Panes},
    },
    list::Motion,
};

pub(super) static BINDINGS: &[Binding] = &[
    Binding {
        id: "next-pane",
        keys: &[named(KeyCode::Tab)],
        places: &[Panes],
        help: "go to the next pane",
        offer: |model| Some(Action::Focus(model.focus.step(1))),
    },
    Binding {
        id: "previous-pane",
        keys: &[named(KeyCode::BackTab)],
        places: &[Panes],
        help: "go to the previous pane",
        offer: |model| Some(Action::Focus(model.focus.step(2))),
    },
    Binding {
        id: "go-to-profiles",
        keys: &[Key::char('1')],
        places: &[Panes],
        help: "go to the profiles",
        offer: |_| Some(Action::Focus(Pane::Profiles)),
    },
    Binding {
        id: "go-to-tokens",
        keys: &[Key::char('2')],
        places: &[Panes],
        help: "go to the tokens",
        offer: |_| Some(Action::Focus(Pane::Tokens)),
    },
    Binding {
        id: "go-to-inspector",
        keys: &[Key::char('3')],
        places: &[Panes],
        help: "go to the inspector",
        offer: |_| Some(Action::Focus(Pane::Inspector)),
    },
    Binding {
        id: "up",
        keys: &[Key::char('k'), named(KeyCode::Up)],
        places: &[Panes, Page, Menu],
        help: "up",
        offer: |_| Some(Action::Move(Motion::Up)),
    },
    Binding {
        id: "down",
        keys: &[Key::char('j'), named(KeyCode::Down)],
        places: &[Panes, Page, Menu],
        help: "down",
        offer: |_| Some(Action::Move(Motion::Down)),
    },
    Binding {
        id: "page-up",
        keys: &[named(KeyCode::PageUp), Key::ctrl('b')],
        places: &[Panes, Page, Menu],
        help: "page up",
        offer: |_| Some(Action::Move(Motion::PageUp)),
    },
    Binding {
        id: "page-down",
        keys: &[named(KeyCode::PageDown), Key::ctrl('f'), Key::char(' ')],
        places: &[Panes, Page, Menu],
        help: "page down",
        offer: |_| Some(Action::Move(Motion::PageDown)),
    },
    Binding {
        id: "first",
        keys: &[Key::char('g'), named(KeyCode::Home)],
        places: &[Panes, Page, Menu],
        help: "go to the first",
        offer: |_| Some(Action::Move(Motion::First)),
    },
    Binding {
        id: "last",
        keys: &[Key::char('G'), named(KeyCode::End)],
        places: &[Panes, Page, Menu],
        help: "go to the last",
        offer: |_| Some(Action::Move(Motion::Last)),
    },
];
