//! The journal of a rotation in the record, and what it keeps others from.

use super::*;
use crate::{
    auth::rotation::{Kinship, Way},
    store::lock,
};

fn run(digits: &str) -> RunId {
    RunId::parse(&format!("20261126-071502-{digits}")).unwrap()
}

async fn rotating<'v>(vault: &'v Vault, profile: &str) -> HeldRecord<'v> {
    vault.hold_rotating(&name(profile), &run("5f2c"), lock::WAIT).await.unwrap()
}

/// Begins a rotation of the profile `a`, durably.
async fn begin(vault: &Vault) {
    let mut entry = rotating(vault, "a").await;
    entry.record.begin_rotation(run("5f2c"), Some(Way::Login), Some(Kinship::Separate)).attempts.obtain = 1;
    entry.save().unwrap();
}

fn refused(result: Result<(), VaultError>) {
    let error = result.unwrap_err();
    assert!(matches!(&error, VaultError::Rotating { profile, run: of } if *profile == name("a") && *of == run("5f2c")));
    let line = error.line();
    assert!(
        line.contains("--resume 20261126-071502-5f2c") && line.contains("--abandon 20261126-071502-5f2c"),
        "{line}"
    );
}

#[tokio::test]
async fn each_step_is_one_write_and_the_old_session_stays_until_the_end() {
    let (folder, identity, vault) = vault();
    let read = || Vault::open(folder.path(), identity.clone()).unwrap().read(&name("a")).unwrap().unwrap();
    begin(&vault).await;
    let journal = read().rotation.unwrap();
    assert_eq!(
        (journal.step, journal.way, journal.kinship),
        (Step::Obtaining, Some(Way::Login), Some(Kinship::Separate))
    );
    assert_eq!(journal.old.unwrap().number, 1);
    assert_eq!(vault.condition(&name("a")).unwrap().rotating, Some(run("5f2c")));

    let issuer = IssuedBy { client: Some("c".to_owned()), ..IssuedBy::default() };
    let mut entry = rotating(&vault, "a").await;
    // Long after the end of the old tokens.
    let new = TokenSet { received_at: clock::parse("2027-11-21T21:00:00Z").unwrap(), ..tokens("two") };
    entry.record.obtained(new, EventKind::Login, Some(issuer.clone()));
    let prints: Vec<_> =
        entry.record.rotation.iter().flat_map(Journal::old_tokens).map(IssuedToken::fingerprint).collect();
    let asked = Observation { at: clock::now(), status: Some(200), words: String::new() };
    entry.record.evidence.entry(prints[0]).or_default().revocation = Some(asked);
    entry.record.tidy(clock::parse("2027-11-21T21:00:01Z").unwrap());
    entry.save().unwrap();
    drop(entry);
    let record = read();
    assert!(record.generations.is_empty(), "its time is over");
    assert!(record.evidence(prints[0]).is_revoked(), "what is known of it stays all the same");
    assert_eq!((record.number, record.issued_by.as_ref()), (2, Some(&issuer)));
    let journal = record.rotation.unwrap();
    assert_eq!((journal.step, journal.old_tokens().count()), (Step::Obtained, 2));
    let raw: Vec<_> = journal.old_tokens().map(|token| token.raw.expose_secret()).collect();
    assert_eq!(raw, ["marker-access-one", "marker-refresh-one"]);

    let mut entry = rotating(&vault, "a").await;
    entry.record.settle("{\"outcome\":\"rotated\"}".to_owned());
    entry.save().unwrap();
    drop(entry);
    let journal = read().rotation.unwrap();
    assert!(!journal.is_open() && journal.old.is_none());
    assert_eq!(journal.settled.as_deref(), Some("{\"outcome\":\"rotated\"}"));
    assert_eq!(vault.condition(&name("a")).unwrap().rotating, None);
    save(&vault, "a", "three");
    vault.forget(&name("a")).unwrap();
    assert!(read().rotation.is_some(), "a result is history");
}

/// What outlives a rotation is a survivor, also where no server could be asked.
#[tokio::test]
async fn what_is_left_of_the_old_session_was_to_be_ended() {
    let (_folder, _identity, vault) = vault();
    begin(&vault).await;
    let mut entry = rotating(&vault, "a").await;
    entry.record.obtained(tokens("two"), EventKind::Login, None);
    entry.record.settle("{}".to_owned());
    let record = &entry.record;
    let now = clock::parse("2026-11-21T21:30:00Z").unwrap();
    assert!(record.generations[0].survives(&record.evidence, now) && !record.is_revoked());
    let [access, refresh] = &record.generations[0].tokens[..] else { panic!("{record:?}") };
    for token in [access, refresh] {
        let known = record.evidence(token.fingerprint).revocation.unwrap();
        assert_eq!((known.status, known.words.as_str()), (None, "a rotation replaced it"));
    }
    // One that failed leaves the current session as it was.
    drop(entry);
    save(&vault, "b", "one");
    let mut entry = rotating(&vault, "b").await;
    entry.record.begin_rotation(run("5f2c"), None, None);
    entry.record.settle("{}".to_owned());
    assert!(!entry.record.is_revoked());
}

#[tokio::test]
async fn nothing_but_its_run_changes_what_is_rotated() {
    let (_folder, identity, vault) = vault();
    save(&vault, "a", "two");
    save(&vault, "b", "one");
    begin(&vault).await;
    let (a, b, c) = (name("a"), name("b"), name("c"));
    refused(vault.hold_now(&a).map(drop));
    refused(vault.hold(&a).await.map(drop));
    refused(vault.forget(&a).map(drop));
    refused(vault.forget_set(&a, 1).map(drop));
    refused(vault.put_back(&a, Record::default()).map(drop));
    refused(vault.remove(&a));
    refused(vault.rename(&a, &c));
    refused(vault.rename(&b, &a));
    refused(vault.reserve(&a).unwrap().entry(None).map(drop));
    refused(vault.hold_rotating(&a, &run("0000"), lock::WAIT).await.map(drop));
    // What is beside the tokens can be noted, and others are free.
    vault.remember(&a, "password", Some("x".into())).unwrap();
    vault.forget(&b).unwrap();
    // Locked, the runs tell.
    let runs = vault.runs().begin(&run("5f2c"), &[a.clone(), b.clone()], &()).unwrap();
    runs.settle(&b, &()).unwrap();
    vault.lock();
    refused(vault.remove(&a));
    vault.remove(&b).unwrap();
    vault.unlock(identity);
    assert_eq!(access(&vault, "a").as_deref(), Some("marker-access-two"));
    assert_eq!(vault.read(&a).unwrap().unwrap().generations.len(), 1);
}

/// A login that was under way when the rotation began: what it brought is kept, and is not the current session.
#[tokio::test]
async fn tokens_of_others_become_an_old_generation_and_its_own_the_current_ones() {
    let (_folder, _identity, vault) = vault();
    let ready = vault.ready().unwrap();
    begin(&vault).await;
    let a = name("a");
    vault.put_aside(&ready, &a, tokens("other"), EventKind::Login);
    let record = vault.read(&a).unwrap().unwrap();
    assert_eq!(
        (access(&vault, "a").as_deref(), old(&record).as_str()),
        (Some("marker-access-one"), "marker-access-other")
    );
    refused(vault.hold_now(&a).map(drop));
    let memory = Vault::memory();
    save(&memory, "a", "pasted");
    vault.take_over(&memory).unwrap();
    assert_eq!(access(&vault, "a").as_deref(), Some("marker-access-one"));
    assert_eq!(old(&vault.read(&a).unwrap().unwrap()), "marker-access-pasted");

    let journal = vault.read(&a).unwrap().unwrap().rotation.unwrap();
    let ready = vault.ready().unwrap().rotating(journal);
    vault.put_aside(&ready, &a, tokens("two"), EventKind::Login);
    assert_eq!(access(&vault, "a").as_deref(), Some("marker-access-two"));
    let record = rotating(&vault, "a").await.record;
    assert_eq!(record.rotation.as_ref().unwrap().step, Step::Obtained);
    assert_eq!(record.rotation.unwrap().old_tokens().count(), 2);
}

/// The write of the new session fails: the rescue file has it and the step.
#[tokio::test]
async fn a_rescued_record_brings_its_journal() {
    let (folder, identity, vault) = vault();
    let place = folder.path().join("elsewhere");
    let vault = vault.rescuing_in(vec![place.clone()]);
    begin(&vault).await;
    let (a, path) = (name("a"), file(&vault, "a"));
    let mut entry = rotating(&vault, "a").await;
    block(&path);
    entry.record.obtained(tokens("two"), EventKind::Login, None);
    assert!(entry.keep().is_some());
    drop(entry);
    drop(vault);
    unblock(&path);
    let next = Vault::open(folder.path(), identity).unwrap().rescuing_in(vec![place]);
    let record = next.read(&a).unwrap().unwrap();
    assert_eq!(access(&next, "a").as_deref(), Some("marker-access-two"));
    assert_eq!(record.rotation.as_ref().map(|journal| journal.step), Some(Step::Obtained));
    refused(next.hold_now(&a).map(drop));
    assert_eq!(next.read(&a).unwrap().unwrap().rotation.unwrap().step, Step::Obtained);
}

#[tokio::test]
async fn the_old_session_comes_back_where_the_new_one_is_no_good() {
    let (_folder, _identity, vault) = vault();
    begin(&vault).await;
    let mut entry = rotating(&vault, "a").await;
    entry.record.obtained(tokens("two"), EventKind::Login, None);
    assert!(entry.record.reinstate(clock::parse("2026-11-21T21:30:00Z").unwrap()));
    entry.save().unwrap();
    drop(entry);
    let record = vault.read(&name("a")).unwrap().unwrap();
    assert_eq!(
        (access(&vault, "a").as_deref(), old(&record).as_str()),
        (Some("marker-access-one"), "marker-access-two")
    );
    assert_eq!((record.number, record.grant, record.generations.len()), (1, 1, 1));
    let mut record = record;
    record.renew(tokens("three"), EventKind::Login);
    assert_eq!(record.number, 3, "numbers are not used twice");
}
