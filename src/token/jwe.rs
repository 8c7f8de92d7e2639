//! Decrypting a JWE (RFC 7516), offline, with keys that the user gave.
//!
//! # How to use it
//! ```
//! # use tokscope::token::{Token, jwe::{DecryptionKeys, DecryptionVerdict, Content, decrypt}};
//! # let text = "eyJhbGciOiJkaXIiLCJlbmMiOiJBMTI4R0NNIn0..AAAAAAAAAAAAAAAA.AAAA.AAAAAAAAAAAAAAAAAAAAAA";
//! let mut keys = DecryptionKeys::secret(b"sixteen bytes ok", "the secret");
//! // keys.append(DecryptionKeys::read(&bytes_of_a_key_file, "key.pem")?);
//! let token = Token::inspect(text);
//! let decryption = decrypt(&token, &keys);
//! match decryption.verdict {
//!     DecryptionVerdict::Decrypted => match &decryption.plaintext.as_ref().expect("it was decrypted").content {
//!         Content::Token(_nested) => {} // a JWT: shown as any other token, verified or decrypted in turn
//!         Content::Json(_claims) => {}  // claims, or any other JSON
//!         Content::Text(_text) => {}
//!         Content::Bytes => {}
//!     },
//!     DecryptionVerdict::WrongKey => {} // another key, or a changed token: they look the same
//!     DecryptionVerdict::NoKey => {}
//!     DecryptionVerdict::CannotDecrypt(_) | DecryptionVerdict::Malformed(_) => {} // `verdict.reason()` says why, and what would help
//! }
//! ```
//! [`Decryption::steps`] is a checklist in the manner of [`verify`](super::verify::Verification::steps). [`open`] goes on
//! with what comes out, through nested tokens of both kinds, down to a bounded depth.
//!
//! Nothing that the token brings along or points to (`jku`, `x5u`, `jwk`, `x5c`) is used or fetched.
//!
//! # Its parts
//! [`management`] is the table of `alg`, [`content`] that of `enc`, [`parameters`] says what a header parameter means,
//! [`decryption_keys`] reads keys. Each cell of algorithm and key keeps the rules of
//! [`KeyManagement`](management::KeyManagement).

mod agreement;
pub mod content;
pub mod decryption_keys;
pub mod management;
mod message;
mod nested;
pub mod parameters;
mod trial;
mod wrap;

use std::fmt;

use self::trial::Trial;
pub use self::{
    decryption_keys::{DecryptionKey, DecryptionKeys},
    nested::{DEEPEST, Layer, inner, open},
};
pub use super::verify::{Reason, Step, StepOutcome};
use super::{Token, date, defect::Defects, inspect, is_token, json::Json, lifetime::NumericDates};
use crate::secret::Zeroizing;

/// The most bytes that `zip` may unpack to: a token of a few bytes can ask for gigabytes (RFC 7518 §8.6, CVE-2024-28180).
pub const LARGEST_PLAINTEXT: usize = 8 << 20;

/// What became of a decryption.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DecryptionVerdict {
    /// A key decrypted it, and its authentication tag says that nothing was changed.
    Decrypted,
    /// The keys that fit did not decrypt it: another key was meant, or the token was changed. The two look the same.
    WrongKey,
    /// There is no key to decrypt with.
    NoKey,
    /// Not decidable here: an algorithm, key or form that is not supported or not safe to use.
    CannotDecrypt(Reason),
    /// This is not a JWE as RFC 7516 has it.
    Malformed(Reason),
}

impl DecryptionVerdict {
    /// The word for people and programs.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Decrypted => "decrypted",
            Self::WrongKey => "wrong key",
            Self::NoKey => "no key",
            Self::CannotDecrypt(_) => "cannot decrypt",
            Self::Malformed(_) => "malformed",
        }
    }

    /// Why it cannot be decrypted, or what is malformed.
    pub fn reason(&self) -> Option<&Reason> {
        match self {
            Self::CannotDecrypt(reason) | Self::Malformed(reason) => Some(reason),
            _ => None,
        }
    }
}

/// Why a key did not give the content encryption key.
enum Trouble {
    /// It is not the one, or the encrypted key was changed.
    WrongKey,
    /// It is none that this was encrypted for.
    Refused(Reason),
    /// To try it would take too long.
    TooMany(Reason),
    /// The header does not say what the algorithm needs.
    Malformed(String),
}

/// What came of decrypting.
#[derive(Debug)]
pub struct Decryption {
    /// The answer.
    pub verdict: DecryptionVerdict,
    /// The name of the key that decrypted it. Foreign text.
    pub key: Option<String>,
    /// What was encrypted, if it was decrypted.
    pub plaintext: Option<Plaintext>,
    /// What is to be known though it was decrypted: an algorithm that should not be used.
    pub cautions: Vec<Reason>,
    /// What was looked at, always in this order: `shape`, `algorithm`, `key`, `decryption`, `plaintext`.
    pub steps: Vec<Step>,
}

impl Decryption {
    /// The token that was encrypted, if it was decrypted and is one.
    pub fn nested(&self) -> Option<&Token> {
        match &self.plaintext.as_ref()?.content {
            Content::Token(token) => Some(token),
            _ => None,
        }
    }
}

/// What was encrypted. `Debug` shows how long it is.
pub struct Plaintext {
    bytes: Zeroizing<Vec<u8>>,
    /// What it is.
    pub content: Content,
    /// `nbf`, `iat` and `exp` where it is a claims set.
    pub dates: NumericDates,
}

/// What a plaintext is.
pub enum Content {
    /// A JWS or a JWE: a nested JWT (RFC 7519 §5.2), usually.
    Token(Box<Token>),
    /// JSON: the claims set of an encrypted JWT, usually. Foreign text.
    Json(Json),
    /// Other text in UTF-8. Foreign text.
    Text(Zeroizing<String>),
    /// Neither.
    Bytes,
}

impl Plaintext {
    fn new(bytes: Zeroizing<Vec<u8>>) -> Self {
        let content = match str::from_utf8(&bytes) {
            Err(_) => Content::Bytes,
            Ok(text) => match token(text) {
                Some(token) => Content::Token(Box::new(token)),
                None if !matches!(text.trim_start().as_bytes().first(), Some(b'{' | b'[')) => {
                    Content::Text(Zeroizing::new(text.to_owned()))
                }
                None => match Json::parse(text) {
                    json if json.error().is_none() => Content::Json(json),
                    _ => Content::Text(Zeroizing::new(text.to_owned())),
                },
            },
        };
        let dates = match &content {
            Content::Json(claims) => date::dates(claims, &mut Defects::default()),
            _ => NumericDates::default(),
        };
        Self { bytes, content, dates }
    }

    /// All of it, as it was encrypted.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

/// A text that is one JWS or JWE, in whichever serialization, and nothing else.
fn token(text: &str) -> Option<Token> {
    let text = text.trim();
    (is_token(text) || inspect::is_serialized(text)).then(|| Token::inspect(text))
}

impl Content {
    /// The word for people and programs: `token`, `json`, `text`, `bytes`.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Token(_) => "token",
            Self::Json(_) => "json",
            Self::Text(_) => "text",
            Self::Bytes => "bytes",
        }
    }
}

impl fmt::Debug for Plaintext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Plaintext({} bytes, {})", self.bytes.len(), self.content.as_str())
    }
}

impl fmt::Debug for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Decrypts a JWE, in compact or JSON serialization.
pub fn decrypt(token: &Token, keys: &DecryptionKeys) -> Decryption {
    let mut trial = Trial::new(token, keys);
    let (verdict, plaintext) = match trial.run() {
        Ok(plaintext) => (DecryptionVerdict::Decrypted, Some(Plaintext::new(plaintext))),
        Err(verdict) => (verdict, None),
    };
    let Trial { key, cautions, mut steps, .. } = trial;
    for name in trial::STEPS.into_iter().skip(steps.len()) {
        steps.push(Step { name, outcome: StepOutcome::NotChecked("an earlier step failed".to_owned()) });
    }
    Decryption { verdict, key, plaintext, cautions, steps }
}
