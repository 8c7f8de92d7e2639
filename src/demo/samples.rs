//! What the demo starts with: profiles, their first token sets, and tokens to paste, as `assets/demo.toml` has them.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta};
use jsonwebtoken::{Algorithm, EncodingKey};
use serde_json::Value;
use toml_edit::{DocumentMut, Item, TableLike};

use super::{mint, openedx, systems::Systems, worlds::Worlds};
use crate::{
    auth::{IssuedToken, Scheme, TokenKind, TokenSet},
    clock::Timestamp,
    profile::{Profile, ProfileName},
};

const DEMO: &str = include_str!("../../assets/demo.toml");

/// The profiles, in the order of the file.
pub(super) fn profiles(systems: &Systems) -> Vec<Profile> {
    each_profile(systems).map(|(profile, _)| profile).collect()
}

/// The profiles whose older token set is to be revoked.
pub(super) fn revoked(systems: &Systems) -> Vec<Profile> {
    let revoked = each_profile(systems).filter(|(_, seeds)| seeds.iter().any(|seed| seed == REVOKED));
    revoked.map(|(profile, _)| profile).collect()
}

/// The token sets of the profiles that have a seed, older ones first.
pub(super) fn seeds(systems: &Systems, worlds: &Worlds, now: Timestamp) -> Vec<(ProfileName, TokenSet)> {
    let seeded =
        each_profile(systems).flat_map(|(profile, seeds)| seeds.into_iter().map(move |seed| (profile.clone(), seed)));
    let token_set = |profile: &Profile, seed: &str| {
        // Seconds since the login, and the life of the access token.
        let (age, ttl) = match seed {
            "fresh" => (0, systems.openedx.access_ttl()),
            REVOKED => (60, 900),
            REPLACED => ((systems.openedx.access_ttl() - 20).max(0), systems.openedx.access_ttl()),
            "ending" => ((systems.openedx.access_ttl() - 25).max(0), systems.openedx.access_ttl()),
            _ => (3 * 3_600, 3_600),
        };
        let (issued_at, received_at) = (now.timestamp() - age, now - TimeDelta::seconds(age));
        let setting = |key| profile.settings.get(key).map_or("", String::as_str);
        match profile.provider.as_str() {
            "openedx" => {
                let (client, user) = openedx::account(setting("client_id"), setting("username"))
                    .expect("demo.toml names clients and users that exist");
                let reply = systems.openedx.login_at(client, user, issued_at, ttl);
                let expires_at = reply["expires_in"].as_i64().map(|seconds| received_at + TimeDelta::seconds(seconds));
                let tokens = [("access_token", Scheme::JWT, expires_at), ("refresh_token", Scheme::BEARER, None)];
                self::token_set(&reply, tokens, received_at)
            }
            "seta" => {
                let reply = systems.seta.login_at(setting("username"), issued_at);
                let tokens = [("access_token", Scheme::BEARER, None), ("refresh_token", Scheme::BEARER, None)];
                self::token_set(&reply, tokens, received_at)
            }
            "oauth2" => {
                let reply = worlds.issuer(setting("issuer")).login(setting("client_id"), setting("username"));
                let expires_at = reply["expires_in"].as_i64().map(|seconds| received_at + TimeDelta::seconds(seconds));
                let tokens = [("access_token", Scheme::BEARER, expires_at), ("refresh_token", Scheme::BEARER, None)];
                self::token_set(&reply, tokens, received_at)
            }
            "pasted" => {
                let reply = systems.oidc.login("odd:service", "");
                let tokens = [("access_token", Scheme::BEARER, None), ("none", Scheme::BEARER, None)];
                let mut set = self::token_set(&reply, tokens, received_at);
                set.tokens[0].kind = TokenKind::Unknown;
                set
            }
            _ => {
                let reply = systems.passwork.expired();
                let end = |key: &str| DateTime::from_timestamp(reply[key].as_i64()?, 0);
                let access = ("accessToken", Scheme::BEARER, end("accessTokenExpiredAt"));
                let refresh = ("refreshToken", Scheme::BEARER, end("refreshTokenExpiredAt"));
                self::token_set(&reply, [access, refresh], received_at)
            }
        }
    };
    seeded.map(|(profile, seed)| (profile.name.clone(), token_set(&profile, &seed))).collect()
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

/// The seed of the session before, which the current one has replaced.
const REPLACED: &str = "replaced";

/// The seed of one that was revoked, too.
const REVOKED: &str = "revoked";

/// Each profile with its seeds.
fn each_profile(systems: &Systems) -> impl Iterator<Item = (Profile, Vec<String>)> {
    let document = document();
    let pair = systems.passwork.expired();
    let places = [
        ("{url}", systems.world.url.as_str()),
        ("{access}", pair["accessToken"].as_str().unwrap_or_default()),
        ("{refresh}", pair["refreshToken"].as_str().unwrap_or_default()),
    ];
    let filled = |text: &str| places.iter().fold(text.to_owned(), |text, (place, value)| text.replace(place, value));
    let profiles = document["profile"].as_table().expect("demo.toml has profiles");
    let read = |(name, item): (&str, &Item)| {
        let table = item.as_table().expect("a profile is a table");
        let settings = table["settings"].as_table_like().expect("a profile has settings").iter();
        let settings: BTreeMap<_, _> =
            settings.map(|(key, value)| (key.to_owned(), filled(value.as_str().expect("settings are text")))).collect();
        let tags = table["tags"].as_array().expect("a profile has tags").iter();
        let profile = Profile {
            name: ProfileName::new(name).expect("the names in demo.toml are legal"),
            provider: text(table, "provider").expect("a profile has a provider"),
            settings,
            environment: text(table, "environment"),
            tags: tags.filter_map(|tag| tag.as_str().map(str::to_owned)).collect(),
        };
        (profile, text(table, "old").into_iter().chain(text(table, "seed")).collect())
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

/// What a client makes of a reply that it got at `received_at`: its access and its refresh token, each with its key,
/// scheme and end.
fn token_set(reply: &Value, tokens: [(&str, Scheme, Option<Timestamp>); 2], received_at: Timestamp) -> TokenSet {
    let tokens = [TokenKind::Access, TokenKind::Refresh].into_iter().zip(tokens);
    let issued = |(kind, (key, scheme, expires_at)): (TokenKind, (&str, Scheme, Option<Timestamp>))| {
        Some(IssuedToken { kind, raw: reply[key].as_str()?.into(), expires_at, scheme })
    };
    TokenSet {
        tokens: tokens.filter_map(issued).collect(),
        scope: reply["scope"].as_str().map(str::to_owned),
        account: None,
        received_at,
        remarks: Vec::new(),
    }
}
