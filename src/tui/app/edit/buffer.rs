//! A text of several lines that is being written.

use crate::tui::app::{
    input::{Edit, History, word_end, word_start},
    list::Motion,
};

/// A text with a cursor, and what it was before.
#[derive(Debug, Default)]
pub(crate) struct Buffer {
    text: String,
    /// In bytes, at the border of a character.
    cursor: usize,
    /// The column that up and down aim at.
    goal: Option<usize>,
    history: History,
    /// The first line on screen.
    pub(crate) offset: usize,
}

impl Buffer {
    /// A text with the cursor at its start.
    pub(crate) fn holding(text: &str) -> Self {
        Self { text: text.to_owned(), ..Self::default() }
    }

    /// What is written.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// Its lines; at least one.
    pub(crate) fn lines(&self) -> impl Iterator<Item = &str> {
        self.text.split('\n')
    }

    /// Where the cursor is: line and column in characters, from 0.
    pub(crate) fn place(&self) -> (usize, usize) {
        let line = self.text[..self.cursor].matches('\n').count();
        (line, self.text[self.line_start()..self.cursor].chars().count())
    }

    /// Whether there is something to undo, or to do again.
    pub(crate) fn can(&self, edit: Edit) -> bool {
        self.history.can(edit)
    }

    /// Puts a pasted text in.
    pub(crate) fn paste(&mut self, text: &str) {
        self.history.remember(&self.text, self.cursor);
        self.put(&text.replace("\r\n", "\n").replace('\r', "\n"));
    }

    /// Changes the text, or moves the cursor in its line.
    pub(crate) fn edit(&mut self, edit: Edit) {
        self.goal = None;
        self.history.before(edit, &self.text, self.cursor);
        let (start, end) = (self.line_start(), self.line_end());
        let before = self.text[..self.cursor].chars().next_back().map_or(0, char::len_utf8);
        let after = self.text[self.cursor..].chars().next().map_or(0, char::len_utf8);
        match edit {
            Edit::Insert(c) => self.put(c.encode_utf8(&mut [0; 4])),
            Edit::Left => self.cursor -= before,
            Edit::Right => self.cursor += after,
            Edit::WordLeft => self.cursor = word_start(&self.text, self.cursor),
            Edit::WordRight => self.cursor = word_end(&self.text, self.cursor),
            Edit::Home => self.cursor = start,
            Edit::End => self.cursor = end,
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
                // The line with its end, so that a claim goes in one stroke.
                let end = (end + 1).min(self.text.len());
                self.text.drain(start..end);
                self.cursor = start;
            }
            Edit::Undo | Edit::Redo => self.history.go(edit, &mut self.text, &mut self.cursor),
        }
    }

    /// Begins a line, indented like the one before; deeper behind an opening bracket.
    pub(crate) fn break_line(&mut self) {
        self.history.remember(&self.text, self.cursor);
        self.goal = None;
        let before = &self.text[self.line_start()..self.cursor];
        let indent = before.len() - before.trim_start_matches(' ').len();
        let deeper = if before.trim_end().ends_with(['{', '[']) { 2 } else { 0 };
        self.put(&format!("\n{}", " ".repeat(indent + deeper)));
    }

    /// Moves by lines; `page` are on screen.
    pub(crate) fn go(&mut self, motion: Motion, page: usize) {
        self.history.part();
        let (line, column) = self.place();
        let goal = *self.goal.get_or_insert(column);
        let last = self.text.matches('\n').count();
        let step = page.saturating_sub(1).max(1);
        let line = match motion {
            Motion::Up => line.saturating_sub(1),
            Motion::Down => line + 1,
            Motion::PageUp => line.saturating_sub(step),
            Motion::PageDown => line + step,
            Motion::First => 0,
            Motion::Last => last,
        };
        self.move_to(line.min(last), goal);
    }

    /// Puts the cursor at a line and column, counted from 0, or as near as there is text.
    pub(crate) fn move_to(&mut self, line: usize, column: usize) {
        let start = match line {
            0 => 0,
            _ => self.text.match_indices('\n').nth(line - 1).map_or(self.text.len(), |(feed, _)| feed + 1),
        };
        let end = self.text[start..].find('\n').map_or(self.text.len(), |feed| start + feed);
        let within = self.text[start..end].char_indices().nth(column).map_or(end - start, |(at, _)| at);
        self.cursor = start + within;
    }

    /// Scrolls so that the cursor is on screen.
    pub(crate) fn settle(&mut self, page: usize) {
        let line = self.place().0;
        self.offset = self.offset.min(line).max((line + 1).saturating_sub(page.max(1)));
    }

    fn put(&mut self, text: &str) {
        self.text.insert_str(self.cursor, text);
        self.cursor += text.len();
    }

    fn line_start(&self) -> usize {
        self.text[..self.cursor].rfind('\n').map_or(0, |feed| feed + 1)
    }

    fn line_end(&self) -> usize {
        self.text[self.cursor..].find('\n').map_or(self.text.len(), |feed| self.cursor + feed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writing_moving_and_taking_back() {
        let mut buffer = Buffer::holding("{\n  \"ä\": 1\n}");
        buffer.go(Motion::Down, 10);
        buffer.edit(Edit::End);
        assert_eq!(buffer.place(), (1, 8));
        buffer.edit(Edit::Insert(','));
        buffer.break_line();
        "ab".chars().for_each(|c| buffer.edit(Edit::Insert(c)));
        assert_eq!(buffer.text(), "{\n  \"ä\": 1,\n  ab\n}");
        buffer.go(Motion::Up, 10);
        buffer.go(Motion::Up, 10);
        assert_eq!(buffer.place(), (0, 1), "a short line");
        buffer.go(Motion::Down, 10);
        assert_eq!(buffer.place(), (1, 4), "the column is aimed at again");
        buffer.edit(Edit::Clear);
        assert_eq!(buffer.text(), "{\n  ab\n}");
        buffer.edit(Edit::Undo);
        assert_eq!(buffer.text(), "{\n  \"ä\": 1,\n  ab\n}");
        buffer.edit(Edit::Undo);
        assert_eq!(buffer.text(), "{\n  \"ä\": 1,\n  \n}", "a word goes as one");
        buffer.edit(Edit::Undo);
        buffer.edit(Edit::Undo);
        assert_eq!((buffer.text(), buffer.can(Edit::Undo)), ("{\n  \"ä\": 1\n}", false));
        buffer.edit(Edit::Redo);
        assert_eq!(buffer.text(), "{\n  \"ä\": 1,\n}");
        (0..4).for_each(|_| buffer.edit(Edit::Redo));
        assert_eq!((buffer.text(), buffer.can(Edit::Redo)), ("{\n  ab\n}", false));
        (0..4).for_each(|_| buffer.edit(Edit::Undo));
        assert!(buffer.can(Edit::Redo));
        buffer.paste("a\r\nb");
        assert_eq!(buffer.place(), (2, 1));
        buffer.go(Motion::First, 10);
        buffer.edit(Edit::Home);
        buffer.edit(Edit::Left);
        buffer.edit(Edit::Backspace);
        buffer.go(Motion::Last, 10);
        buffer.edit(Edit::End);
        buffer.edit(Edit::Right);
        buffer.edit(Edit::Delete);
        assert_eq!(buffer.text(), "{\n  \"ä\": 1a\nb\n}");
    }

    #[test]
    fn the_cursor_stays_on_screen() {
        let mut buffer = Buffer::holding(&"x\n".repeat(50));
        buffer.go(Motion::Last, 10);
        buffer.settle(10);
        assert_eq!((buffer.place(), buffer.offset), ((50, 0), 41));
        buffer.go(Motion::First, 10);
        buffer.settle(10);
        assert_eq!(buffer.offset, 0);
        buffer.go(Motion::PageDown, 10);
        assert_eq!(buffer.place().0, 9);
    }
}
