//! When the app wants to be woken: a pure function of the model. Idle means never, a visible countdown once a second.

use chrono::TimeDelta;

use super::{
    Model, Pane, compare, copy,
    filter::narrow::find,
    horizon,
    inspector::Tab,
    mode::{self, Mode},
    notices::line,
    profiles::ProfileRow,
    renewal::{self, Plan},
    scope::Urgent,
    tasks::Task,
    tokens, undo, vault, warning,
};
use crate::{
    clock::{self, Timestamp},
    token::{
        Token,
        lifetime::{Lifetime, TimeState},
    },
};

/// A span to wait. Of a clock that is set back it takes no notice: it never lasts longer than it was meant to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Wait {
    since: Timestamp,
    span: TimeDelta,
}

impl Wait {
    /// So long, from now on.
    pub(crate) fn new(now: Timestamp, span: TimeDelta) -> Self {
        Self { since: now, span }
    }

    /// When it is over.
    pub(crate) fn until(self) -> Timestamp {
        self.since.checked_add_signed(self.span).unwrap_or(Timestamp::MAX_UTC)
    }

    /// The same, and no longer than that.
    pub(super) fn at_most(self, span: TimeDelta) -> Self {
        Self { span: self.span.min(span), ..self }
    }

    /// The clock was set back to `now`.
    pub(super) fn set_back(&mut self, now: Timestamp) {
        self.since = self.since.min(now);
    }
}

/// It is this late now.
pub(super) fn ticked(model: &mut Model, now: Timestamp) {
    line::ticked(model, now);
    find::ticked(model);
    if now < model.now {
        model.profiles.rows.iter_mut().for_each(|row| row.renewal.set_back(now));
        model.copies.set_back(now);
        model.vault.set_back(now);
        model.undo.set_back(now);
        mode::prefix::set_back(model, now);
    }
    model.now = now;
}

/// When the next [`super::Message::Ticked`] is due; `None`: not before something happens. A time that is past: at once.
pub fn next_wakeup(model: &Model) -> Option<Timestamp> {
    let due = [
        on_screen(model),
        renewal::next(model),
        warning::next(model),
        copy::next(model),
        vault::next(model),
        line::next(model),
        undo::next(model),
        find::next(model),
        tokens::old::next(model),
    ];
    due.into_iter().flatten().min()
}

/// Whether a search is under way that needs nothing but turns: until it ends, what is on screen stays.
pub fn is_searching(model: &Model) -> bool {
    model.tokens.narrowing.is_finding()
}

/// When something that is on screen changes.
fn on_screen(model: &Model) -> Option<Timestamp> {
    if model.size.0 == 0 || model.size.1 == 0 {
        return None;
    }
    let (list, task) = (mode::prefix::due(model), model.tasks.next_told(model.now));
    list.into_iter().chain(task).chain(clock_on_screen(model)).min()
}

/// When something that goes by the clock changes.
fn clock_on_screen(model: &Model) -> Option<Timestamp> {
    if counting(model) {
        return Some(next_count(model));
    }
    // Then the time that is shown stands still.
    if model.travel.is_some() {
        return None;
    }
    // "3m ago" of the token in the inspector: the text changes with its unit, and after a day not at all.
    let row = model.tokens.selected().filter(|_| !model.layout().outer(Pane::Inspector).is_empty())?;
    let ago = model.now - row.lifetime.expires_at?;
    let unit = match ago.num_seconds() {
        0..3_600 => TimeDelta::minutes(1),
        3_600..86_400 => TimeDelta::hours(1),
        _ => return None,
    };
    let units = ago.num_seconds() / unit.num_seconds() + 1;
    Some(row.lifetime.expires_at? + unit * i32::try_from(units).ok()?)
}

/// When a countdown is drawn next. Where little is to move, those above a minute step by ten seconds, all at once.
fn next_count(model: &Model) -> Timestamp {
    let (now, second, minute) = (model.now, TimeDelta::seconds(1), TimeDelta::minutes(1));
    if !model.look.calm || working(model) {
        return next(now, second);
    }
    let held = model.profiles.rows.iter().filter_map(|row| row.holding.as_ref()).map(|holding| &holding.lifetime);
    let rows = model.tokens.on_screen(model.layout().page(Pane::Tokens)).map(|(_, row)| row);
    let shown = rows.chain(model.tokens.selected()).map(|row| &row.lifetime);
    let turns = held.chain(shown).flat_map(|lifetime| [lifetime.not_before, lifetime.expires_at]).flatten();
    let left = turns.map(|time| time - now).filter(|left| *left > TimeDelta::zero()).min();
    let ten = next(now, TimeDelta::seconds(10 - now.timestamp().rem_euclid(10)));
    match left {
        Some(left) if left <= minute => next(now, second),
        Some(left) => ten.min(now + (left - minute)),
        None => ten,
    }
}

/// Whether something that is on screen runs with the seconds.
pub(crate) fn counting(model: &Model) -> bool {
    let layout = model.layout();
    if model.travel.is_some() {
        return working(model);
    }
    let now = model.now;
    let (profiles, tokens) = (&model.profiles, &model.tokens);
    let lines = model.tree.on_screen(layout.page(Pane::Profiles)).filter_map(|(_, line)| line.urgent);
    let profiles_on_screen = lines.clone().filter_map(|urgent| match urgent {
        Urgent::Profile(place) => profiles.rows.get(place),
        Urgent::Token(_) => None,
    });
    let pasted_on_screen = lines.filter_map(|urgent| match urgent {
        Urgent::Token(place) => tokens.rows().get(place),
        Urgent::Profile(_) => None,
    });
    let tokens_on_screen = tokens.on_screen(layout.page(Pane::Tokens)).map(|(_, row)| row);
    let inspected = tokens.selected().filter(|_| !layout.inner(Pane::Inspector).is_empty());
    let of_page = model.modes.seen(model.now).into_iter().filter_map(Mode::profile).find_map(|name| profiles.row(name));
    let renewed = |row: &ProfileRow| matches!(renewal::plan(model, row), Plan::At(at) if at > now);
    working(model)
        || checking(model)
        || horizon::runs(model)
        || compare::runs(model)
        || vault::is_counting(model)
        // Rows come and go by the clock.
        || tokens.narrowing.runs()
        || profiles_on_screen.clone().chain(of_page).any(renewed)
        || profiles_on_screen.filter_map(|row| row.holding.as_ref()).any(|h| runs(&h.lifetime, now))
        || tokens_on_screen.chain(pasted_on_screen).chain(inspected).any(|row| runs(&row.lifetime, now))
}

/// The checklist tells how long ago everything was, to the second.
fn checking(model: &Model) -> bool {
    let layout = model.layout();
    let on_screen = layout.shows(Tab::Verify) && !layout.text(Tab::Verify).is_empty();
    let dates = |token: &Token| {
        token.dates().is_some_and(|dates| dates.exp.is_some() || dates.iat.is_some() || dates.nbf.is_some())
    };
    on_screen && model.tokens.selected().is_some_and(|row| dates(&row.token))
}

/// A task that works counts its seconds; one that waits for the user or its turn does not.
fn working(model: &Model) -> bool {
    model.tasks.told(model.now).any(Task::works) || model.rotation.running().is_some()
}

/// Whether the clock changes what is said about a lifetime every second.
pub(crate) fn runs(lifetime: &Lifetime, now: Timestamp) -> bool {
    matches!(lifetime.state(now), TimeState::ValidByTime | TimeState::NotYetValid)
}

fn next(now: Timestamp, step: TimeDelta) -> Timestamp {
    clock::to_the_second(now) + step
}
