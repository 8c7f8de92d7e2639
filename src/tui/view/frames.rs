//! The frames of the panes: borders that neighbours share, titles in them, and a thumb where there is more than fits.

use super::{
    canvas::{Canvas, Heading, Span},
    inspector, profiles, tokens,
};
use crate::tui::app::{
    Model, Pane,
    inspector::Tab,
    layout::{Area, Extent, Layout},
};

/// Draws the frames, where there is room for them. What is in focus comes last, so that its heavy line stands on both sides.
pub(super) fn draw(model: &Model, layout: &Layout, canvas: &mut Canvas<'_>) {
    if !layout.bordered() {
        return;
    }
    let theme = canvas.theme;
    let focused = layout.outer(model.focus);
    for frame in frames(layout).filter(|frame| *frame != focused) {
        canvas.frame(frame, false, theme.border(false));
    }
    canvas.frame(focused, true, theme.border(true));
    for pane in [Pane::Profiles, Pane::Tokens] {
        let heading = match pane {
            Pane::Profiles => profiles::heading(model, theme),
            _ => tokens::heading(model, layout, theme),
        };
        let frame = layout.outer(pane);
        title(frame, Some(pane as usize + 1), pane.name(), heading, model.focus == pane, canvas);
        thumb(model.extent(pane), Layout::track(frame), model.focus == pane, canvas);
    }
    for (tab, frame) in layout.sheets() {
        let open = model.focus == Pane::Inspector && tab == model.inspector.tab;
        let name = if layout.has_tabs() { Pane::Inspector.name() } else { tab.name() };
        let number = match tab {
            _ if layout.has_tabs() => Some(3),
            Tab::Claims | Tab::Raw => Some(3),
            Tab::Verify => Some(4),
            Tab::Header | Tab::Exchange | Tab::History => None,
        };
        title(frame, number, name, inspector::heading(model, layout, tab, theme), open, canvas);
        inspector::tabs(model, layout, canvas);
        thumb(model.sheet_extent(tab), Layout::track(frame), open, canvas);
    }
}

fn frames(layout: &Layout) -> impl Iterator<Item = Area> + use<> {
    let lists = [layout.profiles, layout.tokens].into_iter().filter(|frame| !frame.is_empty());
    lists.chain(layout.sheets().map(|(_, frame)| frame))
}

/// ` 2 Tokens  PROD  7 ───── sort: left ↑ `
fn title(frame: Area, number: Option<usize>, name: &str, heading: Heading<'_>, focused: bool, canvas: &mut Canvas<'_>) {
    let theme = canvas.theme;
    let line = Layout::heading(frame);
    let number = number.map_or_else(|| " ".to_owned(), |number| format!(" {number} "));
    let mut spans: Vec<Span<'_>> = vec![(number.into(), theme.muted()), (name.into(), theme.heading(focused))];
    if !heading.title.is_empty() {
        spans.push(("  ".into(), theme.plain()));
        spans.extend(heading.title);
    }
    spans.push((" ".into(), theme.plain()));
    let used = canvas.write(line, spans);
    if !heading.right.is_empty() {
        let rest = Area { x: line.x + used, width: line.width - used, ..line };
        let blank: Span<'_> = (" ".into(), theme.plain());
        let right = std::iter::once(blank.clone()).chain(heading.right).chain([blank]);
        canvas.write_right(rest, right.collect());
    }
}

/// The thumb on the right border, where there is more than fits.
pub(super) fn thumb(extent: Extent, track: Area, focused: bool, canvas: &mut Canvas<'_>) {
    let Some((first, rows)) = extent.thumb(track.height) else { return };
    let style = canvas.theme.thumb(focused);
    for row in first..first + rows {
        canvas.write(track.below(row).top(1), [("█".into(), style)]);
    }
}
