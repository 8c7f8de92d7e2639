//! `tokscope rotate`: what is confirmed, what it prints for people and programs, and how it ends.

use std::{
    io::{BufRead as _, BufReader},
    net::TcpListener,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::Child,
};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tokscope::profile::ProfileName;

use crate::{schema::holds, support::program::Done, world::World};

/// A world whose first profile can be rotated and proven: its server revokes, introspects and says who someone is.
fn world() -> World {
    let world = World::new(3_600);
    let url = world.url();
    for name in ["demo", "fresh"] {
        let endpoints = ["revoke", "introspect"].map(|end| (end, format!("{url}/oidc/{end}")));
        let [(_, revoke), (_, introspect)] = endpoints;
        world.amend(name, &format!("revocation_endpoint = \"{revoke}\"\nintrospection_endpoint = \"{introspect}\""));
    }
    assert_eq!(world.run(&["login", "demo", "--no-input"]).2, 0);
    world
}

fn events(words: &str) -> Vec<Value> {
    words.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("{line} in {words}"))).collect()
}

fn names(events: &[Value]) -> Vec<&str> {
    events.iter().map(|event| event["event"].as_str().unwrap()).collect()
}

/// The sets that are kept of a profile.
fn generations(world: &World, profile: &str) -> usize {
    let (out, words, code) = world.run(&["history", profile, "--json"]);
    assert_eq!(code, 0, "{words}");
    serde_json::from_str::<Value>(&out).unwrap()["generations"].as_array().unwrap().len()
}

#[test]
fn a_rotation_prints_its_receipt_and_keeps_it_where_it_was_asked_for() {
    let world = world();
    let [markdown, json] = ["r.md", "r.json"].map(|name| world.path().join(name));
    let files = ["--receipt", markdown.to_str().unwrap(), "--receipt", json.to_str().unwrap()];
    let arguments = [&["rotate", "demo", "--yes", "--json", "--no-input"][..], &files].concat();
    let (out, words, code) = world.run(&arguments);
    assert_eq!(code, 0, "{out}{words}");
    holds("receipt", &out);
    words.lines().for_each(|line| holds("rotate", line));
    let events = events(&words);
    let names = names(&events);
    assert_eq!(
        (&names[..2], names.iter().filter(|name| **name == "settled").count()),
        (&["plan", "planned"][..], 1),
        "{words}"
    );
    assert!(names.contains(&"obtained") && names.contains(&"ended") && names.contains(&"judged"), "{words}");
    let receipt: Value = serde_json::from_str(&out).unwrap();
    let profile = &receipt["profiles"][0];
    assert_eq!(
        (&profile["outcome"], &profile["way"], &profile["kinship"]),
        (&"rotated".into(), &"login".into(), &"separate".into())
    );
    let verdict = |kind: &str| {
        let old = profile["old"].as_array().unwrap().iter().find(|old| old["kind"] == kind).unwrap();
        old["verdict"].as_str().unwrap().to_owned()
    };
    assert_eq!(verdict("refresh"), "dead", "{out}");
    assert_eq!(verdict("access"), "alive_until", "services check a JWT without asking: {out}");
    assert_eq!(std::fs::read_to_string(&json).unwrap(), out);
    let text = std::fs::read_to_string(&markdown).unwrap();
    assert!(text.starts_with("# Token rotation ") && text.contains("## demo · oauth2"), "{text}");
    assert_eq!(markdown.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    assert!(!format!("{out}{words}{text}").contains("eyJ"), "no token is printed");
    assert!(world.works(), "the new session is the current one");
    // What is accepted for an hour is too long for some.
    let (_, words, code) = world.run(&["rotate", "demo", "--yes", "--no-input", "--max-survival", "1m"]);
    assert!(words.contains("Rotation plan: 1 profile"), "{words}");
    assert_eq!(code, 1, "{words}");
    assert!(words.contains("demo: getting a new session") && words.contains("demo: rotated"), "{words}");
    let (out, _, code) = world.run(&["rotate", "--list"]);
    assert_eq!((out.lines().count(), code, out.contains("complete")), (2, 0, true), "{out}");
    assert!(out.lines().all(|line| line.ends_with("1 rotated · 2 survivors")), "{out}");
    let (out, _, _) = world.run(&["rotate", "--list", "--json"]);
    let runs: Vec<Value> = serde_json::from_str(&out).unwrap();
    assert_eq!((&runs[0]["left"], &runs[0]["running"]), (&0.into(), &false.into()), "{out}");
    assert_eq!(runs[0]["totals"]["rotated"], 1, "{out}");
    runs.iter().for_each(|run| holds("rotate", &run.to_string()));
}

#[test]
fn a_dry_run_says_what_would_be_done_and_sends_nothing() {
    let world = world();
    let (out, words, code) = world.run(&["rotate", "demo", "--dry-run"]);
    assert_eq!(code, 0, "{out}{words}");
    assert!(out.starts_with("Rotation plan: 1 profile, 1 runs alone"), "{out}");
    assert!(out.lines().last().unwrap().contains("demo"), "{out}");
    let (out, words, code) = world.run(&["rotate", "demo", "--dry-run", "--json"]);
    assert_eq!((code, words.as_str()), (0, ""));
    holds("rotate", &out);
    assert_eq!(serde_json::from_str::<Value>(&out).unwrap()["rows"][0]["way"], "login");
    // Nobody is there to type it.
    world.amend("demo", "password = \"prompt\"");
    world.strand();
    let before = generations(&world, "demo");
    let (out, words, code) = world.run(&["rotate", "demo", "--dry-run", "--no-input"]);
    assert_eq!(code, 1, "{out}{words}");
    let width = out.lines().skip(1).take(2).map(|line| line.chars().count()).max().unwrap();
    assert!(width < 120 && out.lines().last().unwrap().starts_with("demo: "), "why is below the table: {out}");
    assert_eq!(generations(&world, "demo"), before);
    assert!(world.run(&["rotate", "--list"]).0.is_empty(), "a plan is no run");
}

#[test]
fn nothing_is_sent_without_a_word_for_it() {
    let world = world();
    world.amend("fresh", "environment = \"prod\"");
    let before = generations(&world, "demo");
    let is_refused = |arguments: &[&str], says: &str| {
        let (out, words, code) = world.run(arguments);
        assert_eq!((code, out.as_str()), (2, ""), "{arguments:?}: {words}");
        assert!(words.contains(says), "{arguments:?}: {words}");
    };
    is_refused(&["rotate", "demo", "--no-input"], "nothing was sent");
    is_refused(&["rotate", "demo"], "--yes confirms");
    is_refused(&["rotate", "--all", "--yes", "--no-input"], "--yes-env prod confirms");
    is_refused(&["rotate", "--all", "--yes-env", "prod", "--no-input"], "--yes confirms");
    is_refused(&["rotate", "--env", "prod", "--yes-env", "staging", "--no-input"], "--yes-env prod confirms");
    is_refused(&["rotate"], "no profile selected");
    is_refused(&["rotate", "demo", "--env", "prod", "--yes"], "exclude each other");
    is_refused(&["rotate", "--tag", "none", "--yes"], "no profile matches");
    is_refused(&["rotate", "demo", "--yes", "--receipt", "r.txt"], ".md or .json");
    is_refused(&["rotate", "demo", "--yes", "--way", "magic"], "auto, login or refresh");
    is_refused(&["rotate", "--resume", "--yes"], "cannot be used with");
    is_refused(&["rotate", "--recheck", "nothing"], "not the name of a run");
    is_refused(&["rotate", "--abandon", "nothing"], "not the name of a run");
    is_refused(&["--readonly", "rotate", "demo", "--yes", "--no-input"], "read-only");
    assert_eq!(generations(&world, "demo"), before);
    assert_eq!(generations(&world, "fresh"), 0);
    let (_, words, code) = world.run(&["rotate", "--env", "prod", "--yes-env", "PROD", "--no-input"]);
    assert_eq!(code, 0, "a first session has no old tokens: {words}");
}

/// A run, and its events as they come.
fn begun(world: &World, arguments: &[&str]) -> (Child, impl Iterator<Item = Value> + use<>) {
    let mut child = world.command(arguments).spawn().unwrap();
    let lines = BufReader::new(child.stderr.take().unwrap()).lines();
    (child, lines.map(|line| serde_json::from_str(&line.unwrap()).unwrap()))
}

#[test]
fn a_killed_run_is_resumed_and_each_profile_ends_in_one_outcome() {
    let world = world();
    assert_eq!(world.run(&["login", "fresh", "--no-input"]).2, 0);
    let (mut child, mut events) = begun(&world, &["rotate", "demo", "fresh", "--yes", "--json", "--parallel", "1"]);
    assert!(events.any(|event| event["event"] == "obtained"));
    child.kill().unwrap();
    child.wait().unwrap();
    // Nothing else takes the profile meanwhile.
    let (_, words, code) = world.run(&["login", "demo", "--no-input"]);
    assert!(code == 2 && words.contains("rotate --resume"), "{words}");
    let (out, words, code) = world.run(&["rotate", "--resume", "--json", "--no-input"]);
    assert_eq!(code, 0, "{out}{words}");
    holds("receipt", &out);
    let receipt: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((&receipt["resumed"], &receipt["totals"]["rotated"]), (&1.into(), &2.into()), "{out}");
    assert!(world.works());
    let run = receipt["run"].as_str().unwrap();
    let (out, words, code) = world.run(&["rotate", "--recheck", run, "--json", "--no-input"]);
    assert_eq!(code, 0, "{out}{words}");
    holds("receipt", &out);
    let again: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((&again["run"], &again["totals"]["rotated"]), (&receipt["run"], &2.into()), "{out}");
    let (_, words, code) = world.run(&["rotate", "--resume", "--no-input"]);
    assert_eq!(code, 2, "nothing is left to resume: {words}");
}

#[test]
fn an_interrupted_run_waits_for_what_was_sent_and_says_so_to_programs() {
    let world = world();
    let slow = format!("token_endpoint = \"{}/fault/slow/oidc/token\"\ntimeout = 2", world.url());
    world.amend("fresh", &slow);
    let rotate = ["rotate", "demo", "fresh", "--yes", "--json", "--no-input"];
    let (child, mut events) = begun(&world, &rotate);
    assert!(events.any(|event| event["event"] == "obtained"));
    kill_process(Pid::from_child(&child), Signal::INT).unwrap();
    let last = events.last().unwrap();
    assert_eq!(last["code"], "cancelled", "{last}");
    let done: Done = child.wait_with_output().unwrap().into();
    assert_eq!(done.code, 130, "{done:?}");
    holds("receipt", &done.stdout);
    let receipt: Value = serde_json::from_str(&done.stdout).unwrap();
    // The other's server is waited for: what was sent may bring a session.
    assert_eq!((&receipt["totals"]["rotated"], &receipt["totals"]["failed"]), (&1.into(), &1.into()), "{receipt}");
    assert!(world.works(), "the new session is saved");
}

/// Planning asks servers for their metadata: nothing has begun by then.
#[test]
fn an_interrupt_before_the_plan_is_there_leaves_nothing_behind() {
    let world = World::new(3_600);
    assert_eq!(world.run(&["login", "demo", "--no-input"]).2, 0);
    let before = generations(&world, "demo");
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    world.amend("demo", &format!("issuer = \"http://{}\"", silent.local_addr().unwrap()));
    let (child, mut events) = begun(&world, &["rotate", "demo", "--yes", "--json", "--no-input"]);
    let _asked = silent.accept().unwrap();
    kill_process(Pid::from_child(&child), Signal::INT).unwrap();
    let done: Done = child.wait_with_output().unwrap().into();
    assert_eq!((done.code, done.stdout.as_str()), (130, ""), "{done:?}");
    assert!(events.all(|event| event["event"].is_null()), "nothing was told of but how it ended");
    let (out, words, code) = world.run(&["rotate", "--list", "--json"]);
    assert_eq!((out.trim(), code), ("[]", 0), "{words}");
    assert_eq!(generations(&world, "demo"), before);
}

#[test]
fn a_run_that_is_given_up_sends_nothing_and_frees_its_profiles() {
    let world = world();
    let (mut child, mut events) = begun(&world, &["rotate", "demo", "--yes", "--json"]);
    let run = events.find(|event| event["event"] == "planned").unwrap()["run"].as_str().unwrap().to_owned();
    assert!(events.any(|event| event["event"] == "obtained"));
    child.kill().unwrap();
    child.wait().unwrap();
    let (out, words, code) = world.run(&["rotate", "--abandon", &run, "--json"]);
    assert_eq!(code, 1, "nothing is proven: {out}{words}");
    holds("receipt", &out);
    assert_eq!(world.run(&["login", "demo", "--no-input"]).2, 0);
}

/// All bytes below a folder.
fn written(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let each = |path: PathBuf| match path.is_dir() {
        true => written(&path),
        false => vec![(path.clone(), std::fs::read(&path).unwrap())],
    };
    entries.flat_map(each).collect()
}

#[test]
fn no_token_is_in_anything_that_is_written() {
    let world = world();
    let tokens = || {
        ["access", "refresh"].map(|kind| {
            let (out, words, code) = world.run(&["token", "demo", "--kind", kind]);
            assert_eq!(code, 0, "{words}");
            out.trim().to_owned()
        })
    };
    let old = tokens();
    let receipt = world.path().join("r.md");
    let arguments = ["rotate", "demo", "--yes", "--no-input", "--receipt", receipt.to_str().unwrap()];
    let (out, words, _) = world.run(&arguments);
    let (json, events, _) = world.run(&["rotate", "demo", "--yes", "--no-input", "--json"]);
    let new = tokens();
    assert!(old.iter().all(|token| !new.contains(token)));
    let mut bytes = written(world.path());
    assert!(bytes.iter().any(|(path, _)| path == &receipt) && bytes.len() > 4, "{bytes:?}");
    bytes.extend([out, words, json, events].map(|text| (PathBuf::from("the terminal"), text.into_bytes())));
    for token in old.iter().chain(&new) {
        // Not even the signature of one, or its claims.
        for part in token.split('.').filter(|part| part.len() > 20) {
            for (path, bytes) in &bytes {
                assert!(!bytes.windows(part.len()).any(|window| window == part.as_bytes()), "{}", path.display());
            }
        }
    }
}

#[test]
fn two_runs_do_not_take_one_profile() {
    let world = world();
    world.amend("demo", &format!("token_endpoint = \"{}/fault/slow/oidc/token\"\ntimeout = 600", world.url()));
    let (mut child, mut events) = begun(&world, &["rotate", "demo", "--yes", "--json", "--no-input"]);
    let run = events.find(|event| event["event"] == "planned").unwrap()["run"].as_str().unwrap().to_owned();
    assert!(events.any(|event| event["step"] == "obtaining"));
    let (_, words, code) = world.run(&["rotate", "--resume", "--no-input"]);
    assert_eq!(code, 2, "it is at work: {words}");
    assert!(world.run(&["rotate", "--list"]).0.contains("running"));
    let again = ["rotate", "demo", "--yes", "--json", "--no-input", "--prove-for", "0"];
    let names_it = || {
        let (out, words, code) = world.run(&again);
        // While a request is under way, its tokens are only in use.
        let in_use = out.contains("another tokscope is using the tokens of demo");
        assert!(code == 1 && (out.contains(&run) || in_use), "{out}{words}");
        !in_use
    };
    names_it();
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(names_it(), "the run that has it");
    // Nothing renews it meanwhile, whoever wants a fresh token.
    let refreshes = world.refreshes();
    for wants_fresh in [&["refresh", "demo"][..], &["token", "demo", "--force"], &["login", "demo"]] {
        let (out, words, code) = world.run(&[wants_fresh, &["--no-input"]].concat());
        assert!(code == 2 && out.is_empty() && words.contains(&run), "{wants_fresh:?}: {out}{words}");
    }
    assert_eq!(world.refreshes(), refreshes, "nothing was sent");
    let mut locked = world.command(&["rotate", "--resume", "--json", "--no-input"]);
    let done = Done::of(locked.env("TOKSCOPE_IDENTITY", "passphrase"));
    assert_eq!(done.code, 2, "the vault is locked: {done:?}");
    done.error();
    assert_eq!(world.run(&["rotate", "--abandon", &run]).2, 1);
}

/// What only a person can paste is not asked for where none may be asked, and says why.
#[test]
fn what_has_to_be_pasted_fails_where_no_one_can_be_asked() {
    let world = world();
    let profile = format!("[profile.key]\nprovider = \"pasted\"\nprobe_url = \"{}/api/me\"\n", world.url());
    let path = world.path().join("profiles.toml");
    let before = std::fs::read_to_string(&path).unwrap();
    std::fs::write(path, before + &profile).unwrap();
    let tokens = world.session().token_set(&ProfileName::new("demo").unwrap()).unwrap().unwrap();
    world.session().adopt(&ProfileName::new("key").unwrap(), tokens).unwrap();
    let (out, words, code) = world.run(&["rotate", "key", "--yes", "--json", "--no-input"]);
    assert_eq!(code, 1, "{out}{words}");
    holds("receipt", &out);
    let receipt: Value = serde_json::from_str(&out).unwrap();
    let report = &receipt["profiles"][0];
    assert_eq!(report["outcome"], "failed", "{out}");
    assert!(report["reason"].as_str().unwrap().contains("needs a person"), "{out}");
    let plan = &events(&words)[0]["rows"][0];
    assert!(plan["way"].is_null(), "{words}");
    let old = plan["old_tokens"].as_array().unwrap();
    assert!(old.iter().any(|old| old["prospect"] == "outlasts" && old["until"].is_string()), "{words}");
}
