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
    /// `PROD`: the first four letters of a protected environment in capitals. `sta`: three small ones of another.
    pub fn badge(&self, environment: &str) -> Option<Badge> {
        let name = environment.trim();
        let protected = self.covers(name);
        let (name, columns) = if protected { (name.to_uppercase(), 4) } else { (name.to_lowercase(), 3) };
        let text = head(&text::visible(&name), columns);
        (!text.is_empty()).then_some(Badge { text, protected })
    }
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
        assert_eq!(badge("staging"), some("sta", false));
        assert_eq!(badge("QA"), some("qa", false));
        assert_eq!(badge("l"), some("L", true));
        assert_eq!(badge("日本語"), some("日本", true), "columns count, not characters");
        assert_eq!(badge(" "), None);
        let hostile = badge("p\u{202e}rod").expect("it has a badge").0;
        assert!(hostile.chars().all(|c| !c.is_control() && c != '\u{202e}'), "{hostile:?}");
    }
}
