//! A token as one JSON object, the stable schema of `decode --json` and `decode --lines`.
//!
//! Every key is always there, in this order:
//!
//! | key | value |
//! |---|---|
//! | `form` | `"jws"`, `"jwe"` or `"opaque"` |
//! | `fingerprint` | of an opaque token, which has nothing else to show: the first 32 bits of its SHA-256 in hex; else `null` |
//! | `header` | the JOSE header as it was written; `null` for an opaque token |
//! | `claims` | the claims set as it was written; `null` where there is none |
//! | `payload` | a payload that is no JSON: `{"bytes": 3, "text": "abc"}`, `text` is `null` unless it is UTF-8; else `null` |
//! | `signature` | of a JWS: `{"alg": "HS256", "bytes": 32, "verification": "not verified"}`; else `null` |
//! | `times` | `nbf`, `iat` and `exp`, each `null` or `{"raw": "1692211638", "utc": "2023-08-16T18:47:18Z", "seconds_left": -60}` |
//! | `state` | `"valid-by-time"`, `"expired"`, `"not-yet-valid"` or `"unknown"` |
//! | `defects` | a list of `{"code": "duplicate-key", "place": "/exp", "text": "…", "byte": 57}`, see [`crate::token::DefectCode`]; `byte` is where in the token, `null` where that is not known |
//!
//! `decode --json` adds five more:
//!
//! | key | value |
//! |---|---|
//! | `format` | `"SD-JWT"`, `"PASETO v4.public"`, `"SAML"`, `"macaroon"` and the like; else `null` |
//! | `disclosures` | of an SD-JWT: a list of `{"name": "given_name", "value": "John"}`; `name` is `null` for an array's element |
//! | `findings` | a list of `{"code": "no-exp", "severity": "notice", "place": "/exp", "text": "…", "source": "…"}` |
//!
//! | `decryption` | of a JWE: `{"verdict": "decrypted", "reason": null, "key": "key.json", "checks": […], "cautions": […], "plaintext": …}`, where the plaintext is `null` unless it was decrypted, else `{"bytes": 9, "kind": "json", "json": {…}, "text": null, "times": {…}, "state": "unknown"}`; of others `null` |
//! | `nested` | the token inside of a decrypted JWE or of a JWS, as such an object; else `null` |
//!
//! `header` and `claims` keep order, duplicate keys and digits; of broken JSON they hold what was understood, closed
//! properly. `raw` is the JSON text of the claim, so a string has its quotes in it. `utc` and `seconds_left` (whole
//! seconds from now, rounded down) are `null` for a date that cannot be read. In all strings, what a terminal would act
//! on is `\uXXXX`.

use std::fmt::Write as _;

use super::decryption;
use crate::{
    clock::{self, Timestamp},
    text::push_quoted,
    token::{
        Form, Payload, Token,
        detect::Found,
        findings::findings,
        json::Json,
        jwe::{Content, DEEPEST, Decryption, DecryptionKeys, decrypt, inner},
        lifetime::{Lifetime, NumericDate, NumericDates, TimeState},
    },
};

/// Appends the object on one line, without a line feed.
pub(super) fn write(token: &Token, now: Timestamp, out: &mut String) {
    out.push_str("{\"form\":\"");
    out.push_str(token.form().as_str());
    out.push_str("\",\"fingerprint\":");
    let _ = match token.form() {
        Form::Opaque => write!(out, "\"{}\"", token.fingerprint()),
        Form::Jws(_) | Form::Jwe(_) => out.write_str("null"),
    };
    out.push_str(",\"header\":");
    write_json(token.header(), out);
    out.push_str(",\"claims\":");
    write_json(token.claims(), out);
    out.push_str(",\"payload\":");
    write_payload(token, out);
    out.push_str(",\"signature\":");
    write_signature(token, out);
    write_times(token.dates(), &token.lifetime(), now, out);
    out.push_str(",\"defects\":[");
    for (index, defect) in token.defects().iter().enumerate() {
        out.push_str(if index == 0 { "{\"code\":\"" } else { ",{\"code\":\"" });
        out.push_str(defect.code.as_str());
        out.push_str("\",\"place\":");
        push_quoted(out, &defect.place);
        out.push_str(",\"text\":");
        push_quoted(out, &defect.text);
        let _ = match &defect.bytes {
            Some(bytes) => write!(out, ",\"byte\":{}}}", bytes.start),
            None => write!(out, ",\"byte\":null}}"),
        };
    }
    out.push_str("]}");
}

/// What `decode --json` prints: the object of one token; of several `{"tokens": […]}`, each with its place and purpose
/// in front.
pub(super) fn document(tokens: &[(&Found, Token)], keys: &DecryptionKeys, now: Timestamp) -> String {
    let mut out = String::new();
    if let [(_, token)] = tokens {
        write_whole(token, keys, now, 0, &mut out);
        return out;
    }
    out.push_str("{\"tokens\":[");
    for (index, (found, token)) in tokens.iter().enumerate() {
        out.push_str(if index == 0 { "{\"place\":" } else { ",{\"place\":" });
        push_quoted(&mut out, found.place.as_deref().unwrap_or_default());
        out.push_str(",\"purpose\":");
        match found.purpose {
            Some(purpose) => push_quoted(&mut out, purpose.as_str()),
            None => out.push_str("null"),
        }
        let begin = out.len();
        write_whole(token, keys, now, 0, &mut out);
        out.replace_range(begin..=begin, ",");
    }
    out.push_str("]}");
    out
}

/// The object with the keys that cost more to find out.
fn write_whole(token: &Token, keys: &DecryptionKeys, now: Timestamp, depth: usize, out: &mut String) {
    write(token, now, out);
    out.pop();
    out.push_str(",\"format\":");
    match token.format() {
        Some(format) => push_quoted(out, format.as_str()),
        None => out.push_str("null"),
    }
    out.push_str(",\"disclosures\":[");
    for (index, shown) in token.disclosures().iter().enumerate() {
        out.push_str(if index == 0 { "{\"name\":" } else { ",{\"name\":" });
        match &shown.name {
            Some(name) => push_quoted(out, name),
            None => out.push_str("null"),
        }
        let _ = write!(out, ",\"value\":{}}}", shown.value);
    }
    out.push_str("],\"findings\":[");
    for (index, finding) in findings(token, now).iter().enumerate() {
        let _ = write!(out, "{}{{\"code\":\"{}\"", if index == 0 { "" } else { "," }, finding.code);
        let _ = write!(out, ",\"severity\":\"{}\",\"place\":", finding.severity.as_str());
        push_quoted(out, &finding.place);
        out.push_str(",\"text\":");
        push_quoted(out, &finding.text);
        out.push_str(",\"source\":");
        push_quoted(out, finding.source);
        out.push('}');
    }
    out.push_str("],\"decryption\":");
    let decryption = matches!(token.form(), Form::Jwe(_)).then(|| decrypt(token, keys));
    match &decryption {
        Some(decryption) => write_decryption(decryption, now, out),
        None => out.push_str("null"),
    }
    out.push_str(",\"nested\":");
    let nested = inner(token);
    match decryption.as_ref().and_then(Decryption::nested).or(nested.as_ref()).filter(|_| depth + 1 < DEEPEST) {
        Some(nested) => write_whole(nested, keys, now, depth + 1, out),
        None => out.push_str("null"),
    }
    out.push('}');
}

fn write_decryption(decryption: &Decryption, now: Timestamp, out: &mut String) {
    out.push_str(&decryption::value(decryption).to_string());
    out.pop();
    out.push_str(",\"plaintext\":");
    let Some(plaintext) = &decryption.plaintext else { return out.push_str("null}") };
    let _ = write!(out, "{{\"bytes\":{},\"kind\":\"{}\"", plaintext.bytes().len(), plaintext.content.as_str());
    let (json, text) = match &plaintext.content {
        Content::Json(json) => (Some(json), None),
        Content::Text(text) => (None, Some(text)),
        Content::Token(_) | Content::Bytes => (None, None),
    };
    out.push_str(",\"json\":");
    write_json(json, out);
    out.push_str(",\"text\":");
    match text {
        Some(text) => push_quoted(out, text),
        None => out.push_str("null"),
    }
    write_times(Some(&plaintext.dates), &Lifetime::new(Some(&plaintext.dates), None, None), now, out);
    out.push_str("}}");
}

/// The members `times` and `state`, with a comma in front.
fn write_times(dates: Option<&NumericDates>, lifetime: &Lifetime, now: Timestamp, out: &mut String) {
    let dates = dates.map(|dates| [&dates.nbf, &dates.iat, &dates.exp]);
    for (index, start) in [",\"times\":{\"nbf\":", ",\"iat\":", ",\"exp\":"].into_iter().enumerate() {
        out.push_str(start);
        write_date(dates.and_then(|dates| dates[index].as_ref()), now, out);
    }
    let _ = write!(out, "}},\"state\":\"{}\"", state_word(lifetime.state(now)));
}

/// The state as a word for programs.
pub(super) fn state_word(state: TimeState) -> &'static str {
    match state {
        TimeState::ValidByTime => "valid-by-time",
        TimeState::Expired => "expired",
        TimeState::NotYetValid => "not-yet-valid",
        TimeState::Unknown => "unknown",
    }
}

fn write_json(json: Option<&Json>, out: &mut String) {
    match json.filter(|json| json.root().is_some()) {
        Some(json) => json.write_compact(0, out),
        None => out.push_str("null"),
    }
}

fn write_payload(token: &Token, out: &mut String) {
    let Form::Jws(jws) = token.form() else { return out.push_str("null") };
    let Payload::Bytes(bytes) = &jws.payload else { return out.push_str("null") };
    let _ = write!(out, "{{\"bytes\":{},\"text\":", bytes.len());
    match str::from_utf8(bytes) {
        Ok(text) => push_quoted(out, text),
        Err(_) => out.push_str("null"),
    }
    out.push('}');
}

fn write_signature(token: &Token, out: &mut String) {
    let Form::Jws(jws) = token.form() else { return out.push_str("null") };
    out.push_str("{\"alg\":");
    match token.alg() {
        Some(alg) => push_quoted(out, &alg),
        None => out.push_str("null"),
    }
    let _ = write!(out, ",\"bytes\":{},\"verification\":\"not verified\"}}", jws.signature.len());
}

fn write_date(date: Option<&NumericDate>, now: Timestamp, out: &mut String) {
    let Some(date) = date else { return out.push_str("null") };
    out.push_str("{\"raw\":");
    push_quoted(out, &date.raw);
    let _ = match date.time {
        Some(time) => {
            let left = (time - now).num_milliseconds().div_euclid(1_000);
            write!(out, ",\"utc\":\"{}\",\"seconds_left\":{left}}}", clock::utc(time))
        }
        None => write!(out, ",\"utc\":null,\"seconds_left\":null}}"),
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_shape_for_all() {
        let check = |text: &str, expected: &str| {
            let mut out = String::new();
            write(&Token::inspect(text), clock::parse("100").unwrap(), &mut out);
            assert_eq!(out, expected);
            serde_json::from_str::<serde_json::Value>(&out).unwrap();
        };
        check(
            "opaque-opaque-opaque",
            "{\"form\":\"opaque\",\"fingerprint\":\"f9009539\",\"header\":null,\"claims\":null,\"payload\":null,\
             \"signature\":null,\"times\":{\"nbf\":null,\"iat\":null,\"exp\":null},\"state\":\"unknown\",\"defects\":[]}",
        );
    }
}
