//! The app, pure: one [`Model`], one closed [`Message`] enum, a synchronous [`update`]. No I/O, no clock, no terminal.
//!
//! ```text
//! ┌ title ───────────────────────────────┐   where everything stands: layout; title, key bars, tabs: bars
//! │ profiles │ tokens                    │   profiles · tokens
//! │          ├───────────────────────────┤
//! │          │ inspector                 │   inspector
//! │ notices                              │   notices
//! └ key bars ────────────────────────────┘   keymap
//!   prompt, question, page over it all       mode · input · page · form · edit
//! ```

mod api;
pub(crate) mod badge;
pub(crate) mod bars;
pub(crate) mod compare;
pub(crate) mod copy;
pub(crate) mod demand;
pub(crate) mod edit;
pub(crate) mod exchange;
pub(crate) mod facts;
pub(crate) mod failure;
pub(crate) mod filter;
pub(crate) mod form;
pub(crate) mod fuzzy;
pub(crate) mod history;
pub(crate) mod horizon;
pub(crate) mod input;
pub(crate) mod inspector;
pub mod key;
pub mod keymap;
pub(crate) mod known_keys;
pub(crate) mod layout;
pub(crate) mod list;
pub(crate) mod log;
pub mod look;
pub(crate) mod machine;
pub(crate) mod marks;
pub mod message;
pub(crate) mod mode;
pub mod mouse;
pub(crate) mod notices;
pub(crate) mod page;
pub(crate) mod profiles;
pub(crate) mod readonly;
pub(crate) mod renewal;
pub(crate) mod resize;
pub(crate) mod rotation;
pub mod schedule;
pub(crate) mod scope;
pub mod tab;
pub(crate) mod target;
pub(crate) mod tasks;
pub(crate) mod tokens;
pub(crate) mod travel;
pub(crate) mod undo;
mod update;
pub mod vault;
pub(crate) mod verify;
pub(crate) mod warning;
pub(crate) mod welcome;

use self::{
    copy::Copies,
    inspector::Inspector,
    keymap::Keymap,
    known_keys::KnownKeys,
    layout::{Layout, Shape},
    look::Look,
    marks::Marks,
    mode::Modes,
    mouse::Pointer,
    notices::Notices,
    page::files::Files,
    profiles::Profiles,
    renewal::agenda::Agenda,
    rotation::Rotation,
    scope::Tree,
    tasks::Tasks,
    tokens::{Seek, Tokens},
    undo::Undo,
    update::{MEND, configured, settle},
    vault::Vault,
    verify::Verdicts,
    welcome::Welcome,
};
pub use self::{
    message::{Effect, Effects, Message},
    rotation::Planned,
    update::update,
};
use crate::{
    auth::{ReadOnly, TokenSet},
    clock::{Timestamp, Zone},
    profile::{Profile, ProfileName, Protected},
    store::{
        config::Config,
        state::{Change, State},
    },
    text,
    token::{Token, detect::Found},
};

/// Everything that the app knows.
#[derive(Debug)]
pub struct Model {
    /// The time. What is on screen may be shown as of another one: [`Model::shown_now`].
    pub(crate) now: Timestamp,
    /// The time that everything is shown as of, where it is not now.
    pub(crate) travel: Option<Timestamp>,
    pub(crate) zone: Zone,
    pub(crate) size: (u16, u16),
    pub(crate) look: Look,
    pub(crate) demo: Option<String>,
    pub(crate) focus: Pane,
    /// The focused pane has the whole body.
    pub(crate) full: bool,
    pub(crate) pointer: Pointer,
    pub(crate) modes: Modes,
    pub(crate) vault: Vault,
    pub(crate) profiles: Profiles,
    pub(crate) tree: Tree,
    pub(crate) marks: Marks,
    pub(crate) tokens: Tokens,
    pub(crate) inspector: Inspector,
    pub(crate) tasks: Tasks,
    pub(crate) agenda: Agenda,
    /// The rotation that is planned, runs or has ended, and those before it.
    pub(crate) rotation: Rotation,
    pub(crate) known_keys: KnownKeys,
    pub(crate) verdicts: Verdicts,
    pub(crate) notices: Notices,
    pub(crate) undo: Undo,
    pub(crate) welcome: Welcome,
    /// The terminal has the focus, as far as it tells.
    pub(crate) attended: bool,
    pub(crate) config: Config,
    /// Which keys commands have.
    pub(crate) keymap: Keymap,
    /// What is remembered from one start to the next.
    pub(crate) state: State,
    /// Which environments are protected, as the settings say.
    pub(crate) protected: Protected,
    /// For which profiles nothing is sent.
    pub(crate) readonly: ReadOnly,
    pub(crate) copies: Copies,
    /// What is known of the files that settings name.
    pub(crate) files: Files,
    /// What chance is made of.
    pub(crate) seed: u64,
    /// What may keep notifications from being shown was said.
    pub(crate) doubt_told: bool,
    quitting: bool,
    /// What the answers are to that the exit waits for, in words; sanitized.
    pub(crate) awaited: Option<String>,
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
    /// What is known of the terminal.
    pub terminal: look::Terminal,
    /// The settings, or why they could not be read: then they have their defaults.
    pub config: Result<Config, String>,
    /// What was remembered.
    pub state: State,
    /// Any number: it spreads the refreshes of several profiles, so that they do not all come at once.
    pub seed: u64,
    /// The profiles, or why they could not be read.
    pub profiles: Result<Vec<Profile>, String>,
    /// How the vault is found.
    pub vault: vault::AtStart,
    /// Tokens that come with the start, each with where it came from (`argument`, `stdin`,
    /// a file's name): the first one goes to the top and is selected.
    pub tokens: Vec<(String, Found)>,
    /// Token sets that the session has already, by profile: listed below `tokens`.
    pub token_sets: Vec<(ProfileName, TokenSet)>,
    /// Tokens to try things on, each with its name: listed below all others.
    pub samples: Vec<(String, Token)>,
    /// The demo's address, shown in the title line when this is the demo.
    pub demo: Option<String>,
    /// What the user should know first.
    pub remarks: Vec<String>,
}

/// A pane.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Pane {
    Profiles,
    Tokens,
    Inspector,
}

impl Pane {
    /// All, in the order of Tab.
    pub(crate) const ALL: [Self; 3] = [Self::Profiles, Self::Tokens, Self::Inspector];

    /// The heading.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Profiles => "Profiles",
            Self::Tokens => "Tokens",
            Self::Inspector => "Inspector",
        }
    }

    fn step(self, by: usize) -> Self {
        Self::ALL[(self as usize + by) % Self::ALL.len()]
    }
}

impl Model {
    /// The app at its start.
    pub fn new(start: Start) -> Self {
        let background = start.state.backgrounds.get(&start.terminal.name).copied();
        let mut model = Self {
            now: start.now,
            travel: None,
            zone: start.zone,
            size: start.size,
            look: Look::new(start.terminal, background),
            demo: start.demo.map(|address| text::visible(&address).into_owned()),
            focus: Pane::Tokens,
            full: false,
            pointer: Pointer::new(start.config.as_ref().map_or(true, |config| config.ui.mouse)),
            modes: Modes::default(),
            vault: Vault::new(start.vault, start.profiles.as_ref().is_ok_and(|all| !all.is_empty()), start.now),
            profiles: Profiles::default(),
            tree: Tree::default(),
            marks: Marks::default(),
            tokens: Tokens::default(),
            inspector: Inspector::default(),
            tasks: Tasks::default(),
            agenda: Agenda::default(),
            rotation: Rotation::default(),
            known_keys: KnownKeys::default(),
            verdicts: Verdicts::default(),
            notices: Notices::default(),
            undo: Undo::default(),
            welcome: Welcome::default(),
            attended: true,
            config: Config::default(),
            keymap: Keymap::default(),
            state: start.state,
            protected: Config::default().environments.protected(),
            readonly: ReadOnly::default(),
            copies: Copies::default(),
            files: Files::default(),
            seed: start.seed,
            doubt_told: false,
            quitting: false,
            awaited: None,
        };
        configured(&mut model, start.config);
        if let Err(problem) = &start.profiles {
            let words = format!("Could not read the profiles: {problem}");
            model.advise(None, notices::Level::Error, &words, MEND);
        }
        model.profiles.load(start.profiles);
        start.samples.into_iter().rev().for_each(|(name, token)| model.tokens.add(&name, token));
        start.token_sets.iter().rev().for_each(|(profile, set)| _ = tasks::hold(&mut model, profile, set));
        model.tokens.seek(Seek::Urgent);
        start.tokens.into_iter().rev().for_each(|(source, found)| model.tokens.add_found(&source, &found));
        // They stay until a key was pressed.
        start.remarks.iter().for_each(|remark| model.tell(notices::Level::Warning, remark));
        settle(&mut model);
        model
    }

    /// For these profiles nothing is sent.
    pub fn restrict(&mut self, readonly: ReadOnly) {
        self.readonly.renew(readonly);
    }

    /// Whether [`Effect::Quit`] was asked for.
    pub fn quitting(&self) -> bool {
        self.quitting
    }

    /// Whether clicks come to the program.
    pub fn has_mouse(&self) -> bool {
        self.pointer.captured
    }

    /// Where everything stands.
    pub(crate) fn layout(&self) -> Layout {
        let (focus, tab, full) = (self.focus, self.inspector.tab, self.full);
        let layout = Layout::of(
            self.size,
            Shape { focus, tab, full, tokens: self.tokens.rows().len(), dividers: &self.state.dividers },
        );
        let banner = failure::banner(self, &layout).len() as u16;
        Layout { filters: [0, filter::narrow::lines(self, &layout)], banner, ..layout }
    }

    /// From now on, and at the next start.
    pub(crate) fn remember(&mut self, change: Change) -> Effects {
        self.state.apply(&change);
        Effect::Remember(change).into()
    }

    /// Leaves, unless tokens would be lost: then it asks first.
    fn leave(&mut self) -> Effects {
        if vault::keeps(self) { vault::ask_to_quit(self) } else { self.quit() }
    }

    /// Nothing is there that could be lost: the demo takes the place of this one.
    fn leave_for_demo(&mut self) -> Effects {
        let mut effects = self.quit();
        effects.0.insert(0, Effect::TryDemo);
        effects
    }

    /// Leaves nothing of ours on the clipboard.
    fn quit(&mut self) -> Effects {
        self.quitting = true;
        let lent = self.copies.take_back().then_some(Effect::ClearClipboard);
        let changes = tasks::last_changes(self);
        Effects(lent.into_iter().chain(changes).chain([Effect::Quit]).collect())
    }
}
