//! Reads JSON without recursion.

use std::ops::Range;

use super::{JsonError, Kind, Node};

/// What came of reading.
pub(super) struct Reading {
    pub(super) nodes: Vec<Node>,
    pub(super) error: Option<JsonError>,
    pub(super) escapes: bool,
    pub(super) blanks: bool,
    pub(super) understood: usize,
}

/// Reads a text as far as it is JSON.
pub(super) fn read(text: &str) -> Reading {
    // Spans are 32 bits wide; a longer text would not be a token.
    if u32::try_from(text.len()).is_err() {
        let error = JsonError { offset: 0, message: "more than 4 GiB of text" };
        return Reading { nodes: Vec::new(), error: Some(error), escapes: false, blanks: false, understood: 0 };
    }
    let mut reader = Reader {
        text: text.as_bytes(),
        at: 0,
        understood: 0,
        escapes: false,
        blanks: false,
        nodes: Vec::with_capacity(text.len() / 16 + 1),
        open: Vec::with_capacity(4),
    };
    let error = reader.document().err().map(|message| JsonError { offset: reader.at, message });
    // What the error left open ends where it stands.
    let next = index(reader.nodes.len());
    for &node in &reader.open {
        let node = &mut reader.nodes[node as usize];
        (node.span.end, node.next) = (index(reader.understood), next);
    }
    let Reader { nodes, escapes, blanks, understood, .. } = reader;
    Reading { nodes, error, escapes, blanks, understood }
}

struct Reader<'a> {
    text: &'a [u8],
    at: usize,
    understood: usize,
    escapes: bool,
    blanks: bool,
    nodes: Vec<Node>,
    /// The arrays and objects around the place where we are, as indices of `nodes`.
    open: Vec<u32>,
}

type Read<T> = Result<T, &'static str>;

impl Reader<'_> {
    fn document(&mut self) -> Read<()> {
        self.blanks();
        loop {
            // At the start, behind a comma, or in an array or object that was just opened and is not empty.
            let key = if self.in_object() { Some(self.key()?) } else { None };
            self.blanks();
            let opened = self.value(key)?;
            self.understood = self.at;
            self.blanks();
            if opened && self.peek() != Some(self.closer()) {
                continue;
            }
            while self.peek() != Some(b',') || self.open.is_empty() {
                if self.open.is_empty() {
                    self.understood = self.at;
                    return if self.at == self.text.len() { Ok(()) } else { Err("text after the end") };
                }
                self.close()?;
                self.blanks();
            }
            self.at += 1;
            self.blanks();
        }
    }

    fn key(&mut self) -> Read<Range<u32>> {
        if self.peek() != Some(b'"') {
            return Err(self.unless_at_end("missing member name in quotes"));
        }
        let start = self.at;
        self.string()?;
        let key = index(start)..index(self.at);
        self.blanks();
        if self.peek() != Some(b':') {
            return Err(self.unless_at_end("missing colon"));
        }
        self.at += 1;
        Ok(key)
    }

    /// Reads a value; of an array or object only the opening bracket: `true`.
    fn value(&mut self, key: Option<Range<u32>>) -> Read<bool> {
        let start = self.at;
        let kind = match self.peek() {
            Some(b'{') => Kind::Object,
            Some(b'[') => Kind::Array,
            Some(b'"') => self.string().map(|()| Kind::String)?,
            Some(b'-' | b'0'..=b'9') => self.number().map(|()| Kind::Number)?,
            Some(b't') => self.word(b"true").map(|()| Kind::True)?,
            Some(b'f') => self.word(b"false").map(|()| Kind::False)?,
            Some(b'n') => self.word(b"null").map(|()| Kind::Null)?,
            _ => return Err(self.unless_at_end("missing value")),
        };
        let opens = matches!(kind, Kind::Object | Kind::Array);
        self.at += usize::from(opens);
        let number = index(self.nodes.len());
        let depth = index(self.open.len());
        let parent = self.open.last().copied().unwrap_or(number);
        self.nodes.push(Node { kind, depth, key, span: index(start)..index(self.at), next: number + 1, parent });
        if opens {
            self.open.push(number);
        }
        Ok(opens)
    }

    fn close(&mut self) -> Read<()> {
        if self.peek() != Some(self.closer()) {
            let object = self.in_object();
            return Err(self.unless_at_end(if object { "missing comma or }" } else { "missing comma or ]" }));
        }
        self.at += 1;
        self.understood = self.at;
        let next = index(self.nodes.len());
        if let Some(node) = self.open.pop() {
            let node = &mut self.nodes[node as usize];
            (node.span.end, node.next) = (index(self.at), next);
        }
        Ok(())
    }

    fn in_object(&self) -> bool {
        self.open.last().is_some_and(|&node| self.nodes[node as usize].kind == Kind::Object)
    }

    fn closer(&self) -> u8 {
        if self.in_object() { b'}' } else { b']' }
    }

    /// Reads up to and including the closing quote.
    fn string(&mut self) -> Read<()> {
        self.at += 1;
        loop {
            self.at += plain(&self.text[self.at..]);
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(());
                }
                Some(b'\\') => self.escape()?,
                Some(_) => return Err("a raw control character in a string"),
                None => return Err("the text ends inside a string"),
            }
        }
    }

    fn escape(&mut self) -> Read<()> {
        self.escapes = true;
        match self.text.get(self.at + 1) {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => self.at += 2,
            Some(b'u') => match self.text.get(self.at + 2..self.at + 6) {
                Some(digits) if digits.iter().all(u8::is_ascii_hexdigit) => self.at += 6,
                Some(_) => return Err("an escape that JSON does not have"),
                None => return Err("the text ends inside a string"),
            },
            Some(_) => return Err("an escape that JSON does not have"),
            None => return Err("the text ends inside a string"),
        }
        Ok(())
    }

    fn number(&mut self) -> Read<()> {
        self.at += usize::from(self.peek() == Some(b'-'));
        if self.peek() == Some(b'0') {
            self.at += 1;
        } else {
            self.digits()?;
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            self.at += usize::from(matches!(self.peek(), Some(b'+' | b'-')));
            self.digits()?;
        }
        Ok(())
    }

    fn digits(&mut self) -> Read<()> {
        let start = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        if self.at > start { Ok(()) } else { Err(self.unless_at_end("missing digit")) }
    }

    fn word(&mut self, word: &[u8]) -> Read<()> {
        let same = self.text[self.at..].iter().zip(word).take_while(|(a, b)| a == b).count();
        self.at += same;
        if same == word.len() { Ok(()) } else { Err(self.unless_at_end("missing value")) }
    }

    fn blanks(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
            self.blanks = true;
        }
    }

    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn unless_at_end(&self, message: &'static str) -> &'static str {
        if self.at < self.text.len() { message } else { "the text ends too early" }
    }
}

/// How many bytes there are in front of a quote, a backslash or a control character.
fn plain(text: &[u8]) -> usize {
    let (words, rest) = text.as_chunks();
    for (index, word) in words.iter().enumerate() {
        let special = special(u64::from_le_bytes(*word));
        if special != 0 {
            return index * 8 + special.trailing_zeros() as usize / 8;
        }
    }
    let special = |byte: &u8| matches!(byte, b'"' | b'\\' | 0..0x20);
    text.len() - rest.len() + rest.iter().position(special).unwrap_or(rest.len())
}

/// The high bit of each byte that ends a run of plain ones; what stands above the first of them may be wrong (Hacker's Delight,
/// §6-1: a byte less than n makes `byte - n` borrow, and is itself below 0x80).
fn special(word: u64) -> u64 {
    const ONES: u64 = u64::MAX / 0xff;
    let less = |word: u64, than: u64| word.wrapping_sub(ONES * than) & !word;
    let is = |byte: u8| less(word ^ (ONES * u64::from(byte)), 1);
    (less(word, 0x20) | is(b'"') | is(b'\\')) & (ONES * 0x80)
}

/// Fits: [`read`] takes no text that is longer.
fn index(offset: usize) -> u32 {
    u32::try_from(offset).expect("the text has at most u32::MAX bytes")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_of_plain_bytes_ends_at_each_special_one() {
        for length in 0..20 {
            for at in 0..length {
                for byte in 0..=u8::MAX {
                    // What comes behind it does not matter, whatever it is.
                    let mut text = vec![b'!'; length];
                    text[at] = byte;
                    text[at + 1..].fill(byte ^ 1);
                    let special = |byte: &u8| matches!(byte, b'"' | b'\\' | 0..0x20);
                    assert_eq!(plain(&text), text.iter().position(special).unwrap_or(length), "{text:?}");
                }
            }
        }
    }
}
