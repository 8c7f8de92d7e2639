//! Rotations over a server that does what it is told.

mod crash;
mod disk;
mod panic;
mod person;
mod server;

use tokio::sync::watch;

use self::server::{Does, Ear, Mode, ROTATION, Server, When};
use super::*;
use crate::{
    auth::rotation::{Ending, EndingOf, Kinship, LoginWay, RefreshOf, RefreshWay, Replay, Rotation, Tried, Way},
    profile::Protected,
    session::rotate::{
        Event, Shell, Stage,
        plan::{Options, Wanted},
        receipt::{Life, Receipt},
        step::{Cancelled, Outcome},
    },
};

/// Profiles that are logged in at a server, with a vault on disk.
struct World {
    folder: TempDir,
    identity: Identity,
    server: &'static Server,
    session: Session,
    profiles: Vec<Profile>,
}

impl World {
    async fn new(mode: Mode, rotation: Rotation, profiles: usize) -> Self {
        let (folder, identity) = (tempfile::tempdir().unwrap(), Identity::generate());
        let server = Server::new(mode, rotation);
        let session = Self::session(&folder, &identity, server);
        let profile = |number| Profile {
            name: ProfileName::new(format!("p{number}")).unwrap(),
            provider: "server".to_owned(),
            settings: [].into(),
            environment: Some("prod".to_owned()),
            tags: Vec::new(),
        };
        let profiles: Vec<_> = (0..profiles).map(profile).collect();
        for profile in &profiles {
            session.login(profile, &NoInteraction).await.unwrap();
        }
        Self { folder, identity, server, session, profiles }
    }

    fn session(folder: &TempDir, identity: &Identity, server: &'static Server) -> Session {
        let vault = Vault::open(&folder.path().join("config"), identity.clone()).unwrap();
        let vault = vault.rescuing_in(vec![folder.path().join("rescue")]);
        let provider: &'static dyn Provider = server;
        Session::new(vec![provider].leak(), Box::new(NoSecrets), Arc::new(vault))
    }

    /// Another process with the same vault.
    fn another(&self) -> Session {
        Self::session(&self.folder, &self.identity, self.server)
    }

    async fn rotate(&self, options: Options, shell: &Arc<Ear>) -> Receipt {
        let attended = shell.user.is_attended();
        let protected = Protected::new(["prod*".to_owned()]);
        let plan = self.session.plan_rotation(&self.profiles, options, attended, &protected).await.unwrap();
        assert_eq!(plan.protected, ["prod"]);
        self.session.rotate(plan, attended, shell.clone()).await.unwrap()
    }

    async fn rotated(mode: Mode, options: Options) -> (Self, Receipt) {
        let world = Self::new(mode, ROTATION, 1).await;
        let receipt = world.rotate(options, &Ear::new()).await;
        (world, receipt)
    }

    fn current(&self) -> Option<TokenSet> {
        self.another().record(&self.profiles[0].name).unwrap().unwrap().token_set
    }
}

/// `rotated: refresh dead, access dead`.
fn told(receipt: &Receipt) -> String {
    let profile = &receipt.profiles[0];
    let old = profile
        .old
        .iter()
        .map(|old| format!("{} {}", old.kind, serde_json::to_value(old.verdict).unwrap().as_str().unwrap()));
    format!("{}: {}", profile.outcome.as_str(), old.collect::<Vec<_>>().join(", "))
}

#[tokio::test]
async fn servers_that_lie_are_found_out() {
    for (mode, want) in [
        (Mode::Honest, "rotated: refresh dead, access dead"),
        (Mode::Noop, "rotated: refresh alive, access alive_until"),
        (Mode::HintBroken, "rotated: refresh dead, access dead"),
        (Mode::TooMuch, "rotated: refresh dead, access dead"),
        (Mode::Blind, "rotated: refresh dead, access unknown"),
        (Mode::Open, "rotated: refresh dead, access unknown"),
        (Mode::SameToken, "failed: refresh unknown, access alive_until"),
        (Mode::RefusesLogin, "failed: refresh unknown, access unknown"),
        (Mode::RefusesNew, "failed: refresh unknown, access unknown"),
    ] {
        let (world, receipt) = World::rotated(mode, Options { prove_for: 2, ..Options::default() }).await;
        assert_eq!(told(&receipt), want, "{mode:?}: {}\n{:#?}", receipt.markdown(), world.server.log());
        let profile = &receipt.profiles[0];
        for old in &profile.old {
            let dead = world.server.is_dead(&old.fingerprint);
            assert!(old.verdict != Life::Dead || dead, "{mode:?}: a false dead: {old:?}");
            // What a replay has used up was alive when it was tried.
            let alive = matches!(old.verdict, Life::Alive | Life::AliveUntil) && old.kind != TokenKind::Refresh;
            assert!(!alive || !dead, "{mode:?}: a false alive: {old:?}");
        }
        assert_eq!(profile.recovered, mode == Mode::TooMuch, "{mode:?}");
        let logins = world.server.count("login");
        assert!(logins <= 3 + usize::from(mode == Mode::SameToken), "{mode:?}: {logins}");
        // A session is left, whatever the server did, and it can be used.
        let current = world.current().expect("a session");
        if !matches!(mode, Mode::Blind | Mode::Open) {
            let access = current.token(TokenKind::Access).unwrap().fingerprint().to_string();
            assert!(!world.server.is_dead(&access), "{mode:?}");
        }
        assert!(
            world.session.refresh(&world.profiles[0], None, &NoInteraction).await.is_ok(),
            "{mode:?}: it is settled"
        );
    }
}

#[tokio::test]
async fn an_honest_rotation_sends_each_thing_once_and_says_so() {
    let world = World::new(Mode::Honest, ROTATION, 1).await;
    let ear = Ear::new();
    let receipt = world.rotate(Options::default(), &ear).await;
    let [old, new] = ["1-of-1", "2-of-2"].map(|set| (format!("marker-access-{set}"), format!("marker-refresh-{set}")));
    let log = world.server.log();
    assert_eq!(log[1], format!("present {}", old.0), "it is looked at before anything is sent");
    let login = log.iter().rposition(|line| line == "login").unwrap();
    assert_eq!(log[login + 1], format!("present {}", new.0));
    let ends: Vec<_> = log.iter().filter(|line| line.starts_with("end")).collect();
    assert_eq!(ends, [&format!("end {}", old.1), &format!("end {}", old.0)]);
    assert_eq!(world.server.count("refresh"), 1, "the replay: {log:#?}");
    assert!(receipt.is_clean(chrono::TimeDelta::hours(1), clock::now()));
    // Nothing that is said or kept has a token in it.
    let kept = world.session.vault.runs();
    let id = world.session.rotations().unwrap().remove(0).id;
    let texts = [format!("{:?}", ear.heard.lock().unwrap()), receipt.json(), receipt.markdown()];
    let run = format!("{:?}", kept.read(&id).unwrap());
    assert!(texts.iter().chain([&run]).all(|text| !text.contains("marker-")), "{texts:#?} {run}");
    assert_eq!(world.session.rotation_receipt(&id).unwrap().unwrap(), receipt);
    let events = ear.heard.lock().unwrap();
    let stages = events.iter().filter_map(|event| match event {
        Event::Step { stage, .. } => Some(stage.as_str()),
        _ => None,
    });
    let mut stages: Vec<_> = stages.collect();
    stages.dedup();
    let want = ["obtaining", "checking", "ending", "checking", "proving", "checking"];
    assert_eq!(stages, want);
    assert!(matches!(events.first(), Some(Event::Planned { profiles: 1, resumable: true, .. })));
    assert!(matches!(events.last(), Some(Event::Total(totals)) if totals.dead == 2 && totals.rotated == 1));
}

/// What was dead before anything was sent was not ended by the run, and the receipt says so.
#[tokio::test]
async fn what_was_dead_before_is_told_from_what_the_run_has_ended() {
    for dies in [false, true] {
        let world = World::new(Mode::Honest, ROTATION, 1).await;
        if dies {
            world.server.kill(1);
        }
        let receipt = world.rotate(Options::default(), &Ear::new()).await;
        assert_eq!(told(&receipt), "rotated: refresh dead, access dead", "{}", receipt.markdown());
        let why = &receipt.profiles[0].old[1].why;
        assert_eq!(why.starts_with("was already refused by"), dies, "{why}");
    }
}

/// Why a refresh token was not tried.
#[tokio::test]
async fn what_was_not_revoked_is_not_tried_for_that_reason() {
    let kept = Options { revoke: false, ..Options::default() };
    let (_, receipt) = World::rotated(Mode::Honest, kept).await;
    assert_eq!(told(&receipt), "rotated: refresh unknown, access alive_until");
    assert_eq!(receipt.profiles[0].old[0].why, "it was not revoked, and testing it would only renew it");
    let refreshed = Options { way: Wanted::Refresh, ..Options::default() };
    let (_, receipt) = World::rotated(Mode::Honest, refreshed).await;
    let why = "testing it would trigger reuse detection and end the new session";
    assert_eq!(receipt.profiles[0].old[0].why, why);
    let (_, receipt) = World::rotated(Mode::RefusesLogin, Options::default()).await;
    assert_eq!(receipt.profiles[0].old[0].why, "it was not tried: there is no new session");
}

#[tokio::test]
async fn a_refresh_sends_no_revocation_and_never_claims_more() {
    let options = Options { way: Wanted::Refresh, ..Options::default() };
    let (world, receipt) = World::rotated(Mode::Honest, options.clone()).await;
    assert_eq!(told(&receipt), "rotated: refresh unknown, access alive_until");
    assert_eq!((world.server.count("end"), world.server.count("refresh"), world.server.count("login")), (0, 1, 1));
    assert_eq!(receipt.profiles[0].kinship, Some(Kinship::Same));
    // Where reuse is not detected, the old one is tried.
    let world = World::new(Mode::Honest, Rotation { replay: Replay::Always, ..ROTATION }, 1).await;
    let receipt = world.rotate(options.clone(), &Ear::new()).await;
    assert_eq!(told(&receipt), "rotated: refresh dead, access alive_until", "{}", receipt.markdown());
    // One that the server did not replace is the new session's.
    let (_, receipt) = World::rotated(Mode::KeepsRefresh, options.clone()).await;
    assert_eq!(told(&receipt), "rotated: refresh alive, access alive_until", "{}", receipt.markdown());
    assert!(receipt.profiles[0].old[0].why.contains("belongs to the new session"), "{}", receipt.markdown());
    // A refresh token that another has used is an alarm.
    let world = World::new(Mode::Honest, ROTATION, 1).await;
    let stolen = world.current().unwrap();
    let cx = world.session.call(&world.profiles[0]).unwrap();
    let context = world.session.context(&cx, &NoInteraction);
    world.server.refresh(&cx.settings, &stolen, &context).await.unwrap();
    let receipt = world.rotate(options, &Ear::new()).await;
    // A server may have ended more than that, so what was accepted before is not known to be accepted.
    assert_eq!(told(&receipt), "failed: refresh unknown, access unknown", "{}", receipt.markdown());
    assert!(receipt.profiles[0].old[1].why.contains("before a new session was asked for"), "{}", receipt.markdown());
    assert!(receipt.profiles[0].alarms[0].contains("another party has used it"), "{receipt:#?}");
}

/// The same of what a server says of a refresh token: to the same client it knows the other one's.
#[tokio::test]
async fn a_live_token_of_the_same_client_is_a_control() {
    const SAID: Rotation = Rotation {
        logins: &[LoginWay {
            when: Some(("timeout", &["7"])),
            secrets: &[],
            pasted: None,
            person: false,
            kinship: Kinship::Separate,
        }],
        tried: Tried::Userinfo,
        ..ROTATION
    };
    for (client, refresh) in [("robot", "dead"), ("other", "unknown")] {
        let mut world = World::new(Mode::Honest, SAID, 2).await;
        for (profile, client) in world.profiles.iter_mut().zip(["robot", client]) {
            profile.settings.insert("client_id".to_owned(), client.to_owned());
            world.session.login(profile, &NoInteraction).await.unwrap();
        }
        world.profiles[1].settings.insert("timeout".to_owned(), "7".to_owned());
        let options = Options { panic: true, prove_for: 1, ..Options::default() };
        let receipt = world.rotate(options, &Ear::new()).await;
        let want = format!("revoked: refresh {refresh}, access dead");
        assert_eq!(told(&receipt), want, "{client}: {}", receipt.markdown());
    }
}

#[tokio::test]
async fn a_refresh_token_that_no_call_ends_is_used_up() {
    const USED_UP: Rotation = Rotation {
        endings: &[EndingOf { kind: TokenKind::Refresh, opaque_only: false, by: Ending::UseUp }],
        ..ROTATION
    };
    let world = World::new(Mode::Honest, USED_UP, 1).await;
    let receipt = world.rotate(Options::default(), &Ear::new()).await;
    assert_eq!(told(&receipt), "rotated: refresh dead, access alive_until", "{:#?}", world.server.log());
    assert_eq!((world.server.count("refresh"), world.server.count("end")), (2, 0));
    let current = world.current().unwrap().tokens[1].raw.expose_secret().to_owned();
    assert_eq!(current, "marker-refresh-2-of-2", "the successor is not kept");
}

#[tokio::test]
async fn a_cancelled_run_settles_everything() {
    let cancel = |when, level| Arc::new(Ear { cancels: Some((when, level)), ..Arc::into_inner(Ear::new()).unwrap() });
    let at_start: When = |event| matches!(event, Event::Planned { .. });
    let at_ending: When = |event| matches!(event, Event::Step { stage: Stage::Ending, .. });
    let at_proof: When = |event| matches!(event, Event::Step { stage: Stage::Proving, .. });
    for (when, level, want) in [
        (at_start, Cancelled::Begin, "not_started: refresh unknown, access unknown"),
        (at_ending, Cancelled::Begin, "rotated: refresh dead, access dead"),
        (at_ending, Cancelled::Prove, "rotated: refresh unknown, access unknown"),
        (at_proof, Cancelled::Prove, "rotated: refresh unknown, access unknown"),
    ] {
        let world = World::new(Mode::Honest, ROTATION, 1).await;
        let receipt = world.rotate(Options::default(), &cancel(when, level)).await;
        assert_eq!(told(&receipt), want, "{level:?} {}", receipt.markdown());
        let access = world.current().unwrap().token(TokenKind::Access).unwrap().fingerprint().to_string();
        assert!(!world.server.is_dead(&access));
        assert_eq!(world.session.rotations().unwrap()[0].left, 0);
    }
}

/// Of a token that has expired nothing is left to do, also where clocks may differ.
#[tokio::test]
async fn by_hand_nothing_is_done_about_what_has_expired() {
    const BY_HAND: Rotation = Rotation { endings: &[], by_hand: Some("ask the operator"), ..ROTATION };
    for (seconds, left) in [(-10, false), (3_600, true)] {
        let world = World::new(Mode::Blind, BY_HAND, 1).await;
        let mut old = world.current().unwrap();
        old.tokens.retain(|token| token.kind == TokenKind::Access);
        old.tokens[0].expires_at = Some(clock::now() + chrono::TimeDelta::seconds(seconds));
        world.session.adopt(&world.profiles[0].name, old).unwrap();
        let receipt = world.rotate(Options::default(), &Ear::new()).await;
        let found = &receipt.profiles[0].left_to_do;
        assert_eq!(told(&receipt), "rotated: access unknown", "{seconds}");
        assert_eq!(found.iter().any(|words| words == "ask the operator"), left, "{seconds}: {found:?}");
    }
}

#[tokio::test]
async fn what_survived_can_be_tried_again_later() {
    let (world, receipt) = World::rotated(Mode::Noop, Options { prove_for: 1, ..Options::default() }).await;
    let id = world.session.rotations().unwrap().remove(0).id;
    let before = receipt.profiles[0].old[1].evidence.len();
    let recheck = async || world.session.recheck_rotation(id.clone(), &world.profiles, Ear::new()).await.unwrap();
    let again = recheck().await;
    assert_eq!(told(&again), "rotated: refresh alive, access alive_until");
    world.server.kill(1);
    let (sent, again) = (world.server.count("end"), recheck().await);
    assert_eq!(told(&again), "rotated: refresh alive, access dead", "what a replay has used up stays as it was");
    assert!(again.profiles[0].old[1].evidence.len() > before + 1);
    assert_eq!((world.server.count("end"), world.server.count("login")), (sent, 2), "it only looks");
    assert_eq!(world.session.rotation_receipt(&id).unwrap().unwrap(), again);
    assert_eq!(world.session.rotations().unwrap()[0].left, 0);
}

#[tokio::test]
async fn a_readonly_profile_is_not_touched_and_two_runs_do_not_meet() {
    let world = World::new(Mode::Honest, ROTATION, 1).await;
    world.session.restrict(ReadOnly::this_run());
    let receipt = world.rotate(Options::default(), &Ear::new()).await;
    assert_eq!(receipt.profiles[0].outcome, Outcome::NotStarted);
    assert!(receipt.profiles[0].reason.as_ref().unwrap().contains("read-only"));
    assert_eq!(world.server.log(), ["login"]);
    let world = World::new(Mode::Honest, ROTATION, 1).await;
    let (one, other) = (world.another(), world.another());
    let protected = Protected::new([]);
    let plan = async |session: &Session| {
        session.plan_rotation(&world.profiles, Options::default(), false, &protected).await.unwrap()
    };
    let plans = (plan(&one).await, plan(&other).await);
    let (first, second) =
        tokio::join!(one.rotate(plans.0, false, Ear::new()), other.rotate(plans.1, false, Ear::new()));
    let outcomes = [first.unwrap(), second.unwrap()].map(|receipt| receipt.profiles[0].outcome);
    assert!(outcomes.contains(&Outcome::Rotated), "{outcomes:?}");
    let access = world.current().unwrap().token(TokenKind::Access).unwrap().fingerprint().to_string();
    assert!(!world.server.is_dead(&access), "{:#?}", world.server.log());
}
