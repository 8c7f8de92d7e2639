//! What `tokscope status` prints for people.

use super::row::Row;
use crate::{
    cli::{
        columns,
        style::{Role, Style},
    },
    clock::{self, Timestamp},
    text::visible,
    token::{lifetime::Lifetime, state::State},
};

/// One line a profile: state, name, environment, time left of both tokens, last failure.
pub(super) fn table(rows: &[Row<'_>], now: Timestamp, style: Style) -> String {
    let left = |life: Option<Lifetime>| match life {
        None => "-".to_owned(),
        Some(life) => life.expires_at.map_or_else(|| "unknown".to_owned(), |end| clock::relative(end, now)),
    };
    let plain = |cells: [String; 5]| cells.map(|cell| (None, cell));
    let cells = rows.iter().map(|row| {
        let (state, facts) = (row.status.state(now), &row.status.facts);
        let failure = row.status.failure.as_ref().map(|(_, words)| visible(words).into_owned());
        let environment = visible(row.profile.environment.as_deref().unwrap_or_default()).into_owned();
        let [name, environment, access, refresh, failure] = plain([
            row.profile.name.to_string(),
            environment,
            left(facts.access),
            left(facts.refresh),
            failure.unwrap_or_default(),
        ]);
        let word = format!("{} {}", state.sign(), state.as_str());
        [(Some(role(state)), word), name, environment, access, refresh, failure]
    });
    let heads = ["  state", "profile", "env", "access", "refresh", "last failure"];
    let heads = heads.map(|head| (Some(Role::Quiet), head.to_owned()));
    columns::lines(&std::iter::once(heads).chain(cells).collect::<Vec<_>>(), style)
}

/// The most urgent profile, and how many others need attention: `▲ seta 48s +2`.
pub(super) fn line(rows: &[Row<'_>], now: Timestamp) -> String {
    let urgent = |row: &&Row<'_>| row.status.state(now) < State::Busy;
    let Some(first) = rows.iter().min_by_key(|row| row.status.state(now)) else { return "\n".to_owned() };
    let others = rows.iter().filter(urgent).count().saturating_sub(1);
    let (state, left) = (first.status.state(now), first.status.facts.left(now));
    // One word for each state, as SELECTOR takes it.
    let left = if left.is_empty() || state == State::NoTokens { state.as_str() } else { &left };
    let more = if others > 0 { format!(" +{others}") } else { String::new() };
    format!("{} {} {left}{more}\n", state.sign(), first.profile.name)
}

/// How a state is painted.
pub(in crate::cli) fn role(state: State) -> Role {
    match state {
        State::Failed | State::Alive | State::Expired | State::Revoked => Role::Bad,
        State::Expiring | State::Busy | State::Renewable => Role::Warning,
        State::Active => Role::Good,
        _ => Role::Name,
    }
}
