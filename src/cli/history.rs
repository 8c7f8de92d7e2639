//! `tokscope history`.

mod object;
mod text;

pub(super) use self::object::Report;
use super::{Exit, Failure, GlobalOptions, invocation::Invocation, named::Target, output, style::Style};
use crate::clock;

/// The arguments of `tokscope history`.
#[derive(Debug, Clone, clap::Args)]
#[command(after_help = "\
Lists the token sets that are kept of a profile, the current one first, with
the state of each token, and what became of the tokens, the newest first.
Nothing is sent.

superseded: replaced by a refresh or login. alive-although-revoked: the server
was asked to revoke it, and it is not known to be dead. revoked: a server
refused it after that.

Of a token that should be dead, the verdict and why: dead, alive until TIME,
alive, unknown (verdict in --json: dead, alive_until, alive, unknown).

--json prints one object: profile; generations (generation, current, grant,
account, received_at, replaced_at, replaced_by, and tokens: kind, fingerprint,
state, expires_at, kept, verdict, until, why, revocation, refused, accepted; the
last three are null or at, status, words); events (at, event, access, refresh, expires_at).

Exit code: 0; 2 error: no such profile, vault.")]
pub struct History {
    #[command(flatten)]
    target: Target,

    /// Print one JSON object, for programs
    #[arg(long)]
    pub json: bool,
}

/// Prints what is kept, and what became of it.
pub fn run(history: &History, place: &GlobalOptions) -> Result<Exit, Failure> {
    let call = Invocation::with_saved(&history.target, place)?;
    let record = call.session.record(&call.profile.name)?.unwrap_or_default();
    let now = clock::now();
    let sets: Vec<_> = record.sets(now).collect();
    if history.json {
        output::print_json(&Report::of(call.profile.name.as_str(), &sets, &record, now))?;
    } else {
        output::print(&text::text(&sets, &record, now, Style::stdout()))?;
    }
    Ok(Exit::Yes)
}
