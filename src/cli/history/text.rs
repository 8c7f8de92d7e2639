//! What `tokscope history` prints for people.

use std::fmt::Write as _;

use crate::{
    cli::style::{Role, Style},
    clock::{self, Timestamp, Zone},
    session::Known,
    store::vault::{KeptSet, OldToken, Record},
    text::visible,
    token::state::State,
};

fn local(time: Timestamp) -> String {
    clock::local(clock::to_the_second(time), Zone::System)
}

pub(super) fn text(sets: &[KeptSet], record: &Record, now: Timestamp, style: Style) -> String {
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
            let note = note(set, token, record, now);
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

/// What is known of a token besides its state: of one that should be dead, the verdict.
fn note(set: &KeptSet, token: &OldToken, record: &Record, now: Timestamp) -> String {
    let known = Known::of(token, record.evidence.get(&token.fingerprint), now);
    let known =
        set.is_judged(token, &record.evidence).then(|| format!("{}: {}", known.verdict(local), known.why(local)));
    let only = token.raw.is_none().then(|| "only its fingerprint is kept".to_owned());
    let notes: Vec<_> = [known, only].into_iter().flatten().collect();
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
