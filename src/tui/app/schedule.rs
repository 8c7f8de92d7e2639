//! When the app wants to be woken: a pure function of the model. Idle means never, a visible countdown once a second.

use super::Model;
use crate::clock::Timestamp;

/// When the next [`super::Message::Ticked`] is due; `None`: not before something happens.
pub fn next_wakeup(model: &Model) -> Option<Timestamp> {
    let _ = model;
    None
}
