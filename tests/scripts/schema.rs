//! What is printed for programs is what the schemas say, and nothing is printed that they do not mention.

use std::{collections::BTreeSet, path::Path};

use serde_json::{Value, json};

use crate::{
    errors::with_json,
    support::{
        program::{Done, NOWHERE, tokscope},
        schema::fault,
    },
    world::World,
};

fn schema(name: &str) -> Value {
    let arguments = ["schema"].into_iter().chain(name.split(' '));
    Done::of(&mut tokscope(NOWHERE, arguments)).json()
}

#[track_caller]
pub(crate) fn holds(name: &str, text: &str) {
    let value: Value = serde_json::from_str(text).unwrap_or_else(|error| panic!("{name}: {error}: {text}"));
    assert_eq!(fault(&schema(name), &value), None, "{name}: {text}");
}

#[test]
fn every_command_with_json_has_a_schema() {
    let named = Done::of(&mut tokscope(NOWHERE, ["schema"])).stdout;
    let named: BTreeSet<_> = named.lines().map(str::to_owned).collect();
    let beside = ["error", "lines", "receipt", "token"].map(str::to_owned);
    assert_eq!(named, with_json().into_iter().chain(beside).collect());
    Done::of(&mut tokscope(NOWHERE, ["schema", "nothing"])).fails(2, "there is no such schema");
}

#[test]
fn real_output_is_what_the_schemas_say() {
    let world = World::new(3_600);
    world.amend("demo", &format!("revocation_endpoint = \"{}/oidc/revoke\"", world.url()));
    world.amend("fresh", "environment = \"prod\"\ntags = [\"a\"]\nnonsense = \"x\"");
    for (name, arguments) in [
        ("status", &["status", "--json"][..]),
        ("login", &["login", "demo", "--json", "--no-input"]),
        ("refresh", &["refresh", "demo", "--json"]),
        ("probe", &["probe", "demo", "--json"]),
        ("token", &["token", "demo", "--format", "json"]),
        ("profile list", &["profile", "list", "--json"]),
        ("profile show", &["profile", "show", "fresh", "--json"]),
        ("providers", &["providers", "--json"]),
        ("keys", &["keys", "--json"]),
        ("doctor", &["doctor", "--json"]),
        ("revoke", &["revoke", "demo", "--json"]),
        ("history", &["history", "demo", "--json"]),
        ("logout", &["logout", "demo", "--json"]),
        ("forget", &["forget", "demo", "fresh", "--json"]),
        ("status", &["status", "--json"]),
    ] {
        let (out, words, _) = world.run(arguments);
        assert!(!out.is_empty(), "{arguments:?}: {words}");
        holds(name, &out);
    }
    let (.., code) = world.run(&["probe", "nothing", "--json"]);
    assert_eq!(code, 2);
    holds("probe", &world.run(&["probe", "nothing", "--json"]).0);
    holds("error", &world.run(&["probe", "nothing", "--json"]).1);
    holds("error", &world.run(&["status", "--jsn", "--json"]).1);
}

#[test]
fn tokens_of_every_form_are_what_the_schemas_say() {
    let decode = schema("decode");
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors/cases");
    let mut count = 0;
    let mut lines = String::from("no token\n");
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "txt") {
            continue;
        }
        let file = format!("@{}", path.display());
        let done = Done::of(&mut tokscope(NOWHERE, ["decode", "--json", &file]));
        if done.code == 0 {
            let value: Value = serde_json::from_str(&done.stdout).unwrap();
            assert_eq!(fault(&decode, &value), None, "{file}: {}", done.stdout);
            lines += std::fs::read_to_string(&path).unwrap().lines().next().unwrap_or_default();
            lines.push('\n');
            count += 1;
        }
    }
    assert!(count > 10, "{count}");
    let printed = Done::piped(&mut tokscope(NOWHERE, ["decode", "--lines"]), &lines).stdout;
    let line = schema("lines");
    for text in printed.lines() {
        assert_eq!(fault(&line, &serde_json::from_str(text).unwrap()), None, "{text}");
    }
    // What is encrypted, what is verified, and what differs.
    let vectors = |text: &str| serde_json::from_str::<Value>(text).unwrap();
    let nested = &vectors(include_str!("../vectors/jwe-rfc-examples.json"))[5];
    let signed = &vectors(include_str!("../vectors/jws-rfc-examples.json"))[0];
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, value: &Value| {
        std::fs::write(folder.path().join(name), value.to_string()).unwrap();
        folder.path().join(name).to_str().unwrap().to_owned()
    };
    let keys = file("jwe.json", &json!({"keys": nested["keys"]}));
    let key = file("jws.json", &signed["key"]);
    let [jwe, jws] = [nested, signed].map(|vector| vector["token"].as_str().unwrap());
    let parts: Vec<_> = jws.split('.').collect();
    let one = json!({"protected": parts[0], "signature": parts[2]});
    let several = json!({"payload": parts[1], "signatures": [one, one]}).to_string();
    for (name, arguments, stdin) in [
        ("decode", &["decode", "--json", "--key", &keys][..], jwe),
        ("decode", &["decode", "--json"], jwe),
        (
            "decode",
            &["decode", "--json"],
            &*json!({"access_token": jws, "refresh_token": "opaque-opaque-opaque"}).to_string(),
        ),
        ("verify", &["verify", "--json", "--key", &key], jws),
        ("verify", &["verify", "--json"], jws),
        ("verify", &["verify", "--json", "--key", &key], &several),
        ("verify", &["verify", "--json", "--key", &keys], jwe),
        ("diff", &["diff", "--json", jws, "-"], "eyJhbGciOiJub25lIn0.eyJzY29wZSI6ImEgYiJ9."),
    ] {
        let done = Done::piped(&mut tokscope(NOWHERE, arguments.iter().copied()), stdin);
        assert!(!done.stdout.is_empty(), "{arguments:?}: {done:?}");
        holds(name, &done.stdout);
    }
}

#[test]
fn the_check_itself_notices() {
    let schema = schema("status");
    let good = json!([{"profile": "a", "environment": null, "provider": "oauth2", "tags": [], "state": "active",
        "access": null, "refresh": null, "failure": null}]);
    assert_eq!(fault(&schema, &good), None);
    for (key, value) in [("profile", json!(1)), ("more", json!(1)), ("tags", json!([1])), ("access", json!({}))] {
        let mut bad = good.clone();
        bad[0][key] = value;
        assert!(fault(&schema, &bad).is_some(), "{bad}");
    }
    let mut bad = good;
    bad[0].as_object_mut().unwrap().remove("failure");
    assert!(fault(&schema, &bad).is_some(), "{bad}");
}
