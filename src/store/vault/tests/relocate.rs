//! The key moves to another home, and nothing is lost wherever the move breaks off.

use async_trait::async_trait;

use super::{
    super::relocate::{Move, RelocationStep},
    *,
};
use crate::{
    auth::{AuthError, Interaction, Progress, Prompt},
    store::{
        config,
        identity::{self, Home, Keyring, Site},
    },
};

/// Knows one passphrase.
struct User;

#[async_trait]
impl Interaction for User {
    fn report(&self, _: Progress) {}
    async fn ask(&self, _: Prompt) -> Result<SecretString, AuthError> {
        Ok("marble kettle onward fjord".into())
    }
}

/// A vault whose key is in clear: the records a and b, a key set of a, and tokens of b that are kept elsewhere.
struct World {
    dir: TempDir,
    folder: PathBuf,
    place: PathBuf,
    old: Identity,
}

impl World {
    async fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let (folder, place) = (path(dir.path()), dir.path().join("elsewhere"));
        let site = Site { folder: &folder, keyring: Keyring::at("unix:path=/nonexistent"), user: &User, prompt: false };
        let old = identity::unlock(dir.path(), Some(Home::Plain), &site).await.unwrap().identity;
        let world = Self { dir, folder, place, old };
        let vault = world.vault(world.old.clone());
        save(&vault, "a", "one");
        save(&vault, "b", "one");
        vault.keep_key_set(&name("a"), "source", &"set".into()).unwrap();
        let mut entry = vault.hold_now(&name("b")).unwrap();
        block(&file(&vault, "b"));
        entry.record.renew(tokens("two"), EventKind::Refresh);
        assert!(entry.keep().is_some() && vault.rescued(&name("b")).is_some());
        drop(entry);
        unblock(&file(&vault, "b"));
        world
    }

    fn site(&self) -> Site<'_> {
        Site { folder: &self.folder, keyring: Keyring::at("unix:path=/nonexistent"), user: &User, prompt: false }
    }

    fn vault(&self, identity: Identity) -> Vault {
        Vault::open(self.dir.path(), identity).unwrap().rescuing_in(vec![self.place.clone()])
    }

    /// Opens the vault where the settings say, and finds all that was saved.
    async fn opens(&self) -> (Home, Vault) {
        let opened = identity::unlock(self.dir.path(), None, &self.site()).await.unwrap();
        let vault = self.vault(opened.identity);
        assert_eq!(access(&vault, "a").as_deref(), Some("marker-access-one"));
        assert_eq!(access(&vault, "b").as_deref(), Some("marker-access-two"));
        assert_eq!(vault.key_set(&name("a"), "source").unwrap().unwrap().expose_secret(), "set");
        assert!(vault.all().unwrap().unreadable.is_empty());
        (opened.home, vault)
    }

    async fn moves(&self) -> bool {
        let from = config::load(self.dir.path()).unwrap().vault.identity.unwrap();
        let places = vec![self.place.clone()];
        relocate(self.dir.path(), from, Home::Passphrase, &self.site(), places).await.unwrap()
    }

    /// The move begins, and is killed before this step.
    async fn breaks_off_before(&self, step: usize) {
        let moving = Move::begin(self.dir.path(), Home::Passphrase, self.site_static(), |key| Ok(self.vault(key)));
        let moving = moving.await.unwrap();
        for step in &RelocationStep::ALL[..step] {
            moving.take(*step).await.unwrap();
        }
    }

    fn site_static(&self) -> &Site<'_> {
        Box::leak(Box::new(self.site()))
    }

    /// Nothing is sealed for the old key, and it is nowhere.
    fn is_done(&self) {
        assert!(!self.folder.join("identity.txt").exists() && !self.folder.join("former.age").exists());
        assert_ne!(identity::recipient(&self.folder).unwrap(), Some(self.old.recipient()));
        assert!(!identity::is_moving(&self.folder).unwrap());
        for folder in [&self.folder, &self.place] {
            for path in fs::read_dir(folder).into_iter().flatten().map(|entry| entry.unwrap().path()) {
                assert!(path.is_dir() || self.old.open(&fs::read(&path).unwrap()).is_err(), "{}", path.display());
            }
        }
    }
}

#[tokio::test]
async fn a_key_that_lay_in_clear_is_replaced_and_everything_resealed() {
    let world = World::new().await;
    assert!(world.moves().await);
    world.is_done();
    assert_eq!(world.opens().await.0, Home::Passphrase);
    // Whoever has read the old key makes nothing that is accepted.
    let mut record = Record::default();
    record.renew(tokens("planted"), EventKind::Login);
    let (_, vault) = world.opens().await;
    fs::write(file(&vault, "a"), seal(&world.old.sealer(), &name("a"), u64::MAX, &record)).unwrap();
    assert!(vault.read(&name("a")).is_err());
    // Back again is the same key, and away from there another one.
    let second = identity::recipient(&world.folder).unwrap();
    fs::remove_file(file(&vault, "a")).unwrap();
    assert!(relocate(world.dir.path(), Home::Passphrase, Home::Plain, &world.site(), Vec::new()).await.unwrap());
    assert_eq!(identity::recipient(&world.folder).unwrap(), second);
    assert!(world.moves().await);
    assert_ne!(identity::recipient(&world.folder).unwrap(), second);
}

#[tokio::test]
async fn a_move_that_breaks_off_loses_nothing_and_goes_on() {
    for step in 0..=RelocationStep::ALL.len() {
        let world = World::new().await;
        world.breaks_off_before(step).await;
        let (home, _) = world.opens().await;
        let settled = step > 2;
        assert_eq!(home == Home::Passphrase, settled, "before step {step}");
        // What is saved meanwhile is not lost either.
        let (_, vault) = world.opens().await;
        save(&vault, "c", "one");
        if settled {
            world.opens().await;
            assert!(!world.folder.join("former.age").exists(), "opening it ends the move, before step {step}");
        }
        assert!(world.moves().await, "before step {step}");
        world.is_done();
        let (home, vault) = world.opens().await;
        assert_eq!((home, access(&vault, "c").as_deref()), (Home::Passphrase, Some("marker-access-one")));
    }
}

#[tokio::test]
async fn the_old_key_is_kept_while_somebody_is_at_a_record() {
    let world = World::new().await;
    world.breaks_off_before(4).await;
    // A process that has opened the vault with the old key: its reply is on the way.
    let theirs = world.vault(world.old.clone());
    let mut reply = theirs.hold_now(&name("a")).unwrap();
    let (_, vault) = world.opens().await;
    assert!(world.folder.join("former.age").exists(), "a is not re-encrypted yet");
    assert!(world.old.open(&fs::read(file(&vault, "b")).unwrap()).is_err(), "b is");
    reply.record.renew(tokens("two"), EventKind::Refresh);
    reply.save().unwrap();
    drop(reply);
    assert_eq!(access(&vault, "a").as_deref(), Some("marker-access-two"), "the open vault knows both keys");
    let opened = identity::unlock(world.dir.path(), None, &world.site()).await.unwrap();
    assert_eq!(access(&world.vault(opened.identity), "a").as_deref(), Some("marker-access-two"));
    assert!(!world.folder.join("former.age").exists());
}

#[tokio::test]
async fn a_former_key_is_not_planted() {
    let world = World::new().await;
    assert!(world.moves().await);
    let opened = identity::unlock(world.dir.path(), None, &world.site()).await.unwrap();
    let (forger, new) = (Identity::generate(), opened.identity);
    let object = format!("{{\"version\":2,\"key\":{:?}}}", forger.text().expose_secret());
    fs::write(world.folder.join("former.age"), new.seal(object.as_bytes())).unwrap();
    let vault = world.vault(new);
    let mut record = Record::default();
    record.renew(tokens("planted"), EventKind::Login);
    fs::write(file(&vault, "a"), seal(&forger.sealer(), &name("a"), 1, &record)).unwrap();
    assert!(matches!(vault.read(&name("a")), Err(VaultError::Damaged(_))));
}

#[tokio::test]
async fn a_move_that_was_begun_is_ended_before_another() {
    let world = World::new().await;
    world.breaks_off_before(2).await;
    let error = relocate(world.dir.path(), Home::Plain, Home::Keyring, &world.site(), Vec::new()).await.unwrap_err();
    let words = error.line();
    assert!(words.contains("keyring") && world.folder.join("identity.age").exists(), "{words}");
    world.opens().await;
}
