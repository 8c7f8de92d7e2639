//! `tokscope probe`.

use schemars::JsonSchema;
use serde::Serialize;

use super::{
    Exit, Failure, GlobalOptions,
    input::Source,
    invocation::Invocation,
    named::Target,
    output,
    style::{Role, Style},
    token_set::INPUT_HELP,
};
use crate::{
    auth::{Acceptance, ProbeVerdict, TokenKind},
    text::visible,
};

/// The arguments of `tokscope probe`.
#[derive(Debug, Clone, clap::Args)]
#[command(after_help = format!("\
{INPUT_HELP} A bare token is read as the access token; `JWT ` before it
gives its scheme.

--json prints one object: {{\"profile\": \"lms\", \"acceptance\":
\"accepted\", \"status\": 200, \"account\": \"ada\", \"detail\": \"…\"}};
acceptance is \"accepted\", \"rejected\" or \"unclear\"; account is null if the
server does not name it, status if there was no response. If the probe fails,
the object is printed too: unclear, and detail says why.

Exit code: 0 accepted; 1 rejected; 2 unclear, or error: network, settings, no
access token."))]
pub struct Probe {
    #[command(flatten)]
    target: Target,

    /// The tokens: @FILE, or - for standard input; default: piped input, else the saved ones
    #[arg(value_name = "@FILE|-")]
    pub tokens: Option<Source>,

    /// Print one JSON object, for programs
    #[arg(long)]
    pub json: bool,
}

/// What `--json` prints.
#[derive(Serialize, JsonSchema)]
pub(super) struct Probed<'a> {
    profile: &'a str,
    acceptance: &'static str,
    status: Option<u16>,
    account: Option<&'a str>,
    detail: &'a str,
}

/// Probes, and prints the answer. With `--json` there is one in any case.
pub fn run(probe: &Probe, place: &GlobalOptions) -> Result<Exit, Failure> {
    let profile = probe.target.profile.as_str();
    let verdict = match ask(probe, place) {
        Ok(verdict) => verdict,
        Err(failure) if failure.is_interrupted() => return Err(failure),
        // A refusal of anything but the token is no negative answer about the token.
        Err(failure) => {
            let failure = failure.exiting(2);
            if probe.json {
                let detail = failure.message();
                output::print_json(&Probed { profile, acceptance: "unclear", status: None, account: None, detail })?;
            }
            return Err(failure);
        }
    };
    let (word, role) = match verdict.acceptance {
        Acceptance::Accepted => ("accepted", Role::Good),
        Acceptance::Rejected => ("rejected", Role::Bad),
        Acceptance::Unclear => ("unclear", Role::Warning),
    };
    if probe.json {
        let ProbeVerdict { status, account, detail, .. } = &verdict;
        let (status, account) = (Some(*status), account.as_deref());
        output::print_json(&Probed { profile, acceptance: word, status, account, detail })?;
    } else {
        let account = verdict.account.as_ref().map(|account| format!(" · account {}", visible(account)));
        let word = Style::stdout().paint(role, word);
        let (status, account) = (verdict.status, account.unwrap_or_default());
        // Of a refusal, why is what the reader looks for first.
        let gap = if verdict.acceptance == Acceptance::Accepted { "\n" } else { ": " };
        output::print(&format!("{word} (HTTP {status}){account}{gap}{}\n", visible(&verdict.detail)))?;
    }
    match verdict.acceptance {
        Acceptance::Accepted => Ok(Exit::Yes),
        Acceptance::Rejected => Ok(Exit::No),
        Acceptance::Unclear => {
            let hint = match verdict.status {
                404 => "check the profile's URL",
                500.. => "the server has a problem; try again later",
                _ => "set probe_url in the profile to an endpoint that takes this token",
            };
            Err(Failure::new("the response does not show whether the token is accepted").hint(hint))
        }
    }
}

fn ask(probe: &Probe, place: &GlobalOptions) -> Result<ProbeVerdict, Failure> {
    let call = Invocation::with_tokens(&probe.target, place, probe.tokens.as_ref(), Some(TokenKind::Access))?;
    call.run(call.session.probe(&call.profile, &call.terminal))
}
