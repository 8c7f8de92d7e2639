//! Errors under `--json`: one object with `code`, `message`, `means` and `hint` on standard error, for every command that has it.

use clap::CommandFactory as _;
use serde_json::{Value, json};
use tokscope::cli::Arguments;

use crate::{
    support::program::{Done, NOWHERE, tokscope},
    world::World,
};

/// The commands that have `--json`, in words.
pub(crate) fn with_json() -> Vec<String> {
    fn walk(command: &clap::Command, before: &str, found: &mut Vec<String>) {
        let name = format!("{before} {}", command.get_name()).trim().to_owned();
        if command.get_arguments().any(|argument| argument.get_long() == Some("json")) {
            found.push(name.clone());
        }
        command.get_subcommands().for_each(|inner| walk(inner, &name, found));
    }
    let (mut arguments, mut found) = (Arguments::command(), Vec::new());
    arguments.build();
    arguments.get_subcommands().for_each(|command| walk(command, "", &mut found));
    found
}

#[track_caller]
fn is_error(error: &Value, code: &str) {
    let keys: Vec<_> = error.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(keys, ["code", "message", "means", "hint"], "{error}");
    assert_eq!(error["code"], code, "{error}");
    assert!(error["message"].as_str().is_some_and(|text| !text.is_empty()), "{error}");
}

#[test]
fn every_command_with_json_has_its_errors_in_json() {
    let all = with_json();
    assert!(all.len() >= 12, "{all:?}");
    for words in &all {
        let arguments = words.split(' ').chain(["--json", "--no-such-option"]);
        let done = Done::of(&mut tokscope(NOWHERE, arguments));
        assert_eq!(done.code, 2, "{words}");
        is_error(&done.error(), "usage");
        assert_eq!(done.stderr.lines().count(), 1, "{done:?}");
        // The same without it is for people.
        let plain = Done::of(&mut tokscope(NOWHERE, words.split(' ').chain(["--no-such-option"])));
        assert!(plain.stderr.starts_with("error: unexpected argument"), "{plain:?}");
    }
}

#[test]
fn each_kind_of_trouble_has_its_code() {
    let world = World::new(3_600);
    world.amend("fresh", "password = \"plain:wrong\"");
    let error = |arguments: &[&str], exit| {
        let done = Done::of(&mut world.command(arguments));
        assert_eq!(done.code, exit, "{done:?}");
        done.error()
    };
    for (arguments, exit, code) in [
        (&["login", "fresh", "--json", "--no-input"][..], 1, "refused"),
        (&["login", "nothing", "--json"], 2, "usage"),
        (&["profile", "show", "nothing", "--json"], 1, "usage"),
        (&["decode", "--json", "x"], 2, "usage"),
        (&["verify", "--json", "x"], 2, "usage"),
        (&["diff", "--json", "x", "y"], 2, "usage"),
        (&["providers", "nothing", "--json"], 1, "usage"),
        (&["status", "nothing", "--json"], 2, "usage"),
    ] {
        is_error(&error(arguments, exit), code);
    }
    // What happened, what it means and what to do are three things, and none of them is said twice.
    let refused = Done::of(&mut world.command(&["login", "fresh", "--json", "--no-input"])).error();
    let parts = ["message", "means", "hint"].map(|part| refused[part].as_str().unwrap_or_default().to_owned());
    let plain = Done::of(&mut world.command(&["login", "fresh", "--no-input"])).stderr;
    let lines: Vec<_> = plain.lines().collect();
    let wanted = ["error: ", "means: ", "hint: "].into_iter().zip(&parts).map(|(label, part)| format!("{label}{part}"));
    assert_eq!(lines, wanted.collect::<Vec<_>>(), "{refused}");
    assert!(parts.iter().all(|part| !part.is_empty()) && !parts[2].contains(&parts[1]), "{refused}");
    world.strand();
    is_error(&error(&["refresh", "demo", "--json"], 2), "login_required");
    let mut locked = world.command(&["revoke", "demo", "--json", "--no-input"]);
    is_error(&Done::of(locked.env("TOKSCOPE_IDENTITY", "passphrase")).error(), "setting");
    world.amend("demo", "provider = \"nothing\"");
    is_error(&error(&["refresh", "demo", "--json"], 2), "setting");
    let offline = world.unplug();
    let (out, words, code) = offline.run(&["login", "fresh", "--json", "--no-input"]);
    assert_eq!((out.as_str(), code), ("", 2), "{words}");
    is_error(&serde_json::from_str(&words).unwrap(), "no_answer");
}

#[test]
fn what_a_terminal_would_act_on_is_escaped_and_no_secret_repeated() {
    let done = Done::of(&mut tokscope("/nonexistent/\u{1b}[31mred", ["login", "nothing", "--json"]));
    assert!(!done.stderr.contains('\u{1b}'), "{done:?}");
    assert!(done.error()["message"].is_string());
    let done = Done::of(&mut tokscope(NOWHERE, ["status", "--json", "--state", "hunter2"]));
    assert!(!done.stderr.contains("hunter2"), "{done:?}");
    assert_eq!(done.error()["code"], json!("usage"));
    // Behind `--` stands another program's option.
    let done = Done::of(&mut tokscope(NOWHERE, ["run", "nothing", "--", "true", "--json"]));
    assert!(done.stderr.starts_with("error: "), "{done:?}");
}
