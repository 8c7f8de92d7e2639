//! Keys in messages: words name a command, and whoever reads them sees its key.

use std::borrow::Cow;

use super::{Keymap, Place, in_place, named, place};
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
    /// called by its name: `: unlock`. Only words of the program's own are filled; foreign ones name no command.
    pub(crate) fn hint(&self, words: &'static str) -> Cow<'static, str> {
        fill(words, |name| key(&self.keymap, place::all(self), name))
    }

    /// The same for words that are drawn at once: their keys stand out, and a click on one presses it.
    pub(crate) fn keyed(&self, words: &'static str) -> Cow<'static, str> {
        fill(words, |name| format!("{MARK}{}{MARK}", key(&self.keymap, place::all(self), name)))
    }
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

/// The key of a command, for a reader who is here.
fn key(keymap: &Keymap, here: impl IntoIterator<Item = Place>, name: &str) -> String {
    let found = here.into_iter().find_map(|place| Some((place, in_place(place, name)?))).or_else(|| named(name));
    found.map_or_else(|| format!(": {name}"), |(place, binding)| keymap.text(place, binding))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_the_one_where_it_is_read() {
        let tokens = [Place::Tokens, Place::Panes, Place::Everywhere];
        let editor = [Place::Editor, Place::Everywhere];
        for (here, name, wanted) in [
            (&tokens[..], "undo", "u"),
            (&editor, "undo", "^Y"),
            (&editor, "panes.undo", "u"),
            (&editor, "unlock", "L"),
            (&tokens, "quit", "q"),
            (&editor, "quit", "^C"),
            (&tokens, "copy-as.curl", "C c"),
            (&tokens, "refersh", ": refersh"),
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
