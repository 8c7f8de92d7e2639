//! What of a form stands in sight, and what is folded away until it is wanted.

use super::ProfileForm;
use crate::tui::app::{input::Edit, list::Motion};

/// Where the focus of a form can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stop {
    /// An entry, by its place.
    Entry(usize),
    /// The line that stands for what is folded.
    Fold,
    /// The way into the file.
    Save,
}

impl ProfileForm {
    /// What stands in the form: what most profiles need, the fold, what of it is shown, and the way out.
    pub(crate) fn stops(&self) -> Vec<Stop> {
        let (folded, sight): (Vec<_>, Vec<_>) = self.applying().into_iter().partition(|&at| self.entries[at].folded);
        let (shown, hidden): (Vec<_>, Vec<_>) =
            folded.into_iter().partition(|&at| self.unfolded || self.stands_out(at));
        let fold = (self.unfolded || !hidden.is_empty()).then_some(Stop::Fold);
        let entries = |places: Vec<usize>| places.into_iter().map(Stop::Entry);
        entries(sight).chain(fold).chain(entries(shown)).chain([Stop::Save]).collect()
    }

    /// A folded entry that is shown all the same: it says something, or something about it is said.
    fn stands_out(&self, at: usize) -> bool {
        let entry = &self.entries[at];
        let asked_for = || entry.key == "allow_http" && self.entries.iter().any(|url| self.is_readable_on_its_way(url));
        self.focus == Stop::Entry(at) || entry.error.is_some() || !entry.is_unset() || asked_for()
    }

    /// The labels of what is in the fold and not shown; once it is open, of all that is in it.
    pub(crate) fn folded(&self) -> Vec<&str> {
        let folded = self.applying().into_iter().filter(|&at| self.entries[at].folded);
        folded.filter(|&at| self.unfolded || !self.stands_out(at)).map(|at| &*self.entries[at].label).collect()
    }

    /// `3 of 5`: which of the entries that are shown is being typed in; behind them all the last one counts.
    pub(crate) fn place(&self) -> (usize, usize) {
        let stops = self.stops();
        let is_entry = |stop: &&Stop| matches!(stop, Stop::Entry(_));
        let focus = stops.iter().position(|stop| *stop == self.focus).unwrap_or(stops.len() - 1);
        let count = |stops: &[Stop]| stops.iter().filter(is_entry).count();
        (count(&stops[..=focus]), count(&stops))
    }

    /// Moves between what is shown.
    pub(in crate::tui::app) fn go(&mut self, motion: Motion) {
        const PAGE: usize = 8;
        let stops = self.stops();
        let last = stops.len() - 1;
        let at = stops.iter().position(|stop| *stop == self.focus).unwrap_or(last);
        self.focus = stops[match motion {
            Motion::Up => at.checked_sub(1).unwrap_or(last),
            Motion::Down => (at + 1) % stops.len(),
            Motion::PageUp => at.saturating_sub(PAGE),
            Motion::PageDown => (at + PAGE).min(last),
            Motion::First => 0,
            Motion::Last => last,
        }];
    }

    /// `→` opens the fold, `←` closes it, a blank does what is not done yet.
    pub(super) fn fold(&mut self, edit: Edit) {
        self.unfolded = match edit {
            Edit::Right => true,
            Edit::Left => false,
            Edit::Insert(' ') => !self.unfolded,
            _ => self.unfolded,
        };
    }

    /// A click on the fold.
    pub(in crate::tui::app) fn turn_fold(&mut self) {
        (self.focus, self.unfolded) = (Stop::Fold, !self.unfolded);
    }
}
