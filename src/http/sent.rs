//! Whether an exchange may still be abandoned: some things a server gives once, so whoever has sent for them waits for the
//! answer.

use tokio::sync::watch;

/// How far an exchange has come that may consume something, or yield tokens.
///
/// It is *sent* from just before the first byte of a request that changes something, until whoever reads the answers says
/// by [`Self::pause`] that they held nothing, or has saved what they held. Only an exchange that is not sent can be
/// stopped, and one that was stopped sends nothing more: both are decided under one lock.
#[derive(Debug, Default)]
pub struct Sent(watch::Sender<State>);

#[derive(Debug, Default, Clone, Copy)]
struct State {
    sent: bool,
    pauses: usize,
    unwanted: bool,
    stopped: bool,
}

impl State {
    fn is_sent(&self) -> bool {
        self.sent && self.pauses == 0
    }

    fn settle(&mut self) {
        self.stopped |= self.unwanted && !self.is_sent();
    }
}

impl Sent {
    /// The next byte may consume something. False: it was stopped, and nothing must be sent.
    pub fn begin(&self) -> bool {
        let mut may = false;
        self.0.send_if_modified(|state| {
            let before = state.sent;
            may = !state.stopped;
            state.sent |= may && state.pauses == 0;
            before != state.sent
        });
        may
    }

    /// It is no longer wanted. Whether it is stopped: if not, its answer has to be waited for.
    pub fn stop(&self) -> bool {
        self.0.send_modify(|state| {
            state.unwanted = true;
            state.settle();
        });
        self.0.borrow().stopped
    }

    /// Waits for people, for time, or for what can be asked for again: no answer so far held anything, and nothing of
    /// this is missed.
    pub async fn pause<T>(&self, work: impl Future<Output = T>) -> T {
        self.0.send_modify(|state| {
            state.sent = false;
            state.pauses += 1;
            state.settle();
        });
        let _end = End(self);
        work.await
    }

    /// Whether its answer has to be waited for.
    pub fn is_sent(&self) -> bool {
        self.0.borrow().is_sent()
    }

    /// Returns when its answer has to be waited for.
    pub async fn sent(&self) {
        self.until(State::is_sent).await;
    }

    /// Returns when its answer has not to be waited for any more.
    pub async fn answered(&self) {
        self.until(|state| !state.is_sent()).await;
    }

    /// Whether it was stopped.
    pub fn is_stopped(&self) -> bool {
        self.0.borrow().stopped
    }

    /// Returns when it is stopped.
    pub async fn stopped(&self) {
        self.until(|state| state.stopped).await;
    }

    /// Returns when it is no longer wanted, stopped or not.
    pub async fn unwanted(&self) {
        self.until(|state| state.unwanted).await;
    }

    async fn until(&self, holds: impl Fn(&State) -> bool) {
        let held = self.0.subscribe().wait_for(|state| holds(state)).await.is_ok();
        debug_assert!(held, "self keeps the channel open");
    }
}

/// The end of a pause, however it comes.
struct End<'a>(&'a Sent);

impl Drop for End<'_> {
    fn drop(&mut self) {
        self.0.0.send_modify(|state| {
            state.pauses -= 1;
            state.sent = false;
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_was_sent_is_stopped_only_in_a_pause_and_what_was_stopped_sends_nothing() {
        let fresh = Sent::default();
        assert!(fresh.stop() && !fresh.begin() && fresh.is_stopped());

        let sent = Sent::default();
        assert!(sent.begin() && sent.is_sent());
        assert!(!sent.stop() && !sent.is_stopped() && sent.begin(), "further requests belong to it");
        sent.unwanted().await;
        sent.pause(sent.stopped()).await;
        assert!(!sent.begin());

        let poll = Sent::default();
        assert!(poll.begin());
        poll.pause(async { assert!(poll.begin() && !poll.is_sent(), "nothing of this is missed") }).await;
        assert!(!poll.is_sent() && poll.stop(), "its answers held nothing");
    }
}
