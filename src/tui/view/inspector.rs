//! The inspector: a summary in words, and the claims, the header or the raw token below it.

use std::fmt::Write as _;

use chrono::TimeDelta;

use super::{
    canvas::{Canvas, Span},
    format, json,
    theme::Theme,
};
use crate::{
    clock,
    secret::ExposeSecret as _,
    text,
    token::{Form, Token, diff::Change, findings::Severity},
    tui::app::{
        Model, Pane,
        exchange::{ending, skew_words},
        inspector::{self, Item, Sheet, Tab, hex},
        layout::{Area, Layout},
        page::Tone,
        tokens::Row,
    },
};

/// The names of the tabs, the open one standing out.
pub(super) fn tabs<'a>(model: &Model, theme: Theme) -> Vec<Span<'a>> {
    let mut spans: Vec<Span<'a>> = vec![("─ ".into(), theme.border(model.focus == Pane::Inspector))];
    for tab in inspector::tabs(model) {
        let open = tab == model.inspector.tab;
        let style = if open { theme.strong().patch(theme.accent()) } else { theme.muted() };
        let text = if open { format!("[{}] ", tab.name()) } else { format!(" {}  ", tab.name()) };
        spans.push((text.into(), style));
    }
    spans
}

/// Draws the token under the cursor.
pub(super) fn draw(model: &Model, layout: &Layout, canvas: &mut Canvas<'_>) {
    let (head, body) = layout.inspector_parts();
    let theme = canvas.theme;
    if model.inspector.tab == Tab::Exchange {
        return exchange(model, layout, canvas);
    }
    let Some(row) = model.tokens.selected() else {
        let area = layout.inner(Pane::Inspector).shrink(2, 0).below(1);
        canvas.write(area, [("the token under the cursor is taken apart here".into(), theme.muted())]);
        return;
    };
    summary(model, layout, row, head, canvas);
    match model.inspector.tab {
        Tab::Raw => raw(model, row, layout.raw_text(), canvas),
        _ => model.sheet().into_iter().for_each(|it| sheet(model, row, it, body, canvas)),
    }
}

fn summary(model: &Model, layout: &Layout, row: &Row, area: Area, canvas: &mut Canvas<'_>) {
    let theme = canvas.theme;
    let area = area.shrink(1, 0);
    let state = format::state(row.state(model.now), &row.lifetime, model.now);
    let words = format::long_state(row.state(model.now), &row.lifetime, model.now);
    let mut first = area;
    if let Some((full, rest)) = format::bar(&row.lifetime, model.now, 24).filter(|_| area.width >= 70 && !row.revoked) {
        let bar = vec![(full.into(), theme.tone(state.tone)), (rest.into(), theme.muted())];
        first.width -= canvas.write_right(first, bar) + 2;
    }
    let spans: [Span<'_>; 2] =
        [(state.sign.into(), theme.tone(state.tone)), (format!(" {words}").into(), theme.tone(state.tone))];
    canvas.write(first, spans);
    if area.height < 2 {
        return;
    }
    let mut second = signature(row, theme);
    if let Some(made) = &row.made {
        second.push((" · ".into(), theme.muted()));
        second.push((format!("made here {made}").into(), theme.tone(Tone::Warn)));
    }
    if row.server_said.is_some() && row.server_said == row.lifetime.expires_at && !has_exp(&row.token) {
        second.push((" · only the server said when it ends".into(), theme.muted()));
    }
    if let Some(skew) = skew_words(row.skew) {
        second.push((format!(" · server clock {skew}").into(), theme.tone(Tone::Warn)));
    }
    canvas.write(area.below(1), second);
    if area.height < 3 {
        return;
    }
    if layout.bordered() {
        let scheme = row.scheme.as_str();
        let mut words = format!("{} · Authorization: {scheme}", row.words());
        if row.profile().is_some() {
            let _ = write!(words, " · fingerprint {}", row.fingerprint);
        }
        canvas.write(area.below(2), [(words.into(), theme.muted())]);
    } else {
        canvas.write(area.below(2), tabs(model, theme).into_iter().skip(1));
    }
}

/// The last exchange with the server of the token's profile, or of the profile under the cursor.
fn exchange(model: &Model, layout: &Layout, canvas: &mut Canvas<'_>) {
    let theme = canvas.theme;
    let (head, _) = layout.inspector_parts();
    let sheet = &model.inspector.exchange;
    let row = sheet.profile.as_ref().and_then(|name| model.profiles.row(name));
    let (profile, words) = match (row, row.and_then(|row| row.exchange.as_ref())) {
        (Some(row), Some(exchange)) => (row.profile.name.as_str(), ending(exchange)),
        (Some(row), None) => (row.profile.name.as_str(), ("nothing went over the wire yet".to_owned(), Tone::Muted)),
        (None, _) => ("", ("the token belongs to no profile, so nothing went over the wire".to_owned(), Tone::Muted)),
    };
    let (words, tone) = words;
    canvas.write(head.shrink(1, 0), [(words.into(), theme.tone(tone))]);
    if head.height >= 2 {
        let mut second: Vec<Span<'_>> = Vec::new();
        if !profile.is_empty() {
            second.push((format!("the last exchange of {profile}").into(), theme.muted()));
        }
        if let Some(skew) = row.and_then(|row| skew_words(row.skew)) {
            second.push((format!(" · server clock {skew}").into(), theme.tone(Tone::Warn)));
        }
        canvas.write(head.shrink(1, 0).below(1), second);
    }
    if head.height >= 3 && !layout.bordered() {
        canvas.write(head.shrink(1, 0).below(2), tabs(model, theme).into_iter().skip(1));
    }
    let area = layout.raw_text();
    let lines = sheet.lines.iter().skip(model.inspector.cursor.offset).take(usize::from(area.height));
    for (row, line) in lines.enumerate() {
        let spans: [Span<'_>; 2] =
            [(line.head.as_str().into(), theme.muted()), (line.text.as_str().into(), theme.tone(line.tone))];
        canvas.write(area.below(row as u16), spans);
    }
}

fn has_exp(token: &Token) -> bool {
    matches!(token.form(), Form::Jws(jws) if jws.dates.exp.is_some())
}

/// What is known of the signature, in words: nothing here is verified.
fn signature<'a>(row: &'a Row, theme: Theme) -> Vec<Span<'a>> {
    let algorithm = || row.algorithm.clone().unwrap_or_else(|| "no alg".to_owned());
    let unsigned = |alg: &String| alg.eq_ignore_ascii_case("none");
    let (words, tone, detail) = match row.token.form() {
        Form::Jws(_) if row.algorithm.as_ref().is_some_and(unsigned) => {
            ("▲ not signed", Tone::Warn, "alg none".to_owned())
        }
        Form::Jws(jws) if jws.signature.is_empty() => ("▲ the signature is missing", Tone::Warn, algorithm()),
        Form::Jws(_) => ("decoded, not verified", Tone::Plain, algorithm()),
        Form::Jwe(_) => ("encrypted, only the header can be read", Tone::Plain, algorithm()),
        Form::Opaque => {
            let length = row.token.raw().expose_secret().len();
            ("opaque, nothing to decode", Tone::Plain, format!("{length} bytes"))
        }
    };
    vec![(words.into(), theme.tone(tone)), (format!(" · {detail}").into(), theme.muted())]
}

/// `Δ exp 1795303156 → 1795303246 · 1m 30s later`: what a refresh changed.
fn change_words(change: &Change) -> String {
    let name = text::visible(change.place.trim_start_matches('/'));
    let list = |sign: &str, names: &[String]| -> String {
        names.iter().map(|name| format!(" {sign}{}", text::visible(name))).collect()
    };
    if !change.gained.is_empty() || !change.lost.is_empty() {
        return format!("Δ {name}{}{}", list("+", &change.gained), list("−", &change.lost));
    }
    let mut words = match (&change.before, &change.after) {
        (None, Some(after)) => format!("Δ {name} is new: {after}"),
        (Some(before), None) => format!("Δ {name} is gone: it was {before}"),
        (before, after) => {
            format!("Δ {name} {} → {}", before.as_deref().unwrap_or_default(), after.as_deref().unwrap_or_default())
        }
    };
    if let Some(shift) = change.shift {
        let direction = if shift < TimeDelta::zero() { "earlier" } else { "later" };
        words += &format!(" · {} {direction}", clock::span(shift));
    }
    words
}

fn sheet(model: &Model, row: &Row, sheet: Sheet<'_>, area: Area, canvas: &mut Canvas<'_>) {
    let theme = canvas.theme;
    let cursor = model.inspector.cursor;
    let focused = model.focus == Pane::Inspector;
    let width = usize::from(area.width.saturating_sub(1));
    let gutter = json::gutter(&sheet, width);
    for line in 0..area.height {
        let index = cursor.offset + usize::from(line);
        let place = area.below(line).top(1);
        let text = Area { x: place.x + 1, width: place.width.saturating_sub(1), ..place };
        let Some(item) = sheet.item(index) else {
            if let Some(remark) = sheet.remark {
                canvas.write(text, [(remark.into(), theme.muted())]);
            }
            return;
        };
        if focused && index == cursor.index {
            canvas.write(place, [("▌".into(), theme.marker(true))]);
        }
        match item {
            Item::Finding(finding) => {
                let tone = if finding.severity == Severity::Danger { Tone::Bad } else { Tone::Warn };
                let words = format!("▲ {}", text::visible(&finding.text));
                canvas.write(text, [(words.into(), theme.tone(tone))]);
            }
            Item::Defect(defect) => {
                let words = format!("▲ {} ({})", text::visible(&defect.text), text::visible(&defect.place));
                canvas.write(text, [(words.into(), theme.tone(Tone::Warn))]);
            }
            Item::Change(change) => {
                canvas.write(text, [(change_words(change).into(), theme.accent())]);
            }
            Item::Bytes(before, bytes) => {
                let spans: [Span<'_>; 2] =
                    [(format!("{before:>6}  ").into(), theme.muted()), (hex(bytes).into(), theme.plain())];
                canvas.write(text, spans);
            }
            Item::Value(json, at) => {
                let spans = json::row(model, row, (json, at), sheet.depth, (gutter, width), theme);
                canvas.write(text, spans);
            }
        }
    }
}

/// The raw token, its segments in colours. What makes it usable is masked until it is asked for.
fn raw(model: &Model, row: &Row, area: Area, canvas: &mut Canvas<'_>) {
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
