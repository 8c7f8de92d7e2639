//! The walls of `src/lib.rs`, kept by reading the sources: who names whom, and who touches the world.
//!
//! A rule is a line of a table. Each one is itself tested: what it forbids is planted, in every spelling, and must be found.

#![allow(clippy::unwrap_used, reason = "a test may")]

mod circles;
mod shells;
mod source;

use std::collections::BTreeSet;

use source::Source;

/// Each module of the crate with the modules it may name. A module may always name itself.
const MAY_NAME: &[(&str, &[&str])] = &[
    ("clock", &[]),
    ("secret", &[]),
    ("text", &[]),
    ("profile", &["text"]),
    ("trouble", &[]),
    ("token", VOCABULARY),
    ("http", VOCABULARY),
    ("program", &["clock", "secret", "text", "profile", "trouble", "token", "http"]),
    ("auth", &["clock", "secret", "text", "profile", "trouble", "token", "http", "program"]),
    ("oauth", &["clock", "secret", "text", "profile", "trouble", "token", "http", "program", "auth"]),
    ("providers", SEAM),
    ("store", SEAM),
    ("host", SEAM),
    ("demo", SEAM),
    (
        "session",
        &["clock", "secret", "text", "profile", "trouble", "token", "http", "program", "auth", "oauth", "store"],
    ),
    ("cli", BELOW_THE_SHELLS),
    ("tui", BELOW_THE_SHELLS),
];
const VOCABULARY: &[&str] = &["clock", "secret", "text", "profile", "trouble", "token"];
const SEAM: &[&str] = &["clock", "secret", "text", "profile", "trouble", "token", "http", "program", "auth", "oauth"];
const BELOW_THE_SHELLS: &[&str] = &[
    "clock",
    "secret",
    "text",
    "profile",
    "trouble",
    "token",
    "http",
    "program",
    "auth",
    "oauth",
    "providers",
    "store",
    "host",
    "demo",
    "session",
];

/// What a part of the tree must not name.
struct Wall {
    /// Where it holds: everything below these paths.
    within: &'static [&'static str],
    /// Except below these, each with its reason.
    except: &'static [(&'static str, &'static str)],
    /// What must not be named: these paths and all below them.
    banned: &'static [&'static str],
    why: &'static str,
}

const WALLS: &[Wall] = &[
    Wall {
        within: &["src/token", "src/profile", "src/text", "src/tui/app"],
        except: &[],
        banned: &[
            "std::fs",
            "std::env",
            "std::net",
            "std::process",
            "std::thread",
            "std::time::Instant",
            "std::time::SystemTime",
            "tokio",
            "reqwest",
            "rustix",
            "crate::clock::now",
        ],
        why: "it is pure: no I/O, no clock; the world comes in as data",
    },
    Wall {
        within: &["src/tui/app"],
        except: &[],
        banned: &["ratatui", "crossterm", "termina", "crate::tui::view", "crate::tui::runtime"],
        why: "the app knows no terminal",
    },
    Wall {
        within: &["src/token", "src/oauth", "src/providers", "src/session", "src/tui/app"],
        except: &[],
        banned: &["std::os", "rustix", "libc", "signal_hook"],
        why: "what the program is for knows no operating system",
    },
    Wall {
        within: &["src/tui/view"],
        except: &[],
        banned: &["crate::tui::runtime", "tokio", "std::fs", "std::env", "crate::clock::now"],
        why: "the view only draws the model",
    },
    Wall {
        within: &["src/tui/runtime"],
        except: &[],
        banned: &["crate::tui::view"],
        why: "the runtime is handed the view as a function",
    },
    Wall {
        within: &["src"],
        except: &[
            ("src/store", "the one that opens files"),
            ("src/tui/runtime/terminal.rs", "the terminal's device"),
            ("src/cli/interaction.rs", "the terminal's device"),
            ("src/cli/copy.rs", "the terminal's device, and nowhere for a process in the background"),
        ],
        banned: &["std::fs", "tokio::fs", "tempfile"],
        why: "only store opens files",
    },
    Wall {
        within: &["src"],
        except: &[
            ("src/program.rs", "programs that print a secret or a token"),
            ("src/host", "the desktop's and the terminal's own programs, and this one once more"),
        ],
        banned: &["std::process::Command", "std::os::unix::process", "tokio::process"],
        why: "only program and host start processes",
    },
    Wall {
        within: &["src"],
        except: &[("src/main.rs", "the program's one allocator")],
        banned: &["std::alloc", "zeroizing_alloc"],
        why: "an allocator is the program's choice, not the library's",
    },
    Wall {
        within: &["src"],
        except: &[("src/http", "the one HTTP client")],
        banned: &["reqwest::Client", "reqwest::ClientBuilder", "reqwest::get", "reqwest::blocking"],
        why: "only http builds a client",
    },
    Wall {
        within: &["src"],
        except: &[("src/host/clipboard.rs", "the one owner of the desktop's clipboard")],
        banned: &["arboard"],
        why: "only host touches the clipboard",
    },
    Wall {
        within: &["src"],
        except: &[("src/clock.rs", "the one clock")],
        banned: &["chrono::Utc::now", "chrono::Local::now", "std::time::SystemTime::now"],
        why: "only clock reads the time",
    },
    Wall {
        within: &["src"],
        except: &[
            ("src/tui/runtime", "draws, reads keys, owns the terminal"),
            ("src/tui/view", "draws"),
            ("src/cli/interaction.rs", "reads secrets without echo"),
            ("src/host/clipboard.rs", "OSC 52"),
        ],
        banned: &["crossterm", "ratatui", "termina"],
        why: "only the shells know a terminal",
    },
];

/// What the providers of one shape share.
const SHARED_BY_PROVIDERS: &str = "reply";

/// The files that may look at a secret: where one is taken in, sent, checked or shown on demand.
const EXPOSE_SECRET: &str = include_str!("../expose_secret.txt");

fn is_within(path: &str, part: &str) -> bool {
    path.strip_prefix(part).is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '.']))
}

impl Wall {
    fn holds_for(&self, path: &str) -> bool {
        let within = self.within.iter().any(|part| is_within(path, part));
        within && !self.except.iter().any(|(part, _)| is_within(path, part.trim_end_matches(".rs")))
    }
}

/// All that a source does and must not.
fn violations(source: &Source) -> Vec<String> {
    let mut found = Vec::new();
    let path = &source.path;
    if !matches!(source.module.as_str(), "main" | "lib") {
        let row = MAY_NAME.iter().find(|(name, _)| *name == source.module);
        let (_, allowed) = row.unwrap_or_else(|| panic!("{path} has no row in MAY_NAME: which layer is it?"));
        let known = |name: &str| MAY_NAME.iter().any(|(known, _)| *known == name);
        for name in source.modules() {
            if name != source.module && known(name) && !allowed.contains(&name) {
                found.push(format!("{path} names {name}, which is not below it"));
            }
        }
    }
    for wall in WALLS.iter().filter(|wall| wall.holds_for(path)) {
        for banned in wall.banned {
            if let Some(name) = source.name_of(banned) {
                found.push(format!("{path} names {name}: {}", wall.why));
            }
        }
    }
    if let Some(own) = path.strip_prefix("src/providers/").and_then(|rest| rest.split(['/', '.']).next()) {
        let siblings = source.names.iter().filter_map(|name| name.strip_prefix("crate::providers::"));
        let siblings = siblings.filter(|name| {
            let first = name.split("::").next().unwrap_or_default();
            first != own && first != SHARED_BY_PROVIDERS
        });
        found.extend(siblings.map(|name| format!("{path} names {name}: a provider knows no other")));
    }
    found.extend(shells::violations(source));
    found
}

#[test]
fn the_walls_stand() {
    let found: Vec<_> = source::all().iter().flat_map(violations).collect();
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn the_program_wipes_memory() {
    let sources = source::all();
    let main = sources.iter().find(|source| source.path == "src/main.rs").unwrap();
    assert!(main.name_of("zeroizing_alloc").is_some(), "what is freed is wiped: README promises it");
}

#[test]
fn secrets_are_exposed_in_a_short_list_of_files() {
    let listed: BTreeSet<_> =
        EXPOSE_SECRET.lines().map(|line| line.split_whitespace().next().unwrap_or_default().to_owned()).collect();
    let sources = source::all();
    let found = sources.iter().filter(|source| source.methods.contains("expose_secret"));
    let found: BTreeSet<_> = found.map(|source| source.path.clone()).collect();
    assert_eq!(found, listed, "tests/expose_secret.txt lists each file that calls expose_secret, with its reason");
}

/// The spellings in which a path can be named.
fn spellings(path: &str) -> Vec<String> {
    let (before, last) = path.rsplit_once("::").unwrap_or(("", path));
    if before.is_empty() {
        return vec![
            format!("use {path}::thing;"),
            format!("use {path}::{{a, b::c}};"),
            format!("fn f() {{ {path}::thing(); }}"),
            format!("fn f() {{ select! {{ _ = {path}::thing() => {{}} }} }}"),
            format!("type A = Vec<{path}::Thing>;"),
        ];
    }
    vec![
        format!("use {path};"),
        format!("use {path} as other;"),
        format!("use {before}::{{a, {last}}};"),
        format!("use {before}::{{a::b, {last}::{{self, c}}}};"),
        format!("use {before}::*;"),
        format!("fn f() {{ {path}::thing(); }}"),
        format!("fn f(a: &{path}) {{}}"),
        format!("mod inner {{ fn f() {{ {path}::thing(); }} }}"),
        format!("fn f() {{ println!(\"{{}}\", {path}::thing()); }}"),
        format!("fn f() {{ select! {{ _ = other => {{ {path}::thing() }} }} }}"),
    ]
}

#[test]
fn each_wall_notices_what_is_planted_behind_it_in_every_spelling() {
    for wall in WALLS {
        for part in wall.within {
            let path = if *part == "src" { "src/session/planted.rs".to_owned() } else { format!("{part}/planted.rs") };
            for banned in wall.banned {
                for spelling in spellings(banned) {
                    let found = violations(&Source::read(&path, &spelling));
                    assert!(found.iter().any(|found| found.contains(wall.why)), "{path} is let through: {spelling}");
                }
                for (except, _) in wall.except {
                    let path =
                        if except.ends_with(".rs") { (*except).to_owned() } else { format!("{except}/planted.rs") };
                    let found = violations(&Source::read(&path, &format!("use {banned};")));
                    assert!(!found.iter().any(|found| found.contains(wall.why)), "{path}: {found:?}");
                }
            }
        }
    }
}

#[test]
fn each_layer_notices_what_is_above_it() {
    let above = |module: &str, allowed: &[&str]| -> Vec<&str> {
        MAY_NAME.iter().map(|(name, _)| *name).filter(|name| *name != module && !allowed.contains(name)).collect()
    };
    for (module, allowed) in MAY_NAME {
        let path = format!("src/{module}/inner/planted.rs");
        for banned in above(module, allowed) {
            let relative = format!("use super::super::super::{banned}::Thing;");
            for spelling in spellings(&format!("crate::{banned}")).into_iter().chain([relative]) {
                // A glob over the whole crate names nothing in particular, and nobody writes one.
                if spelling.contains("crate::*") {
                    continue;
                }
                let found = violations(&Source::read(&path, &spelling));
                assert!(found.iter().any(|found| found.contains("not below it")), "{path} is let through: {spelling}");
            }
        }
        for fine in *allowed {
            let found = violations(&Source::read(&path, &format!("use crate::{fine}::Thing;")));
            assert!(!found.iter().any(|found| found.contains("not below it")), "{found:?}");
        }
    }
}

#[test]
fn a_provider_notices_its_sibling() {
    let planted = [
        ("src/providers/seta.rs", "use super::passwork::Pair;"),
        ("src/providers/seta/private_key.rs", "use super::super::openedx;"),
        ("src/providers/seta/private_key.rs", "fn f() { crate::providers::openedx::f(); }"),
        ("src/providers/seta.rs", "use super::{oauth2, reply};"),
    ];
    for (path, code) in planted {
        let found = violations(&Source::read(path, code));
        assert!(found.iter().any(|found| found.contains("knows no other")), "{path}: {code}");
    }
    for (path, code) in [
        ("src/providers/seta.rs", "use super::reply::{self, Members}; use self::private_key::Key;"),
        ("src/providers/seta/private_key.rs", "use super::Signature; use super::super::reply;"),
    ] {
        assert_eq!(violations(&Source::read(path, code)), Vec::<String>::new(), "{path}: {code}");
    }
}

#[test]
fn tests_inside_a_source_are_no_part_of_it() {
    let code = "#[cfg(test)] mod tests { use std::fs; } #[cfg(test)] use std::fs; fn f() {}";
    assert_eq!(violations(&Source::read("src/token/planted.rs", code)), Vec::<String>::new());
}
