//! The layers of `src/lib.rs`, kept by reading the sources: who names whom, and who touches the world.

#![allow(clippy::unwrap_used, reason = "a test may")]

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// Each module of the crate with the modules it may name. A module may always name itself.
const MAY_NAME: &[(&str, &[&str])] = &[
    ("clock", &[]),
    ("secret", &[]),
    ("text", &[]),
    ("profile", &[]),
    ("token", VOCABULARY),
    ("http", VOCABULARY),
    ("auth", &["clock", "secret", "text", "profile", "token", "http"]),
    ("oauth", &["clock", "secret", "text", "profile", "token", "http", "auth"]),
    ("providers", SEAM),
    ("store", SEAM),
    ("host", SEAM),
    ("demo", SEAM),
    ("session", &["clock", "secret", "text", "profile", "token", "http", "auth", "oauth", "store"]),
    ("cli", BELOW_THE_SHELLS),
    ("tui", BELOW_THE_SHELLS),
];
const VOCABULARY: &[&str] = &["clock", "secret", "text", "profile", "token"];
const SEAM: &[&str] = &["clock", "secret", "text", "profile", "token", "http", "auth", "oauth"];
const BELOW_THE_SHELLS: &[&str] = &[
    "clock",
    "secret",
    "text",
    "profile",
    "token",
    "http",
    "auth",
    "oauth",
    "providers",
    "store",
    "host",
    "demo",
    "session",
];

/// What a part of the tree must not name, and why.
const BANNED: &[(&str, &[&str], &str)] = &[
    ("src/token", IMPURE, "the token core does no I/O and reads no clock"),
    ("src/profile", IMPURE, "profiles are data"),
    ("src/text", IMPURE, "the sanitizer is pure"),
    ("src/tui/app", IMPURE, "the app is pure: the world comes in as messages and goes out as effects"),
    ("src/tui/app", &["ratatui", "crossterm", "termina::", "tui::view", "tui::runtime"], "the app knows no terminal"),
    (
        "src/tui/view",
        &["tui::runtime", "super::runtime", "tokio", "std::fs", "clock::now"],
        "the view only draws the model",
    ),
    ("src/tui/runtime/input", &["tui::view"], "input knows nothing of drawing"),
    (
        "src/providers",
        &["std::fs", "tokio::fs", "crate::providers", "super::super"],
        "a provider writes nothing and knows no other",
    ),
];
const IMPURE: &[&str] = &[
    "std::fs",
    "std::env",
    "std::net",
    "std::process",
    "std::thread",
    "tokio",
    "reqwest",
    "clock::now",
    "Instant::now",
];

/// The files that may look at a secret: where one is taken in, sent, checked or shown on demand.
const EXPOSE_SECRET: &str = include_str!("expose_secret.txt");

/// The sources, comments and doc comments removed, tests kept out.
fn sources() -> Vec<(String, String)> {
    let mut files = Vec::new();
    collect(Path::new("src"), &mut files);
    files.sort();
    files
        .into_iter()
        .map(|path| {
            let text = fs::read_to_string(&path).unwrap();
            let product = text.split("#[cfg(test)]\nmod ").next().unwrap();
            let code: String = product.lines().map(|line| line.split("//").next().unwrap().to_owned() + "\n").collect();
            (path.to_str().unwrap().replace('\\', "/"), code)
        })
        .collect()
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.ends_with("tests") {
            collect(&path, files);
        } else if path.extension().is_some_and(|end| end == "rs") && !path.ends_with("tests.rs") {
            files.push(path);
        }
    }
}

/// The top-level modules that a source names through `crate::`.
fn named(code: &str) -> BTreeSet<String> {
    let word = |text: &str| text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
    let mut names = BTreeSet::new();
    for (at, _) in code.match_indices("crate::") {
        let rest = &code[at + "crate::".len()..];
        let Some(group) = rest.strip_prefix('{') else {
            names.insert(word(rest));
            continue;
        };
        let (mut depth, mut start_of_item) = (1, true);
        for (i, c) in group.char_indices() {
            match c {
                '{' => depth += 1,
                '}' => depth -= 1,
                ',' if depth == 1 => start_of_item = true,
                c if start_of_item && !c.is_whitespace() => {
                    names.insert(word(&group[i..]));
                    start_of_item = false;
                }
                _ => {}
            }
            if depth == 0 {
                break;
            }
        }
    }
    names
}

#[test]
fn each_layer_names_only_what_is_below_it() {
    let mut wrong = Vec::new();
    for (path, code) in sources() {
        let module = path.trim_start_matches("src/").split(['/', '.']).next().unwrap();
        if matches!(module, "main" | "lib") {
            continue;
        }
        let (_, allowed) = MAY_NAME
            .iter()
            .find(|(name, _)| *name == module)
            .unwrap_or_else(|| panic!("{module} has no row in MAY_NAME: which layer is it?"));
        for name in named(&code) {
            if name != module && MAY_NAME.iter().any(|(known, _)| *known == name) && !allowed.contains(&name.as_str()) {
                wrong.push(format!("{path} names {name}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn pure_parts_stay_pure() {
    let mut wrong = Vec::new();
    for (path, code) in sources() {
        for (part, words, why) in BANNED {
            for word in words.iter().filter(|_| path.starts_with(part)) {
                if code.contains(word) {
                    wrong.push(format!("{path} names {word}: {why}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn secrets_are_exposed_in_a_short_list_of_files() {
    let listed: BTreeSet<_> =
        EXPOSE_SECRET.lines().map(|line| line.split_whitespace().next().unwrap_or_default()).collect();
    let found: BTreeSet<_> =
        sources().into_iter().filter(|(_, code)| code.contains(".expose_secret()")).map(|(path, _)| path).collect();
    let found: BTreeSet<_> = found.iter().map(String::as_str).collect();
    assert_eq!(found, listed, "tests/expose_secret.txt lists each file that calls expose_secret, with its reason");
}

#[test]
fn the_reader_of_the_sources_sees_groups() {
    let code = "use crate::{auth::{A, B}, clock, store::vault::Vault};\ncrate::http::Http";
    assert_eq!(named(code), ["auth", "clock", "http", "store"].map(str::to_owned).into());
}
