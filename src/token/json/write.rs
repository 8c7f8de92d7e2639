//! Writes JSON without recursion: as it was written, valid, and safe to print.

use std::ops::Range;

use super::{Json, Kind};
use crate::text;

/// How deep the lines of pretty JSON are indented at most, so that their size stays in proportion to the text's.
const DEEPEST: usize = 40;

impl Json {
    /// A value, by its index in [`Json::nodes`], on one line without blanks. Order, duplicates and digits are the
    /// text's own; in strings, what a terminal would act on is `\uXXXX`. Of a document with an error, what was
    /// understood, closed properly. Nothing is written for an index that is not there.
    pub fn compact(&self, index: usize) -> String {
        // Most texts are no longer than they were written.
        let mut out = String::with_capacity(self.nodes.get(index).map_or(0, |node| self.raw(node).len()));
        self.write_compact(index, &mut out);
        out
    }

    /// The text of a value that was written as [`Json::compact`] writes it.
    pub fn as_compact(&self, index: usize) -> Option<&str> {
        let raw = self.nodes.get(index).map(|node| self.raw(node))?;
        (!self.blanks && self.error.is_none() && text::is_plain(raw)).then_some(raw)
    }

    /// Appends [`Json::compact`].
    pub fn write_compact(&self, index: usize, out: &mut String) {
        self.write(index, out, None);
    }

    /// The same over many lines, indented by two blanks a level.
    pub fn pretty(&self, index: usize) -> String {
        let mut out = String::new();
        self.write(index, &mut out, Some(0));
        out
    }

    /// Appends [`Json::pretty`] for a place that is itself indented by so many blanks.
    pub fn write_pretty(&self, index: usize, out: &mut String, margin: usize) {
        self.write(index, out, Some(margin));
    }

    /// What stands between keys and values has nothing but blanks to lose.
    fn write_without_blanks(&self, index: usize, out: &mut String) {
        if let Some(raw) = self.as_compact(index) {
            return out.push_str(raw);
        }
        let Some(top) = self.nodes.get(index) else { return };
        let push = Self::push(self.raw(top));
        let mut at = top.span.start;
        let mut copy = |out: &mut String, span: &Range<u32>| {
            let between = self.slice(&(at..span.start)).bytes();
            between
                .filter(|byte| !matches!(byte, b' ' | b'\t' | b'\n' | b'\r'))
                .for_each(|byte| out.push(char::from(byte)));
            push(out, self.slice(span));
            at = span.end;
        };
        for (at, node) in self.nodes.iter().enumerate().take(top.next as usize).skip(index) {
            if let Some(key) = node.key.as_ref().filter(|_| at > index) {
                copy(out, key);
            }
            if !matches!(node.kind, Kind::Object | Kind::Array) {
                copy(out, &node.span);
            }
        }
        copy(out, &(top.span.end..top.span.end));
    }

    /// How the strings of this text are copied. One look at all of it spares a look at each.
    fn push(text: &str) -> fn(&mut String, &str) {
        if text::is_plain(text) { String::push_str } else { text::push_json }
    }

    fn write(&self, index: usize, out: &mut String, margin: Option<usize>) {
        let Some(top) = self.nodes.get(index) else { return };
        if margin.is_none() && self.error.is_none() {
            return self.write_without_blanks(index, out);
        }
        let push = Self::push(self.raw(top));
        let line = |out: &mut String, level: usize| {
            if let Some(margin) = margin {
                out.push('\n');
                out.extend(std::iter::repeat_n(' ', margin + 2 * level.min(DEEPEST)));
            }
        };
        let mut closers = Vec::new();
        for (at, node) in self.nodes.iter().enumerate().take(top.next as usize).skip(index) {
            let level = (node.depth - top.depth) as usize;
            while closers.len() > level {
                let closer = closers.pop();
                line(out, closers.len());
                out.extend(closer);
            }
            if at > index {
                if self.nodes[at - 1].depth >= node.depth {
                    out.push(',');
                }
                line(out, level);
                if let Some(key) = &node.key {
                    push(out, self.slice(key));
                    out.push_str(if margin.is_some() { ": " } else { ":" });
                }
            }
            let empty = node.next as usize == at + 1;
            match node.kind {
                Kind::Object if empty => out.push_str("{}"),
                Kind::Array if empty => out.push_str("[]"),
                Kind::Object => {
                    out.push('{');
                    closers.push('}');
                }
                Kind::Array => {
                    out.push('[');
                    closers.push(']');
                }
                Kind::String => push(out, self.raw(node)),
                Kind::Number | Kind::True | Kind::False | Kind::Null => out.push_str(self.raw(node)),
            }
        }
        while let Some(closer) = closers.pop() {
            line(out, closers.len());
            out.push(closer);
        }
    }
}
