//! A rotation against servers that lie: what it says of each old token, and what is true of it. No false dead, no false alive.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use serde_json::Value;
use tokio::sync::watch;
use tokscope::{
    auth::{Interaction, NoInteraction, TokenKind},
    demo,
    profile::{Profile, ProfileName, Protected},
    providers,
    session::{
        Session, Verdict,
        rotate::{
            Event, Shell,
            plan::Options,
            receipt::{self, Life, Receipt},
            step::{Cancelled, Outcome},
        },
    },
};

/// A row of the matrix: the mode; which profile; what becomes of the old access and refresh token.
type Row = (&'static str, Column, Life, Life);

/// Whose tokens, and where they are tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Column {
    /// Opaque: at userinfo, and by introspection.
    Opaque,
    /// Opaque, without introspection.
    NotIntrospected,
    /// JWTs, at an API that asks the server.
    Jwt,
    /// JWTs, at an API that verifies them offline.
    Offline,
}

use Column::{Jwt, NotIntrospected, Offline, Opaque};
use Life::{Alive, AliveUntil, Dead, Unknown};

/// The matrix, with 20 s to prove it.
#[rustfmt::skip]
const MATRIX: &[Row] = &[
    ("honest",                      Opaque,          Dead,       Dead),
    ("honest",                      Jwt,             Dead,       Dead),
    ("honest",                      Offline,         AliveUntil, Dead),
    ("noop",                        Opaque,          AliveUntil, Alive),
    ("noop",                        Jwt,             AliveUntil, Alive),
    ("noop",                        Offline,         AliveUntil, Alive),
    ("delay-5",                     Opaque,          Dead,       Dead),
    ("delay-5",                     Jwt,             Dead,       Dead),
    ("delay-5",                     Offline,         AliveUntil, Dead),
    ("hint-broken",                 Opaque,          Dead,       Dead),
    ("hint-broken",                 Jwt,             Dead,       Dead),
    ("twice",                       Opaque,          Dead,       Dead),
    ("twice",                       Jwt,             Dead,       Dead),
    ("refresh-only",                Opaque,          AliveUntil, Dead),
    ("refresh-only",                Jwt,             AliveUntil, Dead),
    ("too-much",                    Opaque,          Dead,       Dead),
    ("too-much",                    Jwt,             Dead,       Dead),
    ("blind-probe",                 Opaque,          Dead,       Dead),
    ("blind-probe",                 NotIntrospected, Unknown,    Dead),
    ("blind-probe",                 Jwt,             AliveUntil, Dead),
    ("open-probe",                  Opaque,          Dead,       Dead),
    ("open-probe+inactive-refresh", Opaque,          Dead,       Dead),
    ("open-probe+inactive-refresh", Jwt,             AliveUntil, Dead),
];

/// With 2 s: a delay that is longer than the proof. The table's 5 s would be a race on a slow machine.
#[rustfmt::skip]
const HURRIED: &[Row] = &[
    ("delay-60",                    Opaque,          AliveUntil, Alive),
    ("delay-60",                    Jwt,             AliveUntil, Alive),
];

/// What else servers do; whatever the verdicts are, none may be false.
const OTHERS: &[&str] = &[
    "access-only",
    "cached-3",
    "inactive-refresh",
    "grace-60",
    "no-rotation",
    "shared-grant",
    "flap",
    "blind-probe+flap",
    "revoke-503",
    "429-every-5",
    "skew-300",
    "skew--300",
    "same-token",
];

/// Watches a run, and asks what is true whenever something is said of a token.
struct Watcher {
    profiles: Vec<Profile>,
    client: reqwest::Client,
    checks: Mutex<Vec<tokio::task::JoinHandle<Check>>>,
    cancelled: watch::Sender<Cancelled>,
}

/// What was said of a profile's token, and what was true then.
type Check = (String, String, Verdict, Value);

impl Shell for Watcher {
    fn tell(&self, event: Event) {
        let Event::Judged { profile, kind, token, verdict, .. } = event else { return };
        // Of an ID token there is no truth: no server takes it.
        if kind == TokenKind::Id {
            return;
        }
        let settings = &of(&self.profiles, profile.as_str()).settings;
        let place = settings.get("issuer").or_else(|| settings.get("token_endpoint")).unwrap();
        let (server, _) = place.split_once("/liar/").unwrap();
        let request = self.client.get(format!("{server}/truth/{token}")).send();
        let check = tokio::spawn(async move {
            let text = request.await.unwrap().text().await.unwrap();
            (profile.to_string(), token.to_string(), verdict, serde_json::from_str(&text).unwrap())
        });
        self.checks.lock().unwrap_or_else(PoisonError::into_inner).push(check);
    }

    fn user(&self, _: &ProfileName) -> Arc<dyn Interaction> {
        Arc::new(NoInteraction)
    }

    fn cancelled(&self) -> watch::Receiver<Cancelled> {
        self.cancelled.subscribe()
    }
}

fn profile(url: &str, index: usize, mode: &str, column: Column) -> Profile {
    // A server of its own: what ends too much ends nothing of others.
    let base = format!("{url}/liar/{mode}.{index}");
    let issuer = format!("{base}/oidc");
    let (client, probe) = match column {
        Opaque | NotIntrospected => ("opaque-legacy", None),
        Jwt => ("legacy", Some(format!("{base}/api/checked/me"))),
        Offline => ("legacy", Some(format!("{base}/api/me"))),
    };
    let mut settings = BTreeMap::from([
        ("grant".to_owned(), "password".to_owned()),
        ("client_id".to_owned(), client.to_owned()),
        ("username".to_owned(), "ada".to_owned()),
        ("password".to_owned(), "plain:analytical-engine".to_owned()),
        ("scope".to_owned(), "openid profile email".to_owned()),
    ]);
    if column == NotIntrospected {
        for (key, path) in
            [("token_endpoint", "token"), ("revocation_endpoint", "revoke"), ("userinfo_endpoint", "userinfo")]
        {
            settings.insert(key.to_owned(), format!("{issuer}/{path}"));
        }
    } else {
        settings.insert("issuer".to_owned(), issuer);
    }
    settings.extend(probe.map(|probe| ("probe_url".to_owned(), probe)));
    let name = format!("p{index}-{}", mode.replace('+', "-"));
    Profile {
        name: ProfileName::new(&name).unwrap(),
        provider: "oauth2".to_owned(),
        settings,
        environment: None,
        tags: Vec::new(),
    }
}

/// A server for each mode: one that wants fewer requests slows no other down.
struct Servers(BTreeMap<String, demo::Server>);

impl Servers {
    async fn of(modes: impl Iterator<Item = &'static str>) -> Self {
        let mut servers = BTreeMap::new();
        for mode in modes {
            let options = demo::Options { truth: true, access_ttl: 3_600, ..demo::Options::default() };
            servers.insert(mode.to_owned(), demo::Server::start(options).await.unwrap());
        }
        Self(servers)
    }

    fn profiles(&self, rows: impl Iterator<Item = (&'static str, Column)>) -> Vec<Profile> {
        let rows = rows.enumerate();
        rows.map(|(index, (mode, column))| profile(self.0[mode].url(), index, mode, column)).collect()
    }
}

/// A run, and its false verdicts: what was said, and what was true when it was said.
struct Run {
    session: Session,
    receipt: Receipt,
    verdicts: usize,
    false_dead: Vec<String>,
    false_alive: Vec<String>,
}

async fn rotate(profiles: &[Profile], options: Options) -> Run {
    let session = Session::in_memory(providers::ALL);
    for profile in profiles {
        // Where every fifth request is one too many, the second one is not.
        let first = session.login(profile, &NoInteraction).await;
        let login = if first.is_ok() { first } else { session.login(profile, &NoInteraction).await };
        login.unwrap_or_else(|error| panic!("{}: {error}", profile.name));
    }
    #[allow(clippy::disallowed_methods, reason = "asks for the truth, which no client of the program may")]
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let (checks, cancelled) = (Mutex::default(), watch::Sender::new(Cancelled::No));
    let watcher = Arc::new(Watcher { profiles: profiles.to_vec(), client, checks, cancelled });
    let plan = session.plan_rotation(profiles, options, false, &Protected::new([])).await.unwrap();
    let receipt = session.rotate(plan, false, Arc::clone(&watcher) as Arc<dyn Shell>).await.unwrap();
    let checks = std::mem::take(&mut *watcher.checks.lock().unwrap());
    let mut run = Run { session, receipt, verdicts: checks.len(), false_dead: Vec::new(), false_alive: Vec::new() };
    let mut last = BTreeMap::new();
    for check in checks {
        let (profile, token, verdict, truth) = check.await.unwrap();
        last.insert(token.clone(), (profile.clone(), verdict, truth.clone()));
        if verdict == Verdict::Dead && is_accepted(of(profiles, &profile), &truth) {
            run.false_dead.push(run.words(&profile, &token, &truth));
        }
    }
    // Between two refusals a token is not called dead yet: what was said last counts.
    for (token, (profile, verdict, truth)) in last {
        if matches!(verdict, Verdict::Alive | Verdict::AliveUntil(_)) && !is_alive(&truth) {
            run.false_alive.push(run.words(&profile, &token, &truth));
        }
    }
    run
}

impl Run {
    /// What is false, with the evidence.
    fn words(&self, profile: &str, token: &str, truth: &Value) -> String {
        let report = self.receipt.profiles.iter().find(|report| report.name == profile).unwrap();
        let old = report.old.iter().find(|old| old.fingerprint == token).unwrap();
        format!("{profile} {token}: true is {truth}, said is {}", serde_json::to_string(&old).unwrap())
    }
}

/// Whether a server takes it of which the verdict speaks: one that verifies offline, or remembers what it once asked, counts
/// where the profile's API is that.
fn is_accepted(profile: &Profile, truth: &Value) -> bool {
    let api = |end: &str| profile.settings.get("probe_url").is_some_and(|url| url.ends_with(end));
    let servers = truth["servers"].as_object().into_iter().flatten();
    let speaks = servers.filter(|(server, _)| match server.as_str() {
        "offline" => api("/api/me"),
        "checked" => api("/api/checked/me"),
        _ => true,
    });
    speaks.into_iter().any(|(_, state)| state == "alive")
}

/// Whether any server takes it. A refresh token that was accepted when it was sent once more is used up since.
fn is_alive(truth: &Value) -> bool {
    let replayed = truth["kind"] == "refresh" && truth["refreshes"].as_u64() > Some(0);
    replayed || truth["servers"].as_object().into_iter().flatten().any(|(_, state)| state == "alive")
}

fn of<'a>(profiles: &'a [Profile], name: &str) -> &'a Profile {
    profiles.iter().find(|profile| profile.name.as_str() == name).unwrap()
}

fn verdict(report: &receipt::Profile, kind: TokenKind) -> Life {
    report.old.iter().find(|old| old.kind == kind).unwrap_or_else(|| panic!("{}: no {kind}", report.name)).verdict
}

fn none_is_false(run: &Run, what: &str) {
    let counts = (run.false_dead.len(), run.false_alive.len());
    let words = [&run.false_dead[..], &run.false_alive].concat().join("\n");
    assert_eq!(counts, (0, 0), "{what}: false dead and false alive of {} verdicts\n{words}", run.verdicts);
}

/// No verdict is false, and each is the one of its row.
async fn matrix(rows: &'static [Row], prove_for: i64) {
    let servers = Servers::of(rows.iter().map(|(mode, ..)| *mode)).await;
    let profiles = servers.profiles(rows.iter().map(|(mode, column, ..)| (*mode, *column)));
    let run = rotate(&profiles, Options { prove_for, ..Options::default() }).await;
    none_is_false(&run, "the matrix");
    let mut wrong = Vec::new();
    for ((mode, column, access, refresh), report) in rows.iter().zip(&run.receipt.profiles) {
        let verdicts = (verdict(report, TokenKind::Access), verdict(report, TokenKind::Refresh));
        let (said, right) = (
            (report.outcome, verdicts.0, verdicts.1, report.recovered),
            (Outcome::Rotated, *access, *refresh, *mode == "too-much"),
        );
        if said != right {
            let report = serde_json::to_string_pretty(&report).unwrap();
            wrong.push(format!("{mode}, {column:?}: {said:?} instead of {right:?}\n{report}"));
        }
        // The new session works, and nothing of the old one is kept.
        let profile = of(&profiles, &report.name);
        let new = run.session.token_set(&profile.name).unwrap().unwrap();
        let is_old = |text: String| report.old.iter().any(|old| old.fingerprint == text);
        assert!(!new.tokens.iter().any(|token| is_old(token.fingerprint().to_string())), "{mode}, {column:?}");
        // What was tried for the proof is not the profile's last exchange.
        let exchange = run.session.exchange(&profile.name).unwrap().request_line;
        assert!(exchange.starts_with("POST ") && exchange.ends_with("/token"), "{mode}, {column:?}: {exchange}");
        let fresh = run.session.refresh(profile, None, &NoInteraction).await;
        assert!(fresh.is_ok(), "{mode}, {column:?}: the new session does not work: {fresh:?}");
    }
    assert!(wrong.is_empty(), "{} of {} rows: {}", wrong.len(), rows.len(), wrong.join("\n"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_lie_is_believed() {
    matrix(MATRIX, 20).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_late_may_still_propagate() {
    matrix(HURRIED, 2).await;
}

/// The other modes: no verdict is false, and the last session works, or its loss is told.
async fn others(panic: bool) {
    let servers = Servers::of(OTHERS.iter().copied()).await;
    let rows = OTHERS.iter().flat_map(|mode| [Opaque, Jwt, Offline].map(|column| (*mode, column)));
    let profiles = servers.profiles(rows);
    let run = rotate(&profiles, Options { prove_for: 3, panic, ..Options::default() }).await;
    none_is_false(&run, "the other modes");
    for report in run.receipt.profiles.iter().filter(|report| report.outcome != Outcome::Revoked) {
        let mut works = run.session.refresh(of(&profiles, &report.name), None, &NoInteraction).await;
        if works.is_err() && report.name.contains("429") {
            works = run.session.refresh(of(&profiles, &report.name), None, &NoInteraction).await;
        }
        assert!(works.is_ok(), "{}: {:?}, and {works:?}\n{report:#?}", report.name, report.outcome);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_other_behaviour_makes_a_verdict_false() {
    others(false).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nor_does_it_in_panic() {
    others(true).await;
}
