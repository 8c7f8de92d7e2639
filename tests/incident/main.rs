//! What goes wrong and must do no harm: processes that race, a program that is killed and whose file calls fail, and whoever
//! looks into files and memory afterwards.
//!
//! A program, not a harness: it starts itself again as the processes that race and that are watched. Words behind `--`
//! choose among the scenarios: `cargo test --test incident -- race`, `-- "leak: memory"`. What needs strace
//! (`tests/machine/crash.sh`) is no part of a plain `cargo test`.

#![cfg_attr(not(target_os = "linux"), allow(dead_code))]
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test may")]

#[cfg(target_os = "linux")]
mod crash;
#[cfg(target_os = "linux")]
mod leak;
mod race;
#[path = "../support/mod.rs"]
mod support;

use std::{
    alloc::System,
    env,
    process::ExitCode,
    sync::atomic::{AtomicUsize, Ordering},
    time::Instant,
};

use zeroizing_alloc::ZeroAlloc;

/// So many scenarios have come to their end.
static TOLD: AtomicUsize = AtomicUsize::new(0);

/// As the program has it: the processes that are watched are this one, started again.
#[global_allocator]
static WIPED: ZeroAlloc<System> = ZeroAlloc(System);

fn main() -> ExitCode {
    #[cfg(target_os = "linux")]
    if let Some(code) = leak::screen_again() {
        return code;
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        if race::started_again().await {
            return;
        }
        #[cfg(target_os = "linux")]
        if leak::started_again().await {
            return;
        }
        race::all().await;
        #[cfg(target_os = "linux")]
        crash::all().await;
        #[cfg(target_os = "linux")]
        leak::all().await;
    });
    // As other tests say it: whoever has chosen among them sees that there was one.
    println!("test result: ok. {} passed", TOLD.load(Ordering::Relaxed));
    ExitCode::SUCCESS
}

/// How much of everything: what the variable says.
fn scale(variable: &str, usual: usize) -> usize {
    env::var(variable).map_or(usual, |text| text.parse().unwrap_or_else(|_| panic!("{variable} is a number")))
}

/// Runs a scenario that has all the words in its name. A panic ends the program, which fails the test.
async fn timed(what: &str, scenario: impl Future<Output = String>) {
    if !env::args().skip(1).all(|word| word.starts_with('-') || what.contains(&word)) {
        return;
    }
    let started = Instant::now();
    let figures = scenario.await;
    TOLD.fetch_add(1, Ordering::Relaxed);
    println!("{what}: {figures} ({:.1} s)", started.elapsed().as_secs_f64());
}
