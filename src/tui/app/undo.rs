//! Undo: one stack of what can be put back, the last first. It is kept for ten minutes, in memory that is wiped; a lock and the
//! end of the program wipe it at once.

use std::collections::VecDeque;

use chrono::TimeDelta;

use super::{
    Model,
    keymap::Action,
    message::Effects,
    notices::{Level, Notice},
    schedule::Wait,
    tokens::{Row, RowId},
};
use crate::clock::Timestamp;

/// How long something can be put back.
const KEPT: TimeDelta = TimeDelta::minutes(10);

/// What was done, with all that is needed to undo it.
#[derive(Debug)]
pub(crate) enum Undone {
    /// Tokens were deleted; each with its place, the first place first.
    Deleted(Vec<(usize, Row)>),
    /// Tokens were pasted.
    Pasted(Vec<RowId>),
    /// The log was cleared.
    Log(VecDeque<Notice>),
}

/// Something that can be undone.
#[derive(Debug)]
struct Undoable {
    wait: Wait,
    /// What comes back, or goes: `the token 624b8c7a`; sanitized.
    words: String,
    undone: Undone,
}

/// The stack, the last on top.
#[derive(Debug, Default)]
pub(crate) struct Undo(Vec<Undoable>);

impl Undo {
    /// The vault is locked: nothing is left to put back.
    pub(super) fn lock(&mut self) {
        self.0.clear();
    }

    /// The clock was set back to `now`.
    pub(super) fn set_back(&mut self, now: Timestamp) {
        self.0.iter_mut().for_each(|undoable| undoable.wait.set_back(now));
    }
}

/// Keeps something that was done, so that it can be undone.
pub(super) fn keep(model: &mut Model, undone: Undone, words: &str) {
    let wait = Wait::new(model.now, KEPT);
    model.undo.0.push(Undoable { wait, words: words.to_owned(), undone });
}

/// When the oldest is to be wiped.
pub(super) fn next(model: &Model) -> Option<Timestamp> {
    model.undo.0.iter().map(|undoable| undoable.wait.until()).min()
}

/// Wipes what is too old.
pub(super) fn due(model: &mut Model) -> Effects {
    let now = model.now;
    model.undo.0.retain(|undoable| undoable.wait.until() > now);
    Effects::none()
}

pub(super) fn offer(model: &Model) -> Option<Action> {
    model.undo.0.last().map(|_| Action::UndoLast)
}

/// Undoes the last.
pub(super) fn undo(model: &mut Model) -> Effects {
    let Some(Undoable { words, undone, .. }) = model.undo.0.pop() else { return Effects::none() };
    match undone {
        Undone::Deleted(rows) => {
            model.tokens.put_back(rows);
            model.tell(Level::Info, &format!("Restored {words}."));
        }
        Undone::Pasted(ids) => {
            model.tokens.remove(&ids);
            model.tell(Level::Info, &format!("Took back {words}."));
        }
        Undone::Log(taken) => {
            model.notices.restore(taken);
            model.tell(Level::Info, &format!("Restored {words}."));
        }
    }
    Effects::none()
}
