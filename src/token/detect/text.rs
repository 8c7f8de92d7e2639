//! Tokens in a text that need not be in any format.

mod outline;
mod run;

use self::{outline::Outline, run::Run};
use super::{
    super::{candidate::end_of_run, json::Json},
    Finds, SHORTEST, document, headed,
    name::{Name, Style},
};

/// The characters of tokens, and `%` for what stands for one in a URL.
fn is_inside(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~' | b'+' | b'/' | b'%')
}

/// Reads a text from left to right.
pub(super) fn read(text: &str, around: Option<&Name<'_>>, depth: u8, finds: &mut Finds) {
    let bytes = text.as_bytes();
    let several = text.trim_end().contains('\n');
    let (mut at, mut line, mut part) = (0, 1, Part::of_line(text, 0));
    let mut outline = Outline::default();
    outline.enter(text, 0);
    let mut objects = Objects::default();
    while at < bytes.len() {
        if bytes[at] == b'{'
            && let Some((json, end)) = objects.begun(text, at)
        {
            document::read(&json, around, depth, finds);
            line += bytes[at..end].iter().filter(|&&byte| byte == b'\n').count();
            at = end;
            part = Part::default();
            continue;
        }
        if !is_inside(bytes[at]) {
            part.pass(bytes[at], at);
            at += 1;
            if bytes[at - 1] == b'\n' {
                line += 1;
                part = Part::of_line(text, at);
                outline.enter(text, at);
            }
            continue;
        }
        let end = end_of_run(text, at, is_inside);
        if end - at < SHORTEST && !headed::begins(&text[at..end]) {
            at = end;
            continue;
        }
        let place = if several { format!("line {line}") } else { "text".to_owned() };
        let run = Run { text, start: at, end, place, around, depth, outline: &outline };
        at = run.read(part.style(at), finds);
        line += text[end..at].bytes().filter(|&byte| byte == b'\n').count();
        if at > end {
            part = Part::default();
        }
    }
}

/// JSON in a text: an object that ends on its line, tried once a line; and one that begins a line and reaches to the last
/// brace, tried once.
#[derive(Default)]
struct Objects {
    /// Where the line ends that was tried last.
    tried: usize,
    whole_tried: bool,
}

impl Objects {
    fn begun(&mut self, text: &str, at: usize) -> Option<(Json, usize)> {
        let ending = |end: usize| {
            let end = at + text[at..end].rfind('}')? + 1;
            let json = Json::parse(&text[at..end]);
            json.error().is_none().then_some((json, end))
        };
        if at >= self.tried {
            self.tried = text[at..].find('\n').map_or(text.len(), |feed| at + feed);
            if let Some(found) = ending(self.tried) {
                // There may be another one behind it.
                self.tried = found.1;
                return Some(found);
            }
        }
        let before = text[..at].trim_end_matches([' ', '\t']);
        if (before.is_empty() || before.ends_with('\n')) && !self.whole_tried {
            self.whole_tried = true;
            return ending(text.len());
        }
        None
    }
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
