//! Rotation: for each profile a new session, saved before anything else; then the end of the old tokens, and the proof.
//!
//! The parts that decide are pure: what will be done ([`plan`]), what to do next ([`step`]), what is known of an old token
//! ([`evidence`]), and the report of it ([`receipt`]).

mod again;
mod event;
pub mod evidence;
mod gate;
mod kept;
mod perform;
pub mod plan;
mod planning;
pub mod receipt;
mod running;
pub mod step;
mod turn;

pub use self::{
    event::{Event, Shell, Stage, Waiting},
    kept::RunSummary,
};
