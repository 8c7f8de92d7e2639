//! The search of pages: `/` and a word, `n` and `N` for the other places; it narrows the horizon. One for every page that is made of lines, with a cursor
//! on one of them or without.

use crate::tui::app::{
    Model,
    compare::Entry,
    horizon::{self, Lane},
    inspector::{Jump, Needle},
    keymap::Action,
    list::Cursor,
    mode::{self, Mode, Wanted},
};

/// What a page is searched for.
#[derive(Debug, Default)]
pub(crate) struct Search {
    pub(crate) needle: Needle,
    /// The line of the last jump: where a page has no cursor, its first line on screen does not tell.
    at: Option<usize>,
    /// The last jump went over the end, or over the start.
    wrapped: bool,
    /// What Esc brings back while the line is being typed.
    origin: Option<Cursor>,
}

/// The pages that are searched: the search of each, and its cursor.
fn parts(mode: &mut Mode) -> Option<(&mut Search, &mut Cursor)> {
    match mode {
        Mode::Page(page) => Some((&mut page.search, &mut page.cursor)),
        Mode::Compare(page) => Some((&mut page.search, &mut page.cursor)),
        Mode::Horizon(page) => Some((&mut page.search, &mut page.cursor)),
        _ => None,
    }
}

fn of(mode: &Mode) -> Option<(&Search, &Cursor)> {
    match mode {
        Mode::Page(page) => Some((&page.search, &page.cursor)),
        Mode::Compare(page) => Some((&page.search, &page.cursor)),
        Mode::Horizon(page) => Some((&page.search, &page.cursor)),
        _ => None,
    }
}

/// The lines of a page as text, one for each step of its cursor.
fn texts(model: &Model, mode: &Mode) -> Vec<String> {
    match mode {
        Mode::Page(page) => page.lines.iter().map(|line| format!("{}{}", line.head, line.text)).collect(),
        Mode::Compare(page) => page.entries(model).iter().map(of_entry).collect(),
        Mode::Horizon(page) => page.lanes.iter().map(Lane::words).collect(),
        _ => Vec::new(),
    }
}

fn of_entry(entry: &Entry) -> String {
    let pieces = entry.sides.iter().flatten().map(|piece| &*piece.text);
    pieces.chain([entry.remark.as_str()]).fold(entry.place.clone(), |text, part| text + " " + part)
}

/// The page whose commands have the keyboard, also while its search is being typed.
fn page(model: &Model) -> Option<&Mode> {
    let typed = model.modes.line(&Wanted::PageSearch).is_some();
    model.modes.iter().nth(usize::from(typed)).filter(|mode| of(mode).is_some())
}

fn page_mut(model: &mut Model) -> Option<(&mut Search, &mut Cursor)> {
    let typed = model.modes.line(&Wanted::PageSearch).is_some();
    model.modes.iter_mut().nth(usize::from(typed)).and_then(parts)
}

/// Where it is, by line.
fn find(model: &Model) -> Vec<usize> {
    let Some(page) = page(model) else { return Vec::new() };
    let needle = of(page).map(|(search, _)| &search.needle).filter(|needle| !needle.text().is_empty());
    let Some(needle) = needle else { return Vec::new() };
    let holds = |(at, text): (usize, String)| needle.is_in(&text).then_some(at);
    texts(model, page).into_iter().enumerate().filter_map(holds).collect()
}

impl Model {
    /// `3 of 17`: how it stands with the search of a page; nothing where it is searched for nothing.
    pub(crate) fn page_search_words(&self) -> String {
        let Some((search, cursor)) = page(self).and_then(of) else { return String::new() };
        if search.needle.text().is_empty() {
            return String::new();
        }
        let found = find(self);
        let at = found.binary_search(&search.at.unwrap_or(cursor.index)).ok();
        match (found.len(), at) {
            (0, _) => "no match".to_owned(),
            (count, Some(at)) => format!("{} of {count}{}", at + 1, if search.wrapped { ", wrapped" } else { "" }),
            (1, None) => "1 match".to_owned(),
            (count, None) => format!("{count} matches"),
        }
    }

    /// What the page on top is searched for.
    pub(crate) fn page_needle(&self) -> Option<&Needle> {
        page(self).and_then(of).map(|(search, _)| &search.needle).filter(|needle| !needle.text().is_empty())
    }
}

pub(in crate::tui::app) fn offer(model: &Model) -> Option<Action> {
    let mode = model.modes.top().filter(|mode| of(mode).is_some())?;
    let narrows = matches!(mode, Mode::Horizon(_));
    Some(Action::SearchPage(if narrows { Step::Narrow } else { Step::Open }))
}

pub(in crate::tui::app) fn offer_next(model: &Model) -> Option<Action> {
    (!find(model).is_empty()).then_some(Action::SearchPage(Step::Jump(Jump::Next)))
}

pub(in crate::tui::app) fn offer_previous(model: &Model) -> Option<Action> {
    (!find(model).is_empty()).then_some(Action::SearchPage(Step::Jump(Jump::Previous)))
}

pub(in crate::tui::app) fn offer_clear(model: &Model) -> Option<Action> {
    let narrows = matches!(model.modes.top(), Some(Mode::Horizon(_)));
    model.page_needle().map(|_| Action::SearchPage(if narrows { Step::Widen } else { Step::Clear }))
}

/// What its keys do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Step {
    Open,
    Jump(Jump),
    Clear,
    /// The same where rows without the words are left out.
    Narrow,
    Widen,
}

pub(in crate::tui::app) fn step(model: &mut Model, step: Step) {
    match step {
        Step::Open | Step::Narrow => {
            let narrows = matches!(model.modes.top(), Some(Mode::Horizon(_)));
            if let Some((search, cursor)) = page_mut(model) {
                // Where rows come and go, the cursor stays on its own.
                *search = Search { origin: Some(*cursor).filter(|_| !narrows), ..Search::default() };
                mode::type_line(model, Wanted::PageSearch);
            }
        }
        Step::Jump(jump) => self::jump(model, jump),
        Step::Clear | Step::Widen => {
            let Some((search, cursor)) = page_mut(model) else { return };
            let origin = std::mem::take(search).origin;
            origin.into_iter().for_each(|origin| *cursor = origin);
        }
    }
}

/// Enter: the matches stay marked.
pub(in crate::tui::app) fn accept(model: &mut Model) {
    page_mut(model).into_iter().for_each(|(search, _)| search.origin = None);
}

/// Keeps the matches in line with what is being typed: the cursor is on the first one from where it was.
pub(super) fn settle(model: &mut Model) {
    let Some(typed) = model.modes.line(&Wanted::PageSearch).map(|input| input.text().to_owned()) else { return };
    let Some((search, cursor)) = page_mut(model) else { return };
    if search.needle.text() == typed {
        return;
    }
    search.needle = Needle::new(&typed);
    search.wrapped = false;
    let from = search.origin.map_or(cursor.index, |origin| origin.index);
    search.origin.into_iter().for_each(|origin| *cursor = origin);
    // The rows that are searched are those that are left.
    horizon::settle(model);
    let found = find(model);
    let first = found.iter().find(|line| **line >= from).or(found.first()).copied();
    go_to(model, first, false);
}

/// Goes to another match; behind the last one comes the first.
fn jump(model: &mut Model, jump: Jump) {
    let found = find(model);
    let Some((search, cursor)) = page(model).and_then(of) else { return };
    let here = search.at.unwrap_or(cursor.index);
    let (beyond, other_end) = match jump {
        Jump::Next => (found.iter().find(|line| **line > here), found.first()),
        Jump::Previous => (found.iter().rev().find(|line| **line < here), found.last()),
    };
    let (wrapped, line) = (beyond.is_none(), beyond.or(other_end).copied());
    go_to(model, line, wrapped);
}

fn go_to(model: &mut Model, line: Option<usize>, wrapped: bool) {
    let Some((search, cursor)) = page_mut(model) else { return };
    search.wrapped = wrapped;
    search.at = line;
    line.into_iter().for_each(|line| cursor.index = line);
}

/// The cursor was moved: from there it goes on.
pub(in crate::tui::app) fn moved(model: &mut Model) {
    page_mut(model).into_iter().for_each(|(search, _)| search.at = None);
}
