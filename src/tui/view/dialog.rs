//! The windows over the panes: their frame, and the simple ones: a line to type, a question, a page to read.

use std::borrow::Cow;

use unicode_width::UnicodeWidthStr as _;

use super::{
    canvas::{Canvas, Span},
    theme::Theme,
};
use crate::{
    text,
    tui::app::{
        Model,
        badge::Badge,
        input::Input,
        layout::{Area, margin, overlay},
        mode::{Question, Typing, Wanted},
        mouse::Target,
        page::{self, Page, write::wrap},
    },
};

/// The one question of the vault: whether the first tokens are saved.
pub(super) fn save(model: &Model, canvas: &mut Canvas<'_>) {
    let theme = canvas.theme;
    let key = |command| (model.keyed(command), theme.key());
    let said = |words: &str| -> Span<'static> { (format!("  {words}").into(), theme.plain()) };
    let keyring = match model.keyring() {
        Ok(()) => vec![key("{key:save.keyring}"), said("yes, key in the keyring (it answers)")],
        Err(why) => vec![(format!("       keyring: {why}").into(), theme.muted())],
    };
    let inner = window(model, None, "Save these tokens?", (64, 9), canvas);
    let lines: [Vec<Span<'_>>; 5] = [
        vec![("The vault is encrypted; its key is kept where you say, once.".into(), theme.muted())],
        Vec::new(),
        keyring,
        vec![key("{key:save.passphrase}"), said("    yes, key under a passphrase, asked for at each start")],
        vec![key("{key:save.memory}"), said("    not now: memory only, tokens end with tokscope")],
    ];
    for (row, line) in lines.into_iter().enumerate() {
        canvas.write(inner.below(row as u16).top(1), line);
    }
}

/// A line that is being typed, in a window of its own.
pub(super) fn line(model: &Model, typing: &Typing, guard: Option<&Badge>, canvas: &mut Canvas<'_>) {
    let theme = canvas.theme;
    let (input, (title, help, secret)) = (&typing.input, typing.words(model));
    let size = if typing.wanted == Wanted::Time { (74, 8) } else { (64, 7) };
    let inner = window(model, guard, &title, size, canvas);
    let (help_row, input_row) = if inner.height >= 3 { (0, 2) } else { (inner.height, 0) };
    canvas.write(inner.below(help_row).top(1), [(help, theme.muted())]);
    let room = usize::from(inner.width.saturating_sub(3)).max(1);
    let prompt: Span<'_> = ("❯ ".into(), theme.focus());
    let readable = if secret { 0 } else { usize::MAX };
    canvas.write(inner.below(input_row), std::iter::once(prompt).chain(typed(input, readable, room, theme)));
    canvas.target(inner.below(input_row).top(1).from(inner.x + 2), Target::Typed(first(input, room)));
    let below = inner.below(input_row + 1 + u16::from(inner.height >= 5));
    let reading = typing.reading(model);
    let room = usize::from(below.width).max(1);
    let rows = reading.iter().flat_map(|(tone, words)| wrap(words, room).into_iter().map(|row| (row, *tone)));
    for (at, (row, tone)) in rows.take(usize::from(below.height)).enumerate() {
        canvas.write(below.below(at as u16), [(row.into(), theme.tone(tone))]);
    }
    if inner.height >= 5 && secret && !input.text().is_empty() {
        let count = input.text().chars().count();
        let words = if count == 1 { "1 character".to_owned() } else { format!("{count} characters") };
        canvas.write(inner.below(4), [(words.into(), theme.muted())]);
    }
}

/// A line that is being typed, its cursor in sight; what comes after the readable characters is masked.
pub(super) fn typed(input: &Input, readable: usize, room: usize, theme: Theme) -> [Span<'static>; 3] {
    let glyphs = input.text().chars().enumerate().map(|(at, c)| glyph(c, at >= readable));
    let shown: Vec<Cow<'_, str>> = glyphs.collect();
    let before = input.column();
    let start = first(input, room);
    let part = |range: &[Cow<'_, str>]| range.concat();
    let under = shown.get(before).cloned().unwrap_or(Cow::Borrowed(" "));
    let after = shown.get(before + 1..).unwrap_or_default();
    [
        (part(&shown[start..before]).into(), theme.plain()),
        (under, theme.caret()),
        (part(&after[..after.len().min(room)]).into(), theme.plain()),
    ]
}

/// The first character of such a line that there is room for.
pub(super) fn first(input: &Input, room: usize) -> usize {
    (input.column() + 1).saturating_sub(room)
}

/// A character of a line that is being typed.
pub(super) fn glyph(c: char, secret: bool) -> Cow<'static, str> {
    if secret {
        return Cow::Borrowed("•");
    }
    text::visible(c.encode_utf8(&mut [0; 4])).into_owned().into()
}

/// A question with yes and no, or one whose answer is typed.
pub(super) fn confirm(
    model: &Model,
    question: &Question,
    answer: Option<&Input>,
    guard: Option<&Badge>,
    canvas: &mut Canvas<'_>,
) {
    let theme = canvas.theme;
    let asked = question.asked(model);
    let longest = asked.lines.iter().map(|(line, _)| line.chars().count()).max().unwrap_or(0);
    let width = u16::try_from(longest + 4).unwrap_or(u16::MAX).clamp(64, 84).min(model.size.0);
    let room = usize::from(width.saturating_sub(4)).max(1);
    let wrapped = asked.lines.iter().flat_map(|(line, tone)| wrap(line, room).into_iter().map(|line| (line, *tone)));
    let lines: Vec<_> = wrapped.collect();
    let height = u16::try_from(lines.len() + 4).unwrap_or(u16::MAX).max(7);
    let inner = window(model, guard, asked.title, (width, height), canvas);
    for (row, (line, tone)) in lines.iter().take(usize::from(inner.height.saturating_sub(1))).enumerate() {
        canvas.write(inner.below(row as u16), [((*line).into(), theme.tone(*tone))]);
    }
    let key = |command| (model.keyed(command), theme.key());
    let last = inner.below(inner.height.saturating_sub(1));
    if let Some(input) = answer {
        let phrase = question.phrase(model).unwrap_or_default();
        let before = format!(" and {} to {}: ", model.hint("{key:text.done}"), asked.verb);
        let (phrase_width, before_width) = (phrase.width() as u16, before.width() as u16);
        let room = usize::from(last.width.saturating_sub(phrase_width + before_width + 6)).max(4);
        let words = [("Type ".into(), theme.plain()), (phrase.into(), theme.strong()), (before.into(), theme.plain())];
        let before = 5 + phrase_width + before_width;
        canvas.target(last.top(1).from(last.x + before), Target::Typed(first(input, room)));
        canvas.write(last, words.into_iter().chain(typed(input, usize::MAX, room, theme)));
        return;
    }
    let keys: [Span<'_>; 4] = [
        key("{key:confirm.yes}"),
        (format!(" {}    ", asked.verb).into(), theme.plain()),
        key("{key:confirm.no}"),
        (format!(" {}", asked.otherwise).into(), theme.plain()),
    ];
    canvas.write(last, keys);
}

/// A page.
pub(super) fn read(model: &Model, page: &Page, guard: Option<&Badge>, canvas: &mut Canvas<'_>) {
    let theme = canvas.theme;
    let area = page::frame(model.size, page.lines.len());
    let inner = frame(area, guard, &page.title, canvas);
    let height = usize::from(inner.height);
    for (at, line) in page.lines.iter().skip(page.cursor.offset).take(height).enumerate() {
        let spans: [Span<'_>; 2] =
            [(line.head.as_str().into(), theme.muted()), (line.text.as_str().into(), theme.tone(line.tone))];
        canvas.write(inner.below(at as u16), spans);
    }
    if page.lines.len() > height {
        let last = (page.cursor.offset + height).min(page.lines.len());
        let words = format!(" {}–{last} of {} ", page.cursor.offset + 1, page.lines.len());
        let bottom = Area { y: area.y + area.height.saturating_sub(1), height: 1, ..area }.shrink(2, 0);
        canvas.write_right(bottom, vec![(words.into(), theme.muted())]);
    }
}

/// A window in the middle; what is inside of its border.
pub(super) fn window(
    model: &Model,
    guard: Option<&Badge>,
    title: &str,
    size: (u16, u16),
    canvas: &mut Canvas<'_>,
) -> Area {
    frame(overlay(model.size, size.0, size.1), guard, title, canvas)
}

/// A window with a title, and before it the badge of what it is about; what is inside of its border.
pub(super) fn frame(area: Area, guard: Option<&Badge>, title: &str, canvas: &mut Canvas<'_>) -> Area {
    let theme = canvas.theme;
    canvas.clear(margin(canvas.size(), area));
    canvas.border(area, theme.border(true));
    let blank: Span<'_> = (" ".into(), theme.heading(true));
    let spans = std::iter::once(blank).chain(guard.into_iter().flat_map(|badge| theme.badge(badge)));
    canvas.write(area.top(1).shrink(2, 0), spans.chain([(format!("{title} ").into(), theme.heading(true))]));
    let inner = area.shrink(2, 1);
    // A screen without room for a border still shows what is asked.
    if inner.is_empty() { area } else { inner }
}
