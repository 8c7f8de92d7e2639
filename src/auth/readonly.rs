//! Where nothing is sent.

use crate::{
    profile::{Profile, Protected},
    trouble::{Code, Trouble},
};

/// The profiles for which nothing is sent to a server: no login, refresh, revocation, probe or call. What is local goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadOnly {
    /// Those of the environments that the settings name.
    environments: Protected,
    /// All of them, until the program ends.
    this_run: bool,
}

impl Default for ReadOnly {
    fn default() -> Self {
        Self::in_environments([])
    }
}

impl ReadOnly {
    /// Those of the environments that these patterns name, see [`Protected`].
    pub fn in_environments(patterns: impl IntoIterator<Item = String>) -> Self {
        Self { environments: Protected::new(patterns), this_run: false }
    }

    /// All of them, until the program ends.
    pub fn this_run() -> Self {
        Self { this_run: true, ..Self::default() }
    }

    /// Whether it is all of them.
    pub fn is_this_run(&self) -> bool {
        self.this_run
    }

    /// These from now on; what was said for this run stays.
    pub fn renew(&mut self, other: Self) {
        *self = Self { this_run: self.this_run || other.this_run, ..other };
    }

    /// Why nothing is sent for a profile, and which setting says so.
    pub fn refusal(&self, profile: &Profile) -> Option<Trouble> {
        let name = &profile.name;
        if self.this_run {
            let words = format!("tokscope is read-only: nothing was sent for {name}");
            let hint = "--readonly or the command readonly turned this on until tokscope ends; start it again without";
            return Some(Trouble::new(words, hint).coded(Code::Readonly));
        }
        let environment = profile.environment.as_deref().filter(|name| self.environments.covers(name))?;
        let words = format!("the environment {environment} is read-only: nothing was sent for {name}");
        Some(Trouble::new(words, "readonly under [environments] in config.toml names it").coded(Code::Readonly))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::ProfileName;

    fn profile(environment: Option<&str>) -> Profile {
        Profile {
            name: ProfileName::new("lms").expect("a legal name"),
            provider: "openedx".to_owned(),
            settings: [].into(),
            environment: environment.map(str::to_owned),
            tags: Vec::new(),
        }
    }

    #[test]
    fn the_settings_name_environments_and_a_run_is_all_of_them() {
        let refused = |readonly: &ReadOnly, environment| readonly.refusal(&profile(environment)).map(|why| why.line());
        let mut readonly = ReadOnly::in_environments(["prod*".to_owned()]);
        assert_eq!(
            refused(&readonly, Some("Prod-eu")).as_deref(),
            Some(
                "the environment Prod-eu is read-only: nothing was sent for lms; readonly under [environments] in \
                 config.toml names it"
            )
        );
        assert_eq!((refused(&readonly, Some("staging")), refused(&readonly, None)), (None, None));
        readonly.renew(ReadOnly::default());
        assert_eq!(refused(&readonly, Some("prod")), None, "the settings were changed");
        readonly.renew(ReadOnly::this_run());
        readonly.renew(ReadOnly::default());
        assert!(refused(&readonly, None).is_some_and(|words| words.contains("--readonly")), "it stays");
    }
}
