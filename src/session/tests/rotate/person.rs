//! What a rotation asks a person for.

use super::*;

/// Where a refresh comes first because it ends the old pair, and is refused, a person who is there is asked.
#[tokio::test]
async fn a_person_is_asked_where_the_refresh_is_refused() {
    const PAIR: Rotation = Rotation {
        logins: &[LoginWay { when: None, secrets: &[], pasted: Some(&[]), person: true, kinship: Kinship::Maybe }],
        refreshes: &[RefreshOf { when: None, way: RefreshWay::EndsOld }],
        endings: &[],
        ..ROTATION
    };
    for attended in [true, false] {
        let world = World::new(Mode::Honest, PAIR, 1).await;
        world.server.kill(1);
        let user: Arc<dyn Interaction> = if attended { Arc::new(Reader::default()) } else { Arc::new(NoInteraction) };
        let receipt =
            world.rotate(Options::default(), &Arc::new(Ear { user, ..Arc::into_inner(Ear::new()).unwrap() })).await;
        let report = &receipt.profiles[0];
        let want = if attended { (Outcome::Rotated, Some(Way::Asked)) } else { (Outcome::Failed, Some(Way::Refresh)) };
        assert_eq!((report.outcome, report.way), want, "{}", receipt.markdown());
        assert_eq!(report.reason.is_none(), attended, "{}", receipt.markdown());
        assert!(report.alarms[0].contains("another party has used it"), "{report:#?}");
    }
}

#[tokio::test]
async fn a_person_is_asked_one_at_a_time_and_only_with_consent_for_what_may_end_the_new_session() {
    const ASKED: Rotation = Rotation {
        logins: &[LoginWay { when: None, secrets: &[], pasted: None, person: true, kinship: Kinship::Maybe }],
        ..ROTATION
    };
    for consent in [false, true] {
        let world = World::new(Mode::Honest, ASKED, 2).await;
        let unprotected = Protected::new([]);
        let plan = world.session.plan_rotation(&world.profiles, Options::default(), true, &unprotected);
        let plan = plan.await.unwrap();
        assert!(plan.rows.iter().all(|row| row.way == Some(Way::Asked) && row.may_ask_twice()));
        let receipt = world.session.rotate(plan, consent, Ear::new()).await.unwrap();
        assert_eq!(receipt.totals.rotated, 2);
        assert_eq!(world.server.count("end"), if consent { 4 } else { 0 }, "{:#?}", world.server.log());
        let left = &receipt.profiles[0].left_to_do;
        assert_eq!(left.iter().any(|words| words.contains("could end the new one")), !consent, "{left:?}");
    }
    // Without a person, the refresh is left.
    let world = World::new(Mode::Honest, ASKED, 1).await;
    let receipt = world.rotate(Options::default(), &Ear::new()).await;
    assert_eq!((receipt.profiles[0].way, receipt.profiles[0].kinship), (Some(Way::Refresh), Some(Kinship::Same)));
}
