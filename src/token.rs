//! Tokens: inspected once, when they enter, and never decoded again.
//!
//! [`Token::inspect`] never fails and never panics. A token is "decoded, not verified" until a key has verified it ([`verify`](verify::verify)).

mod base64url;
mod candidate;
pub mod claim;
mod date;
mod defect;
pub mod detect;
pub mod diff;
pub mod findings;
mod format;
mod inspect;
pub mod json;
pub mod jwe;
pub mod lifetime;
mod media_type;
mod rsa;
mod sd_jwt;
pub mod sign;
pub mod state;
pub mod urgency;
pub mod verify;

use std::{borrow::Cow, fmt, ops::Range};

pub use self::{
    defect::{Defect, DefectCode},
    format::{ForeignContent, Format},
    inspect::is_token,
    media_type::MediaType,
    sd_jwt::Disclosure,
};
use self::{
    json::Json,
    lifetime::{Lifetime, NumericDates},
};
use crate::secret::{ExposeSecret as _, Fingerprint, SecretString};

/// A token, taken apart. Made by [`Token::inspect`].
pub struct Token {
    raw: SecretString,
    form: Form,
    defects: Vec<Defect>,
    /// What it says in another format.
    content: Option<Box<ForeignContent>>,
}

/// What a token turned out to be.
#[derive(Debug)]
pub enum Form {
    /// A JWS in compact serialization (RFC 7515 §7.1); a JWT when its payload is a JSON object.
    Jws(Jws),
    /// A JWE in compact or JSON serialization (RFC 7516 §7): encrypted, only the header can be read. [`jwe`] decrypts it.
    Jwe(Jwe),
    /// Anything else: only its issuer can tell what it means.
    Opaque,
}

/// A JWS, decoded and not verified.
pub struct Jws {
    /// The JOSE header as it was written.
    pub header: Json,
    /// The JWS payload.
    pub payload: Payload,
    /// The signature's bytes.
    pub signature: Vec<u8>,
    /// Where the three segments are in the raw token: header, payload, signature. Of a token that was cut off, the
    /// last ones are empty.
    pub segments: [Range<usize>; 3],
    /// `nbf`, `iat` and `exp`; of duplicates the last one (RFC 7519 §4).
    pub dates: NumericDates,
}

/// The payload of a JWS.
pub enum Payload {
    /// JSON, perhaps with an error in it: a claims set when it is an object.
    Claims(Json),
    /// Bytes that are no JSON. None at all when the payload is detached.
    Bytes(Vec<u8>),
}

/// A JWE, not decrypted.
#[derive(Debug)]
pub struct Jwe {
    /// The JOSE header as it was written; of a JSON serialization what is shared and what its first recipient has.
    pub header: Json,
    /// Where the five segments are in the raw token: header, encrypted key, initialization vector, ciphertext,
    /// authentication tag. Of a token that was cut off, the last ones are empty; of a JSON serialization all are.
    pub segments: [Range<usize>; 5],
}

impl Token {
    /// The token without what was peeled off: what is copied and sent.
    pub fn raw(&self) -> &SecretString {
        &self.raw
    }

    /// How many bytes it has.
    pub fn raw_len(&self) -> usize {
        self.raw.expose_secret().len()
    }

    /// What it is.
    pub fn form(&self) -> &Form {
        &self.form
    }

    /// What is odd about it.
    pub fn defects(&self) -> &[Defect] {
        &self.defects
    }

    /// The JOSE header, where there is one.
    pub fn header(&self) -> Option<&Json> {
        match &self.form {
            Form::Jws(jws) => Some(&jws.header),
            Form::Jwe(jwe) => Some(&jwe.header),
            Form::Opaque => None,
        }
    }

    /// The claims, where they can be read.
    pub fn claims(&self) -> Option<&Json> {
        match &self.form {
            Form::Jws(Jws { payload: Payload::Claims(json), .. }) => Some(json),
            _ => None,
        }
    }

    /// The dates of the claims set, where there is one, and of a token in another format.
    pub fn dates(&self) -> Option<&NumericDates> {
        match &self.form {
            Form::Jws(Jws { payload: Payload::Claims(_), dates, .. }) => Some(dates),
            Form::Opaque => self.content().map(|content| &content.dates),
            _ => None,
        }
    }

    /// How long the token lives by its own words alone; [`Lifetime::new`] joins them with the server's.
    pub fn lifetime(&self) -> Lifetime {
        Lifetime::new(self.dates(), None, None)
    }

    /// The header's `alg`. Foreign text.
    pub fn alg(&self) -> Option<Cow<'_, str>> {
        self.parameter("alg")
    }

    /// The header's `typ`. Foreign text.
    pub fn typ(&self) -> Option<Cow<'_, str>> {
        self.parameter("typ")
    }

    /// The header's `kid`. Foreign text.
    pub fn kid(&self) -> Option<Cow<'_, str>> {
        self.parameter("kid")
    }

    /// What a JWS signs (RFC 7515 §5.1: header and payload as they are written), and the signature's segment.
    fn signed(&self) -> Option<(&[u8], &str)> {
        let Form::Jws(jws) = &self.form else { return None };
        let raw = self.raw.expose_secret();
        let [_, payload, signature] = &jws.segments;
        Some((&raw.as_bytes()[..payload.end], &raw[signature.clone()]))
    }

    /// The `sub` claim: the text of a string, any other value as JSON on one line. Foreign text. Nothing stands in for
    /// a `sub` that is missing: another claim names another thing.
    pub fn subject(&self) -> Option<Cow<'_, str>> {
        let claims = self.said()?;
        let (index, node) =
            claims.children(0).filter(|(_, node)| claims.key(node).is_some_and(|key| key == "sub")).last()?;
        Some(claims.string(node).unwrap_or_else(|| claims.compact(index).into()))
    }

    /// What the account calls itself, where a claim says so: `preferred_username` (OpenID Connect Core §5.1),
    /// `username` or `email`. Foreign text. It is not the subject: two issuers may use the same name.
    pub fn account(&self) -> Option<Cow<'_, str>> {
        let claims = self.said()?;
        let text = |name| claims.string(claims.member(name)?).filter(|text| !text.trim().is_empty());
        ["preferred_username", "username", "email"].into_iter().find_map(text)
    }

    /// Whether a text was a token at all as far as one can tell: a JWS or JWE, or else at least 16 printable characters
    /// in one run that are no markup and no URL. RFC 6749 lets an opaque token be nearly anything.
    pub fn is_plausible(&self) -> bool {
        let raw = self.raw.expose_secret();
        let fit = |c: char| c.is_ascii_graphic() && !matches!(c, '"' | '\'' | '`' | '\\' | '<' | '>' | '{' | '}');
        !matches!(self.form, Form::Opaque)
            || self.format().is_some()
            || raw.len() >= 16 && raw.chars().all(fit) && !raw.contains("://")
    }

    /// A name for the token that gives nothing away.
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint::of(self.raw.expose_secret())
    }

    fn parameter(&self, name: &str) -> Option<Cow<'_, str>> {
        let header = self.header()?;
        header.string(header.member(name)?)
    }
}

impl Form {
    /// The word for programs and people: `jws`, `jwe`, `opaque`.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Jws(_) => "jws",
            Self::Jwe(_) => "jwe",
            Self::Opaque => "opaque",
        }
    }
}

// What `Debug` shows is enough to recognize a token by, and of no use to whoever reads the log.

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Token")
            .field("fingerprint", &format_args!("{}", self.fingerprint()))
            .field("form", &self.form)
            .field("defects", &self.defects.iter().map(|defect| defect.code).collect::<Vec<_>>())
            .finish()
    }
}

impl fmt::Debug for Jws {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Jws")
            .field("header", &self.header)
            .field("payload", &self.payload)
            .field("signature", &format_args!("{} bytes", self.signature.len()))
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Payload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Claims(json) => f.debug_tuple("Claims").field(json).finish(),
            Self::Bytes(bytes) => write!(f, "Bytes({} bytes)", bytes.len()),
        }
    }
}
