//! JSON for programs. The type that a command prints with `--json` stands beside it, and a token is in [`token`]: names,
//! order and presence of the keys follow from the types alone.

pub(super) mod token;

use std::io;

use serde::Serialize;
use serde_json::ser::{CharEscape, CompactFormatter, Formatter, Serializer};

use crate::{text, token::json::Json};

/// Appends a value on one line; in its strings, what a terminal would act on is `\uXXXX`.
pub(super) fn write(value: &impl Serialize, out: &mut Vec<u8>) {
    let written = value.serialize(&mut Serializer::with_formatter(out, Safe));
    written.expect("memory takes it, and all keys are strings");
}

/// The same as a text.
pub(super) fn line(value: &impl Serialize) -> String {
    let mut out = Vec::new();
    write(value, &mut out);
    String::from_utf8(out).expect("JSON is UTF-8")
}

/// JSON that others wrote, on one line and safe to print: with its own order, digits and duplicate keys.
pub(super) struct Written(pub(super) String);

impl Written {
    /// What was understood of a document, closed properly; `None` if nothing was.
    pub(super) fn of(json: &Json) -> Option<Self> {
        json.root().map(|_| Self(json.compact(0)))
    }
}

impl Serialize for Written {
    /// As bytes, which [`Safe`] passes on. As a `RawValue` it would be read once more.
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(self.0.as_bytes())
    }
}

/// Strings as [`text::quoted`] writes them, and bytes as they are: they come from [`Written`] alone.
struct Safe;

impl Formatter for Safe {
    fn write_string_fragment<W: ?Sized + io::Write>(&mut self, out: &mut W, text: &str) -> io::Result<()> {
        if text::is_plain(text) {
            return out.write_all(text.as_bytes());
        }
        let mut safe = String::with_capacity(text.len() + 16);
        text::push_json(&mut safe, text);
        out.write_all(safe.as_bytes())
    }

    fn write_char_escape<W: ?Sized + io::Write>(&mut self, out: &mut W, escape: CharEscape) -> io::Result<()> {
        let escape = match escape {
            CharEscape::Backspace => CharEscape::AsciiControl(0x8),
            CharEscape::FormFeed => CharEscape::AsciiControl(0xc),
            escape => escape,
        };
        CompactFormatter.write_char_escape(out, escape)
    }

    fn write_byte_array<W: ?Sized + io::Write>(&mut self, out: &mut W, json: &[u8]) -> io::Result<()> {
        out.write_all(json)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn strings_are_quoted_as_everywhere(
            text in any::<String>(),
            odd in "[a\"\\\\\u{1}\u{8}\u{c}\n\u{7f}\u{301}\u{202e}]{0,12}",
        ) {
            prop_assert_eq!(line(&text), text::quoted(&text));
            prop_assert_eq!(line(&odd), text::quoted(&odd));
        }
    }
}
