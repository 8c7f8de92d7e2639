//! Nobody loses a rotated refresh token: not many processes, not many tasks, not a reply that gets lost. The server
//! rotates, and revokes a login's tokens when a used refresh token comes again.
//!
//! `RACE=25 cargo test --test incident -- race` runs 25 times as much as a plain `cargo test`.

mod client;
mod lost;
mod workers;

use crate::{scale, timed};

/// Whether this is one of the processes that race. Returns when its work is done.
pub(crate) async fn started_again() -> bool {
    let is_worker = workers::is_worker();
    if is_worker {
        workers::work().await;
    }
    is_worker
}

pub(crate) async fn all() {
    let scale = scale("RACE", 1);
    timed(&format!("race: 2 processes, {} expiries", 40 * scale), workers::race(2, 40 * scale)).await;
    timed(&format!("race: 8 processes, {} expiries", 8 * scale), workers::race(8, 8 * scale)).await;
    timed(&format!("race: 100 tasks, {} expiries", 2 * scale), workers::tasks(100, 2 * scale)).await;
    timed(&format!("race: {} lost replies, with a grace period", 8 * scale), lost::with_grace(8 * scale)).await;
    timed(&format!("race: {} lost replies, strict", 8 * scale), lost::strict(8 * scale)).await;
    timed("race: lost replies without an end", lost::again_and_again()).await;
}
