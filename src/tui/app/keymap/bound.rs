//! The keys as they are bound now: those of the table, but for what the settings say.

use std::collections::HashMap;

use super::{Binding, Place, table};
use crate::tui::app::key::{Key, KeyCode};

/// The live table. A command that it does not name has the keys of the table.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Keymap(HashMap<(Place, &'static str), Vec<Key>>);

/// What the settings cannot change: a way out of everything, and out of the program.
pub(super) fn is_fixed(key: Key) -> bool {
    key == Key::plain(KeyCode::Esc) || key == Key::ctrl('c')
}

impl Keymap {
    /// Binds a command of a place to these keys, besides those that stay.
    pub(crate) fn bind(&mut self, place: Place, binding: &'static Binding, keys: &[Key]) {
        let stays = binding.keys.iter().filter(|key| is_fixed(**key) && !keys.contains(key));
        self.0.insert((place, binding.id), keys.iter().chain(stays).copied().collect());
    }

    /// The keys of a command in a place.
    pub fn keys(&self, place: Place, binding: &'static Binding) -> &[Key] {
        self.0.get(&(place, binding.id)).map_or(binding.keys, Vec::as_slice)
    }

    /// The key that comes before the keys of a place.
    pub(crate) fn prefix(&self, place: Place) -> Option<Key> {
        let id = place.prefix()?;
        let binding = table().find(|binding| binding.id == id)?;
        self.keys(binding.places[0], binding).first().copied()
    }

    /// `k`, `C c`: its first key; of a command without one `: up`, by which it can be called.
    pub(crate) fn text(&self, place: Place, binding: &'static Binding) -> String {
        self.texts(place, binding).next().unwrap_or_else(|| format!(": {}", binding.id))
    }

    /// All keys of a command, each with the one that comes before it.
    pub fn texts(&self, place: Place, binding: &'static Binding) -> impl Iterator<Item = String> {
        let prefix = self.prefix(place);
        // Without the key before it, none of them can be pressed.
        let reachable = place.prefix().is_none() || prefix.is_some();
        let keys = self.keys(place, binding).iter().filter(move |_| reachable);
        keys.map(move |key| prefix.map_or_else(|| key.to_string(), |prefix| format!("{prefix} {key}")))
    }

    /// The commands that have this key where `place` is, besides this one.
    pub(super) fn rivals(
        &self,
        place: Place,
        binding: &'static Binding,
        key: Key,
    ) -> impl Iterator<Item = (Place, &'static Binding)> {
        let here = move |other: Place, it: &Binding| other.meets(place) && (other, it.id) != (place, binding.id);
        // Two that share a key anyway take turns at it.
        let turns = |it: &Binding| it.keys.iter().any(|key| binding.keys.contains(key));
        super::bindings()
            .filter(move |(other, it)| self.keys(*other, it).contains(&key) && here(*other, it) && !turns(it))
    }

    /// Some keys that nothing has where `place` is.
    pub(super) fn free(&self, place: Place, binding: &'static Binding) -> Vec<Key> {
        const SHOWN: usize = 5;
        let characters = ('a'..='z').chain('A'..='Z').map(Key::char);
        let others = (2..=12).map(|n| Key::plain(KeyCode::F(n)));
        let all = characters.filter(|_| place != Place::Everywhere).chain(others);
        let own = |key: &Key| binding.keys.contains(key) || self.keys(place, binding).contains(key);
        all.filter(|key| !own(key) && self.rivals(place, binding, *key).next().is_none()).take(SHOWN).collect()
    }
}
