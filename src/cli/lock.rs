//! `tokscope lock`.

use super::{Failure, Place, Verdict, output};
use crate::store::{
    holders::{self, Told},
    vault,
};

/// The arguments of `tokscope lock`.
#[derive(Debug, Clone, clap::Args)]
#[command(after_help = "\
Each tokscope that runs on the same configuration folder drops the key of the
vault and all that it has decrypted, and asks for the key again when it is
needed. This waits until they have done so, 2 seconds at most.

Exit code: 0 nobody holds the key any more; 1 somebody still does.")]
pub struct Lock {}

/// Tells all to lock, and says what came of it.
pub fn run(_: &Lock, place: &Place) -> Result<Verdict, Failure> {
    let Told { locked, holding } = holders::lock_all(&vault::path(&place.unchecked_dir()?))?;
    let (text, verdict) = match (locked, holding) {
        (0, 0) => ("nobody holds the key of the vault\n".to_owned(), Verdict::Yes),
        (locked, 0) => (format!("{locked} locked\n"), Verdict::Yes),
        (locked, holding) => (format!("{locked} locked, {holding} still holding the key\n"), Verdict::No),
    };
    output::print(&text)?;
    if holding > 0 {
        output::tell("those hang, or run as another user, in a container or on another machine: end them there");
    }
    Ok(verdict)
}
