//! `tokscope doctor`.

use super::{Failure, Place, Verdict};

/// The arguments of `tokscope doctor`.
#[derive(Debug, Clone, clap::Args)]
pub struct Doctor {
    /// Print one JSON object, for programs
    #[arg(long)]
    pub json: bool,
}

/// Looks around.
pub fn run(_: &Doctor, place: &Place) -> Result<Verdict, Failure> {
    place.dir()?;
    Ok(Verdict::Yes)
}
