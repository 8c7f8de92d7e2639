//! The columns of the table: which there are, and on which cells each stands. The view draws by it, the mouse finds by it.

use std::ops::Range;

use unicode_width::UnicodeWidthStr as _;

use super::Row;
use crate::tui::app::{
    Model,
    filter::narrow::{Sort, SortBy},
    layout::Area,
};

/// A column, in the order of the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Column {
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

impl Column {
    const ALL: [Self; 10] = [
        Self::Badge,
        Self::Name,
        Self::Kind,
        Self::Left,
        Self::Subject,
        Self::Issuer,
        Self::Life,
        Self::Audience,
        Self::Scope,
        Self::Fingerprint,
    ];

    /// The blanks behind it.
    fn gap(self) -> usize {
        if self == Self::Left { 2 } else { 1 }
    }

    /// What the list is sorted by where it is sorted by this column.
    pub(crate) fn sorts(self) -> Option<SortBy> {
        match self {
            Self::Name => Some(SortBy::Profile),
            Self::Kind => Some(SortBy::Kind),
            Self::Left => Some(SortBy::Left),
            Self::Subject => Some(SortBy::Subject),
            Self::Issuer => Some(SortBy::Issuer),
            Self::Badge | Self::Life | Self::Audience | Self::Scope | Self::Fingerprint => None,
        }
    }
}

/// How columns come and grow as the pane widens: each step takes a column to so many cells, if its contents need them. The
/// first step of a column is its least width. It comes only where those before it have what they need.
const FIRST: [(Column, usize); 11] = [
    (Column::Badge, 4),
    (Column::Name, 8),
    (Column::Left, 8),
    (Column::Kind, 4),
    (Column::Name, 24),
    (Column::Subject, 8),
    (Column::Subject, 16),
    (Column::Issuer, 12),
    (Column::Issuer, 24),
    (Column::Life, 6),
    (Column::Life, 10),
];

/// Where there is more room, texts are shown whole, and there is more to show.
const THEN: [(Column, usize); 12] = [
    (Column::Kind, 7),
    (Column::Life, 16),
    (Column::Subject, 48),
    (Column::Name, 48),
    (Column::Issuer, 48),
    (Column::Audience, 10),
    (Column::Audience, 24),
    (Column::Scope, 10),
    (Column::Scope, 24),
    (Column::Fingerprint, 8),
    (Column::Audience, 48),
    (Column::Scope, 64),
];

/// What the contents of a column need, in cells; 0 where there are none.
#[derive(Debug, Clone, Copy)]
struct Need {
    /// To tell rows apart.
    enough: usize,
    whole: usize,
}

impl Need {
    const fn of(cells: usize) -> Self {
        Self { enough: cells, whole: cells }
    }
}

/// How many cells each column has, by its place on the screen: 0 where it has no room, or nothing to show.
fn widths(mut room: usize, needs: impl Fn(Column) -> Need) -> [usize; Column::ALL.len()] {
    let mut widths = [0; Column::ALL.len()];
    let mut complete = false;
    let first = FIRST.into_iter().map(|(column, cells)| (column, cells, needs(column).enough));
    let then = THEN.into_iter().map(|(column, cells)| (column, cells, needs(column).whole));
    for (column, cells, need) in first.chain(then).filter(|(.., need)| *need > 0) {
        let width = &mut widths[column as usize];
        if *width > 0 {
            let grown = cells.min(need).saturating_sub(*width).min(room);
            // Half of a word is worth nothing.
            let grown = if column == Column::Kind && *width + grown < cells { 0 } else { grown };
            (*width, room) = (*width + grown, room - grown);
        } else if !complete && room >= cells + column.gap() {
            (*width, room) = (cells, room - cells - column.gap());
        } else {
            // What is kept longer is not left out for what is narrower.
            complete = true;
            if column == Column::Name && room > 1 {
                (*width, room) = (room - 1, 0);
            }
        }
    }
    widths
}

/// The columns that there are.
#[derive(Debug)]
pub(crate) struct Columns {
    /// A column for marks.
    pub(crate) marks: bool,
    widths: [usize; Column::ALL.len()],
    sort: Sort,
    pasted: bool,
}

impl Columns {
    /// Those of the list in so many cells.
    pub(crate) fn of(model: &Model, area: Area) -> Self {
        let marks = model.marks.len() > 0 || model.tokens.has_marked();
        let needs = model.tokens.narrowing.needs();
        let room = usize::from(area.width).saturating_sub(Self::signs(marks));
        Self {
            marks,
            widths: widths(room, |column| needs.of(column)),
            sort: model.tokens.narrowing.sort,
            pasted: model.tree.scope().is_of_no_profile(),
        }
    }

    /// What stands before the first column: the marker of the cursor, a mark, the sign of the state and a blank.
    fn signs(marks: bool) -> usize {
        3 + usize::from(marks)
    }

    /// In the order of the screen, each with its cells, counted from the left edge of the list.
    pub(crate) fn cells(&self) -> impl Iterator<Item = (Column, Range<u16>)> + use<> {
        let (widths, mut x) = (self.widths, Self::signs(self.marks));
        Column::ALL.into_iter().filter(move |column| widths[*column as usize] > 0).map(move |column| {
            let start = x;
            let end = start + widths[column as usize];
            x = end + column.gap();
            (column, start as u16..end as u16)
        })
    }

    /// What is written above a column: at the right end of one whose contents stand there.
    pub(crate) fn head(&self, column: Column) -> String {
        let name = match column {
            Column::Badge => "env",
            Column::Name if self.pasted => "where",
            Column::Name => "profile",
            Column::Kind => "kind",
            Column::Left => "left",
            Column::Subject => "subject",
            Column::Issuer => "issuer",
            Column::Life => "life",
            Column::Audience => "audience",
            Column::Scope => "scope",
            Column::Fingerprint => "id",
        };
        let sorted = self.sort.by != SortBy::Profile && column.sorts() == Some(self.sort.by);
        if sorted { format!("{name} {}", self.sort.arrow()) } else { name.to_owned() }
    }
}

/// What the contents of the columns need, in cells, and what the names have in common.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Needs {
    badge: bool,
    /// Of profiles, and of all.
    profile: usize,
    name: usize,
    subject: usize,
    issuer: usize,
    audience: usize,
    scope: usize,
    pub(crate) names: Common,
}

impl Needs {
    /// One more row; with a badge or without, and with so many cells behind its name.
    pub(crate) fn add(&mut self, row: &Row, badge: bool, behind: usize) {
        let length = |text: &Option<String>| text.as_ref().map_or(0, |text| text.width());
        self.badge |= badge;
        let name = row.name().width() + behind;
        self.name = self.name.max(name);
        self.profile = self.profile.max(if row.profile().is_some() { name } else { 0 });
        self.names.add(row.name());
        // What a token without a subject is told by.
        self.subject = self.subject.max(row.subject.width()).max(15);
        self.issuer = self.issuer.max(length(&row.issuer));
        self.audience = self.audience.max(length(&row.audience));
        self.scope = self.scope.max(length(&row.scope));
    }

    /// The rows of others, too.
    pub(crate) fn merge(&mut self, other: &Self) {
        self.badge |= other.badge;
        self.profile = self.profile.max(other.profile);
        self.name = self.name.max(other.name);
        self.subject = self.subject.max(other.subject);
        self.issuer = self.issuer.max(other.issuer);
        self.audience = self.audience.max(other.audience);
        self.scope = self.scope.max(other.scope);
        self.names.merge(&other.names);
    }

    fn of(&self, column: Column) -> Need {
        Need::of(match column {
            Column::Badge if !self.badge => 0,
            // Where a token was found may be a long story, which is cut where there are profiles, too.
            Column::Name if self.profile > 0 => return Need { enough: self.profile, whole: self.name },
            Column::Name => self.name,
            Column::Subject => self.subject,
            Column::Issuer => self.issuer,
            Column::Audience => self.audience,
            Column::Scope => self.scope,
            _ => usize::MAX,
        })
    }
}

/// The start and the end that different names share: they tell nobody which is which.
#[derive(Debug, Clone, Default)]
pub(crate) struct Common {
    first: Option<String>,
    /// In bytes; `None` while there are no two names.
    shared: Option<(usize, usize)>,
}

/// Of the same names, whichever comes first.
impl PartialEq for Common {
    fn eq(&self, other: &Self) -> bool {
        self.shared == other.shared
    }
}

impl Eq for Common {}

impl Common {
    /// One more name.
    pub(crate) fn add(&mut self, name: &str) {
        let Some(first) = &self.first else {
            self.first = Some(name.to_owned());
            return;
        };
        if first == name {
            return;
        }
        let same = |(a, b): &(char, char)| a == b;
        let start: usize = first.chars().zip(name.chars()).take_while(same).map(|(c, _)| c.len_utf8()).sum();
        let end = first.chars().rev().zip(name.chars().rev()).take_while(same).map(|(c, _)| c.len_utf8()).sum();
        let (start, end) =
            self.shared.map_or((start, end), |(one, other): (usize, usize)| (one.min(start), other.min(end)));
        self.shared = Some((start, end));
    }

    /// More names.
    fn merge(&mut self, other: &Self) {
        other.first.iter().for_each(|name| self.add(name));
        let both = self.shared.into_iter().chain(other.shared);
        self.shared = both.reduce(|one, other| (one.0.min(other.0), one.1.min(other.1)));
    }

    /// The parts of one of the names: what all begin with, its own, what all end in.
    pub(crate) fn parts<'a>(&self, name: &'a str) -> (&'a str, &'a str, &'a str) {
        let (start, end) = self.shared.unwrap_or_default();
        let (start, rest) = name.split_at_checked(start).unwrap_or(("", name));
        let (own, end) = rest.len().checked_sub(end).and_then(|at| rest.split_at_checked(at)).unwrap_or((rest, ""));
        (start, own, end)
    }
}

#[cfg(test)]
mod tests {
    use super::{Column::*, *};

    /// The design's fleet: names of 14 cells, subjects of 15.
    fn needs(column: Column) -> Need {
        Need::of(match column {
            Name => 14,
            Subject | Issuer => 15,
            Audience => 27,
            Scope => 28,
            _ => usize::MAX,
        })
    }

    fn shown(room: usize, needs: impl Fn(Column) -> Need) -> Vec<(Column, usize)> {
        let widths = widths(room, needs);
        Column::ALL
            .into_iter()
            .map(|column| (column, widths[column as usize]))
            .filter(|(_, width)| *width > 0)
            .collect()
    }

    #[test]
    fn a_column_comes_where_those_before_it_have_what_they_need() {
        for (room, wanted) in [
            (4, vec![(Name, 3)]),
            (13, vec![(Badge, 4), (Name, 7)]),
            (14, vec![(Badge, 4), (Name, 8)]),
            (23, vec![(Badge, 4), (Name, 14)]),
            (24, vec![(Badge, 4), (Name, 8), (Left, 8)]),
            (29, vec![(Badge, 4), (Name, 8), (Kind, 4), (Left, 8)]),
            // 40×12.
            (37, vec![(Badge, 4), (Name, 14), (Kind, 4), (Left, 8)]),
            (43, vec![(Badge, 4), (Name, 14), (Kind, 7), (Left, 8)]),
            (44, vec![(Badge, 4), (Name, 14), (Kind, 4), (Left, 8), (Subject, 8)]),
            // 80×24: the subject is whole, and no issuer takes room from it.
            (52, vec![(Badge, 4), (Name, 14), (Kind, 4), (Left, 8), (Subject, 15)]),
            (63, vec![(Badge, 4), (Name, 14), (Kind, 7), (Left, 8), (Subject, 15)]),
            (64, vec![(Badge, 4), (Name, 14), (Kind, 4), (Left, 8), (Subject, 15), (Issuer, 12)]),
            // 120×40.
            (86, vec![(Badge, 4), (Name, 14), (Kind, 7), (Left, 8), (Subject, 15), (Issuer, 15), (Life, 15)]),
        ] {
            assert_eq!(shown(room, needs), wanted, "{room}");
        }
    }

    #[test]
    fn more_room_never_takes_a_column_away() {
        for room in 5..300 {
            let (less, more) = (widths(room, needs), widths(room + 1, needs));
            let gone = Column::ALL.into_iter().find(|column| less[*column as usize] > 0 && more[*column as usize] == 0);
            assert_eq!(gone, None, "{room}");
            let used: usize = shown(room, needs).into_iter().map(|(column, width)| width + column.gap()).sum();
            assert!(used <= room, "{used} of {room}");
        }
        let all = shown(300, needs);
        assert_eq!(all.len(), Column::ALL.len());
        assert!(all.contains(&(Subject, 15)) && all.contains(&(Scope, 28)) && all.contains(&(Life, 16)), "{all:?}");
    }

    /// What is long only where nothing of a profile is waits until all else is whole.
    #[test]
    fn where_a_pasted_token_was_found_takes_no_room_from_profiles() {
        let mixed = |column| match column {
            Name => Need { enough: 14, whole: 40 },
            column => needs(column),
        };
        assert_eq!(shown(86, mixed), shown(86, needs));
        assert!(shown(130, mixed).contains(&(Name, 40)), "{:?}", shown(130, mixed));
    }

    #[test]
    fn what_has_nothing_to_show_takes_no_room() {
        let pasted = |column| match column {
            Badge | Issuer | Audience => Need::of(0),
            column => needs(column),
        };
        let columns: Vec<_> = shown(80, pasted).into_iter().map(|(column, _)| column).collect();
        assert_eq!(columns, [Name, Kind, Left, Subject, Life, Scope]);
    }

    #[test]
    fn names_have_a_start_and_an_end_in_common() {
        let parts = |names: &[&str], name| {
            let mut common = Common::default();
            names.iter().for_each(|name| common.add(name));
            let (start, own, end) = common.parts(name);
            format!("{start}|{own}|{end}")
        };
        assert_eq!(parts(&["acme-lms-prod", "acme-cms-prod"], "acme-cms-prod"), "acme-|c|ms-prod");
        assert_eq!(parts(&["acme-lms", "acme-lms"], "acme-lms"), "|acme-lms|", "one name has nothing in common");
        assert_eq!(parts(&["aa", "aaa"], "aa"), "aa||", "no letter counts twice");
        assert_eq!(parts(&["日本a", "日本b", "日c"], "日本b"), "日|本b|");
        assert_eq!(parts(&[], "x"), "|x|");
    }
}
