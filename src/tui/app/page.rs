//! Pages to read: all about a profile, a whole value, a report. Made of lines that fit the screen.

pub(crate) mod files;
pub(super) mod profile;
pub(crate) mod search;
pub(crate) mod write;

use self::{search::Search, write::Writer};
use super::{
    Model,
    inspector::value,
    keymap::{Action, MARK},
    layout::{Area, overlay},
    list::Cursor,
    message::{Effect, Effects},
    mode::Mode,
};
use crate::{profile::ProfileName, text};

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
    /// For which size, and which content of the inspector, it is written.
    of: Option<((u16, u16), u64)>,
    /// The lines of a report before they are wrapped; sanitized.
    report: Vec<Line>,
}

/// What a page shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PageKind {
    /// All about a profile.
    Profile(ProfileName),
    /// A value of a token, whole.
    Value,
    /// What came of something, in lines that were written for it.
    Report,
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
                if let Mode::Page(page) = mode {
                    page.kind = PageKind::Profile(new.clone());
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
    let of = Some((model.size, model.inspector.edition));
    let write = |mode: &Mode| if let Mode::Page(page) = mode { write(model, page, of) } else { None };
    let written: Vec<_> = model.modes.iter().map(write).collect();
    for (mode, written) in model.modes.iter_mut().zip(written) {
        let Mode::Page(page) = mode else { continue };
        if let Some((title, lines)) = written {
            (page.title, page.lines, page.of) = (title, lines, of);
        }
        page.cursor.index = page.cursor.index.min(page.lines.len().saturating_sub(height));
        page.cursor.offset = page.cursor.index;
    }
}

/// Its title and its lines; `None` of a value that is on the page already: it may be long.
fn write(model: &Model, page: &Page, of: Option<((u16, u16), u64)>) -> Option<(String, Vec<Line>)> {
    let width = area(model.size).0;
    Some(match &page.kind {
        PageKind::Profile(name) => (format!("Profile {name}"), profile::lines(model, name, width)),
        PageKind::Value if page.of == of => return None,
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
