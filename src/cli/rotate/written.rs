//! What a rotation says while it runs, for people and for programs.

use schemars::JsonSchema;
use serde::Serialize;

use crate::{
    clock::{self, Timestamp, Zone},
    session::rotate::{
        Event, RunSummary, Stage, Waiting,
        evidence::Verdict,
        plan::{Plan, Planned, Prospect, Row},
        receipt::Totals,
        step::Outcome,
    },
    text::visible,
};

/// One JSON object a line: what `event` says decides which members there are.
#[derive(Serialize, JsonSchema)]
#[serde(tag = "event", rename_all = "snake_case")]
pub(in crate::cli) enum Line {
    /// What will be done.
    Plan {
        profiles: usize,
        alone: usize,
        asks: usize,
        cannot: usize,
        survivors: usize,
        until: Option<String>,
        resumable: bool,
        rows: Vec<PlanRow>,
    },
    /// A run (--list).
    Run { run: String, profiles: usize, left: usize, running: bool, totals: Totals },
    /// The run has a name.
    Planned { run: String, profiles: usize, resumable: bool },
    /// A profile's turn has come.
    Started { profile: String },
    /// What is done for it now.
    Step { profile: String, step: &'static str },
    /// It waits.
    Waiting { profile: String, r#for: &'static str, until: Option<String> },
    /// It asks the user.
    Asked { profile: String },
    /// Its new session is saved.
    Obtained { profile: String, way: &'static str },
    /// The server was asked to end an old token.
    Ended { profile: String, kind: String, token: String, status: Option<u16> },
    /// What is known of an old token.
    Judged {
        profile: String,
        kind: String,
        token: String,
        verdict: &'static str,
        until: Option<String>,
        accepted: bool,
    },
    /// It is finished.
    Settled { profile: String, outcome: &'static str, reason: Option<String> },
    /// How many of what so far.
    Total {
        rotated: usize,
        revoked: usize,
        failed: usize,
        not_started: usize,
        dead: usize,
        alive_until: usize,
        alive: usize,
        unknown: usize,
    },
}

/// What will be done for a profile.
#[derive(Serialize, JsonSchema)]
pub(in crate::cli) struct PlanRow {
    profile: String,
    environment: Option<String>,
    way: Option<&'static str>,
    obstacle: Option<String>,
    kinship: Option<&'static str>,
    new_tokens_by: String,
    old_tokens_ended_by: String,
    old_tokens: Vec<PlanToken>,
}

/// What can be done about an old token.
#[derive(Serialize, JsonSchema)]
pub(in crate::cli) struct PlanToken {
    kind: String,
    token: String,
    prospect: &'static str,
    until: Option<String>,
}

impl Line {
    /// The plan.
    pub(super) fn plan(plan: &Plan, now: Timestamp) -> Self {
        let totals = plan.totals(now);
        let old = |(token, prospect): (&Planned, Prospect)| PlanToken {
            kind: token.kind.to_string(),
            token: token.fingerprint.to_string(),
            prospect: prospect.as_str(),
            until: prospect.until().map(second),
        };
        let row = |row: &Row| PlanRow {
            profile: row.profile.name.to_string(),
            environment: row.profile.environment.clone(),
            way: row.way.map(|way| way.as_str()),
            obstacle: row.obstacle.clone(),
            kinship: row.kinship.map(|kinship| kinship.as_str()),
            new_tokens_by: row.new_by(),
            old_tokens_ended_by: row.ended_by(&plan.options),
            old_tokens: row.prospects(&plan.options, now).into_iter().map(old).collect(),
        };
        Self::Plan {
            profiles: totals.profiles,
            alone: totals.alone,
            asks: totals.asks,
            cannot: totals.cannot,
            survivors: totals.survivors,
            until: totals.until.map(second),
            resumable: plan.resumable,
            rows: plan.rows.iter().map(row).collect(),
        }
    }

    /// A run of the list.
    pub(super) fn run(run: &RunSummary) -> Self {
        Self::Run {
            run: run.id.to_string(),
            profiles: run.profiles,
            left: run.left,
            running: run.is_running,
            totals: run.totals,
        }
    }

    /// An event.
    pub(super) fn of(event: &Event) -> Self {
        match event {
            Event::Planned { run, profiles, resumable } => {
                Self::Planned { run: run.to_string(), profiles: *profiles, resumable: *resumable }
            }
            Event::Started { profile } => Self::Started { profile: profile.to_string() },
            Event::Step { profile, stage } => Self::Step { profile: profile.to_string(), step: stage.as_str() },
            Event::Waiting { profile, what, until } => {
                Self::Waiting { profile: profile.to_string(), r#for: what.as_str(), until: until.map(second) }
            }
            Event::Asked { profile } => Self::Asked { profile: profile.to_string() },
            Event::Obtained { profile, way } => Self::Obtained { profile: profile.to_string(), way: way.as_str() },
            Event::Ended { profile, kind, token, status } => Self::Ended {
                profile: profile.to_string(),
                kind: kind.to_string(),
                token: token.to_string(),
                status: *status,
            },
            Event::Judged { profile, kind, token, verdict, accepted } => Self::Judged {
                accepted: *accepted,
                profile: profile.to_string(),
                kind: kind.to_string(),
                token: token.to_string(),
                verdict: verdict.as_str(),
                until: match verdict {
                    Verdict::AliveUntil(end) => Some(second(*end)),
                    Verdict::Dead | Verdict::Alive | Verdict::Unknown => None,
                },
            },
            Event::Settled { profile, outcome, reason } => Self::Settled {
                profile: profile.to_string(),
                outcome: outcome.as_str(),
                reason: reason.as_deref().map(|reason| visible(reason).to_string()),
            },
            Event::Total(totals) => Self::Total {
                rotated: totals.rotated,
                revoked: totals.revoked,
                failed: totals.failed,
                not_started: totals.not_started,
                dead: totals.dead,
                alive_until: totals.alive_until,
                alive: totals.alive,
                unknown: totals.unknown,
            },
        }
    }
}

fn second(time: Timestamp) -> String {
    clock::utc(clock::to_the_second(time))
}

/// An event as a line for people; none where it says nothing that the next one does not.
pub(super) fn words(event: &Event) -> Option<String> {
    let now = clock::now();
    Some(match event {
        Event::Planned { run, resumable: true, .. } => {
            format!("run {run}; if it is killed, `tokscope rotate --resume` goes on")
        }
        Event::Planned { run, .. } => format!("run {run}; the vault is kept only in memory, so it cannot be resumed"),
        Event::Started { .. } | Event::Total(_) => return None,
        Event::Step { profile, stage } => format!("{profile}: {}", doing(*stage)),
        Event::Waiting { profile, what, until } => {
            let why = match what {
                Waiting::Limit => "the server asks for fewer requests; waiting",
                // Whoever is asked next is told so then.
                Waiting::Slot | Waiting::Person => return None,
                Waiting::Propagation => "an old token is still accepted; testing again",
            };
            let until = until.map(|until| format!(" ({})", clock::relative(until, now))).unwrap_or_default();
            format!("{profile}: {why}{until}")
        }
        Event::Asked { profile } => format!("{profile}: needs you"),
        Event::Obtained { profile, way } => format!("{profile}: new session saved ({})", way.as_str()),
        Event::Ended { profile, kind, token, status: Some(status) } => {
            format!("{profile}: {kind} {token}: asked the server to end it (HTTP {status})")
        }
        Event::Ended { profile, kind, token, status: None } => {
            format!("{profile}: {kind} {token}: asked the server to end it, no response")
        }
        Event::Judged { profile, kind, token, verdict, accepted } => {
            let time = |end| clock::of_day(end, now, Zone::System);
            format!("{profile}: {kind} {token}: {}", verdict.words(*accepted, time))
        }
        Event::Settled { profile, outcome, reason } => {
            let outcome = match outcome {
                Outcome::Rotated => "rotated",
                Outcome::Revoked => "revoked, without a new session",
                Outcome::Failed => "failed",
                Outcome::NotStarted => "not started",
            };
            let reason = reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
            format!("{profile}: {outcome}{reason}")
        }
    })
}

fn doing(stage: Stage) -> &'static str {
    match stage {
        Stage::Obtaining => "getting a new session",
        Stage::Checking => "testing the new session",
        Stage::Ending => "ending the old tokens",
        Stage::Recovering => "logging in again",
        Stage::Restoring => "the server rejects the new session; restoring the old one",
        Stage::Proving => "testing the old tokens",
    }
}
