//! What a shell offers for an argument: the words of the profiles at hand. Nothing here opens the vault.

use std::{ffi::OsString, path::PathBuf};

use clap_complete::engine::{ArgValueCandidates, CompletionCandidate};

use crate::{profile::Profile, providers, session::Location, text::visible};

/// The names of the profiles.
pub(super) fn names() -> ArgValueCandidates {
    ArgValueCandidates::new(|| {
        let candidate = |Profile { name, provider, environment, .. }: Profile| {
            let environment = environment.map(|environment| format!(", {environment}")).unwrap_or_default();
            let help = visible(&format!("{provider}{environment}")).into_owned();
            CompletionCandidate::new(name.to_string()).help(Some(help.into()))
        };
        profiles().into_iter().map(candidate).collect()
    })
}

/// Their tags.
pub(super) fn tags() -> ArgValueCandidates {
    ArgValueCandidates::new(|| words(profiles().into_iter().flat_map(|profile| profile.tags)))
}

/// Their environments.
pub(super) fn environments() -> ArgValueCandidates {
    ArgValueCandidates::new(|| words(profiles().into_iter().filter_map(|profile| profile.environment)))
}

/// The ids of the auth systems.
pub(super) fn systems() -> ArgValueCandidates {
    ArgValueCandidates::new(|| words(providers::ALL.iter().map(|provider| provider.descriptor().id.to_owned())))
}

/// Words of the user's own, each once, and none that a terminal would act on.
fn words(words: impl Iterator<Item = String>) -> Vec<CompletionCandidate> {
    let mut words: Vec<_> = words.filter(|word| visible(word) == *word).collect();
    words.sort();
    words.dedup();
    words.into_iter().map(CompletionCandidate::new).collect()
}

/// The profiles of the folder that the line names so far; none where they cannot be read.
fn profiles() -> Vec<Profile> {
    let folder = Location::locate(folder_in(std::env::args_os()).as_deref(), None).ok();
    let folder = folder.filter(|folder| folder.check().is_ok());
    folder.and_then(|folder| folder.profiles().all().ok()).unwrap_or_default()
}

/// What `--config-dir` says in these arguments, or else the environment.
fn folder_in(arguments: impl Iterator<Item = OsString>) -> Option<PathBuf> {
    const OPTION: &str = "--config-dir";
    let mut arguments = arguments.skip_while(|argument| !argument.to_string_lossy().starts_with(OPTION));
    let given = arguments.next().and_then(|first| match first.to_str()?.strip_prefix("--config-dir=") {
        Some(folder) => Some(folder.into()),
        None => arguments.next(),
    });
    given.or_else(|| std::env::var_os("TOKSCOPE_CONFIG_DIR")).map(PathBuf::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_folder_is_that_of_the_line() {
        let folder = |line: &str| folder_in(line.split(' ').map(OsString::from));
        assert_eq!(folder("tokscope --config-dir /a token x"), Some("/a".into()));
        assert_eq!(folder("tokscope token --config-dir=/b x"), Some("/b".into()));
    }

    #[test]
    fn words_are_offered_once_and_only_where_they_can_be_shown() {
        let offered = words(["b", "a\u{1b}[31m", "a", "b"].into_iter().map(str::to_owned));
        assert_eq!(offered.iter().map(|it| it.get_value().to_os_string()).collect::<Vec<_>>(), ["a", "b"]);
    }
}
