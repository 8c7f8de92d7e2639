//! What the clock says about a token, in signs, words and colours.

use crate::{
    clock::{self, Timestamp},
    token::lifetime::{Lifetime, TimeState},
    tui::app::{Model, tasks::Task, tokens::RowState},
};

/// The state of a lifetime in whole words, with what the clock adds to it.
pub(super) fn long_state(state: RowState, lifetime: &Lifetime, now: Timestamp) -> String {
    match state {
        RowState::Alive => "was to be revoked · not known to be dead".to_owned(),
        RowState::Revoked => "refused by the server after revocation".to_owned(),
        RowState::Time(TimeState::ValidByTime) => format!("active: {} left", until(lifetime.expires_at, now)),
        RowState::Time(TimeState::NotYetValid) => {
            format!("not yet valid · starts in {}", until(lifetime.not_before, now))
        }
        RowState::Time(TimeState::Expired) => {
            format!("expired · {}", lifetime.expires_at.map_or_else(String::new, |end| ago(end, now)))
        }
        RowState::Time(TimeState::Unknown) if lifetime.unreadable => "expiry unknown · cannot read its exp".to_owned(),
        RowState::Time(TimeState::Unknown) => "expiry unknown · no expiry given".to_owned(),
    }
}

fn until(time: Option<Timestamp>, now: Timestamp) -> String {
    time.map_or_else(String::new, |time| clock::span(time - now))
}

/// `3m ago`: in one unit, because nothing runs for the sake of what is over.
pub(super) fn ago(time: Timestamp, now: Timestamp) -> String {
    let seconds = (now - time).num_seconds();
    match seconds {
        ..60 => "less than 1m ago".to_owned(),
        60..3_600 => format!("{}m ago", seconds / 60),
        3_600..86_400 => format!("{}h ago", seconds / 3_600),
        _ => format!("{} ago", clock::span(now - time)),
    }
}

/// A time relative to now: to the second while the token runs, in one unit when it is over.
pub(super) fn relative(time: Timestamp, now: Timestamp, running: bool) -> String {
    if running || time > now { clock::relative(time, now) } else { ago(time, now) }
}

/// A bar of the life that is left, full and empty part; `None` where an end is unknown or it is over.
pub(super) fn bar(lifetime: &Lifetime, now: Timestamp, columns: usize) -> Option<(String, String)> {
    let left = lifetime.left(now).filter(|_| columns > 0 && lifetime.state(now) == TimeState::ValidByTime)?;
    let full = ((left * columns as f64).ceil() as usize).clamp(1, columns);
    Some(("━".repeat(full), "─".repeat(columns - full)))
}

/// `» refreshing, asking the server, 3s`.
pub(super) fn task(model: &Model, task: &Task, with_step: bool) -> String {
    let sign = if task.works() { "»" } else { "…" };
    format!("{sign} {}", model.task_told(task, with_step))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::parse;

    fn at(seconds: i64) -> Timestamp {
        parse(&seconds.to_string()).unwrap()
    }

    fn lifetime(start: Option<i64>, end: i64) -> Lifetime {
        Lifetime { issued_at: start.map(at), expires_at: Some(at(end)), ..Lifetime::default() }
    }

    #[test]
    fn the_bar_shrinks_and_is_never_empty_before_the_end() {
        let hour = lifetime(Some(0), 3_600);
        assert_eq!(bar(&hour, at(0), 4), Some(("━━━━".into(), "".into())));
        assert_eq!(bar(&hour, at(3_599), 4), Some(("━".into(), "───".into())));
        assert_eq!(bar(&hour, at(3_600), 4), None);
        assert_eq!(bar(&lifetime(None, 3_600), at(0), 4), None);
    }
}
