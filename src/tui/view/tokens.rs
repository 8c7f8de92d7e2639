//! The tokens of the scope: state, environment, profile, kind, what is left, subject, and more where there is room.

use ratatui::style::Style;
use unicode_width::UnicodeWidthStr as _;

use super::{
    canvas::{Canvas, Heading, Span, apart, middle, pad},
    filter, format, state,
    theme::Theme,
    verify,
};
use crate::auth::TokenKind;
use crate::token::{Form, Format, lifetime::TimeState};
use crate::tui::app::{
    Model, Pane,
    layout::{Area, Layout},
    mouse::Target,
    page::{Tone, write::wrap},
    scope::Scope,
    tokens::{
        Row, SEPARATOR,
        columns::{Column, Columns},
    },
    welcome,
};

/// What stands behind the pane's name, and at the right end.
pub(super) fn heading<'a>(model: &Model, layout: &Layout, theme: Theme) -> Heading<'a> {
    let narrowing = &model.tokens.narrowing;
    let mut left: Vec<Span<'_>> = Vec::new();
    let line = model.tree.line();
    let badge = line.and_then(|line| line.badge.as_ref()).filter(|badge| badge.protected);
    left.extend(badge.into_iter().flat_map(|badge| theme.badge(badge)));
    if let Some(line) = line.filter(|line| badge.is_none_or(|badge| !badge.text.eq_ignore_ascii_case(&line.label))) {
        left.push((format!("{} ", line.label).into(), theme.plain()));
    }
    let of_profile = matches!(model.tree.scope(), Scope::Profile(_));
    let profiles = line.map_or(0, |line| model.tree.profiles(line).len());
    match narrowing.words() {
        Some(words) => {
            let found = if narrowing.is_finding() { "…".to_owned() } else { narrowing.matches().to_string() };
            left.push((format!(" {found} of {}", narrowing.len()).into(), theme.plain()));
            // While it is typed, it stands below.
            let words = if layout.filters[Pane::Tokens as usize] == 0 { format!(" /{words}") } else { String::new() };
            left.push((words.into(), theme.focus()));
        }
        None if profiles > 0 && !of_profile => {
            let profiles = if profiles == 1 { "1 profile".to_owned() } else { format!("{profiles} profiles") };
            left.push((format!(" {} · {profiles}", narrowing.len()).into(), theme.muted()));
        }
        None => left.push((format!(" {}", narrowing.len()).into(), theme.muted())),
    }
    let right = match model.marks.words() {
        Some(words) => (words.into(), theme.mark()),
        None => (format!("sort: {}", narrowing.sort.words()).into(), theme.muted()),
    };
    Heading { title: left, right: vec![right] }
}

/// Draws the heads and the rows that are on screen.
pub(super) fn draw(model: &Model, layout: &Layout, canvas: &mut Canvas<'_>) {
    let area = layout.token_rows();
    filter::draw(model, layout, canvas);
    filter::help(model, layout, canvas);
    if filter::none(model, layout, canvas) {
        return;
    }
    if model.tokens.narrowing.shown().is_empty() {
        return empty(model, layout.list(Pane::Tokens), canvas);
    }
    let columns = Columns::of(model, area);
    let inner = layout.list(Pane::Tokens);
    if inner.height > area.height {
        for (column, place) in cells(&columns, inner.top(1)) {
            let (head, width) = (columns.head(column), usize::from(place.width));
            let head = if column == Column::Left { format!("{head:>width$}") } else { head };
            canvas.write(place, [(head.into(), canvas.theme.muted())]);
            canvas.target(place, column.sorts().map(Target::Sort));
        }
    }
    let cursor = model.tokens.cursor.index;
    for (line, (index, row)) in model.tokens.on_screen(usize::from(area.height)).enumerate() {
        draw_row(model, row, index == cursor, &columns, (area, line as u16), canvas);
    }
}

/// The cells of the columns in a line.
fn cells(columns: &Columns, line: Area) -> impl Iterator<Item = (Column, Area)> + use<> {
    let place = move |(column, cells): (Column, std::ops::Range<u16>)| {
        (column, Area { x: line.x + cells.start, width: cells.end - cells.start, ..line })
    };
    columns.cells().map(place)
}

fn draw_row(
    model: &Model,
    row: &Row,
    selected: bool,
    columns: &Columns,
    (rows, line): (Area, u16),
    canvas: &mut Canvas<'_>,
) {
    let (theme, area) = (canvas.theme, rows.below(line).top(1));
    let (focused, now) = (model.focus == Pane::Tokens, model.shown_before(row.lifetime.expires_at));
    let told = state::of_token(model, row, false);
    let style = match row {
        _ if selected && focused => theme.strong(),
        row if row.is_superseded() => theme.muted(),
        _ => theme.plain(),
    };
    let mut signs: Vec<Span<'_>> = vec![(" ".into(), theme.plain())];
    if columns.marks {
        let mark = match row {
            row if model.marks.has_token(row.id) => "◆",
            row if model.tokens.is_marked(row) => "◇",
            _ => " ",
        };
        signs.push((mark.into(), theme.mark()));
    }
    signs.push((told.sign.into(), theme.tone(told.tone)));
    canvas.write(area, signs);
    for (column, place) in cells(columns, area) {
        let width = usize::from(place.width);
        let text = |text: Option<&str>, style| vec![(middle(text.unwrap_or_default(), width).into(), style)];
        let spans: Vec<Span<'_>> = match column {
            Column::Badge => badge(model, row, theme),
            Column::Name => {
                let narrowing = &model.tokens.narrowing;
                let folded = narrowing.folded(row.id).map(|folded| folded.words()).unwrap_or_default();
                let room = width.saturating_sub(folded.width());
                let name = apart(row.name(), &narrowing.needs().names, room);
                if !folded.is_empty() {
                    let shown = model.tokens.cursor.offset + usize::from(line);
                    let sign = place.from(place.x + 1 + name.width() as u16);
                    let width = (folded.width() as u16).saturating_sub(1).min(sign.width);
                    canvas.target(Area { width, ..sign }, Target::Replaced(shown));
                }
                vec![(name.into(), style), (folded.into(), theme.muted())]
            }
            Column::Kind => vec![(kind(row, width).into(), style)],
            Column::Left => {
                let tone = if told.tone == Tone::Good { Tone::Plain } else { told.tone };
                vec![(format!("{:>width$}", middle(&told.left, width)).into(), theme.tone(tone))]
            }
            Column::Subject => subject(model, row, width, style, theme),
            Column::Issuer => text(row.issuer.as_deref(), style),
            Column::Life => {
                let (full, rest) =
                    format::bar(&row.lifetime, now, width).filter(|_| !row.revoked).unwrap_or_else(|| {
                        let over = row.revoked || row.lifetime.state(now) == TimeState::Expired;
                        (String::new(), if over { "─".repeat(width) } else { String::new() })
                    });
                vec![(full.into(), theme.tone(told.tone)), (rest.into(), theme.muted())]
            }
            Column::Audience => text(row.audience.as_deref(), theme.muted()),
            Column::Scope => text(row.scope.as_deref(), theme.muted()),
            Column::Fingerprint => vec![(row.fingerprint.to_string().into(), theme.muted())],
        };
        canvas.write(place, spans);
    }
    if selected {
        canvas.highlight(area, focused);
    }
}

/// What the token is for; of one that nobody said it of, its form.
fn kind(row: &Row, width: usize) -> &'static str {
    let (short, long) = match (row.kind, row.token.form()) {
        (TokenKind::Access, _) => ("acc", "access"),
        (TokenKind::Refresh, _) => ("ref", "refresh"),
        (TokenKind::Id, _) => ("id", "id"),
        (TokenKind::Unknown, Form::Jws(_)) => ("jwt", "jwt"),
        (TokenKind::Unknown, Form::Jwe(_)) => ("jwe", "jwe"),
        (TokenKind::Unknown, Form::Opaque) => ("opaq", "opaque"),
    };
    if width < 7 { short } else { long }
}

/// The badge of its profile's environment in its column, which has room for a protected one at every width.
fn badge(model: &Model, row: &Row, theme: Theme) -> Vec<Span<'static>> {
    match row.profile().map(|name| model.badge(name)) {
        Some(Some(badge)) => theme.badge(&badge).into_iter().take(1).collect(),
        Some(None) => vec![("none".into(), theme.muted())],
        None => Vec::new(),
    }
}

/// Whose token it is; where it does not say, what tells it from others. With what is known of its signature.
fn subject<'a>(model: &Model, row: &Row, width: usize, style: Style, theme: Theme) -> Vec<Span<'a>> {
    let (words, style) = match row.token.form() {
        _ if !row.subject.is_empty() => (row.subject.clone(), style),
        Form::Jws(_) => (row.token.media_type().map_or("no sub", |found| found.name).to_owned(), theme.muted()),
        form => {
            let word = row.token.format().map_or(form.as_str(), Format::as_str);
            (format!("{word} {}", row.fingerprint), theme.muted())
        }
    };
    let Some((mark, tone)) = verify::mark(model, row, width) else {
        return vec![(whose(&words, width).into(), style)];
    };
    let used = (mark.chars().count() + 1).min(width);
    let rest = width - used;
    let mark = (pad(mark, used).into(), theme.tone(tone));
    let words = |room| (pad(&whose(&words, rest), room).into(), style);
    // A sign alone stands before the subject: behind it, it would seem to belong to what follows.
    if used > 2 { vec![words(rest), (" ".into(), style), mark] } else { vec![mark, words(rest)] }
}

/// `ada · 5c10…ef79`, `ada`: of an account and an id the id is cut, or left out.
fn whose(words: &str, width: usize) -> String {
    match words.split_once(SEPARATOR).map(|(account, id)| (account, id, account.width() + SEPARATOR.width())) {
        Some((account, id, used)) if used + 5 <= width => format!("{account}{SEPARATOR}{}", middle(id, width - used)),
        Some((account, ..)) if account.width() <= width && words.width() > width => account.to_owned(),
        _ => middle(words, width),
    }
}

fn empty(model: &Model, area: Area, canvas: &mut Canvas<'_>) {
    if welcome::is_shown(model) {
        return super::welcome::draw(model, area, canvas);
    }
    let theme = canvas.theme;
    let area = area.shrink(2, 0).below(u16::from(area.height > 4));
    let nothing = model.tokens.rows().is_empty();
    let (title, hints): (String, [&str; 2]) = match (model.tree.scope(), model.tasks.opening()) {
        (_, Some(_)) if nothing => {
            ("unlocking the vault …".to_owned(), ["pasted tokens need no vault:", "paste one anywhere, at any time"])
        }
        (_, None) if nothing && model.vault.is_locked() => {
            ("the vault is locked".to_owned(), ["{key:unlock} unlocks it", "pasted tokens need no vault"])
        }
        (Scope::Attention, _) => ("nothing needs attention".to_owned(), ["", ""]),
        (Scope::Profile(name), _) => {
            (format!("no tokens of {name}"), ["{key:log-in} logs in", "{key:profiles.details} shows the profile"])
        }
        (Scope::Environment(_), _) => ("no tokens here yet".to_owned(), ["{key:log-in} logs in with its profiles", ""]),
        _ => {
            let login = "or {key:go-to-profiles} chooses a profile and {key:log-in} logs in";
            ("no tokens yet".to_owned(), ["paste one: anywhere, at any time", login])
        }
    };
    canvas.write(area, [(title.into(), theme.strong())]);
    for (line, hint) in hints.into_iter().filter_map(|hint| model.keyed_that_works(hint)).enumerate() {
        canvas.write(area.below(1 + line as u16), [(hint, theme.muted())]);
    }
    let profile = model.target().filter(|_| matches!(model.tree.scope(), Scope::Profile(_)));
    let Some(profile) = profile else { return };
    let said = match &profile.failure {
        // The inspector tells it whole.
        Some(_) if model.layout().sheets().next().is_some() => return,
        Some(failure) => format!("{} failed: {}", failure.noun, failure.text),
        None if profile.descriptor.is_none() => profile.title(),
        None => return,
    };
    for (row, part) in wrap(&said, area.width.into()).into_iter().enumerate() {
        canvas.write(area.below(4 + row as u16), [(part.to_owned().into(), theme.tone(Tone::Bad))]);
    }
}
