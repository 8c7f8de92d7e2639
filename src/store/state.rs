//! What the program remembers of how it was used: `state.toml` in the state folder. It need not be edited, and it contains
//! no secrets.
//!
//! ```toml
//! [dividers]                  # by layout: thousandths of the body's width or height
//! wide = [250, 420]
//! [backgrounds]               # by terminal
//! xterm-kitty = "dark"
//! [[views]]                   # filters that were kept, in order
//! name = "under an hour"
//! filter = "left<1h"
//! ```

use std::{
    collections::BTreeMap,
    env,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use toml_edit::{Array, ArrayOfTables, DocumentMut, Item, Table, value};

use super::{StoreError, document, files, lock};

/// All that is remembered. What a newer program has added is left alone.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct State {
    /// Where the dividers of a layout stand, in thousandths of what they divide.
    pub dividers: BTreeMap<String, Vec<u16>>,
    /// The background of a terminal, by what it calls itself.
    pub backgrounds: BTreeMap<String, Background>,
    /// The kept filters, in order.
    pub views: Vec<View>,
}

/// Of a terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs, reason = "the names say it")]
pub enum Background {
    Dark,
    Light,
}

/// A filter that was kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct View {
    /// What it is called.
    pub name: String,
    /// As it was typed.
    pub filter: String,
}

/// Something to remember. The rest of the file stays as it is, so that two programs do not undo each other's changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// The dividers of this layout stand here.
    Dividers(String, Vec<u16>),
    /// This terminal has this background.
    Background(String, Background),
    /// These are the kept filters.
    Views(Vec<View>),
}

impl State {
    /// The same as in the file.
    pub fn apply(&mut self, change: &Change) {
        match change.clone() {
            Change::Dividers(layout, shares) => _ = self.dividers.insert(layout, shares),
            Change::Background(terminal, background) => _ = self.backgrounds.insert(terminal, background),
            Change::Views(views) => self.views = views,
        }
    }
}

/// The folder of what is neither configuration nor data (XDG Base Directory); `None`: there is no home folder.
pub fn folder() -> Option<PathBuf> {
    let given = env::var_os("XDG_STATE_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
    let state = given.or_else(|| env::home_dir().map(|home| home.join(".local/state")));
    state.map(|folder| folder.join("tokscope"))
}

/// What is remembered in that folder. A missing file is nothing.
pub fn load(folder: &Path) -> Result<State, StoreError> {
    Ok(document::load(&path(folder))?.unwrap_or_default())
}

/// Remembers a change.
pub fn remember(folder: &Path, change: &Change) -> Result<(), StoreError> {
    let path = path(folder);
    files::private_folder(folder)?;
    let _lock = lock::exclusive(&files::target(&path))?;
    document::change(&path, "", |document| {
        write(document, change);
        Ok(())
    })
}

fn path(folder: &Path) -> PathBuf {
    folder.join("state.toml")
}

fn write(document: &mut DocumentMut, change: &Change) {
    let (section, key, new) = match change {
        Change::Dividers(layout, shares) => {
            ("dividers", layout, value(shares.iter().map(|share| i64::from(*share)).collect::<Array>()))
        }
        Change::Background(terminal, background) => {
            let word = if *background == Background::Dark { "dark" } else { "light" };
            ("backgrounds", terminal, value(word))
        }
        Change::Views(views) => {
            let views = views.iter().map(|View { name, filter }| {
                Table::from_iter([("name", value(name.as_str())), ("filter", value(filter.as_str()))])
            });
            document.insert("views", Item::ArrayOfTables(views.collect::<ArrayOfTables>()));
            return;
        }
    };
    let section = document.entry(section).or_insert_with(|| Item::Table(Table::new()));
    if !section.is_table_like() {
        *section = Item::Table(Table::new());
    }
    section.as_table_like_mut().expect("it was just made one").insert(key, new);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_remembered_is_read_again_and_the_rest_stays() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(load(folder.path()).unwrap(), State::default());
        std::fs::write(path(folder.path()), "# a newer program's\n[horizon]\nzoom = 3\n").unwrap();
        let view = |name: &str, filter: &str| View { name: name.to_owned(), filter: filter.to_owned() };
        let mut state = State::default();
        for change in [
            Change::Dividers("wide".to_owned(), vec![250, 420]),
            Change::Dividers("compact".to_owned(), vec![300]),
            Change::Dividers("wide".to_owned(), vec![200, 420]),
            Change::Background("xterm \"kitty\"\n".to_owned(), Background::Light),
            Change::Views(vec![view("under an hour", "left<1h"), view("\"x\"\n[dividers]", "env:prod")]),
            Change::Views(vec![view("under an hour", "left<2h")]),
        ] {
            state.apply(&change);
            remember(folder.path(), &change).unwrap();
            assert_eq!(load(folder.path()).unwrap(), state, "{change:?}");
        }
        assert_eq!(state.dividers["wide"], [200, 420]);
        let text = std::fs::read_to_string(path(folder.path())).unwrap();
        assert!(text.starts_with("# a newer program's\n[horizon]\nzoom = 3\n"), "{text}");
    }

    #[test]
    fn a_damaged_file_is_named_and_not_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(path(folder.path()), "[dividers\n").unwrap();
        assert!(load(folder.path()).unwrap_err().to_string().contains("state.toml"));
        assert!(remember(folder.path(), &Change::Views(Vec::new())).is_err());
        assert_eq!(std::fs::read_to_string(path(folder.path())).unwrap(), "[dividers\n");
    }
}
