//! The terminal UI: `view → app ← runtime`. The view and the runtime do not know each other.

pub mod app;
pub mod runtime;
pub mod view;
