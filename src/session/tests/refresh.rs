//! A refresh token is marked, used once, and retired only by a clear refusal.

use super::*;

#[tokio::test]
async fn the_mark_is_on_disk_while_the_request_is_under_way_and_goes_with_the_reply() {
    let stage = Stage::new(Puppet::default()).await;
    let seen = Arc::new(Mutex::new(None));
    let (other, name, found) = (stage.another(), stage.profile.name.clone(), Arc::clone(&seen));
    stage.meanwhile(move || {
        assert!(matches!(other.vault.hold_now(&name), Err(VaultError::Busy(_))), "the lock is held");
        *found.lock().unwrap() = other.vault.condition(&name).unwrap().in_flight;
    });
    let first = stage.saved();
    let new = stage.refresh().await.unwrap();
    let mark = seen.lock().unwrap().clone().expect("a mark");
    assert_eq!((mark.pid, mark.attempts), (std::process::id(), 1));
    assert_eq!(mark.refresh_token.to_string(), crate::secret::Fingerprint::of("refresh-0").to_string());
    assert_eq!(stage.condition(), Condition::default());
    let saved = stage.another().vault.read(&stage.profile.name).unwrap().unwrap();
    assert_eq!(access(&saved.token_set.unwrap()), access(&new));
    assert_eq!(access(&saved.generations[0].token_set().unwrap()), access(&first), "in the same write");
}

#[tokio::test]
async fn what_another_has_renewed_is_used() {
    let stage = Stage::new(Puppet::default()).await;
    let before = stage.saved().generation();
    let theirs = stage.another().refresh(&stage.profile, before, &NoInteraction).await.unwrap();
    let reader = Reader::default();
    let ours = stage.session.refresh(&stage.profile, before, &reader).await.unwrap();
    assert_eq!((access(&ours), stage.calls()), (access(&theirs), 1));
    assert!(reader.0.lock().unwrap().contains("already renewed the tokens"));
    stage.refresh().await.unwrap();
    assert_eq!(stage.calls(), 2, "these are the ones that were seen");
    let mut expired = set(7, true);
    expired.tokens[0].expires_at = Some(clock::now());
    stage.session.adopt(&stage.profile.name, expired).unwrap();
    stage.session.refresh(&stage.profile, before, &NoInteraction).await.unwrap();
    assert_eq!(stage.calls(), 3, "what the other one got has expired again");
}

#[tokio::test]
async fn only_a_clear_refusal_retires_a_refresh_token() {
    let unexpected =
        AuthError::UnexpectedAnswer { host: "h".to_owned(), status: 502, expected: "x", found: "HTML".to_owned() };
    let cases = [
        (refused(true, 400), true, false),
        (refused(false, 400), false, false),
        (refused(false, 500), false, true),
        (unexpected, false, true),
        (AuthError::RateLimited { status: 429, retry_after: None, words: None }, false, false),
        (AuthError::Http(HttpError::BadHeader), false, false),
    ];
    for (error, retired, unknown) in cases {
        let stage = Stage::new(Puppet::default()).await;
        let first = stage.saved();
        stage.fail(error.clone());
        let said = stage.refresh().await.unwrap_err();
        assert_eq!(matches!(said, AuthError::StateUnknown(_)), unknown, "{error:?}: {said:?}");
        let Condition { in_flight, retired: dead, doubt: None, rotating: None, unsaved } = stage.condition() else {
            panic!("doubted")
        };
        assert_eq!((dead.is_some(), in_flight.is_some(), unsaved), (retired, unknown, None), "{error:?}");
        let saved = stage.session.vault.token_set(&stage.profile.name).unwrap().unwrap();
        assert_eq!(access(&saved), access(&first), "{error:?}");
    }
}

#[tokio::test]
async fn a_retired_token_is_tried_again_only_if_somebody_is_there() {
    let stage = Stage::new(Puppet::default()).await;
    stage.fail(refused(true, 400));
    stage.refresh().await.unwrap_err();
    for _ in 0..3 {
        let error = stage.another().refresh(&stage.profile, None, &NoInteraction).await.unwrap_err();
        assert!(matches!(error, AuthError::Retired(_)), "{error:?}");
    }
    assert_eq!(stage.calls(), 1);
    stage.session.refresh(&stage.profile, None, &Reader::default()).await.unwrap();
    assert_eq!((stage.calls(), stage.condition()), (2, Condition::default()));
}

/// A person's command that may ask nothing.
struct Command;

#[async_trait]
impl Interaction for Command {
    fn report(&self, _: Progress) {}
    async fn ask(&self, prompt: Prompt) -> Result<SecretString, AuthError> {
        NoInteraction.ask(prompt).await
    }
    fn is_attended(&self) -> bool {
        false
    }
    fn is_by_hand(&self) -> bool {
        true
    }
}

#[tokio::test]
async fn what_a_person_asks_for_is_sent_whatever_came_before() {
    let stage = Stage::new(Puppet::default()).await;
    for calls in 1..=4 {
        stage.fail(refused(false, 500));
        stage.session.refresh(&stage.profile, None, &Command).await.unwrap_err();
        assert_eq!(stage.calls(), calls);
    }
    let error = stage.refresh().await.unwrap_err();
    assert!(matches!(error, AuthError::Unsettled(_)), "the program's own attempts have a limit: {error:?}");
    stage.session.refresh(&stage.profile, None, &Command).await.unwrap();
    assert_eq!(stage.condition(), Condition::default());
}

#[tokio::test]
async fn a_failure_before_anything_was_sent_keeps_the_mark_of_an_earlier_one() {
    let stage = Stage::new(Puppet::default()).await;
    stage.fail(refused(false, 500));
    stage.refresh().await.unwrap_err();
    stage.fail(AuthError::Http(HttpError::BadHeader));
    stage.refresh().await.unwrap_err();
    assert_eq!(stage.condition().in_flight.unwrap().attempts, 1);
    stage.fail(refused(false, 500));
    stage.refresh().await.unwrap_err();
    assert_eq!(stage.condition().in_flight.unwrap().attempts, 2);
    let error = stage.refresh().await.unwrap_err();
    assert!(matches!(error, AuthError::Unsettled(_)) && error.hint().is_some(), "{error:?}");
    assert_eq!(stage.calls(), 3);
    stage.session.refresh(&stage.profile, None, &Reader::default()).await.unwrap();
    assert_eq!(stage.condition(), Condition::default());
}

#[tokio::test]
async fn without_a_refresh_token_there_is_nothing_to_mark() {
    let stage = Stage::new(Puppet { without_refresh_token: true, ..Puppet::default() }).await;
    stage.fail(refused(false, 500));
    let error = stage.refresh().await.unwrap_err();
    assert_eq!((error, stage.condition()), (refused(false, 500), Condition::default()));
    assert_eq!(stage.refresh().await.unwrap().tokens[0].raw.expose_secret(), "access-2");
}
