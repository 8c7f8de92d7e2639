//! What tokens are made of: random text, JSON as the real servers write it, signatures; and checking what comes back.

use std::io;

use aws_lc_rs::{
    encoding::{AsDer as _, Pkcs8V1Der},
    rsa::{KeyPair, KeySize},
    signature::KeyPair as _,
};
use base64::{Engine as _, engine::general_purpose};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Validation, crypto};
use serde::Serialize as _;
use serde_json::{Value, ser::Formatter};

/// `N` random bytes.
pub(super) fn random_bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    aws_lc_rs::rand::fill(&mut bytes).expect("the system has random bytes");
    bytes
}

/// Random letters and digits: what opaque tokens of Open edX look like.
pub(super) fn random_text(length: usize) -> String {
    const LETTERS: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    // The first 248 values are 4 times 62: taking no others keeps every letter equally likely.
    let letters = std::iter::from_fn(|| Some(random_bytes::<32>())).flatten().filter(|byte| *byte < 248);
    letters.take(length).map(|byte| char::from(LETTERS[usize::from(byte % 62)])).collect()
}

/// JSON as Python's `json.dumps` writes it: a blank after `:` and `,`, ASCII only.
pub(super) fn python_json(value: &Value) -> String {
    let mut bytes = Vec::new();
    value
        .serialize(&mut serde_json::Serializer::with_formatter(&mut bytes, Python))
        .expect("a JSON value can be written to memory");
    String::from_utf8(bytes).expect("JSON is UTF-8")
}

struct Python;

impl Formatter for Python {
    fn begin_array_value<W: ?Sized + io::Write>(&mut self, w: &mut W, first: bool) -> io::Result<()> {
        if first { Ok(()) } else { w.write_all(b", ") }
    }
    fn begin_object_key<W: ?Sized + io::Write>(&mut self, w: &mut W, first: bool) -> io::Result<()> {
        if first { Ok(()) } else { w.write_all(b", ") }
    }
    fn begin_object_value<W: ?Sized + io::Write>(&mut self, w: &mut W) -> io::Result<()> {
        w.write_all(b": ")
    }
    fn write_string_fragment<W: ?Sized + io::Write>(&mut self, w: &mut W, text: &str) -> io::Result<()> {
        for c in text.chars() {
            if c.is_ascii() {
                w.write_all(&[c as u8])?;
            } else {
                c.encode_utf16(&mut [0; 2]).iter().try_for_each(|unit| write!(w, "\\u{unit:04x}"))?;
            }
        }
        Ok(())
    }
}

/// A JWS in compact serialization over exactly this header and payload (RFC 7515 §7.1).
pub(super) fn jws(header: &str, payload: &str, key: &EncodingKey, algorithm: Algorithm) -> String {
    let input = format!("{}.{}", segment(header), segment(payload));
    let signature = crypto::sign(input.as_bytes(), key, algorithm).expect("the key fits the algorithm");
    format!("{input}.{signature}")
}

/// base64url without padding.
pub(super) fn segment(text: impl AsRef<[u8]>) -> String {
    general_purpose::URL_SAFE_NO_PAD.encode(text)
}

/// Why a JWT that was presented is no good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rejection {
    /// Not three segments.
    Segments,
    /// Not base64, not JSON, another algorithm.
    Garbage,
    /// The signature does not fit.
    Signature,
}

/// The claims of a JWT whose signature fits. Times, audience and issuer are for the caller to validate: each system
/// does it in its own way, and by the server's clock.
pub(super) fn verified(token: &str, key: &DecodingKey, algorithm: Algorithm) -> Result<Value, Rejection> {
    if token.split('.').count() != 3 {
        return Err(Rejection::Segments);
    }
    let mut validation = Validation::new(algorithm);
    validation.required_spec_claims.clear();
    validation.validate_exp = false;
    validation.validate_aud = false;
    match jsonwebtoken::decode::<Value>(token, key, &validation) {
        Ok(token) => Ok(token.claims),
        Err(error) if *error.kind() == jsonwebtoken::errors::ErrorKind::InvalidSignature => Err(Rejection::Signature),
        Err(_) => Err(Rejection::Garbage),
    }
}

/// An RSA key pair of 2048 bits.
#[derive(Debug)]
pub(super) struct RsaKey(KeyPair);

impl RsaKey {
    /// A new one: takes about a tenth of a second.
    pub(super) fn generate() -> Self {
        Self(KeyPair::generate(KeySize::Rsa2048).expect("2048 bits are a size that RSA has"))
    }

    /// The private key, PKCS#8 PEM.
    pub(super) fn private_pem(&self) -> String {
        let der: Pkcs8V1Der<'_> = self.0.as_der().expect("a generated key can be written");
        let base64 = general_purpose::STANDARD.encode(der.as_ref());
        let lines: Vec<_> = base64.as_bytes().chunks(64).map(String::from_utf8_lossy).collect();
        format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", lines.join("\n"))
    }

    /// The public key, PKCS#1 DER.
    pub(super) fn public_der(&self) -> &[u8] {
        self.0.public_key().as_ref()
    }

    /// To sign with.
    pub(super) fn encoding_key(&self) -> EncodingKey {
        EncodingKey::from_rsa_pem(self.private_pem().as_bytes()).expect("we have just written this PEM")
    }

    /// To verify with.
    pub(super) fn decoding_key(&self) -> DecodingKey {
        DecodingKey::from_rsa_der(self.public_der())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn json_looks_like_pythons() {
        let value = json!({"a": [1, "ü😀\n\""], "b": {}, "c": []});
        assert_eq!(python_json(&value), r#"{"a": [1, "\u00fc\ud83d\ude00\n\""], "b": {}, "c": []}"#);
    }

    #[test]
    fn a_token_verifies_with_its_own_key_only() {
        let rsa = RsaKey::generate();
        let token = jws(r#"{"alg":"RS512"}"#, r#"{"sub": 1}"#, &rsa.encoding_key(), Algorithm::RS512);
        assert_eq!(verified(&token, &rsa.decoding_key(), Algorithm::RS512), Ok(json!({"sub": 1})));
        let other = RsaKey::generate().decoding_key();
        assert_eq!(verified(&token, &other, Algorithm::RS512), Err(Rejection::Signature));
        assert_eq!(verified(&token, &rsa.decoding_key(), Algorithm::RS256), Err(Rejection::Garbage));
        assert_eq!(verified("x.y", &rsa.decoding_key(), Algorithm::RS512), Err(Rejection::Segments));
    }

    #[test]
    fn random_text_is_long_enough_and_differs() {
        let (a, b) = (random_text(30), random_text(30));
        assert_eq!((a.len(), b.len()), (30, 30));
        assert_ne!(a, b);
        assert!(a.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    }
}
