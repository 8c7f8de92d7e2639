//! `tokscope refresh`.

use super::{
    Exit, Failure, GlobalOptions,
    deliver::Output,
    input::Source,
    invocation::Invocation,
    named::Target,
    token_set::{INPUT_HELP, JSON_HELP, Show},
};
use crate::auth::TokenKind;

/// The arguments of `tokscope refresh`.
#[derive(Debug, Clone, clap::Args)]
#[command(after_help = format!("\
{INPUT_HELP} A bare token is read as the refresh token.

Many servers replace the refresh token and invalidate the old one. If saved
tokens are refreshed, the new ones are saved in the vault before anything else
uses them. A refresh token from elsewhere needs --json (or --show refresh):
nothing is sent without it.
  tokscope refresh lms
  tokscope refresh lms @tokens.json --json > new.json && mv new.json tokens.json

{JSON_HELP}

Exit code: 0 refreshed; 1 the server refused; 2 error: network, settings, no
refresh token."))]
pub struct Refresh {
    #[command(flatten)]
    target: Target,

    /// The old tokens: @FILE, or - for standard input; default: piped input, else the saved ones
    #[arg(value_name = "@FILE|-")]
    pub tokens: Option<Source>,

    #[command(flatten)]
    output: Output,
}

/// Refreshes, and prints what came of it.
pub fn run(refresh: &Refresh, place: &GlobalOptions) -> Result<Exit, Failure> {
    let call = Invocation::with_tokens(&refresh.target, place, refresh.tokens.as_ref(), Some(TokenKind::Refresh))?;
    let old = call.session.token_set(&call.profile.name)?;
    let has_refresh_token = old.is_some_and(|old| old.token(TokenKind::Refresh).is_some());
    if call.saved.is_none() && has_refresh_token && !refresh.output.json && refresh.output.show != Some(Show::Refresh) {
        // Said before anything is sent: afterwards the old one may be dead and the new one is nowhere.
        return Err(Failure::usage("the server may replace the refresh token, and the new one would be lost")
            .hint("keep the new one: --json > new.json, or --show refresh"));
    }
    let new = call.run(call.session.refresh(&call.profile, None, &call.terminal))?;
    let title = format!("refreshed {} ({})", call.profile.name, call.descriptor.title);
    refresh.output.deliver(&title, &new, &call)?;
    call.end(Exit::Yes)
}
