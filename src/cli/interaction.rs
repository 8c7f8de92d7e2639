//! The user at a terminal: questions on `/dev/tty`, so that standard input and output stay free for pipes; progress and
//! remarks on standard error.

use std::{
    io::{self, IsTerminal as _},
    os::fd::OwnedFd,
    sync::{Arc, Mutex, PoisonError},
};

use async_trait::async_trait;
use rustix::{
    fs::{Mode, OFlags},
    io::Errno,
    termios::{self, LocalModes, OptionalActions, SpecialCodeIndex, Termios},
};

use super::{
    Failure,
    output::{say, tell},
};
use crate::{
    auth::{AuthError, Interaction, Progress, Prompt},
    clock::{self, Zone},
    secret::SecretString,
    text::visible,
};

/// The user.
pub(super) struct Terminal {
    /// Whether questions may be asked.
    input: bool,
    /// Whether standard error is a terminal.
    watched: bool,
    /// The remarks that the user has seen.
    told: Mutex<Vec<String>>,
}

impl Terminal {
    /// The user of this process; with `input` false, one who answers nothing.
    pub(super) fn new(input: bool) -> Self {
        Self { input, watched: io::stderr().is_terminal(), told: Mutex::default() }
    }

    /// Those of the remarks that the user has not seen yet.
    pub(super) fn untold<'a>(&self, remarks: &'a [String]) -> Vec<&'a str> {
        let told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        remarks.iter().filter(|remark| !told.contains(remark)).map(String::as_str).collect()
    }

    /// Whether this process has a terminal to ask on.
    pub(super) fn is_there() -> bool {
        Tty::open().is_ok()
    }

    /// Says these lines, and asks for one; `None` at the end of the input.
    pub(super) fn line(&self, lines: &[String], question: &str) -> io::Result<Option<String>> {
        let tty = Tty::open()?;
        lines.iter().for_each(|line| tty.write(&format!("{}\n", visible(line))));
        tty.write(&format!("{}: ", visible(question)));
        tty.line(false)
    }

    /// Asks whether something that cannot be undone shall be done.
    pub(super) fn confirm(&self, question: &str) -> Result<bool, Failure> {
        let unasked = || Failure::usage(format!("{question} This run cannot ask")).hint("--yes confirms");
        let tty = if self.input { Tty::open().map_err(|_| unasked())? } else { return Err(unasked()) };
        tty.write(&format!("{} [y/N] ", visible(question)));
        let answer = tty.line(false).map_err(|_| unasked())?;
        Ok(answer.is_some_and(|answer| matches!(answer.trim(), "y" | "Y" | "yes")))
    }
}

#[async_trait]
impl Interaction for Terminal {
    fn report(&self, step: Progress) {
        match step {
            Progress::Contacting(what) if self.watched => tell(&format!("contacting {what}")),
            Progress::Contacting(_) | Progress::Pausing { .. } | Progress::Finishing => {}
            Progress::OpenPage { url } => say(&format!("open this page in a browser:  {url}")),
            Progress::DeviceCode { user_code, verification_uri, verification_uri_complete, expires_at } => {
                let (local, left) = (clock::local(expires_at, Zone::System), clock::relative(expires_at, clock::now()));
                say(&format!("open this page:  {verification_uri}"));
                say(&format!("enter the code:  {user_code}"));
                if let Some(url) = verification_uri_complete {
                    say(&format!("or open this page, which contains the code:  {url}"));
                }
                say(&format!("the code expires {left} · {local}"));
            }
            Progress::Remark(remark) => {
                tell(&format!("remark: {remark}"));
                self.told.lock().unwrap_or_else(PoisonError::into_inner).push(remark);
            }
        }
    }

    async fn ask(&self, prompt: Prompt) -> Result<SecretString, AuthError> {
        let unasked = || AuthError::NeedsInteraction(prompt.label.clone().into_owned());
        if !self.input {
            return Err(unasked());
        }
        let tty = Tty::open().map_err(|_| unasked())?;
        // Held by this future: whoever drops it gets the echo back, although the thread below still reads.
        let quiet = prompt.secret.then(|| Quiet::new(&tty)).transpose().map_err(|_| unasked())?;
        tty.write(&format!("{}\n{}: ", visible(&prompt.help), visible(&prompt.label)));
        let (reader, secret) = (tty.clone(), prompt.secret);
        let answer = tokio::task::spawn_blocking(move || reader.line(secret)).await;
        drop(quiet);
        if prompt.secret {
            tty.write("\n");
        }
        match answer {
            Ok(Ok(Some(line))) => Ok(line.into()),
            Ok(Ok(None)) => Err(AuthError::Cancelled),
            _ => Err(unasked()),
        }
    }

    /// A command is a person's word, also with `--no-input`.
    fn is_by_hand(&self) -> bool {
        true
    }

    /// Pages and codes are printed for whoever asked for a login, unless --no-input says that no user is there.
    fn is_attended(&self) -> bool {
        self.input
    }
}

/// The terminal that controls this process.
#[derive(Clone)]
struct Tty(Arc<OwnedFd>);

impl Tty {
    fn open() -> io::Result<Self> {
        let flags = OFlags::RDWR | OFlags::CLOEXEC | OFlags::NOCTTY;
        Ok(Self(Arc::new(rustix::fs::open("/dev/tty", flags, Mode::empty())?)))
    }

    fn write(&self, text: &str) {
        let mut rest = text.as_bytes();
        while !rest.is_empty() {
            match rustix::io::write(&self.0, rest) {
                Ok(count) => rest = &rest[count..],
                Err(Errno::INTR) => {}
                // Then the terminal is gone, and reading the answer says so.
                Err(_) => return,
            }
        }
    }

    /// Reads a line; `None` at the end of the input. While the terminal is [`Quiet`], it edits nothing itself.
    fn line(&self, quiet: bool) -> io::Result<Option<String>> {
        const END_OF_INPUT: u8 = 0x04;
        const KILL_LINE: u8 = 0x15;
        let mut line = Vec::with_capacity(8 << 10);
        let mut byte = [0];
        loop {
            // One by one: what is behind the line belongs to whoever reads next.
            match rustix::io::read(&self.0, &mut byte) {
                Ok(0) => return Ok(None),
                Ok(_) => {}
                Err(Errno::INTR) => continue,
                Err(error) => return Err(error.into()),
            }
            match byte[0] {
                b'\n' | b'\r' => {
                    return String::from_utf8(line).map(Some).map_err(|_| io::ErrorKind::InvalidData.into());
                }
                END_OF_INPUT if quiet && line.is_empty() => return Ok(None),
                KILL_LINE if quiet => line.clear(),
                0x08 | 0x7f if quiet => {
                    let start = line.iter().rposition(|byte| byte & 0xc0 != 0x80).unwrap_or(0);
                    line.truncate(start);
                }
                other => line.push(other),
            }
        }
    }
}

/// The terminal without echo, until it is dropped. Line by line it would also cut an answer at 4,095 bytes, and a token
/// may be longer; and the echo would stay off if the process were suspended.
struct Quiet {
    tty: Tty,
    before: Termios,
}

impl Quiet {
    fn new(tty: &Tty) -> io::Result<Self> {
        const DISABLED: u8 = 0;
        let before = termios::tcgetattr(&tty.0)?;
        let mut quiet = before.clone();
        quiet.local_modes &= !(LocalModes::ECHO | LocalModes::ECHONL | LocalModes::ICANON);
        quiet.special_codes[SpecialCodeIndex::VSUSP] = DISABLED;
        quiet.special_codes[SpecialCodeIndex::VMIN] = 1;
        quiet.special_codes[SpecialCodeIndex::VTIME] = 0;
        termios::tcsetattr(&tty.0, OptionalActions::Now, &quiet)?;
        Ok(Self { tty: tty.clone(), before })
    }
}

impl Drop for Quiet {
    fn drop(&mut self) {
        // Where this fails, the terminal is gone.
        let _ = termios::tcsetattr(&self.tty.0, OptionalActions::Now, &self.before);
    }
}
