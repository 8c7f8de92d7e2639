//! The key of the vault: one X25519 identity (age) for all of its files. Where it is kept is the user's choice, a [`Home`].
//!
//! | home | what is where |
//! |---|---|
//! | `keyring` | an item of the Secret Service, found by the vault's recipient |
//! | `passphrase` | `identity.age` in the vault's folder, under scrypt: `age -d` opens it |
//! | `plain` | `identity.txt` in the vault's folder, 0600: `age -i` takes it |
//! | `memory` | nothing anywhere |
//!
//! Beside them lies `recipient.txt`, the public half: it says for whom the vault's files are sealed, so that a key that
//! got lost is noticed, and never replaced by a new one that opens nothing.

mod at_hand;
mod error;
mod file;
pub(crate) mod kernel;
mod keyring;
mod open;
mod passphrase;

use std::{
    fmt,
    io::Read as _,
    iter,
    sync::{Arc, OnceLock},
};

use aws_lc_rs::{constant_time, hkdf, hmac};
use secrecy::zeroize::Zeroizing;

pub use self::{
    at_hand::at_hand,
    error::{IdentityError, KeyringError},
    file::{PLAIN_FILE, RECIPIENT_FILE, SEALED_FILE, is_moving, is_new, recipient},
    kernel::KernelError,
    keyring::Keyring,
    open::{Site, UnlockedIdentity, check, existing, open, unlock, unlock_settled},
};
pub(super) use self::{
    file::write_recipients,
    open::{LOCK_FILE, create_in, find, leave_plain, relocate, remove},
};
pub use super::home::Home;
use crate::secret::{ExposeSecret as _, SecretString, wiping_stack};

/// The key of the vault. Its memory is wiped when the last clone is dropped; it is in one place only.
#[derive(Clone)]
pub struct Identity(Arc<Halves>);

struct Halves {
    age: age::x25519::Identity,
    /// Worked out once.
    public: OnceLock<Recipient>,
    mac: MacKey,
    /// Nothing was ever sealed for it without being authenticated.
    is_strict: bool,
}

/// The public half of an identity: enough to encrypt, and no secret.
#[derive(Clone)]
pub struct Recipient(age::x25519::Recipient);

/// What authenticates the files of the vault. Whoever has only the public half can encrypt for the vault, but not this.
#[derive(Clone)]
struct MacKey(Arc<Zeroizing<[u8; 32]>>);

/// What encrypts and authenticates, and opens nothing: enough to save a reply that comes after the vault was locked.
#[derive(Clone)]
pub struct Sealer {
    recipient: Recipient,
    mac: MacKey,
}

/// A file of the vault that this identity cannot open, or that was changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it was encrypted for another identity, or it is damaged")]
pub struct Sealed;

/// The line in a home that says that all of this identity's files are authenticated: it is where whoever can write the
/// vault's folder cannot reach it, unless the home is that folder.
const STRICT: &str = "# version 2";

impl Identity {
    /// A new one.
    pub fn generate() -> Self {
        wiping_stack(|| Self::new(age::x25519::Identity::generate(), true))
    }

    fn new(age: age::x25519::Identity, is_strict: bool) -> Self {
        let mac = MacKey::of(age.to_string().expose_secret().as_bytes());
        Self(Arc::new(Halves { age, public: OnceLock::new(), mac, is_strict }))
    }

    /// Encrypts. Who sealed it is not known to whoever opens it: see [`Sealer`].
    pub fn seal(&self, contents: &[u8]) -> Vec<u8> {
        self.public().seal(contents)
    }

    /// What can encrypt for it.
    pub fn public(&self) -> Recipient {
        self.0.public.get_or_init(|| wiping_stack(|| Recipient(self.0.age.to_public()))).clone()
    }

    /// What can encrypt for it and authenticate.
    pub fn sealer(&self) -> Sealer {
        Sealer { recipient: self.public(), mac: self.0.mac.clone() }
    }

    /// What [`Self::seal`] was given.
    pub fn open(&self, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, Sealed> {
        wiping_stack(|| {
            let decryptor = age::Decryptor::new_buffered(sealed).map_err(|_| Sealed)?;
            let mut reader = decryptor.decrypt(iter::once(&self.0.age as _)).map_err(|_| Sealed)?;
            // Large enough from the start: a buffer that grows leaves copies behind that are not wiped.
            let mut contents = Zeroizing::new(Vec::with_capacity(sealed.len()));
            reader.read_to_end(&mut contents).map_err(|_| Sealed)?;
            Ok(contents)
        })
    }

    /// Whether this code of [`Sealer::code`] is that of these bytes.
    pub(super) fn vouches(&self, parts: &[&[u8]], code: &[u8]) -> bool {
        constant_time::verify_slices_are_equal(&self.0.mac.code(parts), code).is_ok()
    }

    /// Whether the two are clones.
    pub(super) fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// Whether nothing was ever sealed for it without being authenticated.
    pub(super) fn is_strict(&self) -> bool {
        self.0.is_strict
    }

    /// The public half: `age1…`. It is not a secret.
    pub fn recipient(&self) -> String {
        self.public().0.to_string()
    }

    /// `AGE-SECRET-KEY-1…`, for a home, and for a move between two.
    pub(super) fn text(&self) -> SecretString {
        let key = wiping_stack(|| self.0.age.to_string());
        match self.0.is_strict {
            true => format!("{}\n{STRICT}", key.expose_secret()).into(),
            false => key,
        }
    }

    /// Reads [`Self::text`], also with the comments of an age identity file around it.
    pub(super) fn parse(text: &SecretString) -> Option<Self> {
        let mut lines = text.expose_secret().lines().map(str::trim);
        let is_strict = lines.clone().any(|line| line == STRICT);
        let line = lines.find(|line| !line.is_empty() && !line.starts_with('#'))?;
        wiping_stack(|| line.parse().ok().map(|identity| Self::new(identity, is_strict)))
    }

    /// One as an earlier version has made it.
    #[cfg(test)]
    pub(super) fn of_version_1() -> Self {
        Self::new(age::x25519::Identity::generate(), false)
    }
}

impl Recipient {
    /// Reads [`Identity::recipient`].
    pub fn parse(text: &str) -> Option<Self> {
        text.trim().parse().ok().map(Self)
    }

    /// Encrypts: only the identity opens it.
    pub fn seal(&self, contents: &[u8]) -> Vec<u8> {
        wiping_stack(|| age::encrypt(&self.0, contents).expect("writing to memory does not fail"))
    }
}

impl Sealer {
    /// Encrypts: only the identity opens it.
    pub(super) fn seal(&self, contents: &[u8]) -> Vec<u8> {
        self.recipient.seal(contents)
    }

    /// The code that authenticates these bytes, taken one after the other.
    pub(super) fn code(&self, parts: &[&[u8]]) -> [u8; 32] {
        self.mac.code(parts)
    }
}

impl MacKey {
    /// HKDF-SHA-256 of the identity's secret (RFC 5869).
    fn of(secret: &[u8]) -> Self {
        let mut key = Box::new(Zeroizing::new([0; 32]));
        let info: [&[u8]; 1] = [b"authentication of the files"];
        let extracted = hkdf::Salt::new(hkdf::HKDF_SHA256, b"tokscope vault").extract(secret);
        let expanded = extracted.expand(&info, hkdf::HKDF_SHA256).and_then(|expanded| expanded.fill(&mut key[..]));
        expanded.expect("HKDF-SHA-256 gives 32 bytes");
        Self(Arc::from(key))
    }

    /// HMAC-SHA-256 (RFC 2104).
    fn code(&self, parts: &[&[u8]]) -> [u8; 32] {
        wiping_stack(|| {
            let mut context = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, &self.0[..]));
            parts.iter().for_each(|part| context.update(part));
            context.sign().as_ref().try_into().expect("HMAC-SHA-256 has 32 bytes")
        })
    }
}

impl fmt::Debug for Sealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sealer")
    }
}

impl fmt::Debug for Recipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Recipient")
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Identity")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_opens_with_its_identity_alone_and_unchanged() {
        let identity = Identity::generate();
        let mut sealed = identity.seal(b"marker-secret");
        assert!(!sealed.windows(6).any(|window| window == b"marker"));
        assert_eq!(identity.open(&sealed).unwrap().as_slice(), b"marker-secret");
        assert_eq!(Identity::generate().open(&sealed), Err(Sealed));
        *sealed.last_mut().unwrap() ^= 1;
        assert_eq!(identity.open(&sealed), Err(Sealed));
    }

    #[test]
    fn the_public_half_authenticates_nothing() {
        let (identity, other) = (Identity::generate(), Identity::generate());
        let code = identity.sealer().code(&[b"a", b"b"]);
        assert!(identity.vouches(&[b"ab"], &code));
        assert!(!identity.vouches(&[b"a"], &code) && !identity.vouches(&[b"ab"], &code[1..]));
        assert!(!other.vouches(&[b"ab"], &code));
        let again = Identity::parse(&identity.text()).unwrap();
        assert!(again.vouches(&[b"ab"], &code) && again.is_strict());
        let old = Identity::parse(&Identity::of_version_1().text()).unwrap();
        assert!(!old.is_strict(), "it was not promised");
    }

    #[test]
    fn its_text_is_an_age_identity_file() {
        let identity = Identity::generate();
        let text = format!("# created today\r\n\n{}\n", identity.text().expose_secret());
        assert_eq!(Identity::parse(&text.into()).unwrap().recipient(), identity.recipient());
        assert!(Identity::parse(&"# nothing\n".into()).is_none());
        assert_eq!(format!("{identity:?}"), "Identity");
    }
}
