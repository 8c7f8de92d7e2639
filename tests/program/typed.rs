//! What was typed or pasted, in whatever place, is not in the error about it.

#![allow(clippy::unwrap_used, reason = "what fails here fails the test")]

use std::{fs, path::Path, sync::Arc};

use tokscope::{
    auth::{NoInteraction, key_source::KeySource},
    providers,
    session::Session,
    store::{secrets::Secrets, vault::Vault},
};

use crate::support::program::{Done, tokscope};

/// What people paste in the wrong place: passwords, keys, tokens.
const SECRETS: [&str; 7] = [
    "hunter2",
    "correct-horse-battery-staple-9",
    "abcdefghijklmnopqrstuv",
    "550e8400-e29b-41d4-a716-446655440000",
    "eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.c2lnbmF0dXJl",
    "kR8vQ2mN5xT7bW1cY4hJ6pL9sD3fG0zA",
    "AGE-SECRET-KEY-1QQPQ9FZ7X",
];

/// Where they are pasted: arguments, with `SECRET` in the place of it.
const PLACES: [&str; 38] = [
    "verify - --key SECRET",
    "verify - --key file:SECRET",
    "verify - --key env:SECRET",
    "verify - --secret SECRET",
    "verify - --secret env:SECRET",
    "verify - --secret file:SECRET",
    "verify - --alg SECRET",
    "verify - --at SECRET",
    "verify - --leeway SECRET",
    "verify - --jwks SECRET",
    "verify - --no-such-option=SECRET",
    "verify - - SECRET",
    "decode @SECRET",
    "decode - SECRET",
    "decode - --at SECRET",
    "encode - --key SECRET",
    "encode - --alg SECRET --secret env:X",
    "encode - --exp SECRET --secret env:X",
    "encode @SECRET --secret env:X",
    "diff @SECRET @SECRET",
    "login lms SECRET",
    "login lms --show SECRET",
    "refresh lms @SECRET",
    "probe lms @SECRET",
    "revoke lms @SECRET",
    "copy SECRET --wait SECRET",
    "profile add new --provider SECRET",
    "profile add new --provider pasted --set SECRET",
    "profile add new --provider openedx --set url=SECRET",
    "profile add new --provider openedx --set timeout=SECRET",
    "profile add new --provider openedx --set password=SECRET --set grant=SECRET",
    "profile edit lms --unset SECRET",
    "profile edit lms --set SECRET=",
    "profile import file SECRET",
    "providers SECRET",
    "copy lms --field SECRET",
    "vault home SECRET",
    "demo --port SECRET",
];

/// Settings of a profile, with `SECRET` in the place of a value that cannot be used.
const SETTINGS: [&str; 7] = [
    "provider = \"SECRET\"",
    "provider = \"command\"\ncommand = \"SECRET\"",
    "provider = \"command\"\ncommand = \"'SECRET\"",
    "provider = \"openedx\"\nurl = \"SECRET\"\nclient_id = \"c\"\nusername = \"ada\"",
    "provider = \"openedx\"\nurl = \"http://127.0.0.1:1\"\nclient_id = \"c\"\nusername = \"ada\"\npassword = \"file:SECRET\"",
    "provider = \"openedx\"\nurl = \"http://127.0.0.1:1\"\nclient_id = \"c\"\nusername = \"ada\"\npassword = \"env:SECRET\"",
    "provider = \"openedx\"\nurl = \"https://127.0.0.1:1\"\nclient_id = \"c\"\nusername = \"ada\"\npassword = \"env:PATH\"\n\
     ca_file = \"SECRET\"",
];

fn said(dir: &Path, line: &str) -> (Option<i32>, String) {
    let mut command = tokscope(dir, line.split(' '));
    let Done { stdout, stderr, code } =
        Done::piped(command.env("PATH", "/usr/bin").current_dir(dir), "eyJhbGciOiJub25lIn0.e30.");
    (Some(code), stdout + &stderr)
}

#[test]
fn no_argument_is_repeated() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("profiles.toml"), "[profile.lms]\nprovider = \"pasted\"\n").unwrap();
    let mut wrong = Vec::new();
    for place in PLACES {
        for secret in SECRETS {
            let (code, text) = said(dir.path(), &place.replace("SECRET", secret));
            if !matches!(code, Some(1 | 2)) || text.contains(secret) {
                wrong.push(format!("{place}: {text}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_setting_is_repeated() {
    let mut wrong = Vec::new();
    for settings in SETTINGS {
        for secret in SECRETS {
            let dir = tempfile::tempdir().unwrap();
            let profile = format!("[profile.lms]\n{}\n", settings.replace("SECRET", secret));
            fs::write(dir.path().join("profiles.toml"), profile).unwrap();
            let (code, text) = said(dir.path(), "login lms --no-input");
            if !matches!(code, Some(1 | 2)) || text.contains(secret) {
                wrong.push(format!("{settings}: {text}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// On the screen the same is told in a notice: `no keys from SOURCE: ERROR`.
#[tokio::test]
async fn no_place_of_a_key_is_repeated() {
    let session = Session::new(providers::ALL, Box::new(Secrets::default()), Arc::new(Vault::memory()));
    for secret in SECRETS {
        for text in [secret.to_owned(), format!("file:{secret}"), format!("env:{secret}")] {
            let source = KeySource::parse(&text, None).unwrap();
            let error = session.keys(&source, None, &NoInteraction).await.unwrap_err();
            let said = format!("no keys from {source}: {error} {:?} {error:?}", error.hint());
            assert!(!said.contains(secret), "{said}");
        }
    }
}

/// What is plainly no secret is still named: who mistyped a path wants to see it.
#[test]
fn paths_options_and_names_are_still_named() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("profiles.toml"), "[profile.lms]\nprovider = \"pasted\"\n").unwrap();
    for (line, shown) in [
        ("verify - --key /no/such/key.pem", "/no/such/key.pem"),
        ("verify - --key no-such.pem", "no-such.pem"),
        ("decode @no-such-token.txt", "no-such-token.txt"),
        ("decode - --no-such-option=x", "--no-such-option"),
        ("login prod", "no profile is named prod"),
        ("verify - --secret env:NO_SUCH_VARIABLE", "NO_SUCH_VARIABLE"),
    ] {
        let (_, text) = said(dir.path(), line);
        assert!(text.contains(shown), "{line}: {text}");
    }
}
