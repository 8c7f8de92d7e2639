//! What stands over the panes: a line to type, a question, a page to read.

use std::borrow::Cow;

use super::{
    canvas::{Canvas, Span},
    demand, edit, form, menu,
    theme::Theme,
    verify,
};
use crate::{
    text,
    tui::app::{
        Model,
        input::Input,
        layout::{Area, centred},
        mode::{Mode, Page, Question},
        page,
    },
};

/// Draws the dialog that is open.
pub(super) fn draw(model: &Model, canvas: &mut Canvas<'_>) {
    match &model.mode {
        // The line of a search stands in the inspector.
        Mode::Panes | Mode::Search(_) => {}
        Mode::Prompt { task, input } => {
            let Some((who, prompt)) = model.prompt(*task) else { return };
            let title = format!("{who}: {}", text::visible(&prompt.label));
            line(model, &title, &text::visible(&prompt.help), input, prompt.secret, canvas);
        }
        Mode::Paste(input) => {
            let help = "Type or paste a token; it stays on this machine.";
            line(model, "Paste a token", help, input, true, canvas);
        }
        Mode::Address { source, input } => {
            line(model, &format!("Import: {}", source.label), &source.help, input, false, canvas);
        }
        Mode::Typing { wanted, input } => {
            let (title, help, secret) = verify::wanted(*wanted);
            line(model, title, help, input, secret, canvas);
        }
        Mode::Menu(menu) => menu::draw(model, menu, canvas),
        Mode::Form(form) => form::draw(model, form, canvas),
        Mode::Edit(editor) => edit::draw(model, editor, canvas),
        Mode::Demand(_) => demand::draw(model, canvas),
        Mode::Confirm(question) => confirm(model, question, canvas),
        Mode::Page(page) => read(model, page, canvas),
    }
}

/// A line that is being typed, in a window of its own.
pub(super) fn line(model: &Model, title: &str, help: &str, input: &Input, secret: bool, canvas: &mut Canvas<'_>) {
    let theme = canvas.theme;
    let inner = window(model, title, 7, canvas);
    let (help_row, input_row) = if inner.height >= 3 { (0, 2) } else { (inner.height, 0) };
    canvas.write(inner.below(help_row).top(1), [(help.into(), theme.muted())]);
    let room = usize::from(inner.width.saturating_sub(3)).max(1);
    let prompt: Span<'_> = ("❯ ".into(), theme.accent());
    let readable = if secret { 0 } else { usize::MAX };
    canvas.write(inner.below(input_row), std::iter::once(prompt).chain(typed(input, readable, room, theme)));
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
    let start = (before + 1).saturating_sub(room);
    let part = |range: &[Cow<'_, str>]| range.concat();
    let under = shown.get(before).cloned().unwrap_or(Cow::Borrowed(" "));
    let after = shown.get(before + 1..).unwrap_or_default();
    [
        (part(&shown[start..before]).into(), theme.plain()),
        (under, theme.caret()),
        (part(&after[..after.len().min(room)]).into(), theme.plain()),
    ]
}

/// A character of a line that is being typed.
pub(super) fn glyph(c: char, secret: bool) -> Cow<'static, str> {
    if secret {
        return Cow::Borrowed("•");
    }
    text::visible(c.encode_utf8(&mut [0; 4])).into_owned().into()
}

fn confirm(model: &Model, question: &Question, canvas: &mut Canvas<'_>) {
    let (title, asks, means) = match question {
        Question::Fetch(source, whose) => return verify::fetch(model, source, whose, canvas),
        Question::Forget(profile) => (
            "Forget tokens",
            format!("Forget the tokens of {profile}?"),
            "The server still accepts them; {key:panes.revoke} revokes them there.",
        ),
        Question::Revoke(profile) => (
            "Revoke tokens",
            format!("Revoke the tokens of {profile} at the server?"),
            "Programs that use them stop working. This cannot be undone.",
        ),
        Question::Quit => (
            "Tokens are not saved",
            "Quit anyway? Tokens that are only in memory will be lost.".to_owned(),
            "tokscope is trying to save them and will keep retrying.",
        ),
        Question::Remove(profile) => (
            "Delete the profile",
            format!("Delete the profile {profile}?"),
            "Its tokens are forgotten here but not revoked at the server.",
        ),
    };
    ask(model, title, &asks, &model.hint(means), canvas);
}

/// A question with yes and no.
pub(super) fn ask(model: &Model, title: &str, asks: &str, means: &str, canvas: &mut Canvas<'_>) {
    let theme = canvas.theme;
    let inner = window(model, title, 7, canvas);
    canvas.write(inner, [(asks.into(), theme.strong())]);
    canvas.write(inner.below(1), [(means.into(), theme.muted())]);
    yes_or_no(model, inner.below(inner.height.saturating_sub(1).min(4)), canvas);
}

/// The keys of a question.
pub(super) fn yes_or_no(model: &Model, area: Area, canvas: &mut Canvas<'_>) {
    let theme = canvas.theme;
    let key = |command| (model.hint(command), theme.accent().patch(theme.strong()));
    let keys: [Span<'_>; 4] = [
        key("{key:confirm.yes}"),
        (" yes   ".into(), theme.plain()),
        key("{key:confirm.no}"),
        (" no".into(), theme.plain()),
    ];
    canvas.write(area, keys);
}

fn read(model: &Model, page: &Page, canvas: &mut Canvas<'_>) {
    let theme = canvas.theme;
    let area = page::frame(model.size, page.lines.len());
    let inner = frame(area, &page.title, canvas);
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

fn window(model: &Model, title: &str, height: u16, canvas: &mut Canvas<'_>) -> Area {
    // Above the key bar, so that its keys stay in sight.
    let (columns, rows) = model.size;
    let area = centred((columns, rows.saturating_sub(u16::from(rows > height))), 64, height);
    frame(area, title, canvas)
}

/// A window with a title; what is inside of its border.
pub(super) fn frame(area: Area, title: &str, canvas: &mut Canvas<'_>) -> Area {
    let theme = canvas.theme;
    let margin = Area { x: area.x.saturating_sub(1), width: area.width + 2, ..area };
    canvas.clear(margin);
    canvas.border(area, theme.border(true));
    canvas.write(area.top(1).shrink(2, 0), [(format!(" {title} ").into(), theme.heading(true))]);
    let inner = area.shrink(2, 1);
    // A screen without room for a border still shows what is asked.
    if inner.is_empty() { area } else { inner }
}
