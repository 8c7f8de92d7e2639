//! Selective disclosure (RFC 9901): which disclosures the issuer's claims vouch for, and the claims that come of them.
//!
//! A disclosure counts only where its digest stands in the signed claims, or in a disclosure that counts. All others are
//! faults: a verifier must reject the SD-JWT (§7.1), and none of them is shown as the issuer's.

use std::collections::{HashMap, HashSet};

use aws_lc_rs::digest::{self, SHA256, SHA384, SHA512};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Map, Value};

use super::{
    Form, Token, date,
    defect::{Defects, excerpt},
    json::Json,
    lifetime::NumericDates,
};
use crate::secret::ExposeSecret as _;

/// How deep objects, arrays and disclosures may be nested in one another.
const DEEPEST: usize = 100;

/// What an SD-JWT discloses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Disclosure {
    /// The claim's name; `None` for an element of an array. Foreign text.
    pub name: Option<String>,
    /// The value as JSON on one line, safe to print.
    pub value: String,
}

impl Token {
    /// What an SD-JWT discloses, in the order of its disclosures: those whose digest stands in its claims (RFC 9901
    /// §7.1). The others are not the issuer's; a [finding](super::findings) names them.
    pub fn disclosures(&self) -> Vec<Disclosure> {
        process(self).map(|sd_jwt| sd_jwt.disclosures).unwrap_or_default()
    }
}

/// An SD-JWT, its disclosures held against the digests.
#[derive(Debug)]
pub(super) struct SdJwt {
    /// The disclosures that count, in their order.
    pub(super) disclosures: Vec<Disclosure>,
    /// Why a verifier must refuse it. Foreign text.
    pub(super) faults: Vec<String>,
    /// The claims with what is disclosed in its place.
    pub(super) claims: Json,
    pub(super) dates: NumericDates,
    /// The key-binding JWT.
    pub(super) binding: Option<String>,
    /// What the `sd_hash` of the key-binding JWT must be.
    pub(super) sd_hash: Option<String>,
}

/// A disclosure as it was presented.
struct Presented<'a> {
    text: &'a str,
    /// The name unless it is an array's element, and the value (§4.2); or what is wrong with it.
    content: Result<(Option<String>, Value), &'static str>,
    counts: bool,
}

/// Takes an SD-JWT apart; `None` for any other token.
pub(super) fn process(token: &Token) -> Option<SdJwt> {
    let Form::Jws(jws) = token.form() else { return None };
    let raw = token.raw().expose_secret();
    let behind = raw[jws.segments[2].end..].strip_prefix('~')?;
    let (texts, binding) = behind.rsplit_once('~').map_or((None, behind), |(texts, binding)| (Some(texts), binding));
    let mut presented: Vec<_> = texts.into_iter().flat_map(|texts| texts.split('~')).map(Presented::read).collect();
    let binding = (!binding.is_empty()).then(|| binding.to_owned());
    let written = token.claims().map_or("{}", Json::text);
    let mut claims =
        serde_json::from_str(written).ok().filter(Value::is_object).unwrap_or_else(|| Value::Object(Map::new()));
    let algorithm = match claims.get("_sd_alg") {
        None => Some(&SHA256),
        Some(Value::String(name)) => match name.as_str() {
            "sha-256" => Some(&SHA256),
            "sha-384" => Some(&SHA384),
            "sha-512" => Some(&SHA512),
            _ => None,
        },
        Some(_) => None,
    };
    let hash =
        |text: &str| algorithm.map(|algorithm| URL_SAFE_NO_PAD.encode(digest::digest(algorithm, text.as_bytes())));
    let mut reading =
        Reading { presented: &mut presented, places: HashMap::new(), seen: HashSet::new(), faults: Vec::new() };
    match algorithm {
        None => reading.faults.push("_sd_alg names a hash that is not supported".to_owned()),
        Some(_) => {
            // Of one that is there twice, the first counts.
            let all = reading.presented.iter().enumerate().rev();
            reading.places = all.filter_map(|(at, it)| Some((hash(it.text)?, at))).collect();
            reading.object_or_array(&mut claims, 0);
            if let Value::Object(members) = &mut claims {
                members.shift_remove("_sd_alg");
            }
            reading.uncounted();
        }
    }
    let faults = reading.faults;
    let disclosures = presented.into_iter().filter_map(Presented::disclosure).collect();
    let claims = Json::parse(claims.to_string());
    let dates = date::dates(&claims, &mut Defects::default());
    let sd_hash = hash(&raw[..raw.len() - binding.as_ref().map_or(0, String::len)]);
    Some(SdJwt { disclosures, faults, claims, dates, binding, sd_hash })
}

impl<'a> Presented<'a> {
    fn read(text: &'a str) -> Self {
        Self { text, content: content(text), counts: false }
    }

    /// As it was written, digits and all.
    fn disclosure(self) -> Option<Disclosure> {
        let (name, _) = self.content.ok().filter(|_| self.counts)?;
        let json = Json::parse(String::from_utf8(URL_SAFE_NO_PAD.decode(self.text).ok()?).ok()?);
        let (value, _) = json.children(0).last()?;
        Some(Disclosure { name, value: json.compact(value) })
    }
}

fn content(text: &str) -> Result<(Option<String>, Value), &'static str> {
    let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| "it is not base64url")?;
    let list = match serde_json::from_slice(&bytes) {
        Ok(Value::Array(list)) => list,
        _ => return Err("it is not a JSON array"),
    };
    let mut list = list.into_iter();
    match (list.next(), list.next(), list.next(), list.next()) {
        (Some(Value::String(_)), Some(value), None, None) => Ok((None, value)),
        (Some(Value::String(_)), Some(Value::String(name)), Some(value), None) => Ok((Some(name), value)),
        _ => Err("it is not a salt, a name and a value"),
    }
}

/// A walk through the claims (§7.1, step 3).
struct Reading<'r, 'a> {
    presented: &'r mut [Presented<'a>],
    /// Which disclosure has a digest.
    places: HashMap<String, usize>,
    /// The digests that were met, those without a disclosure too.
    seen: HashSet<String>,
    faults: Vec<String>,
}

impl Reading<'_, '_> {
    fn object_or_array(&mut self, value: &mut Value, depth: usize) {
        if depth > DEEPEST {
            return self.fault("the disclosures are nested too deep");
        }
        match value {
            Value::Object(members) => self.object(members, depth),
            Value::Array(elements) => {
                let before = std::mem::take(elements);
                elements.extend(before.into_iter().filter_map(|element| self.element(element, depth)));
            }
            _ => {}
        }
    }

    fn object(&mut self, members: &mut Map<String, Value>, depth: usize) {
        let digests = members.shift_remove("_sd");
        members.values_mut().for_each(|value| self.object_or_array(value, depth + 1));
        let digests = match digests {
            None => return,
            Some(Value::Array(digests)) => digests,
            Some(_) => return self.fault("_sd is not a list"),
        };
        for digest in digests {
            let Some(at) = self.meet(&digest) else { continue };
            let Ok((name, value)) = &self.presented[at].content else { continue };
            let (name, mut value) = (name.clone(), value.clone());
            let why = match &name {
                None => Some("it is an array element, but its digest is in _sd"),
                Some(name) if name == "_sd" || name == "..." => Some("its name is reserved"),
                Some(name) if members.contains_key(name) => Some("a claim of that name already exists"),
                Some(_) => None,
            };
            match (why, name) {
                (None, Some(name)) => {
                    self.presented[at].counts = true;
                    self.object_or_array(&mut value, depth + 1);
                    members.insert(name, value);
                }
                (why, _) => self.refuse(at, why.unwrap_or_default()),
            }
        }
    }

    /// An element of an array, or the one whose digest stands in its place; `None` for one that is not disclosed.
    fn element(&mut self, mut element: Value, depth: usize) -> Option<Value> {
        let digest = match &element {
            Value::Object(members) => members.get("...").filter(|_| members.len() == 1).cloned(),
            _ => None,
        };
        let Some(digest) = digest else {
            self.object_or_array(&mut element, depth + 1);
            return Some(element);
        };
        let at = self.meet(&digest)?;
        let Ok((name, value)) = &self.presented[at].content else { return None };
        if name.is_some() {
            self.refuse(at, "it has a name, but its digest is in an array");
            return None;
        }
        let mut value = value.clone();
        self.presented[at].counts = true;
        self.object_or_array(&mut value, depth + 1);
        Some(value)
    }

    /// The disclosure of a digest. §7.1, step 4: each digest stands in one place.
    fn meet(&mut self, digest: &Value) -> Option<usize> {
        let Value::String(digest) = digest else {
            self.fault("a digest is not a string");
            return None;
        };
        if !self.seen.insert(digest.clone()) {
            self.fault("a digest occurs twice");
            return None;
        }
        self.places.get(digest).copied()
    }

    /// §7.1, step 5: each disclosure has its digest.
    fn uncounted(&mut self) {
        for at in 0..self.presented.len() {
            let Presented { text, content, counts } = &self.presented[at];
            let why = match content {
                Err(why) => why,
                _ if *counts => continue,
                _ if self.presented[..at].iter().any(|other| other.text == *text) => "it occurs twice",
                _ => "its digest is not in any _sd, so the issuer did not sign it",
            };
            self.refuse(at, why);
        }
    }

    /// Says of a disclosure why it does not count; the first reason is enough.
    fn refuse(&mut self, at: usize, why: &str) {
        let name = match &self.presented[at].content {
            Ok((Some(name), _)) => format!(" ({})", excerpt(name)),
            _ => String::new(),
        };
        let head = format!("disclosure {}{name}: ", at + 1);
        if !self.faults.iter().any(|fault| fault.starts_with(&head)) {
            self.faults.push(head + why);
        }
    }

    fn fault(&mut self, why: &str) {
        if !self.faults.iter().any(|fault| fault == why) {
            self.faults.push(why.to_owned());
        }
    }
}
