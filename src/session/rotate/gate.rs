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
