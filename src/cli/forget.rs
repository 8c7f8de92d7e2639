//! `tokscope forget`.

use schemars::JsonSchema;
use serde::Serialize;

use super::{Exit, Failure, GlobalOptions, interaction::Terminal, opening, output, select::Selection};
use crate::clock;

/// The arguments of `tokscope forget`.
#[derive(Debug, Clone, clap::Args)]
#[command(after_help = "\
Drops all that is kept of the profiles here: tokens, those of old generations,
their history, remembered secrets and fetched keys. The profiles stay. The
server is not told: whoever has the tokens can still use them. `tokscope
logout` asks the server to revoke them first.

--json prints a list of objects: profile, forgotten (false if nothing was
kept), and error: null, or why it is still kept.

Exit code: 0; 2 error: no such profile, no profile selected, vault.")]
pub struct Forget {
    #[command(flatten)]
    selection: Selection,

    /// Print one JSON list, for programs
    #[arg(long)]
    pub json: bool,

    /// Never ask: fail if the vault's key needs a passphrase (only --state needs the key)
    #[arg(long)]
    pub no_input: bool,
}

/// What `--json` prints a list of.
#[derive(Serialize, JsonSchema)]
pub(super) struct Forgotten<'a> {
    profile: &'a str,
    forgotten: bool,
    error: Option<String>,
}

/// Drops it, and says of what.
pub fn run(forget: &Forget, place: &GlobalOptions) -> Result<Exit, Failure> {
    let selector = forget.selection.selector()?;
    let folder = place.folder()?;
    let all = folder.profiles().all()?;
    let session = opening::session();
    // To throw something away takes no key; to know its state does.
    let (session, _holder) = match forget.selection.state.is_empty() {
        true => (session.closed(&folder)?, None),
        false => opening::saved(&session, &folder, &Terminal::new(!forget.no_input))?,
    };
    let now = clock::now();
    let (mut objects, mut failed) = (Vec::new(), None);
    for profile in selector.of(&all, |profile| session.status(profile, now).state(now))? {
        let done = session.forget_all(&profile.name);
        let words = match &done {
            Ok(true) => "forgot its tokens here; the server still accepts them",
            Ok(false) => "nothing was kept",
            Err(_) => "",
        };
        if !forget.json && !words.is_empty() {
            output::print(&format!("{}: {words}\n", profile.name))?;
        }
        let error = done.as_ref().err().map(ToString::to_string);
        objects.push(Forgotten { profile: profile.name.as_str(), forgotten: matches!(done, Ok(true)), error });
        failed = failed.or(done.err());
    }
    if forget.json {
        output::print_json(&objects)?;
    }
    failed.map_or(Ok(Exit::Yes), |error| Err(error.into()))
}
