//! Rotation on screen: the plan that is confirmed, what becomes of each profile while it runs, and the receipt. It goes on
//! while its page is hidden; whatever has happened is told by the state here, not by the page.

pub(crate) mod draft;
pub(crate) mod live;
pub(in crate::tui::app) mod news;
pub(crate) mod offer;
pub(crate) mod page;
mod receipts;
mod told;
mod words;

use std::sync::Arc;

pub(crate) use self::{
    draft::Draft,
    live::{Doing, Live},
    page::RotationPage,
    receipts::{RECEIPTS, items},
    words::RowWords,
};
use super::{
    Model, demand,
    keymap::Action,
    message::{Effect, Effects, TaskId, What},
    mode::Mode,
    notices::Level,
    page::Tone,
    target, tasks, vault,
};
use crate::{
    http::Exchange,
    profile::ProfileName,
    session::rotate::{RunSummary, plan::Plan},
    store::runs::RunId,
};

/// What is known of rotations.
#[derive(Debug, Default)]
pub(crate) struct Rotation {
    pub(crate) state: State,
    /// The runs that there are, the newest first.
    pub(crate) runs: Vec<RunSummary>,
}

/// How far it is.
#[derive(Debug, Default)]
pub(crate) enum State {
    /// None is planned or under way.
    #[default]
    None,
    /// A plan, before it is confirmed.
    Draft(Draft),
    /// It runs, or has ended.
    Live(Live),
}

/// A plan as it was made: the same one wherever it goes.
#[derive(Debug, Clone)]
pub struct Planned(pub Arc<Plan>);

impl PartialEq for Planned {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for Planned {}

/// What the keys of a rotation do.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Step {
    /// Plans it for what is meant, old sessions last or first; shows the one that runs.
    Plan {
        panic: bool,
    },
    /// The same for the profile of the question that is open.
    Instead(ProfileName),
    LeaveOut,
    Panic,
    CopyPlan,
    Confirm,
    Begin,
    Stop,
    /// The profile that asks gets no answer.
    Skip,
    /// The question that was put aside is asked again.
    Answer,
    Hide,
    CopyReceipt,
    WriteReceipt,
    WholeReceipt,
    Resume(RunId),
    /// Tries again what was not dead at its end.
    Recheck(RunId),
    Abandon(RunId),
    Read(RunId),
    /// Shows one that was cut off.
    CutOff(RunId),
}

impl Rotation {
    /// What runs.
    pub(crate) fn running(&self) -> Option<&Live> {
        match &self.state {
            State::Live(live) if live.task.is_some() => Some(live),
            _ => None,
        }
    }

    /// Whether the tokens of a profile are being rotated: nothing else is done with them.
    pub(crate) fn covers(&self, profile: &ProfileName) -> bool {
        self.running().is_some_and(|live| live.covers(profile))
    }

    /// What a profile of it has sent last.
    pub(crate) fn exchange(&self, profile: &ProfileName) -> Option<&Arc<Exchange>> {
        if let State::Live(live) = &self.state { live.exchange(profile) } else { None }
    }

    /// The vault was locked: answers of servers go.
    pub(super) fn lock(&mut self) {
        if let State::Live(live) = &mut self.state {
            live.lock();
        }
    }

    fn cut_off(&self) -> Option<&RunSummary> {
        self.runs.iter().find(|run| run.left > 0 && !run.is_running)
    }
}

fn top(model: &Model) -> Option<&RotationPage> {
    if let Some(Mode::Rotation(page)) = model.modes.top() { Some(page) } else { None }
}

fn live(model: &Model) -> Option<&Live> {
    match &model.rotation.state {
        State::Live(live) if top(model).is_some() => Some(live),
        _ => None,
    }
}

fn draft(model: &Model) -> Option<&Draft> {
    match &model.rotation.state {
        State::Draft(draft) if top(model).is_some() => Some(draft),
        _ => None,
    }
}

fn act(step: Step) -> Action {
    Action::Rotate(step)
}

pub(super) fn step(model: &mut Model, step: Step) -> Effects {
    match step {
        Step::Plan { .. } if model.rotation.running().is_some() => show(model),
        Step::Plan { panic } => {
            let places = target::profiles(model).map(|places| places.into_owned()).unwrap_or_default();
            let names = places.into_iter().map(|place| model.profiles.rows[place].profile.name.clone());
            plan(model, names.collect(), panic);
        }
        Step::Instead(name) => plan(model, vec![name], false),
        Step::LeaveOut => draft::leave_out(model),
        Step::Panic => draft::turn(model),
        Step::CopyPlan => return draft::copy(model),
        Step::Confirm => draft::confirm(model),
        Step::Begin => begin(model),
        Step::Stop => return stop(model),
        Step::Skip => {
            let id = offer::asking(model);
            return id.map_or_else(Effects::none, |id| tasks::cancel(model, id));
        }
        Step::Answer => offer::asking(model).into_iter().for_each(|id| demand::again(model, id)),
        Step::Hide => _ = model.modes.close(),
        Step::CopyReceipt => return receipts::copy(model),
        Step::WriteReceipt => return receipts::write(model),
        Step::WholeReceipt => receipts::show_whole(model),
        Step::Resume(run) => goes_on(model, run.clone(), What::ResumeRotation(run)),
        Step::Recheck(run) => goes_on(model, run.clone(), What::RecheckRotation(run)),
        Step::Abandon(run) => goes_on(model, run.clone(), What::AbandonRotation(run)),
        Step::CutOff(run) => {
            let known = model.rotation.runs.iter().find(|known| known.id == run).map(|run| (run.profiles, run.left));
            if let (Some((all, left)), None) = (known, model.rotation.running()) {
                model.rotation.state = State::Live(Live::cut_off(run, all, left, model.now));
                show(model);
            }
        }
        Step::Read(run) => return Effect::ReadReceipt(run).into(),
    }
    Effects::none()
}

/// What is asked before a run is given up; sanitized.
pub(super) fn abandoning(model: &Model, run: &RunId) -> Vec<(String, Tone)> {
    let known = model.rotation.runs.iter().find(|known| known.id == *run);
    let left = known.map(|run| format!(": {} of {} profiles are not finished", run.left, run.profiles));
    vec![
        (format!("Abandon rotation {run}{}?", left.unwrap_or_default()), Tone::Heading),
        ("They keep the tokens that they have now and can be used again.".to_owned(), Tone::Plain),
        ("What their old tokens are still good for stays unknown. It cannot be resumed.".to_owned(), Tone::Warn),
    ]
}

/// Opens its page, where it is not open.
fn show(model: &mut Model) {
    if !model.modes.iter().any(|mode| matches!(mode, Mode::Rotation(_))) {
        model.modes.push(Mode::Rotation(RotationPage::default()));
    }
}

/// Something of it that needs the vault and no turn of a profile.
fn start(model: &mut Model, what: What) -> TaskId {
    let id = tasks::queue(model, what);
    vault::is_waited_for(model, &[id]);
    id
}

fn plan(model: &mut Model, names: Vec<ProfileName>, panic: bool) {
    if names.is_empty() {
        return;
    }
    let id = start(model, What::PlanRotation { profiles: names.clone(), panic });
    model.rotation.state = State::Draft(Draft::new(id, names, panic));
    show(model);
}

/// The plan is confirmed.
fn begin(model: &mut Model) {
    let State::Draft(draft) = &model.rotation.state else { return };
    let Some(plan) = draft.chosen().map(|chosen| Arc::clone(&chosen.plan)) else { return };
    let (rows, began) = (plan.rows.iter().map(|row| row.profile.name.clone()).collect::<Vec<_>>(), model.now);
    let resumable = plan.resumable;
    let id = start(model, What::Rotate(Planned(plan)));
    model.rotation.state = State::Live(Live::new(id, rows, began, resumable));
    show(model);
    model.modes.iter_mut().for_each(|mode| {
        if let Mode::Rotation(page) = mode {
            *page = RotationPage::default();
        }
    });
}

/// Something is done with a run that there is; the rows of its receipt stay, where they are shown.
fn goes_on(model: &mut Model, run: RunId, what: What) {
    let doing = Doing::of(&what);
    let id = start(model, what);
    let now = model.now;
    match &mut model.rotation.state {
        State::Live(live) if live.run.as_ref() == Some(&run) => live.again(id, doing, now),
        state => {
            let mut live = Live::new(id, Vec::new(), now, true);
            (live.run, live.doing) = (Some(run), doing);
            *state = State::Live(live);
        }
    }
    show(model);
}

/// Esc: nothing new begins; once more: no proofs either.
fn stop(model: &mut Model) -> Effects {
    let State::Live(live) = &mut model.rotation.state else { return Effects::none() };
    let Some(id) = live.task else { return Effects::none() };
    live.stops += 1;
    let words = match live.stops {
        1 => "Stopping: nothing new begins, and what was begun is finished.",
        _ => "Stopping: the proofs end too; what is not proven stays unknown.",
    };
    model.tell(Level::Info, words);
    Effect::Cancel(id).into()
}

/// What stands in the title line while it runs: `rotating 3 of 4`.
pub(crate) fn title(model: &Model) -> Option<String> {
    let live = model.rotation.running()?;
    let (done, all) = live.counts();
    Some(match live.doing {
        Doing::Rotating => format!("rotating {done} of {all}"),
        Doing::Rechecking => "checking old tokens".to_owned(),
        Doing::Abandoning => "abandoning a rotation".to_owned(),
    })
}

/// Keeps its page in line, and closes it where there is nothing to show any more.
pub(super) fn settle(model: &mut Model) {
    let gone = match &model.rotation.state {
        State::Draft(draft) => draft.task.is_some_and(|id| model.tasks.by_id(id).is_none()) && draft.plan.is_none(),
        _ => false,
    };
    if gone {
        model.rotation.state = State::None;
    }
    if matches!(model.rotation.state, State::None) {
        model.modes.take(|mode| matches!(mode, Mode::Rotation(_)));
    }
    let open = model.modes.iter().any(|mode| matches!(mode, Mode::Rotation(_)));
    match &model.rotation.state {
        // Who closes the plan drops it.
        State::Draft(_) if !open => model.rotation.state = State::None,
        State::Live(live) if !open && live.task.is_none() => model.rotation.state = State::None,
        _ => {}
    }
    page::settle(model);
}
