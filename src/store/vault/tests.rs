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

mod relocate;
mod trust;

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

fn file(vault: &Vault, profile: &str) -> PathBuf {
    vault.place(&name(profile)).file.unwrap()
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn a_record_is_what_it_was_when_it_is_read_again() {
    let (folder, identity, vault) = vault();
    let refresh_token = Fingerprint::of("marker-refresh-two");
    let (at, words) = (clock::parse("2026-11-21T21:00:01.5Z").unwrap(), "no \u{1b}[31m".to_owned());
    let mut entry = vault.hold_now(&name("a")).unwrap();
    entry.record.renew(tokens("two"), EventKind::Refresh);
    entry.record.retire(refresh_token, at, words);
    entry.record.in_flight = Some(InFlight { refresh_token, since: at, pid: 7, attempts: 2 });
    entry.record.secrets.insert("password".to_owned(), "marker \"pass\\word\u{e9}".into());
    entry.save().unwrap();
    let written = format!("{:?}", entry.record);
    drop(entry);
    let again = Vault::open(folder.path(), identity).unwrap();
    let read = again.read(&name("a")).unwrap().unwrap();
    assert_eq!(format!("{read:?}"), written);
    assert_eq!(access(&again, "a").as_deref(), Some("marker-access-two"));
    assert_eq!(read.previous.unwrap().tokens[1].raw.expose_secret(), "marker-refresh-one");
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
fn files_are_private_whatever_the_umask() {
    let folder = tempfile::tempdir().unwrap();
    for umask in [0o000, 0o277] {
        let config = folder.path().join(format!("umask-{umask}"));
        let before = rustix::process::umask(rustix::fs::Mode::from_raw_mode(umask));
        let vault = Vault::open(&config, Identity::generate());
        vault.iter().for_each(|vault| save(vault, "a", "one"));
        rustix::process::umask(before);
        let own = path(&config);
        assert_eq!(mode(&own), 0o700);
        let files: Vec<_> = fs::read_dir(&own).unwrap().map(|entry| entry.unwrap().path()).collect();
        assert_eq!(files.len(), 2, "a record and its lock: {files:?}");
        assert!(files.iter().all(|path| mode(path) & 0o177 == 0), "{files:?}");
        assert_eq!(access(&vault.unwrap(), "a").as_deref(), Some("marker-access-one"));
    }
    let open = folder.path().join("open");
    fs::create_dir_all(open.join("vault")).unwrap();
    fs::set_permissions(open.join("vault"), fs::Permissions::from_mode(0o755)).unwrap();
    Vault::open(&open, Identity::generate()).unwrap();
    assert_eq!(mode(&open.join("vault")), 0o700, "one that others could look into is closed");
}

#[test]
fn symbolic_links_stay_and_lead_where_they_did() {
    let (folder, real) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    // Not there yet: it is made.
    std::os::unix::fs::symlink(real.path().join("far/vault"), folder.path().join("vault")).unwrap();
    let vault = Vault::open(folder.path(), Identity::generate()).unwrap();
    save(&vault, "a", "one");
    let (record, elsewhere) = (file(&vault, "a"), real.path().join("record"));
    fs::rename(&record, &elsewhere).unwrap();
    std::os::unix::fs::symlink(&elsewhere, &record).unwrap();
    save(&vault, "a", "two");
    assert!(fs::symlink_metadata(folder.path().join("vault")).unwrap().is_symlink());
    assert!(fs::symlink_metadata(&record).unwrap().is_symlink());
    assert_eq!(access(&vault, "a").as_deref(), Some("marker-access-two"));
    assert_eq!(fs::read_dir(real.path()).unwrap().count(), 2, "nothing else is left");
}

#[test]
fn names_that_a_file_system_takes_for_the_same_are_kept_apart() {
    let (_folder, _identity, vault) = vault();
    let long = "字".repeat(64);
    let names = ["a", "A", "\u{e9}1", "e\u{301}1", "me@host.example", "mehost.example", "CON", long.as_str()];
    let names: Vec<_> = names.into_iter().filter(|text| ProfileName::new(*text).is_ok()).collect();
    names.iter().for_each(|text| save(&vault, text, text));
    let mut files: Vec<_> = names.iter().map(|text| file(&vault, text)).collect();
    for path in &files {
        let text = path.file_name().unwrap().to_str().expect("ASCII");
        assert!(text.is_ascii() && text.len() < 80 && *text == text.to_ascii_lowercase(), "{text}");
    }
    files.dedup();
    assert_eq!(files.len(), names.len());
    let contents = vault.all().unwrap();
    let mut found: Vec<_> = contents.records.iter().map(|(name, _)| name.as_str()).collect();
    found.sort_by_key(|text| names.iter().position(|name| name == text));
    assert_eq!((found, contents.unreadable.len()), (names, 0));
}

#[test]
fn a_file_that_is_not_what_was_written_is_named_and_left_alone_and_the_others_go_on() {
    let (folder, identity, vault) = vault();
    ["b", "c", "d", "e"].iter().for_each(|text| save(&vault, text, "one"));
    let newer = format::write("c", 1, &Record::default());
    let newer = String::from_utf8(newer.to_vec()).unwrap().replace("\"version\":2", "\"version\":3,\"new\":[]");
    let garbled = seal::seal(&identity.sealer(), Kind::Record, b"{\"version\":2}".to_vec().into());
    let cases: [(&str, Vec<u8>, &str); 4] = [
        ("b", b"not age at all".to_vec(), "damaged"),
        ("c", identity.seal(newer.as_bytes()), "newer tokscope (version 3"),
        ("d", garbled, "damaged"),
        ("e", fs::read(file(&vault, "a")).unwrap(), "contains the tokens of a"),
    ];
    for (profile, bytes, said) in &cases {
        let path = file(&vault, profile);
        fs::write(&path, bytes).unwrap();
        let errors = [vault.read(&name(profile)).unwrap_err(), vault.hold_now(&name(profile)).unwrap_err()];
        for error in errors.iter().chain([&vault.forget(&name(profile)).unwrap_err()]) {
            let text = error.line();
            assert!(text.contains(said) && text.contains(path.to_str().unwrap()), "{text}");
        }
        assert_eq!(&fs::read(&path).unwrap(), bytes, "{profile} is left as it was");
    }
    assert_eq!(access(&vault, "a").as_deref(), Some("marker-access-one"));
    let contents = vault.all().unwrap();
    assert_eq!((contents.records.len(), contents.unreadable.len()), (1, 4), "{contents:?}");
    let stranger = Vault::open(folder.path(), Identity::generate()).unwrap();
    assert!(matches!(stranger.token_set(&name("a")), Err(VaultError::Damaged { .. })));
}

#[test]
fn what_cannot_be_saved_is_usable_kept_from_others_and_saved_later() {
    for locked in [false, true] {
        let (folder, identity, vault) = vault();
        let other = Vault::open(folder.path(), identity.clone()).unwrap();
        let path = file(&vault, "b");
        let mut entry = vault.hold_now(&name("b")).unwrap();
        entry.record.renew(tokens("two"), EventKind::Refresh);
        // Nobody can rename a file onto a folder.
        fs::create_dir(&path).unwrap();
        let reason = entry.keep().expect("it cannot be saved");
        assert!(reason.contains(path.to_str().unwrap()), "{reason}");
        drop(entry);
        assert_eq!(access(&vault, "b").as_deref(), Some("marker-access-two"));
        assert_eq!(vault.unsaved(&name("b")), Some(reason.clone()));
        assert_eq!(vault.condition(&name("b")).unwrap().unsaved, Some(reason));
        assert_eq!(vault.all().unwrap().records.len(), 2);
        assert!(matches!(other.hold_now(&name("b")), Err(VaultError::Busy { .. })), "its file says what is used up");
        assert!(!vault.retry());
        if locked {
            vault.lock();
        }
        fs::remove_dir(&path).unwrap();
        assert!(vault.retry());
        assert_eq!(vault.unsaved(&name("b")), None);
        assert_eq!(access(&other, "b").as_deref(), Some("marker-access-two"));
        assert!(other.hold_now(&name("b")).is_ok());
    }
}

#[test]
fn the_next_call_saves_what_could_not_be_saved() {
    let (folder, identity, vault) = vault();
    let mut entry = vault.hold_now(&name("b")).unwrap();
    entry.record.renew(tokens("two"), EventKind::Refresh);
    fs::create_dir(file(&vault, "b")).unwrap();
    entry.keep().unwrap();
    drop(entry);
    fs::remove_dir(file(&vault, "b")).unwrap();
    assert_eq!(vault.hold_now(&name("b")).unwrap().record.history.len(), 1);
    assert_eq!(vault.unsaved(&name("b")), None);
    let again = Vault::open(folder.path(), identity).unwrap();
    assert_eq!(access(&again, "b").as_deref(), Some("marker-access-two"));
}

#[test]
fn a_login_that_finds_the_lock_taken_is_put_aside_and_wins() {
    let (folder, identity, vault) = vault();
    let other = Vault::open(folder.path(), identity).unwrap();
    let mut theirs = other.hold_now(&name("a")).unwrap();
    vault.put_aside(&vault.ready().unwrap(), &name("a"), tokens("login"), EventKind::Login);
    vault.explain_aside(&name("a"), &vault.hold_now(&name("a")).unwrap_err());
    assert_eq!(access(&vault, "a").as_deref(), Some("marker-access-login"));
    assert!(vault.unsaved(&name("a")).unwrap().contains("another tokscope is using"));
    assert!(!vault.retry());
    theirs.record.renew(tokens("two"), EventKind::Refresh);
    theirs.save().unwrap();
    drop(theirs);
    assert!(vault.retry());
    let kept = other.read(&name("a")).unwrap().unwrap();
    assert_eq!(access(&other, "a").as_deref(), Some("marker-access-login"));
    assert_eq!(kept.previous.unwrap().tokens[0].raw.expose_secret(), "marker-access-two");
    let kinds: Vec<_> = kept.history.iter().map(|event| event.kind).collect();
    assert_eq!(kinds, [EventKind::Login, EventKind::Refresh, EventKind::Login]);
}

#[test]
fn tokens_put_aside_for_a_damaged_file_do_not_overwrite_it() {
    let (_folder, _identity, vault) = vault();
    fs::write(file(&vault, "a"), "damaged").unwrap();
    vault.put_aside(&vault.ready().unwrap(), &name("a"), tokens("login"), EventKind::Login);
    assert_eq!(access(&vault, "a").as_deref(), Some("marker-access-login"), "usable");
    assert!(!vault.retry());
    assert_eq!(fs::read(file(&vault, "a")).unwrap(), b"damaged");
    fs::remove_file(file(&vault, "a")).unwrap();
    assert!(vault.retry() && file(&vault, "a").exists());
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
    // What was under way is saved all the same.
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
    assert_eq!(kept.previous.unwrap().tokens[0].raw.expose_secret(), "marker-access-one");
}

#[test]
fn the_previous_tokens_go_when_the_current_ones_have_proved_good() {
    let (_folder, _identity, vault) = vault();
    save(&vault, "a", "two");
    let (one, two) = (tokens("one").generation().unwrap(), tokens("two").generation().unwrap());
    let previous = || vault.read(&name("a")).unwrap().unwrap().previous.is_some();
    vault.confirm(&name("a"), one).unwrap();
    assert!(previous(), "these are not the current ones");
    let entry = vault.hold_now(&name("a")).unwrap();
    vault.confirm(&name("a"), two).unwrap();
    assert!(previous(), "somebody is at it, and is not waited for");
    drop(entry);
    vault.confirm(&name("a"), two).unwrap();
    assert!(!previous());
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

#[test]
fn temporary_files_of_dead_processes_are_swept_and_no_others() {
    let (folder, identity, vault) = vault();
    let stray = |profile: &str| {
        let path = file(&vault, profile);
        let text = format!("{}{}-x1y2z3", files::TEMPORARY, path.file_name().unwrap().to_str().unwrap());
        fs::write(path.with_file_name(&text), "half").unwrap();
        path.with_file_name(text)
    };
    let (dead, used) = (stray("a"), stray("b"));
    let others = [".tokscope-identity.age-x1y2z3", "notes.txt"].map(|text| file(&vault, "a").with_file_name(text));
    others.iter().for_each(|path| fs::write(path, "x").unwrap());
    let writing = vault.hold_now(&name("b")).unwrap();
    Vault::open(folder.path(), identity.clone()).unwrap();
    assert!(!dead.exists() && used.exists() && others.iter().all(|path| path.exists()));
    drop(writing);
    Vault::open(folder.path(), identity).unwrap();
    assert!(!used.exists() && others.iter().all(|path| path.exists()));
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

/// A vault, another place, and another process with the same vault.
fn with_rescue() -> (TempDir, PathBuf, Vault, impl Fn() -> Vault) {
    let (folder, identity, vault) = vault();
    let place = folder.path().join("elsewhere");
    let root = folder.path().to_owned();
    let (vault, elsewhere) = (vault.rescuing_in(vec![place.clone()]), place.clone());
    let another = move || Vault::open(&root, identity.clone()).unwrap().rescuing_in(vec![elsewhere.clone()]);
    (folder, place, vault, another)
}

#[test]
fn what_the_folder_does_not_take_is_kept_elsewhere_and_taken_back() {
    let (_folder, place, vault, another) = with_rescue();
    let (a, file) = (name("a"), file(&vault, "a"));
    let mut entry = vault.hold_now(&a).unwrap();
    block(&file);
    entry.record.renew(tokens("two"), EventKind::Refresh);
    assert!(entry.keep().is_some());
    let kept = vault.rescued(&a).unwrap();
    assert!(kept.starts_with(&place) && fs::metadata(&kept).unwrap().permissions().mode() & 0o777 == 0o600);
    assert!(!fs::read(&kept).unwrap().windows(6).any(|window| window == b"marker"));
    // This process ends.
    drop(entry);
    drop(vault);
    unblock(&file);
    let next = another();
    assert_eq!(access(&next, "a").as_deref(), Some("marker-access-two"), "read from there");
    let record = next.hold_now(&a).unwrap().record;
    assert_eq!(record.previous.unwrap().generation(), tokens("one").generation());
    assert!(!kept.exists() && next.unsaved(&a).is_none(), "it is in its record now");
    assert_eq!(access(&another(), "a").as_deref(), Some("marker-access-two"));
}

#[test]
fn what_is_outdated_or_not_ours_is_not_taken_back() {
    let (_folder, place, vault, another) = with_rescue();
    let (a, file) = (name("a"), file(&vault, "a"));
    let mut entry = vault.hold_now(&a).unwrap();
    block(&file);
    entry.record.renew(tokens("two"), EventKind::Refresh);
    entry.keep();
    let kept = fs::read(vault.rescued(&a).unwrap()).unwrap();
    let path = vault.rescued(&a).unwrap();
    drop(entry);
    drop(vault);
    unblock(&file);
    // Another process that does not know the place has gone on from the old ones.
    let place_of = |set: &str| {
        save(&another(), "a", set);
        fs::write(&path, &kept).unwrap();
        access(&another(), "a")
    };
    assert_eq!(place_of("three").as_deref(), Some("marker-access-three"));
    // A folder that others could have filled is passed over.
    another().remove(&a).unwrap();
    fs::write(&path, &kept).unwrap();
    fs::set_permissions(&place, fs::Permissions::from_mode(0o770)).unwrap();
    assert_eq!(access(&another(), "a"), None);
    fs::set_permissions(&place, fs::Permissions::from_mode(0o700)).unwrap();
    assert_eq!(access(&another(), "a").as_deref(), Some("marker-access-two"));
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
    assert!(matches!(vault.opened_by(identity.clone()).hold_now(&name("a")), Err(VaultError::Busy { .. })));
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
