//! The windows over the panes: their frame, and the simple ones: a line to type, a question, a page to read.

use std::borrow::Cow;

use unicode_width::UnicodeWidthStr as _;

use super::{
    canvas::{Canvas, Span, marked},
    theme::Theme,
};
use crate::{
    profile::ProfileName,
    text,
    tui::app::{
        Model,
        badge::Badge,
        input::Input,
        layout::{Area, margin, overlay},
        mode::{Question, Typing, Wanted},
        mouse::Target,
        page::{self, Page, PageKind, Tone, write::wrap},
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

/// A line that is being typed, in a window of its own: what is asked for, the line, who gets it, and the ways out.
pub(super) fn line(model: &Model, typing: &Typing, guard: Option<&Badge>, canvas: &mut Canvas<'_>) {
    let theme = canvas.theme;
    let (input, asks) = (&typing.input, typing.asks(model));
    let reading = typing.reading(model);
    let size = if typing.wanted == Wanted::Time { (74, 9) } else { (64, 9) };
    let area = model.place_of_dialog(size.0, size.1);
    let inner = match asks.whose {
        Some(_) => framed(area, titled(model, &asks.title, asks.whose, &asks.step, theme), canvas),
        None => frame(area, guard, &asks.title, canvas),
    };
    let input_row = if inner.height >= 3 { 2 } else { 0 };
    if input_row > 0 {
        canvas.write(inner.top(1), [(asks.asks.as_ref().into(), theme.plain())]);
        canvas.write(inner.below(1).top(1), [(asks.help.as_ref().into(), theme.muted())]);
    }
    let room = usize::from(inner.width.saturating_sub(3)).max(1);
    let prompt: Span<'_> = ("❯ ".into(), theme.focus());
    let readable = typing.readable(&asks);
    canvas.write(inner.below(input_row), std::iter::once(prompt).chain(typed(input, readable, room, theme)));
    canvas.target(inner.below(input_row).top(1).from(inner.x + 2), Target::Typed(first(input, room)));
    let below = inner.below(input_row + 1);
    let foot = u16::from(inner.height >= 6);
    let below = Area { height: below.height.saturating_sub(foot), ..below };
    let receiver = match asks.receiver {
        "" => String::new(),
        to => format!("{to}; {}", model.keyed("{key:text.show-typed} shows it, {key:text.clear-line} clears it")),
    };
    let room = usize::from(below.width).max(1);
    let told = reading.iter().map(|(tone, words)| (words.as_str(), *tone)).chain([(receiver.as_str(), Tone::Muted)]);
    let rows = told.filter(|(words, _)| !words.is_empty());
    let rows = rows.flat_map(|(words, tone)| wrap(words, room).into_iter().map(move |row| (row, tone)));
    for (at, (row, tone)) in rows.take(usize::from(below.height)).enumerate() {
        canvas.write(below.below(at as u16), [(row.into(), theme.tone(tone))]);
    }
    if foot > 0 {
        let words = format!("{}   {}", model.keyed("{key:text.done} go on"), model.keyed(asks.leaves));
        let last = inner.below(inner.height - 1);
        let used = canvas.write(last, [(words.into(), theme.muted())]);
        if asks.secret && !input.text().is_empty() {
            let count = input.text().chars().count();
            let words = if count == 1 { "1 character".to_owned() } else { format!("{count} characters") };
            let rest = Area { x: last.x + used, width: last.width - used, ..last };
            canvas.write_right(rest, vec![(words.into(), theme.muted())]);
        }
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
    let area = model.place_of_dialog(width, height);
    let inner = match question.profile() {
        Some(name) => framed(area, titled(model, asked.title, Some(name), "", theme), canvas),
        None => frame(area, guard, asked.title, canvas),
    };
    for (row, (line, tone)) in lines.iter().take(usize::from(inner.height.saturating_sub(1))).enumerate() {
        canvas.write(inner.below(row as u16), [((*line).into(), theme.tone(*tone))]);
    }
    let key = |command| (model.keyed(command), theme.key());
    let last = inner.below(inner.height.saturating_sub(1));
    if let Some(input) = answer {
        let phrase = question.phrase(model).unwrap_or_default();
        // What is typed is seen, however few words there is room for.
        let rest = format!(" and {} to {}: ", model.keyed("{key:text.done}"), asked.verb);
        let forms = [["Type ", &phrase, &rest], ["Type ", &phrase, ": "], ["", &phrase, ": "], ["", "", ""]];
        let width = |form: &[&str; 3]| form.iter().map(|words| words.width()).sum::<usize>();
        let line = usize::from(last.width);
        let fits = |form: &&[&str; 3]| width(form) + phrase.width() < line;
        let words = forms.iter().find(fits).unwrap_or(&forms[3]);
        let room = (line - width(words).min(line)).saturating_sub(1).max(1);
        canvas.target(last.top(1).from(last.x + width(words) as u16), Target::Typed(first(input, room)));
        let styles = [theme.plain(), theme.strong(), theme.plain()];
        let spans = words.iter().zip(styles).map(|(words, style)| (words.to_string().into(), style));
        canvas.write(last, spans.chain(typed(input, usize::MAX, room, theme)));
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
    let inner = match &page.kind {
        PageKind::Profile(name) => framed(area, titled(model, "Profile", Some(name), "", theme), canvas),
        PageKind::Exchange(name) => framed(area, titled(model, "Exchange of", Some(name), "", theme), canvas),
        PageKind::Value | PageKind::Report => frame(area, guard, &page.title, canvas),
    };
    let (height, needle) = (usize::from(inner.height), model.page_needle());
    for (at, line) in page.lines.iter().skip(page.cursor.offset).take(height).enumerate() {
        let (head, tone) = (theme.muted(), theme.tone(line.tone));
        let spans = match needle {
            Some(needle) => [marked(&line.head, needle, head, theme), marked(&line.text, needle, tone, theme)].concat(),
            None => vec![(line.head.as_str().into(), head), (line.text.as_str().into(), tone)],
        };
        canvas.write(inner.below(at as u16), spans);
    }
    search(model, area, canvas);
    if page.lines.len() > height {
        let last = (page.cursor.offset + height).min(page.lines.len());
        let words = format!(" {}–{last} of {} ", page.cursor.offset + 1, page.lines.len());
        let bottom = Area { y: area.y + area.height.saturating_sub(1), height: 1, ..area }.shrink(2, 0);
        canvas.write_right(bottom, vec![(words.into(), theme.muted())]);
    }
}

/// The search of a page, on the lower border of its frame: what is typed or was, and how it stands.
pub(super) fn search(model: &Model, frame: Area, canvas: &mut Canvas<'_>) {
    let theme = canvas.theme;
    let bottom = Area { y: frame.y + frame.height.saturating_sub(1), height: 1, ..frame }.shrink(2, 0);
    let line = match (model.modes.line(&Wanted::PageSearch), model.page_needle()) {
        (Some(input), _) => {
            let room = usize::from(bottom.width / 2).max(1);
            canvas.target(bottom.from(bottom.x + 2), Target::Typed(first(input, room)));
            typed(input, usize::MAX, room, theme).to_vec()
        }
        (None, Some(needle)) => vec![(text::visible(needle.text()).into_owned().into(), theme.focus())],
        (None, None) => return,
    };
    let words = model.page_search_words();
    let words = if words.is_empty() { " ".to_owned() } else { format!("  {words} ") };
    let slash: Span<'_> = (" /".into(), theme.focus());
    canvas.write(bottom, std::iter::once(slash).chain(line).chain([(words.into(), theme.muted())]));
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

/// A window with a title, and behind its name the badge of what it is about; what is inside of its border.
pub(super) fn frame(area: Area, guard: Option<&Badge>, title: &str, canvas: &mut Canvas<'_>) -> Area {
    let theme = canvas.theme;
    let heading = |text: &str| -> Span<'static> { (text.to_owned().into(), theme.heading(true)) };
    let Some(badge) = guard else { return framed(area, vec![heading(title)], canvas) };
    let (name, rest) = title.split_once("  ").unwrap_or((title, ""));
    let badge = [heading("  ")].into_iter().chain(theme.badge(badge));
    framed(area, [heading(name)].into_iter().chain(badge).chain([heading(rest)]).collect(), canvas)
}

/// `Log in  stg lms-staging  step 1 of 2`: what is done, for whom, with the badge of its environment, and how far it is.
pub(super) fn titled(
    model: &Model,
    what: &str,
    whose: Option<&ProfileName>,
    more: &str,
    theme: Theme,
) -> Vec<Span<'static>> {
    let mut spans: Vec<Span<'static>> = vec![(what.to_owned().into(), theme.heading(true))];
    if let Some(name) = whose {
        spans.push(("  ".into(), theme.heading(true)));
        match model.badge(name) {
            Some(badge) => spans.extend(theme.badge(&badge)),
            None => spans.push(("none ".into(), theme.muted())),
        }
        spans.push((name.to_string().into(), theme.heading(true)));
    }
    if !more.is_empty() {
        spans.push((format!("  {more}").into(), theme.muted()));
    }
    spans
}

/// A window with a title; what is inside of its border.
pub(super) fn framed(area: Area, title: Vec<Span<'_>>, canvas: &mut Canvas<'_>) -> Area {
    let theme = canvas.theme;
    canvas.clear(margin(canvas.size(), area));
    canvas.border(area, theme.border(true));
    let blank: Span<'_> = (" ".into(), theme.heading(true));
    let spans = std::iter::once(blank.clone()).chain(title).chain([blank]);
    canvas.write(area.top(1).shrink(2, 0), spans);
    let inner = area.shrink(2, 1);
    // A screen without room for a border still shows what is asked.
    if inner.is_empty() { area } else { inner }
}
