//! The real program, in a terminal and with pipes.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod cli;
mod e2e;
mod faults;
mod headless;
mod hygiene;
mod kept;
mod leave;
mod scale;
#[path = "../support/mod.rs"]
mod support;
mod trust;
mod typed;
mod walks;
