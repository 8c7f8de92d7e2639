//! What the tests share: the program started with pipes or in a terminal, servers and browsers by script, and the stage of
//! the app's core.

#![allow(dead_code, unreachable_pub, reason = "each test binary uses its part")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

pub mod browser;
pub mod faults;
pub mod program;
pub mod rotation;
pub mod schema;
pub mod screen;
pub mod server;
pub mod stage;
pub mod user;
