//! A use case, called for one profile from the command line.

use std::{
    io::{self, IsTerminal as _},
    path::Path,
    sync::Arc,
};

use tokio::signal::unix::{SignalKind, signal};

use super::{Failure, input::Source, interaction::Terminal, token_set};
use crate::{
    auth::{AuthError, Descriptor, TokenKind},
    clock,
    profile::{Profile, ProfileName},
    providers,
    session::Session,
    store::{self, profiles, secrets::Secrets, vault::Vault},
};

/// Which profile, and whether there is somebody to ask.
#[derive(Debug, Clone, clap::Args)]
pub struct Target {
    /// The name of the profile
    #[arg(value_name = "PROFILE", value_parser = profile_name)]
    pub profile: ProfileName,

    /// Ask nothing: fail where a question comes up
    #[arg(long)]
    pub no_input: bool,
}

/// Reads the name of a profile from an argument.
pub(super) fn profile_name(text: &str) -> Result<ProfileName, crate::profile::ProfileNameError> {
    ProfileName::new(text)
}

/// The profile of a name, of all that there are.
pub(super) fn find(dir: &Path, name: &ProfileName) -> Result<Profile, Failure> {
    let profiles = profiles::load(dir)?;
    let names: Vec<_> = profiles.iter().map(|profile| profile.name.to_string()).collect();
    profiles.into_iter().find(|profile| profile.name == *name).ok_or_else(|| {
        let failure = Failure::new(format!("there is no profile {name}"));
        match names.is_empty() {
            true => failure.hint("there are none yet: `tokscope profile add` makes one"),
            false => failure.hint(format!("there are {}", names.join(", "))),
        }
    })
}

/// All that a call needs.
pub(super) struct Call {
    pub(super) profile: Profile,
    /// What the profile's auth system is like.
    pub(super) descriptor: &'static Descriptor,
    pub(super) terminal: Terminal,
    pub(super) session: Session,
}

impl Call {
    /// Finds the profile.
    pub(super) fn new(target: &Target, config_dir: Option<&Path>) -> Result<Self, Failure> {
        let profile = find(&store::config_dir(config_dir)?, &target.profile)?;
        let session = Session::new(providers::ALL, Box::new(Secrets::default()), Arc::new(Vault::default()));
        let descriptor = session.provider(&profile).map_err(|error| failure(&error))?.descriptor();
        Ok(Self { profile, descriptor, terminal: Terminal::new(!target.no_input), session })
    }

    /// Takes the tokens in that the call is about. `bare` is what a token without any JSON around it must be.
    pub(super) fn take(&self, source: Option<&Source>, bare: Option<TokenKind>) -> Result<(), Failure> {
        let name = &self.profile.name;
        let source = match source {
            Some(Source::Argument(_)) => {
                return Err(Failure::new("tokens are not taken as arguments, which every user can see in `ps`")
                    .hint("name a file as @FILE, or pipe them in"));
            }
            None if io::stdin().is_terminal() => {
                return Err(Failure::new("no tokens are given")
                    .hint(format!("pipe them in, as in `tokscope login {name} --json | tokscope probe {name}`")));
            }
            None => &Source::Stdin,
            Some(source) => source,
        };
        let token_set = token_set::read(&source.read()?, Some(name), bare, clock::now())?;
        self.session.adopt(name, token_set);
        Ok(())
    }

    /// Runs the call until it is done or a signal comes.
    pub(super) fn run<T>(&self, work: impl Future<Output = Result<T, AuthError>>) -> Result<T, Failure> {
        let no_runtime = |error: io::Error| {
            Failure::new(format!("the system gives no threads for network requests: {error}"))
                .hint("check the limits of processes and memory (ulimit -a)")
        };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(no_runtime)?;
        let outcome = runtime.block_on(async {
            let mut interrupt = signal(SignalKind::interrupt()).map_err(no_runtime)?;
            let mut terminate = signal(SignalKind::terminate()).map_err(no_runtime)?;
            let mut hangup = signal(SignalKind::hangup()).map_err(no_runtime)?;
            tokio::select! {
                done = work => done.map_err(|error| failure(&error)),
                _ = hangup.recv() => Err(Failure::interrupted(1)),
                _ = interrupt.recv() => Err(Failure::interrupted(2)),
                _ = terminate.recv() => Err(Failure::interrupted(15)),
            }
        });
        // A thread that still reads the terminal must not hold up the exit.
        runtime.shutdown_background();
        outcome
    }
}

/// An error of a provider: a refusal is a negative answer, all the rest is trouble.
fn failure(error: &AuthError) -> Failure {
    const ASK: &str = "log in on a terminal, without --no-input; a secret may also come through the profile: \
                       env:NAME, file:PATH or cmd:PROGRAM ARGS";
    let hint = match error {
        AuthError::NeedsInteraction { .. } => Some(ASK.to_owned()),
        other => other.hint(),
    };
    let failure = Failure::new(error.to_string());
    let failure = match hint {
        Some(hint) => failure.hint(hint),
        None => failure,
    };
    match error {
        AuthError::Refused { status: ..500, .. } => failure.negative(),
        _ => failure,
    }
}
