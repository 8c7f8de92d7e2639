//! What a server gave is not lost, whatever the vault says.

use super::*;

#[tokio::test]
async fn nothing_is_sent_when_the_vault_cannot_be_written_or_is_locked() {
    let stage = Stage::new(Puppet::default()).await;
    block(&stage.file());
    let error = stage.refresh().await.unwrap_err();
    assert!(matches!(error, AuthError::Vault(_)) && error.hint().is_some(), "{error:?}");
    unblock(&stage.file());
    stage.session.vault.lock();
    let errors = [
        stage.refresh().await.map(drop),
        stage.session.login(&stage.profile, &NoInteraction).await.map(drop),
        stage.session.revoke(&stage.profile, Wanted::Current, &NoInteraction).await.map(drop),
        stage.session.probe(&stage.profile, &NoInteraction).await.map(drop),
    ];
    for error in errors {
        assert!(matches!(&error, Err(AuthError::Vault(why)) if why.what.contains("locked")), "{error:?}");
    }
    assert_eq!(stage.calls(), 0);
    stage.session.vault.unlock(stage.identity.clone());
    stage.refresh().await.unwrap();
}

#[tokio::test]
async fn a_reply_that_cannot_be_written_is_used_and_told_and_written_later() {
    let stage = Stage::new(Puppet::default()).await;
    let file = stage.file();
    let blocked = file.clone();
    stage.meanwhile(move || block(&blocked));
    let reader = Reader::default();
    let new = stage.session.refresh(&stage.profile, None, &reader).await.unwrap();
    assert!(reader.0.lock().unwrap().contains("only in memory"), "{}", reader.0.lock().unwrap());
    let name = &stage.profile.name;
    assert!(stage.session.vault.unsaved(name).is_some());
    assert_eq!(access(&stage.session.vault.token_set(name).unwrap().unwrap()), access(&new));
    unblock(&file);
    assert!(stage.condition().in_flight.is_some(), "what is on disk says that the state is unknown");
    stage.session.probe(&stage.profile, &NoInteraction).await.unwrap();
    assert_eq!((stage.session.vault.unsaved(name), stage.condition()), (None, Condition::default()));
    let saved = stage.another().vault.read(name).unwrap().unwrap();
    assert_eq!(access(&saved.token_set.unwrap()), access(&new));
    assert_eq!(saved.generations.len(), 1, "those before them are kept until they are dead");
}

#[tokio::test]
async fn a_login_is_not_lost_whatever_its_file_looks_like() {
    let stage = Stage::new(Puppet::default()).await;
    let file = stage.file();
    fs::write(&file, "damaged").unwrap();
    let reader = Reader::default();
    let new = stage.session.login(&stage.profile, &reader).await.unwrap();
    assert!(reader.0.lock().unwrap().contains("is damaged"), "{}", reader.0.lock().unwrap());
    let name = &stage.profile.name;
    assert_eq!(access(&stage.session.vault.token_set(name).unwrap().unwrap()), access(&new));
    assert_eq!(fs::read(&file).unwrap(), b"damaged");
    fs::remove_file(&file).unwrap();
    assert!(stage.session.vault.retry());
    assert_eq!(access(&stage.another().vault.token_set(name).unwrap().unwrap()), access(&new));
}

#[tokio::test]
async fn a_login_that_ends_when_the_vault_was_locked_is_not_lost() {
    let stage = Stage::new(Puppet::default()).await;
    let vault = Arc::clone(&stage.session.vault);
    *stage.puppet.meanwhile.lock().unwrap() = Some(Box::new(move || vault.lock()));
    let reader = Reader::default();
    let set = stage.session.login(&stage.profile, &reader).await.unwrap();
    assert!(reader.0.lock().unwrap().contains("only in memory (the vault is locked)"));
    stage.session.vault.unlock(stage.identity.clone());
    assert!(stage.session.vault.retry());
    let again = Stage::session(&stage.folder, &stage.identity, stage.puppet);
    let saved = again.vault.read(&stage.profile.name).unwrap().unwrap();
    assert_eq!(access(&saved.token_set.unwrap()), access(&set));
    assert_eq!(saved.history.len(), 2, "the login of before, and this one");
}
