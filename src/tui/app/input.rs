//! A line of text that is being typed.

mod history;

use std::fmt;

use secrecy::zeroize::Zeroize as _;
use unicode_width::UnicodeWidthStr as _;

pub(crate) use self::history::{History, word_end, word_start};
use crate::{secret::SecretString, text};

/// A line with a cursor. It may hold a password: `Debug` shows nothing and the memory is cleared.
#[derive(Default)]
pub(crate) struct Input {
    text: String,
    cursor: usize,
    history: History,
}

/// A change of a line that is being typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Edit {
    Insert(char),
    Left,
    Right,
    WordLeft,
    WordRight,
    Home,
    End,
    Backspace,
    Delete,
    DeleteWord,
    Clear,
    Undo,
    Redo,
}

impl Edit {
    /// It only moves the cursor.
    pub(crate) fn moves(self) -> bool {
        matches!(self, Self::Left | Self::Right | Self::WordLeft | Self::WordRight | Self::Home | Self::End)
    }
}

impl Input {
    /// An empty line, with room so that typing leaves no copies of a secret behind.
    pub(crate) fn new() -> Self {
        Self { text: String::with_capacity(256), cursor: 0, history: History::default() }
    }

    /// A line with a text in it, the cursor at its end.
    pub(crate) fn holding(text: &str) -> Self {
        let mut input = Self::new();
        input.text.push_str(text);
        input.cursor = text.len();
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

    /// Takes what was typed out. What it was before is wiped.
    pub(crate) fn take(&mut self) -> SecretString {
        SecretString::from(std::mem::take(&mut std::mem::take(self).text))
    }

    /// Puts another text in its place.
    pub(crate) fn put(&mut self, text: &str) {
        self.history.remember(&self.text, self.cursor);
        self.text.zeroize();
        self.text.push_str(text);
        self.cursor = text.len();
    }

    /// Whether there is something to undo, or to do again.
    pub(crate) fn can(&self, edit: Edit) -> bool {
        self.history.can(edit)
    }

    /// Puts a pasted text in.
    pub(crate) fn insert(&mut self, text: &str) {
        self.history.remember(&self.text, self.cursor);
        self.type_in(text);
    }

    fn type_in(&mut self, text: &str) {
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
        self.history.part();
        self.cursor = end.next().map_or(self.text.len(), |(at, _)| at);
    }

    /// Changes the line.
    pub(crate) fn edit(&mut self, edit: Edit) {
        self.history.before(edit, &self.text, self.cursor);
        let before = self.text[..self.cursor].chars().next_back().map_or(0, char::len_utf8);
        let after = self.text[self.cursor..].chars().next().map_or(0, char::len_utf8);
        match edit {
            Edit::Insert(c) => self.type_in(c.encode_utf8(&mut [0; 4])),
            Edit::Left => self.cursor -= before,
            Edit::Right => self.cursor += after,
            Edit::WordLeft => self.cursor = word_start(&self.text, self.cursor),
            Edit::WordRight => self.cursor = word_end(&self.text, self.cursor),
            Edit::Home => self.cursor = 0,
            Edit::End => self.cursor = self.text.len(),
            Edit::Backspace => {
                self.cursor -= before;
                self.text.drain(self.cursor..self.cursor + before);
            }
            Edit::Delete => _ = self.text.drain(self.cursor..self.cursor + after),
            Edit::DeleteWord => {
                let start = word_start(&self.text, self.cursor);
                self.text.drain(start..self.cursor);
                self.cursor = start;
            }
            Edit::Clear => {
                self.text.zeroize();
                self.cursor = 0;
            }
            Edit::Undo | Edit::Redo => self.history.go(edit, &mut self.text, &mut self.cursor),
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
        input.edit(Edit::Undo);
        assert_eq!(input.text(), "ss");
        input.insert("marker-secret");
        assert!(!format!("{input:?}").contains("marker"));
    }

    #[test]
    fn words() {
        let mut input = Input::holding("https://lms.example.org/über");
        fn columns(input: &mut Input, edit: Edit) -> [usize; 6] {
            [(); 6].map(|()| {
                input.edit(edit);
                input.column()
            })
        }
        assert_eq!(columns(&mut input, Edit::WordLeft), [24, 20, 12, 8, 0, 0]);
        assert_eq!(columns(&mut input, Edit::WordRight), [5, 11, 19, 23, 28, 28]);
        input.edit(Edit::DeleteWord);
        input.edit(Edit::DeleteWord);
        assert_eq!(input.text(), "https://lms.example.");
        input.edit(Edit::Undo);
        input.edit(Edit::Undo);
        assert_eq!(input.text(), "https://lms.example.org/über");
        input.edit(Edit::Redo);
        assert_eq!((input.text(), input.column()), ("https://lms.example.org/", 24));
    }

    #[test]
    fn a_word_that_was_typed_is_undone_as_one() {
        let mut input = Input::new();
        "one two".chars().for_each(|c| input.edit(Edit::Insert(c)));
        let undone = |input: &mut Input| {
            input.edit(Edit::Undo);
            input.text().to_owned()
        };
        assert_eq!([undone(&mut input), undone(&mut input), undone(&mut input)], ["one ", "one", ""]);
        assert!(!input.can(Edit::Undo) && input.can(Edit::Redo));
        input.put("three");
        assert!(!input.can(Edit::Redo));
        assert_eq!(undone(&mut input), "");
    }

    /// Nothing of it is left in what can be undone.
    #[test]
    fn what_is_taken_out_leaves_no_history() {
        let mut input = Input::holding("hunter2");
        input.edit(Edit::DeleteWord);
        input.edit(Edit::Undo);
        input.take();
        assert!(!input.can(Edit::Undo) && !input.can(Edit::Redo));
        assert_eq!(input.text(), "");
    }
}
