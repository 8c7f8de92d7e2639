//! Takes a token apart. Nothing here fails: what is odd becomes a defect.

mod serialization;

use std::{borrow::Cow, collections::HashSet, ops::Range};

use memchr::{memchr, memchr_iter};

use super::{
    Form, Jwe, Jws, Payload, Token, base64url,
    candidate::{self, Candidate},
    date,
    defect::{DefectCode, Defects, Segment, excerpt},
    format,
    json::{Json, Kind},
    lifetime::NumericDates,
};
use crate::secret::SecretString;

impl Token {
    /// Takes a token apart. What belongs to a token on its way is peeled off: blanks, quotes, `Authorization:`,
    /// `Bearer ` and `JWT ` in any case. Blanks and line breaks inside are taken out. From a text that holds a JWT among
    /// other things, the first one is taken.
    pub fn inspect(text: &str) -> Self {
        let peeled = candidate::peel(text);
        let card = if peeled.starts_with("shc:/") { format::of_numerals(peeled) } else { peeled.into() };
        let peeled = card.trim();
        let mut defects = Defects::default();
        if let Some((jwe, raw)) = serialization::jwe(peeled, &mut defects) {
            check_json(&jwe.header, "header", &mut defects);
            return Self { raw: raw.into(), form: Form::Jwe(jwe), defects: defects.into_list(), content: None };
        }
        for candidate in candidate::candidates(peeled) {
            let mut defects = Defects::default();
            if candidate.joined {
                let text = "whitespace or line breaks inside the token were removed";
                defects.add(DefectCode::Whitespace, || ("token".to_owned(), text.to_owned()));
            }
            if candidate.taken_out {
                let text = "the token was extracted from a longer text";
                defects.add(DefectCode::SurroundingText, || ("token".to_owned(), text.to_owned()));
            }
            if let Some(form) = compact(&candidate, &mut defects) {
                let raw = SecretString::from(&*candidate.raw);
                return Self { raw, form, defects: defects.into_list(), content: None };
            }
        }
        let content = format::read(peeled).map(Box::new);
        Self { raw: SecretString::from(peeled), form: Form::Opaque, defects: Vec::new(), content }
    }
}

/// Whether a text is one token as it stands or with the blanks inside of it taken out: a JWS or JWE, and nothing else.
pub(super) fn is_one(peeled: &str) -> bool {
    candidate::candidates(peeled)
        .take_while(|candidate| !candidate.taken_out)
        .any(|candidate| compact(&candidate, &mut Defects::default()).is_some())
}

/// Whether a text looks like a JWS or JWE and nothing else: the parts are as many, and the first one is a JOSE header.
pub fn is_token(text: &str) -> bool {
    /// No real header is longer.
    const LONGEST: usize = 16_384;
    let Some((header, rest)) = text.split_once('.').filter(|(header, _)| header.len() <= LONGEST) else { return false };
    let inside = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'=' | b'~');
    let header =
        || Json::parse(String::from_utf8(base64url::decode(header, "", &mut Defects::default())).unwrap_or_default());
    header().member("alg").is_some()
        && rest.bytes().all(inside)
        && matches!(rest.bytes().filter(|&byte| byte == b'.').count(), 1 | 3)
}

/// Whether a text is a JWE in JSON serialization.
pub(super) fn is_serialized(text: &str) -> bool {
    serialization::jwe(text, &mut Defects::default()).is_some()
}

/// Whether a text without blanks is a JWS or JWE.
pub(super) fn is_compact(raw: &str) -> bool {
    let candidate = Candidate { raw: raw.into(), broken: false, joined: false, taken_out: true };
    compact(&candidate, &mut Defects::default()).is_some()
}

/// A signature of a JWS in JSON serialization (RFC 7515 §7.2): protected header, payload and signature as they stand,
/// and the whole JOSE header.
pub(super) fn of_serialization(parts: [&str; 3], header: Json) -> Token {
    let raw = parts.join(".");
    let mut start = 0;
    let segments = parts.map(|part| {
        let segment = start..start + part.len();
        start = segment.end + 1;
        segment
    });
    let mut defects = Defects::default();
    check_json(&header, "header", &mut defects);
    let form = Form::Jws(jws(&raw, header, segments, &mut defects));
    Token { raw: SecretString::from(raw), form, defects: defects.into_list(), content: None }
}

/// Reads a compact serialization: two dots for a JWS, four for a JWE, the last ones missing if it was cut off.
/// `None` unless it begins with a JOSE header. From pieces that were joined, a JWE must also say so by its `enc`: they
/// may be two JWSs.
fn compact(candidate: &Candidate<'_>, defects: &mut Defects) -> Option<Form> {
    // Behind a tilde stand the disclosures of an SD-JWT (RFC 9901 §4), which is else a JWS as any.
    let all = &*candidate.raw;
    let signature = memchr_iter(b'.', all.as_bytes()).nth(1).unwrap_or(all.len());
    let raw = memchr(b'~', &all.as_bytes()[signature..]).map_or(all, |tilde| &all[..signature + tilde]);
    let mut dots = memchr_iter(b'.', raw.as_bytes());
    let mut ends = [raw.len(); 5];
    let count = 1 + ends.iter_mut().zip(&mut dots).map(|(end, dot)| *end = dot).count();
    if !(2..=5).contains(&count) {
        return None;
    }
    let mut start = 0;
    let segments = ends.map(|end| {
        let segment = start..end;
        start = (end + 1).min(raw.len());
        segment
    });
    let mut header_defects = Defects::default();
    header_defects.enter(Segment::at(0));
    let bytes = base64url::decode(&raw[segments[0].clone()], "header", &mut header_defects);
    let header = read_json(bytes, "header", &mut header_defects);
    if header.root()?.kind != Kind::Object || header.error().is_some() && header.nodes().len() < 2 {
        return None;
    }
    if candidate.broken && !is_unencoded(&header) {
        return None;
    }
    let enc = header.member("enc").is_some();
    let encrypted = match (count, enc) {
        (2 | 4 | 5, true) => true,
        (5, false) if !candidate.joined => true,
        (4 | 5, false) => return None,
        _ => false,
    };
    let header_segment = *header_defects.segment();
    defects.append(header_defects);
    let whole = if encrypted { 5 } else { 3 };
    if count < whole {
        let text = format!("{count} segments instead of {whole}: the token may be cut off");
        defects.add_at(DefectCode::MissingSegment, Some(raw.len()..raw.len()), || ("token".to_owned(), text));
    }
    defects.enter(header_segment);
    check_json(&header, "header", defects);
    if encrypted {
        return Some(Form::Jwe(Jwe { header, segments }));
    }
    let [first, second, third, ..] = segments;
    Some(Form::Jws(jws(raw, header, [first, second, third], defects)))
}

fn jws(raw: &str, header: Json, segments: [Range<usize>; 3], defects: &mut Defects) -> Jws {
    let [_, payload, signature] = segments.clone().map(|segment| &raw[segment]);
    let plain = is_unencoded(&header);
    defects.enter(Segment { plain, ..Segment::at(segments[1].start) });
    let bytes = if plain { payload.into() } else { base64url::decode(payload, "payload", defects) };
    let payload = read_payload(&header, bytes, defects);
    let dates = match &payload {
        Payload::Claims(claims) => date::dates(claims, defects),
        Payload::Bytes(_) => NumericDates::default(),
    };
    defects.enter(Segment::at(segments[2].start));
    let signature = base64url::decode(signature, "signature", defects);
    check_alg(&header, signature.is_empty(), segments[2].clone(), defects);
    Jws { header, payload, signature, segments, dates }
}

/// RFC 7797: `"b64": false` leaves the payload as it is.
fn is_unencoded(header: &Json) -> bool {
    header.member("b64").is_some_and(|node| node.kind == Kind::False)
}

fn read_payload(header: &Json, bytes: Vec<u8>, defects: &mut Defects) -> Payload {
    let mut note = |code, text: &str| defects.add(code, || ("payload".to_owned(), text.to_owned()));
    if bytes.is_empty() {
        note(DefectCode::DetachedPayload, "the payload is empty: it is sent separately, or was removed");
        return Payload::Bytes(bytes);
    }
    // Only what begins like a claims set is shown with its faults.
    let begun = |bytes: &[u8]| matches!(bytes.trim_ascii_start().first(), Some(b'{' | b'['));
    if !begun(&bytes) && !std::str::from_utf8(&bytes).is_ok_and(|text| Json::parse(text).error().is_none()) {
        let why = match format::inflated(header, &bytes) {
            Some(Ok(inflated)) if begun(&inflated) => {
                defects.segment().known = 0;
                return read_claims(inflated, defects);
            }
            Some(Err(unreadable)) => unreadable.words(),
            Some(Ok(_)) | None => "the payload is not JSON",
        };
        note(DefectCode::NoClaims, why);
        return Payload::Bytes(bytes);
    }
    read_claims(bytes, defects)
}

fn read_claims(bytes: Vec<u8>, defects: &mut Defects) -> Payload {
    let claims = read_json(bytes, "payload", defects);
    if claims.root().is_none_or(|root| root.kind != Kind::Object) {
        let text = "the payload is JSON, but not an object";
        defects.add(DefectCode::NoClaims, || ("payload".to_owned(), text.to_owned()));
    }
    check_json(&claims, "payload", defects);
    Payload::Claims(claims)
}

/// JSON from bytes that may hold faults of UTF-8.
fn read_json(bytes: Vec<u8>, place: &str, defects: &mut Defects) -> Json {
    Json::parse(String::from_utf8(bytes).unwrap_or_else(|fault| {
        let at = fault.utf8_error().valid_up_to();
        let bytes = defects.segment().content(at..at + 1);
        defects.segment().known = at;
        defects.add_at(DefectCode::NotUtf8, bytes, || (place.to_owned(), format!("not UTF-8 at byte {at}")));
        String::from_utf8_lossy(fault.as_bytes()).into_owned()
    }))
}

/// Faults of syntax, and duplicate members at any depth.
fn check_json(json: &Json, place: &'static str, defects: &mut Defects) {
    if let Some(error) = json.error() {
        let rest = if json.rest().is_empty() { String::new() } else { format!(": {}", excerpt(json.rest())) };
        // An end that came too early is blamed on its last byte.
        let at = error.offset.min(json.text().len().saturating_sub(1));
        let bytes = defects.segment().content(at..at + 1);
        defects.add_at(DefectCode::Json, bytes, || (place.to_owned(), format!("{error}{rest}")));
    }
    for (index, key) in duplicates(json) {
        let bytes = defects.segment().content(json.span(index));
        defects.add_at(DefectCode::DuplicateKey, bytes, || {
            let text = format!("{} is duplicated; programs differ in which value they use", excerpt(&key));
            (place_of(place, &json.pointer(index)), text)
        });
    }
}

/// A place in words for programs: a claim is its JSON pointer alone.
fn place_of(place: &str, pointer: &str) -> String {
    if place == "payload" { pointer.to_owned() } else { format!("{place}{pointer}") }
}

/// The members whose name another one before them in the same object has, by index.
fn duplicates(json: &Json) -> Vec<(usize, Cow<'_, str>)> {
    let (mut found, mut prints) = (Vec::new(), Vec::with_capacity(32));
    let objects = json.nodes().iter().enumerate().filter(|(_, node)| node.kind == Kind::Object);
    for (object, _) in objects {
        let members = || json.children(object).filter_map(|(index, node)| Some((index, json.key(node)?)));
        // While the lengths and ends of all names differ, so do the names. That spares most objects the set of names.
        prints.clear();
        prints.extend(members().map(|(_, key)| print(&key)));
        prints.sort_unstable();
        let unsure = prints.windows(2).any(|pair| pair[0] == pair[1]);
        if unsure {
            let mut names = HashSet::new();
            found.extend(members().filter(|(_, key)| !names.insert(key.clone())));
        }
    }
    found
}

/// The first and last four bytes of a name in one number, turned by its length: the same for the same names.
fn print(name: &str) -> u64 {
    let bytes = name.as_bytes();
    let ends = match (bytes.first_chunk(), bytes.last_chunk()) {
        (Some(first), Some(last)) => u64::from(u32::from_le_bytes(*first)) << 32 | u64::from(u32::from_le_bytes(*last)),
        _ => bytes.iter().fold(0, |ends, byte| ends << 8 | u64::from(*byte)),
    };
    ends.rotate_left(name.len() as u32 & 63)
}

/// `alg`, and the signature that goes with it (RFC 7515 §4.1.1, RFC 7518 §3.6).
fn check_alg(header: &Json, unsigned: bool, signature: Range<usize>, defects: &mut Defects) {
    let mut note = |code, place: &str, text: &str| {
        let bytes = (place == "signature").then(|| signature.clone());
        defects.add_at(code, bytes, || (place.to_owned(), text.to_owned()));
    };
    let Some(node) = header.member("alg") else {
        return note(DefectCode::AlgMissing, "header", "the header has no alg");
    };
    let none = match header.string(node) {
        None => return note(DefectCode::AlgNotAString, "header/alg", "alg is not a string"),
        // Attackers write `nOnE` where a filter looks for `none`.
        Some(alg) => alg.eq_ignore_ascii_case("none"),
    };
    if none {
        note(DefectCode::Unsecured, "header/alg", "alg is none: nothing protects the content");
    }
    match (none, unsigned) {
        (true, false) => note(DefectCode::SignatureUnexpected, "signature", "alg is none, but there is a signature"),
        (false, true) => note(DefectCode::SignatureMissing, "signature", "the signature is empty"),
        _ => {}
    }
}

#[cfg(test)]
mod tests;
