//! The sizes of the panes: a pane that has the whole body, and dividers that are moved by keys.

use super::{
    Model, Pane,
    inspector::Tab,
    keymap::Action,
    layout::{Arrangement, Divider, Layout},
    message::Effects,
};
use crate::store::state::Change;

/// So many columns or rows a key moves a divider.
const STEP: [u16; 2] = [2, 1];

pub(super) fn offer_full(model: &Model) -> Option<Action> {
    model.layout().bordered().then_some(Action::Full(!model.full))
}

pub(super) fn offer(model: &Model, larger: bool) -> Option<Action> {
    let layout = model.layout();
    layout.line(divider(model, &layout).0).map(|_| Action::Resize(larger))
}

/// The divider of the focused pane, and whether the pane is at its right or below it.
fn divider(model: &Model, layout: &Layout) -> (Divider, bool) {
    let wide = layout.arrangement == Arrangement::Columns;
    match (model.focus, model.inspector.tab) {
        (Pane::Profiles, _) => (Divider::Profiles, false),
        (Pane::Tokens, _) => (Divider::Tokens, false),
        (Pane::Inspector, Tab::Verify | Tab::Exchange | Tab::History) if wide => (Divider::Right, true),
        (Pane::Inspector, Tab::Header) if wide => (Divider::Claims, true),
        (Pane::Inspector, _) => (Divider::Tokens, true),
    }
}

/// Makes the focused pane larger or smaller.
pub(super) fn resize(model: &mut Model, larger: bool) -> Effects {
    let layout = model.layout();
    let (divider, behind) = divider(model, &layout);
    let Some(line) = layout.line(divider) else { return Effects::none() };
    let step = |at: u16, by: u16| if larger == behind { at.saturating_sub(by) } else { at.saturating_add(by) };
    let shares = layout.moved(divider, step(line.x, STEP[0]), step(line.y, STEP[1]));
    let name = layout.arrangement.name().to_owned();
    shares.map_or_else(Effects::none, |shares| model.remember(Change::Dividers(name, shares)))
}
