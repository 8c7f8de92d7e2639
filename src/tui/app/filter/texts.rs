//! What a filter looks through: the texts of each row, field by field, in small letters, a line each. They stand in one text for
//! all rows: a look into each row, its token and its profile is dear where there are many.

use std::{borrow::Cow, fmt::Write as _};

use super::Field;
use crate::{
    auth::TokenKind,
    tui::app::{Model, tokens::Row},
};

/// Where each field of a row ends, from the row's start.
type Ends = [usize; Field::TEXTS.len()];

/// The texts of a row, one field behind the other.
#[derive(Debug)]
pub(super) struct Lines<'a> {
    text: Cow<'a, str>,
    ends: Ends,
}

impl Lines<'_> {
    /// What is written for each field.
    pub(super) fn write(write: impl FnMut(Field, &mut String)) -> Self {
        let mut text = String::new();
        let ends = fields(&mut text, write);
        Self { text: text.into(), ends }
    }

    pub(super) fn of(&self, field: Field) -> &str {
        let before = (field as usize).checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.text[before..self.ends[field as usize]]
    }

    /// What is looked through for a bare word; the name stands first.
    pub(super) fn words(&self) -> &str {
        &self.text[..self.ends[Field::Fingerprint as usize]]
    }
}

/// Those of all rows, by their places.
#[derive(Default)]
pub(super) struct Texts {
    /// Of which rows and profiles.
    of: Option<(u64, u64)>,
    text: String,
    /// Where each row starts.
    rows: Vec<(usize, Ends)>,
}

fn now(model: &Model) -> (u64, u64) {
    (model.tokens.revision(), model.profiles.edition())
}

/// Writes them again where they may be others. While a rotation changes the rows they wait for its end, or for a filter.
pub(in crate::tui::app) fn renew(model: &mut Model) {
    let current = now(model);
    let is_asked = model.tokens.narrowing.is_on() || !model.state.views.is_empty();
    let waits = model.rotation.running().is_some() && !is_asked;
    if waits || model.tokens.narrowing.texts.of == Some(current) {
        return;
    }
    // What is gone is wiped: nothing is written over it.
    let room = std::mem::take(&mut model.tokens.narrowing.texts).text.len();
    let rows = model.tokens.rows();
    let mut texts =
        Texts { of: Some(current), text: String::with_capacity(room), rows: Vec::with_capacity(rows.len()) };
    for row in rows {
        let start = texts.text.len();
        let ends = fields(&mut texts.text, of(model, row));
        texts.rows.push((start, ends));
    }
    model.tokens.narrowing.texts = texts;
}

/// The texts of a row.
pub(super) fn lines(model: &Model, at: usize) -> Lines<'_> {
    let texts = &model.tokens.narrowing.texts;
    match texts.rows.get(at).filter(|_| texts.of == Some(now(model))) {
        Some((start, ends)) => {
            let end = start + ends[Field::TEXTS.len() - 1];
            Lines { text: texts.text[*start..end].into(), ends: *ends }
        }
        None => Lines::write(of(model, &model.tokens.rows()[at])),
    }
}

/// Writes what a row has in a field.
fn of(model: &Model, row: &Row) -> impl FnMut(Field, &mut String) {
    let profile = row.profile().and_then(|name| model.profiles.row(name));
    move |field, text| match field {
        Field::Name => add(text, row.owner.name()),
        Field::Env => profile.and_then(|row| row.environment.as_deref()).into_iter().for_each(|name| add(text, name)),
        Field::Kind => [kind(row.kind), row.texts.form()].into_iter().for_each(|word| add(text, word)),
        Field::Tag => profile.iter().flat_map(|row| &row.profile.tags).for_each(|tag| add(text, tag)),
        Field::Provider => {
            profile.into_iter().for_each(|row| add(text, &row.profile.provider));
            let known = profile.and_then(|row| row.descriptor);
            known.into_iter().for_each(|known| add(text, known.title));
        }
        Field::Sub => text.push_str(row.texts.subject()),
        Field::Iss => text.push_str(row.texts.issuer()),
        Field::Aud => text.push_str(row.texts.audience()),
        Field::Fingerprint => _ = writeln!(text, "{}", row.fingerprint),
        Field::Scope => text.push_str(row.texts.scope()),
        Field::State => {}
    }
}

fn fields(text: &mut String, mut write: impl FnMut(Field, &mut String)) -> Ends {
    let start = text.len();
    Field::TEXTS.map(|field| {
        write(field, text);
        text.len() - start
    })
}

/// As the list shows it.
fn kind(kind: TokenKind) -> &'static str {
    match kind {
        TokenKind::Access => "access",
        TokenKind::Refresh => "refresh",
        TokenKind::Id => "id",
        TokenKind::Unknown => "token",
    }
}

/// One more line, in small letters.
pub(in crate::tui::app) fn add(lines: &mut String, text: &str) {
    if text.is_empty() {
        return;
    }
    if text.is_ascii() {
        let start = lines.len();
        lines.push_str(text);
        lines[start..].make_ascii_lowercase();
    } else {
        lines.push_str(&text.to_lowercase());
    }
    lines.push('\n');
}

/// The texts of a row as they stand among all, and as it would write them by itself.
#[cfg(test)]
pub(super) fn written_again(model: &Model, at: usize) -> [(String, Ends); 2] {
    let row = &model.tokens.rows()[at];
    [lines(model, at), Lines::write(of(model, row))].map(|lines| (lines.text.into_owned(), lines.ends))
}
