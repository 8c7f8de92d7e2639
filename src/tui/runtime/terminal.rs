//! The terminal: taken at the start, given back as it was however the program ends.

use std::{
    io::{self, Write},
    os::fd::{AsFd, BorrowedFd, OwnedFd},
    sync::{Arc, Mutex, PoisonError, TryLockError},
    time::Duration,
};

use crossterm::{
    Command,
    cursor::{Hide, Show},
    event::{DisableBracketedPaste, EnableBracketedPaste},
    style::ResetColor,
    terminal::{EnterAlternateScreen, LeaveAlternateScreen},
};
use ratatui::{Frame, Terminal, backend::CrosstermBackend};
use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    fs::{Mode, OFlags},
    io::Errno,
    stdio,
    termios::{self, OptionalActions, QueueSelector, Termios},
};

use super::RunError;

/// The terminal device that keys are read from. It is not always stdin: `xclip -o | tokscope -`.
#[derive(Debug, Clone)]
pub(super) struct Device(Arc<OwnedFd>);

impl Device {
    /// Stdin where it is a terminal, else the terminal that controls the process.
    pub(super) fn open() -> Result<Self, RunError> {
        if !termios::isatty(stdio::stdout()) {
            return Err(RunError::NoScreen);
        }
        let device = if termios::isatty(stdio::stdin()) {
            rustix::io::fcntl_dupfd_cloexec(stdio::stdin(), 3)
        } else {
            rustix::fs::open("/dev/tty", OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC, Mode::empty())
        };
        device.map(|fd| Self(Arc::new(fd))).map_err(|error| RunError::NoKeyboard(error.into()))
    }

    /// Its file descriptor.
    pub(super) fn fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

/// The screen, ours from [`Screen::enter`] until it is dropped.
pub(super) struct Screen {
    terminal: Terminal<CrosstermBackend<Output>>,
    guard: Guard,
}

impl Screen {
    /// Takes the terminal: raw mode, alternate screen, bracketed paste, no cursor. The mouse stays the terminal's,
    /// so that selecting text with it works as everywhere.
    pub(super) fn enter(device: &Device) -> io::Result<Self> {
        let guard = Guard { device: device.clone(), before: Arc::default() };
        guard.restore_on_panic();
        guard.enter()?;
        let output = Output { frame: Vec::with_capacity(16 * 1024), guard: guard.clone() };
        Ok(Self { terminal: Terminal::new(CrosstermBackend::new(output))?, guard })
    }

    /// Draws a frame: one write of what has changed.
    pub(super) fn draw(&mut self, view: impl FnOnce(&mut Frame<'_>)) -> io::Result<()> {
        self.terminal.draw(view).map(|_| ())
    }

    /// Forgets what is on the screen, so that the next frame draws everything.
    pub(super) fn redraw(&mut self) -> io::Result<()> {
        self.terminal.clear()
    }

    /// Writes a sequence that shows nothing, between two frames.
    pub(super) fn send(&mut self, command: &impl Command) -> io::Result<()> {
        write_all(ansi(command).as_bytes())
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

/// Columns and rows of the screen.
pub(super) fn size() -> (u16, u16) {
    match termios::tcgetwinsize(stdio::stdout()) {
        Ok(size) if size.ws_col > 0 && size.ws_row > 0 => (size.ws_col, size.ws_row),
        _ => (80, 24),
    }
}

/// Knows how the terminal was before.
#[derive(Clone)]
pub(super) struct Guard {
    device: Device,
    /// The terminal's attributes before we took it; `None` while it is not ours.
    before: Arc<Mutex<Option<Termios>>>,
}

impl Guard {
    fn enter(&self) -> io::Result<()> {
        let mut before = self.before.lock().unwrap_or_else(PoisonError::into_inner);
        let attributes = match &*before {
            Some(attributes) => attributes.clone(),
            None => termios::tcgetattr(self.device.fd())?,
        };
        let mut raw = attributes.clone();
        raw.make_raw();
        *before = Some(attributes);
        termios::tcsetattr(self.device.fd(), OptionalActions::Now, &raw)?;
        let sequences = [ansi(&EnterAlternateScreen), ansi(&EnableBracketedPaste), ansi(&Hide)].concat();
        write_all(sequences.as_bytes())
    }

    /// Puts the terminal back as it was; once, and without waiting for a terminal that takes nothing any more.
    pub(super) fn leave(&self) {
        // A panic inside of `enter` or `leave` must not wait for itself.
        let mut before = match self.before.try_lock() {
            Ok(before) => before,
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            Err(TryLockError::WouldBlock) => return,
        };
        if let Some(attributes) = before.take() {
            // The rest of a paste must not end up as commands of the shell.
            let _ = termios::tcflush(self.device.fd(), QueueSelector::IFlush);
            let _ = termios::tcsetattr(self.device.fd(), OptionalActions::Now, &attributes);
            let sequences =
                [ansi(&DisableBracketedPaste), ansi(&ResetColor), ansi(&Show), ansi(&LeaveAlternateScreen)].concat();
            if writable(Some(Duration::from_millis(500))) {
                let _ = write_all(sequences.as_bytes());
            }
        }
    }

    /// Whether the terminal is ours.
    fn entered(&self) -> bool {
        self.before.lock().unwrap_or_else(PoisonError::into_inner).is_some()
    }

    /// A panic's message goes to the normal screen, and not at all where a job panics: its row tells.
    fn restore_on_panic(&self) {
        let guard = self.clone();
        let report = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            if !super::jobs::note_panic(panic) {
                guard.leave();
                report(panic);
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
        let written = if self.guard.entered() { write_all(&self.frame) } else { Ok(()) };
        self.frame.clear();
        written
    }
}

fn write_all(mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        match rustix::io::write(stdio::stdout(), bytes) {
            Ok(written) => bytes = &bytes[written..],
            Err(Errno::INTR) => {}
            // A program that had the terminal before us may have left it non-blocking.
            Err(Errno::AGAIN) => _ = writable(None),
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

/// Waits until the terminal takes output; `false` when the time is over.
fn writable(timeout: Option<Duration>) -> bool {
    let timeout = timeout.map(|timeout| Timespec::try_from(timeout).expect("half a second is a valid time"));
    poll(&mut [PollFd::from_borrowed_fd(stdio::stdout(), PollFlags::OUT)], timeout.as_ref()) != Ok(0)
}

fn ansi(command: &impl Command) -> String {
    let mut sequence = String::new();
    command.write_ansi(&mut sequence).expect("writing to a String does not fail");
    sequence
}
