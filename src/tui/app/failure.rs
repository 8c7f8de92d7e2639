//! Why the last task of the profile that the inspector is about did not work, in four parts: what, means, do, more. Where rows
//! are few, fewer parts are told, but none is cut.

use super::{
    Model,
    layout::Layout,
    page::{Line, Tone, write::Writer},
    profiles::{FailedTask, ProfileRow},
    tasks::Task,
};
use crate::{auth::TokenKind, text};

/// More rows are not taken from what is inspected.
const ROWS: u16 = 6;

/// The task that the inspector tells of instead: of the profile of the token under the cursor.
pub(crate) fn task(model: &Model) -> Option<&Task> {
    let row = model.tokens.selected().filter(|row| row.old.is_none())?;
    let told = row.profile().and_then(|name| model.tasks.told_of(name, model.now));
    told.filter(|_| matches!(row.kind, TokenKind::Access | TokenKind::Unknown))
}

/// The profile that the inspector is about, if its last task failed.
fn failed(model: &Model) -> Option<(&ProfileRow, &FailedTask)> {
    let row = match model.tokens.selected() {
        Some(token) => model.profiles.row(token.profile().filter(|_| token.old.is_none())?)?,
        None => model.target()?,
    };
    row.failure.as_ref().filter(|_| task(model).is_none()).map(|failure| (row, failure))
}

/// What the inspector says of it, wrapped: above the token, or, where there is none, in its place.
pub(crate) fn banner(model: &Model, layout: &Layout) -> Vec<Line> {
    let Some((row, failure)) = failed(model) else { return Vec::new() };
    let area = layout.within(layout.sheet(layout.tab)).shrink(1, 0);
    let rows = match model.tokens.selected() {
        Some(_) => (area.height / 2).min(ROWS),
        None => area.height,
    };
    lines(model, row, failure, area.width, rows.max(1).into())
}

fn lines(model: &Model, row: &ProfileRow, failure: &FailedTask, width: u16, rows: usize) -> Vec<Line> {
    let said = format!("{} failed: {}", failure.noun, failure.text);
    let means = failure.means.as_deref().map(text::sentence);
    let (means, todo) = (means.as_deref(), failure.hint.as_deref());
    let more = row.exchange.is_some().then(|| model.keyed_that_works("{key:exchange} shows the exchange")).flatten();
    let both = [todo, more.as_deref()].into_iter().flatten().collect::<Vec<_>>().join(" · ");
    let both = Some(both.as_str()).filter(|words| !words.is_empty());
    let write = |[means, todo, more]: [Option<&str>; 3]| {
        let mut writer = Writer::new(width);
        writer.put(Tone::Bad, "✗ ", &said);
        for (head, words) in [("  means  ", means), ("  do     ", todo), ("  more   ", more)] {
            words.into_iter().for_each(|words| writer.put(Tone::Plain, head, words));
        }
        writer.lines
    };
    let forms = [
        [means, todo, more.as_deref()],
        [means, both, None],
        [None, both, None],
        [None, todo, None],
        [None, None, more.as_deref()],
        [None; 3],
    ];
    let mut lines = forms.into_iter().map(write).find(|lines| lines.len() <= rows).unwrap_or_else(|| write([None; 3]));
    lines.truncate(rows);
    lines
}
