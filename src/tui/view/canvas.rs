//! Writing on cells: spans that are cut with an ellipsis, borders, bars. Every text must be sanitized before.

use std::borrow::Cow;

use ratatui::{
    buffer::{Buffer, Cell},
    style::Style,
};
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

use super::theme::Theme;
use crate::tui::app::{inspector::Needle, layout::Area};

/// A text in a style.
pub(super) type Span<'a> = (Cow<'a, str>, Style);

/// The cells of the screen.
pub(super) struct Canvas<'a> {
    buffer: &'a mut Buffer,
    pub(super) theme: Theme,
}

impl<'a> Canvas<'a> {
    pub(super) fn new(buffer: &'a mut Buffer, theme: Theme) -> Self {
        Self { buffer, theme }
    }

    /// Writes spans into the first row of an area, and an ellipsis where they do not fit. Tells how far it came.
    pub(super) fn write<'s>(&mut self, area: Area, spans: impl IntoIterator<Item = Span<'s>>) -> u16 {
        if area.is_empty() {
            return 0;
        }
        let mut used = 0;
        for (text, style) in spans {
            let room = area.width - used;
            let (text, cut) = cut(&text, usize::from(room));
            self.buffer.set_stringn(area.x + used, area.y, text, usize::from(room), style);
            used += text.width() as u16;
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

    /// Draws a rounded border.
    pub(super) fn border(&mut self, area: Area, style: Style) {
        if area.width < 2 || area.height < 2 {
            return;
        }
        let across = "─".repeat(usize::from(area.width - 2));
        let (right, bottom) = (area.x + area.width - 1, area.y + area.height - 1);
        self.buffer.set_string(area.x, area.y, format!("╭{across}╮"), style);
        self.buffer.set_string(area.x, bottom, format!("╰{across}╯"), style);
        for y in area.y + 1..bottom {
            self.buffer.set_string(area.x, y, "│", style);
            self.buffer.set_string(right, y, "│", style);
        }
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
