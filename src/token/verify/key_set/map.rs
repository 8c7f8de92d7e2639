//! JSON that has keys in PEM or base64 as members: the certificates that Google publishes, by `kid`; a Keycloak realm, and
//! the keys that its administrator sees; the key file of a service account.

use serde_json::{Map, Value};

use super::{KeyEntry, der, form, jwk};

/// Members with these names say what they hold, not which key it is. The first one counts where several are there.
const NAMES: [&str; 7] = ["publicKey", "public_key", "certificate", "cert", "privateKey", "private_key", "key"];

/// The keys of such a document; `None` for a JWK, a JWK set, and whatever holds no key.
pub(super) fn read(text: &[u8], name: &str) -> Option<Vec<KeyEntry>> {
    let mut json: Value = serde_json::from_slice(text).ok()?;
    let entries = match &json {
        Value::Object(members) => match members.get("keys") {
            Some(Value::Array(list)) if !list.iter().any(is_jwk) => list
                .iter()
                .zip(1..)
                .filter_map(|(key, at)| listed(key, &format!("{name}, key {at}")))
                .flatten()
                .collect(),
            _ => object(members, name),
        },
        _ => Vec::new(),
    };
    jwk::wipe(&mut json);
    (!entries.is_empty()).then_some(entries)
}

fn is_jwk(key: &Value) -> bool {
    key.as_object().is_some_and(|members| members.contains_key("kty"))
}

/// A key of a list, with its `kid` beside it.
fn listed(key: &Value, name: &str) -> Option<Vec<KeyEntry>> {
    let members = key.as_object()?;
    let kid = members.get("kid").and_then(Value::as_str).map(str::to_owned);
    Some(
        object(members, name)
            .into_iter()
            .map(|entry| KeyEntry { name: name.to_owned(), kid: kid.clone(), ..entry })
            .collect(),
    )
}

fn object(members: &Map<String, Value>, name: &str) -> Vec<KeyEntry> {
    if members.contains_key("kty") {
        return Vec::new();
    }
    let of = |member: &str| keys(members.get(member)?.as_str()?, &format!("{name}, {member}"));
    if let Some(keys) = NAMES.into_iter().find_map(of) {
        return keys;
    }
    let named = |(member, keys): (&String, Vec<KeyEntry>)| {
        let kid = Some(member.clone());
        keys.into_iter().map(move |entry| KeyEntry { kid: kid.clone(), ..entry }).collect::<Vec<_>>()
    };
    members.keys().filter_map(|member| Some((member, of(member)?))).flat_map(named).collect()
}

/// The keys of a member. A certificate chain has several.
fn keys(text: &str, name: &str) -> Option<Vec<KeyEntry>> {
    let form::Unfolded { material, .. } = form::unfold(text.as_bytes());
    if der::is_sequence(&material) {
        let key = der::read(&material).map_err(str::to_owned);
        return Some(vec![KeyEntry { name: name.to_owned(), kid: None, key }]);
    }
    material.starts_with(b"-----BEGIN ").then(|| der::read_pem(&material, name, der::block_key).ok()).flatten()
}
