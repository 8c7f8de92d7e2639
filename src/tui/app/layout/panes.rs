//! How the panes divide the body between them, and the lines where they meet.

use super::{Area, Layout, Shape};
use crate::tui::app::{Pane, tab::Tab};

/// How many sheets of the inspector can be on screen.
pub(super) const SHEETS: usize = 5;

/// How the panes share the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Arrangement {
    /// Profiles at the left; tokens over claims and header; verify, exchange and history at the right.
    Columns,
    /// Profiles at the left, tokens over the inspector at the right.
    Wide,
    /// Profiles and tokens at the top, the inspector below.
    Compact,
    /// One pane at a time.
    Single,
}

impl Arrangement {
    /// Its name in the file of what is remembered.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Columns => "columns",
            Self::Wide => "wide",
            Self::Compact => "compact",
            Self::Single => "single",
        }
    }
}

/// A line where panes meet, which can be moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Divider {
    /// At the right of the profiles.
    Profiles,
    /// Below the tokens.
    Tokens,
    /// At the left of the right column.
    Right,
    /// Between claims and header.
    Claims,
}

impl Divider {
    /// In the order in which they are remembered.
    pub(crate) const ALL: [Self; 4] = [Self::Profiles, Self::Tokens, Self::Right, Self::Claims];
}

/// The places of the panes.
pub(super) struct Panes {
    pub(super) arrangement: Arrangement,
    pub(super) profiles: Area,
    pub(super) tokens: Area,
    pub(super) sheets: [(Tab, Area); SHEETS],
    pub(super) full: bool,
}

impl Panes {
    /// The panes in a body, of a screen with so many rows.
    pub(super) fn of(body: Area, rows: u16, shape: Shape<'_>) -> Self {
        let Area { width, height, .. } = body;
        let arrangement = match (width, rows) {
            (160.., 36..) => Arrangement::Columns,
            (100.., 21..) => Arrangement::Wide,
            (60.., 16..) => Arrangement::Compact,
            _ => Arrangement::Single,
        };
        let full = shape.full && arrangement != Arrangement::Single;
        let mut panes = Self {
            arrangement,
            profiles: Area::default(),
            tokens: Area::default(),
            sheets: [(shape.tab, Area::default()); SHEETS],
            full,
        };
        if full || arrangement == Arrangement::Single {
            *match shape.focus {
                Pane::Profiles => &mut panes.profiles,
                Pane::Tokens => &mut panes.tokens,
                Pane::Inspector => &mut panes.sheets[0].1,
            } = body;
            return panes;
        }
        let shares = shape.dividers.get(arrangement.name()).map_or(&[][..], Vec::as_slice);
        // The wanted place, or the usual one, of a line in a whole of that size, so that both sides keep what they need.
        let place = |divider: Divider, whole: u16, usual: u16, least: [u16; 2]| {
            let share = shares.get(divider as usize).copied().filter(|share| *share > 0);
            let wanted = share.map_or(usual, |share| cells(share, whole));
            wanted.clamp(least[0].min(whole), whole.saturating_sub(least[1]).max(least[0].min(whole)))
        };
        match arrangement {
            Arrangement::Columns => {
                let (left, rest) = body.beside(place(Divider::Profiles, width, (width / 6).clamp(28, 34), [16, 100]));
                let taken = left.width - 1;
                let right = width - place(Divider::Right, width, width - (width / 3).min(72), [taken + 50, 30]);
                let (middle, right) = rest.beside(rest.width + 1 - right);
                let rows = u16::try_from(shape.tokens).unwrap_or(u16::MAX).saturating_add(3);
                let usual = rows.clamp(height * 2 / 5, height / 2);
                let (upper, lower) = middle.above(place(Divider::Tokens, height, usual, [5, 10]));
                let half = place(Divider::Claims, middle.width, middle.width * 29 / 50, [24, 16]);
                let (claims, header) = lower.beside(half);
                let (verify, rest) = right.above(height * 9 / 20);
                let (exchange, history) = rest.above(rest.height * 11 / 20);
                let first = if shape.tab == Tab::Raw { Tab::Raw } else { Tab::Claims };
                (panes.profiles, panes.tokens) = (left, upper);
                let others = [(Tab::Verify, verify), (Tab::Exchange, exchange), (Tab::History, history)];
                panes.sheets = [(first, claims), (Tab::Header, header), others[0], others[1], others[2]];
            }
            Arrangement::Wide => {
                let (left, rest) = body.beside(place(Divider::Profiles, width, (width / 4).clamp(28, 38), [16, 50]));
                let (upper, lower) = rest.above(place(Divider::Tokens, height, (height / 3).clamp(8, 20), [5, 8]));
                (panes.profiles, panes.tokens, panes.sheets[0].1) = (left, upper, lower);
            }
            Arrangement::Compact | Arrangement::Single => {
                let usual = (height / 2).clamp(6, 16);
                let (upper, lower) = body.above(place(Divider::Tokens, height, usual, [5, 6]));
                let (left, right) =
                    upper.beside(place(Divider::Profiles, width, (width * 3 / 10).clamp(18, 30), [16, 30]));
                (panes.profiles, panes.tokens, panes.sheets[0].1) = (left, right, lower);
            }
        }
        panes
    }
}

/// How many cells a share is.
fn cells(share: u16, whole: u16) -> u16 {
    ((u32::from(share) * u32::from(whole) + 500) / 1_000) as u16
}

/// The share that so many cells are: more than nothing, which stands for the usual place.
fn share(cells: u16, whole: u16) -> u16 {
    let whole = u32::from(whole.max(1));
    (((u32::from(cells) * 1_000 + whole / 2) / whole).clamp(1, 1_000)) as u16
}

impl Layout {
    /// Where a divider is, in this arrangement.
    pub(crate) fn line(&self, divider: Divider) -> Option<Area> {
        if self.full || !self.bordered() {
            return None;
        }
        let right_edge = |area: Area| Area { x: area.x + area.width - 1, width: 1, ..area };
        let columns = self.arrangement == Arrangement::Columns;
        match divider {
            Divider::Profiles => Some(right_edge(self.profiles)),
            Divider::Tokens => {
                let line = self.tokens.below(self.tokens.height - 1);
                // Where both lists stand over the inspector, the line is as wide as both.
                let whole = self.arrangement == Arrangement::Compact;
                Some(if whole { Area { x: self.body.x, width: self.body.width, ..line } } else { line })
            }
            Divider::Right => columns.then(|| Area { width: 1, ..self.body.from(self.sheet(Tab::Verify).x) }),
            Divider::Claims => columns.then(|| right_edge(self.sheets[0].1)),
        }
    }

    /// The shares of all dividers where this one is put on a cell.
    pub(crate) fn moved(&self, divider: Divider, x: u16, y: u16) -> Option<Vec<u16>> {
        self.line(divider)?;
        let place = |other: Divider| {
            let line = self.line(other).unwrap_or_default();
            let (x, y) = if other == divider { (x, y) } else { (line.x, line.y) };
            let Area { x: left, width: middle, .. } = self.tokens;
            match other {
                _ if line.is_empty() => 0,
                Divider::Profiles => share((x + 1).saturating_sub(self.body.x), self.body.width),
                Divider::Tokens => share((y + 1).saturating_sub(self.body.y), self.body.height),
                Divider::Right => share(x.saturating_sub(self.body.x), self.body.width),
                Divider::Claims => share((x + 1).saturating_sub(left), middle),
            }
        };
        Some(Divider::ALL.map(place).to_vec())
    }

    /// The divider that a cell is on.
    pub(crate) fn divider_at(&self, x: u16, y: u16) -> Option<Divider> {
        Divider::ALL.into_iter().find(|divider| self.line(*divider).is_some_and(|line| line.contains(x, y)))
    }
}
