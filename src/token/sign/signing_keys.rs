//! Keys to sign with: private keys and secrets. Their bytes are wiped when they are dropped, and `Debug` shows none.

use std::fmt;

use aws_lc_rs::{
    hmac,
    rand::SystemRandom,
    rsa::KeyPair as RsaKeyPair,
    signature::{EcdsaKeyPair, Ed25519KeyPair},
};
use pkcs8::PrivateKeyInfo;

use super::SignError;
use crate::{
    secret::Zeroizing,
    token::verify::{
        Reason,
        algorithm::{Algorithm, Family, Signing},
        key_set::{
            HINT, KeyEntry, VerificationKey, der, form,
            jwk::{self, Jwk},
        },
    },
    trouble::Trouble,
};

/// The keys that a token may be signed with.
#[derive(Debug, Default)]
pub struct SigningKeys {
    entries: Vec<KeyEntry<SigningKey>>,
}

/// A key that something can be signed with.
pub struct SigningKey {
    /// What the rules look at.
    pub(super) public: VerificationKey,
    /// What signs. A key that the rules refuse may have none.
    pair: Result<Pair, &'static str>,
}

enum Pair {
    Secret(Zeroizing<Vec<u8>>),
    Rsa(RsaKeyPair),
    Ec(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
}

const PUBLIC: &str = "it is a public key; signing needs the private key";
const ENCRYPTED: &str = "the private key is encrypted: `openssl pkey` writes it without the passphrase";
const BROKEN: &str = "the private key does not match its public key, or is broken";

impl SigningKeys {
    /// A secret for HMAC, of any length: the policy has its say when it is used.
    pub fn secret(secret: &[u8], name: impl Into<String>) -> Self {
        let pair = Ok(Pair::Secret(Zeroizing::new(secret.to_vec())));
        let key = Ok(SigningKey { public: as_private(VerificationKey::secret(secret)), pair });
        Self { entries: vec![KeyEntry { name: name.into(), kid: None, key }] }
    }

    /// Reads a JWK or JWK set (RFC 7517), PEM (RFC 7468), or DER with private keys: PKCS#8, PKCS#1, SEC 1. Never a
    /// secret as bare text: a key file must not be taken for one by mistake.
    pub fn read(material: &[u8], name: &str) -> Result<Self, Trouble> {
        let material = form::unfold(material).material;
        let text = material.trim_ascii();
        let entries = match text.first() {
            None => return Err(Trouble::new(format!("{name} is empty"), HINT)),
            Some(b'{' | b'[') => jwk::read(text, name, of_jwk)?,
            Some(b'0') if der::is_sequence(&material) => {
                vec![KeyEntry { name: name.to_owned(), kid: None, key: of_der(&material).map_err(str::to_owned) }]
            }
            Some(_) => der::read_pem(text, name, of_block)?,
        };
        Ok(Self { entries })
    }

    /// The keys, in order.
    pub fn entries(&self) -> &[KeyEntry<SigningKey>] {
        &self.entries
    }

    /// Adds the keys of another set behind these.
    pub fn append(&mut self, mut other: Self) {
        self.entries.append(&mut other.entries);
    }

    /// The key to sign with: the only one; of several, the one with this `kid`.
    pub fn choose(&self, kid: Option<&str>) -> Result<(&KeyEntry<SigningKey>, &SigningKey), SignError> {
        let refused = |why: String, fix: &str| SignError::Refused(Reason { why, fix: fix.to_owned(), source: None });
        let usable: Vec<_> = self.entries.iter().filter_map(|entry| Some((entry, entry.key.as_ref().ok()?))).collect();
        let same = || usable.iter().filter(|(entry, _)| kid.is_some() && entry.kid.as_deref() == kid);
        match (usable.as_slice(), self.entries.first()) {
            ([one], _) => Ok(*one),
            ([], None) => Err(refused("no key to sign with".to_owned(), "give a private key or a secret")),
            ([], Some(first)) => {
                let why = first.key.as_ref().err().map_or("it cannot be used", String::as_str);
                Err(refused(format!("{}: {why}", first.name), "give a private key: JWK, PEM or DER"))
            }
            (several, _) => match (same().count(), same().next()) {
                (1, Some(one)) => Ok(*one),
                _ => {
                    let names: Vec<_> =
                        several.iter().map(|(entry, _)| entry.kid.as_ref().unwrap_or(&entry.name).as_str()).collect();
                    let why = format!("{} keys could sign: {}", several.len(), names.join(", "));
                    Err(refused(why, "choose one by its kid, or give only one"))
                }
            },
        }
    }
}

impl SigningKey {
    /// Whether an algorithm of this name takes such a key.
    pub fn fits(&self, alg: &str) -> bool {
        Algorithm::named(alg).is_some_and(|algorithm| algorithm.family == self.public.family)
    }

    /// Signs. The rules have been kept: the key fits the algorithm.
    pub(super) fn sign(&self, algorithm: &Algorithm, message: &[u8]) -> Result<Vec<u8>, &'static str> {
        const FAILED: &str = "the key cannot sign";
        Ok(match (&algorithm.signing, self.pair.as_ref().map_err(|why| *why)?) {
            (Signing::Hmac(hash), Pair::Secret(secret)) => {
                hmac::sign(&hmac::Key::new(*hash, secret), message).as_ref().to_vec()
            }
            (Signing::Rsa(encoding), Pair::Rsa(pair)) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(*encoding, &SystemRandom::new(), message, &mut signature).map_err(|_| FAILED)?;
                signature
            }
            (Signing::Ec, Pair::Ec(pair)) => {
                pair.sign(&SystemRandom::new(), message).map_err(|_| FAILED)?.as_ref().to_vec()
            }
            (Signing::Ed25519, Pair::Ed25519(pair)) => pair.try_sign(message).map_err(|_| FAILED)?.as_ref().to_vec(),
            _ => return Err(FAILED),
        })
    }
}

/// A key that signs may do so by `key_ops`, whether or not it may verify.
fn as_private(mut key: VerificationKey) -> VerificationKey {
    key.limits.private = true;
    key
}

fn of_jwk(jwk: &Jwk<'_>) -> Result<SigningKey, String> {
    let public = jwk.key()?;
    if public.family != Family::Hmac && !public.limits.private {
        return Err(PUBLIC.to_owned());
    }
    let pair = pair_of_jwk(jwk, public.family);
    Ok(SigningKey { public: as_private(public), pair })
}

/// RFC 7518 §6.2.2, §6.3.2, §6.4.1; RFC 8037 §2. The public part was read already.
fn pair_of_jwk(jwk: &Jwk<'_>, family: Family) -> Result<Pair, &'static str> {
    let part = |name: &str| jwk.bytes(name).map(Zeroizing::new).map_err(|_| BROKEN);
    match family {
        Family::Hmac => Ok(Pair::Secret(part("k")?)),
        Family::Ec(curve) => {
            let d = part("d")?;
            if d.len() != curve.bytes {
                return Err("the length of the private value does not match the curve");
            }
            let point = [&[4][..], part("x")?.as_slice(), part("y")?.as_slice()].concat();
            let pair = EcdsaKeyPair::from_private_key_and_public_key(curve.signing, &d, &point);
            pair.map(Pair::Ec).map_err(|_| BROKEN)
        }
        Family::Ed25519 => {
            let pair = Ed25519KeyPair::from_seed_and_public_key(&part("d")?, &part("x")?);
            pair.map(Pair::Ed25519).map_err(|_| BROKEN)
        }
        Family::Rsa => crate::token::rsa::key_pair(jwk).map(Pair::Rsa),
    }
}

fn of_block(block: pem::Pem) -> Result<SigningKey, &'static str> {
    match block.tag() {
        _ if der::is_encrypted(&block) => Err(ENCRYPTED),
        "OPENSSH PRIVATE KEY" => Err("OpenSSH's own format: `ssh-keygen -p -m PKCS8` writes the key as PEM"),
        _ => of_der(&Zeroizing::new(block.into_contents())),
    }
}

fn of_der(bytes: &[u8]) -> Result<SigningKey, &'static str> {
    let public = der::read(bytes)?;
    if !public.limits.private {
        return Err(PUBLIC);
    }
    let pair = pair_of_der(bytes, public.family);
    Ok(SigningKey { public, pair })
}

fn pair_of_der(bytes: &[u8], family: Family) -> Result<Pair, &'static str> {
    match family {
        Family::Rsa => {
            // What is in PKCS#8 is PKCS#1, whichever the object identifier (RFC 4055 §1.2).
            let inner = PrivateKeyInfo::try_from(bytes).map_or(bytes, |info| info.private_key);
            RsaKeyPair::from_der(inner).map(Pair::Rsa).map_err(|_| BROKEN)
        }
        Family::Ec(curve) => EcdsaKeyPair::from_private_key_der(curve.signing, bytes).map(Pair::Ec).map_err(|_| BROKEN),
        Family::Ed25519 => Ed25519KeyPair::from_pkcs8_maybe_unchecked(bytes).map(Pair::Ed25519).map_err(|_| BROKEN),
        Family::Hmac => Err(BROKEN),
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SigningKey").field(&self.public).finish()
    }
}
