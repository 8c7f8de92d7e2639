//! Colour on a terminal.

use std::{
    env, fmt,
    io::{self, IsTerminal as _},
    sync::OnceLock,
};

/// When to use colour.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum When {
    /// On a terminal, unless `NO_COLOR` is set.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// What `--color` says to this process.
static CHOSEN: OnceLock<When> = OnceLock::new();

impl When {
    /// From now on this holds for the process.
    pub(super) fn choose(self) {
        // Only `main` asks, once.
        let _ = CHOSEN.set(self);
    }

    /// Whether there is colour on the terminal that standard output is, if it is one.
    pub fn on(self, is_terminal: bool) -> bool {
        let is_set = |name| env::var_os(name).is_some_and(|value| !value.is_empty());
        let dumb = || env::var_os("TERM").is_some_and(|term| term == "dumb");
        match self {
            Self::Always => true,
            Self::Never => false,
            Self::Auto => is_terminal && !is_set("NO_COLOR") && !dumb(),
        }
    }
}

/// Whether there is colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Style(pub(super) bool);

/// What a piece of text is; each has its SGR parameters. The 16 colours of the terminal's own palette.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Title,
    Name,
    Quiet,
    Good,
    Warning,
    Bad,
}

impl Style {
    /// Decides for standard output.
    pub(super) fn stdout() -> Self {
        Self(CHOSEN.get().copied().unwrap_or_default().on(io::stdout().is_terminal()))
    }

    /// The text in a role.
    pub(super) fn paint(self, role: Role, text: impl fmt::Display) -> String {
        let parameters = match role {
            _ if !self.0 => return text.to_string(),
            Role::Title => "1",
            Role::Name => "36",
            Role::Quiet => "2",
            Role::Good => "32",
            Role::Warning => "33",
            Role::Bad => "31",
        };
        format!("\x1b[{parameters}m{text}\x1b[0m")
    }
}
