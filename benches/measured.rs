//! Whether anything is measured: `cargo test` only looks whether the measurements still run.

#![allow(dead_code, reason = "each measurement uses some of it")]

/// `cargo bench` says so.
pub(crate) fn is_measured() -> bool {
    std::env::args().any(|argument| argument == "--bench")
}

/// So many of something, or fewer where nothing is measured.
pub(crate) fn many(count: usize) -> usize {
    if is_measured() { count } else { count.min(500) }
}
