//! The line of a list's filter, and what is said where it leaves no row.

use super::{
    canvas::{Canvas, Span},
    dialog,
};
use crate::tui::app::{
    Model, Pane,
    layout::{Area, Layout},
    mode::Wanted,
    mouse::Target,
    page::Tone,
};

/// What can be typed, while nothing is.
const GRAMMAR: &str =
    "words 'exact ^start !not  env: state: kind: iss: sub: aud: scope: tag: provider:  left<10m age>30d";

/// What can be typed, in more words.
const HELP: [&str; 4] = [
    "words:  fuzzy, all must match   'exact  ^start  !not",
    "fields: env: state: kind: iss: sub: aud: scope: tag: provider:",
    "time:   left<10m  left>1h  age>30d",
    "kept, {key:keep-filter} makes it a view in the tree",
];
/// Stands before the last line, where there are any.
const EARLIER: &str = "{key:earlier} earlier filters   ";

/// Says below the rows what can be typed, where they leave room for it.
pub(super) fn help(model: &Model, layout: &Layout, canvas: &mut Canvas<'_>) {
    let rows = layout.token_rows();
    let shown = u16::try_from(model.tokens.narrowing.shown().len().max(2)).unwrap_or(u16::MAX);
    let lines = HELP.len() as u16;
    if model.modes.line(&Wanted::Filter).is_none() || shown.saturating_add(lines) >= rows.height {
        return;
    }
    let area = rows.below(rows.height - lines).shrink(1, 0);
    for (line, words) in HELP.into_iter().enumerate() {
        let earlier = (line + 1 == HELP.len()).then(|| model.hint_that_works(EARLIER)).flatten().unwrap_or_default();
        let muted = canvas.theme.muted();
        canvas.write(area.below(line as u16).top(1), [(earlier, muted), (model.hint(words), muted)]);
    }
}

/// Draws what is typed, and what is wrong with it below; without a heading, also a filter that is kept.
pub(super) fn draw(model: &Model, layout: &Layout, canvas: &mut Canvas<'_>) {
    let lines = layout.filters[Pane::Tokens as usize];
    let (area, theme) = (layout.inner(Pane::Tokens).top(lines), canvas.theme);
    if area.is_empty() {
        return;
    }
    let narrowing = &model.tokens.narrowing;
    let words = narrowing.words();
    let mut line = area.top(1);
    if words.is_some() && !layout.bordered() {
        let count = format!(" {} of {}", narrowing.matches(), narrowing.len());
        line.width -= canvas.write_right(line, vec![(count.into(), theme.muted())]);
    }
    let prompt: Span<'_> = ("/".into(), theme.focus());
    let Some(input) = model.modes.line(&Wanted::Filter) else {
        canvas.write(line, [prompt, (words.unwrap_or_default().into(), theme.plain())]);
        return;
    };
    let room = usize::from(line.width.saturating_sub(2)).max(1);
    let typed = dialog::typed(input, usize::MAX, room, theme);
    let grammar = if input.text().is_empty() { GRAMMAR } else { "" };
    canvas.target(line.from(line.x + 1), Target::Typed(dialog::first(input, room)));
    canvas.write(line, std::iter::once(prompt).chain(typed).chain([(grammar.into(), theme.muted())]));
    if let Some(mistake) = narrowing.mistake() {
        canvas.write(area.below(1), [(format!("▲ {mistake}").into(), theme.tone(Tone::Warn))]);
    }
}

/// Says that the filter leaves no row, and which key shows all. Whether it does.
pub(super) fn none(model: &Model, layout: &Layout, canvas: &mut Canvas<'_>) -> bool {
    let narrowing = &model.tokens.narrowing;
    let Some(words) = narrowing.words().filter(|_| narrowing.leaves_none()) else { return false };
    let Area { height, .. } = layout.list(Pane::Tokens);
    let area = layout.list(Pane::Tokens).shrink(1, 0).below(u16::from(height > 4));
    let typed = model.modes.line(&Wanted::Filter).is_some();
    let hint = if typed { "{key:text.cancel} shows all rows" } else { "{key:drop-filter} shows all rows" };
    canvas.write(area, [(format!("no token matches {words}").into(), canvas.theme.strong())]);
    canvas.write(area.below(1), [(model.keyed_that_works(hint).unwrap_or_default(), canvas.theme.muted())]);
    true
}
