//! The way out: what was sent is answered and saved first, unless somebody says twice that they want to leave.

use std::{
    io,
    sync::{Arc, atomic::AtomicBool},
};

use ratatui::Frame;
use signal_hook::consts::SIGHUP;

use super::Turns;
use crate::tui::{
    app::{Message, Model, mouse::Targets},
    runtime::signals,
};

/// The exit code of a Rust program whose main thread panics.
const PANICKED: u8 = 101;

/// How far the program is on its way out.
#[derive(Default)]
pub(in crate::tui::runtime) struct Exit {
    /// The exit code, from when somebody wants to leave.
    pub(super) code: Option<u8>,
    /// So often somebody has said so: twice means without the answers that are awaited.
    pub(super) words: u8,
    /// Nothing is awaited any more.
    pub(super) now: bool,
    /// The demo takes the place of this program.
    pub(super) demo: bool,
    /// The terminal is gone: nothing can be drawn.
    pub(super) dark: bool,
    /// For the thread of the signals: their first one was heard.
    pub(super) heard: Arc<AtomicBool>,
}

impl Exit {
    /// Nobody wants to leave. `heard` is to be set once a signal that ends the program was heard.
    pub(in crate::tui::runtime) fn new(heard: Arc<AtomicBool>) -> Self {
        Self { heard, ..Self::default() }
    }
}

impl<V: Fn(&Model, &mut Frame<'_>) -> Targets> Turns<V> {
    /// The terminal is gone: there is nobody to tell, and nothing to draw on.
    pub(super) fn hang_up(&mut self) {
        self.exit.dark = true;
        let _ = self.end_by(SIGHUP);
    }

    /// A thread has panicked: what was sent is answered and saved, and no more is begun.
    pub(super) fn break_off(&mut self) {
        self.exit.dark = true;
        let _ = self.end_with(PANICKED);
    }

    pub(super) fn end_by(&mut self, signal: i32) -> io::Result<()> {
        if signals::is_word(signal) {
            self.say();
        }
        self.end_with(u8::try_from(128 + signal).unwrap_or(u8::MAX))
    }

    fn end_with(&mut self, code: u8) -> io::Result<()> {
        let first = self.exit.code.is_none();
        self.exit.code.get_or_insert(code);
        if first { self.update(Message::Terminated) } else { Ok(()) }
    }

    /// Somebody wants to leave.
    fn say(&mut self) {
        self.exit.words += 1;
        self.exit.now |= self.exit.words > 1;
    }

    /// Leaves, as soon as what was sent is answered.
    pub(super) fn leave(&mut self) {
        if self.exit.code.is_none() {
            self.exit.code = Some(0);
            self.say();
        }
        let awaited = self.tasks.leave();
        match awaited.is_empty() {
            true => self.exit.now = true,
            false => self.tell(Message::Awaited(awaited)),
        }
    }
}
