//! Finds the tokens in whatever was pasted or piped: headers, JSON of any nesting, curl commands, cookies, URLs, `.env`,
//! YAML, logs, HTML, HAR.
//!
//! There are two readers. A JSON document is read as one, so that escapes are resolved and members have names. In any
//! other text each run of a token's characters is looked at, and the name that stands in front of it: that is the same
//! for `name: value`, `name=value` and `"name":"value"`, so it works for formats that nobody thought of and for those
//! that are broken. A JWT is known by its header; an opaque token only by its name.
//!
//! A text in a text (a URL in JSON in a URL) is read up to four levels deep. Each level is shorter than the one
//! around it, so the time grows with the text's length and no faster.

mod document;
mod name;
mod text;

use std::{
    borrow::Cow,
    collections::HashSet,
    hash::{BuildHasher as _, RandomState},
};

use self::name::Name;
use super::{
    Form, Token, candidate,
    defect::{Defect, DefectCode},
    format, inspect,
    json::Json,
};
use crate::secret::{ExposeSecret as _, SecretString};

/// How many texts in texts are read.
const DEEPEST: u8 = 4;
/// A shorter text is no token unless it is a JWT.
const SHORTEST: usize = 16;

/// A token that was found in a text.
#[derive(Debug)]
pub struct Found {
    /// The token; with blanks inside where the text had nothing else and they broke it into pieces.
    pub text: SecretString,
    /// What it is for, where its name says so.
    pub purpose: Option<Purpose>,
    /// Where it was: `member access_token`, `Authorization header`, `line 3`. `None` where the text was the token and
    /// nothing else. Foreign text.
    pub place: Option<String>,
    /// There was no name to it: it was taken out of a longer text.
    bare: bool,
}

/// What a token is for, as its name says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Goes to the API: `access_token`, `Authorization`.
    Access,
    /// Goes to the authorization server: `refresh_token`.
    Refresh,
    /// Tells the client who logged in: `id_token`.
    Id,
}

impl Purpose {
    /// The word for programs and people: `access`, `refresh`, `id`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Access => "access",
            Self::Refresh => "refresh",
            Self::Id => "id",
        }
    }
}

impl Found {
    /// Takes the token apart.
    pub fn inspect(&self) -> Token {
        let mut token = Token::inspect(self.text.expose_secret());
        if self.bare && !matches!(token.form, Form::Opaque) {
            let text = "the token was taken out of a longer text".to_owned();
            token
                .defects
                .insert(0, Defect { code: DefectCode::SurroundingText, place: "token".to_owned(), text, bytes: None });
        }
        token
    }
}

/// The tokens in a text, in the order in which they appear, each once. A text that is one token, wrapped over lines or
/// not, is that token.
pub fn detect(text: &str) -> Vec<Found> {
    let peeled = candidate::peel(text);
    if peeled.is_empty() {
        return Vec::new();
    }
    let head = text.trim_start_matches(|c: char| !c.is_ascii_alphanumeric());
    let begins = |word: &str| head.get(..word.len()).is_some_and(|head| head.eq_ignore_ascii_case(word));
    let whole = || Found {
        text: peeled.into(),
        purpose: (begins("authorization:") || begins("bearer ")).then_some(Purpose::Access),
        place: begins("authorization:").then(|| "Authorization header".to_owned()),
        bare: false,
    };
    if inspect::is_one(peeled) || format::is_whole(peeled) || is_opaque(peeled) {
        return vec![whole()];
    }
    let mut finds = Finds::default();
    let unquoted = without_line_marks(peeled);
    if inspect::is_one(&unquoted) {
        finds.add(&unquoted, None, "quoted text");
    } else {
        read(&unescaped_html(&unquoted), None, 0, &mut finds);
    }
    if finds.list.is_empty() && Token::inspect(peeled).is_plausible() {
        return vec![whole()];
    }
    finds.list
}

/// Whether a text without a name is an opaque token: nothing in it separates names from values.
fn is_opaque(peeled: &str) -> bool {
    let inside = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '~' | '+' | '/' | '|');
    peeled.len() >= SHORTEST && peeled.trim_end_matches('=').chars().all(inside) && !text::holds_token(peeled)
}

/// Reads a text: as JSON where it is JSON.
fn read(text: &str, around: Option<&Name<'_>>, depth: u8, finds: &mut Finds) {
    if depth >= DEEPEST {
        return;
    }
    let trimmed = text.trim();
    if trimmed.starts_with(['{', '[']) {
        let json = Json::parse(trimmed);
        if json.error().is_none() {
            return document::read(&json, around, depth, finds);
        }
    }
    text::read(text, around, depth, finds);
}

/// What was found so far.
#[derive(Default)]
struct Finds {
    list: Vec<Found>,
    /// Keyed hashes of the tokens, so that they are not kept twice.
    seen: HashSet<u64>,
    hasher: RandomState,
}

impl Finds {
    /// Adds a token unless it is there already. Without a name, the place is that of the text around it.
    fn add(&mut self, token: &str, name: Option<&Name<'_>>, place: &str) {
        if self.seen.insert(self.hasher.hash_one(token)) {
            self.list.push(Found {
                text: token.into(),
                purpose: name.and_then(Name::purpose),
                place: Some(name.map_or_else(|| place.to_owned(), Name::place)),
                bare: name.is_none(),
            });
        }
    }
}

/// Takes off the `>` of quoted mail, the `#` of comments and the `|` of tables, where every line begins with it.
fn without_line_marks(text: &str) -> Cow<'_, str> {
    let lines = || text.lines().map(str::trim).filter(|line| !line.is_empty());
    for mark in ['>', '#', '|'] {
        // The first one may have been lost in copying.
        if lines().nth(1).is_some() && lines().skip(1).all(|line| line.starts_with(mark)) {
            let bare = |line: &str| line.trim().trim_start_matches(mark).trim_end_matches(mark).trim().to_owned();
            return text.lines().map(|line| bare(line) + "\n").collect::<String>().into();
        }
    }
    text.into()
}

/// Resolves the character references that stand between names and values in HTML.
fn unescaped_html(text: &str) -> Cow<'_, str> {
    const REFERENCES: &[(&str, &str)] = &[
        ("&quot;", "\""),
        ("&#34;", "\""),
        ("&#x22;", "\""),
        ("&#39;", "'"),
        ("&#x27;", "'"),
        ("&apos;", "'"),
        ("&#x3D;", "="),
        ("&#61;", "="),
        ("&#x2F;", "/"),
        ("&#43;", "+"),
        ("&#x2B;", "+"),
        ("&amp;", "&"),
    ];
    if !text.contains('&') || !REFERENCES.iter().any(|(reference, _)| text.contains(reference)) {
        return text.into();
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let (reference, c) = REFERENCES
            .iter()
            .find(|(reference, _)| rest.get(..reference.len()).is_some_and(|head| head.eq_ignore_ascii_case(reference)))
            .unwrap_or(&("&", "&"));
        out.push_str(c);
        rest = &rest[reference.len()..];
    }
    out.push_str(rest);
    out.into()
}

#[cfg(test)]
mod tests;
