//! The badge of an environment, which never leaves the screen where a mistake would hurt.

use unicode_width::UnicodeWidthStr as _;

use super::Protected;
use crate::text;

/// An environment in as few cells as tell it apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Badge {
    /// At most four columns; sanitized.
    pub text: String,
    /// It stands in capitals and is never left out.
    pub protected: bool,
}

impl Protected {
    /// `PROD`: the first four letters of a protected environment in capitals. `stg`: three small ones of another, the first
    /// and the consonants after it, by which names are told apart; a name of up to three letters is itself.
    pub fn badge(&self, environment: &str) -> Option<Badge> {
        let name = environment.trim();
        let protected = self.covers(name);
        let (name, columns) = if protected { (name.to_uppercase(), 4) } else { (name.to_lowercase(), 3) };
        let name = text::visible(&name);
        let text = if protected { head(&name, columns) } else { short(&name, columns) };
        (!text.is_empty()).then_some(Badge { text, protected })
    }
}

/// The first character and the consonants after it, as many as fit; the head of a name that is short or has too few.
fn short(name: &str, columns: usize) -> String {
    let mut letters = name.chars().filter(|c| c.is_alphanumeric());
    let first = letters.next();
    let consonants = letters.filter(|c| !"aeiou".contains(*c));
    let short = head(&first.into_iter().chain(consonants).collect::<String>(), columns);
    if name.width() <= columns || short.width() < columns { head(name, columns) } else { short }
}

/// As many of the first characters as fit into so many columns.
fn head(text: &str, columns: usize) -> String {
    let mut head = String::new();
    for c in text.chars() {
        head.push(c);
        if head.width() > columns {
            head.pop();
            break;
        }
    }
    head
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_badge_has_four_capitals_or_three_small_letters() {
        let protected = Protected::new(["prod*", "日*", "p\u{202e}*", "l*"].map(str::to_owned));
        let badge = |name| protected.badge(name).map(|badge| (badge.text, badge.protected));
        let some = |text: &str, protected| Some((text.to_owned(), protected));
        assert_eq!(badge("production-eu"), some("PROD", true));
        for (name, text) in
            [("staging", "stg"), ("development", "dvl"), ("dev", "dev"), ("eu-test", "ets"), ("area", "are")]
        {
            assert_eq!(badge(name), some(text, false), "{name}");
        }
        assert_eq!(badge("QA"), some("qa", false));
        assert_eq!(badge("l"), some("L", true));
        assert_eq!(badge("日本語"), some("日本", true), "columns count, not characters");
        assert_eq!(badge(" "), None);
        let hostile = badge("p\u{202e}rod").expect("it has a badge").0;
        assert!(hostile.chars().all(|c| !c.is_control() && c != '\u{202e}'), "{hostile:?}");
    }
}
