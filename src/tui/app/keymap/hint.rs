//! Keys in messages: words name a command, and whoever reads them sees its key.

use std::borrow::Cow;

use super::{Keymap, Place, in_place, lookup, named, place, table};
use crate::tui::app::Model;

/// Stands before and behind a key in words that are drawn at once. It takes no column, and no foreign text has it.
pub(crate) const MARK: char = '\u{2060}';

/// How a command begins in a message …
const OPEN: &str = "{key:";
/// … and how it ends.
const CLOSE: char = '}';

impl Model {
    /// The words with the keys of the commands in them: `{key:unlock} unlocks it` is `L unlocks it`. A command is the one
    /// of the place where the user is, unless the place is named: `{key:tokens.delete}`. One without a key can still be
    /// called by its name: `: unlock`; one of another pane is reached through that: `2 K`. Of several, `{key:refresh|log-in}`,
    /// the first that can be run is meant. Only words of the program's own are filled; foreign ones name no command.
    pub(crate) fn hint(&self, words: &'static str) -> Cow<'static, str> {
        note_dead(self, words);
        fill(words, |names| key(&self.keymap, place::all(self), self.running(names)))
    }

    /// The same for words that are drawn at once: their keys stand out, and a click on one presses it.
    pub(crate) fn keyed(&self, words: &'static str) -> Cow<'static, str> {
        note_dead(self, words);
        fill(words, |names| format!("{MARK}{}{MARK}", key(&self.keymap, place::all(self), self.running(names))))
    }

    /// The same, where the first command that they name can be run from where they are read.
    pub(crate) fn keyed_that_works(&self, words: &'static str) -> Option<Cow<'static, str>> {
        works(self, words).then(|| self.keyed(words))
    }

    /// The same, where the first command that they name can be run from where they are read.
    pub(crate) fn hint_that_works(&self, words: &'static str) -> Option<Cow<'static, str>> {
        works(self, words).then(|| self.hint(words))
    }

    /// Of several commands the first that can be run.
    fn running<'a>(&self, names: &'a str) -> &'a str {
        let mut all = names.split('|');
        let first = all.next().unwrap_or_default();
        std::iter::once(first).chain(all).find(|name| runs(self, name)).unwrap_or(first)
    }
}

/// Whether the first command that is named acts on a profile: then it matters on which.
pub(crate) fn is_for_profile(words: &str) -> bool {
    let names = words.split_once(OPEN).and_then(|(_, rest)| rest.split_once(CLOSE)).map_or("", |(names, _)| names);
    let acts = |id: &str| table().any(|it| it.id == id && it.works_in(Place::ProfilePage) && !it.works_in(Place::Page));
    names.split('|').any(|name| acts(name.rsplit('.').next().unwrap_or(name)))
}

/// Whether the first command that is named can be run: what comes after it may become possible by it.
fn works(model: &Model, words: &str) -> bool {
    let names = words.split_once(OPEN).and_then(|(_, rest)| rest.split_once(CLOSE)).map(|(names, _)| names);
    names.is_none_or(|names| names.split('|').any(|name| runs(model, name)))
}

/// Whether a command does something from where the user is: by its key, or through its pane, or called by its name.
fn runs(model: &Model, name: &str) -> bool {
    let here = place::of(model);
    let found = here.iter().find_map(|place| Some((*place, in_place(*place, name)?))).or_else(|| named(name));
    let Some((place, binding)) = found.filter(|(_, binding)| (binding.offer)(model).is_some()) else { return false };
    let place = place.prefix().map_or(place, |_| place::beneath(model)[0]);
    match model.keys(place, binding).first().filter(|_| here.contains(&place)) {
        Some(key) => place.prefix().is_some() || lookup(model, *key).is_some_and(|it| std::ptr::eq(it, binding)),
        None => model.modes.is_empty(),
    }
}

/// In debug builds it is noted what was hinted at and does nothing, for scenarios to look at.
#[cfg(debug_assertions)]
fn note_dead(model: &Model, words: &'static str) {
    const NOTED: usize = 64;
    // What lies beneath is read when it is on top again.
    let named = words.split_once(OPEN).and_then(|(_, rest)| rest.split_once(CLOSE)).map_or("", |(name, _)| name);
    let on_top = || place::of(model).iter().any(|place| in_place(*place, named).is_some());
    if (model.modes.is_empty() || on_top()) && !works(model, words) {
        DEAD.with_borrow_mut(|dead| dead.extend(Some(words).filter(|_| dead.len() < NOTED)));
    }
}

#[cfg(not(debug_assertions))]
fn note_dead(_: &Model, _: &'static str) {}

#[cfg(debug_assertions)]
thread_local! {
    static DEAD: std::cell::RefCell<Vec<&'static str>> = const { std::cell::RefCell::new(Vec::new()) };
}

/// The hints of this thread that named a command which did nothing where they were read, since the last call.
#[cfg(debug_assertions)]
pub fn dead_hints() -> Vec<&'static str> {
    DEAD.take()
}

/// The keys on the page or in the entry of the log on top that do nothing there, for scenarios to look at.
#[cfg(debug_assertions)]
pub fn dead_keys(model: &Model) -> Vec<String> {
    use crate::tui::app::{key::Key, mode::Mode, page::Line};
    let lines: &[Line] = match model.modes.top() {
        Some(Mode::Page(page)) => &page.lines,
        Some(Mode::Log(log)) => &log.details,
        _ => &[],
    };
    let alive = |text: &&str| {
        let binding = text.parse::<Key>().ok().and_then(|key| lookup(model, key));
        text.starts_with(':') || binding.is_some_and(|it| (it.offer)(model).is_some())
    };
    let texts = lines.iter().flat_map(|line| line.text.split(MARK).skip(1).step_by(2));
    texts.filter(|text| !alive(text)).map(str::to_owned).collect()
}

/// Replaces the names of commands.
fn fill(words: &'static str, key: impl Fn(&str) -> String) -> Cow<'static, str> {
    let mut rest = words;
    let mut filled = String::new();
    while let Some((before, (name, after))) =
        rest.split_once(OPEN).and_then(|(before, after)| Some((before, after.split_once(CLOSE)?)))
    {
        filled += before;
        filled += &key(name);
        rest = after;
    }
    if rest.len() == words.len() { words.into() } else { (filled + rest).into() }
}

/// The key of a command, for a reader who is here; one of another pane comes after the key that goes there.
fn key(keymap: &Keymap, here: impl IntoIterator<Item = Place>, name: &str) -> String {
    let here: Vec<_> = here.into_iter().collect();
    let found = here.iter().find_map(|place| Some((*place, in_place(*place, name)?))).or_else(|| named(name));
    let Some((place, binding)) = found else { return format!(": {name}") };
    let text = keymap.text(place, binding);
    let way = place.pane().filter(|(_, from)| !here.iter().any(|place| from.contains(place)));
    match way.and_then(|(way, _)| in_place(Place::Panes, way)).filter(|_| !text.starts_with(':')) {
        Some(way) => format!("{} {text}", keymap.text(Place::Panes, way)),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_the_one_where_it_is_read() {
        let tokens = [Place::Tokens, Place::Panes, Place::Everywhere];
        let tree = [Place::Profiles, Place::Panes, Place::Everywhere];
        let editor = [Place::Editor, Place::Everywhere];
        for (here, name, wanted) in [
            (&tokens[..], "undo", "u"),
            (&editor, "undo", "u"),
            (&editor, "undo-typing", "^Y"),
            (&editor, "panes.undo", "u"),
            (&editor, "unlock", "L"),
            (&tokens, "quit", "q"),
            (&editor, "quit", "^C"),
            (&tokens, "copy-as.curl", "C c"),
            (&tokens, "refersh", ": refersh"),
            (&tree, "give-key", "2 K"),
            (&tree, "inspector.copy-value", "3 y"),
            (&tree, "copy-as.curl", "2 C c"),
            (&tree, "refresh", "r"),
            (&tokens, "profiles.new", "1 n"),
        ] {
            assert_eq!(key(&Keymap::default(), here.iter().copied(), name), wanted, "{name} {here:?}");
        }
    }

    #[test]
    fn commands_become_keys_and_other_braces_stay() {
        let key = |name: &str| match name {
            "unlock" => "L".to_owned(),
            "tokens.delete" => "d".to_owned(),
            name => format!(": {name}"),
        };
        for (words, filled) in [
            ("", ""),
            ("no command", "no command"),
            ("{key:unlock} unlocks it", "L unlocks it"),
            ("{key:unlock}", "L"),
            ("press {key:unlock} or {key:tokens.delete}", "press L or d"),
            ("{key:free} has no key", ": free has no key"),
            ("{unlock} {key:unlock", "{unlock} {key:unlock"),
        ] {
            assert_eq!(fill(words, key), filled);
        }
    }
}
