//! JSON as it was written: order, duplicate keys and digits kept, any depth, and what stands before an error.
//!
//! serde_json would sort out duplicates, round numbers and stop at depth 128. Here a document is one flat list of
//! nodes in the order of the text, so nothing recurses and a view can show row after row.

mod edit;
mod read;
mod write;

use std::{borrow::Cow, fmt, ops::Range};

/// A JSON document.
#[derive(Clone)]
pub struct Json {
    text: Box<str>,
    nodes: Vec<Node>,
    error: Option<JsonError>,
    /// Some string has an escape in it. Most documents have none, and their strings are read as they stand.
    escapes: bool,
    /// There are blanks between values. Most documents have none, and are on one line as they stand.
    blanks: bool,
    /// Where the last value, bracket or comma that was understood ends.
    understood: usize,
}

/// One value of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// What it is.
    pub kind: Kind,
    /// How many arrays and objects are around it.
    pub depth: u32,
    /// The member name as written, quotes included, when it stands in an object.
    key: Option<Range<u32>>,
    /// The value as written. An object or array: all of it.
    span: Range<u32>,
    /// The index of the first node behind this one and all that is inside it.
    pub next: u32,
    /// The index of the array or object around it; its own where there is none.
    parent: u32,
}

/// What a value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names of RFC 8259")]
pub enum Kind {
    Object,
    Array,
    String,
    Number,
    True,
    False,
    Null,
}

/// Where the text stops being JSON, and why.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message} at byte {offset}")]
pub struct JsonError {
    /// Byte offset in the text.
    pub offset: usize,
    /// What is wrong.
    pub message: &'static str,
}

impl JsonError {
    /// Line and column in the text, counted in characters from 1: for a text that is being written.
    pub fn position(&self, text: &str) -> (usize, usize) {
        let before = &text[..text.floor_char_boundary(self.offset)];
        let line = before.rfind('\n').map_or(0, |feed| feed + 1);
        (before.matches('\n').count() + 1, before[line..].chars().count() + 1)
    }
}

impl Json {
    /// Reads a text as far as it is JSON (RFC 8259, strictly): what stands before an error is kept, with the arrays
    /// and objects that the error left open.
    pub fn parse(text: impl Into<Box<str>>) -> Self {
        let text = text.into();
        let read::Reading { nodes, error, escapes, blanks, understood } = read::read(&text);
        Self { text, nodes, error, escapes, blanks, understood }
    }

    /// All values in the order of the text; the first one is the document itself. Empty when not even that is there.
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// The document itself: the first node.
    pub fn root(&self) -> Option<&Node> {
        self.nodes.first()
    }

    /// Where the text stops being JSON.
    pub fn error(&self) -> Option<&JsonError> {
        self.error.as_ref()
    }

    /// The text as it was written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What stands behind the last value that was understood: empty unless there is an [`Json::error`]. Foreign text.
    pub fn rest(&self) -> &str {
        &self.text[self.understood..]
    }

    /// A value as it was written: digits, escapes and all. Foreign text.
    pub fn raw(&self, node: &Node) -> &str {
        self.slice(&node.span)
    }

    /// Where a value stands in the text, by its index in [`Json::nodes`]: of a member with its name.
    pub fn span(&self, index: usize) -> Range<usize> {
        let Some(node) = self.nodes.get(index) else { return 0..0 };
        let start = node.key.as_ref().map_or(node.span.start, |key| key.start);
        start as usize..node.span.end as usize
    }

    /// The name of a member, unescaped. Foreign text.
    pub fn key(&self, node: &Node) -> Option<Cow<'_, str>> {
        node.key.as_ref().map(|span| self.unescaped(span))
    }

    /// The text of a string, unescaped (lone surrogates become U+FFFD). Foreign text.
    pub fn string(&self, node: &Node) -> Option<Cow<'_, str>> {
        (node.kind == Kind::String).then(|| self.unescaped(&node.span))
    }

    /// The members of an object or the elements of an array, by its index in [`Json::nodes`], with their own indices.
    pub fn children(&self, index: usize) -> impl Iterator<Item = (usize, &Node)> {
        let end = self.nodes.get(index).map_or(0, |node| node.next as usize);
        let mut at = index + 1;
        std::iter::from_fn(move || {
            let (child, node) = (at, self.nodes[..end].get(at)?);
            at = node.next as usize;
            Some((child, node))
        })
    }

    /// The members of the top-level object with this name, in order: more than one when it is duplicated.
    pub fn members<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Node> {
        self.children(0).map(|(_, node)| node).filter(move |node| self.is_named(node, name))
    }

    /// The top-level member with this name; the last one when it is duplicated, as RFC 7519 §4 has it.
    pub fn member(&self, name: &str) -> Option<&Node> {
        self.children(0).map(|(_, node)| node).filter(|node| self.is_named(node, name)).last()
    }

    /// Whether a node is a member with this name.
    fn is_named(&self, node: &Node, name: &str) -> bool {
        let Some(span) = &node.key else { return false };
        let written = || &self.text.as_bytes()[span.start as usize + 1..span.end as usize - 1];
        if self.escapes { self.unescaped(span) == name } else { written() == name.as_bytes() }
    }

    /// The object or array around a node, by index.
    pub fn parent(&self, index: usize) -> Option<usize> {
        self.nodes.get(index).map(|node| node.parent as usize).filter(|parent| *parent != index)
    }

    /// The JSON pointer of a node (RFC 6901): `/scopes/0`; empty for the document itself. Foreign text.
    pub fn pointer(&self, index: usize) -> String {
        let mut parts = Vec::new();
        let mut at = index;
        while let Some(around) = self.parent(at) {
            parts.push(match self.key(&self.nodes[at]) {
                Some(key) => key.replace('~', "~0").replace('/', "~1"),
                None => self.children(around).take_while(|(child, _)| *child < at).count().to_string(),
            });
            at = around;
        }
        parts.iter().rev().map(|part| format!("/{part}")).collect()
    }

    /// The node that a JSON pointer (RFC 6901) names, by index; of duplicate members the last one.
    pub fn find(&self, pointer: &str) -> Option<usize> {
        let mut at = 0;
        for part in pointer.split('/').skip(1) {
            let name = part.replace("~1", "/").replace("~0", "~");
            at = match self.nodes.get(at)?.kind {
                Kind::Array => self.children(at).nth(part.parse().ok()?)?.0,
                _ => self.children(at).filter(|(_, node)| self.is_named(node, &name)).last()?.0,
            };
        }
        (at < self.nodes.len() && (pointer.is_empty() || pointer.starts_with('/'))).then_some(at)
    }

    /// The value of a string: quotes off, escapes resolved.
    fn unescaped(&self, span: &Range<u32>) -> Cow<'_, str> {
        let inner = &self.text[span.start as usize + 1..span.end as usize - 1];
        if self.escapes { unescaped(inner) } else { Cow::Borrowed(inner) }
    }

    fn slice(&self, span: &Range<u32>) -> &str {
        &self.text[span.start as usize..span.end as usize]
    }
}

/// Sizes only: the text may be as secret as the token around it.
impl fmt::Debug for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Json")
            .field("bytes", &self.text.len())
            .field("nodes", &self.nodes.len())
            .field("error", &self.error)
            .finish()
    }
}

/// The inside of a string that was read, with its escapes resolved.
fn unescaped(inner: &str) -> Cow<'_, str> {
    if !inner.contains('\\') {
        return Cow::Borrowed(inner);
    }
    let mut out = String::with_capacity(inner.len());
    let mut rest = inner;
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        let escape = rest.as_bytes()[at + 1];
        rest = &rest[at + 2..];
        out.push(match escape {
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                let (c, length) = code_point(rest);
                rest = &rest[length..];
                c
            }
            itself => char::from(itself),
        });
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// The character behind `\u`, and how many bytes of the text it took.
fn code_point(digits: &str) -> (char, usize) {
    let unit = |at: usize| digits.get(at..at + 4).and_then(|hex| u16::from_str_radix(hex, 16).ok());
    let first = unit(0).unwrap_or(0xfffd);
    let pair = [first, if digits[4..].starts_with("\\u") { unit(6).unwrap_or(0) } else { 0 }];
    match char::decode_utf16(pair).next() {
        Some(Ok(c)) => (c, if c > '\u{ffff}' { 10 } else { 4 }),
        _ => (char::REPLACEMENT_CHARACTER, 4),
    }
}

#[cfg(test)]
mod tests;
