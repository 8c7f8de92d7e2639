//! `tokscope refresh`, broken off and obstructed at every place.

use std::fs;

use tokscope::{auth::AuthError, secret::Fingerprint, store::vault::Record};

use crate::crash::{
    Outcomes,
    tracer::{ERRORS, End, Point, Run, end},
    world::{World, generation},
};

const REFRESH: [&str; 3] = ["refresh", "ada", "--no-input"];

/// Killed on its way into each of its system calls.
pub(crate) async fn killed(refresh_grace: u32) -> Outcomes {
    let world = World::new(refresh_grace).await;
    let run = Run { root: world.root(), arguments: &REFRESH };
    let mut outcomes = Outcomes::default();
    for point in run.points(false) {
        let before = generation(&world.record().await);
        let end = run.killed_at(&point);
        // The order of the calls differs a little from run to run.
        let ended_by_itself = matches!(end, End::Exited(0, _));
        assert!(ended_by_itself || matches!(end, End::Killed), "{point:?}: {end:?}");
        let outcome = settled(&world, before, &point).await;
        outcomes.count(if ended_by_itself { "ended by itself" } else { outcome });
    }
    outcomes
}

/// What is in the store after a run, and that a new program goes on from there.
async fn settled(world: &World, before: Fingerprint, point: &Point) -> &'static str {
    let record = world.record().await;
    if generation(&record) != before {
        assert!(record.in_flight.is_none(), "{point:?}");
        assert!(world.works().await, "{point:?}");
        return "new";
    }
    let is_marked = record.in_flight.is_some();
    match world.refresh().await {
        Ok(_) => {}
        // A strict server has used it up, and its answer did not come. That can be only where the mark is.
        Err(AuthError::Refused { credential_dead: true, .. }) if is_marked => {
            let seen = world.server.refreshes();
            for _ in 0..2 {
                let error = world.refresh().await.unwrap_err();
                assert!(matches!(error, AuthError::Retired(_)), "{point:?}: {error:?}");
                assert_eq!(error.hint().as_deref(), Some("log in again"));
            }
            assert_eq!(world.server.refreshes(), seen, "nothing was sent");
            world.login().await;
            return "old and marked, told to log in";
        }
        Err(error) => panic!("{point:?}: {error:?}"),
    }
    assert!(world.works().await, "{point:?}");
    if is_marked { "old and marked, refreshed" } else { "old, refreshed" }
}

/// Each file call that is about the configuration fails with each error: once, or from there on.
pub(crate) async fn failing(and_all_later: bool) -> Outcomes {
    let world = World::new(60).await;
    let run = Run { root: world.root(), arguments: &REFRESH };
    let mut outcomes = Outcomes::default();
    for point in run.points(true) {
        for (error, words) in ERRORS {
            let (before, granted) = (world.record().await, world.server.refreshes().granted);
            let End::Exited(code, stderr) = run.failing_at(&point, error, and_all_later) else { panic!("{point:?}") };
            let what = format!("{error} at {point:?}: {code} {stderr}");
            let after = world.record().await;
            let sent = world.server.refreshes().granted > granted;
            let is_new = generation(&after) != generation(&before);
            let is_mute = point.mutes(and_all_later, &stderr);
            assert!(code == 0 || code == 2 && (is_mute || stderr.contains("hint")), "{what}");
            assert!(code != 0 || is_new, "{what}");
            // That the folder cannot be looked at is told as "File exists".
            assert!(code == 0 || is_mute || stderr.contains(words) || point.syscall == "statx", "{what}");
            outcomes.count(match (code, is_new) {
                (0, _) => "did not matter",
                (_, _) if is_mute && !sent => "nothing was sent, and nothing could be said",
                (_, true) if was_rescued(&world) => "new, kept elsewhere and told",
                (_, true) => "new and told",
                (_, false) if !sent => "old and told, nothing was sent",
                (_, false) => {
                    assert!(after.in_flight.is_some() && and_all_later, "{what}");
                    assert!(is_mute || stderr.contains("NOT SAVED"), "{what}");
                    "told that the new ones are not saved anywhere"
                }
            });
            goes_on(&world, &after, &what).await;
        }
    }
    outcomes
}

fn was_rescued(world: &World) -> bool {
    fs::read_dir(world.root().join("run/tokscope")).is_ok_and(|mut folder| folder.next().is_some())
}

async fn goes_on(world: &World, record: &Record, what: &str) {
    let renewed = world.refresh().await.unwrap_or_else(|error| panic!("{what}: {error:?}"));
    assert_ne!(renewed.generation(), Some(generation(record)), "{what}");
    assert!(!was_rescued(world), "{what}: what was kept elsewhere is in the vault now");
    assert!(world.works().await, "{what}");
}

/// The disk takes the mark and not the reply: the reply is kept elsewhere, the user is told, and the next program finds it.
/// Where there is no other place either, `--json` prints it.
pub(crate) async fn rescued() -> Outcomes {
    let world = World::new(0).await;
    let vault = world.config().join("vault");
    let files = fs::read_dir(vault).unwrap().map(|entry| entry.unwrap().path());
    let record = files.into_iter().find(|path| {
        path.file_stem().is_some_and(|name| name != "identity") && path.extension().is_some_and(|end| end == "age")
    });
    let record = record.unwrap().to_str().unwrap().to_owned();
    let mut outcomes = Outcomes::default();
    for (error, words) in ERRORS {
        let before = world.record().await;
        let run = Run { root: world.root(), arguments: &REFRESH };
        let injection = format!("inject=rename,renameat,renameat2:error={error}:when=2+");
        let End::Exited(code, stderr) = end(&run.traced(&["-f", "-o", "/dev/null", "-P", &record, "-e", &injection]))
        else {
            panic!()
        };
        assert!(
            code == 2 && stderr.contains(words) && stderr.contains("they are encrypted in") && was_rescued(&world),
            "{stderr}"
        );
        assert!(!stderr.contains("saved in"), "{stderr}");
        let after = world.record().await;
        assert!(generation(&after) != generation(&before) && after.in_flight.is_none());
        goes_on(&world, &after, error).await;
        outcomes.count("kept elsewhere");

        // Nowhere: standard output has them, and the pipe goes on with them.
        let run = Run { root: world.root(), arguments: &["refresh", "ada", "--no-input", "--json"] };
        let injection = format!("inject=rename,renameat,renameat2:error={error}:when=2+");
        let output = run.traced(&["-f", "-o", "/dev/null", "-e", &injection]);
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(
            output.status.code() == Some(2) && stderr.contains("NOT SAVED") && stderr.contains("standard output"),
            "{stderr}"
        );
        let printed: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        assert!(!was_rescued(&world) && printed["refresh_token"].is_string());
        let old = world.refresh().await.unwrap_err();
        assert!(matches!(old, AuthError::Refused { credential_dead: true, .. }), "{old:?}");
        outcomes.count("printed");
        world.login().await;
    }
    outcomes
}
