//! The list of ways to give a key.

use super::{Waiver, Whose, asks_for_secret, of_selected};
use crate::{
    auth::key_source::KeySource,
    oauth::metadata,
    profile::ProfileName,
    text,
    token::verify::{
        algorithm::{Algorithm, Family},
        key_set::SecretEncoding,
    },
    tui::app::{
        Model, form,
        keymap::Action,
        mode::{Choice, Item, Question, Wanted},
    },
};

pub(in crate::tui::app) fn offer(model: &Model) -> Option<Action> {
    model.tokens.selected().map(|_| Action::Choose(Choice::Key))
}

/// The same for whom a page or the log is about.
pub(in crate::tui::app) fn offer_for_profile(model: &Model) -> Option<Action> {
    super::super::verify::offer_for_profile(model).map(|_| Action::Choose(Choice::Key))
}

/// The list: what is known of the token's keys first, then every other way.
pub(in crate::tui::app) fn choices(model: &Model) -> Vec<Item> {
    let mut items = remembered(model);
    let typed = |title, summary, wanted| Item::new(title, summary, Action::Type(wanted));
    let secrets = [
        typed("Secret", "for HS256, HS384 and HS512: as text", Wanted::Secret(SecretEncoding::Text)),
        typed("Secret, base64", "with + and /", Wanted::Secret(SecretEncoding::Base64)),
        typed("Secret, base64url", "with - and _", Wanted::Secret(SecretEncoding::Base64url)),
        typed("Secret, hex", "hexadecimal digits", Wanted::Secret(SecretEncoding::Hex)),
    ];
    let mut keys: Vec<_> = discovery(model).into_iter().collect();
    keys.extend([
        typed("Key file", "PEM, DER, JWK, JWK set or certificate", Wanted::KeyFile),
        typed("Key, pasted", "the same as text; can span several lines", Wanted::KeyText),
        typed("JWK set URL", "asks before going online", Wanted::JwkSet),
    ]);
    // What the token was signed with stands first.
    let alg = model.tokens.selected().and_then(|row| row.algorithm.as_deref());
    match alg.and_then(Algorithm::named).is_some_and(|algorithm| algorithm.family == Family::Hmac) {
        true => items.extend(secrets.into_iter().chain(keys)),
        false => items.extend(keys.into_iter().chain(secrets)),
    }
    let policy = &model.known_keys.policy;
    let now = |waived: bool| if waived { "allowed; choose to refuse them again" } else { "refused" };
    items.push(Item::new("Short secrets", now(policy.allow_weak_key), Action::Waive(Waiver::WeakKey)));
    items.push(Item::new("Keys with another kid", now(policy.ignore_kid), Action::Waive(Waiver::Kid)));
    items.extend(to_remember(model));
    if !model.known_keys.given.is_empty() {
        items.push(Item::new("Forget the keys", "all that were given or fetched", Action::ForgetKeys));
    }
    items
}

/// What the token's profile remembers.
fn remembered(model: &Model) -> Vec<Item> {
    let Some(profile) = of_selected(model) else { return Vec::new() };
    let sources = KeySource::of(profile).unwrap_or_default();
    let item = |source: KeySource| {
        let whose = Whose::Profile(profile.name.clone());
        let (summary, action) = match &source {
            KeySource::Secret if asks_for_secret(profile) => {
                ("typed by you".to_owned(), Action::Type(Wanted::Secret(encoding(profile))))
            }
            online if online.is_online() => {
                (format!("{online}: asks before going online"), Action::Ask(Question::Fetch(source, whose)))
            }
            local => (format!("{local}: reread"), Action::FindKeys(source, whose)),
        };
        Item::new(format!("Keys of {}", profile.name), text::visible(&summary).into_owned(), action)
    };
    sources.into_iter().map(item).collect()
}

fn encoding(profile: &crate::profile::Profile) -> SecretEncoding {
    let name = crate::auth::key_source::setting(profile, "verify_secret_encoding");
    name.and_then(SecretEncoding::named).unwrap_or_default()
}

/// Discovery at the issuer that the token names, where that is an address.
fn discovery(model: &Model) -> Option<Item> {
    let issuer = model.tokens.selected()?.token.claims().and_then(|claims| {
        let iss = claims.member("iss")?;
        claims.string(iss).map(std::borrow::Cow::into_owned)
    })?;
    metadata::configuration_url(&issuer)?;
    let summary = text::visible(&format!("{issuer}: asks before going online")).into_owned();
    let question = Question::Fetch(KeySource::Issuer(issuer.clone()), Whose::Issuer(issuer));
    Some(Item::new("OpenID discovery", summary, Action::Ask(question)))
}

/// A source that was given by hand can be kept in the token's profile.
fn to_remember(model: &Model) -> Vec<Item> {
    let Some(profile) = of_selected(model) else { return Vec::new() };
    let known = KeySource::of(profile).unwrap_or_default();
    let sources = model.known_keys.given.iter().filter(|given| !matches!(given.whose, Whose::Profile(_)));
    let sources = sources.filter_map(|given| given.source.clone()).filter(|source| !known.contains(source));
    let item = |source: KeySource| {
        let summary = format!("{source}, in its verify_key");
        let action = Action::Remember(source, profile.name.clone());
        Item::new(format!("Remember in {}", profile.name), text::visible(&summary).into_owned(), action)
    };
    sources.map(item).collect()
}

/// Writes a source into a profile.
pub(in crate::tui::app) fn remember(model: &mut Model, source: &KeySource, name: &ProfileName) {
    let Some(mut profile) = model.profiles.row(name).map(|row| row.profile.clone()) else { return };
    let value = match source {
        KeySource::Issuer(issuer) => {
            if crate::auth::key_source::issuer(&profile) != Some(issuer) {
                profile.settings.insert("verify_issuer".to_owned(), issuer.clone());
            }
            "discovery".to_owned()
        }
        KeySource::File(path) => format!("file:{path}"),
        source => source.to_string(),
    };
    profile.settings.insert("verify_key".to_owned(), value);
    form::keep(model, Some(name.clone()), profile);
}
