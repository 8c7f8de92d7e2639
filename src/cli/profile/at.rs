//! Where the commands that change profiles work: a folder, its profiles, and the vault behind it.

use super::settings::plain_secrets;
use crate::{
    cli::{
        Exit, Failure, GlobalOptions,
        interaction::Terminal,
        named::ask,
        opening::{open, session},
        output,
    },
    profile::{Profile, ProfileName},
    session::{Location, Profiles, Saved, Session},
    store::{holders::Holder, identity::Home, vault::VaultError},
    trouble::Told as _,
};

/// The profiles of a configuration folder, and the use cases over its vault.
pub(super) struct At {
    folder: Location,
    pub(super) profiles: Profiles,
    pub(super) session: Session,
    /// While the vault is open, `tokscope lock` reaches this process.
    holder: Option<Holder>,
}

impl At {
    /// The vault stays locked.
    pub(super) fn new(place: &GlobalOptions) -> Result<Self, Failure> {
        let folder = place.folder()?;
        let session = session().closed(&folder)?;
        Ok(Self { profiles: folder.profiles(), folder, session, holder: None })
    }

    /// Opens the vault. Whether what goes in there is still there after the end.
    pub(super) fn open(&mut self, input: bool) -> Result<bool, Failure> {
        let home;
        (self.session, home, self.holder) = open(&self.session, &self.folder, &Terminal::new(input))?;
        Ok(home != Home::Memory)
    }

    /// Opens the vault where it keeps something of this profile.
    pub(super) fn open_for(&mut self, name: &ProfileName, input: bool) -> Result<(), Failure> {
        if self.session.keeps(name) && !self.open(input)? {
            return Err(Failure::usage(format!("what is saved of {name} needs the key of the vault"))
                .hint("run it without --identity memory"));
        }
        Ok(())
    }

    /// Saves what `make` makes of the profiles that there are; see [`Session::save_profile`].
    pub(super) fn save(
        &self,
        old: Option<&ProfileName>,
        name: &ProfileName,
        make: impl FnOnce(&[Profile]) -> Result<Profile, Failure>,
    ) -> Result<Profile, Failure> {
        let Saved { profile, left } = self.session.save_profile(&self.profiles, old, name, make)?;
        left.iter().for_each(|why| remark(name, why));
        Ok(profile)
    }

    /// The profile of a name. That there is none is an answer: exit code 1.
    pub(super) fn ask(&self, name: &ProfileName) -> Result<Profile, Failure> {
        ask(&self.folder.config, name)
    }

    /// The profiles file, for people.
    pub(super) fn path(&self) -> String {
        self.folder.profiles_file().display().to_string()
    }

    /// Says what was done to a profile, and what of these `KEY=VALUE`s should not have been an argument.
    pub(super) fn told(&self, profile: &Profile, given: &[String], done: &str) -> Exit {
        output::tell(&format!("{done} {} in {}", profile.name, self.path()));
        plain_secrets(profile, given).for_each(|key| {
            output::tell(&format!(
                "remark: {key} was an argument: it is in your shell's history, and `ps` has shown it"
            ));
        });
        Exit::Yes
    }
}

/// The vault did not follow.
pub(super) fn remark(name: &ProfileName, why: &VaultError) {
    output::tell(&format!("remark: what is saved of {name} did not follow: {}", why.line()));
}
