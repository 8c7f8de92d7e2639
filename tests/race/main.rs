//! Nobody loses a rotated refresh token: not many processes, not many tasks, not a reply that gets lost. The server
//! rotates, and revokes a login's tokens when a used refresh token comes again.
//!
//! `RACE=25 cargo test --test race` runs 25 times as much as a plain `cargo test`.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test may")]

mod client;
mod lost;
mod workers;

use std::{process::ExitCode, time::Instant};

/// How much of everything: 1, or what `RACE` says.
fn scale() -> usize {
    std::env::var("RACE").map_or(1, |text| text.parse().expect("RACE is a number"))
}

fn main() -> ExitCode {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    if workers::is_worker() {
        runtime.block_on(workers::work());
        return ExitCode::SUCCESS;
    }
    let scale = scale();
    runtime.block_on(async {
        timed(&format!("2 processes, {} expiries", 40 * scale), workers::race(2, 40 * scale)).await;
        timed(&format!("8 processes, {} expiries", 8 * scale), workers::race(8, 8 * scale)).await;
        timed(&format!("100 tasks, {} expiries", 2 * scale), workers::tasks(100, 2 * scale)).await;
        timed(&format!("{} lost replies, with a grace period", 8 * scale), lost::with_grace(8 * scale)).await;
        timed(&format!("{} lost replies, strict", 8 * scale), lost::strict(8 * scale)).await;
        timed("lost replies without an end", lost::again_and_again()).await;
    });
    ExitCode::SUCCESS
}

/// Runs a scenario. A panic ends the program, which fails the test.
async fn timed(what: &str, scenario: impl Future<Output = String>) {
    let started = Instant::now();
    let figures = scenario.await;
    println!("{what}: {figures} ({:.1} s)", started.elapsed().as_secs_f64());
}
