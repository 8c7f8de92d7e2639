//! What became of the tokens of a profile, as a sheet of the inspector.

use super::{
    Model,
    inspector::Tab,
    page::{Line, profile, write::Writer},
    profiles::ProfileRow,
};
use crate::profile::ProfileName;

/// The history in the inspector, written once for a width and a number of events.
#[derive(Debug, Default)]
pub(crate) struct HistorySheet {
    pub(crate) lines: Vec<Line>,
    of: Option<(ProfileName, usize, u16)>,
}

/// Whose history it is: of the selected token's profile.
fn whose(model: &Model) -> Option<&ProfileRow> {
    model.profiles.row(model.tokens.selected()?.profile()?)
}

/// Keeps the lines in line with the cursor and the width, where they are on screen.
pub(super) fn settle(model: &mut Model) {
    let layout = model.layout();
    let width = layout.text(Tab::History).width;
    let row = whose(model).filter(|_| layout.shows(Tab::History));
    let of = row.map(|row| (row.profile.name.clone(), row.facts.history.len(), width));
    if of == model.inspector.history.of {
        return;
    }
    let mut writer = Writer::new(width);
    row.into_iter().for_each(|row| profile::events(model, row, &mut writer));
    model.inspector.history = HistorySheet { lines: writer.lines, of };
}

/// Whether there is a history to show.
pub(super) fn is_there(model: &Model) -> bool {
    whose(model).is_some_and(|row| !row.facts.history.is_empty())
}
