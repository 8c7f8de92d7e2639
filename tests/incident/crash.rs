//! Nothing is lost wherever the program is killed, and whichever file call fails: `tokscope` runs under strace, which kills
//! it at the first system call, at the second, and so on, or lets the first file call fail, the second, and so on. After
//! each run the store is the old one or the new one, and a new program goes on from there.
//!
//! `CRASH=some` tries every thirteenth point, and of a rotation some of those that change something; `CRASH=all` tries each; without strace both fail. A plain `cargo test` tries none and
//! says so: what it finds must not depend on what a machine has. `tests/machine/crash.sh` is what CI runs.

mod migration;
mod profiles;
mod reads;
mod refresh;
mod rotation;
mod tracer;
mod world;

use std::{collections::BTreeMap, env, fmt};

use crate::timed;

/// How many of the points are tried: each, or every thirteenth.
fn stride() -> usize {
    if is_whole() { 1 } else { 13 }
}

fn is_whole() -> bool {
    env::var_os("CRASH").is_some_and(|word| word == "all")
}

/// Whether the scenarios that need strace are to run. Fails where they cannot.
pub(crate) fn is_asked() -> bool {
    let is_asked = env::var_os("CRASH").is_some();
    assert!(
        !is_asked || tracer::works(),
        "strace is missing or may not trace here. Install strace, and allow ptrace (a container needs CAP_SYS_PTRACE)."
    );
    is_asked
}

pub(crate) async fn all() {
    told("two processes that edit at the same moment", async { profiles::together() }).await;
    if !is_asked() {
        println!("strace: not part of a plain cargo test; tests/machine/crash.sh runs what needs it");
        return;
    }
    timed("crash: strace: what a saved token costs", reads::token()).await;
    timed("crash: strace: what a scan opens", reads::scan()).await;
    traced("a refresh killed, grace period", refresh::killed(60)).await;
    traced("a refresh killed, strict server", refresh::killed(0)).await;
    traced("a refresh whose file calls fail, each once", refresh::failing(false)).await;
    traced("a refresh whose file calls fail from one on", refresh::failing(true)).await;
    traced("a refresh whose record cannot be replaced", refresh::rescued()).await;
    traced("a rotation by a login killed, resumed", rotation::killed("login")).await;
    traced("a rotation by a refresh killed, resumed", rotation::killed("refresh")).await;
    traced("a vault of version 1 taken over, killed", migration::killed()).await;
    traced("a profile added, killed", async { profiles::killed(&profiles::ADD) }).await;
    traced("a profile edited, killed", async { profiles::killed(&profiles::EDIT) }).await;
    traced("a profile added, file calls failing", async { profiles::failing(&profiles::ADD) }).await;
    traced("a profile edited, file calls failing", async { profiles::failing(&profiles::EDIT) }).await;
}

async fn traced(what: &str, scenario: impl Future<Output = Outcomes>) {
    told(&format!("strace: {what}"), scenario).await;
}

async fn told(what: &str, scenario: impl Future<Output = Outcomes>) {
    timed(&format!("crash: {what}"), async { scenario.await.to_string() }).await;
}

/// What came of the points, by name.
#[derive(Default)]
struct Outcomes(BTreeMap<&'static str, usize>);

impl Outcomes {
    fn count(&mut self, outcome: &'static str) {
        *self.0.entry(outcome).or_default() += 1;
    }
}

impl fmt::Display for Outcomes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tried: usize = self.0.values().sum();
        let listed: Vec<_> = self.0.iter().map(|(outcome, count)| format!("{count} {outcome}")).collect();
        write!(f, "{tried} tried: {}", listed.join(", "))
    }
}
