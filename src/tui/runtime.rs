//! The runtime: input, signals, timer and tasks in, effects out. Owns the terminal, the threads and the clipboard.
//!
//! ```text
//! thread input ──────┐                                   ┌─► terminal (one write a frame)
//! thread signals ────┼─► Event ─► the loop: update, draw ┼─► tasks (tokio, from the first one on)
//! tasks, clipboard ──┘            wakes up when due      └─► clipboard (a thread, from the first copy on)
//! ```
//! The model lives on the main thread and nowhere else; nothing is shared but the channel of `Event`s.

mod alarm;
mod door;
mod environment;
mod input;
mod key;
mod replies;
mod signals;
mod steady;
mod tasks;
mod terminal;
mod turns;

use std::{
    cell::OnceCell,
    ffi::c_int,
    hash::{BuildHasher as _, RandomState},
    io,
    path::PathBuf,
    process::ExitCode,
    sync::{Arc, mpsc},
};

use ratatui::Frame;

use self::{
    door::{Door, Entered},
    key::FoundKey,
    tasks::{Tasks, records, settings, words},
    terminal::{Device, Screen},
    turns::{Exit, Turns},
};
use super::app::{
    Message, Model, Start,
    message::{TaskId, Unopened},
    mouse::{MouseKind, Targets},
    vault::AtStart,
};
use crate::{
    clock::{self, Zone},
    demo,
    host::clipboard::Desktop,
    secret::SecretString,
    session::{Location, Profiles, Session},
    store::{identity::Home, state::State},
    token::{Token, detect::Found},
    trouble::Told,
};

/// What the terminal UI starts with.
pub struct Options {
    /// The use cases.
    pub session: Session,
    /// Where the profiles come from.
    pub profiles: Origin,
    /// Tokens, each with where it came from (`argument`, `stdin`, a file's name): the first one is selected.
    pub tokens: Vec<(String, Found)>,
    /// Colours may be used, where the terminal has them.
    pub color: bool,
}

/// Where the profiles come from.
#[derive(Debug)]
pub enum Origin {
    /// The configuration folder: profiles, settings, vault.
    Config {
        /// The folder.
        directory: PathBuf,
        /// Where the key of the vault is kept, instead of what the settings say.
        identity: Option<Home>,
    },
    /// The embedded auth server, started for as long as the UI runs. Nothing of the user's is touched.
    Demo {
        /// The server's.
        options: demo::Options,
        /// The configuration folder, for look and keys.
        folder: Option<PathBuf>,
    },
}

/// Why the terminal UI cannot run.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// There is nothing to draw on.
    #[error("standard output is not a terminal")]
    NoScreen,
    /// There is nothing to read keys from.
    #[error("no terminal to read keys from: {0}")]
    NoKeyboard(#[source] io::Error),
    /// The embedded auth server does not start.
    #[error("could not start the demo server: {0}")]
    Demo(#[source] io::Error),
    /// Anything else that the operating system refuses.
    #[error("cannot use the terminal: {0}")]
    Terminal(#[from] io::Error),
}

impl Told for RunError {
    fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::NoScreen | Self::NoKeyboard(_) => "to decode without a terminal: tokscope decode [TOKEN | @FILE | -]",
            Self::Demo(_) => "check that programs may listen on 127.0.0.1",
            Self::Terminal(_) => "start it in an interactive terminal, in the foreground",
        };
        Some(hint.to_owned())
    }
}

/// What the loop waits for.
#[derive(Debug)]
enum Event {
    /// For the app.
    Message(Message),
    /// What the user typed or pasted, for the app. Apart from the channel, whose slots nobody wipes.
    Input(Box<Message>),
    /// The time that was waited for has come, or the clock was set.
    Woken,
    /// The search for the key of the vault ended.
    KeyFound(TaskId, Result<FoundKey, Unopened>),
    /// The vault was opened with that key, or was not.
    Entered(TaskId, Result<Box<Entered>, Unopened>),
    /// The desktop's clipboard did not take a text: the terminal is asked to.
    CopyThroughTerminal(String, SecretString),
    /// SIGTSTP.
    Stopped,
    /// SIGCONT.
    Continued,
    /// A signal that asks the program to end.
    Terminated(c_int),
    /// What the exit has waited for was answered, and is saved.
    Finished,
    /// The terminal is gone.
    HungUp,
    /// A thread has panicked, and the terminal was given back.
    Broken,
}

impl Event {
    /// A button of the mouse was pressed.
    fn is_press(&self) -> bool {
        let Self::Input(message) = self else { return false };
        matches!(**message, Message::Mouse(mouse) if mouse.kind == MouseKind::Press)
    }
}

/// Runs until the user leaves or a signal ends it: the exit code is 0, or 128 and the signal's number.
pub fn run(options: Options, view: impl Fn(&Model, &mut Frame<'_>) -> Targets) -> Result<ExitCode, RunError> {
    let device = Device::open()?;
    let (events, received) = mpsc::channel();
    let Options { session, profiles: origin, tokens, color } = options;
    let session = Arc::new(session);
    let mut tasks = Tasks::new(Arc::clone(&session), events.clone());
    let (mut at_start, mut door) = (AtStart::InMemory, None);
    // It runs for as long as the UI does.
    let mut server = None;
    let profiles = match origin {
        Origin::Config { directory, identity } => {
            let folder = Location::new(directory.clone(), identity);
            // Where that cannot be told, the opening will say why.
            at_start = match (folder.is_new().unwrap_or(false), folder.home()) {
                (false, _) => AtStart::Locked,
                (true, Ok(None)) => AtStart::Undecided,
                (true, _) => AtStart::Fresh,
            };
            door = Some(Door::new(folder));
            Profiles::File(directory)
        }
        Origin::Demo { options, folder } => {
            let runtime = tasks.runtime().map_err(RunError::Demo)?;
            let server = server.insert(runtime.block_on(demo::Server::start(options)).map_err(RunError::Demo)?);
            Profiles::in_memory(server.profiles(), folder)
        }
    };
    let (mut token_sets, mut samples, mut address, mut remarks) = (Vec::new(), Vec::new(), None, Vec::new());
    if let Some(server) = &server {
        token_sets = server.seeds();
        for (profile, token_set) in &token_sets {
            session
                .adopt(profile, token_set.clone())
                .expect("the demo's vault is in memory, and nobody else is in it yet");
        }
        // A profile's last one is its current one.
        token_sets.reverse();
        token_sets.dedup_by(|older, newer| older.0 == newer.0);
        token_sets.reverse();
        // What the profiles had before comes as news, whose effects are performed.
        records(&session).into_iter().for_each(|message| _ = events.send(Event::Message(message)));
        server.revoked().into_iter().for_each(|profile| tasks.revoke_first(profile));
        samples = server.samples().into_iter().map(|(name, text)| (name, Token::inspect(&text))).collect();
        address = Some(server.url().to_owned());
        remarks.push(server.remark());
    }
    let state = profiles.state().unwrap_or_else(|error| {
        remarks.push(format!("Dividers and views are back at their defaults: {}", words(&error)));
        State::default()
    });
    let (config, all) = (settings(&profiles), profiles.all().map_err(|error| words(&error)));
    let known = all.as_ref().cloned().unwrap_or_default();
    config.iter().for_each(|config| session.restrict(config.environments.readonly()));
    let mut model = Model::new(Start {
        now: clock::now(),
        zone: Zone::System,
        size: device.size(),
        terminal: environment::terminal(color, |name| std::env::var(name).ok()),
        config,
        state,
        seed: RandomState::new().hash_one(std::process::id()),
        profiles: all,
        vault: at_start,
        tokens,
        token_sets,
        samples,
        demo: address,
        remarks,
    });
    model.restrict(session.readonly());
    let broken = events.clone();
    let screen = Screen::enter(&device, model.has_mouse(), move || _ = broken.send(Event::Broken))?;
    let heard = signals::start(device, model.size, screen.guard(), events.clone())?;
    input::start(screen.guard(), events.clone())?;
    let (alarm, desktop) = (OnceCell::new(), Desktop::default());
    let exit = Exit::new(heard);
    let turns = Turns { model, view, screen, tasks, session, profiles, door, known, desktop, alarm, events, exit };
    turns.run(&received)
}
