//! What became of the tokens of a profile, as a sheet of the inspector, and the token sets that it had one after the other.

use unicode_width::UnicodeWidthStr as _;

use super::{
    Model,
    inspector::Tab,
    page::{Line, Tone},
    profiles::ProfileRow,
    tokens::{self, Row},
};
use crate::{
    clock::{self, Timestamp},
    profile::ProfileName,
    secret::Fingerprint,
    store::vault::{Event, EventKind},
    text,
    token::diff,
};

/// The history in the inspector: a table of the sets and of what else became of them, written once for a state of both.
#[derive(Debug, Default)]
pub(crate) struct HistorySheet {
    /// The heads of the columns.
    pub(crate) head: String,
    /// A line for each event, the newest first; sanitized.
    pub(crate) lines: Vec<Line>,
    of: Option<(ProfileName, u64, u64)>,
}

/// A token set that a profile has, or had.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Set<'a> {
    /// Which one, counted from 1, as far as that is known.
    pub(crate) number: Option<u64>,
    /// What brought it.
    pub(crate) event: &'a Event,
    /// When the next one came.
    pub(crate) replaced: Option<Timestamp>,
}

/// The token sets that the history of a profile knows, the newest first.
pub(crate) fn sets(row: &ProfileRow) -> impl Iterator<Item = Set<'_>> {
    let newest = row.facts.number;
    let brought = row.facts.history.iter().rev().filter(|event| event.kind.brings_tokens());
    let sets = brought.scan(None, |next: &mut Option<Timestamp>, event| Some((event, next.replace(event.at))));
    sets.enumerate().map(move |(place, (event, replaced))| {
        let number = newest.checked_sub(place as u64).filter(|number| *number > 0);
        Set { number, event, replaced }
    })
}

/// Whose history it is: of the selected token's profile.
fn whose(model: &Model) -> Option<&ProfileRow> {
    model.profiles.row(model.tokens.selected()?.profile()?)
}

/// Keeps the lines in line with the cursor, where they are on screen.
pub(super) fn settle(model: &mut Model) {
    let row = whose(model).filter(|_| model.layout().shows(Tab::History));
    let of = row.map(|row| (row.profile.name.clone(), model.profiles.rows.revision(), model.tokens.revision()));
    if of == model.inspector.history.of {
        return;
    }
    let (head, lines) = row.map(|row| table(model, row)).unwrap_or_default();
    model.inspector.history = HistorySheet { head, lines, of };
}

/// `gen  from  to  lived  Δ`: which set came when and lived for how long, and what was different from the one before it.
fn table(model: &Model, row: &ProfileRow) -> (String, Vec<Line>) {
    let mut sets = sets(row).peekable();
    let mut newer: Option<Set<'_>> = None;
    let mut cells: Vec<([String; 4], String, Tone)> = Vec::new();
    for event in row.facts.history.iter().rev() {
        let from = model.time_of_day(event.at);
        let Some(set) = sets.next_if(|set| std::ptr::eq(set.event, event)) else {
            let tone = if event.kind == EventKind::Retired { Tone::Bad } else { Tone::Plain };
            cells.push(([String::new(), from, String::new(), String::new()], event.kind.as_str().to_owned(), tone));
            continue;
        };
        let number = set.number.map(|number| number.to_string()).unwrap_or_default();
        let to = event.expires_at.map(|end| model.time_of_day(end)).unwrap_or_default();
        let lived = event.expires_at.map(|end| clock::round_span(end - event.at)).unwrap_or_default();
        let changed = changes(model, row, &set, sets.peek()) + &gap(&set, newer.as_ref());
        cells.push(([number, from, to, lived], changed, Tone::Plain));
        newer = Some(set);
    }
    let heads = ["gen", "from", "to", "lived"];
    let width = |at: usize| cells.iter().map(|(cells, ..)| cells[at].width()).fold(heads[at].len(), usize::max) + 2;
    let widths = [0, 1, 2, 3].map(width);
    let line =
        |cells: [&str; 4]| cells.into_iter().zip(widths).map(|(text, width)| format!("{text:<width$}")).collect();
    let lines = cells.iter().map(|(cells, text, tone)| {
        let head = line(cells.each_ref().map(String::as_str));
        Line { tone: *tone, head, text: text.clone() }
    });
    let head: String = line(heads);
    (head + "Δ", lines.collect())
}

/// `login`, `exp iat jti`, `+ scope annotate`: how a set came, or what is different from the one before it.
fn changes(model: &Model, row: &ProfileRow, set: &Set<'_>, before: Option<&Set<'_>>) -> String {
    let of = |set: &Set<'_>| token(model, row, set.event.access?);
    let both = before.and_then(of).zip(of(set)).filter(|_| set.event.kind == EventKind::Refresh);
    let Some((old, new)) = both else { return set.event.kind.as_str().to_owned() };
    let mut words = Vec::new();
    for change in diff::diff(&old.token, &new.token) {
        let place = change.place.trim_start_matches('/');
        match (change.gained.is_empty(), change.lost.is_empty()) {
            (true, true) => words.push(place.to_owned()),
            (no_more, no_less) => {
                words.extend((!no_more).then(|| format!("+ {place} {}", change.gained.join(" "))));
                words.extend((!no_less).then(|| format!("− {place} {}", change.lost.join(" "))));
            }
        }
    }
    text::visible(&words.join("  ")).into_owned()
}

/// `, gap 4h 04m before 39`: where it was over before the next one came.
fn gap(set: &Set<'_>, newer: Option<&Set<'_>>) -> String {
    let ended = set.event.expires_at.zip(newer).filter(|(end, newer)| *end < newer.event.at);
    ended.map_or_else(String::new, |(end, newer)| {
        let which = newer.number.map_or_else(|| "the next".to_owned(), |number| number.to_string());
        format!(", gap {} before {which}", clock::round_span(newer.event.at - end))
    })
}

/// Whether there is a history to show.
pub(super) fn is_there(model: &Model) -> bool {
    whose(model).is_some_and(|row| !row.facts.history.is_empty())
}

/// Whether the cursor is on an entry of the history.
pub(super) fn is_selected(model: &Model) -> bool {
    let sheet = &model.inspector.history;
    model.inspector.tab == Tab::History && model.inspector.cursor.index < sheet.lines.len()
}

/// The access tokens of the set before the one under the cursor and of that one, each with its number and what is said of
/// it; or why there are none.
pub(super) fn neighbours(model: &Model) -> Result<[(Row, Option<u64>, String); 2], String> {
    const NOT_KEPT: &str = "only its fingerprints and expiry are kept";
    let row = whose(model).ok_or_else(|| "A pasted token has no history.".to_owned())?;
    let event = row.facts.history.iter().rev().nth(model.inspector.cursor.index);
    let of_event = |set: &Set<'_>| event.is_some_and(|event| std::ptr::eq(set.event, event));
    let mut from_here = sets(row).skip_while(|set| !of_event(set));
    let (Some(this), before) = (from_here.next(), from_here.next()) else {
        return Err(
            "This entry brought no tokens: only a login or refresh can be compared with the one before.".to_owned()
        );
    };
    let before = before.ok_or_else(|| "There is no generation before this one.".to_owned())?;
    let side = |set: Set<'_>| -> Result<_, String> {
        let name = set.number.map_or_else(|| "earlier".to_owned(), |number| number.to_string());
        let token = set.event.access.and_then(|access| token(model, row, access));
        let token = token.ok_or_else(|| format!("Cannot compare generation {name}: {NOT_KEPT}."))?;
        let came = match set.event.kind {
            EventKind::Login => "logged in",
            EventKind::Refresh => "refreshed",
            kind => kind.as_str(),
        };
        Ok((token, set.number, format!("{name}, {came} {}", model.time_of_day(set.event.at))))
    };
    Ok([side(before)?, side(this)?])
}

/// A token of a profile whose text is kept, current or old.
fn token(model: &Model, profile: &ProfileRow, fingerprint: Fingerprint) -> Option<Row> {
    let name = &profile.profile.name;
    let current = model.tokens.rows().iter().find(|row| row.is_current_of(name) && row.fingerprint == fingerprint);
    let old = || {
        let mut all = profile.old.iter().flat_map(|set| set.tokens.iter().map(move |token| (token, set.received_at)));
        let (token, received_at) = all.find(|(token, _)| token.fingerprint == fingerprint)?;
        tokens::of_generation(name, token, received_at)
    };
    current.cloned().or_else(old)
}
