//! What the terminal answers to [`QUESTION`]: sequences that come when they come, between keys and in the middle of a paste.

use crate::store::theme::Rgb;

/// In one write: a `●` in the second row, and the question where the cursor is then; the row blank again; the colour of the
/// background (OSC 11); and what every terminal answers (DA1): what has not been answered before it never will be.
pub(in crate::tui::runtime) const QUESTION: &str = "\x1b[2;1H●\x1b[6n\x1b[2K\x1b]11;?\x1b\\\x1b[c";

/// An answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::tui::runtime) enum Reply {
    /// The colour of the background.
    Background(Rgb),
    /// So many columns wide is the `●`.
    SignWidth(u16),
    /// No more answers come.
    End,
}

/// How far bytes are an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Extent {
    /// They can be the start of one.
    Start,
    Whole,
    No,
}

/// An answer's head, what can be inside of it, and its ends. In the second row, the cursor's place is no function key.
type Form = (&'static [u8], fn(&u8) -> bool, &'static [&'static [u8]]);

const COLOR: Form = (b"\x1b]11;", |byte| byte.is_ascii_alphanumeric() || b":/#".contains(byte), &[b"\x07", b"\x1b\\"]);
const COLUMN: Form = (b"\x1b[2;", u8::is_ascii_digit, &[b"R"]);
const ATTRIBUTES: Form = (b"\x1b[?", |byte| byte.is_ascii_digit() || *byte == b';', &[b"c"]);

/// No answer is longer.
const LONGEST: usize = 64;

/// How far bytes are an answer.
pub(super) fn extent(bytes: &[u8]) -> Extent {
    let extents = [COLOR, COLUMN, ATTRIBUTES].map(|form| extent_in(form, bytes));
    let found = |wanted| extents.contains(&wanted).then_some(wanted);
    found(Extent::Whole).or(found(Extent::Start)).unwrap_or(Extent::No)
}

fn extent_in((head, inside, ends): Form, bytes: &[u8]) -> Extent {
    let Some(rest) = bytes.strip_prefix(head) else {
        return if head.starts_with(bytes) { Extent::Start } else { Extent::No };
    };
    let end = &rest[rest.iter().take_while(|byte| inside(byte)).count()..];
    match ends.iter().find(|whole| whole.starts_with(end)) {
        _ if bytes.len() > LONGEST => Extent::No,
        Some(whole) if whole.len() == end.len() => Extent::Whole,
        Some(_) => Extent::Start,
        None => Extent::No,
    }
}

/// What a whole sequence answers.
pub(super) fn read(sequence: &[u8]) -> Option<Reply> {
    let body = |form: Form| {
        let whole = extent_in(form, sequence) == Extent::Whole;
        let body = sequence.strip_prefix(form.0).filter(|_| whole)?;
        let length = body.iter().take_while(|byte| form.1(byte)).count();
        std::str::from_utf8(&body[..length]).ok()
    };
    if body(ATTRIBUTES).is_some() {
        return Some(Reply::End);
    }
    if let Some(column) = body(COLUMN) {
        return Some(Reply::SignWidth(column.parse::<u16>().ok()?.checked_sub(1)?));
    }
    let color = body(COLOR)?;
    let mut parts = color.strip_prefix("rgb:").or_else(|| color.strip_prefix("rgba:"))?.split('/').map(|part| {
        // One to four digits, of which all F is the most.
        let most = 16_u32
            .checked_pow(part.len().try_into().ok()?)?
            .checked_sub(1)
            .filter(|most| (1..=0xffff).contains(most))?;
        let value = u32::from_str_radix(part, 16).ok()?;
        u8::try_from(value * 255 / most).ok()
    });
    let mut part = || parts.next().flatten();
    Some(Reply::Background(Rgb(part()?, part()?, part()?)))
}

/// Takes answers out of a paste that they came in the middle of.
pub(super) fn take_out(text: &mut Vec<u8>) -> Vec<Reply> {
    let (mut found, mut from) = (Vec::new(), 0);
    while let Some(start) = text[from..].iter().position(|byte| *byte == 0x1b).map(|at| from + at) {
        let length =
            (1..=LONGEST.min(text.len() - start)).find(|length| extent(&text[start..start + length]) != Extent::Start);
        match length.and_then(|length| Some((length, read(&text[start..start + length])?))) {
            Some((length, reply)) => {
                found.push(reply);
                text.drain(start..start + length);
                from = start;
            }
            None => from = start + 1,
        }
    }
    found
}
