//! The provider's signing keys, each made when it is wanted for the first time.

use std::sync::OnceLock;

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, decode_header, jwk::Jwk};
use serde_json::{Value, json};

use crate::demo::mint::{self, RsaKey};

/// What ID tokens are signed with: one client uses each.
pub(super) const ALGORITHMS: [Algorithm; 3] = [Algorithm::RS256, Algorithm::ES256, Algorithm::EdDSA];

/// All issuers of a process have this one, which takes long to make: `iss` tells whose a token is.
static RS256: OnceLock<EncodingKey> = OnceLock::new();

/// The keys.
#[derive(Debug, Default)]
pub(super) struct IssuerKeys {
    es256: OnceLock<EncodingKey>,
    eddsa: OnceLock<EncodingKey>,
    client: OnceLock<EcKey>,
}

/// A client's key: the client has the PEM, the provider knows the public half.
#[derive(Debug)]
struct EcKey {
    pem: String,
    public: DecodingKey,
}

impl IssuerKeys {
    /// A signed JWT of a `typ`.
    pub(super) fn sign(&self, algorithm: Algorithm, typ: &str, claims: &Value) -> String {
        let header = json!({"alg": algorithm, "typ": typ, "kid": kid(algorithm)});
        mint::jws(&header.to_string(), &claims.to_string(), self.signing(algorithm), algorithm)
    }

    /// The claims of a JWT of this `typ` that one of these keys has signed. Its times are not looked at.
    pub(super) fn verified(&self, token: &str, typ: &str) -> Option<Value> {
        let header = decode_header(token).ok()?;
        if header.typ.as_deref() != Some(typ) || !ALGORITHMS.contains(&header.alg) {
            return None;
        }
        let key = DecodingKey::from_jwk(&self.jwk(header.alg)).expect("we have just made this key");
        mint::verified(token, &key, header.alg).ok()
    }

    /// The JWK set (RFC 7517 §5).
    pub(super) fn public(&self) -> Value {
        let keys = ALGORITHMS.map(|algorithm| {
            let mut key = serde_json::to_value(self.jwk(algorithm)).expect("a JWK is JSON");
            key["kid"] = kid(algorithm).into();
            key["use"] = "sig".into();
            key
        });
        json!({"keys": keys})
    }

    /// The private key of the client that proves itself by `private_key_jwt`, PKCS#8 PEM.
    pub(super) fn client_pem(&self) -> &str {
        &self.client_key().pem
    }

    /// What verifies that client's assertions, ES256.
    pub(super) fn client_public(&self) -> &DecodingKey {
        &self.client_key().public
    }

    fn client_key(&self) -> &EcKey {
        self.client.get_or_init(|| {
            let der = ec_pkcs8();
            let base64 = STANDARD.encode(&der);
            let lines: Vec<_> = base64.as_bytes().chunks(64).map(String::from_utf8_lossy).collect();
            let pem = format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", lines.join("\n"));
            let jwk = public_jwk(&EncodingKey::from_ec_der(&der), Algorithm::ES256);
            let public = DecodingKey::from_jwk(&jwk).expect("we have just made this key");
            EcKey { pem, public }
        })
    }

    fn signing(&self, algorithm: Algorithm) -> &EncodingKey {
        match algorithm {
            Algorithm::ES256 => self.es256.get_or_init(|| EncodingKey::from_ec_der(&ec_pkcs8())),
            Algorithm::EdDSA => self.eddsa.get_or_init(|| EncodingKey::from_ed_der(&ed_pkcs8())),
            _ => RS256.get_or_init(|| RsaKey::generate().encoding_key()),
        }
    }

    fn jwk(&self, algorithm: Algorithm) -> Jwk {
        public_jwk(self.signing(algorithm), algorithm)
    }
}

fn public_jwk(key: &EncodingKey, algorithm: Algorithm) -> Jwk {
    Jwk::from_encoding_key(key, algorithm).expect("the key fits the algorithm")
}

fn kid(algorithm: Algorithm) -> String {
    format!("demo-{algorithm:?}").to_lowercase()
}

fn ec_pkcs8() -> Vec<u8> {
    let key = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).expect("the system has random bytes");
    key.to_pkcs8v1().expect("a generated key can be written").as_ref().to_vec()
}

fn ed_pkcs8() -> Vec<u8> {
    let key = Ed25519KeyPair::generate().expect("the system has random bytes");
    key.to_pkcs8v1().expect("a generated key can be written").as_ref().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_key_verifies_what_it_signed() {
        let keys = IssuerKeys::default();
        for algorithm in ALGORITHMS {
            let token = keys.sign(algorithm, "at+jwt", &json!({"sub": "1"}));
            assert_eq!(keys.verified(&token, "at+jwt"), Some(json!({"sub": "1"})), "{algorithm:?}");
            assert_eq!(keys.verified(&token, "JWT"), None, "an ID token is no access token");
            let by_another = IssuerKeys::default().verified(&token, "at+jwt").is_some();
            assert_eq!(by_another, algorithm == Algorithm::RS256, "{algorithm:?}");
        }
        let kinds: Vec<_> = keys.public()["keys"].as_array().unwrap().iter().map(|key| key["kty"].clone()).collect();
        assert_eq!(kinds, ["RSA", "EC", "OKP"]);
    }
}
