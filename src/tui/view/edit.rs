//! The editor: the text with its cursor, and below it what is wrong.

use std::borrow::Cow;

use unicode_width::UnicodeWidthStr as _;

use super::{
    canvas::{Canvas, Span},
    dialog,
};
use crate::{
    text,
    tui::app::{
        Model,
        badge::Badge,
        edit::{Editor, page_height},
        layout::Area,
        mode::Mode,
        mouse::Target,
        page::{self, Tone},
    },
};

/// Draws the editor.
pub(super) fn draw(model: &Model, editor: &Editor, guard: Option<&Badge>, canvas: &mut Canvas<'_>) {
    let theme = canvas.theme;
    let area = page::frame(model.size, usize::MAX);
    let part = &editor.parts[editor.open];
    let inner = dialog::frame(area, guard, &format!("Edit the {}", editor.words), canvas);
    let tabs = editor.parts.iter().enumerate().map(|(at, part)| {
        let (open, name) = (at == editor.open, part.name);
        let style = if open { theme.heading(true) } else { theme.muted() };
        (if open { format!(" [{name}]") } else { format!("  {name} ") }.into(), style)
    });
    let top = area.top(1).shrink(2, 0);
    let spans: Vec<Span<'_>> = tabs.chain([(" ".into(), theme.plain())]).collect();
    let widths: Vec<_> = spans.iter().map(|(text, _)| text.width() as u16).collect();
    let taken = canvas.write_right(top, spans);
    let mut x = top.x + top.width - taken;
    for (at, width) in widths.into_iter().enumerate().take(editor.parts.len()).filter(|_| taken > 0) {
        canvas.target(Area { x, width, ..top }, Target::Part(at));
        x += width;
    }
    let height = page_height(model.size).min(usize::from(inner.height));
    let (line, column) = part.buffer.place();
    for (row, (at, text)) in part.buffer.lines().enumerate().skip(part.buffer.offset).take(height).enumerate() {
        let place = inner.below(row as u16).top(1);
        let from = if at == line { start(text, column, usize::from(place.width)) } else { 0 };
        canvas.target(place, Target::Line(at, from));
        match at == line {
            true => canvas.write(place, under_cursor(text, column, usize::from(place.width), canvas)),
            // As much of it as fits, whatever the width of its characters.
            false => {
                let head: String = text.chars().take(usize::from(place.width) + 1).collect();
                canvas.write(place, [(text::visible(&head).into_owned().into(), theme.plain())])
            }
        };
    }
    foot(model, editor, (line, column), inner.below(inner.height.saturating_sub(1)), canvas);
}

/// What is wrong, else what can be done; and where the cursor is.
fn foot(model: &Model, editor: &Editor, (line, column): (usize, usize), area: Area, canvas: &mut Canvas<'_>) {
    let theme = canvas.theme;
    let mistake = editor.parts.iter().find_map(|part| part.mistake.as_ref());
    let (words, tone) = match (&editor.problem, mistake) {
        _ if matches!(model.modes.top(), Some(Mode::Reading(_))) => {
            (model.keyed("reading the key …; {key:menu.close} cancels").into_owned(), Tone::Muted)
        }
        (Some(problem), _) => (format!("✗ {problem}"), Tone::Bad),
        (None, Some(mistake)) => (format!("▲ {}", text::visible(&mistake.to_string())), Tone::Warn),
        (None, None) if let Some(date) = editor.date(model.shown_now()) => (date, Tone::Plain),
        (None, None) => ("the new token becomes a separate row; the original stays unchanged".to_owned(), Tone::Muted),
    };
    let place = format!("{}:{}", line + 1, column + 1);
    let taken = canvas.write_right(area, vec![(place.into(), theme.muted())]);
    let room = Area { width: area.width.saturating_sub(taken + 2), ..area };
    canvas.write(room, [(words.into(), theme.tone(tone))]);
}

/// The first character of the line with the cursor that there is room for.
fn start(text: &str, column: usize, width: usize) -> usize {
    let columns = |c| dialog::glyph(c, false).width();
    // Back from the cursor, as long as there is room for it and for what stands before it.
    let before: Vec<_> = text.chars().take(column).collect();
    let mut room = width.saturating_sub(text.chars().nth(column).map_or(1, columns));
    let seen = before.iter().rev().take_while(|c| {
        let needed = columns(**c);
        let fits = needed <= room;
        room = room.saturating_sub(needed);
        fits
    });
    column - seen.count()
}

/// The line with the cursor, scrolled so that the cursor is in sight.
fn under_cursor(text: &str, column: usize, width: usize, canvas: &Canvas<'_>) -> Vec<Span<'static>> {
    let theme = canvas.theme;
    let glyph = |c| dialog::glyph(c, false);
    let start = start(text, column, width);
    let glyphs: Vec<_> = text.chars().skip(start).take(width).map(glyph).collect();
    let at = column - start;
    let part = |glyphs: &[Cow<'static, str>]| glyphs.concat();
    vec![
        (part(&glyphs[..at]).into(), theme.plain()),
        (glyphs.get(at).cloned().unwrap_or(" ".into()), theme.caret()),
        (part(glyphs.get(at + 1..).unwrap_or_default()).into(), theme.plain()),
    ]
}
