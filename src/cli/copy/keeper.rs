//! Text on the desktop's clipboard, which has it for as long as a process lives: this one, or one in the background.

use std::{
    ffi::OsStr,
    fs::OpenOptions,
    io,
    path::Path,
    sync::mpsc::{self, Receiver, RecvTimeoutError, Sender},
    thread,
};

use chrono::TimeDelta;
use signal_hook::{
    consts::{SIGHUP, SIGINT, SIGTERM, SIGUSR1},
    iterator::Signals,
};

use crate::{
    cli::{Exit, Failure, input::Source, lock, output::print},
    host::{clipboard::HeldText, process},
    secret::{ExposeSecret as _, SecretString},
    session::Location,
    trouble::Trouble,
};

/// Why the wait is over.
enum End {
    Replaced(Result<(), Trouble>),
    Signal,
}

/// The text on the clipboard, and where it is told why the wait is over.
pub(super) struct Keeper {
    held: HeldText,
    ends: Receiver<End>,
}

impl Keeper {
    /// Puts a text on the clipboard; from now on a signal ends the wait and does not kill. Why the clipboard does not take it,
    /// if it does not.
    pub(super) fn new(text: SecretString) -> Result<Result<Self, Trouble>, Failure> {
        let (ended, ends) = ends()?;
        let held = HeldText::new(text, move |result| _ = ended.send(End::Replaced(result)));
        Ok(held.map(|held| Self { held, ends }))
    }

    /// Waits for the end; whether our text was taken off the clipboard.
    pub(super) fn wait(self, span: Option<TimeDelta>) -> Result<bool, Failure> {
        let Self { held, ends } = self;
        let end = match span.and_then(|span| span.to_std().ok()) {
            Some(span) => ends.recv_timeout(span),
            None => ends.recv().map_err(|_| RecvTimeoutError::Disconnected),
        };
        let clipboard = |why: Trouble| {
            Failure::from(why.under("could not clear the clipboard")).hint("copy something else to replace it")
        };
        match end {
            Ok(End::Replaced(result)) => result.map(|()| false).map_err(clipboard),
            Ok(End::Signal) | Err(_) => held.release().map_err(clipboard),
        }
    }
}

/// Where the end is told, by a signal for one: from now on none of them kills.
fn ends() -> Result<(Sender<End>, Receiver<End>), Failure> {
    let failed = |error: io::Error| Failure::of_io("cannot wait for signals", error);
    let (ended, ends) = mpsc::channel();
    let mut signals = Signals::new([SIGHUP, SIGINT, SIGTERM, SIGUSR1]).map_err(failed)?;
    let signalled = ended.clone();
    if lock::was_asked() {
        let _ = ended.send(End::Signal);
    }
    let thread = thread::Builder::new().name("signals".to_owned());
    thread.spawn(move || signals.forever().for_each(|_| _ = signalled.send(End::Signal))).map_err(failed)?;
    Ok((ended, ends))
}

/// Starts this program once more, which gets the text through a pipe; it has the clipboard when this returns.
pub(super) fn hand_over(text: &SecretString, span: Option<TimeDelta>, dir: &Path) -> Result<(), Failure> {
    let failed = |error: io::Error| Failure::of_io("cannot start a process for the clipboard", error);
    let span = span.map(|span| span.num_seconds().to_string());
    let mut arguments = vec![OsStr::new("copy"), OsStr::new("--held"), OsStr::new("--config-dir"), dir.as_os_str()];
    arguments.extend(span.iter().flat_map(|span| [OsStr::new("--for"), OsStr::new(span)]));
    let answer = process::once_more(&arguments, text.expose_secret()).map_err(failed)?;
    match answer.as_str() {
        READY => Ok(()),
        why => {
            Err(Failure::new(format!("cannot use the clipboard: {why}"))
                .hint("check that the desktop session is running"))
        }
    }
}

/// What the process that keeps the text says once it has the clipboard.
const READY: &str = "ready";

/// The process that keeps the text: of no terminal, and of no pipe once it has answered.
pub(super) fn hold(span: Option<TimeDelta>, folder: &Location) -> Result<Exit, Failure> {
    let failed = |error: io::Error| Failure::of_io("cannot detach from the terminal", error);
    // It fails where we lead a group already: then we have no terminal to leave.
    let _ = rustix::process::setsid();
    let _holder = lock::enter(folder);
    let text = Source::Stdin.read()?;
    let keeper = match Keeper::new(text)? {
        Ok(keeper) => keeper,
        Err(why) => {
            print(&format!("{why}\n"))?;
            return Ok(Exit::No);
        }
    };
    print(&format!("{READY}\n"))?;
    let nowhere = OpenOptions::new().write(true).open("/dev/null").map_err(failed)?;
    rustix::stdio::dup2_stdout(&nowhere).map_err(|error| failed(error.into()))?;
    keeper.wait(span).map(|_| Exit::Yes)
}
