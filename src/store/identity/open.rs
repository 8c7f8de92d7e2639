//! Opening the identity in its home, making the first one, and moving it from home to home.

use std::{
    fs::{File, OpenOptions, TryLockError},
    os::unix::fs::OpenOptionsExt as _,
    path::Path,
};

use super::{Home, Identity, IdentityError, Keyring, KeyringError, file, kernel, passphrase};
use crate::{
    auth::Interaction,
    store::{StoreError, config, files},
};

/// Held while the first identity is made.
pub(in crate::store) const LOCK_FILE: &str = ".identity.lock";

/// Where to look, and whom to ask.
pub struct Site<'a> {
    /// The folder of the vault.
    pub folder: &'a Path,
    /// The keyring.
    pub keyring: Keyring,
    /// Who is asked for a passphrase.
    pub user: &'a dyn Interaction,
    /// Whether the keyring may show its own dialog: only where the user asked for the vault just now.
    pub prompt: bool,
}

/// What [`unlock`] opened.
#[derive(Debug)]
pub struct UnlockedIdentity {
    /// Where the identity is kept.
    pub home: Home,
    /// The identity.
    pub identity: Identity,
    /// The home was chosen just now: worth a word to the user.
    pub chosen: bool,
}

/// Opens the vault's identity in the home that is asked for, else in that of the settings, else in the keyring if it
/// answers; what was chosen so is written into the settings in `dir`. A vault without an identity gets its first one.
pub async fn unlock(dir: &Path, asked: Option<Home>, site: &Site<'_>) -> Result<UnlockedIdentity, IdentityError> {
    unlock_settled(dir, asked, config::load(dir)?.vault.identity, site).await
}

/// The same where the settings were read: `settled` is what they say.
pub async fn unlock_settled(
    dir: &Path,
    asked: Option<Home>,
    settled: Option<Home>,
    site: &Site<'_>,
) -> Result<UnlockedIdentity, IdentityError> {
    let home = match asked.or(settled) {
        Some(home) => home,
        None => match site.keyring.check().await {
            Ok(()) => Home::Keyring,
            Err(KeyringError::Locked) if site.prompt => Home::Keyring,
            Err(error) => return Err(IdentityError::Unchosen(error)),
        },
    };
    let identity = open(home, site).await?;
    leave_plain(dir, site.folder)?;
    let chosen = settled.is_none() && home != Home::Memory;
    if chosen {
        // Settings that cannot be written are a choice too: the next start decides as this one did.
        let _ = config::set_identity_home(dir, home);
    }
    Ok(UnlockedIdentity { home, identity, chosen })
}

/// Opens the identity in this home and nowhere else. A vault that has none gets its first one; a vault whose key got
/// lost does not.
pub async fn open(home: Home, site: &Site<'_>) -> Result<Identity, IdentityError> {
    if home == Home::Memory {
        return Ok(Identity::generate());
    }
    match found(home, site).await? {
        Some(identity) => Ok(identity),
        None => create(home, site).await,
    }
}

/// Moves the identity as it is to another home: kept there, read back, written into the settings in `dir`, and only then removed
/// from the old one. Whenever it breaks off, the settings name a home where the identity is. From `passphrase` to
/// `passphrase` it changes the passphrase.
pub(in crate::store) async fn relocate(
    dir: &Path,
    from: Home,
    to: Home,
    site: &Site<'_>,
) -> Result<Identity, IdentityError> {
    if from == Home::Memory || to == Home::Memory {
        return Err(IdentityError::NothingToMove);
    }
    let identity = open(from, site).await?;
    if from == to && from != Home::Passphrase {
        return Ok(identity);
    }
    keep(to, &identity, site).await?;
    config::set_identity_home(dir, to)?;
    if from != to {
        remove(from, &identity, site).await?;
    }
    Ok(identity)
}

/// Makes a new identity and keeps it in a home, beside the one that the vault has.
pub(in crate::store) async fn create_in(home: Home, site: &Site<'_>) -> Result<Identity, IdentityError> {
    let identity = Identity::generate();
    keep(home, &identity, site).await?;
    Ok(identity)
}

/// Empties the home `plain` where a move away from there has not come to it: the settings name another home, and the key
/// there is the former one.
pub(in crate::store) fn leave_plain(dir: &Path, folder: &Path) -> Result<(), IdentityError> {
    let Some((_, Some(former))) = file::recipients(folder)? else { return Ok(()) };
    let is_elsewhere = config::load(dir)?.vault.identity.is_some_and(|home| home != Home::Plain);
    if is_elsewhere && file::load_plain(folder)?.is_some_and(|plain| plain.recipient() == former) {
        file::remove(folder, Home::Plain)?;
    }
    Ok(())
}

/// Whether the identity is in this home, as far as that can be told without asking the user. Changes nothing.
pub async fn check(home: Home, site: &Site<'_>) -> Result<(), IdentityError> {
    match home {
        Home::Passphrase => match file::load_sealed(site.folder)? {
            None if !file::is_new(site.folder)? => Err(IdentityError::Lost { home, folder: site.folder.to_owned() }),
            _ => Ok(()),
        },
        _ => find(home, site).await.map(drop),
    }
}

/// Opens the identity of a vault that has one, in this home and nowhere else.
pub async fn existing(home: Home, site: &Site<'_>) -> Result<Identity, IdentityError> {
    let lost = || IdentityError::Lost { home, folder: site.folder.to_owned() };
    found(home, site).await?.ok_or_else(lost)
}

/// The identity of a vault that has one; `None` for a new vault.
async fn found(home: Home, site: &Site<'_>) -> Result<Option<Identity>, IdentityError> {
    let found = find(home, site).await?;
    if let Some(identity) = &found
        && file::recipient(site.folder)?.is_none()
    {
        file::write_recipients(site.folder, identity, None)?;
    }
    Ok(found)
}

/// The identity in this home, if it is the one that the vault has.
pub(in crate::store) async fn find(home: Home, site: &Site<'_>) -> Result<Option<Identity>, IdentityError> {
    let (recipient, former) = file::recipients(site.folder)?.unzip();
    let former = former.flatten();
    let found = match home {
        Home::Memory => None,
        Home::Plain => file::load_plain(site.folder)?,
        Home::Passphrase => match file::load_sealed(site.folder)? {
            Some(sealed) => Some(match recipient.as_deref().and_then(kernel::load) {
                Some(cached) => cached.identity,
                None => passphrase::unseal(sealed, site).await?,
            }),
            None => None,
        },
        Home::Keyring => match &recipient {
            Some(recipient) => match site.keyring.load(recipient, site.prompt).await? {
                Some(text) => Some(Identity::parse(&text).ok_or(IdentityError::Damaged(home))?),
                None => None,
            },
            // Nothing was ever kept there.
            None => None,
        },
    };
    let folder = || site.folder.to_owned();
    match (found, recipient) {
        // A move away from there has not come further.
        (Some(identity), _) if home == Home::Plain && former == Some(identity.recipient()) => Ok(Some(identity)),
        (Some(identity), Some(recipient)) if identity.recipient() != recipient => {
            Err(IdentityError::Another { home, folder: folder() })
        }
        (Some(identity), _) => Ok(Some(identity)),
        (None, _) if home == Home::Memory || file::is_new(site.folder)? => Ok(None),
        (None, _) => Err(IdentityError::Lost { home, folder: folder() }),
    }
}

/// Makes the first identity of a vault. The recipient is written last: whenever it breaks off, there is none, and
/// nothing was sealed for it.
async fn create(home: Home, site: &Site<'_>) -> Result<Identity, IdentityError> {
    let _lock = lock(site.folder)?;
    // Another process may have been faster.
    if let Some(identity) = found(home, site).await? {
        return Ok(identity);
    }
    let identity = Identity::generate();
    keep(home, &identity, site).await?;
    file::write_recipients(site.folder, &identity, None)?;
    Ok(identity)
}

/// Keeps the identity in a home, and makes sure that it can be had back.
async fn keep(home: Home, identity: &Identity, site: &Site<'_>) -> Result<(), IdentityError> {
    let recipient = identity.recipient();
    let kept = match home {
        Home::Memory => return Ok(()),
        Home::Plain => {
            file::save_plain(site.folder, identity)?;
            file::load_plain(site.folder)?
        }
        Home::Passphrase => {
            let passphrase = passphrase::chosen(site.user).await?;
            let (folder, identity) = (site.folder.to_owned(), identity.clone());
            passphrase::working(move || {
                file::save_sealed(&folder, &identity, &passphrase, file::WORK_FACTOR)?;
                file::load_sealed(&folder)?.map(|sealed| file::unseal(&sealed, &passphrase)).transpose()
            })
            .await?
        }
        Home::Keyring => {
            let label = format!("key of tokscope's vault in {}", site.folder.display());
            site.keyring.save(&recipient, &label, &identity.text(), site.prompt).await?;
            site.keyring.load(&recipient, site.prompt).await?.as_ref().and_then(Identity::parse)
        }
    };
    match kept {
        Some(kept) if kept.recipient() == recipient => Ok(()),
        _ => Err(IdentityError::Damaged(home)),
    }
}

pub(in crate::store) async fn remove(home: Home, identity: &Identity, site: &Site<'_>) -> Result<(), IdentityError> {
    if home == Home::Keyring {
        site.keyring.remove(&identity.recipient(), site.prompt).await?;
    }
    Ok(file::remove(site.folder, home)?)
}

/// One process makes the first identity.
fn lock(folder: &Path) -> Result<File, IdentityError> {
    let path = folder.join(LOCK_FILE);
    let failed = |source| StoreError::Io { action: "write", path: path.clone(), source };
    files::private_folder(folder)?;
    let file = OpenOptions::new()
        .create(true)
        .append(true)
        .mode(0o600)
        .custom_flags(files::UNWAITED)
        .open(&path)
        .map_err(failed)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(IdentityError::Busy(folder.to_owned())),
        Err(TryLockError::Error(error)) => Err(failed(error).into()),
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::VecDeque, fs, sync::Mutex};

    use async_trait::async_trait;
    use tempfile::TempDir;

    use super::*;
    use crate::{
        auth::{AuthError, NoInteraction, Progress, Prompt},
        secret::SecretString,
        trouble::Told as _,
    };

    /// A user who gives these answers, and cancels when they are used up.
    struct User(Mutex<VecDeque<&'static str>>);

    #[async_trait]
    impl Interaction for User {
        fn report(&self, _: Progress) {}
        async fn ask(&self, prompt: Prompt) -> Result<SecretString, AuthError> {
            assert!(prompt.secret);
            self.0.lock().unwrap().pop_front().map(SecretString::from).ok_or(AuthError::Cancelled)
        }
    }

    fn user<const N: usize>(answers: [&'static str; N]) -> User {
        User(Mutex::new(answers.into()))
    }

    /// There is no such bus: no test reaches the keyring of whoever runs it.
    fn site<'a>(dir: &'a TempDir, user: &'a dyn Interaction) -> Site<'a> {
        Site { folder: dir.path(), keyring: Keyring::at("unix:path=/nonexistent/bus"), user, prompt: false }
    }

    #[tokio::test]
    async fn the_first_start_makes_a_key_and_the_next_one_finds_it() {
        let dir = tempfile::tempdir().unwrap();
        let site = site(&dir, &NoInteraction);
        let first = unlock(dir.path(), Some(Home::Plain), &site).await.unwrap();
        assert_eq!((first.home, first.chosen), (Home::Plain, true));
        let second = unlock(dir.path(), None, &site).await.unwrap();
        assert_eq!((second.home, second.chosen), (Home::Plain, false), "the choice is written down");
        assert_eq!(second.identity.recipient(), first.identity.recipient());
        assert_eq!(file::recipient(dir.path()).unwrap(), Some(first.identity.recipient()));
    }

    #[tokio::test]
    async fn without_a_keyring_nothing_else_is_taken_silently() {
        let dir = tempfile::tempdir().unwrap();
        let error = unlock(dir.path(), None, &site(&dir, &NoInteraction)).await.unwrap_err();
        assert!(matches!(&error, IdentityError::Unchosen(KeyringError::Absent(_))), "{error}");
        assert!(error.line().contains("--identity passphrase"));
        config::set_identity_home(dir.path(), Home::Keyring).unwrap();
        file::write_recipients(dir.path(), &Identity::generate(), None).unwrap();
        let error = unlock(dir.path(), None, &site(&dir, &NoInteraction)).await.unwrap_err();
        assert!(matches!(error, IdentityError::Keyring(KeyringError::Absent(_))), "{error}");
        assert!(!dir.path().join(file::PLAIN_FILE).exists());
    }

    #[tokio::test]
    async fn a_lost_key_is_never_replaced() {
        let dir = tempfile::tempdir().unwrap();
        let site = site(&dir, &NoInteraction);
        fs::write(dir.path().join("lms.age"), Identity::generate().seal(b"tokens")).unwrap();
        let error = open(Home::Plain, &site).await.unwrap_err();
        assert!(matches!(error, IdentityError::Lost { home: Home::Plain, .. }), "{error}");
        fs::remove_file(dir.path().join("lms.age")).unwrap();
        open(Home::Plain, &site).await.unwrap();
        let error = open(Home::Passphrase, &site).await.unwrap_err();
        assert!(matches!(error, IdentityError::Lost { home: Home::Passphrase, .. }), "{error}");
        file::save_plain(dir.path(), &Identity::generate()).unwrap();
        let error = open(Home::Plain, &site).await.unwrap_err();
        assert!(matches!(error, IdentityError::Another { home: Home::Plain, .. }), "{error}");
    }

    #[tokio::test]
    async fn one_process_makes_the_key() {
        let dir = tempfile::tempdir().unwrap();
        let _held = lock(dir.path()).unwrap();
        let error = open(Home::Plain, &site(&dir, &NoInteraction)).await.unwrap_err();
        assert!(matches!(error, IdentityError::Busy(_)), "{error}");
    }

    #[tokio::test]
    async fn a_key_moves_from_home_to_home_and_the_old_one_is_empty() {
        let dir = tempfile::tempdir().unwrap();
        let first = open(Home::Plain, &site(&dir, &NoInteraction)).await.unwrap();
        for slip in [
            user(["", "horse", "correct horse"]),
            user(["four unrelated words here", "four unrelated words there"]),
            user([]),
        ] {
            relocate(dir.path(), Home::Plain, Home::Passphrase, &site(&dir, &slip)).await.unwrap_err();
            assert!(!dir.path().join(file::SEALED_FILE).exists());
        }
        let answers = user(["horse", "marble kettle onward fjord", "marble kettle onward fjord"]);
        relocate(dir.path(), Home::Plain, Home::Passphrase, &site(&dir, &answers)).await.unwrap();
        assert!(!dir.path().join(file::PLAIN_FILE).exists());

        let unanswered = unlock(dir.path(), None, &site(&dir, &NoInteraction)).await.unwrap_err();
        assert!(matches!(unanswered, IdentityError::NeedsPassphrase), "{unanswered}");
        let answers = user(["house", "marble kettle onward fjord"]);
        let opened = unlock(dir.path(), None, &site(&dir, &answers)).await.unwrap();
        assert_eq!((opened.home, opened.identity.recipient()), (Home::Passphrase, first.recipient()));
        let wrong = user(["a", "b", "c", "marble kettle onward fjord"]);
        let error = unlock(dir.path(), None, &site(&dir, &wrong)).await.unwrap_err();
        assert!(matches!(error, IdentityError::WrongPassphrase), "{error}");

        let answers = user(["marble kettle onward fjord", "velvet canoe ninth spruce", "velvet canoe ninth spruce"]);
        relocate(dir.path(), Home::Passphrase, Home::Passphrase, &site(&dir, &answers)).await.unwrap();
        let answers = user(["velvet canoe ninth spruce"]);
        relocate(dir.path(), Home::Passphrase, Home::Plain, &site(&dir, &answers)).await.unwrap();
        assert!(!dir.path().join(file::SEALED_FILE).exists());
        let back = unlock(dir.path(), None, &site(&dir, &NoInteraction)).await.unwrap();
        assert_eq!((back.home, back.identity.recipient()), (Home::Plain, first.recipient()));
        // A move that cannot be done leaves everything where it was.
        relocate(dir.path(), Home::Plain, Home::Keyring, &site(&dir, &NoInteraction)).await.unwrap_err();
        relocate(dir.path(), Home::Plain, Home::Memory, &site(&dir, &NoInteraction)).await.unwrap_err();
        assert_eq!(open(Home::Plain, &site(&dir, &NoInteraction)).await.unwrap().recipient(), first.recipient());
    }
}
