//! What the keys of a rotation mean right now.

use super::{Step, act, live, top};
use crate::{
    store::runs::RunId,
    tui::app::{
        Model,
        keymap::Action,
        message::TaskId,
        mode::{Mode, Question},
        page::PageKind,
        target,
    },
};

/// What is meant by it: the one that runs, or a plan for what the commands act on.
pub(in crate::tui::app) fn offer(model: &Model) -> Option<Action> {
    let possible = model.rotation.running().is_some() || target::profiles(model).is_ok_and(|all| !all.is_empty());
    possible.then_some(act(Step::Plan { panic: false }))
}

pub(in crate::tui::app) fn offer_panic(model: &Model) -> Option<Action> {
    let free = model.rotation.running().is_none();
    let possible = free && target::profiles(model).is_ok_and(|all| !all.is_empty());
    possible.then_some(act(Step::Plan { panic: true }))
}

/// In the question whether to revoke.
pub(in crate::tui::app) fn offer_instead(model: &Model) -> Option<Action> {
    let Some(Mode::Confirm(Question::Revoke(name, _))) = model.modes.top() else { return None };
    model.rotation.running().is_none().then(|| Action::Answer(act(Step::Instead(name.clone())).into()))
}

/// The run that is shown and was cut off; where none is shown, the newest one.
fn cut_off(model: &Model) -> Option<RunId> {
    match live(model) {
        _ if model.rotation.running().is_some() => None,
        Some(live) => live.run.clone().filter(|_| live.receipt.is_none()),
        None => model.rotation.cut_off().map(|run| run.id.clone()),
    }
}

pub(in crate::tui::app) fn offer_resume(model: &Model) -> Option<Action> {
    cut_off(model).map(|run| act(Step::Resume(run)))
}

pub(in crate::tui::app) fn offer_abandon(model: &Model) -> Option<Action> {
    cut_off(model).map(|run| Action::Ask(Question::Abandon(run)))
}

/// The run whose receipt is shown, where tokens were not dead at its end; where none is shown, the newest such run.
pub(in crate::tui::app) fn offer_recheck(model: &Model) -> Option<Action> {
    let run = match live(model) {
        _ if model.rotation.running().is_some() => None,
        Some(live) => live.run.clone().filter(|_| live.survives()),
        None => {
            let mut runs = model.rotation.runs.iter().filter(|run| run.left == 0 && !run.is_running);
            runs.find(|run| run.totals.survivors() > 0).map(|run| run.id.clone())
        }
    };
    run.map(|run| act(Step::Recheck(run)))
}

pub(in crate::tui::app) fn offer_stop(model: &Model) -> Option<Action> {
    live(model).filter(|live| live.task.is_some() && live.stops < 2).map(|_| act(Step::Stop))
}

/// The task whose profile waits for the user.
pub(super) fn asking(model: &Model) -> Option<TaskId> {
    let id = model.rotation.running()?.task?;
    model.tasks.by_id(id).filter(|task| task.waits()).map(|task| task.id)
}

pub(in crate::tui::app) fn offer_skip(model: &Model) -> Option<Action> {
    asking(model).map(|_| act(Step::Skip))
}

pub(in crate::tui::app) fn offer_answer(model: &Model) -> Option<Action> {
    live(model)?;
    asking(model).map(|_| act(Step::Answer))
}

pub(in crate::tui::app) fn offer_hide(model: &Model) -> Option<Action> {
    live(model).filter(|live| live.task.is_some()).map(|_| act(Step::Hide))
}

/// What the profile under the cursor has sent last.
pub(in crate::tui::app) fn offer_exchange(model: &Model) -> Option<Action> {
    live(model)?;
    let name = top(model)?.selected.as_ref()?;
    model.rotation.exchange(name).map(|_| Action::Open(PageKind::Exchange(name.clone())))
}

pub(in crate::tui::app) fn offer_copy_receipt(model: &Model) -> Option<Action> {
    live(model).filter(|live| live.receipt.is_some()).map(|_| act(Step::CopyReceipt))
}

pub(in crate::tui::app) fn offer_write_receipt(model: &Model) -> Option<Action> {
    live(model).filter(|live| live.receipt.is_some()).map(|_| act(Step::WriteReceipt))
}

pub(in crate::tui::app) fn offer_whole_receipt(model: &Model) -> Option<Action> {
    live(model).filter(|live| live.receipt.is_some()).map(|_| act(Step::WholeReceipt))
}
