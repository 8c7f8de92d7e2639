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
/// Between two columns, and where there is room.
const GAP: usize = 2;
const WIDE_GAP: usize = 6;
/// A column has at least so much of its words.
const LEAST: usize = 10;

pub(super) fn draw(model: &Model, it: &RotationPage, guard: Option<&Badge>, canvas: &mut Canvas<'_>) {
    let theme = canvas.theme;
    let parts = it.parts(model.size);
    dialog::frame(parts.frame, guard, &page::title(model), canvas);
    let shown = it.cursor.offset..it.len.min(it.cursor.offset + usize::from(parts.rows.height));
    let rows: Vec<_> = shown.filter_map(|at| Some((at, page::row(model, at)?))).collect();
    let heads = page::heads(model);
    let name = rows.iter().map(|(_, row)| row.name.width()).max().unwrap_or(0);
    let name = name.min(usize::from(parts.rows.width) / 3).max(7);
    let columns = Columns::new(name, heads, rows.iter().map(|(_, row)| row), usize::from(parts.rows.width));
    if !parts.head.is_empty() {
        let gap = " ".repeat(columns.gap);
        let before = format!("   {:<BADGE$} {}", "env", pad("profile", name));
        let heads = heads.iter().zip(&columns.widths).map(|(head, width)| format!("{gap}{}", pad(head, *width)));
        let line = format!("{before}{}", heads.collect::<String>());
        canvas.write(parts.head, [(line.trim_end().to_owned().into(), theme.muted())]);
    }
    for (line, (at, row)) in rows.iter().enumerate() {
        let area = parts.rows.below(line as u16).top(1);
        write(row, &columns, area, canvas);
        if *at == it.cursor.index {
            canvas.highlight(area, true);
        }
    }
    let height = usize::from(parts.foot.height);
    // What there is no room for is counted.
    let shown = if it.foot.len() > height { height.saturating_sub(1) } else { height };
    for (line, words) in it.foot.iter().take(shown).enumerate() {
        let spans = [&words.head, &words.text].map(|text| (text.as_str().into(), theme.tone(words.tone)));
        canvas.write(parts.foot.below(line as u16), spans);
    }
    if it.foot.len() > shown && height > 0 {
        let more = format!("… {} more lines", it.foot.len() - shown);
        let words =
            model.keyed_that_works("; {key:rotation.whole-receipt} shows the whole receipt").unwrap_or_default();
        canvas.write(parts.foot.below(shown as u16), [(more.into(), theme.muted()), (words, theme.muted())]);
    }
    if !parts.answer.is_empty() {
        answer(model, it, parts.answer, canvas);
    }
}

/// How wide everything is.
struct Columns {
    name: usize,
    widths: Vec<usize>,
    gap: usize,
}

impl Columns {
    /// What their words need; where that is too much the last ones give way first, down to their heads.
    fn new<'a>(name: usize, heads: &[&str], rows: impl Iterator<Item = &'a RowWords>, room: usize) -> Self {
        let mut widths: Vec<_> = heads.iter().map(|head| head.width()).collect();
        for row in rows {
            // What stands alone in its row has the whole of it.
            let cells = row.cells.iter().filter(|_| row.cells.len() > 1);
            for (width, cell) in widths.iter_mut().zip(cells) {
                *width = (*width).max(cell.iter().map(|(words, _)| words.width()).sum());
            }
        }
        let before = 3 + BADGE + 1 + name;
        let room = room.saturating_sub(before + GAP * widths.len());
        let mut excess = widths.iter().sum::<usize>().saturating_sub(room);
        let free = room.saturating_sub(widths.iter().sum());
        for (width, head) in widths.iter_mut().zip(heads).rev() {
            let less = excess.min(width.saturating_sub(head.width().max(LEAST)));
            *width -= less;
            excess -= less;
        }
        let gap = GAP + (free / widths.len().max(1)).min(WIDE_GAP - GAP);
        Self { name, widths, gap }
    }
}

fn write(row: &RowWords, columns: &Columns, area: Area, canvas: &mut Canvas<'_>) {
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
    spans.push((pad(&middle(&row.name, columns.name), columns.name).into(), theme.plain()));
    let mut rest = area.from(area.x + canvas.write(area, spans));
    for (at, cell) in row.cells.iter().enumerate() {
        rest = rest.from(rest.x + columns.gap as u16);
        let last = at + 1 == row.cells.len();
        let width = if last { rest.width } else { columns.widths.get(at).map_or(0, |width| *width as u16) };
        let place = Area { width: width.min(rest.width), ..rest };
        canvas.write(place, cell.iter().map(|(words, tone)| (words.as_str().into(), theme.tone(*tone))));
        rest = rest.from(rest.x + place.width);
    }
}

/// `Type  prod  and Enter to rotate: pr▏`.
fn answer(model: &Model, it: &RotationPage, line: Area, canvas: &mut Canvas<'_>) {
    let theme = canvas.theme;
    let Some(phrase) = page::phrase(model) else {
        let words = model.keyed("{key:rotation-plan.confirm} goes on: it asks once more before anything is sent");
        canvas.write(line, [(words, theme.plain())]);
        return;
    };
    let rest = format!("  and {} to rotate: ", model.keyed("{key:rotation-plan.confirm}"));
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
