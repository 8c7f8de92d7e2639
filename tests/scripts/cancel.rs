//! Ctrl-C while a rotation is at each of its steps: once, nothing new starts and what was begun is led to its end; twice, nothing
//! is tested any more; three times, it ends at once and `--resume` goes on.

mod gate;

use std::{
    io::{BufRead as _, BufReader},
    process::Child,
    thread,
};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tokscope::{demo, profile::ProfileName};

use self::gate::Gate;
use crate::{
    support::{
        program::Done,
        rotation::{self, Account, Confirmed},
    },
    world::World,
};

/// What is held open, and after how many requests of that kind.
#[derive(Debug, Clone, Copy)]
enum At {
    /// Two profiles, one request at a time: the login of one is under way, the other waits for its turn.
    Planned,
    /// What the old token is good for is looked at.
    Observing,
    Obtaining,
    /// The new session is saved, and being tried: the old token and a made-up one were.
    Obtained,
    Ending,
    /// The new token was tried before and after the endings: the old one is next, once more.
    Proving,
    /// An old token is accepted, and is tried again after a while.
    Waiting,
}

impl At {
    fn holds(self) -> Option<(&'static str, usize)> {
        match self {
            Self::Planned | Self::Obtaining => Some(("POST /oidc/token", 0)),
            Self::Observing => Some(("GET /oidc/userinfo", 0)),
            Self::Obtained => Some(("GET /oidc/userinfo", 2)),
            Self::Ending => Some(("POST /oidc/revoke", 0)),
            Self::Proving => Some(("GET /oidc/userinfo", 4)),
            Self::Waiting => None,
        }
    }
}

/// Somebody with two sessions, behind a gate.
fn world(at: At) -> (World, Gate) {
    let world = World::empty(demo::Options { access_ttl: 3_600, truth: true, ..demo::Options::default() });
    let gate = Gate::before(world.url().trim_start_matches("http://").parse().unwrap());
    let liar = if matches!(at, At::Waiting) { "/liar/noop" } else { "" };
    let mut text = String::new();
    for name in ["demo", "fresh"] {
        let endpoint = |key: &str, end: &str| format!("{key}_endpoint = \"{}{liar}/oidc/{end}\"\n", gate.url());
        text += &format!(
            "[profile.{name}]\nprovider = \"oauth2\"\ngrant = \"password\"\nclient_id = \"opaque-legacy\"\n\
             username = \"ada\"\npassword = \"plain:analytical-engine\"\n{}{}{}{}",
            endpoint("token", "token"),
            endpoint("userinfo", "userinfo"),
            endpoint("revocation", "revoke"),
            endpoint("introspection", "introspect"),
        );
    }
    std::fs::write(world.path().join("profiles.toml"), text).unwrap();
    for name in ["demo", "fresh"] {
        let (_, words, code) = world.run(&["login", name, "--no-input"]);
        assert_eq!(code, 0, "{words}");
    }
    (world, gate)
}

/// What is said on standard error, as far as this.
fn read_to(lines: &mut impl Iterator<Item = String>, words: &str) {
    let mut said = Vec::new();
    let found = lines.inspect(|line| said.push(line.clone())).any(|line| line.contains(words));
    assert!(found, "{words:?} in {said:#?}");
}

/// Interrupts a rotation so many times there. The receipt, its own or that of the resumed run, in a line.
fn interrupted(at: At, times: usize) -> String {
    let (world, gate) = world(at);
    let receipt = world.path().join("r.json");
    let mut arguments =
        vec!["rotate", "--yes", "--no-input", "--parallel", "1", "--receipt", receipt.to_str().unwrap()];
    arguments.extend(if matches!(at, At::Planned) { &["demo", "fresh"][..] } else { &["demo"] });
    if let Some((requests, after)) = at.holds() {
        gate.hold(requests, after);
    }
    let mut child = world.command(&arguments).spawn().unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines().map(Result::unwrap);
    match at.holds() {
        Some(_) => gate.wait(),
        None => read_to(&mut lines, "testing again"),
    }
    // Signals that nobody has taken yet are one.
    for heard in ["stopping: nothing new starts", "testing stops", "error: interrupted before"].iter().take(times) {
        interrupt(&child);
        read_to(&mut lines, heard);
    }
    let ends_at_once = times == 3;
    if !ends_at_once {
        gate.open();
    }
    let said: Vec<_> = lines.collect();
    let done: Done = child.wait_with_output().unwrap().into();
    gate.open();
    assert_eq!((done.code, receipt.exists()), (130, !ends_at_once), "{at:?} {times}: {done:?} {said:#?}");
    let text = if ends_at_once {
        assert!(said.iter().any(|line| line.contains("rotate --resume 2")) && done.stdout.is_empty(), "{said:#?}");
        let (out, words, _) = world.run(&["rotate", "--resume", "--json", "--no-input"]);
        assert!(!out.is_empty(), "{at:?} {times}: {words}");
        out
    } else {
        assert!(done.stdout.starts_with("# Token rotation"), "{done:?}");
        std::fs::read_to_string(receipt).unwrap()
    };
    let receipt = serde_json::from_str(&text).unwrap();
    holds(&world, &receipt);
    in_a_line(&receipt)
}

fn interrupt(child: &Child) {
    kill_process(Pid::from_child(child), Signal::INT).unwrap();
}

/// Nothing is left open, what is said is true, and the session that is here works.
fn holds(world: &World, receipt: &Value) {
    let session = world.session();
    for profile in receipt["profiles"].as_array().unwrap() {
        let name = ProfileName::new(profile["name"].as_str().unwrap()).unwrap();
        let journal = session.record(&name).unwrap().unwrap().rotation;
        assert!(journal.as_ref().is_none_or(|journal| !journal.is_open()), "{profile:#}");
        Confirmed::default().hold(&Account::new(profile, journal), &session, |token| world.truth(token));
        assert_eq!(world.run(&["probe", name.as_str()]).2, 0, "{profile:#}");
    }
    let (_, words, code) = world.run(&["rotate", "--resume", "--no-input"]);
    assert_eq!(code, 2, "nothing is left: {words}");
}

fn in_a_line(receipt: &Value) -> String {
    let both = receipt["profiles"].as_array().unwrap().len() > 1;
    let mut profiles: Vec<_> = receipt["profiles"].as_array().unwrap().iter().map(rotation::line).collect();
    // Whether the one that waits was looked at before the other one has logged in is luck.
    for waits in profiles.iter_mut().filter(|line| line.starts_with("not_started")).filter(|_| both) {
        *waits = waits.replace("access unknown (cancelled)", "access alive_until");
    }
    // So is whether its login had begun where the program ended at once.
    let lost = "; one login may have";
    if both && profiles.iter().any(|line| line.ends_with(lost)) {
        profiles.iter_mut().filter(|line| !line.ends_with(lost)).for_each(|line| line.push_str(lost));
    }
    profiles.sort();
    profiles.join(" + ")
}

#[test]
fn whenever_it_is_interrupted_nothing_is_lost_and_what_is_said_is_true() {
    let untouched = "refresh alive, access alive_until; cancelled before the revocation; end the session on";
    let untried = "refresh unknown (cancelled), access unknown (cancelled)";
    let not_begun = "not_started, refresh unknown (cancelled), access alive_until";
    let dead = "rotated, refresh dead, access dead";
    let lost = format!("{dead}; one login may have");
    let new_only = format!("rotated, {untouched}");
    let new_untested = format!("rotated, {untried}; cancelled before the revocation; end the session on");
    let untested = format!("rotated, {untried}; end the session on");
    let cases: [(At, [&str; 3]); 6] = [
        (At::Observing, [not_begun, not_begun, dead]),
        (At::Obtaining, [&new_only, &new_untested, &lost]),
        (At::Obtained, [&new_only, &new_untested, dead]),
        // What was begun is finished: no token is left between two endings.
        (At::Ending, [dead, &untested, dead]),
        (At::Proving, [dead, &untested, dead]),
        (
            At::Planned,
            [
                &format!("{not_begun} + {new_only}"),
                &format!("{not_begun} + {new_untested}"),
                &format!("{lost} + {lost}"),
            ],
        ),
    ];
    let cases = cases.iter().flat_map(|(at, lines)| (1..).zip(lines).map(|(times, line)| (*at, times, *line)));
    // What was waited for is not waited for any more: there is nothing that a second one could stop.
    let waiting = "rotated, refresh alive, access alive_until; end the session on";
    let cases: Vec<_> = cases.chain([(At::Waiting, 1, waiting)]).collect();
    let told: Vec<_> = thread::scope(|scope| {
        let run = |&(at, times, _): &(At, usize, &str)| {
            scope.spawn(move || format!("{at:?} {times}: {}", interrupted(at, times)))
        };
        let all: Vec<_> = cases.iter().map(run).collect();
        all.into_iter().map(|one| one.join().unwrap()).collect()
    });
    let expected: Vec<_> = cases.iter().map(|(at, times, line)| format!("{at:?} {times}: {line}")).collect();
    assert_eq!(told, expected);
}
