//! Locking: the key and everything that it has opened leave the memory.

use super::{State, must_end, patience};
use crate::{
    clock::Timestamp,
    store::identity::Home,
    tui::app::{
        Model,
        keymap::Action,
        message::{Effect, Effects},
        mode::{Mode, PageKind},
        notices::Severity,
        verify::Verdicts,
    },
};

/// When it is locked because nobody seems to be there.
pub(super) fn due(model: &Model) -> Option<Timestamp> {
    let span = patience(model).filter(|_| can_lock(model))?;
    model.vault.active_at.checked_add_signed(span)
}

/// What is in memory alone has no key that somebody could bring back.
fn can_lock(model: &Model) -> bool {
    matches!(model.vault.state, State::Open(home) if home != Home::Memory)
}

pub(in crate::tui::app) fn offer_lock(model: &Model) -> Option<Action> {
    can_lock(model).then_some(Action::Lock)
}

/// Locks it and says why. Jobs are cancelled, but for those whose answer would be lost: they end in the background, and
/// their tokens go into the vault unseen. Pasted tokens are kept encrypted, and come back with the next opening.
pub(in crate::tui::app) fn lock(model: &mut Model, why: &str) -> Effects {
    let mut effects = Vec::new();
    let opening = model.vault.opening.take();
    effects.extend(opening.as_ref().map(|opening| Effect::CancelJob(opening.id)));
    if !can_lock(model) && !opening.is_some_and(|opening| opening.has_key) {
        return Effects(effects);
    }
    for job in std::mem::take(&mut model.jobs.running) {
        if !must_end(&job) {
            effects.push(Effect::CancelJob(job.id));
        }
    }
    effects.extend(model.keyring.close().into_iter().map(Effect::CancelJob));
    effects.extend(model.copies.take_back().then_some(Effect::ClearClipboard));
    let loose = model.tokens.lock();
    model.profiles.rows.iter_mut().for_each(crate::tui::app::profiles::ProfileRow::lock);
    model.verdicts = Verdicts::default();
    model.inspector.clear();
    model.travel = None;
    if !matches!(&model.mode, Mode::Page(page) if matches!(page.kind, PageKind::Keys | PageKind::Notices)) {
        model.mode = Mode::Panes;
    }
    model.vault.state = State::Locked;
    model.vault.after = None;
    let unlocks = model.hint("{key:unlock} unlocks it");
    let hint = match loose.len() {
        0 => unlocks.into_owned(),
        1 => format!("{unlocks}, and brings back the token that was pasted"),
        count => format!("{unlocks}, and brings back the {count} tokens that were pasted"),
    };
    model.tell_about(None, Severity::Info, why, Some(&hint));
    effects.push(Effect::LockVault(loose));
    Effects(effects)
}
