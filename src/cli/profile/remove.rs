//! `tokscope profile remove`.

use super::at::At;
use crate::{
    cli::{Exit, Failure, GlobalOptions, candidates, interaction::Terminal, named::profile_name, output},
    profile::ProfileName,
};

/// `tokscope profile remove`.
#[derive(Debug, Clone, clap::Args)]
pub struct Remove {
    /// The name of the profile
    #[arg(value_name = "NAME", value_parser = profile_name, add = candidates::names())]
    pub name: ProfileName,

    /// Do not ask
    #[arg(long)]
    pub yes: bool,

    /// Never ask: fail unless --yes is given
    #[arg(long)]
    pub no_input: bool,
}

impl Remove {
    pub(super) fn run(&self, place: &GlobalOptions) -> Result<Exit, Failure> {
        let at = At::new(place)?;
        at.ask(&self.name)?;
        let question = format!("Remove the profile {}?", self.name);
        if !self.yes && !Terminal::new(!self.no_input).confirm(&question)? {
            output::tell("nothing was removed");
            return Ok(Exit::No);
        }
        if let (_, Some(left)) = at.session.remove_profile(&at.profiles, &self.name)? {
            return Err(left.into());
        }
        output::tell(&format!("removed {}", self.name));
        Ok(Exit::Yes)
    }
}
