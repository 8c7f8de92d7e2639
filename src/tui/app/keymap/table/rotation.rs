//! What the keys mean for a rotation: its plan, while it runs, its receipt.

use super::{ENTER, ESC, bind, named};
use crate::tui::app::{
    input::Edit,
    key::{Key, KeyCode},
    keymap::{
        Action, Binding,
        Place::{Confirm, Demand, Inspector, Panes, ProfilePage, Rotation, RotationPlan, Tokens},
    },
    list::Motion,
    mode::{self, Choice},
    rotation::{draft, offer},
};

pub(super) static BINDINGS: &[Binding] = &[
    bind(
        "rotate",
        &[Key::char('X')],
        &[Tokens, Inspector, ProfilePage],
        "rotate: new tokens first, then end the old ones and prove it; shows a plan",
        offer::offer,
    )
    .unless("nothing to rotate here"),
    bind(
        "rotate-revoking-first",
        &[],
        &[Panes],
        "rotate in an emergency: end the old sessions first; shows a plan",
        offer::offer_panic,
    )
    .unless("nothing to rotate here"),
    bind("rotation-receipts", &[], &[Panes], "show the receipt of an earlier rotation", |model| {
        (!model.rotation.runs.is_empty()).then_some(Action::Choose(Choice::Receipt))
    })
    .unless("no rotation was run"),
    bind("resume-rotation", &[], &[Panes], "resume the rotation that was cut off", offer::offer_resume)
        .unless("none was cut off"),
    bind(
        "abandon-rotation",
        &[],
        &[Panes],
        "give up the rotation that was cut off: its profiles can be used again",
        offer::offer_abandon,
    )
    .unless("none was cut off"),
    bind(
        "recheck-rotation",
        &[],
        &[Panes],
        "check again the old tokens that were not dead at the end of the last rotation",
        offer::offer_recheck,
    )
    .unless("no old token is left to check"),
    bind("resume", &[Key::char('X')], &[Rotation], "resume the rotation that was cut off", offer::offer_resume)
        .unless("it was not cut off"),
    bind(
        "abandon",
        &[Key::char('A')],
        &[Rotation],
        "give up the rotation that was cut off: its profiles can be used again",
        offer::offer_abandon,
    )
    .unless("it was not cut off"),
    bind("answer", &[ENTER], &[Rotation], "answer the question that was put aside", offer::offer_answer)
        .unless("nothing is asked"),
    bind(
        "skip",
        &[Key::char('s')],
        &[Rotation, Demand],
        "skip the profile that asks: its refresh token counts, or it fails",
        offer::offer_skip,
    )
    .unless("nothing is asked"),
    bind(
        "rotate-instead",
        &[Key::char('X')],
        &[Confirm],
        "rotate instead of revoking: new tokens first",
        offer::offer_instead,
    ),
    bind(
        "confirm",
        &[ENTER],
        &[RotationPlan],
        "rotate; the names of protected environments are typed before it, for others it asks once more",
        draft::offer_confirm,
    ),
    bind(
        "leave-out",
        &[Key::char(' ')],
        &[RotationPlan],
        "leave the profile out, or take it in again",
        draft::offer_leave_out,
    ),
    bind(
        "revoke-first",
        &[Key::char('!')],
        &[RotationPlan],
        "end the old sessions first; again: get the new ones first",
        draft::offer_panic,
    ),
    bind("copy-plan", &[Key::char('y')], &[RotationPlan], "copy the plan as text", draft::offer_copy),
    bind("close", &[ESC], &[RotationPlan], "close the plan; nothing happens", |_| Some(Action::Close)),
    bind("up", &[named(KeyCode::Up)], &[RotationPlan], "up", |_| Some(Action::Move(Motion::Up))),
    bind("down", &[named(KeyCode::Down)], &[RotationPlan], "down", |_| Some(Action::Move(Motion::Down))),
    bind("page-up", &[named(KeyCode::PageUp)], &[RotationPlan], "page up", |_| Some(Action::Move(Motion::PageUp))),
    bind("page-down", &[named(KeyCode::PageDown)], &[RotationPlan], "page down", |_| {
        Some(Action::Move(Motion::PageDown))
    }),
    bind(
        "backspace",
        &[named(KeyCode::Backspace), Key::ctrl('h')],
        &[RotationPlan],
        "delete the character before the cursor",
        |_| Some(Action::Edit(Edit::Backspace)),
    ),
    bind("clear-line", &[Key::ctrl('u')], &[RotationPlan], "clear what was typed", mode::offer_clear),
    bind(
        "stop",
        &[ESC],
        &[Rotation],
        "stop safely: nothing new begins, what was begun is finished; again: no more proofs",
        offer::offer_stop,
    ),
    bind(
        "exchange",
        &[Key::char('w')],
        &[Rotation],
        "show the last HTTP exchange of the profile under the cursor in the rotation",
        offer::offer_exchange,
    )
    .unless("nothing was sent for this profile yet"),
    bind("hide", &[Key::char('q')], &[Rotation], "hide the page; the rotation goes on", offer::offer_hide),
    bind("copy-receipt", &[Key::char('y')], &[Rotation], "copy the receipt as Markdown", offer::offer_copy_receipt)
        .unless("it comes at the end"),
    bind(
        "write-receipt",
        &[Key::char('W')],
        &[Rotation],
        "write the receipt into a file of the current folder",
        offer::offer_write_receipt,
    )
    .unless("it comes at the end"),
    bind(
        "recheck",
        &[Key::char('p')],
        &[Rotation],
        "check again the old tokens that were not dead at the end",
        offer::offer_recheck,
    )
    .unless("no old token is left to check"),
    bind("whole-receipt", &[ENTER], &[Rotation], "show the whole receipt", offer::offer_whole_receipt)
        .unless("it comes at the end"),
];
