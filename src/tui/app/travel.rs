//! Time travel: everything that a clock decides is shown as of another time, which stands still. What is done goes by
//! the real time all the same: tasks, their time-outs, and what the notices tell.

use chrono::TimeDelta;

use super::{
    Model,
    input::Input,
    keymap::Action,
    message::Effects,
    mode::{Taken, Wanted},
    notices::Level,
    page::Tone,
};
use crate::{
    clock::{
        self, Timestamp,
        read::{self, FORMS},
    },
    text,
};

impl Model {
    /// The time that tokens are shown as of: now, unless the user looks at another time.
    pub(crate) fn shown_now(&self) -> Timestamp {
        self.travel.unwrap_or(self.now)
    }

    /// The same for a countdown to this time: where little is to move, it steps by ten seconds while it is above a minute.
    pub(crate) fn shown_before(&self, end: Option<Timestamp>) -> Timestamp {
        let now = self.shown_now();
        let left = end.map(|end| end - now).filter(|left| self.look.calm && *left > TimeDelta::minutes(1));
        left.map_or(now, |left| now + TimeDelta::seconds(left.num_seconds() % 10))
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
    model.tell(Level::Info, "Back to now.");
}

/// The time was typed; one that cannot be read stays in the line.
pub(super) fn accept(model: &mut Model, _: &Wanted, input: &mut Input) -> Taken {
    let moment = read::moment(input.text(), model.now, model.zone)?;
    model.travel = Some(moment.at);
    let words = format!("Everything is shown as of {}.", read::told(moment, model.now, model.zone));
    model.advise(None, Level::Info, &words, "logins and refreshes use the real time; {key:time-travel} returns to it");
    Some(Effects::none())
}

/// What is read of the line so far; sanitized. While it may become a time, it is no mistake.
pub(super) fn reading(model: &Model, typed: &str, refused: bool) -> Vec<(Tone, String)> {
    let typed = typed.trim();
    match read::moment(typed, model.now, model.zone) {
        _ if typed.is_empty() => Vec::new(),
        Some(moment) => {
            let words = read::told(moment, model.now, model.zone);
            let read = (Tone::Good, format!("{} = {words}", text::visible(typed)));
            let odd = moment.odd.map(|odd| (Tone::Warn, odd.words().to_owned()));
            std::iter::once(read).chain(odd).collect()
        }
        None => vec![(if refused { Tone::Bad } else { Tone::Muted }, format!("Not a time. Try: {FORMS}."))],
    }
}

/// `AS OF Fri 27 Nov 09:00 · @ returns to now`; where there is little room, no more than the key.
pub(crate) fn banner(model: &Model, short: bool) -> Option<String> {
    let time = clock::on_day(model.travel?, model.now, model.zone);
    let back = model.hint(if short { "{key:time-travel}" } else { "{key:time-travel} returns to now" });
    Some(format!(" AS OF {time} · {back} "))
}
