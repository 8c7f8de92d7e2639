//! A token set of a profile, by what it is: whatever is renewed, logged in or swept away meanwhile, it is not taken for
//! another one.

use std::collections::HashMap;

use crate::{
    auth::TokenKind,
    profile::ProfileName,
    secret::Fingerprint,
    store::vault::Generation,
    tui::app::{Model, profiles::ProfileRow, tokens::Row},
};

/// Which one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Set {
    /// The current one, which had this token: the session that a login began, and that refreshes go on with. Behind the lock its
    /// tokens are not known.
    Current(Option<Fingerprint>),
    /// The old one that this token is of.
    Old(Fingerprint),
}

/// Where it is by now.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Found<'a> {
    Current,
    Old(&'a Generation),
}

/// What tells the current tokens of each profile.
pub(crate) struct Currents<'a>(HashMap<&'a ProfileName, Vec<&'a Row>>);

impl<'a> Currents<'a> {
    pub(crate) fn of(model: &'a Model) -> Self {
        let mut currents: HashMap<_, Vec<_>> = HashMap::new();
        for row in model.tokens.rows().iter().filter(|row| row.old.is_none()) {
            row.profile().into_iter().for_each(|name| currents.entry(name).or_default().push(row));
        }
        Self(currents)
    }

    pub(crate) fn rows(&self, profile: &ProfileName) -> &[&'a Row] {
        self.0.get(profile).map_or(&[], Vec::as_slice)
    }

    /// The current set of a profile. A refresh token may go on in the next set; an access token does not.
    pub(crate) fn set(&self, profile: &ProfileName) -> Set {
        let rows = self.rows(profile);
        let row = rows.iter().find(|row| row.kind == TokenKind::Access).or(rows.first());
        Set::Current(row.map(|row| row.fingerprint))
    }
}

impl Set {
    /// Where it is: nowhere, if it is over, forgotten, or not yet known to be replaced by another one.
    pub(crate) fn found<'a>(self, row: &'a ProfileRow, currents: &Currents<'_>) -> Option<Found<'a>> {
        let old = |token| row.old.iter().find(|set| set.tokens.iter().any(|old| old.fingerprint == token));
        match self {
            Self::Old(token) => old(token).map(Found::Old),
            // What has come since is another one.
            Self::Current(None) => row.holding.as_ref().is_none_or(|held| held.veiled).then_some(Found::Current),
            Self::Current(Some(token)) => {
                let current = currents.rows(&row.profile.name);
                if current.iter().any(|row| row.fingerprint == token) || current.is_empty() && row.holding.is_some() {
                    return Some(Found::Current);
                }
                let set = old(token)?;
                let same = |grant| set.grant != 0 && set.grant == grant;
                if row.holding.is_some() && same(row.facts.grant) {
                    return Some(Found::Current);
                }
                // The session ended with the last of its sets.
                row.old.iter().rfind(|old| same(old.grant)).or(Some(set)).map(Found::Old)
            }
        }
    }
}
