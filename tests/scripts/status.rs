//! `tokscope status`.

use std::{
    io::{BufRead as _, BufReader, ErrorKind},
    os::unix::net::UnixListener,
};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use crate::{support::program::Done, world::World};

fn states(json: &str) -> Vec<(String, String)> {
    let rows: Vec<Value> = serde_json::from_str(json).unwrap();
    let word = |row: &Value, key: &str| row[key].as_str().unwrap().to_owned();
    rows.iter().map(|row| (word(row, "profile"), word(row, "state"))).collect()
}

fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, state)| (name.to_string(), state.to_string())).collect()
}

#[test]
fn states_selection_and_exit_codes() {
    let world = World::new(3_600);
    world.profile("other", "environment = \"prod\"\ntags = [\"work\"]");
    let (out, words, code) = world.run(&["status", "--json"]);
    let all = [("demo", "active"), ("fresh", "no-tokens"), ("other", "no-tokens")];
    assert_eq!((words.as_str(), code, states(&out)), ("", 0, pairs(&all)));
    let rows: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((&rows[2]["environment"], &rows[2]["tags"][0]), (&"prod".into(), &"work".into()));
    assert!((3_500..=3_600).contains(&rows[0]["access"]["seconds_left"].as_i64().unwrap()), "{out}");
    assert_eq!(rows[1]["access"], Value::Null);
    let selected = |arguments: &[&str]| {
        let (out, _, code) = world.run(&[&["status", "--json"], arguments].concat());
        (states(&out).into_iter().map(|(name, _)| name).collect::<Vec<_>>().join(" "), code)
    };
    for (arguments, names) in [
        (&["other", "demo"][..], "other demo"),
        (&["--tag", "work"], "other"),
        (&["--env", "prod", "--state", "no-tokens"], "other"),
        (&["--state", "active", "--state", "no-tokens"], "demo fresh other"),
        (&["--all"], "demo fresh other"),
    ] {
        assert_eq!(selected(arguments), (names.to_owned(), 0));
    }
    for wrong in [&["demo", "--all"][..], &["nothing"], &["--tag", "x"], &["--state", "no tokens"]] {
        let (out, words, code) = world.run(&[&["status"], wrong].concat());
        assert_eq!((out.as_str(), code), ("", 2), "{words}");
    }
    // Over, and the refresh token lives: that is not expired.
    world.expire();
    let (out, _, code) = world.run(&["status", "demo", "--json"]);
    assert_eq!((states(&out), code), (pairs(&[("demo", "renewable")]), 0));
    assert_eq!(world.refreshes().granted, 0, "nothing is sent");
}

#[test]
fn a_line_for_a_prompt_needs_no_key() {
    let world = World::new(3_600);
    let (out, words, code) = world.run(&["status", "demo", "--format", "line"]);
    assert_eq!((words.as_str(), code), ("", 0));
    assert!(out.starts_with("● demo 59m ") && out.lines().count() == 1, "{out}");
    // One word for the state, as a script splits it.
    assert_eq!(world.run(&["status", "fresh", "--format", "line"]).0, "○ fresh no-tokens\n");
    // The key is said to be behind a passphrase: it is not asked for.
    let mut locked = world.command(&["status", "--format", "line"]);
    locked.args(["--identity", "passphrase"]);
    let (out, words, code) = Done::of(&mut locked).parts();
    assert_eq!((out.as_str(), words.as_str(), code), ("■ demo locked\n", "", 0));
}

/// Nobody is asked for it, and no keyring: one that never answers is not even spoken to.
#[test]
fn a_line_for_a_prompt_contacts_no_keyring() {
    let world = World::new(3_600);
    let bus = world.path().join("bus");
    let silent = UnixListener::bind(&bus).unwrap();
    silent.set_nonblocking(true).unwrap();
    let mut line = world.command(&["status", "demo", "--format", "line"]);
    line.env("TOKSCOPE_IDENTITY", "keyring").env("DBUS_SESSION_BUS_ADDRESS", format!("unix:path={}", bus.display()));
    assert_eq!(Done::of(&mut line).parts(), ("■ demo locked\n".to_owned(), String::new(), 0));
    assert_eq!(silent.accept().unwrap_err().kind(), ErrorKind::WouldBlock);
}

#[test]
fn watching_prints_at_each_change_until_interrupted() {
    let world = World::new(3_600);
    let mut watching = world.command(&["status", "demo", "--json", "--watch"]).spawn().unwrap();
    let mut lines = BufReader::new(watching.stdout.take().unwrap()).lines().map(Result::unwrap);
    assert_eq!(states(&lines.next().unwrap()), pairs(&[("demo", "active")]));
    world.expire();
    assert!(lines.any(|line| states(&line) == pairs(&[("demo", "renewable")])));
    assert_eq!(world.run(&["refresh", "demo"]).2, 0);
    assert!(lines.any(|line| states(&line) == pairs(&[("demo", "active")])));
    kill_process(Pid::from_child(&watching), Signal::INT).unwrap();
    assert_eq!(watching.wait().unwrap().code(), Some(130));
    // A reader that goes away ends it, too.
    let mut watching = world.command(&["status", "demo", "--watch"]).spawn().unwrap();
    let mut lines = BufReader::new(watching.stdout.take().unwrap()).lines();
    assert!(lines.next().unwrap().unwrap().contains("profile"));
    drop(lines);
    world.expire();
    assert_eq!(watching.wait().unwrap().code(), Some(0));
}

#[test]
fn the_table_names_what_it_shows() {
    let world = World::new(3_600);
    let (out, _, code) = world.run(&["status"]);
    let lines: Vec<Vec<_>> = out.lines().map(|line| line.split_whitespace().collect()).collect();
    assert_eq!(code, 0);
    assert_eq!(lines[0], ["state", "profile", "env", "access", "refresh", "last", "failure"]);
    assert_eq!(lines[1][..5], ["●", "active", "demo", "in", "59m"], "{out}");
    assert_eq!(lines[2], ["○", "no-tokens", "fresh", "-", "-"]);
}

#[test]
fn what_is_over_or_about_to_be_is_exit_1() {
    let world = World::new(3_600);
    let code = |arguments: &[&str]| world.run(&[&["status", "demo"], arguments].concat()).2;
    assert_eq!((code(&[]), code(&["--expiring-within", "2h"])), (0, 0), "a refresh token renews it");
    assert_eq!(world.run(&["status", "fresh"]).2, 0, "no tokens are none that are over");
    assert_eq!(world.run(&["status", "demo", "--expiring-within", "soon"]).2, 2);
    // No refresh token is left that could renew it.
    world.strand();
    let ending = |within| code(&["--expiring-within", within]);
    assert_eq!((code(&[]), ending("10m"), ending("2h")), (0, 0, 1));
    world.expire();
    let (out, _, code) = world.run(&["status", "demo", "--json"]);
    assert_eq!((states(&out), code), (pairs(&[("demo", "expired")]), 1));
    assert_eq!(world.run(&["status", "demo", "--format", "line"]).2, 1);
}
