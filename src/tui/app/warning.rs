//! Warnings before an access token expires: bell and desktop notification, if the settings want them, once for each
//! token. A profile whose refresh is under way is warned of later: it most likely needs nobody.

use super::{
    Model,
    message::{Effect, Effects},
    notices::Level,
    profiles::ProfileRow,
    renewal::{self, agenda},
};
use crate::{
    clock::{self, Timestamp},
    token::{lifetime::TimeState, urgency},
};

/// When the first warning is due; a time that is past means now.
pub(super) fn next(model: &Model) -> Option<Timestamp> {
    let agenda = agenda::of(model);
    agenda.warnings.iter().find(|(_, place)| lives(&model.profiles.rows[*place], model.now)).map(|(at, _)| *at)
}

/// Warns of what is due: of several tokens at once.
pub(super) fn warn(model: &mut Model) -> Effects {
    agenda::settle(model);
    let (now, zone) = (model.now, model.zone);
    let due = model.agenda.warnings.iter().take_while(|(at, _)| *at <= now);
    let rows = due.map(|(_, place)| &model.profiles.rows[*place]).filter(|row| lives(row, now));
    let names: Vec<_> = rows.map(|row| row.profile.name.clone()).collect();
    let mut lines = Vec::new();
    for name in names {
        let Some(row) = model.profiles.row_mut(&name) else { continue };
        let can_refresh = row.descriptor.is_some_and(|descriptor| descriptor.capabilities.refresh);
        let Some(holding) = &mut row.holding else { continue };
        holding.warned = true;
        let end = holding.lifetime.expires_at.unwrap_or(now);
        // A notification is read at once, a notice whenever the user comes back.
        lines.push(format!("{name}: access token expires {}", clock::relative(end, now)));
        let words = format!("access token expires at {}", clock::of_day(end, now, zone));
        let hint = if can_refresh { "{key:refresh} refreshes it" } else { "{key:log-in} logs in again" };
        model.advise(Some(&name), Level::Warning, &words, hint);
    }
    if lines.is_empty() {
        return Effects::none();
    }
    let mut effects = Vec::new();
    if model.config.warn.bell {
        effects.push(Effect::Ring);
    }
    if model.config.warn.desktop {
        effects.push(Effect::Notify(lines.join("; ")));
    }
    Effects(effects)
}

/// A notification was sent, and nobody can know whether it is shown: what may stand in the way is said once.
pub(super) fn notified(model: &mut Model, doubt: Option<&str>) {
    if let Some(doubt) = doubt.filter(|_| !model.doubt_told) {
        model.doubt_told = true;
        model.tell_about(
            None,
            Level::Info,
            "sent a desktop notification to the terminal, which may not show it",
            Some(doubt),
        );
    }
}

/// The settings want warnings.
pub(super) fn wanted(model: &Model) -> bool {
    model.config.warn.bell || model.config.warn.desktop
}

fn lives(row: &ProfileRow, now: Timestamp) -> bool {
    row.holding.as_ref().is_some_and(|holding| holding.lifetime.state(now) == TimeState::ValidByTime)
}

/// When the user is to be warned of the end of a profile's access token, if it lives then.
pub(super) fn due(model: &Model, row: &ProfileRow) -> Option<Timestamp> {
    let holding = row.holding.as_ref().filter(|holding| !holding.revoked && !holding.warned)?;
    let over = holding.lifetime.expires_at.is_none_or(|end| end <= model.now);
    if over || !wanted(model) || model.tasks.of(&row.profile.name).is_some() {
        return None;
    }
    let (soon, now) = urgency::steps(&holding.lifetime)?;
    Some(match renewal::expected(model, row) {
        // It comes in the last moment where the one before was less than half a minute ago.
        Some(refresh) if Some(refresh) < holding.lifetime.expires_at => refresh.max(now),
        Some(_) => now,
        None => soon,
    })
}
