//! Keys in DER, and in PEM around it.

use aws_lc_rs::signature::{EcdsaKeyPair, Ed25519KeyPair, KeyPair as _};
use pkcs8::{
    ObjectIdentifier, PrivateKeyInfo,
    der::{Decode as _, Reader as _, SliceReader, Tag, asn1::AnyRef, asn1::OctetStringRef, asn1::UintRef},
    spki::{AlgorithmIdentifierRef, SubjectPublicKeyInfoRef},
};

use super::{KeyEntry, Limits, VerificationKey};
use crate::{secret::Zeroizing, token::verify::algorithm::CURVES, trouble::Trouble};

/// RFC 8017 appendix C.
pub(in crate::token) const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
/// RFC 4055 §1.2: an RSA key only for RSASSA-PSS.
const PSS: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.10");
/// RFC 5480 §2.1.1.
pub(in crate::token) const EC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
/// RFC 8410 §3.
const ED25519: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");
const ED448: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.113");

const NOT_A_KEY: &str = "not a supported public key, certificate or private key";
const ENCRYPTED: &str = "the private key is encrypted; give its public key, which is enough";

type Read = Result<VerificationKey, &'static str>;

/// Whether these bytes are one DER SEQUENCE and nothing else.
pub(in crate::token) fn is_sequence(bytes: &[u8]) -> bool {
    AnyRef::from_der(bytes).is_ok_and(|any| any.value().len() < bytes.len() && bytes[0] == 0x30)
}

/// Reads every block of a PEM text (RFC 7468).
pub(in crate::token) fn read_pem<K>(
    text: &[u8],
    name: &str,
    block_key: impl Fn(pem::Pem) -> Result<K, &'static str>,
) -> Result<Vec<KeyEntry<K>>, Trouble> {
    let broken = || Trouble::new(format!("{name} is broken PEM"), super::HINT);
    let blocks = pem::parse_many(text).map_err(|_| broken())?;
    let keys: Vec<_> =
        blocks.into_iter().filter(|block| !matches!(block.tag(), "EC PARAMETERS" | "DH PARAMETERS")).collect();
    let count = keys.len();
    let name_of = |number: usize| if count == 1 { name.to_owned() } else { format!("{name}, key {number}") };
    match count {
        0 if text.windows(11).any(|start| start == b"-----BEGIN ") => Err(broken()),
        0 => Err(Trouble::new(format!("{name} holds no key"), super::HINT)),
        _ => Ok(keys
            .into_iter()
            .zip(1..)
            .map(|(block, number)| KeyEntry {
                name: name_of(number),
                kid: None,
                key: block_key(block).map_err(Into::into),
            })
            .collect()),
    }
}

/// The key to verify with of a PEM block.
pub(super) fn block_key(block: pem::Pem) -> Read {
    match block.tag() {
        _ if is_encrypted(&block) => Err(ENCRYPTED),
        "OPENSSH PRIVATE KEY" => Err("OpenSSH's own format: `ssh-keygen -e -m PKCS8` writes the public key as PEM"),
        _ => read(&Zeroizing::new(block.into_contents())),
    }
}

/// PKCS#8's encryption, or OpenSSL's traditional one.
pub(in crate::token) fn is_encrypted(block: &pem::Pem) -> bool {
    block.tag() == "ENCRYPTED PRIVATE KEY"
        || block.headers().get("Proc-Type").is_some_and(|kind| kind.contains("ENCRYPTED"))
}

/// Reads whichever of the known structures this is.
pub(in crate::token) fn read(der: &[u8]) -> Read {
    if let Ok(spki) = SubjectPublicKeyInfoRef::from_der(der) {
        return public(&spki);
    }
    let members = members(der).ok_or("not DER")?;
    if let Some(spki) = certified(&members) {
        return public(&spki);
    }
    if let Ok(info) = PrivateKeyInfo::try_from(der) {
        return private(&info, der).map(of_private);
    }
    // What is left: PKCS#1 (RFC 8017 appendix A.1), all integers, and SEC 1 (RFC 5915).
    let numbers: Vec<_> = members.iter().map_while(|tlv| UintRef::from_der(tlv).ok()).collect();
    match numbers.as_slice() {
        [n, e] => VerificationKey::rsa(n.as_bytes(), e.as_bytes()),
        [_, n, e, _, _, ..] => VerificationKey::rsa(n.as_bytes(), e.as_bytes()).map(of_private),
        [_] if members.get(1).is_some_and(|tlv| OctetStringRef::from_der(tlv).is_ok()) => {
            ec_private(der).map(of_private)
        }
        _ => Err(NOT_A_KEY),
    }
}

fn of_private(key: VerificationKey) -> VerificationKey {
    VerificationKey { limits: Limits { private: true, ..key.limits }, ..key }
}

fn only_pss(key: VerificationKey, oid: ObjectIdentifier) -> VerificationKey {
    VerificationKey { limits: Limits { pss: oid == PSS, ..key.limits }, ..key }
}

fn public(spki: &SubjectPublicKeyInfoRef<'_>) -> Read {
    let bytes = spki.subject_public_key.as_bytes().ok_or(NOT_A_KEY)?;
    match &spki.algorithm {
        AlgorithmIdentifierRef { oid: oid @ (RSA | PSS), .. } => match members(bytes).as_deref() {
            Some([n, e]) => rsa(n, e).map(|key| only_pss(key, *oid)),
            _ => Err("the RSA key inside is broken"),
        },
        AlgorithmIdentifierRef { oid: EC, parameters } => {
            let named = parameters.and_then(|any| any.decode_as::<ObjectIdentifier>().ok());
            let curve = CURVES.into_iter().find(|curve| Some(curve.oid) == named);
            VerificationKey::ec(curve.ok_or("this curve is not supported")?, bytes)
        }
        AlgorithmIdentifierRef { oid: ED25519, .. } => VerificationKey::ed25519(bytes),
        AlgorithmIdentifierRef { oid: ED448, .. } => Err("the curve Ed448 is not supported"),
        _ => Err("a key of an unsupported algorithm"),
    }
}

/// The public part of PKCS#8 (RFC 5958).
fn private(info: &PrivateKeyInfo<'_>, der: &[u8]) -> Read {
    match info.algorithm.oid {
        oid @ (RSA | PSS) => match members(info.private_key).as_deref() {
            Some([_, n, e, ..]) => rsa(n, e).map(|key| only_pss(key, oid)),
            _ => Err("the RSA key inside is broken"),
        },
        EC => ec_private(der),
        ED25519 => {
            let pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(der).map_err(|_| "the Ed25519 key is broken")?;
            VerificationKey::ed25519(pair.public_key().as_ref())
        }
        ED448 => Err("the curve Ed448 is not supported"),
        _ => Err("a key of an unsupported algorithm"),
    }
}

/// PKCS#8 or SEC 1.
fn ec_private(der: &[u8]) -> Read {
    let mut pairs =
        CURVES.iter().filter_map(|curve| Some((curve, EcdsaKeyPair::from_private_key_der(curve.signing, der).ok()?)));
    let (curve, pair) = pairs.next().ok_or("the EC key is broken, or on an unsupported curve")?;
    VerificationKey::ec(curve, pair.public_key().as_ref())
}

fn rsa(n: &[u8], e: &[u8]) -> Read {
    match (UintRef::from_der(n), UintRef::from_der(e)) {
        (Ok(n), Ok(e)) => VerificationKey::rsa(n.as_bytes(), e.as_bytes()),
        _ => Err("the RSA key inside is broken"),
    }
}

/// The key of a certificate (RFC 5280 §4.1): the first thing in `tbsCertificate` that is a key.
fn certified<'a>(certificate: &[&'a [u8]]) -> Option<SubjectPublicKeyInfoRef<'a>> {
    let [tbs, _algorithm, _signature] = certificate else { return None };
    members(tbs)?.into_iter().find_map(|tlv| SubjectPublicKeyInfoRef::from_der(tlv).ok())
}

/// What is in a SEQUENCE, each with its tag and length.
pub(in crate::token::verify) fn members(der: &[u8]) -> Option<Vec<&[u8]>> {
    let sequence = AnyRef::from_der(der).ok()?;
    if der.first() != Some(&u8::from(Tag::Sequence)) {
        return None;
    }
    let mut reader = SliceReader::new(sequence.value()).ok()?;
    let mut members = Vec::new();
    while !reader.is_finished() {
        members.push(reader.tlv_bytes().ok()?);
    }
    Some(members)
}
