//! What the documents of the four systems show, each operation as one command: Practicus AI's two notebooks (login and a token
//! instead of a password; a region and its API), SeTA's login, search and refresh, Passwork's refresh, Open edX's five samples.
//! Against the demo's server, which the vendors' own clients take for theirs (`tests/machine/vendors`).

use std::os::unix::fs::PermissionsExt as _;

use serde_json::Value;

use crate::{support::program::Done, world::World};

/// What a document shows, the command, and what it prints.
type Sample = (&'static str, &'static [&'static str], &'static str);

const SAMPLES: &[Sample] = &[
    ("Practicus: login with a password", &["login", "practicus-eu", "--show", "access"], "eyJ"),
    ("Practicus: whose session it is", &["probe", "practicus-eu"], "accepted"),
    ("Practicus: the region", &["call", "practicus-eu", "/console/api/central/clusterdefinition/"], "REGION_NAME"),
    (
        "Practicus: a token for another program",
        &["token", "practicus-eu", "--format", "env"],
        "TOKSCOPE_ACCESS_TOKEN=eyJ",
    ),
    ("Practicus: the refresh token to keep", &["token", "practicus-eu", "--kind", "refresh"], "eyJ"),
    ("Practicus: a new access token", &["refresh", "practicus-eu", "--show", "access"], "eyJ"),
    ("Practicus: login with a refresh token", &["login", "from-refresh", "--show", "access"], "eyJ"),
    ("Practicus: login with an access token", &["login", "from-access", "--show", "access"], "eyJ"),
    ("SeTA: login with a signed message", &["login", "seta-files", "--show", "access"], "eyJ"),
    (
        "SeTA: a search",
        &["call", "seta-files", "POST", "/seta-search/api/v1/corpus", "--data", r#"{"term": ["test"], "n_docs": 10}"#],
        "{",
    ),
    ("SeTA: a refresh", &["refresh", "seta-files", "--show", "refresh"], "eyJ"),
    ("SeTA: the search again", &["call", "seta-files", "POST", "/seta-search/api/v1/corpus", "--data", "{}"], "{"),
    ("Passwork: a refresh of the pair", &["refresh", "passwork-vault", "--show", "access"], "="),
    ("Passwork: a call with the new one", &["probe", "passwork-vault"], "accepted"),
    ("Open edX: the password grant", &["login", "lms-prod", "--show", "header"], "JWT eyJ"),
    ("Open edX: client credentials", &["login", "grades-worker", "--show", "header"], "JWT eyJ"),
    ("Open edX: a refresh", &["refresh", "lms-prod", "--show", "header"], "JWT eyJ"),
    ("Open edX: the API, under JWT", &["call", "lms-prod", "/api/enrollment/v1/enrollment"], "Demonstration Course"),
];

/// A world with a profile of each system, and two that log in with a token instead of a password.
fn world() -> World {
    let world = World::new(3_600);
    world.systems();
    for (name, kind) in [("from-refresh", "refresh"), ("from-access", "access")] {
        let token = world.run(&["token", "practicus-eu", "--kind", kind]).0.trim().to_owned();
        let url = world.url();
        let (url, token) = (format!("url={url}"), format!("token=plain:{token}"));
        let (_, words, code) = world.run(&[
            "profile",
            "add",
            name,
            "--provider",
            "practicus",
            "--set",
            &url,
            "--set",
            "login=token",
            "--set",
            &token,
        ]);
        assert_eq!(code, 0, "{words}");
    }
    let key = world.path().join("seta.pem");
    std::fs::write(&key, world.seta_key()).unwrap();
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o600)).unwrap();
    world.amend("seta-files", &format!("private_key = \"file:{}\"", key.display()));
    world
}

#[test]
fn each_operation_of_the_documents_is_one_command() {
    let world = world();
    for (sample, command, printed) in SAMPLES {
        let (out, words, code) = world.run(&[command, &["--no-input"][..]].concat());
        assert_eq!(code, 0, "{sample}: {out}{words}");
        assert!(out.contains(printed), "{sample}: no {printed:?} in {out:?} {words}");
    }
}

/// The fifth of Open edX: a service checks the token itself, with the secret and the audience of the documentation.
#[test]
fn a_service_checks_the_documented_tokens() {
    let samples: Value = serde_json::from_str(include_str!("../vectors/openedx-documentation-samples.json")).unwrap();
    let world = World::new(3_600);
    for sample in samples.as_array().unwrap() {
        let token = sample["response"]["access_token"].as_str().unwrap();
        let check = |secret: &str, more: &[&str]| {
            let arguments = [&["verify", "--secret", "env:LMS_SECRET", "--aud", "lms-key"][..], more].concat();
            Done::piped(world.command(&arguments).env("LMS_SECRET", secret), token).parts()
        };
        let then = ["--now", "2023-08-01T00:00:00Z"];
        let issued = check("lms-secret", &[]);
        assert_eq!(issued.2, 1, "it has expired long since: {issued:?}");
        assert!(issued.0.contains("expired"), "{issued:?}");
        assert!(!issued.0.contains("signature is wrong"), "{issued:?}");
        assert_eq!(check("another secret", &then).2, 1, "with another secret it is refused");
    }
}
