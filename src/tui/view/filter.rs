//! The line of a list's filter, and what is said where it leaves no row.

use super::{
    canvas::{Canvas, Span},
    dialog,
    theme::Theme,
};
use crate::tui::app::{
    Model, Pane,
    filter::narrow,
    layout::{Area, Layout},
    mode::Wanted,
    page::Tone,
};

/// What can be typed, while nothing is.
const GRAMMAR: &str =
    "words 'exact ^start !not  env: state: kind: iss: sub: aud: scope: tag: provider:  left<10m age>30d";

/// `3 of 22`: how many rows of a list its filter leaves.
pub(super) fn count(model: &Model, pane: Pane) -> String {
    let all = if pane == Pane::Profiles { model.profiles.rows.len() } else { model.tokens.rows().len() };
    format!("{} of {all}", narrow::list(model, pane).0.matches(all))
}

/// `3 of 22 /lms`: what a filter leaves, for the frame of its list. While it is typed, it stands below.
pub(super) fn heading<'a>(model: &Model, layout: &Layout, pane: Pane, theme: Theme) -> Vec<Span<'a>> {
    let Some(words) = narrow::list(model, pane).0.words() else { return Vec::new() };
    let mut spans: Vec<Span<'a>> = vec![(count(model, pane).into(), theme.plain())];
    if layout.filters[pane as usize] == 0 {
        spans.push((format!(" /{words}").into(), theme.focus()));
    }
    spans
}

/// Draws what is typed, and what is wrong with it below; without a heading, also a filter that is kept.
pub(super) fn draw(model: &Model, layout: &Layout, pane: Pane, canvas: &mut Canvas<'_>) {
    let lines = layout.filters[pane as usize];
    let (area, theme) = (layout.inner(pane).top(lines), canvas.theme);
    if area.is_empty() {
        return;
    }
    let narrowing = narrow::list(model, pane).0;
    let words = narrowing.words();
    let mut line = area.top(1);
    if words.is_some() && !layout.bordered() {
        line.width -= canvas.write_right(line, vec![(format!(" {}", count(model, pane)).into(), theme.muted())]);
    }
    let prompt: Span<'_> = ("/".into(), theme.focus());
    let Some(input) = model.modes.line(&Wanted::Filter(pane)) else {
        canvas.write(line, [prompt, (words.unwrap_or_default().into(), theme.plain())]);
        return;
    };
    let room = usize::from(line.width.saturating_sub(2)).max(1);
    let typed = dialog::typed(input, usize::MAX, room, theme);
    let grammar = if input.text().is_empty() { GRAMMAR } else { "" };
    canvas.write(line, std::iter::once(prompt).chain(typed).chain([(grammar.into(), theme.muted())]));
    if let Some(mistake) = narrowing.mistake() {
        canvas.write(area.below(1), [(format!("▲ {mistake}").into(), theme.tone(Tone::Warn))]);
    }
}

/// Says that the filter leaves no row, and which key shows all. Whether it does.
pub(super) fn none(model: &Model, layout: &Layout, pane: Pane, canvas: &mut Canvas<'_>) -> bool {
    let narrowing = narrow::list(model, pane).0;
    let all = if pane == Pane::Profiles { model.profiles.rows.len() } else { model.tokens.rows().len() };
    let Some(words) = narrowing.words().filter(|_| all > 0 && narrowing.len(all) == 0) else { return false };
    let Area { height, .. } = layout.list(pane);
    let area = layout.list(pane).shrink(1, 0).below(u16::from(height > 4));
    let typed = model.modes.line(&Wanted::Filter(pane)).is_some();
    let hint = if typed { "{key:text.cancel} shows all rows" } else { "{key:drop-filter} shows all rows" };
    let what = if pane == Pane::Profiles { "profile" } else { "token" };
    canvas.write(area, [(format!("no {what} matches {words}").into(), canvas.theme.strong())]);
    canvas.write(area.below(1), [(model.hint(hint), canvas.theme.muted())]);
    true
}
