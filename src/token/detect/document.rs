//! Tokens in a JSON document.

use std::borrow::Cow;

use super::{
    super::{
        Token, format, inspect,
        json::{Json, Kind, Node},
    },
    Finds, SHORTEST,
    beside::{self, Beside},
    headed::holds_token,
    layer,
    name::{Name, Style},
    read as read_inner,
};

/// An array or object around a value.
struct Level<'a> {
    /// Its index.
    node: usize,
    /// Its own name.
    key: Option<Cow<'a, str>>,
    /// Its own name, or that of what it stands in.
    name: Option<Cow<'a, str>>,
    /// What its member `name` or `key` said: HAR and Postman write `{"name": "Authorization", "value": "…"}`.
    label: Option<Cow<'a, str>>,
    /// What it says about the token in it, once that was asked for.
    beside: Option<Beside>,
}

/// Reads a document from top to bottom.
pub(super) fn read(json: &Json, around: Option<&Name<'_>>, depth: u8, finds: &mut Finds) {
    let mut levels: Vec<Level<'_>> = Vec::new();
    let mut at = 0;
    while let Some(node) = json.nodes().get(at) {
        levels.truncate(node.depth as usize);
        let key = json.key(node);
        match node.kind {
            Kind::Object if add_serialization(json, at, finds) => {
                at = node.next as usize;
                continue;
            }
            Kind::Object | Kind::Array => {
                let name = key.clone().or_else(|| levels.last().and_then(|level| level.name.clone()));
                levels.push(Level { node: at, key, name, label: None, beside: None });
            }
            Kind::String => {
                let name = named(key, json, node, &mut levels);
                let value = json.string(node).unwrap_or_default();
                string(&value, name.as_ref().or(around), &levels, depth, finds);
            }
            Kind::Number | Kind::True | Kind::False | Kind::Null => {}
        }
        at += 1;
    }
}

/// The name of a string.
fn named<'a>(key: Option<Cow<'a, str>>, json: &'a Json, node: &'a Node, levels: &mut [Level<'a>]) -> Option<Name<'a>> {
    let (around, level) = match levels {
        [.., around, level] => (around.name.as_deref(), Some(level)),
        [level] => (None, Some(level)),
        [] => (None, None),
    };
    match (key.as_deref(), level) {
        (Some("name" | "key"), Some(level)) => {
            level.label = json.string(node);
            key.map(|text| Name::new(text, Style::Member))
        }
        (Some("value"), Some(Level { label: Some(label), .. })) => {
            let style = match around {
                Some("headers" | "header") => Style::Header,
                Some("cookies") => Style::Cookie,
                Some("queryString" | "query") => Style::Query,
                _ => Style::Member,
            };
            Some(Name::new(label.clone(), style))
        }
        (None, Some(level)) => level.name.clone().map(|text| Name::new(text, Style::Member)),
        (Some(_), Some(level)) => {
            let mut name = Name::new(key?, Style::Member);
            // Caches of credentials have the same members for each host or account.
            name.of = level.key.clone().filter(|key| key.contains('.') && !key.contains(' '));
            let mut say = |beside: &mut Beside| beside.say(&mut name);
            match &mut level.beside {
                Some(beside) => say(beside),
                none if beside::is_worth_it(json.raw(node)) => say(none.insert(Beside::of(json, level.node))),
                _ => {}
            }
            Some(name)
        }
        (key, None) => key.map(|text| Name::new(text.to_owned(), Style::Member)),
    }
}

/// A string is a token by its name, or holds tokens.
fn string(value: &str, name: Option<&Name<'_>>, levels: &[Level<'_>], depth: u8, finds: &mut Finds) {
    let before = finds.hits;
    let trimmed = value.trim();
    if trimmed.contains('.') && !trimmed.contains(' ') && inspect::is_one(trimmed) {
        return finds.add(trimmed, name, "text");
    }
    if layer::read(trimmed, || name.map(|name| path(name, levels)), depth, finds) {
        return;
    }
    let named = name.is_some_and(Name::means_token);
    let shortest = if named && name.is_some_and(|name| is_short_token(trimmed, name)) { 8 } else { SHORTEST };
    let plain = trimmed.len() >= shortest && !trimmed.contains([' ', '%', '&', '?']);
    let token = named && plain;
    // What the reader of texts has for a token is one; else the whole value, which may have characters of its own.
    if !token || holds_token(trimmed) {
        read_inner(value, name, depth + 1, finds);
    }
    if token && finds.hits == before && (shortest < SHORTEST || Token::inspect(trimmed).is_plausible()) {
        finds.add(trimmed, name, "text");
    }
}

/// Some servers have short refresh tokens. Beside the exact name, letters and digits of several kinds are asked for.
fn is_short_token(value: &str, name: &Name<'_>) -> bool {
    let some = |kind: fn(&u8) -> bool| usize::from(value.as_bytes().iter().any(&kind));
    matches!(&*name.text, "refresh_token" | "refreshToken" | "access_token" | "accessToken")
        && value.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
        && some(u8::is_ascii_digit) + some(u8::is_ascii_uppercase) + some(u8::is_ascii_lowercase) >= 2
}

/// The name of a value with all that it stands in: `data.token`.
fn path(name: &Name<'_>, levels: &[Level<'_>]) -> Name<'static> {
    /// The names of more levels are no help.
    const LONGEST: usize = 80;
    let text = match name.style {
        Style::Member => {
            let keys = levels.iter().filter_map(|level| level.key.as_deref());
            let inner =
                levels.last().is_none_or(|level| level.key.is_none() || level.name.as_deref() != Some(&name.text));
            let path: Vec<_> = keys.chain(inner.then_some(&*name.text)).collect();
            let path = path.join(".");
            if path.len() <= LONGEST { path } else { name.text.clone().into_owned() }
        }
        _ => name.place(),
    };
    Name { text: text.into(), style: Style::Value, of: None, ..name.clone() }
}

/// The JSON serializations of a JWS (RFC 7515 §7.2), as compact ones: one for each signature; and of a JWE (RFC 7516
/// §7.2), as a compact one where the protected header says it all, else as it is.
fn add_serialization(json: &Json, object: usize, finds: &mut Finds) -> bool {
    let member = |object: usize, name: &str| {
        let found = json.children(object).find(|(_, node)| json.key(node).is_some_and(|key| key == name));
        found.map(|(index, node)| (index, json.string(node)))
    };
    let text = |object: usize, name: &str| member(object, name).and_then(|(_, text)| text);
    if text(object, "s64").or_else(|| text(object, "identifier")).is_some() {
        let whole = json.compact(object);
        if format::is_whole(&whole) {
            finds.add(&whole, None, "JSON");
            return true;
        }
    }
    let known = |finds: &mut Finds, compact: &str, place: &str| {
        let known = inspect::is_compact(compact);
        if known {
            let before = finds.list.len();
            finds.add(compact, None, place);
            finds.list[before..].iter_mut().for_each(|found| found.bare = false);
        }
        known
    };
    let protected = text(object, "protected");
    if let Some(ciphertext) = text(object, "ciphertext") {
        let place = "JWE JSON serialization";
        let more = ["aad", "unprotected", "header", "recipients"].iter().any(|name| member(object, name).is_some());
        if let (Some(protected), false) = (&protected, more) {
            let part = |name| text(object, name).unwrap_or_default();
            let compact = [protected, &*part("encrypted_key"), &*part("iv"), &*ciphertext, &*part("tag")].join(".");
            return known(finds, &compact, place);
        }
        let whole = json.compact(object);
        if inspect::is_serialized(&whole) {
            finds.add(&whole, None, place);
            finds.list.iter_mut().last().into_iter().for_each(|found| found.bare = false);
            return true;
        }
    }
    let Some(payload) = text(object, "payload") else { return false };
    if let (Some(protected), Some(signature)) = (&protected, text(object, "signature")) {
        return known(finds, &[protected, &*payload, &*signature].join("."), "JWS JSON serialization");
    }
    let Some((signatures, None)) = member(object, "signatures") else { return false };
    let mut any = false;
    for (number, (signature, _)) in json.children(signatures).enumerate() {
        if let (Some(protected), Some(value)) = (text(signature, "protected"), text(signature, "signature")) {
            let place = format!("JWS JSON serialization, signature {}", number + 1);
            any |= known(finds, &[&*protected, &*payload, &*value].join("."), &place);
        }
    }
    any
}
