//! What is known of a session and of a token, for the table of [`crate::token::state`]: one place for the tree, the table,
//! the filter and the inspector.

use std::cmp::Reverse;

use super::{
    Model,
    profiles::ProfileRow,
    renewal::{self, Plan, Stop},
    tokens::Row,
};
use crate::{
    auth::TokenKind,
    clock::Timestamp,
    store::vault::Generation,
    token::{
        Form,
        lifetime::Lifetime,
        state::{Facts, State},
        urgency,
    },
};

/// Of a profile's session.
pub(crate) fn of_profile(model: &Model, row: &ProfileRow) -> Facts {
    let held = row.holding.as_ref();
    Facts {
        locked: held.is_none() && model.vault.is_locked(),
        busy: model.tasks.told_of(&row.profile.name, model.now).is_some() || model.rotation.covers(&row.profile.name),
        failed: row.failure.is_some() || needs_login(model, row),
        revoked: held.is_some_and(|held| held.revoked),
        refused: held.is_some_and(|held| held.refused),
        access: held.map(|held| held.lifetime),
        refresh: held.and_then(|held| held.refresh),
        renews_alone: held.is_some() && row.renews_alone,
        opaque: held.is_some_and(|held| held.opaque),
        ..Facts::default()
    }
}

/// Only a login helps: the server has refused to renew.
pub(crate) fn needs_login(model: &Model, row: &ProfileRow) -> bool {
    row.facts.condition.retired.is_some() || renewal::plan(model, row) == Plan::Stopped(Stop::SignIn)
}

/// Of a token, with what is known of the session that it belongs to: what is under way or failed is told at its access token.
///
/// Of one that is not current any more nothing else counts.
pub(crate) fn of_token(model: &Model, row: &Row, profile: Option<&ProfileRow>) -> Facts {
    let own = Facts {
        access: Some(row.lifetime),
        revoked: row.revoked,
        refused: row.refused.is_some(),
        opaque: matches!(row.token.form(), Form::Opaque),
        replaced: row.old.map(|old| old.replaced_at),
        ..Facts::default()
    };
    let renews = row.old.is_none() && matches!(row.kind, TokenKind::Access | TokenKind::Unknown);
    match profile.filter(|_| renews) {
        // What renews is the access token.
        Some(profile) => {
            let session = of_profile(model, profile);
            let Facts { busy, failed, refresh, renews_alone, .. } = session;
            Facts { busy, failed, refresh, renews_alone, ..own }
        }
        None => own,
    }
}

/// When the clock alone changes the state next.
pub(crate) fn changes_at(facts: &Facts, now: Timestamp) -> Option<Timestamp> {
    let steps = |life: Lifetime| {
        let soon = urgency::steps(&life).map(|(soon, _)| soon);
        [life.not_before, soon, life.expires_at]
    };
    let times = [facts.access, facts.refresh].into_iter().flatten().flat_map(steps);
    times.flatten().filter(|at| *at > now).min()
}

/// The last to end of a profile's old tokens that are alive although revoked.
pub(crate) fn survivor(row: &ProfileRow, now: Timestamp) -> Option<Facts> {
    let facts =
        |set: &Generation| set.tokens.iter().map(|token| set.facts(token, &row.facts.evidence)).collect::<Vec<_>>();
    let alive = row.old.iter().flat_map(facts).filter(|facts| facts.state(now) == State::Alive);
    alive.max_by_key(|facts| facts.access.and_then(|life| life.expires_at))
}

/// When time ends the next of a profile's old tokens: until then one may be alive although revoked.
pub(crate) fn old_ends_at(row: &ProfileRow, now: Timestamp) -> Option<Timestamp> {
    let ends = row.old.iter().flat_map(|set| &set.tokens).filter_map(|token| token.expires_at);
    ends.filter(|end| *end > now).min()
}

/// What has to be looked at first: the smallest. Of equal ones what ends first.
pub(crate) type Rank = (u8, Reverse<bool>, Option<Timestamp>);

/// How urgent a session is, or a token of one.
pub(crate) fn rank(facts: &Facts, now: Timestamp) -> Rank {
    ranked(facts, now, true)
}

/// How urgent a token is that belongs to no session: when it is over, nothing is to be done about it.
pub(crate) fn rank_of_pasted(facts: &Facts, now: Timestamp) -> Rank {
    ranked(facts, now, false)
}

fn ranked(facts: &Facts, now: Timestamp, session: bool) -> Rank {
    let urgent = match facts.state(now) {
        State::Alive => 0,
        State::Expiring => 1,
        State::Failed => 2,
        State::Expired if session => 3,
        State::Busy => 4,
        State::Renewable => 5,
        State::Active => 6,
        State::NotYet => 7,
        State::Unknown | State::Opaque => 8,
        State::Locked => 9,
        State::NoTokens | State::Expired => 10,
        State::Revoked => 11,
        State::Superseded => 12,
    };
    let end = facts.access.or(facts.refresh).and_then(|life| life.expires_at);
    (urgent, Reverse(end.is_some()), end)
}

/// Whether a profile's session calls for the user.
pub(crate) fn wants_attention(model: &Model, row: &ProfileRow, now: Timestamp) -> bool {
    if row.unsaved().is_some() || survivor(row, now).is_some() {
        return true;
    }
    match of_profile(model, row).state(now) {
        State::Failed | State::Alive | State::Expired => true,
        State::Expiring => renewal::expected(model, row).is_none(),
        _ => false,
    }
}
