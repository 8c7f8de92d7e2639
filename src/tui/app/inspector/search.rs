//! A search through the open tab: names and values, as they are on screen.

use std::{borrow::Cow, ops::Range};

use super::{
    Tab, raw,
    sheet::SheetItem,
    tree::{self, Folds},
};
use crate::{
    text,
    token::json::{Json, Kind},
    tui::app::{
        Model,
        keymap::Action,
        list::Cursor,
        mode::{self, Wanted},
    },
};

/// What is searched for, and where it is.
#[derive(Debug, Default)]
pub(crate) struct Search {
    pub(crate) needle: Needle,
    /// Where it is, in order.
    found: Vec<Spot>,
    /// The last jump went over the end, or over the start.
    wrapped: bool,
    /// What Esc brings back while the line is being typed.
    origin: Option<(Cursor, Folds)>,
}

/// A text to search for: in small letters it stands for capitals too.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Needle {
    text: String,
    exact: bool,
}

/// A place in a tab, folded up or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Spot {
    /// A row above the values, by its index.
    Above(usize),
    /// A value, by its index among the nodes.
    Node(usize),
    /// A disclosure or a line of a plaintext, by its index.
    Below(usize),
}

/// Where a jump goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Jump {
    Next,
    Previous,
}

impl Needle {
    pub(crate) fn new(text: &str) -> Self {
        Self { text: text.to_owned(), exact: text.contains(char::is_uppercase) }
    }

    /// What is searched for; what was typed may be anything.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// Whether it is in a text.
    pub(crate) fn is_in(&self, text: &str) -> bool {
        match self.exact {
            true => text.contains(&self.text),
            false => lowered(text).contains(&self.text),
        }
    }

    /// Where it is in a text that is on screen.
    pub(crate) fn ranges(&self, text: &str) -> Vec<Range<usize>> {
        if self.text.is_empty() {
            return Vec::new();
        }
        let lower = if self.exact { Cow::Borrowed(text) } else { lowered(text) };
        let found = lower.match_indices(&self.text).map(|(at, part)| at..at + part.len());
        // A small letter may take more bytes than its capital: then the places differ, and none is better than a wrong one.
        found.filter(|range| lower.len() == text.len() && text.get(range.clone()).is_some()).collect()
    }
}

fn lowered(text: &str) -> Cow<'_, str> {
    match text.bytes().any(|byte| byte.is_ascii_uppercase() || !byte.is_ascii()) {
        true => text.to_lowercase().into(),
        false => text.into(),
    }
}

impl Search {
    /// `3 of 17`, `nothing found`: how it stands with the cursor at a place.
    pub(crate) fn words(&self, model: &Model) -> String {
        let count = self.found.len();
        let at = here(model).and_then(|spot| self.found.binary_search(&spot).ok());
        match (count, at) {
            (0, _) => "no match".to_owned(),
            (_, Some(at)) if self.wrapped => format!("{} of {count}, wrapped", at + 1),
            (_, Some(at)) => format!("{} of {count}", at + 1),
            (1, None) => "1 match".to_owned(),
            (_, None) => format!("{count} matches"),
        }
    }
}

/// A value as a row has it, whole: strings in quotes.
fn value(json: &Json, index: usize) -> Cow<'_, str> {
    let node = &json.nodes()[index];
    let raw = json.raw(node);
    match node.kind {
        Kind::Object | Kind::Array => Cow::Borrowed(""),
        Kind::String if !text::is_plain(raw) || raw.contains('\\') => {
            text::quoted(&json.string(node).unwrap_or_default()).into()
        }
        _ => text::visible(raw),
    }
}

/// All places of the open tab where the needle is.
fn find(model: &Model, needle: &Needle) -> Vec<Spot> {
    let Some(sheet) = model.sheet().filter(|_| !needle.text.is_empty()) else { return Vec::new() };
    let above = (0..sheet.above()).filter(|&index| sheet.item(index).is_some_and(|item| needle.is_in(&item.words())));
    let mut found: Vec<Spot> = above.map(Spot::Above).collect();
    if let Some(json) = sheet.json {
        let holds = |index: &usize| {
            let key = json.key(&json.nodes()[*index]);
            key.is_some_and(|key| needle.is_in(&text::visible(&key))) || needle.is_in(&value(json, *index))
        };
        found.extend((tree::first(json)..json.nodes().len()).filter(holds).map(Spot::Node));
    }
    let holds = |item: Option<SheetItem<'_>>| item.is_some_and(|item| needle.is_in(&item.words()));
    let start = sheet.above() + sheet.values();
    found.extend((0..sheet.below()).filter(|index| holds(sheet.item(start + index))).map(Spot::Below));
    found
}

/// The place under the cursor.
fn here(model: &Model) -> Option<Spot> {
    let (sheet, index) = (model.sheet()?, model.inspector.cursor.index);
    match sheet.item(index)? {
        SheetItem::Value(_, at) => Some(Spot::Node(at)),
        SheetItem::Disclosure(_) | SheetItem::Text(_) => Some(Spot::Below(index - sheet.above() - sheet.values())),
        SheetItem::Bytes(..) => None,
        _ => Some(Spot::Above(index)),
    }
}

/// Puts the cursor on a place, and unfolds what hides it.
fn go_to(model: &mut Model, spot: Spot) {
    let folds = match (spot, model.sheet(), model.inspector.folds()) {
        (Spot::Node(node), Some(sheet), Some(folds)) if sheet.hides(node) => sheet.json.map(|json| {
            let mut folds = folds.clone();
            folds.uncover(json, node);
            folds
        }),
        _ => None,
    };
    if let Some(folds) = folds {
        set_folds(model, folds);
    }
    let Some(sheet) = model.sheet() else { return };
    let row = match spot {
        Spot::Above(index) => Some(index),
        Spot::Node(node) => sheet.row_of_node(node),
        Spot::Below(index) => Some(sheet.above() + sheet.values() + index),
    };
    if let Some(row) = row {
        model.inspector.cursor.index = row;
    }
}

fn set_folds(model: &mut Model, folds: Folds) {
    if let Some(place) = model.inspector.folds_mut() {
        *place = folds;
    }
    super::rebuild(model);
}

pub(in crate::tui::app) fn offer(model: &Model) -> Option<Action> {
    match model.inspector.tab.is_text() {
        // From there it goes to the claims.
        true => super::plaintext::claims(model).map(|_| Action::Search),
        false => model.sheet().filter(|sheet| sheet.len() > 0).map(|_| Action::Search),
    }
}

pub(in crate::tui::app) fn offer_next(model: &Model) -> Option<Action> {
    let found = !model.inspector.search.found.is_empty();
    found.then_some(Action::Jump(Jump::Next)).or_else(|| raw::offer(model, Jump::Next))
}

pub(in crate::tui::app) fn offer_previous(model: &Model) -> Option<Action> {
    let found = !model.inspector.search.found.is_empty();
    found.then_some(Action::Jump(Jump::Previous)).or_else(|| raw::offer(model, Jump::Previous))
}

pub(in crate::tui::app) fn offer_clear(model: &Model) -> Option<Action> {
    (!model.inspector.search.needle.text.is_empty()).then_some(Action::ClearSearch)
}

/// Opens the line to type in.
pub(in crate::tui::app) fn open(model: &mut Model) {
    if model.inspector.tab.is_text() {
        super::open(model, Tab::Claims);
        super::rebuild(model);
    }
    let folds = model.inspector.folds().cloned().unwrap_or_default();
    model.inspector.search = Search { origin: Some((model.inspector.cursor, folds)), ..Search::default() };
    mode::type_line(model, Wanted::Search);
}

/// Enter: the matches stay marked.
pub(in crate::tui::app) fn accept(model: &mut Model) {
    model.inspector.search.origin = None;
}

/// Esc: nothing is marked any more; while the line was being typed, the cursor and the folds are as they were.
pub(in crate::tui::app) fn clear(model: &mut Model) {
    let search = std::mem::take(&mut model.inspector.search);
    restore(model, search.origin);
}

fn restore(model: &mut Model, origin: Option<(Cursor, Folds)>) {
    let Some((cursor, folds)) = origin else { return };
    set_folds(model, folds);
    model.inspector.cursor = cursor;
}

/// Keeps the matches in line with what is being typed: the cursor is on the first one from where it was.
pub(super) fn typed(model: &mut Model) {
    let Some(input) = model.modes.line(&Wanted::Search) else { return };
    if input.text() == model.inspector.search.needle.text {
        return;
    }
    let needle = Needle::new(input.text());
    let origin = model.inspector.search.origin.clone();
    restore(model, origin.clone());
    let found = find(model, &needle);
    let here = here(model);
    let first = found.iter().find(|spot| Some(**spot) >= here).or(found.first()).copied();
    model.inspector.search = Search { needle, found, wrapped: false, origin };
    if let Some(spot) = first {
        go_to(model, spot);
    }
}

/// Searches anew in another token or tab.
pub(super) fn renew(model: &mut Model) {
    if model.modes.line(&Wanted::Search).is_some() {
        let folds = model.inspector.folds().cloned().unwrap_or_default();
        model.inspector.search.origin = Some((model.inspector.cursor, folds));
    }
    model.inspector.search.found = find(model, &model.inspector.search.needle);
    model.inspector.search.wrapped = false;
}

/// Goes to another match; behind the last one comes the first.
pub(in crate::tui::app) fn jump(model: &mut Model, jump: Jump) {
    if model.inspector.search.found.is_empty() {
        return raw::jump(model, jump);
    }
    let (here, search) = (here(model), &mut model.inspector.search);
    let (beyond, other_end) = match jump {
        Jump::Next => (search.found.iter().find(|spot| Some(**spot) > here), search.found.first()),
        Jump::Previous => (search.found.iter().rev().find(|spot| Some(**spot) < here), search.found.last()),
    };
    let wrapped = beyond.is_none();
    let spot = beyond.or(other_end).copied();
    search.wrapped = wrapped;
    if let Some(spot) = spot {
        go_to(model, spot);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_letters_stand_for_capitals() {
        let ranges = |needle: &str, text: &str| Needle::new(needle).ranges(text);
        assert_eq!(ranges("al", "Alice Salt"), [0..2, 7..9]);
        assert_eq!(ranges("Al", "Alice Salt"), vec![0..2; 1]);
        assert_eq!(ranges("ö", "ZÖE zöe"), [1..3, 6..8]);
        assert!(ranges("", "x").is_empty());
        // The small letter of İ takes more bytes: it is found, and not marked.
        assert!(ranges("x", "İx").is_empty());
        assert!(Needle::new("x").is_in("İx") && !Needle::new("X").is_in("x"));
    }
}
