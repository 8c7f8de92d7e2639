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
mod theme;
mod tokens;
mod verify;
mod welcome;

pub use cells::to_ascii;
use ratatui::Frame;

use self::{canvas::Canvas, theme::Theme};
use super::app::{Model, Pane, filter::narrow, layout::Area};

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
    let filter = narrow::list(model, pane).0.words().filter(|_| pane != Pane::Inspector);
    match pane {
        Pane::Profiles | Pane::Tokens if let Some(words) = filter => {
            spans.push((filter::count(model, pane).into(), theme.plain()));
            // While it is typed, it stands below.
            let words = if layout.filters[pane as usize] == 0 { format!(" /{words} ") } else { " ".to_owned() };
            spans.push((words.into(), theme.focus()));
        }
        Pane::Profiles => {}
        Pane::Tokens => {
            let total = model.tokens.rows().len();
            if total > 0 {
                let place = format!("{} of {total} ", model.tokens.cursor.index + 1);
                spans.push((place.into(), theme.muted()));
            }
        }
        Pane::Inspector => {
            spans.extend(model.guard_of_inspector().iter().flat_map(|badge| theme.badge(badge)));
            spans.extend(inspector::tabs(model, theme));
        }
    }
    canvas.write(area.top(1).shrink(2, 0), spans);
}
