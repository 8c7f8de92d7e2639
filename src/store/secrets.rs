//! Secrets that live outside of the profile: `env:`, `file:`, `cmd:`.
