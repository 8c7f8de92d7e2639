//! The signature algorithms of JWS, in one table.

use std::fmt;

use aws_lc_rs::{
    hmac,
    signature::{
        ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P256K1_SHA256_FIXED,
        ECDSA_P256K1_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED, ECDSA_P384_SHA384_FIXED_SIGNING,
        ECDSA_P521_SHA512_FIXED, ECDSA_P521_SHA512_FIXED_SIGNING, EcdsaSigningAlgorithm, EcdsaVerificationAlgorithm,
        RSA_PKCS1_SHA256, RSA_PKCS1_SHA384, RSA_PKCS1_SHA512, RSA_PSS_SHA256, RSA_PSS_SHA384, RSA_PSS_SHA512,
        RsaEncoding,
    },
};
use jsonwebtoken::Algorithm as Jose;
use pkcs8::ObjectIdentifier;

/// A signature or MAC algorithm that is known here, to verify and to sign (RFC 7518 §3.1, RFC 8037 §3.1, RFC 8812 §3.2, RFC 9864 §2.2).
#[derive(Debug)]
pub struct Algorithm {
    /// The value of `alg`.
    pub name: &'static str,
    /// What kind of key it takes.
    pub family: Family,
    /// How long its hash is. For Ed25519 nothing depends on it.
    pub hash_bits: usize,
    pub(super) engine: Engine,
    pub(in crate::token) signing: Signing,
}

/// What kind of key an algorithm takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    /// A secret that both sides know: `oct`.
    Hmac,
    /// `RSA`.
    Rsa,
    /// `EC`, on this curve.
    Ec(&'static Curve),
    /// `OKP` with the curve Ed25519.
    Ed25519,
}

/// Who does the computing.
#[derive(Debug)]
pub(super) enum Engine {
    Jsonwebtoken(Jose),
    /// What jsonwebtoken leaves out.
    AwsLc(&'static EcdsaVerificationAlgorithm),
}

/// How a signature is made. What a key is made for, it says itself.
#[derive(Debug)]
pub(in crate::token) enum Signing {
    Hmac(hmac::Algorithm),
    Rsa(&'static dyn RsaEncoding),
    Ec,
    Ed25519,
}

/// An elliptic curve (RFC 7518 §6.2.1.1, RFC 8812 §3.1).
pub struct Curve {
    /// The value of `crv`.
    pub name: &'static str,
    /// How many bytes a coordinate has.
    pub(in crate::token) bytes: usize,
    pub(super) oid: ObjectIdentifier,
    pub(super) verification: &'static EcdsaVerificationAlgorithm,
    pub(in crate::token) signing: &'static EcdsaSigningAlgorithm,
}

static P256: Curve = Curve {
    name: "P-256",
    bytes: 32,
    oid: ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7"),
    verification: &ECDSA_P256_SHA256_FIXED,
    signing: &ECDSA_P256_SHA256_FIXED_SIGNING,
};
static P384: Curve = Curve {
    name: "P-384",
    bytes: 48,
    oid: ObjectIdentifier::new_unwrap("1.3.132.0.34"),
    verification: &ECDSA_P384_SHA384_FIXED,
    signing: &ECDSA_P384_SHA384_FIXED_SIGNING,
};
static P521: Curve = Curve {
    name: "P-521",
    bytes: 66,
    oid: ObjectIdentifier::new_unwrap("1.3.132.0.35"),
    verification: &ECDSA_P521_SHA512_FIXED,
    signing: &ECDSA_P521_SHA512_FIXED_SIGNING,
};
static SECP256K1: Curve = Curve {
    name: "secp256k1",
    bytes: 32,
    oid: ObjectIdentifier::new_unwrap("1.3.132.0.10"),
    verification: &ECDSA_P256K1_SHA256_FIXED,
    signing: &ECDSA_P256K1_SHA256_FIXED_SIGNING,
};

/// The curves of ECDSA.
pub(super) static CURVES: [&Curve; 4] = [&P256, &P384, &P521, &SECP256K1];

const fn row(name: &'static str, family: Family, hash_bits: usize, engine: Engine, signing: Signing) -> Algorithm {
    Algorithm { name, family, hash_bits, engine, signing }
}

static ALGORITHMS: [Algorithm; 15] = [
    row("HS256", Family::Hmac, 256, Engine::Jsonwebtoken(Jose::HS256), Signing::Hmac(hmac::HMAC_SHA256)),
    row("HS384", Family::Hmac, 384, Engine::Jsonwebtoken(Jose::HS384), Signing::Hmac(hmac::HMAC_SHA384)),
    row("HS512", Family::Hmac, 512, Engine::Jsonwebtoken(Jose::HS512), Signing::Hmac(hmac::HMAC_SHA512)),
    row("RS256", Family::Rsa, 256, Engine::Jsonwebtoken(Jose::RS256), Signing::Rsa(&RSA_PKCS1_SHA256)),
    row("RS384", Family::Rsa, 384, Engine::Jsonwebtoken(Jose::RS384), Signing::Rsa(&RSA_PKCS1_SHA384)),
    row("RS512", Family::Rsa, 512, Engine::Jsonwebtoken(Jose::RS512), Signing::Rsa(&RSA_PKCS1_SHA512)),
    row("PS256", Family::Rsa, 256, Engine::Jsonwebtoken(Jose::PS256), Signing::Rsa(&RSA_PSS_SHA256)),
    row("PS384", Family::Rsa, 384, Engine::Jsonwebtoken(Jose::PS384), Signing::Rsa(&RSA_PSS_SHA384)),
    row("PS512", Family::Rsa, 512, Engine::Jsonwebtoken(Jose::PS512), Signing::Rsa(&RSA_PSS_SHA512)),
    row("ES256", Family::Ec(&P256), 256, Engine::Jsonwebtoken(Jose::ES256), Signing::Ec),
    row("ES384", Family::Ec(&P384), 384, Engine::Jsonwebtoken(Jose::ES384), Signing::Ec),
    row("ES512", Family::Ec(&P521), 512, Engine::AwsLc(&ECDSA_P521_SHA512_FIXED), Signing::Ec),
    row("ES256K", Family::Ec(&SECP256K1), 256, Engine::AwsLc(&ECDSA_P256K1_SHA256_FIXED), Signing::Ec),
    row("EdDSA", Family::Ed25519, 512, Engine::Jsonwebtoken(Jose::EdDSA), Signing::Ed25519),
    row("Ed25519", Family::Ed25519, 512, Engine::Jsonwebtoken(Jose::EdDSA), Signing::Ed25519),
];

impl Algorithm {
    /// All of them.
    pub fn all() -> &'static [Self] {
        &ALGORITHMS
    }

    /// The algorithm that `alg` names, exactly: names are case-sensitive (RFC 7515 §4.1.1).
    pub fn named(name: &str) -> Option<&'static Self> {
        ALGORITHMS.iter().find(|algorithm| algorithm.name == name)
    }
}

impl PartialEq for Algorithm {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Algorithm {}

impl Curve {
    /// The curve that `crv` names.
    pub fn named(name: &str) -> Option<&'static Self> {
        CURVES.into_iter().find(|curve| curve.name == name)
    }
}

impl PartialEq for Curve {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Curve {}

impl fmt::Debug for Curve {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// What a key of that kind is called.
impl fmt::Display for Family {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Hmac => f.write_str("a secret"),
            Self::Rsa => f.write_str("an RSA key"),
            Self::Ec(curve) => write!(f, "an EC key on {}", curve.name),
            Self::Ed25519 => f.write_str("an Ed25519 key"),
        }
    }
}
