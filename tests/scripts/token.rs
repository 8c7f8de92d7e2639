//! `tokscope token`.

use serde_json::Value;
use tokscope::demo::Refreshes;

use crate::{support::program::Done, world::World};

#[test]
fn nothing_is_sent_while_the_saved_token_lives_long_enough() {
    let world = World::new(3_600);
    let (raw, words, code) = world.run(&["token", "demo", "--min-ttl", "10m", "--no-input"]);
    assert_eq!((words.as_str(), code), ("", 0));
    assert_eq!(world.run(&["token", "demo"]).0, raw);
    let (header, ..) = world.run(&["token", "demo", "--format", "header"]);
    assert_eq!(header, format!("Authorization: Bearer {raw}"));
    let (json, ..) = world.run(&["token", "demo", "--format", "json"]);
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(
        (&json["profile"], &json["kind"], &json["token"]),
        (&"demo".into(), &"access".into(), &raw.trim().into())
    );
    assert!((3_500..=3_600).contains(&json["seconds_left"].as_i64().unwrap()), "{json}");
    let (refresh, ..) = world.run(&["token", "demo", "--kind", "refresh", "--force"]);
    assert_ne!(refresh, raw);
    assert_eq!(world.refreshes().granted, 0, "nothing was sent");
    let offline = world.unplug();
    assert_eq!(offline.run(&["token", "demo"]).0, raw, "and nobody has to be there");
}

#[test]
fn a_token_that_never_lives_so_long_is_said_to() {
    let world = World::new(60);
    let (raw, words, code) = world.run(&["token", "demo", "--min-ttl", "1h"]);
    let expected =
        "remark: the access token never lives as long as --min-ttl asks; it counts as fresh for half of its life\n";
    assert_eq!((words.as_str(), code), (expected, 0));
    assert_eq!(world.refreshes().granted, 0);
    let (forced, _, code) = world.run(&["token", "demo", "--force", "--no-input"]);
    assert_eq!((code, forced != raw, world.refreshes().granted), (0, true, 1));
}

/// Three expiries, or as many as `EXPIRIES` says; the server revokes everything when a refresh token comes twice.
#[test]
fn many_processes_cost_one_refresh() {
    const FORMATS: [&str; 4] = ["raw", "header", "exec-credential", "git"];
    let expiries = std::env::var("EXPIRIES").map_or(3, |text| text.parse().unwrap());
    let world = World::new(3_600);
    for expiry in 1..=expiries {
        world.expire();
        let start =
            |format| world.command(&["token", "demo", "--no-input", "--min-ttl", "60s", "--format", format]).spawn();
        let children: Vec<_> = FORMATS.into_iter().cycle().take(50).map(|format| start(format).unwrap()).collect();
        let printed: Vec<_> = children.into_iter().map(|child| Done::from(child.wait_with_output().unwrap())).collect();
        let raw = world.run(&["token", "demo"]).0;
        for done in printed {
            assert_eq!(done.code, 0, "{done:?}");
            assert!(done.stdout.contains(raw.trim()), "all print the same token: {done:?}");
        }
        assert_eq!(world.refreshes(), Refreshes { granted: expiry, replayed: 0 });
        assert!(world.works(), "the server takes it");
    }
}

#[test]
fn without_a_way_to_renew_it_says_log_in_again() {
    let world = World::new(3_600);
    let (out, words, code) = world.run(&["token", "fresh", "--no-input"]);
    assert_eq!((out.as_str(), code), ("", 1));
    assert_eq!(words, "error: profile fresh has no saved tokens\nhint: log in again: `tokscope login fresh`\n");
    let (_, words, code) = world.run(&["token", "nothing", "--no-input"]);
    assert_eq!(code, 2, "{words}");
    let (id, words, code) = world.run(&["token", "demo", "--kind", "id"]);
    assert_eq!((code, id.starts_with("eyJ"), words.as_str()), (0, true, ""));
    assert_eq!(world.refreshes().granted, 0);
    let offline = world.unplug();
    let (out, words, code) = offline.run(&["token", "demo", "--force", "--no-input"]);
    assert_eq!((out.as_str(), code), ("", 2), "{words}");
    assert!(!words.contains("eyJ"), "no token in an error: {words}");
}
