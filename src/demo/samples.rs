//! What the demo starts with: profiles, their first token sets, and tokens to paste, as `assets/demo.toml` has them.

use std::collections::BTreeMap;

use jsonwebtoken::{Algorithm, EncodingKey};
use serde_json::Value;
use toml_edit::{DocumentMut, Item, TableLike};

use super::{mint, openedx, openedx::OpenEdx};
use crate::{
    auth::{IssuedToken, Scheme, TokenKind, TokenSet},
    clock::Timestamp,
    profile::{Profile, ProfileName},
};

const DEMO: &str = include_str!("../../assets/demo.toml");

/// The profiles, in the order of the file.
pub(super) fn profiles(url: &str) -> Vec<Profile> {
    each_profile(url).map(|(profile, _)| profile).collect()
}

/// The token sets of the profiles that have a seed.
pub(super) fn seeds(lms: &OpenEdx, now: Timestamp) -> Vec<(ProfileName, TokenSet)> {
    let seeded = each_profile("").filter_map(|(profile, seed)| Some((profile, seed?)));
    seeded
        .map(|(profile, seed)| {
            // Seconds since the login, and the life of the access token.
            let (age, ttl) = match seed.as_str() {
                "fresh" => (0, lms.access_ttl()),
                "ending" => ((lms.access_ttl() - 25).max(0), lms.access_ttl()),
                _ => (3 * 3_600, 3_600),
            };
            let setting = |key| profile.settings.get(key).map_or("", String::as_str);
            let (client, user) = openedx::account(setting("client_id"), setting("username"))
                .expect("demo.toml names clients and users that exist");
            let reply = lms.login_at(client, user, now.timestamp() - age, ttl);
            let token_set = token_set(&reply, now - chrono::TimeDelta::seconds(age));
            (profile.name, token_set)
        })
        .collect()
}

/// The tokens to paste: name and text.
pub(super) fn pasted() -> Vec<(String, String)> {
    let document = document();
    let samples = document["sample"].as_array_of_tables().expect("demo.toml has samples");
    samples
        .iter()
        .map(|sample| {
            let token = match text(sample, "token") {
                Some(token) => token,
                None => signed(sample),
            };
            let around = |index: usize| sample.get("around").and_then(|around| around.get(index)?.as_str());
            let name = text(sample, "name").expect("every sample has a name");
            (name, format!("{}{token}{}", around(0).unwrap_or_default(), around(1).unwrap_or_default()))
        })
        .collect()
}

fn document() -> DocumentMut {
    DEMO.parse().expect("demo.toml is TOML: a test reads it")
}

fn text(table: &dyn TableLike, key: &str) -> Option<String> {
    table.get(key).and_then(Item::as_str).map(str::to_owned)
}

fn each_profile(url: &str) -> impl Iterator<Item = (Profile, Option<String>)> {
    let document = document();
    let profiles = document["profile"].as_table().expect("demo.toml has profiles");
    let read = |(name, item): (&str, &Item)| {
        let table = item.as_table().expect("a profile is a table");
        let settings = table["settings"].as_table_like().expect("a profile has settings").iter();
        let settings: BTreeMap<_, _> = settings
            .map(|(key, value)| (key.to_owned(), value.as_str().expect("settings are text").replace("{url}", url)))
            .collect();
        let tags = table["tags"].as_array().expect("a profile has tags").iter();
        let profile = Profile {
            name: ProfileName::new(name).expect("the names in demo.toml are legal"),
            provider: text(table, "provider").expect("a profile has a provider"),
            settings,
            environment: text(table, "environment"),
            tags: tags.filter_map(|tag| tag.as_str().map(str::to_owned)).collect(),
        };
        (profile, text(table, "seed"))
    };
    profiles.iter().map(read).collect::<Vec<_>>().into_iter()
}

/// A JWS over the header and payload of a sample, exactly as they are written there.
fn signed(sample: &dyn TableLike) -> String {
    let part = |key| text(sample, key).expect("a sample is a token, or a header and a payload");
    let key = EncodingKey::from_secret(&mint::random_bytes::<32>());
    let token = mint::jws(&part("header"), &part("payload"), &key, Algorithm::HS256);
    match sample.get("signed").and_then(Item::as_bool) {
        Some(false) => token.rsplit_once('.').map(|(input, _)| format!("{input}.")).unwrap_or(token),
        _ => token,
    }
}

/// What a client makes of a token response that it got at `received_at`.
fn token_set(reply: &Value, received_at: Timestamp) -> TokenSet {
    let text = |key: &str| reply[key].as_str().map(str::to_owned);
    let access = text("access_token").map(|raw| IssuedToken {
        kind: TokenKind::Access,
        raw: raw.into(),
        expires_at: reply["expires_in"].as_i64().map(|seconds| received_at + chrono::TimeDelta::seconds(seconds)),
        scheme: Scheme::JWT,
    });
    let refresh = text("refresh_token").map(|raw| IssuedToken {
        kind: TokenKind::Refresh,
        raw: raw.into(),
        expires_at: None,
        scheme: Scheme::BEARER,
    });
    TokenSet {
        tokens: access.into_iter().chain(refresh).collect(),
        scope: text("scope"),
        account: None,
        received_at,
        remarks: Vec::new(),
    }
}
