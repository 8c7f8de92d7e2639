//! Against what the machine has: a keyring, and a server that others wrote. The scripts next to this start them.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod django_oauth_toolkit;
mod glewlwyd;
mod keyring;
mod oidc_provider;
#[path = "../support/mod.rs"]
mod support;
mod table;
mod verdict;

/// A filter that matches nothing passes; `tested.sh` does not let it.
#[test]
fn what_a_script_tests_has_to_be_there() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/machine");
    let scripts = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    for script in scripts.filter(|path| path.extension().is_some_and(|end| end == "sh")) {
        let text = std::fs::read_to_string(&script).unwrap();
        let tests = text.lines().filter(|line| line.contains("cargo test") && !line.trim_start().starts_with('#'));
        let is_wrapper = script.ends_with("tested.sh");
        let by_itself: Vec<_> = tests.filter(|line| !is_wrapper && !line.contains("--no-run")).collect();
        assert!(by_itself.is_empty(), "{}: {by_itself:?}", script.display());
    }
}
