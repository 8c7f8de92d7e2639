//! The plan before it is confirmed: who takes part, what it comes to, and the names that have to be typed.

use std::{collections::HashSet, sync::Arc};

use super::{
    Planned, State, Step, act, draft,
    words::{Room, RowWords, cell, counted, headed, line},
};
use crate::{
    auth::TokenKind,
    clock::{self, Timestamp},
    profile::ProfileName,
    session::rotate::plan::{Options, Plan, PlanTotals, Row},
    text,
    tui::app::{
        Model,
        input::Edit,
        keymap::Action,
        message::{Effect, Effects, TaskId, What},
        mode::{self, Mode, Question},
        notices::Level,
        page::{Line, Tone},
    },
};

/// A plan that may still be changed.
#[derive(Debug)]
pub(crate) struct Draft {
    /// Makes it.
    pub(super) task: Option<TaskId>,
    pub(super) names: Vec<ProfileName>,
    /// The old sessions are ended first.
    pub(super) panic: bool,
    pub(super) plan: Option<Arc<Plan>>,
    /// Those that are left out.
    out: HashSet<ProfileName>,
    chosen: Option<Chosen>,
}

/// The plan of those that take part, and what it comes to.
#[derive(Debug)]
pub(super) struct Chosen {
    pub(super) plan: Arc<Plan>,
    totals: PlanTotals,
    /// So many may need a second login.
    twice: usize,
}

impl Draft {
    pub(super) fn new(task: TaskId, names: Vec<ProfileName>, panic: bool) -> Self {
        Self { task: Some(task), names, panic, plan: None, out: HashSet::new(), chosen: None }
    }

    pub(super) fn take(&mut self, id: TaskId, planned: Planned, now: Timestamp) {
        if self.task == Some(id) {
            (self.task, self.plan) = (None, Some(planned.0));
            self.choose(now);
        }
    }

    fn takes_part(&self, name: &ProfileName) -> bool {
        !self.out.contains(name)
    }

    /// The plan of those that take part; `None`: it is not made yet, or nobody does.
    pub(super) fn chosen(&self) -> Option<&Chosen> {
        self.chosen.as_ref().filter(|_| self.task.is_none())
    }

    /// Writes it down: it may be long, and is looked at with every key.
    fn choose(&mut self, now: Timestamp) {
        self.chosen = self.plan.as_ref().and_then(|plan| {
            let rows: Vec<_> = plan.rows.iter().filter(|row| self.takes_part(&row.profile.name)).cloned().collect();
            let twice = rows.iter().filter(|row| row.may_ask_twice()).count();
            let plan = Plan { rows, ..Plan::clone(plan) };
            let totals = plan.totals(now);
            (totals.profiles > 0).then(|| Chosen { plan: Arc::new(plan), totals, twice })
        });
    }

    pub(super) fn name(&self, at: usize) -> Option<&ProfileName> {
        self.names.get(at)
    }

    fn row(&self, name: &ProfileName) -> Option<&Row> {
        self.plan.as_ref()?.rows.iter().find(|row| row.profile.name == *name)
    }
}

/// The names of the protected environments of those that take part, as they are typed; sanitized.
pub(crate) fn phrase(model: &Model, draft: &Draft) -> Option<String> {
    let mut names: Vec<&str> = Vec::new();
    for name in draft.names.iter().filter(|name| draft.takes_part(name) && model.guard(name).is_some()) {
        let environment = model.profiles.row(name).and_then(|row| row.environment.as_deref());
        names.extend(environment.filter(|name| !names.contains(name)));
    }
    (!names.is_empty()).then(|| names.join(" "))
}

/// What a character does: where it goes on with the name that has to be typed it is text, and a command elsewhere.
fn typed_or(model: &Model, c: char, step: Step) -> Option<Action> {
    let draft = draft(model)?;
    let typed = super::top(model)?.input.text();
    let phrase = phrase(model, draft).unwrap_or_default().to_lowercase();
    let goes_on = phrase.starts_with(&format!("{typed}{c}").to_lowercase());
    Some(if goes_on || !typed.is_empty() { Action::Edit(Edit::Insert(c)) } else { act(step) })
}

pub(in crate::tui::app) fn offer_leave_out(model: &Model) -> Option<Action> {
    typed_or(model, ' ', Step::LeaveOut)
}

pub(in crate::tui::app) fn offer_panic(model: &Model) -> Option<Action> {
    typed_or(model, '!', Step::Panic)
}

pub(in crate::tui::app) fn offer_copy(model: &Model) -> Option<Action> {
    typed_or(model, 'y', Step::CopyPlan)
}

pub(in crate::tui::app) fn offer_confirm(model: &Model) -> Option<Action> {
    draft(model).map(|_| act(Step::Confirm))
}

pub(super) fn leave_out(model: &mut Model) {
    let now = model.now;
    let Some(Mode::Rotation(page)) = model.modes.top_mut() else { return };
    let State::Draft(draft) = &mut model.rotation.state else { return };
    if let Some(name) = draft.names.get(page.cursor.index).cloned()
        && !draft.out.remove(&name)
    {
        draft.out.insert(name);
    }
    draft.choose(now);
    page.cursor.index += 1;
}

/// The other order: the plan is made anew.
pub(super) fn turn(model: &mut Model) {
    let State::Draft(draft) = &mut model.rotation.state else { return };
    draft.panic = !draft.panic;
    let what = What::PlanRotation { profiles: draft.names.clone(), panic: draft.panic };
    let id = super::start(model, what);
    if let State::Draft(draft) = &mut model.rotation.state {
        draft.task = Some(id);
    }
}

/// Enter: the names were typed, or it is asked once more.
pub(super) fn confirm(model: &mut Model) {
    let Some((draft, page)) = draft(model).zip(super::top(model)) else { return };
    let same = |one: &str, other: &str| one.trim().to_lowercase() == other.trim().to_lowercase();
    match (draft.chosen(), phrase(model, draft)) {
        (None, _) if draft.task.is_some() => model.tell(Level::Info, "The plan is still being made."),
        (None, _) => model.tell(Level::Info, "Every profile is left out: nothing to rotate."),
        (Some(_), Some(phrase)) if !same(&phrase, page.input.text()) => {
            let words = "Not the names of the environments: nothing was done.";
            model.advise(None, Level::Warning, words, "type them as shown, or press {key:rotation-plan.close}");
        }
        (Some(_), Some(_)) => super::begin(model),
        (Some(_), None) => mode::ask(model, Question::Rotate),
    }
}

/// What is asked once more; sanitized.
pub(crate) fn question(model: &Model) -> Vec<(String, Tone)> {
    let State::Draft(draft) = &model.rotation.state else { return Vec::new() };
    let Some(chosen) = draft.chosen() else { return Vec::new() };
    let asks = format!("Rotate {}?", counted(chosen.totals.profiles));
    let order = if draft.panic { "The old sessions are ended first." } else { "New tokens come first." };
    let lines = [(asks, Tone::Heading), (order.to_owned(), Tone::Plain)];
    lines.into_iter().chain(totals(model, chosen).into_iter().map(|words| (words, Tone::Muted))).collect()
}

/// What it comes to, in sentences.
fn totals(model: &Model, chosen: &Chosen) -> Vec<String> {
    let Chosen { plan, totals, twice } = chosen;
    let PlanTotals { alone, asks, cannot, survivors, until, .. } = *totals;
    let who = [
        (alone, if alone == 1 { "runs alone" } else { "run alone" }),
        (asks, "will ask you"),
        (cannot, "cannot get new tokens"),
    ];
    let who: Vec<_> =
        who.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}")).collect();
    let until = until.map(|end| format!(", the last until {}", clock::of_day(end, model.now, model.zone)));
    let survivors = match survivors {
        0 => "No old token outlasts it.".to_owned(),
        1 => format!("1 old token outlasts it{}.", until.unwrap_or_default()),
        many => format!("{many} old tokens outlast it{}.", until.unwrap_or_default()),
    };
    let twice =
        (*twice > 0).then(|| format!("{twice} may need a second login: ending the old tokens may reach the new."));
    let cut = match plan.resumable {
        true => "If it is killed or cut off, the next start offers to resume it.",
        false => "The vault is only in memory: if tokscope is killed, nothing can resume it.",
    };
    [format!("{}. {survivors}", who.join(", "))].into_iter().chain(twice).chain([cut.to_owned()]).collect()
}

/// `Rotate  4 profiles`.
pub(super) fn title(draft: &Draft) -> String {
    let chosen = draft.names.iter().filter(|name| draft.takes_part(name)).count();
    let order = if draft.panic { " · revoke first" } else { "" };
    format!("Rotate  {}{order} · nothing has been sent yet", counted(chosen))
}

/// What the columns are called.
pub(super) fn heads(room: Room) -> &'static [&'static str] {
    const HEADS: [&str; 3] = ["new tokens by", "old tokens after that", "old tokens ended by"];
    match room {
        Room::Small => &HEADS[..1],
        Room::Medium => &HEADS[..2],
        Room::Large => &HEADS,
    }
}

/// A profile of the plan.
pub(super) fn row(model: &Model, draft: &Draft, at: usize, room: Room) -> Option<RowWords> {
    let name = draft.name(at)?;
    let takes_part = draft.takes_part(name);
    let mut cells = match (takes_part, draft.row(name)) {
        (false, _) => vec![cell("left out", Tone::Muted)],
        (true, None) => vec![cell("…", Tone::Muted)],
        (true, Some(row)) => {
            let options = draft.plan.as_ref().map(|plan| plan.options.clone()).unwrap_or_default();
            let visible = |words: String| text::visible(&words).into_owned();
            let tone = match row.way {
                None => Tone::Bad,
                Some(_) if row.asks() => Tone::Warn,
                Some(_) => Tone::Plain,
            };
            vec![
                cell(visible(row.new_by()), tone),
                cell(visible(afterwards(model, row, &options, room)), Tone::Plain),
                cell(visible(row.ended_by(&options)), Tone::Muted),
            ]
        }
    };
    cells.truncate(heads(room).len());
    let (sign, tone) = if takes_part { ("◆", Tone::Renew) } else { (" ", Tone::Muted) };
    Some(RowWords { sign, tone, badge: model.badge(name), name: name.to_string(), cells })
}

/// What becomes of the old tokens; where there is little room, of those that outlast it, if any do.
fn afterwards(model: &Model, row: &Row, options: &Options, room: Room) -> String {
    let survivors = || row.prospects(options, model.now).into_iter().filter(|(_, prospect)| prospect.survives());
    let grants = || survivors().filter(|(token, _)| token.kind != TokenKind::Id);
    if room == Room::Large || grants().next().is_none() {
        return row.afterwards(options, model.now, model.zone);
    }
    let words = grants().map(|(token, prospect)| format!("{} {}", token.kind, prospect.words(model.now, model.zone)));
    words.collect::<Vec<_>>().join(", ")
}

/// A row in full, with what there is no room for in it.
pub(super) fn detail(model: &Model, draft: &Draft, at: usize) -> Option<Line> {
    let row = draft.name(at).filter(|name| draft.takes_part(name)).and_then(|name| draft.row(name))?;
    let options = &draft.plan.as_ref()?.options;
    let account = row.account.iter().map(|account| format!("{account} at ")).collect::<String>();
    let new = row.obstacle.clone().unwrap_or_else(|| row.new_by());
    let by_hand = row.advice(options, model.now).map(|words| format!(" By hand: {words}.")).unwrap_or_default();
    let words = format!(
        "{account}{}. New tokens: {new}. Old tokens: {}; {}.{by_hand}",
        row.origin,
        row.afterwards(options, model.now, model.zone),
        row.ended_by(options)
    );
    Some(headed(Tone::Muted, format!("{}: ", row.profile.name), words))
}

/// What it all comes to, and the order.
pub(super) fn sums(model: &Model, draft: &Draft, room: Room) -> Vec<Line> {
    if draft.plan.is_none() {
        let waits = draft.task.and_then(|id| model.tasks.by_id(id)).is_some_and(|task| task.is_queued());
        let words = if waits { "Waiting for the vault." } else { "Making the plan: asks the servers what they offer." };
        return vec![line(Tone::Renew, words)];
    }
    let totals = draft.chosen().map(|chosen| totals(model, chosen)).unwrap_or_default();
    let mut sums: Vec<_> = totals.into_iter().map(|words| line(Tone::Plain, words)).collect();
    if room == Room::Large {
        let order = match draft.panic {
            true => "Order: end the old tokens, then get new ones where no one is needed, then prove.",
            false => "Order: get the new tokens, save them, end the old ones, prove. A failure stops its profile only.",
        };
        sums.push(line(Tone::Muted, order));
    }
    sums
}

/// The plan as text.
pub(super) fn copy(model: &Model) -> Effects {
    let Some(draft) = draft(model) else { return Effects::none() };
    let mut lines = format!("{}\n", title(draft));
    for at in 0..draft.names.len() {
        if let Some(row) = row(model, draft, at, Room::Large) {
            let cells: Vec<_> = row.cells.iter().flatten().map(|(words, _)| words.as_str()).collect();
            let badge = row.badge.map(|badge| format!("{} ", badge.text)).unwrap_or_default();
            lines.push_str(&format!("{badge}{}: {}\n", row.name, cells.join(" · ")));
        }
    }
    for line in sums(model, draft, Room::Large) {
        lines.push_str(&format!("{}\n", line.text));
    }
    Effect::Copy { what: "plan".to_owned(), text: lines.into() }.into()
}
