//! Nothing leaks: not into files, not into what other users see of processes, and not into the memory of a program that is
//! locked.
//!
//! A plain `cargo test` does some sixty operations; `LEAK=1000` does a thousand.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test may")]

mod files;
mod memory;
mod needles;
mod screen;
#[path = "../e2e/screen.rs"]
mod terminal;

use std::{alloc::System, env, process::ExitCode, time::Instant};

use zeroizing_alloc::ZeroAlloc;

/// As the program has it: the processes that are watched are this one, started again.
#[global_allocator]
static WIPED: ZeroAlloc<System> = ZeroAlloc(System);

fn main() -> ExitCode {
    if screen::is_watched() {
        return screen::program();
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    if memory::is_watched() {
        runtime.block_on(memory::load_and_lock());
        return ExitCode::SUCCESS;
    }
    let operations = env::var("LEAK").map_or(60, |text| text.parse().expect("LEAK is a number"));
    runtime.block_on(async {
        timed("files after operations", files::after(operations)).await;
        timed("modes of files while they are made", files::made_private()).await;
        timed("memory of a locked program", memory::of_a_locked_program()).await;
        timed("memory after a passphrase", async { screen::after_a_passphrase() }).await;
        timed("memory of the locked screen", screen::while_it_renews()).await;
    });
    ExitCode::SUCCESS
}

/// Runs a scenario. A panic ends the program, which fails the test. `LEAK_ONLY` runs those with this in their name.
async fn timed(what: &str, scenario: impl Future<Output = String>) {
    if env::var("LEAK_ONLY").is_ok_and(|only| !what.contains(&only)) {
        return;
    }
    let started = Instant::now();
    let figures = scenario.await;
    println!("{what}: {figures} ({:.1} s)", started.elapsed().as_secs_f64());
}
