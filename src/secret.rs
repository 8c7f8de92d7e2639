//! Secrets: text that neither `Debug` nor a freed page shows, and the fingerprint by which people may talk about it.

use std::fmt;

use aws_lc_rs::digest;
pub use secrecy::{
    ExposeSecret, SecretString,
    zeroize::{Zeroize, Zeroizing},
};

/// Works, and then wipes the stack that the work has used: ciphers keep copies of keys there. 128 KiB of it, which is more
/// than any of them takes.
pub fn wiping_stack<T>(work: impl FnOnce() -> T) -> T {
    #[inline(never)]
    fn apart<T>(work: impl FnOnce() -> T) -> T {
        work()
    }
    #[inline(never)]
    fn wipe() {
        std::hint::black_box([0_u8; 128 << 10]);
    }
    let done = apart(work);
    wipe();
    done
}

/// The first 32 bits of a secret's SHA-256 in hex: enough to tell two tokens apart, useless to use one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint([u8; 4]);

impl Fingerprint {
    /// The fingerprint of a secret's UTF-8 text.
    pub fn of(secret: &str) -> Self {
        let hash = digest::digest(&digest::SHA256, secret.as_bytes());
        Self(hash.as_ref().first_chunk().copied().expect("SHA-256 has 32 bytes"))
    }

    /// Reads what `Display` writes.
    pub fn parse(text: &str) -> Option<Self> {
        let is_hex = text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        is_hex.then(|| u32::from_str_radix(text, 16).ok()).flatten().map(|number| Self(number.to_be_bytes()))
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_is_the_head_of_sha256() {
        assert_eq!(Fingerprint::of("abc").to_string(), "ba7816bf");
        assert_eq!(Fingerprint::parse("ba7816bf"), Some(Fingerprint::of("abc")));
        assert!(
            ["", "ba7816b", "ba7816bff", "+a7816bf", "ba7816bg"].map(Fingerprint::parse).iter().all(Option::is_none)
        );
    }

    #[test]
    fn debug_shows_nothing() {
        assert!(!format!("{:?}", SecretString::from("marker-secret")).contains("marker"));
    }
}
