//! `tokscope vault`: the home of the vault's key.

mod home;
mod unlock;

use self::{home::Move, unlock::Unlock};
use super::{Exit, Failure, GlobalOptions};
use crate::clock::{self, Timestamp, Zone};

/// The arguments of `tokscope vault`.
#[derive(Debug, Clone, clap::Args)]
pub struct Vault {
    /// What to do.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// What to do with the vault.
#[derive(Debug, Clone, clap::Subcommand)]
pub enum Command {
    /// Show where the vault's key is kept, or move it to another home
    Home(Move),
    /// Unlock the keyring that holds the key; its own dialog may ask. With --for, keep the key of a passphrase for a time
    Unlock(Unlock),
}

/// Runs it.
pub fn run(vault: &Vault, place: &GlobalOptions) -> Result<Exit, Failure> {
    match &vault.command {
        None => Move { to: None, no_input: true }.run(place),
        Some(Command::Home(arguments)) => arguments.run(place),
        Some(Command::Unlock(arguments)) => arguments.run(place),
    }
}

/// Where the key is beside its home.
fn cached(until: Timestamp) -> String {
    let (left, at) = (clock::relative(until, clock::now()), clock::local(until, Zone::System));
    format!("the key is in the kernel's keyring, where every program of yours can read it; it goes {left} · {at}")
}
