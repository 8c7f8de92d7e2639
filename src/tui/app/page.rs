//! Pages to read: all keys, all notices, all about a profile, a whole value. Made of lines that fit the screen.

use unicode_width::UnicodeWidthChar as _;

use super::{
    Model,
    inspector::{self, Item},
    jobs, keymap,
    layout::{Area, centred},
    list::Cursor,
    message::elapsed,
    mode::{Mode, Page, PageKind},
    notices::{self, Severity},
};
use crate::{auth::FieldKind, clock, profile::ProfileName, text};

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

/// Where a page stands, border included: between the title and the key bar; as wide as a small screen.
pub(crate) fn frame((columns, rows): (u16, u16)) -> Area {
    let width = if columns > 100 { (columns - 8).min(110) } else { columns };
    centred((columns, rows), width, if rows > 9 { rows - 2 } else { rows })
}

/// Columns and rows that a page's text has.
pub(super) fn area(size: (u16, u16)) -> (u16, usize) {
    let inner = frame(size).shrink(2, 1);
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
        PageKind::Value => match inspector::whole_value(model) {
            Some(value) => value,
            None => return,
        },
    };
    model.mode = Mode::Page(Page { kind, title, lines: Vec::new(), cursor: Cursor::default(), size: (0, 0), source });
}

/// Writes the open page anew: what it tells may have changed. A whole value is wrapped once for a size.
pub(super) fn settle(model: &mut Model) {
    let size = model.size;
    let (width, height) = area(size);
    let lines = match &model.mode {
        Mode::Page(page) if page.kind == PageKind::Value && page.size == size => None,
        Mode::Page(page) => Some(match &page.kind {
            PageKind::Keys => keys(width),
            PageKind::Notices => notice_lines(model, width),
            PageKind::Profile(name) => profile(model, name, width),
            PageKind::Value => value(model, &page.source, width),
        }),
        _ => None,
    };
    if let Mode::Page(page) = &mut model.mode {
        if let Some(lines) = lines {
            page.lines = lines;
            page.size = size;
        }
        page.cursor.index = page.cursor.index.min(page.lines.len().saturating_sub(height));
        page.cursor.offset = page.cursor.index;
    }
}

fn keys(width: u16) -> Vec<Line> {
    let mut writer = Writer::new(width);
    for (place, bindings) in keymap::sections() {
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
        if let Some(hint) = &notice.hint {
            writer.put(Tone::Muted, &" ".repeat(head.len()), hint);
        }
    }
    if writer.lines.is_empty() {
        writer.put(Tone::Muted, "", "nothing was said yet");
    }
    writer.lines
}

fn profile(model: &Model, name: &ProfileName, width: u16) -> Vec<Line> {
    let mut writer = Writer::new(width);
    let Some(row) = model.profiles.row(name) else {
        writer.put(Tone::Muted, "", "this profile is not in the file any more");
        return writer.lines;
    };
    let mut fact = |tone, label: &str, value: &str| writer.put(tone, &format!("{label:<15}"), value);
    fact(Tone::Plain, "provider", &row.title());
    if let Some(environment) = &row.environment {
        fact(Tone::Plain, "environment", environment);
    }
    for (key, value) in &row.profile.settings {
        let field = row.descriptor.and_then(|d| d.fields.iter().find(|field| field.key == key));
        let secret = field.is_none_or(|field| field.kind == FieldKind::Secret);
        let label = field.map_or_else(|| text::visible(key).into_owned(), |field| field.label.to_owned());
        fact(Tone::Plain, &label, &if secret { masked(value) } else { text::visible(value).into_owned() });
    }
    if let Some(job) = model.jobs.of(name) {
        let seconds = elapsed(job.started, model.now).as_secs();
        let step = job.step.as_ref().map(|step| format!(": {step}")).unwrap_or_default();
        fact(Tone::Accent, "now", &format!("{} for {seconds}s{step}", job.words()));
    }
    if let Some(holding) = &row.holding {
        fact(Tone::Plain, "last login", &both(model, holding.received_at));
        holding.account.iter().for_each(|account| fact(Tone::Plain, "account", account));
        holding.scope.iter().for_each(|scope| fact(Tone::Plain, "scope", scope));
        let refresh = if holding.has_refresh_token { "there is one" } else { "none: log in again when it ends" };
        fact(Tone::Plain, "refresh token", refresh);
    }
    row.probed.iter().for_each(|words| fact(Tone::Plain, "who am I", words));
    if let Some(failure) = &row.failure {
        fact(Tone::Muted, "last failure", &both(model, failure.at));
        fact(Tone::Bad, jobs::noun(failure.kind), &failure.text);
        failure.hint.iter().for_each(|hint| fact(Tone::Plain, "what to do", hint));
    }
    writer.lines
}

fn value(model: &Model, text: &str, width: u16) -> Vec<Line> {
    let mut writer = Writer::new(width);
    writer.put(Tone::Plain, "", text);
    if let Some(Item::Value(json, at)) = model.selected_item()
        && let Some(time) = inspector::date(json, &json.nodes()[at])
    {
        writer.blank();
        writer.put(Tone::Plain, "local     ", &clock::local(time, model.zone));
        writer.put(Tone::Plain, "UTC       ", &clock::utc(time));
        writer.put(Tone::Plain, "relative  ", &clock::relative(time, model.now));
    }
    writer.lines
}

fn both(model: &Model, time: clock::Timestamp) -> String {
    format!("{} · {}", clock::local(time, model.zone), clock::utc(time))
}

/// The reference to a secret is shown, a secret that stands in the profile itself is not.
fn masked(value: &str) -> String {
    match value.split_once(':') {
        Some(("env" | "file" | "cmd", _)) => text::visible(value).into_owned(),
        None if value == "prompt" => "asked at login".to_owned(),
        _ => "••••••••".to_owned(),
    }
}

/// Writes lines that fit a width.
struct Writer {
    lines: Vec<Line>,
    width: usize,
}

impl Writer {
    fn new(width: u16) -> Self {
        Self { lines: Vec::new(), width: usize::from(width.max(1)) }
    }

    fn blank(&mut self) {
        if !self.lines.is_empty() {
            self.lines.push(Line { tone: Tone::Plain, head: String::new(), text: String::new() });
        }
    }

    /// Puts a text beside its head, and its further lines below it; under the head where the page is narrow.
    fn put(&mut self, tone: Tone, head: &str, text: &str) {
        let mut head = Some(head);
        let mut indent = head.map_or(0, |head| head.chars().count());
        if indent * 5 > self.width * 2 {
            let line = head.take().unwrap_or_default().trim_end().to_owned();
            if !line.is_empty() {
                self.lines.push(Line { tone, head: line, text: String::new() });
            }
            indent = 4;
        }
        let room = self.width.saturating_sub(indent).max(1);
        for part in wrap(text, room) {
            let head = head.take().map_or_else(|| " ".repeat(indent), str::to_owned);
            self.lines.push(Line { tone, head, text: part.to_owned() });
        }
    }
}

/// Cuts a text into lines of at most `room` columns: at a blank where there is one in the second half of the line.
fn wrap(text: &str, room: usize) -> Vec<&str> {
    let mut lines = Vec::new();
    let mut rest = text;
    loop {
        let mut used = 0;
        let end = rest.char_indices().find_map(|(at, c)| {
            used += c.width().unwrap_or(0);
            (used > room).then_some(at)
        });
        let Some(end) = end else {
            lines.push(rest);
            return lines;
        };
        let end = if end == 0 { rest.chars().next().map_or(0, char::len_utf8) } else { end };
        let blank = rest[..end].rfind(' ').filter(|blank| blank * 2 > end);
        let (line, next) = match blank {
            Some(blank) => (&rest[..blank], blank + 1),
            None => (&rest[..end], end),
        };
        lines.push(line);
        rest = &rest[next..];
        if rest.is_empty() {
            return lines;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrapping_loses_nothing_but_the_blank() {
        assert_eq!(wrap("", 5), [""]);
        assert_eq!(wrap("abcdef", 3), ["abc", "def"]);
        assert_eq!(wrap("one two three", 8), ["one two", "three"]);
        assert_eq!(wrap("日本語", 4), ["日本", "語"]);
        assert_eq!(wrap("日", 1), ["日"]);
    }

    #[test]
    fn a_secret_in_a_profile_is_masked() {
        for secret in ["plain:hunter2", "hunter2", "hunter:2"] {
            assert!(!masked(secret).contains("hunter"), "{secret}");
        }
        assert_eq!(masked("env:EDX_PASSWORD"), "env:EDX_PASSWORD");
    }
}
