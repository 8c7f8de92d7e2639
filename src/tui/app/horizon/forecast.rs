//! What comes next, and what the time ahead brings, in sentences: from the same decision as automatic refresh.

use super::axis::ZOOMS;
use crate::{
    clock::{self, Timestamp},
    tui::app::{
        Model,
        profiles::ProfileRow,
        renewal::{self, Plan},
    },
};

/// So many names stand in a sentence.
const NAMES: usize = 3;

/// What becomes of a session without anybody's doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outlook {
    /// It is renewed then.
    Renews(Timestamp),
    /// It ends then.
    Ends(Timestamp),
    /// It has ended, or was revoked.
    Over,
}

/// What becomes of the session of a profile; `None`: it has none, or nobody knows.
pub(crate) fn outlook(model: &Model, row: &ProfileRow) -> Option<Outlook> {
    let now = model.shown_now();
    let holding = row.holding.as_ref()?;
    match renewal::plan(model, row) {
        _ if holding.revoked => Some(Outlook::Over),
        // What is due begins at once; at another time nobody knows what was renewed until then.
        Plan::At(at) if model.travel.is_none() || at >= now => Some(Outlook::Renews(at.max(now))),
        _ => holding.lifetime.expires_at.map(|end| if end > now { Outlook::Ends(end) } else { Outlook::Over }),
    }
}

/// `PROD seta-files`.
fn name(model: &Model, row: &ProfileRow) -> String {
    let badge = model.guard(&row.profile.name).map(|badge| format!("{} ", badge.text));
    format!("{}{}", badge.unwrap_or_default(), row.profile.name)
}

/// `Next: 14:05:30 PROD seta-files renews · 14:17:52 lms-staging ends, not renewed`.
pub(crate) fn next(model: &Model) -> String {
    let now = model.shown_now();
    let events = model.profiles.rows.iter().filter_map(|row| {
        let (at, words) = match outlook(model, row)? {
            Outlook::Renews(at) => (at, "renews"),
            Outlook::Ends(at) => (at, "ends, not renewed"),
            Outlook::Over => return None,
        };
        Some((at, name(model, row), words))
    });
    let mut events: Vec<_> = events.collect();
    events.sort();
    let told = events.into_iter().take(NAMES);
    let told = told.map(|(at, name, words)| format!("{} {name} {words}", clock::of_day(at, now, model.zone)));
    match told.collect::<Vec<_>>() {
        told if told.is_empty() => "Next: nothing ends, and nothing is renewed.".to_owned(),
        told => format!("Next: {}", told.join(" · ")),
    }
}

/// `In the hour to 15:05: 2 sessions end unless you act (PROD lms-prod, lms-staging), 2 renew automatically, 1 is over.`
pub(crate) fn within(model: &Model, zoom: usize) -> String {
    let (span, words, _) = ZOOMS[zoom];
    let now = model.shown_now();
    let until = now.checked_add_signed(span).unwrap_or(Timestamp::MAX_UTC);
    let (mut ending, mut renewed, mut over) = (Vec::new(), 0, 0);
    for row in model.profiles.rows.iter() {
        match outlook(model, row) {
            Some(Outlook::Ends(at)) if at <= until => ending.push((at, name(model, row))),
            Some(Outlook::Renews(at)) if at <= until => renewed += 1,
            Some(Outlook::Over) => over += 1,
            _ => {}
        }
    }
    ending.sort();
    let mut parts = Vec::new();
    if !ending.is_empty() {
        let sessions =
            if ending.len() == 1 { "1 session ends".to_owned() } else { format!("{} sessions end", ending.len()) };
        let more = ending.len().saturating_sub(NAMES);
        let mut names: Vec<_> = ending.into_iter().take(NAMES).map(|(_, name)| name).collect();
        names.extend((more > 0).then(|| format!("{more} more")));
        parts.push(format!("{sessions} unless you act ({})", names.join(", ")));
    }
    parts.extend(match renewed {
        0 => None,
        1 => Some("1 renews automatically".to_owned()),
        count => Some(format!("{count} renew automatically")),
    });
    parts.extend(match over {
        0 => None,
        1 => Some("1 is over".to_owned()),
        count => Some(format!("{count} are over")),
    });
    let until = match span.num_days() {
        0 => clock::minute(until, model.zone),
        _ => clock::day(until, model.zone),
    };
    let said = if parts.is_empty() { "nothing ends".to_owned() } else { parts.join(", ") };
    format!("In the {words} to {until}: {said}.")
}
