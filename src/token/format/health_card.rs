//! SMART Health Cards (spec.smarthealth.cards): a JWS whose payload is compressed (`zip: DEF`), and its numeric form for
//! QR codes, `shc:/` and two digits for each character.

use std::borrow::Cow;

use miniz_oxide::inflate::decompress_to_vec_with_limit;

use crate::token::{Jws, Payload, json::Json};

/// The largest payload that is inflated: a card has a few thousand bytes.
const LARGEST: usize = 256 << 10;
/// What the numeric form begins with.
const SCHEME: &str = "shc:/";

/// Why a compressed payload cannot be read.
pub(in crate::token) enum Unreadable {
    /// It is larger than [`LARGEST`].
    TooLarge,
    /// It is not DEFLATE.
    Broken,
}

impl Unreadable {
    /// The same for people.
    pub(in crate::token) fn words(self) -> &'static str {
        match self {
            Self::TooLarge => "the payload is compressed and inflates to more than 256 KiB",
            Self::Broken => "the header says zip: DEF, but the payload is not DEFLATE data",
        }
    }
}

/// The payload behind `zip: DEF`; `None` where the header does not say so.
pub(in crate::token) fn inflated(header: &Json, payload: &[u8]) -> Option<Result<Vec<u8>, Unreadable>> {
    let zip = header.string(header.member("zip")?)?;
    (zip == "DEF" && !payload.is_empty()).then(|| {
        decompress_to_vec_with_limit(payload, LARGEST).map_err(|error| match error.status {
            miniz_oxide::inflate::TINFLStatus::HasMoreOutput => Unreadable::TooLarge,
            _ => Unreadable::Broken,
        })
    })
}

/// Whether a JWS is a card: compressed, and a credential is inside.
pub(super) fn is_one(jws: &Jws) -> bool {
    let Payload::Claims(claims) = &jws.payload else { return false };
    claims.member("vc").is_some() && jws.header.member("zip").is_some()
}

/// A text with each `shc:/…` replaced by the JWS that it stands for. A card over several QR codes, `shc:/2/3/…`, is joined
/// at its first part, in whatever order the parts stand.
pub(in crate::token) fn of_numerals(text: &str) -> Cow<'_, str> {
    if !text.contains(SCHEME) {
        return text.into();
    }
    let found: Vec<_> = text.match_indices(SCHEME).filter_map(|(start, _)| numerals(text, start)).collect();
    if found.is_empty() {
        return text.into();
    }
    let mut parts: Vec<_> = found.iter().filter(|numerals| numerals.part.is_some()).collect();
    parts.sort_by_key(|numerals| numerals.part);
    let joined: String = parts.iter().map(|numerals| numerals.jws.as_str()).collect();
    let (mut out, mut rest, mut joined) = (String::with_capacity(text.len()), 0, Some(joined));
    for Numerals { start, end, part, jws } in &found {
        out.push_str(&text[rest..*start]);
        match part {
            Some(_) => out.push_str(&joined.take().unwrap_or_default()),
            None => out.push_str(jws),
        }
        rest = *end;
    }
    out.push_str(&text[rest..]);
    out.into()
}

/// One `shc:/…` of a text.
struct Numerals {
    start: usize,
    end: usize,
    /// The number of a part, of a card in several.
    part: Option<u8>,
    jws: String,
}

fn numerals(text: &str, start: usize) -> Option<Numerals> {
    let digits = |at: usize| text[at..].bytes().take_while(u8::is_ascii_digit).count();
    let mut at = start + SCHEME.len();
    let mut part = None;
    // `2/3/`: part 2 of 3.
    let first = digits(at);
    if matches!(first, 1 | 2) && text[at + first..].starts_with('/') {
        let second = digits(at + first + 1);
        let behind = at + first + 1 + second;
        if !matches!(second, 1 | 2) || !text[behind..].starts_with('/') {
            return None;
        }
        part = text[at..at + first].parse().ok();
        at = behind + 1;
    }
    let end = at + digits(at);
    let pairs = text.as_bytes()[at..end].chunks_exact(2);
    let jws = pairs.clone().map(|pair| char::from((pair[0] - b'0') * 10 + (pair[1] - b'0') + 45)).collect();
    (end > at && pairs.remainder().is_empty()).then_some(Numerals { start, end, part, jws })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numeric(jws: &str) -> String {
        jws.bytes().map(|byte| format!("{:02}", byte - 45)).collect()
    }

    #[test]
    fn numerals_are_read_whole_and_in_parts() {
        let jws = "eyJhbGciOiJFUzI1NiJ9.e30.c2ln";
        let (first, second) = jws.split_at(12);
        let text = format!("a shc:/{} b", numeric(jws));
        assert_eq!(of_numerals(&text), format!("a {jws} b"));
        let parts = format!("shc:/2/2/{}\nshc:/1/2/{}\n", numeric(second), numeric(first));
        assert_eq!(of_numerals(&parts), format!("{jws}\n\n"));
        for odd in ["shc:/", "shc:/1/", "shc:/123", "shc:/1/2", "shc:/1/x/12", "shc:/é", "x"] {
            assert_eq!(of_numerals(odd), odd);
        }
    }
}
