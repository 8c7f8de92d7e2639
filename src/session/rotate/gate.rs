//! How many requests go at once: so many in all, four of them to one server, and none to a server that wants fewer until it
//! said so. Who waits here holds nothing.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::Instant,
};

/// So many requests go to one origin at once.
const PER_ORIGIN: usize = 4;
/// So often a request is made that a server puts off.
pub(super) const TRIES: u32 = 8;
/// A server that wants a longer pause is not waited for.
pub(super) const LONGEST: Duration = Duration::from_secs(600);
/// A server that does not say how long: 1 s, 2 s, 4 s … up to this.
const STEEPEST: Duration = Duration::from_secs(30);

/// The gates of a run.
#[derive(Debug)]
pub(super) struct Gates {
    all: Arc<Semaphore>,
    origins: Mutex<HashMap<String, Arc<Gate>>>,
}

#[derive(Debug)]
struct Gate {
    few: Arc<Semaphore>,
    closed: Mutex<Closed>,
}

#[derive(Debug, Default)]
struct Closed {
    until: Option<Instant>,
    /// So often in a row without a word on how long.
    times: u32,
}

/// The right to make one request.
#[derive(Debug)]
pub(super) struct Pass {
    _all: OwnedSemaphorePermit,
    _few: OwnedSemaphorePermit,
}

impl Gates {
    pub(super) fn new(at_once: usize) -> Self {
        Self { all: Arc::new(Semaphore::new(at_once.max(1))), origins: Mutex::default() }
    }

    /// Waits for its turn. `tell`: it waits because the server wants that, so long.
    pub(super) async fn enter(&self, origin: &str, tell: impl Fn(Duration)) -> Pass {
        let gate = self.gate(origin);
        loop {
            while let Some(until) = gate.closed_until() {
                tell(until - Instant::now());
                tokio::time::sleep_until(until).await;
            }
            let few = Arc::clone(&gate.few).acquire_owned().await.expect("it is never closed");
            let all = Arc::clone(&self.all).acquire_owned().await.expect("it is never closed");
            if gate.closed_until().is_none() {
                return Pass { _all: all, _few: few };
            }
        }
    }

    /// The server wants fewer requests: nothing goes there for so long, or for a growing while.
    pub(super) fn close(&self, origin: &str, pause: Option<Duration>) {
        let gate = self.gate(origin);
        let mut closed = gate.closed();
        let pause = pause.unwrap_or_else(|| {
            let grown = Duration::from_secs(1 << closed.times.min(5)).min(STEEPEST);
            closed.times += 1;
            grown + jitter(grown)
        });
        let until = Instant::now() + pause;
        closed.until = Some(closed.until.map_or(until, |before| before.max(until)));
    }

    /// The server has answered.
    pub(super) fn open(&self, origin: &str) {
        self.gate(origin).closed().times = 0;
    }

    fn gate(&self, origin: &str) -> Arc<Gate> {
        let mut origins = self.origins.lock().unwrap_or_else(PoisonError::into_inner);
        let new = || Arc::new(Gate { few: Arc::new(Semaphore::new(PER_ORIGIN)), closed: Mutex::default() });
        Arc::clone(origins.entry(origin.to_owned()).or_insert_with(new))
    }
}

impl Gate {
    fn closed(&self) -> std::sync::MutexGuard<'_, Closed> {
        self.closed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn closed_until(&self) -> Option<Instant> {
        self.closed().until.filter(|until| *until > Instant::now())
    }
}

/// Up to a quarter more, so that those who wait do not all come at once.
fn jitter(pause: Duration) -> Duration {
    let mut byte = [0];
    aws_lc_rs::rand::fill(&mut byte).expect("the system has random bytes");
    pause / 4 * u32::from(byte[0]) / 255
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    /// How many get in at once, of so many that stay.
    async fn inside(gates: &Gates, origins: &[&str]) -> usize {
        let count = AtomicUsize::new(0);
        let enter = async |origin: &str| {
            let pass = gates.enter(origin, |_| {}).await;
            count.fetch_add(1, Ordering::Relaxed);
            std::mem::forget(pass);
        };
        for origin in origins {
            tokio::select! { biased;
                () = enter(origin) => {}
                () = tokio::task::yield_now() => {}
            }
        }
        count.into_inner()
    }

    #[tokio::test]
    async fn four_go_to_one_server_and_so_many_in_all() {
        assert_eq!(inside(&Gates::new(16), &["a"; 9]).await, 4);
        assert_eq!(inside(&Gates::new(5), &["a", "a", "a", "a", "a", "b", "b", "b"]).await, 5);
    }

    #[tokio::test]
    async fn a_server_that_wants_fewer_is_left_alone_until_it_said_and_no_other_is() {
        let gates = Gates::new(16);
        gates.close("a", Some(Duration::from_millis(30)));
        gates.close("a", Some(Duration::from_millis(1)));
        let (told, start) = (AtomicUsize::new(0), Instant::now());
        drop(gates.enter("b", |_| panic!("it is open")).await);
        drop(gates.enter("a", |_| _ = told.fetch_add(1, Ordering::Relaxed)).await);
        assert!(start.elapsed() >= Duration::from_millis(30) && told.into_inner() == 1);
    }

    #[tokio::test]
    async fn without_a_word_the_pause_grows_and_is_short_again_after_an_answer() {
        let gates = Gates::new(1);
        let left = || gates.gate("a").closed_until().map_or(0, |until| (until - Instant::now()).as_millis() as u64);
        let mut pauses = Vec::new();
        for _ in 0..8 {
            gates.gate("a").closed().until = None;
            gates.close("a", None);
            pauses.push(left());
        }
        for (pause, least) in pauses.iter().zip([1, 2, 4, 8, 16, 30, 30, 30]) {
            assert!((least * 1_000 - 500..=least * 1_250).contains(pause), "{pauses:?}");
        }
        gates.open("a");
        gates.gate("a").closed().until = None;
        gates.close("a", None);
        assert!(left() <= 1_250);
    }
}
