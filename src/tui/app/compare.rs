//! Two tokens side by side: one is marked in the list, and the other one is held against it.

mod words;

pub(crate) use self::words::{Piece, cut};
use self::words::{summary, value};
use super::{
    Model, history,
    keymap::Action,
    layout::{Area, overlay},
    list::Cursor,
    message::{Effect, Effects},
    mode::Mode,
    notices::Level,
    page::search::Search,
    schedule::runs as runs_out,
    tokens::Row,
};
use crate::{
    clock, text,
    token::diff::{self, Change},
};

/// The page.
#[derive(Debug)]
pub(crate) struct Comparison {
    pub(crate) sides: [Side; 2],
    changes: Vec<Change>,
    common: Vec<Change>,
    /// Times as numbers, as they are written.
    raw: bool,
    /// What is the same is shown, too.
    unfolded: bool,
    pub(crate) cursor: Cursor,
    pub(crate) search: Search,
}

/// One of the tokens.
#[derive(Debug)]
pub(crate) struct Side {
    /// As it was when it was compared: what is renewed meanwhile stays.
    pub(crate) row: Row,
    /// The number of its set, where it is compared with another one of its profile.
    generation: Option<u64>,
    /// `access token of lms-prod · ada`, `generation 38, login 09:02:10`: which one it is; sanitized.
    pub(crate) words: String,
}

/// A line of the page: a member of the tokens.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    /// `+ − ≠ =`.
    pub(crate) sign: &'static str,
    /// Sanitized, as all of it.
    pub(crate) place: String,
    pub(crate) sides: [Vec<Piece>; 2],
    pub(crate) remark: String,
}

/// What the keys of the page do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Step {
    Open,
    /// A generation with the one before it.
    Before,
    Swap,
    Raw,
    Fold,
    Next,
    Previous,
    Copy,
}

/// The row that is marked, if it is still there.
fn marked(model: &Model) -> Option<&Row> {
    model.tokens.row(model.tokens.marked?)
}

/// Marks the token; on the marked one takes the mark away; on any other one compares.
pub(super) fn offer(model: &Model) -> Option<Action> {
    let selected = model.tokens.selected()?;
    Some(match marked(model) {
        Some(row) if row.id != selected.id => Action::Compare(Step::Open),
        Some(_) => Action::Mark(false),
        None => Action::Mark(true),
    })
}

/// Enter in the history: the generation with the one before it.
pub(super) fn offer_before(model: &Model) -> Option<Action> {
    history::is_selected(model).then_some(Action::Compare(Step::Before))
}

pub(super) fn mark(model: &mut Model, on: bool) {
    model.tokens.marked = model.tokens.selected().filter(|_| on).map(|row| row.id);
}

fn page(model: &Model) -> Option<&Comparison> {
    match model.modes.top() {
        Some(Mode::Compare(page)) => Some(page),
        _ => None,
    }
}

/// What a key of the page does, if it does anything.
fn offer_if(model: &Model, step: Step, can: impl Fn(&Comparison) -> bool) -> Option<Action> {
    page(model).filter(|page| can(page)).map(|_| Action::Compare(step))
}

pub(super) fn offer_swap(model: &Model) -> Option<Action> {
    offer_if(model, Step::Swap, |_| true)
}

pub(super) fn offer_raw(model: &Model) -> Option<Action> {
    offer_if(model, Step::Raw, |page| page.changes.iter().chain(&page.common).any(|it| it.dates != [None; 2]))
}

pub(super) fn offer_fold(model: &Model) -> Option<Action> {
    offer_if(model, Step::Fold, |page| !page.common.is_empty())
}

pub(super) fn offer_next(model: &Model) -> Option<Action> {
    offer_if(model, Step::Next, |page| page.cursor.index + 1 < page.changes.len())
}

pub(super) fn offer_previous(model: &Model) -> Option<Action> {
    offer_if(model, Step::Previous, |page| page.cursor.index > 0 && !page.changes.is_empty())
}

pub(super) fn offer_copy(model: &Model) -> Option<Action> {
    offer_if(model, Step::Copy, |_| true)
}

pub(super) fn step(model: &mut Model, step: Step) -> Effects {
    if step == Step::Copy {
        let Some(page) = page(model) else { return Effects::none() };
        let (what, text) = ("comparison".to_owned(), as_text(model, page).into());
        return Effect::Copy { what, text }.into();
    }
    if matches!(step, Step::Open | Step::Before) {
        open(model, step);
        return Effects::none();
    }
    let Some(Mode::Compare(page)) = model.modes.top_mut() else { return Effects::none() };
    match step {
        Step::Swap => {
            page.sides.swap(0, 1);
            (page.changes, page.common) = page.compared();
        }
        Step::Raw => page.raw = !page.raw,
        Step::Fold => page.unfolded = !page.unfolded,
        Step::Next => page.cursor.index += 1,
        Step::Previous => page.cursor.index = (page.cursor.index - 1).min(page.changes.len() - 1),
        Step::Open | Step::Before | Step::Copy => {}
    }
    Effects::none()
}

fn open(model: &mut Model, step: Step) {
    let sides = match step {
        Step::Before => match history::neighbours(model) {
            Ok(sides) => sides.map(|(row, generation, words)| Side { row, generation, words }),
            Err(why) => return model.tell(Level::Info, &why),
        },
        _ => {
            let (Some(first), Some(second)) = (marked(model), model.tokens.selected()) else { return };
            [first, second].map(|row| Side { row: row.clone(), generation: None, words: name(row) })
        }
    };
    model.modes.push(Mode::Compare(Box::new(Comparison::new(sides))));
}

impl Comparison {
    fn new(sides: [Side; 2]) -> Self {
        let (changes, common, cursor, search) = Default::default();
        let mut page = Self { sides, changes, common, raw: false, unfolded: false, cursor, search };
        (page.changes, page.common) = page.compared();
        page
    }

    fn compared(&self) -> (Vec<Change>, Vec<Change>) {
        let [first, second] = self.sides.each_ref().map(|side| &*side.row.token);
        (diff::diff(first, second), diff::common(first, second))
    }

    /// `Compare  seta-files: generation 38 → 39`, `Compare  lms-prod access → lms-staging access`; sanitized.
    pub(crate) fn title(&self) -> String {
        let [first, second] = &self.sides;
        match (first.row.profile(), first.generation, second.generation) {
            (Some(profile), Some(first), Some(second)) => {
                format!("Compare  {profile}: generation {first} → {second}")
            }
            _ => {
                let [first, second] = [first, second].map(|side| match side.row.profile() {
                    Some(profile) => format!("{profile} {}", side.row.kind),
                    None => side.row.words(),
                });
                format!("Compare  {first} → {second}")
            }
        }
    }

    /// How many members differ, and how many are the same.
    pub(crate) fn counts(&self) -> (usize, usize) {
        (self.changes.len(), self.common.len())
    }

    /// How many lines there are: those that differ, and one for what is the same, or each of them.
    pub(super) fn len(&self) -> usize {
        self.changes.len() + if self.unfolded { self.common.len() } else { usize::from(!self.common.is_empty()) }
    }

    /// The lines, what differs first.
    pub(crate) fn entries(&self, model: &Model) -> Vec<Entry> {
        let mut entries: Vec<_> = self.changes.iter().map(|change| self.entry(model, change, false)).collect();
        if self.unfolded {
            entries.extend(self.common.iter().map(|change| self.entry(model, change, true)));
        } else if !self.common.is_empty() {
            let names: Vec<_> = self.common.iter().map(|change| place(&change.place)).collect();
            let count = self.common.len();
            entries.push(Entry {
                sign: "=",
                place: if count == 1 { "1 entry".to_owned() } else { format!("{count} entries") },
                sides: [vec![Piece::plain(names.join("  "))], Vec::new()],
                remark: model.hint("{key:compare.fold} unfolds them").into_owned(),
            });
        }
        entries
    }

    fn entry(&self, model: &Model, change: &Change, same: bool) -> Entry {
        let (gained, lost) = (!change.gained.is_empty(), !change.lost.is_empty());
        let sign = match (&change.before, &change.after) {
            _ if same => "=",
            (None, _) => "+",
            (_, None) => "−",
            _ if gained && !lost => "+",
            _ if lost && !gained => "−",
            _ => "≠",
        };
        let place = place(&change.place);
        let remark = match change.shift.filter(|_| !same && !self.raw) {
            Some(shift) if shift < chrono::TimeDelta::zero() => format!("{} earlier", clock::round_span(shift)),
            Some(shift) => format!("{} later", clock::round_span(shift)),
            None if change.place == "header/kid" && sign == "≠" => "key changed".to_owned(),
            None => String::new(),
        };
        let sides = [0, 1].map(|side| value(model, change, side, self.raw, same));
        Entry { sign, place, sides, remark }
    }

    /// What follows from it, in sentences.
    pub(crate) fn summary(&self) -> String {
        summary(self.sides.each_ref().map(|side| &side.row), &self.changes)
    }
}

/// Whether the clock changes what the page shows every second.
pub(super) fn runs(model: &Model) -> bool {
    let ends = |side: &Side| runs_out(&side.row.lifetime, model.now);
    let of = |mode: &Mode| matches!(mode, Mode::Compare(page) if page.sides.iter().any(ends));
    model.modes.seen(model.now).is_some_and(of)
}

/// A claim by its name, a header parameter as `header/kid`; sanitized.
fn place(place: &str) -> String {
    text::visible(place.trim_start_matches('/')).into_owned()
}

/// Whose token it is: `access token of lms-prod · ada`.
fn name(row: &Row) -> String {
    match row.subject.as_str() {
        "" => row.words(),
        subject => format!("{} · {subject}", row.words()),
    }
}

/// The whole page as text. It holds what is on screen: no token.
fn as_text(model: &Model, page: &Comparison) -> String {
    let [first, second] = page.sides.each_ref().map(|side| &side.words);
    let mut text = format!("{}\nA  {first}\nB  {second}\n\n", page.title());
    for entry in page.entries(model) {
        let [before, after] =
            entry.sides.each_ref().map(|side| side.iter().map(|piece| &*piece.text).collect::<String>());
        let values = if after.is_empty() { before } else { format!("{before} → {after}") };
        let remark =
            if entry.remark.is_empty() || entry.sign == "=" { String::new() } else { format!("  ({})", entry.remark) };
        text.push_str(&format!("{} {}  {values}{remark}\n", entry.sign, entry.place));
    }
    text + "\n" + &page.summary() + "\n"
}

/// Where everything on the page stands.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Parts {
    pub(crate) frame: Area,
    pub(crate) head: Area,
    pub(crate) rows: Area,
    pub(crate) foot: Area,
    /// How many rows an entry has: where there is no room for columns, one for its name and one for each side.
    pub(crate) entry: u16,
}

impl Parts {
    /// There is no room for columns.
    pub(crate) fn stacked(&self) -> bool {
        self.entry > 1
    }
}

/// The page takes the whole body.
pub(crate) fn parts(size: (u16, u16)) -> Parts {
    let columns = size.0;
    let frame = overlay(size, u16::MAX, u16::MAX);
    let inner = if columns >= 24 && frame.height >= 4 { frame.shrink(2, 1) } else { frame };
    let stacked = inner.width < 90;
    let head = if stacked { 2 } else { 1 };
    let foot = if inner.height >= 10 { 3 } else { 0 };
    let body = Area { height: inner.height - foot, ..inner };
    let entry = if stacked { 3 } else { 1 };
    Parts { frame, head: body.top(head), rows: body.below(head), foot: inner.below(body.height), entry }
}
