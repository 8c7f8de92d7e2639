//! The horizon: all lives on one axis, in cells.

use ratatui::style::Style;

use super::{
    canvas::{Canvas, Span, pad},
    dialog::{self, frame},
    format,
    theme::Theme,
};
use crate::{
    clock,
    token::lifetime::TimeState,
    tui::app::{
        Model,
        badge::Badge,
        horizon::{
            self, Fate, Horizon, Lane,
            axis::{Axis, Cell, ZOOMS},
            forecast,
        },
        layout::Area,
        page::write::wrap,
        tokens::RowState,
    },
};

pub(super) fn draw(model: &Model, page: &Horizon, guard: Option<&Badge>, canvas: &mut Canvas<'_>) {
    let theme = canvas.theme;
    let parts = horizon::parts(model.size);
    let count = page.lanes.len();
    let title = format!("Horizon  {count} · {}", ZOOMS[page.zoom].2);
    frame(parts.frame, guard, &title, canvas);
    let top = parts.frame.top(1).shrink(2, 0);
    let taken = title.chars().count() as u16 + 8;
    let zooms = Area { x: top.x + taken.min(top.width), width: top.width.saturating_sub(taken), ..top };
    canvas.write_right(zooms, zoom_words(page.zoom, theme));
    let axis_area = |area: Area| {
        let axis = parts.axis.min(area.width);
        Area { x: area.x + axis, width: area.width - axis, ..area }
    };
    let axis = Axis::new(model, page.zoom, page.shift, axis_area(parts.head).width);
    for (column, words) in axis.scale() {
        let area = axis_area(parts.head);
        let column = column as u16;
        let style = if words == "now" { theme.strong() } else { theme.muted() };
        canvas.write(Area { x: area.x + column, width: area.width - column, ..area }, [(words.into(), style)]);
    }
    if page.lanes.is_empty() {
        let words = model.hint("No token has a time to show: {key:log-in} logs in, {key:paste} takes a token.");
        canvas.write(parts.rows, [(words, theme.muted())]);
    }
    dialog::search(model, parts.frame, canvas);
    let height = usize::from(parts.rows.height);
    for (at, lane) in page.lanes.iter().enumerate().skip(page.cursor.offset).take(height) {
        let row = parts.rows.below((at - page.cursor.offset) as u16).top(1);
        let words = Area { width: parts.axis.min(row.width), ..row };
        canvas.write(words, heading(model, lane, words.width, theme));
        canvas.write(axis_area(row), bar(model, &axis, lane, theme));
        if at == page.cursor.index {
            canvas.highlight(row, true);
        }
    }
    foot(model, page, parts.foot, canvas);
}

/// `5m  [1h]  8h  30d`.
fn zoom_words(zoom: usize, theme: Theme) -> Vec<Span<'static>> {
    let words = ZOOMS.iter().enumerate().map(|(at, (.., name))| match at == zoom {
        true => (format!(" [{name}] ").into(), theme.heading(true)),
        false => (format!(" {name} ").into(), theme.muted()),
    });
    words.collect()
}

/// The state, the badge, the name and the time that is left.
fn heading(model: &Model, lane: &Lane, width: u16, theme: Theme) -> Vec<Span<'static>> {
    let now = model.shown_now();
    let state = format::state(lane.state, &lane.lifetime, now);
    let over = lane.state == RowState::Time(TimeState::Expired);
    let (sign, tone) = if over && lane.fate == Fate::Renewable {
        ("↻", theme.renew())
    } else {
        (state.sign, theme.tone(state.tone))
    };
    let left = match lane.lifetime.expires_at {
        Some(end) if over => format::ago(end, now),
        Some(end) if lane.state == RowState::Time(TimeState::ValidByTime) => clock::span(end - now),
        _ => state.words,
    };
    let mut spans: Vec<Span<'_>> = vec![(format!(" {sign} ").into(), tone)];
    let mut room = usize::from(width).saturating_sub(3 + 10);
    if let Some(badge) = &lane.badge {
        spans.extend(theme.badge(badge));
        room = room.saturating_sub(badge.text.chars().count() + 1);
    }
    spans.push((pad(&lane.name, room).into(), if lane.name.starts_with(' ') { theme.muted() } else { theme.plain() }));
    spans.push((format!(" {:>8} ", pad(&left, 8).trim_end()).into(), tone));
    spans
}

/// The bar, cell by cell, and what stands behind it.
fn bar(model: &Model, axis: &Axis, lane: &Lane, theme: Theme) -> Vec<Span<'static>> {
    let label = axis.label(model, lane);
    let now = model.shown_now();
    let life = theme.tone(format::state(lane.state, &lane.lifetime, now).tone);
    let style = |cell: Cell| -> (char, Style) {
        match cell {
            Cell::Blank => (' ', theme.plain()),
            Cell::Access => ('━', life),
            Cell::Refresh => ('─', life),
            Cell::Now => ('┃', theme.strong()),
            Cell::Renewal => ('⟳', theme.renew()),
            Cell::Letter(c) => (c, theme.muted()),
        }
    };
    let mut spans: Vec<(String, Style)> = Vec::new();
    for (c, style) in axis.cells(lane, [&label[0], &label[1]]).into_iter().map(style) {
        match spans.last_mut() {
            Some((text, last)) if *last == style => text.push(c),
            _ => spans.push((c.to_string(), style)),
        }
    }
    spans.into_iter().map(|(text, style)| (text.into(), style)).collect()
}

/// What comes next, what the time ahead brings, and what the bars mean: the sentences first, where there is little room.
fn foot(model: &Model, page: &Horizon, area: Area, canvas: &mut Canvas<'_>) {
    let theme = canvas.theme;
    let order =
        if page.by_end { "Sorted by what ends next." } else { "Grouped by environment, sorted by what ends next." };
    let legend = format!("Bars: ━ access  ─ refresh  ┃ now  ⟳ planned renewal.  {order}");
    let mut texts = [
        (forecast::next(model), theme.plain()),
        (forecast::within(model, page.zoom), theme.plain()),
        (legend, theme.muted()),
    ];
    if area.height < 5 {
        texts.swap(0, 1);
    }
    let mut row = u16::from(area.height > 4);
    for (text, style) in texts {
        for line in wrap(&text, usize::from(area.width).max(1)) {
            if row < area.height {
                canvas.write(area.below(row), [(line.into(), style)]);
                row += 1;
            }
        }
    }
}
