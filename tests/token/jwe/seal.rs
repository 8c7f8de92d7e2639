//! Encrypting, for tokens that nobody should make.

use aws_lc_rs::aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use tokscope::token::jwe::DecryptionKeys;

const KEY: &[u8; 16] = b"sixteen bytes ok";

pub(crate) fn key() -> DecryptionKeys {
    DecryptionKeys::secret(KEY, "the secret")
}

/// A JWE in compact serialization with this header, for `dir` and A128GCM whatever the header says.
pub(crate) fn seal(header: &str, plaintext: &[u8]) -> String {
    let protected = URL_SAFE_NO_PAD.encode(header);
    let [ciphertext, tag] = seal_with(&protected, plaintext);
    format!("{protected}..{}.{ciphertext}.{tag}", URL_SAFE_NO_PAD.encode([7; 12]))
}

/// Ciphertext and tag.
pub(crate) fn seal_with(aad: &str, plaintext: &[u8]) -> [String; 2] {
    let key = LessSafeKey::new(UnboundKey::new(&AES_128_GCM, KEY).unwrap());
    let mut bytes = plaintext.to_vec();
    let nonce = Nonce::assume_unique_for_key([7; 12]);
    let tag = key.seal_in_place_separate_tag(nonce, Aad::from(aad.as_bytes()), &mut bytes).unwrap();
    [URL_SAFE_NO_PAD.encode(bytes), URL_SAFE_NO_PAD.encode(tag)]
}
