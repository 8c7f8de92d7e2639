//! The app, pure: one [`Model`], one closed [`Message`] enum, a synchronous [`update`]. No I/O, no clock, no terminal.

pub mod key;
pub mod keymap;
pub mod message;
pub mod schedule;

pub use self::message::{Effect, Effects, Message};
use crate::{
    auth::TokenSet,
    clock::{Timestamp, Zone},
    profile::{Profile, ProfileName},
    token::Token,
};

/// Everything that the app knows.
#[derive(Debug)]
pub struct Model {
    _now: Timestamp,
}

/// What the app starts with.
#[derive(Debug)]
pub struct Start {
    /// The time.
    pub now: Timestamp,
    /// The zone for local times.
    pub zone: Zone,
    /// Columns and rows.
    pub size: (u16, u16),
    /// The profiles, or why they could not be read.
    pub profiles: Result<Vec<Profile>, String>,
    /// Tokens that come with the start, already inspected, each with where it came from (`argument`, `stdin`,
    /// a file's name, `sample`): the first one goes to the top and is selected.
    pub tokens: Vec<(String, Token)>,
    /// Token sets that the session has already, by profile.
    pub token_sets: Vec<(ProfileName, TokenSet)>,
    /// The demo's address, shown in the title line when this is the demo.
    pub demo: Option<String>,
}

impl Model {
    /// The app at its start.
    pub fn new(start: Start) -> Self {
        Self { _now: start.now }
    }

    /// Whether [`Effect::Quit`] was asked for.
    pub fn quitting(&self) -> bool {
        false
    }
}

/// Takes one message in and says what has to be done.
pub fn update(model: &mut Model, message: Message) -> Effects {
    let _ = (model, message);
    Effects::none()
}
