//! The content encryption algorithms of JWE (RFC 7518 §5), in one table.

use aws_lc_rs::{
    aead::{AES_128_GCM, AES_192_GCM, AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey},
    cipher::{self, AES_128, AES_192, AES_256, DecryptionContext, PaddedBlockDecryptingKey, UnboundCipherKey},
    constant_time, hmac,
};

use crate::secret::Zeroizing;

/// A content encryption algorithm: it decrypts, and it tells whether anything was changed.
#[derive(Debug)]
pub struct ContentEncryption {
    /// The value of `enc`.
    pub name: &'static str,
    /// How many bytes its key has.
    pub key_bytes: usize,
    cipher: Cipher,
}

#[derive(Debug)]
enum Cipher {
    /// RFC 7518 §5.3.
    Gcm(&'static aws_lc_rs::aead::Algorithm),
    /// RFC 7518 §5.2: the key's first half authenticates, the second one decrypts.
    CbcHmac(&'static cipher::Algorithm, &'static hmac::Algorithm),
}

const fn row(name: &'static str, key_bytes: usize, cipher: Cipher) -> ContentEncryption {
    ContentEncryption { name, key_bytes, cipher }
}

static ALGORITHMS: [ContentEncryption; 6] = [
    row("A128CBC-HS256", 32, Cipher::CbcHmac(&AES_128, &hmac::HMAC_SHA256)),
    row("A192CBC-HS384", 48, Cipher::CbcHmac(&AES_192, &hmac::HMAC_SHA384)),
    row("A256CBC-HS512", 64, Cipher::CbcHmac(&AES_256, &hmac::HMAC_SHA512)),
    row("A128GCM", 16, Cipher::Gcm(&AES_128_GCM)),
    row("A192GCM", 24, Cipher::Gcm(&AES_192_GCM)),
    row("A256GCM", 32, Cipher::Gcm(&AES_256_GCM)),
];

impl ContentEncryption {
    /// All of them.
    pub fn all() -> &'static [Self] {
        &ALGORITHMS
    }

    /// The algorithm that `enc` names, exactly: names are case-sensitive (RFC 7516 §4.1.2).
    pub fn named(name: &str) -> Option<&'static Self> {
        ALGORITHMS.iter().find(|algorithm| algorithm.name == name)
    }

    /// How long initialization vector and authentication tag are, in bytes.
    pub(super) fn lengths(&self) -> (usize, usize) {
        match self.cipher {
            Cipher::Gcm(_) => (12, 16),
            Cipher::CbcHmac(..) => (16, self.key_bytes / 2),
        }
    }

    /// The plaintext. `None` if the tag does not fit: another key encrypted it, or something was changed since, and
    /// they look the same. Nothing is decrypted before the tag was found to fit.
    pub(super) fn decrypt(
        &self,
        key: &[u8],
        iv: &[u8],
        aad: &[u8],
        ciphertext: &[u8],
        tag: &[u8],
    ) -> Option<Zeroizing<Vec<u8>>> {
        if key.len() != self.key_bytes {
            return None;
        }
        match self.cipher {
            Cipher::Gcm(algorithm) => open(algorithm, key, iv, aad, ciphertext, tag),
            Cipher::CbcHmac(cipher, hash) => {
                let (authenticating, decrypting) = key.split_at(key.len() / 2);
                let bits = u64::try_from(aad.len() * 8).expect("an address space has less than 2^61 bytes");
                let mut hash = hmac::Context::with_key(&hmac::Key::new(*hash, authenticating));
                [aad, iv, ciphertext, &bits.to_be_bytes()].into_iter().for_each(|part| hash.update(part));
                let expected = hash.sign();
                let (expected, _) = expected.as_ref().split_at(tag.len().min(self.key_bytes / 2));
                if tag.len() != self.key_bytes / 2 {
                    return None;
                }
                constant_time::verify_slices_are_equal(expected, tag).ok()?;
                let iv: [u8; 16] = iv.try_into().ok()?;
                let key = UnboundCipherKey::new(cipher, decrypting).ok()?;
                let mut text = Zeroizing::new(ciphertext.to_vec());
                let key = PaddedBlockDecryptingKey::cbc_pkcs7(key).ok()?;
                let length = key.decrypt(&mut text, DecryptionContext::Iv128(iv.into())).ok()?.len();
                text.truncate(length);
                Some(text)
            }
        }
    }
}

/// AES-GCM with a 96-bit initialization vector and a 128-bit tag.
pub(super) fn open(
    algorithm: &'static aws_lc_rs::aead::Algorithm,
    key: &[u8],
    iv: &[u8],
    aad: &[u8],
    ciphertext: &[u8],
    tag: &[u8],
) -> Option<Zeroizing<Vec<u8>>> {
    let key = LessSafeKey::new(UnboundKey::new(algorithm, key).ok()?);
    let nonce = Nonce::try_assume_unique_for_key(iv).ok()?;
    let mut text = Zeroizing::new(ciphertext.to_vec());
    key.open_in_place_separate_tag(nonce, Aad::from(aad), tag, &mut text).ok()?;
    Some(text)
}
