//! Finds the tokens in whatever was pasted or piped: headers, JSON of any nesting, curl commands, cookies, URLs, `.env`,
//! YAML, logs, HTML, HAR.
//!
//! What the text went through on its way is undone first (`transport`, `pieces`). Then there are two readers. A JSON document is read as one, so that escapes are resolved and members have names. In any
//! other text each run of a token's characters is looked at, and the name that stands in front of it: that is the same
//! for `name: value`, `name=value` and `"name":"value"`, so it works for formats that were not foreseen and for those
//! that are broken. A JWT is known by its header; an opaque token only by its name.
//!
//! A text in a text (a URL in JSON in a URL, a secret in base64) is read up to five levels deep. Each level is shorter than
//! the one around it, but for what was compressed, which has a limit of its own: so the time grows with the text's length
//! and no faster.

mod beside;
mod document;
mod headed;
mod layer;
mod name;
mod pieces;
mod text;
mod transport;

use std::{
    borrow::Cow,
    collections::HashSet,
    hash::{BuildHasher as _, RandomState},
};

use self::name::{Name, Style};
use super::{
    Form, Token, candidate,
    defect::{Defect, DefectCode},
    format, inspect,
    json::Json,
    lifetime::Lifetime,
};
use crate::{
    clock::Timestamp,
    secret::{ExposeSecret as _, SecretString},
};

/// How many texts in texts are read: JSON in base64 in base64 in JSON, as in a Docker secret of Kubernetes.
const DEEPEST: u8 = 5;
/// How much compressed text is inflated in all.
const ROOM: usize = 1 << 20;
/// A shorter text is not a token unless it is a JWT.
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
    /// When it ends, as was said beside it.
    pub expires_at: Option<Timestamp>,
    /// There was no name to it: it was extracted from a longer text.
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
    /// A text that is taken for a token as it stands.
    pub fn whole(text: &str) -> Self {
        Self { text: text.into(), purpose: None, place: None, expires_at: None, bare: false }
    }

    /// How long it lives: by its own words, and by what was said beside it.
    pub fn lifetime(&self, token: &Token) -> Lifetime {
        Lifetime::new(token.dates(), self.expires_at, None)
    }

    /// Takes the token apart.
    pub fn inspect(&self) -> Token {
        let mut token = Token::inspect(self.text.expose_secret());
        if self.bare && !matches!(token.form, Form::Opaque) {
            let text = "the token was extracted from a longer text".to_owned();
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
        expires_at: None,
        bare: false,
    };
    if inspect::is_one(peeled) || format::is_whole(peeled) {
        return vec![whole()];
    }
    let card = format::of_numerals(peeled);
    if matches!(card, Cow::Owned(_)) && inspect::is_one(&card) {
        return vec![Found::whole(card.trim())];
    }
    let mut finds = Finds { room: ROOM, ..Finds::default() };
    let header = || begins("authorization:").then(|| Name::new("Authorization header", Style::Value));
    // Of a header in front of other lines, its name is still wanted.
    let unquoted = transport::without_line_marks(if begins("authorization:") { text.trim() } else { peeled });
    if is_opaque(peeled) {
        layer::read(peeled, header, 0, &mut finds);
    } else if inspect::is_one(&unquoted) {
        finds.add(&unquoted, None, "quoted text");
    } else {
        let plain = transport::unescaped_html(&unquoted);
        let plain = transport::unquoted_printable(&plain);
        let plain = format::of_numerals(&plain);
        read(&pieces::joined(&plain), None, 0, &mut finds);
    }
    if finds.list.is_empty() && Token::inspect(peeled).is_plausible() {
        return vec![whole()];
    }
    finds.list
}

/// Whether a text without a name is an opaque token: nothing in it separates names from values.
fn is_opaque(peeled: &str) -> bool {
    let inside = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '~' | '+' | '/' | '|');
    peeled.len() >= SHORTEST && peeled.trim_end_matches('=').chars().all(inside) && !headed::holds_token(peeled)
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
    /// How often a token was found, counting those that were there already.
    hits: usize,
    /// How much may still be inflated.
    room: usize,
    /// Keyed hashes of the tokens, so that they are not kept twice.
    seen: HashSet<u64>,
    hasher: RandomState,
}

impl Finds {
    /// Adds a token unless it is there already. Without a name, the place is that of the text around it.
    fn add(&mut self, token: &str, name: Option<&Name<'_>>, place: &str) {
        self.hits += 1;
        if self.seen.insert(self.hasher.hash_one(token)) {
            self.list.push(Found {
                text: token.into(),
                purpose: name.and_then(Name::purpose),
                place: Some(name.map_or_else(|| place.to_owned(), Name::place)),
                expires_at: name.and_then(|name| name.ends),
                bare: name.is_none(),
            });
        }
    }
}

#[cfg(test)]
mod tests;
