//! PASETO, versions 1 to 4 (paseto.io): `v4.public.PAYLOAD` or `v4.public.PAYLOAD.FOOTER`.

use super::{ForeignContent, Format, base64url};
use crate::{
    text::push_quoted,
    token::{date, json::Json},
};

/// The start of a PASETO.
pub(in crate::token) fn begins(text: &str) -> bool {
    matches!(text.as_bytes(), [b'v', b'1'..=b'4', b'.', b'l' | b'p', ..])
}

/// Whether a text is a PASETO and nothing else.
pub(in crate::token) fn is_whole(text: &str) -> bool {
    parts(text).is_some()
}

/// The payload of a `public` token (message ‖ signature) and the footer of any, which are JSON by convention.
pub(super) fn read(text: &str) -> Option<ForeignContent> {
    let Parts { version, public, payload, footer } = parts(text)?;
    let format = if public { Format::PasetoPublic(version) } else { Format::PasetoLocal(version) };
    let claims = public.then(|| message(version, payload)).flatten();
    let beside = footer.and_then(|footer| Some(("footer", json_or_text(&base64url::decode_any(footer)?)?)));
    let dates = claims.as_ref().map(date::dates_of).unwrap_or_default();
    Some(ForeignContent { format, claims, beside, dates })
}

fn message(version: u8, payload: &str) -> Option<Json> {
    let signature = match version {
        1 => 256,
        3 => 96,
        _ => 64,
    };
    let bytes = base64url::decode_any(payload)?;
    let message = bytes.len().checked_sub(signature).map(|end| &bytes[..end])?;
    Some(Json::parse(str::from_utf8(message).ok()?)).filter(|json| json.error().is_none())
}

/// A footer may be any text: it is shown as a JSON string then.
fn json_or_text(bytes: &[u8]) -> Option<Json> {
    let text = str::from_utf8(bytes).ok().filter(|text| !text.is_empty())?;
    Some(Json::parse(text)).filter(|json| json.error().is_none()).or_else(|| {
        let mut quoted = String::new();
        push_quoted(&mut quoted, text);
        Some(Json::parse(quoted))
    })
}

struct Parts<'a> {
    version: u8,
    public: bool,
    payload: &'a str,
    footer: Option<&'a str>,
}

fn parts(text: &str) -> Option<Parts<'_>> {
    if !begins(text) {
        return None;
    }
    let mut parts = text.split('.');
    let version = parts.next()?.as_bytes().get(1)? - b'0';
    let purpose = parts.next().filter(|purpose| matches!(*purpose, "public" | "local"))?;
    let inside = |part: &&str| part.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    let payload = parts.next().filter(|payload| payload.len() >= 32).filter(inside)?;
    let footer = parts.next();
    let whole = footer.as_ref().is_none_or(inside) && parts.next().is_none();
    whole.then_some(Parts { version, public: purpose == "public", payload, footer })
}
