//! The report of one run: what was done for each profile, what is known of each old token, and what is left to do. As Markdown
//! for people and as JSON for programs, from the same data. No secret is in it: tokens are named by their fingerprints, and the
//! server's words are masked and cut.

mod markdown;
mod written;

use chrono::TimeDelta;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use self::written::{At, server_words, shown};
use super::{
    evidence::{Answer, By, ControlKind, Judgement, Observation, Verdict},
    plan::Options,
    step::Outcome,
};
use crate::{
    auth::{
        TokenKind,
        rotation::{Kinship, Way},
    },
    clock::Timestamp,
    text::push_json,
};

/// The version of the JSON.
pub const VERSION: u32 = 1;

/// What no rotation reaches.
const NOT_COVERED: [&str; 5] = [
    "tokens that others drew from these grants",
    "earlier generations",
    "browser sessions",
    "passwords",
    "client secrets",
];

/// What one run has done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Receipt {
    /// 1.
    pub version: u32,
    /// The name of the run.
    pub run: String,
    /// The program and its version.
    pub tool: String,
    /// When it began.
    pub started_at: At,
    /// When it ended.
    pub ended_at: At,
    /// How it was asked for.
    pub options: Options,
    /// How often it was resumed.
    pub resumed: u32,
    /// How many of what.
    pub totals: Totals,
    /// Each profile, in the order of the plan.
    pub profiles: Vec<Profile>,
    /// What no rotation reaches.
    pub not_covered: Vec<String>,
    /// Why it is not kept with its run.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub unkept: Option<String>,
}

/// How many of what.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Totals {
    /// Profiles with a new session.
    pub rotated: usize,
    /// Profiles whose old session was ended, without a new one.
    pub revoked: usize,
    /// Profiles whose old session is still the current one.
    pub failed: usize,
    /// Profiles of which nothing was begun.
    pub not_started: usize,
    /// Old tokens that are dead.
    pub dead: usize,
    /// Old tokens that are accepted until a known time.
    pub alive_until: usize,
    /// Old tokens that are accepted without a known end.
    pub alive: usize,
    /// Old tokens of which nothing is proven.
    pub unknown: usize,
}

/// What was done for one profile.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// Its name.
    pub name: String,
    /// Its environment.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub environment: Option<String>,
    /// Its tags.
    pub tags: Vec<String>,
    /// The id of its provider.
    pub provider: String,
    /// Where it logs in.
    pub origin: String,
    /// Whose session it is.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub account: Option<String>,
    /// What came of it.
    pub outcome: Outcome,
    /// Why, where it was not rotated.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub reason: Option<String>,
    /// How the new session came.
    pub way: Option<Way>,
    /// How it is related to the old one.
    pub kinship: Option<Kinship>,
    /// The endings had ended the new session too, and another login brought this one.
    pub recovered: bool,
    /// What needs attention at once.
    pub alarms: Vec<String>,
    /// The new tokens.
    pub new: Vec<NewToken>,
    /// The old tokens.
    pub old: Vec<Old>,
    /// What is left to do by hand.
    pub left_to_do: Vec<String>,
    /// How long it took.
    pub elapsed_ms: i64,
}

/// A new token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewToken {
    /// Which one.
    pub kind: TokenKind,
    /// Its fingerprint.
    pub fingerprint: String,
    /// When it ends.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub expires_at: Option<At>,
}

/// An old token, and what is known of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Old {
    /// Which one.
    pub kind: TokenKind,
    /// Its fingerprint.
    pub fingerprint: String,
    /// Its `jti`, to look for in logs.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub jti: Option<String>,
    /// When it ends.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub expires_at: Option<At>,
    /// What is known.
    pub verdict: Life,
    /// Until when it is accepted.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub until: Option<At>,
    /// By what that is known.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub by: Option<By>,
    /// Why that is known.
    pub why: String,
    /// What was sent to end it.
    pub endings: Vec<SentEnding>,
    /// What was seen of it.
    pub evidence: Vec<Seen>,
}

/// The word for a verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Life {
    /// No longer accepted.
    Dead,
    /// Accepted until a known time.
    AliveUntil,
    /// Accepted, without a known end.
    Alive,
    /// Nothing is proven.
    Unknown,
}

/// A request that was to end a token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SentEnding {
    /// When it was sent.
    pub at: At,
    /// What was called.
    pub call: String,
    /// The status of the answer; none where no answer came.
    pub status: Option<u16>,
    /// The server's words.
    pub words: String,
}

/// One observation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Seen {
    /// When.
    pub at: At,
    /// By what.
    pub by: By,
    /// What was called.
    pub call: String,
    /// The status of the answer.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub status: Option<u16>,
    /// What it says of the token.
    pub result: Answer,
    /// The server's words.
    pub words: String,
    /// Its control.
    pub control: Option<SeenControl>,
}

/// The control of an observation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SeenControl {
    /// Which one.
    pub kind: ControlKind,
    /// What it showed.
    pub result: Answer,
    /// When.
    pub at: At,
}

impl Receipt {
    /// Of a run that ended now.
    pub fn new(run: String, started: Timestamp, ended: Timestamp, options: Options, profiles: Vec<Profile>) -> Self {
        Self {
            version: VERSION,
            run,
            tool: format!("tokscope {}", env!("CARGO_PKG_VERSION")),
            started_at: At::of(started),
            ended_at: At::of(ended),
            options,
            resumed: 0,
            totals: Totals::of(&profiles),
            profiles,
            not_covered: NOT_COVERED.map(str::to_owned).to_vec(),
            unkept: None,
        }
    }

    /// Whether it is kept, all are rotated, and of each old session nothing is left: each token is dead, or is an access or ID token that is
    /// accepted for no longer than `max_survival` from now.
    pub fn is_clean(&self, max_survival: TimeDelta, now: Timestamp) -> bool {
        let is_over = |old: &Old| match (old.verdict, old.until) {
            (Life::Dead, _) => true,
            (Life::AliveUntil, Some(At(end))) => old.kind != TokenKind::Refresh && end - now <= max_survival,
            _ => false,
        };
        let is_kept = self.unkept.is_none();
        is_kept
            && self
                .profiles
                .iter()
                .all(|profile| profile.outcome == Outcome::Rotated && profile.old.iter().all(is_over))
    }

    /// For programs: one JSON object.
    pub fn json(&self) -> String {
        let text = serde_json::to_string_pretty(self).expect("a receipt has text keys only");
        let lines = text.lines().map(|line| {
            let mut out = String::new();
            push_json(&mut out, line);
            out + "\n"
        });
        lines.collect()
    }
}

impl Totals {
    /// Of these profiles.
    pub fn of(profiles: &[Profile]) -> Self {
        let outcome = |wanted| profiles.iter().filter(|profile| profile.outcome == wanted).count();
        let old = |wanted| profiles.iter().flat_map(|profile| &profile.old).filter(|old| old.verdict == wanted).count();
        Self {
            rotated: outcome(Outcome::Rotated),
            revoked: outcome(Outcome::Revoked),
            failed: outcome(Outcome::Failed),
            not_started: outcome(Outcome::NotStarted),
            dead: old(Life::Dead),
            alive_until: old(Life::AliveUntil),
            alive: old(Life::Alive),
            unknown: old(Life::Unknown),
        }
    }

    /// Old tokens that are not known to be dead.
    pub fn survivors(self) -> usize {
        self.alive_until + self.alive + self.unknown
    }
}

impl Old {
    /// The verdict, and whether a call has accepted it.
    pub fn judged(&self) -> (Verdict, bool) {
        let verdict = match (self.verdict, self.until) {
            (Life::Dead, _) => Verdict::Dead,
            (Life::AliveUntil, Some(until)) => Verdict::AliveUntil(until.0),
            (Life::AliveUntil | Life::Alive, _) => Verdict::Alive,
            (Life::Unknown, _) => Verdict::Unknown,
        };
        (verdict, self.by.is_some_and(By::is_call))
    }

    /// A token with what was found out.
    pub fn new(kind: TokenKind, fingerprint: String, judged: &Judgement, seen: &[Observation]) -> Self {
        let (verdict, until) = match judged.verdict {
            Verdict::Dead => (Life::Dead, None),
            Verdict::AliveUntil(end) => (Life::AliveUntil, Some(At::of(end))),
            Verdict::Alive => (Life::Alive, None),
            Verdict::Unknown => (Life::Unknown, None),
        };
        Self {
            kind,
            fingerprint,
            jti: None,
            expires_at: None,
            verdict,
            until,
            by: judged.by,
            why: shown(&judged.why),
            endings: Vec::new(),
            evidence: seen.iter().map(Seen::of).collect(),
        }
    }
}

impl Seen {
    fn of(one: &Observation) -> Self {
        Self::at(one, At::of)
    }

    /// With its times as they are.
    pub fn exact(one: &Observation) -> Self {
        Self::at(one, At)
    }

    fn at(one: &Observation, at: fn(Timestamp) -> At) -> Self {
        let control =
            one.control.map(|control| SeenControl { kind: control.kind, result: control.result, at: at(control.at) });
        Self {
            at: at(one.at),
            by: one.by,
            call: shown(&one.call),
            status: one.status,
            result: one.result,
            words: server_words(&one.words),
            control,
        }
    }
}

#[cfg(test)]
mod tests;
