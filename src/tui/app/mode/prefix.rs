//! A key that another one follows. It does nothing by itself, nothing times out, and what can follow is listed after a
//! moment: who knows it by heart never sees the list.

use chrono::TimeDelta;

use super::Mode;
use crate::{
    clock::Timestamp,
    tui::app::{Model, key::Key, keymap::Place, schedule::Wait},
};

/// So long the list of what can follow waits.
const DELAY: TimeDelta = TimeDelta::milliseconds(300);

/// A key was pressed that another one follows.
#[derive(Debug)]
pub(crate) struct Prefix {
    /// The place of those that may follow.
    pub(crate) place: Place,
    /// Until they are listed.
    wait: Wait,
}

impl Prefix {
    /// Whether what can follow is listed by now.
    pub(crate) fn is_listed(&self, now: Timestamp) -> bool {
        self.wait.until() <= now
    }
}

fn top(model: &Model) -> Option<&Prefix> {
    match model.modes.top() {
        Some(Mode::Prefix(prefix)) => Some(prefix),
        _ => None,
    }
}

/// Waits for the key that follows.
pub(in crate::tui::app) fn open(model: &mut Model, place: Place) {
    // A list that comes late moves.
    let delay = if model.look.calm { TimeDelta::zero() } else { DELAY };
    let wait = Wait::new(model.now, delay);
    model.modes.push(Mode::Prefix(Prefix { place, wait }));
}

/// Ends it, if one is open: its key.
pub(in crate::tui::app) fn close(model: &mut Model) -> Option<Key> {
    let place = top(model)?.place;
    model.modes.close();
    model.keymap.prefix(place)
}

/// When what can follow is to be listed.
pub(in crate::tui::app) fn due(model: &Model) -> Option<Timestamp> {
    top(model).filter(|prefix| !prefix.is_listed(model.now)).map(|prefix| prefix.wait.until())
}

/// The clock was set back to `now`.
pub(in crate::tui::app) fn set_back(model: &mut Model, now: Timestamp) {
    if let Some(Mode::Prefix(prefix)) = model.modes.top_mut() {
        prefix.wait.set_back(now);
    }
}
