//! Where the profiles are kept: in their file, or, in the demo, in memory for as long as it runs.

use std::path::PathBuf;

use crate::{
    clock, demo,
    profile::{Profile, ProfileName},
    store::{
        StoreError,
        config::{self, Config},
        import::{self, Imported},
        profiles,
    },
    tui::app::message::{Import, Source},
};

/// The profiles' home. Errors are in words, with what to do.
pub(super) enum Home {
    Config(PathBuf),
    /// Nothing of the user's is touched.
    Demo {
        server: demo::Server,
        profiles: Vec<Profile>,
    },
}

impl Home {
    /// The demo's home, with its profiles.
    pub(super) fn demo(server: demo::Server) -> Self {
        let profiles = server.profiles();
        Self::Demo { server, profiles }
    }

    /// The settings of the program.
    pub(super) fn config(&self) -> Result<Config, String> {
        match self {
            Self::Config(directory) => config::load(directory).map_err(|error| words(&error)),
            Self::Demo { .. } => Ok(Config::default()),
        }
    }

    /// All profiles.
    pub(super) fn profiles(&self) -> Result<Vec<Profile>, String> {
        match self {
            Self::Config(directory) => profiles::load(directory).map_err(|error| words(&error)),
            Self::Demo { profiles, .. } => Ok(profiles.clone()),
        }
    }

    /// Saves a profile that was called `old`; a new one must not take the place of another, whoever wrote that.
    pub(super) fn save(&mut self, old: Option<&ProfileName>, profile: &Profile) -> Result<(), String> {
        let known = self.profiles()?;
        if old != Some(&profile.name) && known.iter().any(|other| other.name == profile.name) {
            return Err(format!("a profile named {} already exists; choose another name", profile.name));
        }
        match (self, old) {
            (Self::Config(directory), None) => profiles::upsert(directory, profile).map_err(|error| words(&error)),
            (Self::Config(directory), Some(old)) => {
                profiles::replace(directory, old, profile).map_err(|error| words(&error))
            }
            (Self::Demo { profiles, .. }, old) => {
                match profiles.iter_mut().find(|known| Some(&known.name) == old) {
                    Some(place) => place.clone_from(profile),
                    None => profiles.push(profile.clone()),
                }
                Ok(())
            }
        }
    }

    /// Removes a profile.
    pub(super) fn remove(&mut self, name: &ProfileName) -> Result<(), String> {
        match self {
            Self::Config(directory) => profiles::remove(directory, name).map_err(|error| words(&error)),
            Self::Demo { profiles, .. } => {
                profiles.retain(|profile| profile.name != *name);
                Ok(())
            }
        }
    }

    /// Brings profiles in from elsewhere. One whose name is taken is left out, and that is said.
    pub(super) fn import(&mut self, source: &Source) -> Result<Import, String> {
        let Imported { profiles, mut token_sets, mut warnings } = match source {
            Source::Practicus => import::practicus_file(None, clock::now()).map_err(|error| words(&error))?,
            Source::Environment => import::environment(|name| std::env::var(name).ok()),
            Source::Discovery(address) => import::discovery(address),
        };
        let known = self.profiles()?;
        let mut added = Vec::new();
        for profile in profiles {
            match known.iter().find(|known| known.name == profile.name) {
                Some(same) if same.provider == profile.provider && same.settings == profile.settings => {
                    warnings.push(format!("{} already exists, unchanged", profile.name));
                }
                Some(_) => warnings.push(format!(
                    "{0} already exists and was kept; rename it and import again to have both",
                    profile.name
                )),
                None => {
                    self.save(None, &profile)?;
                    added.push(profile.name);
                }
            }
        }
        if added.is_empty() && warnings.is_empty() {
            warnings.push("nothing to import".to_owned());
        }
        token_sets.retain(|(name, _)| added.contains(name));
        Ok(Import { profiles: self.profiles()?, added, token_sets, warnings })
    }
}

fn words(error: &StoreError) -> String {
    format!("{error}; {}", error.hint())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn profile(name: &str, url: &str) -> Profile {
        Profile {
            name: ProfileName::new(name).unwrap(),
            provider: "openedx".to_owned(),
            settings: [("url".to_owned(), url.to_owned())].into(),
            environment: None,
            tags: Vec::new(),
        }
    }

    fn names(home: &Home) -> Vec<String> {
        home.profiles().unwrap().iter().map(|profile| profile.name.to_string()).collect()
    }

    /// Saving, renaming and removing, at either home.
    fn lives(home: &mut Home) {
        let before = names(home).len();
        let (a, b) = (ProfileName::new("aa").unwrap(), ProfileName::new("bb").unwrap());
        home.save(None, &profile("aa", "https://one.example")).unwrap();
        assert!(home.save(None, &profile("aa", "https://two.example")).unwrap_err().contains("already"));
        home.save(None, &profile("bb", "https://b.example")).unwrap();
        assert!(home.save(Some(&b), &profile("aa", "https://b.example")).unwrap_err().contains("already"));
        home.save(Some(&a), &profile("cc", "https://c.example")).unwrap();
        home.remove(&b).unwrap();
        let after = home.profiles().unwrap();
        assert_eq!(after.len(), before + 1);
        assert!(after.contains(&profile("cc", "https://c.example")), "{after:?}");
    }

    #[test]
    fn profiles_live_in_their_file() {
        let folder = tempfile::tempdir().unwrap();
        let mut home = Home::Config(folder.path().to_owned());
        lives(&mut home);
        assert_eq!(names(&Home::Config(folder.path().to_owned())), ["cc"], "they are read back");
    }

    #[tokio::test]
    async fn the_demos_profiles_live_in_memory() {
        lives(&mut Home::demo(demo::Server::start(demo::Options::default()).await.unwrap()));
    }

    #[test]
    fn an_import_replaces_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let mut home = Home::Config(folder.path().to_owned());
        let source = Source::Discovery("https://login.example.org".to_owned());
        let first = home.import(&source).unwrap();
        assert_eq!(first.added, [ProfileName::new("login.example.org").unwrap()]);
        let again = home.import(&source).unwrap();
        assert!(
            again.added.is_empty() && again.warnings.iter().any(|words| words.contains("already exists, unchanged"))
        );
        let mut changed = first.profiles[0].clone();
        changed.settings.insert("client_id".to_owned(), "mine".to_owned());
        home.save(Some(&changed.name), &changed).unwrap();
        let third = home.import(&source).unwrap();
        assert!(third.warnings.iter().any(|words| words.contains("was kept")), "{:?}", third.warnings);
        assert_eq!(third.profiles, [changed]);
    }
}
