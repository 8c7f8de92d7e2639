//! What a profile lets be remembered, and for how long.

use super::*;

/// Types these answers, the last one first.
struct Typist(Mutex<Vec<&'static str>>);

#[async_trait]
impl Interaction for Typist {
    fn report(&self, _: Progress) {}
    async fn ask(&self, prompt: Prompt) -> Result<SecretString, AuthError> {
        let answer = self.0.lock().unwrap().pop();
        answer.map(SecretString::from).ok_or(AuthError::NeedsInteraction(prompt.label.into_owned()))
    }
}

#[tokio::test]
async fn a_password_is_remembered_where_the_profile_says_so_and_until_it_is_refused() {
    let Stage { folder, puppet, session, mut profile, .. } = Stage::new(Puppet::default()).await;
    let typist = |answers: &[&'static str]| Typist(Mutex::new(answers.to_vec()));
    let kept = || session.vault.secret(&ProfileName::new("strings").unwrap(), "password").unwrap();
    profile.settings.insert("password".to_owned(), "prompt".to_owned());
    session.login(&profile, &typist(&["marker"])).await.unwrap();
    assert!(kept().is_none(), "it was not asked for");
    profile.settings.insert("remember_secrets".to_owned(), "true".to_owned());
    session.login(&profile, &typist(&["marker"])).await.unwrap();
    assert_eq!(kept().unwrap().expose_secret(), "marker");
    session.login(&profile, &NoInteraction).await.unwrap();
    assert_eq!(*puppet.passwords.lock().unwrap(), ["marker"; 3]);
    for file in fs::read_dir(folder.path().join("vault")).unwrap() {
        let bytes = fs::read(file.unwrap().path()).unwrap();
        assert!(!String::from_utf8_lossy(&bytes).contains("marker"), "it is in clear nowhere");
    }
    puppet.refuses.store(true, std::sync::atomic::Ordering::Relaxed);
    let reader = Reader::default();
    session.login(&profile, &reader).await.unwrap_err();
    assert!(kept().is_none() && reader.0.lock().unwrap().contains("so it was forgotten"));
    puppet.refuses.store(false, std::sync::atomic::Ordering::Relaxed);
    session.login(&profile, &typist(&["another"])).await.unwrap();
    session.forget_secrets(&profile).unwrap();
    assert!(kept().is_some(), "it still says so");
    profile.settings.remove("remember_secrets");
    session.forget_secrets(&profile).unwrap();
    assert!(kept().is_none());
}

#[tokio::test]
async fn what_a_field_forbids_is_never_remembered() {
    let Stage { folder: _folder, session, mut profile, .. } = Stage::new(Puppet::default()).await;
    for (key, value) in [("password", "prompt"), ("master_key", "prompt"), ("remember_secrets", "true")] {
        profile.settings.insert(key.to_owned(), value.to_owned());
    }
    // What is asked for last stands first.
    session.login(&profile, &Typist(Mutex::new(vec!["everything", "marker"]))).await.unwrap();
    let kept = |key| session.vault.secret(&profile.name, key).unwrap();
    assert!(kept("password").is_some() && kept("master_key").is_none());
    session.login(&profile, &Typist(Mutex::new(vec!["everything"]))).await.unwrap();
}

#[tokio::test]
async fn fetched_keys_are_kept_for_the_next_start() {
    let Stage { folder: _folder, session, mut profile, .. } = Stage::new(Puppet::default()).await;
    let source = crate::auth::key_source::KeySource::parse("https://id.example/jwks", None).unwrap();
    let set = br#"{"keys":[{"kty":"oct","k":"c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LXNlY3JldA"}]}"#;
    session.keep_keys(&source, &profile, set);
    assert!(session.kept_keys(&source, &profile).is_none(), "its profile does not name it");
    profile.settings.insert("verify_key".to_owned(), "https://id.example/jwks".to_owned());
    session.keep_keys(&source, &profile, set);
    let (keys, fetched) = session.kept_keys(&source, &profile).unwrap();
    assert_eq!(keys.verification.entries().len(), 1);
    assert!((clock::now() - fetched).num_minutes() == 0);
}
