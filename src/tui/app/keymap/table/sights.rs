//! What the keys mean on the pages that show many tokens, or two: the horizon, and a comparison.

use super::{ENTER, ESC, bind, named};
use crate::tui::app::{
    compare, horizon,
    key::{Key, KeyCode},
    keymap::{
        Binding,
        Place::{Compare, Horizon, Page, Panes, ProfilePage, ValuePage},
    },
    log, page,
};

pub(super) static BINDINGS: &[Binding] = &[
    bind(
        "search",
        &[Key::char('/')],
        &[Page],
        "search the page; a capital letter makes it case-sensitive",
        page::search::offer,
    ),
    bind("next-match", &[Key::char('n')], &[Page], "next match", page::search::offer_next)
        .unless("nothing is searched for"),
    bind("previous-match", &[Key::char('N')], &[Page], "previous match", page::search::offer_previous)
        .unless("nothing is searched for"),
    bind("end-search", &[ESC], &[Page], "end the search", page::search::offer_clear).unless("nothing is searched for"),
    bind("horizon", &[Key::char('H')], &[Panes], "horizon: what ends when, on one axis", horizon::offer),
    bind(
        "go-to",
        &[ENTER],
        &[Horizon],
        "on a profile, show its old generations; again, and elsewhere: go to the token",
        horizon::offer_go_to,
    ),
    bind(
        "generations",
        &[Key::char('z')],
        &[Horizon],
        "show or hide the old generations of the profile",
        horizon::offer_generations,
    )
    .unless("it has no old generations"),
    bind("verify", &[Key::char('V')], &[Horizon], "show the checklist of the token", horizon::offer_verify)
        .unless("no token here"),
    bind(
        "give-key",
        &[Key::char('K')],
        &[Horizon],
        "give keys to verify or decrypt the token with",
        horizon::offer_give_key,
    )
    .unless("no token here"),
    bind("filter", &[Key::char('/')], &[Horizon], "show only what has these words", page::search::offer),
    bind("drop-filter", &[ESC], &[Horizon], "drop the filter: show all", page::search::offer_clear)
        .unless("no filter is set"),
    bind("zoom-in", &[Key::char('+'), Key::char('=')], &[Horizon], "show less time: 8 h, 1 h, 5 m", horizon::offer_in),
    bind("zoom-out", &[Key::char('-')], &[Horizon], "show more time: 1 h, 8 h, 30 d", horizon::offer_out),
    bind("earlier", &[named(KeyCode::Left)], &[Horizon], "move to earlier times", horizon::offer_earlier),
    bind("later", &[named(KeyCode::Right)], &[Horizon], "move to later times", horizon::offer_later),
    bind("now", &[Key::char('0')], &[Horizon], "return to now", horizon::offer_now).unless("it shows now"),
    bind(
        "order",
        &[Key::char('S')],
        &[Horizon],
        "group by environment, or sort by what ends next",
        horizon::offer_sort,
    ),
    bind("swap", &[named(KeyCode::Tab)], &[Compare], "swap the sides", compare::offer_swap),
    bind("raw-numbers", &[Key::char('#')], &[Compare], "show times as the numbers that they are", compare::offer_raw)
        .unless("there is no time in it"),
    bind("fold", &[Key::char('z')], &[Compare], "show or hide what is the same", compare::offer_fold)
        .unless("nothing is the same"),
    bind("next-difference", &[Key::char('n')], &[Compare], "next difference", compare::offer_next)
        .unless("no further difference"),
    bind("previous-difference", &[Key::char('N')], &[Compare], "previous difference", compare::offer_previous)
        .unless("no difference before this one"),
    bind("copy", &[Key::char('y')], &[Compare], "copy the comparison as text", compare::offer_copy),
    bind("copy", &[Key::char('y')], &[Horizon], "copy the horizon as text", horizon::offer_copy),
    // Only while nothing is searched for.
    bind("log", &[Key::char('N')], &[ProfilePage, ValuePage, Horizon], "show the log", log::offer_open)
        .unless("no notices yet"),
];
