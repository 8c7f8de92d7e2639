//! A token as one JSON object, the stable schema of `decode --json` and `decode --lines`.
//!
//! Every key is always there, in this order:
//!
//! | key | value |
//! |---|---|
//! | `form` | `"jws"`, `"jwe"` or `"opaque"` |
//! | `fingerprint` | of an opaque token, which has nothing else to show: the first 32 bits of its SHA-256 in hex; else `null` |
//! | `header` | the JOSE header as it was written, or the COSE header of a CWT; `null` for an opaque token |
//! | `claims` | the claims set as it was written, or what stands for it in another format: the payload of a PASETO, the caveats of a macaroon; `null` where there is none |
//! | `payload` | a payload that is no JSON, or that of a PASETO that is public: `{"bytes": 3, "text": "abc"}`, `text` is `null` unless it is UTF-8; else `null` |
//! | `signature` | of a JWS: `{"alg": "HS256", "bytes": 32, "verification": "not verified"}`; else `null` |
//! | `times` | `nbf`, `iat` and `exp`, each `null` or `{"raw": "1692211638", "utc": "2023-08-16T18:47:18Z", "seconds_left": -60}` |
//! | `state` | `"valid-by-time"`, `"expired"`, `"not-yet-valid"` or `"unknown"` |
//! | `defects` | a list of `{"code": "duplicate-key", "place": "/exp", "text": "…", "byte": 57}`, see [`crate::token::DefectCode`]; `byte` is where in the token, `null` where that is not known |
//!
//! `decode --json` begins with three more:
//!
//! | key | value |
//! |---|---|
//! | `place` | where the token was in the text: `"member access_token"`, `"base64 in data.token"`; `null` where the text was the token |
//! | `purpose` | `"access"`, `"refresh"` or `"id"`, as its name says; else `null` |
//! | `expires_at` | when it ends, as the text says beside it: `"2026-11-21T21:35:38Z"`; else `null` |
//!
//! Of several tokens it prints `{"tokens": […]}`. And it adds these:
//!
//! | key | value |
//! |---|---|
//! | `format` | `"SD-JWT"`, `"PASETO v4.public"`, `"SAML"`, `"macaroon"`, `"CWT"` and the like; else `null` |
//! | `type` | what the header's `typ` says that it is: `"DPoP proof"`; `null` for a plain JWT |
//! | `footer` | the footer of a PASETO as it was written; else `null` |
//! | `disclosures` | of an SD-JWT: a list of `{"name": "given_name", "value": "John"}`; `name` is `null` for an array's element |
//! | `findings` | a list of `{"code": "no-exp", "severity": "notice", "place": "/exp", "text": "…", "source": "…"}` |
//! | `decryption` | of a JWE: `{"verdict": "decrypted", "reason": null, "key": "key.json", "checks": […], "cautions": […], "plaintext": …}`, where the plaintext is `null` unless it was decrypted, else `{"bytes": 9, "kind": "json", "json": {…}, "text": null, "times": {…}, "state": "unknown"}`; of others `null` |
//! | `nested` | the token inside of a decrypted JWE or of a JWS, as such an object without the first three keys; else `null` |
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
        Form, Format, Payload, Token,
        detect::{Found, Purpose},
        findings::findings,
        json::Json,
        jwe::{Content, DEEPEST, Decryption, DecryptionKeys, decrypt, inner},
        lifetime::{Lifetime, NumericDate, NumericDates, TimeState},
    },
};

/// Appends the object on one line, without a line feed.
pub(super) fn write(token: &Token, lifetime: &Lifetime, now: Timestamp, out: &mut String) {
    out.push_str("{\"form\":\"");
    out.push_str(token.form().as_str());
    out.push_str("\",\"fingerprint\":");
    let _ = match token.form() {
        Form::Opaque => write!(out, "\"{}\"", token.fingerprint()),
        Form::Jws(_) | Form::Jwe(_) => out.write_str("null"),
    };
    out.push_str(",\"header\":");
    write_json(token.header().or_else(|| beside(token, "header")), out);
    out.push_str(",\"claims\":");
    write_json(token.said(), out);
    out.push_str(",\"payload\":");
    write_payload(token, out);
    out.push_str(",\"signature\":");
    write_signature(token, out);
    write_times(token.dates(), lifetime, now, out);
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

/// What is beside the claims of another format, under this name.
fn beside<'a>(token: &'a Token, name: &str) -> Option<&'a Json> {
    let (found, json) = token.content()?.beside.as_ref()?;
    (*found == name).then_some(json)
}

/// What `decode --json` prints: the object of one token; of several `{"tokens": […]}`.
pub(super) fn document(tokens: &[(&Found, Token)], keys: &DecryptionKeys, now: Timestamp) -> String {
    let mut out = String::new();
    if let [(found, token)] = tokens {
        write_found(found, token, keys, now, &mut out);
        return out;
    }
    out.push_str("{\"tokens\":[");
    for (index, (found, token)) in tokens.iter().enumerate() {
        out.push_str(if index == 0 { "" } else { "," });
        write_found(found, token, keys, now, &mut out);
    }
    out.push_str("]}");
    out
}

/// The object with what the text said beside the token in front.
fn write_found(found: &Found, token: &Token, keys: &DecryptionKeys, now: Timestamp, out: &mut String) {
    let expires_at = found.expires_at.map(clock::utc);
    let said = [
        ("{\"place\":", found.place.as_deref()),
        (",\"purpose\":", found.purpose.map(Purpose::as_str)),
        (",\"expires_at\":", expires_at.as_deref()),
    ];
    for (key, value) in said {
        out.push_str(key);
        write_text(value, out);
    }
    let begin = out.len();
    write_whole(token, &found.lifetime(token), keys, now, 0, out);
    out.replace_range(begin..=begin, ",");
}

fn write_text(text: Option<&str>, out: &mut String) {
    match text {
        Some(text) => push_quoted(out, text),
        None => out.push_str("null"),
    }
}

/// The object with the keys that cost more to find out.
fn write_whole(
    token: &Token,
    lifetime: &Lifetime,
    keys: &DecryptionKeys,
    now: Timestamp,
    depth: usize,
    out: &mut String,
) {
    write(token, lifetime, now, out);
    out.pop();
    out.push_str(",\"format\":");
    write_text(token.format().map(Format::as_str), out);
    out.push_str(",\"type\":");
    write_text(token.media_type().map(|found| found.name), out);
    out.push_str(",\"footer\":");
    write_json(beside(token, "footer"), out);
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
        Some(nested) => write_whole(nested, &nested.lifetime(), keys, now, depth + 1, out),
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
    let paseto = token.content().filter(|content| matches!(content.format, Format::PasetoPublic(_)));
    if let Some(json) = paseto.and_then(|content| content.claims.as_ref()) {
        let _ = write!(out, "{{\"bytes\":{},\"text\":", json.text().len());
        push_quoted(out, json.text());
        return out.push('}');
    }
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
            let token = Token::inspect(text);
            write(&token, &token.lifetime(), clock::parse("100").unwrap(), &mut out);
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
