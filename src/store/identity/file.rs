//! The homes that are files of the vault's folder: `plain` and `passphrase`, and the public half beside them.

use std::{
    fs, io,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
};

use age::{Decryptor, Encryptor, scrypt};
use secrecy::zeroize::Zeroizing;

use super::{Home, Identity, IdentityError};
use crate::{
    secret::{ExposeSecret as _, SecretString},
    store::{StoreError, files},
};

/// The identity as it is.
pub const PLAIN_FILE: &str = "identity.txt";
/// The identity under a passphrase.
pub const SEALED_FILE: &str = "identity.age";
/// The public half.
pub const RECIPIENT_FILE: &str = "recipient.txt";

/// The work factor of scrypt, N = 2^18: about a second, and 256 MiB of memory meanwhile. What age's own tool takes. The
/// tests of this crate do not wait for it.
pub(super) const WORK_FACTOR: u8 = if cfg!(test) { 8 } else { 18 };
/// A file that wants more was not made by us, and would take all memory.
const LARGEST_WORK_FACTOR: u8 = 20;

/// For whom the files of a vault are sealed; `None` where no key has been made yet.
pub fn recipient(folder: &Path) -> Result<Option<String>, StoreError> {
    Ok(recipients(folder)?.map(|(current, _)| current))
}

/// Whether the key is on its way to another home: some files may be sealed for the one before it.
pub fn is_moving(folder: &Path) -> Result<bool, StoreError> {
    Ok(recipients(folder)?.is_some_and(|(_, former)| former.is_some()))
}

/// The public half, and that of the former key while the vault is moved away from it. Nothing is sealed by what stands there:
/// whoever can write it can keep the vault from being opened, and no more.
pub(super) fn recipients(folder: &Path) -> Result<Option<(String, Option<String>)>, StoreError> {
    let Some(text) = read(&folder.join(RECIPIENT_FILE))? else { return Ok(None) };
    let text = String::from_utf8_lossy(&text);
    let mut lines = text.lines().map(|line| line.trim().to_owned()).filter(|line| !line.is_empty());
    Ok(Some((lines.next().unwrap_or_default(), lines.next())))
}

/// Says for whom the files of a vault are sealed from now on.
pub(in crate::store) fn write_recipients(
    folder: &Path,
    current: &Identity,
    former: Option<&Identity>,
) -> Result<(), StoreError> {
    let lines = std::iter::once(current).chain(former).map(|identity| format!("{}\n", identity.recipient()));
    files::replace(&folder.join(RECIPIENT_FILE), lines.collect::<String>().as_bytes())
}

/// Whether nothing was ever sealed here.
pub fn is_new(folder: &Path) -> Result<bool, StoreError> {
    Ok(recipient(folder)?.is_none() && !has_sealed_files(folder)?)
}

/// Whether there are sealed files already.
fn has_sealed_files(folder: &Path) -> Result<bool, StoreError> {
    let is_sealed = |path: &PathBuf| path.extension().is_some_and(|end| end == "age") && !path.ends_with(SEALED_FILE);
    Ok(files::entries(folder)?.iter().any(is_sealed))
}

/// The identity of `plain`. One that others can read is refused: whoever read it can read the vault.
pub(super) fn load_plain(folder: &Path) -> Result<Option<Identity>, IdentityError> {
    let path = folder.join(PLAIN_FILE);
    let Some(text) = read(&path)? else { return Ok(None) };
    if fs::metadata(&path).is_ok_and(|file| file.permissions().mode() & 0o077 != 0) {
        return Err(IdentityError::Exposed(path));
    }
    let text = std::str::from_utf8(&text).map(SecretString::from).unwrap_or_default();
    Identity::parse(&text).map(Some).ok_or(IdentityError::Damaged(Home::Plain))
}

/// Keeps the identity as it is, 0600.
pub(super) fn save_plain(folder: &Path, identity: &Identity) -> Result<(), IdentityError> {
    let text = identity.text();
    let text = Zeroizing::new(format!("# the key of tokscope's vault in this folder\n{}\n", text.expose_secret()));
    Ok(files::replace(&folder.join(PLAIN_FILE), text.as_bytes())?)
}

/// The file of `passphrase`, still sealed.
pub(super) fn load_sealed(folder: &Path) -> Result<Option<Zeroizing<Vec<u8>>>, IdentityError> {
    Ok(read(&folder.join(SEALED_FILE))?)
}

/// Opens the file of `passphrase`: about a second of work.
pub(super) fn unseal(sealed: &[u8], passphrase: &SecretString) -> Result<Identity, IdentityError> {
    const DAMAGED: IdentityError = IdentityError::Damaged(Home::Passphrase);
    // Not `scrypt::Identity::new` alone: it measures this machine, and would refuse what a faster one wrote.
    let mut key = scrypt::Identity::new(passphrase.clone());
    key.set_max_work_factor(LARGEST_WORK_FACTOR);
    let decryptor = Decryptor::new_buffered(sealed).map_err(|_| DAMAGED)?;
    if !decryptor.is_scrypt() {
        return Err(DAMAGED);
    }
    let mut text = Zeroizing::new(Vec::with_capacity(256));
    let mut reader = decryptor.decrypt(std::iter::once(&key as _)).map_err(|error| match error {
        age::DecryptError::DecryptionFailed
        | age::DecryptError::NoMatchingKeys
        | age::DecryptError::KeyDecryptionFailed => IdentityError::WrongPassphrase,
        _ => DAMAGED,
    })?;
    io::Read::read_to_end(&mut reader, &mut text).map_err(|_| DAMAGED)?;
    let text = std::str::from_utf8(&text).map(SecretString::from).unwrap_or_default();
    Identity::parse(&text).ok_or(DAMAGED)
}

/// Keeps the identity under a passphrase: about a second of work for [`WORK_FACTOR`].
pub(super) fn save_sealed(
    folder: &Path,
    identity: &Identity,
    passphrase: &SecretString,
    work_factor: u8,
) -> Result<(), IdentityError> {
    let mut lock = scrypt::Recipient::new(passphrase.clone());
    lock.set_work_factor(work_factor);
    let lock: Vec<&dyn age::Recipient> = vec![&lock];
    let encryptor = Encryptor::with_recipients(lock.into_iter()).expect("there is a recipient");
    let mut sealed = Vec::new();
    let written = encryptor.wrap_output(&mut sealed).and_then(|mut writer| {
        io::Write::write_all(&mut writer, identity.text().expose_secret().as_bytes())?;
        writer.finish()
    });
    written.expect("writing to memory does not fail");
    Ok(files::replace(&folder.join(SEALED_FILE), &sealed)?)
}

/// Removes what a home keeps in the folder.
pub(super) fn remove(folder: &Path, home: Home) -> Result<(), StoreError> {
    let name = match home {
        Home::Plain => PLAIN_FILE,
        Home::Passphrase => SEALED_FILE,
        Home::Keyring | Home::Memory => return Ok(()),
    };
    files::remove(&folder.join(name))
}

fn read(path: &Path) -> Result<Option<Zeroizing<Vec<u8>>>, StoreError> {
    Ok(files::if_there(files::read_regular(path))?.map(Zeroizing::new))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trouble::Told as _;

    #[test]
    fn a_passphrase_opens_what_it_sealed_and_nothing_else_does() {
        let dir = tempfile::tempdir().unwrap();
        let identity = Identity::generate();
        save_sealed(dir.path(), &identity, &"correct horse".into(), 2).unwrap();
        let sealed = load_sealed(dir.path()).unwrap().unwrap();
        assert_eq!(unseal(&sealed, &"correct horse".into()).unwrap().recipient(), identity.recipient());
        let wrong = unseal(&sealed, &"wrong horse".into()).unwrap_err();
        assert!(matches!(wrong, IdentityError::WrongPassphrase), "{wrong}");
        for broken in [&b"garbage"[..], &sealed[..sealed.len() / 2], &identity.seal(b"x")] {
            let error = unseal(broken, &"correct horse".into()).unwrap_err();
            assert!(matches!(error, IdentityError::Damaged(Home::Passphrase)), "{error}");
        }
    }

    #[test]
    fn a_plain_key_is_private_or_refused() {
        let dir = tempfile::tempdir().unwrap();
        let (folder, identity) = (dir.path(), Identity::generate());
        assert!(load_plain(folder).unwrap().is_none());
        save_plain(folder, &identity).unwrap();
        assert_eq!(load_plain(folder).unwrap().unwrap().recipient(), identity.recipient());
        let path = folder.join(PLAIN_FILE);
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        let error = load_plain(folder).unwrap_err();
        assert!(error.line().contains("chmod 600"), "{error}");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        fs::write(&path, "AGE-SECRET-KEY-1MARKER").unwrap();
        let error = load_plain(folder).unwrap_err();
        assert!(matches!(error, IdentityError::Damaged(_)) && !format!("{error} {error:?}").contains("MARKER"));
        remove(folder, Home::Plain).unwrap();
        remove(folder, Home::Plain).unwrap();
        assert!(!path.exists());
    }
}
