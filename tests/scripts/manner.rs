//! `--color` and `--quiet`, which every command has.

use std::io::{BufRead as _, BufReader};

use crate::world::World;

#[test]
fn colour_is_as_it_was_asked_for() {
    let world = World::new(3_600);
    for arguments in
        [&["status"][..], &["providers"], &["keys"], &["profile", "list"], &["refresh", "demo"], &["probe", "demo"]]
    {
        let with = |when| world.run(&[arguments, &["--color", when]].concat());
        let [(always, _, code), (never, ..), (auto, ..)] = ["always", "never", "auto"].map(with);
        assert_eq!(code, 0, "{arguments:?}");
        assert!(always.contains("\u{1b}["), "{arguments:?}: {always}");
        assert!(!never.contains('\u{1b}') && !auto.contains('\u{1b}'), "{arguments:?}: {never}{auto}");
        let before = world.run(&[&["--color", "always"], arguments].concat()).0;
        assert!(before.contains("\u{1b}["), "{arguments:?}");
    }
}

#[test]
fn quiet_leaves_errors_and_what_is_needed_to_go_on() {
    let world = World::new(60);
    let words = |arguments: &[&str]| world.run(arguments).1;
    assert!(words(&["token", "demo", "--min-ttl", "1h"]).starts_with("remark: "));
    assert_eq!(words(&["token", "demo", "--min-ttl", "1h", "--quiet"]), "");
    assert_eq!(words(&["-q", "login", "demo", "--no-input"]), "");
    assert!(words(&["login", "nothing", "--quiet"]).starts_with("error: no profile is named nothing\nhint: "));
    // The code of a device login is no remark.
    let device = format!("grant = \"device_code\"\nclient_id = \"tokscope-cli\"\nissuer = \"{}/oidc\"", world.url());
    world.amend("fresh", &device);
    let mut login = world.command(&["login", "fresh", "--quiet"]).spawn().unwrap();
    let first = BufReader::new(login.stderr.take().unwrap()).lines().next().unwrap().unwrap();
    assert!(first.starts_with("open this page:"), "{first}");
    login.kill().unwrap();
    login.wait().unwrap();
}
