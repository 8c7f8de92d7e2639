//! What the keys mean in the panes and pages whatever is shown there.

use super::{bind, named};
use crate::tui::app::{
    key::{Key, KeyCode},
    keymap::{
        Action, Binding,
        Place::{Page, Panes},
    },
    log, machine,
    mode::{Listing, Wanted},
    page, readonly, undo, vault,
};

pub(super) static BINDINGS: &[Binding] = &[
    bind("undo", &[Key::char('u')], &[Panes, Page], "undo the last of what can be undone", undo::offer)
        .unless("nothing was done that can be undone"),
    bind(
        "paste",
        &[Key::char('v')],
        &[Panes],
        "type or paste a token; your terminal's own paste works anywhere",
        |_| Some(Action::Type(Wanted::Token)),
    ),
    bind(
        "scan-this-machine",
        &[],
        &[Panes],
        "look for the tokens that other programs keep on this machine",
        machine::offer_scan,
    )
    .unless("it is being looked for"),
    bind("readonly", &[], &[Panes], "read-only until tokscope ends: send nothing for any profile", readonly::offer)
        .unless("it is read-only already"),
    bind("copy-page", &[Key::char('y')], &[Page], "copy the page as text", page::offer_copy),
    bind("log", &[Key::char('N')], &[Panes], "show the log: all notices, and errors in detail", log::offer_open)
        .unless("no notices yet"),
    bind(
        "commands",
        &[Key::char(':'), Key::ctrl('p')],
        &[Panes, Page],
        "find a command by words and run it; also goes to a profile",
        |_| Some(Action::FindCommand(Listing::Commands)),
    ),
    bind(
        "help",
        &[Key::char('?'), named(KeyCode::F(1))],
        &[Panes, Page],
        "find a key: by words, or by the key itself; and run it",
        |_| Some(Action::FindCommand(Listing::Keys)),
    ),
    bind(
        "lock",
        &[Key::char('L')],
        &[Panes, Page],
        "lock the vault: remove its key and all tokens from memory",
        vault::offer_lock,
    ),
    bind(
        "unlock",
        &[Key::char('L')],
        &[Panes, Page],
        "unlock the vault; if there is none yet, choose where to keep its key",
        vault::offer_unlock,
    ),
    bind("quit", &[Key::char('q')], &[Panes], "quit", |_| Some(Action::Quit)),
];
