//! A JWE in either serialization (RFC 7516 §7), read for decryption: strictly, unlike what is only shown.

use std::borrow::Cow;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Map, Value};

use super::Trouble;
use crate::{
    secret::ExposeSecret as _,
    token::{
        Form, Token,
        json::{Json, Kind},
    },
};

/// What was encrypted, and for whom.
pub(super) struct Message {
    /// The protected header as it was written, empty where there is none, and `aad` behind a dot: what is authenticated
    /// besides the ciphertext (RFC 7516 §5.1, step 14).
    pub(super) aad: Vec<u8>,
    /// The protected header's parameters.
    pub(super) protected: Map<String, Value>,
    pub(super) iv: Vec<u8>,
    pub(super) ciphertext: Vec<u8>,
    pub(super) tag: Vec<u8>,
    pub(super) recipients: Vec<Recipient>,
}

/// One of those that it was encrypted for.
pub(super) struct Recipient {
    /// The JOSE header: protected, shared and own parameters together (RFC 7516 §4).
    pub(super) header: Map<String, Value>,
    pub(super) encrypted_key: Vec<u8>,
}

impl Recipient {
    /// A header parameter that is a string.
    pub(super) fn text(&self, name: &str) -> Result<&str, Trouble> {
        match self.header.get(name) {
            Some(Value::String(text)) => Ok(text),
            Some(_) => Err(Trouble::Malformed(format!("header: {name} is not a string"))),
            None => Err(Trouble::Malformed(format!("header: {name} is missing"))),
        }
    }

    /// A header parameter that is base64url.
    pub(super) fn bytes(&self, name: &str) -> Result<Vec<u8>, Trouble> {
        decode(&format!("header: {name}"), self.text(name)?).map_err(Trouble::Malformed)
    }
}

/// More recipients than any real token has; each costs a computation.
const MOST_RECIPIENTS: usize = 100;

impl Message {
    /// Reads a token. The error says what is malformed.
    pub(super) fn read(token: &Token) -> Result<Self, String> {
        let raw = token.raw().expose_secret();
        match token.form() {
            Form::Jwe(jwe) if !raw.starts_with('{') => {
                let [protected, encrypted_key, iv, ciphertext, tag] = jwe.segments.clone().map(|segment| &raw[segment]);
                Self::compact(protected, encrypted_key, [iv, ciphertext, tag])
            }
            _ => Self::json(raw),
        }
    }

    fn compact(protected: &str, encrypted_key: &str, rest: [&str; 3]) -> Result<Self, String> {
        let header = protected_header(protected)?;
        let encrypted_key = decode("encrypted key", encrypted_key)?;
        let [iv, ciphertext, tag] = rest;
        Ok(Self {
            aad: protected.into(),
            protected: header.clone(),
            iv: decode("initialization vector", iv)?,
            ciphertext: decode("ciphertext", ciphertext)?,
            tag: decode("authentication tag", tag)?,
            recipients: vec![Recipient { header, encrypted_key }],
        })
    }

    /// The general and the flattened JSON serialization (RFC 7516 §7.2).
    fn json(raw: &str) -> Result<Self, String> {
        let whole = object(raw, "the JWE")?;
        let part = |name: &str| text(&whole, name).map(Option::unwrap_or_default);
        let protected = part("protected")?;
        let header = if protected.is_empty() { Map::new() } else { protected_header(&protected)? };
        let mut aad = protected.as_bytes().to_vec();
        let additional = part("aad")?;
        if !additional.is_empty() {
            decode("aad", &additional)?;
            aad.push(b'.');
            aad.extend(additional.as_bytes());
        }
        let shared = joined(header.clone(), whole.get("unprotected"), "unprotected")?;
        let recipient = |members: &Map<String, Value>| {
            let key = text(members, "encrypted_key")?.unwrap_or_default();
            Ok(Recipient {
                header: joined(shared.clone(), members.get("header"), "header")?,
                encrypted_key: decode("encrypted_key", &key)?,
            })
        };
        let recipients = match whole.get("recipients") {
            None => vec![recipient(&whole)?],
            Some(Value::Array(list)) if list.len() > MOST_RECIPIENTS => {
                return Err(format!("recipients: there are {}, the limit is {MOST_RECIPIENTS}", list.len()));
            }
            Some(Value::Array(list)) if !list.is_empty() => (list.iter())
                .map(|one| {
                    one.as_object().ok_or_else(|| "a recipient is not an object".to_owned()).and_then(&recipient)
                })
                .collect::<Result<_, String>>()?,
            Some(_) => return Err("recipients is not a non-empty list".to_owned()),
        };
        Ok(Self {
            aad,
            protected: header,
            iv: decode("iv", &part("iv")?)?,
            ciphertext: decode("ciphertext", &text(&whole, "ciphertext")?.ok_or("ciphertext is missing")?)?,
            tag: decode("tag", &part("tag")?)?,
            recipients,
        })
    }
}

/// The bytes of a segment, in the one way that they can be written (RFC 7515 §2).
fn decode(name: &str, text: &str) -> Result<Vec<u8>, String> {
    URL_SAFE_NO_PAD.decode(text).map_err(|_| format!("{name}: it is not valid base64url"))
}

fn protected_header(segment: &str) -> Result<Map<String, Value>, String> {
    let bytes = decode("header", segment)?;
    object(str::from_utf8(&bytes).map_err(|_| "header: it is not UTF-8")?, "header")
}

/// A JSON object in which no member is there twice (RFC 7516 §4).
fn object(text: &str, what: &str) -> Result<Map<String, Value>, String> {
    let json = Json::parse(text);
    if json.error().is_some() || json.root().is_none_or(|root| root.kind != Kind::Object) {
        return Err(format!("{what}: it is not a JSON object"));
    }
    let mut members = Map::new();
    for (_, node) in json.children(0) {
        let key = json.key(node).unwrap_or_default().into_owned();
        let value = serde_json::from_str(json.raw(node)).map_err(|_| format!("{what}: {key} is not JSON"))?;
        if members.contains_key(&key) {
            return Err(format!("{what}: {key} is duplicated"));
        }
        members.insert(key, value);
    }
    Ok(members)
}

/// Adds the parameters of another header: no name may be in both (RFC 7516 §7.2.1).
fn joined(mut header: Map<String, Value>, more: Option<&Value>, name: &str) -> Result<Map<String, Value>, String> {
    let more = match more {
        None => return Ok(header),
        Some(Value::Object(more)) => more,
        Some(_) => return Err(format!("{name} is not an object")),
    };
    for (key, value) in more {
        if header.insert(key.clone(), value.clone()).is_some() {
            return Err(format!("{key} is in more than one header"));
        }
    }
    Ok(header)
}

fn text<'a>(members: &'a Map<String, Value>, name: &str) -> Result<Option<Cow<'a, str>>, String> {
    match members.get(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.into())),
        Some(_) => Err(format!("{name} is not a string")),
    }
}
