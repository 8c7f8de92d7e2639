//! Why a command could not do its work, for people and for programs.

use std::{error::Error as _, fmt, io};

use schemars::JsonSchema;
use serde::Serialize;
use signal_hook::consts::SIGUSR1;

use super::json;
use crate::{
    auth::AuthError,
    text::visible,
    trouble::{Code, Trouble},
};

/// Why a command could not do its work. Foreign text inside is made visible when it is displayed.
#[derive(Debug, thiserror::Error)]
pub struct Failure {
    #[source]
    trouble: Trouble,
    items: Vec<String>,
    exit: u8,
    /// It is about output that could not be written.
    unwritten: bool,
}

/// What standard error has with `--json`.
#[derive(Serialize, JsonSchema)]
pub(super) struct Error<'a> {
    code: &'static str,
    message: &'a str,
    hint: Option<&'a str>,
}

impl Failure {
    /// What happened: trouble, exit code 2.
    pub fn new(message: impl Into<String>) -> Self {
        Trouble::bare(message).into()
    }

    /// What is wrong with the arguments or the input.
    pub fn usage(message: impl Into<String>) -> Self {
        Self::new(message).coded(Code::Usage)
    }

    /// What could not be done, and what the operating system says.
    pub fn of_io(message: impl fmt::Display, error: io::Error) -> Self {
        Trouble::of_io(message, error).into()
    }

    /// An error of a provider: a refusal is a negative answer, all the rest is trouble.
    pub(super) fn of_auth(error: AuthError) -> Self {
        const ASK: &str = "log in on a terminal, without --no-input; the profile can also supply a secret: \
                           env:NAME, file:PATH or cmd:PROGRAM ARGS";
        let is_refusal = matches!(error, AuthError::Refused { status: ..500, .. });
        let failure = match error {
            AuthError::NeedsInteraction(_) => Self::from(error).hint(ASK),
            _ => Self::from(error),
        };
        if is_refusal { failure.negative() } else { failure }
    }

    /// A signal ended it: exit code 128 and its number, as in a shell.
    pub(super) fn interrupted(signal: i32, how: &str) -> Self {
        let how = match signal {
            SIGUSR1 => &how.replacen("interrupted", "ended by `tokscope lock`", 1),
            _ => how,
        };
        Self::new(how).coded(Code::Cancelled).exiting(u8::try_from(128 + signal).unwrap_or(u8::MAX))
    }

    pub(super) fn is_interrupted(&self) -> bool {
        self.exit > 128
    }

    /// The work was done and the answer is no: exit code 1.
    #[must_use]
    pub(super) fn negative(self) -> Self {
        self.exiting(1)
    }

    /// Another exit code than 2.
    #[must_use]
    pub(super) fn exiting(self, exit: u8) -> Self {
        Self { exit, ..self }
    }

    /// Says what kind of trouble it is.
    #[must_use]
    pub(super) fn coded(mut self, code: Code) -> Self {
        self.trouble.code = code;
        self
    }

    /// The single things that are wrong, each on its own line.
    #[must_use]
    pub(super) fn items(mut self, items: impl IntoIterator<Item = String>) -> Self {
        self.items.extend(items);
        self
    }

    /// What the user can do about it.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.trouble.hint = Some(hint.into());
        self
    }

    /// Output that could not be written.
    pub fn output(error: io::Error) -> Self {
        Self { unwritten: true, ..Self::of_io("cannot write the output", error) }
    }

    /// What happened, without what to do about it.
    pub(super) fn message(&self) -> &str {
        &self.trouble.what
    }

    /// The exit code: 1 for a negative answer, 2 for trouble, more for a signal.
    pub fn exit_code(&self) -> u8 {
        self.exit
    }

    /// The reader of our output went away: that ends the program and is not an error.
    pub fn is_broken_pipe(&self) -> bool {
        let cause = self.trouble.source().and_then(|cause| cause.downcast_ref::<io::Error>());
        self.unwritten && cause.is_some_and(|cause| cause.kind() == io::ErrorKind::BrokenPipe)
    }

    /// The output did not take what it was to take.
    pub(super) fn is_unwritten(&self) -> bool {
        self.unwritten
    }

    /// For programs: one object on one line.
    pub fn json(&self) -> String {
        let Trouble { what, hint, code, .. } = &self.trouble;
        let message = if self.items.is_empty() { what } else { &format!("{what}: {}", self.items.join("; ")) };
        json::line(&Error { code: code.as_str(), message, hint: hint.as_deref() }).expect("strings are JSON")
    }
}

impl<E: Into<Trouble>> From<E> for Failure {
    fn from(error: E) -> Self {
        Self { trouble: error.into(), items: Vec::new(), exit: 2, unwritten: false }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "error: {}", visible(&self.trouble.what))?;
        self.items.iter().try_for_each(|item| write!(f, "\n  {}", visible(item)))?;
        match &self.trouble.hint {
            Some(hint) => write!(f, "\nhint: {}", visible(hint)),
            None => Ok(()),
        }
    }
}
