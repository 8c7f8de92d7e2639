//! What comes out of the vault, and what could not be put into it.

use chrono::TimeDelta;

use super::Wait;
use crate::{
    clock,
    profile::ProfileName,
    store::vault::Condition,
    tui::app::{
        Model,
        message::{Effect, Effects, Glimpse, Kept, OpenedVault},
        notices::Level,
        profiles::ProfileRow,
        renewal, tasks, tokens,
    },
};

/// What could not be saved is tried again after this time, then after twice as long …
const FIRST_RETRY: TimeDelta = TimeDelta::seconds(5);
/// … and so on, up to this.
const LONGEST_RETRY: TimeDelta = TimeDelta::minutes(5);

impl ProfileRow {
    /// Why its newest tokens are only in memory.
    pub(crate) fn unsaved(&self) -> Option<&str> {
        self.facts.condition.unsaved.as_deref()
    }
}

/// Shows all that was in the vault.
pub(super) fn show(model: &mut Model, opened: OpenedVault) {
    let OpenedVault { home, chosen, records, unreadable, loose } = opened;
    if chosen {
        model.config.vault.identity = Some(home);
        let words = format!("Key of the vault kept {} ({home}).", home.meaning());
        model.tell_about(None, Level::Info, &words, Some("`tokscope vault home` moves it"));
    }
    // What is not in the vault any more was forgotten by another tokscope while this one was locked.
    for row in model.profiles.rows.iter_mut() {
        let gone = records.iter().all(|(name, kept)| *name != row.profile.name || kept.token_set.is_none());
        row.holding.take_if(|holding| holding.veiled && gone);
    }
    for (name, kept) in records.into_iter().rev() {
        let said = said(model, &kept.facts.condition);
        take(model, &name, kept);
        for (severity, words, hint) in said {
            model.advise(Some(&name), severity, &words, hint);
        }
    }
    for loose in loose.into_iter().rev() {
        model.tokens.bring_back(loose);
    }
    for why in unreadable {
        model.tell_about(None, Level::Error, &why.what, why.hint.as_deref());
    }
}

/// What has to be said of a profile when the vault is opened.
fn said(model: &Model, condition: &Condition) -> Vec<(Level, String, &'static str)> {
    let day = |at| clock::of_day(at, model.now, model.zone);
    let mut said = Vec::new();
    if let Some(mark) = &condition.in_flight {
        let words = format!("Refresh cut off at {}: the old or the new token may be the good one.", day(mark.since));
        said.push((Level::Warning, words, "{key:refresh} finds out; if the server then refuses, {key:log-in} logs in"));
    }
    if let Some(retired) = &condition.retired {
        let words = format!("Refresh token refused by the server at {}: {}", day(retired.at), retired.words);
        said.push((Level::Warning, words, "{key:log-in} logs in again"));
    }
    said.extend(doubted(condition));
    if let Some(reason) = &condition.unsaved {
        said.push((Level::Error, not_saved(reason), KEEP_RUNNING));
    }
    said
}

/// That the ID token of the current tokens is not valid.
fn doubted(condition: &Condition) -> Option<(Level, String, &'static str)> {
    const HINT: &str = "the tokens are saved; auto-refresh waits: {key:verify} shows the token, \
                        {key:refresh} refreshes, {key:log-in} logs in again";
    let doubt = condition.doubt.as_ref()?;
    Some((Level::Warning, format!("ID token not valid: {}", doubt.words), HINT))
}

const KEEP_RUNNING: &str = "still usable; keep tokscope open, it tries again";

fn not_saved(reason: &str) -> String {
    format!("Not saved: {reason}.")
}

/// A record was read again: what another tokscope has renewed is shown here, too.
pub(in crate::tui::app) fn read(model: &mut Model, name: &ProfileName, kept: Kept) {
    if learn(model, name, kept) {
        model.note(name, Level::Info, "Another tokscope renewed the tokens.");
    }
}

/// The same after a change of our own.
pub(in crate::tui::app) fn changed(model: &mut Model, name: &ProfileName, kept: Kept) {
    learn(model, name, kept);
}

/// Whether the tokens are others than those on screen, and were not expected.
fn learn(model: &mut Model, name: &ProfileName, kept: Kept) -> bool {
    let Some(row) = model.profiles.row_mut(name) else { return false };
    let mut kept = kept;
    if !model.vault.is_open() {
        // It was read before the lock, or behind it.
        kept.facts = kept.facts.veiled();
        kept.old.clear();
        let skew = row.skew;
        if let Some(set) = kept.token_set.take().filter(|_| row.holding.is_some()) {
            row.glimpse(Glimpse::of(name, &set, skew));
        }
    }
    let row = model.profiles.row(name);
    let before = row.and_then(ProfileRow::unsaved).map(str::to_owned);
    let ours = row.is_some_and(|row| row.holding.as_ref().is_some_and(|holding| holding.veiled));
    let after = kept.facts.condition.unsaved.clone();
    let doubts = row.is_some_and(|row| row.facts.condition.doubt != kept.facts.condition.doubt);
    let doubted = doubted(&kept.facts.condition).filter(|_| doubts);
    let news = take(model, name, kept) && !ours;
    tell_saved(model, name, before.as_deref(), after.as_deref());
    if let Some((severity, words, hint)) = doubted {
        model.advise(Some(name), severity, &words, hint);
    }
    news
}

/// What was forgotten is back.
pub(in crate::tui::app) fn put_back(model: &mut Model, name: &ProfileName, kept: Kept) {
    if model.vault.is_open() {
        take(model, name, kept);
    }
}

/// Whether the tokens are others than those on screen.
fn take(model: &mut Model, name: &ProfileName, kept: Kept) -> bool {
    let Kept { token_set, old, facts } = kept;
    let holding = model.profiles.row(name).and_then(|row| row.holding.as_ref()).filter(|holding| !holding.veiled);
    let known = holding.and_then(|holding| holding.generation);
    let newer = token_set.filter(|set| known.is_none() || set.generation() != known);
    let is_newer = newer.is_some();
    if let Some(set) = newer {
        tasks::hold(model, name, &set);
    }
    if let Some(row) = model.profiles.row_mut(name) {
        renewal::learned(row, &facts.condition);
        (row.facts, row.old) = (facts, old);
        tokens::old::show(model, name);
    }
    if let Some(row) = model.profiles.row_mut(name) {
        let judged = model.tokens.judge(name, &row.facts.evidence, model.now);
        row.holding.iter_mut().for_each(|holding| (holding.revoked, holding.refused) = judged);
    }
    is_newer
}

/// What became of the attempt to save.
pub(in crate::tui::app) fn saved(model: &mut Model, unsaved: Vec<(ProfileName, Option<String>)>) {
    for (name, reason) in unsaved {
        let Some(row) = model.profiles.row_mut(&name) else { continue };
        let before = std::mem::replace(&mut row.facts.condition.unsaved, reason.clone());
        tell_saved(model, &name, before.as_deref(), reason.as_deref());
    }
}

fn tell_saved(model: &mut Model, name: &ProfileName, before: Option<&str>, after: Option<&str>) {
    match (before, after) {
        (None, None) if model.vault.retry.is_none() => return,
        (Some(_), None) => {
            model.notices.settle(name);
            model.tell_about(Some(name), Level::Success, "Saved now.", None);
        }
        (before, Some(reason)) if before != after => {
            model.tell_about(Some(name), Level::Error, &not_saved(reason), Some(KEEP_RUNNING));
        }
        _ => {}
    }
    let waits = model.profiles.rows.iter().any(|row| row.unsaved().is_some());
    let again = |attempts: u32| {
        let span = FIRST_RETRY * (1 << attempts.min(6));
        (Wait::new(model.now, span.min(LONGEST_RETRY)), attempts)
    };
    model.vault.retry = match model.vault.retry {
        _ if !waits => None,
        None => Some(again(0)),
        retry => retry,
    };
}

/// Tries to save what is due.
pub(super) fn retry(model: &mut Model) -> Effects {
    match model.vault.retry {
        Some((wait, attempts)) if wait.until() <= model.now => {
            let span = (FIRST_RETRY * (2 << attempts.min(6))).min(LONGEST_RETRY);
            model.vault.retry = Some((Wait::new(model.now, span), attempts + 1));
            save(model)
        }
        _ => Effects::none(),
    }
}

/// Tries to save all that is not saved.
pub(super) fn save(model: &Model) -> Effects {
    let unsaved = model.profiles.rows.iter().filter(|row| row.unsaved().is_some());
    Effect::SaveUnsaved(unsaved.map(|row| row.profile.name.clone()).collect()).into()
}
