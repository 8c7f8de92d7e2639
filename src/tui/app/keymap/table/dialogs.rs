//! What the keys mean in what stands over the panes, and everywhere.

use super::{ENTER, ESC, bind, named};
use crate::tui::app::{
    copy, demand, edit,
    filter::{
        complete,
        narrow::{self, SortBy},
    },
    form,
    input::Edit,
    key::{Key, KeyCode},
    keymap::{
        Action, Binding,
        Place::{
            Confirm, CopyAs, Demand, Editor, Everywhere, Filter, Form, Input, Menu, Page, Palette, Panes, Rebind, Save,
            Sort,
        },
    },
    list::Motion,
    look,
    mode::{self, Choice, Listing},
    vault,
};

pub(super) static BINDINGS: &[Binding] = &[
    bind("choose", &[ENTER], &[Menu], "choose", mode::offer_choose),
    bind("close", &[ESC, Key::char('q')], &[Menu], "close the list", |_| Some(Action::Close)),
    bind("commands", &[Key::char(':'), Key::ctrl('p')], &[Menu], "find a command by words and run it", |_| {
        Some(Action::FindCommand(Listing::Commands))
    }),
    bind("help", &[Key::char('?'), named(KeyCode::F(1))], &[Menu], "find a key by words, or by the key", |_| {
        Some(Action::FindCommand(Listing::Keys))
    }),
    bind("keyring", &[ENTER], &[Save], "save the tokens, the key in the keyring", vault::offer_keyring)
        .unless("the keyring does not answer"),
    bind(
        "passphrase",
        &[Key::char('p')],
        &[Save],
        "save the tokens, the key under a passphrase",
        vault::offer_passphrase,
    ),
    bind("memory", &[Key::char('m'), ESC], &[Save], "not now: memory only", vault::offer_memory),
    bind("run", &[ENTER], &[Palette], "run the command", mode::offer_run),
    bind(
        "complete",
        &[named(KeyCode::Tab)],
        &[Palette],
        "complete the command's name; in the list of keys: bind the command to another key",
        |model| mode::offer_complete(model).or_else(|| mode::rebind::offer(model)),
    ),
    bind("curl", &[Key::char('c')], &[CopyAs], "a curl command that asks tokscope for a fresh token", copy::offer_curl)
        .unless("only a token of a profile can be asked for"),
    bind("header", &[Key::char('h')], &[CopyAs], "the Authorization header", copy::offer_header),
    bind("token", &[Key::char('t')], &[CopyAs], "the token", copy::offer_token),
    bind("export", &[Key::char('e')], &[CopyAs], "an export line for the shell", copy::offer_export),
    bind("claims", &[Key::char('j')], &[CopyAs], "the claims as JSON", copy::offer_claims),
    bind("header-and-claims", &[Key::char('J')], &[CopyAs], "header and claims as JSON", copy::offer_both),
    bind("fingerprint", &[Key::char('f')], &[CopyAs], "the fingerprint", copy::offer_fingerprint),
    bind("markdown", &[Key::char('m')], &[CopyAs], "Markdown for a ticket, without the token", copy::offer_markdown),
    bind("left", &[Key::char('l')], &[Sort], "by what ends first; what is over comes last", |_| {
        Some(Action::SortBy(SortBy::Left))
    }),
    bind("profile", &[Key::char('n')], &[Sort], "by environment, profile and kind", |_| {
        Some(Action::SortBy(SortBy::Profile))
    }),
    bind("kind", &[Key::char('k')], &[Sort], "by kind", |_| Some(Action::SortBy(SortBy::Kind))),
    bind("subject", &[Key::char('s')], &[Sort], "by subject", |_| Some(Action::SortBy(SortBy::Subject))),
    bind("issuer", &[Key::char('i')], &[Sort], "by issuer", |_| Some(Action::SortBy(SortBy::Issuer))),
    bind("age", &[Key::char('a')], &[Sort], "by age, the newest first", |_| Some(Action::SortBy(SortBy::Age))),
    bind("group", &[Key::char('g')], &[Sort], "in groups by environment, or all together", |_| Some(Action::GroupSort)),
    bind("reverse", &[Key::char('r')], &[Sort], "the other way round", |_| Some(Action::ReverseSort)),
    bind("close", &[ESC], &[CopyAs, Sort], "cancel", |_| Some(Action::Close)),
    bind("cancel", &[ESC], &[Rebind], "keep the key as it is", |_| Some(Action::Close)),
    bind("close", &[ESC], &[Palette], "close; in the list of keys, first clear what is typed", mode::offer_close),
    bind("save", &[Key::ctrl('s')], &[Form], "save the profile", form::offer_save),
    bind("next", &[ENTER], &[Form], "next field; on the fold, open it; on the last one, save", form::offer_next),
    bind("leave", &[ESC], &[Form], "close the form; asks before discarding changes", form::offer_leave),
    bind("down", &[named(KeyCode::Down), named(KeyCode::Tab)], &[Form], "next field", |_| {
        Some(Action::Move(Motion::Down))
    }),
    bind("up", &[named(KeyCode::Up), named(KeyCode::BackTab)], &[Form], "previous field", |_| {
        Some(Action::Move(Motion::Up))
    }),
    bind("page-down", &[named(KeyCode::PageDown)], &[Form], "several fields down", |_| {
        Some(Action::Move(Motion::PageDown))
    }),
    bind("page-up", &[named(KeyCode::PageUp)], &[Form], "several fields up", |_| Some(Action::Move(Motion::PageUp))),
    bind("sign", &[Key::ctrl('s')], &[Editor], "sign a new token: asks how", |_| {
        Some(Action::Choose(Choice::Signature))
    }),
    bind("other-part", &[named(KeyCode::Tab)], &[Editor], "switch between claims and header", |_| {
        Some(Action::OtherPart)
    }),
    bind("leave", &[ESC], &[Editor], "close the editor; asks before discarding changes", edit::offer_leave),
    bind("new-line", &[ENTER], &[Editor], "insert a line break", |_| Some(Action::Edit(Edit::Insert('\n')))),
    bind("up", &[named(KeyCode::Up)], &[Editor], "line up", |_| Some(Action::Move(Motion::Up))),
    bind("down", &[named(KeyCode::Down)], &[Editor], "line down", |_| Some(Action::Move(Motion::Down))),
    bind("page-up", &[named(KeyCode::PageUp)], &[Editor], "several lines up", |_| Some(Action::Move(Motion::PageUp))),
    bind("page-down", &[named(KeyCode::PageDown)], &[Editor], "several lines down", |_| {
        Some(Action::Move(Motion::PageDown))
    }),
    bind("copy-address", &[Key::char('c')], &[Demand], "copy the address", demand::offer_copy),
    bind("copy-code", &[Key::char('y')], &[Demand], "copy the code", demand::offer_code),
    bind("open", &[Key::char('o')], &[Demand], "open the address in the browser", demand::offer_open),
    bind("hide", &[ENTER], &[Demand], "hide the dialog; the login keeps waiting", demand::offer_aside),
    bind("cancel", &[ESC], &[Demand], "cancel the login", demand::offer_give_up),
    bind("close", &[ESC, ENTER, Key::char('q')], &[Page], "close the page", |_| Some(Action::Close)),
    bind("done", &[ENTER], &[Input], "done", mode::offer_accept),
    bind("cancel", &[ESC], &[Input], "close without an answer; cancels the login that asked", mode::offer_give_up),
    bind("earlier", &[named(KeyCode::Up)], &[Filter], "earlier filter", narrow::offer_earlier),
    bind("later", &[named(KeyCode::Down)], &[Filter], "later filter", narrow::offer_later),
    bind(
        "complete",
        &[named(KeyCode::Tab)],
        &[Filter],
        "complete the field or value; again: the next one",
        complete::offer,
    ),
    bind(
        "show-typed",
        &[named(KeyCode::F(2))],
        &[Input, Form],
        "show or hide the secret that is being typed",
        mode::offer_show,
    ),
    bind(
        "pick-file",
        &[Key::ctrl('o')],
        &[Input, Form],
        "pick a file, where the path of one is asked for",
        mode::pick::offer,
    ),
    bind("clear-line", &[Key::ctrl('u')], &[Input, Form, Editor], "clear the line", mode::offer_clear),
    bind(
        "undo-typing",
        &[Key::ctrl('y'), Key::ctrl('_')],
        &[Input, Form, Editor],
        "undo the last change of the text",
        |model| mode::offer_undo(model, Edit::Undo),
    ),
    bind("redo-typing", &[Key::ctrl('r')], &[Input, Form, Editor], "redo what was undone in the text", |model| {
        mode::offer_undo(model, Edit::Redo)
    }),
    bind(
        "backspace",
        &[named(KeyCode::Backspace), Key::ctrl('h')],
        &[Input, Form, Editor],
        "delete the character before the cursor",
        |_| Some(Action::Edit(Edit::Backspace)),
    ),
    bind("delete", &[named(KeyCode::Delete)], &[Input, Form, Editor], "delete the character under the cursor", |_| {
        Some(Action::Edit(Edit::Delete))
    }),
    bind("left", &[named(KeyCode::Left)], &[Input, Form, Editor], "one character left; previous choice; fold", |_| {
        Some(Action::Edit(Edit::Left))
    }),
    bind("right", &[named(KeyCode::Right)], &[Input, Form, Editor], "one character right; next choice; unfold", |_| {
        Some(Action::Edit(Edit::Right))
    }),
    bind(
        "word-left",
        &[Key { ctrl: true, ..named(KeyCode::Left) }, Key { alt: true, ..named(KeyCode::Left) }, Key::alt('b')],
        &[Input, Form, Editor],
        "one word left",
        |_| Some(Action::Edit(Edit::WordLeft)),
    ),
    bind(
        "word-right",
        &[Key { ctrl: true, ..named(KeyCode::Right) }, Key { alt: true, ..named(KeyCode::Right) }, Key::alt('f')],
        &[Input, Form, Editor],
        "one word right",
        |_| Some(Action::Edit(Edit::WordRight)),
    ),
    bind("delete-word", &[Key::ctrl('w')], &[Input, Form, Editor], "delete the word before the cursor", |_| {
        Some(Action::Edit(Edit::DeleteWord))
    }),
    bind("start", &[named(KeyCode::Home), Key::ctrl('a')], &[Input, Form, Editor], "go to the start", |_| {
        Some(Action::Edit(Edit::Home))
    }),
    bind("end", &[named(KeyCode::End), Key::ctrl('e')], &[Input, Form, Editor], "go to the end", |_| {
        Some(Action::Edit(Edit::End))
    }),
    bind("yes", &[Key::char('y')], &[Confirm], "yes, do it", mode::offer_yes),
    bind("no", &[Key::char('n'), ESC], &[Confirm], "no, change nothing", |_| Some(Action::Decline)),
    // The program as a whole.
    bind("reload", &[Key::ctrl('r')], &[Panes, Page], "reload the settings and the profiles", |_| {
        Some(Action::ReloadProfiles)
    }),
    bind("theme", &[], &[Panes], "take the next theme until the program ends", look::offer_next),
    bind("redraw", &[Key::ctrl('l')], &[Everywhere], "redraw the screen", |_| Some(Action::Redraw)),
    bind("suspend", &[Key::ctrl('z')], &[Everywhere], "suspend; `fg` resumes", |_| Some(Action::Suspend)),
    bind("quit", &[Key::ctrl('c')], &[Everywhere], "quit", |_| Some(Action::Quit)),
];
