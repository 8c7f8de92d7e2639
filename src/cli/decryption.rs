//! What came of a decryption, for people and programs.

use schemars::JsonSchema;
use serde::Serialize;

use super::style::{Role, Style};
use crate::{
    text::visible,
    token::{
        jwe::{self, DecryptionVerdict, Step, StepOutcome},
        verify,
    },
};

/// For programs. No key, and nothing of the plaintext.
#[derive(Serialize, JsonSchema)]
pub(super) struct Decryption<'a> {
    verdict: &'static str,
    reason: Option<Reason<'a>>,
    /// The name of the key that decrypted it.
    key: Option<&'a str>,
    checks: Vec<Check<'a>>,
    cautions: Vec<Reason<'a>>,
}

/// Why something is not as it should be.
#[derive(Serialize, JsonSchema)]
pub(super) struct Reason<'a> {
    why: &'a str,
    fix: &'a str,
    source: Option<&'static str>,
}

impl<'a> Reason<'a> {
    pub(super) fn of(verify::Reason { why, fix, source }: &'a verify::Reason) -> Self {
        Self { why, fix, source: *source }
    }
}

/// What was looked at.
#[derive(Serialize, JsonSchema)]
pub(super) struct Check<'a> {
    check: &'static str,
    /// `passed`, `failed` or `not checked`.
    outcome: &'static str,
    text: &'a str,
    fix: Option<&'a str>,
}

impl<'a> Decryption<'a> {
    pub(super) fn of(decryption: &'a jwe::Decryption) -> Self {
        Self {
            verdict: decryption.verdict.as_str(),
            reason: decryption.verdict.reason().map(Reason::of),
            key: decryption.key.as_deref(),
            checks: decryption.steps.iter().map(Check::of).collect(),
            cautions: decryption.cautions.iter().map(Reason::of).collect(),
        }
    }
}

impl<'a> Check<'a> {
    pub(super) fn of(step: &'a Step) -> Self {
        let (outcome, text, fix) = match &step.outcome {
            StepOutcome::Passed(what) => ("passed", what, None),
            StepOutcome::Failed { why, fix } => ("failed", why, Some(fix.as_str())),
            StepOutcome::NotChecked(why) => ("not checked", why, None),
        };
        Self { check: step.name, outcome, text, fix }
    }
}

/// For people: the verdict, and which key it was, or why not and what would help.
pub(super) fn line(decryption: &jwe::Decryption, style: Style) -> String {
    let verdict = &decryption.verdict;
    let role = match verdict {
        DecryptionVerdict::Decrypted => Role::Good,
        DecryptionVerdict::WrongKey | DecryptionVerdict::Malformed(_) => Role::Bad,
        DecryptionVerdict::NoKey | DecryptionVerdict::CannotDecrypt(_) => Role::Warning,
    };
    let word = style.paint(role, verdict.as_str());
    if let Some(key) = &decryption.key {
        return format!("decryption {word} with {}\n", visible(key));
    }
    let failed = decryption.steps.iter().find_map(|step| match &step.outcome {
        StepOutcome::Failed { why, fix } => Some((why, fix)),
        StepOutcome::Passed(_) | StepOutcome::NotChecked(_) => None,
    });
    let Some((why, fix)) = failed else { return format!("decryption {word}\n") };
    let source = verdict.reason().and_then(|reason| reason.source);
    let source = source.map(|source| format!(" ({source})")).unwrap_or_default();
    format!("decryption {word}: {}{source}\n           {}\n", visible(why), style.paint(Role::Quiet, visible(fix)))
}

/// What is to be known though it was decrypted, a line each.
pub(super) fn cautions(decryption: &jwe::Decryption, style: Style) -> String {
    let line = |it: &verify::Reason| {
        let (word, source) = (style.paint(Role::Warning, "caution"), it.source.unwrap_or_default());
        format!(
            "{word}    {} ({source})\n           {}\n",
            visible(&it.why),
            style.paint(Role::Quiet, visible(&it.fix))
        )
    };
    decryption.cautions.iter().map(line).collect()
}
