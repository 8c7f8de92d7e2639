//! Nothing is lost wherever the program is killed, and whichever file call fails: `tokscope` runs under strace, which kills
//! it at the first system call, at the second, and so on, or lets the first file call fail, the second, and so on. After
//! each run the store is the old one or the new one, and a new program goes on from there.
//!
//! A plain `cargo test` tries every seventh point, and none where there is no strace. `CRASH=some` wants a strace, and
//! `CRASH=all` tries all points; words behind `--` choose among the scenarios. `tests/crash/run.sh` is what CI runs.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test may")]

mod migration;
mod profiles;
mod refresh;
mod tracer;
mod world;

use std::{collections::BTreeMap, env, time::Instant};

/// How many of the points are tried: each, or every seventh.
fn stride() -> usize {
    if is_whole() { 1 } else { 7 }
}

fn is_whole() -> bool {
    env::var_os("CRASH").is_some_and(|word| word == "all")
}

fn main() {
    if !tracer::works() {
        assert!(env::var_os("CRASH").is_none(), "strace cannot trace here");
        println!("strace cannot trace here: nothing was tried");
        return;
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        timed("a refresh killed, grace period", refresh::killed(60)).await;
        timed("a refresh killed, strict server", refresh::killed(0)).await;
        timed("a refresh whose file calls fail, each once", refresh::failing(false)).await;
        timed("a refresh whose file calls fail from one on", refresh::failing(true)).await;
        timed("a refresh whose record cannot be replaced", refresh::rescued()).await;
        timed("a vault of version 1 taken over, killed", migration::killed()).await;
        timed("a profile added, killed", async { profiles::killed(&profiles::ADD) }).await;
        timed("a profile edited, killed", async { profiles::killed(&profiles::EDIT) }).await;
        timed("a profile added, file calls failing", async { profiles::failing(&profiles::ADD) }).await;
        timed("a profile edited, file calls failing", async { profiles::failing(&profiles::EDIT) }).await;
        timed("two processes that edit at the same moment", async { profiles::together() }).await;
    });
}

/// What came of the points, by name.
#[derive(Default)]
struct Outcomes(BTreeMap<&'static str, usize>);

impl Outcomes {
    fn count(&mut self, outcome: &'static str) {
        *self.0.entry(outcome).or_default() += 1;
    }
}

/// Runs a scenario. A panic ends the program, which fails the test.
async fn timed(what: &str, scenario: impl Future<Output = Outcomes>) {
    if !env::args().skip(1).all(|word| word.starts_with('-') || what.contains(&word)) {
        return;
    }
    let started = Instant::now();
    let Outcomes(outcomes) = scenario.await;
    let tried: usize = outcomes.values().sum();
    let listed: Vec<_> = outcomes.iter().map(|(outcome, count)| format!("{count} {outcome}")).collect();
    println!("{what}: {tried} tried: {} ({:.1} s)", listed.join(", "), started.elapsed().as_secs_f64());
}
