//! `tokscope diff`.

use std::{
    fmt::Write as _,
    io::{self, Write as _},
};

use super::{
    Failure, Verdict,
    input::Source,
    style::{Role, Style, When},
};
use crate::{
    secret::ExposeSecret as _,
    text::{push_quoted, visible},
    token::{
        Token,
        detect::detect,
        diff::{self, Change},
    },
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

    /// When to use colour
    #[arg(long, value_name = "WHEN", value_enum, default_value_t = When::Auto)]
    pub color: When,
}

/// Runs it, on standard input and output.
pub fn run(arguments: &Diff) -> Result<Verdict, Failure> {
    if let (Source::Stdin, Source::Stdin) = (&arguments.first, &arguments.second) {
        return Err(Failure::new("both tokens cannot come from standard input")
            .hint("put one of them into a file and give it as @FILE"));
    }
    let changes = diff::diff(&token(&arguments.first)?, &token(&arguments.second)?);
    let out = if arguments.json { object(&changes) } else { lines(&changes, Style::stdout(arguments.color)) };
    let mut stdout = io::stdout().lock();
    stdout.write_all(out.as_bytes()).and_then(|()| stdout.flush()).map_err(|error| Failure::output(&error))?;
    Ok(if changes.is_empty() { Verdict::Yes } else { Verdict::No })
}

/// The first token that a source holds.
fn token(source: &Source) -> Result<Token, Failure> {
    let text = source.read()?;
    let found = detect(text.expose_secret()).first().map(|found| found.inspect()).filter(Token::is_plausible);
    found.ok_or_else(|| Failure::new(format!("no token in {source}")).hint("a file is given as @FILE"))
}

fn lines(changes: &[Change], style: Style) -> String {
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
            let seconds = shift.num_milliseconds().div_euclid(1_000);
            let _ = write!(out, "  {}", style.paint(Role::Quiet, format_args!("({seconds:+} s)")));
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

fn object(changes: &[Change]) -> String {
    let mut out = format!("{{\"same\":{},\"changes\":[", changes.is_empty());
    let list = |out: &mut String, items: &[String]| {
        for (index, item) in items.iter().enumerate() {
            out.push_str(if index == 0 { "" } else { "," });
            push_quoted(out, item);
        }
    };
    for (index, change) in changes.iter().enumerate() {
        out.push_str(if index == 0 { "{\"place\":" } else { ",{\"place\":" });
        push_quoted(&mut out, &change.place);
        let value = |value: &Option<String>| value.clone().unwrap_or_else(|| "null".to_owned());
        let shift = change.shift.map(|shift| shift.num_milliseconds().div_euclid(1_000).to_string());
        let _ = write!(out, ",\"before\":{},\"after\":{}", value(&change.before), value(&change.after));
        let _ = write!(out, ",\"shift_seconds\":{},\"gained\":[", value(&shift));
        list(&mut out, &change.gained);
        out.push_str("],\"lost\":[");
        list(&mut out, &change.lost);
        out.push_str("]}");
    }
    out + "]}\n"
}
