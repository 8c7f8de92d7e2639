//! Private keys from JWK, PEM and DER.

use aws_lc_rs::{
    agreement::PrivateKey,
    encoding::{AsDer as _, Pkcs8V1Der},
    rsa::{KeyPair, PrivateDecryptingKey},
};
use pkcs8::{
    ObjectIdentifier, PrivateKeyInfo,
    der::{Decode as _, asn1::OctetStringRef},
};

use super::{DecryptionKey, KeyEntry, Material};
use crate::{
    secret::Zeroizing,
    token::{
        jwe::agreement::{CURVES, Curve, X25519},
        rsa,
        verify::key_set::{
            der, form,
            jwk::{self, Jwk},
        },
    },
    trouble::Trouble,
};

/// RFC 8410 §3.
const X25519_OID: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.110");

const HINT: &str = "a key is a JWK or JWK set, or a private key in PEM or DER; a secret or passphrase has its own \
                    option";
const PUBLIC: &str = "it is a public key, which encrypts; decrypting needs the private key";
const BAD_RSA: &str = "the RSA key is broken, or not of 2048 to 8192 bits";
const BAD_EC: &str = "the EC key is broken, or on a curve that is not supported for key agreement";

pub(super) fn read(material: &[u8], name: &str) -> Result<Vec<KeyEntry<DecryptionKey>>, Trouble> {
    let material = form::unfold(material).material;
    let text = material.trim_ascii();
    match text.first() {
        None => Err(Trouble::new(format!("{name} is empty"), HINT)),
        Some(b'{' | b'[') => jwk::read(text, name, from_jwk),
        Some(b'0') if der::is_sequence(&material) => {
            let key = from_der(&material).map_err(str::to_owned);
            Ok(vec![KeyEntry { name: name.to_owned(), kid: None, key }])
        }
        Some(_) => der::read_pem(text, name, from_block),
    }
}

fn from_block(block: pem::Pem) -> Result<DecryptionKey, &'static str> {
    match block.tag() {
        _ if der::is_encrypted(&block) => Err(
            "the private key is encrypted: `openssl pkey -in FILE -out PLAIN` asks for its passphrase and writes it \
                 without",
        ),
        "OPENSSH PRIVATE KEY" => Err("OpenSSH's own format: `ssh-keygen -p -m PKCS8` rewrites the file"),
        _ => from_der(&Zeroizing::new(block.into_contents())),
    }
}

fn from_der(der: &[u8]) -> Result<DecryptionKey, &'static str> {
    let key = match PrivateKeyInfo::try_from(der) {
        Ok(info) if info.algorithm.oid == der::RSA => {
            PrivateDecryptingKey::from_pkcs8(der).map_err(|_| BAD_RSA)?.into()
        }
        Ok(info) if info.algorithm.oid == der::EC => ec_from_der(der).ok_or(BAD_EC)?,
        Ok(info) if info.algorithm.oid == X25519_OID => {
            let seed = OctetStringRef::from_der(info.private_key).map_err(|_| "the X25519 key is broken")?;
            agreement(&X25519, seed.as_bytes()).ok_or("the X25519 key is broken")?
        }
        Ok(_) => return Err("a key of an algorithm that cannot decrypt"),
        // PKCS#1 and SEC 1 (RFC 5915).
        Err(_) => match KeyPair::from_der(der) {
            Ok(pair) => from_pair(&pair)?,
            Err(_) => ec_from_der(der).ok_or_else(|| match der::read(der) {
                Ok(key) if !key.limits.private => PUBLIC,
                Ok(_) => BAD_RSA,
                Err(why) => why,
            })?,
        },
    };
    Ok(key.into())
}

fn ec_from_der(der: &[u8]) -> Option<Material> {
    CURVES.into_iter().find_map(|curve| {
        let key = PrivateKey::from_private_key_der(curve.algorithm, der).ok()?;
        Some(Material::Agreement(curve, key))
    })
}

fn from_pair(pair: &KeyPair) -> Result<Material, &'static str> {
    let der: Pkcs8V1Der<'_> = pair.as_der().map_err(|_| BAD_RSA)?;
    Ok(PrivateDecryptingKey::from_pkcs8(der.as_ref()).map_err(|_| BAD_RSA)?.into())
}

fn agreement(curve: &'static Curve, private: &[u8]) -> Option<Material> {
    Some(Material::Agreement(curve, PrivateKey::from_private_key(curve.algorithm, private).ok()?))
}

impl From<PrivateDecryptingKey> for Material {
    fn from(key: PrivateDecryptingKey) -> Self {
        Self::Rsa(key)
    }
}

fn from_jwk(jwk: &Jwk<'_>) -> Result<DecryptionKey, String> {
    let limits = jwk.limits()?;
    let bytes = |name: &str| jwk.bytes(name).map(Zeroizing::new);
    let kty = jwk.text("kty")?;
    if matches!(kty, "RSA" | "EC" | "OKP") && !limits.private {
        return Err(PUBLIC.to_owned());
    }
    let material = match kty {
        "oct" => Material::Secret(bytes("k")?),
        "RSA" => from_pair(&rsa::key_pair(jwk)?)?,
        "EC" | "OKP" => {
            let name = jwk.text("crv")?;
            let curve = Curve::named(name).filter(|curve| curve.kty == kty);
            let curve = curve.ok_or_else(|| format!("the curve {name} is not supported for key agreement"))?;
            let key = agreement(curve, &bytes("d")?).ok_or_else(|| format!("d is not a private key of {name}"))?;
            if !matches!(&key, Material::Agreement(_, key) if curve.is_public_key_of(jwk, key)?) {
                return Err("the public key in it does not belong to the private one".to_owned());
            }
            key
        }
        kty => return Err(format!("kty is {kty}, which is unknown")),
    };
    Ok(DecryptionKey { material, limits })
}
