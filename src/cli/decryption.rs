//! What came of a decryption, for people and programs.

use serde_json::{Value, json};

use super::style::{Role, Style};
use crate::{
    text::visible,
    token::jwe::{Decryption, Outcome, Reason, Step, Verdict},
};

/// For programs: `{verdict, reason, key, checks, cautions}`. No key, and nothing of the plaintext.
pub(super) fn value(decryption: &Decryption) -> Value {
    let reason = |reason: &Reason| json!({"why": reason.why, "fix": reason.fix, "source": reason.source});
    json!({
        "verdict": decryption.verdict.as_str(),
        "reason": decryption.verdict.reason().map(reason),
        "key": decryption.key,
        "checks": decryption.steps.iter().map(check).collect::<Vec<_>>(),
        "cautions": decryption.cautions.iter().map(reason).collect::<Vec<_>>(),
    })
}

/// What was looked at, for programs.
pub(super) fn check(step: &Step) -> Value {
    let (outcome, text, fix) = match &step.outcome {
        Outcome::Passed(what) => ("passed", what, None),
        Outcome::Failed { why, fix } => ("failed", why, Some(fix)),
        Outcome::NotChecked(why) => ("not checked", why, None),
    };
    json!({"check": step.name, "outcome": outcome, "text": text, "fix": fix})
}

/// For people: the verdict, and which key it was, or why not and what would help.
pub(super) fn line(decryption: &Decryption, style: Style) -> String {
    let verdict = &decryption.verdict;
    let role = match verdict {
        Verdict::Decrypted => Role::Good,
        Verdict::WrongKey | Verdict::Malformed(_) => Role::Bad,
        Verdict::NoKey | Verdict::CannotDecrypt(_) => Role::Warning,
    };
    let word = style.paint(role, verdict.as_str());
    if let Some(key) = &decryption.key {
        return format!("decryption {word} with {}\n", visible(key));
    }
    let failed = decryption.steps.iter().find_map(|step| match &step.outcome {
        Outcome::Failed { why, fix } => Some((why, fix)),
        Outcome::Passed(_) | Outcome::NotChecked(_) => None,
    });
    let Some((why, fix)) = failed else { return format!("decryption {word}\n") };
    let source = verdict.reason().and_then(|reason| reason.source);
    let source = source.map(|source| format!(" ({source})")).unwrap_or_default();
    format!("decryption {word}: {}{source}\n           {}\n", visible(why), style.paint(Role::Quiet, visible(fix)))
}

/// What is to be known though it was decrypted, a line each.
pub(super) fn cautions(decryption: &Decryption, style: Style) -> String {
    let line = |it: &Reason| {
        let (word, source) = (style.paint(Role::Warning, "caution"), it.source.unwrap_or_default());
        format!(
            "{word}    {} ({source})\n           {}\n",
            visible(&it.why),
            style.paint(Role::Quiet, visible(&it.fix))
        )
    };
    decryption.cautions.iter().map(line).collect()
}
