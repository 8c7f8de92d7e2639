//! What became of token sets that are not the current one any more.

use super::*;

/// The text of a token set.
fn texts(set: &TokenSet) -> Vec<String> {
    set.tokens.iter().map(|token| token.raw.expose_secret().to_owned()).collect()
}

fn revoked(stage: &Stage) -> Vec<String> {
    std::mem::take(&mut *stage.puppet.revoked.lock().unwrap())
}

/// Whoever suspects that a token was stolen logs in first, so as not to be locked out, and then ends the stolen one.
#[tokio::test]
async fn logging_in_and_then_revoking_can_still_be_about_the_session_of_before() {
    let stage = Stage::new(Puppet::default()).await;
    let stolen = texts(&stage.saved());
    let new = stage.session.login(&stage.profile, &NoInteraction).await.unwrap();
    assert_eq!((stage.record().number, stage.old()), (2, vec![1]));
    let ended = stage.session.revoke(&stage.profile, Wanted::Generation(1), &NoInteraction).await.unwrap();
    assert_eq!(revoked(&stage), stolen, "not the session of a moment ago");
    let [ended] = &ended[..] else { panic!("{ended:?}") };
    assert_eq!((ended.generation, ended.is_current, ended.is_asked()), (1, false, true));
    assert_eq!(ended.tokens.iter().map(|token| token.verdict).collect::<Vec<_>>(), [Verdict::Unknown; 2]);
    let record = stage.record();
    assert_eq!(access(record.token_set.as_ref().unwrap()), access(&new));
    assert!(!record.is_revoked());
    assert!(record.generations[0].survives(&record.evidence, clock::now()), "asked is not dead");
    stage.refresh().await.unwrap();
    assert_eq!(stage.session.status(&stage.profile, clock::now()).survivors, 1);
}

#[tokio::test]
async fn what_was_asked_stays_and_is_renewed_only_by_hand() {
    let stage = Stage::new(Puppet::default()).await;
    stage.refresh().await.unwrap();
    let ended = stage.session.revoke(&stage.profile, Wanted::Current, &NoInteraction).await.unwrap();
    assert!(ended[0].is_current && ended[0].generation == 2);
    let record = stage.record();
    assert_eq!(texts(record.token_set.as_ref().unwrap()), ["access-1", "refresh-1"]);
    assert!(record.is_revoked());
    let status = stage.session.status(&stage.profile, clock::now());
    assert_eq!(status.state(clock::now()), crate::token::state::State::Alive);
    let calls = stage.calls();
    let error = stage.refresh().await.unwrap_err();
    assert!(error.to_string().contains("were revoked") && error.hint().unwrap().contains("log in"), "{error}");
    assert_eq!(stage.calls(), calls, "nothing was sent");
    // A person may want to know whether the server keeps its word.
    stage.fail(refused(true, 400));
    stage.session.refresh(&stage.profile, None, &Reader::default()).await.unwrap_err();
    let refresh_token = stage.saved().token(TokenKind::Refresh).unwrap().fingerprint();
    assert_eq!(stage.record().evidence(refresh_token).proof().unwrap().status, Some(400));
    // The next login begins a new grant, and what is dead of the last is known to be.
    stage.session.login(&stage.profile, &NoInteraction).await.unwrap();
    assert!(!stage.record().is_revoked());
    assert_eq!(stage.old(), [1, 2]);
}

#[tokio::test]
async fn all_generations_are_asked_for_one_after_the_other() {
    let stage = Stage::new(Puppet::default()).await;
    stage.refresh().await.unwrap();
    stage.refresh().await.unwrap();
    let ended = stage.session.revoke(&stage.profile, Wanted::All, &NoInteraction).await.unwrap();
    assert_eq!(
        ended.iter().map(|set| (set.generation, set.is_current)).collect::<Vec<_>>(),
        [(3, true), (2, false), (1, false)]
    );
    assert_eq!(revoked(&stage), ["access-2", "refresh-2", "access-1", "refresh-1", "access-0", "refresh-0"]);
    // What was asked is noted, whatever comes after it.
    stage.puppet.unrevoked.lock().unwrap().extend([refused(false, 503), refused(false, 400)]);
    let error = stage.session.revoke(&stage.profile, Wanted::All, &NoInteraction).await.unwrap_err();
    assert_eq!(error, refused(false, 400), "nothing was asked: that is a failure");
    stage.session.login(&stage.profile, &NoInteraction).await.unwrap();
    stage.puppet.unrevoked.lock().unwrap().clear();
    let ended = stage.session.revoke(&stage.profile, Wanted::All, &NoInteraction).await.unwrap();
    assert_eq!(ended.len(), 4);
}

#[tokio::test]
async fn a_generation_that_is_not_there_is_refused_with_a_list() {
    let stage = Stage::new(Puppet::default()).await;
    stage.refresh().await.unwrap();
    let error = stage.session.revoke(&stage.profile, Wanted::Generation(7), &NoInteraction).await.unwrap_err();
    assert_eq!(error.to_string(), "profile strings has no generation 7");
    assert_eq!(error.hint().unwrap(), "generations: 2 (current), 1");
    assert!(revoked(&stage).is_empty());
    let mut entry = stage.session.vault.hold_now(&stage.profile.name).unwrap();
    entry.record.generations[0].tokens.iter_mut().for_each(|token| token.raw = None);
    entry.save().unwrap();
    drop(entry);
    let error = stage.session.revoke(&stage.profile, Wanted::Generation(1), &NoInteraction).await.unwrap_err();
    assert!(error.to_string().contains("only fingerprints"), "{error}");
}

/// What a server says about an old token is noted, and what is proven dead goes.
#[tokio::test]
async fn a_refusal_after_a_revocation_proves_an_old_token_dead() {
    let stage = Stage::new(Puppet::default()).await;
    let old = stage.saved();
    let prints: Vec<_> = old.tokens.iter().map(IssuedToken::fingerprint).collect();
    stage.session.login(&stage.profile, &NoInteraction).await.unwrap();
    let say = |acceptance, status| stage.puppet.verdicts.lock().unwrap().push((acceptance, status));
    let probe = async |print| stage.session.probe_token(&stage.profile, print, &NoInteraction).await.unwrap();
    // Before a revocation was asked for, a refusal proves nothing.
    say(Acceptance::Rejected, 401);
    probe(prints[0]).await;
    assert_eq!((stage.old(), stage.record().evidence(prints[0]).proof()), (vec![1], None));
    stage.session.revoke(&stage.profile, Wanted::Generation(1), &NoInteraction).await.unwrap();
    // The server lies.
    assert_eq!(probe(prints[0]).await.acceptance, Acceptance::Accepted);
    assert!(stage.record().evidence(prints[0]).accepted.is_some());
    // An answer that says nothing, and a statement without a refusal, prove nothing.
    for (acceptance, status) in [(Acceptance::Unclear, 503), (Acceptance::Rejected, 200)] {
        say(acceptance, status);
        probe(prints[0]).await;
        assert!(stage.record().evidence(prints[0]).proof().is_none());
    }
    say(Acceptance::Rejected, 401);
    probe(prints[0]).await;
    assert_eq!(stage.record().evidence(prints[0]).proof().unwrap().status, Some(401));
    assert_eq!(stage.old(), [1], "its refresh token is not known to be dead");
    say(Acceptance::Rejected, 401);
    probe(prints[1]).await;
    assert_eq!(stage.old(), [0; 0]);
    let error = stage.session.probe_token(&stage.profile, prints[0], &NoInteraction).await.unwrap_err();
    assert!(error.to_string().contains("has no token"), "{error}");
}

/// A JWT is checked without its issuer: what the issuer says about it does not make it dead, the service's own page does.
#[tokio::test]
async fn a_signed_token_is_not_dead_because_its_issuer_says_so() {
    const JWT: &str = "eyJhbGciOiJub25lIn0.eyJleHAiOjQxMDAwMDAwMDB9.c2ln";
    let stage = Stage::new(Puppet::default()).await;
    let mut signed = set(7, false);
    signed.tokens[0].raw = JWT.into();
    stage.session.adopt(&stage.profile.name, signed.clone()).unwrap();
    let ended = stage.session.revoke(&stage.profile, Wanted::Current, &NoInteraction).await.unwrap();
    assert!(matches!(ended[0].tokens[0].verdict, Verdict::AliveUntil(end) if end.timestamp() == 4_100_000_000));
    stage.puppet.verdicts.lock().unwrap().push((Acceptance::Rejected, 401));
    let print = signed.tokens[0].fingerprint();
    stage.session.probe_token(&stage.profile, print, &NoInteraction).await.unwrap();
    assert!(stage.record().evidence(print).refused.is_none());
}

#[tokio::test]
async fn a_logout_asks_and_gives_up_and_what_survives_stays_in_sight() {
    let stage = Stage::new(Puppet::default()).await;
    let ended = stage.session.logout(&stage.profile, &NoInteraction).await.unwrap();
    assert!(ended.is_asked() && ended.is_current);
    let record = stage.record();
    assert!(record.token_set.is_none());
    assert_eq!((stage.old(), record.generations[0].replaced_by), (vec![1], EventKind::Logout));
    assert!(record.generations[0].survives(&record.evidence, clock::now()));
    let status = stage.session.status(&stage.profile, clock::now());
    assert_eq!((status.state(clock::now()), status.survivors), (crate::token::state::State::Alive, 1));
    let error = stage.session.logout(&stage.profile, &NoInteraction).await.unwrap_err();
    assert!(error.to_string().contains("no tokens"), "{error}");
    // A refusal is an answer: the session is given up, and its tokens are alive although revoked.
    stage.session.login(&stage.profile, &NoInteraction).await.unwrap();
    stage.puppet.unrevoked.lock().unwrap().push(refused(false, 401));
    let ended = stage.session.logout(&stage.profile, &NoInteraction).await.unwrap();
    assert!(!ended.is_asked());
    assert_eq!(stage.old(), [1, 2]);
    assert_eq!(stage.session.status(&stage.profile, clock::now()).survivors, 2);
    // Where the server could not be asked, nothing is given up.
    stage.session.login(&stage.profile, &NoInteraction).await.unwrap();
    stage.puppet.unrevoked.lock().unwrap().push(AuthError::Http(HttpError::BadHeader));
    stage.session.logout(&stage.profile, &NoInteraction).await.unwrap_err();
    assert_eq!((stage.old(), stage.record().is_revoked()), (vec![1, 2], false));
    stage.session.forget(&stage.profile.name).unwrap();
    assert!(stage.record().generations.is_empty());
}

/// Tokens go to the server that issued them, those of old generations, too.
#[tokio::test]
async fn an_old_generation_of_another_server_is_not_sent_to_this_one() {
    let mut stage = Stage::new(Puppet::default()).await;
    stage.profile.settings.insert("url".to_owned(), "https://one.example".to_owned());
    stage.session.login(&stage.profile, &NoInteraction).await.unwrap();
    stage.profile.settings.insert("url".to_owned(), "https://two.example".to_owned());
    stage.session.login(&stage.profile, &NoInteraction).await.unwrap();
    for wanted in [Wanted::Generation(2), Wanted::All] {
        let error = stage.session.revoke(&stage.profile, wanted, &NoInteraction).await.unwrap_err();
        assert!(error.to_string().contains("nothing was sent"), "{error}");
        assert!(revoked(&stage).is_empty());
    }
    let print = stage.record().generations[1].tokens[0].fingerprint;
    stage.session.probe_token(&stage.profile, print, &NoInteraction).await.unwrap_err();
    stage.session.revoke(&stage.profile, Wanted::Current, &NoInteraction).await.unwrap();
    assert_eq!(revoked(&stage).len(), 2);
    let words = stage.session.revoke(&stage.profile, Wanted::Generation(1), &NoInteraction).await.unwrap_err();
    assert!(words.to_string().contains("issued by no server"), "{words}");
}
