use super::*;
use crate::{
    auth::{IssuedToken, Scheme, SecretRef, SecretSource, TokenKind},
    clock,
    secret::SecretString,
    session::Location,
    store::{
        identity::{Home, Identity, UnlockedIdentity},
        vault::{Event, EventKind, Vault},
    },
};

struct NoSecrets;

#[async_trait::async_trait]
impl SecretSource for NoSecrets {
    async fn resolve(&self, _: &SecretRef) -> Result<SecretString, crate::auth::AuthError> {
        Err(crate::auth::AuthError::Cancelled)
    }
}

fn over(vault: Vault) -> Session {
    Session::new(&[], Box::new(NoSecrets), Arc::new(vault))
}

fn name(text: &str) -> ProfileName {
    ProfileName::new(text).unwrap()
}

fn profile(name: &str, url: &str) -> Profile {
    Profile {
        name: self::name(name),
        provider: "openedx".to_owned(),
        settings: [("url".to_owned(), url.to_owned())].into(),
        environment: None,
        tags: Vec::new(),
    }
}

fn tokens(raw: &str) -> TokenSet {
    let token = IssuedToken { kind: TokenKind::Refresh, raw: raw.into(), expires_at: None, scheme: Scheme::BEARER };
    TokenSet { tokens: vec![token], scope: None, account: None, received_at: clock::now(), remarks: Vec::new() }
}

fn save(session: &Session, at: &Profiles, old: Option<&str>, profile: &Profile) -> Result<Saved, Trouble> {
    session.save_profile(at, old.map(name).as_ref(), &profile.name, |_| Ok(profile.clone()))
}

/// Both places, each with a vault that is open.
fn places() -> [(tempfile::TempDir, Session, Profiles); 2] {
    let new = || tempfile::tempdir().unwrap();
    let (file, memory) = (new(), new());
    let vault = Vault::open(file.path(), Identity::generate()).unwrap();
    let at = Profiles::File(file.path().to_owned());
    [(file, over(vault), at), (memory, over(Vault::memory()), Profiles::in_memory(Vec::new(), None))]
}

#[test]
fn saving_renaming_and_removing_is_the_same_wherever_profiles_are() {
    for (_folder, session, at) in places() {
        save(&session, &at, None, &profile("aa", "https://one.example")).unwrap();
        let taken = save(&session, &at, None, &profile("aa", "https://two.example")).unwrap_err();
        assert_eq!(taken.to_string(), "the profile aa already exists");
        save(&session, &at, None, &profile("bb", "https://b.example")).unwrap();
        let taken = save(&session, &at, Some("bb"), &profile("aa", "x")).unwrap_err();
        assert_eq!(taken.line(), "the profile aa already exists; choose another name");
        for of in ["aa", "bb"] {
            session.adopt(&name(of), tokens(of)).unwrap();
        }
        save(&session, &at, Some("aa"), &profile("cc", "https://c.example")).unwrap();
        assert_eq!(session.remove_profile(&at, &name("bb")).unwrap().1.map(|why| why.to_string()), None);
        assert_eq!(at.all().unwrap(), [profile("cc", "https://c.example")]);
        let kept = session.records().unwrap().records;
        let kept: Vec<_> = kept.iter().map(|(name, record)| (name.as_str(), record.token_set.is_some())).collect();
        assert_eq!(kept, [("cc", true)], "what is kept follows");
    }
}

#[test]
fn a_profile_of_which_nothing_is_kept_is_renamed_behind_the_lock_and_no_other() {
    let [(_folder, session, at), _] = places();
    for of in ["aa", "bb"] {
        save(&session, &at, None, &profile(of, "https://a.example")).unwrap();
    }
    session.adopt(&name("bb"), tokens("marker")).unwrap();
    session.lock();
    assert!(save(&session, &at, Some("aa"), &profile("cc", "https://a.example")).unwrap().left.is_none());
    let refused = save(&session, &at, Some("bb"), &profile("dd", "https://a.example")).unwrap_err();
    assert_eq!(refused.to_string(), "the vault is locked");
    let names: Vec<_> = at.all().unwrap().into_iter().map(|profile| profile.name.to_string()).collect();
    assert_eq!(names, ["bb", "cc"]);
}

#[test]
fn secrets_that_may_not_be_remembered_any_more_are_forgotten() {
    for (_folder, session, at) in places() {
        let mut remembers = profile("aa", "https://a.example");
        remembers.settings.insert("remember_secrets".to_owned(), "true".to_owned());
        save(&session, &at, None, &remembers).unwrap();
        session.vault.remember(&name("aa"), "password", Some("marker".into())).unwrap();
        save(&session, &at, Some("aa"), &remembers).unwrap();
        assert!(session.vault.secret(&name("aa"), "password").unwrap().is_some(), "it still says so");
        let forgets = profile("bb", "https://a.example");
        assert!(save(&session, &at, Some("aa"), &forgets).unwrap().left.is_none());
        assert!(session.vault.secret(&name("bb"), "password").unwrap().is_none());
    }
}

#[test]
fn a_change_that_had_to_wait_goes_into_the_vault_that_was_opened_meanwhile() {
    let dir = tempfile::tempdir().unwrap();
    let folder = Location::new(dir.path().to_owned(), None);
    let (at, asked) = (folder.profiles(), over(Vault::memory()));
    let names = |session: &Session| {
        let kept = session.records().unwrap().records;
        kept.into_iter().map(|(name, _)| name.to_string()).collect::<Vec<_>>()
    };
    save(&asked, &at, None, &profile("aa", "https://a.example")).unwrap();
    asked.adopt(&name("aa"), tokens("marker")).unwrap();
    let key = UnlockedIdentity { home: Home::Plain, identity: Identity::generate(), chosen: false };
    let (opened, left) = asked.open(&folder, key).unwrap();
    assert!(left.is_none() && opened.is_durable());

    let left = save(&asked, &at, Some("aa"), &profile("bb", "https://a.example")).unwrap().left;
    assert!(left.is_none(), "{left:?}");
    asked.import(&at, found("https://a.example", "marker"), false).unwrap();
    assert_eq!(names(&opened), ["aa", "bb"]);
    asked.remove_profile(&at, &name("aa")).unwrap();
    asked.forget(&name("bb")).unwrap();
    assert!(opened.token_set(&name("bb")).unwrap().is_none());
    assert!(!opened.keeps(&name("aa")));

    // Whoever has opened it does not want it any more.
    drop(opened);
    asked.import(&at, found("https://a.example", "marker"), false).unwrap();
    assert!(asked.token_set(&name("aa")).unwrap().is_some());
}

#[test]
fn behind_the_lock_it_is_said_that_secrets_stay() {
    let [(_folder, session, at), _] = places();
    let mut remembers = profile("aa", "https://a.example");
    remembers.settings.insert("remember_secrets".to_owned(), "true".to_owned());
    save(&session, &at, None, &remembers).unwrap();
    session.lock();
    assert!(save(&session, &at, Some("aa"), &remembers).unwrap().left.is_none(), "nothing is to be forgotten");
    let left = save(&session, &at, Some("aa"), &profile("aa", "https://a.example")).unwrap().left;
    assert!(matches!(left, Some(VaultError::Locked)), "{left:?}");
}

fn found(url: &str, raw: &str) -> Imported {
    Imported {
        profiles: vec![profile("aa", url)],
        token_sets: vec![(name("aa"), tokens(raw))],
        warnings: vec!["a warning".to_owned()],
    }
}

#[test]
fn an_import_replaces_nothing_unless_it_is_to_and_its_tokens_come_along() {
    let import = |session: &Session, at: &Profiles, url: &str, raw: &str, replace: bool| {
        let import = session.import(at, found(url, raw), replace).unwrap();
        assert!(import.left.is_empty() && import.warnings == ["a warning"], "{import:?}");
        (import.profiles[0].1, import.token_sets.len())
    };
    for (_folder, session, at) in places() {
        let kept = || session.token_set(&name("aa")).unwrap().unwrap().tokens[0].fingerprint();
        assert_eq!(import(&session, &at, "https://a.example", "first", false), (ImportOutcome::Added, 1));
        let first = kept();
        assert_eq!(import(&session, &at, "https://a.example", "second", false), (ImportOutcome::Unchanged, 0));
        assert_eq!(import(&session, &at, "https://b.example", "second", false), (ImportOutcome::Refused, 0));
        assert_eq!(kept(), first);
        assert_eq!(at.all().unwrap(), [profile("aa", "https://a.example")]);
        session.forget(&name("aa")).unwrap();
        assert_eq!(
            import(&session, &at, "https://a.example", "third", false),
            (ImportOutcome::Unchanged, 1),
            "it had none"
        );
        assert_eq!(import(&session, &at, "https://b.example", "fourth", true), (ImportOutcome::Replaced, 1));
        assert_ne!(kept(), first);
        let history = session.record(&name("aa")).unwrap().unwrap().history;
        assert!(matches!(history.last(), Some(Event { kind: EventKind::Adopted, .. })));
    }
}

#[test]
fn what_was_forgotten_or_removed_comes_back_and_never_in_the_place_of_newer_tokens() {
    for (_folder, session, at) in places() {
        let kept = || session.token_set(&name("aa")).unwrap().map(|set| set.tokens[0].fingerprint());
        let aa = profile("aa", "https://a.example");
        save(&session, &at, None, &aa).unwrap();
        session.adopt(&name("aa"), tokens("first")).unwrap();
        let first = kept();
        let forgotten = session.forget(&name("aa")).unwrap();
        assert_eq!(kept(), None);
        session.put_back(&at, forgotten.clone()).unwrap();
        assert_eq!(kept(), first);
        // Another login came meanwhile.
        session.forget(&name("aa")).unwrap();
        session.adopt(&name("aa"), tokens("newer")).unwrap();
        let newer = kept();
        assert!(session.put_back(&at, forgotten).unwrap_err().line().contains("newer tokens, which stay"));
        assert_eq!(kept(), newer);
        let (removed, left) = session.remove_profile(&at, &name("aa")).unwrap();
        assert!(left.is_none() && !session.keeps(&name("aa")) && at.all().unwrap().is_empty());
        session.put_back(&at, removed.clone()).unwrap();
        assert_eq!((at.all().unwrap(), kept()), (vec![aa], newer));
        // The name is taken again: the other one stays.
        let other = profile("aa", "https://other.example");
        save(&session, &at, Some("aa"), &other).unwrap();
        assert!(session.put_back(&at, removed).is_err());
        assert_eq!(at.all().unwrap(), [other]);
    }
}
