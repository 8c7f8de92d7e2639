//! Formats that are no JWT and not quite opaque either: named for what they are, and shown as far as that can be done.

use base64::{
    Engine as _,
    alphabet::{STANDARD, URL_SAFE},
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};

use super::{Form, Token, json::Json, sd_jwt};
use crate::secret::ExposeSecret as _;

/// A format that is known by its looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// SD-JWT (RFC 9901): a JWS with disclosures behind it.
    SdJwt,
    /// PASETO with a payload that is signed and can be read: version 1 to 4.
    PasetoPublic(u8),
    /// PASETO with a payload that is encrypted: version 1 to 4.
    PasetoLocal(u8),
    /// SAML 2.0: XML, in base64 or not.
    Saml,
    /// A macaroon: caveats under a chain of HMACs.
    Macaroon,
}

/// What an SD-JWT discloses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Disclosure {
    /// The claim's name; `None` for an element of an array. Foreign text.
    pub name: Option<String>,
    /// The value as JSON on one line, safe to print.
    pub value: String,
}

impl Format {
    /// Its name: `SD-JWT`, `PASETO v4.public`, `SAML`, `macaroon`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SdJwt => "SD-JWT",
            Self::PasetoPublic(1) => "PASETO v1.public",
            Self::PasetoPublic(2) => "PASETO v2.public",
            Self::PasetoPublic(3) => "PASETO v3.public",
            Self::PasetoPublic(_) => "PASETO v4.public",
            Self::PasetoLocal(1) => "PASETO v1.local",
            Self::PasetoLocal(2) => "PASETO v2.local",
            Self::PasetoLocal(3) => "PASETO v3.local",
            Self::PasetoLocal(_) => "PASETO v4.local",
            Self::Saml => "SAML",
            Self::Macaroon => "macaroon",
        }
    }
}

impl Token {
    /// The format, where it is one of those that are known by their looks. The form of all but SD-JWT stays
    /// [`Form::Opaque`].
    pub fn format(&self) -> Option<Format> {
        let raw = self.raw.expose_secret();
        match &self.form {
            Form::Jws(jws) => raw[jws.segments[2].end..].starts_with('~').then_some(Format::SdJwt),
            Form::Jwe(_) => None,
            Form::Opaque => of_opaque(raw),
        }
    }

    /// What an SD-JWT discloses, in the order of its disclosures: those whose digest stands in its claims (RFC 9901
    /// §7.1). The others are not the issuer's; a [finding](super::findings) names them.
    pub fn disclosures(&self) -> Vec<Disclosure> {
        sd_jwt::process(self).map(|sd_jwt| sd_jwt.disclosures).unwrap_or_default()
    }

    /// The payload of a PASETO `public` token (PASETO, "Version 4": message ‖ signature), which is JSON. Not verified.
    pub fn paseto_payload(&self) -> Option<Json> {
        let Some(Format::PasetoPublic(version)) = self.format() else { return None };
        let signature = match version {
            1 => 256,
            3 => 96,
            _ => 64,
        };
        let bytes = decoded(self.raw.expose_secret().split('.').nth(2)?)?;
        let message = bytes.len().checked_sub(signature).map(|end| &bytes[..end])?;
        Some(Json::parse(str::from_utf8(message).ok()?)).filter(|json| json.error().is_none())
    }
}

/// Whether a text is one of the formats and nothing else. XML may have blanks.
pub(super) fn is_whole(text: &str) -> bool {
    of_opaque(text).is_some()
}

/// The format of a text that is no JWT.
pub(super) fn of_opaque(text: &str) -> Option<Format> {
    if let Some((version, purpose)) = paseto(text) {
        return Some(if purpose == "public" { Format::PasetoPublic(version) } else { Format::PasetoLocal(version) });
    }
    if text.starts_with('<') {
        let head = &text[..text.floor_char_boundary(4_096)];
        let named = head.contains("urn:oasis:names:tc:SAML:") && !head[..head.floor_char_boundary(64)].contains("html");
        return named.then_some(Format::Saml);
    }
    if text.starts_with("PHN") || text.starts_with("PD9") {
        let head = text.get(..text.len().min(4_096) / 4 * 4).and_then(decoded)?;
        let head = String::from_utf8_lossy(&head).into_owned();
        return head.contains("urn:oasis:names:tc:SAML:").then_some(Format::Saml);
    }
    is_macaroon(text).then_some(Format::Macaroon)
}

/// The start of a PASETO.
pub(super) fn begins_paseto(text: &str) -> bool {
    matches!(text.as_bytes(), [b'v', b'1'..=b'4', b'.', b'l' | b'p', ..])
}

/// Whether a text is a PASETO and nothing else.
pub(super) fn is_paseto(text: &str) -> bool {
    paseto(text).is_some()
}

/// Version and purpose of `v4.public.PAYLOAD` or `v4.public.PAYLOAD.FOOTER`.
fn paseto(text: &str) -> Option<(u8, &str)> {
    if !begins_paseto(text) {
        return None;
    }
    let mut parts = text.split('.');
    let version = parts.next()?.as_bytes().get(1)? - b'0';
    let purpose = parts.next().filter(|purpose| matches!(*purpose, "public" | "local"))?;
    let inside = |part: &str| part.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    let whole = parts.next().is_some_and(|payload| payload.len() >= 32 && inside(payload))
        && parts.next().is_none_or(inside)
        && parts.next().is_none();
    whole.then_some((version, purpose))
}

/// Version 1 begins with a packet, four hex digits of length and `location` or `identifier`; version 2 with the bytes
/// 2 and 1 (location) or 2 (identifier) and a length.
fn is_macaroon(text: &str) -> bool {
    let text = text.strip_prefix("pypi-").unwrap_or(text);
    if !["MDA", "AgE", "AgI"].iter().any(|start| text.starts_with(start)) || text.len() < 48 {
        return false;
    }
    let Some(bytes) = text.get(..48).and_then(decoded) else { return false };
    match &bytes[..] {
        [b'0', b'0', _, _, rest @ ..] => rest.starts_with(b"location ") || rest.starts_with(b"identifier "),
        [2, 1, length, rest @ ..] => {
            let end = usize::from(*length);
            rest.len().min(end) > 0
                && rest[..rest.len().min(end)].iter().all(u8::is_ascii_graphic)
                && rest.get(end).is_none_or(|&next| next == 2)
        }
        [2, 2, length, rest @ ..] => *length > 0 && rest.get(usize::from(*length)).is_none_or(|&next| next == 0),
        _ => false,
    }
}

/// Base64 of either alphabet, padded or not.
fn decoded(text: &str) -> Option<Vec<u8>> {
    const CONFIG: GeneralPurposeConfig =
        GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    let alphabet = if text.contains(['+', '/']) { &STANDARD } else { &URL_SAFE };
    GeneralPurpose::new(alphabet, CONFIG).decode(text).ok()
}
