//! A profile: a saved way to get tokens.

pub mod environment;

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

/// The environments in which nothing is changed without a further word: patterns of their names, in which `*` stands for any
/// text and `?` for one character. Case does not matter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Protected(Vec<String>);

impl Protected {
    /// Those that these patterns name.
    pub fn new(patterns: impl IntoIterator<Item = String>) -> Self {
        Self(patterns.into_iter().collect())
    }

    /// Whether an environment is one of them.
    pub fn covers(&self, environment: &str) -> bool {
        let letters = |text: &str| text.trim().to_lowercase().chars().collect::<Vec<_>>();
        self.0.iter().any(|pattern| matches(&letters(pattern), &letters(environment)))
    }
}

fn matches(pattern: &[char], text: &[char]) -> bool {
    // Where the last `*` stands, and how much of the text it has taken.
    let (mut at, mut done, mut star) = (0, 0, None);
    while done < text.len() {
        match pattern.get(at) {
            Some('*') => {
                star = Some((at, done));
                at += 1;
            }
            Some(&c) if c == '?' || c == text[done] => (at, done) = (at + 1, done + 1),
            _ => {
                let Some((place, taken)) = star else { return false };
                star = Some((place, taken + 1));
                (at, done) = (place + 1, taken + 1);
            }
        }
    }
    pattern[at..].iter().all(|&c| c == '*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn environments_are_protected_by_patterns() {
        let covers = |pattern: &str, name: &str| Protected::new([pattern.to_owned()]).covers(name);
        for (pattern, name) in [
            ("prod*", "prod"),
            ("prod*", "PRODUCTION-eu"),
            ("PROD", " prod "),
            ("*", ""),
            ("*prod*", "eu-prod-2"),
            ("*a*b", "xaxbxb"),
            ("eu-??", "eu-01"),
        ] {
            assert!(covers(pattern, name), "{pattern} {name}");
        }
        for (pattern, name) in [("prod*", "preprod"), ("prod", "prod-eu"), ("?", ""), ("", "prod"), ("*a*b", "xbxa")] {
            assert!(!covers(pattern, name), "{pattern} {name}");
        }
        assert!(!Protected::new([]).covers("prod"));
    }

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
