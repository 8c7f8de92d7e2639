//! The profiles file: TOML at confy's path, 0600, replaced in one step, comments of the user's hand kept.
//!
//! ```toml
//! [profile.campus]
//! provider = "openedx"                    # required: the id of a provider
//! environment = "prod"                    # optional, shown beside the name
//! tags = ["work", "lms"]                  # optional, to filter by
//! url = "https://courses.example.org"     # every other key is a setting of the provider:
//! origins = ["https://api.example.org"]   # where `tokscope call` may send the token besides url
//! timeout = 30                            # text, whole number, or true / false
//! ```
//! Which settings there are is the provider's business and is checked when the profile is used.

use std::path::{Path, PathBuf};

use serde_json::{Map, Value};
use toml_edit::{Array, Item, Table, TableLike, value};

use super::{
    StoreError, document, files,
    lock::{self, FileLock},
};
use crate::{
    auth::ORIGINS,
    profile::{Profile, ProfileName},
};

/// What a new profiles file starts as: the commented manual of the format.
pub const DEFAULT: &str = include_str!("../../assets/default.toml");

/// The profiles file in a configuration folder.
pub fn path(dir: &Path) -> PathBuf {
    dir.join("profiles.toml")
}

/// All profiles, by name. A missing file is an empty list, and stays missing. All mistakes are returned at once.
pub fn load(dir: &Path) -> Result<Vec<Profile>, StoreError> {
    let path = path(dir);
    let Some(document) = document::load::<Value>(&path)? else { return Ok(Vec::new()) };
    let mut mistakes = Vec::new();
    let profiles = read(&document, &mut mistakes);
    if mistakes.is_empty() { Ok(profiles) } else { Err(StoreError::Profiles { path, mistakes }) }
}

/// The profiles file, held against changes by others.
#[derive(Debug)]
pub struct HeldProfiles {
    dir: PathBuf,
    _lock: FileLock,
}

/// Holds the file, so that it can be read, changed and written. Two that change it at the same moment do so one after the
/// other: this blocks the thread, for 5 s at most.
pub fn hold(dir: &Path) -> Result<HeldProfiles, StoreError> {
    Ok(HeldProfiles { dir: dir.to_owned(), _lock: lock::exclusive(&files::target(&path(dir)))? })
}

/// Adds a profile, or changes the one of its name.
pub fn upsert(dir: &Path, profile: &Profile) -> Result<(), StoreError> {
    hold(dir)?.put(None, profile)
}

/// Removes a profile. Removing what is not there changes nothing.
pub fn remove(dir: &Path, name: &ProfileName) -> Result<(), StoreError> {
    hold(dir)?.remove(name)
}

impl HeldProfiles {
    /// All profiles.
    pub fn all(&self) -> Result<Vec<Profile>, StoreError> {
        load(&self.dir)
    }

    /// Adds a profile, or changes the one that was called `old` and gives it its new name, if it has one. It keeps its place
    /// and comments.
    pub fn put(&self, old: Option<&ProfileName>, profile: &Profile) -> Result<(), StoreError> {
        write(&self.dir, |file| {
            if let Some(item) =
                old.filter(|old| **old != profile.name).and_then(|old| file.profiles.remove(old.as_str()))
            {
                file.profiles.insert(profile.name.as_str(), item);
            }
            file.put(profile);
        })
    }

    /// Removes a profile. Removing what is not there changes nothing.
    pub fn remove(&self, name: &ProfileName) -> Result<(), StoreError> {
        write(&self.dir, |file| file.remove(name.as_str()))
    }
}

fn read(document: &Value, mistakes: &mut Vec<String>) -> Vec<Profile> {
    let empty = Map::new();
    let root = document.as_object().unwrap_or(&empty);
    for key in root.keys().filter(|key| *key != "profile") {
        mistakes.push(format!("{key} is not a known table; write profiles as [profile.NAME]"));
    }
    let profiles = match root.get("profile") {
        None => &empty,
        Some(Value::Object(profiles)) => profiles,
        Some(_) => {
            mistakes.push("profile must be a table: write [profile.NAME]".to_owned());
            &empty
        }
    };
    profiles.iter().filter_map(|(name, table)| read_profile(name, table, mistakes)).collect()
}

fn read_profile(name: &str, table: &Value, mistakes: &mut Vec<String>) -> Option<Profile> {
    let mut wrong = |problem: &str| mistakes.push(format!("profile {name:?}: {problem}"));
    let parsed = ProfileName::new(name).map_err(|error| wrong(&error.to_string()));
    let Some(table) = table.as_object() else {
        wrong("must be a table: write [profile.NAME]");
        return None;
    };
    let mut profile = Profile {
        name: parsed.ok()?,
        provider: String::new(),
        settings: Default::default(),
        environment: None,
        tags: Vec::new(),
    };
    for (key, entry) in table {
        match (key.as_str(), entry, text(entry)) {
            ("provider", _, Some(id)) => profile.provider = id,
            ("environment", _, Some(name)) => profile.environment = Some(name),
            ("tags", Value::Array(items), _) if items.iter().all(Value::is_string) => {
                profile.tags = items.iter().filter_map(text).collect();
            }
            (ORIGINS, Value::Array(items), _) if items.iter().all(Value::is_string) => {
                let items: Vec<_> = items.iter().filter_map(text).collect();
                profile.settings.insert(key.clone(), items.join(" "));
            }
            (ORIGINS, ..) => wrong("origins must be a list of strings: [\"https://api.example.org\"]"),
            ("tags", ..) => wrong("tags must be a list of strings: [\"work\"]"),
            ("provider" | "environment", ..) => wrong(&format!("{key} must be a string")),
            (_, _, Some(text)) => _ = profile.settings.insert(key.clone(), text),
            _ => wrong(&format!("{key} must be a string, a whole number, or true or false")),
        }
    }
    if profile.provider.is_empty() && !table.contains_key("provider") {
        wrong("provider is missing: write the id of its auth system");
    }
    Some(profile)
}

/// A setting as text, however it was written.
fn text(entry: &Value) -> Option<String> {
    match entry {
        Value::String(text) => Some(text.clone()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Number(number) => number.as_i64().map(|number| number.to_string()),
        _ => None,
    }
}

fn write(dir: &Path, change: impl FnOnce(&mut Editable<'_>)) -> Result<(), StoreError> {
    // What cannot be read is not overwritten.
    load(dir)?;
    document::change(&path(dir), DEFAULT, |document| {
        let trailing = document.trailing().as_str().unwrap_or_default().to_owned();
        let item = document.entry("profile").or_insert_with(document::implicit);
        // `profile = { a = { … } }` is the same data: as tables it can be edited like the rest.
        if let Some(inline) = item.as_inline_table() {
            *item = Item::Table(inline.clone().into_table());
        }
        let profiles = item.as_table_mut().expect("load() accepts nothing but a table");
        let mut file = Editable { profiles, trailing };
        change(&mut file);
        let trailing = file.trailing;
        document.set_trailing(trailing);
        Ok(())
    })
}

/// The file while it is edited. Comments above a table belong to toml_edit's table, those below the last one to none.
struct Editable<'a> {
    profiles: &'a mut Table,
    trailing: String,
}

impl Editable<'_> {
    fn put(&mut self, profile: &Profile) {
        let item = self.profiles.entry(profile.name.as_str()).or_insert_with(|| {
            // A new table goes below what stands at the end of the file.
            let mut table = Table::new();
            table.decor_mut().set_prefix(format!("{}\n", std::mem::take(&mut self.trailing)));
            Item::Table(table)
        });
        if let Some(entries) = item.as_table_like_mut() {
            write_profile(entries, profile);
        }
    }

    /// With the table goes the comment right above it; what a blank line parts from it stays.
    fn remove(&mut self, name: &str) {
        let place = self.profiles.iter().position(|(key, _)| key == name);
        let Some((place, removed)) = place.zip(self.profiles.remove(name)) else { return };
        let prefix = removed.as_table().map_or("", |table| prefix(table));
        let Some(end) = prefix.rfind("\n\n") else { return };
        let kept = &prefix[..=end];
        let next = self.profiles.iter_mut().nth(place).map(|(_, item)| item);
        match next.and_then(Item::as_table_mut) {
            Some(table) => {
                let joined = format!("{kept}{}", self::prefix(table));
                table.decor_mut().set_prefix(joined);
            }
            None => self.trailing.insert_str(0, kept),
        }
    }
}

fn prefix(table: &Table) -> &str {
    table.decor().prefix().and_then(|prefix| prefix.as_str()).unwrap_or_default()
}

fn write_profile(entries: &mut dyn TableLike, profile: &Profile) {
    let tags = (!profile.tags.is_empty()).then(|| value(profile.tags.iter().collect::<Array>()));
    let mut wanted: Vec<(&str, Item)> = vec![("provider", value(&profile.provider))];
    wanted.extend(profile.environment.as_ref().map(|name| ("environment", value(name))));
    wanted.extend(tags.map(|tags| ("tags", tags)));
    wanted.extend(profile.settings.iter().map(|(key, text)| match key.as_str() {
        ORIGINS => (ORIGINS, value(text.split_whitespace().collect::<Array>())),
        key => (key, typed(text)),
    }));
    let present: Vec<_> = entries.iter().map(|(key, _)| key.to_owned()).collect();
    for key in present.iter().filter(|key| !wanted.iter().any(|(name, _)| name == key)) {
        entries.remove(key);
    }
    for (key, new) in wanted {
        if !entries.get(key).is_some_and(|old| same(old, &new)) {
            document::put(entries, key, new);
        }
    }
}

/// A setting as it is written by hand: flags and numbers without quotes.
fn typed(text: &str) -> Item {
    match (text.parse::<bool>(), text.parse::<i64>()) {
        (Ok(flag), _) => value(flag),
        (_, Ok(number)) if number.to_string() == text => value(number),
        _ => value(text),
    }
}

/// Whether two items read as the same text or list.
fn same(old: &Item, new: &Item) -> bool {
    let list = |item: &Item| {
        item.as_array().map(|items| items.iter().filter_map(|i| i.as_str().map(str::to_owned)).collect::<Vec<_>>())
    };
    let text = |item: &Item| {
        let word = item.as_str().map(str::to_owned);
        word.or_else(|| item.as_bool().map(|flag| flag.to_string()))
            .or_else(|| item.as_integer().map(|n| n.to_string()))
    };
    match (list(old), list(new)) {
        (None, None) => text(old).is_some() && text(old) == text(new),
        (old, new) => old == new,
    }
}

#[cfg(test)]
mod tests;
