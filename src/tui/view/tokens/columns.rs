//! Which columns fit, and how wide they are: first each gets its least width, then what its contents need, in the order in
//! which they are kept; what is left goes to the life's bar and the subject.

use super::super::canvas::pad;
use crate::tui::app::{Model, layout::Area, scope::Scope};

/// A column, in the order of the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Column {
    Badge,
    Name,
    Kind,
    Left,
    Subject,
    Issuer,
    Life,
    Audience,
    Scope,
    Fingerprint,
}

/// The columns in the order in which they are kept as the pane narrows, each with its least width and the most that it takes.
const KEPT: [(Column, usize, usize); 10] = [
    (Column::Badge, 4, 4),
    (Column::Name, 8, 24),
    (Column::Left, 8, 8),
    (Column::Kind, 4, 7),
    (Column::Subject, 8, 32),
    (Column::Issuer, 12, 24),
    (Column::Life, 6, 16),
    (Column::Audience, 10, 24),
    (Column::Scope, 10, 24),
    (Column::Fingerprint, 8, 8),
];

/// Those that fit.
pub(super) struct Columns {
    /// A column for marks.
    pub(super) marks: bool,
    /// By their order on the screen; 0: no room.
    widths: [usize; 10],
    name: &'static str,
    sorted: Option<(Column, char)>,
}

impl Columns {
    pub(super) fn of(model: &Model, area: Area) -> Self {
        let marks = model.marks.len() > 0 || model.tokens.has_marked();
        let shown = || model.tokens.on_screen(area.height.into()).map(|(_, row)| row);
        let badges = model.profiles.rows.iter().any(|row| row.environment.is_some())
            && shown().any(|row| row.profile().is_some());
        let needs = model.tokens.narrowing.needs();
        let needs = |column| match column {
            Column::Name => needs.name,
            Column::Subject => needs.subject,
            Column::Issuer => needs.issuer,
            Column::Audience => needs.audience,
            Column::Scope => needs.scope,
            _ => usize::MAX,
        };
        // The marker, the sign and the blank behind it; each column ends in a blank, and `left` in two.
        let mut room = usize::from(area.width).saturating_sub(3 + usize::from(marks));
        let mut widths = [0; 10];
        let gap = |column| if column == Column::Left { 2 } else { 1 };
        let wanted = |column: &Column| match column {
            Column::Badge => badges,
            Column::Issuer | Column::Audience | Column::Scope => needs(*column) > 0,
            _ => true,
        };
        let (first, more) = KEPT.split_at(7);
        for (column, least, _) in first.iter().filter(|(column, ..)| wanted(column)) {
            // What is kept longer is not left out for what is narrower.
            if room < least + gap(*column) {
                if *column == Column::Name && room > 1 {
                    widths[*column as usize] = room - 1;
                    room = 0;
                }
                break;
            }
            widths[*column as usize] = *least;
            room -= least + gap(*column);
        }
        for (column, _, most) in first.iter().filter(|(column, ..)| *column != Column::Life) {
            let width = &mut widths[*column as usize];
            if *width > 0 {
                let grown = (*most).min(needs(*column)).saturating_sub(*width).min(room);
                *width += grown;
                room -= grown;
            }
        }
        // Where all of these have what they need, there may be room for others.
        for (column, least, most) in more.iter().filter(|(column, ..)| wanted(column)) {
            let width = (*most).min(needs(*column)).max(*least);
            if widths[Column::Life as usize] == 0 || room < width + 1 + 6 {
                break;
            }
            widths[*column as usize] = width;
            room -= width + 1;
        }
        for (column, most) in [(Column::Life, 16), (Column::Subject, 48.min(needs(Column::Subject)))] {
            let width = &mut widths[column as usize];
            if *width > 0 {
                let grown = most.saturating_sub(*width).min(room);
                *width += grown;
                room -= grown;
            }
        }
        let pasted = matches!(model.tree.scope(), Scope::Pasted | Scope::Source(_));
        let sort = model.tokens.narrowing.sort;
        let sorted = columns_of(sort.by).map(|column| (column, sort.arrow()));
        Self { marks, widths, name: if pasted { "where" } else { "profile" }, sorted }
    }

    /// In the order of the screen.
    pub(super) fn shown(&self) -> impl Iterator<Item = (Column, usize)> {
        use Column::{Audience, Badge, Fingerprint, Issuer, Kind, Left, Life, Name, Scope, Subject};
        let all = [Badge, Name, Kind, Left, Subject, Issuer, Life, Audience, Scope, Fingerprint];
        all.into_iter().map(|column| (column, self.widths[column as usize])).filter(|(_, width)| *width > 0)
    }

    /// The line above them.
    pub(super) fn heads(&self) -> String {
        let mut text = if self.marks { "    " } else { "   " }.to_owned();
        for (column, width) in self.shown() {
            let head = match column {
                Column::Badge => "env",
                Column::Name => self.name,
                Column::Kind => "kind",
                Column::Left => "left",
                Column::Subject => "subject",
                Column::Issuer => "issuer",
                Column::Life => "life",
                Column::Audience => "audience",
                Column::Scope => "scope",
                Column::Fingerprint => "id",
            };
            let head = match self.sorted {
                Some((sorted, arrow)) if sorted == column => format!("{head} {arrow}"),
                _ => head.to_owned(),
            };
            match column {
                Column::Left => text.push_str(&format!("{head:>width$}  ")),
                _ => text.push_str(&format!("{} ", pad(&head, width))),
            }
        }
        text
    }
}

fn columns_of(by: crate::tui::app::filter::narrow::SortBy) -> Option<Column> {
    use crate::tui::app::filter::narrow::SortBy;
    match by {
        SortBy::Profile | SortBy::Age => None,
        SortBy::Left => Some(Column::Left),
        SortBy::Kind => Some(Column::Kind),
        SortBy::Subject => Some(Column::Subject),
        SortBy::Issuer => Some(Column::Issuer),
    }
}
