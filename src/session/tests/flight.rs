//! Who waits for an exchange may leave; what was sent is finished.

use super::*;

#[tokio::test]
async fn a_refresh_that_was_stopped_before_it_sent_anything_takes_its_mark_back() {
    let stage = Stage::new(Puppet::default()).await;
    let asked = Arc::new(Notify::new());
    *stage.puppet.hangs.lock().unwrap() = Some(Arc::clone(&asked));
    tokio::select! {
        result = stage.refresh() => panic!("no answer comes: {result:?}"),
        () = asked.notified() => assert!(stage.condition().in_flight.is_some()),
    }
    assert!(stage.session.under_way().is_empty());
    stage.session.finished().await;
    assert_eq!(stage.condition(), Condition::default(), "nothing was sent");
}

#[tokio::test]
async fn what_was_sent_is_finished_and_saved_without_whoever_waited_for_it() {
    let stage = Stage::new(Puppet::default()).await;
    let asked = Arc::new(Notify::new());
    *stage.puppet.hangs.lock().unwrap() = Some(Arc::clone(&asked));
    stage.puppet.sends.store(true, std::sync::atomic::Ordering::Relaxed);
    tokio::select! {
        result = stage.refresh() => panic!("it is not answered yet: {result:?}"),
        () = asked.notified() => {}
    }
    let awaited = stage.session.leave();
    assert_eq!(awaited, stage.session.under_way());
    assert_eq!(awaited[0].to_string(), "the refresh of strings, at most 20 s");
    let late = stage.session.refresh(&stage.profile, None, &NoInteraction).await.unwrap_err();
    assert_eq!(late, AuthError::Cancelled, "nothing begins any more");
    assert!(stage.condition().in_flight.is_some());
    stage.puppet.answer.notify_one();
    stage.session.finished().await;
    assert_eq!(stage.condition(), Condition::default());
    assert_eq!(stage.saved().tokens[1].raw.expose_secret(), "refresh-1");
}

/// Open edX: a JWT without `jti` is the same one for all that come in its second.
#[tokio::test]
async fn two_refreshes_that_bring_the_same_access_token_are_one() {
    let stage = Stage::new(Puppet { one_second: true, ..Puppet::default() }).await;
    let seen = stage.saved().generation();
    let callers = (0..10).map(|_| stage.session.refresh(&stage.profile, seen, &NoInteraction));
    let mut got = Vec::new();
    for caller in callers {
        got.push(access(&caller.await.unwrap()));
    }
    got.dedup();
    assert_eq!((got.len(), stage.calls()), (1, 1));
}

#[tokio::test]
async fn a_waiter_is_more_patient_than_the_request_that_it_waits_for() {
    let mut stage = Stage::new(Puppet::default()).await;
    for (timeout, seconds) in [(None, 20), (Some("3"), 3), (Some("300"), 300)] {
        stage.profile.settings.extend(timeout.map(|timeout| ("timeout".to_owned(), timeout.to_owned())));
        let patience = stage.session.call(&stage.profile).unwrap().patience();
        assert!(patience > Duration::from_secs(2 * seconds), "{timeout:?}: {patience:?}");
    }
}

#[tokio::test]
async fn a_login_has_the_lock_while_its_answer_is_awaited() {
    let stage = Stage::new(Puppet::default()).await;
    stage.puppet.sends.store(true, std::sync::atomic::Ordering::Relaxed);
    let (other, name) = (stage.another(), &stage.profile.name);
    let is_busy = || matches!(other.vault.hold_now(name), Err(VaultError::Busy(_)));
    let login = async { stage.session.login(&stage.profile, &NoInteraction).await.unwrap() };
    let watch = async {
        while stage.session.under_way().is_empty() {
            tokio::task::yield_now().await;
        }
        for _ in 0..8 {
            tokio::task::yield_now().await;
        }
        assert!(is_busy(), "the profile can be neither removed nor renamed");
        stage.puppet.answer.notify_one();
    };
    let new = tokio::join!(login, watch).0;
    assert!(!is_busy());
    assert_eq!(access(&stage.saved()), access(&new));
}

/// What a first real vault holds that is opened while an exchange over the one in memory is under way.
async fn opened_during<T>(begins: impl AsyncFnOnce(Session, Profile, &Puppet) -> Result<T, AuthError>) -> Session {
    let Stage { folder, puppet, profile, identity, .. } = Stage::new(Puppet::default()).await;
    let provider: &'static dyn Provider = puppet;
    let session = Session::new(vec![provider].leak(), Box::new(NoSecrets), Arc::new(Vault::memory()));
    session.adopt(&profile.name, set(6, true)).unwrap();
    let opened = Arc::<Mutex<Option<Session>>>::default();
    let (early, place) = (session.clone(), Arc::clone(&opened));
    *puppet.meanwhile.lock().unwrap() = Some(Box::new(move || {
        let home = folder.path().join("new");
        let location = Location::new(home, None);
        let key = UnlockedIdentity { home: Home::Plain, identity, chosen: false };
        *place.lock().unwrap() = Some(early.open(&location, key).unwrap().0);
        std::mem::forget(folder);
    }));
    begins(session, profile, puppet).await.unwrap();
    opened.lock().unwrap().take().expect("it was opened")
}

#[tokio::test]
async fn an_exchange_over_the_vault_in_memory_ends_in_the_one_that_was_opened_meanwhile() {
    let name = ProfileName::new("strings").unwrap();
    let kept = |session: &Session| session.record(&name).unwrap().unwrap();
    let raw = |record: &Record| record.token_set.as_ref().map(|set| set.tokens[1].raw.expose_secret().to_owned());
    let opened = opened_during(async |session, profile, _| session.login(&profile, &NoInteraction).await).await;
    assert!(opened.is_durable());
    assert_eq!(raw(&kept(&opened)).as_deref(), Some("refresh-100"), "a login");
    let opened = opened_during(async |session, profile, _| session.refresh(&profile, None, &NoInteraction).await).await;
    assert_eq!(raw(&kept(&opened)).as_deref(), Some("refresh-1"), "a refresh");
    assert_eq!(opened.condition(&name).unwrap(), Condition::default());
    let revoke =
        async |session: Session, profile, _: &_| session.revoke(&profile, Wanted::Current, &NoInteraction).await;
    let opened = opened_during(revoke).await;
    assert_eq!(raw(&kept(&opened)).as_deref(), Some("refresh-6"), "a revocation");
    assert!(kept(&opened).is_revoked(), "asked is not dead, and known there");
    let opened = opened_during(async |session, profile, _| session.logout(&profile, &NoInteraction).await).await;
    let record = kept(&opened);
    assert_eq!((raw(&record), record.generations.len()), (None, 1), "a logout");
    assert!(record.generations[0].survives(&record.evidence, clock::now()));
    // What the server refuses is known there, too.
    let opened = opened_during(async |session, profile, puppet| {
        puppet.failures.lock().unwrap().push(refused(true, 400));
        session.refresh(&profile, None, &NoInteraction).await.unwrap_err();
        Ok(())
    })
    .await;
    assert!(opened.condition(&name).unwrap().retired.is_some());
}

#[tokio::test]
async fn an_exchange_that_changed_nothing_leaves_the_vault_that_was_opened_meanwhile_as_it_is() {
    let name = ProfileName::new("strings").unwrap();
    let opened = opened_during(async |session, profile, puppet| {
        puppet.failures.lock().unwrap().push(AuthError::Cancelled);
        session.refresh(&profile, None, &NoInteraction).await.unwrap_err();
        Ok(())
    })
    .await;
    let raw = |session: &Session| session.token_set(&name).unwrap().unwrap().tokens[1].raw.expose_secret().to_owned();
    assert_eq!(raw(&opened), "refresh-6");
    assert_eq!(opened.condition(&name).unwrap(), Condition::default(), "and has no mark");
}
