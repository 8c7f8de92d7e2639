//! `tokscope status`.

mod row;
mod text;

use std::time::Duration;

use chrono::TimeDelta;

use self::row::Row;
pub(super) use self::{row::Object, text::role};
use super::{
    Exit, Failure, GlobalOptions, interaction::Terminal, opening, output::print, select::Selection, signals,
    style::Style, times,
};
use crate::{
    clock::{self, Timestamp},
    session::select::{SelectError, Selector},
};

/// The arguments of `tokscope status`.
#[derive(Debug, Clone, clap::Args)]
#[command(after_help = "\
Without names and filters: all profiles. A session is renewable if its access
token has expired and a refresh token, or a login without you, renews
it.

--format line prints one short line for a prompt: the most urgent profile, and
how many others need attention. It never asks for a key and never contacts a
keyring: unless the key is in a plain file, or cached by `vault unlock --for`,
saved sessions are `locked`.

--json prints a list of objects: profile, environment, provider, tags, state,
access and refresh (expires_at, seconds_left; null if there is no such token),
and failure (at, words). With --watch, one list per line, at each change.

Exit code: 0; 1 a session is expired or about to expire and cannot be renewed
without you; 2 error: no such profile, no profile selected, vault.")]
pub struct Status {
    #[command(flatten)]
    selection: Selection,

    /// Print one JSON list, for programs
    #[arg(long, conflicts_with = "format")]
    pub json: bool,

    /// Exit with 1 also if a session ends within this time, such as 10m
    #[arg(long, value_name = "TIME", value_parser = times::span)]
    pub expiring_within: Option<TimeDelta>,

    /// Print again whenever something changes, until interrupted
    #[arg(long)]
    pub watch: bool,

    /// How it is printed
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t = Format::Table)]
    pub format: Format,

    /// Never ask: fail if the vault's key needs a passphrase
    #[arg(long)]
    pub no_input: bool,
}

/// How it is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
#[allow(missing_docs, reason = "the words of the arguments")]
pub enum Format {
    Table,
    Line,
}

/// Prints the states.
pub fn run(status: &Status, place: &GlobalOptions) -> Result<Exit, Failure> {
    let selector = match status.selection.selector() {
        Err(SelectError::Nothing) => Selector::All,
        selector => selector?,
    };
    let folder = place.folder()?;
    let session = opening::session();
    let is_line = status.format == Format::Line;
    let passing = if is_line && !status.watch { opening::in_passing(&session, &folder) } else { None };
    let (_passage, (session, _holder)) = match passing {
        Some((passage, session)) => (Some(passage), (session, None)),
        None if is_line => (None, opening::unasked(&session, &folder)?),
        None => (None, opening::saved(&session, &folder, &Terminal::new(!status.no_input))?),
    };
    let mut shown = String::new();
    let mut once = || {
        let all = folder.profiles().all()?;
        let now = clock::now();
        let found = selector.of(&all, |profile| session.status(profile, now).state(now))?;
        let rows: Vec<_> = found.into_iter().map(|profile| Row::new(&session, profile, now)).collect();
        let text = status.text(&rows, now);
        if text != shown {
            print(&text)?;
            shown = text;
        }
        Ok(match rows.iter().any(|row| row.is_ending(status.expiring_within, now)) {
            true => Exit::No,
            false => Exit::Yes,
        })
    };
    match status.watch {
        false => once(),
        true => signals::run(async {
            loop {
                once()?;
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        }),
    }
}

impl Status {
    fn text(&self, rows: &[Row<'_>], now: Timestamp) -> String {
        if self.json {
            let objects: Vec<_> = rows.iter().map(|row| row.object(now)).collect();
            let json =
                if self.watch { serde_json::to_string(&objects) } else { serde_json::to_string_pretty(&objects) };
            return json.expect("strings and numbers are JSON") + "\n";
        }
        match self.format {
            Format::Table => text::table(rows, now, Style::stdout()),
            Format::Line => text::line(rows, now),
        }
    }
}
