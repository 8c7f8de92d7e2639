//! `tokscope profile duplicate`.

use super::at::At;
use crate::{
    cli::{
        Exit, Failure, GlobalOptions, candidates,
        named::{find_in, profile_name},
    },
    profile::{Profile, ProfileName},
};

/// `tokscope profile duplicate`.
#[derive(Debug, Clone, clap::Args)]
pub struct Duplicate {
    /// The name of the profile
    #[arg(value_name = "NAME", value_parser = profile_name, add = candidates::names())]
    pub name: ProfileName,

    /// The name of the copy
    #[arg(value_name = "NEW", value_parser = profile_name)]
    pub new: ProfileName,
}

impl Duplicate {
    pub(super) fn run(&self, place: &GlobalOptions) -> Result<Exit, Failure> {
        let at = At::new(place)?;
        let copy = at.save(None, &self.new, |all| {
            let profile = find_in(all, &self.name).map_err(Failure::negative)?;
            // A copy of what is broken may be wanted to fix it.
            Ok(Profile { name: self.new.clone(), ..profile })
        })?;
        Ok(at.told(&copy, &[], "added"))
    }
}
