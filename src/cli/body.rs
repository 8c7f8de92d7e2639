//! Where a body goes while it comes: a file, a pipe, or a terminal, which gets nothing that it would act on.

use std::{
    io::{self, IsTerminal as _, Write},
    path::Path,
};

use super::Failure;
use crate::{store::files::Output, text::visible};

/// Where it goes. Writing waits in a thread of its own, so that a signal is heard meanwhile.
pub(super) struct Sink {
    writer: Option<Box<dyn Write + Send>>,
    /// A file, until something comes for it.
    untouched: Option<Output>,
    terminal: Option<Foreign>,
}

impl Sink {
    /// Standard output, or this file, which stays as it is until [`Self::begin`].
    pub(super) fn open(path: Option<&Path>) -> Result<Self, Failure> {
        let Some(path) = path else {
            let terminal = io::stdout().is_terminal().then(Foreign::default);
            return Ok(Self { writer: Some(Box::new(io::stdout())), untouched: None, terminal });
        };
        Ok(Self { writer: None, untouched: Some(Output::open(path)?), terminal: None })
    }

    /// Something comes.
    pub(super) fn begin(&mut self) -> Result<(), Failure> {
        let Some(file) = self.untouched.take() else { return Ok(()) };
        self.writer = Some(Box::new(file.begin().map_err(Failure::output)?));
        Ok(())
    }

    pub(super) async fn write(&mut self, bytes: Vec<u8>) -> Result<(), Failure> {
        let bytes = match &mut self.terminal {
            Some(foreign) => foreign.shown(&bytes).into_bytes(),
            None => bytes,
        };
        let Some(mut writer) = self.writer.take() else { return Ok(()) };
        let write = move || {
            let written = writer.write_all(&bytes).and_then(|()| writer.flush());
            (writer, written)
        };
        let (writer, written) =
            tokio::task::spawn_blocking(write).await.map_err(|error| Failure::output(error.into()))?;
        self.writer = Some(writer);
        written.map_err(Failure::output)
    }

    /// Nothing more comes.
    pub(super) async fn end(&mut self) -> Result<(), Failure> {
        match self.terminal.take().map(Foreign::end) {
            Some(rest) => self.write(rest.into_bytes()).await,
            None => Ok(()),
        }
    }
}

/// Foreign text that comes in pieces, for a terminal: its lines stay lines.
#[derive(Default)]
struct Foreign {
    /// The beginning of a character.
    rest: Vec<u8>,
    open: bool,
}

impl Foreign {
    fn shown(&mut self, piece: &[u8]) -> String {
        self.rest.extend_from_slice(piece);
        let bytes = std::mem::take(&mut self.rest);
        let (whole, rest) = bytes.split_at(tail(&bytes));
        self.rest = rest.to_vec();
        self.lines(&String::from_utf8_lossy(whole))
    }

    fn lines(&mut self, text: &str) -> String {
        let mut shown = String::with_capacity(text.len());
        for line in text.split_inclusive(['\n', '\t']) {
            let bare = line.trim_end_matches(['\n', '\t']);
            shown.push_str(&visible(bare.strip_suffix('\r').filter(|_| line.ends_with('\n')).unwrap_or(bare)));
            shown.push_str(&line[bare.len()..]);
        }
        self.open = shown.chars().last().map_or(self.open, |last| last != '\n');
        shown
    }

    fn end(mut self) -> String {
        let rest = std::mem::take(&mut self.rest);
        let mut shown = self.lines(&String::from_utf8_lossy(&rest));
        if self.open {
            shown.push('\n');
        }
        shown
    }
}

/// Where a character begins at the end of these bytes that is not whole.
fn tail(bytes: &[u8]) -> usize {
    let start = bytes.len().saturating_sub(3);
    let begun = bytes[start..].utf8_chunks().last().map_or(0, |chunk| chunk.invalid().len());
    let is_begun = std::str::from_utf8(&bytes[bytes.len() - begun..]).is_err_and(|error| error.error_len().is_none());
    if is_begun { bytes.len() - begun } else { bytes.len() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_end_anywhere() {
        let text = "a\u{1b}[31m ü€𠮷😀\r\n\tx\u{202e}\n";
        // Terminals dispute how wide an emoji is.
        let expected = "a\\u{1b}[31m ü€𠮷\\u{1f600}\n\tx\\u{202e}\n";
        for cut in 0..=text.len() {
            let mut foreign = Foreign::default();
            let (one, other) = text.as_bytes().split_at(cut);
            let shown = foreign.shown(one) + &foreign.shown(other);
            // A line feed that comes in a piece of its own has left its carriage return behind.
            assert_eq!(shown.replace("\\r", "") + &foreign.end(), expected, "{cut}");
        }
        let mut foreign = Foreign::default();
        assert_eq!(foreign.shown(b"\xff\xe2\x82") + &foreign.end(), "\u{fffd}\u{fffd}\n");
    }
}
