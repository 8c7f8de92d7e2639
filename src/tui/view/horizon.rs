//! The horizon: all lives on one axis, in cells.

use ratatui::style::Style;
use unicode_width::UnicodeWidthStr as _;

use super::{
    canvas::{Canvas, Span, middle, pad},
    dialog::{self, frame},
    state,
    theme::Theme,
};
use crate::tui::app::{
    Model,
    badge::Badge,
    horizon::{
        self, Horizon, Lane,
        axis::{Axis, Cell, ZOOMS},
    },
    layout::Area,
    mouse::Target,
    page::write::wrap,
};

/// What the sign takes before a name, and what is left behind it.
const SIGN: usize = 3;
const LEFT: usize = 10;
/// What a badge takes.
const BADGE: usize = 5;

pub(super) fn draw(model: &Model, page: &Horizon, guard: Option<&Badge>, canvas: &mut Canvas<'_>) {
    let theme = canvas.theme;
    let parts = horizon::parts(model.size);
    frame(parts.frame, guard, &horizon::title(model, page), canvas);
    canvas.target(parts.axis(), Target::Axis);
    for (at, area) in horizon::zooms(model, page) {
        canvas.target(area, Target::Zoom(at));
        let name = ZOOMS[at].2;
        let (words, style) = match at == page.zoom {
            true => (format!(" [{name}] "), theme.heading(true)),
            false => (format!(" {name} "), theme.muted()),
        };
        canvas.write(area, [(words.into(), style)]);
    }
    let badges = page.lanes.iter().any(|lane| lane.badge.is_some());
    let (names, scale) = parts.of(parts.head);
    canvas.write(names, heads(badges, usize::from(names.width), theme));
    let axis = Axis::new(model, page.zoom, page.shift, scale.width);
    for (column, words) in axis.scale() {
        let column = column as u16;
        let style = if words == "now" { theme.strong() } else { theme.muted() };
        canvas.write(Area { x: scale.x + column, width: scale.width - column, ..scale }, [(words.into(), style)]);
    }
    if page.lanes.is_empty() {
        let words = match model.tokens.rows().is_empty() {
            _ if model.page_needle().is_some() => "Nothing here has these words.".into(),
            true => model
                .keyed_that_works("No token has a time to show: {key:log-in} logs in.")
                .unwrap_or("No token has a time to show.".into()),
            false => {
                model.keyed("No tokens in this scope: {key:page.close} closes, {key:go-to-profiles} chooses another.")
            }
        };
        canvas.write(parts.rows, [(words, theme.muted())]);
    }
    dialog::search(model, parts.frame, canvas);
    let height = usize::from(parts.rows.height);
    for (at, lane) in page.lanes.iter().enumerate().skip(page.cursor.offset).take(height) {
        let row = parts.rows.below((at - page.cursor.offset) as u16).top(1);
        let (words, cells) = parts.of(row);
        canvas.write(words, heading(model, lane, badges, usize::from(words.width), theme));
        canvas.write(cells, bar(model, &axis, lane, theme));
        if at == page.cursor.index {
            canvas.highlight(row, true);
        }
    }
    foot(model, page, parts.foot, canvas);
}

/// How much room a name has.
fn room(badges: bool, width: usize) -> usize {
    width.saturating_sub(SIGN + LEFT + if badges { BADGE } else { 0 })
}

/// `env  profile      left`: above the columns.
fn heads(badges: bool, width: usize, theme: Theme) -> Vec<Span<'static>> {
    let env = if badges { "env  " } else { "" };
    let words = format!("   {env}{} {:>8} ", pad("profile", room(badges, width)), "left");
    vec![(words.into(), theme.muted())]
}

/// The state, the badge, the name and the time that is left.
fn heading(model: &Model, lane: &Lane, badges: bool, width: usize, theme: Theme) -> Vec<Span<'static>> {
    let told = state::of_facts(model, &lane.facts);
    let tone = theme.tone(told.tone);
    let mut spans: Vec<Span<'_>> = vec![(format!(" {} ", told.sign).into(), tone)];
    // A pasted token has the room of the badges for its name.
    let badges = badges && lane.profile.is_some();
    if badges {
        let taken = lane.badge.as_ref().map_or(0, |badge| badge.text.chars().count() + 1);
        spans.extend(lane.badge.iter().flat_map(|badge| theme.badge(badge)));
        let none = if lane.heads() && lane.badge.is_none() { "none" } else { "" };
        spans.push((pad(none, BADGE.saturating_sub(taken)).into(), theme.muted()));
    }
    let room = room(badges, width);
    let style = if lane.name.starts_with(' ') { theme.muted() } else { theme.plain() };
    spans.push((pad(&middle(&lane.name, room), room).into(), style));
    // Where two units are too much, one says enough.
    let left =
        if told.left.width() > 8 { told.left.rsplit_once(' ').map_or("", |(first, _)| first) } else { &told.left };
    spans.push((format!(" {:>8} ", pad(left, 8).trim_end()).into(), tone));
    spans
}

/// The bar, cell by cell, and what stands behind it.
fn bar(model: &Model, axis: &Axis, lane: &Lane, theme: Theme) -> Vec<Span<'static>> {
    let label = axis.label(model, lane);
    let life = theme.tone(state::of_facts(model, &lane.facts).tone);
    let style = |cell: Cell| -> (char, Style) {
        match cell {
            Cell::Blank => (' ', theme.plain()),
            Cell::Access => ('━', life),
            Cell::Refresh => ('─', life),
            Cell::Old => ('┄', life),
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
    let old = if page.has_generations() { "  ┄ replaced, not over" } else { "" };
    let bars = format!("━ access  ─ refresh{old}  ┃ now  ⟳ planned renewal");
    let order =
        if page.by_end { "sorted by what ends next" } else { "grouped by environment, sorted by what ends next" };
    let whole = format!("Bars: {bars}.  {}{}.", order[..1].to_uppercase(), &order[1..]);
    let legend = if whole.chars().count() <= usize::from(area.width) { whole } else { bars };
    let mut texts = [
        (page.forecast.next(model), theme.plain()),
        (page.forecast.within(model, page.zoom), theme.plain()),
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
