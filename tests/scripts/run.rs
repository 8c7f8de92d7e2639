//! `tokscope run`.

use std::{
    io::{BufRead as _, BufReader},
    os::unix::process::ExitStatusExt as _,
};

use tokscope::demo::Refreshes;

use crate::world::World;

#[test]
fn fresh_tokens_are_in_the_environment() {
    let world = World::new(3_600);
    world.expire();
    let script = "printf '%s|' \"$A\" \"$R\" \"$I\" \"$H\"; exit 7";
    let kinds = ["--env", "A=access", "--env", "R=refresh", "--env", "I=id", "--env", "H=header"];
    let (out, words, code) = world.run(&[&["run", "demo"][..], &kinds, &["--", "sh", "-c", script]].concat());
    let token = |kind| world.run(&["token", "demo", "--kind", kind]).0.trim().to_owned();
    let (access, refresh, id) = (token("access"), token("refresh"), token("id"));
    assert_eq!(out, format!("{access}|{refresh}|{id}|Authorization: Bearer {access}|"));
    assert_eq!((words.as_str(), code), ("", 7), "the exit code is the command's");
    assert_eq!(world.refreshes(), Refreshes { granted: 1, replayed: 0 });
    let (out, ..) = world.run(&["run", "demo", "--", "sh", "-c", "echo $TOKSCOPE_ACCESS_TOKEN"]);
    assert_eq!(out.trim(), access);
}

#[test]
fn own_trouble_and_missing_programs_have_codes_of_their_own() {
    let world = World::new(3_600);
    let code = |arguments: &[&str]| world.run(arguments).2;
    assert_eq!(code(&["run", "fresh", "--no-input", "--", "true"]), 125);
    assert_eq!(code(&["run", "nothing", "--", "true"]), 125);
    for wrong in [&["run"][..], &["run", "demo"], &["run", "demo", "--env", "A", "--", "true"], &["run", "--no", "x"]] {
        assert_eq!(code(wrong), 125, "{wrong:?}");
    }
    assert_eq!(code(&["token", "--run", "run"]), 2, "not of other commands");
    assert_eq!(code(&["run", "demo", "--", "/"]), 126);
    assert_eq!(code(&["run", "demo", "--", "/no/such/program"]), 127);
    assert_eq!(code(&["run", "demo", "--", "true"]), 0);
}

#[test]
fn a_signal_reaches_the_command() {
    let world = World::new(3_600);
    // The command says that it is there, and ends by the signal that we got.
    let mut child =
        world.command(&["run", "demo", "--", "sh", "-c", "echo ready; exec tail -f /dev/null"]).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
    assert_eq!(line, "ready\n");
    let process = rustix::process::Pid::from_child(&child);
    rustix::process::kill_process(process, rustix::process::Signal::TERM).unwrap();
    assert_eq!(child.wait().unwrap().signal(), Some(15));
}
