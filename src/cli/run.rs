//! `tokscope run`: another program with fresh tokens in its environment. It takes the place of this process, so its signals and
//! exit code need no middleman.

use std::{ffi::OsString, io};

use chrono::TimeDelta;
use clap::ValueEnum as _;

use super::{
    Exit, Failure, GlobalOptions, fresh,
    named::Target,
    times,
    token_set::{self, Show},
};
use crate::{auth::TokenKind, host::process, secret::SecretString, session::Demand};

/// The arguments of `tokscope run`.
#[derive(Debug, Clone, clap::Args)]
#[command(after_help = "\
Without --env, the access token is in TOKSCOPE_ACCESS_TOKEN. header is the
whole Authorization header. The tokens are fresh when the command starts, and
stay as they are; every process that it starts inherits them.
  tokscope run lms --env LMS_TOKEN=access -- ./sync.sh --all

The command replaces this process: it gets all signals, and its exit code is
the exit code. 125: tokscope itself failed; 126: the command cannot be
executed; 127: it was not found.")]
pub struct Run {
    #[command(flatten)]
    target: Target,

    /// A variable and the token that it holds: access, refresh, id or header
    #[arg(long, value_name = "NAME=WHAT", value_parser = variable)]
    pub env: Vec<(String, Show)>,

    /// How long the tokens must be valid when the command starts
    #[arg(long, value_name = "TIME", value_parser = times::span, default_value = "60s")]
    pub min_ttl: TimeDelta,

    /// The command and its arguments
    #[arg(value_name = "CMD", required = true, last = true)]
    pub command: Vec<OsString>,
}

/// The exit code of trouble that is not the command's.
pub const OWN: u8 = 125;

/// Becomes the command. Returns only if it cannot.
pub fn run(run: &Run, place: &GlobalOptions) -> Result<Exit, Failure> {
    let own = |failure: Failure| if failure.is_interrupted() { failure } else { failure.exiting(OWN) };
    let variables = variables(run, place).map_err(own)?;
    let (program, arguments) = run.command.split_first().expect("clap requires one");
    let error = process::become_program(program, arguments, &variables);
    Err(match error.kind() {
        io::ErrorKind::NotFound => Failure::usage("command not found").exiting(127),
        _ => Failure::of_io("the command cannot be executed", error).exiting(126),
    })
}

/// The variables with their tokens. The vault is closed again when this returns.
fn variables(run: &Run, place: &GlobalOptions) -> Result<Vec<(String, SecretString)>, Failure> {
    let usual = [("TOKSCOPE_ACCESS_TOKEN".to_owned(), Show::Access)];
    let wanted = if run.env.is_empty() { &usual[..] } else { &run.env };
    let call = fresh::open(&run.target, place)?;
    let has = |show| wanted.iter().any(|(_, wanted)| *wanted == show);
    let kinds = [
        (TokenKind::Refresh, true),
        (TokenKind::Access, has(Show::Access) || has(Show::Header)),
        (TokenKind::Id, has(Show::Id)),
    ];
    let mut token_set = None;
    for (kind, _) in kinds.into_iter().filter(|(_, wanted)| *wanted) {
        token_set = Some(fresh::tokens(&call, &Demand { kind, min_ttl: run.min_ttl, force: false })?);
    }
    call.settle(false)?;
    call.end(Exit::Yes)?;
    let token_set = token_set.expect("the first of them is always wanted");
    let text = |show| token_set::shown(show, &token_set).map(|text| SecretString::from(text.trim_end()));
    wanted.iter().map(|(name, show)| Ok((name.clone(), text(*show)?))).collect()
}

/// Reads `NAME=access`.
fn variable(text: &str) -> Result<(String, Show), &'static str> {
    const FORM: &str = "write NAME=access, NAME=refresh, NAME=id or NAME=header";
    let (name, what) = text.split_once('=').ok_or(FORM)?;
    let legal = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let is_name = name.chars().all(legal) && !name.is_empty() && !name.starts_with(|c: char| c.is_ascii_digit());
    let show = match Show::from_str(what, false) {
        Ok(show) => show,
        Err(_) => return Err(FORM),
    };
    if is_name { Ok((name.to_owned(), show)) } else { Err(FORM) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variable_has_a_name_and_a_token() {
        assert_eq!(variable("A_1=access"), Ok(("A_1".to_owned(), Show::Access)));
        assert_eq!(variable("x=header"), Ok(("x".to_owned(), Show::Header)));
        for wrong in ["access", "=access", "1=access", "A-B=access", "A=", "A=eyJ0eXAi"] {
            assert!(variable(wrong).is_err(), "{wrong}");
        }
    }
}
