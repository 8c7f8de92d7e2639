//! The terminal's two ends: where keys come from, and what is drawn on.

use std::{
    io,
    os::fd::{AsFd, BorrowedFd, OwnedFd},
    sync::Arc,
    time::Duration,
};

use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    fs::{Mode, OFlags},
    io::Errno,
    stdio, termios,
};

use crate::tui::runtime::RunError;

/// The terminal. Keys are not always read from stdin: `xclip -o | tokscope -`.
#[derive(Debug, Clone)]
pub(in crate::tui::runtime) struct Device {
    pub(super) keys: Arc<OwnedFd>,
    pub(super) screen: Arc<OwnedFd>,
}

impl Device {
    /// Draws on stdout; reads keys from stdin where it is a terminal, else from the one that controls the process.
    pub(in crate::tui::runtime) fn open() -> Result<Self, RunError> {
        if !termios::isatty(stdio::stdout()) {
            return Err(RunError::NoScreen);
        }
        let keys = if termios::isatty(stdio::stdin()) { copy(stdio::stdin()) } else { open("/dev/tty") };
        let keys = keys.map_err(RunError::NoKeyboard)?;
        Ok(Self { keys: Arc::new(keys), screen: Arc::new(copy(stdio::stdout())?) })
    }

    /// Where keys come from.
    pub(super) fn keys(&self) -> BorrowedFd<'_> {
        self.keys.as_fd()
    }

    /// Columns and rows of the screen.
    pub(in crate::tui::runtime) fn size(&self) -> (u16, u16) {
        match termios::tcgetwinsize(&self.screen) {
            Ok(size) if size.ws_col > 0 && size.ws_row > 0 => (size.ws_col, size.ws_row),
            _ => (80, 24),
        }
    }

    /// Whether it can be asked something: others print a part of the question, or have no second row for it.
    pub(super) fn answers(&self) -> bool {
        let term = std::env::var("TERM").unwrap_or_default();
        self.size().1 > 1 && !matches!(term.as_str(), "" | "dumb" | "linux")
    }

    /// Writes all of it; one system call unless the terminal takes less.
    pub(super) fn write(&self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            match rustix::io::write(&self.screen, bytes) {
                Ok(written) => bytes = &bytes[written..],
                Err(Errno::INTR) => {}
                // A program that had the terminal before us may have left it non-blocking.
                Err(Errno::AGAIN) => _ = self.takes_output(None),
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    /// Waits until the terminal takes output; `false` when the time is over.
    pub(super) fn takes_output(&self, timeout: Option<Duration>) -> bool {
        let timeout = timeout.map(|timeout| Timespec::try_from(timeout).expect("half a second is a valid time"));
        poll(&mut [PollFd::from_borrowed_fd(self.screen.as_fd(), PollFlags::OUT)], timeout.as_ref()) != Ok(0)
    }
}

fn copy(fd: BorrowedFd<'_>) -> io::Result<OwnedFd> {
    Ok(rustix::io::fcntl_dupfd_cloexec(fd, 3)?)
}

pub(super) fn open(path: &str) -> io::Result<OwnedFd> {
    Ok(rustix::fs::open(path, OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC, Mode::empty())?)
}
