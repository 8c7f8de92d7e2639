//! Messages name commands, not keys: a key that stands in the words of a message is wrong as soon as it is bound anew.
//! This reads the string literals of the sources, and looks for both.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::{fs, path::Path};

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use tokscope::tui::app::keymap;

/// Keys that may be named: where, which, and why.
const ALLOWED: [(&str, &str, &str); 2] = [
    ("src/cli/", "Ctrl-C", "it belongs to the terminal and interrupts any program; no binding changes it"),
    ("src/tui/view/compare.rs", "B", "the two that are compared are called A and B"),
];

/// Where keys have their names.
const NAMED: &str = "src/tui/app/key.rs";

/// Names that mean nothing but a key.
const KEYS: [&str; 11] =
    ["Esc", "Escape", "PgUp", "PgDn", "PageUp", "PageDown", "S-Tab", "BackTab", "Backspace", "↑", "↓"];

/// Names of keys that are words, too: they are keys where they do something.
const WORDS: [&str; 9] = ["Enter", "Return", "Tab", "Space", "Delete", "Home", "End", "←", "→"];

/// What a key is pressed with.
const PRESSED: [&str; 4] = ["press", "Press", "pressing", "hit"];

#[test]
fn no_message_names_a_key_by_hand() {
    let mut found = Vec::new();
    for (path, source) in sources() {
        for text in literals(&source).iter().filter(|_| path != NAMED) {
            let allowed = |key: &str| ALLOWED.iter().any(|(at, which, _)| path.starts_with(at) && *which == key);
            let key = key_in(text, path.starts_with("src/tui/")).filter(|key| !allowed(key));
            found.extend(key.map(|key| format!("{path}: {key} in {text:?}")));
        }
    }
    assert!(found.is_empty(), "write {{key:COMMAND}} instead, as `Model::hint` has it:\n{}", found.join("\n"));
}

#[test]
fn every_command_that_a_message_names_has_a_key() {
    let mut count = 0;
    for (path, source) in sources().into_iter().filter(|(path, _)| path != "src/tui/app/keymap/hint.rs") {
        for text in literals(&source) {
            for name in commands_in(&text).flat_map(|names| names.split('|')) {
                let bound = keymap::command(name).is_some_and(|command| !command.keys.is_empty());
                assert!(bound, "{path}: no command {name} with a key, in {text:?}");
                count += 1;
            }
        }
    }
    assert!(count >= 28, "only {count} commands are named: are they looked for as they are written?");
}

/// What is forgotten to be filled in would be seen.
#[test]
fn no_golden_screen_shows_the_name_of_a_command() {
    let screens = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/screens");
    let mut screens = fs::read_dir(screens).unwrap().map(|entry| entry.unwrap().path()).peekable();
    assert!(screens.peek().is_some());
    for screen in screens {
        assert!(!fs::read_to_string(&screen).unwrap().contains("{key:"), "{}", screen.display());
    }
}

#[test]
fn planted_keys_are_found() {
    for (text, key) in [
        ("L unlocks it", "L"),
        ("no key for it; K gives one", "K"),
        ("r refreshes it", "r"),
        ("a copies the header", "a"),
        ("fix the file, then press ^R", "^R"),
        ("fix the file, then press `^R`.", "^R"),
        ("looking for keys; Esc cancels", "Esc"),
        ("Enter saves the profile", "Enter"),
        ("Space marks", "Space"),
        ("press Enter", "Enter"),
        ("press a", "a"),
        ("F1 shows all", "F1"),
        ("Ctrl-C gives up", "Ctrl-C"),
        ("alt-x would do", "alt-x"),
        ("logins and refreshes use the real time; @ returns to it", "@"),
        ("kept until then (p does it)", "p"),
        ("`x` would revoke them there", "x"),
    ] {
        assert_eq!(key_in(text, false), Some(key), "{text}");
        let source = format!("#[error({text:?})] fn f() {{ g(&[format!({text:?})]) }}");
        assert_eq!(literals(&source), [text, text]);
    }
    // The terminal program has no other use for a letter that stands alone.
    for (text, key) in [
        ("or log in with a profile: l", "l"),
        ("contains a token: o in the Claims tab opens it", "o"),
        ("r or l makes one", "r"),
        ("y", "y"),
        (" ▲ time travel · @ back to now ", "@"),
        (" · ← → choose", "←"),
    ] {
        assert_eq!(key_in(text, true), Some(key), "{text}");
    }
}

#[test]
fn other_words_are_no_keys() {
    for text in [
        "{key:unlock} unlocks it",
        "a token is inside",
        "Enter this code:",
        "Delete the profile",
        "Home folder: /home",
        "End of life",
        "the access token has no expiry",
        "I is a letter",
        "the tokens are identical, byte for byte",
        "With + and /, padding or none.",
        "letters, digits and - _ . @",
        "took {:.1} s",
        "F123 has no place on a keyboard",
        "α unlocks",
    ] {
        assert_eq!(key_in(text, true), None, "{text}");
    }
    for text in ["d is not as long as the curve has it", "the parameter n", "x: y"] {
        assert_eq!(key_in(text, false), None, "{text}");
    }
    for text in ["show less time: 8 h, 1 h, 5 m", "{} h"] {
        assert_eq!(key_in(text, true), None, "{text}");
    }
    // Comments, tests and what is no text of a program are left out.
    let source = r##"
        //! Esc in a comment
        /// Esc in the documentation
        #[cfg(test)]
        mod tests { const TEXT: &str = "Esc in a test"; }
        #[cfg(test)]
        mod elsewhere;
        #[allow(dead_code, reason = "Esc in a reason")]
        const TEXT: (&str, char, &[u8]) = (r#"said "so""#, 'L', b"Esc");
        const LONG: &str = "one \
                            line\n";
    "##;
    assert_eq!(literals(source), [r#"said "so""#, "one line\n"]);
}

/// The key that a text names. `screen`: it is a text of the terminal program.
fn key_in(text: &str, screen: bool) -> Option<&str> {
    let words: Vec<&str> = text.split_whitespace().map(bare).collect();
    let word = |at: Option<usize>| at.and_then(|at| words.get(at)).copied().unwrap_or_default();
    (0..words.len()).map(|at| (word(at.checked_sub(1)), words[at], word(Some(at + 1)))).find_map(
        |(before, key, after)| {
            let used = PRESSED.contains(&before) || does(after) || text.contains(&format!("`{key}`"));
            let named = match key {
                _ if KEYS.contains(&key) || chord(key) => true,
                "←" | "→" => words.contains(&"←") && words.contains(&"→"),
                "?" | "@" | "/" | "+" => used || before == "·",
                _ if WORDS.contains(&key) => used,
                "a" | "A" | "I" => used,
                // Behind a number it is a unit: `8 h`.
                _ if single(key) => used || (screen && !before.ends_with(|c: char| c == '}' || c.is_ascii_digit())),
                _ => false,
            };
            named.then_some(key)
        },
    )
}

/// A word without the punctuation around it.
fn bare(word: &str) -> &str {
    word.trim_matches(|c: char| ",;.:()`'\"".contains(c))
}

/// `^R`, `Ctrl-C`, `Alt-x`, `F1`.
fn chord(word: &str) -> bool {
    let held = ["ctrl-", "ctrl+", "alt-", "alt+"];
    let lower = word.to_ascii_lowercase();
    word.strip_prefix('^').is_some_and(single)
        || held.iter().any(|held| lower.strip_prefix(held).is_some_and(single))
        || word.strip_prefix('F').is_some_and(|number| (1..=2).contains(&number.len()) && number.parse::<u8>().is_ok())
}

/// A letter alone.
fn single(word: &str) -> bool {
    word.len() == 1 && word.bytes().all(|b| b.is_ascii_alphabetic())
}

/// `unlocks`, `copies`: what a key does. What values are said to do (`is`, `has`) is shorter.
fn does(word: &str) -> bool {
    let verb = word.len() > 3 && word.ends_with('s') && !word.ends_with("ss") && word != "this";
    verb && word.bytes().all(|b| b.is_ascii_lowercase())
}

/// The names in `{key:unlock}`.
fn commands_in(text: &str) -> impl Iterator<Item = &str> {
    text.split("{key:").skip(1).filter_map(|rest| Some(rest.split_once('}')?.0))
}

/// The sources with their paths, but for files of tests.
fn sources() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut left = vec![root.join("src")];
    let mut found = Vec::new();
    while let Some(path) = left.pop() {
        let inside = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
        if path.is_dir() {
            left.extend(fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
        } else if inside.ends_with(".rs") && !inside.ends_with("tests.rs") && !inside.contains("/tests/") {
            found.push((inside, fs::read_to_string(&path).unwrap()));
        }
    }
    assert!(found.len() > 100);
    found
}

/// The string literals of a source: what is written in its code and in the messages of `#[error]`, not in its comments,
/// other attributes and tests.
fn literals(source: &str) -> Vec<String> {
    let mut found = Vec::new();
    walk(source.parse().unwrap(), &mut found);
    found
}

fn walk(tokens: TokenStream, found: &mut Vec<String>) {
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Punct(punct) if punct.as_char() == '#' => {
                tokens.next_if(|next| matches!(next, TokenTree::Punct(punct) if punct.as_char() == '!'));
                let Some(TokenTree::Group(attribute)) = tokens.next() else { continue };
                let attribute = attribute.stream();
                match attribute.to_string().replace(' ', "").as_str() {
                    // The item that it stands before ends with its body or with a semicolon.
                    "cfg(test)" => _ = tokens.by_ref().find(ends_item),
                    words if words.starts_with("error(") => walk(attribute, found),
                    _ => {}
                }
            }
            TokenTree::Group(group) => walk(group.stream(), found),
            TokenTree::Literal(literal) => found.extend(text(&literal.to_string())),
            TokenTree::Punct(_) | TokenTree::Ident(_) => {}
        }
    }
}

fn ends_item(token: &TokenTree) -> bool {
    match token {
        TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
        TokenTree::Punct(punct) => punct.as_char() == ';',
        _ => false,
    }
}

/// What a string literal says; nothing for other literals.
fn text(literal: &str) -> Option<String> {
    if let Some(raw) = literal.strip_prefix('r') {
        let raw = raw.trim_matches('#');
        return Some(raw.strip_prefix('"')?.strip_suffix('"')?.to_owned());
    }
    let text = literal.strip_prefix('"')?.strip_suffix('"')?;
    // A line that ends in a backslash goes on where the next one begins.
    let mut lines = text.split("\\\n");
    let first = lines.next().unwrap_or_default().to_owned();
    let text = lines.fold(first, |text, line| text + line.trim_start());
    Some(text.replace("\\n", "\n").replace("\\\"", "\"").replace("\\\\", "\\"))
}
