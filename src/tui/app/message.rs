//! The three vocabularies of the app: what happened ([`Message`], past tense), what we ask of the world
//! ([`Effect`], imperative), and what a key means ([`super::keymap::Action`]). The app can be read from them.

use std::time::Duration;

use super::key::Key;
use crate::{
    auth::{AuthError, ProbeVerdict, Prompt, Revocation, Step, TokenSet},
    clock::Timestamp,
    profile::{Profile, ProfileName},
    secret::SecretString,
};

/// Something that happened.
#[derive(Debug)]
pub enum Message {
    /// A key was pressed.
    Key(Key),
    /// Text was pasted, whole.
    Pasted(String),
    /// The screen has this size now, columns and rows.
    Resized(u16, u16),
    /// It is this late now. Sent before any other message of a turn, and when [`super::schedule`] asked for it.
    Ticked(Timestamp),
    /// A background job has news. Unknown ids are ignored: a cancelled job may still talk.
    Job(JobId, JobEvent),
    /// A copy ended: what was copied in words, and how it went.
    Copied(String, CopyOutcome),
    /// The profiles were read from their file again, or could not be.
    ProfilesLoaded(Result<Vec<Profile>, String>),
    /// SIGTERM or SIGHUP came.
    Terminated,
}

/// Identifies a background job for the life of the process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct JobId(pub u64);

/// What a job does for a profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JobKind {
    /// Get a first token set.
    Login,
    /// Get a new one from the old one.
    Refresh,
    /// Ask the server to revoke the set.
    Revoke,
    /// Ask the server whether the access token is accepted.
    Probe,
}

/// News of a job.
#[derive(Debug)]
pub enum JobEvent {
    /// It has come this far.
    Stepped(Step),
    /// It has a question; [`Effect::Answer`] answers it.
    Asked(Prompt),
    /// It is over.
    Ended(Result<Outcome, AuthError>),
}

/// What a job that succeeded brought.
#[derive(Debug)]
pub enum Outcome {
    /// Login, refresh: the new token set, saved already.
    TokenSet(TokenSet),
    /// Revoke.
    Revoked(Revocation),
    /// Probe.
    Probed(ProbeVerdict),
}

/// How a copy went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CopyOutcome {
    /// The desktop's clipboard has it.
    Clipboard,
    /// The terminal was asked to take it (OSC 52); whether it did cannot be known. The remark says what stands in the way.
    Osc52 {
        /// Why it may not have worked, such as tmux without `set-clipboard`.
        doubt: Option<String>,
    },
    /// It did not work, and why.
    Failed(String),
}

/// Something that the app asks of the world. Plain data: no closures, no channels.
#[derive(Debug)]
pub enum Effect {
    /// Start a job. Single-flight per profile: the app never starts a second one.
    StartJob {
        /// The id under which it reports.
        id: JobId,
        /// What it does.
        kind: JobKind,
        /// For whom.
        profile: ProfileName,
    },
    /// Drop a job's future.
    CancelJob(JobId),
    /// Answer the open question of a job.
    Answer(JobId, SecretString),
    /// Put text on the clipboard; [`Message::Copied`] tells how it went.
    Copy {
        /// What is copied, in words: `access token of edx-demo`.
        what: String,
        /// The text.
        text: SecretString,
    },
    /// Forget the token set of a profile.
    Forget(ProfileName),
    /// Read the profiles again.
    ReloadProfiles,
    /// Restore the terminal and stop the process, until the shell continues it.
    Suspend,
    /// Draw everything anew.
    Redraw,
    /// Leave.
    Quit,
}

/// What [`super::update`] returns: a forgotten effect is a compiler warning.
#[must_use = "effects do nothing until the runtime performs them"]
#[derive(Debug, Default)]
pub struct Effects(pub Vec<Effect>);

impl Effects {
    /// Nothing to do.
    pub fn none() -> Self {
        Self::default()
    }
}

impl From<Effect> for Effects {
    fn from(effect: Effect) -> Self {
        Self(vec![effect])
    }
}

/// How long a job has run, for its row.
pub fn elapsed(started: Timestamp, now: Timestamp) -> Duration {
    now.signed_duration_since(started).to_std().unwrap_or_default()
}
