use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
};

use tempfile::TempDir;

use super::*;
use crate::{
    auth::{IssuedToken, Scheme, TokenKind, TokenSet},
    secret::Fingerprint,
    store::files,
    trouble::Told as _,
};

mod folder;
mod generations;
mod leaving;
mod relocate;
mod rotation;
mod trust;
mod unsaved;

fn name(text: &str) -> ProfileName {
    ProfileName::new(text).unwrap()
}

/// An access and a refresh token of this name.
fn tokens(text: &str) -> TokenSet {
    let token = |kind, prefix| IssuedToken {
        kind,
        raw: format!("{prefix}-{text}").into(),
        expires_at: clock::parse("2026-11-21T22:00:00.123456789Z"),
        scheme: Scheme::JWT,
    };
    TokenSet {
        tokens: vec![token(TokenKind::Access, "marker-access"), token(TokenKind::Refresh, "marker-refresh")],
        scope: Some("read \"write\"".to_owned()),
        account: None,
        received_at: clock::parse("2026-11-21T21:00:00Z").unwrap(),
        remarks: vec!["odd\n\u{202e}".to_owned()],
    }
}

/// A vault on disk with the tokens `one` for the profile `a`, its folder, and what opens it.
fn vault() -> (TempDir, Identity, Vault) {
    let (folder, identity) = (tempfile::tempdir().unwrap(), Identity::generate());
    let vault = Vault::open(folder.path(), identity.clone()).unwrap();
    save(&vault, "a", "one");
    (folder, identity, vault)
}

fn save(vault: &Vault, profile: &str, text: &str) {
    let mut entry = vault.hold_now(&name(profile)).unwrap();
    entry.record.renew(tokens(text), EventKind::Login);
    entry.save().unwrap();
}

/// The current access token.
fn access(vault: &Vault, profile: &str) -> Option<String> {
    let set = vault.token_set(&name(profile)).unwrap()?;
    Some(set.tokens[0].raw.expose_secret().to_owned())
}

/// The access token of the newest old generation.
fn old(record: &Record) -> String {
    let set = record.generations.last().unwrap().token_set().unwrap();
    set.tokens[0].raw.expose_secret().to_owned()
}

fn file(vault: &Vault, profile: &str) -> PathBuf {
    vault.place(&name(profile)).file.unwrap()
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

/// Puts a folder in the place of the record, so that it cannot be replaced.
fn block(file: &Path) {
    fs::rename(file, file.with_extension("away")).unwrap();
    fs::create_dir(file).unwrap();
}

fn unblock(file: &Path) {
    fs::remove_dir(file).unwrap();
    fs::rename(file.with_extension("away"), file).unwrap();
}

#[test]
fn a_record_is_what_it_was_when_it_is_read_again() {
    let (folder, identity, vault) = vault();
    let refresh_token = Fingerprint::of("marker-refresh-two");
    let (at, words) = (clock::parse("2026-11-21T21:00:01.5Z").unwrap(), "no \u{1b}[31m".to_owned());
    let mut entry = vault.hold_now(&name("a")).unwrap();
    entry.record.renew(tokens("two"), EventKind::Refresh);
    entry.record.retire(refresh_token, at, Some(400), words);
    entry.record.in_flight = Some(InFlight { refresh_token, since: at, pid: 7, attempts: 2 });
    entry.record.secrets.insert("password".to_owned(), "marker \"pass\\word\u{e9}".into());
    entry.save().unwrap();
    let written = format!("{:?}", entry.record);
    drop(entry);
    let again = Vault::open(folder.path(), identity).unwrap();
    let read = again.read(&name("a")).unwrap().unwrap();
    assert_eq!(format!("{read:?}"), written);
    assert_eq!(access(&again, "a").as_deref(), Some("marker-access-two"));
    assert_eq!(read.generations[0].token_set().unwrap().tokens[1].raw.expose_secret(), "marker-refresh-one");
    let password = again.secret(&name("a"), "password").unwrap().unwrap();
    assert_eq!(password.expose_secret(), "marker \"pass\\word\u{e9}");
    let kinds: Vec<_> = read.history.iter().map(|event| event.kind).collect();
    assert_eq!(kinds, [EventKind::Login, EventKind::Refresh, EventKind::Retired]);
    for path in fs::read_dir(folder.path().join("vault")).unwrap() {
        let bytes = fs::read(path.unwrap().path()).unwrap();
        assert!(!String::from_utf8_lossy(&bytes).contains("marker"), "nothing is in clear");
    }
    assert!(!format!("{vault:?} {written}").contains("marker"));
}

#[test]
fn the_history_does_not_grow_for_ever() {
    let mut record = Record::default();
    (0..2 * record::HISTORY).for_each(|n| record.renew(tokens(&n.to_string()), EventKind::Refresh));
    assert_eq!(record.history.len(), record::HISTORY);
    let newest = record.token_set.unwrap().tokens[0].fingerprint();
    assert_eq!(record.history.last().unwrap().access, Some(newest));
}

#[test]
fn a_locked_vault_answers_nothing_and_loses_nothing() {
    let (_folder, identity, vault) = vault();
    let (entry, ready) = (vault.hold_now(&name("b")).unwrap(), vault.ready().unwrap());
    vault.lock();
    assert!(vault.is_locked());
    let a = name("a");
    let errors = [
        vault.read(&a).err(),
        vault.token_set(&a).err(),
        vault.secret(&a, "password").err(),
        vault.condition(&a).err(),
        vault.all().err(),
        vault.hold_now(&a).err(),
        vault.forget(&a).err(),
        vault.rename(&a, &name("b")).err(),
        vault.remember(&a, "password", None).err(),
        vault.unseal(b"").err(),
        vault.ready().err(),
    ];
    for (n, error) in errors.into_iter().enumerate() {
        assert!(matches!(error, Some(VaultError::Locked)), "call {n}: {error:?}");
    }
    // What was under way is still saved.
    let mut entry = entry;
    entry.record.renew(tokens("two"), EventKind::Refresh);
    assert_eq!(entry.keep(), None);
    drop(entry);
    // So is what a login brings, and what is sealed for later.
    vault.put_aside(&ready, &name("c"), tokens("three"), EventKind::Login);
    let sealed = vault.seal(&"marker-pasted".into()).unwrap();
    assert!(!vault.retry() && vault.unsaved(&name("c")).is_some());
    vault.unlock(identity);
    assert!(vault.retry());
    assert_eq!(access(&vault, "c").as_deref(), Some("marker-access-three"));
    assert_eq!(vault.unseal(&sealed).unwrap().unwrap().expose_secret(), "marker-pasted");
    assert_eq!(access(&vault, "a").as_deref(), Some("marker-access-one"));
    assert_eq!(access(&vault, "b").as_deref(), Some("marker-access-two"));
    // To throw something away takes no key.
    vault.lock();
    vault.remove(&a).unwrap();
    assert!(!file(&vault, "a").exists());
    let memory = Vault::memory();
    save(&memory, "a", "one");
    assert_eq!(access(&memory, "a").as_deref(), Some("marker-access-one"));
    memory.lock();
    memory.unlock(Identity::generate());
    assert_eq!(access(&memory, "a"), None, "nothing of it is anywhere");
}

#[test]
fn a_vault_takes_over_what_another_one_has_in_memory() {
    let (_folder, _identity, vault) = vault();
    let memory = Vault::memory();
    save(&memory, "a", "two");
    save(&memory, "b", "one");
    vault.take_over(&memory).unwrap();
    assert_eq!(access(&vault, "b").as_deref(), Some("marker-access-one"));
    let kept = vault.read(&name("a")).unwrap().unwrap();
    assert_eq!(old(&kept), "marker-access-one");
}

#[test]
fn a_profile_is_forgotten_renamed_and_removed() {
    let (_folder, _identity, vault) = vault();
    let (a, b) = (name("a"), name("b"));
    vault.remember(&a, "password", Some("marker-password".into())).unwrap();
    save(&vault, "b", "another");
    vault.rename(&a, &b).unwrap();
    assert_eq!(access(&vault, "a"), None);
    assert_eq!(access(&vault, "b").as_deref(), Some("marker-access-one"), "what was there is replaced");
    vault.forget(&b).unwrap();
    assert_eq!(access(&vault, "b"), None);
    assert!(vault.secret(&b, "password").unwrap().is_some(), "only its tokens were to be forgotten");
    vault.remember(&b, "password", None).unwrap();
    assert!(vault.secret(&b, "password").unwrap().is_none());
    vault.remove(&b).unwrap();
    assert!(vault.all().unwrap().records.is_empty() && !file(&vault, "b").exists());
    vault.forget(&b).unwrap();
    vault.rename(&b, &a).unwrap();
    assert!(!file(&vault, "a").exists() && !file(&vault, "b").exists(), "nothing is kept about nothing");
}

/// What is done behind the lock: open to whoever brought the key, and one vault with the locked one in all else.
#[tokio::test]
async fn who_brings_the_key_works_behind_the_lock() {
    let (folder, identity, vault) = vault();
    vault.lock();
    let ours = vault.opened_by(identity.clone());
    assert!(vault.is_locked() && !ours.is_locked());
    assert!(matches!(vault.read(&name("a")), Err(VaultError::Locked)));
    assert_eq!(access(&ours, "a").as_deref(), Some("marker-access-one"));
    save(&ours, "a", "two");
    // One lock, one shelf.
    let entry = ours.hold(&name("a")).await.unwrap();
    assert!(matches!(vault.opened_by(identity.clone()).hold_now(&name("a")), Err(VaultError::Busy(_))));
    drop(entry);
    // A folder where the record should be: it cannot be written.
    let path = file(&vault, "b");
    fs::create_dir(&path).unwrap();
    ours.put_aside(&ours.ready().unwrap(), &name("b"), tokens("three"), EventKind::Login);
    drop(ours);
    assert!(vault.is_locked() && vault.unsaved(&name("b")).is_some(), "what could not be saved outlives it");
    vault.unlock(identity);
    fs::remove_dir(&path).unwrap();
    assert!(vault.retry());
    assert_eq!(access(&vault, "a").as_deref(), Some("marker-access-two"));
    assert_eq!(access(&vault, "b").as_deref(), Some("marker-access-three"));
    drop(folder);
}

/// A vault in memory is open from the start, and has a key from its first use on; one that is locked before has none.
#[test]
fn a_vault_in_memory_makes_its_key_when_it_is_used() {
    let text = SecretString::from("marker-text".to_owned());
    let used = Vault::memory();
    assert!(!used.is_locked() && used.key.lock().unwrap().is_none());
    let sealed = used.seal(&text).unwrap();
    assert!(!used.is_locked() && used.key.lock().unwrap().is_some());
    assert_eq!(used.unseal(&sealed).unwrap().unwrap().expose_secret(), text.expose_secret());
    let unused = Vault::memory();
    unused.lock();
    assert!(unused.is_locked() && matches!(unused.seal(&text), Err(VaultError::Locked)));
    assert!(matches!(unused.read(&name("a")), Err(VaultError::Locked)) && unused.key.lock().unwrap().is_none());
}
