//! ECDH-ES: agreeing on a key with the sender's ephemeral one (RFC 7518 §4.6).

use aws_lc_rs::{
    agreement::{
        Algorithm, ECDH_P256, ECDH_P384, ECDH_P521, PrivateKey, UnparsedPublicKey, X25519 as CURVE25519, agree,
    },
    digest::{Context, SHA256},
};
use serde_json::{Map, Value};

use crate::{secret::Zeroizing, token::verify::key_set::jwk::Jwk};

/// A curve that keys are agreed on with (RFC 7518 §6.2.1.1, RFC 8037 §3.2).
#[derive(Debug)]
pub(super) struct Curve {
    /// The value of `crv`.
    pub(super) name: &'static str,
    /// The key type that it goes with.
    pub(super) kty: &'static str,
    /// How many bytes a coordinate has.
    bytes: usize,
    pub(super) algorithm: &'static Algorithm,
}

const fn row(name: &'static str, kty: &'static str, bytes: usize, algorithm: &'static Algorithm) -> Curve {
    Curve { name, kty, bytes, algorithm }
}

static P256: Curve = row("P-256", "EC", 32, &ECDH_P256);
static P384: Curve = row("P-384", "EC", 48, &ECDH_P384);
static P521: Curve = row("P-521", "EC", 66, &ECDH_P521);
pub(super) static X25519: Curve = row("X25519", "OKP", 32, &CURVE25519);

/// All of them.
pub(super) static CURVES: [&Curve; 4] = [&P256, &P384, &P521, &X25519];

impl Curve {
    /// The curve that `crv` names.
    pub(super) fn named(name: &str) -> Option<&'static Self> {
        CURVES.into_iter().find(|curve| curve.name == name)
    }

    /// The public key of a JWK on this curve.
    fn public_key(&self, jwk: &Jwk<'_>) -> Result<Vec<u8>, String> {
        if self.kty == "EC" { jwk.point(self.bytes) } else { jwk.bytes("x") }
    }

    /// Whether the public part of a JWK, where there is one, belongs to this private key.
    pub(super) fn is_public_key_of(&self, jwk: &Jwk<'_>, key: &PrivateKey) -> Result<bool, String> {
        if !jwk.0.contains_key("x") {
            return Ok(true);
        }
        let said = self.public_key(jwk)?;
        Ok(key.compute_public_key().is_ok_and(|public| public.as_ref() == said))
    }
}

/// Why there is no shared secret.
pub(super) enum Disagreement {
    /// `epk` is on another curve, which it names.
    OtherCurve(String),
    /// `epk` is not a public key.
    Broken(String),
}

/// The shared secret of a private key and the sender's ephemeral public key (RFC 7518 §4.6.1.1).
pub(super) fn shared_secret(
    curve: &'static Curve,
    key: &PrivateKey,
    epk: &Map<String, Value>,
) -> Result<Zeroizing<Vec<u8>>, Disagreement> {
    let jwk = Jwk(epk);
    let name = jwk.text("crv").map_err(Disagreement::Broken)?;
    if name != curve.name {
        return Err(Disagreement::OtherCurve(name.to_owned()));
    }
    let public = curve.public_key(&jwk).map_err(Disagreement::Broken)?;
    let broken = || Disagreement::Broken(format!("it is not a point of {name}"));
    agree(key, UnparsedPublicKey::new(curve.algorithm, public), (), |secret| Ok(Zeroizing::new(secret.to_vec())))
        .map_err(|()| broken())
}

/// The Concat KDF of NIST SP 800-56A with SHA-256, as RFC 7518 §4.6.2 fills it in: `length` bytes for `algorithm`.
pub(super) fn concat_kdf(
    secret: &[u8],
    algorithm: &str,
    party_u: &[u8],
    party_v: &[u8],
    length: usize,
) -> Zeroizing<Vec<u8>> {
    let number = |value: usize| u32::try_from(value).expect("headers and keys are shorter than 4 GiB").to_be_bytes();
    let mut key = Zeroizing::new(Vec::with_capacity(length + 32));
    for round in 1.. {
        if key.len() >= length {
            break;
        }
        let mut hash = Context::new(&SHA256);
        hash.update(&number(round));
        hash.update(secret);
        for part in [algorithm.as_bytes(), party_u, party_v] {
            hash.update(&number(part.len()));
            hash.update(part);
        }
        hash.update(&number(length * 8));
        key.extend_from_slice(hash.finish().as_ref());
    }
    key.truncate(length);
    key
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 7518 appendix C.
    #[test]
    fn the_worked_example() {
        let json = |text: &str| serde_json::from_str::<Map<String, Value>>(text).unwrap();
        let epk = json(
            r#"{"kty":"EC","crv":"P-256","x":"gI0GAILBdu7T53akrFmMyGcsF3n5dO7MmwNBHKW5SV0",
                "y":"SLW_xSffzlPWrHEVI30DHM_4egVwt3NQqeUD7nMFpps"}"#,
        );
        let bob = json(r#"{"d":"VEmDZpDXXK8p8N0Cndsxs924q6nS1RXFASRl6BfUqdw"}"#);
        let key = PrivateKey::from_private_key(P256.algorithm, &Jwk(&bob).bytes("d").unwrap()).unwrap();
        let secret = shared_secret(&P256, &key, &epk).ok().unwrap();
        assert_eq!(secret[..4], [158, 86, 217, 29]);
        let derived = concat_kdf(&secret, "A128GCM", b"Alice", b"Bob", 16);
        assert_eq!(*derived, [86, 170, 141, 234, 248, 35, 109, 32, 92, 34, 40, 205, 113, 167, 16, 26]);
        assert!(matches!(shared_secret(&P384, &key, &epk), Err(Disagreement::OtherCurve(name)) if name == "P-256"));
        let mut off = epk;
        off.insert("x".into(), off["y"].clone());
        assert!(matches!(shared_secret(&P256, &key, &off), Err(Disagreement::Broken(_))));
    }
}
