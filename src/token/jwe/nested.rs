//! Tokens in tokens: a JWS in a JWE and a JWE in a JWS (RFC 7519 §5.2, `cty: JWT`).

use super::{Decryption, DecryptionKeys, DecryptionVerdict, decrypt, token};
use crate::token::{Form, Jws, Payload, Token};

/// How many tokens may be inside of one another before the search ends: two are usual.
pub const DEEPEST: usize = 5;

/// What was taken off to see what is inside.
#[derive(Debug)]
pub enum Layer {
    /// The payload of a JWS is itself a token. The JWS was not verified.
    Payload(Box<Token>),
    /// A JWE, decrypted or not.
    Decryption(Box<Decryption>),
}

impl Layer {
    /// The token that was inside, if there is one.
    pub fn token(&self) -> Option<&Token> {
        match self {
            Self::Payload(token) => Some(token),
            Self::Decryption(decryption) => decryption.nested(),
        }
    }
}

/// The token in the payload of a JWS, if it is one.
pub fn inner(outer: &Token) -> Option<Token> {
    match outer.form() {
        Form::Jws(Jws { payload: Payload::Bytes(bytes), .. }) => token(str::from_utf8(bytes).ok()?),
        _ => None,
    }
}

/// Opens a token, and what is in it, and so on: none for a JWS with claims, one for a JWE that holds claims, two for one
/// that holds a JWE. It ends with a layer that holds no token, with a JWE that is not decrypted, or after [`DEEPEST`].
pub fn open(outer: &Token, keys: &DecryptionKeys) -> Vec<Layer> {
    let mut layers: Vec<Layer> = Vec::new();
    while layers.len() < DEEPEST {
        let token = match layers.last() {
            None => outer,
            Some(layer) => match layer.token() {
                Some(token) => token,
                None => break,
            },
        };
        let layer = match token.form() {
            Form::Jwe(_) => Layer::Decryption(Box::new(decrypt(token, keys))),
            _ => match inner(token) {
                Some(token) => Layer::Payload(Box::new(token)),
                None => break,
            },
        };
        let ends =
            matches!(&layer, Layer::Decryption(decryption) if decryption.verdict != DecryptionVerdict::Decrypted);
        layers.push(layer);
        if ends {
            break;
        }
    }
    layers
}
