//! Pages to read: all about a profile, a whole value, a report. Made of lines that fit the screen.

pub(crate) mod files;
pub(super) mod profile;
pub(crate) mod search;
pub(crate) mod write;

use std::sync::Arc;

use self::{search::Search, write::Writer};
use super::{
    Model, exchange,
    inspector::value,
    keymap::{Action, MARK},
    layout::{Area, overlay},
    list::Cursor,
    message::{Effect, Effects},
    mode::Mode,
};
use crate::{http::Exchange, profile::ProfileName, text};

/// A page over the panes.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) kind: PageKind,
    /// Sanitized.
    pub(crate) title: String,
    /// Wrapped for the screen's width; sanitized.
    pub(crate) lines: Vec<Line>,
    pub(crate) cursor: Cursor,
    pub(crate) search: Search,
    /// What it is written for.
    of: Option<Content>,
    /// The lines of a report before they are wrapped; sanitized.
    report: Vec<Line>,
}

/// What a page shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PageKind {
    /// All about a profile.
    Profile(ProfileName),
    /// What a profile has sent last in the rotation.
    Exchange(ProfileName),
    /// A value of a token, whole.
    Value,
    /// What came of something, in lines that were written for it.
    Report,
}

/// What a page is written for: for another one it is written anew.
#[derive(Debug, Clone)]
struct Content {
    size: (u16, u16),
    /// Of the inspector.
    edition: u64,
    exchange: Option<Arc<Exchange>>,
}

impl PartialEq for Content {
    fn eq(&self, other: &Self) -> bool {
        let same = match (&self.exchange, &other.exchange) {
            (Some(one), Some(other)) => Arc::ptr_eq(one, other),
            (one, other) => one.is_none() && other.is_none(),
        };
        same && (self.size, self.edition) == (other.size, other.edition)
    }
}

/// A line of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Line {
    pub(crate) tone: Tone,
    /// The part that stands out, before the text.
    pub(crate) head: String,
    pub(crate) text: String,
}

/// How a text is meant; the view gives it a colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tone {
    Plain,
    Heading,
    Muted,
    Good,
    Warn,
    /// It is over.
    Ended,
    Bad,
    /// It runs, or will by itself.
    Renew,
}

/// Where a page stands, border included: no higher than its lines need.
pub(crate) fn frame(size: (u16, u16), lines: usize) -> Area {
    overlay(size, 108, u16::try_from(lines).unwrap_or(u16::MAX).saturating_add(2))
}

/// Columns and rows that a page's text has.
pub(super) fn area(size: (u16, u16)) -> (u16, usize) {
    let inner = frame(size, usize::MAX).shrink(2, 1);
    (inner.width, usize::from(inner.height))
}

pub(super) fn open(model: &mut Model, kind: PageKind) {
    show(model, kind, String::new(), Vec::new());
}

/// Opens a page of lines that were written for it: sanitized, and wrapped here.
pub(super) fn report(model: &mut Model, title: &str, lines: Vec<Line>) {
    show(model, PageKind::Report, text::visible(title).into_owned(), lines);
}

fn show(model: &mut Model, kind: PageKind, title: String, report: Vec<Line>) {
    let (lines, cursor, search, of) = (Vec::new(), Cursor::default(), Search::default(), None);
    model.modes.push(Mode::Page(Page { kind, title, lines, cursor, search, of, report }));
}

pub(super) fn offer_copy(model: &Model) -> Option<Action> {
    let page = |mode: &&Mode| matches!(mode, Mode::Page(page) if page.kind != PageKind::Value);
    model.modes.top().filter(page).map(|_| Action::CopyPage)
}

/// The page as text; secrets are masked in it.
pub(super) fn copy(model: &Model) -> Effects {
    let Some(Mode::Page(page)) = model.modes.top() else { return Effects::none() };
    let lines = page
        .lines
        .iter()
        .map(|line| format!("{}{}", line.head, line.text).replace(MARK, "").trim_end().to_owned() + "\n");
    let text = format!("{}\n{}", page.title, lines.collect::<String>());
    Effect::Copy { what: "page".to_owned(), text: text.into() }.into()
}

/// The pages of a profile follow it to its new name, and close when it is removed.
pub(super) fn rename(model: &mut Model, old: &ProfileName, new: Option<&ProfileName>) {
    match new {
        Some(new) => {
            for mode in model.modes.iter_mut().filter(|mode| mode.profile() == Some(old)) {
                // A run goes on by the names that it began with, and so does what it has sent.
                if let Mode::Page(Page { kind: PageKind::Profile(name), .. }) = mode {
                    *name = new.clone();
                }
            }
        }
        None => while model.modes.take(|mode| mode.profile() == Some(old)).is_some() {},
    }
}

/// Writes the pages anew: what they tell may have changed.
pub(super) fn settle(model: &mut Model) {
    search::settle(model);
    let height = area(model.size).1;
    let write = |mode: &Mode| {
        let Mode::Page(page) = mode else { return None };
        let exchange = if let PageKind::Exchange(name) = &page.kind { model.rotation.exchange(name) } else { None };
        let of = Content { size: model.size, edition: model.inspector.edition, exchange: exchange.cloned() };
        write(model, page, &of).map(|written| (written, of))
    };
    let written: Vec<_> = model.modes.iter().map(write).collect();
    for (mode, written) in model.modes.iter_mut().zip(written) {
        let Mode::Page(page) = mode else { continue };
        if let Some(((title, lines), of)) = written {
            (page.title, page.lines, page.of) = (title, lines, Some(of));
        }
        page.cursor.index = page.cursor.index.min(page.lines.len().saturating_sub(height));
        page.cursor.offset = page.cursor.index;
    }
}

/// Its title and its lines; `None` of a value or an exchange that is on the page already: it may be long.
fn write(model: &Model, page: &Page, of: &Content) -> Option<(String, Vec<Line>)> {
    let width = area(model.size).0;
    Some(match &page.kind {
        PageKind::Profile(name) => (format!("Profile {name}"), profile::lines(model, name, width)),
        PageKind::Value | PageKind::Exchange(_) if page.of.as_ref() == Some(of) => return None,
        PageKind::Exchange(name) => {
            let lines = of.exchange.as_ref().map(|exchange| exchange::lines(model, exchange, width));
            (format!("Exchange of {name}"), lines.unwrap_or_default())
        }
        PageKind::Value => {
            let (title, text) = value::whole(model)?;
            (title, whole_value(model, &text, width))
        }
        PageKind::Report => {
            let mut writer = Writer::new(width);
            page.report.iter().for_each(|line| writer.put(line.tone, &line.head, &line.text));
            (page.title.clone(), writer.lines)
        }
    })
}

/// A whole value, line by line, and what there is to say about it.
fn whole_value(model: &Model, text: &str, width: u16) -> Vec<Line> {
    let mut writer = Writer::new(width);
    text.lines().for_each(|line| writer.put(Tone::Plain, "", line));
    writer.blank();
    for (label, fact) in value::facts(model) {
        writer.put(Tone::Plain, &format!("{label:<10}"), &fact);
    }
    writer.lines
}
