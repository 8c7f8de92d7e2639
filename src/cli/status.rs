//! `tokscope status`.

use std::{fmt::Write as _, time::Duration};

use chrono::TimeDelta;
use schemars::JsonSchema;
use serde::Serialize;
use unicode_width::UnicodeWidthStr as _;

use super::{
    Exit, Failure, GlobalOptions,
    interaction::Terminal,
    opening,
    output::print,
    select::Selection,
    signals,
    style::{Role, Style},
    times,
};
use crate::{
    clock::{self, Timestamp},
    profile::Profile,
    session::{
        Session,
        select::{SelectError, Selector},
    },
    text::visible,
    token::{lifetime::Lifetime, state::State},
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

/// A profile and its session.
struct Row<'a> {
    profile: &'a Profile,
    status: crate::session::Status,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct Object<'a> {
    profile: &'a str,
    environment: Option<&'a str>,
    provider: &'a str,
    tags: &'a [String],
    state: &'static str,
    access: Option<End>,
    refresh: Option<End>,
    failure: Option<FailureObject<'a>>,
}

#[derive(Serialize, JsonSchema)]
struct End {
    expires_at: Option<String>,
    seconds_left: Option<i64>,
}

#[derive(Serialize, JsonSchema)]
struct FailureObject<'a> {
    at: String,
    words: &'a str,
}

/// Prints the states.
pub fn run(status: &Status, place: &GlobalOptions) -> Result<Exit, Failure> {
    let selector = match status.selection.selector() {
        Err(SelectError::Nothing) => Selector::All,
        selector => selector?,
    };
    let folder = place.folder()?;
    let session = opening::session();
    let (session, _holder) = match status.format {
        Format::Line => opening::unasked(&session, &folder)?,
        _ => opening::saved(&session, &folder, &Terminal::new(!status.no_input))?,
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
            Format::Table => table(rows, now, Style::stdout()),
            Format::Line => line(rows, now),
        }
    }
}

impl<'a> Row<'a> {
    fn new(session: &Session, profile: &'a Profile, now: Timestamp) -> Self {
        Self { profile, status: session.status(profile, now) }
    }

    /// Whether it is over, or about to be, and nothing renews it.
    fn is_ending(&self, within: Option<TimeDelta>, now: Timestamp) -> bool {
        let soon = within.and_then(|within| now.checked_add_signed(within)).unwrap_or(now);
        let facts = &self.status.facts;
        match self.status.state(now) {
            State::Expired | State::Revoked => true,
            State::Expiring if !facts.is_renewable(now) => true,
            _ => facts.ends(now).is_some_and(|end| end <= soon),
        }
    }

    fn object(&self, now: Timestamp) -> Object<'_> {
        let end = |life: Lifetime| End {
            expires_at: life.expires_at.map(clock::utc),
            seconds_left: life.expires_at.map(|end| (end - now).num_seconds()),
        };
        let Profile { name, provider, environment, tags, .. } = self.profile;
        let failure = self.status.failure.as_ref();
        Object {
            profile: name.as_str(),
            environment: environment.as_deref(),
            provider,
            tags,
            state: self.status.state(now).as_str(),
            access: self.status.facts.access.map(end),
            refresh: self.status.facts.refresh.map(end),
            failure: failure.map(|(at, words)| FailureObject { at: clock::utc(clock::to_the_second(*at)), words }),
        }
    }
}

/// One line a profile: state, name, environment, time left of both tokens, last failure.
fn table(rows: &[Row<'_>], now: Timestamp, style: Style) -> String {
    let left = |life: Option<Lifetime>| match life {
        None => "-".to_owned(),
        Some(life) => life.expires_at.map_or_else(|| "unknown".to_owned(), |end| clock::relative(end, now)),
    };
    let cells = rows.iter().map(|row| {
        let state = row.status.state(now);
        let facts = &row.status.facts;
        let failure = row.status.failure.as_ref().map(|(_, words)| visible(words).into_owned());
        let environment = visible(row.profile.environment.as_deref().unwrap_or_default()).into_owned();
        let name = row.profile.name.to_string();
        let word = format!("{} {}", state.sign(), state.as_str());
        (role(state), [word, name, environment, left(facts.access), left(facts.refresh), failure.unwrap_or_default()])
    });
    let heads = ["  state", "profile", "env", "access", "refresh", "last failure"].map(str::to_owned);
    let cells: Vec<_> = std::iter::once((Role::Quiet, heads)).chain(cells).collect();
    let widths: [usize; 6] =
        std::array::from_fn(|column| cells.iter().map(|(_, row)| row[column].width()).max().unwrap_or(0));
    let mut out = String::new();
    for (role, row) in &cells {
        let mut line = String::new();
        for (column, cell) in row.iter().enumerate() {
            let pad = " ".repeat(widths[column] - cell.width());
            let cell = if column == 0 || *role == Role::Quiet { style.paint(*role, cell) } else { cell.clone() };
            let _ = write!(line, "{cell}{pad}  ");
        }
        out += line.trim_end();
        out.push('\n');
    }
    out
}

/// The most urgent profile, and how many others need attention: `▲ seta 48s +2`.
fn line(rows: &[Row<'_>], now: Timestamp) -> String {
    let urgent = |row: &&Row<'_>| row.status.state(now) < State::Busy;
    let Some(first) = rows.iter().min_by_key(|row| row.status.state(now)) else { return "\n".to_owned() };
    let others = rows.iter().filter(urgent).count().saturating_sub(1);
    let (state, left) = (first.status.state(now), first.status.facts.left(now));
    let left = if left.is_empty() { state.as_str() } else { &left };
    let more = if others > 0 { format!(" +{others}") } else { String::new() };
    format!("{} {} {left}{more}\n", state.sign(), first.profile.name)
}

pub(super) fn role(state: State) -> Role {
    match state {
        State::Failed | State::Alive | State::Expired | State::Revoked => Role::Bad,
        State::Expiring | State::Busy | State::Renewable => Role::Warning,
        State::Active => Role::Good,
        _ => Role::Name,
    }
}
