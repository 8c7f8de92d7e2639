//! Pages to read: all keys, all notices, all about a profile, a whole value. Made of lines that fit the screen.

mod profile;
pub(crate) mod write;

use self::write::Writer;
use super::{
    Model, Pane,
    inspector::value,
    keymap,
    layout::{Area, centred},
    list::Cursor,
    mode::{Mode, Page, PageKind},
    notices::{self, Severity},
};
use crate::text;

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
    Accent,
    Good,
    Warn,
    Bad,
}

/// Where a page stands, border included: between the title and the key bar; as wide as a small screen, and no higher
/// than its lines need.
pub(crate) fn frame((columns, rows): (u16, u16), lines: usize) -> Area {
    let width = if columns > 100 { (columns - 8).min(110) } else { columns };
    let height = if rows > 9 { rows - 2 } else { rows };
    centred((columns, rows), width, height.min(u16::try_from(lines).unwrap_or(u16::MAX).saturating_add(2)))
}

/// Columns and rows that a page's text has.
pub(super) fn area(size: (u16, u16)) -> (u16, usize) {
    let inner = frame(size, usize::MAX).shrink(2, 1);
    (inner.width, usize::from(inner.height))
}

pub(super) fn open(model: &mut Model, kind: PageKind) {
    let (title, source) = match &kind {
        PageKind::Keys => ("Keys".to_owned(), String::new()),
        PageKind::Notices => {
            notices::read_all(model);
            ("Notices".to_owned(), String::new())
        }
        PageKind::Profile(name) => (format!("Profile {name}"), String::new()),
        PageKind::Value => match value::whole(model) {
            Some(value) => value,
            None => return,
        },
        PageKind::Report => return,
    };
    show(model, kind, title, source, Vec::new());
}

/// Opens a page of lines that were written for it: sanitized, and wrapped here.
pub(super) fn report(model: &mut Model, title: &str, lines: Vec<Line>) {
    show(model, PageKind::Report, text::visible(title).into_owned(), String::new(), lines);
}

fn show(model: &mut Model, kind: PageKind, title: String, source: String, report: Vec<Line>) {
    let (lines, cursor, size) = (Vec::new(), Cursor::default(), (0, 0));
    model.modes.push(Mode::Page(Page { kind, title, lines, cursor, size, source, report }));
}

/// Writes the open page anew: what it tells may have changed. A whole value is wrapped once for a size.
pub(super) fn settle(model: &mut Model) {
    let size = model.size;
    let (width, height) = area(size);
    let lines = match model.modes.top() {
        Some(Mode::Page(page)) if page.kind == PageKind::Value && page.size == size => None,
        Some(Mode::Page(page)) => Some(match &page.kind {
            PageKind::Keys => keys(model.focus, width),
            PageKind::Notices => notice_lines(model, width),
            PageKind::Profile(name) => profile::lines(model, name, width),
            PageKind::Value => whole_value(model, &page.source, width),
            PageKind::Report => {
                let mut writer = Writer::new(width);
                page.report.iter().for_each(|line| writer.put(line.tone, &line.head, &line.text));
                writer.lines
            }
        }),
        _ => None,
    };
    if let Some(Mode::Page(page)) = model.modes.top_mut() {
        if let Some(lines) = lines {
            page.lines = lines;
            page.size = size;
        }
        page.cursor.index = page.cursor.index.min(page.lines.len().saturating_sub(height));
        page.cursor.offset = page.cursor.index;
    }
}

fn keys(pane: Pane, width: u16) -> Vec<Line> {
    let mut writer = Writer::new(width);
    for (place, bindings) in keymap::sections(pane) {
        writer.blank();
        writer.put(Tone::Heading, "", place);
        for binding in bindings {
            writer.put(Tone::Plain, &format!("  {:<14}", binding.keys_text()), binding.help);
        }
    }
    writer.lines
}

fn notice_lines(model: &Model, width: u16) -> Vec<Line> {
    let mut writer = Writer::new(width);
    for notice in model.notices.all() {
        let (tone, word) = match notice.severity {
            Severity::Info => (Tone::Plain, "info"),
            Severity::Success => (Tone::Good, "done"),
            Severity::Warning => (Tone::Warn, "warning"),
            Severity::Error => (Tone::Bad, "error"),
        };
        let head = format!("{}  {word:<8}", notice.at.format("%H:%M:%S"));
        writer.put(tone, &head, &notice.text);
        if let Some(hint) = notice.hint(model) {
            writer.put(Tone::Muted, &" ".repeat(head.len()), &hint);
        }
    }
    if writer.lines.is_empty() {
        writer.put(Tone::Muted, "", "no notices yet");
    }
    writer.lines
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
