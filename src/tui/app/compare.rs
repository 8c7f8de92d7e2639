//! Two tokens side by side: one is marked in the list, and the other one is held against it.

use super::{
    Model,
    keymap::Action,
    page::{self, Line, Tone},
    tokens::Row,
};
use crate::{
    clock, text,
    token::diff::{self, Change},
};

/// The row that is marked, if it is still there.
fn marked(model: &Model) -> Option<&Row> {
    model.tokens.rows().iter().find(|row| Some(row.id) == model.tokens.marked)
}

/// Marks the token; on the marked one takes the mark away; on any other one compares.
pub(super) fn offer(model: &Model) -> Option<Action> {
    let selected = model.tokens.selected()?;
    Some(match marked(model) {
        Some(row) if row.id != selected.id => Action::Compare,
        Some(_) => Action::Mark(false),
        None => Action::Mark(true),
    })
}

pub(super) fn mark(model: &mut Model, on: bool) {
    model.tokens.marked = model.tokens.selected().filter(|_| on).map(|row| row.id);
}

/// Opens the page: what differs from the marked token to the one under the cursor.
pub(super) fn compare(model: &mut Model) {
    let (Some(first), Some(second)) = (marked(model), model.tokens.selected()) else { return };
    let lines = lines(first, second);
    page::report(model, "Compare", lines);
}

fn line(tone: Tone, head: &str, text: impl Into<String>) -> Line {
    Line { tone, head: head.to_owned(), text: text.into() }
}

fn lines(first: &Row, second: &Row) -> Vec<Line> {
    let name = |row: &Row| match row.subject.as_str() {
        "" => row.words(),
        subject => format!("{} · {subject}", row.words()),
    };
    let mut lines = vec![line(Tone::Bad, "− ", name(first)), line(Tone::Good, "+ ", name(second))];
    let changes = diff::diff(&first.token, &second.token);
    if changes.is_empty() {
        lines.extend([line(Tone::Plain, "", ""), line(Tone::Good, "", "the tokens are identical, byte for byte")]);
    }
    changes.iter().for_each(|change| describe(change, &mut lines));
    lines
}

/// Where, then what it was and what it is. Of scopes and roles those that came and went.
fn describe(change: &Change, lines: &mut Vec<Line>) {
    let place = text::visible(change.place.trim_start_matches('/')).into_owned();
    let title = match change.shift {
        Some(shift) if shift < chrono::TimeDelta::zero() => format!("{place} · {} earlier", clock::span(shift)),
        Some(shift) => format!("{place} · {} later", clock::span(shift)),
        None => place,
    };
    lines.extend([line(Tone::Plain, "", ""), line(Tone::Heading, "", title)]);
    let words = |items: &[String]| items.iter().map(|item| text::visible(item).into_owned()).collect::<Vec<_>>();
    let (lost, gained) = (words(&change.lost), words(&change.gained));
    if !lost.is_empty() || !gained.is_empty() {
        lines.extend(lost.into_iter().map(|item| line(Tone::Bad, "  − ", item)));
        lines.extend(gained.into_iter().map(|item| line(Tone::Good, "  + ", item)));
        return;
    }
    lines.extend(change.before.iter().map(|value| line(Tone::Bad, "  − ", value)));
    lines.extend(change.after.iter().map(|value| line(Tone::Good, "  + ", value)));
}
