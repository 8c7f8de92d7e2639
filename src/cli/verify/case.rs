//! One signature, and what came of it: the verdict, the checks, and what is unwise about it.

use super::encrypted::OpenedToken;
use crate::token::verify::{
    self, Expectations, Reason, Step, StepOutcome, Verdict, Verification, checklist, key_set::KeySet,
};

/// One signature, and what came of it.
pub(super) struct Case {
    pub(super) opened: OpenedToken,
    pub(super) verification: Verification,
    pub(super) steps: Vec<Step>,
    pub(super) warnings: Vec<String>,
}

/// One accepted signature is enough; but none may be wrong (RFC 7515 §5.2 leaves it to the application).
pub(super) fn is_accepted(cases: &[Case]) -> bool {
    let wrong = |case: &Case| matches!(case.verification.verdict, Verdict::InvalidSignature | Verdict::Malformed(_));
    cases.iter().any(Case::is_accepted) && !cases.iter().any(wrong)
}

impl Case {
    /// What came of a token, an attached or detached payload, and what is not protected beside it.
    pub(super) fn new(
        opened: OpenedToken,
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

    pub(super) fn is_accepted(&self) -> bool {
        self.verification.verdict == Verdict::Valid
            && !self.steps.iter().any(|step| matches!(step.outcome, StepOutcome::Failed { .. }))
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
