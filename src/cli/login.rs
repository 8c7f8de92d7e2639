//! `tokscope login`.

use super::{
    Exit, Failure, GlobalOptions, deliver::Output, invocation::Invocation, named::Target, token_set::JSON_HELP,
};

/// The arguments of `tokscope login`.
#[derive(Debug, Clone, clap::Args)]
#[command(after_help = format!("\
Values that the profile lacks are asked for on the terminal, secrets without
echo. Standard output is only the result.

The tokens are saved in the vault, encrypted, where the other commands find
them. Standard error says where. With --no-store they go only to standard
output:
  tokscope login lms && tokscope probe lms
  tokscope login lms --no-store --json | tokscope refresh lms --json | tokscope probe lms
  curl -H \"$(tokscope login lms --show header)\" https://lms.example.org/api/user/v1/me

{JSON_HELP}

Exit code: 0 logged in; 1 the server refused; 2 error: network, settings, or
a question that could not be asked."))]
pub struct Login {
    #[command(flatten)]
    target: Target,

    #[command(flatten)]
    output: Output,

    /// Do not save the tokens: a refresh token that a script renews must not be in two places
    #[arg(long)]
    pub no_store: bool,
}

/// Logs in, and prints what came of it.
pub fn run(login: &Login, place: &GlobalOptions) -> Result<Exit, Failure> {
    // First the vault: what a server gives must have its place.
    let call = match login.no_store {
        true => Invocation::in_memory(&login.target, place)?,
        false => Invocation::in_vault(&login.target, place)?,
    };
    let token_set = call.run(call.session.login(&call.profile, &call.terminal))?;
    let title = format!("logged in with {} ({})", call.profile.name, call.descriptor.title);
    login.output.deliver(&title, &token_set, &call)?;
    call.end(Exit::Yes)
}
