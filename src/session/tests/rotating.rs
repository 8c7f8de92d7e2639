//! What the use cases do while a rotation is open: nothing, and they name its run.

use super::*;
use crate::{auth::rotation::Way, session::Wanted, store::runs::RunId, trouble::Told as _};

async fn begin(stage: &Stage) -> RunId {
    let run = RunId::parse("20261126-071502-5f2c").unwrap();
    let vault = &stage.session.vault;
    let mut entry = vault.hold_rotating(&stage.profile.name, &run, SAVING).await.unwrap();
    entry.record.begin_rotation(run.clone(), Some(Way::Login), None);
    entry.save().unwrap();
    run
}

#[tokio::test]
async fn an_open_rotation_keeps_everything_else_from_the_tokens() {
    let stage = Stage::new(Puppet::default()).await;
    let before = access(&stage.saved());
    begin(&stage).await;
    let (session, profile) = (&stage.session, &stage.profile);
    let by_hand = &Reader::default();
    let errors = [
        session.refresh(profile, None, by_hand).await.map(drop).unwrap_err(),
        session.login(profile, by_hand).await.map(drop).unwrap_err(),
        session.revoke(profile, Wanted::All, by_hand).await.map(drop).unwrap_err(),
        session.logout(profile, by_hand).await.map(drop).unwrap_err(),
        session.adopt(&profile.name, set(7, true)).unwrap_err().into(),
        session.forget(&profile.name).map(drop).unwrap_err().into(),
        session.forget_all(&profile.name).map(drop).unwrap_err().into(),
    ];
    for error in errors {
        let line = error.line();
        assert!(line.starts_with("the rotation of strings in run 20261126-071502-5f2c is not finished"), "{line}");
        assert!(line.contains("tokscope rotate --resume 20261126-071502-5f2c"), "{line}");
    }
    let profiles = Profiles::in_memory(vec![profile.clone()], None);
    let error = session.remove_profile(&profiles, &profile.name).map(drop).unwrap_err();
    assert!(error.to_string().contains("5f2c") && profiles.all().unwrap().len() == 1, "{error}");
    let new = ProfileName::new("ropes").unwrap();
    let renamed = session.save_profile(&profiles, Some(&profile.name), &new, |_| {
        Ok::<_, Trouble>(Profile { name: new.clone(), ..profile.clone() })
    });
    assert!(renamed.is_err() && profiles.all().unwrap()[0].name == profile.name);
    assert!(stage.calls() == 0 && revoked_none(&stage), "nothing was sent");
    assert_eq!(access(&stage.saved()), before);
    // What tells nothing of them goes on.
    session.probe(profile, by_hand).await.unwrap();
    session.adopt(&new, set(7, true)).unwrap();
}

fn revoked_none(stage: &Stage) -> bool {
    stage.puppet.revoked.lock().unwrap().is_empty()
}

/// A person was typing when the rotation began.
#[tokio::test]
async fn a_login_that_a_rotation_has_overtaken_leaves_its_tokens_as_an_old_generation() {
    let stage = Stage::new(Puppet::default()).await;
    let before = access(&stage.saved());
    let other = stage.another();
    let (name, run) = (stage.profile.name.clone(), RunId::parse("20261126-071502-5f2c").unwrap());
    stage.meanwhile(move || {
        let mut entry = other.vault.hold_noting_now(&name).unwrap();
        entry.record.begin_rotation(run, Some(Way::Login), None);
        entry.save().unwrap();
    });
    let error = stage.session.login(&stage.profile, &NoInteraction).await.unwrap_err();
    assert!(error.to_string().contains("5f2c"), "{error}");
    assert_eq!(access(&stage.saved()), before);
    assert_eq!(stage.old(), [2], "what the server gave is kept");
}
