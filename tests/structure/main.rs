//! The sources themselves: who names whom, and which words a message may hold.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod colors;
mod hints;
mod layering;
