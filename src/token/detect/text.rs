//! Tokens in a text that need not be in any format.

use std::borrow::Cow;

use super::{
    super::{format, inspect},
    Finds, SHORTEST,
    name::{self, Lead, Name, Style},
    read as read_inner,
};

/// The characters of tokens, and `%` for what stands for one in a URL.
fn is_inside(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~' | b'+' | b'/' | b'%')
}

/// The characters of a JWT, and the tilde of SD-JWT.
fn is_compact(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~')
}

/// Reads a text from left to right.
pub(super) fn read(text: &str, around: Option<&Name<'_>>, depth: u8, finds: &mut Finds) {
    let bytes = text.as_bytes();
    let several = text.trim_end().contains('\n');
    let (mut at, mut line, mut part) = (0, 1, Part::of_line(text, 0));
    while at < bytes.len() {
        if !is_inside(bytes[at]) {
            part.pass(bytes[at], at);
            at += 1;
            if bytes[at - 1] == b'\n' {
                line += 1;
                part = Part::of_line(text, at);
            }
            continue;
        }
        let end = at + bytes[at..].iter().take_while(|&&byte| is_inside(byte)).count();
        if end - at < SHORTEST && !begins(&text[at..end]) {
            at = end;
            continue;
        }
        let place = if several { format!("line {line}") } else { "text".to_owned() };
        let run = Run { text, start: at, end, place, around, depth };
        at = run.read(part.style(at), finds);
        line += text[end..at].bytes().filter(|&byte| byte == b'\n').count();
        if at > end {
            part = Part::default();
        }
    }
}

/// Whether there is a token in a text that must begin with a header of its own.
pub(super) fn holds_token(text: &str) -> bool {
    pieces(text).any(is_known)
}

/// What of a URL or a header line the reader is in.
#[derive(Default)]
struct Part {
    url: Option<Style>,
    /// Where the cookies of the line begin.
    cookies: Option<usize>,
}

impl Part {
    fn of_line(text: &str, start: usize) -> Self {
        let line = text[start..].lines().next().unwrap_or_default();
        let has = |word: &str| find_ignoring_case(line, word).map(|at| start + at + word.len());
        Self { url: None, cookies: has("cookie:").or_else(|| has("--cookie ")).or_else(|| has(" -b ")) }
    }

    fn pass(&mut self, byte: u8, at: usize) {
        match byte {
            b'?' => self.url = Some(Style::Query),
            b'#' => self.url = Some(Style::Fragment),
            b' ' | b'\t' | b'\n' | b'<' | b'>' => self.url = None,
            b'"' | b'\'' => {
                self.url = None;
                // The argument of a command with a cookie header ends; the one behind `-b ` begins.
                self.cookies = self.cookies.filter(|&start| at <= start);
            }
            _ => {}
        }
    }

    fn style(&self, at: usize) -> Option<Style> {
        self.url.or_else(|| self.cookies.filter(|&start| start <= at).map(|_| Style::Cookie))
    }
}

fn find_ignoring_case(text: &str, word: &str) -> Option<usize> {
    let same = |window: &[u8]| window.eq_ignore_ascii_case(word.as_bytes());
    text.as_bytes().windows(word.len()).position(same)
}

/// A run of a token's characters.
struct Run<'a> {
    text: &'a str,
    start: usize,
    end: usize,
    place: String,
    around: Option<&'a Name<'a>>,
    depth: u8,
}

impl<'a> Run<'a> {
    /// Adds the tokens of the run; returns where to go on.
    fn read(&self, part: Option<Style>, finds: &mut Finds) -> usize {
        let run = &self.text[self.start..self.end];
        let decoded = percent_decoded(run);
        if let Some(decoded) = &decoded
            && !decoded.bytes().all(|byte| is_inside(byte) || byte == b'=')
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
            self.opaque(run, part, finds);
        }
        self.end
    }

    /// What stands in front; the `https:` of a URL is no name.
    fn lead(&self, part: Option<Style>) -> Lead<'_> {
        if self.text[self.start..].starts_with("//") {
            return Lead::default();
        }
        name::in_front(&self.text[..self.start], part)
    }

    /// A run that is a token by its name or by what comes of decoding it.
    fn opaque(&self, run: &str, part: Option<Style>, finds: &mut Finds) {
        let behind = &self.text[self.end..];
        let padding = behind.bytes().take(2).take_while(|&byte| byte == b'=').count();
        let behind = &behind[padding..];
        let token = [run, &"=="[..padding]].concat();
        let lead = self.lead(part);
        let ends = !behind.starts_with(['(', '=', ':', '{', '[']);
        // The parameter of a challenge, `Bearer error="…"`, is no token.
        let parameter = padding == 1 && behind.starts_with(['"', '\'']);
        let name = lead.name.as_ref().or(self.around);
        let named = name.is_some_and(Name::means_token) && !token.starts_with(['/', '.']);
        let shown = lead.scheme && !parameter && token.bytes().any(|byte| byte.is_ascii_digit());
        if ends && (named || shown) || format::of_opaque(&token).is_some() {
            finds.add(&token, name, &self.place);
        }
    }

    /// A JWT that goes on over the next lines: either it is no JWT without them, or the text was wrapped, so the line
    /// before was full.
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
        loop {
            let next = end + bytes[end..].iter().take(2).take_while(|&&byte| byte == b'\r').count();
            if bytes.get(next) != Some(&b'\n') {
                break;
            }
            let next = next + 1;
            let next = next + bytes[next..].iter().take_while(|&&byte| matches!(byte, b' ' | b'\t')).count();
            let piece = bytes[next..].iter().take_while(|&&byte| is_compact(byte)).count();
            let piece = &self.text[next..next + piece];
            let incomplete = dots < 2 || joined.ends_with('.');
            let full = width.is_some_and(|width| width == end - self.line_start(end));
            if piece.is_empty()
                || !(incomplete || full)
                || begins(piece) && !(dots < 2 && joined.ends_with('.'))
                || dots + dots_of(piece) > 4
            {
                break;
            }
            width = width.or(Some(end - self.line_start(end)));
            joined.push_str(piece);
            dots += dots_of(piece);
            end = next + piece.len();
        }
        (end > self.end && is_known(&joined)).then_some((joined, end))
    }

    /// Where the line begins that ends here.
    fn line_start(&self, end: usize) -> usize {
        self.text[..end].rfind('\n').map_or(0, |at| at + 1)
    }
}

/// Whether a text may be a token that begins with a header of its own.
fn begins(text: &str) -> bool {
    text.starts_with("ey") || text.starts_with("ew") || format::begins_paseto(text)
}

/// The parts of a run that a JWT may be.
fn pieces(run: &str) -> impl Iterator<Item = &str> {
    run.split(['/', '+', '%']).map(|piece| {
        let piece = piece.trim_start_matches('.');
        // A full stop at the end of a sentence is none of the token's.
        let dots = piece.bytes().filter(|&byte| byte == b'.').count();
        if matches!(dots, 3 | 5) && !format::begins_paseto(piece) {
            return piece.strip_suffix('.').unwrap_or(piece);
        }
        piece
    })
}

fn is_known(piece: &str) -> bool {
    begins(piece) && (format::is_paseto(piece) || piece.contains('.') && inspect::is_compact(piece))
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
