//! A list and its filter: which rows are shown, where the cursor is, what is typed, what was typed before.
//!
//! The cursor is on a row that is shown, or nowhere: so nothing acts on a row that is not shown. It stays on its token. A row
//! that stops matching under the cursor stays until the cursor leaves it, and so does one that the cursor was put on because
//! it is new: no key that is on its way meets another row.

mod line;

use std::fmt;

pub(in crate::tui::app) use self::line::{
    accept, clear, lock, offer, offer_drop, offer_earlier, offer_later, open, recall,
};
use super::{
    Filter,
    known::{Known, OfProfile, OfToken},
};
use crate::{
    clock::{self, Timestamp},
    profile::ProfileName,
    text,
    token::lifetime::Lifetime,
    tui::app::{
        Model, Pane,
        input::Input,
        keymap::Action,
        layout::Layout,
        list::{Cursor, Motion, NOWHERE},
        message::TaskId,
        mode::Wanted,
        schedule,
        tokens::RowId,
    },
};

/// A list's filter, and what it leaves.
#[derive(Default)]
pub(crate) struct Narrowing {
    filter: Option<Filter>,
    /// As it was typed.
    text: String,
    /// The rows that are shown, in order.
    shown: Vec<usize>,
    /// How many of them match.
    matches: usize,
    /// The clock changes what a filter can ask of some row.
    runs: bool,
    /// The row that is shown though it does not match.
    stays: Option<usize>,
    /// Where the cursor was when this was found.
    on: Option<Id>,
    /// What it was found in.
    found_in: Option<Stamp>,
    /// What Esc brings back while the filter is typed.
    origin: Option<Id>,
    /// The newest last.
    earlier: Vec<String>,
    /// Which of them stands in the line.
    recalled: Option<usize>,
}

/// What tells a row from others, whatever becomes of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Id {
    Profile(ProfileName),
    Token(RowId),
}

/// What a filter's answer depends on; of a filter that asks for no times and states, the rows alone.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Stamp {
    rows: (u64, u64),
    timely: Option<(Timestamp, Vec<TaskId>, bool)>,
}

/// What is done with a filter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Step {
    Open(Pane),
    Drop(Pane),
    Earlier,
    Later,
    Complete,
}

/// What is typed may be anything, also a secret in the wrong place.
impl fmt::Debug for Narrowing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Narrowing").field("shown", &self.shown.len()).finish_non_exhaustive()
    }
}

impl Narrowing {
    /// The filter that narrows the list, as it was typed; sanitized. None where it leaves all rows.
    pub(crate) fn words(&self) -> Option<String> {
        self.filter.as_ref().map(|_| text::visible(self.text.trim()).into_owned())
    }

    /// What is wrong with it.
    pub(crate) fn mistake(&self) -> Option<&str> {
        self.filter.as_ref()?.mistake.as_deref()
    }

    /// How many of so many rows match.
    pub(crate) fn matches(&self, all: usize) -> usize {
        if self.is_on() { self.matches } else { all }
    }

    /// Whether rows will come and go by the clock.
    pub(crate) fn runs(&self) -> bool {
        self.is_timely() && self.runs
    }

    fn is_timely(&self) -> bool {
        self.filter.as_ref().is_some_and(Filter::is_timely)
    }

    fn is_on(&self) -> bool {
        self.filter.as_ref().is_some_and(|filter| !filter.is_empty())
    }

    /// How many of so many rows are shown.
    pub(crate) fn len(&self, all: usize) -> usize {
        if self.is_on() { self.shown.len() } else { all }
    }

    /// The row at a place of what is shown.
    pub(crate) fn at(&self, place: usize) -> Option<usize> {
        if self.is_on() { self.shown.get(place).copied() } else { Some(place) }
    }

    /// Moves the cursor among the rows that are shown, or brings it onto the screen.
    pub(crate) fn go(&self, cursor: &mut Cursor, motion: Option<Motion>, all: usize, page: usize) {
        let len = self.len(all);
        if len == 0 {
            *cursor = Cursor { index: if self.is_on() { NOWHERE } else { 0 }, offset: 0 };
            return;
        }
        let index = match cursor.index {
            // Rows came where there was none.
            NOWHERE => 0,
            index if self.is_on() => self.shown.partition_point(|row| *row < index),
            index => index,
        };
        let mut place = Cursor { index, offset: cursor.offset };
        match motion {
            Some(motion) => place.go(motion, len, page),
            None => place.settle(len, page),
        }
        *cursor = Cursor { index: self.at(place.index).unwrap_or(NOWHERE), offset: place.offset };
    }

    /// Scrolls the rows that are shown; the cursor stays on screen.
    fn scroll(&self, cursor: &mut Cursor, offset: usize, all: usize, page: usize) {
        let len = self.len(all);
        let offset = offset.min(len.saturating_sub(page));
        let place = if self.is_on() { self.shown.partition_point(|row| *row < cursor.index) } else { cursor.index };
        let last = (offset + page).min(len).saturating_sub(1);
        if let Some(index) = self.at(place.clamp(offset, last.max(offset))).filter(|_| len > 0) {
            *cursor = Cursor { index, offset };
        }
    }
}

/// Scrolls a list to a place.
pub(in crate::tui::app) fn scroll(model: &mut Model, pane: Pane, offset: usize, page: usize) {
    let all = len(model, pane);
    let (narrowing, cursor) = list_mut(model, pane);
    narrowing.scroll(cursor, offset, all, page);
}

/// Puts the cursor of a list on the row at a place of what is shown.
pub(in crate::tui::app) fn select(model: &mut Model, pane: Pane, place: usize) {
    let (narrowing, cursor) = list_mut(model, pane);
    if let Some(index) = narrowing.at(place) {
        cursor.index = index;
    }
}

/// Moves the cursor of the list that has the focus.
pub(in crate::tui::app) fn go(model: &mut Model, motion: Motion, page: usize) {
    let (pane, all) = (model.focus, len(model, model.focus));
    let (narrowing, cursor) = list_mut(model, pane);
    narrowing.go(cursor, Some(motion), all, page);
}

/// How many lines of each list its filter takes: what is typed and what is wrong with it; without a border, where there is no
/// heading for it, also a filter that is kept.
pub(in crate::tui::app) fn lines(model: &Model, layout: &Layout) -> [u16; 2] {
    [Pane::Profiles, Pane::Tokens].map(|pane| {
        let narrowing = list(model, pane).0;
        match model.modes.line(&Wanted::Filter(pane)) {
            Some(_) => 1 + u16::from(narrowing.mistake().is_some()),
            None => u16::from(narrowing.filter.is_some() && !layout.bordered()),
        }
    })
}

/// The list that the filter leaves no row of, where the user is.
pub(in crate::tui::app) fn leaves_none(model: &Model) -> bool {
    offer_drop(model).is_some_and(|action| match action {
        Action::Filter(Step::Drop(pane)) => list(model, pane).1.index == NOWHERE,
        _ => false,
    })
}

/// Brings what is shown in line with what is typed and with the rows, and the cursor onto the screen.
pub(in crate::tui::app) fn settle(model: &mut Model) {
    for pane in [Pane::Profiles, Pane::Tokens] {
        let typed = take_typed(model, pane);
        let now = list(model, pane).0.is_on().then(|| stamp(model, pane));
        let narrowing = list(model, pane).0;
        let left = narrowing.stays.is_some_and(|row| row != list(model, pane).1.index);
        if now.is_some() && (typed || left || now != narrowing.found_in) {
            narrow(model, pane, typed);
            list_mut(model, pane).0.found_in = now;
        } else if typed && now.is_none() {
            restore(model, pane);
        }
        let (all, page) = (len(model, pane), model.layout().page(pane));
        let (narrowing, cursor) = list_mut(model, pane);
        narrowing.go(cursor, None, all, page);
        let at = cursor.index;
        list_mut(model, pane).0.on = id(model, pane, at);
    }
}

/// Whether something else is typed than before.
fn take_typed(model: &mut Model, pane: Pane) -> bool {
    let Some(text) = model.modes.line(&Wanted::Filter(pane)).map(Input::text) else { return false };
    if text == list(model, pane).0.text {
        return false;
    }
    let text = text.to_owned();
    let narrowing = list_mut(model, pane).0;
    narrowing.filter = (!text.trim().is_empty()).then(|| Filter::parse(&text));
    narrowing.text = text;
    true
}

/// Nothing is asked for any more: the cursor is back where it was.
fn restore(model: &mut Model, pane: Pane) {
    let origin = list(model, pane).0.origin.clone();
    let at = origin.and_then(|origin| find_id(model, pane, &origin)).unwrap_or(0);
    let (narrowing, cursor) = list_mut(model, pane);
    (narrowing.stays, narrowing.found_in) = (None, None);
    cursor.index = at;
}

/// Finds the rows, and the cursor's row among them.
fn narrow(model: &mut Model, pane: Pane, typed: bool) {
    let found = find(model, pane);
    let (narrowing, cursor) = list(model, pane);
    let runs = narrowing.is_timely() && any_runs(model, pane);
    let here = id(model, pane, cursor.index);
    let at = |index: usize| found.binary_search_by_key(&index, |(row, _)| *row);
    let mut stays = None;
    let index = if typed {
        let origin = narrowing.origin.as_ref().and_then(|origin| find_id(model, pane, origin));
        best(&found, origin).unwrap_or(NOWHERE)
    } else if here.is_none() && cursor.index == NOWHERE {
        NOWHERE
    } else if at(cursor.index).is_ok() {
        cursor.index
    } else if here.is_some() && (here == narrowing.on || !is_gone(model, pane, narrowing.on.as_ref())) {
        stays = Some(cursor.index);
        cursor.index
    } else {
        // Its row is gone: the next one takes its place.
        let next = at(cursor.index).unwrap_or_else(|next| next).min(found.len().saturating_sub(1));
        found.get(next).map_or(NOWHERE, |(row, _)| *row)
    };
    let (matches, mut shown) = (found.len(), found.into_iter().map(|(row, _)| row).collect::<Vec<_>>());
    if let Some(row) = stays {
        shown.insert(shown.partition_point(|other| *other < row), row);
    }
    let (narrowing, cursor) = list_mut(model, pane);
    (narrowing.shown, narrowing.matches, narrowing.stays, cursor.index) = (shown, matches, stays, index);
    narrowing.runs = runs;
}

fn is_gone(model: &Model, pane: Pane, on: Option<&Id>) -> bool {
    on.is_some_and(|on| find_id(model, pane, on).is_none())
}

/// The best match: of equal ones that which the cursor was on, or else the first.
fn best(found: &[(usize, u32)], origin: Option<usize>) -> Option<usize> {
    let most = found.iter().map(|(_, rank)| *rank).max()?;
    let mut best = found.iter().filter(|(_, rank)| *rank == most).map(|(row, _)| *row);
    let first = best.next();
    origin.filter(|origin| best.any(|row| row == *origin)).or(first)
}

/// The rows that match, in order, each with how well.
fn find(model: &Model, pane: Pane) -> Vec<(usize, u32)> {
    let Some(filter) = &list(model, pane).0.filter else { return Vec::new() };
    let (known, now) = (Known::of(model), model.shown_now());
    match pane {
        Pane::Profiles => {
            let rows = model.profiles.rows.iter().enumerate();
            rows.filter_map(|(at, row)| Some((at, filter.rank(&OfProfile(&known, row), now)?))).collect()
        }
        Pane::Tokens | Pane::Inspector => {
            let rows = model.tokens.rows().iter().enumerate();
            rows.filter_map(|(at, row)| Some((at, filter.rank(&OfToken(&known, row), now)?))).collect()
        }
    }
}

fn any_runs(model: &Model, pane: Pane) -> bool {
    let runs = |life: &Lifetime| schedule::runs(life, model.now);
    match pane {
        Pane::Profiles => model.profiles.rows.iter().filter_map(|row| row.holding.as_ref()).any(|h| runs(&h.lifetime)),
        Pane::Tokens | Pane::Inspector => model.tokens.rows().iter().any(|row| runs(&row.lifetime)),
    }
}

fn stamp(model: &Model, pane: Pane) -> Stamp {
    let timely = list(model, pane).0.is_timely().then(|| {
        let tasks = model.tasks.exchanges().map(|task| task.id).collect();
        (clock::to_the_second(model.shown_now()), tasks, model.vault.is_locked())
    });
    Stamp { rows: (model.profiles.rows.revision(), model.tokens.revision()), timely }
}

pub(crate) fn list(model: &Model, pane: Pane) -> (&Narrowing, &Cursor) {
    match pane {
        Pane::Profiles => (&model.profiles.narrowing, &model.profiles.cursor),
        Pane::Tokens | Pane::Inspector => (&model.tokens.narrowing, &model.tokens.cursor),
    }
}

fn list_mut(model: &mut Model, pane: Pane) -> (&mut Narrowing, &mut Cursor) {
    match pane {
        Pane::Profiles => (&mut model.profiles.narrowing, &mut model.profiles.cursor),
        Pane::Tokens | Pane::Inspector => (&mut model.tokens.narrowing, &mut model.tokens.cursor),
    }
}

fn len(model: &Model, pane: Pane) -> usize {
    match pane {
        Pane::Profiles => model.profiles.rows.len(),
        Pane::Tokens | Pane::Inspector => model.tokens.rows().len(),
    }
}

fn id(model: &Model, pane: Pane, index: usize) -> Option<Id> {
    match pane {
        Pane::Profiles => model.profiles.rows.get(index).map(|row| Id::Profile(row.profile.name.clone())),
        Pane::Tokens | Pane::Inspector => model.tokens.rows().get(index).map(|row| Id::Token(row.id)),
    }
}

fn find_id(model: &Model, pane: Pane, wanted: &Id) -> Option<usize> {
    match wanted {
        Id::Profile(name) => model.profiles.rows.iter().position(|row| &row.profile.name == name),
        Id::Token(token) => model.tokens.rows().iter().position(|row| row.id == *token),
    }
    .filter(|_| matches!(wanted, Id::Profile(_)) == (pane == Pane::Profiles))
}
