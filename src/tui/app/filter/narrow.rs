//! The list of the tokens pane: those of the scope, in order, and of these the ones that the filter leaves.
//!
//! The cursor is on a row that is shown, or nowhere: so nothing acts on a row that is not shown. It stays on its token. A row
//! that stops matching under the cursor stays until the cursor leaves it, and so does one that the cursor was put on because
//! it is new: no key that is on its way meets another row.

pub(in crate::tui::app) mod find;
mod line;
mod order;
#[cfg(test)]
mod tests;
mod within;

use std::{
    collections::{HashMap, HashSet},
    fmt,
    sync::Arc,
};

use chrono::TimeDelta;

use self::find::{Finding, Found, Turn};
pub(in crate::tui::app) use self::line::{
    accept, clear, lock, offer, offer_drop, offer_earlier, offer_later, open, recall,
};
use self::order::Ordered;
pub(crate) use self::order::{Sort, SortBy};
use super::{Filter, known::OfToken, texts::Texts};
use crate::{
    clock::{self, Timestamp},
    text,
    tui::app::{
        Model, Pane, facts,
        input::Input,
        layout::Layout,
        list::{Cursor, Motion, NOWHERE},
        message::TaskId,
        mode::Wanted,
        schedule,
        scope::{self, Scope},
        tokens::{RowId, Seek, columns::Needs, old::Folded},
    },
};

/// So many rows are narrowed in the frame of the key.
pub(crate) const AT_ONCE: usize = 5_000;

/// The list, and its filter.
#[derive(Default)]
pub(crate) struct Narrowing {
    filter: Option<Filter>,
    /// As it was typed.
    text: String,
    pub(crate) sort: Sort,
    /// What a filter looks through.
    pub(super) texts: Texts,
    ordered: Ordered,
    /// The rows of the scope, in order, but for those that are folded away.
    all: Arc<Vec<usize>>,
    /// With those; empty where there are none.
    whole: Arc<Vec<usize>>,
    all_of: Option<AllOf>,
    /// How many tokens the scope has; those that others have replaced are none of them.
    count: usize,
    folds: HashMap<RowId, Folded>,
    unfolded: HashSet<RowId>,
    needs: Needs,
    /// Those that are shown.
    shown: Arc<Vec<usize>>,
    found_in: Option<FoundIn>,
    /// Which are being found.
    finding: Option<Finding>,
    turn: Turn,
    /// How many of them match.
    matches: usize,
    /// Another number: others are shown.
    edition: u64,
    /// The clock changes what a filter can ask of some row.
    runs: bool,
    /// The row that is shown though it does not match.
    stays: Option<RowId>,
    /// Where the cursor is among what is shown.
    place: usize,
    /// What Esc brings back while the filter is typed.
    origin: Option<RowId>,
    /// The newest last.
    earlier: Vec<String>,
    /// Which of them stands in the line.
    recalled: Option<usize>,
}

/// What the rows of the scope depend on.
#[derive(Debug, Clone, PartialEq, Eq)]
struct AllOf {
    scope: Scope,
    ordered: u64,
    /// Where it has the scope's rows by states and filters.
    tree: Option<u64>,
}

/// What a filter's answer depends on; of a filter that asks for no times and states, the rows alone.
#[derive(Debug, Clone, PartialEq, Eq)]
struct FoundIn {
    profiles: u64,
    timely: Option<(Timestamp, Vec<TaskId>, bool)>,
}

/// What is done with a filter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Step {
    Open,
    Drop,
    Earlier,
    Later,
    Complete,
    /// Enter: what is typed stays.
    Keep,
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

    /// The filter as it was typed, where it can be kept.
    pub(in crate::tui::app) fn typed(&self) -> Option<&str> {
        let filter = self.filter.as_ref().filter(|filter| !filter.is_empty() && filter.mistake.is_none());
        filter.map(|_| self.text.trim()).filter(|text| text.len() <= line::LONGEST)
    }

    /// What is wrong with it.
    pub(crate) fn mistake(&self) -> Option<&str> {
        self.filter.as_ref()?.mistake.as_deref()
    }

    /// The places of the rows that are shown, in order.
    pub(crate) fn shown(&self) -> &[usize] {
        &self.shown
    }

    /// The places of the rows of the scope, whatever the filter leaves of them.
    pub(in crate::tui::app) fn in_scope(&self) -> &[usize] {
        &self.all
    }

    /// The ids of all rows by their places, where these are known for this revision of them.
    pub(in crate::tui::app) fn ids(&self, revision: u64) -> Option<&[RowId]> {
        self.ordered.ids(revision)
    }

    /// Another number: others are shown.
    pub(in crate::tui::app) fn edition(&self) -> u64 {
        self.edition
    }

    /// What the scope's rows need of the columns.
    pub(crate) fn needs(&self) -> &Needs {
        &self.needs
    }

    /// How many rows the scope has.
    pub(crate) fn len(&self) -> usize {
        self.count
    }

    /// What a token has replaced, and whether that is shown.
    pub(crate) fn folded(&self, id: RowId) -> Option<Folded> {
        self.folds.get(&id).copied()
    }

    /// What is typed has no answer yet.
    pub(crate) fn is_finding(&self) -> bool {
        self.finding.is_some()
    }

    /// How many of them match.
    pub(crate) fn matches(&self) -> usize {
        self.matches
    }

    /// Whether rows will come and go by the clock.
    pub(crate) fn runs(&self) -> bool {
        self.is_timely() && self.runs
    }

    fn is_timely(&self) -> bool {
        self.filter.as_ref().is_some_and(Filter::is_timely)
    }

    /// Whether a filter narrows the list.
    pub(super) fn is_on(&self) -> bool {
        self.filter.as_ref().is_some_and(|filter| !filter.is_empty())
    }

    /// Whether the filter leaves no row of those that there are.
    pub(crate) fn leaves_none(&self) -> bool {
        self.filter.is_some() && self.shown.is_empty() && !self.all.is_empty()
    }
}

/// Scrolls the rows that are shown; the cursor stays on screen.
pub(in crate::tui::app) fn scroll(model: &mut Model, offset: usize, page: usize) {
    let tokens = &mut model.tokens;
    let len = tokens.narrowing.shown.len();
    let offset = offset.min(len.saturating_sub(page));
    tokens.cursor.offset = offset;
    let last = (offset + page).min(len).saturating_sub(1);
    let place = tokens.narrowing.place.clamp(offset, last.max(offset));
    select(model, place);
}

/// Puts the cursor on the row at a place of what is shown.
pub(in crate::tui::app) fn select(model: &mut Model, place: usize) {
    let tokens = &mut model.tokens;
    if let Some(index) = tokens.narrowing.shown.get(place).copied() {
        tokens.narrowing.place = place;
        tokens.point(index);
    }
}

/// Hides what a token has replaced, or shows it; the cursor goes to the token.
pub(in crate::tui::app) fn fold(model: &mut Model, id: RowId, fold: bool) {
    let narrowing = &mut model.tokens.narrowing;
    if fold {
        _ = narrowing.unfolded.remove(&id);
    } else {
        _ = narrowing.unfolded.insert(id);
    }
    narrowing.all_of = None;
    model.tokens.seek(Seek::Token(id));
}

/// Moves the cursor among the rows that are shown.
pub(in crate::tui::app) fn go(model: &mut Model, motion: Motion) {
    let page = model.layout().page(Pane::Tokens);
    let tokens = &mut model.tokens;
    let mut place = Cursor { index: tokens.narrowing.place, offset: tokens.cursor.offset };
    place.go(motion, tokens.narrowing.shown.len(), page);
    tokens.narrowing.place = place.index;
    tokens.cursor.offset = place.offset;
    let index = tokens.narrowing.shown.get(place.index).copied();
    tokens.point(index.unwrap_or(NOWHERE));
}

/// Sorts by something else; by the same again, the other way round.
pub(in crate::tui::app) fn sort_by(model: &mut Model, by: SortBy) {
    let sort = &mut model.tokens.narrowing.sort;
    *sort = order::Sort { by, reverse: sort.by == by && !sort.reverse, ..*sort };
}

/// In groups, or all together.
pub(in crate::tui::app) fn group(model: &mut Model) {
    let sort = &mut model.tokens.narrowing.sort;
    sort.grouped = !sort.grouped;
}

pub(in crate::tui::app) fn reverse(model: &mut Model) {
    let sort = &mut model.tokens.narrowing.sort;
    sort.reverse = !sort.reverse;
}

/// How many lines the filter takes: what is typed and what is wrong with it; without a border, where there is no heading for
/// it, also a filter that is kept.
pub(in crate::tui::app) fn lines(model: &Model, layout: &Layout) -> u16 {
    let narrowing = &model.tokens.narrowing;
    match model.modes.line(&Wanted::Filter) {
        Some(_) => 1 + u16::from(narrowing.mistake().is_some()),
        None => u16::from(narrowing.filter.is_some() && !layout.bordered()),
    }
}

/// Brings what is shown in line with what is typed and with the rows, and the cursor onto the screen.
pub(in crate::tui::app) fn settle(model: &mut Model) {
    let typed = take_typed(model);
    let all = within::renew(model);
    let found_in = found_in(model);
    let tokens = &model.tokens;
    let narrowing = &tokens.narrowing;
    let left = narrowing.stays.is_some() && narrowing.stays != tokens.at();
    if typed || all || left || narrowing.found_in.as_ref() != Some(&found_in) {
        find::begin(model, typed);
        model.tokens.narrowing.found_in = Some(found_in);
    }
    let Found { typed, best } = find::proceed(model, all).unwrap_or(Found { typed: false, best: None });
    place(model, typed, best);
    let page = model.layout().page(Pane::Tokens);
    let tokens = &mut model.tokens;
    let mut place = Cursor { index: tokens.narrowing.place, offset: tokens.cursor.offset };
    place.settle(tokens.narrowing.shown.len(), page);
    (tokens.narrowing.place, tokens.cursor.offset) = (place.index, place.offset);
    tokens.is_seen();
}

/// Whether a filter leaves a row.
pub(in crate::tui::app) fn matches(model: &Model, filter: &Filter, at: usize) -> bool {
    filter.rank(&OfToken::new(model, at), model.shown_now()).is_some()
}

/// Whether something else is typed than before.
fn take_typed(model: &mut Model) -> bool {
    let Some(text) = model.modes.line(&Wanted::Filter).map(Input::text) else { return false };
    if text == model.tokens.narrowing.text {
        return false;
    }
    let text = text.to_owned();
    let narrowing = &mut model.tokens.narrowing;
    narrowing.filter = (!text.trim().is_empty()).then(|| Filter::parse(&text));
    narrowing.text = text;
    true
}

fn runs(model: &Model, at: usize) -> bool {
    model.tokens.rows().get(at).is_some_and(|row| schedule::runs(&row.lifetime, model.now))
}

/// Puts the cursor where it belongs among what is shown.
fn place(model: &mut Model, typed: bool, best: Option<usize>) {
    let seek = model.tokens.sought();
    let tokens = &model.tokens;
    let (narrowing, at) = (&tokens.narrowing, tokens.at());
    let index = match seek {
        Seek::Token(id) if let Some(index) = tokens.position(id) => Some(index),
        Seek::Urgent => most_urgent(model),
        // Nothing is asked for any more: the cursor is back where it was.
        _ if typed && !narrowing.is_on() => narrowing.origin.and_then(|id| tokens.position(id)),
        _ if typed => return put(model, best),
        _ => at.and_then(|id| tokens.position(id)),
    };
    let index = match index {
        Some(index) => Some(index),
        // Its row is gone: what has taken its place.
        None if at.is_some() => {
            narrowing.shown.get(narrowing.place.min(narrowing.shown.len().saturating_sub(1))).copied()
        }
        None => most_urgent(model),
    };
    put(model, index);
}

/// The cursor is on this row, which stays shown although it may not match.
fn put(model: &mut Model, index: Option<usize>) {
    let tokens = &mut model.tokens;
    tokens.point(index.unwrap_or(NOWHERE));
    let at = tokens.at();
    let narrowing = &mut tokens.narrowing;
    let Some(index) = index else {
        narrowing.place = 0;
        return;
    };
    if narrowing.shown.get(narrowing.place) == Some(&index) {
        return;
    }
    if let Some(place) = narrowing.shown.iter().position(|row| *row == index) {
        narrowing.place = place;
        return;
    }
    narrowing.place = narrowing.place.min(narrowing.shown.len());
    Arc::make_mut(&mut narrowing.shown).insert(narrowing.place, index);
    narrowing.edition += 1;
    narrowing.stays = at;
    let mut needs = std::mem::take(&mut narrowing.needs);
    order::need(&mut needs, model, index, None);
    model.tokens.narrowing.needs = needs;
}

/// Of what is shown.
fn most_urgent(model: &Model) -> Option<usize> {
    let now = model.shown_now();
    let rank = |at: &usize| {
        let row = &model.tokens.rows()[*at];
        let profile = row.profile().and_then(|name| model.profiles.row(name));
        let facts = facts::of_token(model, row, profile);
        if profile.is_some() { facts::rank(&facts, now) } else { facts::rank_of_pasted(&facts, now) }
    };
    model.tokens.narrowing.shown.iter().copied().min_by_key(rank)
}

fn found_in(model: &Model) -> FoundIn {
    let timely = model.tokens.narrowing.is_timely().then(|| {
        let tasks = model.tasks.told(model.now).map(|task| task.id).collect();
        // Of many rows not each second is worth the work.
        let step = if model.tokens.narrowing.all.len() > AT_ONCE { 10 } else { 1 };
        let since = model.shown_now().timestamp().rem_euclid(step);
        (clock::to_the_second(model.shown_now()) - TimeDelta::seconds(since), tasks, model.vault.is_locked())
    });
    FoundIn { profiles: model.profiles.rows.revision(), timely }
}
