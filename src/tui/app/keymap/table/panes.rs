//! What the keys mean in the panes.

use super::{ENTER, ESC, named};
use crate::tui::app::{
    Pane, copy, exchange, inspector, jobs,
    key::{Key, KeyCode},
    keymap::{
        Action, Binding,
        Place::{Inspector, Menu, Page, Panes, Profiles, Tokens},
    },
    list::Motion,
    mode::PageKind,
    notices, profiles, renewal, tokens,
};

pub(super) static BINDINGS: &[Binding] = &[
    // What matters most stands first in the key bar.
    Binding {
        keys: &[ESC],
        places: &[Panes],
        help: "cancel the login or refresh that runs",
        offer: jobs::offer_cancel,
    },
    Binding {
        keys: &[ENTER],
        places: &[Profiles],
        help: "show all about the profile: settings, state, last failure",
        offer: profiles::offer_details,
    },
    Binding {
        keys: &[ENTER],
        places: &[Tokens],
        help: "go to the inspector",
        offer: |model| model.tokens.selected().map(|_| Action::Inspect),
    },
    Binding { keys: &[ENTER], places: &[Inspector], help: "show the whole value", offer: inspector::offer_value },
    Binding {
        keys: &[named(KeyCode::Right), Key::char('t')],
        places: &[Inspector],
        help: "show the next tab",
        offer: inspector::offer_next_tab,
    },
    Binding {
        keys: &[named(KeyCode::Left), Key::char('T')],
        places: &[Inspector],
        help: "show the previous tab",
        offer: inspector::offer_previous_tab,
    },
    Binding {
        keys: &[Key::char('s')],
        places: &[Panes],
        help: "show or hide the secret part of the raw token",
        offer: inspector::offer_reveal,
    },
    Binding {
        keys: &[Key::char('r')],
        places: &[Panes],
        help: "refresh the profile's tokens",
        offer: jobs::offer_refresh,
    },
    Binding { keys: &[Key::char('l')], places: &[Panes], help: "log in with the profile", offer: jobs::offer_login },
    Binding {
        keys: &[Key::char('y')],
        places: &[Inspector],
        help: "copy the value under the cursor",
        offer: copy::offer_value,
    },
    Binding { keys: &[Key::char('c')], places: &[Tokens, Inspector], help: "copy the token", offer: copy::offer_token },
    Binding {
        keys: &[Key::char('a')],
        places: &[Tokens, Inspector],
        help: "copy the Authorization header, with the profile's scheme",
        offer: copy::offer_header,
    },
    Binding {
        keys: &[Key::char('Y')],
        places: &[Tokens, Inspector],
        help: "copy the claims as JSON",
        offer: copy::offer_claims,
    },
    Binding {
        keys: &[Key::char('p')],
        places: &[Panes],
        help: "probe: ask the server who the access token belongs to",
        offer: jobs::offer_probe,
    },
    Binding {
        keys: &[Key::char('x')],
        places: &[Panes],
        help: "revoke the profile's tokens at the server, after a yes",
        offer: jobs::offer_revoke,
    },
    Binding {
        keys: &[Key::char('w')],
        places: &[Panes],
        help: "show what went over the wire: the profile's last exchange with its server",
        offer: exchange::offer,
    },
    Binding {
        keys: &[Key::char('R')],
        places: &[Panes],
        help: "auto-refresh of the profile on or off, until you quit; auto_refresh in the profile is for good",
        offer: renewal::offer_toggle,
    },
    Binding {
        keys: &[Key::char('n')],
        places: &[Profiles],
        help: "write a new profile",
        offer: |_| Some(Action::ChooseProvider),
    },
    Binding { keys: &[Key::char('e')], places: &[Profiles], help: "edit the profile", offer: profiles::offer_edit },
    Binding {
        keys: &[Key::char('i')],
        places: &[Profiles],
        help: "import profiles from elsewhere",
        offer: |_| Some(Action::ChooseSource),
    },
    Binding {
        keys: &[Key::char('D'), Key::char('+')],
        places: &[Profiles],
        help: "write a new profile, starting from a copy of this one",
        offer: profiles::offer_duplicate,
    },
    Binding {
        keys: &[Key::char('d'), named(KeyCode::Delete)],
        places: &[Profiles],
        help: "delete the profile, after a yes",
        offer: profiles::offer_remove,
    },
    Binding {
        keys: &[Key::char('d'), named(KeyCode::Delete)],
        places: &[Tokens],
        help: "delete the token; a profile's tokens are forgotten after a yes",
        offer: tokens::offer_delete,
    },
    Binding {
        keys: &[Key::char('u')],
        places: &[Tokens],
        help: "bring the deleted token back",
        offer: tokens::offer_undelete,
    },
    Binding {
        keys: &[Key::char('v')],
        places: &[Panes],
        help: "type or paste a token; your terminal's own paste works anywhere",
        offer: |_| Some(Action::TypeToken),
    },
    Binding { keys: &[ESC], places: &[Panes], help: "dismiss the notice", offer: notices::offer_dismiss },
    Binding { keys: &[Key::char('N')], places: &[Panes], help: "list all notices", offer: notices::offer_list },
    Binding {
        keys: &[Key::char('?'), named(KeyCode::F(1))],
        places: &[Panes],
        help: "list all keys",
        offer: |_| Some(Action::Open(PageKind::Keys)),
    },
    Binding { keys: &[Key::char('q')], places: &[Panes], help: "quit", offer: |_| Some(Action::Quit) },
    // Moving about.
    Binding {
        keys: &[named(KeyCode::Tab)],
        places: &[Panes],
        help: "go to the next pane",
        offer: |model| Some(Action::Focus(model.focus.step(1))),
    },
    Binding {
        keys: &[named(KeyCode::BackTab)],
        places: &[Panes],
        help: "go to the previous pane",
        offer: |model| Some(Action::Focus(model.focus.step(2))),
    },
    Binding {
        keys: &[Key::char('1')],
        places: &[Panes],
        help: "go to the profiles",
        offer: |_| Some(Action::Focus(Pane::Profiles)),
    },
    Binding {
        keys: &[Key::char('2')],
        places: &[Panes],
        help: "go to the tokens",
        offer: |_| Some(Action::Focus(Pane::Tokens)),
    },
    Binding {
        keys: &[Key::char('3')],
        places: &[Panes],
        help: "go to the inspector",
        offer: |_| Some(Action::Focus(Pane::Inspector)),
    },
    Binding {
        keys: &[Key::char('k'), named(KeyCode::Up)],
        places: &[Panes, Page, Menu],
        help: "up",
        offer: |_| Some(Action::Move(Motion::Up)),
    },
    Binding {
        keys: &[Key::char('j'), named(KeyCode::Down)],
        places: &[Panes, Page, Menu],
        help: "down",
        offer: |_| Some(Action::Move(Motion::Down)),
    },
    Binding {
        keys: &[named(KeyCode::PageUp), Key::ctrl('b')],
        places: &[Panes, Page, Menu],
        help: "a page up",
        offer: |_| Some(Action::Move(Motion::PageUp)),
    },
    Binding {
        keys: &[named(KeyCode::PageDown), Key::ctrl('f'), Key::char(' ')],
        places: &[Panes, Page, Menu],
        help: "a page down",
        offer: |_| Some(Action::Move(Motion::PageDown)),
    },
    Binding {
        keys: &[Key::char('g'), named(KeyCode::Home)],
        places: &[Panes, Page, Menu],
        help: "to the first",
        offer: |_| Some(Action::Move(Motion::First)),
    },
    Binding {
        keys: &[Key::char('G'), named(KeyCode::End)],
        places: &[Panes, Page, Menu],
        help: "to the last",
        offer: |_| Some(Action::Move(Motion::Last)),
    },
];
