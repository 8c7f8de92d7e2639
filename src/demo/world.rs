//! What all systems of one base URL share: address, time, tokens.

use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError, atomic::AtomicU64};

use tokio::sync::watch;

use super::{
    Clock,
    mint::RsaKey,
    mode::Mode,
    tokens::{New, Tokens},
};

/// What all systems share.
#[derive(Debug)]
pub(super) struct World {
    /// `http://127.0.0.1:PORT`, and the prefix of a mode.
    pub(super) url: String,
    /// `/liar/MODE`, or nothing.
    pub(super) prefix: String,
    /// What happens before the systems.
    pub(super) mode: Mode,
    pub(super) clock: Clock,
    /// Seconds.
    pub(super) access_ttl: u32,
    /// Seconds.
    pub(super) refresh_grace: u32,
    /// Turns true when the server stops: answers that would never come are given up.
    pub(super) stop: watch::Receiver<bool>,
    /// So many requests have come.
    pub(super) requests: AtomicU64,
    /// So many are being answered.
    pub(super) busy: AtomicU64,
    /// So many were at once, at most.
    pub(super) busiest: AtomicU64,
    pub(super) tokens: Mutex<Tokens>,
}

impl World {
    /// The time in Unix seconds.
    pub(super) fn seconds(&self) -> i64 {
        self.clock.now().timestamp()
    }

    /// Signs RS256 and RS512 tokens: new in every process, made when it is first wanted.
    pub(super) fn rsa(&self) -> &'static RsaKey {
        static KEY: OnceLock<RsaKey> = OnceLock::new();
        KEY.get_or_init(RsaKey::generate)
    }

    /// The tokens that were issued.
    pub(super) fn tokens(&self) -> MutexGuard<'_, Tokens> {
        self.tokens.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A token that `make` makes, unless the mode returns an old one.
    pub(super) fn issue(&self, new: New, make: impl FnOnce() -> String) -> String {
        let same = self.tokens().same(&new);
        let text = same.unwrap_or_else(make);
        self.tokens().issue(&text, new);
        text
    }
}
