//! What happens in a run, for whoever shows it.

use std::sync::Arc;

use tokio::sync::watch;

use super::{
    evidence::Verdict,
    receipt::Totals,
    step::{Cancelled, Outcome},
};
use crate::{
    auth::{Interaction, TokenKind, rotation::Way},
    clock::Timestamp,
    profile::ProfileName,
    secret::Fingerprint,
    store::runs::RunId,
};

/// Who shows a run and asks the user: the command line, the screen.
pub trait Shell: Send + Sync {
    /// Something happened.
    fn tell(&self, event: Event);
    /// The user, as the login of a profile sees them. Declining a question skips the login.
    fn user(&self, profile: &ProfileName) -> Arc<dyn Interaction>;
    /// What the user wants no more of: it only grows.
    fn cancelled(&self) -> watch::Receiver<Cancelled>;
}

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// The run begins, or goes on.
    Planned {
        /// Its name.
        run: RunId,
        /// So many profiles are left to do.
        profiles: usize,
        /// It can be resumed.
        resumable: bool,
    },
    /// A profile's turn begins.
    Started {
        /// Whose.
        profile: ProfileName,
    },
    /// It has come to another stage.
    Step {
        /// Whose.
        profile: ProfileName,
        /// Which one.
        stage: Stage,
    },
    /// It waits.
    Waiting {
        /// Whose.
        profile: ProfileName,
        /// For what.
        what: Waiting,
        /// Until when, where that is known.
        until: Option<Timestamp>,
    },
    /// A person is asked from here on.
    Asked {
        /// Whose.
        profile: ProfileName,
    },
    /// The new session is saved.
    Obtained {
        /// Whose.
        profile: ProfileName,
        /// How it came.
        way: Way,
    },
    /// A server was asked to end a token.
    Ended {
        /// Whose.
        profile: ProfileName,
        /// Which kind of token.
        kind: TokenKind,
        /// Which one.
        token: Fingerprint,
        /// The status of the answer; none where no answer came.
        status: Option<u16>,
    },
    /// What is known of an old token now.
    Judged {
        /// Whose.
        profile: ProfileName,
        /// Which kind of token.
        kind: TokenKind,
        /// Which one.
        token: Fingerprint,
        /// The verdict.
        verdict: Verdict,
        /// A call has accepted it.
        accepted: bool,
    },
    /// A profile's turn has ended.
    Settled {
        /// Whose.
        profile: ProfileName,
        /// What came of it.
        outcome: Outcome,
        /// Why, where it was not rotated. Foreign text.
        reason: Option<String>,
    },
    /// The run has ended.
    Total(Totals),
}

/// What is done for a profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Get the new session.
    Obtaining,
    /// Try the new session.
    Checking,
    /// End the old one.
    Ending,
    /// Log in again.
    Recovering,
    /// Put the old session back.
    Restoring,
    /// Try the old tokens.
    Proving,
}

/// What a profile waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Waiting {
    /// Others, of which only so many go at once.
    Slot,
    /// The person, who answers another one.
    Person,
    /// The server, which wants fewer requests.
    Limit,
    /// The end of a token, which may take time.
    Propagation,
}

impl Stage {
    /// The word for programs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Obtaining => "obtaining",
            Self::Checking => "checking",
            Self::Ending => "ending",
            Self::Recovering => "recovering",
            Self::Restoring => "restoring",
            Self::Proving => "proving",
        }
    }
}

impl Waiting {
    /// The word for programs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Slot => "slot",
            Self::Person => "person",
            Self::Limit => "limit",
            Self::Propagation => "propagation",
        }
    }
}
