//! A command that waits for its new key.

use super::{canvas::Canvas, dialog};
use crate::tui::app::{
    Model,
    mode::Rebind,
    page::{Tone, write::wrap},
};

/// Draws the question, and why the key that was pressed cannot be had.
pub(super) fn draw(model: &Model, rebind: &Rebind, canvas: &mut Canvas<'_>) {
    let theme = canvas.theme;
    let (place, binding) = (rebind.place, rebind.binding);
    let inner = dialog::window(model, None, "Change the key", (64, 8), canvas);
    let now: Vec<_> = model.keymap.texts(place, binding).collect();
    let now = if now.is_empty() { "no key now".to_owned() } else { format!("now {}", now.join(" ")) };
    let room = usize::from(inner.width).max(1);
    let mut lines = vec![(format!("{}.{}, {now}", place.name(), binding.id), Tone::Heading)];
    lines.extend(wrap(binding.help, room).into_iter().map(|line| (line.to_owned(), Tone::Muted)));
    lines.push((model.keyed("Press the new key; {key:rebind.cancel} keeps it as it is.").into_owned(), Tone::Plain));
    for refused in rebind.refused.iter().flat_map(|refused| wrap(refused, room)) {
        lines.push((refused.to_owned(), Tone::Warn));
    }
    for (row, (line, tone)) in lines.iter().take(usize::from(inner.height)).enumerate() {
        canvas.write(inner.below(row as u16), [(line.as_str().into(), theme.tone(*tone))]);
    }
}
