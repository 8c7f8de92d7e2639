//! `tokscope logout`, `history` and `forget`: the end of tokens, and what is known of it.

use serde_json::Value;

use crate::world::World;

fn history(world: &World, profile: &str) -> Value {
    let (out, words, code) = world.run(&["history", profile, "--json"]);
    assert_eq!(code, 0, "{words}");
    serde_json::from_str(&out).unwrap()
}

fn states(history: &Value) -> Vec<(u64, bool, String)> {
    let sets = history["generations"].as_array().unwrap().iter();
    let states = |set: &Value| {
        // An ID token grants nothing, and nobody can revoke it.
        let tokens = set["tokens"].as_array().unwrap().iter().filter(|token| token["kind"] != "id");
        tokens.map(|token| token["state"].as_str().unwrap()).collect::<Vec<_>>().join(" ")
    };
    sets.map(|set| (set["generation"].as_u64().unwrap(), set["current"].as_bool().unwrap(), states(set))).collect()
}

fn revocable(world: &World) {
    let url = world.url();
    for name in ["demo", "fresh"] {
        world.amend(name, &format!("revocation_endpoint = \"{url}/oidc/revoke\""));
    }
}

#[test]
fn a_logout_asks_and_what_survives_stays_in_sight_until_it_is_dead() {
    let world = World::new(3_600);
    revocable(&world);
    assert_eq!(world.run(&["login", "demo", "--no-input"]).2, 0);
    assert_eq!(states(&history(&world, "demo"))[1], (1, false, "superseded superseded".to_owned()));
    let (out, words, code) = world.run(&["logout", "demo", "fresh", "--json"]);
    assert_eq!(code, 0, "{words}");
    let done: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((done.as_array().unwrap().len(), &done[0]["profile"]), (1, &"demo".into()), "{out}");
    for token in done[0]["tokens"].as_array().unwrap().iter().filter(|token| token["kind"] != "id") {
        assert_eq!((&token["asked"], &token["status"]), (&true.into(), &200.into()), "{out}");
        assert!(["unknown", "alive_until"].contains(&token["verdict"].as_str().unwrap()), "asked is not dead: {out}");
    }
    let known = history(&world, "demo");
    let alive = "alive-although-revoked alive-although-revoked".to_owned();
    assert_eq!(states(&known), [(2, false, alive), (1, false, "superseded superseded".to_owned())], "{known}");
    assert_eq!(known["generations"][0]["replaced_by"], "logout");
    let events: Vec<_> =
        known["events"].as_array().unwrap().iter().map(|event| event["event"].as_str().unwrap()).collect();
    assert_eq!(events, ["logout", "revoked", "login", "login"]);
    let (out, _, code) = world.run(&["status", "demo", "--json"]);
    assert!(out.contains("\"alive-although-revoked\"") && code == 0, "{out}");
    let (out, words, _) = world.run(&["history", "demo"]);
    assert!(out.contains("generation 2: from ") && out.contains("revocation asked at "), "{out}{words}");
    assert!(!out.contains("eyJ"), "no token is printed");
    // The one before is still there to be ended.
    let (out, words, code) = world.run(&["revoke", "demo", "--generation", "1", "--json"]);
    assert_eq!(code, 0, "{out}{words}");
    let (_, words, code) = world.run(&["revoke", "demo"]);
    assert!(code == 2 && words.contains("no tokens"), "{words}");
    assert_eq!(world.run(&["logout", "demo"]).2, 0, "nothing is left to log out from");
    // And then nothing is known any more.
    let kept: serde_json::Value = serde_json::from_str(&world.run(&["forget", "fresh", "--json"]).0).unwrap();
    assert_eq!(kept, serde_json::json!([{"profile": "fresh", "forgotten": false, "error": null}]));
    let (out, _, code) = world.run(&["forget", "demo", "fresh"]);
    assert_eq!((out.lines().count(), code), (2, 0), "{out}");
    assert!(out.contains("demo: forgot its tokens here") && out.contains("fresh: nothing was kept"), "{out}");
    assert_eq!(states(&history(&world, "demo")), []);
    assert_eq!(world.run(&["history", "demo"]).0, "no tokens were ever saved\n");
}

#[test]
fn what_cannot_be_asked_is_a_survivor_or_trouble() {
    let world = World::new(3_600);
    // This server cannot revoke a JWT: it is given up all the same, and alive.
    world.systems();
    let (out, words, code) = world.run(&["logout", "lms-prod"]);
    assert_eq!(code, 1, "{out}{words}");
    assert!(out.contains("still active: a JWT cannot be revoked"), "{out}{words}");
    assert_eq!(states(&history(&world, "lms-prod"))[0].2, "alive-although-revoked alive-although-revoked");
    // This one cannot be reached: nothing is given up.
    world.amend("demo", "revocation_endpoint = \"http://127.0.0.1:9/revoke\"");
    let (_, words, code) = world.run(&["logout", "demo", "--no-input"]);
    assert_eq!(code, 2, "{words}");
    let (_, is_current, states) = states(&history(&world, "demo")).remove(0);
    assert!(is_current && states.starts_with("active "), "{states}");
}

#[test]
fn protected_environments_are_named_and_a_selection_says_something() {
    let world = World::new(3_600);
    revocable(&world);
    world.amend("demo", "environment = \"prod\"");
    let (_, words, code) = world.run(&["logout", "--all", "--no-input"]);
    assert!(code == 2 && words.contains("--yes-env prod confirms"), "{words}");
    assert_eq!(states(&history(&world, "demo")).len(), 1);
    for wrong in [&["logout"][..], &["forget"], &["logout", "demo", "--all"], &["forget", "--tag", "none"]] {
        assert_eq!(world.run(wrong).2, 2, "{wrong:?}");
    }
    // Whatever is named: nothing is sent where nothing may be, and nothing is given up.
    let (_, words, code) = world.run(&["--readonly", "logout", "demo", "--yes-env", "prod"]);
    assert_eq!(code, 2, "{words}");
    assert_eq!(states(&history(&world, "demo")).len(), 1);
    assert_eq!(world.run(&["logout", "--all", "--no-input", "--yes-env", "PROD"]).2, 0);
    let (out, _, code) = world.run(&["forget", "--state", "alive-although-revoked"]);
    assert!(code == 0 && out.starts_with("demo: forgot"), "{out}");
}
