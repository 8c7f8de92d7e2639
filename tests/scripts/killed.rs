//! A rotation that is killed again and again, over all kinds of profiles and over servers with every fault: each profile ends in
//! one outcome, nothing is sent more often than it may be, and what is called dead is dead.
//!
//! `PROFILES=100 KILLS=50 cargo test --test scripts killed` is much more of it than a plain `cargo test`.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    io::{BufRead as _, BufReader},
    os::unix::fs::PermissionsExt as _,
};

use serde_json::Value;
use tokscope::{
    auth::{IssuedToken, Scheme, TokenKind, TokenSet},
    clock, demo,
    profile::ProfileName,
};

use crate::{support::program::Done, world::World};

/// One profile on each of these servers.
const FAULTS: [&str; 10] = [
    "fault/slow",
    "fault/500",
    "fault/cut",
    "fault/lost",
    "liar/429-every-3",
    "liar/revoke-503",
    "liar/noop",
    "liar/too-much",
    "liar/same-token",
    REFUSES,
];
/// The refresh token is dead, and there is no other way.
const REFUSES: &str = "liar/honest";
/// So many kinds of profiles the rest are of.
const KINDS: usize = 8;

fn number(variable: &str, usual: usize) -> usize {
    std::env::var(variable).map_or(usual, |text| text.parse().unwrap())
}

/// The same numbers each time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }
}

struct Fleet {
    world: World,
    /// Each has a server of its own, whose counts are its own.
    servers: BTreeMap<String, String>,
}

impl Fleet {
    fn new(profiles: usize) -> Self {
        let options = demo::Options { access_ttl: 3_600, truth: true, ..demo::Options::default() };
        let world = World::empty(options);
        let mut fleet = Self { world, servers: BTreeMap::new() };
        let key = fleet.world.path().join("seta.pem");
        std::fs::write(&key, fleet.world.seta_key()).unwrap();
        std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o600)).unwrap();
        let mut text = String::new();
        for place in 0..profiles {
            let name = format!("p{place:03}");
            let fault = FAULTS.get(place);
            let server = match fault {
                // Its logins are those of the honest one, until it has a session.
                Some(fault) if fault.starts_with("fault/") => String::new(),
                Some(mode) => format!("/{mode}.{place}"),
                None => format!("/liar/honest.{place}"),
            };
            let url = format!("{}{server}", fleet.world.url());
            let kind = match fault {
                Some(fault) => usize::from(fault.starts_with("liar/")),
                // There is one live pair of Passwork's.
                None if place % KINDS == 5 && place > FAULTS.len() + KINDS => 0,
                None => place % KINDS,
            };
            text += &fleet.profile(&name, kind, &url, key.to_str().unwrap());
            fleet.servers.insert(name, url);
        }
        std::fs::write(fleet.world.path().join("profiles.toml"), text).unwrap();
        fleet.sessions();
        for (place, fault) in FAULTS.iter().enumerate().take(profiles) {
            let name = format!("p{place:03}");
            if fault.starts_with("fault/") {
                let url = format!("{}/{fault}", fleet.world.url());
                fleet.world.amend(&name, &format!("url = \"{url}\"\ntimeout = 2"));
            }
            if *fault == REFUSES {
                fleet.world.amend(&name, "password = \"prompt\"");
            }
        }
        fleet
    }

    fn profile(&self, name: &str, kind: usize, url: &str, key: &str) -> String {
        let ada = "username = \"ada\"\npassword = \"plain:analytical-engine\"";
        let settings = match kind {
            0 => format!("provider = \"openedx\"\nurl = \"{url}\"\nclient_id = \"login-service-client-id\"\n{ada}"),
            1 => format!(
                "provider = \"oauth2\"\nissuer = \"{url}/oidc\"\ngrant = \"password\"\nclient_id = \"opaque-legacy\"\n\
                 scope = \"openid profile email\"\n{ada}"
            ),
            2 => format!(
                "provider = \"oauth2\"\nissuer = \"{url}/oidc\"\ngrant = \"password\"\nclient_id = \"legacy\"\n\
                 scope = \"openid profile email\"\n{ada}"
            ),
            3 => format!("provider = \"seta\"\nurl = \"{url}\"\nusername = \"ada\"\nprivate_key = \"file:{key}\""),
            4 => format!(
                "provider = \"practicus\"\nurl = \"{url}\"\nemail = \"ada@example.org\"\n\
                 password = \"plain:analytical-engine\""
            ),
            5 => {
                let all = self.world.fleet();
                let passwork = all.iter().find(|profile| profile.provider == "passwork").unwrap();
                let mut text = "provider = \"passwork\"\n".to_owned();
                for (key, value) in &passwork.settings {
                    writeln!(text, "{key} = \"{value}\"").unwrap();
                }
                text
            }
            6 => "provider = \"command\"\ncommand = \"echo a-token-that-never-changes\"".to_owned(),
            _ => format!("provider = \"pasted\"\nprobe_url = \"{url}/api/me\""),
        };
        format!("[profile.{name}]\n{settings}\n\n")
    }

    /// Gives each profile a session.
    fn sessions(&self) {
        let session = self.world.session();
        let names: Vec<_> = self.servers.keys().cloned().collect();
        for (place, name) in names.iter().enumerate() {
            if FAULTS.get(place) == Some(&REFUSES) {
                self.strand();
            } else if place >= FAULTS.len() && place % KINDS == 7 {
                session.adopt(&ProfileName::new(name).unwrap(), made_up(&[TokenKind::Unknown])).unwrap();
            } else {
                let (_, words, code) = self.world.run(&["login", name, "--no-input", "--quiet"]);
                assert_eq!(code, 0, "{name}: {words}");
            }
        }
    }

    /// Gives a profile a refresh token that its server refuses: once that is known, it is not tried again.
    fn strand(&self) {
        let place = FAULTS.iter().position(|fault| *fault == REFUSES).unwrap();
        let set = made_up(&[TokenKind::Access, TokenKind::Refresh]);
        self.world.session().adopt(&ProfileName::new(format!("p{place:03}")).unwrap(), set).unwrap();
    }

    /// Rotates all, killed so many times on the way.
    fn rotate(&self, kills: usize, dice: &mut Dice) -> Value {
        const FRESH: [&str; 7] = ["rotate", "--all", "--yes", "--json", "--no-input", "--prove-for", "2s"];
        let mut run: Option<String> = None;
        let arguments = |run: &Option<String>| match run {
            None => FRESH.map(str::to_owned).to_vec(),
            Some(run) => ["rotate", "--resume", run, "--json", "--no-input"].map(str::to_owned).to_vec(),
        };
        for _ in 0..kills {
            let words = arguments(&run);
            let words: Vec<_> = words.iter().map(String::as_str).collect();
            let mut child = self.world.command(&words).spawn().unwrap();
            let mut events = BufReader::new(child.stderr.take().unwrap()).lines().map_while(Result::ok);
            // Each profile has about ten of them.
            let until = 1 + dice.below(8 * self.servers.len() as u64);
            for event in events.by_ref().take(usize::try_from(until).unwrap()) {
                let event: Value = serde_json::from_str(&event).unwrap_or_else(|_| panic!("{event}"));
                if event["event"] == "planned" {
                    run = Some(event["run"].as_str().unwrap().to_owned());
                }
            }
            child.kill().unwrap();
            let done: Done = child.wait_with_output().map(Ended::from).unwrap().0;
            if let Ok(receipt) = serde_json::from_str(&done.stdout) {
                return receipt;
            }
        }
        let words = arguments(&run);
        let done = self.world.run(&words.iter().map(String::as_str).collect::<Vec<_>>());
        serde_json::from_str(&done.0).unwrap_or_else(|_| panic!("{done:?}"))
    }

    /// How often something was done at a profile's server.
    fn count(&self, totals: &Value, name: &str, what: &str) -> u64 {
        let systems = totals[&self.servers[name]].as_object();
        systems.into_iter().flatten().filter_map(|(_, counts)| counts[what].as_u64()).sum()
    }

    /// Holds a receipt against the truth; the verdicts of old tokens that were confirmed.
    fn hold(&self, receipt: &Value, before: &Value) -> (usize, usize) {
        let totals = self.world.truth("").unwrap();
        let session = self.world.session();
        let (mut dead, mut alive) = (0, 0);
        let profiles = receipt["profiles"].as_array().unwrap();
        let names: BTreeSet<_> = profiles.iter().map(|profile| profile["name"].as_str().unwrap()).collect();
        assert_eq!((names.len(), profiles.len()), (self.servers.len(), self.servers.len()), "one outcome each");
        for profile in profiles {
            let name = profile["name"].as_str().unwrap();
            let place: usize = name[1..].parse().unwrap();
            let more = |what| self.count(&totals, name, what) - self.count(before, name, what);
            // Those whose server is not their own are counted with others.
            let own = self.servers[name].contains('.');
            // The second one: a revocation that took the new session along, or that was lost. Where the first two bring the old
            // tokens again, the third comes after their end.
            let most = if FAULTS.get(place) == Some(&"liar/same-token") { 3 } else { 2 };
            assert!(!own || more("logins") <= most, "{} logins: {profile:#}", more("logins"));
            for old in profile["old"].as_array().unwrap() {
                let Some(truth) = self.world.truth(old["fingerprint"].as_str().unwrap()) else { continue };
                assert!(truth["revocations"].as_u64() <= Some(2), "{truth}: {profile:#}");
                // SeTA's is used up twice at most, of which the first is a refresh, and replayed twice at most.
                let most = if profile["provider"] == "seta" { 3 } else { 2 };
                assert!(truth["replays"].as_u64() <= Some(most), "{truth}: {profile:#}");
                let states: Vec<_> = truth["servers"].as_object().unwrap().values().collect();
                match old["verdict"].as_str().unwrap() {
                    "dead" => {
                        assert!(states.iter().all(|state| *state == "dead"), "false dead: {truth}: {profile:#}");
                        dead += 1;
                    }
                    "alive" | "alive_until" => {
                        // One that a replay showed alive was used up by that.
                        let is_alive = states.iter().any(|state| *state == "alive") || truth["refreshes"] != 0;
                        assert!(is_alive, "false alive: {truth}: {profile:#}");
                        alive += 1;
                    }
                    _ => {}
                }
            }
            // The session that the receipt names is the one that is here, and it works.
            let set = session.token_set(&ProfileName::new(name).unwrap()).unwrap();
            let fingerprints: Vec<_> = set.iter().flat_map(|set| &set.tokens).collect();
            for new in profile["new"].as_array().unwrap() {
                let fingerprint = new["fingerprint"].as_str().unwrap();
                assert!(
                    fingerprints.iter().any(|token| token.fingerprint().to_string() == fingerprint),
                    "the current session is another one: {profile:#}"
                );
                if let Some(truth) = self.world.truth(fingerprint) {
                    assert!(truth.to_string().contains("alive"), "the new session is dead: {truth}: {profile:#}");
                }
            }
            if profile["outcome"] == "failed" && !FAULTS.get(place).is_some_and(|fault| fault.starts_with("fault/")) {
                assert!(set.is_some(), "the old session is still here: {profile:#}");
            }
        }
        (dead, alive)
    }
}

fn made_up(kinds: &[TokenKind]) -> TokenSet {
    let token = |kind: &TokenKind| IssuedToken {
        kind: *kind,
        raw: format!("nobody-issued-this-{kind}-token").as_str().into(),
        expires_at: None,
        scheme: Scheme::BEARER,
    };
    let tokens = kinds.iter().map(token).collect();
    TokenSet { tokens, scope: None, account: None, received_at: clock::now(), remarks: Vec::new() }
}

/// A run that was killed has no exit code.
struct Ended(Done);

impl From<std::process::Output> for Ended {
    fn from(output: std::process::Output) -> Self {
        let stdout = String::from_utf8(output.stdout).unwrap();
        Self(Done { stdout, stderr: String::new(), code: output.status.code().unwrap_or(-1) })
    }
}

/// What a receipt says, but for times, fingerprints and words that have them.
fn outline(receipt: &Value) -> BTreeMap<String, String> {
    let old = |old: &Value| format!("{} {}", old["kind"], old["verdict"]);
    let profiles = receipt["profiles"].as_array().unwrap().iter().map(|profile| {
        let tokens: Vec<_> = profile["old"].as_array().unwrap().iter().map(old).collect();
        let words = format!("{} {} {} {tokens:?}", profile["outcome"], profile["way"], profile["kinship"]);
        (profile["name"].as_str().unwrap().to_owned(), words)
    });
    profiles.collect()
}

/// Whether an exchange of a profile was cut off, so that a session was lost that nobody can know of.
fn lost_a_login(profile: &Value) -> bool {
    profile["alarms"].as_array().unwrap().iter().any(|alarm| alarm.as_str().unwrap().contains("lost"))
}

#[test]
#[allow(clippy::print_stdout, reason = "its figures are told")]
fn whatever_moment_it_is_killed_at_each_profile_ends_in_one_outcome() {
    let (profiles, kills) = (number("PROFILES", 18), number("KILLS", 4));
    let fleet = Fleet::new(profiles);
    let mut dice = Dice(13);
    let mut before = fleet.world.truth("").unwrap();
    let whole = fleet.rotate(0, &mut dice);
    let (mut dead, mut alive) = fleet.hold(&whole, &before);
    let whole = outline(&whole);
    let (mut done, mut same, mut lost) = (0, 0, 0);
    while done < kills {
        // What is killed twice between two steps may use up what may be sent of them: then only the truth is asked.
        let now = if (kills - done).is_multiple_of(2) { 1 } else { 3.min(kills - done) };
        before = fleet.world.truth("").unwrap();
        fleet.strand();
        let receipt = fleet.rotate(now, &mut dice);
        let (more_dead, more_alive) = fleet.hold(&receipt, &before);
        (dead, alive, done) = (dead + more_dead, alive + more_alive, done + now);
        let outlines = outline(&receipt);
        for profile in receipt["profiles"].as_array().unwrap() {
            let name = profile["name"].as_str().unwrap();
            if lost_a_login(profile) {
                lost += 1;
            }
            if lost_a_login(profile) || now > 1 {
                continue;
            }
            assert_eq!(outlines[name], whole[name], "as if it had not been killed: {profile:#}");
            same += 1;
        }
    }
    println!(
        "{profiles} profiles, {kills} kills: {dead} dead and {alive} alive, all true; {same} as without a kill, \
         {lost} logins cut off"
    );
}
