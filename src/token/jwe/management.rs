//! The key management algorithms of JWE (RFC 7518 §4), in one table: how the content encryption key gets to the
//! recipient.

use std::{fmt, num::NonZeroU32};

use aws_lc_rs::{
    aead::{self, AES_128_GCM, AES_192_GCM, AES_256_GCM},
    pbkdf2::{self, PBKDF2_HMAC_SHA256, PBKDF2_HMAC_SHA384, PBKDF2_HMAC_SHA512},
    rsa::{
        OAEP_SHA1_MGF1SHA1, OAEP_SHA256_MGF1SHA256, OAEP_SHA384_MGF1SHA384, OAEP_SHA512_MGF1SHA512, OaepAlgorithm,
        OaepPrivateDecryptingKey, Pkcs1PrivateDecryptingKey, PrivateDecryptingKey,
    },
};
use serde_json::Value;

use super::{
    Reason, Trouble,
    agreement::{Curve, Disagreement, concat_kdf, shared_secret},
    content::{self, ContentEncryption},
    decryption_keys::{DecryptionKey, Material},
    message::Recipient,
    wrap,
};
use crate::secret::Zeroizing;

/// The most iterations of PBKDF2 that one key is derived with: `p2c` comes from whoever made the token, and each one
/// costs time (RFC 7518 §8.6). The same limit that Nimbus took against CVE-2023-52428.
pub const MOST_ITERATIONS: u32 = 1_000_000;

/// A key management algorithm (RFC 7518 §4.1).
pub struct KeyManagement {
    /// The value of `alg`.
    pub name: &'static str,
    method: Method,
}

enum Method {
    /// The shared secret is the content encryption key (§4.5).
    Direct,
    /// AES Key Wrap with a key of so many bytes (§4.4).
    Wrap(usize),
    /// AES-GCM with a key of so many bytes (§4.7).
    Gcm(usize, &'static aead::Algorithm),
    /// RSAES-OAEP (§4.3).
    Oaep(&'static OaepAlgorithm),
    /// RSAES-PKCS1-v1_5 (§4.2).
    Pkcs1,
    /// Key agreement: the content encryption key itself, or a key of so many bytes to unwrap it with (§4.6).
    Agreement(Option<usize>),
    /// A passphrase, made into a key of so many bytes to unwrap with (§4.8).
    Passphrase(usize, &'static pbkdf2::Algorithm),
}

const fn row(name: &'static str, method: Method) -> KeyManagement {
    KeyManagement { name, method }
}

static ALGORITHMS: [KeyManagement; 19] = [
    row("dir", Method::Direct),
    row("A128KW", Method::Wrap(16)),
    row("A192KW", Method::Wrap(24)),
    row("A256KW", Method::Wrap(32)),
    row("A128GCMKW", Method::Gcm(16, &AES_128_GCM)),
    row("A192GCMKW", Method::Gcm(24, &AES_192_GCM)),
    row("A256GCMKW", Method::Gcm(32, &AES_256_GCM)),
    row("RSA-OAEP", Method::Oaep(&OAEP_SHA1_MGF1SHA1)),
    row("RSA-OAEP-256", Method::Oaep(&OAEP_SHA256_MGF1SHA256)),
    row("RSA-OAEP-384", Method::Oaep(&OAEP_SHA384_MGF1SHA384)),
    row("RSA-OAEP-512", Method::Oaep(&OAEP_SHA512_MGF1SHA512)),
    row("RSA1_5", Method::Pkcs1),
    row("ECDH-ES", Method::Agreement(None)),
    row("ECDH-ES+A128KW", Method::Agreement(Some(16))),
    row("ECDH-ES+A192KW", Method::Agreement(Some(24))),
    row("ECDH-ES+A256KW", Method::Agreement(Some(32))),
    row("PBES2-HS256+A128KW", Method::Passphrase(16, &PBKDF2_HMAC_SHA256)),
    row("PBES2-HS384+A192KW", Method::Passphrase(24, &PBKDF2_HMAC_SHA384)),
    row("PBES2-HS512+A256KW", Method::Passphrase(32, &PBKDF2_HMAC_SHA512)),
];

impl fmt::Debug for KeyManagement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

impl KeyManagement {
    /// All of them.
    pub fn all() -> &'static [Self] {
        &ALGORITHMS
    }

    /// The algorithm that `alg` names, exactly: names are case-sensitive (RFC 7516 §4.1.1).
    pub fn named(name: &str) -> Option<&'static Self> {
        ALGORITHMS.iter().find(|algorithm| algorithm.name == name)
    }

    /// Whether the content encryption key is not sent, so that the encrypted key must be empty (RFC 7516 §5.2, step 10).
    pub(super) fn sends_no_key(&self) -> bool {
        matches!(self.method, Method::Direct | Method::Agreement(None))
    }

    /// What is to be known about an algorithm that is decrypted and yet should not be used.
    pub(super) fn caution(&self) -> Option<Reason> {
        matches!(self.method, Method::Pkcs1).then(|| {
            let why = "RSA1_5 lets an attacker who can query a server often enough decrypt without the key \
                       (Bleichenbacher); decrypting locally reveals nothing";
            Reason::new(why, "have the issuer encrypt with RSA-OAEP-256", "RFC 8725 §3.2")
        })
    }

    /// Whether a key is of the kind, the length and the purpose that this algorithm takes. The number tells how near it
    /// came.
    pub(super) fn judge(&self, key: &DecryptionKey, enc: &ContentEncryption) -> Result<(), (usize, Reason)> {
        const OTHER_KEY: &str = "give the key that the token was encrypted for: the key's type must match the alg";
        const MEANT_KEY: &str = "use the key intended for this, or correct its JWK";
        let (name, section) = (self.name, self.section());
        let (kind, fits) = match (&self.method, &key.material) {
            (Method::Oaep(_) | Method::Pkcs1, material) => ("an RSA private key", matches!(material, Material::Rsa(_))),
            (Method::Agreement(_), material) => {
                ("a private key on a curve", matches!(material, Material::Agreement(..)))
            }
            (Method::Passphrase(..), material) => ("a passphrase", matches!(material, Material::Secret(_))),
            (_, material) => ("a secret", matches!(material, Material::Secret(_))),
        };
        if !fits {
            return Err((0, Reason::new(format!("{name} takes {kind}, but this is {key}"), OTHER_KEY, section)));
        }
        let limits = &key.limits;
        if let Some(usage) = limits.usage.as_deref().filter(|usage| *usage != "enc") {
            return Err((1, Reason::new(format!("the key's use is {usage}, not enc"), MEANT_KEY, "RFC 7517 §4.2")));
        }
        let operations = self.operations();
        if limits.key_ops.as_ref().is_some_and(|ops| !ops.iter().any(|op| operations.contains(&&**op))) {
            let why = format!("the key's key_ops do not include {}", operations.join(" or "));
            return Err((2, Reason::new(why, MEANT_KEY, "RFC 7517 §4.3")));
        }
        let direct = matches!(self.method, Method::Direct);
        if let Some(alg) = limits.alg.as_deref().filter(|alg| *alg != name && !(direct && *alg == enc.name)) {
            let why = format!("the key is for {alg}, but the token's alg is {name}");
            return Err((3, Reason::new(why, MEANT_KEY, "RFC 7517 §4.4")));
        }
        let Material::Secret(secret) = &key.material else { return Ok(()) };
        if secret.is_empty() {
            return Err((4, Reason::new("the secret is empty", "give the shared secret", section)));
        }
        let takes = match self.method {
            Method::Direct => enc.key_bytes,
            Method::Wrap(bytes) | Method::Gcm(bytes, _) => bytes,
            _ => return Ok(()),
        };
        if secret.len() != takes {
            let with = if direct { format!("{name} with {}", enc.name) } else { name.to_owned() };
            let why = format!("{with} takes a secret of {takes} bytes, but this one has {}", secret.len());
            let fix = "it may be in another encoding: text, hex, base64 and base64url are supported";
            return Err((5, Reason::new(why, fix, section)));
        }
        Ok(())
    }

    /// The content encryption key. The key was judged before.
    pub(super) fn content_key(
        &self,
        recipient: &Recipient,
        enc: &ContentEncryption,
        key: &DecryptionKey,
    ) -> Result<Zeroizing<Vec<u8>>, Trouble> {
        let wrapped = &recipient.encrypted_key;
        let content_key = match (&self.method, &key.material) {
            (Method::Direct, Material::Secret(secret)) => Some(secret.clone()),
            (Method::Wrap(_), Material::Secret(secret)) => wrap::unwrap(secret, wrapped),
            (Method::Gcm(_, algorithm), Material::Secret(secret)) => {
                let (iv, tag) = (recipient.bytes("iv")?, recipient.bytes("tag")?);
                if iv.len() != 12 || tag.len() != 16 {
                    return Err(Trouble::Malformed("header: iv must have 12 bytes and tag 16".to_owned()));
                }
                content::open(algorithm, secret, &iv, b"", wrapped, &tag)
            }
            (Method::Oaep(algorithm), Material::Rsa(key)) => oaep(algorithm, key, wrapped),
            (Method::Pkcs1, Material::Rsa(key)) => pkcs1(key, wrapped),
            (Method::Agreement(bytes), Material::Agreement(curve, key)) => {
                // What is derived is bound to the algorithm that it is for.
                let (purpose, length) = bytes.map_or((enc.name, enc.key_bytes), |bytes| (self.name, bytes));
                let derived = agreed(curve, key, recipient, purpose, length)?;
                if bytes.is_some() { wrap::unwrap(&derived, wrapped) } else { Some(derived) }
            }
            (Method::Passphrase(bytes, algorithm), Material::Secret(secret)) => {
                wrap::unwrap(&self.derived(**algorithm, secret, recipient, *bytes)?, wrapped)
            }
            _ => None,
        };
        content_key.filter(|key| key.len() == enc.key_bytes).ok_or(Trouble::WrongKey)
    }

    /// How often a passphrase is hashed. Zero for the others, and where the header does not say it.
    pub(super) fn iterations(&self, recipient: &Recipient) -> u64 {
        match self.method {
            Method::Passphrase(..) => recipient.header.get("p2c").and_then(Value::as_u64).unwrap_or(0),
            _ => 0,
        }
    }

    /// RFC 7518 §4.8.1.
    fn derived(
        &self,
        algorithm: pbkdf2::Algorithm,
        secret: &[u8],
        recipient: &Recipient,
        bytes: usize,
    ) -> Result<Zeroizing<Vec<u8>>, Trouble> {
        let said = recipient.header.get("p2c").and_then(Value::as_u64).filter(|count| *count > 0);
        let said = said.ok_or_else(|| Trouble::Malformed("header: p2c is not a positive integer".to_owned()))?;
        let fits = u32::try_from(said).ok().filter(|count| *count <= MOST_ITERATIONS).and_then(NonZeroU32::new);
        let Some(count) = fits else {
            let why = format!("too many iterations: p2c is {said}, the limit is {MOST_ITERATIONS}");
            let fix = "have the issuer use fewer, and a longer passphrase";
            return Err(Trouble::TooMany(Reason::new(why, fix, "RFC 7518 §8.6, CVE-2023-52428")));
        };
        // Alg, a zero byte, and the salt input (§4.8.1.1).
        let salt = [self.name.as_bytes(), &[0], &recipient.bytes("p2s")?].concat();
        let mut key = Zeroizing::new(vec![0; bytes]);
        pbkdf2::derive(algorithm, count, &salt, secret, &mut key);
        Ok(key)
    }

    /// What `key_ops` must name one of (RFC 7517 §4.3).
    fn operations(&self) -> &'static [&'static str] {
        match self.method {
            Method::Direct => &["decrypt"],
            Method::Agreement(_) | Method::Passphrase(..) => &["deriveKey", "deriveBits"],
            Method::Wrap(_) | Method::Gcm(..) | Method::Oaep(_) | Method::Pkcs1 => &["unwrapKey", "decrypt"],
        }
    }

    fn section(&self) -> &'static str {
        match self.method {
            Method::Pkcs1 => "RFC 7518 §4.2",
            Method::Oaep(_) => "RFC 7518 §4.3",
            Method::Wrap(_) => "RFC 7518 §4.4",
            Method::Direct => "RFC 7518 §4.5",
            Method::Agreement(_) => "RFC 7518 §4.6",
            Method::Gcm(..) => "RFC 7518 §4.7",
            Method::Passphrase(..) => "RFC 7518 §4.8",
        }
    }
}

fn oaep(algorithm: &'static OaepAlgorithm, key: &PrivateDecryptingKey, wrapped: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let key = OaepPrivateDecryptingKey::new(key.clone()).ok()?;
    let mut plain = Zeroizing::new(vec![0; key.min_output_size()]);
    let length = key.decrypt(algorithm, wrapped, &mut plain, None).ok()?.len();
    plain.truncate(length);
    Some(plain)
}

fn pkcs1(key: &PrivateDecryptingKey, wrapped: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let key = Pkcs1PrivateDecryptingKey::new(key.clone()).ok()?;
    let mut plain = Zeroizing::new(vec![0; key.min_output_size()]);
    let length = key.decrypt(wrapped, &mut plain).ok()?.len();
    plain.truncate(length);
    Some(plain)
}

/// RFC 7518 §4.6.2.
fn agreed(
    curve: &'static Curve,
    key: &aws_lc_rs::agreement::PrivateKey,
    recipient: &Recipient,
    purpose: &str,
    length: usize,
) -> Result<Zeroizing<Vec<u8>>, Trouble> {
    let Some(Value::Object(epk)) = recipient.header.get("epk") else {
        return Err(Trouble::Malformed("header: epk is not a JWK".to_owned()));
    };
    let party = |name| if recipient.header.contains_key(name) { recipient.bytes(name) } else { Ok(Vec::new()) };
    let secret = shared_secret(curve, key, epk).map_err(|disagreement| match disagreement {
        Disagreement::OtherCurve(name) => {
            let why = format!("epk is a key on {name}, but the private key is on {}", curve.name);
            let fix = "give the key that the token was encrypted for";
            Trouble::Refused(Reason::new(why, fix, "RFC 7518 §4.6.1.1"))
        }
        Disagreement::Broken(why) => Trouble::Malformed(format!("header: epk: {why}")),
    })?;
    Ok(concat_kdf(&secret, purpose, &party("apu")?, &party("apv")?, length))
}
