//! Biscuit (biscuitsec.org, `schema.proto`): blocks of Datalog, each signed. The facts are shown; rules and checks are only
//! counted, since only an authorizer can tell what they amount to.

use std::fmt::Write as _;

use super::{ForeignContent, Format, base64url, macaroon::varint};
use crate::{text::push_quoted, token::json::Json};

/// The longest that is read: a Biscuit is sent in a header.
const LONGEST: usize = 64 << 10;
/// The words that every Biscuit knows; those of its own are counted from 1024 on.
const WORDS: &str = "read write resource operation right time role owner tenant namespace user team service admin email group \
    member ip_address client client_ip domain path version cluster node hostname nonce query";
const OWN_WORDS: usize = 1_024;

/// Reads base64 of either alphabet.
pub(super) fn read(text: &str) -> Option<ForeignContent> {
    // Field 2 (the first block), or field 1 (a number) before it.
    let begins = matches!(text.as_bytes(), [b'E', b'g'..=b'v', ..] | [b'C', b'A'..=b'P', ..]);
    if !begins || !(96..=LONGEST).contains(&text.len()) {
        return None;
    }
    // A look at the head spares most others the rest.
    plausible(&base64url::decode_any(text.get(..32)?)?)?;
    let bytes = base64url::decode_any(text)?;
    let claims = Some(Json::parse(describe(&bytes)?));
    Some(ForeignContent { claims, ..ForeignContent::named(Format::Biscuit) })
}

/// A first block that has a block inside.
fn plausible(head: &[u8]) -> Option<()> {
    let head = match head {
        [8, rest @ ..] => varint(rest)?.1,
        head => head,
    };
    let (_, inner) = varint(head.strip_prefix(&[0x12])?)?;
    inner.starts_with(&[0x0a]).then_some(())
}

/// A field of a message in protocol buffers.
enum Value<'a> {
    Number(usize),
    Bytes(&'a [u8]),
}

/// The fields of a message, in order, as far as they can be read; and whether that is to its end.
fn readable(mut bytes: &[u8]) -> (Vec<(usize, Value<'_>)>, bool) {
    let mut found = Vec::new();
    while let Some((number, value, rest)) = field(bytes) {
        found.push((number, value));
        bytes = rest;
    }
    (found, bytes.is_empty())
}

/// The fields of a message; `None` unless all of it is fields.
fn fields(bytes: &[u8]) -> Option<Vec<(usize, Value<'_>)>> {
    let (found, whole) = readable(bytes);
    whole.then_some(found)
}

fn field(bytes: &[u8]) -> Option<(usize, Value<'_>, &[u8])> {
    let (tag, rest) = varint(bytes)?;
    let (value, rest) = match tag & 7 {
        0 => varint(rest).map(|(number, rest)| (Value::Number(number), rest))?,
        2 => {
            let (length, rest) = varint(rest)?;
            let (value, rest) = rest.split_at_checked(length)?;
            (Value::Bytes(value), rest)
        }
        _ => return None,
    };
    Some((tag >> 3, value, rest))
}

/// The fields of one number that are messages or texts.
fn all<'a>(fields: &'a [(usize, Value<'a>)], number: usize) -> impl Iterator<Item = &'a [u8]> {
    fields.iter().filter_map(move |(found, value)| match value {
        Value::Bytes(bytes) if *found == number => Some(*bytes),
        _ => None,
    })
}

/// The first field of a number that is a message or a text.
fn bytes_of<'a>(fields: &[(usize, Value<'a>)], number: usize) -> Option<&'a [u8]> {
    fields.iter().find_map(|(found, value)| match value {
        Value::Bytes(bytes) if *found == number => Some(*bytes),
        _ => None,
    })
}

fn number(fields: &[(usize, Value<'_>)], of: usize) -> Option<usize> {
    fields.iter().find_map(|(found, value)| match value {
        Value::Number(number) if *found == of => Some(*number),
        _ => None,
    })
}

/// A Biscuit as JSON, as far as it can be read; `None` unless it begins with a block and the key of the next one.
fn describe(bytes: &[u8]) -> Option<String> {
    let (token, _) = readable(bytes);
    let mut out = String::from("{");
    if let Some(key) = number(&token, 1) {
        let _ = write!(out, "\"root_key_id\":{key},");
    }
    out.push_str("\"blocks\":[");
    let mut words: Vec<&str> = Vec::new();
    for (index, signed) in all(&token, 2).chain(all(&token, 3)).enumerate() {
        // A block, the next key (Ed25519 or secp256r1) and a signature.
        let (signed, _) = readable(signed);
        let key = bytes_of(&signed, 2).and_then(fields);
        let is_key = key.is_some_and(|key| bytes_of(&key, 2).is_some_and(|key| matches!(key.len(), 32 | 33)));
        let Some(inner) = bytes_of(&signed, 1).and_then(fields).filter(|_| is_key) else { break };
        out.push_str(if index == 0 { "" } else { "," });
        block(&inner, &mut words, &mut out)?;
    }
    if out.ends_with('[') {
        return None;
    }
    out.push(']');
    // What is sealed ends with a signature, else with the secret that the next block would be signed with.
    if let Some(proof) = bytes_of(&token, 4).and_then(fields) {
        let _ = write!(out, ",\"sealed\":{}", bytes_of(&proof, 2).is_some());
    }
    out.push('}');
    Some(out)
}

fn block<'a>(block: &[(usize, Value<'a>)], words: &mut Vec<&'a str>, out: &mut String) -> Option<()> {
    for (field, value) in block {
        if let (1, Value::Bytes(word)) = (field, value) {
            words.push(str::from_utf8(word).ok()?);
        }
    }
    let _ = write!(out, "{{\"version\":{},\"facts\":[", number(block, 3)?);
    for (index, found) in all(block, 4).enumerate() {
        out.push_str(if index == 0 { "" } else { "," });
        push_quoted(out, &fact(found, words).unwrap_or_else(|| "?".to_owned()));
    }
    let _ = write!(out, "],\"rules\":{},\"checks\":{}}}", all(block, 5).count(), all(block, 6).count());
    Some(())
}

/// `user("1234")`.
fn fact(fact: &[u8], words: &[&str]) -> Option<String> {
    let fact = fields(fact)?;
    let predicate = fields(bytes_of(&fact, 1)?)?;
    let word = |at: usize| match at.checked_sub(OWN_WORDS) {
        Some(own) => words.get(own).copied(),
        None => WORDS.split_ascii_whitespace().nth(at),
    };
    let terms = all(&predicate, 2).map(|found| term(found, word));
    Some(format!("{}({})", word(number(&predicate, 1)?)?, terms.collect::<Option<Vec<_>>>()?.join(", ")))
}

fn term<'a>(found: &[u8], word: impl Fn(usize) -> Option<&'a str>) -> Option<String> {
    Some(match fields(found)?.first()? {
        (2, Value::Number(number)) => (*number as i64).to_string(),
        (3, Value::Number(at)) => format!("{:?}", word(*at)?),
        (4, Value::Number(seconds)) => format!("date {seconds}"),
        (5, Value::Bytes(bytes)) => format!("{} bytes", bytes.len()),
        (6, Value::Number(flag)) => (*flag != 0).to_string(),
        (7, _) => "a set".to_owned(),
        _ => return None,
    })
}
