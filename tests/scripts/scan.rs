//! `tokscope scan`: what this machine holds, without a token in the output.

use std::{fs, os::unix::fs::PermissionsExt as _, path::Path};

use serde_json::Value;
use tokscope::clock;

use crate::{
    schema::holds,
    support::{program::Done, stage::jwt},
    world::World,
};

const OPAQUE: &str = "gho_0123456789abcdefghijklmnop";

fn write(home: &Path, file: &str, text: &str, mode: u32) {
    let path = home.join(file);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(&path, text).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

/// The objects of a program.
fn of<'a>(found: &'a Value, id: &str) -> Vec<&'a Value> {
    found.as_array().unwrap().iter().filter(|object| object["id"] == id).collect()
}

#[test]
fn what_programs_hold_is_named_and_never_shown() {
    let world = World::new(3_600);
    let home = tempfile::tempdir().unwrap();
    let now = clock::now().timestamp();
    let jwt =
        jwt(&format!(r#"{{"iss":"https://idp.example.org","sub":"ada","iat":{},"exp":{}}}"#, now - 7_200, now - 3_600));
    write(home.path(), ".config/gh/hosts.yml", &format!("github.com:\n    oauth_token: {OPAQUE}\n"), 0o600);
    write(home.path(), ".codex/auth.json", &format!(r#"{{"tokens":{{"access_token":"{jwt}"}}}}"#), 0o644);
    write(home.path(), "work/.env", "SERVICE_TOKEN=0123456789abcdef-service\n", 0o600);
    let folder = home.path().join("work");
    let scan = |more: &[&str]| {
        let arguments = [&["scan", folder.to_str().unwrap()], more].concat();
        Done::of(world.command(&arguments).env("HOME", home.path()).env("PRT_TOKEN", "0123456789abcdef-prt"))
    };
    let done = scan(&["--json"]);
    assert_eq!(done.code, 0, "{done:?}");
    holds("scan", &done.stdout);
    let found: Value = serde_json::from_str(&done.stdout).unwrap();
    for (id, kind, state, mode) in [
        ("gh", "token", "unknown", Some("0600")),
        ("codex", "access", "expired", Some("0644")),
        ("env", "token", "opaque", Some("0600")),
        ("practicus", "token", "opaque", None),
    ] {
        let [one] = of(&found, id)[..] else { panic!("{id}: {found:#}") };
        assert_eq!((one["kind"].as_str(), one["mode"].as_str()), (Some(kind), mode), "{one}");
        assert!([state, "opaque"].contains(&one["state"].as_str().unwrap()), "{one}");
    }
    let codex = of(&found, "codex")[0];
    assert_eq!((codex["account"].as_str(), codex["issuer"].as_str()), (Some("ada"), Some("https://idp.example.org")));
    assert_eq!(of(&found, "practicus")[0]["variable"], "PRT_TOKEN");
    let own = of(&found, "tokscope");
    assert!(own.len() >= 2 && own.iter().all(|one| one["account"] == "demo"), "{own:?}");

    let shown = scan(&[]);
    assert_eq!(shown.code, 0, "{shown:?}");
    for words in [
        "GitHub CLI\n",
        "$PRT_TOKEN",
        "~/.codex/auth.json 0644, not private",
        "github.com",
        "revoke: `tokscope logout demo`",
    ] {
        assert!(shown.stdout.contains(words), "{words}: {}", shown.stdout);
    }
    for text in [&done.stdout, &done.stderr, &shown.stdout, &shown.stderr] {
        for secret in [OPAQUE, &jwt, "abcdef-service", "abcdef-prt"] {
            assert!(!text.contains(secret), "{secret} is in {text}");
        }
    }
}

#[test]
fn what_cannot_be_read_is_the_answer_no() {
    let world = World::new(3_600);
    let home = tempfile::tempdir().unwrap();
    let done = Done::of(world.command(&["scan", "/nonexistent/folder"]).env("HOME", home.path()));
    assert_eq!(done.code, 1, "{done:?}");
    assert!(done.stderr.contains("cannot read /nonexistent/folder: "), "{done:?}");
}
