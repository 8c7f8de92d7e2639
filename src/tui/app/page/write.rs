//! Lines that fit a width.

use unicode_width::UnicodeWidthChar as _;

use super::{Line, Tone};

/// Writes lines that fit a width.
pub(crate) struct Writer {
    pub(crate) lines: Vec<Line>,
    width: usize,
}

impl Writer {
    /// Lines of at most so many columns.
    pub(crate) fn new(width: u16) -> Self {
        Self { lines: Vec::new(), width: usize::from(width.max(1)) }
    }

    /// An empty line, unless it would be the first.
    pub(crate) fn blank(&mut self) {
        if !self.lines.is_empty() {
            self.lines.push(Line { tone: Tone::Plain, head: String::new(), text: String::new() });
        }
    }

    /// Puts a text beside its head, and its further lines below it; under the head where the page is narrow.
    pub(crate) fn put(&mut self, tone: Tone, head: &str, text: &str) {
        let mut head = Some(head);
        let mut indent = head.map_or(0, |head| head.chars().count());
        if indent * 5 > self.width * 2 {
            let line = head.take().unwrap_or_default().trim_end().to_owned();
            if !line.is_empty() {
                self.lines.push(Line { tone, head: line, text: String::new() });
            }
            indent = 4;
        }
        let room = self.width.saturating_sub(indent).max(1);
        for part in wrap(text, room) {
            let head = head.take().map_or_else(|| " ".repeat(indent), str::to_owned);
            self.lines.push(Line { tone, head, text: part.to_owned() });
        }
    }
}

/// Cuts a text into lines of at most `room` columns: at a blank where there is one in the second half of the line.
pub(crate) fn wrap(text: &str, room: usize) -> Vec<&str> {
    let mut lines = Vec::new();
    let mut rest = text;
    loop {
        let mut used = 0;
        let end = rest.char_indices().find_map(|(at, c)| {
            used += c.width().unwrap_or(0);
            (used > room).then_some(at)
        });
        let Some(end) = end else {
            lines.push(rest);
            return lines;
        };
        let end = if end == 0 { rest.chars().next().map_or(0, char::len_utf8) } else { end };
        let blank = rest[..end].rfind(' ').filter(|blank| blank * 2 > end);
        let (line, next) = match blank {
            Some(blank) => (&rest[..blank], blank + 1),
            None => (&rest[..end], end),
        };
        lines.push(line);
        rest = &rest[next..];
        if rest.is_empty() {
            return lines;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrapping_loses_nothing_but_the_blank() {
        assert_eq!(wrap("", 5), [""]);
        assert_eq!(wrap("abcdef", 3), ["abc", "def"]);
        assert_eq!(wrap("one two three", 8), ["one two", "three"]);
        assert_eq!(wrap("日本語", 4), ["日本", "語"]);
        assert_eq!(wrap("日", 1), ["日"]);
    }
}
