//! Nothing leaks: not into files, not into what other users see of processes, and not into the memory of a program that is
//! locked.
//!
//! A plain `cargo test` does some sixty operations; `LEAK=1000` does a thousand.

mod files;
mod memory;
mod needles;
mod screen;

use std::process::ExitCode;

use crate::{scale, support::screen as terminal, timed};

/// The code of the terminal program, if that is what this process is.
pub(crate) fn screen_again() -> Option<ExitCode> {
    screen::is_watched().then(screen::program)
}

/// Whether this is the process whose memory is looked through.
pub(crate) async fn started_again() -> bool {
    let is_watched = memory::is_watched();
    if is_watched {
        memory::load_and_lock().await;
    }
    is_watched
}

pub(crate) async fn all() {
    timed("leak: files after operations", files::after(scale("LEAK", 60))).await;
    if crate::crash::is_asked() {
        timed("leak: strace: modes of files while they are made", files::made_private()).await;
    }
    timed("leak: memory of a locked program", memory::of_a_locked_program()).await;
    timed("leak: memory after a scan", async { memory::after_a_scan() }).await;
    timed("leak: memory after a passphrase", async { screen::after_a_passphrase() }).await;
    timed("leak: memory of the locked screen", screen::while_it_renews()).await;
}
