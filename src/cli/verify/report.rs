//! What `tokscope verify` says, to people and to programs.

use std::borrow::Cow;

use chrono::SubsecRound as _;
use schemars::JsonSchema;
use serde::Serialize;

use super::case::Case;
use crate::{
    cli::{
        decryption::{Check, Decryption, Reason},
        style::{Role, Style},
    },
    clock,
    text::visible,
    token::verify::{
        self, Expectations, Step, StepOutcome, Verdict, Verification,
        key_set::{KeyEntry, KeySet},
    },
};

/// All cases for people, one after another.
pub(super) fn text(cases: &[Case], keys: &KeySet, expected: &Expectations, style: Style) -> String {
    let mut out = String::new();
    for (case, number) in cases.iter().zip(1..) {
        if cases.len() > 1 {
            let gap = if number > 1 { "\n" } else { "" };
            let title = style.paint(Role::Title, format_args!("signature {number} of {}", cases.len()));
            out += &format!("{gap}{title}\n");
        }
        out += &case.opened.line(style);
        out += &checklist(case, keys, expected, style);
        out += &remarks(&case.verification, keys, &case.warnings, style);
    }
    out
}

/// The checklist for people: first of all, why a server rejects the token.
fn checklist(case: &Case, keys: &KeySet, expected: &Expectations, style: Style) -> String {
    let Case { verification, steps, .. } = case;
    let verdict = &verification.verdict;
    let role = match verdict {
        Verdict::Valid => Role::Good,
        Verdict::InvalidSignature | Verdict::Malformed(_) => Role::Bad,
        Verdict::NotVerified | Verdict::CannotVerify(_) => Role::Warning,
    };
    let clock = format!("at {}, leeway {}s", clock::utc(expected.now.trunc_subsecs(0)), expected.leeway);
    let (word, clock) = (style.paint(role, verdict.as_str()), style.paint(Role::Quiet, clock));
    let but = if *verdict == Verdict::Valid { ", but rejected" } else { "" };
    let mut lines = match verify::cause(steps, keys.entries().is_empty()) {
        Some(why) => vec![format!("{word}{but}: {}", visible(why)), clock],
        None => vec![format!("{word}  {clock}")],
    };
    lines.push(String::new());
    for Step { name, outcome } in steps {
        let (role, mark, text) = match outcome {
            StepOutcome::Passed(what) => (Role::Good, "passed", what),
            StepOutcome::Failed { why, .. } => (Role::Bad, "failed", why),
            StepOutcome::NotChecked(why) => (Role::Quiet, "not checked", why),
        };
        let (mark, name) = (style.paint(role, format!("{mark:<11}")), style.paint(Role::Name, format!("{name:<9}")));
        // The step that the verdict hangs on says which rule it goes by.
        let reason = verdict.reason().filter(|reason| reason.why == *text);
        let source = reason.and_then(|reason| reason.source).map(|source| format!(" ({source})"));
        lines.push(format!("  {mark}  {name}  {}{}", visible(text), source.unwrap_or_default()));
        if let StepOutcome::Failed { fix, .. } = outcome {
            lines.push(format!("{:26}{}", "", style.paint(Role::Quiet, visible(fix))));
        }
    }
    let failed: Vec<_> = (steps.iter())
        .filter_map(|step| matches!(step.outcome, StepOutcome::Failed { .. }).then_some(step.name))
        .collect();
    lines.push(String::new());
    let (role, word, colon) =
        if failed.is_empty() { (Role::Good, "accepted", "") } else { (Role::Bad, "not accepted", ": ") };
    lines.push(format!("{}{colon}{}", style.paint(role, word), failed.join(", ")));
    lines.join("\n") + "\n"
}

/// What stands below the checklist: warnings, and, unless a key was found, those that cannot be used.
fn remarks(verification: &Verification, keys: &KeySet, warnings: &[String], style: Style) -> String {
    let unusable = |entry: &KeyEntry| Some(format!("{} cannot be used: {}", entry.name, entry.key.as_ref().err()?));
    let odd: Vec<_> = match verification.key {
        Some(_) => Vec::new(),
        None => keys.entries().iter().filter_map(unusable).collect(),
    };
    let line = |role, word: &str, text: &str| format!("{}  {}\n", style.paint(role, word), visible(text));
    let warnings = warnings.iter().map(|warning| line(Role::Warning, "warning", warning));
    let lines: String = warnings.chain(odd.iter().map(|text| line(Role::Quiet, "note   ", text))).collect();
    if lines.is_empty() { lines } else { format!("\n{lines}") }
}

/// What `--json` prints: of one signature, or of several.
#[derive(Serialize, JsonSchema)]
#[serde(untagged)]
pub(in crate::cli) enum Verified<'a> {
    One(Box<Signature<'a>>),
    Several { accepted: bool, signatures: Vec<Signature<'a>> },
}

/// A signature, and the claims under it.
#[derive(Serialize, JsonSchema)]
pub(in crate::cli) struct Signature<'a> {
    accepted: bool,
    verdict: &'static str,
    reason: Option<Reason<'a>>,
    alg: Option<Cow<'a, str>>,
    kid: Option<Cow<'a, str>>,
    /// The name of the key that made it.
    key: Option<&'a str>,
    now: String,
    leeway: u32,
    checks: Vec<Check<'a>>,
    warnings: &'a [String],
    keys: Vec<Key<'a>>,
    decryption: Option<Decryption<'a>>,
}

/// A key that was given, and why it cannot be used.
#[derive(Serialize, JsonSchema)]
pub(in crate::cli) struct Key<'a> {
    name: &'a str,
    kid: Option<&'a str>,
    error: Option<&'a str>,
}

impl<'a> Verified<'a> {
    pub(super) fn of(cases: &'a [Case], accepted: bool, keys: &'a KeySet, expected: &Expectations) -> Self {
        let key = |KeyEntry { name, kid, key }: &'a KeyEntry| Key {
            name,
            kid: kid.as_deref(),
            error: key.as_ref().err().map(String::as_str),
        };
        let signature = |case: &'a Case| Signature {
            accepted: case.is_accepted(),
            verdict: case.verification.verdict.as_str(),
            reason: case.verification.verdict.reason().map(Reason::of),
            alg: case.opened.signed().alg(),
            kid: case.opened.signed().kid(),
            key: case.verification.key.as_deref(),
            now: clock::utc(expected.now.trunc_subsecs(0)),
            leeway: expected.leeway,
            checks: case.steps.iter().map(Check::of).collect(),
            warnings: &case.warnings,
            keys: keys.entries().iter().map(key).collect(),
            decryption: case.opened.decryption().map(Decryption::of),
        };
        match cases {
            [case] => Self::One(Box::new(signature(case))),
            cases => Self::Several { accepted, signatures: cases.iter().map(signature).collect() },
        }
    }
}
