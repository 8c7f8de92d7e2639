//! The parts of a module name one another in one direction: no circle is left, and none comes back.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use super::source::{self, Source};

/// The one module whose parts, the files right below it, name one another in circles, and which of them do, or name one that
/// does. The parts of all other modules can be read one after the other, each after those that it names.
///
/// Here that is the shape of the thing: one `Model` has the state of every part, a part reads and changes the model as a
/// whole, and the table of keys names the parts whose commands it lists, while each part's offers are that table's actions.
/// An order could only be had by moving what belongs together apart. What knows nothing of the model has its order, and stays
/// out of this list.
const WITH_CIRCLES: (&str, [&str; 43]) = ("tui::app", BOUND);

#[rustfmt::skip]
const BOUND: [&str; 43] = [
    "api", "badge", "bars", "compare", "copy", "demand", "edit", "exchange", "facts", "failure", "filter", "form", "history",
    "horizon", "inspector", "keymap", "known_keys", "log", "look", "machine", "marks", "message", "mode", "mouse", "notices", "page",
    "profiles", "readonly", "renewal", "resize", "rotation", "schedule", "scope", "target", "tasks", "tokens", "travel", "undo",
    "update", "vault", "verify", "warning", "welcome",
];

/// All modules that have parts.
fn modules(sources: &[Source]) -> BTreeSet<String> {
    let folders = sources.iter().filter_map(|source| source.path.strip_prefix("src/")?.rsplit_once('/'));
    let above = folders.flat_map(|(folder, _)| Path::new(folder).ancestors());
    above.filter_map(Path::to_str).filter(|path| !path.is_empty()).map(|path| path.replace('/', "::")).collect()
}

/// The parts of a module with those of its parts that they name.
fn parts<'a>(module: &str, sources: &'a [Source]) -> BTreeMap<&'a str, BTreeSet<&'a str>> {
    let (folder, inside) = (format!("src/{}/", module.replace("::", "/")), format!("crate::{module}::"));
    let part = |source: &'a Source| Some((source.path.strip_prefix(&folder)?.split(['/', '.']).next()?, source));
    let files: Vec<_> = sources.iter().filter_map(part).collect();
    let mut parts: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
    for (part, source) in &files {
        let named = source.names.iter().filter_map(|name| name.strip_prefix(&inside)?.split("::").next());
        let named = named.filter(|name| name != part && files.iter().any(|(other, _)| other == name));
        parts.entry(*part).or_default().extend(named);
    }
    parts
}

/// The parts that are on a circle, or behind one: what is left when those that name nothing more are taken away.
fn circles(module: &str, sources: &[Source]) -> BTreeMap<String, BTreeSet<String>> {
    let mut parts = parts(module, sources);
    while let Some(free) = parts.iter().find(|(_, named)| named.is_empty()).map(|(part, _)| *part) {
        parts.remove(free);
        parts.values_mut().for_each(|named| _ = named.remove(free));
    }
    let owned = |names: BTreeSet<&str>| names.into_iter().map(str::to_owned).collect();
    parts.into_iter().map(|(part, named)| (part.to_owned(), owned(named))).collect()
}

/// How the bound parts of a module differ from these: which ones have come, and which have gone.
fn changes(module: &str, known: &[&str], sources: &[Source]) -> (Vec<String>, Vec<String>) {
    let bound = circles(module, sources);
    let gone = known.iter().filter(|part| !bound.contains_key(**part)).map(|part| (*part).to_owned()).collect();
    (bound.into_keys().filter(|part| !known.contains(&part.as_str())).collect(), gone)
}

#[test]
fn parts_form_no_circle() {
    let sources = source::all();
    let (exempt, known) = WITH_CIRCLES;
    for module in modules(&sources) {
        let known = if module == exempt { &known[..] } else { &[] };
        let (come, gone) = changes(&module, known, &sources);
        assert!(come.is_empty(), "{module}: on a circle, or naming a part that is: {come:?}");
        assert!(gone.is_empty(), "{module}: on no circle any more, take them out of the list: {gone:?}");
    }
}

#[test]
fn a_circle_is_noticed() {
    let planted = |module: &str, code: &str| {
        let files = [
            ("a", "use super::b::Thing;"),
            ("b", "fn f() { super::c::thing(); }"),
            ("b/inner", "use super::B;"),
            ("c", code),
        ];
        let folder = module.replace("::", "/");
        let sources = files.map(|(file, code)| Source::read(&format!("src/{folder}/{file}.rs"), code));
        assert_eq!(modules(&sources).last(), Some(&format!("{module}::b")));
        circles(module, &sources).into_keys().collect::<Vec<_>>()
    };
    for module in ["cli", "store", "store::vault", "token::detect", "token::detect::text"] {
        let outer = format!("use crate::{module}::Failure;");
        assert_eq!(planted(module, &outer), Vec::<String>::new());
        let absolute = format!("fn f() {{ crate::{module}::a::thing() }}");
        for code in ["use super::a::{self, Thing};", &absolute, "use super::{Failure, a};"] {
            assert_eq!(planted(module, code), ["a", "b", "c"], "{module}: {code}");
        }
    }
}

#[test]
fn one_more_on_a_known_circle_is_noticed() {
    let read = |(file, code): (&str, &str)| Source::read(&format!("src/tui/app/{file}.rs"), code);
    let mut sources = vec![read(("a", "use super::b::B;")), read(("b", "use super::a::A;")), read(("key", ""))];
    assert_eq!(changes("tui::app", &["a", "b"], &sources), (vec![], vec![]));
    sources.push(read(("c", "use super::key::Key;")));
    assert_eq!(changes("tui::app", &["a", "b"], &sources), (vec![], vec![]), "it has its order");
    sources.push(read(("d", "use super::a::A;")));
    assert_eq!(changes("tui::app", &["a", "b", "z"], &sources), (vec!["d".to_owned()], vec!["z".to_owned()]));
}
