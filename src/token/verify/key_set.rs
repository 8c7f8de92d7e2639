//! Keys to verify with, and reading them from whatever people keep them in.
//!
//! A set is read key by key: an odd one is listed as unusable, with its reason, and spoils no other.

pub(in crate::token) mod der;
pub(in crate::token) mod form;
pub(in crate::token) mod jwk;
mod map;
mod secret;
mod ssh;

use std::{cell::Cell, fmt};

use aws_lc_rs::signature::{ED25519, ParsedPublicKey};
use jsonwebtoken::DecodingKey;

pub(super) use self::secret::Reading;
pub use self::secret::SecretEncoding;
use super::{
    Reason,
    algorithm::{Curve, Family},
    roca, small_order,
};
use crate::trouble::Trouble;

/// The largest modulus that the library computes with.
const LONGEST_RSA: usize = 8192;

/// The keys that a token may be verified with.
#[derive(Debug, Clone, Default)]
pub struct KeySet {
    entries: Vec<KeyEntry>,
    cautions: Vec<Reason>,
}

/// One key of a set: one to verify with, unless said otherwise.
#[derive(Debug, Clone)]
pub struct KeyEntry<K = VerificationKey> {
    /// Where it comes from: `jwks.json, key 2`. Foreign text.
    pub name: String,
    /// The `kid` of a JWK. Foreign text.
    pub kid: Option<String>,
    /// The key, or why it cannot be used. Foreign text.
    pub key: Result<K, String>,
}

/// A key that something can be verified with. Of a private key only the public part is kept.
#[derive(Clone)]
pub struct VerificationKey {
    /// What kind of key it is.
    pub family: Family,
    /// How long the secret or the modulus is; for the others what the curve says.
    pub bits: usize,
    /// What its JWK says it may be used for.
    pub(in crate::token) limits: Limits,
    /// An RSA modulus with the fingerprint of CVE-2017-15361.
    pub(super) roca: bool,
    /// An Ed25519 key that is a point of small order.
    pub(super) small_order: bool,
    pub(super) decoding: DecodingKey,
}

/// What a JWK says the key may be used for (RFC 7517 §4.2–4.4).
#[derive(Debug, Clone, Default)]
pub(in crate::token) struct Limits {
    pub(in crate::token) usage: Option<String>,
    pub(in crate::token) key_ops: Option<Vec<String>>,
    pub(in crate::token) alg: Option<String>,
    /// The public part was taken out of a private key, which is for signing.
    pub(in crate::token) private: bool,
    /// The key says that it is only for RSASSA-PSS (RFC 4055 §1.2).
    pub(in crate::token) pss: bool,
}

impl KeySet {
    /// A secret for HMAC, of any length: the policy has its say when it is used.
    pub fn secret(secret: &[u8], name: impl Into<String>) -> Self {
        let name = name.into();
        let is_pem = secret.windows(11).any(|start| start == b"-----BEGIN ");
        let cautions = is_pem.then(|| {
            let why = format!("{name} is a PEM key: a public key is not secret, so anyone can sign with it");
            Reason::new(
                why,
                "give it as a key file; a server that uses it as a secret is open to forgery",
                "RFC 8725 §3.1",
            )
        });
        let entries = vec![KeyEntry { name, kid: None, key: Ok(VerificationKey::secret(secret)) }];
        Self { entries, cautions: cautions.into_iter().collect() }
    }

    /// Reads a JWK or JWK set (RFC 7517), PEM (RFC 7468), or DER: public keys (SPKI, PKCS#1), certificates (X.509; it is
    /// not checked who signed them), and private keys (PKCS#8, PKCS#1, SEC 1), of which the public part is taken. Forms that no
    /// standard has are read with a [caution](Self::cautions). Never a secret: a public key must not be taken for one by
    /// mistake.
    pub fn read(material: &[u8], name: &str) -> Result<Self, Trouble> {
        let form::Unfolded { material, odd } = form::unfold(material);
        let text = material.trim_ascii();
        let loose = Cell::new(false);
        let (entries, other) = match text.first() {
            None => return Err(Trouble::new(format!("{name} is empty"), HINT)),
            Some(b'{' | b'[') => match map::read(text, name) {
                Some(entries) => (entries, Some("is JSON that contains PEM or base64 keys, not a JWK set")),
                None => {
                    let key = |jwk: &jwk::Jwk<'_>| {
                        loose.set(loose.get() || jwk.is_loose());
                        jwk.key()
                    };
                    (jwk::read(text, name, key)?, None)
                }
            },
            Some(b'0') if der::is_sequence(&material) => {
                let key = der::read(&material).map_err(str::to_owned);
                (vec![KeyEntry { name: name.to_owned(), kid: None, key }], None)
            }
            Some(_) => match ssh::read(text, name) {
                Some(entries) => (entries, Some("is in OpenSSH's own format, not PEM")),
                None => (der::read_pem(text, name, der::block_key)?, None),
            },
        };
        let loose = loose.get().then_some("has numbers in base64, where a JWK has base64url without padding");
        let odd = odd.into_iter().chain(other).chain(loose).map(|odd| {
            let source = if loose == Some(odd) { "RFC 7518 §6" } else { "RFC 7517, RFC 7468" };
            Reason::new(format!("{name} {odd}: other programs may not read it"), "write it as PEM or as a JWK", source)
        });
        let mut set = Self { cautions: odd.collect(), entries };
        set.cautions.extend(set.mixed(name));
        Ok(set)
    }

    /// Whether secrets and public keys are in one set: a server that chooses among them by `alg` alone can be deceived.
    fn mixed(&self, name: &str) -> Option<Reason> {
        let mut families =
            self.entries.iter().filter_map(|entry| Some(entry.key.as_ref().ok()?.family == Family::Hmac));
        let first = families.next()?;
        families.any(|other| other != first).then(|| {
            let why = format!("{name} mixes secrets and public keys");
            Reason::new(
                why,
                "keep secrets out of a set of public keys: anyone who can read it can sign",
                "RFC 8725 §3.1",
            )
        })
    }

    /// What is unwise about the keys, or not as the standards have them. Foreign text.
    pub fn cautions(&self) -> &[Reason] {
        &self.cautions
    }

    /// The keys, in order.
    pub fn entries(&self) -> &[KeyEntry] {
        &self.entries
    }

    /// Adds the keys of another set behind these.
    pub fn append(&mut self, mut other: Self) {
        self.entries.append(&mut other.entries);
        self.cautions.append(&mut other.cautions);
    }

    /// Each `kid` that more than one key has, once. A resource server may take either. Foreign text.
    pub fn duplicate_kids(&self) -> Vec<&str> {
        let mut kids: Vec<_> = self.entries.iter().filter_map(|entry| entry.kid.as_deref()).collect();
        kids.sort_unstable();
        let mut twice: Vec<_> =
            kids.chunk_by(PartialEq::eq).filter(|same| same.len() > 1).map(|same| same[0]).collect();
        twice.dedup();
        twice
    }
}

/// What else to try with something that is not a key.
pub(in crate::token) const HINT: &str = "a key is a JWK or JWK set, PEM, or DER; a secret for HS256 has its own option";

impl VerificationKey {
    pub(in crate::token) fn secret(secret: &[u8]) -> Self {
        Self::new(Family::Hmac, secret.len() * 8, DecodingKey::from_secret(secret))
    }

    /// From modulus and exponent, big-endian (RFC 7518 §6.3.1). What aws-lc would refuse is refused here, so that a
    /// bad key is never taken for a bad signature.
    fn rsa(modulus: &[u8], exponent: &[u8]) -> Result<Self, &'static str> {
        let (n, e) = (without_zeros(modulus), without_zeros(exponent));
        let bits = n.len() * 8 - n.first().map_or(0, |first| first.leading_zeros() as usize);
        let odd = |number: &[u8]| number.last().is_some_and(|last| last % 2 == 1);
        if bits > LONGEST_RSA {
            return Err("an RSA modulus of more than 8192 bits");
        }
        if !odd(n) || !odd(e) || e == [1] {
            return Err("modulus and exponent are not an RSA key");
        }
        if e.len() > 4 {
            return Err("an RSA exponent of more than 32 bits");
        }
        let key = Self::new(Family::Rsa, bits, DecodingKey::from_rsa_raw_components(n, e));
        Ok(Self { roca: roca::has_fingerprint(n), ..key })
    }

    /// From a point as SEC 1 §2.3.3 writes it, checked to be on the curve.
    fn ec(curve: &'static Curve, point: &[u8]) -> Result<Self, &'static str> {
        ParsedPublicKey::new(curve.verification, point).map_err(|_| "the point is not on the curve")?;
        Ok(Self::new(Family::Ec(curve), curve.bytes * 8, DecodingKey::from_ec_der(point)))
    }

    fn ed25519(public: &[u8]) -> Result<Self, &'static str> {
        if public.len() != 32 || ParsedPublicKey::new(&ED25519, public).is_err() {
            return Err("not an Ed25519 public key");
        }
        let key = Self::new(Family::Ed25519, 256, DecodingKey::from_ed_der(public));
        Ok(Self { small_order: small_order::is_of_small_order(public), ..key })
    }

    fn new(family: Family, bits: usize, decoding: DecodingKey) -> Self {
        Self { family, bits, limits: Limits::default(), roca: false, small_order: false, decoding }
    }
}

pub(in crate::token) fn without_zeros(number: &[u8]) -> &[u8] {
    &number[number.iter().take_while(|byte| **byte == 0).count()..]
}

/// For sentences: `a secret of 80 bits`, `an EC key on P-256`.
impl fmt::Display for VerificationKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.family {
            Family::Hmac | Family::Rsa => write!(f, "{} of {} bits", self.family, self.bits),
            Family::Ec(_) | Family::Ed25519 => self.family.fmt(f),
        }
    }
}

impl fmt::Debug for VerificationKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VerificationKey")
            .field("family", &self.family)
            .field("bits", &self.bits)
            .finish_non_exhaustive()
    }
}
