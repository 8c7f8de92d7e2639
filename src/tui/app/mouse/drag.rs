//! What is held with the button down: a divider, a thumb, or the time.

use super::hit::List;
use crate::{
    store::state::Change,
    tui::app::{Model, horizon, layout::Divider, message::Effects},
};

/// What is dragged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Drag {
    Divider(Divider),
    /// So far below the first row of the thumb it is held.
    Thumb(List, u16),
    /// The axis of the horizon, last at this column.
    Axis(u16),
}

/// It is dragged to a cell.
pub(super) fn to(model: &mut Model, drag: Drag, x: u16, y: u16) {
    let layout = model.layout();
    match drag {
        Drag::Divider(divider) => {
            if let Some(shares) = layout.moved(divider, x, y) {
                // It is remembered where it is let go.
                model.state.apply(&Change::Dividers(layout.arrangement.name().to_owned(), shares));
            }
        }
        Drag::Thumb(list, grip) => {
            let track = list.track(model, &layout);
            let offset = list.extent(model).offset_at(track.height, y.saturating_sub(track.y).saturating_sub(grip));
            list.scroll(model, offset);
        }
        Drag::Axis(from) => {
            horizon::drag(model, from, x);
            model.pointer.drag = Some(Drag::Axis(x));
        }
    }
}

/// The button is up again.
pub(super) fn end(model: &mut Model) -> Effects {
    let Some(Drag::Divider(_)) = model.pointer.drag.take() else { return Effects::none() };
    let name = model.layout().arrangement.name();
    let shares = model.state.dividers.get(name).cloned();
    shares.map_or_else(Effects::none, |shares| model.remember(Change::Dividers(name.to_owned(), shares)))
}
