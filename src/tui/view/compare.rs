//! Two tokens side by side, member by member.

use unicode_width::UnicodeWidthStr as _;

use super::{
    canvas::{Canvas, Span, pad},
    dialog::{self, frame},
    theme::Theme,
};
use crate::tui::app::{
    Model,
    badge::Badge,
    compare::{self, Comparison, Entry, Piece},
    layout::Area,
    page::{Tone, write::wrap},
};

/// The widths of the columns: sign and name, each side, and the remark.
struct Columns {
    place: u16,
    side: u16,
    remark: u16,
}

pub(super) fn draw(model: &Model, page: &Comparison, guard: Option<&Badge>, canvas: &mut Canvas<'_>) {
    let theme = canvas.theme;
    let parts = compare::parts(model.size);
    let title = page.title();
    frame(parts.frame, guard, &title, canvas);
    let (differ, same) = page.counts();
    let top = parts.frame.top(1).shrink(2, 0);
    let taken = (title.width() as u16).saturating_add(8).min(top.width);
    let right = Area { x: top.x + taken, width: top.width - taken, ..top };
    canvas.write_right(right, vec![(format!(" {differ} differ · {same} same ").into(), theme.muted())]);
    let entries = page.entries(model);
    let columns = Columns::of(&entries, parts.rows.width);
    let names = page.sides.each_ref().map(|side| side.words.clone());
    for (at, (letter, name)) in ["A", "B"].into_iter().zip(names).enumerate() {
        let area = match parts.stacked() {
            true => parts.head.below(at as u16),
            false => columns.side_of(parts.head, at as u16),
        };
        let head = [(format!("{letter}  ").into(), theme.strong()), (name.into(), theme.plain())];
        canvas.write(area.top(1), head);
    }
    let (height, shown) = (parts.entry, usize::from(parts.rows.height / parts.entry));
    for (at, entry) in entries.into_iter().enumerate().skip(page.cursor.offset).take(shown) {
        let area = parts.rows.below((at - page.cursor.offset) as u16 * height).top(height);
        if parts.stacked() {
            stacked(entry, area, canvas);
        } else {
            beside(entry, area, &columns, canvas);
        }
        if at == page.cursor.index {
            canvas.highlight(area, true);
        }
    }
    dialog::search(model, parts.frame, canvas);
    let summary = page.summary();
    let lines = wrap(&summary, usize::from(parts.foot.width).max(1));
    for (at, line) in lines.into_iter().take(usize::from(parts.foot.height.saturating_sub(1))).enumerate() {
        canvas.write(parts.foot.below(at as u16 + 1), [(line.into(), theme.plain())]);
    }
}

impl Columns {
    /// Every column gets what its contents need, the sides the rest.
    fn of(entries: &[Entry], width: u16) -> Self {
        let widest = |of: fn(&Entry) -> &str, most: usize| {
            entries.iter().map(|entry| of(entry).chars().count()).max().unwrap_or(0).min(most) as u16
        };
        let (place, remark) = (widest(|entry| &entry.place, 20) + 5, widest(|entry| &entry.remark, 18));
        Self { place, side: width.saturating_sub(place + remark + 1) / 2, remark }
    }

    fn side_of(&self, row: Area, side: u16) -> Area {
        let x = (self.place + side * self.side).min(row.width);
        // A blank stands between the sides.
        Area { x: row.x + x, width: self.side.min(row.width - x).saturating_sub(1), ..row }
    }
}

/// The sign and the name.
fn heading(entry: &Entry, theme: Theme) -> Vec<Span<'static>> {
    let style = match entry.sign {
        "+" => theme.tone(Tone::Good),
        "−" => theme.tone(Tone::Bad),
        "=" => theme.muted(),
        _ => theme.strong(),
    };
    let name = if entry.sign == "=" { theme.muted() } else { theme.strong() };
    vec![(format!(" {} ", entry.sign).into(), style), (entry.place.clone().into(), name)]
}

fn pieces(side: Vec<Piece>, columns: u16, is_same: bool, theme: Theme) -> Vec<Span<'static>> {
    let style = |piece: &Piece| match piece.changed {
        true => theme.strong(),
        false if is_same => theme.muted(),
        false => theme.plain(),
    };
    compare::cut(side, usize::from(columns))
        .into_iter()
        .map(|piece| (piece.text.clone().into(), style(&piece)))
        .collect()
}

/// On one line.
fn beside(entry: Entry, row: Area, columns: &Columns, canvas: &mut Canvas<'_>) {
    let (theme, is_same) = (canvas.theme, entry.sign == "=");
    let head = Area { width: columns.place.min(row.width).saturating_sub(1), ..row };
    canvas.write(head, heading(&entry, theme));
    let alone = entry.sides[1].is_empty();
    for (at, side) in entry.sides.into_iter().enumerate() {
        let area = columns.side_of(row, at as u16);
        // What has no other side has the room of both.
        let width = if alone { (columns.side * 2).min(row.width.saturating_sub(columns.place)) } else { area.width };
        let area = Area { width, ..area };
        canvas.write(area, pieces(side, area.width.saturating_sub(2), is_same, theme));
        if alone {
            break;
        }
    }
    let remark = pad(&entry.remark, usize::from(columns.remark));
    canvas.write_right(row, vec![(remark.into(), theme.muted())]);
}

/// Its name, and each side below it.
fn stacked(entry: Entry, area: Area, canvas: &mut Canvas<'_>) {
    let (theme, is_same) = (canvas.theme, entry.sign == "=");
    let mut head = heading(&entry, theme);
    head.push((format!("  {}", entry.remark).into(), theme.muted()));
    canvas.write(area.top(1), head);
    for ((at, side), letter) in entry.sides.into_iter().enumerate().zip(["A", "B"]) {
        if side.is_empty() {
            continue;
        }
        let row = area.below(at as u16 + 1).top(1);
        let mut spans: Vec<Span<'_>> = vec![(format!("   {letter}  ").into(), theme.muted())];
        spans.extend(pieces(side, row.width.saturating_sub(6), is_same, theme));
        canvas.write(row, spans);
    }
}
