//! The one sanitizer: foreign text on its way to a terminal.
//!
//! What is replaced, and why nothing else is:
//! - everything in `HIDDEN`: controls, format characters, blanks other than the space, private use, noncharacters.
//!   Blanks too, because `admin` and `admin` with a no-break space behind it are two users;
//! - a combining mark with nothing to stand on, on a quotation mark, and from the fifth mark in a row on: ratatui would drop the first, and
//!   a tower of marks paints over the lines around it. Four are enough for every living script;
//! - unassigned characters stay, except for those reserved as invisible: which ones are unassigned changes every year,
//!   and terminals show them as a box.
//!
//! Emoji and flags are replaced, too: terminals do not agree on how wide they are ([`width`]). A backslash stays a backslash, so
//! `visible` is for reading; [`quoted`] is for reading back.

pub mod typed;
pub mod width;

use std::borrow::Cow;

use unicode_segmentation::UnicodeSegmentation as _;
use unicode_width::UnicodeWidthChar as _;

/// The characters that never reach a terminal, as sorted, inclusive ranges. Unicode 16.0: General_Category Cc, Cf, Zl,
/// Zp, Zs without U+0020 and Co, Default_Ignorable_Code_Point, Noncharacter_Code_Point, and U+2800 (a braille cell
/// without dots). That covers bidi controls, zero-width characters, fillers, variation selectors and tags.
const HIDDEN: &[(u32, u32)] = &[
    (0x0000, 0x001f),
    (0x007f, 0x00a0),
    (0x00ad, 0x00ad),
    (0x034f, 0x034f),
    (0x0600, 0x0605),
    (0x061c, 0x061c),
    (0x06dd, 0x06dd),
    (0x070f, 0x070f),
    (0x0890, 0x0891),
    (0x08e2, 0x08e2),
    (0x115f, 0x1160),
    (0x1680, 0x1680),
    (0x17b4, 0x17b5),
    (0x180b, 0x180f),
    (0x2000, 0x200f),
    (0x2028, 0x202f),
    (0x205f, 0x206f),
    (0x2800, 0x2800),
    (0x3000, 0x3000),
    (0x3164, 0x3164),
    (0xe000, 0xf8ff),
    (0xfdd0, 0xfdef),
    (0xfe00, 0xfe0f),
    (0xfeff, 0xfeff),
    (0xffa0, 0xffa0),
    (0xfff0, 0xfffb),
    (0xfffe, 0xffff),
    (0x110bd, 0x110bd),
    (0x110cd, 0x110cd),
    (0x13430, 0x1343f),
    (0x1bca0, 0x1bca3),
    (0x1d173, 0x1d17a),
    (0x1fffe, 0x1ffff),
    (0x2fffe, 0x2ffff),
    (0x3fffe, 0x3ffff),
    (0x4fffe, 0x4ffff),
    (0x5fffe, 0x5ffff),
    (0x6fffe, 0x6ffff),
    (0x7fffe, 0x7ffff),
    (0x8fffe, 0x8ffff),
    (0x9fffe, 0x9ffff),
    (0xafffe, 0xaffff),
    (0xbfffe, 0xbffff),
    (0xcfffe, 0xcffff),
    (0xdfffe, 0xe0fff),
    (0xefffe, 0x10ffff),
];

/// How many combining marks one character may carry.
const MARKS: usize = 4;

/// The text with everything that a terminal would act on, hide or reorder made visible: see the module's list. Such
/// characters become `\u{202e}`; line feed, carriage return and tab become `\n`, `\r`, `\t`. Nothing is dropped, one
/// line comes out, and plain text comes out as it went in.
pub fn visible(text: &str) -> Cow<'_, str> {
    if is_plain(text) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    replace(text, &mut out, |c| hidden(c) || width::is_disputed(c), escape_visible);
    Cow::Owned(out)
}

/// The text as a sentence begins: its first letter a capital.
pub fn capitalized(text: &str) -> String {
    let mut rest = text.chars();
    rest.next().map_or_else(String::new, |first| first.to_uppercase().chain(rest).collect())
}

/// The text as a sentence: a capital at its start and a stop at its end. What begins with a name that is no word, such as
/// `edx.json` or `config.toml:14:`, keeps that; a place in a file is followed by no sentence.
pub fn sentence(text: &str) -> String {
    let first = text.split_whitespace().next().unwrap_or_default();
    let first = first.trim_end_matches([',', ':', ';', '.']);
    let is_word = |c: char| c.is_alphabetic() || matches!(c, '-' | '\'' | '’');
    let mut sentence = if first.chars().all(is_word) { capitalized(text) } else { text.to_owned() };
    if !first.contains(':') && !sentence.is_empty() && !sentence.ends_with(['.', '!', '?', '…', ':']) {
        sentence.push('.');
    }
    sentence
}

/// The first words of a foreign text, on one line: no more than so many characters of it.
pub fn excerpt(text: &str, characters: usize) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(characters) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

/// The text as a JSON string that is safe to print: quoted, `"` and `\` escaped, and the characters that
/// [`visible`] replaces as `\uXXXX`, so that it still is the same JSON value.
pub fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    push_as_quoted(&mut out, text, |c| hidden(c) || width::is_disputed(c));
    out
}

/// Appends the same for programs, which do not mind how wide a character is.
pub fn push_quoted(out: &mut String, text: &str) {
    push_as_quoted(out, text, hidden);
}

fn push_as_quoted(out: &mut String, text: &str, special: impl Fn(char) -> bool) {
    out.push('"');
    let bytes = text.as_bytes().iter();
    if bytes.fold(true, |plain, byte| plain & matches!(byte, b' ' | b'!' | b'#'..=b'[' | b']'..=b'~')) {
        out.push_str(text);
    } else {
        replace(text, out, |c| matches!(c, '"' | '\\') || special(c), escape_json);
    }
    out.push('"');
}

/// Appends a piece of JSON text with what [`visible`] replaces as `\uXXXX`. Inside of JSON strings, the only place
/// where such characters may stand, that changes no value.
pub fn push_json(out: &mut String, json: &str) {
    if is_plain(json) {
        out.push_str(json);
    } else {
        replace(json, out, hidden, escape_json);
    }
}

/// Whether a character stands in `HIDDEN`.
pub fn hidden(c: char) -> bool {
    let c = u32::from(c);
    let after = HIDDEN.partition_point(|&(first, _)| first <= c);
    after > 0 && c <= HIDDEN[after - 1].1
}

/// Whether a text is printable ASCII: nearly all is, and needs no second look.
pub fn is_plain(text: &str) -> bool {
    // Without an early exit, the compiler checks many bytes at once.
    text.as_bytes().iter().fold(true, |plain, byte| plain & matches!(byte, 0x20..0x7f))
}

/// Copies the text and escapes the special characters, and the marks that stand on nothing or too high.
fn replace(text: &str, out: &mut String, special: impl Fn(char) -> bool, escape: fn(&mut String, char)) {
    if text.is_ascii() {
        text.chars().for_each(|c| if special(c) { escape(out, c) } else { out.push(c) });
        return;
    }
    for cluster in text.graphemes(true) {
        // How many marks the character before may still carry.
        let mut room = 0;
        for c in cluster.chars() {
            let mark = c.width() == Some(0);
            if special(c) || mark && room == 0 {
                escape(out, c);
                room = 0;
            } else {
                out.push(c);
                room = if mark { room - 1 } else { MARKS * usize::from(c != '"') };
            }
        }
    }
}

fn escape_visible(out: &mut String, c: char) {
    match c {
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        _ => out.extend(c.escape_unicode()),
    }
}

fn escape_json(out: &mut String, c: char) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    match c {
        '"' => out.push_str("\\\""),
        '\\' => out.push_str("\\\\"),
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        _ => {
            for unit in c.encode_utf16(&mut [0; 2]) {
                out.push_str("\\u");
                out.extend([12, 8, 4, 0].map(|shift| char::from(HEX[usize::from(*unit >> shift & 15)])));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use unicode_width::UnicodeWidthStr as _;

    use super::*;

    #[test]
    fn makes_visible() {
        let check = |input: &str, expected: &str| assert_eq!(visible(input), expected);
        check("", "");
        check("feanil@axim.org", "feanil@axim.org");
        check("Zoë Müller 山田", "Zoë Müller 山田");
        check("a\r\n\tb", "a\\r\\n\\tb");
        check("\x1b]0;title\x07", "\\u{1b}]0;title\\u{7}");
        check("\u{9b}31m", "\\u{9b}31m");
        check("user\u{202e}gpj.exe", "user\\u{202e}gpj.exe");
        check("ad\u{200b}min", "ad\\u{200b}min");
        check("admin\u{a0}", "admin\\u{a0}");
        check("\u{e0041}\u{fe0f}\u{3164}", "\\u{e0041}\\u{fe0f}\\u{3164}");
        check("\u{1f469}\u{200d}\u{1f4bb}", "\\u{1f469}\\u{200d}\\u{1f4bb}");
        check("\u{1f1e9}\u{1f1ea} ✓", "\\u{1f1e9}\\u{1f1ea} ✓");
        check("C:\\temp", "C:\\temp");
    }

    #[test]
    fn marks_stand_on_something_and_not_too_high() {
        let check = |input: &str, expected: &str| assert_eq!(visible(input), expected);
        check("e\u{301}", "e\u{301}");
        check("Vie\u{302}\u{323}t", "Vie\u{302}\u{323}t");
        check("\u{301}x", "\\u{301}x");
        check("a\n\u{301}", "a\\n\\u{301}");
        check("a\u{200d}\u{301}", "a\\u{200d}\\u{301}");
        check("z\u{300}\u{300}\u{300}\u{300}\u{300}", "z\u{300}\u{300}\u{300}\u{300}\\u{300}");
        check("\u{1112}\u{1161}\u{11ab}", "\u{1112}\u{1161}\u{11ab}");
        check("a\u{1161}", "a\\u{1161}");
    }

    #[test]
    fn quotes_as_json() {
        let check = |input: &str, expected: &str| assert_eq!(quoted(input), expected);
        check("plain", r#""plain""#);
        check("a\"b\\c", r#""a\"b\\c""#);
        check("\u{1b}[0m\n", r#""\u001b[0m\n""#);
        check("\u{e0041}", r#""\udb40\udc41""#);
        check("\u{301}é", r#""\u0301é""#);
    }

    #[test]
    fn the_table_is_sorted() {
        assert!(HIDDEN.windows(2).all(|pair| pair[0].1 < pair[1].0));
        assert!(HIDDEN.iter().all(|&(first, last)| first <= last));
    }

    /// All 1,112,064 scalar values between letters: nothing dangerous comes out, nothing is lost.
    #[test]
    fn every_scalar_value() {
        let dangerous = |c: char| {
            c.is_control()
                || c.is_whitespace() && c != ' '
                || matches!(u32::from(c), 0xad | 0x61c | 0x180e | 0x200b..=0x200f | 0x2028..=0x202e | 0x2060..=0x206f
                    | 0xfeff | 0xfff9..=0xfffb | 0xe0000..=0xe007f | 0xfe00..=0xfe0f | 0xe000..=0xf8ff)
        };
        let all: Vec<char> = ('\0'..=char::MAX).collect();
        assert_eq!(all.len(), 1_112_064);
        for block in all.chunks(4_096) {
            let out = visible(&block.iter().flat_map(|&c| ['a', c]).collect::<String>()).into_owned();
            assert!(!out.contains(dangerous), "in the block of {:?}", block[0]);
            let mut rest = out.as_str();
            for &c in block {
                let mut escaped = String::new();
                escape_visible(&mut escaped, c);
                rest = rest.strip_prefix('a').unwrap();
                rest = rest.strip_prefix(c).or_else(|| rest.strip_prefix(&*escaped)).expect("nothing is lost");
            }
            assert_eq!(rest, "");
        }
    }

    /// What has no width of its own would be dropped by ratatui where it stands alone.
    #[test]
    fn every_scalar_value_alone() {
        for c in ('\0'..=char::MAX).filter(|c| c.width().is_none_or(|width| width == 0)) {
            assert!(visible(c.encode_utf8(&mut [0; 4])).width() > 0, "{c:?}");
        }
    }

    proptest! {
        #[test]
        fn nothing_invisible_comes_out(text in any::<String>(), marks in "[a\u{300}-\u{303}\u{1161}\u{11a8}가\u{200d}]{0,12}") {
            for text in [text, marks] {
                let out = visible(&text);
                prop_assert!(out.graphemes(true).all(|cluster| cluster.width() > 0), "{out:?}");
                prop_assert_eq!(&visible(&out), &out);
            }
        }

        #[test]
        fn quoted_text_reads_back(text in any::<String>()) {
            let json = quoted(&text);
            prop_assert_eq!(visible(&json), json.as_str());
            prop_assert_eq!(serde_json::from_str::<String>(&json).unwrap(), text);
        }
    }
}
