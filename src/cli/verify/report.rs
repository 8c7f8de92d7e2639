//! What `tokscope verify` says to people.

use chrono::SubsecRound as _;

use crate::{
    cli::style::{Role, Style},
    clock,
    text::visible,
    token::verify::{
        Expectations, Outcome, Step, Verdict as Word, Verification,
        keys::{Entry, KeySet},
    },
};

/// The checklist for people.
pub(super) fn checklist(verification: &Verification, steps: &[Step], expected: &Expectations, style: Style) -> String {
    let verdict = &verification.verdict;
    let role = match verdict {
        Word::Valid => Role::Good,
        Word::InvalidSignature | Word::Malformed(_) => Role::Bad,
        Word::NotVerified | Word::CannotVerify(_) => Role::Warning,
    };
    let clock = format!("at {}, leeway {}s", clock::utc(expected.now.trunc_subsecs(0)), expected.leeway);
    let mut lines = vec![format!("{}  {}", style.paint(role, verdict.as_str()), style.paint(Role::Quiet, clock))];
    lines.push(String::new());
    for Step { name, outcome } in steps {
        let (role, mark, text) = match outcome {
            Outcome::Passed(what) => (Role::Good, "passed", what),
            Outcome::Failed { why, .. } => (Role::Bad, "failed", why),
            Outcome::NotChecked(why) => (Role::Quiet, "not checked", why),
        };
        let (mark, name) = (style.paint(role, format!("{mark:<11}")), style.paint(Role::Name, format!("{name:<9}")));
        // The step that the verdict hangs on says which rule it goes by.
        let reason = verdict.reason().filter(|reason| reason.why == *text);
        let source = reason.and_then(|reason| reason.source).map(|source| format!(" ({source})"));
        lines.push(format!("  {mark}  {name}  {}{}", visible(text), source.unwrap_or_default()));
        if let Outcome::Failed { fix, .. } = outcome {
            lines.push(format!("{:26}{}", "", style.paint(Role::Quiet, visible(fix))));
        }
    }
    let failed: Vec<_> =
        (steps.iter()).filter_map(|step| matches!(step.outcome, Outcome::Failed { .. }).then_some(step.name)).collect();
    lines.push(String::new());
    let (role, word, colon) =
        if failed.is_empty() { (Role::Good, "accepted", "") } else { (Role::Bad, "not accepted", ": ") };
    lines.push(format!("{}{colon}{}", style.paint(role, word), failed.join(", ")));
    lines.join("\n") + "\n"
}

/// What stands below the checklist: warnings, and, unless a key was found, those that cannot be used.
pub(super) fn remarks(verification: &Verification, keys: &KeySet, warnings: &[String], style: Style) -> String {
    let unusable = |entry: &Entry| Some(format!("{} cannot be used: {}", entry.name, entry.key.as_ref().err()?));
    let odd: Vec<_> = match verification.key {
        Some(_) => Vec::new(),
        None => keys.entries().iter().filter_map(unusable).collect(),
    };
    let line = |role, word: &str, text: &str| format!("{}  {}\n", style.paint(role, word), visible(text));
    let warnings = warnings.iter().map(|warning| line(Role::Warning, "warning", warning));
    let lines: String = warnings.chain(odd.iter().map(|text| line(Role::Quiet, "note   ", text))).collect();
    if lines.is_empty() { lines } else { format!("\n{lines}") }
}
