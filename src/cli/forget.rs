//! `tokscope forget`.

use super::{Exit, Failure, GlobalOptions, interaction::Terminal, opening, output::print, select::Selection};
use crate::clock;

/// The arguments of `tokscope forget`.
#[derive(Debug, Clone, clap::Args)]
#[command(after_help = "\
Drops all that is kept of the profiles here: tokens, those of old generations,
their history, remembered secrets and fetched keys. The profiles stay. The
server is not told: whoever has the tokens can still use them. `tokscope
logout` asks the server to revoke them first.

Exit code: 0; 2 error: no such profile, no profile selected, vault.")]
pub struct Forget {
    #[command(flatten)]
    #[allow(missing_docs, reason = "clap would take it for help")]
    pub selection: Selection,

    /// Never ask: fail if the vault's key needs a passphrase (only --state needs the key)
    #[arg(long)]
    pub no_input: bool,
}

/// Drops it, and says of what.
pub fn run(forget: &Forget, place: &GlobalOptions) -> Result<Exit, Failure> {
    let selector = forget.selection.selector()?;
    let folder = place.folder()?;
    let all = folder.profiles().all()?;
    let session = opening::session();
    // To throw something away takes no key; to know its state does.
    let (session, _holder) = match forget.selection.state.is_empty() || folder.is_new()? {
        true => (session.closed(&folder)?, None),
        false => {
            let (session, _, holder) = opening::open(&session, &folder, &Terminal::new(!forget.no_input))?;
            (session, holder)
        }
    };
    let now = clock::now();
    let mut failed = None;
    for profile in selector.of(&all, |profile| session.status(profile, now).state(now))? {
        match session.forget_all(&profile.name) {
            Ok(true) => print(&format!("{}: forgot its tokens here; the server still accepts them\n", profile.name))?,
            Ok(false) => print(&format!("{}: nothing was kept\n", profile.name))?,
            Err(error) => _ = failed.get_or_insert(error),
        }
    }
    failed.map_or(Ok(Exit::Yes), |error| Err(error.into()))
}
