//! Tokens: found in text, decoded, verified, decrypted, signed; against published vectors.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod cases;
mod jwe;
mod refusals;
mod samples;
#[path = "../support/mod.rs"]
mod support;
mod verify;
