//! Locking: the key and everything that it has opened leave the memory. What stays is when the tokens end, so that they are
//! renewed where the key can be had without the user, and so that the list says so where it cannot.

use super::{
    State,
    idle::{Idle, active},
    is_unattended, of_profiles,
};
use crate::{
    store::identity::Home,
    tui::app::{
        Model, filter,
        keymap::Action,
        message::{Effect, Effects},
        notices::Level,
        profiles::ProfileRow,
        renewal,
        tasks::{self, State as TaskState},
        verify::Verdicts,
    },
};

/// Where the key is of a vault that can be locked. What is only in memory has no key that somebody could bring back.
fn lockable(model: &Model) -> Option<Home> {
    let State::Open(home) = model.vault.state else { return None };
    (home != Home::Memory).then_some(home)
}

pub(in crate::tui::app) fn offer_lock(model: &Model) -> Option<Action> {
    lockable(model).map(|_| Action::Lock)
}

/// Another program wants it locked: whatever the state, copied secrets leave the clipboard.
pub(in crate::tui::app) fn lock_asked(model: &mut Model) -> Effects {
    let lent = model.copies.recall().then_some(Effect::ClearClipboard);
    let effects = lock(model, "vault locked by another program");
    Effects(lent.into_iter().chain(effects.0).collect())
}

/// Locks it and says why, and what that means for renewals. Tasks are given up: what was sent ends in the background, and its
/// tokens go into the vault unseen. Pasted tokens are kept encrypted, and come back with the next opening.
pub(in crate::tui::app) fn lock(model: &mut Model, why: &str) -> Effects {
    let mut effects = Vec::new();
    let opening = tasks::stop_opening(model);
    effects.extend(opening.as_ref().map(|opening| Effect::Cancel(opening.id)));
    let home = lockable(model);
    if home.is_none() && !opening.as_ref().is_some_and(|opening| opening.state == TaskState::Finishing) {
        if opening.is_some() {
            model.advise(None, Level::Info, why, "{key:unlock} unlocks it");
        }
        return Effects(effects);
    }
    let renewals = renewal::count(model);
    effects.extend(tasks::lock_out(model));
    model.known_keys.close();
    effects.extend(model.copies.recall().then_some(Effect::ClearClipboard));
    let loose = model.tokens.lock();
    model.marks.clear();
    model.profiles.rows.iter_mut().for_each(ProfileRow::lock);
    model.notices.lock();
    effects.extend(model.undo.lock());
    model.verdicts = Verdicts::default();
    model.inspector.clear();
    model.travel = None;
    model.modes.lock();
    model.rotation.lock();
    filter::narrow::lock(model);
    let known = if let State::Locked(home) = model.vault.state { home } else { None };
    model.vault.state = State::Locked(home.or(known));
    (model.vault.after, model.vault.renewed) = (None, Vec::new());
    active(model);
    model.vault.idle = Idle::new(model.now);
    let stops = renewals > 0 && !home.is_some_and(is_unattended);
    let of = of_profiles(renewals);
    let (severity, words) = match (renewals, stops) {
        (0, _) => (Level::Info, why.to_owned()),
        (_, false) => (Level::Info, format!("{why}; automatic refresh of {of} continues.")),
        // First what matters: a small screen cuts the rest.
        (_, true) => (Level::Warning, format!("automatic refresh of {of} stopped: {why}.")),
    };
    let unlocks = model.hint("{key:unlock} unlocks it");
    let hint = match (loose.len(), stops) {
        (0, false) => unlocks.into_owned(),
        (0, true) => format!("{unlocks} and starts automatic refresh again"),
        (1, _) => format!("{unlocks}, and restores the pasted token"),
        (count, _) => format!("{unlocks}, and restores the {count} pasted tokens"),
    };
    model.tell_about(None, severity, &words, Some(&hint));
    model.vault.said = Some(words);
    effects.push(Effect::LockVault(loose));
    Effects(effects)
}
