//! The vault against an attacker who can write its folder.

use super::*;

/// A record as version 1 wrote it, sealed with the public half.
fn version_1(recipient: &Recipient, profile: &str, text: &str) -> Vec<u8> {
    let mut record = Record::default();
    record.renew(tokens(text), EventKind::Login);
    record.secrets.insert("password".to_owned(), "marker-password".into());
    record.secrets.insert("keys from https://planted.example/jwks".to_owned(), "2026-11-21T21:00:00Z\n{}".into());
    let text = String::from_utf8(file_format::write(profile, 1, &record).to_vec()).unwrap();
    recipient.seal(text.replace("\"version\":4", "\"version\":1").replace("\"counter\":1,", "").as_bytes())
}

/// A vault as version 1 has left it: the records a and b.
fn old_vault() -> (TempDir, Identity) {
    let (folder, identity) = (tempfile::tempdir().unwrap(), Identity::of_version_1());
    let vault = Vault::open_locked(folder.path()).unwrap();
    for profile in ["a", "b"] {
        fs::write(file(&vault, profile), version_1(&identity.public(), profile, "one")).unwrap();
    }
    (folder, identity)
}

fn note(folder: &TempDir) -> PathBuf {
    folder.path().join("vault").join(migration::NOTE)
}

fn refusal(vault: &Vault, profile: &str) -> String {
    let errors = [vault.read(&name(profile)).unwrap_err(), vault.hold_now(&name(profile)).unwrap_err()];
    assert_eq!(errors[0].to_string(), errors[1].to_string());
    errors[0].line()
}

#[test]
fn a_record_that_was_made_with_the_public_half_is_refused() {
    let (_folder, identity, vault) = vault();
    let path = file(&vault, "a");
    let mut record = Record::default();
    record.renew(tokens("planted"), EventKind::Login);
    let object = file_format::write("a", u64::MAX, &record);
    let forger = Identity::generate();
    let foreign_code = {
        let sealed = seal::seal(&forger.sealer(), Kind::Record, object.clone());
        identity.seal(&forger.open(&sealed).unwrap())
    };
    let of_another_kind = seal::seal(&identity.sealer(), Kind::KeySets, object.clone());
    let cases = [
        ("no code", identity.seal(&object), "forged"),
        ("another's code", foreign_code, "forged"),
        ("code of another kind of file", of_another_kind, "forged"),
        ("version 1", version_1(&identity.public(), "a", "planted"), "earlier tokscope"),
    ];
    for (what, bytes, said) in cases {
        fs::write(&path, &bytes).unwrap();
        let words = refusal(&vault, "a");
        assert!(words.contains(said) && words.contains(path.to_str().unwrap()), "{what}: {words}");
        assert_eq!(vault.all().unwrap().unreadable.len(), 1, "{what}");
        assert_eq!(fs::read(&path).unwrap(), bytes, "{what}: it is left as it was");
    }
}

#[test]
fn one_changed_byte_of_a_record_is_noticed() {
    let (_folder, identity, vault) = vault();
    let path = file(&vault, "a");
    let mut plaintext = identity.open(&fs::read(&path).unwrap()).unwrap();
    let at = plaintext.windows(6).position(|window| window == b"access").unwrap();
    plaintext[at] ^= 1;
    fs::write(&path, identity.seal(&plaintext)).unwrap();
    assert!(refusal(&vault, "a").contains("forged or changed"));
}

#[test]
fn an_older_record_is_refused_by_who_has_seen_a_newer_one() {
    let (folder, identity, vault) = vault();
    let path = file(&vault, "a");
    let old = fs::read(&path).unwrap();
    save(&vault, "a", "two");
    fs::write(&path, &old).unwrap();
    let words = refusal(&vault, "a");
    assert!(words.contains("tokens of a ") && words.contains("older copy") && words.contains("backup"), "{words}");
    assert!(vault.all().unwrap().records.is_empty());
    // One that has just begun cannot know. From then on it does.
    let next = Vault::open(folder.path(), identity).unwrap();
    assert_eq!(access(&next, "a").as_deref(), Some("marker-access-one"));
    save(&next, "a", "three");
    assert_eq!(access(&vault, "a").as_deref(), Some("marker-access-three"), "it is newer than all that was seen");
}

#[test]
fn a_deleted_record_is_told_once_and_a_login_takes_its_place() {
    let (_folder, _identity, vault) = vault();
    let (path, old) = (file(&vault, "a"), fs::read(file(&vault, "a")).unwrap());
    fs::remove_file(&path).unwrap();
    let error = vault.hold_now(&name("a")).unwrap_err();
    assert!(matches!(&error, VaultError::Deleted { profile, .. } if *profile == name("a")), "{error}");
    assert!(vault.read(&name("a")).unwrap().is_none() && vault.all().unwrap().unreadable.is_empty());
    fs::write(&path, &old).unwrap();
    fs::remove_file(&path).unwrap();
    vault.put_aside(&vault.ready().unwrap(), &name("a"), tokens("two"), EventKind::Login);
    assert!(vault.retry());
    fs::write(&path, &old).unwrap();
    assert!(refusal(&vault, "a").contains("older copy"), "the counter goes on");
    fs::remove_file(&path).unwrap();
    assert_eq!(vault.all().unwrap().unreadable.len(), 1, "who lists them notices, too");
    // What was removed by its own process is no surprise, and does not come back either.
    save(&vault, "a", "three");
    let old = fs::read(&path).unwrap();
    vault.remove(&name("a")).unwrap();
    assert!(vault.read(&name("a")).unwrap().is_none());
    fs::write(&path, old).unwrap();
    save(&vault, "b", "one");
    vault.remove(&name("b")).unwrap();
    save(&vault, "b", "two");
    assert_eq!(access(&vault, "b").as_deref(), Some("marker-access-two"), "a new one counts on");
}

#[test]
fn version_1_is_taken_over_once_and_refused_from_then_on() {
    let (folder, identity) = old_vault();
    let vault = Vault::open(folder.path(), identity.clone()).unwrap();
    let old = fs::read(file(&vault, "a")).unwrap();
    assert_eq!(access(&vault, "a").as_deref(), Some("marker-access-one"));
    let secrets = vault.read(&name("b")).unwrap().unwrap().secrets;
    assert_eq!(secrets.keys().collect::<Vec<_>>(), ["password"], "whoever planted key sets has planted nothing");
    for profile in ["a", "b"] {
        let plaintext = identity.open(&fs::read(file(&vault, profile)).unwrap()).unwrap();
        assert!(plaintext.starts_with(b"{\"version\":4"), "the first opening has rewritten it");
    }
    let next = || Vault::open(folder.path(), identity.clone()).unwrap();
    for planted in [old, version_1(&identity.public(), "a", "planted")] {
        fs::write(file(&vault, "a"), planted).unwrap();
        assert!(refusal(&next(), "a").contains("no longer accepts"));
        let words = refusal(&vault, "a");
        assert!(words.contains("no longer accepts"), "{words}");
        assert_eq!(access(&next(), "b").as_deref(), Some("marker-access-one"));
        // Deleting or changing the note opens nothing while an authenticated record is there.
        fs::write(note(&folder), "changed").unwrap();
        assert!(refusal(&next(), "a").contains("no longer accepts"));
        fs::remove_file(note(&folder)).unwrap();
        assert!(refusal(&next(), "a").contains("no longer accepts"));
        assert!(note(&folder).exists(), "it is back");
    }
}

#[test]
fn a_vault_that_is_new_has_never_had_a_version_1() {
    let (folder, identity, vault) = vault();
    fs::write(file(&vault, "a"), version_1(&identity.public(), "a", "planted")).unwrap();
    let next = Vault::open(folder.path(), identity).unwrap();
    assert!(refusal(&next, "a").contains("no longer accepts"), "although nothing else is there");
    assert!(!note(&folder).exists());
}

#[test]
fn a_migration_that_breaks_off_goes_on() {
    let (folder, identity) = old_vault();
    let vault = Vault::open(folder.path(), identity.clone()).unwrap();
    let busy = Vault::open_locked(folder.path()).unwrap();
    let lock = busy.glance(&name("b"), std::time::Duration::ZERO).unwrap();
    assert_eq!(access(&vault, "b").as_deref(), Some("marker-access-one"), "readable, although it is not rewritten");
    let planted = version_1(&identity.public(), "c", "planted");
    fs::write(file(&vault, "c"), planted).unwrap();
    assert!(vault.read(&name("c")).is_err(), "what comes later is not taken over");
    drop((lock, vault));
    // The next process finds b in the note, and ends it.
    let next = Vault::open(folder.path(), identity.clone()).unwrap();
    assert_eq!(access(&next, "b").as_deref(), Some("marker-access-one"));
    assert!(identity.open(&fs::read(file(&next, "b")).unwrap()).unwrap().starts_with(b"{\"version\":4"));
    assert!(next.read(&name("c")).is_err());
}

#[test]
fn what_version_1_has_kept_elsewhere_is_taken_over() {
    let (folder, identity) = old_vault();
    let place = folder.path().join("elsewhere");
    let open = || Vault::open(folder.path(), identity.clone()).unwrap().rescuing_in(vec![place.clone()]);
    let rescue = open().rescue.save(&name("a"), &version_1(&identity.public(), "a", "two")).unwrap();
    assert_eq!(access(&open(), "a").as_deref(), Some("marker-access-two"));
    assert!(!rescue.exists(), "it is in its record");
    let forged = open().rescue.save(&name("a"), &version_1(&identity.public(), "a", "planted")).unwrap();
    assert_eq!(access(&open(), "a").as_deref(), Some("marker-access-two"));
    assert!(forged.exists());
}

#[test]
fn whoever_holds_a_record_goes_on_while_the_vault_is_locked() {
    let (folder, identity, vault) = vault();
    let mut entry = vault.hold_now(&name("a")).unwrap();
    vault.lock();
    entry.record.renew(tokens("two"), EventKind::Refresh);
    assert_eq!(entry.keep(), None);
    drop(entry);
    assert!(vault.is_locked() && vault.read(&name("a")).is_err());
    let next = Vault::open(folder.path(), identity).unwrap();
    assert_eq!(access(&next, "a").as_deref(), Some("marker-access-two"), "what was saved then is authenticated");
}

#[test]
fn a_planted_key_set_is_refused() {
    let (folder, identity, vault) = vault();
    let (a, source) = (name("a"), "https://id.example/jwks");
    vault.keep_key_set(&a, source, &"fetched".into()).unwrap();
    let path = file(&vault, "a").with_extension("keys");
    let kept = fs::read(&path).unwrap();
    let object = identity.open(&kept).unwrap();
    let planted = String::from_utf8(object.to_vec()).unwrap().replace("fetched", "planted");
    fs::write(&path, identity.seal(planted.as_bytes())).unwrap();
    let next = || Vault::open(folder.path(), identity.clone()).unwrap();
    assert!(matches!(next().key_set(&a, source), Err(VaultError::Forged(_))));
    fs::write(file(&vault, "b").with_extension("keys"), &kept).unwrap();
    assert!(matches!(next().key_set(&name("b"), source), Err(VaultError::Swapped { .. })));
    vault.keep_key_set(&a, source, &"newer".into()).unwrap();
    fs::write(&path, &kept).unwrap();
    assert!(matches!(vault.key_set(&a, source), Err(VaultError::RolledBack { .. })));
    vault.keep_key_set(&a, source, &"newest".into()).unwrap();
    vault.rename(&a, &name("c")).unwrap();
    assert_eq!(next().key_set(&name("c"), source).unwrap().unwrap().expose_secret(), "newest");
    assert!(!path.exists());
    vault.remove(&name("c")).unwrap();
    assert!(!file(&vault, "c").with_extension("keys").exists());
}

#[test]
fn a_key_set_that_is_too_large_costs_only_itself() {
    let (_folder, _identity, vault) = vault();
    let a = name("a");
    let huge = SecretString::from("k".repeat(2 << 20));
    vault.keep_key_set(&a, "one", &"fetched".into()).unwrap();
    assert!(matches!(vault.keep_key_set(&a, "two", &huge), Err(VaultError::Store(StoreError::TooLarge(..)))));
    assert_eq!(vault.key_set(&a, "one").unwrap().unwrap().expose_secret(), "fetched");
    // Two that have no room beside each other.
    let large = SecretString::from("k".repeat(700 << 10));
    vault.keep_key_set(&a, "two", &large).unwrap();
    vault.keep_key_set(&a, "three", &large).unwrap();
    assert!(vault.key_set(&a, "two").unwrap().is_none() && vault.key_set(&a, "three").unwrap().is_some());
    save(&vault, "a", "two");
    assert_eq!(access(&vault, "a").as_deref(), Some("marker-access-two"));
}

#[test]
fn a_token_that_is_too_large_never_costs_the_refresh_token() {
    let (folder, identity, vault) = vault();
    let mut set = tokens("two");
    set.tokens[0].raw = "a".repeat(900 << 10).into();
    let id = IssuedToken { kind: TokenKind::Id, raw: "i".repeat(600 << 10).into(), ..set.tokens[0].clone() };
    set.tokens.push(id);
    let mut entry = vault.hold_now(&name("a")).unwrap();
    entry.record.renew(set, EventKind::Refresh);
    entry.save().unwrap();
    drop(entry);
    let record = Vault::open(folder.path(), identity).unwrap().read(&name("a")).unwrap().unwrap();
    let set = record.token_set.unwrap();
    let kinds: Vec<_> = set.tokens.iter().map(|token| token.kind).collect();
    assert_eq!(kinds, [TokenKind::Refresh, TokenKind::Id]);
    assert_eq!(set.token(TokenKind::Refresh).unwrap().raw.expose_secret(), "marker-refresh-two");
    assert!(set.remarks.iter().any(|remark| remark == "the access token is too large to be saved: 900 KiB"));
    assert!(record.generations[0].token_set().is_none(), "the text of the tokens before them goes first");
    assert_eq!(record.generations[0].tokens.len(), 2, "which they were stays known");
}

#[test]
fn tokens_from_elsewhere_that_are_long_outdated_were_put_back() {
    let (folder, identity, vault) = vault();
    let place = folder.path().join("elsewhere");
    let vault = vault.rescuing_in(vec![place.clone()]);
    let open = || Vault::open(folder.path(), identity.clone()).unwrap().rescuing_in(vec![place.clone()]);
    let mut aside = Record::default();
    aside.renew(tokens("aside"), EventKind::Login);
    let now = counted(0);
    for (counter, expected) in [(now - 3 * 3_600_000, "marker-access-one"), (now - 60_000, "marker-access-aside")] {
        vault.rescue.save(&name("a"), &seal(&identity.sealer(), &name("a"), counter, &aside)).unwrap();
        assert_eq!(access(&open(), "a").as_deref(), Some(expected));
    }
}
