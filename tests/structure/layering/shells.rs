//! A use case exists once, in `session`: of `store` the shells name the data that use cases take and return, and nothing that
//! does something.

use super::source::Source;

/// What the shells may name of `store`, and what is below it.
const DATA: &[&str] = &[
    "crate::store::StoreError",
    "crate::store::config::Config",
    "crate::store::config::Glyphs",
    "crate::store::config::Motion",
    "crate::store::config::KeyBinding",
    // While one exists, `tokscope lock` reaches the process, or waits for it; `Location::enter` and `pass` make them.
    "crate::store::holders::Holder",
    "crate::store::holders::Passage",
    "crate::store::holders::Told",
    "crate::store::identity::Home",
    "crate::store::identity::IdentityError",
    "crate::store::identity::KeyringError",
    "crate::store::identity::UnlockedIdentity",
    "crate::store::state::Change",
    "crate::store::state::State",
    "crate::store::runs::RunId",
    "crate::store::state::Background",
    "crate::store::inventory::Place",
    "crate::store::state::View",
    "crate::store::survey::Survey",
    "crate::store::theme::Color",
    "crate::store::theme::Colors",
    "crate::store::theme::Paint",
    "crate::store::theme::Rgb",
    "crate::store::theme::Role",
    "crate::store::theme::Theme",
    "crate::store::vault::Condition",
    "crate::store::vault::Contents",
    "crate::store::vault::Evidence",
    "crate::store::vault::Evidences",
    "crate::store::vault::Generation",
    "crate::store::vault::KeptSet",
    "crate::store::vault::Observation",
    "crate::store::vault::OldToken",
    "crate::store::vault::Event",
    "crate::store::vault::EventKind",
    "crate::store::vault::Evidence",
    "crate::store::vault::Evidences",
    "crate::store::vault::Generation",
    "crate::store::vault::Observation",
    "crate::store::vault::Record",
    "crate::store::vault::VaultError",
    // Reads what a person has named as an argument, or typed into a field.
    "crate::store::files",
];

const WHY: &str = "a shell calls a use case of session";

/// What a shell names of `store` besides its data.
pub(crate) fn violations(source: &Source) -> Vec<String> {
    if !matches!(source.module.as_str(), "cli" | "tui") {
        return Vec::new();
    }
    let below =
        |name: &str, path: &str| name.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"));
    let named = source.names.iter().filter(|name| below(name, "crate::store"));
    let banned = named.filter(|name| !DATA.iter().any(|data| below(name, data)));
    banned.map(|name| format!("{} names {name}: {WHY}", source.path)).collect()
}

#[test]
fn a_shell_that_works_with_the_store_itself_is_noticed() {
    let planted = [
        "use crate::store;",
        "use crate::store::*;",
        "use crate::store::config;",
        "use crate::store::{config::{self, Config}, vault::VaultError};",
        "use crate::store::vault::{Record as Kept, Vault};",
        "use crate::store::vault::RecordKeeper;",
        "use crate::{store::profiles::load, text};",
        "fn f() { crate::store::profiles::load(dir); }",
        "fn f() { println!(\"{}\", crate::store::config_dir(None)); }",
        "fn f(vault: &crate::store::vault::Vault) {}",
    ];
    for path in ["src/cli.rs", "src/cli/planted.rs", "src/tui/app/planted.rs", "src/tui/runtime/jobs/planted.rs"] {
        for code in planted {
            let found = violations(&Source::read(path, code));
            assert!(found.iter().any(|found| found.contains(WHY)), "{path} is let through: {code}");
        }
        for fine in DATA {
            assert_eq!(violations(&Source::read(path, &format!("use {fine};"))), Vec::<String>::new());
        }
    }
    let relative = Source::read("src/cli/vault.rs", "use super::super::store::vault;");
    assert_eq!(violations(&relative).len(), 1);
    for path in ["src/session/planted.rs", "src/main.rs"] {
        assert_eq!(violations(&Source::read(path, "use crate::store::vault::Vault;")), Vec::<String>::new());
    }
}

#[test]
fn what_a_shell_may_name_is_named() {
    let sources = super::source::all();
    let shells: Vec<_> = sources.iter().filter(|source| matches!(source.module.as_str(), "cli" | "tui")).collect();
    let unused = DATA.iter().find(|data| !shells.iter().any(|source| source.name_of(data).is_some()));
    assert_eq!(unused, None, "nobody names it any more: take it off the list");
}
