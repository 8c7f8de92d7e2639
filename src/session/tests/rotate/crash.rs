//! Killed at every call, before the server acts on it and after: a resumed run comes to the same end.

use std::collections::BTreeSet;

use super::{server::Stop, *};
use crate::session::rotate::receipt::Profile as Report;

/// A run that is killed there, and what a second one makes of it; `None`: it ended before.
fn killed(mode: Mode, rotation: Rotation, options: &Options, stop: Stop) -> Option<(World, Receipt)> {
    let runtime = || tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let first = runtime();
    let world = first.block_on(World::new(mode, rotation, 1));
    *world.server.stop.lock().unwrap() = Some(stop);
    let ear = Ear::new();
    let ended = first.block_on(async {
        tokio::select! {
            _ = world.rotate(options.clone(), &ear) => true,
            () = world.server.stopped.notified() => false,
        }
    });
    // All that is under way goes with it, as with the process.
    first.shutdown_timeout(Duration::from_secs(20));
    if ended {
        return None;
    }
    *world.server.stop.lock().unwrap() = None;
    let again = World { session: world.another(), ..world };
    let left = again.session.rotations().unwrap();
    assert_eq!((left[0].left, left[0].is_running), (1, false), "{stop:?}");
    let resumed = runtime().block_on(again.session.resume_rotation(None, &again.profiles, Ear::new()));
    Some((again, resumed.unwrap()))
}

/// What must be the same, whenever it was killed.
fn essence(report: &Report) -> (Outcome, Option<Way>, Option<Kinship>, bool) {
    (report.outcome, report.way, report.kinship, report.recovered)
}

fn verdicts(report: &Report) -> Vec<(TokenKind, Life)> {
    report.old.iter().map(|old| (old.kind, old.verdict)).collect()
}

/// What a receipt tells besides, without its times: by what a verdict is known, what was sent to end a token, what was seen of it.
fn details(report: &Report) -> Vec<[BTreeSet<String>; 2]> {
    let details = report.old.iter().map(|old| {
        let endings = old.endings.iter().map(|sent| format!("{} {:?} {}", sent.call, sent.status, sent.words));
        let evidence = old.evidence.iter().map(|seen| {
            let control = seen.control.as_ref().map(|control| (control.kind, control.result));
            format!("{} {} {:?} {:?} {} {control:?}", seen.by.as_str(), seen.call, seen.status, seen.result, seen.words)
        });
        [endings.collect(), evidence.collect()]
    });
    details.collect()
}

/// The one alarm that only a kill raises.
const LOST: &str = "one login may have issued tokens that were lost";

fn same_end(mode: Mode, rotation: Rotation, options: &Options) -> usize {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let whole = runtime.block_on(World::new(mode, rotation, 1));
    let expected_receipt = runtime.block_on(whole.rotate(options.clone(), &Ear::new()));
    let (expected, lives) = (essence(&expected_receipt.profiles[0]), verdicts(&expected_receipt.profiles[0]));
    let calls = whole.server.log().len();
    let mut kills = 0;
    // The first call was the login before it.
    for stop in (1..calls).flat_map(|call| [false, true].map(|acted| Stop { call, acted })) {
        let Some((world, receipt)) = killed(mode, rotation, options, stop) else { continue };
        kills += 1;
        let told = || format!("{mode:?} {stop:?} {}: {:#?}", receipt.markdown(), world.server.log());
        let found = essence(&receipt.profiles[0]);
        let is_lost_refresh = options.way == Wanted::Refresh && stop == Stop { call: 3, acted: true };
        if is_lost_refresh {
            assert_eq!(found.0, Outcome::Failed, "{}", told());
            continue;
        }
        assert_eq!(found, expected, "{}", told());
        for (old, (kind, verdict)) in verdicts(&receipt.profiles[0]).iter().zip(&lives) {
            // What a killed replay has used up may be found dead.
            let used_up = *kind == TokenKind::Refresh && old.1 == Life::Dead;
            assert!(old.1 == *verdict || used_up, "{}", told());
        }
        assert_eq!(receipt.resumed, 1);
        // It tells all that one tells that was not killed.
        let (resumed, unkilled) = (&receipt.profiles[0], &expected_receipt.profiles[0]);
        let alarms: Vec<_> = resumed.alarms.iter().filter(|alarm| *alarm != LOST).collect();
        assert_eq!(alarms, unkilled.alarms.iter().collect::<Vec<_>>(), "{}", told());
        assert_eq!(resumed.left_to_do, unkilled.left_to_do, "{}", told());
        assert_eq!(resumed.reason, unkilled.reason, "{}", told());
        if verdicts(resumed) == lives {
            for (found, expected) in details(resumed).iter().zip(details(unkilled)) {
                for (found, expected) in found.iter().zip(expected) {
                    let missing: Vec<_> = expected.difference(found).collect();
                    assert!(missing.is_empty(), "missing {missing:#?} in {}", told());
                }
            }
        }
        let of = |call: &str| world.server.count(call);
        let logins = of("login") - 1;
        let more = usize::from(mode == Mode::TooMuch) + 2 * usize::from(mode == Mode::SameWhileLive);
        assert!(logins <= 2 + more, "{logins} logins, {}", told());
        for token in ["marker-access-1-of-1", "marker-refresh-1-of-1"] {
            assert!(of(&format!("end {token}")) <= 2 && of(&format!("refresh {token}")) <= 2, "{}", told());
        }
        for old in &receipt.profiles[0].old {
            assert!(old.verdict != Life::Dead || world.server.is_dead(&old.fingerprint), "a false dead: {}", told());
        }
        let current = world.current().expect("a session").token(TokenKind::Access).unwrap().fingerprint().to_string();
        assert!(!world.server.is_dead(&current), "{}", told());
        assert_eq!(world.session.rotations().unwrap()[0].left, 0);
    }
    kills
}

#[test]
fn an_honest_rotation_is_resumed_from_every_call() {
    let kills = same_end(Mode::Honest, ROTATION, &Options { prove_for: 1, ..Options::default() });
    assert!(kills > 20, "{kills}");
}

#[test]
fn a_rotation_whose_revocations_reach_too_far_is_resumed_from_every_call() {
    let kills = same_end(Mode::TooMuch, ROTATION, &Options { prove_for: 1, ..Options::default() });
    assert!(kills > 20, "{kills}");
}

/// Its second login brings the same tokens as the first: they are ended, and a third one brings others.
#[test]
fn a_rotation_that_gets_the_same_tokens_is_resumed_from_every_call() {
    let kills = same_end(Mode::SameWhileLive, ROTATION, &Options { prove_for: 1, ..Options::default() });
    assert!(kills > 20, "{kills}");
}

#[test]
fn a_rotation_that_nothing_ends_is_resumed_from_every_call() {
    let kills = same_end(Mode::Noop, ROTATION, &Options { prove_for: 1, ..Options::default() });
    assert!(kills > 20, "{kills}");
}

/// Its new session is refused after the endings as before them: that is no reason for another login.
#[test]
fn a_rotation_that_no_call_can_judge_is_resumed_from_every_call() {
    let kills = same_end(Mode::Blind, ROTATION, &Options { prove_for: 1, ..Options::default() });
    assert!(kills > 10, "{kills}");
}

/// Its API refuses everything, and the server says what is true of its tokens: whoever goes on asks there again.
#[test]
fn a_rotation_that_only_the_server_can_judge_is_resumed_from_every_call() {
    let said = Rotation { tried: Tried::Userinfo, ..ROTATION };
    let kills = same_end(Mode::Blind, said, &Options { prove_for: 1, ..Options::default() });
    assert!(kills > 20, "{kills}");
}

#[test]
fn panic_and_a_refresh_are_resumed_from_every_call() {
    let panic = same_end(Mode::Honest, ROTATION, &Options { prove_for: 1, panic: true, ..Options::default() });
    let refresh =
        same_end(Mode::Honest, ROTATION, &Options { prove_for: 1, way: Wanted::Refresh, ..Options::default() });
    assert!(panic > 20 && refresh > 5, "{panic} {refresh}");
}

#[tokio::test]
async fn an_abandoned_run_frees_its_profiles_and_sends_nothing() {
    let world = World::new(Mode::Honest, ROTATION, 2).await;
    *world.server.stop.lock().unwrap() = Some(Stop { call: 7, acted: false });
    let ear = Ear::new();
    tokio::select! {
        _ = world.rotate(Options { parallel: 1, ..Options::default() }, &ear) => panic!("it stops"),
        () = world.server.stopped.notified() => {}
    }
    *world.server.stop.lock().unwrap() = None;
    let (sent, other) = (world.server.log().len(), world.another());
    world.session.finished().await;
    let run = other.rotations().unwrap().remove(0).id;
    let busy = other.login(&world.profiles[0], &NoInteraction).await;
    let receipt = other.abandon_rotation(&run, &world.profiles).await.unwrap();
    assert_eq!(receipt.profiles.len(), 2);
    assert!(receipt.profiles.iter().all(|profile| profile.reason.is_some() || !profile.alarms.is_empty()));
    // What was seen before it was killed is not forgotten.
    let mut old = receipt.profiles.iter().flat_map(|profile| &profile.old);
    assert!(old.any(|old| !old.evidence.is_empty()), "{receipt:#?}");
    assert_eq!((world.server.log().len(), other.rotations().unwrap()[0].left), (sent, 0), "{busy:?}");
    for profile in &world.profiles {
        other.login(profile, &NoInteraction).await.unwrap();
    }
}
