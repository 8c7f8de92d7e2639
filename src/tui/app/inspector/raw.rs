//! The raw token: which of its defects the user looks at.

use super::{Jump, Tab, sheet::SheetItem};
use crate::{
    secret::ExposeSecret as _,
    text,
    token::Defect,
    tui::app::{Model, keymap::Action},
};

/// The defects that are marked, in the order of the token's list.
fn marked(model: &Model) -> impl Iterator<Item = (&Defect, usize)> {
    let row = model.tokens.selected().filter(|_| model.inspector.tab == Tab::Raw);
    let defects = row.map_or(&[][..], |row| row.token.defects());
    defects.iter().filter_map(|defect| Some((defect, defect.bytes.as_ref()?.start)))
}

/// The defect that the user looks at, its number, and how many there are.
pub(crate) fn current(model: &Model) -> Option<(&Defect, usize, usize)> {
    let at = model.inspector.defect;
    marked(model).nth(at).map(|(defect, _)| (defect, at + 1, marked(model).count()))
}

/// Another defect, where there is more than what is in sight already.
pub(super) fn offer(model: &Model, jump: Jump) -> Option<Action> {
    marked(model).next().map(|_| Action::Jump(jump))
}

/// Goes to the next defect or the one before, and round the end.
pub(super) fn jump(model: &mut Model, jump: Jump) {
    let (count, at) = (marked(model).count().max(1), model.inspector.defect);
    model.inspector.defect = match jump {
        Jump::Next => (at + 1) % count,
        Jump::Previous => (at + count - 1) % count,
    };
    scroll(model);
}

/// Looks at the defect under the cursor of the claims, if it is one that is marked.
pub(super) fn look_at(model: &mut Model, under: Option<usize>) {
    let Some(start) = under else { return };
    let defect = marked(model).position(|(_, at)| at == start);
    model.inspector.defect = defect.unwrap_or(0);
    scroll(model);
}

/// The first byte of the defect under the cursor.
pub(super) fn under(model: &Model) -> Option<usize> {
    match model.selected_item()? {
        SheetItem::Defect(defect) => Some(defect.bytes.as_ref()?.start),
        _ => None,
    }
}

/// Brings the defect onto the screen.
fn scroll(model: &mut Model) {
    let area = model.layout().text(Tab::Raw);
    let (width, height) = (usize::from(area.width.max(1)), usize::from(area.height));
    let Some(row) = model.tokens.selected() else { return };
    let Some((_, start)) = marked(model).nth(model.inspector.defect) else { return };
    let raw = row.token.raw().expose_secret();
    let before = &raw[..raw.floor_char_boundary(start)];
    let line = if row.plain { start } else { text::visible(before).chars().count() } / width;
    let last = row.columns.div_ceil(width).saturating_sub(height);
    let cursor = &mut model.inspector.cursor;
    if line < cursor.offset || line >= cursor.offset + height {
        cursor.offset = line.saturating_sub(height / 2).min(last);
        cursor.index = cursor.offset;
    }
}
