//! A list to choose from.

use super::{canvas::Canvas, dialog};
use crate::tui::app::{Model, badge::Badge, mode::Choose};

/// Draws the list: a title and a summary for each item.
pub(super) fn draw(model: &Model, choose: &Choose, guard: Option<&Badge>, canvas: &mut Canvas<'_>) {
    let theme = canvas.theme;
    let titles = choose.items.iter().map(|item| item.title.chars().count()).max().unwrap_or(0);
    let inner = dialog::frame(choose.frame(model.size), guard, choose.title, canvas);
    let page = usize::from(inner.height);
    for (row, (at, item)) in choose.items.iter().enumerate().skip(choose.cursor.offset).take(page).enumerate() {
        let selected = at == choose.cursor.index;
        let style = if selected { theme.strong() } else { theme.plain() };
        let spans = [
            ("  ".into(), theme.plain()),
            (format!("{:<titles$}  ", item.title).into(), style),
            (item.summary.as_ref().into(), theme.muted()),
        ];
        let line = inner.below(row as u16).top(1);
        canvas.write(line, spans);
        if selected {
            canvas.highlight(line, true);
        }
    }
}
