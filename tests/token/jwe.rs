//! Decryption: the RFCs' worked examples, the truth table, keys of every kind, and the real binary.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod binary;
mod interop;
mod robust;
mod seal;
mod table;
mod vectors;

use serde_json::Value;
use tokscope::token::{
    Token,
    jwe::{Decryption, DecryptionKeys, StepOutcome, decrypt},
};

fn decrypted(token: &str, keys: &DecryptionKeys) -> Decryption {
    let decryption = decrypt(&Token::inspect(token), keys);
    assert_eq!(decryption.steps.iter().map(|step| step.name).collect::<Vec<_>>(), STEPS);
    let failed = decryption.steps.iter().any(|step| matches!(step.outcome, StepOutcome::Failed { .. }));
    assert_eq!(failed, decryption.plaintext.is_none());
    assert_eq!(failed, decryption.verdict.as_str() != "decrypted");
    decryption
}

/// All steps, always in this order.
const STEPS: [&str; 5] = ["shape", "algorithm", "key", "decryption", "plaintext"];

/// The verdict's word.
fn word(token: &str, keys: &DecryptionKeys) -> &'static str {
    decrypted(token, keys).verdict.as_str()
}

/// What was encrypted.
fn plaintext(token: &str, keys: &DecryptionKeys) -> Option<Vec<u8>> {
    decrypted(token, keys).plaintext.map(|plaintext| plaintext.bytes().to_vec())
}

fn jwk(jwk: &Value) -> DecryptionKeys {
    DecryptionKeys::read(jwk.to_string().as_bytes(), "example.json").unwrap()
}
