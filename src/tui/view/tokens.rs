//! The token list: state, owner, kind, subject, what is left.

use ratatui::style::Style;
use unicode_width::UnicodeWidthStr as _;

use super::{
    canvas::{Canvas, Heading, Span, pad},
    filter, format,
    theme::Theme,
    verify,
};
use crate::token::{Form, Format};
use crate::tui::app::{
    Model, Pane,
    layout::{Area, Layout},
    page::Tone,
    tokens::{Owner, Row},
    welcome,
};

/// The widths of the columns that fit.
struct Columns {
    /// The badge of the environment, where there is one to tell; as wide as it is where it is protected.
    badge: usize,
    owner: usize,
    kind: usize,
    subject: usize,
    left: usize,
    bar: usize,
}

impl Columns {
    /// The marker and the sign take three columns; each column ends in a blank.
    fn of(model: &Model, area: Area) -> Self {
        let width = area.width;
        let shown = || model.tokens.on_screen(area.height.into()).map(|(_, row)| row);
        let badge = match width {
            34.. => model.profiles.rows.iter().any(|row| row.environment.is_some()),
            _ => shown().any(|row| row.profile().is_some_and(|name| model.guard(name).is_some())),
        };
        let badge = if badge { 5 } else { 0 };
        let width = usize::from(width).saturating_sub(3 + badge);
        let kind = if width >= 30 { 8 } else { 0 };
        let bar = match width {
            80.. => 20,
            60.. => 12,
            48.. => 8,
            _ => 0,
        };
        let left = if width >= 60 { 17 } else { 9 };
        let rest = width.saturating_sub(kind + left + bar);
        let owner = if rest >= 22 { (rest / 2).min(24) } else { rest };
        Self { badge, owner, kind, subject: rest - owner, left, bar }
    }
}

/// What stands in the frame behind the name: how many there are, or what the filter leaves.
pub(super) fn heading<'a>(model: &Model, layout: &Layout, theme: Theme) -> Heading<'a> {
    let mut title = filter::heading(model, layout, Pane::Tokens, theme);
    let total = model.tokens.rows().len();
    if title.is_empty() && total > 0 {
        title.push((format!("{} of {total}", model.tokens.cursor.index.saturating_add(1)).into(), theme.muted()));
    }
    Heading { title, right: Vec::new() }
}

/// Draws the heads and the rows that are on screen.
pub(super) fn draw(model: &Model, layout: &Layout, canvas: &mut Canvas<'_>) {
    let area = layout.token_rows();
    if model.tokens.rows().is_empty() {
        return empty(model, layout.inner(Pane::Tokens), canvas);
    }
    filter::draw(model, layout, Pane::Tokens, canvas);
    if filter::none(model, layout, Pane::Tokens, canvas) {
        return;
    }
    let columns = Columns::of(model, area);
    let inner = layout.list(Pane::Tokens);
    if inner.height > area.height {
        let Columns { badge, owner, kind, subject, .. } = columns;
        let heads = [("env", badge), ("from", owner), ("kind", kind), ("subject", subject)];
        let mut text = "   ".to_owned();
        heads.iter().for_each(|(head, columns)| text.push_str(&pad(head, *columns)));
        text.push_str(if columns.left > 10 { "expires in" } else { "expires" });
        canvas.write(inner.top(1), [(text.into(), canvas.theme.muted())]);
    }
    let cursor = model.tokens.cursor.index;
    for (line, (index, row)) in model.tokens.on_screen(usize::from(area.height)).enumerate() {
        draw_row(model, row, index == cursor, &columns, area.below(line as u16).top(1), canvas);
    }
}

fn draw_row(model: &Model, row: &Row, selected: bool, columns: &Columns, area: Area, canvas: &mut Canvas<'_>) {
    let theme = canvas.theme;
    let (focused, now) = (model.focus == Pane::Tokens, model.shown_before(row.lifetime.expires_at));
    let state = format::state(row.state(now), &row.lifetime, now);
    let style = if selected && focused { theme.strong() } else { theme.plain() };
    let owner = match &row.owner {
        Owner::Profile(name) => name.as_str(),
        Owner::Source(source) => source,
    };
    let marker = if selected { "▌" } else { " " };
    let mark = if model.tokens.is_marked(row) { ("◆", theme.mark()) } else { (" ", style) };
    let mut spans: Vec<Span<'_>> = vec![
        (marker.into(), theme.marker(focused)),
        (state.sign.into(), theme.tone(state.tone)),
        (mark.0.into(), mark.1),
    ];
    spans.extend(badge(model, row, columns.badge, theme));
    spans.push((gap(owner, columns.owner).into(), style));
    spans.push((gap(&row.kind.to_string(), columns.kind).into(), style));
    match verify::mark(model, row, columns.subject) {
        Some((mark, tone)) => {
            let used = (mark.chars().count() + 1).min(columns.subject);
            let subject = subject(row, columns.subject - used, style, theme);
            let mark = (gap(mark, used).into(), theme.tone(tone));
            // A sign alone stands before the subject: behind it, it would seem to belong to what follows.
            spans.extend(if used > 2 { [subject, mark] } else { [mark, subject] });
        }
        None => spans.push(subject(row, columns.subject, style, theme)),
    }
    match row.profile().and_then(|profile| model.tasks.of(profile)) {
        Some(task) => spans.push((format::task(model, task).into(), theme.renew())),
        None => {
            let tone = if state.tone == Tone::Good { Tone::Plain } else { state.tone };
            spans.push((gap(&state.words, columns.left).into(), theme.tone(tone)));
            if let Some((full, rest)) = format::bar(&row.lifetime, now, columns.bar).filter(|_| !row.revoked) {
                spans.push((full.into(), theme.tone(state.tone)));
                spans.push((rest.into(), theme.muted()));
            }
        }
    }
    canvas.write(area, spans);
}

/// The badge of its profile's environment in its column, which has room for a protected one at every width.
fn badge(model: &Model, row: &Row, columns: usize, theme: Theme) -> Vec<Span<'static>> {
    let badge = row.profile().and_then(|name| model.badge(name)).filter(|_| columns > 0);
    let used = badge.as_ref().map_or(0, |badge| badge.text.width() + 1);
    let rest = (" ".repeat(columns.saturating_sub(used)).into(), theme.plain());
    badge.iter().flat_map(|badge| theme.badge(badge)).chain([rest]).collect()
}

/// Whose token it is; where it does not say, what tells it from others.
fn subject<'a>(row: &Row, columns: usize, style: Style, theme: Theme) -> Span<'a> {
    let (words, style) = match row.token.form() {
        _ if !row.subject.is_empty() => (row.subject.clone(), style),
        Form::Jws(_) => (row.token.media_type().map_or("no sub", |found| found.name).to_owned(), theme.muted()),
        form => {
            let word = row.token.format().map_or(form.as_str(), Format::as_str);
            (format!("{word} {}", row.fingerprint), theme.muted())
        }
    };
    (gap(&words, columns).into(), style)
}

/// A text in a column that ends in a blank.
fn gap(text: &str, columns: usize) -> String {
    match columns {
        0 => String::new(),
        columns => format!("{} ", pad(text, columns - 1)),
    }
}

fn empty(model: &Model, area: Area, canvas: &mut Canvas<'_>) {
    if welcome::is_shown(model) {
        return super::welcome::draw(model, area, canvas);
    }
    let theme = canvas.theme;
    let area = area.shrink(2, 0).below(u16::from(area.height > 4));
    let (title, hints) = match (model.tasks.opening(), model.vault.is_locked()) {
        (Some(_), _) => ("unlocking the vault …", ["pasted tokens need no vault:", "paste one anywhere, at any time"]),
        (None, true) => ("the vault is locked", ["{key:unlock} unlocks it", "pasted tokens need no vault"]),
        (None, false) => {
            ("no tokens yet", ["paste one: anywhere, at any time", "or {key:log-in} logs in with a profile"])
        }
    };
    canvas.write(area, [(title.into(), theme.strong())]);
    for (line, hint) in hints.into_iter().enumerate() {
        canvas.write(area.below(1 + line as u16), [(model.hint(hint), theme.muted())]);
    }
}
