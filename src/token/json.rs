//! JSON as it was written: order, duplicate keys and digits kept, any depth, and what stands before an error.
//!
//! serde_json would sort out duplicates, round numbers and stop at depth 128. Here a document is one flat list of
//! nodes in the order of the text, so nothing recurses and a view can show row after row.

use std::{borrow::Cow, ops::Range};

/// A JSON document.
#[derive(Debug, Clone)]
pub struct Json {
    text: Box<str>,
    nodes: Vec<Node>,
    error: Option<JsonError>,
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

impl Json {
    /// Reads a text as far as it is JSON.
    pub fn parse(text: impl Into<Box<str>>) -> Self {
        Self { text: text.into(), nodes: Vec::new(), error: None }
    }

    /// All values in the order of the text; the first one is the document itself. Empty when not even that is there.
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// Where the text stops being JSON.
    pub fn error(&self) -> Option<&JsonError> {
        self.error.as_ref()
    }

    /// The text as it was written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// A value as it was written: digits, escapes and all.
    pub fn raw(&self, node: &Node) -> &str {
        &self.text[node.span.start as usize..node.span.end as usize]
    }

    /// The name of a member, unescaped. Foreign text.
    pub fn key(&self, node: &Node) -> Option<Cow<'_, str>> {
        let _ = node;
        None
    }

    /// The text of a string, unescaped (lone surrogates become U+FFFD). Foreign text.
    pub fn string(&self, node: &Node) -> Option<Cow<'_, str>> {
        let _ = node;
        None
    }

    /// The members of the top-level object with this name, in order: more than one when it is duplicated.
    pub fn members<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Node> {
        let _ = name;
        self.nodes.iter()
    }
}
