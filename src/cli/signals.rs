//! The signals that ask a command to end, that of `tokscope lock` among them, and work that heeds them. They are counted
//! from the first wait on, so none gets lost between two waits.

use std::{ffi::c_int, io, sync::Mutex, sync::PoisonError, thread};

use signal_hook::{
    consts::{SIGHUP, SIGINT, SIGTERM, SIGUSR1},
    iterator::Signals,
};
use tokio::sync::watch;

use super::{Failure, lock};

/// What came so far.
#[derive(Debug, Clone, Copy, Default)]
struct Came {
    first: Option<c_int>,
    /// How often the user has said so. A terminal that goes away hangs up once or twice, which means nothing;
    /// and a lock waits for what was sent, however often it is asked for.
    words: u32,
}

/// Where signals are waited for.
#[derive(Debug, Clone)]
pub(super) struct StopSignals(watch::Receiver<Came>);

static ENDS: Mutex<Option<StopSignals>> = Mutex::new(None);

impl StopSignals {
    /// From now on none of the signals kills.
    pub(super) fn new() -> io::Result<Self> {
        let mut ends = ENDS.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(ends) = &*ends {
            return Ok(ends.clone());
        }
        let mut signals = Signals::new([SIGHUP, SIGINT, SIGTERM, SIGUSR1])?;
        let (came, received) = watch::channel(Came { first: lock::was_asked().then_some(SIGUSR1), words: 0 });
        let count = move || {
            for signal in signals.forever() {
                came.send_modify(|came| {
                    came.first.get_or_insert(signal);
                    came.words += u32::from(!matches!(signal, SIGHUP | SIGUSR1));
                });
            }
        };
        thread::Builder::new().name("signals".to_owned()).spawn(count)?;
        Ok(ends.insert(Self(received)).clone())
    }

    /// The first signal, however long ago it came.
    pub(super) async fn first(&mut self) -> c_int {
        match self.0.wait_for(|came| came.first.is_some()).await.map(|came| came.first) {
            Ok(Some(signal)) => signal,
            _ => std::future::pending().await,
        }
    }

    /// Returns when the user has said so twice.
    pub(super) async fn second(&mut self) {
        self.words(2).await;
    }

    /// Returns when the user has said so as often as this.
    pub(super) async fn words(&mut self, times: u32) {
        if self.0.wait_for(|came| came.words >= times).await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

/// Works until it is done or a signal comes.
pub(super) fn run<T>(work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    waiting(async |mut ends| {
        tokio::select! { biased;
            done = work => done,
            signal = ends.first() => Err(Failure::interrupted(signal, "interrupted")),
        }
    })
}

/// Works, with the signals at hand.
pub(super) fn waiting<T>(work: impl AsyncFnOnce(StopSignals) -> Result<T, Failure>) -> Result<T, Failure> {
    let no_runtime = |error: io::Error| {
        Failure::of_io("cannot start threads for network requests", error)
            .hint("check the limits of processes and memory (ulimit -a)")
    };
    let ends = StopSignals::new().map_err(no_runtime)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(no_runtime)?;
    let outcome = runtime.block_on(work(ends));
    // A thread that still reads the terminal must not hold up the exit.
    runtime.shutdown_background();
    outcome
}
