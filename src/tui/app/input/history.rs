//! What a text was before each change. It may be a password: it is wiped with what it belongs to, and `Debug` shows nothing.

use std::fmt;

use secrecy::zeroize::{Zeroize as _, Zeroizing};

use super::Edit;

/// How many changes can be taken back.
const REMEMBERED: usize = 200;

/// A text and where its cursor was.
type State = (Zeroizing<String>, usize);

/// The states of a text that can come back.
#[derive(Default)]
pub(crate) struct History {
    past: Vec<State>,
    /// What was taken back: until the next change it can be done again.
    future: Vec<State>,
    /// The next character joins the change before it: a word that is typed is taken back as one.
    typing: bool,
}

impl History {
    /// Whether this edit would change anything by undoing, or doing again.
    pub(crate) fn can(&self, edit: Edit) -> bool {
        match edit {
            Edit::Undo => !self.past.is_empty(),
            Edit::Redo => !self.future.is_empty(),
            _ => false,
        }
    }

    /// What is about to be edited, unless that joins the change before it.
    pub(crate) fn before(&mut self, edit: Edit, text: &str, cursor: usize) {
        let changes = match edit {
            Edit::Insert(_) => true,
            Edit::Backspace | Edit::DeleteWord => cursor > 0,
            Edit::Delete => cursor < text.len(),
            Edit::Clear => !text.is_empty(),
            _ => false,
        };
        let joins = matches!(edit, Edit::Insert(c) if c.is_alphanumeric());
        if changes && !(joins && self.typing) {
            self.remember(text, cursor);
        }
        self.typing = joins;
    }

    /// What is about to be changed as a whole.
    pub(crate) fn remember(&mut self, text: &str, cursor: usize) {
        self.typing = false;
        self.future.clear();
        if self.past.len() == REMEMBERED {
            self.past.remove(0);
        }
        self.past.push((Zeroizing::new(text.to_owned()), cursor));
    }

    /// The cursor went elsewhere: what is typed next is a change of its own.
    pub(crate) fn part(&mut self) {
        self.typing = false;
    }

    /// Undoes the last change, or does again what was undone last.
    pub(crate) fn go(&mut self, edit: Edit, text: &mut String, cursor: &mut usize) {
        self.typing = false;
        let (from, to) = match edit {
            Edit::Undo => (&mut self.past, &mut self.future),
            Edit::Redo => (&mut self.future, &mut self.past),
            _ => return,
        };
        let Some((then, place)) = from.pop() else { return };
        to.push((Zeroizing::new(text.clone()), *cursor));
        // In the place of the old one: no copy of a secret stays behind.
        text.zeroize();
        text.push_str(&then);
        *cursor = place;
    }
}

impl fmt::Debug for History {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("History")
    }
}

/// Where the word before the cursor begins: letters and digits, with what stands between it and the cursor.
pub(crate) fn word_start(text: &str, cursor: usize) -> usize {
    let before = text[..cursor].trim_end_matches(|c: char| !c.is_alphanumeric());
    before.trim_end_matches(char::is_alphanumeric).len()
}

/// Where the word at the cursor, or the next one, ends.
pub(crate) fn word_end(text: &str, cursor: usize) -> usize {
    let after = text[cursor..].trim_start_matches(|c: char| !c.is_alphanumeric());
    text.len() - after.trim_start_matches(char::is_alphanumeric).len()
}
