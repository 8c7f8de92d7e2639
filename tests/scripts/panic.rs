//! `rotate --panic`: whatever a server does otherwise than one expects, all endings come before the first login, and what the
//! receipt says is true.

use serde_json::Value;
use tokscope::{demo, profile::ProfileName};

use crate::{
    support::{
        program::Done,
        rotation::{Account, Confirmed, line},
    },
    world::World,
};

/// A profile for each: its server's mode, its client, whether its password is kept, and what comes of it.
#[rustfmt::skip]
const PROFILES: &[(&str, &str, bool, &str)] = &[
    ("honest",      "opaque-legacy", true,  "rotated, refresh dead, access dead"),
    ("honest.1",    "legacy",        true,  "rotated, refresh dead, access alive_until; end the session on"),
    // Nobody is there who could log in: the old session is ended nevertheless, and the first one's new token is the control.
    ("honest",      "opaque-legacy", false, "revoked, refresh dead, access dead; log in by hand"),
    ("noop",        "opaque-legacy", true,  "rotated, refresh alive, access alive_until; end the session on"),
    ("hint-broken", "opaque-legacy", true,  "rotated, refresh dead, access dead"),
    ("twice",       "legacy",        true,  "rotated, refresh dead, access alive_until; end the session on"),
    ("too-much",    "opaque-legacy", true,  "rotated, refresh dead, access dead"),
    ("blind-probe", "opaque-legacy", true,  "rotated, refresh dead, access dead"),
    ("revoke-503",  "opaque-legacy", true,  "rotated, refresh alive, access alive_until; end the session on"),
];

#[test]
fn in_panic_all_endings_come_first_and_what_is_said_is_true() {
    let world = World::empty(demo::Options { access_ttl: 3_600, truth: true, ..demo::Options::default() });
    let mut text = String::new();
    for (place, (mode, client, ..)) in PROFILES.iter().enumerate() {
        text += &format!(
            "[profile.p{place}]\nprovider = \"oauth2\"\nissuer = \"{}/liar/{mode}/oidc\"\ngrant = \"password\"\n\
             client_id = \"{client}\"\nscope = \"openid profile\"\nusername = \"ada\"\n\
             password = \"plain:analytical-engine\"\n",
            world.url()
        );
    }
    std::fs::write(world.path().join("profiles.toml"), text).unwrap();
    for (place, (_, _, is_kept, _)) in PROFILES.iter().enumerate() {
        let name = format!("p{place}");
        let (_, words, code) = world.run(&["login", &name, "--no-input"]);
        assert_eq!(code, 0, "{words}");
        if !is_kept {
            world.amend(&name, "password = \"prompt\"");
        }
    }
    let rotate = ["rotate", "--all", "--panic", "--yes", "--json", "--no-input", "--prove-for", "2s"];
    let done = Done::of(&mut world.command(&rotate));
    assert_eq!(done.code, 1, "some survive: {done:?}");
    let events: Vec<Value> = done.stderr.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let first = events.iter().position(|event| event["step"] == "obtaining").unwrap();
    let begun = events[..first].iter().filter(|event| event["step"] == "ending");
    let names: std::collections::BTreeSet<_> = begun.map(|event| event["profile"].as_str().unwrap()).collect();
    assert_eq!(names.len(), PROFILES.len(), "all have ended what they can before one logs in: {}", done.stderr);

    let receipt: Value = serde_json::from_str(&done.stdout).unwrap();
    assert_eq!(receipt["options"]["panic"], true);
    let (session, mut confirmed) = (world.session(), Confirmed::default());
    let mut lines = Vec::new();
    for (place, (mode, client, is_kept, _)) in PROFILES.iter().enumerate() {
        let profile = &receipt["profiles"][place];
        let name = ProfileName::new(format!("p{place}")).unwrap();
        let record = session.record(&name).unwrap().unwrap();
        confirmed.hold(&Account::new(profile, record.rotation), &session, |token| world.truth(token));
        assert_eq!(record.token_set.is_some(), profile["outcome"] == "rotated", "{profile:#}");
        let told = line(profile);
        // Whether the other's refresh token is there in time for a control is luck.
        let unknown = "refresh unknown, access dead; log in by hand; end the session on";
        let told = if *is_kept { told } else { told.replace(unknown, "refresh dead, access dead; log in by hand") };
        lines.push((*mode, *client, *is_kept, told));
    }
    let lines: Vec<_> =
        lines.iter().map(|(mode, client, is_kept, line)| (*mode, *client, *is_kept, line.as_str())).collect();
    assert_eq!(lines, PROFILES, "{confirmed:?}");
}
