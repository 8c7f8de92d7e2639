//! Profiles out of what other programs keep: a provider's own importers, and the one list of sources that they come to. The
//! command line, the menu and their help follow from it; opening a file is the caller's business.

use std::fmt::Write as _;

use url::Url;

use super::{Provider, TokenSet};
use crate::{
    clock::Timestamp,
    profile::{Profile, ProfileName},
};

/// One of a provider's ways to make profiles out of what another program keeps.
#[derive(Debug)]
pub struct Importer {
    /// The word for it on the command line: `practicus`. Importers of the same id are one source.
    pub id: &'static str,
    /// The line of a menu: `Practicus AI's client`.
    pub label: &'static str,
    /// What is found there, in one line; for variables, their names.
    pub help: &'static str,
    /// What it reads.
    pub reads: Reads,
}

impl Importer {
    /// From the environment variables that the vendor's client reads; `names` says which.
    pub const fn variables(names: &'static str, read: fn(&Variables<'_>, &mut Imported)) -> Self {
        Self { id: "environment", label: "Environment variables", help: names, reads: Reads::Variables(read) }
    }
}

/// What an importer reads, and the reading of it, which is pure.
#[derive(Debug, Clone, Copy)]
pub enum Reads {
    /// Environment variables.
    Variables(fn(&Variables<'_>, &mut Imported)),
    /// The text of a file.
    File {
        /// Where the file usually is, `~` allowed.
        usual: &'static str,
        /// Reads its text.
        read: fn(&str, Timestamp, &mut Imported),
    },
    /// An address that the user types. Nothing is asked for it.
    Address {
        /// One as it may look.
        example: &'static str,
        /// Reads the address.
        read: fn(&str, &mut Imported),
    },
}

/// A source that profiles can be imported from: the importers of one id.
#[derive(Debug, Clone)]
pub struct ImportSource {
    /// The word for it on the command line.
    pub id: &'static str,
    /// The line of a menu.
    pub label: &'static str,
    /// What is found there.
    pub help: String,
    /// What it reads.
    pub reads: Reads,
}

/// The importers of these providers, in their order.
pub fn importers(providers: &[&dyn Provider]) -> impl Iterator<Item = &'static Importer> {
    providers.iter().flat_map(|provider| provider.descriptor().importers)
}

/// Where profiles can be imported from with these providers.
pub fn sources(providers: &[&dyn Provider]) -> Vec<ImportSource> {
    let mut sources: Vec<ImportSource> = Vec::new();
    for Importer { id, label, help, reads } in importers(providers) {
        match sources.iter_mut().find(|source| source.id == *id) {
            Some(source) => _ = write!(source.help, ", {help}"),
            None => sources.push(ImportSource { id, label, help: (*help).to_owned(), reads: *reads }),
        }
    }
    for source in &mut sources {
        if matches!(source.reads, Reads::Variables(_)) {
            source.help.push_str(", by reference");
        }
    }
    sources
}

/// What was found. Nothing is saved yet.
#[derive(Debug, Default)]
pub struct Imported {
    /// The profiles. Their names are unique among themselves; the caller looks for clashes with others.
    pub profiles: Vec<Profile>,
    /// The tokens that came with them.
    pub token_sets: Vec<(ProfileName, TokenSet)>,
    /// What was left out, and what the user should do. Partly foreign text, never a secret.
    pub warnings: Vec<String>,
}

impl Imported {
    /// Notes what was left out, or what to do.
    pub fn warn(&mut self, warning: impl Into<String>) {
        self.warnings.push(warning.into());
    }

    /// Adds a profile under the first free name: `eu-1`, `eu-1-2` …
    pub fn add(&mut self, name: &str, provider: &str, settings: &[(&str, &str)]) -> ProfileName {
        let wanted = name_of(name);
        let taken = |name: &ProfileName| self.profiles.iter().any(|profile| profile.name == *name);
        let numbered = |number| match number {
            1 => ProfileName::new(wanted.as_str()),
            number => ProfileName::new(format!("{wanted}-{number}")),
        };
        let name = (1..).filter_map(|number| numbered(number).ok()).find(|name| !taken(name));
        let name = name.expect("numbers do not end, and a shortened name has room for them");
        self.profiles.push(Profile {
            name: name.clone(),
            provider: provider.to_owned(),
            settings: settings.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect(),
            environment: None,
            tags: Vec::new(),
        });
        name
    }
}

/// A text as far as it can be the name of a profile, short enough to be numbered.
fn name_of(text: &str) -> String {
    let legal = |c: char| if c.is_alphanumeric() || "-_.@".contains(c) { c } else { '-' };
    let name: String = text.trim_start_matches(|c: char| !c.is_alphanumeric()).chars().map(legal).take(50).collect();
    if name.is_empty() { "imported".to_owned() } else { name }
}

/// The environment, as an importer sees it: secrets that are variables stay variables, and a profile gets `env:NAME`.
pub struct Variables<'a>(&'a dyn Fn(&str) -> Option<String>);

impl<'a> Variables<'a> {
    /// Those that this function looks up.
    pub fn new(variable: &'a dyn Fn(&str) -> Option<String>) -> Self {
        Self(variable)
    }

    /// Whether it says anything.
    pub fn is_set(&self, name: &str) -> bool {
        (self.0)(name).is_some_and(|value| !value.trim().is_empty())
    }

    /// The address in a variable: an error where it is none, `None` where it is not set.
    pub fn url(&self, name: &str) -> Option<Result<String, String>> {
        let url = |value: String| address(&value).map(|url| url.as_str().trim_end_matches('/').to_owned());
        (self.0)(name).map(|value| url(value).ok_or_else(|| format!("{name} is not a URL and was left out")))
    }
}

/// A URL as people write it into files: with or without its scheme.
pub fn address(text: &str) -> Option<Url> {
    let text = text.trim();
    let whole = if text.contains("://") { text.to_owned() } else { format!("https://{text}") };
    let url = Url::parse(&whole).ok()?;
    let usable = matches!(url.scheme(), "http" | "https") && url.has_host();
    (usable && url.username().is_empty() && url.password().is_none()).then_some(url)
}
