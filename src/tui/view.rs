//! Draws the model. Reads everything, changes nothing, decodes nothing; only what is on screen is formatted.

mod bars;
mod canvas;
mod cells;
mod choose;
mod compare;
mod demand;
mod dialog;
mod edit;
mod filter;
mod form;
mod format;
mod horizon;
mod inspector;
mod json;
mod log;
mod modes;
mod notices;
mod palette;
mod prefix;
mod profiles;
mod rebind;
mod state;
mod theme;
mod tokens;
mod verify;
mod welcome;

pub use cells::to_ascii;
use ratatui::Frame;

use self::{canvas::Canvas, theme::Theme};
use super::app::{Model, Pane, layout::Area};

/// Draws the whole screen.
pub fn draw(model: &Model, frame: &mut Frame<'_>) {
    let screen = frame.area();
    let theme = Theme::new(&model.look.theme);
    let mut canvas = Canvas::new(frame.buffer_mut(), theme);
    // A frame can come between a new size of the screen and the message about it; and a terminal may have no rows at all.
    if (screen.width, screen.height) != model.size || screen.is_empty() {
        return;
    }
    canvas.clear(Area { x: 0, y: 0, width: screen.width, height: screen.height });
    let layout = model.layout();
    bars::title(model, &layout, &mut canvas);
    for pane in Pane::ALL {
        pane_frame(model, pane, &mut canvas);
    }
    profiles::draw(model, &layout, &mut canvas);
    tokens::draw(model, &layout, &mut canvas);
    inspector::draw(model, &layout, &mut canvas);
    notices::draw(model, &layout, &mut canvas);
    bars::keys(model, &layout, &mut canvas);
    modes::draw(model, &mut canvas);
    cells::finish(frame.buffer_mut(), model.look.ascii);
}

/// The border of a pane with its heading, where there is room for borders.
fn pane_frame(model: &Model, pane: Pane, canvas: &mut Canvas<'_>) {
    let layout = model.layout();
    let area = match pane {
        Pane::Profiles => layout.profiles,
        Pane::Tokens => layout.tokens,
        Pane::Inspector => layout.inspector,
    };
    if !layout.bordered() {
        return;
    }
    let focused = model.focus == pane;
    let theme = canvas.theme;
    canvas.border(area, theme.border(focused));
    let heading = theme.heading(focused);
    let number = pane as usize + 1;
    let mut spans = vec![(format!(" {number} ").into(), theme.muted()), (format!("{} ", pane.name()).into(), heading)];
    let mut right = Vec::new();
    match pane {
        Pane::Profiles => spans.extend(profiles::heading(model, theme)),
        Pane::Tokens => {
            let [left, end] = tokens::heading(model, &layout, theme);
            spans.extend(left);
            right = end;
        }
        Pane::Inspector => {
            spans.extend(model.guard_of_inspector().iter().flat_map(|badge| theme.badge(badge)));
            spans.extend(inspector::tabs(model, theme));
        }
    }
    let line = area.top(1).shrink(2, 0);
    let used = canvas.write(line, spans);
    let rest = line.width.saturating_sub(used);
    canvas.write_right(crate::tui::app::layout::Area { x: line.x + used, width: rest, ..line }, right);
}
