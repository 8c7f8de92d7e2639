//! `tokscope history`.

use std::fmt::Write as _;

use schemars::JsonSchema;
use serde::Serialize;

use super::{
    Exit, Failure, GlobalOptions,
    invocation::Invocation,
    named::Target,
    output,
    style::{Role, Style},
};
use crate::{
    clock::{self, Timestamp, Zone},
    store::vault::{Event, Evidence, KeptSet, Observation, OldToken, Record},
    text::visible,
    token::state::State,
};

/// The arguments of `tokscope history`.
#[derive(Debug, Clone, clap::Args)]
#[command(after_help = "\
Lists the token sets that are kept of a profile, the current one first, with
the state of each token, and what became of the tokens, the newest first.
Nothing is sent.

superseded: replaced by a refresh or login. alive-although-revoked: the server
was asked to revoke it, and it is not known to be dead. revoked: a server
refused it after that.

--json prints one object: profile; generations (generation, current, grant,
account, received_at, replaced_at, replaced_by, and tokens: kind, fingerprint,
state, expires_at, kept, revocation, refused, accepted; the last three are null
or at, status, words); events (at, event, access, refresh, expires_at).

Exit code: 0; 2 error: no such profile, vault.")]
pub struct History {
    #[command(flatten)]
    target: Target,

    /// Print one JSON object, for programs
    #[arg(long)]
    pub json: bool,
}

/// What `--json` prints.
#[derive(Serialize, JsonSchema)]
pub(super) struct Report<'a> {
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

/// Prints what is kept, and what became of it.
pub fn run(history: &History, place: &GlobalOptions) -> Result<Exit, Failure> {
    let call = Invocation::with_saved(&history.target, place)?;
    let record = call.session.record(&call.profile.name)?.unwrap_or_default();
    let now = clock::now();
    let sets: Vec<_> = record.sets(now).collect();
    if history.json {
        let profile = call.profile.name.as_str();
        let generations = sets.iter().map(|set| object(set, &record, now)).collect();
        output::print_json(&Report { profile, generations, events: record.history.iter().rev().map(event).collect() })?;
    } else {
        output::print(&text(&sets, &record, now, Style::stdout()))?;
    }
    Ok(Exit::Yes)
}

fn utc(time: Timestamp) -> String {
    clock::utc(clock::to_the_second(time))
}

fn local(time: Timestamp) -> String {
    clock::local(clock::to_the_second(time), Zone::System)
}

fn object<'a>(set: &'a KeptSet, record: &'a Record, now: Timestamp) -> GenerationObject<'a> {
    let token = |token: &OldToken| {
        let known = record.evidence.get(&token.fingerprint);
        let observed = |of: fn(&Evidence) -> &Option<Observation>| known.and_then(|known| of(known).as_ref());
        let observed = |of| {
            let Observation { at, status, words } = observed(of)?;
            Some(Observed { at: utc(*at), status: *status, words })
        };
        TokenObject {
            kind: token.kind.to_string(),
            fingerprint: token.fingerprint.to_string(),
            state: set.facts(token, &record.evidence).state(now).as_str(),
            expires_at: token.expires_at.map(utc),
            kept: token.raw.is_some(),
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

fn text(sets: &[KeptSet], record: &Record, now: Timestamp, style: Style) -> String {
    let mut out = String::new();
    for set in sets {
        let how = match set.replaced {
            None => format!("current, since {}", local(set.received_at)),
            Some((at, by)) => format!("from {} to {}, {}", local(set.received_at), local(at), ended_by(by.as_str())),
        };
        let account = set.account.as_ref().map(|account| format!(", {}", visible(account))).unwrap_or_default();
        let _ = writeln!(out, "{}", style.paint(Role::Name, format!("generation {}: {how}{account}", set.number)));
        for token in &set.tokens {
            let facts = set.facts(token, &record.evidence);
            let state = facts.state(now);
            let word = style.paint(role(state), format!("{} {}", state.sign(), state.as_str()));
            let left = Some(facts.left(now)).filter(|left| left != state.as_str()).unwrap_or_default();
            let kind = token.kind.to_string();
            let note = note(token, record);
            let line = format!("  {kind:<8}  {}  {word}  {left}{note}", token.fingerprint);
            let _ = writeln!(out, "{}", line.trim_end());
        }
    }
    if !record.history.is_empty() {
        let _ = writeln!(out, "{}", style.paint(Role::Name, "events"));
    }
    for event in record.history.iter().rev() {
        let part = |what: &str, value: Option<String>| value.map(|value| format!("{what} {value}"));
        let parts = [
            part("access", event.access.map(|print| print.to_string())),
            part("refresh", event.refresh.map(|print| print.to_string())),
            part("until", event.expires_at.map(local)),
        ];
        let parts: Vec<_> = parts.into_iter().flatten().collect();
        let _ = writeln!(out, "  {}  {:<8}  {}", local(event.at), event.kind.as_str(), parts.join(", "));
    }
    if out.is_empty() {
        out.push_str("no tokens were ever saved\n");
    }
    out
}

fn ended_by(event: &str) -> String {
    if event == "logout" { "logged out".to_owned() } else { format!("replaced by {event}") }
}

/// What is known of a token besides its state.
fn note(token: &OldToken, record: &Record) -> String {
    let known = record.evidence(token.fingerprint);
    let status = |seen: &Observation| seen.status.map(|status| format!(" with {status}")).unwrap_or_default();
    let asked = known.revocation.as_ref().map(|seen| match seen.status {
        Some(_) => format!("revocation asked at {}", local(seen.at)),
        None => format!("could not be revoked at {}: {}", local(seen.at), visible(&seen.words)),
    });
    let refused = known.refused.as_ref().map(|seen| format!("refused{} at {}", status(seen), local(seen.at)));
    let accepted = known.accepted.as_ref().map(|seen| format!("accepted at {}", local(seen.at)));
    let only = token.raw.is_none().then(|| "only its fingerprint is kept".to_owned());
    let notes: Vec<_> = [asked, refused, accepted, only].into_iter().flatten().collect();
    if notes.is_empty() { String::new() } else { format!("  {}", notes.join("; ")) }
}

fn role(state: State) -> Role {
    match state {
        State::Alive | State::Expired | State::Failed => Role::Bad,
        State::Expiring | State::Renewable => Role::Warning,
        State::Active => Role::Good,
        _ => Role::Quiet,
    }
}
