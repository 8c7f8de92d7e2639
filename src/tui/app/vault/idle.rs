//! The idle lock: a vault is locked when nobody has pressed a key for a while.
//!
//! Renewals go on behind the lock where the key can be had without the user. Where it cannot, they would all stop: so the
//! user is warned a minute before, and may wait.

use chrono::TimeDelta;

use super::{State, is_unattended, of_profiles};
use crate::{
    clock::{self, Timestamp},
    store::identity::Home,
    tui::app::{
        Model,
        keymap::Action,
        message::{Effect, Effects},
        notices::Level,
        page::Tone,
        renewal,
    },
};

/// So long before the lock the user is warned.
const NOTICE: TimeDelta = TimeDelta::minutes(1);

/// Since when nobody has pressed a key, and what follows from it.
#[derive(Debug)]
pub(super) struct Idle {
    since: Timestamp,
    /// The warning that stands in the notices.
    warned: Option<String>,
    /// The user wants no idle lock before the next lock by hand.
    kept_open: bool,
}

impl Idle {
    pub(super) fn new(now: Timestamp) -> Self {
        Self { since: now, warned: None, kept_open: false }
    }

    pub(super) fn set_back(&mut self, now: Timestamp) {
        self.since = self.since.min(now);
    }
}

/// The user is there.
pub(in crate::tui::app) fn active(model: &mut Model) {
    model.vault.idle.since = model.now;
    if let Some(words) = model.vault.idle.warned.take() {
        model.notices.withdraw(&words);
    }
}

/// The home of an open vault that locks itself, and after how many minutes.
fn locks(model: &Model) -> Option<(Home, u32)> {
    let State::Open(home) = model.vault.state else { return None };
    // What is only in memory has no key that somebody could bring back.
    let minutes = model.config.vault.lock_after(home).filter(|_| home != Home::Memory)?;
    Some((home, minutes)).filter(|_| !model.vault.idle.kept_open)
}

/// When it is locked because nobody seems to be there.
fn end(model: &Model) -> Option<Timestamp> {
    let (_, minutes) = locks(model)?;
    model.vault.idle.since.checked_add_signed(TimeDelta::minutes(minutes.into()))
}

/// When the user is to be warned of it: only where that stops anything.
fn warning(model: &Model) -> Option<Timestamp> {
    let (home, minutes) = locks(model)?;
    let wanted = !is_unattended(home) && model.vault.idle.warned.is_none() && renewal::count(model) > 0;
    let notice = NOTICE.min(TimeDelta::minutes(minutes.into()) / 2);
    end(model).filter(|_| wanted)?.checked_sub_signed(notice)
}

/// When something is due.
pub(super) fn next(model: &Model) -> Option<Timestamp> {
    [end(model), warning(model)].into_iter().flatten().min()
}

/// Why it is to be locked now, if it is.
pub(super) fn over(model: &Model) -> Option<String> {
    let (_, minutes) = locks(model).filter(|_| end(model).is_some_and(|end| end <= model.now))?;
    Some(format!("vault locked after {minutes} min without a key press"))
}

/// Warns of it, when that is due.
pub(super) fn due(model: &mut Model) -> Effects {
    match (warning(model), end(model)) {
        (Some(at), Some(end)) if at <= model.now => warn(model, end),
        _ => Effects::none(),
    }
}

fn warn(model: &mut Model, end: Timestamp) -> Effects {
    let stops = of_profiles(renewal::count(model));
    let at = clock::of_day(end, model.now, model.zone);
    let words = format!("Vault locks at {at}, which stops automatic refresh of {stops}.");
    let hint = "any key postpones it; {key:keep-unlocked} keeps the vault unlocked until you lock it";
    model.advise(None, Level::Warning, &words, hint);
    let mut effects = Vec::new();
    if model.config.warn.bell {
        effects.push(Effect::Ring);
    }
    if model.config.warn.desktop {
        effects.push(Effect::Notify(words.clone()));
    }
    model.vault.idle.warned = Some(words);
    Effects(effects)
}

/// What the title says of it; the tone where it is urgent.
pub(super) fn words(model: &Model) -> Option<(String, Option<Tone>)> {
    if model.vault.idle.kept_open {
        return Some(("no idle lock".to_owned(), None));
    }
    let end = end(model).filter(|_| is_counting(model))?;
    Some((format!("locks in {}", clock::span((end - model.now).max(TimeDelta::zero()))), Some(Tone::Warn)))
}

/// Whether the title counts down to the lock.
pub(in crate::tui::app) fn is_counting(model: &Model) -> bool {
    model.vault.idle.warned.is_some()
}

pub(in crate::tui::app) fn offer_keep_open(model: &Model) -> Option<Action> {
    locks(model).map(|_| Action::KeepOpen(is_counting(model)))
}

pub(in crate::tui::app) fn keep_open(model: &mut Model) {
    model.vault.idle.kept_open = true;
    model.advise(None, Level::Info, "Vault unlocked until you lock it or quit.", "{key:lock} locks it");
}
