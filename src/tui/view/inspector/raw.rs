//! The raw token: its segments in colours, what a defect blames marked.

use std::ops::Range;

use ratatui::style::Style;

use crate::{
    secret::ExposeSecret as _,
    text,
    token::{Form, Token},
    tui::{
        app::{Model, inspector::Tab, layout::Area, tokens::Row},
        view::{
            canvas::{Canvas, Span},
            theme::Theme,
        },
    },
};

/// Draws the raw token. What makes it usable is masked until it is asked for.
pub(super) fn draw(model: &Model, row: &Row, area: Area, canvas: &mut Canvas<'_>) {
    if area.is_empty() {
        return;
    }
    let look = Look::of(&row.token, model.inspector.revealed, canvas.theme);
    let (width, offset) = (usize::from(area.width), model.inspector.place(Tab::Raw).offset);
    if !row.plain {
        return look.draw_foreign(offset, area, canvas);
    }
    for line in 0..area.height {
        let start = (offset + usize::from(line)) * width;
        let end = look.raw.len().min(start + width);
        if start >= end {
            return;
        }
        let pieces = look.pieces(start..end);
        let mut spans: Vec<Span<'_>> = pieces.map(|(range, style)| (look.shown(range).into(), style)).collect();
        if end == look.raw.len() && look.misses_end() {
            spans.push(("▲".into(), look.theme.defect()));
        }
        canvas.write(area.below(line), spans);
    }
}

/// How a raw token looks.
struct Look<'a> {
    raw: &'a str,
    theme: Theme,
    segments: &'a [Range<usize>],
    defects: Vec<Range<usize>>,
    /// From here on it is masked.
    open: usize,
    /// Where the look changes, in order.
    bounds: Vec<usize>,
}

impl<'a> Look<'a> {
    fn of(token: &'a Token, revealed: bool, theme: Theme) -> Self {
        let raw = token.raw().expose_secret();
        let (segments, secret): (&[Range<usize>], usize) = match token.form() {
            Form::Jws(jws) => (&jws.segments, jws.segments[2].start),
            Form::Jwe(jwe) => (&jwe.segments, jwe.segments[1].start),
            Form::Opaque => (&[], 0),
        };
        let open = if revealed { raw.len() } else { secret };
        let defects: Vec<_> = token.defects().iter().filter_map(|defect| defect.bytes.clone()).collect();
        let ends = segments.iter().chain(&defects).flat_map(|range| [range.start, range.end]);
        // A payload that is not encoded may have a defect inside of a character.
        let mut bounds: Vec<_> = ends.chain([open, raw.len()]).map(|at| raw.floor_char_boundary(at)).collect();
        bounds.sort_unstable();
        bounds.dedup();
        Self { raw, theme, segments, defects, open, bounds }
    }

    /// Something is missing behind the last byte.
    fn misses_end(&self) -> bool {
        self.defects.iter().any(|range| range.is_empty() && range.start == self.raw.len())
    }

    /// A part of the token, in pieces of one look.
    fn pieces(&self, part: Range<usize>) -> impl Iterator<Item = (Range<usize>, Style)> {
        let mut at = part.start;
        std::iter::from_fn(move || {
            if at >= part.end {
                return None;
            }
            let next = self.bounds.get(self.bounds.partition_point(|&bound| bound <= at));
            let piece = at..next.copied().unwrap_or(part.end).min(part.end);
            at = piece.end;
            let style = self.style(piece.start);
            Some((piece, style))
        })
    }

    fn style(&self, at: usize) -> Style {
        if self.defects.iter().any(|range| range.contains(&at)) {
            return self.theme.defect();
        }
        match self.segments.iter().position(|segment| segment.contains(&at)) {
            Some(index) => self.theme.segment(index, self.segments.len()),
            // The dots; and what stands behind, of which nothing is known.
            None if self.segments.last().is_some_and(|last| at < last.end) => self.theme.muted(),
            None => self.theme.plain(),
        }
    }

    /// What a piece shows; sanitized, and masked where it is secret.
    fn shown(&self, piece: Range<usize>) -> String {
        let text = &self.raw[piece.clone()];
        if piece.start >= self.open { "•".repeat(text.chars().count()) } else { text::visible(text).into_owned() }
    }

    /// A token that is not plain ASCII: only what is on screen is made visible.
    fn draw_foreign(&self, offset: usize, area: Area, canvas: &mut Canvas<'_>) {
        let (width, rows) = (usize::from(area.width), usize::from(area.height));
        let wanted = (offset + rows) * width;
        let part = 0..self.raw.floor_char_boundary(wanted * 4);
        let pieces = self.pieces(part).map(|(piece, style)| (self.shown(piece), style));
        let cells: Vec<(char, Style)> = pieces
            .flat_map(|(text, style)| text.chars().map(|c| (c, style)).collect::<Vec<_>>())
            .take(wanted)
            .collect();
        for (line, cells) in cells.chunks(width).skip(offset).enumerate() {
            let same = |a: &(char, Style), b: &(char, Style)| a.1 == b.1;
            let spans = cells.chunk_by(same).map(|run| {
                let text: String = run.iter().map(|(c, _)| *c).collect();
                (text.into(), run[0].1)
            });
            canvas.write(area.below(line as u16), spans);
        }
    }
}
