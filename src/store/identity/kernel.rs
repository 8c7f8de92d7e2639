//! The key of a vault in the user's keyring of the Linux kernel, for a time. It never reaches a disk; every program of the
//! user can read it meanwhile.

use chrono::TimeDelta;

use super::Identity;
use crate::{
    clock::{self, Timestamp},
    secret::{ExposeSecret as _, SecretString},
    trouble::{Code, Told, Trouble},
};

/// Why the kernel does not keep the key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KernelError {
    /// It says no, in its words.
    #[error("the kernel's keyring refused: {0}")]
    Refused(#[source] Trouble),
    /// There is none on this system.
    #[error("this system has no kernel keyring")]
    Unsupported,
}

impl Told for KernelError {
    fn code(&self) -> Code {
        Code::Unsupported
    }

    fn hint(&self) -> Option<String> {
        Some(
            "nothing was cached: each command asks for the passphrase; containers often forbid this keyring".to_owned(),
        )
    }
}

/// A key that was found there, and when it goes.
pub(crate) struct Cached {
    pub(crate) identity: Identity,
    pub(crate) until: Timestamp,
}

/// Begins the line that says when it goes. To a reader of identities it is a comment.
const UNTIL: &str = "# until ";

/// Keeps the key for so long. When it will go.
pub(crate) fn keep(identity: &Identity, span: TimeDelta) -> Result<Timestamp, KernelError> {
    let until = clock::to_the_second(clock::now().checked_add_signed(span).unwrap_or(Timestamp::MAX_UTC));
    system::keep(&name(&identity.recipient()), &text(identity, until), span.num_seconds().unsigned_abs())?;
    match load(&identity.recipient()) {
        Some(_) => Ok(until),
        None => Err(KernelError::Refused(Trouble::bare("it does not give the key back"))),
    }
}

/// The key of this vault, if it is there.
pub(crate) fn load(recipient: &str) -> Option<Cached> {
    let text = system::load(&name(recipient))?;
    let until = text.expose_secret().lines().find_map(|line| clock::parse(line.strip_prefix(UNTIL)?))?;
    let identity = Identity::parse(&text).filter(|identity| identity.recipient() == recipient)?;
    Some(Cached { identity, until })
}

/// Takes the key of this vault away. Whether one was there.
pub(crate) fn revoke(recipient: &str) -> bool {
    system::revoke(&name(recipient))
}

fn name(recipient: &str) -> String {
    format!("tokscope:{recipient}")
}

fn text(identity: &Identity, until: Timestamp) -> SecretString {
    format!("{UNTIL}{}\n{}", clock::utc(until), identity.text().expose_secret()).into()
}

#[cfg(target_os = "linux")]
mod system {
    use linux_keyutils::{Key, KeyError, KeyPermissionsBuilder, KeyRing, KeyRingIdentifier, Permission};

    use super::{KernelError, SecretString};
    use crate::{secret::ExposeSecret as _, trouble::Trouble};

    pub(super) fn keep(name: &str, text: &SecretString, seconds: u64) -> Result<(), KernelError> {
        let refused = |error: KeyError| KernelError::Refused(Trouble::of(error));
        // Only who possesses a key may say who else may read it and when it goes: so it begins in the keyring of this process.
        let own = KeyRing::from_special_id(KeyRingIdentifier::Process, true).map_err(refused)?;
        let key = own.add_key(name, text.expose_secret()).map_err(refused)?;
        let all = KeyPermissionsBuilder::builder().posessor(Permission::ALL).user(Permission::ALL).build();
        key.set_perms(all).map_err(refused)?;
        key.set_timeout(usize::try_from(seconds).unwrap_or(usize::MAX)).map_err(refused)?;
        users().and_then(|keyring| keyring.link_key(key)).map_err(refused)
    }

    pub(super) fn load(name: &str) -> Option<SecretString> {
        let text = find(name)?.read_to_vec().ok()?;
        String::from_utf8(text).ok().map(SecretString::from)
    }

    pub(super) fn revoke(name: &str) -> bool {
        find(name).is_some_and(|key| key.revoke().is_ok())
    }

    fn find(name: &str) -> Option<Key> {
        users().and_then(|keyring| keyring.search(name)).ok()
    }

    fn users() -> Result<KeyRing, KeyError> {
        KeyRing::from_special_id(KeyRingIdentifier::User, true)
    }
}

#[cfg(not(target_os = "linux"))]
mod system {
    use super::{KernelError, SecretString};

    pub(super) fn keep(_: &str, _: &SecretString, _: u64) -> Result<(), KernelError> {
        Err(KernelError::Unsupported)
    }

    pub(super) fn load(_: &str) -> Option<SecretString> {
        None
    }

    pub(super) fn revoke(_: &str) -> bool {
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Where the kernel allows it; else it says so, and nothing is kept.
    #[test]
    fn a_key_is_there_until_it_is_revoked() {
        let identity = Identity::generate();
        let recipient = identity.recipient();
        assert!(load(&recipient).is_none() && !revoke(&recipient));
        match keep(&identity, TimeDelta::hours(1)) {
            Err(error) => assert!(error.line().contains("nothing was cached") && load(&recipient).is_none(), "{error}"),
            Ok(until) => {
                let cached = load(&recipient).unwrap();
                assert_eq!((cached.identity.recipient(), cached.until), (recipient.clone(), until));
                assert_eq!(cached.identity.text().expose_secret(), identity.text().expose_secret());
                let again = keep(&identity, TimeDelta::hours(2)).unwrap();
                assert!(again > until && load(&recipient).is_some_and(|cached| cached.until == again));
                assert!(load(&Identity::generate().recipient()).is_none(), "another vault's is not ours");
                assert!(revoke(&recipient) && load(&recipient).is_none());
                // The lock of an open vault takes it away.
                let folder = tempfile::tempdir().unwrap();
                let vault = crate::store::vault::Vault::open(folder.path(), identity.clone()).unwrap();
                keep(&identity, TimeDelta::hours(1)).unwrap();
                vault.lock();
                assert!(load(&recipient).is_none() && !revoke(&recipient));
            }
        }
    }
}
