//! JWK and JWK set (RFC 7517).

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Map, Value};

use super::{Entry, Key, KeyError, Limits};
use crate::token::verify::algorithm::Curve;

/// Reads a JWK, a JWK set, or a list of JWKs as some write it.
pub(super) fn read(text: &[u8], name: &str) -> Result<Vec<Entry>, KeyError> {
    Ok(list(text, name)?.into_iter().map(|(jwk, name)| entry(&jwk, name)).collect())
}

/// The JWKs of a text, each with its name.
pub(in crate::token) fn list(text: &[u8], name: &str) -> Result<Vec<(Value, String)>, KeyError> {
    const HINT: &str = "a JWK has a member kty, a JWK set a member keys";
    let json: Value = serde_json::from_slice(text).map_err(|error| {
        let what = format!("{name} is no JSON: line {}, column {}", error.line(), error.column());
        KeyError::new(what, "a JWK or JWK set is JSON (RFC 7517)")
    })?;
    let keys = match json {
        Value::Array(keys) => keys,
        Value::Object(members) if members.contains_key("kty") => {
            return Ok(vec![(Value::Object(members), name.to_owned())]);
        }
        Value::Object(mut members) => match members.remove("keys") {
            Some(Value::Array(keys)) => keys,
            Some(_) => return Err(KeyError::new(format!("{name}: keys is no list"), HINT)),
            None => return Err(KeyError::new(format!("{name} is JSON, but no key"), HINT)),
        },
        _ => return Err(KeyError::new(format!("{name} is JSON, but no key"), HINT)),
    };
    Ok(keys.into_iter().zip(1..).map(|(jwk, number)| (jwk, format!("{name}, key {number}"))).collect())
}

/// What a JWK is good for, without what is private in it.
pub(in crate::token) fn entry(jwk: &Value, name: String) -> Entry {
    let Value::Object(members) = jwk else {
        return Entry { name, kid: None, key: Err("it is no JSON object".to_owned()) };
    };
    let kid = members.get("kid").and_then(Value::as_str).map(str::to_owned);
    Entry { name, kid, key: Jwk(members).key() }
}

struct Jwk<'a>(&'a Map<String, Value>);

impl Jwk<'_> {
    fn key(&self) -> Result<Key, String> {
        let limits = self.limits()?;
        let key = match self.text("kty")? {
            "oct" => Ok(Key::secret(&self.bytes("k")?)),
            "RSA" => Key::rsa(&self.bytes("n")?, &self.bytes("e")?),
            "EC" => self.ec()?,
            "OKP" => match self.text("crv")? {
                "Ed25519" => Key::ed25519(&self.bytes("x")?),
                curve => return Err(format!("nothing here computes with the curve {curve}")),
            },
            kty => return Err(format!("kty is {kty}, which is unknown")),
        }?;
        Ok(Key { limits, ..key })
    }

    /// RFC 7518 §6.2.1: both coordinates in their full length.
    fn ec(&self) -> Result<Result<Key, &'static str>, String> {
        let name = self.text("crv")?;
        let curve = Curve::named(name).ok_or_else(|| format!("nothing here computes with the curve {name}"))?;
        let mut point = vec![4];
        for coordinate in ["x", "y"] {
            let bytes = self.bytes(coordinate)?;
            if bytes.len() != curve.bytes {
                return Err(format!("{coordinate} has {} bytes where {name} has {}", bytes.len(), curve.bytes));
            }
            point.extend(bytes);
        }
        Ok(Key::ec(curve, &point))
    }

    fn limits(&self) -> Result<Limits, String> {
        let key_ops = match self.0.get("key_ops") {
            None => None,
            Some(Value::Array(list)) => Some(list.iter().filter_map(|op| op.as_str().map(str::to_owned)).collect()),
            Some(_) => return Err("key_ops is no list".to_owned()),
        };
        let private = self.0.contains_key("d");
        Ok(Limits { usage: self.optional("use")?, key_ops, alg: self.optional("alg")?, private, pss: false })
    }

    fn optional(&self, name: &str) -> Result<Option<String>, String> {
        self.0.contains_key(name).then(|| self.text(name).map(str::to_owned)).transpose()
    }

    fn text(&self, name: &str) -> Result<&str, String> {
        match self.0.get(name) {
            Some(Value::String(text)) => Ok(text),
            Some(_) => Err(format!("{name} is no string")),
            None => Err(format!("{name} is missing")),
        }
    }

    fn bytes(&self, name: &str) -> Result<Vec<u8>, String> {
        URL_SAFE_NO_PAD.decode(self.text(name)?).map_err(|_| format!("{name} is no base64url"))
    }
}
