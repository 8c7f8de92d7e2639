//! Draws the model. Reads everything, changes nothing, decodes nothing.

use ratatui::Frame;

use super::app::Model;

/// Draws the whole screen.
pub fn draw(model: &Model, frame: &mut Frame<'_>) {
    let _ = (model, frame);
}
