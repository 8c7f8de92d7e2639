//! CWT (RFC 8392): claims in CBOR, signed or authenticated with COSE (RFC 9052). In base64url, or in hex as in debuggers.

use std::fmt::Write as _;

use minicbor::{Decoder, data::Type};

use super::{ForeignContent, Format, base64url};
use crate::{
    text::push_quoted,
    token::{date, json::Json},
};

/// How many arrays, maps and tags may be in one another.
const DEEPEST: usize = 16;
/// The longest text that is read: a CWT is meant to be small.
const LONGEST: usize = 64 << 10;
/// The tag of a CWT (RFC 8392 §6).
const CWT: u64 = 61;

/// Names of a COSE header's parameters (RFC 9052 §3.1, RFC 9596).
const PARAMETERS: &[(i64, &str)] =
    &[(1, "alg"), (2, "crit"), (3, "content type"), (4, "kid"), (5, "iv"), (16, "typ"), (33, "x5chain"), (34, "x5t")];

/// Names of COSE algorithms (RFC 9053, RFC 8812).
const ALGORITHMS: &[(i64, &str)] = &[
    (-7, "ES256"),
    (-35, "ES384"),
    (-36, "ES512"),
    (-47, "ES256K"),
    (-8, "EdDSA"),
    (-37, "PS256"),
    (-38, "PS384"),
    (-39, "PS512"),
    (-257, "RS256"),
    (-258, "RS384"),
    (-259, "RS512"),
    (4, "HS256/64"),
    (5, "HS256"),
    (6, "HS384"),
    (7, "HS512"),
];

/// Names of claims (RFC 8392 §4, RFC 8747, RFC 9200, Token Status List).
const CLAIMS: &[(i64, &str)] = &[
    (1, "iss"),
    (2, "sub"),
    (3, "aud"),
    (4, "exp"),
    (5, "nbf"),
    (6, "iat"),
    (7, "cti"),
    (8, "cnf"),
    (9, "scope"),
    (10, "nonce"),
    (38, "ace_profile"),
    (39, "cnonce"),
    (40, "exi"),
    (256, "ueid"),
    (65_533, "status_list"),
    (65_534, "ttl"),
    (65_535, "status"),
];

/// Reads base64 of either alphabet or hex.
pub(super) fn read(text: &str) -> Option<ForeignContent> {
    // A message of COSE with its tag (16 to 18), the tag of a CWT, or an array of four that begins with a byte string.
    const BASE64: [&str; 5] = ["0oR", "0YR", "0IN", "2D3", "hE"];
    const HEX: [&str; 5] = ["d284", "d184", "d083", "d83d", "84"];
    if !(32..=LONGEST).contains(&text.len()) {
        return None;
    }
    let begins = |start: &&str| text.get(..start.len()).is_some_and(|head| head.eq_ignore_ascii_case(start));
    let bytes = if HEX.iter().any(begins) {
        base64url::decode_hex(text)?
    } else if BASE64.iter().any(|start| text.starts_with(start)) {
        base64url::decode_any(text)?
    } else {
        return None;
    };
    message(&bytes)
}

/// COSE_Sign1 and COSE_Mac0 (RFC 9052 §4.2, §6.2): protected header, unprotected header, payload, signature or tag; and
/// COSE_Encrypt0 (§5.2), of which only the header can be read.
fn message(bytes: &[u8]) -> Option<ForeignContent> {
    let mut reader = Decoder::new(bytes);
    let mut tagged = false;
    while reader.datatype().ok()? == Type::Tag {
        match reader.tag().ok()?.as_u64() {
            CWT => tagged = true,
            16..=18 => {}
            _ => return None,
        }
    }
    let parts = reader.array().ok()??;
    let protected = reader.bytes().ok()?;
    let mut header = String::from("{");
    if !protected.is_empty() {
        members(&mut Decoder::new(protected), PARAMETERS, &mut header, 0)?;
    }
    members(&mut reader, PARAMETERS, &mut header, 0)?;
    header.push('}');
    let claims = match parts {
        4 => {
            let mut claims = String::from("{");
            let mut payload = Decoder::new(reader.bytes().ok()?);
            members(&mut payload, CLAIMS, &mut claims, 0)?;
            claims.push('}');
            reader.bytes().ok()?;
            Some(Json::parse(claims))
        }
        3 if tagged => {
            reader.bytes().ok()?;
            None
        }
        _ => return None,
    };
    if reader.position() != bytes.len() {
        return None;
    }
    let dates = claims.as_ref().map(date::dates_of).unwrap_or_default();
    Some(ForeignContent { format: Format::Cwt, claims, beside: Some(("header", Json::parse(header))), dates })
}

/// Appends the members of a map, those with a number for a name under the name that is registered for it.
fn members(reader: &mut Decoder<'_>, names: &[(i64, &str)], out: &mut String, depth: usize) -> Option<()> {
    let mut left = reader.map().ok()?;
    while more(reader, &mut left)? {
        if !out.ends_with('{') {
            out.push(',');
        }
        let name = match reader.datatype().ok()? {
            Type::String => reader.str().ok()?.into(),
            _ => {
                let number = reader.i64().ok()?;
                let known = names.iter().find(|(known, _)| *known == number);
                known.map_or_else(|| number.to_string(), |(_, name)| (*name).to_owned())
            }
        };
        push_quoted(out, &name);
        out.push(':');
        let algorithm = names == PARAMETERS && name == "alg" && reader.datatype().ok()? != Type::String;
        if algorithm {
            let number = reader.i64().ok()?;
            match ALGORITHMS.iter().find(|(known, _)| *known == number) {
                Some((_, name)) => push_quoted(out, name),
                None => write!(out, "{number}").ok()?,
            }
        } else {
            value(reader, out, depth + 1)?;
        }
    }
    Some(())
}

/// Whether there is one more item in an array or map.
fn more(reader: &mut Decoder<'_>, left: &mut Option<u64>) -> Option<bool> {
    match left {
        Some(0) => Some(false),
        Some(count) => {
            *count -= 1;
            Some(true)
        }
        None if reader.datatype().ok()? == Type::Break => {
            reader.skip().ok()?;
            Some(false)
        }
        None => Some(true),
    }
}

/// Appends a value as JSON: bytes that are text as text, others in base64url (RFC 8949 §6.1).
fn value(reader: &mut Decoder<'_>, out: &mut String, depth: usize) -> Option<()> {
    if depth > DEEPEST {
        return None;
    }
    match reader.datatype().ok()? {
        Type::U8 | Type::U16 | Type::U32 | Type::U64 | Type::I8 | Type::I16 | Type::I32 | Type::I64 | Type::Int => {
            write!(out, "{}", reader.int().ok()?).ok()?;
        }
        Type::F16 | Type::F32 | Type::F64 => {
            let number = match reader.datatype().ok()? {
                Type::F16 => f64::from(reader.f16().ok()?),
                Type::F32 => f64::from(reader.f32().ok()?),
                _ => reader.f64().ok()?,
            };
            match number.is_finite() {
                true => write!(out, "{number}").ok()?,
                false => out.push_str("null"),
            }
        }
        Type::Bool => write!(out, "{}", reader.bool().ok()?).ok()?,
        Type::String => push_quoted(out, reader.str().ok()?),
        Type::Bytes => {
            let bytes = reader.bytes().ok()?;
            match str::from_utf8(bytes).ok().filter(|text| text.bytes().all(|byte| (b' '..=b'~').contains(&byte))) {
                Some(text) => push_quoted(out, text),
                None => push_quoted(out, &base64url::encode(bytes)),
            }
        }
        Type::Array | Type::ArrayIndef => {
            let mut left = reader.array().ok()?;
            out.push('[');
            while more(reader, &mut left)? {
                if !out.ends_with('[') {
                    out.push(',');
                }
                value(reader, out, depth + 1)?;
            }
            out.push(']');
        }
        Type::Map | Type::MapIndef => {
            out.push('{');
            members(reader, &[], out, depth)?;
            out.push('}');
        }
        Type::Tag => {
            reader.tag().ok()?;
            value(reader, out, depth + 1)?;
        }
        _ => {
            reader.skip().ok()?;
            out.push_str("null");
        }
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A COSE_Sign1 with a claims set of these bytes.
    fn signed(claims: &[u8]) -> Vec<u8> {
        let length = u8::try_from(claims.len()).expect("short");
        [&[0xd2, 0x84, 0x43, 0xa1, 0x01, 0x26, 0xa0, 0x58, length], claims, &[0x44, 1, 2, 3, 4]].concat()
    }

    #[test]
    fn claims_of_any_type() {
        let claims =
            [&[0xa4, 0x01, 0x61][..], b"a", &[0x18, 0x2a, 0xf5, 0x07, 0x42, 0, 1, 0x61], b"x", &[0x9f, 1, 0xff]];
        let content = message(&signed(&claims.concat())).expect("a CWT");
        assert_eq!(content.claims.expect("claims").text(), r#"{"iss":"a","42":true,"cti":"AAE","x":[1]}"#);
        assert_eq!(content.beside.expect("a header").1.text(), r#"{"alg":"ES256"}"#);
    }

    #[test]
    fn what_is_too_deep_or_no_map_is_no_cwt() {
        let deep = [&[0xa1, 0x01][..], &[0x81; 40], &[0]].concat();
        assert!(message(&signed(&deep)).is_none());
        assert!(message(&signed(b"\x61a")).is_none());
        let whole = signed(&[0xa1, 0x01, 0x61, b'a']);
        assert!(message(&whole).is_some());
        for end in 0..whole.len() {
            assert!(message(&whole[..end]).is_none(), "cut off at {end}");
        }
    }
}
