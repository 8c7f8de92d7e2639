//! `tokscope profile add`.

use super::{
    at::At,
    settings::{check, set, tag},
};
use crate::{
    cli::{Exit, Failure, GlobalOptions, candidates, named::profile_name},
    profile::{Profile, ProfileName},
};

/// `tokscope profile add`.
#[derive(Debug, Clone, clap::Args)]
pub struct Add {
    /// The name of the new profile
    #[arg(value_name = "NAME", value_parser = profile_name)]
    pub name: ProfileName,

    /// The auth system's id: `tokscope providers` lists them
    #[arg(long, value_name = "ID", add = candidates::systems())]
    pub provider: String,

    /// A setting; may be given more than once. Write secrets as env:NAME, file:PATH, cmd:PROGRAM or prompt
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pub settings: Vec<String>,

    /// Such as prod or staging, shown beside the name
    #[arg(long, value_name = "WORD")]
    pub environment: Option<String>,

    /// A word to filter by; may be given more than once
    #[arg(long = "tag", value_name = "WORD")]
    pub tags: Vec<String>,
}

impl Add {
    pub(super) fn run(&self, place: &GlobalOptions) -> Result<Exit, Failure> {
        let mut profile = Profile {
            name: self.name.clone(),
            provider: self.provider.clone(),
            settings: Default::default(),
            environment: self.environment.clone().filter(|word| !word.is_empty()),
            tags: Vec::new(),
        };
        tag(&mut profile, &self.tags);
        set(&mut profile, &self.settings)?;
        let at = At::new(place)?;
        let added = at.save(None, &self.name, |_| check(&profile).map(|()| profile))?;
        Ok(at.told(&added, &self.settings, "added"))
    }
}
