//! The keys in the settings, and what is wrong with them: every mistake at once, each with its line, and what is free instead.

use super::{Binding, Keymap, Place, bindings, bound::is_fixed, in_place};
use crate::{
    store::config::KeyBinding,
    text,
    tui::app::key::{Key, KeyCode},
};

impl Keymap {
    /// What the settings say, and all that is wrong with it, a line each. The rest of it counts.
    pub fn read(settings: &[KeyBinding]) -> (Self, Vec<String>) {
        let (written, mut mistakes) = Written::all(settings);
        // First all of them, so that two commands can change places.
        let mut keymap = Self::default();
        for written in &written {
            if let Some(keys) = written.keys() {
                keymap.bind(written.place, written.binding, &keys);
            }
        }
        let mut problems = Vec::new();
        for at in 0..written.len() {
            let (allowed, why_not) = written[at].settle(&keymap, (&written[..at], &written[at + 1..]));
            keymap.bind(written[at].place, written[at].binding, &allowed);
            problems.push(why_not);
        }
        // What is free is known once all have settled.
        let all = written.iter().zip(problems).filter(|(_, why_not)| !why_not.is_empty());
        mistakes.extend(all.map(|(written, why_not)| written.mistake(&keymap, &why_not)));
        // In the order of the file.
        mistakes.sort_by_key(|(line, _)| *line);
        (keymap, mistakes.into_iter().map(|(_, words)| words).collect())
    }
}

/// A mistake: its line, and what is said of it.
type Mistake = (usize, String);

/// A command that the settings bind.
struct Written<'a> {
    line: usize,
    place: Place,
    binding: &'static Binding,
    /// The keys as they are spelled, or why they are none.
    keys: Vec<(&'a str, Result<Key, String>)>,
}

impl<'a> Written<'a> {
    /// Those that name a command, and what is wrong with the others.
    fn all(settings: &'a [KeyBinding]) -> (Vec<Self>, Vec<Mistake>) {
        let (mut written, mut mistakes) = (Vec::new(), Vec::new());
        for setting in settings {
            match Self::read(setting) {
                Ok(known) => written.push(known),
                Err(why) => mistakes.push((setting.line, report(setting.line, &name(setting), &why))),
            }
        }
        (written, mistakes)
    }

    fn read(setting: &'a KeyBinding) -> Result<Self, String> {
        let Some(place) = Place::named(&setting.place) else {
            let places = Place::all().filter(|place| !place.is_fixed()).map(Place::name);
            return Err(unknown("no such place", &setting.place, places.map(str::to_owned)));
        };
        let Some(command) = &setting.command else {
            return Err("expected a table of commands".to_owned());
        };
        let Some(binding) = in_place(place, command) else {
            let here = bindings().filter(|(other, _)| *other == place).map(|(_, it)| it.id.to_owned());
            let elsewhere = bindings().filter(|(other, it)| *other != place && it.id == command);
            let elsewhere = elsewhere.map(|(other, it)| format!("{}.{}", other.name(), it.id)).next();
            return Err(match elsewhere {
                Some(name) => format!("no such command there; {name}?"),
                None => unknown("no such command", command, here),
            });
        };
        if place.is_fixed() {
            return Err("the keys for typing stay as they are".to_owned());
        }
        let Some(keys) = &setting.keys else {
            return Err("expected a key or a list of keys, such as \"a\" or [\"a\", \"ctrl-l\"]".to_owned());
        };
        let read = |text: &'a String| (text.as_str(), text.parse::<Key>().map_err(|error| error.to_string()));
        Ok(Self { line: setting.line, place, binding, keys: keys.iter().map(read).collect() })
    }

    fn is(&self, (place, binding): (Place, &'static Binding)) -> bool {
        self.place == place && std::ptr::eq(self.binding, binding)
    }

    /// The keys that it may have, if no other command has them; `None` where there is a mistake in all that is written.
    fn keys(&self) -> Option<Vec<Key>> {
        let read = self.keys.iter().filter_map(|(_, key)| key.as_ref().ok());
        let keys: Vec<_> = read.filter(|key| fixed(self.place, **key).is_none()).copied().collect();
        (!keys.is_empty() || self.keys.is_empty()).then_some(keys)
    }

    /// The keys that it has, where all commands have theirs and those before it have settled; and why not the others.
    fn settle(&self, keymap: &Keymap, (before, after): (&[Self], &[Self])) -> (Vec<Key>, Vec<String>) {
        let (mut allowed, mut problems) = (Vec::new(), Vec::new());
        // What is written below has its turn later.
        let later = |rival| after.iter().any(|below| below.is(rival) && below.keys().is_some());
        for (spelled, key) in &self.keys {
            let key = match key {
                Ok(key) => *key,
                Err(why) => {
                    problems.push(why.clone());
                    continue;
                }
            };
            let stays = is_fixed(key) && self.binding.keys.contains(&key);
            match refused(keymap, self.place, self.binding, key, later).filter(|_| !stays) {
                None if stays || allowed.contains(&key) => {}
                None => allowed.push(key),
                Some(why) => problems.push(format!("{} {}", text::visible(spelled), why.words(before))),
            }
        }
        // Nothing of what was wanted can be had: the key of the table stays, if it is still there.
        if allowed.is_empty() && !problems.is_empty() {
            let free = |key: &&Key| keymap.rivals(self.place, self.binding, **key).next().is_none();
            allowed.extend(self.binding.keys.iter().filter(free));
        }
        (allowed, problems)
    }

    /// All that is wrong with it.
    fn mistake(&self, keymap: &Keymap, problems: &[String]) -> Mistake {
        let name = format!("keys.{}.{}", self.place.name(), self.binding.id);
        // Who has misspelt a key wants another one, and no advice.
        let free = if self.keys.iter().any(|(_, key)| key.is_ok()) {
            free_words(keymap, self.place, self.binding)
        } else {
            String::new()
        };
        (self.line, report(self.line, &name, &format!("{}{free}", problems.join("; "))))
    }
}

/// Why a command cannot have a key.
enum Refused {
    Fixed(&'static str),
    Taken(Place, &'static Binding),
}

impl Refused {
    /// As it is said of a file of which `before` has settled.
    fn words(&self, before: &[Written<'_>]) -> String {
        match *self {
            Self::Fixed(why) => why.to_owned(),
            Self::Taken(place, other) => match before.iter().find(|written| written.is((place, other))) {
                Some(written) => format!("is taken by {}.{}, line {}", place.name(), other.id, written.line),
                None => format!("{} and stays so", meaning(place, other)),
            },
        }
    }
}

/// Why no command of the place can have a key.
fn fixed(place: Place, key: Key) -> Option<&'static str> {
    let typed = matches!(key, Key { code: KeyCode::Char(_), ctrl: false, alt: false });
    match key {
        key if is_fixed(key) => Some("closes, cancels or quits and stays so"),
        _ if place == Place::Everywhere && typed => Some("could not be typed any more"),
        _ => None,
    }
}

fn refused(
    keymap: &Keymap,
    place: Place,
    binding: &'static Binding,
    key: Key,
    yields: impl Fn((Place, &'static Binding)) -> bool,
) -> Option<Refused> {
    let rival = || keymap.rivals(place, binding, key).find(|rival| !yields(*rival));
    let taken = || rival().map(|(other, it)| Refused::Taken(other, it));
    fixed(place, key).map(Refused::Fixed).or_else(taken)
}

/// Why a command cannot be bound to a key, and what is free instead: for whom presses it.
pub(crate) fn why_not(keymap: &Keymap, place: Place, binding: &'static Binding, key: Key) -> Option<String> {
    let why = match refused(keymap, place, binding, key, |_| false)? {
        Refused::Fixed(why) => why.to_owned(),
        Refused::Taken(other, it) => meaning(other, it),
    };
    Some(format!("{key} {why}{}", free_words(keymap, place, binding)))
}

/// `is redraw everywhere`.
fn meaning(place: Place, binding: &Binding) -> String {
    match place {
        Place::Everywhere => format!("is {} everywhere", binding.id),
        place => format!("is {}.{}", place.name(), binding.id),
    }
}

fn free_words(keymap: &Keymap, place: Place, binding: &'static Binding) -> String {
    let free: Vec<_> = keymap.free(place, binding).iter().map(Key::to_string).collect();
    if free.is_empty() { String::new() } else { format!(". Free here: {}", free.join(" ")) }
}

/// `keys.tokens.copy-header`, as it is written.
fn name(setting: &KeyBinding) -> String {
    let names = [Some(&setting.place), setting.command.as_ref()];
    let names = names.into_iter().flatten().map(|name| text::visible(name).into_owned());
    std::iter::once("keys".to_owned()).chain(names).collect::<Vec<_>>().join(".")
}

fn report(line: usize, name: &str, why: &str) -> String {
    format!("config.toml:{line}: {name}: {why}")
}

/// What does not exist, and what it may have been meant to be.
fn unknown(what: &str, word: &str, names: impl Iterator<Item = String>) -> String {
    /// From here on, two words look alike: it is the threshold that clap has.
    const ALIKE: f64 = 0.7;
    let scored = names.map(|name| (strsim::jaro(word, &name), name)).filter(|(score, _)| *score > ALIKE);
    match scored.max_by(|one, other| one.0.total_cmp(&other.0)) {
        Some((_, name)) => format!("{what}; {name}?"),
        None => format!("{what}; `tokscope keys` lists all"),
    }
}
