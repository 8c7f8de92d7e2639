//! One signature, and what came of it: the verdict, the checks, and what is unwise about it.

use chrono::SubsecRound as _;
use serde_json::{Value, json};

use super::encrypted::Opened;
use crate::{
    cli::decryption,
    clock,
    token::verify::{
        self, Expectations, Outcome, Reason, Step, Verdict as Word, Verification, checklist, keys::KeySet,
    },
};

/// One signature, and what came of it.
pub(super) struct Case {
    pub(super) opened: Opened,
    pub(super) verification: Verification,
    pub(super) steps: Vec<Step>,
    pub(super) warnings: Vec<String>,
}

/// One accepted signature is enough; but none may be wrong (RFC 7515 §5.2 leaves it to the application).
pub(super) fn is_accepted(cases: &[Case]) -> bool {
    let wrong = |case: &Case| matches!(case.verification.verdict, Word::InvalidSignature | Word::Malformed(_));
    cases.iter().any(Case::is_accepted) && !cases.iter().any(wrong)
}

impl Case {
    /// What came of a token, an attached or detached payload, and what is not protected beside it.
    pub(super) fn new(
        opened: Opened,
        verification: Verification,
        payload: Option<&[u8]>,
        unprotected: &[String],
        keys: &KeySet,
        expected: &Expectations,
    ) -> Self {
        let attached = payload.and_then(|payload| verify::with_payload(opened.signed(), payload));
        let steps = checklist(attached.as_ref().unwrap_or(opened.signed()), &verification, expected);
        let mut warnings = warnings(&verification, keys);
        if !unprotected.is_empty() {
            let names = unprotected.join(", ");
            warnings.push(format!("not protected by the signature, so anyone can have changed it: {names}"));
        }
        Self { opened, verification, steps, warnings }
    }

    fn is_accepted(&self) -> bool {
        self.verification.verdict == Word::Valid
            && !self.steps.iter().any(|step| matches!(step.outcome, Outcome::Failed { .. }))
    }

    /// For programs.
    pub(super) fn object(&self, keys: &KeySet, expected: &Expectations) -> Value {
        let keys: Vec<_> = (keys.entries().iter())
            .map(|entry| json!({"name": entry.name, "kid": entry.kid, "error": entry.key.as_ref().err()}))
            .collect();
        let reason = self.verification.verdict.reason();
        json!({
            "accepted": self.is_accepted(),
            "verdict": self.verification.verdict.as_str(),
            "reason": reason.map(|reason| json!({"why": reason.why, "fix": reason.fix, "source": reason.source})),
            "alg": self.opened.signed().alg(),
            "kid": self.opened.signed().kid(),
            "key": self.verification.key,
            "now": clock::utc(expected.now.trunc_subsecs(0)),
            "leeway": expected.leeway,
            "checks": self.steps.iter().map(decryption::check).collect::<Vec<_>>(),
            "warnings": self.warnings,
            "keys": keys,
            "decryption": self.opened.decryption().map(decryption::value),
        })
    }
}

fn warnings(verification: &Verification, keys: &KeySet) -> Vec<String> {
    let words = |reason: &Reason| match reason.source {
        Some(source) => format!("{} ({source})", reason.why),
        None => reason.why.clone(),
    };
    let waived = verification.waived.iter().map(|reason| format!("allowed by option: {}", words(reason)));
    let cautions = verification.cautions.iter().chain(keys.cautions()).map(words);
    let twice = keys.duplicate_kids().into_iter().map(|kid| format!("more than one key has the kid {kid}"));
    waived.chain(cautions).chain(twice).collect()
}
