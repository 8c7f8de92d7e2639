//! What arguments say of a profile: `KEY=VALUE`s and tags.

use crate::{
    auth::{FieldKind, SecretRef, Settings},
    cli::{Failure, providers::unknown},
    profile::Profile,
    providers,
    trouble::Code,
};

/// Adds tags; one that is there already stays one.
pub(super) fn tag(profile: &mut Profile, tags: &[String]) {
    for tag in tags.iter().filter(|tag| !tag.is_empty()) {
        if !profile.tags.contains(tag) {
            profile.tags.push(tag.clone());
        }
    }
}

/// Takes over `KEY=VALUE`s. One without `=` is not repeated: it may be a secret.
pub(super) fn set(profile: &mut Profile, settings: &[String]) -> Result<(), Failure> {
    for (number, setting) in settings.iter().enumerate() {
        let (key, value) = setting.split_once('=').filter(|(key, _)| !key.is_empty()).ok_or_else(|| {
            Failure::usage(format!("--set number {} is not KEY=VALUE", number + 1)).hint("such as --set timeout=30")
        })?;
        profile.settings.insert(key.to_owned(), value.to_owned());
    }
    Ok(())
}

/// Checks a profile: everything that is wrong is said at once, and no secret is repeated.
pub(super) fn check(profile: &Profile) -> Result<(), Failure> {
    let provider = providers::by_id(&profile.provider).ok_or_else(|| unknown(&profile.provider))?;
    Settings::parse(provider.descriptor(), profile).map(|_| ()).map_err(|mistakes| {
        Failure::new(format!("{} is not valid, so nothing was saved", profile.name))
            .coded(Code::Setting)
            .items(mistakes.iter().map(ToString::to_string))
            .hint(format!("`tokscope providers {}` lists the settings; --set KEY=VALUE sets one", profile.provider))
    })
}

/// The keys of the secrets that these `KEY=VALUE`s have in clear.
pub(super) fn plain_secrets(profile: &Profile, given: &[String]) -> impl Iterator<Item = &'static str> {
    let fields = providers::by_id(&profile.provider).into_iter().flat_map(|provider| provider.descriptor().fields());
    let is_plain = |key: &str| {
        let values = given.iter().filter_map(|setting| setting.split_once('=')).filter(|(given, _)| *given == key);
        values.take(1).any(|(_, value)| matches!(SecretRef::parse(value.trim()), Ok(SecretRef::Plain(_))))
    };
    fields.filter(move |field| field.kind == FieldKind::Secret && is_plain(field.key)).map(|field| field.key)
}
