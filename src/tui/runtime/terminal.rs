//! The terminal: taken at the start, given back as it was however the program ends.

mod device;

use std::{
    io::{self, Write},
    os::fd::BorrowedFd,
    sync::{
        Arc, Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use crossterm::{
    Command,
    cursor::{Hide, Show},
    event::{DisableBracketedPaste, EnableBracketedPaste},
    style::ResetColor,
    terminal::{EnterAlternateScreen, LeaveAlternateScreen},
};
use ratatui::{Frame, Terminal, layout::Rect};
use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    io::Errno,
    termios::{self, OptionalActions, QueueSelector, Termios},
};

pub(super) use self::device::Device;
use super::{
    replies::{self, QUESTION, Reply},
    steady::Steady,
};
use crate::{clock, secret::Zeroize as _};

/// Presses and releases, movement while a button is down, places beyond column 223: not crossterm's capture, which adds every
/// movement of the pointer and would wake the program at each.
const MOUSE_ON: &str = "\x1b[?1000h\x1b[?1002h\x1b[?1006h";
const MOUSE_OFF: &str = "\x1b[?1006l\x1b[?1002l\x1b[?1000l";

/// Reports of the focus.
const FOCUS_ON: &str = "\x1b[?1004h";
const FOCUS_OFF: &str = "\x1b[?1004l";

/// The screen, ours from [`Screen::enter`] until it is dropped.
pub(super) struct Screen {
    terminal: Terminal<Steady<Output>>,
    guard: Guard,
    /// The terminal is asked how it looks, together with the next frame.
    asks: bool,
}

/// So long the exit waits for answers that are on their way.
const DRAIN: Duration = Duration::from_millis(150);

impl Screen {
    /// Takes the terminal: raw mode, alternate screen, bracketed paste, reports of the focus, no cursor; and the mouse,
    /// where it is wanted.
    /// `broken` is called when a thread has panicked: the terminal was given back then, and is not to be drawn on.
    pub(super) fn enter(device: &Device, mouse: bool, broken: impl Fn() + Send + Sync + 'static) -> io::Result<Self> {
        let guard = Guard { device: device.clone(), held: Arc::default() };
        guard.held.mouse.store(mouse, Ordering::Relaxed);
        guard.restore_on_panic(broken);
        guard.enter()?;
        let output = Output { frame: Vec::with_capacity(16 * 1024), guard: guard.clone() };
        Ok(Self { terminal: Terminal::new(Steady::new(output, device.size()))?, guard, asks: true })
    }

    /// Draws a frame on a screen of this size: one write of what has changed.
    pub(super) fn draw(&mut self, size: (u16, u16), view: impl FnOnce(&mut Frame<'_>)) -> io::Result<()> {
        self.terminal.backend_mut().fit(size);
        if std::mem::take(&mut self.asks) && self.guard.device.answers() {
            self.guard.held.asked.store(true, Ordering::Relaxed);
            self.terminal.backend_mut().write_all(QUESTION.as_bytes())?;
        }
        self.terminal.draw(view).map(|_| ())
    }

    /// Forgets what is on the screen, so that the next frame draws everything.
    pub(super) fn redraw(&mut self) -> io::Result<()> {
        // Not `Terminal::clear`: it asks the terminal where the cursor is, and the answer would come among the keys.
        let (columns, rows) = self.guard.device.size();
        self.asks = true;
        self.terminal.resize(Rect::new(0, 0, columns, rows))
    }

    /// Writes a sequence that shows nothing, between two frames.
    pub(super) fn send(&mut self, sequence: &str) -> io::Result<()> {
        self.guard.device.write(sequence.as_bytes())
    }

    /// Lets clicks, the wheel and dragging come here, or leaves them to the terminal.
    pub(super) fn capture_mouse(&mut self, captured: bool) -> io::Result<()> {
        self.guard.held.mouse.store(captured, Ordering::Relaxed);
        self.send(if captured { MOUSE_ON } else { MOUSE_OFF })
    }

    /// Gives the terminal back.
    pub(super) fn leave(&self) {
        self.guard.leave();
    }

    /// Takes the terminal again after [`Screen::leave`], or after somebody else changed it behind our back.
    pub(super) fn enter_again(&mut self) -> io::Result<()> {
        self.guard.enter()?;
        self.redraw()
    }

    /// What puts the terminal right, for other threads.
    pub(super) fn guard(&self) -> Guard {
        self.guard.clone()
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        self.leave();
    }
}

/// Knows how the terminal was before.
#[derive(Clone)]
pub(super) struct Guard {
    device: Device,
    held: Arc<Held>,
}

/// What the threads share. Nothing that may panic or wait for long is done under the lock.
#[derive(Default)]
struct Held {
    /// The terminal's attributes before we took it; `None` while it is not ours.
    before: Mutex<Option<Termios>>,
    taken: Condvar,
    /// The mouse is wanted.
    mouse: AtomicBool,
    /// Answers to our question may be on their way.
    asked: AtomicBool,
}

impl Guard {
    /// Takes the terminal.
    pub(super) fn enter(&self) -> io::Result<()> {
        let attributes = termios::tcgetattr(self.device.keys())?;
        let mut before = self.lock();
        // Somebody may have changed our attributes: what counts is how they were at first.
        let mut raw = before.get_or_insert(attributes).clone();
        raw.make_raw();
        termios::tcsetattr(self.device.keys(), OptionalActions::Now, &raw)?;
        self.held.taken.notify_all();
        drop(before);
        let mouse = if self.held.mouse.load(Ordering::Relaxed) { MOUSE_ON } else { "" };
        let [alternate, paste, hide] = [ansi(&EnterAlternateScreen), ansi(&EnableBracketedPaste), ansi(&Hide)];
        self.device.write([&alternate, &paste, FOCUS_ON, mouse, &hide].concat().as_bytes())
    }

    /// Puts the terminal back as it was; once, and without waiting for a terminal that takes nothing any more.
    pub(super) fn leave(&self) {
        let own = [ansi(&DisableBracketedPaste), ansi(&ResetColor), ansi(&Show), ansi(&LeaveAlternateScreen)];
        let sequences = [MOUSE_OFF, FOCUS_OFF, &own.concat()].concat();
        let mut before = self.lock();
        if let Some(attributes) = before.take() {
            self.drain();
            // The rest of a paste must not end up as commands of the shell.
            let _ = termios::tcflush(self.device.keys(), QueueSelector::IFlush);
            let _ = termios::tcsetattr(self.device.keys(), OptionalActions::Now, &attributes);
            if self.device.takes_output(Some(Duration::from_millis(500))) {
                let _ = self.device.write(sequences.as_bytes());
            }
        }
    }

    /// Reads keys that are there. While the terminal is not ours they are somebody else's: then this waits until it
    /// is ours again, and fails with `EAGAIN`.
    pub(super) fn read(&self, buffer: &mut [u8]) -> Result<usize, Errno> {
        let before = self.lock();
        if before.is_none() {
            let wait = self.held.taken.wait_while(before, |before| before.is_none());
            drop(wait.unwrap_or_else(PoisonError::into_inner));
            return Err(Errno::AGAIN);
        }
        rustix::io::read(self.device.keys(), buffer)
    }

    /// Where keys come from, to wait for them.
    pub(super) fn keys(&self) -> BorrowedFd<'_> {
        self.device.keys()
    }

    /// Whether answers to our question may still come.
    pub(super) fn awaits_answers(&self) -> bool {
        self.held.asked.load(Ordering::Relaxed)
    }

    /// They have all come.
    pub(super) fn has_answered(&self) {
        self.held.asked.store(false, Ordering::Relaxed);
    }

    /// Takes the answers that are on their way: the shell would take them for typed text.
    fn drain(&self) {
        let deadline = clock::now() + DRAIN;
        let (mut seen, mut buffer) = (Vec::new(), [0; 256]);
        while self.awaits_answers() {
            let left = (deadline - clock::now()).to_std().unwrap_or_default();
            let timeout = Timespec::try_from(left).expect("it is short");
            let ready = poll(&mut [PollFd::from_borrowed_fd(self.device.keys(), PollFlags::IN)], Some(&timeout));
            match ready
                .and_then(|ready| if ready == 0 { Ok(0) } else { rustix::io::read(self.device.keys(), &mut buffer) })
            {
                Ok(length @ 1..) => seen.extend_from_slice(&buffer[..length]),
                Err(Errno::INTR) => continue,
                // The time is over, or the terminal gone.
                _ => self.has_answered(),
            }
            if replies::take_out(&mut seen).contains(&Reply::End) {
                self.has_answered();
            }
        }
        // Keys may have come with them.
        seen.zeroize();
        buffer.zeroize();
    }

    /// Whether the terminal is ours.
    fn entered(&self) -> bool {
        self.lock().is_some()
    }

    fn lock(&self) -> MutexGuard<'_, Option<Termios>> {
        self.held.before.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A panic's message goes to the normal screen, and not at all where a task panics: its row tells.
    fn restore_on_panic(&self, broken: impl Fn() + Send + Sync + 'static) {
        let guard = self.clone();
        let report = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            if !super::tasks::note_panic(panic) {
                guard.leave();
                report(panic);
                broken();
            }
        }));
    }
}

/// Collects a frame and writes it at once.
struct Output {
    frame: Vec<u8>,
    guard: Guard,
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.frame.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    /// Half a frame that a panic has left behind is not written to a screen that is not ours any more.
    fn flush(&mut self) -> io::Result<()> {
        let written = if self.guard.entered() { self.guard.device.write(&self.frame) } else { Ok(()) };
        // A token was in it, where one is shown; the next frame would overwrite the head alone.
        self.frame.zeroize();
        written
    }
}

fn ansi(command: &impl Command) -> String {
    let mut sequence = String::new();
    command.write_ansi(&mut sequence).expect("writing to a String does not fail");
    sequence
}

#[cfg(test)]
pub(super) mod tests {
    use std::io::Read as _;

    use portable_pty::{PtyPair, PtySize, native_pty_system};
    use ratatui::{TerminalOptions, Viewport};

    use super::{device::open, *};

    /// A terminal that is not ours yet.
    pub(in crate::tui::runtime) fn terminal() -> (PtyPair, Guard) {
        let pty = native_pty_system().openpty(PtySize::default()).unwrap();
        let path = pty.master.tty_name().unwrap();
        let fd = || Arc::new(open(path.to_str().unwrap()).unwrap());
        (pty, Guard { device: Device { keys: fd(), screen: fd() }, held: Arc::default() })
    }

    #[test]
    fn answers_that_are_on_their_way_at_the_exit_are_taken() {
        let (pty, guard) = terminal();
        guard.enter().unwrap();
        let mut answers = pty.master.take_writer().unwrap();
        guard.held.asked.store(true, Ordering::Relaxed);
        answers.write_all(b"x\x1b[2;2R\x1b]11;rgb:0/0/0\x07\x1b[?6c").unwrap();
        guard.drain();
        let left = poll(&mut [PollFd::from_borrowed_fd(guard.keys(), PollFlags::IN)], Some(&Timespec::default()));
        assert_eq!((left, guard.awaits_answers()), (Ok(0), false));
        // A terminal that says nothing is not waited for without end.
        guard.held.asked.store(true, Ordering::Relaxed);
        guard.drain();
        assert!(!guard.awaits_answers());
    }

    #[test]
    fn a_panic_gives_the_terminal_back() {
        let (pty, guard) = terminal();
        let before = pty.master.get_termios().unwrap();

        guard.restore_on_panic(|| ());
        guard.held.mouse.store(true, Ordering::Relaxed);
        guard.enter().unwrap();
        assert_ne!(pty.master.get_termios().unwrap(), before);
        let output = Output { frame: Vec::new(), guard: guard.clone() };
        let drawing = std::thread::spawn(move || {
            let options = TerminalOptions { viewport: Viewport::Fixed(Rect::new(0, 0, 80, 24)) };
            let mut terminal = Terminal::with_options(Steady::new(output, (80, 24)), options).unwrap();
            terminal.backend_mut().write_all(b"half a frame").unwrap();
            terminal.draw(|_| panic!("a test of what a panic leaves behind")).map(|_| ())
        });
        assert!(drawing.join().is_err());
        assert_eq!(pty.master.get_termios().unwrap(), before);
        assert!(!guard.entered());

        guard.device.write(b"end\n").unwrap();
        let mut reader = pty.master.try_clone_reader().unwrap();
        let (mut written, mut buffer) = (Vec::new(), [0; 1024]);
        while !written.ends_with(b"end\r\n") {
            let length = reader.read(&mut buffer).unwrap();
            written.extend_from_slice(&buffer[..length]);
        }
        let written = String::from_utf8(written).unwrap();
        let (taken, given_back) = written.split_at(written.find("\x1b[?1006l").unwrap());
        assert_eq!(taken, format!("\x1b[?1049h\x1b[?2004h{FOCUS_ON}{MOUSE_ON}\x1b[?25l"));
        assert_eq!(given_back, format!("{MOUSE_OFF}{FOCUS_OFF}\x1b[?2004l\x1b[0m\x1b[?25h\x1b[?1049lend\r\n"));
    }
}
