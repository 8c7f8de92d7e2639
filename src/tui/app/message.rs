//! The three vocabularies of the app: what happened ([`Message`], past tense), what we ask of the world
//! ([`Effect`], imperative), and what a key means ([`super::keymap::Action`]). The app can be read from them.

mod kept;

pub use self::kept::{Facts, Kept};
pub use super::api::ApiRequest;
use super::key::Key;
use super::known_keys::Whose;
pub use super::mouse::{Mouse, MouseKind};
pub use super::profiles::Glimpse;
use crate::{
    auth::{
        AuthError, ProbeVerdict, Progress, Prompt, TokenKind, TokenSet,
        key_source::{KeySource, Keys},
    },
    clock::Timestamp,
    http::Exchange,
    profile::{Profile, ProfileName},
    secret::{Fingerprint, SecretString},
    session::{Ended, HeldTokens, Wanted},
    store::{
        config::Config,
        identity::Home,
        state::{Background, Change},
    },
    token::sign::SigningKeys,
    trouble::Trouble,
};

/// Something that happened.
#[derive(Debug)]
pub enum Message {
    /// A key was pressed.
    Key(Key),
    /// Text was pasted, whole.
    Pasted(String),
    /// Something was done with the mouse.
    Mouse(Mouse),
    /// There was nothing to paste from what is selected on the desktop, and why.
    NoPrimarySelection(String),
    /// The screen has this size now, columns and rows.
    Resized(u16, u16),
    /// The terminal got the focus, or lost it.
    Focused(bool),
    /// It is this late now. Sent before any other message of a turn, and when [`super::schedule`] asked for it.
    Ticked(Timestamp),
    /// A task has news. Unknown ids are ignored: a cancelled task may still talk.
    Task(TaskId, TaskEvent),
    /// A copy ended: what was copied in words, and how it went.
    Copied(String, CopyOutcome),
    /// The clipboard was to be cleared: whether what was on it was still ours and is gone, or why that is not known.
    ClipboardCleared(Result<bool, String>),
    /// The terminal was asked for a desktop notification. The remark says what may stand in the way.
    Notified(Option<String>),
    /// The terminal has told its background.
    BackgroundTold(Background),
    /// The terminal has told how many columns it draws a sign in.
    SignWidthTold(u16),
    /// The file of a theme was read, or why it was not.
    ThemeRead(String, Result<String, String>),
    /// The settings were read again, or could not be.
    ConfigLoaded(Result<Config, String>),
    /// Something could not be remembered, and why.
    NotRemembered(String),
    /// The profiles were read from their file again, or could not be.
    ProfilesLoaded(Result<Vec<Profile>, String>),
    /// This is a profile's last exchange with its server now, secrets masked.
    Exchanged(ProfileName, Box<Exchange>),
    /// The key file for an edited token was read, or why it was not.
    SigningKeysRead(String, Result<SigningKeys, String>),
    /// The names in a folder, those of folders with `/` at their end; or why it could not be read.
    FolderListed(String, Result<Vec<String>, String>),
    /// The permissions of a file that a form names, or why it cannot be used.
    FileSeen(String, Result<u32, String>),
    /// The page that a task wants the user to see was opened in the browser, or why it was not.
    PageOpened(TaskId, Result<(), String>),
    /// The vault did not do what was asked about a profile: why, and what to do.
    VaultRefused(ProfileName, Trouble),
    /// Somebody wants the vault locked: `tokscope lock`.
    LockAsked,
    /// This is what the vault keeps of a profile now.
    RecordRead(ProfileName, Box<Kept>),
    /// So many sources have profiles to import.
    SourcesFound(usize),
    /// Whether the keyring answers, or why not.
    KeyringChecked(Result<(), String>),
    /// What was not saved was tried again: why it still is not, or that it is.
    Saved(Vec<(ProfileName, Option<String>)>),
    /// SIGTERM or SIGHUP came.
    Terminated,
    /// The program is on its way out and waits for answers to what was sent: for which, in words.
    Awaited(Vec<String>),
}

/// Identifies a task for the life of the process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TaskId(pub u64);

/// Identifies what was forgotten and can be put back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct KeepId(pub u64);

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
    /// It has a question; [`Effect::Answer`] answers it.
    Asked(Prompt),
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

/// How a copy went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CopyOutcome {
    /// The desktop's clipboard has it, marked as a secret for clipboard histories.
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
    /// Start a task. Single-flight per profile: the app never starts a second one.
    Start {
        /// The id under which it reports.
        id: TaskId,
        /// What it does.
        what: What,
        /// For which profile: of a search for keys, whose connection settings and secret count.
        whose: Option<ProfileName>,
        /// Of a refresh that nobody asked for: the generation of tokens that it is to replace. Nobody is there to help.
        unasked: Option<Fingerprint>,
    },
    /// Give a task up. What was sent is finished; how it ends comes as a [`TaskEvent`].
    Cancel(TaskId),
    /// Answer the open question of a task.
    Answer(TaskId, SecretString),
    /// Put text on the clipboard; [`Message::Copied`] tells how it went.
    Copy {
        /// What is copied, in words: `access token of edx-demo`.
        what: String,
        /// The text.
        text: SecretString,
    },
    /// Take our text off the desktop's clipboard, unless somebody has copied something else since;
    /// [`Message::ClipboardCleared`] tells.
    ClearClipboard,
    /// Paste what is selected on the desktop: it comes as [`Message::Pasted`].
    ReadPrimarySelection,
    /// Let clicks, the wheel and dragging come to the program, or leave them to the terminal.
    CaptureMouse(bool),
    /// Ring the terminal's bell.
    Ring,
    /// Send a desktop notification through the terminal; [`Message::Notified`] tells.
    Notify(String),
    /// Drop the key of the vault. These tokens are to come back with the next opening, beside those that still are.
    LockVault(Vec<Loose>),
    /// See how many sources have profiles to import; [`Message::SourcesFound`] tells.
    LookForSources,
    /// Leave, and become the demo.
    TryDemo,
    /// Ask the keyring whether it answers; [`Message::KeyringChecked`] tells.
    CheckKeyring,
    /// Read what the vault keeps of a profile; [`Message::RecordRead`] tells.
    ReadRecord(ProfileName),
    /// Drop from the vault what time has ended of these profiles' old token sets.
    Tidy(Vec<ProfileName>),
    /// Try to save what is not saved; [`Message::Saved`] tells.
    SaveUnsaved(Vec<ProfileName>),
    /// Forget the tokens of a profile; they are kept under this id.
    Forget {
        /// The profile.
        profile: ProfileName,
        /// Only this old set of it.
        set: Option<u64>,
        /// The id.
        keep: KeepId,
    },
    /// Wipe what was forgotten: it is not put back any more.
    Wipe(Vec<KeepId>),
    /// Remember it for the next start; [`Message::NotRemembered`] tells if that fails.
    Remember(Change),
    /// Write down which keys a command has; [`Message::NotRemembered`] tells if that fails.
    Bind {
        /// Where it works.
        place: &'static str,
        /// Its name there.
        command: &'static str,
        /// Its keys, as they are spelled.
        keys: Vec<String>,
        /// What the settings were before is kept under this id.
        keep: KeepId,
    },
    /// Put the settings back as they were before a key was written down.
    Unbind(KeepId),
    /// Read the settings and the profiles again.
    ReloadProfiles,
    /// Read the file of the theme that is named so; [`Message::ThemeRead`] tells.
    ReadTheme(String),
    /// Open a page in the browser, if there is one; [`Message::PageOpened`] tells.
    OpenPage {
        /// The task that wants it.
        task: TaskId,
        /// The address.
        url: String,
    },
    /// Read a file with a key to sign an edited token with; [`Message::SigningKeysRead`] tells how it went.
    ReadSigningKeys(String),
    /// Read the names in a folder; [`Message::FolderListed`] has them.
    ListFolder(String),
    /// Look at the permissions of a file; [`Message::FileSeen`] has them.
    LookAtFile(String),
    /// Restore the terminal and stop the process, until the shell continues it.
    Suspend,
    /// Send nothing any more, for any profile.
    SendNothing,
    /// Draw everything anew.
    Redraw,
    /// Leave, as soon as what was sent is answered and saved: until then [`Message::Awaited`] tells for what it waits.
    Quit,
    /// Leave without the answers.
    Abandon,
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
