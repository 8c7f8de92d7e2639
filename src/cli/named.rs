//! Profiles by their names.

use std::path::Path;

use super::{Failure, candidates};
use crate::{
    profile::{Profile, ProfileName},
    session::Profiles,
    text::typed,
};

/// Which profile, and whether questions may be asked.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct Target {
    /// The name of the profile
    #[arg(value_name = "PROFILE", value_parser = profile_name, add = candidates::names())]
    pub profile: ProfileName,

    /// Never ask: fail if a question would be needed
    #[arg(long)]
    pub no_input: bool,
}

/// Reads the name of a profile from an argument.
pub(super) fn profile_name(text: &str) -> Result<ProfileName, crate::profile::ProfileNameError> {
    ProfileName::new(text)
}

/// The profile of a name, of all that there are.
pub(super) fn find(dir: &Path, name: &ProfileName) -> Result<Profile, Failure> {
    find_in(&all(dir)?, name)
}

/// The same where it is an answer that there is none: exit code 1. A file that cannot be read is still trouble.
pub(super) fn ask(dir: &Path, name: &ProfileName) -> Result<Profile, Failure> {
    find_in(&all(dir)?, name).map_err(Failure::negative)
}

/// All profiles of a folder.
pub(super) fn all(dir: &Path) -> Result<Vec<Profile>, Failure> {
    Ok(Profiles::File(dir.to_owned()).all()?)
}

/// The profile of a name, of these.
pub(super) fn find_in(profiles: &[Profile], name: &ProfileName) -> Result<Profile, Failure> {
    let names: Vec<_> = profiles.iter().map(|profile| profile.name.to_string()).collect();
    profiles.iter().find(|profile| profile.name == *name).cloned().ok_or_else(|| {
        let failure = Failure::usage(match typed::name(name.as_str()) {
            Some(name) => format!("no profile is named {name}"),
            None => "no profile has that name".to_owned(),
        });
        match names.is_empty() {
            true => failure.hint("there are no profiles yet: `tokscope profile add` creates one"),
            false => failure.hint(format!("existing profiles: {}", names.join(", "))),
        }
    })
}
