//! What is due for the profiles without anybody's doing, the earliest first: refreshes and warnings. Time alone changes nothing
//! of it, so it is made anew only where a fact is another one.

use std::borrow::Cow;

use super::{Plan, plan};
use crate::{
    auth::ReadOnly,
    clock::Timestamp,
    tui::app::{Model, warning},
};

/// When something is due, and for whom: profiles by their places.
#[derive(Debug, Clone, Default)]
pub(crate) struct Agenda {
    of: Option<Of>,
    /// Of those that nothing else is done with.
    pub(super) renewals: Vec<(Timestamp, usize)>,
    /// Of all tokens that are not over; some of them may not be valid yet.
    pub(in crate::tui::app) warnings: Vec<(Timestamp, usize)>,
    /// How many profiles are renewed at all.
    pub(super) renewing: usize,
}

/// What it depends on.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Of {
    profiles: u64,
    tasks: u64,
    readonly: ReadOnly,
    automatic: bool,
    warns: bool,
    locked: bool,
    renews: bool,
}

impl Of {
    fn now(model: &Model) -> Self {
        Self {
            profiles: model.profiles.rows.revision(),
            tasks: model.tasks.revision(),
            readonly: model.readonly.clone(),
            automatic: model.config.refresh.automatic,
            warns: warning::wanted(model),
            locked: model.vault.is_locked(),
            renews: model.vault.renews(),
        }
    }
}

/// What is due as the facts are now.
pub(in crate::tui::app) fn of(model: &Model) -> Cow<'_, Agenda> {
    let of = Of::now(model);
    if model.agenda.of.as_ref() == Some(&of) { Cow::Borrowed(&model.agenda) } else { Cow::Owned(made(model, of)) }
}

/// Brings it in line with the facts.
pub(in crate::tui::app) fn settle(model: &mut Model) {
    if let Cow::Owned(agenda) = of(model) {
        model.agenda = agenda;
    }
}

fn made(model: &Model, of: Of) -> Agenda {
    let mut agenda = Agenda { of: Some(of), ..Agenda::default() };
    let rows = &model.profiles.rows;
    for (place, row) in rows.iter().enumerate() {
        if let Plan::At(at) = plan(model, row) {
            agenda.renewing += 1;
            agenda.renewals.extend(model.tasks.is_idle(&row.profile.name).then_some((at, place)));
        }
        agenda.warnings.extend(warning::due(model, row).map(|at| (at, place)));
    }
    let name = |place: usize| &rows[place].profile.name;
    agenda.renewals.sort_unstable_by_key(|(at, place)| (*at, name(*place)));
    agenda.warnings.sort_unstable();
    agenda
}
