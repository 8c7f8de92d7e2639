//! A line of text that is being typed.

use std::fmt;

use secrecy::zeroize::Zeroize as _;
use unicode_width::UnicodeWidthStr as _;

use crate::{secret::SecretString, text};

/// A line with a cursor. It may hold a password: `Debug` shows nothing and the memory is cleared.
#[derive(Default)]
pub(crate) struct Input {
    text: String,
    cursor: usize,
}

/// A change of a line that is being typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Edit {
    Insert(char),
    Left,
    Right,
    Home,
    End,
    Backspace,
    Delete,
    Clear,
}

impl Input {
    /// An empty line, with room so that typing leaves no copies of a secret behind.
    pub(crate) fn new() -> Self {
        Self { text: String::with_capacity(256), cursor: 0 }
    }

    /// A line with a text in it, the cursor at its end.
    pub(crate) fn holding(text: &str) -> Self {
        let mut input = Self::new();
        input.insert(text);
        input
    }

    /// What was typed.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// How many characters stand before the cursor.
    pub(crate) fn column(&self) -> usize {
        self.text[..self.cursor].chars().count()
    }

    /// Takes what was typed out.
    pub(crate) fn take(&mut self) -> SecretString {
        self.cursor = 0;
        SecretString::from(std::mem::take(&mut self.text))
    }

    /// Puts a pasted text in.
    pub(crate) fn insert(&mut self, text: &str) {
        self.text.insert_str(self.cursor, text);
        self.cursor += text.len();
    }

    /// Puts the cursor on the character that is so many columns behind another one.
    pub(crate) fn point(&mut self, from: usize, columns: usize) {
        let mut left = columns;
        let mut end = self.text.char_indices().skip(from).skip_while(|(_, c)| {
            let width = text::visible(c.encode_utf8(&mut [0; 4])).width().max(1);
            let before = left >= width;
            left = left.saturating_sub(width);
            before
        });
        self.cursor = end.next().map_or(self.text.len(), |(at, _)| at);
    }

    /// Changes the line.
    pub(crate) fn edit(&mut self, edit: Edit) {
        let before = self.text[..self.cursor].chars().next_back().map_or(0, char::len_utf8);
        let after = self.text[self.cursor..].chars().next().map_or(0, char::len_utf8);
        match edit {
            Edit::Insert(c) => self.insert(c.encode_utf8(&mut [0; 4])),
            Edit::Left => self.cursor -= before,
            Edit::Right => self.cursor += after,
            Edit::Home => self.cursor = 0,
            Edit::End => self.cursor = self.text.len(),
            Edit::Backspace => {
                self.cursor -= before;
                self.text.drain(self.cursor..self.cursor + before);
            }
            Edit::Delete => _ = self.text.drain(self.cursor..self.cursor + after),
            Edit::Clear => {
                self.text.zeroize();
                self.cursor = 0;
            }
        }
    }
}

impl Drop for Input {
    fn drop(&mut self) {
        self.text.zeroize();
    }
}

impl fmt::Debug for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Input")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn editing() {
        let mut input = Input::new();
        "pä".chars().for_each(|c| input.edit(Edit::Insert(c)));
        input.edit(Edit::Left);
        input.insert("ss");
        input.edit(Edit::Delete);
        input.edit(Edit::Delete);
        assert_eq!((input.text(), input.column()), ("pss", 3));
        input.edit(Edit::Home);
        input.edit(Edit::Backspace);
        input.edit(Edit::Right);
        input.edit(Edit::Backspace);
        assert_eq!((input.text(), input.column()), ("ss", 0));
        input.edit(Edit::Clear);
        assert_eq!(input.text(), "");
        input.insert("marker-secret");
        assert!(!format!("{input:?}").contains("marker"));
    }
}
