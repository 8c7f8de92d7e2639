//! Read-only: nothing is sent, whoever asks for it, and what is local goes on.

use clap::CommandFactory as _;
use tokscope::cli::Arguments;

use crate::world::World;

/// The commands that reach the server of a profile, each as it is refused.
const REACH: [&[&str]; 9] = [
    &["login", "demo", "--no-input"],
    &["refresh", "demo", "--no-input"],
    &["revoke", "demo", "--no-input", "--yes-env", "prod"],
    &["logout", "demo", "--no-input", "--yes-env", "prod"],
    &["rotate", "demo", "--no-input", "--yes-env", "prod"],
    &["probe", "demo", "--no-input"],
    &["call", "demo", "/oidc/userinfo", "--no-input"],
    &["token", "demo", "--force", "--no-input"],
    &["run", "demo", "--min-ttl", "30d", "--no-input", "--", "true"],
];

/// The commands that never do.
const LOCAL: [&str; 19] = [
    "decode",
    "verify",
    "encode",
    "status",
    "history",
    "forget",
    "copy",
    "profile",
    "providers",
    "keys",
    "vault",
    "lock",
    "doctor",
    "diff",
    "scan",
    "schema",
    "completions",
    "man",
    "demo",
];

/// A profile in a protected environment, logged in, whose tokens are over.
fn world() -> World {
    let world = World::new(3_600);
    world.amend("demo", "environment = \"prod\"\norigins = []");
    world
}

#[test]
fn every_command_either_reaches_a_server_or_is_local() {
    let arguments = Arguments::command();
    for name in arguments.get_subcommands().map(clap::Command::get_name).filter(|name| *name != "help") {
        let reaches = REACH.iter().any(|command| command[0] == name);
        assert_ne!(reaches, LOCAL.contains(&name), "{name}: in one of the lists");
    }
}

#[test]
fn nothing_is_sent_for_a_read_only_environment_nor_in_a_read_only_run() {
    let world = world();
    world.expire();
    let before = world.refreshes();
    let refused = |by: &[&str], words: &str, hint: &str| {
        for command in REACH {
            let (out, said, code) = world.run(&[by, command].concat());
            assert!(code != 0 && out.is_empty(), "{command:?}: {out}");
            assert!(said.contains(words) && said.contains(hint), "{command:?}: {said}");
        }
        assert_eq!(world.refreshes(), before, "the server was not asked");
    };
    let by_run = ("tokscope is read-only: nothing was sent for demo", "--readonly");
    refused(&["--readonly"], by_run.0, by_run.1);
    let config = world.path().join("config.toml");
    let mut document: toml_edit::DocumentMut = std::fs::read_to_string(&config).unwrap().parse().unwrap();
    document["environments"]["readonly"] = toml_edit::value(toml_edit::Array::from_iter(["PRO*"]));
    std::fs::write(&config, document.to_string()).unwrap();
    refused(&[], "the environment prod is read-only: nothing was sent for demo", "[environments] in config.toml");
    // Another environment is none of it.
    assert_eq!(world.run(&["login", "fresh", "--no-input"]).2, 0);
    assert_eq!(world.run(&["probe", "fresh"]).2, 0);
    assert_eq!(world.run(&["--readonly", "probe", "fresh"]).2, 2);
}

#[test]
fn what_is_local_goes_on() {
    let world = world();
    let (token, said, code) = world.run(&["--readonly", "token", "demo", "--no-input"]);
    assert_eq!(code, 0, "{said}");
    let (out, said, code) = world.run(&["--readonly", "run", "demo", "--no-input", "--", "env"]);
    assert!(code == 0 && out.contains(token.trim()), "{said}");
    for command in [&["decode", token.trim()][..], &["status", "demo"], &["profile", "list"]] {
        let (_, said, code) = world.run(&[&["--readonly"], command].concat());
        assert_eq!(code, 0, "{command:?}: {said}");
    }
}
