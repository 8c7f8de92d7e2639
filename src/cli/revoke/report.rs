//! What a revocation came to, for people and programs.

use std::fmt::Write as _;

use schemars::JsonSchema;
use serde::Serialize;

use crate::{
    auth::Fate,
    cli::style::{Role, Style},
    clock::{self, Zone},
    session::{Ended, EndedToken, Verdict},
    text::visible,
};

/// What `--json` prints.
#[derive(Serialize, JsonSchema)]
pub(in crate::cli) struct Report<'a> {
    pub(super) profile: &'a str,
    pub(super) tokens: Vec<Revoked<'a>>,
}

#[derive(Serialize, JsonSchema)]
pub(in crate::cli) struct Revoked<'a> {
    generation: u64,
    kind: String,
    fingerprint: String,
    asked: bool,
    status: Option<u16>,
    verdict: &'static str,
    until: Option<String>,
    reason: Option<&'a str>,
}

impl<'a> Revoked<'a> {
    fn of(generation: u64, token: &'a EndedToken) -> Self {
        let (status, reason) = match &token.fate {
            Fate::Asked(status) => (Some(*status), None),
            Fate::Alive(why) => (None, Some(why.as_str())),
        };
        let until = match token.verdict {
            Verdict::AliveUntil(end) => Some(clock::utc(clock::to_the_second(end))),
            _ => None,
        };
        Self {
            generation,
            kind: token.kind.to_string(),
            fingerprint: token.fingerprint.to_string(),
            asked: status.is_some(),
            status,
            verdict: token.verdict.as_str(),
            until,
            reason,
        }
    }
}

/// A line for each token.
pub(in crate::cli) fn lines(ended: &[Ended], style: Style) -> String {
    let mut out = String::new();
    for set in ended {
        for token in &set.tokens {
            let verdict = match token.verdict {
                Verdict::Dead => "expired".to_owned(),
                // Only its end is known.
                end @ Verdict::AliveUntil(_) => {
                    end.words(false, |end| clock::local(clock::to_the_second(end), Zone::System))
                }
                Verdict::Alive => "still active".to_owned(),
                Verdict::Unknown => "not known to be dead; tokscope probe tries it".to_owned(),
            };
            let (role, words) = match &token.fate {
                Fate::Asked(status) => (Role::Good, format!("revocation asked (HTTP {status}); {verdict}")),
                Fate::Alive(_) if token.verdict == Verdict::Dead => {
                    (Role::Quiet, "expired; nothing is left to revoke".to_owned())
                }
                Fate::Alive(why) => (Role::Warning, format!("still active: {}", visible(why))),
            };
            let of = if set.is_current { String::new() } else { format!("  generation {}", set.generation) };
            let kind = token.kind.to_string();
            let _ = writeln!(out, "{kind:<8}  {}{of}  {}", token.fingerprint, style.paint(role, words));
        }
    }
    out
}

/// What each token came to, as an object for programs.
pub(in crate::cli) fn objects(ended: &[Ended]) -> Vec<Revoked<'_>> {
    ended.iter().flat_map(|set| set.tokens.iter().map(|token| Revoked::of(set.generation, token))).collect()
}
