//! `tokscope completions` and `tokscope man`.

use std::{path::Path, process::Command};

use crate::{
    support::program::{Done, NOWHERE, TOKSCOPE, tokscope},
    world::World,
};

#[test]
fn each_shell_gets_a_script_that_asks_the_program() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let done = Done::of(&mut tokscope(NOWHERE, ["completions", shell]));
        assert!(done.code == 0 && done.stdout.contains("TOKSCOPE_COMPLETE"), "{done:?}");
    }
    let done = Done::of(&mut tokscope(NOWHERE, ["completions", "csh"]));
    assert!(done.code == 2 && done.stdout.is_empty(), "{done:?}");
}

#[test]
fn names_of_profiles_are_completed_without_the_key() {
    let world = World::new(3_600);
    world.profile("other", "environment = \"prod\"\ntags = [\"work\"]");
    // As fish asks; the key would need a passphrase.
    let offered = |words: &[&str]| {
        let mut command = world.command(&[&["--", "tokscope"], words].concat());
        command.env("TOKSCOPE_COMPLETE", "fish").env("TOKSCOPE_IDENTITY", "passphrase");
        let done = Done::of(&mut command);
        assert_eq!((done.code, done.stderr.as_str()), (0, ""), "{words:?}");
        done.stdout.lines().map(|line| line.split('\t').next().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(offered(&["token", "d"]), ["demo"]);
    for command in ["login", "refresh", "copy", "status", "run"] {
        let names = offered(&[command, ""]);
        assert!(
            ["demo", "fresh", "other"].iter().all(|name| names.iter().any(|it| it == name)),
            "{command}: {names:?}"
        );
    }
    assert_eq!(offered(&["status", "--env", ""]), ["prod"]);
    assert_eq!(offered(&["status", "--tag", "w"]), ["work"]);
    assert!(offered(&["prof"]).contains(&"profile".to_owned()));
    assert_eq!(offered(&["profile", "show", "o"]), ["other"]);
    assert_eq!(world.refreshes().granted, 0, "nothing is sent");
}

/// The script, in the shell itself.
#[test]
fn bash_completes_with_it() {
    let world = World::new(3_600);
    let script = Done::of(&mut tokscope(NOWHERE, ["completions", "bash"])).stdout;
    let name = script.split("-F ").nth(1).and_then(|rest| rest.split_whitespace().next()).unwrap();
    let line = format!(
        "{script}\nCOMP_WORDS=(tokscope token d); COMP_CWORD=2; COMP_TYPE=9; {name} tokscope d token\n\
         printf '%s\\n' \"${{COMPREPLY[@]}}\""
    );
    let folder = Path::new(TOKSCOPE).parent().unwrap();
    let mut bash = Command::new("/bin/bash");
    bash.args(["--norc", "-c", &line]).env("PATH", folder).env("TOKSCOPE_CONFIG_DIR", world.path());
    let done = Done::from(bash.output().unwrap());
    assert_eq!((done.stdout.trim(), done.stderr.as_str()), ("demo", ""), "{done:?}");
}

#[test]
fn a_manual_page_is_printed() {
    let done = Done::of(&mut tokscope(NOWHERE, ["man", "profile", "add"]));
    assert!(done.code == 0 && done.stdout.contains(".TH tokscope-profile-add 1"), "{done:?}");
    assert!(done.stdout.contains("tokscope profile add"), "{}", done.stdout);
    Done::of(&mut tokscope(NOWHERE, ["man", "nothing"])).fails(2, "there is no such command");
}
