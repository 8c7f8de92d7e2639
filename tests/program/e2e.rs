//! The real binary in a pseudo-terminal, against the real demo server: what a user sees, and what the terminal gets.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod edit;
mod forms;
mod headless;
mod hostile;
mod inspect;
mod lock;
mod paste;
mod session;
mod terminal;
mod vault;
mod verify;

use crate::support::screen;
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};

/// A JWS with this payload and a signature that nobody can check.
fn jws(payload: &str) -> String {
    [r#"{"alg":"HS256"}"#, payload, "thirty-two bytes of no signature"]
        .map(|part| BASE64_URL_SAFE_NO_PAD.encode(part))
        .join(".")
}
