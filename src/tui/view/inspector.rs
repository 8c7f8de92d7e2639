//! The inspector: a summary in words, and the claims, the header or the raw token below it.

mod exchange;
mod foot;
mod raw;

use std::fmt::Write as _;

use unicode_width::UnicodeWidthStr as _;

use super::{
    canvas::{Canvas, Heading, Span, marked},
    format, json, state,
    theme::Theme,
    verify,
};
use crate::{
    auth::TokenKind,
    token::{Form, Token, findings::Severity},
    tui::app::{
        Model, Pane, bars,
        exchange::skew_words,
        failure,
        inspector::{ClaimsSheet, SheetItem, Tab, hex},
        layout::{Area, Layout},
        page::Tone,
        tokens::{Owner, Row},
    },
};

/// What stands behind the name of a sheet's frame: whose token it is.
pub(super) fn heading<'a>(model: &Model, layout: &Layout, tab: Tab, theme: Theme) -> Heading<'a> {
    let title = match tab {
        _ if layout.has_tabs() => subject(model, theme),
        Tab::Claims | Tab::Raw => subject(model, theme),
        Tab::Verify => verify::heading(model, theme),
        Tab::Header | Tab::Exchange | Tab::History => Vec::new(),
    };
    Heading { title, right: Vec::new() }
}

fn subject<'a>(model: &Model, theme: Theme) -> Vec<Span<'a>> {
    let Some(subject) = model.inspected() else { return Vec::new() };
    let badge: Vec<_> = subject.badge.iter().flat_map(|badge| theme.badge(badge)).collect();
    badge.into_iter().chain([(subject.words.into(), theme.plain())]).collect()
}

/// The tabs that there is room for, the open one standing out.
pub(super) fn tabs(model: &Model, layout: &Layout, canvas: &mut Canvas<'_>) {
    let theme = canvas.theme;
    let title = if layout.bordered() { bars::title_width(model) } else { 0 };
    let (tabs, more) = bars::tabs(model, layout, title);
    let mut end = None;
    for (tab, area) in tabs {
        let open = tab == model.inspector.tab;
        let style = if open { theme.heading(true) } else { theme.muted() };
        let text = if open { format!("[{}]", tab.name()) } else { tab.name().to_owned() };
        // The line of the border does not go through the gaps.
        if layout.bordered() {
            let gaps = Area { x: area.x - 1, width: area.width + 2, ..area };
            canvas.write(gaps, [(" ".repeat(usize::from(gaps.width)).into(), theme.plain())]);
        }
        canvas.write(area, [(text.into(), style)]);
        end = Some(Area { x: area.x + area.width, width: 2, ..area });
    }
    if let Some(end) = end.filter(|_| more) {
        canvas.write(end, [(" …".into(), theme.muted())]);
    }
}

/// Draws the sheets that are on screen.
pub(super) fn draw(model: &Model, layout: &Layout, canvas: &mut Canvas<'_>) {
    for (tab, _) in layout.sheets() {
        draw_sheet(model, layout, tab, canvas);
        if !layout.bordered() {
            tabs(model, layout, canvas);
        }
    }
}

fn draw_sheet(model: &Model, layout: &Layout, tab: Tab, canvas: &mut Canvas<'_>) {
    let (head, body) = layout.parts(tab);
    match tab {
        Tab::Exchange => return exchange::draw(model, layout, canvas),
        Tab::History => return exchange::history(model, layout, canvas),
        _ => {}
    }
    let Some(row) = model.tokens.selected() else {
        if tab == model.inspector.tab || tab == Tab::Claims {
            let area = layout.sheet(tab).shrink(3, 1).below(1);
            if failed(model, layout, layout.within(layout.sheet(tab)).shrink(1, 0), canvas) > 0 {
                return;
            }
            canvas.write(area, [("The selected token is decoded here.".into(), canvas.theme.muted())]);
        }
        return;
    };
    summary(model, layout, row, head, canvas);
    match tab {
        Tab::Verify => verify::draw(model, layout.text(tab), canvas),
        Tab::Raw => raw::draw(model, row, layout.text(tab), canvas),
        _ => model.sheet_of(tab).into_iter().for_each(|it| sheet(model, row, it, body, canvas)),
    }
    if tab == model.inspector.tab {
        foot::draw(model, layout, canvas);
    }
}

fn summary(model: &Model, layout: &Layout, row: &Row, area: Area, canvas: &mut Canvas<'_>) {
    if area.is_empty() {
        return;
    }
    let area = area.shrink(1, 0);
    let failed = failed(model, layout, area, canvas);
    if failed == 0 {
        standing(model, row, area, canvas);
    }
    about(model, layout, row, area.below(failed.max(1)), canvas);
}

/// Why the last task did not work; how many lines that takes.
fn failed(model: &Model, layout: &Layout, area: Area, canvas: &mut Canvas<'_>) -> u16 {
    let (lines, theme) = (failure::banner(model, layout), canvas.theme);
    for (row, line) in lines.iter().enumerate() {
        let head = if line.tone == Tone::Bad { theme.tone(Tone::Bad) } else { theme.muted() };
        let spans = [(line.head.as_str().into(), head), (line.text.as_str().into(), theme.tone(line.tone))];
        canvas.write(area.below(row as u16).top(1), spans);
    }
    lines.len() as u16
}

/// How it stands with the token: in words, and as a bar.
fn standing(model: &Model, row: &Row, area: Area, canvas: &mut Canvas<'_>) {
    let (theme, now) = (canvas.theme, model.shown_before(row.lifetime.expires_at));
    let task = failure::task(model);
    let state = if task.is_some() { state::of_token(model, row, false) } else { state::by_time(model, row) };
    let words = match task {
        Some(task) => vec![model.task_told(task, true)],
        None if let Some(old) = row.old => {
            let forms = state::in_words(model, row);
            let told = |words: &String| format!("{} {} · {words}", old.words(), format::ago(old.replaced_at, now));
            // What was replaced is that first; what was to be revoked is it whatever came after it.
            let whole = if row.is_superseded() { forms.len() } else { 1 };
            let told: Vec<_> = forms.iter().take(whole).map(told).collect();
            told.into_iter().chain(forms.into_iter().filter(|_| !row.is_superseded())).collect()
        }
        None => state::in_words(model, row),
    };
    let told = |words: String| {
        let mut spans: Vec<Span<'_>> =
            vec![(state.sign.into(), theme.tone(state.tone)), (format!(" {words}").into(), theme.tone(state.tone))];
        let renewed = row.profile().filter(|_| row.kind == TokenKind::Access && row.old.is_none() && task.is_none());
        let renewed = renewed.and_then(|name| state::renewal(model, model.profiles.row(name)?));
        spans.extend(renewed.map(|(words, tone)| (format!(" · {words}").into(), theme.tone(tone))));
        let width: usize = spans.iter().map(|(text, _)| text.width()).sum();
        (spans, width)
    };
    // As much of the time as there is room for, and then the bar.
    let room = usize::from(area.width);
    let forms = words.into_iter().map(told);
    let (spans, used) =
        forms.reduce(|longer, shorter| if longer.1 <= room { longer } else { shorter }).unwrap_or_default();
    let bar = format::bar(&row.lifetime, now, room.saturating_sub(used + 2).min(24));
    canvas.write(area, spans);
    if let Some((full, rest)) = bar.filter(|_| used + 8 <= room && !row.revoked && task.is_none()) {
        canvas.write_right(area, vec![(full.into(), theme.tone(state.tone)), (rest.into(), theme.muted())]);
    }
}

/// What else there is to say about a token.
fn about(model: &Model, layout: &Layout, row: &Row, area: Area, canvas: &mut Canvas<'_>) {
    let theme = canvas.theme;
    if area.is_empty() {
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
    canvas.write(area, second);
    if area.height < 2 {
        return;
    }
    if layout.bordered() {
        let scheme = row.scheme.as_str();
        let mut words = format!("{} · Authorization: {scheme}", row.words());
        match &row.owner {
            Owner::Profile(_) => _ = write!(words, " · fingerprint {}", row.fingerprint),
            Owner::Program(keeper) => words = format!("{} · fingerprint {}", keeper.words(), row.fingerprint),
            Owner::Source(_) => {}
        }
        canvas.write(area.below(1), [(words.into(), theme.muted())]);
    }
}

fn has_exp(token: &Token) -> bool {
    matches!(token.form(), Form::Jws(jws) if jws.dates.exp.is_some())
}

fn sheet(model: &Model, row: &Row, sheet: ClaimsSheet<'_>, area: Area, canvas: &mut Canvas<'_>) {
    let theme = canvas.theme;
    let cursor = model.inspector.place(sheet.tab);
    let focused = model.focus == Pane::Inspector && sheet.tab == model.inspector.tab;
    let width = usize::from(area.width.saturating_sub(1));
    let gutter = sheet.gutter(width);
    let needle = &model.inspector.search.needle;
    for line in 0..area.height {
        let index = cursor.offset + usize::from(line);
        let place = area.below(line).top(1);
        let text = Area { x: place.x + 1, width: place.width.saturating_sub(1), ..place };
        let Some(item) = sheet.item(index) else {
            if let Some(remark) = sheet.remark {
                canvas.write(text, [(model.keyed(remark), theme.muted())]);
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
