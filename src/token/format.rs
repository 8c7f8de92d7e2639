//! Formats that are no JWT and not quite opaque either: named for what they are, and shown as far as that can be done.

mod biscuit;
mod cwt;
mod health_card;
mod macaroon;
mod paseto;
mod saml;

pub(super) use self::health_card::{inflated, of_numerals};
pub(super) use self::paseto::{begins as begins_paseto, is_whole as is_paseto};
use super::{Form, Jws, Payload, Token, base64url, json::Json, lifetime::NumericDates};
use crate::secret::ExposeSecret as _;

/// A format that is known by its looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// SD-JWT (RFC 9901): a JWS with disclosures behind it.
    SdJwt,
    /// SMART Health Card: a JWS whose payload is compressed.
    HealthCard,
    /// PASETO with a payload that is signed and can be read: version 1 to 4.
    PasetoPublic(u8),
    /// PASETO with a payload that is encrypted: version 1 to 4.
    PasetoLocal(u8),
    /// SAML 2.0: XML, in base64 or not.
    Saml,
    /// A macaroon: caveats under a chain of HMACs.
    Macaroon,
    /// A macaroon of Fly.io, in MessagePack.
    FlyMacaroon,
    /// A Biscuit: blocks of Datalog, each signed.
    Biscuit,
    /// CWT (RFC 8392): claims in CBOR, signed with COSE.
    Cwt,
}

/// What a token in another format than JOSE says, decoded and not verified.
#[derive(Debug)]
pub struct ForeignContent {
    /// The format.
    pub format: Format,
    /// Its claims, or what stands for them: of a macaroon the caveats, of a Biscuit the blocks.
    pub claims: Option<Json>,
    /// What is beside the claims, and what it is called: `header` of a CWT, `footer` of a PASETO.
    pub beside: Option<(&'static str, Json)>,
    /// From when to when it is good, as it says.
    pub dates: NumericDates,
}

impl ForeignContent {
    /// A format that is named, of which nothing can be read.
    fn named(format: Format) -> Self {
        Self { format, claims: None, beside: None, dates: NumericDates::default() }
    }
}

impl Format {
    /// Its name: `SD-JWT`, `PASETO v4.public`, `SAML`, `macaroon`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SdJwt => "SD-JWT",
            Self::HealthCard => "SMART Health Card",
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
            Self::FlyMacaroon => "Fly.io macaroon",
            Self::Biscuit => "Biscuit",
            Self::Cwt => "CWT",
        }
    }
}

impl Token {
    /// The format, where it is one of those that are known by their looks. The form of those that are no JWS stays
    /// [`Form::Opaque`].
    pub fn format(&self) -> Option<Format> {
        let raw = self.raw.expose_secret();
        match &self.form {
            Form::Jws(jws) if raw[jws.segments[2].end..].starts_with('~') => Some(Format::SdJwt),
            Form::Jws(jws) => health_card::is_one(jws).then_some(Format::HealthCard),
            Form::Jwe(_) => None,
            Form::Opaque => self.content().map(|content| content.format),
        }
    }

    /// What a token says that is neither JWS nor JWE, where its format is known.
    pub fn content(&self) -> Option<&ForeignContent> {
        self.content.as_deref()
    }

    /// The claims, or what stands for them in another format.
    pub fn said(&self) -> Option<&Json> {
        match &self.form {
            Form::Jws(Jws { payload: Payload::Claims(json), .. }) => Some(json),
            _ => self.content()?.claims.as_ref(),
        }
    }
}

/// Whether a text is one of the formats and nothing else. XML may have blanks.
pub(super) fn is_whole(text: &str) -> bool {
    read(text).is_some()
}

/// Reads a text that is neither JWS nor JWE. Each format is told by its first bytes, so that others cost next to nothing.
pub(super) fn read(text: &str) -> Option<ForeignContent> {
    const READERS: [fn(&str) -> Option<ForeignContent>; 6] =
        [paseto::read, saml::read, macaroon::read, fly_macaroon, biscuit::read, cwt::read];
    READERS.iter().find_map(|read| read(text))
}

/// Fly.io's macaroons (superfly/macaroon): the prefix says which; what is inside is only for Fly.io.
fn fly_macaroon(text: &str) -> Option<ForeignContent> {
    let rest = ["fm1r_", "fm1a_", "fm2_"].iter().find_map(|prefix| text.strip_prefix(prefix))?;
    let inside = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'+' | b'/' | b'=');
    (rest.len() >= 32 && rest.bytes().all(inside)).then(|| ForeignContent::named(Format::FlyMacaroon))
}
