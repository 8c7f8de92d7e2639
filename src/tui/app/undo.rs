//! Undo: one stack of what can be put back, the last first. It is kept for ten minutes, in memory that is wiped; a lock and the
//! end of the program wipe it at once.

use std::collections::VecDeque;

use chrono::TimeDelta;

use super::{
    Model,
    keymap::Action,
    marks,
    message::{Effect, Effects, KeepId, Kept, What},
    mode::rebind::{self, Before},
    notices::{Level, Notice},
    schedule::Wait,
    scope,
    tasks::{self, Cause, Task},
    tokens::{Row, RowId},
    vault,
};
use crate::{
    clock::Timestamp,
    profile::{Profile, ProfileName},
    store::state::View,
    trouble::Trouble,
};

/// How long something can be put back.
const KEPT: TimeDelta = TimeDelta::minutes(10);

/// What was done, with all that is needed to undo it.
#[derive(Debug)]
pub(crate) enum Undone {
    /// Tokens were deleted; each with its place, the first place first.
    Deleted(Vec<(usize, Row)>),
    /// Tokens were pasted.
    Pasted(Vec<RowId>),
    /// Tokens of profiles were forgotten, with or without the profile.
    Forgotten(Vec<(ProfileName, KeepId)>),
    /// What is marked was changed.
    Marks,
    /// A command had other keys.
    Keys(Before),
    /// The log was cleared.
    Log(VecDeque<Notice>),
    /// The views were others.
    Views(Vec<View>),
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
pub(crate) struct Undo {
    stack: Vec<Undoable>,
    last: u64,
}

impl Undo {
    /// An id for what is about to be forgotten.
    pub(super) fn fresh_id(&mut self) -> KeepId {
        self.last += 1;
        KeepId(self.last)
    }

    /// The vault is locked: nothing is left to put back.
    pub(super) fn lock(&mut self) -> Option<Effect> {
        wipe(self.stack.drain(..))
    }

    /// The clock was set back to `now`.
    pub(super) fn set_back(&mut self, now: Timestamp) {
        self.stack.iter_mut().for_each(|undoable| undoable.wait.set_back(now));
    }
}

/// Keeps something that was done, so that it can be undone.
pub(super) fn keep(model: &mut Model, undone: Undone, words: &str) {
    let wait = Wait::new(model.now, KEPT);
    model.undo.stack.push(Undoable { wait, words: words.to_owned(), undone });
}

/// When the oldest is to be wiped.
pub(super) fn next(model: &Model) -> Option<Timestamp> {
    model.undo.stack.iter().map(|undoable| undoable.wait.until()).min()
}

/// Wipes what is too old.
pub(super) fn due(model: &mut Model) -> Effects {
    let now = model.now;
    let old = model.undo.stack.extract_if(.., |undoable| undoable.wait.until() <= now);
    wipe(old).map_or_else(Effects::none, Effects::from)
}

/// What is dropped here is wiped with its memory; what the session keeps of it, too.
fn wipe(dropped: impl Iterator<Item = Undoable>) -> Option<Effect> {
    let kept = |undoable: Undoable| match undoable.undone {
        Undone::Forgotten(kept) => kept.into_iter().map(|(_, keep)| keep).collect(),
        Undone::Keys(before) => vec![before.keep],
        _ => Vec::new(),
    };
    let ids: Vec<_> = dropped.flat_map(kept).collect();
    (!ids.is_empty()).then_some(Effect::Wipe(ids))
}

pub(super) fn offer(model: &Model) -> Option<Action> {
    model.undo.stack.last().map(|_| Action::UndoLast)
}

/// Undoes the last.
pub(super) fn undo(model: &mut Model) -> Effects {
    let Some(Undoable { words, undone, .. }) = model.undo.stack.pop() else { return Effects::none() };
    match undone {
        Undone::Deleted(rows) => {
            let first = rows.first().map(|(_, row)| row.id);
            model.tokens.put_back(rows);
            first.into_iter().for_each(|id| scope::show(model, id));
            model.tell(Level::Info, &format!("Restored {words}."));
        }
        Undone::Marks => marks::undo(model),
        Undone::Pasted(ids) => {
            model.tokens.remove(&ids);
            model.tell(Level::Info, &format!("Took back {words}."));
        }
        Undone::Forgotten(kept) => {
            let all: Vec<_> = kept.into_iter().map(|(profile, keep)| (What::PutBack(keep), profile)).collect();
            tasks::begin_group(model, Cause::Undo, &words, all);
        }
        Undone::Keys(before) => return rebind::undo(model, before),
        Undone::Views(before) => {
            model.tell(Level::Info, &format!("Undid the change of {words}."));
            return scope::views::take(model, before);
        }
        Undone::Log(taken) => {
            model.notices.restore(taken);
            model.tell(Level::Info, &format!("Restored {words}."));
        }
    }
    Effects::none()
}

/// What was forgotten is back, or is not.
pub(super) fn came_back(model: &mut Model, task: &Task, result: Result<(Vec<Profile>, Box<Kept>), Trouble>) {
    let Some(profile) = &task.whose else { return };
    match result {
        Ok((profiles, kept)) => {
            model.profiles.load(Ok(profiles));
            vault::put_back(model, profile, *kept);
            match model.tasks.group(task) {
                Some(_) => model.note(profile, Level::Success, "Restored."),
                None => model.tell_unsettling(Some(profile), Level::Success, "Restored."),
            }
        }
        Err(why) => model.complain(Some(profile), Level::Error, &why),
    }
}
