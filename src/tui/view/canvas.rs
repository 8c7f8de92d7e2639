//! Writing on cells: spans that are cut with an ellipsis, borders, bars. Every text must be sanitized before.

use std::borrow::Cow;

use ratatui::{
    buffer::{Buffer, Cell},
    style::Style,
    symbols::merge::MergeStrategy,
};
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

use super::theme::Theme;
use crate::tui::app::{
    inspector::Needle,
    keymap::MARK,
    layout::Area,
    mouse::{Target, Targets},
    tokens::columns::Common,
};

/// A text in a style.
pub(super) type Span<'a> = (Cow<'a, str>, Style);

/// What stands in the upper border of a frame, behind its name.
#[derive(Default)]
pub(super) struct Heading<'a> {
    pub(super) title: Vec<Span<'a>>,
    /// At the right end, where there is room.
    pub(super) right: Vec<Span<'a>>,
}

/// Light and heavy: across, down, and the corners from the upper left one on.
const LINES: [[&str; 6]; 2] = [["─", "│", "┌", "┐", "└", "┘"], ["━", "┃", "┏", "┓", "┗", "┛"]];

/// The cells of the screen.
pub(super) struct Canvas<'a> {
    buffer: &'a mut Buffer,
    pub(super) theme: Theme,
    /// What a click is for.
    pub(super) targets: Targets,
}

impl<'a> Canvas<'a> {
    pub(super) fn new(buffer: &'a mut Buffer, theme: Theme) -> Self {
        Self { buffer, theme, targets: Targets::default() }
    }

    /// Notes that a click there is for this.
    pub(super) fn target(&mut self, area: Area, target: impl Into<Option<Target>>) {
        target.into().into_iter().for_each(|target| self.targets.put(area, target));
    }

    /// Writes spans into the first row of an area, and an ellipsis where they do not fit. Tells how far it came. Keys in words
    /// stand out, and can be clicked.
    pub(super) fn write<'s>(&mut self, area: Area, spans: impl IntoIterator<Item = Span<'s>>) -> u16 {
        if area.is_empty() {
            return 0;
        }
        let mut used = 0;
        for (text, style) in spans {
            let room = area.width - used;
            let (text, cut) = cut(&text, usize::from(room));
            // Nothing shines through of a border that is written over.
            let style = self.theme.over().patch(style);
            let parts = text.split(MARK).count();
            for (at, part) in text.split(MARK).enumerate() {
                // What stands between two marks is a key, which may be cut.
                let is_key = at % 2 == 1;
                let style = if is_key { style.patch(self.theme.key()) } else { style };
                let place = Area { x: area.x + used, width: part.width() as u16, height: 1, ..area };
                self.buffer.set_stringn(place.x, place.y, part, usize::from(place.width), style);
                if is_key && at + 1 < parts {
                    self.target(place, Target::keys(part));
                }
                used += place.width;
            }
            if cut {
                let x = (area.x + used).min(area.x + area.width - 1);
                self.buffer.set_stringn(x, area.y, "…", 1, style);
                return area.width;
            }
        }
        used
    }

    /// Writes spans at the right end of the first row. Tells how many columns they take; 0 if they do not fit.
    pub(super) fn write_right(&mut self, area: Area, spans: Vec<Span<'_>>) -> u16 {
        let width = spans.iter().map(|(text, _)| text.width()).sum::<usize>();
        match u16::try_from(width) {
            Ok(width) if width <= area.width => {
                let place = Area { x: area.x + area.width - width, width, ..area };
                self.write(place, spans)
            }
            _ => 0,
        }
    }

    /// Columns and rows.
    pub(super) fn size(&self) -> (u16, u16) {
        (self.buffer.area.width, self.buffer.area.height)
    }

    /// Shows that the cursor is in these rows: a bar in the first column, and the row's background over the whole width.
    pub(super) fn highlight(&mut self, area: Area, focused: bool) {
        for line in 0..area.height {
            self.write(area.below(line), [("▌".into(), self.theme.marker(focused))]);
        }
        let theme = self.theme;
        self.each(area, |cell| theme.highlight(cell, focused));
    }

    fn each(&mut self, area: Area, mut change: impl FnMut(&mut Cell)) {
        for y in area.y..area.y + area.height {
            for x in area.x..area.x + area.width {
                self.buffer.cell_mut((x, y)).into_iter().for_each(&mut change);
            }
        }
    }

    /// Fills an area with blanks.
    pub(super) fn clear(&mut self, area: Area) {
        let plain = self.theme.plain();
        self.each(area, |cell| {
            cell.reset();
            cell.set_style(plain);
        });
    }

    /// Takes colour and weight from what is drawn there, but for the badges of protected environments.
    pub(super) fn dim(&mut self, area: Area) {
        let dim = self.theme.dim();
        self.each(area, dim);
    }

    /// Draws a border of its own.
    pub(super) fn border(&mut self, area: Area, style: Style) {
        self.lines(area, LINES[0], MergeStrategy::Replace, style);
    }

    /// Draws the border of a pane, which it shares with its neighbours: where lines meet they are joined.
    pub(super) fn frame(&mut self, area: Area, heavy: bool, style: Style) {
        self.lines(area, LINES[usize::from(heavy)], MergeStrategy::Exact, style);
    }

    fn lines(&mut self, area: Area, [across, down, corners @ ..]: [&str; 6], merge: MergeStrategy, style: Style) {
        if area.width < 2 || area.height < 2 {
            return;
        }
        let (right, bottom) = (area.x + area.width - 1, area.y + area.height - 1);
        let over = self.theme.over();
        let mut put = |x: u16, y: u16, symbol: &str| {
            if let Some(cell) = self.buffer.cell_mut((x, y)) {
                cell.merge_symbol(symbol, merge).set_style(over.patch(style));
            }
        };
        for x in area.x + 1..right {
            put(x, area.y, across);
            put(x, bottom, across);
        }
        for y in area.y + 1..bottom {
            put(area.x, y, down);
            put(right, y, down);
        }
        let places = [(area.x, area.y), (right, area.y), (area.x, bottom), (right, bottom)];
        places.into_iter().zip(corners).for_each(|((x, y), corner)| put(x, y, corner));
    }
}

/// As much of a text as fits, with room for an ellipsis if that is not all.
fn cut(text: &str, room: usize) -> (&str, bool) {
    let (mut used, mut fits) = (0, 0);
    for (at, c) in text.char_indices() {
        if used < room {
            fits = at;
        }
        used += c.width().unwrap_or(0);
        if used > room {
            return (&text[..fits], true);
        }
    }
    (text, false)
}

/// As much of a text as fits, cut in the middle: names, values and addresses differ at both ends.
pub(super) fn middle(text: &str, columns: usize) -> String {
    if text.width() <= columns {
        return text.to_owned();
    }
    let room = columns.saturating_sub(1);
    let (head, _) = cut(text, room.div_ceil(2) + 1);
    let mut tail = text.len();
    let mut used = 0;
    for (at, c) in text.char_indices().rev() {
        used += c.width().unwrap_or(0);
        if used > room - room.div_ceil(2) {
            break;
        }
        tail = at;
    }
    if columns == 0 { String::new() } else { format!("{head}…{}", &text[tail.max(head.len())..]) }
}

/// A name in so many columns: the hole is where it says what all names say.
pub(super) fn apart(name: &str, common: &Common, columns: usize) -> String {
    let hole = (name.width() + 1).saturating_sub(columns);
    let (start, own, end) = common.parts(name);
    match hole {
        ..=1 => name.to_owned(),
        _ if start.width() >= hole => format!("{}…{own}{end}", cut(start, start.width() - hole + 1).0),
        _ if end.width() >= hole => {
            let room = end.width() - hole;
            let tail = end.char_indices().map(|(at, _)| &end[at..]).find(|tail| tail.width() <= room);
            format!("{start}{own}…{}", tail.unwrap_or_default())
        }
        _ if start.width() > 1 && columns > 1 => format!("…{}", middle(&[own, end].concat(), columns - 1)),
        _ => middle(name, columns),
    }
}

/// A text in exactly so many columns: cut with an ellipsis or filled with blanks.
pub(super) fn pad(text: &str, columns: usize) -> String {
    let (head, was_cut) = cut(text, columns);
    let mut padded = head.to_owned();
    if was_cut && columns > 0 {
        padded.push('…');
    }
    let width = padded.width();
    padded.extend(std::iter::repeat_n(' ', columns.saturating_sub(width)));
    padded
}

/// A text with what is searched for standing out.
pub(super) fn marked(text: &str, needle: &Needle, style: Style, theme: Theme) -> Vec<Span<'static>> {
    let mut spans: Vec<Span<'static>> = Vec::new();
    let mut at = 0;
    for range in needle.ranges(text) {
        spans.push((text[at..range.start].to_owned().into(), style));
        spans.push((text[range.clone()].to_owned().into(), theme.found()));
        at = range.end;
    }
    spans.push((text[at..].to_owned().into(), style));
    spans
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_cut_in_the_middle() {
        for (text, columns, short) in [
            ("lms-prod", 8, "lms-prod"),
            ("lms-staging.example.org", 11, "lms-s…e.org"),
            ("abcdef", 4, "ab…f"),
            ("abcdef", 1, "…"),
            ("abcdef", 0, ""),
            ("日本語日本語", 7, "日…語"),
        ] {
            let cut = middle(text, columns);
            assert_eq!(cut, short, "{text} in {columns}");
            assert!(cut.width() <= columns);
        }
    }

    #[test]
    fn what_names_have_in_common_makes_way_first() {
        let names = ["acme-lms-worker.eu.example.org", "acme-lms-api.us.example.org"];
        let mut common = Common::default();
        names.iter().for_each(|name| common.add(name));
        for (columns, short) in [
            (30, "acme-lms-worker.eu.example.org"),
            (29, "acme-lm…worker.eu.example.org"),
            (23, "a…worker.eu.example.org"),
            (22, "…worker.eu.example.org"),
            (21, "acme-lms-worker.eu…rg"),
            (12, "…worke…e.org"),
            (1, "…"),
            (0, ""),
        ] {
            let cut = apart(names[0], &common, columns);
            assert_eq!(cut, short, "{columns}");
            assert!(cut.width() <= columns);
        }
        assert_eq!(apart("grades-worker", &Common::default(), 9), "grad…rker");
    }

    #[test]
    fn padding_is_exact() {
        for (text, columns, padded) in [
            ("abc", 5, "abc  "),
            ("abcdef", 4, "abc…"),
            ("abc", 3, "abc"),
            ("日本語", 5, "日本…"),
            ("日本", 2, "… "),
            ("a", 0, ""),
        ] {
            assert_eq!(pad(text, columns), padded, "{text} in {columns}");
        }
    }
}
