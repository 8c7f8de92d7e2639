//! The three vocabularies of the app: what happened ([`Message`], past tense), what we ask of the world
//! ([`Effect`], imperative), and what a key means ([`super::keymap::Action`]). The app can be read from them.

mod kept;
mod task;

pub use self::{
    kept::{Facts, Kept},
    task::{Import, Loose, OpenedVault, TaskEvent, TaskId, TaskOutcome, Unopened, What},
};
pub use super::api::ApiRequest;
use super::key::Key;
pub use super::mouse::{Mouse, MouseKind};
pub use super::profiles::Glimpse;
use crate::{
    clock::Timestamp,
    http::Exchange,
    profile::{Profile, ProfileName},
    secret::{Fingerprint, SecretString},
    session::rotate::{RunSummary, receipt::Receipt},
    store::{
        config::Config,
        runs::RunId,
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
    /// This is what the vault keeps of profiles that a rotation of ours has changed, with their last exchanges: many at once,
    /// since each would write the lists anew.
    RecordsChanged(Vec<(ProfileName, Option<Box<Exchange>>, Box<Kept>)>),
    /// So many sources have profiles to import.
    SourcesFound(usize),
    /// Whether the keyring answers, or why not.
    KeyringChecked(Result<(), String>),
    /// These rotations were run before, the newest first.
    RunsFound(Vec<RunSummary>),
    /// The receipt of a rotation was read, to be shown; `None`: it has none yet.
    ReceiptRead(RunId, Result<Option<Receipt>, String>),
    /// A receipt was written into this file, or could not be.
    ReceiptWritten(Result<String, String>),
    /// What was not saved was tried again: why it still is not, or that it is.
    Saved(Vec<(ProfileName, Option<String>)>),
    /// SIGTERM or SIGHUP came.
    Terminated,
    /// The program is on its way out and waits for answers to what was sent: for which, in words.
    Awaited(Vec<String>),
}

/// Identifies what was forgotten and can be put back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct KeepId(pub u64);

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
    /// The profile of a rotation that asks gets no answer: the others go on.
    Skip(TaskId, ProfileName),
    /// Read the receipt of a rotation; [`Message::ReceiptRead`] tells.
    ReadReceipt(RunId),
    /// Write a receipt into a file of the folder that the program was started in; [`Message::ReceiptWritten`] tells.
    WriteReceipt {
        /// The name of the file.
        name: String,
        /// The receipt. No secrets.
        text: String,
    },
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
