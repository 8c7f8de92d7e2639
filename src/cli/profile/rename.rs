//! `tokscope profile rename`.

use super::at::At;
use crate::{
    cli::{
        Exit, Failure, GlobalOptions, candidates,
        named::{find_in, profile_name},
        output,
    },
    profile::{Profile, ProfileName},
};

/// `tokscope profile rename`.
#[derive(Debug, Clone, clap::Args)]
pub struct Rename {
    /// The name of the profile
    #[arg(value_name = "NAME", value_parser = profile_name, add = candidates::names())]
    pub name: ProfileName,

    /// Its new name
    #[arg(value_name = "NEW", value_parser = profile_name)]
    pub new: ProfileName,

    /// Ask nothing: fail where a question comes up
    #[arg(long)]
    pub no_input: bool,
}

impl Rename {
    pub(super) fn run(&self, place: &GlobalOptions) -> Result<Exit, Failure> {
        let mut at = At::new(place)?;
        at.ask(&self.name)?;
        if self.name == self.new {
            return Err(Failure::usage(format!("{} already has this name", self.name)).hint("choose another name"));
        }
        at.open_for(&self.name, !self.no_input)?;
        at.save(Some(&self.name), &self.new, |all| {
            let profile = find_in(all, &self.name).map_err(Failure::negative)?;
            Ok(Profile { name: self.new.clone(), ..profile })
        })?;
        output::tell(&format!("renamed {} to {}", self.name, self.new));
        Ok(Exit::Yes)
    }
}
