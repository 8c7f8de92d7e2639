//! The filter of the tokens: what is typed after `/`, read into terms that a row must all meet. Reading it never fails: a term
//! that cannot be read is left out, and what is wrong with it is said.

pub(crate) mod complete;
mod known;
pub(crate) mod narrow;
#[cfg(test)]
mod tests;
pub(super) mod texts;

use chrono::TimeDelta;
use unicode_width::UnicodeWidthChar as _;

use self::{narrow::Step, texts::Lines};
use super::Model;
use crate::{
    clock::{self, Timestamp},
    text,
    token::{lifetime::Lifetime, state::State},
};

/// What a list is narrowed to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Filter {
    terms: Vec<Term>,
    /// What is wrong with the first term that cannot be read; sanitized.
    pub(crate) mistake: Option<String>,
}

/// What a row must meet, or must not.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Term {
    not: bool,
    test: Test,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Test {
    /// In any of the fields that are looked through for a bare word.
    Word(String, How),
    /// In this field, one of these.
    Field(Field, Vec<String>),
    State(Vec<State>),
    /// Less than this, or more.
    Time(Span, bool, TimeDelta),
}

/// How a word is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum How {
    /// As it stands; in names also letter by letter.
    Fuzzy,
    /// As it stands.
    Exact,
    /// At the start.
    Start,
}

/// What can be asked of a row, in the order in which its texts stand; all but the last two are looked through for a bare word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Field {
    /// Of the profile, or where a token was found.
    Name,
    Env,
    Kind,
    Tag,
    Provider,
    Sub,
    Iss,
    Aud,
    Fingerprint,
    Scope,
    /// It has no text: it changes with the time.
    State,
}

impl Field {
    /// Those that have texts.
    const TEXTS: [Self; 10] = [
        Self::Name,
        Self::Env,
        Self::Kind,
        Self::Tag,
        Self::Provider,
        Self::Sub,
        Self::Iss,
        Self::Aud,
        Self::Fingerprint,
        Self::Scope,
    ];
}

/// A span of a token's life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Span {
    /// Until its end. What is over has nothing left: it is found by its state.
    Left,
    /// Since it was made.
    Age,
}

/// The fields as they are typed.
pub(super) const FIELDS: [(&str, Field); 9] = [
    ("env", Field::Env),
    ("state", Field::State),
    ("kind", Field::Kind),
    ("iss", Field::Iss),
    ("sub", Field::Sub),
    ("aud", Field::Aud),
    ("scope", Field::Scope),
    ("tag", Field::Tag),
    ("provider", Field::Provider),
];

const SPANS: [(&str, Span); 2] = [("left", Span::Left), ("age", Span::Age)];

/// The kinds of a token, and its forms.
pub(super) const KINDS: [&str; 6] = ["access", "refresh", "id", "jwt", "jwe", "opaque"];

/// A row of a list, as far as a filter asks.
trait Subject {
    /// Its texts. They are foreign.
    fn lines(&self) -> Lines<'_>;
    fn state(&self, now: Timestamp) -> State;
    fn lifetime(&self) -> Option<Lifetime>;
}

impl Filter {
    /// Reads what was typed.
    pub(crate) fn parse(text: &str) -> Self {
        let mut filter = Self::default();
        for word in text.split_whitespace() {
            match term(word) {
                Ok(term) => filter.terms.extend(term),
                Err(mistake) => _ = filter.mistake.get_or_insert(text::visible(&mistake).into_owned()),
            }
        }
        filter
    }

    /// Whether it leaves all rows.
    pub(super) fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }

    /// Whether it asks for this state: what is folded away then counts, too.
    pub(super) fn finds(&self, state: State) -> bool {
        self.terms.iter().any(|term| !term.not && matches!(&term.test, Test::State(states) if states.contains(&state)))
    }

    /// Whether a row can come or go by the clock alone.
    pub(super) fn is_timely(&self) -> bool {
        self.terms.iter().any(|term| matches!(term.test, Test::State(_) | Test::Time(..)))
    }

    /// How well a row meets it; `None`: not at all.
    fn rank(&self, row: &impl Subject, now: Timestamp) -> Option<u32> {
        let lines = row.lines();
        self.terms.iter().try_fold(0, |sum, Term { not, test }| match (test.rank(row, &lines, now), not) {
            (Some(rank), false) => Some(sum + rank),
            (None, true) => Some(sum),
            _ => None,
        })
    }
}

impl Test {
    fn rank(&self, row: &impl Subject, lines: &Lines<'_>, now: Timestamp) -> Option<u32> {
        let holds = match self {
            Self::Word(word, how) => return best(word, *how, lines),
            Self::State(states) => states.contains(&row.state(now)),
            Self::Field(field, values) => {
                let text = lines.of(*field);
                values.iter().any(|value| places(text, value).next().is_some())
            }
            Self::Time(span, less, limit) => row
                .lifetime()
                .and_then(|life| span.of(&life, now))
                .is_some_and(|span| if *less { span < *limit } else { span > *limit }),
        };
        holds.then_some(0)
    }
}

impl Span {
    fn of(self, life: &Lifetime, now: Timestamp) -> Option<TimeDelta> {
        match self {
            Self::Left => Some(life.expires_at? - now).filter(|left| *left > TimeDelta::zero()),
            Self::Age => Some(now - life.issued_at?),
        }
    }
}

/// Does what a key says about a filter.
pub(super) fn step(model: &mut Model, step: Step) {
    match step {
        Step::Open => narrow::open(model),
        Step::Drop => narrow::clear(model),
        Step::Earlier | Step::Later => narrow::recall(model, step),
        Step::Complete => complete::complete(model),
        // The line is taken as any other.
        Step::Keep => {}
    }
}

/// Reads a term. Nothing: it is not written to its end.
fn term(word: &str) -> Result<Option<Term>, String> {
    let (not, word) = word.strip_prefix('!').map_or((false, word), |rest| (true, rest));
    let test = if let Some(text) = word.strip_prefix('\'') {
        Some(Test::Word(text.to_lowercase(), How::Exact))
    } else if let Some(text) = word.strip_prefix('^') {
        Some(Test::Word(text.to_lowercase(), How::Start))
    } else if let Some(test) = time(word)? {
        test
    } else if let Some((name, value)) = word.split_once(':').filter(|(name, value)| is_field(name, value)) {
        field(name, value)?
    } else {
        // What must not be there is meant as it stands.
        Some(Test::Word(word.to_lowercase(), if not { How::Exact } else { How::Fuzzy }))
    };
    Ok(test.filter(|test| !matches!(test, Test::Word(word, _) if word.is_empty())).map(|test| Term { not, test }))
}

/// `https://…` and `localhost:8080` are words.
fn is_field(name: &str, value: &str) -> bool {
    let is_name = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphabetic());
    is_name && !value.starts_with("//") && !value.starts_with(|c: char| c.is_ascii_digit())
}

fn field(name: &str, value: &str) -> Result<Option<Test>, String> {
    let name = name.to_lowercase();
    let Some((_, field)) = FIELDS.into_iter().find(|(known, _)| *known == name) else {
        let names: Vec<_> = FIELDS.iter().map(|(name, _)| *name).collect();
        return Err(format!("no field is named {name}: try {}", names.join(" ")));
    };
    let values: Vec<String> = value.split(',').filter(|value| !value.is_empty()).map(str::to_lowercase).collect();
    let begins = |names: &[&'static str]| {
        values.iter().find(|value| !names.iter().any(|name| name.starts_with(value.as_str()))).cloned()
    };
    if values.is_empty() {
        return Ok(None);
    }
    if field == Field::State {
        let names: Vec<_> = State::all().map(State::as_str).collect();
        if let Some(wrong) = begins(&names) {
            // The urgent ones come first, and what is looked for most is at the other end.
            let names: Vec<_> = names.into_iter().rev().collect();
            return Err(format!("no state is named {wrong}: {}", names.join(" ")));
        }
        let meant = |state: &State| values.iter().any(|value| state.as_str().starts_with(value.as_str()));
        return Ok(Some(Test::State(State::all().filter(meant).collect())));
    }
    match begins(&KINDS).filter(|_| field == Field::Kind) {
        Some(wrong) => Err(format!("no kind is named {wrong}: {}", KINDS.join(" "))),
        None => Ok(Some(Test::Field(field, values))),
    }
}

/// `left<10m`, or only its beginning.
fn time(word: &str) -> Result<Option<Option<Test>>, String> {
    for (name, span) in SPANS {
        let Some(rest) = word.strip_prefix(name) else { continue };
        let (less, limit) = match (rest.strip_prefix('<'), rest.strip_prefix('>')) {
            (Some(limit), _) => (true, limit),
            (_, Some(limit)) => (false, limit),
            _ => continue,
        };
        if limit.is_empty() {
            return Ok(Some(None));
        }
        let read = clock::span_of(&format!("+{limit}"));
        let read = read.ok_or_else(|| format!("{limit} is not a span of time: try 90s, 10m, 2h, 30d"))?;
        return Ok(Some(Some(Test::Time(span, less, read))));
    }
    Ok(None)
}

/// How well the best of a row's texts has a word.
fn best(word: &str, how: How, lines: &Lines<'_>) -> Option<u32> {
    let name = lines.of(Field::Name);
    let best = ranks(lines.words(), word, how).map(|(at, rank)| 2 * rank + u32::from(at < name.len())).max();
    // Letter by letter is less than all of that.
    best.or_else(|| (how == How::Fuzzy && is_sequence(name, word)).then_some(1))
}

/// How well texts, a line each, have a word at each place that has it: whole, at the start, at the start of a word, inside.
fn ranks(texts: &str, word: &str, how: How) -> impl Iterator<Item = (usize, u32)> {
    places(texts, word).filter_map(move |at| {
        let (before, after) = (&texts[..at], &texts[at + word.len()..]);
        let rank = match (before.is_empty() || before.ends_with('\n'), after.is_empty() || after.starts_with('\n')) {
            (true, true) => 5,
            (true, false) => 4,
            _ if how == How::Start => return None,
            _ if !before.ends_with(is_of_word) => 3,
            _ => 2,
        };
        Some((at, rank))
    })
}

/// A letter, or a mark on the letter before it: `i̇` is `İ` in small letters.
fn is_of_word(c: char) -> bool {
    c.is_alphanumeric() || c.width() == Some(0)
}

/// Where a text has another one.
fn places(text: &str, wanted: &str) -> impl Iterator<Item = usize> {
    let (text, wanted) = (text.as_bytes(), wanted.as_bytes());
    let first = wanted.first().copied().unwrap_or_default();
    memchr::memchr_iter(first, text).filter(move |at| text[*at..].starts_with(wanted))
}

/// Whether the letters of a word come one after the other in a text, with anything between.
fn is_sequence(text: &str, word: &str) -> bool {
    let mut letters = text.chars();
    word.chars().nth(1).is_some() && word.chars().all(|wanted| letters.any(|letter| letter == wanted))
}
