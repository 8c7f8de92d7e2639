//! What comes next, and what the time ahead brings, in sentences: from the same decision as automatic refresh.

use super::{axis::ZOOMS, lanes::Lane};
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Outlook {
    /// It is renewed then.
    Renews(Timestamp),
    /// It ends then.
    Ends(Timestamp),
    /// It has ended, or was revoked.
    Over,
}

/// What becomes of the sessions of the scope; where it has none, of its tokens.
#[derive(Debug, Default)]
pub(crate) struct Forecast {
    /// Each with its name, its badge before it.
    outlooks: Vec<(Outlook, String)>,
    of_tokens: bool,
}

/// Of the profiles whose lives these are; where they are all of pasted tokens, of those.
pub(super) fn make(model: &Model, lanes: &[Lane]) -> Forecast {
    let of_tokens = lanes.iter().all(|lane| lane.profile.is_none());
    let outlooks = lanes.iter().filter_map(|lane| match &lane.profile {
        Some(profile) if lane.heads() => {
            let row = model.profiles.row(profile)?;
            Some((outlook(model, row)?, name(model, row)))
        }
        None if of_tokens => Some((of_token(model, lane)?, lane.name.clone())),
        _ => None,
    });
    Forecast { outlooks: outlooks.collect(), of_tokens }
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

/// Nothing renews a token that was pasted.
fn of_token(model: &Model, lane: &Lane) -> Option<Outlook> {
    lane.lifetime.expires_at.map(|end| if end > model.shown_now() { Outlook::Ends(end) } else { Outlook::Over })
}

/// `PROD seta-files`.
fn name(model: &Model, row: &ProfileRow) -> String {
    let badge = model.guard(&row.profile.name).map(|badge| format!("{} ", badge.text));
    format!("{}{}", badge.unwrap_or_default(), row.profile.name)
}

impl Forecast {
    /// `Next: 14:05:30 PROD seta-files renews · 14:17:52 lms-staging ends, not renewed`.
    pub(crate) fn next(&self, model: &Model) -> String {
        let now = model.shown_now();
        let events = self.outlooks.iter().filter_map(|(outlook, name)| match outlook {
            Outlook::Renews(at) => Some((*at.max(&now), name, "renews")),
            Outlook::Ends(at) if self.of_tokens => Some((*at, name, "ends")),
            Outlook::Ends(at) => Some((*at, name, "ends, not renewed")),
            Outlook::Over => None,
        });
        let mut events: Vec<_> = events.collect();
        events.sort_unstable();
        let told = events.into_iter().take(NAMES);
        let told = told.map(|(at, name, words)| format!("{} {name} {words}", clock::of_day(at, now, model.zone)));
        match told.collect::<Vec<_>>() {
            told if told.is_empty() => "Next: nothing ends, and nothing is renewed.".to_owned(),
            told => format!("Next: {}", told.join(" · ")),
        }
    }

    /// `In the hour to 15:05: 2 sessions end unless you act (PROD lms-prod, lms-staging), 2 renew automatically, 1 is over.`
    pub(crate) fn within(&self, model: &Model, zoom: usize) -> String {
        let (span, words, _) = ZOOMS[zoom];
        let until = model.shown_now().checked_add_signed(span).unwrap_or(Timestamp::MAX_UTC);
        let (mut ending, mut renewed, mut over) = (Vec::new(), 0, 0);
        for (outlook, name) in &self.outlooks {
            match outlook {
                Outlook::Ends(at) if *at <= until => ending.push((at, name.as_str())),
                Outlook::Renews(at) if *at <= until => renewed += 1,
                Outlook::Over => over += 1,
                _ => {}
            }
        }
        ending.sort_unstable();
        let mut parts = Vec::new();
        if !ending.is_empty() {
            let what = match (self.of_tokens, ending.len()) {
                (true, 1) => "1 token ends".to_owned(),
                (true, count) => format!("{count} tokens end"),
                (false, 1) => "1 session ends unless you act".to_owned(),
                (false, count) => format!("{count} sessions end unless you act"),
            };
            let more = ending.len().saturating_sub(NAMES);
            let mut names: Vec<_> = ending.iter().take(NAMES).map(|(_, name)| (*name).to_owned()).collect();
            names.extend((more > 0).then(|| format!("{more} more")));
            parts.push(format!("{what} ({})", names.join(", ")));
        }
        let count = |count: usize, one: &str, many: &str| match count {
            0 => None,
            1 => Some(format!("1 {one}")),
            count => Some(format!("{count} {many}")),
        };
        parts.extend(count(renewed, "renews automatically", "renew automatically"));
        parts.extend(count(over, "is over", "are over"));
        let until = match span.num_days() {
            0 => clock::minute(until, model.zone),
            _ => clock::day(until, model.zone),
        };
        let said = if parts.is_empty() { "nothing ends".to_owned() } else { parts.join(", ") };
        format!("In the {words} to {until}: {said}.")
    }
}
