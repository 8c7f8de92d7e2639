//! `tokscope login`.

use std::path::Path;

use super::{
    Failure, Verdict,
    call::{Call, Target},
    token_set::{JSON_HELP, Output},
};

/// The arguments of `tokscope login`.
#[derive(Debug, Clone, clap::Args)]
#[command(after_help = format!("\
What the profile lacks is asked for on the terminal, secrets without echo. Standard output is the result alone.

The tokens are not kept: they go where standard output goes. Feed them to the other commands:
  tokscope login lms --json | tokscope refresh lms --json | tokscope probe lms
  curl -H \"$(tokscope login lms --show header)\" https://lms.example.org/api/user/v1/me

{JSON_HELP}

Exit code: 0 logged in; 1 the server refused; 2 trouble: network, settings, or a question with nobody to ask."))]
pub struct Login {
    #[command(flatten)]
    #[allow(missing_docs, reason = "clap would take it for help")]
    pub target: Target,

    #[command(flatten)]
    #[allow(missing_docs, reason = "clap would take it for help")]
    pub output: Output,
}

/// Logs in, and prints what came of it.
pub fn run(login: &Login, config_dir: Option<&Path>) -> Result<Verdict, Failure> {
    let call = Call::new(&login.target, config_dir)?;
    let token_set = call.run(call.session.login(&call.profile, &call.terminal))?;
    let title = format!("logged in with {} ({})", call.profile.name, call.descriptor.title);
    login.output.print(&title, &token_set, &call)?;
    Ok(Verdict::Yes)
}
