//! Tokens: inspected once, when they enter, and never decoded again.
//!
//! [`Token::inspect`] never fails and never panics. A token is "decoded, not verified" until a key has verified it.

pub mod json;
pub mod lifetime;

use std::ops::Range;

use self::{json::Json, lifetime::NumericDates};
use crate::secret::{Fingerprint, SecretString};

/// A token, taken apart.
#[derive(Debug)]
pub struct Token {
    raw: SecretString,
    form: Form,
    defects: Vec<Defect>,
}

/// What a token turned out to be.
#[derive(Debug)]
pub enum Form {
    /// A JWS in compact serialization (RFC 7515 §7.1); a JWT when its payload is a JSON object.
    Jws(Jws),
    /// A JWE in compact serialization (RFC 7516 §7.1): encrypted, only the header can be read.
    Jwe(Jwe),
    /// Anything else: only its issuer can tell what it means.
    Opaque,
}

/// A JWS, decoded and not verified.
#[derive(Debug)]
pub struct Jws {
    /// The JOSE header as it was written.
    pub header: Json,
    /// The JWS payload.
    pub payload: Payload,
    /// The signature's bytes.
    pub signature: Vec<u8>,
    /// Where the three segments are in the raw token: header, payload, signature.
    pub segments: [Range<usize>; 3],
    /// `nbf`, `iat` and `exp`.
    pub dates: NumericDates,
}

/// The payload of a JWS.
#[derive(Debug)]
pub enum Payload {
    /// JSON: a claims set when it is an object.
    Claims(Json),
    /// Bytes that are no JSON.
    Bytes(Vec<u8>),
}

/// A JWE, not decrypted.
#[derive(Debug)]
pub struct Jwe {
    /// The JOSE header as it was written.
    pub header: Json,
    /// Where the five segments are in the raw token.
    pub segments: [Range<usize>; 5],
}

/// Something odd about a token: it is shown all the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Defect {
    /// A stable word for programs: `duplicate-key`.
    pub code: &'static str,
    /// Where: `header`, `payload`, `signature`, or a claim as a JSON pointer (`/exp`).
    pub place: String,
    /// What is odd, in words, with the exact text where one is to blame: foreign text.
    pub text: String,
}

impl Token {
    /// Takes a token apart. `Bearer `, quotes, blanks and line breaks around and inside it are peeled off.
    pub fn inspect(text: &str) -> Self {
        let _ = text;
        unimplemented!()
    }

    /// The token without what was peeled off: what is copied and sent.
    pub fn raw(&self) -> &SecretString {
        &self.raw
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

    /// A name for the token that gives nothing away.
    pub fn fingerprint(&self) -> Fingerprint {
        use crate::secret::ExposeSecret as _;
        Fingerprint::of(self.raw.expose_secret())
    }
}
