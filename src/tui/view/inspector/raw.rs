//! The raw token.

use crate::{
    secret::ExposeSecret as _,
    text,
    token::Form,
    tui::{
        app::{Model, layout::Area, tokens::Row},
        view::canvas::{Canvas, Span},
    },
};

/// The raw token, its segments in colours. What makes it usable is masked until it is asked for.
pub(super) fn draw(model: &Model, row: &Row, area: Area, canvas: &mut Canvas<'_>) {
    let theme = canvas.theme;
    if area.is_empty() {
        return;
    }
    let token = &row.token;
    let raw = token.raw().expose_secret();
    let segments: &[_] = match token.form() {
        Form::Jws(jws) => &jws.segments,
        Form::Jwe(jwe) => &jwe.segments,
        Form::Opaque => &[],
    };
    let open = match token.form() {
        _ if model.inspector.revealed => usize::MAX,
        Form::Jws(_) => segments[2].start,
        Form::Jwe(_) => segments[1].start,
        Form::Opaque => 0,
    };
    let width = usize::from(area.width);
    if !row.plain {
        return foreign(raw, open, model.inspector.cursor.offset, area, canvas);
    }
    for line in 0..area.height {
        let start = (model.inspector.cursor.offset + usize::from(line)) * width;
        let end = raw.len().min(start + width);
        if start >= end {
            return;
        }
        let mut spans: Vec<Span<'_>> = Vec::new();
        let mut at = start;
        while at < end {
            let segment = segments.iter().position(|segment| at < segment.end);
            let (stop, style) = match segment {
                Some(index) if at >= segments[index].start => (segments[index].end, theme.segment(index)),
                Some(index) => (segments[index].start, theme.muted()),
                None => (end, theme.plain()),
            };
            let stop = stop.min(end);
            let stop = if at < open { stop.min(open) } else { stop };
            let text = if at < open { raw[at..stop].to_owned() } else { "•".repeat(stop - at) };
            spans.push((text.into(), style));
            at = stop;
        }
        canvas.write(area.below(line), spans);
    }
}

/// An opaque token that is not plain ASCII: only what is on screen is made visible.
fn foreign(raw: &str, open: usize, offset: usize, area: Area, canvas: &mut Canvas<'_>) {
    let (width, rows) = (usize::from(area.width), usize::from(area.height));
    let wanted = (offset + rows) * width;
    let shown: String = match open {
        0 => "•".repeat(raw.chars().take(wanted).count()),
        _ => text::visible(&raw[..raw.floor_char_boundary(wanted * 4)]).into_owned(),
    };
    let mut rest: Vec<char> = shown.chars().skip(offset * width).collect();
    for line in 0..area.height {
        let part: String = rest.drain(..width.min(rest.len())).collect();
        canvas.write(area.below(line), [(part.into(), canvas.theme.plain())]);
    }
}
