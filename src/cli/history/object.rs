//! What `tokscope history --json` prints.

use schemars::JsonSchema;
use serde::Serialize;

use crate::{
    clock::{self, Timestamp},
    session::Known,
    store::vault::{Event, Evidence, KeptSet, Observation, OldToken, Record},
};

/// What `--json` prints.
#[derive(Serialize, JsonSchema)]
pub(in crate::cli) struct Report<'a> {
    profile: &'a str,
    generations: Vec<GenerationObject<'a>>,
    events: Vec<EventObject>,
}

#[derive(Serialize, JsonSchema)]
struct GenerationObject<'a> {
    generation: u64,
    current: bool,
    grant: Option<u64>,
    account: Option<&'a str>,
    received_at: String,
    replaced_at: Option<String>,
    replaced_by: Option<&'static str>,
    tokens: Vec<TokenObject<'a>>,
}

#[derive(Serialize, JsonSchema)]
struct TokenObject<'a> {
    kind: String,
    fingerprint: String,
    state: &'static str,
    expires_at: Option<String>,
    kept: bool,
    verdict: Option<&'static str>,
    until: Option<String>,
    why: Option<String>,
    revocation: Option<Observed<'a>>,
    refused: Option<Observed<'a>>,
    accepted: Option<Observed<'a>>,
}

#[derive(Serialize, JsonSchema)]
struct Observed<'a> {
    at: String,
    status: Option<u16>,
    words: &'a str,
}

#[derive(Serialize, JsonSchema)]
struct EventObject {
    at: String,
    event: &'static str,
    access: Option<String>,
    refresh: Option<String>,
    expires_at: Option<String>,
}

impl<'a> Report<'a> {
    pub(super) fn of(profile: &'a str, sets: &'a [KeptSet], record: &'a Record, now: Timestamp) -> Self {
        let generations = sets.iter().map(|set| object(set, record, now)).collect();
        Self { profile, generations, events: record.history.iter().rev().map(event).collect() }
    }
}

fn utc(time: Timestamp) -> String {
    clock::utc(clock::to_the_second(time))
}

fn object<'a>(set: &'a KeptSet, record: &'a Record, now: Timestamp) -> GenerationObject<'a> {
    let token = |token: &OldToken| {
        let known = record.evidence.get(&token.fingerprint);
        let observed = |of: fn(&Evidence) -> &Option<Observation>| known.and_then(|known| of(known).as_ref());
        let observed = |of| {
            let Observation { at, status, words } = observed(of)?;
            Some(Observed { at: utc(*at), status: *status, words })
        };
        let verdict = set.is_judged(token, &record.evidence).then(|| Known::of(token, known, now));
        TokenObject {
            kind: token.kind.to_string(),
            fingerprint: token.fingerprint.to_string(),
            state: set.facts(token, &record.evidence).state(now).as_str(),
            expires_at: token.expires_at.map(utc),
            kept: token.raw.is_some(),
            verdict: verdict.as_ref().map(|known| known.verdict.as_str()),
            until: verdict.as_ref().and_then(Known::until).map(utc),
            why: verdict.as_ref().map(|known| known.why(utc)),
            revocation: observed(|known| &known.revocation),
            refused: observed(|known| &known.refused),
            accepted: observed(|known| &known.accepted),
        }
    };
    GenerationObject {
        generation: set.number,
        current: set.is_current,
        grant: Some(set.grant).filter(|grant| *grant > 0),
        account: set.account.as_deref(),
        received_at: utc(set.received_at),
        replaced_at: set.replaced.map(|(at, _)| utc(at)),
        replaced_by: set.replaced.map(|(_, by)| by.as_str()),
        tokens: set.tokens.iter().map(token).collect(),
    }
}

fn event(event: &Event) -> EventObject {
    EventObject {
        at: utc(event.at),
        event: event.kind.as_str(),
        access: event.access.map(|print| print.to_string()),
        refresh: event.refresh.map(|print| print.to_string()),
        expires_at: event.expires_at.map(utc),
    }
}
