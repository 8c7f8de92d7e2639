//! What can follow a key that was pressed.

use super::{
    canvas::{Canvas, pad},
    dialog,
};
use crate::tui::app::{
    Model,
    badge::Badge,
    key::Key,
    keymap,
    layout::{Area, overlay},
    mode::Prefix,
    mouse::Target,
};

/// Draws the list, once its moment has come.
pub(super) fn draw(model: &Model, prefix: &Prefix, guard: Option<&Badge>, canvas: &mut Canvas<'_>) {
    if !prefix.is_listed(model.now) {
        return;
    }
    let theme = canvas.theme;
    let rows: Vec<_> = keymap::following(model, prefix.place).collect();
    let keys = |keys: &[Key]| keys.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
    let lead = rows.iter().map(|(all, ..)| keys(all).chars().count()).max().unwrap_or(0);
    let height = u16::try_from(rows.len() + 2).unwrap_or(u16::MAX);
    let area = overlay(model.size, 64, height);
    // At the bottom, above the key bar: what the keys act on stays in sight.
    let body = overlay(model.size, u16::MAX, u16::MAX);
    let area = Area { y: body.y + body.height - area.height, ..area };
    let title = match model.keymap.prefix(prefix.place) {
        Some(key) => format!("{key} …  {}", prefix.place.title()),
        None => prefix.place.title().to_owned(),
    };
    let inner = dialog::frame(area, guard, &title, canvas);
    for (row, (all, help, possible)) in rows.iter().take(usize::from(inner.height)).enumerate() {
        let (key, words) = match possible {
            true => (theme.key(), theme.plain()),
            false => (theme.muted(), theme.muted()),
        };
        let spans = [(format!("{}  ", pad(&keys(all), lead)).into(), key), ((*help).into(), words)];
        canvas.write(inner.below(row as u16), spans);
        let key = all.first().filter(|_| *possible);
        canvas.target(inner.below(row as u16).top(1), key.map(|key| Target::Keys([Some(*key), None])));
    }
}
