//! A row of `tokscope status`, and its JSON.

use chrono::TimeDelta;
use schemars::JsonSchema;
use serde::Serialize;

use crate::{
    clock::{self, Timestamp},
    profile::Profile,
    session::{Session, Status},
    token::{lifetime::Lifetime, state::State},
};

/// A profile and its session.
pub(super) struct Row<'a> {
    pub(super) profile: &'a Profile,
    pub(super) status: Status,
}

#[derive(Serialize, JsonSchema)]
pub(in crate::cli) struct Object<'a> {
    profile: &'a str,
    environment: Option<&'a str>,
    provider: &'a str,
    tags: &'a [String],
    state: &'static str,
    access: Option<End>,
    refresh: Option<End>,
    failure: Option<FailureObject<'a>>,
}

#[derive(Serialize, JsonSchema)]
struct End {
    expires_at: Option<String>,
    seconds_left: Option<i64>,
}

#[derive(Serialize, JsonSchema)]
struct FailureObject<'a> {
    at: String,
    words: &'a str,
}

impl<'a> Row<'a> {
    pub(super) fn new(session: &Session, profile: &'a Profile, now: Timestamp) -> Self {
        Self { profile, status: session.status(profile, now) }
    }

    /// Whether it is over, or about to be, and nothing renews it.
    pub(super) fn is_ending(&self, within: Option<TimeDelta>, now: Timestamp) -> bool {
        let soon = within.and_then(|within| now.checked_add_signed(within)).unwrap_or(now);
        let facts = &self.status.facts;
        match self.status.state(now) {
            State::Expired | State::Revoked => true,
            State::Expiring if !facts.is_renewable(now) => true,
            _ => facts.ends(now).is_some_and(|end| end <= soon),
        }
    }

    pub(super) fn object(&self, now: Timestamp) -> Object<'_> {
        let end = |life: Lifetime| End {
            expires_at: life.expires_at.map(clock::utc),
            seconds_left: life.expires_at.map(|end| (end - now).num_seconds()),
        };
        let Profile { name, provider, environment, tags, .. } = self.profile;
        let failure = self.status.failure.as_ref();
        Object {
            profile: name.as_str(),
            environment: environment.as_deref(),
            provider,
            tags,
            state: self.status.state(now).as_str(),
            access: self.status.facts.access.map(end),
            refresh: self.status.facts.refresh.map(end),
            failure: failure.map(|(at, words)| FailureObject { at: clock::utc(clock::to_the_second(*at)), words }),
        }
    }
}
