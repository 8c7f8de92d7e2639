//! What moves about in panes, pages and lists.

use super::{bind, named};
use crate::tui::app::{
    Pane, inspector,
    key::{Key, KeyCode},
    keymap::{
        Action, Binding,
        Place::{Menu, Page, Palette, Panes},
    },
    list::Motion,
    mouse, resize, verify,
};

pub(super) static BINDINGS: &[Binding] = &[
    bind("next-pane", &[named(KeyCode::Tab)], &[Panes], "go to the next pane", |model| {
        Some(inspector::beside_pane(model, true))
    }),
    bind("previous-pane", &[named(KeyCode::BackTab)], &[Panes], "go to the previous pane", |model| {
        Some(inspector::beside_pane(model, false))
    }),
    bind("go-to-profiles", &[Key::char('1')], &[Panes], "go to the profiles", |_| Some(Action::Focus(Pane::Profiles))),
    bind("go-to-tokens", &[Key::char('2')], &[Panes], "go to the tokens", |_| Some(Action::Focus(Pane::Tokens))),
    bind("go-to-inspector", &[Key::char('3')], &[Panes], "go to the inspector", |_| {
        Some(Action::Focus(Pane::Inspector))
    }),
    bind(
        "go-to-verify",
        &[Key::char('4')],
        &[Panes],
        "go to the checklist: on a wide screen the right column",
        verify::offer,
    ),
    bind("full", &[Key::char('f')], &[Panes], "give the pane the whole screen, or its place again", resize::offer_full),
    bind("larger", &[Key::char('>')], &[Panes], "make the pane larger", |model| resize::offer(model, true)),
    bind("smaller", &[Key::char('<')], &[Panes], "make the pane smaller", |model| resize::offer(model, false)),
    bind("mouse", &[Key::char('M')], &[Panes, Page], "hand the mouse to the terminal, or take it back", mouse::offer),
    bind("up", &[Key::char('k'), named(KeyCode::Up)], &[Panes, Page, Menu], "up", |_| Some(Action::Move(Motion::Up))),
    bind("down", &[Key::char('j'), named(KeyCode::Down)], &[Panes, Page, Menu], "down", |_| {
        Some(Action::Move(Motion::Down))
    }),
    bind("page-up", &[named(KeyCode::PageUp), Key::ctrl('b')], &[Panes, Page, Menu], "page up", |_| {
        Some(Action::Move(Motion::PageUp))
    }),
    bind("page-down", &[named(KeyCode::PageDown), Key::ctrl('f')], &[Panes, Page, Menu], "page down", |_| {
        Some(Action::Move(Motion::PageDown))
    }),
    bind("up", &[named(KeyCode::Up)], &[Palette], "up", |_| Some(Action::Move(Motion::Up))),
    bind("down", &[named(KeyCode::Down)], &[Palette], "down", |_| Some(Action::Move(Motion::Down))),
    bind("page-up", &[named(KeyCode::PageUp)], &[Palette], "page up", |_| Some(Action::Move(Motion::PageUp))),
    bind("page-down", &[named(KeyCode::PageDown)], &[Palette], "page down", |_| Some(Action::Move(Motion::PageDown))),
    bind("first", &[Key::char('g'), named(KeyCode::Home)], &[Panes, Page, Menu], "go to the first", |_| {
        Some(Action::Move(Motion::First))
    }),
    bind("last", &[Key::char('G'), named(KeyCode::End)], &[Panes, Page, Menu], "go to the last", |_| {
        Some(Action::Move(Motion::Last))
    }),
];
