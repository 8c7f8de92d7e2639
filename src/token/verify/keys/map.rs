//! JSON that has keys in PEM or base64 as members: the certificates that Google publishes, by `kid`; a Keycloak realm; the
//! key file of a service account.

use serde_json::Value;

use super::{Entry, Key, der, form, jwk};

/// Members with these names say what they hold, not which key it is.
const NAMES: [&str; 7] = ["public_key", "publicKey", "private_key", "privateKey", "certificate", "cert", "key"];

/// The keys of such a document; `None` for a JWK, a JWK set, and whatever holds no key.
pub(super) fn read(text: &[u8], name: &str) -> Option<Vec<Entry>> {
    let mut json: Value = serde_json::from_slice(text).ok()?;
    let entries = match &json {
        Value::Object(members) if !members.contains_key("kty") && !members.contains_key("keys") => (members.iter())
            .filter_map(|(member, value)| Some((member, keys(value.as_str()?, &format!("{name}, {member}"))?)))
            .flat_map(|(member, keys)| {
                let kid = (!NAMES.contains(&member.as_str())).then(|| member.clone());
                keys.into_iter().map(move |entry| Entry { kid: kid.clone(), ..entry })
            })
            .collect(),
        _ => Vec::new(),
    };
    jwk::wipe(&mut json);
    (!entries.is_empty()).then_some(entries)
}

/// The keys of a member. A certificate chain has several.
fn keys(text: &str, name: &str) -> Option<Vec<Entry<Key>>> {
    let form::Unfolded { material, .. } = form::unfold(text.as_bytes());
    if der::is_sequence(&material) {
        let key = der::read(&material).map_err(str::to_owned);
        return Some(vec![Entry { name: name.to_owned(), kid: None, key }]);
    }
    material.starts_with(b"-----BEGIN ").then(|| der::read_pem(&material, name, der::block_key).ok()).flatten()
}
