//! `tokscope logout`.

use std::{collections::BTreeSet, rc::Rc};

use schemars::JsonSchema;
use serde::Serialize;

use super::{
    Exit, Failure, GlobalOptions, interaction::Terminal, invocation::Invocation, opening, output, protected, revoke,
    select::Selection, style::Style,
};
use crate::{
    clock,
    profile::{Profile, Protected},
};

/// The arguments of `tokscope logout`.
#[derive(Debug, Clone, clap::Args)]
#[command(after_help = "\
Asks the server of each profile to revoke its current tokens, then gives them
up. A server that says yes was asked; that does not prove that a token is dead:
what is not known to be dead stays as an old generation (`tokscope history`)
until it is. Where a server cannot be reached, the tokens stay the current ones.

In protected environments ([environments] in config.toml) it asks for each
environment's name on the terminal; without one, --yes-env ENV confirms.

--json prints a list of objects: profile, tokens (as `tokscope revoke --json`
has them), and error: null, or why it is still logged in.

Exit code: 0 the server was asked to revoke every token; 1 one could not be
asked for, or the server refused; 2 error: network, settings, no such profile,
no profile selected.")]
pub struct Logout {
    #[command(flatten)]
    selection: Selection,

    /// Confirm for a protected environment, by its name; can be given again
    #[arg(long, value_name = "ENV")]
    pub yes_env: Vec<String>,

    /// Print one JSON list, for programs
    #[arg(long)]
    pub json: bool,

    /// Never ask: fail if a question would be needed
    #[arg(long)]
    pub no_input: bool,
}

/// What `--json` prints a list of.
#[derive(Serialize, JsonSchema)]
pub(super) struct LoggedOut<'a> {
    profile: &'a str,
    tokens: Vec<revoke::Revoked<'a>>,
    error: Option<String>,
}

/// Logs out of one profile after the other, and prints what became of each token.
pub fn run(logout: &Logout, place: &GlobalOptions) -> Result<Exit, Failure> {
    let selector = logout.selection.selector()?;
    let folder = place.folder()?;
    let (all, protected) = (folder.profiles().all()?, folder.settings()?.environments.protected());
    let session = opening::session();
    place.restrict(&session)?;
    let (session, holder) = opening::saved(&session, &folder, &Terminal::new(!logout.no_input))?;
    let (now, holder) = (clock::now(), holder.map(Rc::new));
    let chosen = selector.of(&all, |profile| session.status(profile, now).state(now))?;
    let mut with_tokens = Vec::new();
    for profile in chosen {
        if session.token_set(&profile.name)?.is_some() {
            with_tokens.push(profile);
        }
    }
    confirm(logout, &with_tokens, &protected)?;
    let (mut objects, mut verdict, mut failed) = (Vec::new(), Exit::Yes, None);
    for profile in with_tokens {
        let call = Invocation::over(profile, &session, holder.clone(), !logout.no_input, place)?;
        let done = call.run(session.logout(profile, &call.terminal));
        if !done.as_ref().is_ok_and(|ended| ended.is_asked()) {
            verdict = Exit::No;
        }
        if !logout.json {
            let name = &profile.name;
            match &done {
                Ok(ended) => {
                    let lines = revoke::lines(std::slice::from_ref(ended), Style::stdout());
                    output::print(&lines.lines().map(|line| format!("{name}: {line}\n")).collect::<String>())?;
                }
                Err(failure) => output::say(&format!("{name}: still logged in: {}", failure.message())),
            }
        }
        let stop = done.as_ref().is_err_and(Failure::is_interrupted);
        match done {
            Ok(ended) => objects.push((profile, vec![ended], None)),
            Err(failure) => {
                objects.push((profile, Vec::new(), Some(failure.message().to_owned())));
                failed.get_or_insert(failure);
            }
        }
        if stop {
            break;
        }
        call.end(verdict)?;
    }
    if logout.json {
        let each = objects.iter().map(|(profile, ended, error)| LoggedOut {
            profile: profile.name.as_str(),
            tokens: revoke::objects(ended),
            error: error.clone(),
        });
        output::print_json(&each.collect::<Vec<_>>())?;
    } else if objects.is_empty() {
        output::tell("no tokens to log out from");
    }
    failed.map_or(Ok(verdict), Err)
}

/// The name of each protected environment among them is given, or typed. Without a terminal that is said before anything is
/// sent.
fn confirm(logout: &Logout, profiles: &[&Profile], protected: &Protected) -> Result<(), Failure> {
    let of = |profile: &&Profile| profile.environment.clone().filter(|environment| protected.covers(environment));
    let environments: BTreeSet<_> = profiles.iter().filter_map(of).collect();
    let is_given = |environment: &str| logout.yes_env.iter().any(|given| protected::is_same(given, environment));
    for environment in environments.iter().filter(|environment| !is_given(environment)) {
        let whose = profiles.iter().filter(|profile| profile.environment.as_ref() == Some(environment));
        let names = whose.map(|profile| profile.name.to_string()).collect::<Vec<_>>().join(", ");
        protected::askable(&names, environment, !logout.no_input)?;
        let lines = [
            format!("Log out of {names}?"),
            format!("environment  {environment}"),
            "The server is asked to revoke their tokens. Programs that use them stop working.".to_owned(),
        ];
        protected::confirm(&names, environment, &lines, "log out")?;
    }
    Ok(())
}
