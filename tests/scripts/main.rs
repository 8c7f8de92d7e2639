//! The commands for scripts: the real binary, over a vault on disk, against the demo's OpenID provider, which rotates refresh
//! tokens and revokes a login's tokens when a used one comes again.

#![allow(clippy::unwrap_used, reason = "a test may")]

mod call;
mod cancel;
mod errors;
mod killed;
mod logout;
mod manner;
mod panic;
mod readonly;
mod rotate;
mod run;
mod scan;
mod schema;
mod seeds;
mod shell;
mod status;
#[path = "../support/mod.rs"]
mod support;
mod token;
mod word;
mod world;
