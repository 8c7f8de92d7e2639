//! The terminal's cells, each at its place: after a character that a terminal may draw wider than we think, the next one is
//! told where it belongs.

use std::io::{self, Write};

use ratatui::{
    backend::{Backend, ClearType, CrosstermBackend, WindowSize},
    buffer::Cell,
    layout::{Position, Size},
};

use crate::text::width;

/// Draws through crossterm, on a screen of a known size: crossterm would open the terminal for it, before each frame.
pub(super) struct Steady<W: Write> {
    inner: CrosstermBackend<W>,
    size: Size,
}

impl<W: Write> Steady<W> {
    pub(super) fn new(writer: W, size: impl Into<Size>) -> Self {
        Self { inner: CrosstermBackend::new(writer), size: size.into() }
    }

    /// The screen has this size.
    pub(super) fn fit(&mut self, size: impl Into<Size>) {
        self.size = size.into();
    }
}

/// What belongs to the same frame.
impl<W: Write> Write for Steady<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.inner.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Write::flush(&mut self.inner)
    }
}

impl<W: Write> Backend for Steady<W> {
    type Error = io::Error;

    fn draw<'a, I: Iterator<Item = (u16, u16, &'a Cell)>>(&mut self, content: I) -> io::Result<()> {
        let mut content = content.peekable();
        while content.peek().is_some() {
            let mut goes_on = true;
            // Each part begins with the place of its first cell.
            self.inner.draw(std::iter::from_fn(|| {
                let next = content.next_if(|_| goes_on);
                goes_on = next.is_none_or(|(_, _, cell)| width::is_sure(cell.symbol()));
                next
            }))?;
        }
        Ok(())
    }

    fn hide_cursor(&mut self) -> io::Result<()> {
        self.inner.hide_cursor()
    }

    fn show_cursor(&mut self) -> io::Result<()> {
        self.inner.show_cursor()
    }

    fn get_cursor_position(&mut self) -> io::Result<Position> {
        self.inner.get_cursor_position()
    }

    fn set_cursor_position<P: Into<Position>>(&mut self, position: P) -> io::Result<()> {
        self.inner.set_cursor_position(position)
    }

    fn clear(&mut self) -> io::Result<()> {
        self.inner.clear()
    }

    fn clear_region(&mut self, region: ClearType) -> io::Result<()> {
        self.inner.clear_region(region)
    }

    fn size(&self) -> io::Result<Size> {
        Ok(self.size)
    }

    fn window_size(&mut self) -> io::Result<WindowSize> {
        self.inner.window_size()
    }

    fn flush(&mut self) -> io::Result<()> {
        Backend::flush(&mut self.inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A terminal that draws the first character in two columns would shift what follows: it does not, because that says
    /// where it goes.
    #[test]
    fn what_follows_a_disputed_character_has_a_place_of_its_own() {
        let drawn = |row: &str| {
            let mut written = Vec::new();
            let cells: Vec<Cell> = row.chars().map(|c| c.to_string().as_str().into_cell()).collect();
            let places = (0..).zip(&cells).map(|(x, cell)| (x, 3, cell));
            Steady::new(&mut written, (80, 24)).draw(places).unwrap();
            String::from_utf8(written).unwrap()
        };
        assert!(drawn("aå│").contains("å") && drawn("aå│").contains("\x1b[4;3H"), "{:?}", drawn("aå│"));
        let sure = drawn("● a·b ━│");
        assert_eq!(sure.matches('H').count(), 1, "{sure:?}");
    }

    trait IntoCell {
        fn into_cell(self) -> Cell;
    }

    impl IntoCell for &str {
        fn into_cell(self) -> Cell {
            let mut cell = Cell::default();
            cell.set_symbol(self);
            cell
        }
    }
}
