//! The files of a vault, and the folder that they lie in.

use super::*;

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
    let newer = file_format::write("c", 1, &Record::default());
    let newer = String::from_utf8(newer.to_vec()).unwrap().replace("\"version\":4", "\"version\":5,\"new\":[]");
    let garbled = seal::seal(&identity.sealer(), Kind::Record, b"{\"version\":2}".to_vec().into());
    let cases: [(&str, Vec<u8>, &str); 4] = [
        ("b", b"not age at all".to_vec(), "damaged"),
        ("c", identity.seal(newer.as_bytes()), "newer tokscope (version 5"),
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
    assert!(matches!(stranger.token_set(&name("a")), Err(VaultError::Damaged(_))));
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
