//! The profiles pane.

use unicode_width::UnicodeWidthStr as _;

use super::{
    canvas::{Canvas, Heading, Span},
    filter, format,
    theme::Theme,
};
use crate::tui::app::{
    Model, Pane,
    layout::{Area, Layout},
    page::Tone,
    profiles::ProfileRow,
    renewal::{self, Plan, Stop},
    tokens::RowState,
};

/// What stands in the frame behind the name: what the filter leaves.
pub(super) fn heading<'a>(model: &Model, layout: &Layout, theme: Theme) -> Heading<'a> {
    Heading { title: filter::heading(model, layout, Pane::Profiles, theme), right: Vec::new() }
}

/// Draws the profiles that are on screen.
pub(super) fn draw(model: &Model, layout: &Layout, canvas: &mut Canvas<'_>) {
    let area = layout.list(Pane::Profiles);
    if model.profiles.rows.is_empty() {
        return empty(model, area, canvas);
    }
    filter::draw(model, layout, Pane::Profiles, canvas);
    if filter::none(model, layout, Pane::Profiles, canvas) {
        return;
    }
    let lines = layout.profile_lines();
    let cursor = model.profiles.cursor.index;
    for (place, (index, row)) in model.profiles.on_screen(layout.page(Pane::Profiles)).enumerate() {
        let area = area.below(place as u16 * lines).top(lines);
        draw_row(model, row, index == cursor, area, canvas);
    }
}

fn draw_row(model: &Model, row: &ProfileRow, selected: bool, area: Area, canvas: &mut Canvas<'_>) {
    let theme = canvas.theme;
    let focused = model.focus == Pane::Profiles;
    if selected {
        for line in 0..area.height {
            canvas.write(area.below(line), [("▌".into(), theme.marker(focused))]);
        }
    }
    let text = Area { x: area.x + 2, width: area.width.saturating_sub(3), ..area };
    let name_style = if selected && focused { theme.strong() } else { theme.plain() };
    // The badge of a protected environment is never cut.
    let guard = model.guard(&row.profile.name);
    let badge_width = guard.as_ref().map_or(0, |badge| badge.text.width() + 1);
    let mut name: Vec<Span<'_>> = guard.iter().flat_map(|badge| theme.badge(badge)).collect();
    name.push((row.profile.name.as_str().into(), name_style));
    let mut first = text.top(1);
    if area.height == 1 {
        // One line: the name wins over the state's words.
        let (sign, words, tone) = status(model, row);
        let words = if stopped(model, row) { "log in".to_owned() } else { words };
        let used = badge_width + row.profile.name.as_str().chars().count() + 1;
        let room = usize::from(text.width).saturating_sub(used);
        let state = (format!("{sign} {words}"), tone);
        let next = next_refresh(model, row);
        let mut said = vec![vec![state.clone()], vec![(sign.clone(), tone)]];
        if let Some((next, how)) = next {
            let gap = |text: &str| (format!(" {text}"), how);
            said = vec![vec![state, gap(&next)], vec![(sign.clone(), tone), gap(&next)], vec![(sign, tone)]];
        }
        let width = |spans: &[(String, Tone)]| spans.iter().map(|(text, _)| text.chars().count()).sum::<usize>();
        let last = said.pop().unwrap_or_default();
        let spans = said.into_iter().find(|spans| width(spans) <= room).unwrap_or(last);
        let spans = spans.into_iter().map(|(text, tone)| (text.into(), theme.tone(tone))).collect();
        first.width -= canvas.write_right(first, spans);
        canvas.write(Area { width: first.width.saturating_sub(1), ..first }, name);
        return;
    }
    // What the badge says already is not said twice.
    let said =
        |environment: &&String| guard.as_ref().is_none_or(|badge| !environment.eq_ignore_ascii_case(&badge.text));
    if let Some(environment) = row.environment.as_ref().filter(said) {
        let space =
            Area { x: first.x + badge_width as u16, width: first.width.saturating_sub(badge_width as u16), ..first };
        let used = canvas.write_right(space, vec![(environment.as_str().into(), theme.muted())]);
        first.width = first.width.saturating_sub(used + 1);
    }
    canvas.write(first, name);
    let (sign, words, tone) = status(model, row);
    let second = text.below(1);
    if row.descriptor.is_none() {
        canvas.write(second, [(row.title().into(), theme.tone(Tone::Warn))]);
        return;
    }
    if model.tasks.of(&row.profile.name).is_some()
        || row.failure.is_some()
        || row.unsaved().is_some()
        || stopped(model, row)
    {
        canvas.write(second, [(format!("{sign} {words}").into(), theme.tone(tone))]);
        return;
    }
    let mut spans: Vec<Span<'_>> = vec![(format!("{sign} {words}").into(), theme.tone(tone))];
    if let Some((next, tone)) = next_refresh(model, row) {
        spans.push((format!(" {next}").into(), theme.tone(tone)));
    }
    let used = canvas.write_right(second, spans);
    let rest = Area { width: second.width.saturating_sub(used + 1), ..second };
    canvas.write(rest, [(row.title().into(), theme.muted())]);
}

/// When the next refresh comes by itself, where nothing else is to be said first.
fn next_refresh(model: &Model, row: &ProfileRow) -> Option<(String, Tone)> {
    let idle = model.tasks.of(&row.profile.name).is_none() && row.failure.is_none();
    idle.then(|| format::renewal(model, row)).flatten()
}

fn stopped(model: &Model, row: &ProfileRow) -> bool {
    row.facts.condition.retired.is_some() || renewal::plan(model, row) == Plan::Stopped(Stop::SignIn)
}

/// What the profile is up to: its task, its last failure, or the state of its access token.
fn status(model: &Model, row: &ProfileRow) -> (String, String, Tone) {
    if let Some(task) = model.tasks.of(&row.profile.name) {
        let words = format::task(model, task);
        let (sign, words) = words.split_once(' ').unwrap_or_default();
        return (sign.to_owned(), words.to_owned(), Tone::Renew);
    }
    if stopped(model, row) {
        return ("✖".to_owned(), "needs you: log in again".to_owned(), Tone::Bad);
    }
    if row.facts.condition.doubt.is_some() {
        return ("▲".to_owned(), "ID token is not valid".to_owned(), Tone::Warn);
    }
    if let Some(failure) = &row.failure {
        let words = failure.text.strip_prefix("the server ").unwrap_or(&failure.text);
        return ("✖".to_owned(), words.to_owned(), Tone::Bad);
    }
    if row.unsaved().is_some() {
        return ("✖".to_owned(), "unsaved".to_owned(), Tone::Bad);
    }
    if model.vault.is_locked() && row.holding.is_none() {
        return ("○".to_owned(), "locked".to_owned(), Tone::Muted);
    }
    let Some(holding) = &row.holding else { return ("○".to_owned(), "no token".to_owned(), Tone::Muted) };
    let state = match holding.revoked {
        true => RowState::Alive,
        false => RowState::Time(holding.lifetime.state(model.shown_now())),
    };
    let state = format::state(state, &holding.lifetime, model.shown_before(holding.lifetime.expires_at));
    (state.sign.to_owned(), state.words, state.tone)
}

fn empty(model: &Model, area: Area, canvas: &mut Canvas<'_>) {
    let theme = canvas.theme;
    let area = area.shrink(1, 0);
    let lines = match &model.profiles.problem {
        Some(problem) => vec![problem.into(), model.hint("{key:reload} reloads them")],
        None => vec![
            "no profiles yet".into(),
            model.hint("{key:profiles.new} creates one"),
            model.hint("{key:profiles.import} imports some"),
            "or paste a token".into(),
        ],
    };
    for (line, text) in lines.into_iter().enumerate() {
        canvas.write(area.below(line as u16), [(text, theme.muted())]);
    }
}
