//! What is told of rotations: what one that runs has done, that it has ended or failed, and what was run before.

use super::{Doing, Live, Planned, State, show, top};
use crate::{
    auth::AuthError,
    http::Exchange,
    profile::ProfileName,
    session::rotate::{Event, RunSummary, receipt::Receipt},
    store::runs::RunId,
    text,
    trouble::Trouble,
    tui::app::{Model, message::TaskId, mode::Mode, notices::Level},
};

/// The plan is made.
pub(in crate::tui::app) fn planned(model: &mut Model, id: TaskId, planned: Planned) {
    let now = model.now;
    if let State::Draft(draft) = &mut model.rotation.state {
        draft.take(id, planned, now);
    }
}

/// News of one that runs.
pub(in crate::tui::app) fn event(model: &mut Model, id: TaskId, event: Event) {
    let now = model.now;
    if let State::Live(live) = &mut model.rotation.state
        && live.task == Some(id)
    {
        live.take(event, now);
    }
}

/// A profile of one that runs has talked to its server.
pub(in crate::tui::app) fn exchanged(model: &mut Model, id: TaskId, profile: &ProfileName, exchange: Exchange) {
    let locked = model.vault.is_locked();
    if let State::Live(live) = &mut model.rotation.state
        && live.task == Some(id)
        && !locked
    {
        live.exchanged(profile, exchange);
    }
}

/// It has ended.
pub(in crate::tui::app) fn ended(model: &mut Model, id: TaskId, receipt: Receipt) {
    let now = model.now;
    let State::Live(live) = &mut model.rotation.state else { return };
    if live.task != Some(id) {
        return;
    }
    let (summary, totals, doing) = (receipt.summary(), receipt.totals, live.doing);
    let clean = live.end(receipt, now);
    if let Some(run) = live.run.clone() {
        model.rotation.runs.retain(|known| known.id != run);
        let profiles = live_len(&model.rotation.state);
        model.rotation.runs.insert(0, RunSummary { id: run, profiles, left: 0, totals, is_running: false });
    }
    let what = match doing {
        Doing::Rotating => "Rotation ended",
        Doing::Rechecking => "Old tokens checked again",
        Doing::Abandoning => "Rotation abandoned",
    };
    let words = format!("{what}: {summary}.");
    let level = if clean { Level::Success } else { Level::Warning };
    match top(model) {
        Some(_) => model.tell(level, &words),
        None => model.advise(None, level, &words, "{key:commands} rotation receipts shows the receipt"),
    }
}

fn live_len(state: &State) -> usize {
    if let State::Live(live) = state { live.rows.len() } else { 0 }
}

/// It could not be planned, or not be performed.
pub(in crate::tui::app) fn failed(model: &mut Model, id: TaskId, error: AuthError) {
    match &mut model.rotation.state {
        State::Draft(draft) if draft.task == Some(id) => {
            model.rotation.state = State::None;
            model.modes.take(|mode| matches!(mode, Mode::Rotation(_)));
        }
        State::Live(live) if live.task == Some(id) => (live.task, live.ended) = (None, Some(model.now)),
        _ => return,
    }
    if error != AuthError::Cancelled {
        model.complain(None, Level::Error, &Trouble::from(error));
    }
}

/// What was run before: one that was cut off is offered.
pub(in crate::tui::app) fn found(model: &mut Model, runs: Vec<RunSummary>) {
    model.rotation.runs = runs;
    if let Some(run) = model.rotation.cut_off() {
        let words = format!("Rotation {} was cut off: {} of {} profiles are left.", run.id, run.left, run.profiles);
        let hint = "{key:commands} resume rotation goes on with it, {key:commands} abandon rotation gives it up";
        model.advise(None, Level::Error, &words, hint);
    }
}

/// A receipt was read, to be shown.
pub(in crate::tui::app) fn read(model: &mut Model, run: &RunId, result: Result<Option<Receipt>, String>) {
    match result {
        Ok(Some(receipt)) => {
            let mut live = Live::new(TaskId(0), Vec::new(), model.now, true);
            live.run = Some(run.clone());
            live.end(receipt, model.now);
            if model.rotation.running().is_none() {
                model.rotation.state = State::Live(live);
                show(model);
            }
        }
        Ok(None) => model.tell(Level::Warning, &format!("Rotation {run} has no receipt yet.")),
        Err(why) => model.tell(Level::Error, &format!("Could not read the receipt: {}", text::visible(&why))),
    }
}
