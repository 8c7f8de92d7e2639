//! The page of a rotation: its rows in columns, what they come to, and the line where the plan is confirmed.

use unicode_width::UnicodeWidthStr as _;

use super::{
    canvas::{Canvas, Span, middle, pad},
    dialog,
};
use crate::tui::app::{
    Model,
    badge::Badge,
    layout::Area,
    mouse::Target,
    rotation::{RotationPage, RowWords, page},
};

/// What badges take.
const BADGE: usize = 4;
/// A name takes at most so many columns.
const NAME: usize = 24;
/// Between two columns.
const GAP: usize = 2;

pub(super) fn draw(model: &Model, it: &RotationPage, guard: Option<&Badge>, canvas: &mut Canvas<'_>) {
    let theme = canvas.theme;
    let parts = it.parts(model.size);
    dialog::frame(parts.frame, guard, &page::title(model), canvas);
    let shown = it.cursor.offset..it.len.min(it.cursor.offset + usize::from(parts.rows.height));
    let rows: Vec<_> = shown.filter_map(|at| Some((at, page::row(model, at)?))).collect();
    let heads = page::heads(model);
    let name = rows.iter().map(|(_, row)| row.name.width()).max().unwrap_or(0).clamp(7, NAME);
    let name = name.min(usize::from(parts.rows.width) / 3).max(7);
    let width = |at: usize| {
        let cells = rows.iter().filter_map(|(_, row)| row.cells.get(at)).map(|(words, _)| words.width());
        // One long text must not push out what stands behind it.
        let widest = cells.chain(heads.get(at).map(|head| head.width())).max().unwrap_or(0);
        widest.min((usize::from(parts.rows.width) * 2 / 5).max(8))
    };
    let widths: Vec<_> = (0..heads.len().max(1)).map(width).collect();
    if !parts.head.is_empty() {
        let before = format!("   {:<BADGE$} {}", "env", pad("profile", name));
        let heads = heads.iter().zip(&widths).map(|(head, width)| format!("  {}", pad(head, *width)));
        let line = format!("{before}{}", heads.collect::<String>());
        canvas.write(parts.head, [(line.trim_end().to_owned().into(), theme.muted())]);
    }
    for (line, (at, row)) in rows.iter().enumerate() {
        let area = parts.rows.below(line as u16).top(1);
        write(row, name, &widths, area, canvas);
        if *at == it.cursor.index {
            canvas.highlight(area, true);
        }
    }
    for (line, words) in it.foot.iter().take(usize::from(parts.foot.height)).enumerate() {
        canvas.write(parts.foot.below(line as u16), [(words.text.as_str().into(), theme.tone(words.tone))]);
    }
    if !parts.answer.is_empty() {
        answer(model, it, parts.answer, canvas);
    }
}

fn write(row: &RowWords, name: usize, widths: &[usize], area: Area, canvas: &mut Canvas<'_>) {
    let theme = canvas.theme;
    let mut spans: Vec<Span<'_>> = vec![(" ".into(), theme.plain()), (row.sign.into(), theme.tone(row.tone))];
    spans.push((" ".into(), theme.plain()));
    match &row.badge {
        Some(badge) => {
            let rest = BADGE.saturating_sub(badge.text.width());
            spans.extend(theme.badge(badge));
            spans.push((" ".repeat(rest).into(), theme.plain()));
        }
        None => spans.push((" ".repeat(BADGE + 1).into(), theme.plain())),
    }
    spans.push((pad(&middle(&row.name, name), name).into(), theme.plain()));
    for (at, (words, tone)) in row.cells.iter().enumerate() {
        let last = at + 1 == row.cells.len();
        let words = if last { words.clone() } else { pad(words, widths.get(at).copied().unwrap_or_default()) };
        spans.push((" ".repeat(GAP).into(), theme.plain()));
        spans.push((words.into(), theme.tone(*tone)));
    }
    canvas.write(area, spans);
}

/// `Type  prod  and Enter to rotate: pr▏`.
fn answer(model: &Model, it: &RotationPage, line: Area, canvas: &mut Canvas<'_>) {
    let theme = canvas.theme;
    let Some(phrase) = page::phrase(model) else {
        let words = model.keyed("{key:rotation-plan.confirm} goes on: it asks once more before anything is sent");
        canvas.write(line, [(words, theme.plain())]);
        return;
    };
    let rest = format!("  and {} to rotate: ", model.hint("{key:rotation-plan.confirm}"));
    let forms = [["Type  ", &phrase, &rest], ["Type ", &phrase, ": "], ["", &phrase, ": "]];
    let width = |form: &[&str; 3]| form.iter().map(|words| words.width()).sum::<usize>();
    let fits = |form: &&[&str; 3]| width(form) + phrase.width() < usize::from(line.width);
    let words = forms.iter().find(fits).unwrap_or(&forms[2]);
    let room = (usize::from(line.width) - width(words).min(usize::from(line.width))).saturating_sub(1).max(1);
    canvas.target(line.from(line.x + width(words) as u16), Target::Typed(dialog::first(&it.input, room)));
    let styles = [theme.plain(), theme.strong(), theme.plain()];
    let spans = words.iter().zip(styles).map(|(words, style)| (words.to_string().into(), style));
    canvas.write(line, spans.chain(dialog::typed(&it.input, usize::MAX, room, theme)));
}
