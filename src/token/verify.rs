//! Verifying a signature and validating claims.
//!
//! [`verify`] answers with one of five words, never mixed: see [`Verdict`]. It depends on the token, the keys and the
//! policy alone. What depends on the time and on who asks is on the list of [`checklist`]: an expired token whose
//! signature is valid is just that. So is one that a server would not take as it came: what was repaired to read it, and
//! a payload that is not a claims set, are steps of their own.

pub mod algorithm;
mod checklist;
mod ecdsa;
pub mod key_set;
mod payload;
pub mod policy;
mod roca;
mod selective;
pub mod serialization;
mod small_order;
mod text;
mod trial;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

pub use self::{
    checklist::{Expectations, checklist},
    text::{UNTOUCHED, as_it_came, joined},
};
use self::{key_set::KeySet, policy::Policy, trial::Trial};
use super::{Form, Jws, Payload, Token, inspect, json::Kind};

/// What a signature is worth.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// A key that keeps all rules made this signature over exactly this header and payload.
    Valid,
    /// None of the keys that may have made it did.
    InvalidSignature,
    /// There is no key to verify with.
    NotVerified,
    /// Not decidable here: an algorithm, key or form that is not supported or not safe to use.
    CannotVerify(Reason),
    /// This is not a JWS as RFC 7515 has it.
    Malformed(Reason),
}

impl Verdict {
    /// The word for people and programs.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Valid => "valid",
            Self::InvalidSignature => "invalid signature",
            Self::NotVerified => "not verified",
            Self::CannotVerify(_) => "cannot verify",
            Self::Malformed(_) => "malformed",
        }
    }

    /// Why it cannot be verified, or what is malformed.
    pub fn reason(&self) -> Option<&Reason> {
        match self {
            Self::CannotVerify(reason) | Self::Malformed(reason) => Some(reason),
            _ => None,
        }
    }
}

/// Why something is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    /// What is wrong. Foreign text.
    pub why: String,
    /// What would fix it. Foreign text.
    pub fix: String,
    /// The rule behind it: `RFC 7518 §3.2`.
    pub source: Option<&'static str>,
}

impl Reason {
    pub(super) fn new(why: impl Into<String>, fix: impl Into<String>, source: &'static str) -> Self {
        Self { why: why.into(), fix: fix.into(), source: Some(source) }
    }

    pub(super) fn plain(why: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { why: why.into(), fix: fix.into(), source: None }
    }
}

/// What came of verifying.
#[derive(Debug)]
pub struct Verification {
    /// The signature's worth.
    pub verdict: Verdict,
    /// The name of the key that made the signature. Foreign text.
    pub key: Option<String>,
    /// Rules that were waived for that key to be used.
    pub waived: Vec<Reason>,
    /// What other servers may refuse, and this verification did not.
    pub cautions: Vec<Reason>,
    /// Shape, algorithm, key, signature, text, payload: what a resource server looks at first. Of an SD-JWT also its
    /// disclosures and its key binding.
    pub steps: Vec<Step>,
}

impl Verification {
    /// The step for which a server refuses a token whose signature is valid, whatever the time and the audience.
    pub fn refused(&self) -> Option<&'static str> {
        let failed = |step: &&Step| matches!(step.outcome, StepOutcome::Failed { .. });
        self.steps.iter().find(failed).map(|step| step.name).filter(|_| self.verdict == Verdict::Valid)
    }

    /// With what [`as_it_came`] says of the text in which the token came, where that is known.
    #[must_use]
    pub fn of_text(mut self, outcome: StepOutcome) -> Self {
        if let Some(step) = self.steps.iter_mut().find(|step| step.name == "text") {
            step.outcome = outcome;
        }
        self
    }
}

/// One thing that a resource server looks at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The stable word for people and programs: `signature`, `exp`.
    pub name: &'static str,
    /// What came of it.
    pub outcome: StepOutcome,
}

/// What came of a step. Foreign text inside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StepOutcome {
    /// All is well, as far as this step goes.
    Passed(String),
    /// A resource server would refuse the token here.
    Failed {
        /// What is wrong.
        why: String,
        /// What would fix it.
        fix: String,
    },
    /// Not asked for, or nothing is there to look at.
    NotChecked(String),
}

/// Why a server rejects a token: the first step that fails. That no key was given here is not the server's reason, unless
/// there is no other.
pub fn cause(steps: &[Step], without_keys: bool) -> Option<&str> {
    let failed = |step| match step {
        &Step { name, outcome: StepOutcome::Failed { ref why, .. } } => Some((name, why.as_str())),
        _ => None,
    };
    let mut all = steps.iter().filter_map(failed);
    let first = all.next()?;
    let instead = if without_keys && first.0 == "key" { all.next() } else { None };
    Some(instead.unwrap_or(first).1)
}

/// Verifies a signature.
pub fn verify(token: &Token, keys: &KeySet, policy: &Policy) -> Verification {
    Trial::new(token, keys, policy).verification()
}

/// A detached JWS with the payload that was sent some other way, so that its claims can be looked at. `None` for a token
/// with a payload of its own, and for one whose payload is not encoded (RFC 7797), which is not a JWT.
pub fn with_payload(token: &Token, payload: &[u8]) -> Option<Token> {
    let Form::Jws(Jws { header, payload: Payload::Bytes(own), .. }) = token.form() else { return None };
    let encoded = header.member("b64").is_none_or(|b64| b64.kind != Kind::False);
    let (message, signature) = token.signed().filter(|_| own.is_empty() && encoded)?;
    let first = str::from_utf8(message.strip_suffix(b".")?).ok()?;
    Some(inspect::of_serialization([first, &URL_SAFE_NO_PAD.encode(payload), signature], header.clone()))
}

/// Verifies a signature over a payload that was sent some other way (RFC 7515 appendix F, RFC 7797 §5).
pub fn verify_detached(token: &Token, payload: &[u8], keys: &KeySet, policy: &Policy) -> Verification {
    Trial::new(token, keys, policy).of(trial::COMPACT, None, Some(payload)).verification()
}
