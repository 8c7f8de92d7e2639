//! RSA private keys in the formats that people have them in, plain and encrypted.
//!
//! PKCS#1 and PKCS#8 (RFC 7468, RFC 8018), OpenSSL's traditional encryption (RFC 1421 headers), OpenSSH's own format.

use aes::cipher::{BlockDecryptMut as _, KeyIvInit as _, block_padding::Pkcs7};
use aws_lc_rs::{
    error::KeyRejected,
    rsa::{KeyPair, KeyPairComponents, PublicKeyComponents},
};
use md5::{Digest as _, Md5};
use num_bigint::BigUint;
use pem::Pem;
use pkcs8::EncryptedPrivateKeyInfo;
use secrecy::zeroize::Zeroizing;
use ssh_key::private::{KeypairData, RsaKeypair};

use crate::{
    secret::{ExposeSecret as _, SecretString},
    trouble::{Code, Told},
};

/// Why a key cannot be used. No variant holds a piece of it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum PrivateKeyError {
    /// It needs a passphrase and none was given.
    #[error("it is encrypted")]
    Encrypted,
    /// It was given, and it does not fit.
    #[error("the passphrase is wrong")]
    WrongPassphrase,
    /// The text is not a private key.
    #[error("{0}")]
    Unreadable(&'static str),
    /// An unsupported encryption.
    #[error("it is encrypted with {0}, which is not supported")]
    UnknownCipher(String),
    /// A key, and no RSA key that may sign.
    #[error("{0}")]
    Unfit(String),
}

impl Told for PrivateKeyError {
    fn code(&self) -> Code {
        Code::Setting
    }

    fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::Encrypted | Self::WrongPassphrase => "log in again with the passphrase of the key file",
            Self::Unreadable(_) => "write private_key = \"file:PATH\" with the path of the private key's own PEM file",
            Self::UnknownCipher(_) => "convert the key: openssl pkcs8 -topk8 -in OLD -out NEW",
            Self::Unfit(_) => "SeTA needs an RSA key of 2048 to 8192 bits: openssl genrsa -aes256 -out NEW 3072",
        };
        Some(hint.to_owned())
    }
}

/// Reads a key from the text of its file.
pub(super) fn read(file: &SecretString, passphrase: Option<&SecretString>) -> Result<KeyPair, PrivateKeyError> {
    let text = with_lines(file.expose_secret());
    let passphrase = passphrase.map(|passphrase| passphrase.expose_secret().as_bytes());
    if text.contains("-----BEGIN OPENSSH PRIVATE KEY-----") {
        return openssh(&text, passphrase);
    }
    let blocks =
        pem::parse_many(text.as_bytes()).map_err(|_| PrivateKeyError::Unreadable("its PEM text is damaged"))?;
    let block = blocks.iter().find(|block| block.tag().ends_with("PRIVATE KEY")).or(blocks.first());
    let block = block.ok_or(PrivateKeyError::Unreadable("it is not PEM text (-----BEGIN … PRIVATE KEY-----)"))?;
    match block.tag() {
        "PRIVATE KEY" => KeyPair::from_pkcs8(block.contents()).map_err(unfit),
        "ENCRYPTED PRIVATE KEY" => pkcs8(block.contents(), passphrase.ok_or(PrivateKeyError::Encrypted)?),
        "RSA PRIVATE KEY" => match block.headers().get("DEK-Info") {
            Some(dek_info) => traditional(block, dek_info, passphrase.ok_or(PrivateKeyError::Encrypted)?),
            None => KeyPair::from_der(block.contents()).map_err(unfit),
        },
        tag if tag.ends_with("PUBLIC KEY") => Err(PrivateKeyError::Unreadable("it is the public half")),
        tag if tag.ends_with("PRIVATE KEY") => Err(PrivateKeyError::Unfit("it is not an RSA key".to_owned())),
        _ => Err(PrivateKeyError::Unreadable("it is not a private key")),
    }
}

/// PEM that went through an environment variable or one line of input gets its lines back.
fn with_lines(text: &str) -> String {
    let text = text.trim().replace("\\n", "\n").replace('\r', "");
    match text.find("-----BEGIN ").zip(text.rfind("-----END ")) {
        Some((start, end)) if !text.contains('\n') && start < end => {
            let Some(length) = text[start + 11..end].find("-----") else { return text };
            let (head, body) = text[start..end].split_at(11 + length + 5);
            format!("{head}\n{}\n{}\n", body.trim().replace(' ', "\n"), &text[end..])
        }
        _ => text,
    }
}

fn unfit(why: KeyRejected) -> PrivateKeyError {
    PrivateKeyError::Unfit(format!("it is not an RSA key that can sign ({why})"))
}

/// `EncryptedPrivateKeyInfo` with PBES2. A wrong passphrase shows as padding or DER that makes no sense.
fn pkcs8(der: &[u8], passphrase: &[u8]) -> Result<KeyPair, PrivateKeyError> {
    let encrypted = EncryptedPrivateKeyInfo::try_from(der)
        .map_err(|_| PrivateKeyError::UnknownCipher("an unknown algorithm".to_owned()))?;
    if encrypted.encryption_algorithm.pbes2().is_none() {
        return Err(PrivateKeyError::UnknownCipher("PBES1".to_owned()));
    }
    let key = encrypted.decrypt(passphrase).map_err(|_| PrivateKeyError::WrongPassphrase)?;
    KeyPair::from_pkcs8(key.as_bytes()).map_err(unfit)
}

/// OpenSSL before 1.0: `DEK-Info: AES-256-CBC,IV`, the key from one round of MD5 (`EVP_BytesToKey`).
fn traditional(block: &Pem, dek_info: &str, passphrase: &[u8]) -> Result<KeyPair, PrivateKeyError> {
    let (cipher, iv) = dek_info.split_once(',').ok_or(PrivateKeyError::Unreadable("its DEK-Info header is damaged"))?;
    let iv = unhex(iv.trim()).ok_or(PrivateKeyError::Unreadable("its DEK-Info header is damaged"))?;
    let salt = iv.get(..8).ok_or(PrivateKeyError::Unreadable("its DEK-Info header is damaged"))?;
    let der = match cipher.trim() {
        "AES-128-CBC" => cbc::<aes::Aes128>(&bytes_to_key(passphrase, salt, 16), &iv, block.contents()),
        "AES-192-CBC" => cbc::<aes::Aes192>(&bytes_to_key(passphrase, salt, 24), &iv, block.contents()),
        "AES-256-CBC" => cbc::<aes::Aes256>(&bytes_to_key(passphrase, salt, 32), &iv, block.contents()),
        "DES-EDE3-CBC" => cbc::<des::TdesEde3>(&bytes_to_key(passphrase, salt, 24), &iv, block.contents()),
        other => return Err(PrivateKeyError::UnknownCipher(other.to_owned())),
    };
    // There is no checksum: padding that fits by chance ends as DER that does not.
    let der = Zeroizing::new(der.ok_or(PrivateKeyError::WrongPassphrase)?);
    if der.first() != Some(&0x30) {
        return Err(PrivateKeyError::WrongPassphrase);
    }
    KeyPair::from_der(&der).map_err(unfit)
}

fn cbc<C>(key: &[u8], iv: &[u8], data: &[u8]) -> Option<Vec<u8>>
where
    C: aes::cipher::BlockDecryptMut + aes::cipher::BlockCipher + aes::cipher::KeyInit,
{
    ::cbc::Decryptor::<C>::new_from_slices(key, iv).ok()?.decrypt_padded_vec_mut::<Pkcs7>(data).ok()
}

/// `EVP_BytesToKey` with MD5 and one round: MD5(previous ‖ passphrase ‖ salt) until there is enough.
fn bytes_to_key(passphrase: &[u8], salt: &[u8], length: usize) -> Vec<u8> {
    let mut key = Vec::new();
    while key.len() < length {
        let previous = key.len().saturating_sub(16);
        let digest = Md5::new().chain_update(&key[previous..]).chain_update(passphrase).chain_update(salt).finalize();
        key.extend_from_slice(&digest);
    }
    key.truncate(length);
    key
}

fn openssh(text: &str, passphrase: Option<&[u8]>) -> Result<KeyPair, PrivateKeyError> {
    let key = ssh_key::PrivateKey::from_openssh(text)
        .map_err(|_| PrivateKeyError::Unreadable("its OpenSSH text is damaged"))?;
    let key = match (key.is_encrypted(), passphrase) {
        (true, None) => return Err(PrivateKeyError::Encrypted),
        (true, Some(passphrase)) => key.decrypt(passphrase).map_err(|_| PrivateKeyError::WrongPassphrase)?,
        (false, _) => key,
    };
    match key.key_data() {
        KeypairData::Rsa(rsa) => from_openssh(rsa),
        _ => Err(PrivateKeyError::Unfit(format!("it is a key of {}, not RSA", key.algorithm()))),
    }
}

/// OpenSSH leaves out `d mod (p-1)` and `d mod (q-1)` (RFC 8017 §3.2).
fn from_openssh(rsa: &RsaKeypair) -> Result<KeyPair, PrivateKeyError> {
    let number = |value: &ssh_key::Mpint| {
        value.as_positive_bytes().map(<[u8]>::to_vec).ok_or(PrivateKeyError::Unreadable("a number in it is negative"))
    };
    let (d, p, q) = (number(&rsa.private.d)?, number(&rsa.private.p)?, number(&rsa.private.q)?);
    let exponent = |prime: &[u8]| {
        let prime = BigUint::from_bytes_be(prime);
        if prime <= BigUint::from(1u8) {
            return Err(PrivateKeyError::Unreadable("one of its primes is not prime"));
        }
        Ok((BigUint::from_bytes_be(&d) % (prime - 1u8)).to_bytes_be())
    };
    let (d_p, d_q) = (exponent(&p)?, exponent(&q)?);
    KeyPair::from_components(&KeyPairComponents {
        public_key: PublicKeyComponents { n: number(&rsa.public.n)?, e: number(&rsa.public.e)? },
        qInv: number(&rsa.private.iqmp)?,
        d,
        p,
        q,
        dP: d_p,
        dQ: d_q,
    })
    .map_err(unfit)
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let pairs = text.as_bytes().chunks(2);
    pairs.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()).collect()
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::signature::KeyPair as _;

    use super::*;

    const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/vectors/private-keys/");

    fn text(name: &str) -> SecretString {
        std::fs::read_to_string(format!("{FOLDER}{name}")).unwrap().into()
    }

    fn public(name: &str, passphrase: &str) -> Result<Vec<u8>, PrivateKeyError> {
        read(&text(name), Some(&passphrase.into())).map(|key| key.public_key().as_ref().to_vec())
    }

    #[test]
    fn every_format_gives_the_same_key() {
        let expected = public("pkcs1.pem", "").unwrap();
        assert_eq!(public("pkcs8.pem", "").unwrap(), expected);
        assert_eq!(public("openssh-plain", "").unwrap(), expected);
        for encrypted in [
            "pkcs8-aes256.pem",
            "pkcs8-des3-sha1.pem",
            "pkcs8-scrypt.pem",
            "traditional-aes128.pem",
            "traditional-aes256.pem",
            "traditional-des3.pem",
            "openssh-enc",
            "openssh-gcm",
        ] {
            assert_eq!(read(&text(encrypted), None).unwrap_err(), PrivateKeyError::Encrypted, "{encrypted}");
            assert_eq!(public(encrypted, "speak friend").unwrap_err(), PrivateKeyError::WrongPassphrase, "{encrypted}");
            assert_eq!(public(encrypted, "mellon").as_ref(), Ok(&expected), "{encrypted}");
        }
    }

    #[test]
    fn a_key_that_lost_its_lines_is_found_again() {
        let expected = public("pkcs8.pem", "").unwrap();
        let pem = text("pkcs8.pem");
        for separator in ["\\n", " ", "\r\n"] {
            let bent = SecretString::from(pem.expose_secret().replace('\n', separator));
            assert_eq!(read(&bent, None).unwrap().public_key().as_ref(), expected, "{separator:?}");
        }
    }

    #[test]
    fn what_cannot_sign_is_refused_with_its_reason() {
        assert!(matches!(public("ec.pem", ""), Err(PrivateKeyError::Unfit(_))));
        assert!(matches!(public("weak.pem", ""), Err(PrivateKeyError::Unfit(_))));
        assert_eq!(
            public("openssh-ed25519", "").unwrap_err(),
            PrivateKeyError::Unfit("it is a key of ssh-ed25519, not RSA".to_owned())
        );
        assert_eq!(public("public.pem", "").unwrap_err(), PrivateKeyError::Unreadable("it is the public half"));
        assert!(matches!(public("pkcs8-pbes1.pem", "mellon"), Err(PrivateKeyError::UnknownCipher(_))));
        for junk in [
            "",
            "hunter2",
            "-----BEGIN PRIVATE KEY-----",
            "-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----",
        ] {
            let error = read(&junk.into(), None).unwrap_err();
            assert!(!error.to_string().contains("hunter2"), "{error}");
            assert!(error.hint().is_some());
        }
    }
}
