//! A place in a list: which entry the cursor is on and which one is the first on screen.

use std::ops::{Deref, DerefMut};

/// The index of a cursor in a list that shows no row.
pub(crate) const NOWHERE: usize = usize::MAX;

/// Rows, and how often somebody had them to change.
#[derive(Debug, Default)]
pub(crate) struct Watched<T> {
    rows: T,
    revision: u64,
}

impl<T> Watched<T> {
    /// Another number: the rows may be others.
    pub(super) fn revision(&self) -> u64 {
        self.revision
    }
}

impl<T> Deref for Watched<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.rows
    }
}

impl<T> DerefMut for Watched<T> {
    fn deref_mut(&mut self) -> &mut T {
        self.revision += 1;
        &mut self.rows
    }
}

/// A step of a cursor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Motion {
    Up,
    Down,
    PageUp,
    PageDown,
    First,
    Last,
}

/// A cursor and what is on screen around it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Cursor {
    pub(crate) index: usize,
    pub(crate) offset: usize,
}

impl Cursor {
    /// Moves the cursor in a list of `len` entries of which `page` are on screen.
    pub(crate) fn go(&mut self, motion: Motion, len: usize, page: usize) {
        let last = len.saturating_sub(1);
        let page_step = page.saturating_sub(1).max(1);
        self.index = match motion {
            Motion::Up => self.index.saturating_sub(1),
            Motion::Down => self.index + 1,
            Motion::PageUp => self.index.saturating_sub(page_step),
            Motion::PageDown => self.index + page_step,
            Motion::First => 0,
            Motion::Last => last,
        }
        .min(last);
        self.settle(len, page);
    }

    /// Scrolls text without a cursor: the index is the first line.
    pub(crate) fn scroll(&mut self, motion: Motion, len: usize, page: usize) {
        self.go(motion, len.saturating_sub(page) + 1, page);
        self.offset = self.index;
    }

    /// Brings the cursor into the list and onto the screen.
    pub(crate) fn settle(&mut self, len: usize, page: usize) {
        self.index = self.index.min(len.saturating_sub(1));
        self.offset = self.offset.min(len.saturating_sub(page)).min(self.index);
        if page > 0 && self.index >= self.offset + page {
            self.offset = self.index + 1 - page;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(motions: &[Motion], len: usize, page: usize) -> (usize, usize) {
        let mut cursor = Cursor::default();
        motions.iter().for_each(|motion| cursor.go(*motion, len, page));
        (cursor.index, cursor.offset)
    }

    #[test]
    fn the_cursor_stays_in_the_list_and_on_the_screen() {
        use Motion::{Down, First, Last, PageDown, PageUp, Up};
        assert_eq!(after(&[Up], 10, 4), (0, 0));
        assert_eq!(after(&[Down, Down, Down, Down], 10, 4), (4, 1));
        assert_eq!(after(&[Last], 10, 4), (9, 6));
        assert_eq!(after(&[Last, First], 10, 4), (0, 0));
        assert_eq!(after(&[PageDown, PageDown], 10, 4), (6, 3));
        assert_eq!(after(&[Last, PageUp], 10, 4), (6, 6));
        assert_eq!(after(&[Last], 0, 0), (0, 0));
        assert_eq!(after(&[PageDown], 3, 0), (1, 0));
    }

    #[test]
    fn text_scrolls_until_its_end_is_on_screen() {
        let mut cursor = Cursor::default();
        cursor.scroll(Motion::Last, 10, 4);
        assert_eq!(cursor.offset, 6);
        cursor.scroll(Motion::Up, 10, 4);
        assert_eq!(cursor.offset, 5);
        cursor.scroll(Motion::Last, 3, 4);
        assert_eq!(cursor.offset, 0);
    }
}
