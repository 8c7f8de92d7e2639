//! Rotation: for each profile a new session, saved before anything else; then the end of the old tokens, and the proof.
//!
//! The parts that decide are pure: what will be done ([`plan`]), what to do next ([`step`]), what is known of an old token
//! ([`evidence`]), and the report of it ([`receipt`]).

pub mod evidence;
pub mod plan;
pub mod receipt;
pub mod step;
