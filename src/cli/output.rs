//! What a command prints: results on standard output, remarks on standard error.

use std::{
    io::{self, Write as _},
    sync::atomic::{AtomicBool, Ordering},
};

use serde::Serialize;

use super::{Failure, json};
use crate::{text::visible, token::json::Json};

/// Prints to standard output. Whoever calls has made foreign text safe.
pub(super) fn print(text: &str) -> Result<(), Failure> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()).map_err(Failure::output)
}

/// Prints a value as JSON over many lines; in its strings, what a terminal would act on is `\uXXXX`.
pub(super) fn print_json(value: &impl Serialize) -> Result<(), Failure> {
    print(&(Json::parse(json::line(value)?).pretty(0) + "\n"))
}

/// What `--quiet` says to this process.
static QUIET: AtomicBool = AtomicBool::new(false);

/// From now on [`tell`] is silent.
pub(super) fn be_quiet() {
    QUIET.store(true, Ordering::Relaxed);
}

/// A remark: a line on standard error, unless the user wants none.
pub(super) fn tell(line: &str) {
    if !QUIET.load(Ordering::Relaxed) {
        say(line);
    }
}

/// What must be known to go on: a line on standard error, made safe to show.
pub(super) fn say(line: &str) {
    // Without standard error there is no reader.
    let _ = writeln!(io::stderr().lock(), "{}", visible(line));
}
