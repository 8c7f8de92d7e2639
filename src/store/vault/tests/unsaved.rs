//! What cannot be written is used, kept from others, and written later.

use super::*;

#[test]
fn what_cannot_be_saved_is_usable_kept_from_others_and_saved_later() {
    for locked in [false, true] {
        let (folder, identity, vault) = vault();
        let other = Vault::open(folder.path(), identity.clone()).unwrap();
        let path = file(&vault, "b");
        let mut entry = vault.hold_now(&name("b")).unwrap();
        entry.record.renew(tokens("two"), EventKind::Refresh);
        // A file cannot be renamed onto a folder.
        fs::create_dir(&path).unwrap();
        let reason = entry.keep().expect("it cannot be saved");
        assert!(reason.contains(path.to_str().unwrap()), "{reason}");
        drop(entry);
        assert_eq!(access(&vault, "b").as_deref(), Some("marker-access-two"));
        assert_eq!(vault.unsaved(&name("b")), Some(reason.clone()));
        assert_eq!(vault.condition(&name("b")).unwrap().unsaved, Some(reason));
        assert_eq!(vault.all().unwrap().records.len(), 2);
        assert!(matches!(other.hold_now(&name("b")), Err(VaultError::Busy(_))), "its file says what is used up");
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
    assert_eq!(old(&kept), "marker-access-two");
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
    assert_eq!(record.generations[0].token_set().unwrap().generation(), tokens("one").generation());
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
