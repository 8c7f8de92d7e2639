//! A vault that is locked meanwhile, and a disk that is full at each of the writes: what cannot be written down is not sent, and a
//! resumed run comes to an end.

use super::*;
use crate::store::files::room::Full;

/// The vault is locked at the start, and after the new session has come.
#[tokio::test]
async fn what_a_locked_vault_does_not_take_is_not_sent() {
    let started: When = |event| matches!(event, Event::Started { .. });
    let obtained: When = |event| matches!(event, Event::Obtained { .. });
    for (when, is_early) in [(started, true), (obtained, false)] {
        let world = World::new(Mode::Honest, ROTATION, 1).await;
        let session = world.session.clone();
        let does: Does = Box::new(move |event| {
            if when(event) {
                session.lock()
            }
        });
        let ear = Arc::new(Ear { does: Some(does), ..Arc::into_inner(Ear::new()).unwrap() });
        let receipt = world.rotate(Options::default(), &ear).await;
        assert_eq!(world.server.count("end"), 0, "{}: {:#?}", receipt.markdown(), world.server.log());
        let again = World { session: world.another(), ..world };
        if is_early {
            assert_eq!((again.server.count("login"), receipt.profiles[0].outcome), (1, Outcome::Failed));
            again.session.refresh(&again.profiles[0], None, &NoInteraction).await.unwrap();
            continue;
        }
        assert_eq!(receipt.profiles[0].outcome, Outcome::Rotated);
        assert!(receipt.profiles[0].alarms.iter().any(|alarm| alarm.contains("resume")), "{receipt:#?}");
        let resumed = again.session.resume_rotation(None, &again.profiles, Ear::new()).await.unwrap();
        assert_eq!(told(&resumed), "rotated: refresh dead, access dead", "{:#?}", again.server.log());
        assert_eq!(again.server.count("login"), 2);
    }
}

/// What is known when a run ends whose disk was full: a receipt, or why there was no run.
fn complaint(ended: &Result<Receipt, AuthError>) -> String {
    match ended {
        Err(error) => format!("{error} {}", error.hint().unwrap_or_default()),
        Ok(receipt) => receipt.markdown(),
    }
}

/// How many writes there are. The disk is full at each of them: at that one alone, or from there on.
async fn full_at_each_write(mode: Mode, lasts: bool) -> usize {
    let options = Options { prove_for: 1, ..Options::default() };
    for nth in 0.. {
        let world = World::new(mode, ROTATION, 1).await;
        let plan =
            world.session.plan_rotation(&world.profiles, options.clone(), false, &Protected::new([])).await.unwrap();
        let full = Full::at(world.folder.path(), nth, lasts);
        let ended = world.session.rotate(plan, false, Ear::new()).await;
        if full.writes() <= nth {
            return nth;
        }
        drop(full);
        let words =
            || format!("{mode:?}, write {nth}, lasts {lasts}: {}\n{:#?}", complaint(&ended), world.server.log());
        let (ends, logins) = (world.server.count("end"), world.server.count("login") - 1);
        // The run file, the first write of the profile, and the one with the new tokens.
        if nth == 0 {
            assert!(ended.is_err() && complaint(&ended).contains("make room on the disk"), "{}", words());
            assert_eq!(world.server.count(""), 1, "nothing was sent: {}", words());
        }
        if nth == 1 {
            assert_eq!((ends, logins), (0, 0), "{}", words());
        }
        if nth == 2 && lasts {
            assert_eq!(ends, 0, "{}", words());
        }
        if lasts {
            assert!(complaint(&ended).contains("no storage space"), "{}", words());
        }
        // The process is gone; another one goes on.
        let words = words();
        let mut again = world;
        again.session = again.another();
        let known = again.session.rotations().unwrap();
        if known.first().is_some_and(|run| run.left > 0) {
            let resumed = again.session.resume_rotation(None, &again.profiles, Ear::new()).await;
            let resumed = resumed.unwrap_or_else(|error| panic!("{error}"));
            assert_eq!(resumed.profiles.len(), 1);
            for old in &resumed.profiles[0].old {
                assert!(old.verdict != Life::Dead || again.server.is_dead(&old.fingerprint), "{resumed:#?}");
            }
            // Where the very first write had failed, that is its end.
            let want = if nth == 1 { Outcome::Failed } else { Outcome::Rotated };
            let found = resumed.profiles[0].outcome;
            assert!(
                found == Outcome::Rotated || found == want,
                "{}\n{}\n{:#?}",
                words,
                resumed.markdown(),
                again.server.log()
            );
            assert_eq!(again.session.rotations().unwrap()[0].left, 0);
        }
        // The login that was to replace what the server has ended could not be written down: it is left to the user.
        let revoked =
            ended.as_ref().ok().map(|receipt| &receipt.profiles[0]).filter(|one| one.outcome == Outcome::Revoked);
        if let Some(report) = revoked.filter(|_| !lasts) {
            assert_eq!((mode, nth), (Mode::TooMuch, 5), "{words}");
            assert!(report.reason.as_ref().unwrap().contains("no storage space"), "{words}");
            assert!(report.left_to_do.contains(&"log in by hand".to_owned()), "{words}");
            again.session.login(&again.profiles[0], &NoInteraction).await.unwrap();
        }
        let current = again.current().expect("a session");
        let access = current.token(TokenKind::Access).unwrap().fingerprint().to_string();
        assert!(!again.server.is_dead(&access), "write {nth}, lasts {lasts}: {:#?}", again.server.log());
        again.session.refresh(&again.profiles[0], None, &NoInteraction).await.expect("it is settled, and it works");
    }
    unreachable!("there is a last write")
}

#[tokio::test]
async fn a_full_disk_costs_nothing_at_any_write() {
    for (mode, writes) in [(Mode::Honest, 9), (Mode::TooMuch, 10)] {
        for lasts in [false, true] {
            let found = full_at_each_write(mode, lasts).await;
            assert!(found >= writes, "{mode:?} {lasts}: {found}");
        }
    }
}
