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
mod frames;
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
mod rotation;
mod state;
mod theme;
mod tokens;
mod verify;
mod welcome;

pub use cells::to_ascii;
use ratatui::Frame;

use self::{canvas::Canvas, theme::Theme};
use super::app::{Model, layout::Area, mouse::Targets};

/// Draws the whole screen. Tells what a click on it is for.
pub fn draw(model: &Model, frame: &mut Frame<'_>) -> Targets {
    let screen = frame.area();
    let theme = Theme::new(&model.look.theme);
    let mut canvas = Canvas::new(frame.buffer_mut(), theme);
    // A frame can come between a new size of the screen and the message about it; and a terminal may have no rows at all.
    if (screen.width, screen.height) != model.size || screen.is_empty() {
        return Targets::default();
    }
    canvas.clear(Area { x: 0, y: 0, width: screen.width, height: screen.height });
    let layout = model.layout();
    bars::title(model, &layout, &mut canvas);
    frames::draw(model, &layout, &mut canvas);
    profiles::draw(model, &layout, &mut canvas);
    tokens::draw(model, &layout, &mut canvas);
    inspector::draw(model, &layout, &mut canvas);
    let overlay = model.modes.seen(model.now);
    if overlay.is_some() {
        let height = layout.body.y + layout.body.height;
        let around = Area { x: 0, y: 0, width: screen.width, height };
        canvas.dim(around);
        if let Some(page) = model.modes.beneath(model.now) {
            modes::draw(model, page, &mut canvas);
            canvas.dim(around);
        }
        canvas.targets.clear();
    }
    notices::draw(model, &layout, &mut canvas);
    bars::keys(model, &layout, &mut canvas);
    overlay.into_iter().for_each(|mode| modes::draw(model, mode, &mut canvas));
    let targets = canvas.targets;
    cells::finish(frame.buffer_mut(), model.look.ascii);
    targets
}
