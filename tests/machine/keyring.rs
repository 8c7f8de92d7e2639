//! The keyring: what is not there, says nothing, is locked, or works. A bus that is silent or absent is tested always;
//! `tests/machine/keyring.sh` starts a real gnome-keyring and says in `TOKSCOPE_KEYRING` what state it is in.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
#![cfg(target_os = "linux")]

use std::{
    fs,
    io::Write as _,
    time::{Duration, Instant},
};

use secret_service::{EncryptionType, SecretService};
use tempfile::TempDir;
use tokscope::{
    auth::NoInteraction,
    store::{
        identity::{self, Home, Identity, IdentityError, Keyring, KeyringError, Site, UnlockedIdentity},
        vault::{self, VaultError},
    },
    trouble::Told as _,
};

/// What the screen may wait for, with what a busy machine adds.
const LIMIT: Duration = Duration::from_millis(2_500);

/// A configuration folder whose vault is opened as by a background task: nobody is asked anything.
struct World(TempDir);

impl World {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    async fn unlock(&self, keyring: Keyring) -> Result<UnlockedIdentity, IdentityError> {
        let folder = self.0.path().join("vault");
        let site = Site { folder: &folder, keyring, user: &NoInteraction, prompt: false };
        identity::unlock(self.0.path(), None, &site).await
    }

    async fn relocate(&self, from: Home, to: Home) -> Result<(), VaultError> {
        let folder = self.0.path().join("vault");
        let site = Site { folder: &folder, keyring: Keyring::default(), user: &NoInteraction, prompt: false };
        vault::relocate(self.0.path(), from, to, &site, Vec::new()).await.map(drop)
    }
}

/// How long it took, too.
async fn timed<T>(work: impl Future<Output = T>) -> T {
    let start = Instant::now();
    let done = work.await;
    assert!(start.elapsed() < LIMIT, "{:?}", start.elapsed());
    done
}

/// Tokens that were saved before the keyring went away are not replaced by an empty vault.
async fn a_vault_that_was_opened_before(keyring: Keyring, expected: &KeyringError) {
    let world = World::new();
    let dir = world.0.path();
    fs::write(dir.join("config.toml"), "[vault]\nidentity = \"keyring\"\n").unwrap();
    fs::create_dir(dir.join("vault")).unwrap();
    fs::write(dir.join("vault/recipient.txt"), Identity::generate().recipient()).unwrap();
    let error = timed(world.unlock(keyring)).await.unwrap_err();
    assert!(matches!(&error, IdentityError::Keyring(error) if error == expected), "{error}");
    assert_eq!(fs::read_dir(dir.join("vault")).unwrap().count(), 1);
}

#[tokio::test]
async fn a_silent_bus_is_named_in_time_at_the_first_start_and_later() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("bus");
    let bus = tokio::net::UnixListener::bind(&path).unwrap();
    let keyring = Keyring::at(&format!("unix:path={}", path.display()));
    // One connection is taken, and never answered; the others wait in the backlog.
    let taken = tokio::spawn(async move { (bus.accept().await, bus) });
    let world = World::new();
    let error = timed(world.unlock(keyring.clone())).await.unwrap_err();
    assert!(matches!(error, IdentityError::Unchosen(KeyringError::Silent)), "{error}");
    a_vault_that_was_opened_before(keyring, &KeyringError::Silent).await;
    taken.await.unwrap().0.unwrap();
}

/// A keyring that hangs holds up neither the other tasks nor the end of the program.
#[test]
fn a_silent_bus_holds_up_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("bus");
    let _bus = std::os::unix::net::UnixListener::bind(&path).unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let keyring = Keyring::at(&format!("unix:path={}", path.display()));
    let start = Instant::now();
    let asked = runtime.spawn(async move { keyring.unlock().await });
    runtime.block_on(async { tokio::spawn(async {}).await.unwrap() });
    assert!(!asked.is_finished());
    asked.abort();
    assert!(runtime.block_on(asked).unwrap_err().is_cancelled());
    drop(runtime);
    assert!(start.elapsed() < Duration::from_millis(500), "{:?}", start.elapsed());
}

#[tokio::test]
async fn against_gnome_keyring() {
    match std::env::var("TOKSCOPE_KEYRING").as_deref() {
        Ok("unlocked") => unlocked().await,
        Ok("locked") => locked().await,
        Ok("stopped") => stopped().await,
        Ok("bare") => bare().await,
        Ok(other) => panic!("{other} is no state of a keyring"),
        Err(_) => {
            // Not a macro: those are silent while a test passes.
            let words = "SKIPPED: no gnome-keyring runs; tests/machine/keyring.sh starts one\n";
            _ = std::io::stderr().write_all(words.as_bytes());
        }
    }
}

async fn unlocked() {
    let [one, two] = [World::new(), World::new()];
    let first = timed(one.unlock(Keyring::default())).await.unwrap();
    assert_eq!((first.home, first.chosen), (Home::Keyring, true), "it is the first choice");
    let second = timed(one.unlock(Keyring::default())).await.unwrap();
    assert_eq!((second.home, second.chosen), (Home::Keyring, false));
    assert_eq!(first.identity.recipient(), second.identity.recipient());
    let other = two.unlock(Keyring::default()).await.unwrap();
    assert_ne!(first.identity.recipient(), other.identity.recipient(), "each vault has a key of its own");
    assert_eq!(labels().await.len(), 2);
    let label = format!("key of tokscope's vault in {}", one.0.path().join("vault").display());
    assert!(labels().await.contains(&label), "{:?}", labels().await);
    assert!(!one.0.path().join("vault/identity.txt").exists());

    one.relocate(Home::Keyring, Home::Plain).await.unwrap();
    assert_eq!(labels().await.len(), 1, "the keyring keeps no copy");
    let moved = one.unlock(Keyring::default()).await.unwrap();
    assert_eq!((moved.home, moved.identity.recipient()), (Home::Plain, first.identity.recipient()));
    one.relocate(Home::Plain, Home::Keyring).await.unwrap();
    assert!(!one.0.path().join("vault/identity.txt").exists());
    let back = one.unlock(Keyring::default()).await.unwrap();
    assert_eq!((back.home, labels().await.len()), (Home::Keyring, 2), "its new key, and that of the other vault");
    assert_ne!(back.identity.recipient(), first.identity.recipient(), "the one that lay in clear is used no more");

    // Somebody cleans the keyring up.
    remove_all().await;
    let error = timed(one.unlock(Keyring::default())).await.unwrap_err();
    assert!(matches!(error, IdentityError::Lost { home: Home::Keyring, .. }), "{error}");
    assert_eq!(labels().await.len(), 0, "no new key takes the place of the lost one");
}

async fn locked() {
    let world = World::new();
    let first = world.unlock(Keyring::default()).await.unwrap();
    lock().await;
    let error = timed(world.unlock(Keyring::default())).await.unwrap_err();
    assert!(matches!(error, IdentityError::Keyring(KeyringError::Locked)), "{error}");
    assert!(error.line().contains("tokscope vault unlock"), "{}", error.line());
    let error = timed(World::new().unlock(Keyring::default())).await.unwrap_err();
    assert!(matches!(error, IdentityError::Unchosen(KeyringError::Locked)), "{error}");
    assert_eq!(timed(Keyring::default().check()).await, Err(KeyringError::Locked));
    // Nobody can show its dialog here: an unlocking that was asked for fails and says so.
    let error = Keyring::default().unlock().await.unwrap_err();
    assert!(matches!(error, KeyringError::Dismissed | KeyringError::Failed(_) | KeyringError::Absent(_)), "{error:?}");
    drop(first);
}

async fn stopped() {
    let world = World::new();
    world.unlock(Keyring::default()).await.unwrap();
    let pid = std::env::var("TOKSCOPE_KEYRING_PID").unwrap().parse().ok().and_then(rustix::process::Pid::from_raw);
    rustix::process::kill_process(pid.unwrap(), rustix::process::Signal::STOP).unwrap();
    let error = timed(world.unlock(Keyring::default())).await.unwrap_err();
    assert!(matches!(error, IdentityError::Keyring(KeyringError::Silent)), "{error}");
    assert_eq!(timed(Keyring::default().unlock()).await, Err(KeyringError::Silent));
    a_vault_that_was_opened_before(Keyring::default(), &KeyringError::Silent).await;
}

async fn bare() {
    let error = timed(Keyring::default().check()).await.unwrap_err();
    assert!(matches!(&error, KeyringError::Absent(why) if why.what.contains("no secret service")), "{error:?}");
    a_vault_that_was_opened_before(Keyring::default(), &error).await;
}

async fn service() -> SecretService<'static> {
    SecretService::connect(EncryptionType::Dh).await.unwrap()
}

async fn labels() -> Vec<String> {
    let service = service().await;
    let collection = service.get_default_collection().await.unwrap();
    let mut labels = Vec::new();
    for item in collection.get_all_items().await.unwrap() {
        labels.push(item.get_label().await.unwrap());
    }
    labels
}

async fn remove_all() {
    let service = service().await;
    for item in service.get_default_collection().await.unwrap().get_all_items().await.unwrap() {
        item.delete().await.unwrap();
    }
}

async fn lock() {
    service().await.get_default_collection().await.unwrap().lock().await.unwrap();
}
