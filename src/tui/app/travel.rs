//! Time travel: everything that a clock decides is shown as of another time, which stands still. What is done goes by
//! the real time all the same: tasks, their time-outs, and what the notices tell.

use super::{
    Model,
    input::Input,
    keymap::Action,
    message::Effects,
    mode::{Taken, Wanted},
    notices::Level,
};
use crate::clock::{self, Timestamp};

impl Model {
    /// The time that tokens are shown as of: now, unless the user looks at another time.
    pub(crate) fn shown_now(&self) -> Timestamp {
        self.travel.unwrap_or(self.now)
    }
}

pub(super) fn offer(model: &Model) -> Option<Action> {
    Some(if model.travel.is_some() { Action::ReturnToNow } else { Action::Type(Wanted::Time) })
}

pub(super) fn offer_return(model: &Model) -> Option<Action> {
    model.travel.map(|_| Action::ReturnToNow)
}

pub(super) fn return_to_now(model: &mut Model) {
    model.travel = None;
    model.tell(Level::Info, "back to now");
}

/// The time was typed; one that cannot be read stays in the line.
pub(super) fn accept(model: &mut Model, _: &Wanted, input: &mut Input) -> Taken {
    match clock::parse_from(input.text(), model.now) {
        Some(time) => {
            model.travel = Some(time);
            let words = format!("showing everything as of {}", clock::utc(clock::to_the_second(time)));
            model.advise(
                None,
                Level::Info,
                &words,
                "logins and refreshes use the real time; {key:time-travel} returns to it",
            );
            Some(Effects::none())
        }
        None => {
            model.tell(Level::Warning, "not a valid time: write +2h, -1d12h, 2026-11-21T21:35:38Z, or Unix seconds");
            None
        }
    }
}
