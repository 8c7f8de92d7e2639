//! The real binary in a pseudo-terminal, against the real demo server: what a user sees, and what the terminal gets.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod edit;
mod ends;
mod forms;
mod headless;
pub(crate) mod hostile;
mod inspect;
mod lock;
mod paste;
mod rotation;
pub(crate) mod session;
mod terminal;
mod vault;
mod verify;

use crate::support::screen::{self, Screen};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};

/// Moves the cursor of the profiles to this one, and its scope with it.
fn choose(screen: &mut Screen, profile: &str) {
    let row = |screen: &Screen, text: &str| {
        let tree = |line: &str| line.chars().take(29).collect::<String>();
        screen.text().lines().position(|line| tree(line).contains(text))
    };
    screen.press("1g");
    screen.wait_until("the first row", |screen| row(screen, "┃▌All").is_some());
    let (first, wanted) = (row(screen, "┃▌All").unwrap(), row(screen, profile).unwrap());
    screen.press(&"j".repeat(wanted - first));
    screen.wait_until(profile, |screen| row(screen, "┃▌") == Some(wanted));
}

/// A JWS with this payload and a signature that nobody can check.
pub(crate) fn jws(payload: &str) -> String {
    [r#"{"alg":"HS256"}"#, payload, "thirty-two bytes of no signature"]
        .map(|part| BASE64_URL_SAFE_NO_PAD.encode(part))
        .join(".")
}
