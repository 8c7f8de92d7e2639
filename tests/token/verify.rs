//! Signatures and claims: the RFCs' worked examples, the truth table, keys of every kind, and the real binary.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod as_it_came;
pub(crate) mod binary;
mod cases;
mod encode;
pub(crate) mod issuer;
mod keys;
mod online;
mod robust;
mod sd_jwt;
mod sign;
mod table;
mod vectors;
mod wycheproof;

use tokscope::{
    clock,
    token::{
        Token,
        verify::{Expectations, StepOutcome, Verification, checklist, key_set::KeySet, policy::Policy, verify},
    },
};

/// Verifies under the rules as they are.
fn verified(token: &str, keys: &KeySet) -> Verification {
    verify(&Token::inspect(token), keys, &Policy::default())
}

/// The verdict's word.
fn word(token: &str, keys: &KeySet) -> &'static str {
    verified(token, keys).verdict.as_str()
}

/// The names of the steps that failed, at a time in Unix seconds.
fn failed(
    token: &str,
    keys: &KeySet,
    policy: &Policy,
    now: i64,
    expect: impl FnOnce(&mut Expectations),
) -> Vec<&'static str> {
    let token = Token::inspect(token);
    let mut expected = Expectations::at(clock::parse(&now.to_string()).unwrap());
    expect(&mut expected);
    let steps = checklist(&token, &verify(&token, keys, policy), &expected);
    assert_eq!(steps.iter().map(|step| step.name).collect::<Vec<_>>(), STEPS);
    steps.iter().filter(|step| matches!(step.outcome, StepOutcome::Failed { .. })).map(|step| step.name).collect()
}

/// All steps, always in this order.
const STEPS: [&str; 13] =
    ["shape", "algorithm", "key", "signature", "text", "payload", "exp", "nbf", "iat", "iss", "aud", "typ", "scope"];
