//! `tokscope diff`.

use std::fmt::Write as _;

use chrono::TimeDelta;
use schemars::JsonSchema;
use serde::Serialize;

use super::{
    Exit, Failure,
    input::Source,
    json::{self, Written},
    output,
    style::{Role, Style},
};
use crate::{
    secret::ExposeSecret as _,
    text::visible,
    token::{Token, diff},
};

const AFTER_HELP: &str = "\
Permissions come first: scopes and roles, then the other claims, the header,
the signature.

--json prints {\"same\": false, \"changes\": [{place, before, after,
shift_seconds, gained, lost}]}; before and after are null if absent,
shift_seconds is null unless both are dates.

Exit code: 0 the tokens are identical, byte for byte; 1 they differ; 2 not a
token, or error.";

/// The arguments of `tokscope diff`.
#[derive(Debug, Clone, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub struct Diff {
    /// The first token, @FILE, or - for standard input. A token in an argument is visible in `ps`
    #[arg(value_name = "A")]
    pub first: Source,

    /// The second token, @FILE, or - for standard input
    #[arg(value_name = "B")]
    pub second: Source,

    /// Print one JSON object, for programs
    #[arg(long)]
    pub json: bool,
}

/// Runs it, on standard input and output.
pub fn run(arguments: &Diff) -> Result<Exit, Failure> {
    arguments.first.apart(&arguments.second)?;
    let changes = diff::diff(&token(&arguments.first)?, &token(&arguments.second)?);
    match arguments.json {
        true => output::print(&(json::line(&Difference::of(&changes))? + "\n"))?,
        false => output::print(&lines(&changes, Style::stdout()))?,
    }
    Ok(if changes.is_empty() { Exit::Yes } else { Exit::No })
}

/// The first token that a source holds.
fn token(source: &Source) -> Result<Token, Failure> {
    let first = source.tokens(source.read()?.expose_secret())?.swap_remove(0).1;
    Ok(first)
}

fn lines(changes: &[diff::Change], style: Style) -> String {
    let mut out = String::new();
    if changes.is_empty() {
        out.push_str("the tokens are identical\n");
    }
    for change in changes {
        let place = visible(&change.place).into_owned();
        let (role, sign, words) = match (&change.before, &change.after) {
            (None, Some(after)) => (Role::Good, '+', after.clone()),
            (Some(before), None) => (Role::Bad, '-', before.clone()),
            (before, after) => (
                Role::Warning,
                '~',
                format!("{} → {}", before.as_deref().unwrap_or(""), after.as_deref().unwrap_or("")),
            ),
        };
        let _ = write!(out, "{} {place}  {words}", style.paint(role, sign));
        if let Some(shift) = change.shift {
            let _ = write!(out, "  {}", style.paint(Role::Quiet, format_args!("({:+} s)", seconds(shift))));
        }
        let items =
            |sign: char, items: &[String]| items.iter().map(|item| format!(" {sign}{}", visible(item))).collect();
        let (gained, lost): (String, String) = (items('+', &change.gained), items('-', &change.lost));
        if !gained.is_empty() || !lost.is_empty() {
            let _ = write!(out, " {}{}", style.paint(Role::Good, gained), style.paint(Role::Bad, lost));
        }
        out.push('\n');
    }
    out
}

/// Whole seconds, rounded down.
fn seconds(shift: TimeDelta) -> i64 {
    shift.num_milliseconds().div_euclid(1_000)
}

/// What `--json` prints.
#[derive(Serialize, JsonSchema)]
pub(super) struct Difference<'a> {
    same: bool,
    changes: Vec<Change<'a>>,
}

#[derive(Serialize, JsonSchema)]
struct Change<'a> {
    place: &'a str,
    before: Option<Written<'a>>,
    after: Option<Written<'a>>,
    shift_seconds: Option<i64>,
    gained: &'a [String],
    lost: &'a [String],
}

impl<'a> Difference<'a> {
    fn of(changes: &'a [diff::Change]) -> Self {
        let change = |change: &'a diff::Change| Change {
            place: &change.place,
            before: change.before.as_deref().map(|text| Written(text.into())),
            after: change.after.as_deref().map(|text| Written(text.into())),
            shift_seconds: change.shift.map(seconds),
            gained: &change.gained,
            lost: &change.lost,
        };
        Self { same: changes.is_empty(), changes: changes.iter().map(change).collect() }
    }
}
