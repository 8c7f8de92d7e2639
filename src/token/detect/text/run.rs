//! One run of a token's characters in a text.

use std::borrow::Cow;

use super::{
    super::{
        super::{candidate::end_of_run, format},
        Finds, SHORTEST,
        headed::{begins, holds_token, is_known, pieces},
        layer,
        name::{self, Lead, Name, Style},
        read as read_inner,
    },
    is_inside,
    outline::Outline,
};

/// A run of a token's characters.
pub(super) struct Run<'a> {
    pub(super) text: &'a str,
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) place: String,
    pub(super) around: Option<&'a Name<'a>>,
    pub(super) depth: u8,
    pub(super) outline: &'a Outline<'a>,
}

impl<'a> Run<'a> {
    /// Adds the tokens of the run; returns where to go on.
    pub(super) fn read(&self, part: Option<Style>, finds: &mut Finds) -> usize {
        let run = &self.text[self.start..self.end];
        let decoded = percent_decoded(run);
        if let Some(decoded) = &decoded
            && end_of_run(decoded, 0, is_inside) < decoded.trim_end_matches('=').len()
        {
            let lead = self.lead(part);
            read_inner(decoded, lead.name.as_ref().or(self.around), self.depth + 1, finds);
            return self.end;
        }
        if let Some((joined, end)) = self.joined() {
            let lead = self.lead(part);
            finds.add(&joined, lead.name.as_ref().or(self.around), &self.place);
            return end;
        }
        let run = decoded.as_deref().unwrap_or(run);
        if holds_token(run) {
            for piece in pieces(run).filter(|piece| is_known(piece)) {
                let lead = self.lead(part);
                finds.add(piece, lead.name.as_ref().or(self.around), &self.place);
            }
        } else if run.len() >= SHORTEST {
            return self.opaque(run, part, finds);
        }
        self.end
    }

    /// What stands in front; the `https:` of a URL is not a name.
    fn lead(&self, part: Option<Style>) -> Lead<'a> {
        if self.text[self.start..].starts_with("//") {
            return Lead::default();
        }
        name::in_front(&self.text[..self.start], part)
    }

    /// A run that is a token by its name, or holds one when it is decoded.
    fn opaque(&self, run: &str, part: Option<Style>, finds: &mut Finds) -> usize {
        let behind = &self.text[self.end..];
        let padding = behind.bytes().take(2).take_while(|&byte| byte == b'=').count();
        let behind = &behind[padding..];
        let token = [run, &"=="[..padding]].concat();
        let lead = self.lead(part);
        let wrapped = (run.len() == self.end - self.start).then(|| self.wrapped()).flatten();
        let (encoded, end) = wrapped.as_ref().map_or((&token, self.end), |(joined, end)| (joined, *end));
        if layer::read(encoded, || self.path(lead.name.as_ref()), self.depth, finds) {
            return end;
        }
        if lead.basic {
            return end;
        }
        let token = wrapped.map_or(token, |(joined, _)| joined);
        let ends = !behind.starts_with(['(', '=', ':', '{', '[']);
        // The parameter of a challenge, `Bearer error="…"`, is not a token.
        let parameter = padding == 1 && behind.starts_with(['"', '\'']);
        let name = lead.name.as_ref().or(self.around);
        let named = name.is_some_and(Name::means_token) && !token.starts_with(['/', '.']);
        let shown = lead.scheme && !parameter && token.bytes().any(|byte| byte.is_ascii_digit());
        if ends && (named || shown) || format::is_whole(&token) {
            finds.add(&token, name, &self.place);
        }
        end
    }

    /// The name of a value, and of all that it stands in.
    fn path(&self, name: Option<&Name<'_>>) -> Option<Name<'static>> {
        let text = match name {
            Some(name) if name.text.eq_ignore_ascii_case("authorization") => name.place(),
            Some(name) if matches!(name.style, Style::Value | Style::Header) => {
                self.outline.path(&name.text).unwrap_or_else(|| name.text.clone().into_owned())
            }
            Some(Name { style: Style::Member, text, .. }) => text.clone().into_owned(),
            Some(name) => name.place(),
            None => self.around?.place(),
        };
        let ends = name.or(self.around).and_then(|name| name.ends);
        Some(Name { ends, ..Name::new(text, Style::Value) })
    }

    /// A JWT that goes on over the next lines: either it is not a JWT without them, or the text was wrapped, so the line
    /// before was full; in mail, a line that goes on may end with `=`.
    fn joined(&self) -> Option<(String, usize)> {
        let bytes = self.text.as_bytes();
        let start = self.text[self.start..self.end].rfind(['/', '+', '%']).map_or(self.start, |at| self.start + at + 1);
        let mut joined = self.text[start..self.end].to_owned();
        if !begins(&joined) {
            return None;
        }
        let mut end = self.end;
        let mut width = None;
        let dots_of = |text: &str| text.bytes().filter(|&byte| byte == b'.').count();
        let mut dots = dots_of(&joined);
        let mut soft = false;
        loop {
            let incomplete = dots < 2 || joined.ends_with('.');
            let marks = bytes[end..].iter().take(2).take_while(|&&byte| byte == b'=').count();
            let line_end = end + marks;
            let next = line_end + bytes[line_end..].iter().take(2).take_while(|&&byte| byte == b'\r').count();
            if bytes.get(next) != Some(&b'\n') {
                break;
            }
            let next = next + 1;
            let next = next + bytes[next..].iter().take_while(|&&byte| matches!(byte, b' ' | b'\t')).count();
            // Before a dot it is padding, and else a line that goes on.
            let padding = match bytes.get(next) {
                Some(b'=') if marks == 1 => 2,
                Some(b'.') if is_padding(&joined, marks) => marks,
                _ => 0,
            };
            let softly = marks == 1 && padding == 0 && (incomplete || soft);
            if marks > 0 && padding == 0 && !softly {
                break;
            }
            let next = next + padding - padding.min(marks);
            let piece = &self.text[next..end_of_piece(self.text, next)];
            let full = width.is_some_and(|width| width == line_end - self.line_start(line_end));
            if piece.is_empty()
                || !(incomplete || full || softly)
                || begins(piece) && !(dots < 2 && joined.ends_with('.'))
                || dots + dots_of(piece) > 4
            {
                break;
            }
            soft |= softly;
            width = width.or(Some(line_end - self.line_start(line_end)));
            joined.push_str(&"=="[..padding]);
            joined.push_str(piece);
            dots += dots_of(piece);
            end = next + piece.len();
        }
        if end == self.end || !is_known(&joined) {
            return None;
        }
        let marks = bytes[end..].iter().take(2).take_while(|&&byte| byte == b'=').count();
        let padding = if is_padding(&joined, marks) { marks } else { 0 };
        joined.push_str(&"=="[..padding]);
        Some((joined, end + padding))
    }

    /// Base64 that goes on over the next lines, all as long as the first one but the last; and where it ends. Whoever gets
    /// it goes on behind it, so that no line is joined twice.
    fn wrapped(&self) -> Option<(String, usize)> {
        let bytes = self.text.as_bytes();
        let first = &self.text[self.start..self.end];
        if !layer::begins(first.strip_prefix("base64-").unwrap_or(first)) {
            return None;
        }
        let mut joined = first.to_owned();
        let mut end = self.end;
        loop {
            let next = end + bytes[end..].iter().take(2).take_while(|&&byte| byte == b'\r').count();
            if bytes.get(next) != Some(&b'\n') {
                break;
            }
            let next = next + 1;
            let next = next + bytes[next..].iter().take_while(|&&byte| matches!(byte, b' ' | b'\t')).count();
            let inside = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'+' | b'/');
            let length = bytes[next..].iter().take_while(|&&byte| inside(byte)).count();
            let padding = bytes[next + length..].iter().take(2).take_while(|&&byte| byte == b'=').count();
            let line = next + length + padding;
            let alone = bytes.get(line).is_none_or(|byte| matches!(byte, b'\r' | b'\n'));
            if length == 0 || !alone || length + padding > first.len() {
                break;
            }
            joined.push_str(&self.text[next..line]);
            end = line;
            if length + padding < first.len() {
                break;
            }
        }
        (end > self.end).then_some((joined, end))
    }

    /// Where the line begins that ends here.
    fn line_start(&self, end: usize) -> usize {
        self.text[..end].rfind('\n').map_or(0, |at| at + 1)
    }
}

/// Where a line of a JWT ends: its characters, the tilde of SD-JWT, and padding in front of a dot.
fn end_of_piece(text: &str, start: usize) -> usize {
    let bytes = text.as_bytes();
    let inside = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~');
    let mut end = start;
    loop {
        end += bytes[end..].iter().take_while(|&&byte| inside(byte)).count();
        let marks = bytes[end..].iter().take(2).take_while(|&&byte| byte == b'=').count();
        if marks == 0 || bytes.get(end + marks) != Some(&b'.') {
            return end;
        }
        end += marks;
    }
}

/// Whether so many `=` make the last segment a multiple of four.
fn is_padding(token: &str, marks: usize) -> bool {
    let segment = token.len() - token.rfind('.').map_or(0, |dot| dot + 1);
    marks > 0 && (segment + marks).is_multiple_of(4)
}

/// The text with `%2E` and the like resolved; `None` where there is nothing to resolve.
fn percent_decoded(run: &str) -> Option<String> {
    if !run.contains('%') {
        return None;
    }
    let hex = |byte: u8| char::from(byte).to_digit(16);
    let (bytes, mut at) = (run.as_bytes(), 0);
    let mut out = Vec::with_capacity(run.len());
    while at < bytes.len() {
        let digits = bytes.get(at + 1..at + 3).and_then(|pair| Some(hex(pair[0])? * 16 + hex(pair[1])?));
        match digits.and_then(|code| u8::try_from(code).ok()).filter(|_| bytes[at] == b'%') {
            Some(byte) => {
                out.push(byte);
                at += 3;
            }
            None => {
                out.push(bytes[at]);
                at += 1;
            }
        }
    }
    let text = Cow::into_owned(String::from_utf8_lossy(&out));
    (text.len() < run.len()).then_some(text)
}
