//! What goes over the wire: our client against scripted servers, and the demo server under plain requests.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod demo;
mod faults;
mod http;
mod id_token;
mod oauth2;
mod providers;
mod refresh;
mod reply;
mod rotate;
#[path = "../support/mod.rs"]
mod support;
mod systems;
mod ways;
