//! `tokscope profile edit`.

use super::{
    at::At,
    settings::{check, set, tag},
};
use crate::{
    cli::{
        Exit, Failure, GlobalOptions, candidates,
        named::{find_in, profile_name},
    },
    profile::{Profile, ProfileName},
    session::Session,
    text::typed,
};

/// `tokscope profile edit`.
#[derive(Debug, Clone, clap::Args)]
pub struct Edit {
    /// The name of the profile
    #[arg(value_name = "NAME", value_parser = profile_name, add = candidates::names())]
    pub name: ProfileName,

    /// A new value for a setting; may be given more than once
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pub settings: Vec<String>,

    /// A setting to remove; may be given more than once
    #[arg(long, value_name = "KEY")]
    pub unset: Vec<String>,

    /// Such as prod or staging; an empty value removes it
    #[arg(long, value_name = "WORD")]
    pub environment: Option<String>,

    /// A word to filter by, to add; may be given more than once
    #[arg(long = "tag", value_name = "WORD")]
    pub tags: Vec<String>,

    /// A word to filter by, to remove; may be given more than once
    #[arg(long = "untag", value_name = "WORD")]
    pub untags: Vec<String>,

    /// Ask nothing: fail where a question comes up
    #[arg(long)]
    pub no_input: bool,
}

impl Edit {
    pub(super) fn run(&self, place: &GlobalOptions) -> Result<Exit, Failure> {
        let mut at = At::new(place)?;
        let before = at.ask(&self.name)?;
        let after = self.changed(std::slice::from_ref(&before))?;
        if Session::forgets(&before, &after) {
            at.open_for(&self.name, !self.no_input)?;
        }
        let changed = at.save(Some(&self.name), &self.name, |all| self.changed(all))?;
        Ok(at.told(&changed, &self.settings, "changed"))
    }

    fn changed(&self, all: &[Profile]) -> Result<Profile, Failure> {
        let mut profile = find_in(all, &self.name).map_err(Failure::negative)?;
        let before = profile.clone();
        let absent: Vec<_> =
            self.unset.iter().filter(|key| profile.settings.remove(key.as_str()).is_none()).cloned().collect();
        if !absent.is_empty() {
            let absent: Vec<_> = absent.iter().map(|key| typed::word(key).unwrap_or("…")).collect();
            let failure = Failure::usage(format!("{} does not set {}", self.name, absent.join(", ")));
            return Err(failure.hint(format!("`tokscope profile show {}` lists what it sets", self.name)));
        }
        profile.tags.retain(|tag| !self.untags.contains(tag));
        tag(&mut profile, &self.tags);
        if let Some(environment) = &self.environment {
            profile.environment = Some(environment.clone()).filter(|word| !word.is_empty());
        }
        set(&mut profile, &self.settings)?;
        if profile == before {
            return Err(Failure::usage(format!("nothing to change in {}", self.name))
                .hint("--set KEY=VALUE, --unset KEY, --environment, --tag and --untag change it"));
        }
        check(&profile).map(|()| profile)
    }
}
