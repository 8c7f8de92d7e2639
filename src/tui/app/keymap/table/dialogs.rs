//! What the keys mean in what stands over the panes, and everywhere.

use super::{ENTER, ESC, named};
use crate::tui::app::{
    demand, form,
    input::Edit,
    key::{Key, KeyCode},
    keymap::{
        Action, Binding,
        Place::{Confirm, Demand, Everywhere, Form, Input, Menu, Page, Panes},
    },
    list::Motion,
    menu, mode,
};

pub(super) static BINDINGS: &[Binding] = &[
    Binding { keys: &[ENTER], places: &[Menu], help: "choose it", offer: menu::offer_choose },
    Binding { keys: &[ESC, Key::char('q')], places: &[Menu], help: "close the list", offer: |_| Some(Action::Close) },
    Binding { keys: &[Key::ctrl('s')], places: &[Form], help: "save the profile", offer: form::offer_save },
    Binding {
        keys: &[ENTER],
        places: &[Form],
        help: "go to the next entry; from the last one, save",
        offer: form::offer_next,
    },
    Binding {
        keys: &[ESC],
        places: &[Form],
        help: "close the form; what was typed goes only after a yes",
        offer: form::offer_leave,
    },
    Binding {
        keys: &[named(KeyCode::Down), named(KeyCode::Tab)],
        places: &[Form],
        help: "to the next entry",
        offer: |_| Some(Action::Move(Motion::Down)),
    },
    Binding {
        keys: &[named(KeyCode::Up), named(KeyCode::BackTab)],
        places: &[Form],
        help: "to the entry before",
        offer: |_| Some(Action::Move(Motion::Up)),
    },
    Binding {
        keys: &[named(KeyCode::PageDown)],
        places: &[Form],
        help: "some entries down",
        offer: |_| Some(Action::Move(Motion::PageDown)),
    },
    Binding {
        keys: &[named(KeyCode::PageUp)],
        places: &[Form],
        help: "some entries up",
        offer: |_| Some(Action::Move(Motion::PageUp)),
    },
    Binding { keys: &[Key::char('c')], places: &[Demand], help: "copy the address", offer: demand::offer_copy },
    Binding {
        keys: &[Key::char('o')],
        places: &[Demand],
        help: "open the address in the browser",
        offer: demand::offer_open,
    },
    Binding {
        keys: &[ENTER],
        places: &[Demand],
        help: "hide the dialog; the login goes on waiting",
        offer: demand::offer_aside,
    },
    Binding { keys: &[ESC], places: &[Demand], help: "cancel the login", offer: demand::offer_give_up },
    Binding {
        keys: &[ESC, ENTER, Key::char('q')],
        places: &[Page],
        help: "close the page",
        offer: |_| Some(Action::Close),
    },
    Binding { keys: &[ENTER], places: &[Input], help: "done", offer: mode::offer_accept },
    Binding {
        keys: &[ESC],
        places: &[Input],
        help: "close without an answer; a login that asked is cancelled",
        offer: mode::offer_give_up,
    },
    Binding {
        keys: &[Key::ctrl('u')],
        places: &[Input, Form],
        help: "clear the line",
        offer: |_| Some(Action::Edit(Edit::Clear)),
    },
    Binding {
        keys: &[named(KeyCode::Backspace), Key::ctrl('h')],
        places: &[Input, Form],
        help: "delete the character before the cursor",
        offer: |_| Some(Action::Edit(Edit::Backspace)),
    },
    Binding {
        keys: &[named(KeyCode::Delete)],
        places: &[Input, Form],
        help: "delete the character under the cursor",
        offer: |_| Some(Action::Edit(Edit::Delete)),
    },
    Binding {
        keys: &[named(KeyCode::Left)],
        places: &[Input, Form],
        help: "a character to the left; the choice before",
        offer: |_| Some(Action::Edit(Edit::Left)),
    },
    Binding {
        keys: &[named(KeyCode::Right)],
        places: &[Input, Form],
        help: "a character to the right; the next choice",
        offer: |_| Some(Action::Edit(Edit::Right)),
    },
    Binding {
        keys: &[named(KeyCode::Home), Key::ctrl('a')],
        places: &[Input, Form],
        help: "to the start",
        offer: |_| Some(Action::Edit(Edit::Home)),
    },
    Binding {
        keys: &[named(KeyCode::End), Key::ctrl('e')],
        places: &[Input, Form],
        help: "to the end",
        offer: |_| Some(Action::Edit(Edit::End)),
    },
    Binding { keys: &[Key::char('y')], places: &[Confirm], help: "yes, do it", offer: mode::offer_yes },
    Binding {
        keys: &[Key::char('n'), ESC],
        places: &[Confirm],
        help: "no, leave everything as it is",
        offer: |_| Some(Action::Decline),
    },
    // The program as a whole.
    Binding {
        keys: &[Key::ctrl('r')],
        places: &[Panes],
        help: "read the settings and the profiles again",
        offer: |_| Some(Action::ReloadProfiles),
    },
    Binding {
        keys: &[Key::ctrl('l')],
        places: &[Everywhere],
        help: "draw the screen anew",
        offer: |_| Some(Action::Redraw),
    },
    Binding {
        keys: &[Key::ctrl('z')],
        places: &[Everywhere],
        help: "suspend; `fg` brings it back",
        offer: |_| Some(Action::Suspend),
    },
    Binding { keys: &[Key::ctrl('c')], places: &[Everywhere], help: "quit", offer: |_| Some(Action::Quit) },
];
