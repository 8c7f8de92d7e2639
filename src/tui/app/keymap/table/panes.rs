//! What the keys mean in the panes.

use super::{ENTER, ESC, bind, named};
use crate::tui::app::{
    compare, copy, edit, exchange,
    filter::narrow,
    inspector,
    key::{Key, KeyCode},
    keymap::{
        Action, Binding, Place,
        Place::{Horizon, Inspector, Log, Page, Panes, ProfilePage, Profiles, Tokens, ValuePage, Welcome},
    },
    known_keys, log, machine, marks,
    mode::Choice,
    notices, profiles, renewal, rotation, scope, tasks, tokens, travel, vault, verify, welcome,
};

pub(super) static BINDINGS: &[Binding] = &[
    // What matters most stands first in the key bar.
    bind(
        "keep-unlocked",
        &[Key::char('W')],
        &[Panes],
        "keep the vault unlocked until you lock it: no idle lock",
        vault::offer_keep_open,
    ),
    bind("go-to", &[ENTER], &[Log], "go to what the entry is about", log::offer_subject)
        .unless("the entry is about no profile"),
    bind("errors-only", &[named(KeyCode::Tab)], &[Log], "show only errors, or all again", log::offer_errors),
    bind("copy-details", &[Key::char('y')], &[Log], "copy the entry with all its parts", log::offer_copy),
    bind("filter", &[Key::char('/')], &[Log], "show only entries with these words", |_| Some(Action::FilterLog(true))),
    bind("drop-filter", &[ESC], &[Log], "show all entries", log::offer_drop_filter),
    bind("clear", &[Key::char('D')], &[Log], "clear the log; it can be undone", log::offer_clear),
    bind("cancel", &[ESC], &[Panes], "cancel the running login or refresh", tasks::offer_cancel)
        .unless("nothing runs that was asked for"),
    bind("keep-locked", &[ESC], &[Panes], "keep the vault locked", vault::offer_stop),
    bind("unlock-at-once", &[ENTER], &[Panes], "unlock the vault", vault::offer_unlock_at_once),
    bind("cancel-search", &[ESC], &[Panes], "cancel the search for keys", known_keys::offer_cancel)
        .unless("no keys are being looked for"),
    bind(
        "time-travel",
        &[Key::char('@')],
        &[Panes, Page],
        "time travel: show everything as of another time; again to return",
        travel::offer,
    ),
    bind("new", &[Key::char('n')], &[Welcome], "create a profile", welcome::offer_new),
    bind("import", &[Key::char('i')], &[Welcome], "import profiles from another program", welcome::offer_import),
    bind("demo", &[Key::char('t')], &[Welcome], "try the demo: its own server, nothing is saved", welcome::offer_demo),
    bind(
        "details",
        &[ENTER],
        &[Profiles],
        "show the profile's settings, state and last failure",
        profiles::offer_details,
    ),
    bind("open-group", &[ENTER], &[Profiles], "fold or unfold the group; else go to the tokens", scope::offer_enter),
    bind("unmark", &[ESC], &[Panes], "drop all marks", marks::offer_none).unless("nothing is marked"),
    bind("end-search", &[ESC], &[Inspector], "end the search", inspector::search::offer_clear)
        .unless("nothing is searched for"),
    bind("drop-filter", &[ESC], &[Panes], "drop the filter: show all rows", narrow::offer_drop)
        .unless("no filter is set"),
    bind(
        "next-match",
        &[Key::char('n')],
        &[Inspector],
        "next match; in the raw token, next defect",
        inspector::search::offer_next,
    )
    .unless("no match and no defect"),
    bind(
        "previous-match",
        &[Key::char('N')],
        &[Inspector],
        "previous match or defect; without one, the log",
        inspector::search::offer_previous,
    )
    .unless("no match and no defect"),
    bind(
        "open-inside",
        &[Key::char('o')],
        &[Inspector, ValuePage],
        "open the token inside the value as a separate row",
        inspector::nested::offer,
    )
    .unless("the value under the cursor holds no token"),
    bind(
        "copy-value",
        &[Key::char('y')],
        &[Inspector, ValuePage],
        "copy the value under the cursor",
        copy::offer_value,
    ),
    bind(
        "copy-pointer",
        &[Key::char('P')],
        &[Inspector, ValuePage],
        "copy the JSON pointer of the value (RFC 6901)",
        copy::offer_pointer,
    ),
    bind(
        "copy-header",
        &[Key::char('a')],
        &[Tokens, Inspector],
        "copy the Authorization header, with the profile's scheme",
        copy::offer_header,
    ),
    bind("copy-token", &[Key::char('c')], &[Tokens, Inspector], "copy the token", copy::offer_token)
        .unless("no token to copy"),
    bind(
        "refresh",
        &[Key::char('r')],
        &[Panes, ProfilePage, Horizon, Log],
        "refresh the profile's tokens",
        tasks::offer_refresh,
    )
    .unless("nothing to refresh now: no tokens yet, or a task runs; {key:log-in} logs in"),
    bind(
        "rotate",
        &[Key::char('X')],
        &[Profiles, Horizon, Log],
        "rotate: new tokens first, then end the old ones and prove it; shows a plan",
        rotation::offer::offer,
    )
    .unless("nothing to rotate here"),
    bind(
        "verify",
        &[Key::char('V')],
        &[Tokens, Inspector],
        "verify: why the token would be accepted or rejected",
        verify::offer,
    ),
    bind(
        "verify",
        &[Key::char('V')],
        &[Profiles],
        "show the token's checklist: why it would be accepted or rejected",
        verify::offer,
    ),
    bind(
        "verify",
        &[Key::char('V')],
        &[ProfilePage, Log],
        "show the checklist of the profile's token",
        verify::offer_for_profile,
    ),
    bind("compare", &[Key::char('m')], &[Tokens], "mark the token; on another one, compare the two", compare::offer),
    bind(
        "give-key",
        &[Key::char('K')],
        &[Tokens, Inspector],
        "give keys to verify or decrypt with: secret, file, JWK set, discovery",
        known_keys::offer,
    ),
    bind(
        "give-key",
        &[Key::char('K')],
        &[ProfilePage, Log],
        "give keys to verify the profile's token with",
        known_keys::offer_for_profile,
    ),
    bind(
        "log-in",
        &[Key::char('l')],
        &[Panes, ProfilePage, Horizon, Log],
        "log in with the profile",
        tasks::offer_login,
    )
    .unless("no login here: the profile has none, or a task runs"),
    bind(
        "edit",
        &[Key::char('e')],
        &[Tokens, Inspector],
        "edit the JWT's claims and header, and re-sign; the original stays unchanged",
        edit::offer,
    ),
    bind(
        "revoke",
        &[Key::char('x')],
        &[Panes, ProfilePage, Horizon, Log],
        "revoke the profile's tokens at the server, after confirmation",
        tasks::offer_revoke,
    )
    .unless("nothing to revoke: no tokens, or the system has no way to"),
    bind("inspect", &[ENTER], &[Tokens], "go to the inspector", |model| {
        model.tokens.selected().map(|_| Action::Inspect)
    }),
    bind(
        "compare-before",
        &[ENTER],
        &[Inspector],
        "in the history: compare the generation with the one before it",
        compare::offer_before,
    ),
    bind(
        "whole-value",
        &[ENTER],
        &[Inspector],
        "show the whole value, its meaning and its place",
        inspector::value::offer,
    ),
    bind("mark", &[Key::char(' ')], &[Panes], "mark, and go down; on a group mark its profiles", marks::offer_toggle),
    bind(
        "probe",
        &[Key::char('p')],
        &[Panes, ProfilePage, Horizon, Log],
        "probe: ask the server who the access token belongs to",
        tasks::offer_probe,
    )
    .unless("nothing to probe now: no token yet, or a task runs"),
    bind(
        "test",
        &[Key::char('t')],
        &[ProfilePage],
        "test the profile: probe its access token; without one, log in",
        tasks::offer_test,
    )
    .unless("nothing to test now: a task runs, or the system has no login"),
    bind(
        "exchange",
        &[Key::char('w')],
        &[Panes, ProfilePage, Horizon, Log],
        "show the profile's last HTTP exchange with its server",
        exchange::offer,
    )
    .unless("no exchange yet; {key:refresh|log-in} makes one"),
    bind(
        "next-tab",
        &[named(KeyCode::Right), Key::char('t')],
        &[Inspector],
        "show the next tab",
        inspector::offer_next_tab,
    ),
    bind(
        "previous-tab",
        &[named(KeyCode::Left), Key::char('T')],
        &[Inspector],
        "show the previous tab",
        inspector::offer_previous_tab,
    ),
    bind(
        "search",
        &[Key::char('/')],
        &[Inspector],
        "search names and values from any tab; a capital letter makes it case-sensitive",
        inspector::search::offer,
    ),
    bind("fold", &[Key::char('z')], &[Inspector], "fold or unfold the array or object", inspector::tree::offer_fold),
    bind(
        "fold-all",
        &[Key::char('Z')],
        &[Inspector],
        "fold all; if anything is folded, unfold all",
        inspector::tree::offer_fold_all,
    ),
    bind(
        "show-secret",
        &[Key::char('s')],
        &[Panes],
        "show or hide the secret part of the raw token",
        inspector::offer_reveal,
    )
    .unless("only in the Raw tab"),
    bind("fold", &[Key::char('z')], &[Profiles], "fold or unfold the group", scope::offer_fold),
    bind(
        "fold-all",
        &[Key::char('Z')],
        &[Profiles],
        "fold all groups; if any is folded, unfold all",
        scope::offer_fold_all,
    ),
    bind("into", &[named(KeyCode::Right)], &[Profiles], "unfold the group; else go to the tokens", scope::offer_into),
    bind("out", &[named(KeyCode::Left)], &[Profiles], "fold the group; in one, go to its heading", scope::offer_out),
    bind(
        "copy-as",
        &[Key::char('C')],
        &[Tokens, Inspector],
        "copy in another form: the next key says which",
        |model| copy::offer_token(model).map(|_| Action::Await(Place::CopyAs)),
    ),
    bind("copy-claims", &[Key::char('Y')], &[Tokens, Inspector], "copy the claims as JSON", copy::offer_claims),
    bind(
        "auto-renew",
        &[Key::char('R')],
        &[Panes, ProfilePage, Horizon, Log],
        "turn auto-refresh on or off until you quit; auto_refresh in the profile is permanent",
        renewal::offer_toggle,
    ),
    bind("new", &[Key::char('n')], &[Profiles], "create a profile", |model| {
        Some(machine::offer_profile(model).unwrap_or(Action::Choose(Choice::Provider)))
    }),
    bind(
        "new-over-program",
        &[Key::char('n')],
        &[Tokens],
        "create a profile that asks the program for its token",
        machine::offer_profile,
    )
    .unless("no program with a command for its token is under the cursor"),
    bind("edit", &[Key::char('e')], &[Profiles, ProfilePage], "edit the profile", profiles::offer_edit),
    bind(
        "import",
        &[Key::char('i')],
        &[Profiles],
        "import profiles from another program or provider",
        profiles::offer_import,
    ),
    bind(
        "duplicate",
        &[Key::char('D'), Key::char('+')],
        &[Profiles, ProfilePage],
        "create a profile from a copy of this one",
        profiles::offer_duplicate,
    ),
    bind(
        "delete",
        &[Key::char('d'), named(KeyCode::Delete)],
        &[Profiles, ProfilePage],
        "delete the profile and forget its tokens, or remove the view; it can be undone",
        profiles::offer_remove,
    ),
    bind(
        "delete",
        &[Key::char('d'), named(KeyCode::Delete)],
        &[Tokens],
        "delete the token, or forget a profile's tokens; it can be undone",
        tokens::offer_delete,
    ),
    bind(
        "filter",
        &[Key::char('/')],
        &[Profiles, Tokens],
        "filter the tokens by words, fields and time: `lms kind:acc !state:expired left<1h`",
        narrow::offer,
    )
    .unless("no tokens to filter here; {key:log-in} gets some"),
    bind("return-to-now", &[ESC], &[Panes], "end the time travel", travel::offer_return).unless("no time travel"),
    bind("sort", &[Key::char('S')], &[Tokens], "sort…", |model| {
        (!model.tokens.narrowing.shown().is_empty()).then_some(Action::Await(Place::Sort))
    })
    .unless("there is no token"),
    bind(
        "keep-filter",
        &[Key::char('F')],
        &[Tokens],
        "keep the filter as a view in the tree",
        scope::views::offer_keep,
    )
    .unless("no filter to keep; {key:filter} sets one"),
    bind("mark-all", &[Key::char('*')], &[Panes], "mark all that are shown; once more: none", marks::offer_all),
    bind(
        "fold",
        &[Key::char('z')],
        &[Tokens],
        "show or hide the tokens that this one has replaced",
        tokens::old::offer_fold,
    )
    .unless("this token has replaced none that may still be accepted"),
    bind(
        "into",
        &[named(KeyCode::Right)],
        &[Tokens],
        "show the tokens that this one has replaced",
        tokens::old::offer_into,
    )
    .unless("nothing is folded here"),
    bind(
        "out",
        &[named(KeyCode::Left)],
        &[Tokens],
        "hide the tokens that this one has replaced",
        tokens::old::offer_out,
    )
    .unless("nothing is unfolded here"),
    bind(
        "edit-profile",
        &[Key::char('E')],
        &[Panes, ProfilePage, Horizon, Log],
        "edit the profile: what is expected of its tokens, too",
        profiles::offer_edit,
    )
    .unless("no profile is there to edit, or a task runs for it"),
    bind("dismiss", &[ESC], &[Panes], "dismiss the notice", notices::line::offer_dismiss).unless("no notice is shown"),
    bind("drop-changes", &[ESC], &[Tokens, Inspector], "drop the Δ of the last refresh", tokens::offer_drop_changes)
        .unless("no Δ is shown"),
];
