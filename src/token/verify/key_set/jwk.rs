//! JWK and JWK set (RFC 7517).

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Map, Value};

use super::{KeyEntry, Limits, VerificationKey, form};
use crate::{secret::Zeroize as _, token::verify::algorithm::Curve, trouble::Trouble};

const HINT: &str = "a JWK has the member kty, a JWK set the member keys";

/// Reads a JWK, a JWK set, or a list of JWKs as some write it.
pub(in crate::token) fn read<K>(
    text: &[u8],
    name: &str,
    key: impl Fn(&Jwk<'_>) -> Result<K, String>,
) -> Result<Vec<KeyEntry<K>>, Trouble> {
    let mut json: Value = serde_json::from_slice(text).map_err(|error| {
        let what = format!("{name} is not JSON: line {}, column {}", error.line(), error.column());
        Trouble::new(what, "a JWK or JWK set is JSON (RFC 7517)")
    })?;
    let entries = entries(&json, name, key);
    wipe(&mut json);
    entries
}

/// The keys of a JWK, a JWK set, or a list.
fn entries<K>(
    json: &Value,
    name: &str,
    key: impl Fn(&Jwk<'_>) -> Result<K, String>,
) -> Result<Vec<KeyEntry<K>>, Trouble> {
    let keys = match json {
        Value::Array(keys) => keys,
        Value::Object(members) if members.contains_key("kty") => {
            return Ok(vec![entry(json, name.to_owned(), key)]);
        }
        Value::Object(members) => match members.get("keys") {
            Some(Value::Array(keys)) => keys,
            Some(_) => return Err(Trouble::new(format!("{name}: keys is not a list"), HINT)),
            None => return Err(Trouble::new(format!("{name} is JSON, but not a key"), HINT)),
        },
        _ => return Err(Trouble::new(format!("{name} is JSON, but not a key"), HINT)),
    };
    Ok(keys.iter().zip(1..).map(|(jwk, number)| entry(jwk, format!("{name}, key {number}"), &key)).collect())
}

/// Overwrites what may be a part of a private key before its memory is given back.
pub(super) fn wipe(json: &mut Value) {
    match json {
        Value::String(text) => text.zeroize(),
        Value::Array(list) => list.iter_mut().for_each(wipe),
        Value::Object(members) => members.values_mut().for_each(wipe),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn entry<K>(jwk: &Value, name: String, key: impl Fn(&Jwk<'_>) -> Result<K, String>) -> KeyEntry<K> {
    let Value::Object(members) = jwk else {
        return KeyEntry { name, kid: None, key: Err("it is not a JSON object".to_owned()) };
    };
    let kid = members.get("kid").and_then(Value::as_str).map(str::to_owned);
    KeyEntry { name, kid, key: key(&Jwk(members)) }
}

/// A JWK, to be read member by member.
pub(in crate::token) struct Jwk<'a>(pub(in crate::token) &'a Map<String, Value>);

impl Jwk<'_> {
    /// A key to verify with.
    pub(in crate::token) fn key(&self) -> Result<VerificationKey, String> {
        let limits = self.limits()?;
        let key = match self.text("kty")? {
            "oct" => Ok(VerificationKey::secret(&self.bytes("k")?)),
            "RSA" => VerificationKey::rsa(&self.bytes("n")?, &self.bytes("e")?),
            "EC" => self.ec()?,
            "OKP" => match self.text("crv")? {
                "Ed25519" => VerificationKey::ed25519(&self.bytes("x")?),
                curve => return Err(format!("the curve {curve} is not supported")),
            },
            kty => return Err(format!("kty is {kty}, which is unknown")),
        }?;
        Ok(VerificationKey { limits, ..key })
    }

    fn ec(&self) -> Result<Result<VerificationKey, &'static str>, String> {
        let name = self.text("crv")?;
        let curve = Curve::named(name).ok_or_else(|| format!("the curve {name} is not supported"))?;
        Ok(VerificationKey::ec(curve, &self.point(curve.bytes)?))
    }

    /// The point of an EC key as SEC 1 §2.3.3 writes it. RFC 7518 §6.2.1: both coordinates in their full length.
    pub(in crate::token) fn point(&self, length: usize) -> Result<Vec<u8>, String> {
        let mut point = vec![4];
        for coordinate in ["x", "y"] {
            let bytes = self.bytes(coordinate)?;
            if bytes.len() != length {
                let curve = self.text("crv")?;
                return Err(format!("{coordinate} has {} bytes; {curve} has {length}", bytes.len()));
            }
            point.extend(bytes);
        }
        Ok(point)
    }

    /// What it says it may be used for (RFC 7517 §4.2–4.4).
    pub(in crate::token) fn limits(&self) -> Result<Limits, String> {
        let key_ops = match self.0.get("key_ops") {
            None => None,
            Some(Value::Array(list)) => Some(list.iter().filter_map(|op| op.as_str().map(str::to_owned)).collect()),
            Some(_) => return Err("key_ops is not a list".to_owned()),
        };
        let private = self.0.contains_key("d");
        Ok(Limits { usage: self.optional("use")?, key_ops, alg: self.optional("alg")?, private, pss: false })
    }

    fn optional(&self, name: &str) -> Result<Option<String>, String> {
        self.0.contains_key(name).then(|| self.text(name).map(str::to_owned)).transpose()
    }

    /// A member that is a string.
    pub(in crate::token) fn text(&self, name: &str) -> Result<&str, String> {
        match self.0.get(name) {
            Some(Value::String(text)) => Ok(text),
            Some(_) => Err(format!("{name} is not a string")),
            None => Err(format!("{name} is missing")),
        }
    }

    /// A member that is base64url, or base64 as some write it.
    pub(in crate::token) fn bytes(&self, name: &str) -> Result<Vec<u8>, String> {
        form::base64(self.text(name)?).ok_or_else(|| format!("{name} is not base64url"))
    }

    /// Whether some number is in base64, or padded, where base64url is asked for (RFC 7518 §6, RFC 7515 §2).
    pub(super) fn is_loose(&self) -> bool {
        const NUMBERS: [&str; 11] = ["n", "e", "x", "y", "k", "d", "p", "q", "dp", "dq", "qi"];
        let loose = |text: &str| URL_SAFE_NO_PAD.decode(text).is_err();
        NUMBERS.iter().any(|name| self.0.get(*name).and_then(Value::as_str).is_some_and(loose))
    }
}
