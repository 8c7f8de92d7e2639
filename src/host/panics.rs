//! Panics on purpose: tests look what becomes of the terminal and of what is under way.

/// Panics in a debug build where `TOKSCOPE_PANIC` names this thread.
pub fn if_asked_for(thread: &str) {
    if cfg!(debug_assertions) && std::env::var_os("TOKSCOPE_PANIC").is_some_and(|named| named == *thread) {
        panic!("TOKSCOPE_PANIC names this thread: {thread}");
    }
}
