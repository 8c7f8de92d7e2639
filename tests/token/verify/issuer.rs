//! Signs with every algorithm, independently of what verifies where that is possible.

use aws_lc_rs::{
    encoding::{AsDer as _, Pkcs8V1Der, PublicKeyX509Der},
    hmac,
    rand::SystemRandom,
    rsa::KeySize,
    signature::{
        self, ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P256K1_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING,
        ECDSA_P521_SHA512_FIXED_SIGNING, EcdsaKeyPair, EcdsaSigningAlgorithm, Ed25519KeyPair, KeyPair as _,
        RsaEncoding, RsaKeyPair,
    },
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use tokscope::token::verify::key_set::KeySet;

/// All algorithms that can be verified.
pub(crate) const ALGORITHMS: [&str; 15] = [
    "HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512",
    "ES256K", "EdDSA", "Ed25519",
];

/// Somebody who signs tokens.
pub(crate) enum Issuer {
    Hmac(hmac::Algorithm, Vec<u8>),
    Rsa(Box<RsaKeyPair>, &'static dyn RsaEncoding),
    Ec(EcdsaKeyPair),
    Ed(Ed25519KeyPair),
}

impl Issuer {
    /// With a new key for an algorithm.
    pub(crate) fn new(alg: &str) -> Self {
        let hmac = |algorithm: hmac::Algorithm, length: usize| {
            let mut secret = vec![0; length];
            aws_lc_rs::rand::fill(&mut secret).unwrap();
            Self::Hmac(algorithm, secret)
        };
        let rsa = |encoding| Self::Rsa(Box::new(RsaKeyPair::generate(KeySize::Rsa2048).unwrap()), encoding);
        let ec = |algorithm: &'static EcdsaSigningAlgorithm| Self::Ec(EcdsaKeyPair::generate(algorithm).unwrap());
        match alg {
            "HS256" => hmac(hmac::HMAC_SHA256, 32),
            "HS384" => hmac(hmac::HMAC_SHA384, 48),
            "HS512" => hmac(hmac::HMAC_SHA512, 64),
            "RS256" => rsa(&signature::RSA_PKCS1_SHA256),
            "RS384" => rsa(&signature::RSA_PKCS1_SHA384),
            "RS512" => rsa(&signature::RSA_PKCS1_SHA512),
            "PS256" => rsa(&signature::RSA_PSS_SHA256),
            "PS384" => rsa(&signature::RSA_PSS_SHA384),
            "PS512" => rsa(&signature::RSA_PSS_SHA512),
            "ES256" => ec(&ECDSA_P256_SHA256_FIXED_SIGNING),
            "ES384" => ec(&ECDSA_P384_SHA384_FIXED_SIGNING),
            "ES512" => ec(&ECDSA_P521_SHA512_FIXED_SIGNING),
            "ES256K" => ec(&ECDSA_P256K1_SHA256_FIXED_SIGNING),
            "EdDSA" | "Ed25519" => Self::Ed(Ed25519KeyPair::generate().unwrap()),
            other => panic!("{other} is no algorithm"),
        }
    }

    /// With a secret for HS256.
    pub(crate) fn secret(secret: &[u8]) -> Self {
        Self::Hmac(hmac::HMAC_SHA256, secret.to_vec())
    }

    pub(crate) fn sign(&self, header: &str, payload: &str) -> String {
        let input = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(payload));
        let (bytes, random) = (input.as_bytes(), SystemRandom::new());
        let signature = match self {
            Self::Hmac(algorithm, secret) => hmac::sign(&hmac::Key::new(*algorithm, secret), bytes).as_ref().to_vec(),
            Self::Rsa(pair, encoding) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(*encoding, &random, bytes, &mut signature).unwrap();
                signature
            }
            Self::Ec(pair) => pair.sign(&random, bytes).unwrap().as_ref().to_vec(),
            Self::Ed(pair) => pair.sign(bytes).as_ref().to_vec(),
        };
        format!("{input}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    /// With a payload that is neither encoded nor in the token.
    pub(crate) fn sign_detached(&self, header: &str, payload: &[u8]) -> String {
        let header = URL_SAFE_NO_PAD.encode(header);
        let Self::Hmac(algorithm, secret) = self else { panic!("only with a secret") };
        let message = [header.as_bytes(), b".", payload].concat();
        let tag = hmac::sign(&hmac::Key::new(*algorithm, secret), &message);
        format!("{header}..{}", URL_SAFE_NO_PAD.encode(tag))
    }

    /// The private key as PKCS#8; the secret itself.
    pub(crate) fn private(&self) -> Vec<u8> {
        let der = |der: Pkcs8V1Der<'_>| der.as_ref().to_vec();
        match self {
            Self::Hmac(_, secret) => secret.clone(),
            Self::Rsa(pair, _) => der(pair.as_der().unwrap()),
            Self::Ec(pair) => pair.to_pkcs8v1().unwrap().as_ref().to_vec(),
            Self::Ed(pair) => pair.to_pkcs8v1().unwrap().as_ref().to_vec(),
        }
    }

    /// The public key as SPKI; the secret itself.
    pub(crate) fn public(&self) -> Vec<u8> {
        let der = |der: PublicKeyX509Der<'_>| der.as_ref().to_vec();
        match self {
            Self::Hmac(_, secret) => secret.clone(),
            Self::Rsa(pair, _) => der(pair.public_key().as_der().unwrap()),
            Self::Ec(pair) => der(pair.public_key().as_der().unwrap()),
            Self::Ed(pair) => der(pair.public_key().as_der().unwrap()),
        }
    }

    pub(crate) fn keys(&self) -> KeySet {
        match self {
            Self::Hmac(_, secret) => KeySet::secret(secret, "the secret"),
            _ => KeySet::read(&self.public(), "key.der").unwrap(),
        }
    }
}
