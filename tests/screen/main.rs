//! The screen without a terminal: frozen time, keys and news of tasks in, effects and pictures out.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod api;
mod app;
mod badge;
mod edit;
mod feedback;
mod filter;
mod forms;
mod generations;
mod horizon;
mod inspector;
mod jobs;
mod keys;
mod layout;
mod lock;
mod look;
mod machine;
mod modes;
mod mouse;
mod old_sets;
mod pages;
mod palette;
mod prompts;
mod readonly;
mod rotation;
mod schedule;
mod scope;
mod screens;
mod screenshots;
#[path = "../support/mod.rs"]
mod support;
mod typing;
mod vault;
mod verify_screen;
