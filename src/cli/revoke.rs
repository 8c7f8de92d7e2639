//! `tokscope revoke`.

use std::fmt::Write as _;

use serde::Serialize;

use super::{
    Failure, Place, Verdict,
    call::{Call, Target},
    input::Source,
    output,
    style::{Role, Style, When},
    token_set::INPUT_HELP,
};
use crate::{auth::Fate, text::visible};

/// The arguments of `tokscope revoke`.
#[derive(Debug, Clone, clap::Args)]
#[command(after_help = format!("\
{INPUT_HELP}

--json prints one object: {{\"profile\": \"lms\", \"tokens\": [{{\"kind\":
\"refresh\", \"revoked\": true, \"reason\": null}}]}}; kind is \"access\",
\"refresh\" or \"id\", and reason says why a token is still active.

Exit code: 0 at least one token was revoked; 1 none was, or the server
refused; 2 error: network, settings."))]
pub struct Revoke {
    #[command(flatten)]
    #[allow(missing_docs, reason = "clap would take it for help")]
    pub target: Target,

    /// The tokens: @FILE, or - for standard input; default: piped input, else the saved ones
    #[arg(value_name = "@FILE|-")]
    pub tokens: Option<Source>,

    /// Print one JSON object, for programs
    #[arg(long)]
    pub json: bool,
}

/// What `--json` prints.
#[derive(Serialize)]
struct Revocation<'a> {
    profile: &'a str,
    tokens: Vec<Revoked<'a>>,
}

#[derive(Serialize)]
struct Revoked<'a> {
    kind: String,
    revoked: bool,
    reason: Option<&'a str>,
}

/// Revokes, and prints what became of each token.
pub fn run(revoke: &Revoke, place: &Place) -> Result<Verdict, Failure> {
    let call = Call::with_tokens(&revoke.target, place, revoke.tokens.as_ref(), None)?;
    let revocation = call.run(call.session.revoke(&call.profile, &call.terminal))?;
    if revoke.json {
        let tokens = revocation.tokens.iter().map(|(kind, fate)| {
            let reason = match fate {
                Fate::Revoked => None,
                Fate::Alive(why) => Some(why.as_str()),
            };
            Revoked { kind: kind.to_string(), revoked: reason.is_none(), reason }
        });
        output::print_json(&Revocation { profile: call.profile.name.as_str(), tokens: tokens.collect() })?;
    } else {
        let style = Style::stdout(When::Auto);
        let mut out = String::new();
        for (kind, fate) in &revocation.tokens {
            let (role, words) = match fate {
                Fate::Revoked => (Role::Good, "revoked".to_owned()),
                Fate::Alive(why) => (Role::Warning, format!("still active: {}", visible(why))),
            };
            let _ = writeln!(out, "{:<8}  {}", kind.to_string(), style.paint(role, words));
        }
        output::print(&out)?;
    }
    match revocation.tokens.iter().any(|(_, fate)| *fate == Fate::Revoked) {
        true => call.end(Verdict::Yes),
        false => call.end(Verdict::No),
    }
}
