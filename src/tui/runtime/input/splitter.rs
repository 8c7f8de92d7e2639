//! Cuts the bytes of a terminal into keys and pastes. Pure: bytes and pauses in, [`TerminalInput`]s out.
//!
//! Between two pauses the result does not depend on how the bytes were cut into reads.

use std::time::Duration;

use super::keyboard::{self, Told};
use crate::tui::{
    app::{
        key::{Key, KeyCode},
        mouse::Mouse,
    },
    runtime::replies::{self, Extent, Reply},
};

/// What the user did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::tui::runtime) enum TerminalInput {
    /// A key was pressed.
    Key(Key),
    /// Text was pasted; line breaks are `\n`.
    Paste(String),
    /// Something was done with the mouse.
    Mouse(Mouse),
    /// The terminal has the user's attention, or has it no more.
    Focused(bool),
    /// The terminal has answered.
    Reply(Reply),
}

/// From so many printable keys at once on, nobody has typed them.
const BURST: usize = 32;
/// So many different ones are among them: a token has them within a few characters.
const VARIETY: usize = 8;
const ESC: u8 = 0x1b;
const CTRL_C: u8 = 0x03;
const PASTE_START: &[u8] = b"\x1b[200~";
const PASTE_END: &[u8] = b"\x1b[201~";

/// Cuts bytes into inputs; what is not decided yet waits in `pending` for more bytes or a pause.
#[derive(Debug, Default)]
pub(in crate::tui::runtime) struct Splitter {
    state: State,
    pending: Vec<u8>,
    done: Vec<TerminalInput>,
    /// The terminal was asked something, and may still answer.
    awaits: bool,
    /// The start of an answer that was waited for too long, and what came after it that goes on with it.
    late: Vec<u8>,
    /// So much of it was given up.
    given_up: usize,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Printable keys, typed or pasted: the pause that follows tells.
    #[default]
    Text,
    /// An escape sequence, or the Esc key.
    Sequence,
    /// Inside of a bracketed paste.
    Paste,
}

impl Splitter {
    /// From now on answers may come, until [`Reply::End`] has.
    pub(in crate::tui::runtime) fn expect_answers(&mut self) {
        self.awaits = true;
    }

    /// Takes the bytes of one read.
    pub(in crate::tui::runtime) fn feed(&mut self, bytes: &[u8]) -> Vec<TerminalInput> {
        let mut rest = bytes;
        while let Some((&first, others)) = rest.split_first() {
            match self.state {
                State::Paste => rest = self.paste(rest),
                State::Sequence | State::Text => {
                    self.byte(first);
                    rest = others;
                }
            }
        }
        std::mem::take(&mut self.done)
    }

    /// How long to wait for more bytes before [`Splitter::pause`]; `None` while nothing is undecided.
    pub(in crate::tui::runtime) fn patience(&self) -> Option<Duration> {
        let milliseconds = match self.state {
            State::Text if self.late.len() > self.given_up => 25,
            State::Text if self.pending.is_empty() => return None,
            State::Text if is_burst(&self.pending) => 60,
            State::Text => match std::str::from_utf8(&self.pending) {
                // Only what has arrived already can make a burst of a single key: typing waits for nothing.
                Ok(text) if text.chars().nth(1).is_none() => 0,
                Ok(_) => 5,
                Err(_) => 25,
            },
            // The Esc key, or the head of a sequence.
            State::Sequence if self.pending.len() <= 2 => 25,
            State::Sequence => 250,
            State::Paste => 1_000,
        };
        Some(Duration::from_millis(milliseconds))
    }

    /// Nothing came for as long as [`Splitter::patience`] said: what is pending is all that there is.
    pub(in crate::tui::runtime) fn pause(&mut self) -> Vec<TerminalInput> {
        match self.state {
            State::Text => {
                // Nobody types several keys at once that go on just where an answer was cut off.
                match self.late.len() - self.given_up {
                    1 => self.release(),
                    _ => self.given_up = self.late.len(),
                }
                self.settle_text();
            }
            State::Sequence => {
                let sequence = self.restart();
                self.give_up(&sequence);
                if self.awaits && replies::extent(&sequence) == Extent::Start {
                    (self.given_up, self.late) = (sequence.len(), sequence);
                }
            }
            State::Paste => {
                // The end never came, and whoever waited for it may have pressed Ctrl-C.
                let mut text = self.restart();
                let kept = text.iter().rposition(|&byte| byte != CTRL_C).map_or(0, |last| last + 1);
                let interrupts = text.split_off(kept);
                self.pasted(&text);
                interrupts.iter().for_each(|_| self.key(Key::ctrl('c')));
            }
        }
        std::mem::take(&mut self.done)
    }

    fn byte(&mut self, byte: u8) {
        match self.state {
            State::Sequence => self.sequence(byte),
            _ if self.late.is_empty() => self.text(byte),
            _ => self.late(byte),
        }
    }

    /// A byte after the start of an answer.
    fn late(&mut self, byte: u8) {
        self.late.push(byte);
        match replies::extent(&self.late) {
            Extent::Start => {}
            Extent::Whole => {
                let sequence = std::mem::take(&mut self.late);
                self.given_up = 0;
                self.reply(&sequence);
            }
            Extent::No => self.release(),
        }
    }

    /// What came after the start of an answer was something else.
    fn release(&mut self) {
        let held = self.late.split_off(self.given_up);
        self.late.clear();
        self.given_up = 0;
        held.into_iter().for_each(|byte| self.byte(byte));
    }

    /// Whether a sequence was an answer.
    fn reply(&mut self, sequence: &[u8]) -> bool {
        let reply = replies::read(sequence).filter(|_| self.awaits);
        self.awaits &= reply != Some(Reply::End);
        self.done.extend(reply.map(TerminalInput::Reply));
        reply.is_some()
    }

    fn text(&mut self, byte: u8) {
        match byte {
            b'\t' | b'\n' | b'\r' | 0x20..=0x7e | 0x80.. => self.pending.push(byte),
            _ => {
                self.settle_text();
                if byte == ESC {
                    self.state = State::Sequence;
                    self.pending.push(ESC);
                } else {
                    self.key(keyboard::of_char(byte.into()));
                }
            }
        }
    }

    fn settle_text(&mut self) {
        let text = self.restart();
        if is_burst(&text) {
            self.pasted(&text);
        } else {
            String::from_utf8_lossy(&text).chars().for_each(|c| self.key(keyboard::of_char(c)));
        }
    }

    fn sequence(&mut self, byte: u8) {
        match progress(&self.pending, byte) {
            Progress::More => self.pending.push(byte),
            Progress::Done => {
                self.pending.push(byte);
                let sequence = self.restart();
                if sequence == PASTE_START {
                    self.state = State::Paste;
                } else if !self.reply(&sequence) {
                    self.done.extend(keyboard::of_sequence(&sequence).map(|told| match told {
                        Told::Key(key) => TerminalInput::Key(key),
                        Told::Mouse(mouse) => TerminalInput::Mouse(mouse),
                        Told::Focused(attended) => TerminalInput::Focused(attended),
                    }));
                }
            }
            // The key or sequence before this byte is over; the byte itself is the start of something new.
            Progress::Broken => {
                let sequence = self.restart();
                self.give_up(&sequence);
                if sequence.len() > 2 && sequence.last() == Some(&ESC) {
                    self.text(ESC);
                    self.sequence(byte);
                } else {
                    self.text(byte);
                }
            }
        }
    }

    /// The head of a sequence that nothing follows: Esc, Alt with a key, or nothing that could be told.
    fn give_up(&mut self, sequence: &[u8]) {
        match *sequence {
            [ESC] => self.key(Key::plain(KeyCode::Esc)),
            [ESC, byte] if byte < 0x80 => self.key(Key { alt: true, ..keyboard::of_char(byte.into()) }),
            _ => {}
        }
    }

    fn paste<'a>(&mut self, bytes: &'a [u8]) -> &'a [u8] {
        // The end may be cut by the border of two reads, so look again at the last bytes of the read before.
        let from = self.pending.len().saturating_sub(PASTE_END.len() - 1);
        let before = self.pending.len();
        self.pending.extend_from_slice(bytes);
        let Some(found) = position(&self.pending[from..], PASTE_END) else { return &[] };
        let end = from + found;
        let used = end + PASTE_END.len() - before;
        let mut text = self.restart();
        text.truncate(end);
        if self.awaits {
            let replies = replies::take_out(&mut text);
            self.awaits = !replies.contains(&Reply::End);
            self.done.extend(replies.into_iter().map(TerminalInput::Reply));
        }
        self.pasted(&text);
        &bytes[used..]
    }

    fn restart(&mut self) -> Vec<u8> {
        self.state = State::Text;
        std::mem::take(&mut self.pending)
    }

    fn key(&mut self, key: Key) {
        self.done.push(TerminalInput::Key(key));
    }

    /// Invalid UTF-8 becomes U+FFFD, so that it is seen; terminals send line breaks as CR.
    fn pasted(&mut self, bytes: &[u8]) {
        if !bytes.is_empty() {
            let text = String::from_utf8_lossy(bytes).replace("\r\n", "\n").replace('\r', "\n");
            self.done.push(TerminalInput::Paste(text));
        }
    }
}

/// Whether so much text at once was pasted into a terminal without bracketed paste. Keys that repeat while the
/// program or the line is slow are few different ones.
fn is_burst(text: &[u8]) -> bool {
    let printable = text.iter().filter(|&&byte| byte >= 0x20 && !(0x80..0xc0).contains(&byte));
    let (mut count, mut different) = (0, Vec::with_capacity(VARIETY));
    for &byte in printable {
        count += 1;
        if different.len() < VARIETY && !different.contains(&byte) {
            different.push(byte);
        }
        if count >= BURST && different.len() >= VARIETY {
            return true;
        }
    }
    false
}

enum Progress {
    More,
    Done,
    Broken,
}

/// What a byte does to an unfinished sequence (ECMA-48 §5.4, §5.6, and what terminals make of them).
fn progress(sequence: &[u8], byte: u8) -> Progress {
    match (&sequence[1..], byte) {
        ([], b'[' | b'O' | b']' | b'P' | b'X' | b'^' | b'_') => Progress::More,
        ([], ESC) => Progress::Broken,
        // Alt and a character, which may take several bytes.
        ([], 0xc2..=0xf4) => Progress::More,
        ([], 0x80..) => Progress::Broken,
        ([], _) => Progress::Done,
        ([lead @ 0xc2..=0xf4, rest @ ..], 0x80..=0xbf) => {
            let missing = if *lead < 0xe0 { 1 } else { 2 + usize::from(*lead >= 0xf0) };
            if rest.len() + 1 == missing { Progress::Done } else { Progress::More }
        }
        // The Linux console: `ESC [ [ A` is F1.
        ([b'['], b'[') => Progress::More,
        ([b'[', b'['], 0x20..=0x7e) => Progress::Done,
        // The mouse, of terminals that do not know mode 1006: three bytes more, which would else be typed keys.
        ([b'['], b'M') => Progress::More,
        ([b'[', b'M', place @ ..], 0x20..) => {
            if place.len() == 2 {
                Progress::Done
            } else {
                Progress::More
            }
        }
        ([b'[', b'M', ..], _) => Progress::Broken,
        ([b'[', ..], 0x20..=0x3f) => Progress::More,
        ([b'[', ..], 0x40..=0x7e) | ([b'O'], 0x20..=0x7e) => Progress::Done,
        ([b']' | b'P' | b'X' | b'^' | b'_', string @ ..], _) => match (string.last(), byte) {
            (Some(&ESC), b'\\') | (_, 0x07) => Progress::Done,
            (Some(&ESC), _) => Progress::Broken,
            // Control keys stay alive in a reply that never ends.
            (_, CTRL_C | 0x18 | 0x1a) => Progress::Broken,
            _ => Progress::More,
        },
        _ => Progress::Broken,
    }
}

fn position(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}

#[cfg(test)]
mod tests;
