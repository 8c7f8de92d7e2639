//! The keyboard: a thread that blocks on the terminal device and sends what the user does.
//!
//! The bytes are ours from the first one on because the usual reader, crossterm's, loses the rest of a read that is
//! longer than its buffer, so that Ctrl-C is dead after an unbracketed paste (crossterm#1057), and waits for ever
//! for the end of a bracketed one (crossterm#1060). Termina's parser only translates whole escape sequences.

mod keyboard;
mod splitter;

use std::{io, sync::mpsc::Sender, time::Duration};

use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    io::Errno,
};

use self::splitter::{Splitter, TerminalInput};
use super::{Event, replies::Reply, terminal::Guard};
use crate::{
    clock::{self, Timestamp},
    host::panics,
    secret::Zeroize as _,
    store::state::Background,
    tui::app::Message,
};

/// Starts the thread. When the terminal is gone it says so, and ends.
pub(super) fn start(terminal: Guard, events: Sender<Event>) -> io::Result<()> {
    let ending = HangUp(events);
    let thread = std::thread::Builder::new().name("input".to_owned());
    thread.spawn(move || {
        let _ = read_all(&terminal, &ending.0);
    })?;
    Ok(())
}

/// Says that no more keys will come, however the thread ends.
struct HangUp(Sender<Event>);

impl Drop for HangUp {
    fn drop(&mut self) {
        let _ = self.0.send(Event::HungUp);
    }
}

/// Returns when the terminal or the receiver is gone.
fn read_all(terminal: &Guard, events: &Sender<Event>) -> Result<(), Errno> {
    let mut splitter = Splitter::default();
    let mut waiting: Option<(Duration, Timestamp)> = None;
    let mut buffer = vec![0; 16 * 1024];
    loop {
        let patience_left = waiting.map(|(_, deadline)| (deadline - clock::now()).to_std().unwrap_or_default());
        let (inputs, length) = match read(terminal, &mut buffer, patience_left) {
            Ok(Some(0)) => return Ok(()),
            Ok(Some(length)) => {
                panics::if_asked_for("input");
                if terminal.awaits_answers() {
                    splitter.expect_answers();
                }
                let inputs = splitter.feed(&buffer[..length]);
                // It may have been a passphrase, and the buffer lives as long as the program.
                buffer[..length].zeroize();
                (inputs, length)
            }
            Ok(None) => (splitter.pause(), 0),
            Err(Errno::INTR | Errno::AGAIN) => continue,
            Err(error) => return Err(error),
        };
        // A lone byte does not buy time: whoever holds Ctrl-C down gets out of a paste that never ends.
        let patience = splitter.patience();
        if length != 1 || patience != waiting.map(|(patience, _)| patience) {
            waiting = patience.map(|patience| (patience, clock::now() + patience));
        }
        for input in inputs {
            let message = match input {
                TerminalInput::Key(key) => Message::Key(key),
                TerminalInput::Paste(text) => Message::Pasted(text),
                TerminalInput::Mouse(mouse) => Message::Mouse(mouse),
                TerminalInput::Focused(attended) => Message::Focused(attended),
                TerminalInput::Reply(Reply::Background(color)) if color.is_light() => {
                    Message::BackgroundTold(Background::Light)
                }
                TerminalInput::Reply(Reply::Background(_)) => Message::BackgroundTold(Background::Dark),
                TerminalInput::Reply(Reply::SignWidth(columns)) => Message::SignWidthTold(columns),
                TerminalInput::Reply(Reply::End) => {
                    terminal.has_answered();
                    continue;
                }
            };
            if events.send(Event::Input(Box::new(message))).is_err() {
                return Ok(());
            }
        }
    }
}

/// Waits for bytes and reads them; `None` when the time is over, 0 when the terminal has hung up.
fn read(terminal: &Guard, buffer: &mut [u8], timeout: Option<Duration>) -> Result<Option<usize>, Errno> {
    let timeout = timeout.map(|timeout| Timespec::try_from(timeout).expect("a patience is short"));
    match poll(&mut [PollFd::from_borrowed_fd(terminal.keys(), PollFlags::IN)], timeout.as_ref())? {
        0 => Ok(None),
        _ => terminal.read(buffer).map(Some),
    }
}

#[cfg(test)]
mod tests {
    use std::{io::Write as _, sync::mpsc};

    use super::*;
    use crate::tui::{app::key::Key, runtime::terminal::tests::terminal};

    #[test]
    fn a_terminal_that_hangs_up_is_told_once_the_keys_before_it() {
        let (pty, guard) = terminal();
        guard.enter().unwrap();
        let (events, received) = mpsc::channel();
        start(guard, events).unwrap();
        pty.master.take_writer().unwrap().write_all(b"q").unwrap();
        let first = received.recv().unwrap();
        assert!(
            matches!(&first, Event::Input(input) if matches!(**input, Message::Key(key) if key == Key::char('q'))),
            "{first:?}"
        );
        drop(pty);
        // The writer says goodbye with a line feed and an end-of-file character.
        let rest: Vec<_> = received.iter().collect();
        assert!(matches!(rest[..], [.., Event::HungUp]), "{rest:?}");
        assert_eq!(rest.iter().filter(|event| matches!(event, Event::HungUp)).count(), 1);
    }
}
