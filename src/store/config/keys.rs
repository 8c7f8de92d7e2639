//! `[keys]`: which keys commands of the terminal program have. What a command is and what a key, its owner knows; here it is
//! read with its lines, leniently, so that one mistake leaves the rest of the file alone.

use std::path::Path;

use serde::{Deserialize as _, Deserializer, de::IgnoredAny};
use toml_edit::{Array, Document, Item, Table, TableLike, value};

use super::{DEFAULT, load, path};
use crate::store::{StoreError, document, files, lock};

/// What the settings say about the keys of a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyBinding {
    /// The line in the file; the first one is 1.
    pub line: usize,
    /// Where the command works.
    pub place: String,
    /// Its name; `None` where a place has something else than a table.
    pub command: Option<String>,
    /// Its keys as they are spelled; `None` where they are no list of texts.
    pub keys: Option<Vec<String>>,
}

/// Serde has no lines: that the table is there is one empty entry, and [`read`] reads what it says.
pub(super) fn noticed<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<KeyBinding>, D::Error> {
    let unread = KeyBinding { line: 0, place: String::new(), command: None, keys: None };
    IgnoredAny::deserialize(deserializer).map(|_| vec![unread])
}

/// All of `[keys]`, in the order of the file.
pub(super) fn read(text: &str) -> Vec<KeyBinding> {
    let Ok(document) = Document::parse(text) else { return Vec::new() };
    let Some(places) = document.as_table().get("keys").and_then(Item::as_table_like) else { return Vec::new() };
    let line = |table: &dyn TableLike, name: &str| {
        let start = table.key(name).and_then(toml_edit::Key::span).map_or(0, |span| span.start);
        1 + text.bytes().take(start).filter(|byte| *byte == b'\n').count()
    };
    let mut found = Vec::new();
    for (place, commands) in places.iter() {
        let Some(table) = commands.as_table_like() else {
            found.push(KeyBinding { line: line(places, place), place: place.to_owned(), command: None, keys: None });
            continue;
        };
        found.extend(table.iter().map(|(command, keys)| KeyBinding {
            line: line(table, command),
            place: place.to_owned(),
            command: Some(command.to_owned()),
            keys: texts(keys),
        }));
    }
    found.sort_by_key(|binding| binding.line);
    found
}

fn texts(keys: &Item) -> Option<Vec<String>> {
    match (keys.as_str(), keys.as_array()) {
        (Some(key), _) => Some(vec![key.to_owned()]),
        (None, Some(keys)) => keys.iter().map(|key| key.as_str().map(str::to_owned)).collect(),
        (None, None) => None,
    }
}

/// The file before a key was written into it, and after.
#[derive(Debug)]
pub struct Rebound {
    before: Option<Vec<u8>>,
    after: Option<Vec<u8>>,
}

/// Puts the file back byte for byte, unless it was changed since.
pub fn unbind(dir: &Path, rebound: &Rebound) -> Result<(), StoreError> {
    let path = path(dir);
    let _lock = lock::exclusive(&files::target(&path))?;
    if files::if_there(files::read_regular(&path))? != rebound.after {
        let mistakes = vec!["it was changed since: the key is still written there".to_owned()];
        return Err(StoreError::Profiles { path, mistakes });
    }
    match &rebound.before {
        Some(before) => files::replace(&path, before),
        None => files::remove(&path),
    }
}

/// Writes down which keys a command has; the rest of the file stays as it is, comments included.
pub fn bind(dir: &Path, place: &str, command: &str, keys: &[String]) -> Result<Rebound, StoreError> {
    let path = path(dir);
    let _lock = lock::exclusive(&files::target(&path))?;
    // What cannot be read is not overwritten.
    load(dir)?;
    let bytes = || files::if_there(files::read_regular(&path));
    let before = bytes()?;
    let unwritten = || StoreError::Profiles {
        path: path.clone(),
        mistakes: vec![format!("keys.{place} is not a table of commands")],
    };
    document::change(&path, DEFAULT, |document| {
        // `[keys.tokens]` needs no `[keys]` above it.
        let places = document.entry("keys").or_insert_with(document::implicit);
        let places = places.as_table_like_mut().ok_or_else(unwritten)?;
        let commands = places.entry(place).or_insert_with(|| Item::Table(Table::new()));
        let commands = commands.as_table_like_mut().ok_or_else(unwritten)?;
        let keys = match keys {
            [key] => value(key),
            keys => value(keys.iter().collect::<Array>()),
        };
        document::put(commands, command, keys);
        Ok(())
    })?;
    Ok(Rebound { before, after: bytes()? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_binding_has_its_line() {
        let text = "# mine\n[warn]\nbell = true\n\n[keys.tokens]\ncopy-header = [\"a\", \"ctrl-l\"]\n\
                    delete = []\nodd = 3\n[keys]\nwrong = 5\nconfirm.yes = \"j\"\n";
        let binding = |line, place: &str, command: Option<&str>, keys: Option<&[&str]>| KeyBinding {
            line,
            place: place.to_owned(),
            command: command.map(str::to_owned),
            keys: keys.map(|keys| keys.iter().map(|key| (*key).to_owned()).collect()),
        };
        assert_eq!(
            read(text),
            [
                binding(6, "tokens", Some("copy-header"), Some(&["a", "ctrl-l"])),
                binding(7, "tokens", Some("delete"), Some(&[])),
                binding(8, "tokens", Some("odd"), None),
                binding(10, "wrong", None, None),
                binding(11, "confirm", Some("yes"), Some(&["j"])),
            ]
        );
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(path(dir.path()), text).unwrap();
        let config = load(dir.path()).unwrap();
        assert!(config.warn.bell, "the rest of the file counts");
        assert_eq!(config.keys.len(), 5);
        for text in ["", "keys = 3\n", "[keys]\n", "not TOML"] {
            assert_eq!(read(text), [], "{text}");
        }
    }

    #[test]
    fn what_was_written_is_taken_back_byte_for_byte() {
        let dir = tempfile::tempdir().unwrap();
        let (place, keys) = ("tokens", |key: &str| [key.to_owned()]);
        let read = || std::fs::read(path(dir.path())).unwrap();
        for text in ["# mine\r\n[warn]\nbell  =  true # loud\n\n\n", "[keys.tokens]\ncopy-header = [ 'x' ]  # by hand"]
        {
            std::fs::write(path(dir.path()), text).unwrap();
            let first = bind(dir.path(), place, "copy-header", &keys("b")).unwrap();
            let between = read();
            let second = bind(dir.path(), place, "copy-token", &keys("h")).unwrap();
            // The last one first.
            assert!(unbind(dir.path(), &first).is_err());
            unbind(dir.path(), &second).unwrap();
            assert_eq!(read(), between);
            unbind(dir.path(), &first).unwrap();
            assert_eq!(read(), text.as_bytes());
        }
        let mine = bind(dir.path(), place, "copy-header", &keys("b")).unwrap();
        std::fs::write(path(dir.path()), "# another's\n").unwrap();
        assert!(unbind(dir.path(), &mine).unwrap_err().to_string().contains("config.toml"));
        assert_eq!(read(), b"# another's\n");
        // Where there was no file, there is none again.
        std::fs::remove_file(path(dir.path())).unwrap();
        let mine = bind(dir.path(), place, "copy-header", &keys("b")).unwrap();
        unbind(dir.path(), &mine).unwrap();
        assert!(!path(dir.path()).exists());
    }

    #[test]
    fn a_key_is_written_and_all_else_kept() {
        let dir = tempfile::tempdir().unwrap();
        let written = |before: &str, keys: &[&str]| {
            std::fs::write(path(dir.path()), before).unwrap();
            let keys: Vec<_> = keys.iter().map(|key| (*key).to_owned()).collect();
            bind(dir.path(), "tokens", "copy-header", &keys).unwrap();
            std::fs::read_to_string(path(dir.path())).unwrap()
        };
        assert_eq!(
            written("# mine\n[warn]\nbell = true # loud\n", &["b"]),
            "# mine\n[warn]\nbell = true # loud\n\n[keys.tokens]\ncopy-header = \"b\"\n"
        );
        assert_eq!(
            written("[keys.tokens]\ncopy-header = \"x\" # by hand\n", &["b", "F5"]),
            "[keys.tokens]\ncopy-header = [\"b\", \"F5\"] # by hand\n"
        );
        assert_eq!(
            written("[keys]\npage.close = \"x\"\n", &[]),
            "[keys]\npage.close = \"x\"\n\n[keys.tokens]\ncopy-header = []\n"
        );
        std::fs::write(path(dir.path()), "[keys]\ntokens = 3\n").unwrap();
        assert!(bind(dir.path(), "tokens", "copy-header", &[]).is_err());
        std::fs::remove_file(path(dir.path())).unwrap();
        bind(dir.path(), "tokens", "copy-header", &["b".to_owned()]).unwrap();
        let text = std::fs::read_to_string(path(dir.path())).unwrap();
        assert!(text.starts_with(DEFAULT.lines().next().unwrap()), "a new file is the manual: {text}");
        assert_eq!(load(dir.path()).unwrap().keys.len(), 1);
    }
}
