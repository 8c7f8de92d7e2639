//! What a task is and what it tells: what it does, its news, and what it brought.

use super::{ApiRequest, KeepId, Kept};
use crate::{
    auth::{
        AuthError, ProbeVerdict, Progress, Prompt, TokenKind, TokenSet,
        key_source::{KeySource, Keys},
    },
    clock::Timestamp,
    http::Exchange,
    profile::{Profile, ProfileName},
    secret::{Fingerprint, SecretString},
    session::{
        Ended, HeldTokens, Wanted,
        rotate::{self, receipt::Receipt},
    },
    store::{identity::Home, runs::RunId},
    trouble::Trouble,
    tui::app::{known_keys::Whose, profiles::Glimpse, rotation::Planned},
};

/// Identifies a task for the life of the process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TaskId(pub u64);

/// What a task does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// Get a first token set.
    Login,
    /// Get a new one from the old one.
    Refresh,
    /// Ask the server to revoke token sets.
    Revoke(Wanted),
    /// Ask the server whether a token is accepted; `None`: the current access token.
    Probe(Option<Fingerprint>),
    /// Ask an API under the access token; one with little time left is renewed first.
    Call(ApiRequest),
    /// Plan a rotation of these profiles: servers are asked at most what they offer.
    PlanRotation {
        /// The profiles.
        profiles: Vec<ProfileName>,
        /// The old sessions are ended first.
        panic: bool,
    },
    /// Rotate as planned: a person has confirmed it.
    Rotate(Planned),
    /// Finish a rotation that was cut off.
    ResumeRotation(RunId),
    /// Try again the old tokens of a rotation that were not dead at its end.
    RecheckRotation(RunId),
    /// Give up a rotation that was cut off.
    AbandonRotation(RunId),
    /// Look for what other programs of this machine keep.
    Scan,
    /// Open the vault. Its question for a passphrase comes as any task's.
    OpenVault {
        /// The home that the user has chosen just now; `None`: as the settings say.
        home: Option<Home>,
        /// The user wants it right now: the keyring may ask in a window of its own.
        asked: bool,
    },
    /// Read or fetch keys to verify with. For an online source the user has confirmed it.
    FindKeys(KeySource, Whose),
    /// Look for the keys of an online source in the vault: nothing goes online.
    FindKeptKeys(KeySource, Whose),
    /// Save a profile.
    Save {
        /// What it was called before; `None` for a new one, which must replace no other.
        old: Option<ProfileName>,
        /// The profile, its settings checked.
        profile: Profile,
    },
    /// Remove a profile and forget its tokens; both are kept under this id.
    Remove(KeepId),
    /// Put back what was forgotten or removed.
    PutBack(KeepId),
    /// Import profiles; none that is there is replaced.
    Import {
        /// The source's id.
        source: &'static str,
        /// The address of those that need one.
        given: Option<String>,
    },
}

/// News of a task.
#[derive(Debug)]
pub enum TaskEvent {
    /// It has come this far.
    Stepped(Progress),
    /// It has a question; [`super::Effect::Answer`] answers it.
    Asked(Prompt),
    /// A profile of a rotation has come this far.
    SteppedOf(ProfileName, Progress),
    /// A profile of a rotation has a question.
    AskedOf(ProfileName, Prompt),
    /// A profile of a rotation has sent this last.
    ExchangedOf(ProfileName, Box<Exchange>),
    /// News of a rotation.
    Rotation(rotate::Event),
    /// What has happened meanwhile, in order.
    Several(Vec<TaskEvent>),
    /// The key of the vault was found and taken in: the vault is being read.
    KeyTaken,
    /// It is over.
    Ended(Result<TaskOutcome, AuthError>),
}

/// What a task brought.
#[derive(Debug)]
pub enum TaskOutcome {
    /// Login, refresh: the new token set, saved already.
    TokenSet(TokenSet),
    /// A refresh behind the lock: what the list may know of the new token set, saved already.
    Glimpse(Glimpse),
    /// Revoke: what it came to for each token set.
    Revoked(Vec<Ended>),
    /// Probe.
    Probed(ProbeVerdict),
    /// What other programs of this machine keep.
    Scanned(HeldTokens),
    /// The plan of a rotation.
    Planned(Planned),
    /// A rotation has ended.
    Rotated(Box<Receipt>),
    /// Call: the status of the answer.
    Called(u16),
    /// The vault is open.
    Opened(OpenedVault),
    /// The vault stays as it was.
    Unopened(Unopened),
    /// Keys to verify with.
    Keys(Keys),
    /// What the vault keeps of a source's keys, and when they were fetched.
    KeptKeys(Option<(Keys, Timestamp)>),
    /// A profile was saved or removed: these are they now. Or it could not be, and nothing is changed.
    Changed(Result<Vec<Profile>, String>),
    /// What was forgotten is back: the profiles as they are now, and what the vault keeps of this one.
    PutBack(Result<(Vec<Profile>, Box<Kept>), Trouble>),
    /// What an import brought, or why it brought nothing.
    Imported(Result<Import, String>),
}

/// What an import brought.
#[derive(Debug)]
pub struct Import {
    /// All profiles as they are now.
    pub profiles: Vec<Profile>,
    /// Which of them are new.
    pub added: Vec<ProfileName>,
    /// The tokens that came with the new ones.
    pub token_sets: Vec<(ProfileName, TokenSet)>,
    /// What was left out, and what to do.
    pub warnings: Vec<String>,
}

/// A token that belongs to no profile, on its way into the lock or out of it.
#[derive(Debug)]
pub struct Loose {
    /// `pasted`, `stdin`, a file's name.
    pub source: String,
    /// Its kind.
    pub kind: TokenKind,
    /// The token.
    pub raw: SecretString,
    /// When it ends, as was said beside it.
    pub expires_at: Option<Timestamp>,
}

/// What an opened vault had in it.
#[derive(Debug)]
pub struct OpenedVault {
    /// Where its key is kept.
    pub home: Home,
    /// That was chosen just now.
    pub chosen: bool,
    /// What is kept of each profile.
    pub records: Vec<(ProfileName, Kept)>,
    /// What cannot be read.
    pub unreadable: Vec<Trouble>,
    /// The tokens of no profile that were there when it was locked.
    pub loose: Vec<Loose>,
}

/// Why the vault was not opened.
#[derive(Debug)]
pub struct Unopened {
    /// The reason.
    pub why: Trouble,
    /// Nobody has said where the key is to be kept, so the user is to choose: what is wrong with the keyring.
    pub unchosen: Option<String>,
}
