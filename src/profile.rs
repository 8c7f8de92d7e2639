//! A profile: a saved way to get tokens.

use std::{collections::BTreeMap, fmt};

/// The name of a profile: how files, arguments and panes refer to it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProfileName(String);

/// Why a text cannot be a profile's name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a profile's name is 1 to 64 characters: letters, digits, and - _ . @ between them")]
pub struct ProfileNameError;

impl ProfileName {
    /// Checks and takes a name: 1 to 64 letters, digits or `-_.@`, the first one a letter or digit.
    pub fn new(name: impl Into<String>) -> Result<Self, ProfileNameError> {
        let name = name.into();
        let legal = name.chars().all(|c| c.is_alphanumeric() || "-_.@".contains(c));
        let starts_well = name.chars().next().is_some_and(char::is_alphanumeric);
        if legal && starts_well && name.chars().count() <= 64 { Ok(Self(name)) } else { Err(ProfileNameError) }
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ProfileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A saved way to get tokens: a provider and its settings, as the user wrote them.
///
/// The settings are unchecked text; [`crate::auth::Settings::parse`] checks them against the provider's fields.
#[derive(Clone, PartialEq, Eq)]
pub struct Profile {
    /// The name, unique among the profiles.
    pub name: ProfileName,
    /// The id of the provider, such as `openedx`.
    pub provider: String,
    /// Settings by the key of the provider's field.
    pub settings: BTreeMap<String, String>,
    /// `prod`, `staging` …: shown beside the name, `prod` in its own colour.
    pub environment: Option<String>,
    /// Words to filter by.
    pub tags: Vec<String>,
}

/// Shows which settings there are and not what they say: a `plain:` one is a secret.
impl fmt::Debug for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Profile")
            .field("name", &self.name)
            .field("provider", &self.provider)
            .field("settings", &self.settings.keys())
            .field("environment", &self.environment)
            .field("tags", &self.tags)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_keeps_the_settings_to_itself() {
        let profile = Profile {
            name: ProfileName::new("a").expect("a legal name"),
            provider: "openedx".to_owned(),
            settings: BTreeMap::from([("password".to_owned(), "plain:marker".to_owned())]),
            environment: None,
            tags: Vec::new(),
        };
        let shown = format!("{profile:?}");
        assert!(shown.contains("password") && !shown.contains("marker"), "{shown}");
    }

    #[test]
    fn names_are_safe_in_files_and_arguments() {
        for good in ["a", "edx-prod", "me@host.example", "Ü1"] {
            assert!(ProfileName::new(good).is_ok(), "{good}");
        }
        for bad in ["", "-x", "../x", "a b", "a/b", "x\u{202e}", "a\n"] {
            assert!(ProfileName::new(bad).is_err(), "{bad:?}");
        }
    }
}
