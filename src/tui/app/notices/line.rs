//! The notice line: which notices are on it, and for how long. Time runs only while the line can be seen and the terminal has
//! the focus.
//!
//! | notice | stays |
//! |---|---|
//! | done, info | 5 s; in front of an error that is not settled, 3 s |
//! | warning | 10 s and one key press |
//! | error | until it is dismissed, the log is opened, or something works for its profile |

use chrono::TimeDelta;
use unicode_width::UnicodeWidthStr as _;

use super::{Level, Notice, NoticeId};
use crate::{
    clock::Timestamp,
    tui::app::{Model, keymap::Action, mode::Mode},
};

/// How long something that needs nobody stays …
const BRIEF: TimeDelta = TimeDelta::seconds(5);
/// … and how long in front of an error.
const IN_FRONT: TimeDelta = TimeDelta::seconds(3);
/// How long a warning stays, at least.
const WARNING: TimeDelta = TimeDelta::seconds(10);
/// Between two notices.
pub(crate) const GAP: usize = 3;

impl Notice {
    /// It is still to be seen.
    fn is_open(&self) -> bool {
        self.showing.open
    }

    /// How many columns it takes on the line.
    fn columns(&self, model: &Model) -> usize {
        let badge =
            self.badge.iter().filter(|badge| badge.protected).map(|badge| badge.text.width() + 1).sum::<usize>();
        let hint = self.hint(model).map_or(0, |hint| hint.width() + " → ".width());
        "✓ ".width() + badge + self.words().width() + self.repeats().width() + hint
    }

    /// For how long it stays yet; `None`: not until its time is over.
    fn left(&self, in_front: bool) -> Option<TimeDelta> {
        let limit = match self.severity {
            Level::Error => return None,
            Level::Warning => WARNING,
            Level::Success | Level::Info if in_front => IN_FRONT,
            Level::Success | Level::Info => BRIEF,
        };
        let left = limit - self.showing.seen;
        // Then it waits for a key.
        (left > TimeDelta::zero() || self.severity != Level::Warning || self.showing.pressed)
            .then_some(left.max(TimeDelta::zero()))
    }
}

impl Model {
    /// `2 errors · N log`: what stands at the right of the line, where there is something in the log.
    pub(crate) fn notice_count(&self) -> String {
        if self.notices.all.is_empty() {
            return String::new();
        }
        let errors = match self.notices.errors() {
            0 => String::new(),
            1 => "1 error".to_owned(),
            errors => format!("{errors} errors"),
        };
        let log = self.hint_that_works("{key:log} log").unwrap_or_default();
        if errors.is_empty() || log.is_empty() { format!("{errors}{log}") } else { format!("{errors} · {log}") }
    }

    /// What is on the line, the newest first: as many as there is room for, and one at least.
    pub(crate) fn notice_line(&self) -> Vec<&Notice> {
        let open = self.notices.all.iter().filter(|notice| notice.is_open());
        let mut wanted: Vec<_> = open.enumerate().collect();
        let problem = wanted.iter().find(|(_, notice)| notice.severity.is_problem()).map(|(at, _)| *at);
        // What is newer than every problem comes first, then errors, warnings, and what is older.
        wanted.sort_by_key(|(at, notice)| match notice.severity {
            Level::Error => (1, *at),
            Level::Warning => (2, *at),
            _ if problem.is_none_or(|problem| *at < problem) => (0, *at),
            _ => (3, *at),
        });
        let mut room = usize::from(self.layout().notices.width).saturating_sub(2 + GAP + self.notice_count().width());
        let mut shown = Vec::new();
        for (_, notice) in wanted {
            let columns = notice.columns(self);
            if columns > room && !shown.is_empty() {
                break;
            }
            room = room.saturating_sub(columns + GAP);
            shown.push(notice);
        }
        shown
    }

    /// Whether the user can be looking at the line.
    fn line_is_seen(&self) -> bool {
        self.attended && self.layout().notices.height > 0 && !self.modes.iter().any(Mode::covers)
    }

    fn on_line(&self) -> Vec<NoticeId> {
        let seen = self.line_is_seen();
        self.notice_line().into_iter().filter(|_| seen).map(|notice| notice.id).collect()
    }
}

/// When the line changes by itself.
pub(in crate::tui::app) fn next(model: &Model) -> Option<Timestamp> {
    if !model.line_is_seen() {
        return None;
    }
    let in_front = model.notices.errors() > 0;
    let left = model.notice_line().into_iter().filter_map(|notice| notice.left(in_front)).min()?;
    model.now.checked_add_signed(left)
}

/// It will be this late now: what was on the line until then was seen.
pub(in crate::tui::app) fn ticked(model: &mut Model, now: Timestamp) {
    let (passed, in_front) = ((now - model.now).max(TimeDelta::zero()), model.notices.errors() > 0);
    let shown = model.on_line();
    for notice in model.notices.all.iter_mut().filter(|notice| shown.contains(&notice.id)) {
        notice.showing.seen += passed;
        notice.showing.open = notice.left(in_front) != Some(TimeDelta::zero());
    }
}

/// A key was pressed: a warning whose time is over has been read.
pub(in crate::tui::app) fn pressed(model: &mut Model) {
    let shown = model.on_line();
    for notice in model.notices.all.iter_mut().filter(|notice| shown.contains(&notice.id)) {
        notice.showing.pressed = true;
        notice.showing.open = notice.left(false) != Some(TimeDelta::zero());
    }
}

/// What has had the line and lost it to something newer does not come back, unless it is a problem.
pub(in crate::tui::app) fn settle(model: &mut Model) {
    let shown = model.on_line();
    if !model.line_is_seen() {
        return;
    }
    for notice in model.notices.all.iter_mut().filter(|notice| notice.is_open()) {
        let showing = &mut notice.showing;
        match shown.contains(&notice.id) {
            true => showing.begun = true,
            false => showing.open = notice.severity.is_problem() || !showing.begun,
        }
    }
}

pub(in crate::tui::app) fn offer_dismiss(model: &Model) -> Option<Action> {
    (!model.notice_line().is_empty()).then_some(Action::Dismiss)
}

/// Takes the first one off the line.
pub(in crate::tui::app) fn dismiss(model: &mut Model) {
    let Some(first) = model.notice_line().first().map(|notice| notice.id) else { return };
    model.notices.all.iter_mut().filter(|notice| notice.id == first).for_each(|notice| notice.showing.open = false);
}
