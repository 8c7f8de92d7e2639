//! The inspector: a summary in words, and the claims, the header or the raw token below it.

mod exchange;
mod foot;
mod raw;

use std::fmt::Write as _;

use super::{
    canvas::{Canvas, Span, marked},
    format, json, state,
    theme::Theme,
    verify,
};
use crate::{
    auth::TokenKind,
    token::{Form, Token, findings::Severity},
    tui::app::{
        Model, Pane,
        exchange::skew_words,
        inspector::{self, ClaimsSheet, SheetItem, Tab, hex},
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
        let style = if open { theme.heading(true) } else { theme.muted() };
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
        return exchange::draw(model, layout, canvas);
    }
    let Some(row) = model.tokens.selected() else {
        let area = layout.inner(Pane::Inspector).shrink(2, 0).below(1);
        canvas.write(area, [("the selected token is decoded here".into(), theme.muted())]);
        return;
    };
    summary(model, layout, row, head, canvas);
    match model.inspector.tab {
        Tab::Verify => verify::draw(model, layout.raw_text(), canvas),
        Tab::Raw => raw::draw(model, row, layout.raw_text(), canvas),
        _ => model.sheet().into_iter().for_each(|it| sheet(model, row, it, body, canvas)),
    }
    foot::draw(model, layout, canvas);
}

fn summary(model: &Model, layout: &Layout, row: &Row, area: Area, canvas: &mut Canvas<'_>) {
    let theme = canvas.theme;
    let (area, now) = (area.shrink(1, 0), model.shown_before(row.lifetime.expires_at));
    let state = state::by_time(model, row);
    let words = match row.profile().and_then(|name| model.profiles.row(name)?.failure.as_ref()) {
        Some(failure) => format!("{} failed: {}", failure.noun, failure.text),
        None => format::long_state(row.state(now), &row.lifetime, now),
    };
    let mut first = area;
    if let Some((full, rest)) = format::bar(&row.lifetime, now, 24).filter(|_| area.width >= 70 && !row.revoked) {
        let bar = vec![(full.into(), theme.tone(state.tone)), (rest.into(), theme.muted())];
        first.width -= canvas.write_right(first, bar) + 2;
    }
    let mut spans: Vec<Span<'_>> =
        vec![(state.sign.into(), theme.tone(state.tone)), (format!(" {words}").into(), theme.tone(state.tone))];
    let renewed = row.profile().filter(|_| row.kind == TokenKind::Access).and_then(|name| model.profiles.row(name));
    if let Some((words, tone)) = renewed.and_then(|profile| state::renewal(model, profile)) {
        spans.push((format!(" · {words}").into(), theme.tone(tone)));
    }
    canvas.write(first, spans);
    if area.height < 2 {
        return;
    }
    let mut second = verify::signature(model, row, theme);
    if let Some(made) = &row.made {
        second.push((" · ".into(), theme.muted()));
        second.push((format!("made here {made}").into(), theme.tone(Tone::Warn)));
    }
    if row.server_said.is_some() && row.server_said == row.lifetime.expires_at && !has_exp(&row.token) {
        second.push((" · expiry given only by the server".into(), theme.muted()));
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

fn has_exp(token: &Token) -> bool {
    matches!(token.form(), Form::Jws(jws) if jws.dates.exp.is_some())
}

fn sheet(model: &Model, row: &Row, sheet: ClaimsSheet<'_>, area: Area, canvas: &mut Canvas<'_>) {
    let theme = canvas.theme;
    let cursor = model.inspector.cursor;
    let focused = model.focus == Pane::Inspector;
    let width = usize::from(area.width.saturating_sub(1));
    let gutter = json::gutter(&sheet, width);
    let needle = &model.inspector.search.needle;
    for line in 0..area.height {
        let index = cursor.offset + usize::from(line);
        let place = area.below(line).top(1);
        let text = Area { x: place.x + 1, width: place.width.saturating_sub(1), ..place };
        let Some(item) = sheet.item(index) else {
            if let Some(remark) = sheet.remark {
                canvas.write(text, [(model.hint(remark), theme.muted())]);
            }
            return;
        };
        let selected = focused && index == cursor.index;
        match item {
            SheetItem::Finding(_) | SheetItem::Defect(_) | SheetItem::Change(_) => {
                let grave = matches!(item, SheetItem::Finding(finding) if finding.severity == Severity::Danger);
                let style = match item {
                    SheetItem::Change(_) => theme.mark(),
                    _ => theme.tone(if grave { Tone::Bad } else { Tone::Warn }),
                };
                canvas.write(text, marked(&item.words(), needle, style, theme));
            }
            SheetItem::Disclosure(_) => {
                let spans = marked(&item.words(), needle, theme.plain(), theme);
                canvas.write(text, std::iter::once(("disclosed  ".into(), theme.muted())).chain(spans));
            }
            SheetItem::Text(line) => {
                canvas.write(text, marked(line, needle, theme.plain(), theme));
            }
            SheetItem::Bytes(before, bytes) => {
                let spans: [Span<'_>; 2] =
                    [(format!("{before:>6}  ").into(), theme.muted()), (hex(bytes).into(), theme.plain())];
                canvas.write(text, spans);
            }
            SheetItem::Value(json, at) => {
                canvas.write(text, json::row(model, row, (json, at), &sheet, (gutter, width), theme));
            }
        }
        if selected {
            canvas.highlight(place, true);
        }
    }
}
