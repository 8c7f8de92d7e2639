//! A key as the app knows it, and as it is written: in the key bar, in the settings, in tests. The runtime translates; no
//! terminal library is named here.

use std::{fmt, str::FromStr};

use crate::text;

/// A key press with its modifiers. Shift is part of a character and a modifier only for named keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Key {
    /// Which one.
    pub code: KeyCode,
    /// Control held.
    pub ctrl: bool,
    /// Alt held.
    pub alt: bool,
}

/// Which key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "the names say it")]
pub enum KeyCode {
    Char(char),
    Enter,
    Esc,
    Tab,
    BackTab,
    Backspace,
    Delete,
    Up,
    Down,
    Left,
    Right,
    Home,
    End,
    PageUp,
    PageDown,
    F(u8),
}

/// The keys that have a name: as it is shown, and as else it may be written, where case does not count.
const NAMES: [(KeyCode, &str, &[&str]); 15] = [
    (KeyCode::Char(' '), "Space", &[]),
    (KeyCode::Enter, "Enter", &["Return"]),
    (KeyCode::Esc, "Esc", &["Escape"]),
    (KeyCode::Tab, "Tab", &[]),
    (KeyCode::BackTab, "S-Tab", &["BackTab"]),
    (KeyCode::Backspace, "Backspace", &[]),
    (KeyCode::Delete, "Delete", &["Del"]),
    (KeyCode::Up, "↑", &["Up"]),
    (KeyCode::Down, "↓", &["Down"]),
    (KeyCode::Left, "←", &["Left"]),
    (KeyCode::Right, "→", &["Right"]),
    (KeyCode::Home, "Home", &[]),
    (KeyCode::End, "End", &[]),
    (KeyCode::PageUp, "PgUp", &["PageUp"]),
    (KeyCode::PageDown, "PgDn", &["PageDown"]),
];

impl Key {
    /// A key without modifiers.
    pub const fn plain(code: KeyCode) -> Self {
        Self { code, ctrl: false, alt: false }
    }

    /// A character.
    pub const fn char(c: char) -> Self {
        Self::plain(KeyCode::Char(c))
    }

    /// Control and a character.
    pub const fn ctrl(c: char) -> Self {
        Self { code: KeyCode::Char(c), ctrl: true, alt: false }
    }

    /// Alt and a character.
    pub const fn alt(c: char) -> Self {
        Self { code: KeyCode::Char(c), ctrl: false, alt: true }
    }
}

/// `^C`, `Enter`, `q`: as the key bar writes it. What is written can be read again.
impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.ctrl {
            f.write_str("^")?;
        }
        if self.alt {
            f.write_str("Alt-")?;
        }
        match self.code {
            KeyCode::Char(c) if c != ' ' && self.ctrl => write!(f, "{}", c.to_ascii_uppercase()),
            KeyCode::Char(c) if c != ' ' => write!(f, "{c}"),
            KeyCode::F(n) => write!(f, "F{n}"),
            code => f.write_str(NAMES.iter().find(|(named, ..)| *named == code).map_or("", |(_, name, _)| name)),
        }
    }
}

/// Why a text is not a key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyNameError {
    /// Nothing, or modifiers alone.
    #[error("no key given")]
    Empty,
    /// No key has this name.
    #[error("unknown key {0}; examples: a, ctrl-l, alt-x, F11, S-Tab, Space")]
    Unknown(String),
    /// Terminals report Shift only as another character, and for Tab.
    #[error("Shift is not distinguished here; write the character itself, such as A for shift-a")]
    Shift,
    /// Terminals send the same for both.
    #[error("terminals send ctrl-{0} as {1}; write {1}")]
    Same(char, Key),
}

/// `a`, `ctrl-l` or `^L`, `alt-x`, `F11`, `S-Tab`, `Space`: the names in any case, a character as it is typed.
impl FromStr for Key {
    type Err = KeyNameError;

    fn from_str(text: &str) -> Result<Self, KeyNameError> {
        let (mut ctrl, mut alt, mut shift) = (false, false, false);
        let mut rest = text;
        // A character alone is itself: `^` and `-` are keys, too.
        while rest.chars().nth(1).is_some() {
            let strip = |prefix: &str| {
                let begins = rest.get(..prefix.len())?.eq_ignore_ascii_case(prefix);
                begins.then(|| &rest[prefix.len()..])
            };
            let (held, after) = if let Some(after) = strip("^").or_else(|| strip("ctrl-")) {
                (&mut ctrl, after)
            } else if let Some(after) = strip("alt-") {
                (&mut alt, after)
            } else if let Some(after) = strip("shift-").or_else(|| strip("s-")) {
                (&mut shift, after)
            } else {
                break;
            };
            *held = true;
            rest = after;
        }
        let code = match code(rest)? {
            KeyCode::Tab if shift => KeyCode::BackTab,
            _ if shift => return Err(KeyNameError::Shift),
            KeyCode::Char(c) if ctrl => KeyCode::Char(c.to_ascii_lowercase()),
            code => code,
        };
        let same = match code {
            KeyCode::Char('i') => Some(KeyCode::Tab),
            KeyCode::Char('j' | 'm') => Some(KeyCode::Enter),
            KeyCode::Char('[') => Some(KeyCode::Esc),
            _ => None,
        };
        match (code, same) {
            (KeyCode::Char(c), Some(same)) if ctrl => Err(KeyNameError::Same(c, Self { code: same, ctrl: false, alt })),
            _ => Ok(Self { code, ctrl, alt }),
        }
    }
}

/// A key without its modifiers.
fn code(name: &str) -> Result<KeyCode, KeyNameError> {
    let unknown = || KeyNameError::Unknown(text::visible(name).into_owned());
    let mut chars = name.chars();
    let named = |(_, shown, also): &&(KeyCode, &str, &[&str])| {
        std::iter::once(shown).chain(*also).any(|other| other.eq_ignore_ascii_case(name))
    };
    if let Some((code, ..)) = NAMES.iter().find(named) {
        return Ok(*code);
    }
    match (chars.next(), chars.as_str()) {
        (None, _) => Err(KeyNameError::Empty),
        (Some(c), "") if c == ' ' || !(c.is_control() || c.is_whitespace()) => Ok(KeyCode::Char(c)),
        (Some('F' | 'f'), number) => match number.parse() {
            Ok(n @ 1..=24) if !number.starts_with(['0', '+']) => Ok(KeyCode::F(n)),
            _ => Err(unknown()),
        },
        _ => Err(unknown()),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_key_is_read_in_every_spelling() {
        let alt = |code| Key { alt: true, ..Key::plain(code) };
        for (text, key) in [
            ("a", Key::char('a')),
            ("A", Key::char('A')),
            ("é", Key::char('é')),
            ("^", Key::char('^')),
            ("-", Key::char('-')),
            ("s", Key::char('s')),
            (" ", Key::char(' ')),
            ("Space", Key::char(' ')),
            ("ctrl-l", Key::ctrl('l')),
            ("Ctrl-L", Key::ctrl('l')),
            ("^L", Key::ctrl('l')),
            ("^^", Key::ctrl('^')),
            ("ctrl--", Key::ctrl('-')),
            ("ctrl-space", Key::ctrl(' ')),
            ("alt-x", alt(KeyCode::Char('x'))),
            ("alt-X", alt(KeyCode::Char('X'))),
            ("alt-enter", alt(KeyCode::Enter)),
            ("ctrl-alt-x", Key { alt: true, ..Key::ctrl('x') }),
            ("F1", Key::plain(KeyCode::F(1))),
            ("f11", Key::plain(KeyCode::F(11))),
            ("f", Key::char('f')),
            ("S-Tab", Key::plain(KeyCode::BackTab)),
            ("shift-tab", Key::plain(KeyCode::BackTab)),
            ("enter", Key::plain(KeyCode::Enter)),
            ("Return", Key::plain(KeyCode::Enter)),
            ("Escape", Key::plain(KeyCode::Esc)),
            ("PgDn", Key::plain(KeyCode::PageDown)),
            ("pagedown", Key::plain(KeyCode::PageDown)),
            ("up", Key::plain(KeyCode::Up)),
            ("→", Key::plain(KeyCode::Right)),
        ] {
            assert_eq!(text.parse(), Ok(key), "{text}");
        }
    }

    #[test]
    fn what_is_not_a_key_is_refused_with_the_reason() {
        for (text, words) in [
            ("", "no key given"),
            ("ctrl-", "no key given"),
            ("foo", "unknown key foo; examples: a, ctrl-l, alt-x, F11, S-Tab, Space"),
            ("ctrl-foo", "unknown key foo; examples: a, ctrl-l, alt-x, F11, S-Tab, Space"),
            ("ctrl+l", "unknown key ctrl+l; examples: a, ctrl-l, alt-x, F11, S-Tab, Space"),
            ("F0", "unknown key F0; examples: a, ctrl-l, alt-x, F11, S-Tab, Space"),
            ("F25", "unknown key F25; examples: a, ctrl-l, alt-x, F11, S-Tab, Space"),
            ("\u{7}", "unknown key \\u{7}; examples: a, ctrl-l, alt-x, F11, S-Tab, Space"),
            ("shift-a", "Shift is not distinguished here; write the character itself, such as A for shift-a"),
            ("S-Enter", "Shift is not distinguished here; write the character itself, such as A for shift-a"),
            ("ctrl-i", "terminals send ctrl-i as Tab; write Tab"),
            ("^M", "terminals send ctrl-m as Enter; write Enter"),
            ("alt-^[", "terminals send ctrl-[ as Alt-Esc; write Alt-Esc"),
        ] {
            assert_eq!(text.parse::<Key>().map_err(|error| error.to_string()), Err(words.to_owned()), "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_shown_is_read_again(c: char, named in 0..NAMES.len() + 24, chars: bool, ctrl: bool, alt: bool) {
            let code = match NAMES.get(named) {
                _ if chars && ctrl => KeyCode::Char(c.to_ascii_lowercase()),
                _ if chars => KeyCode::Char(c),
                Some((code, ..)) => *code,
                None => KeyCode::F((named - NAMES.len() + 1) as u8),
            };
            // A terminal does not send these as themselves.
            let odd = |c: char| c.is_control() || (c.is_whitespace() && c != ' ') || (ctrl && "ijm[".contains(c));
            prop_assume!(!matches!(code, KeyCode::Char(c) if odd(c)));
            // An arrow that is typed as a character is shown as the key is.
            prop_assume!(!matches!(code, KeyCode::Char('↑' | '↓' | '←' | '→')));
            let key = Key { code, ctrl, alt };
            prop_assert_eq!(key.to_string().parse(), Ok(key));
        }

        #[test]
        fn no_text_makes_the_reader_panic(text: String) {
            let _ = text.parse::<Key>();
        }
    }
}
