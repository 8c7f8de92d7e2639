//! The terminal UI: `view → app ← runtime`. The view and the runtime do not know each other.

use std::process::ExitCode;

pub mod app;
pub mod runtime;
pub mod view;

pub use runtime::{Options, Origin, RunError};

/// Runs the terminal UI until the user leaves or a signal ends it; the exit code says which.
pub fn run(options: Options) -> Result<ExitCode, RunError> {
    runtime::run(options, view::draw)
}
