//! Rectangles of cells, and the lines around the body.

/// A rectangle of cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Area {
    pub(crate) x: u16,
    pub(crate) y: u16,
    pub(crate) width: u16,
    pub(crate) height: u16,
}

impl Area {
    /// Whether nothing fits in.
    pub(crate) fn is_empty(self) -> bool {
        self.width == 0 || self.height == 0
    }

    /// The area without `columns` at either side and `rows` above and below.
    pub(crate) fn shrink(self, columns: u16, rows: u16) -> Self {
        if self.width < 2 * columns || self.height < 2 * rows {
            return Self { x: self.x, y: self.y, width: 0, height: 0 };
        }
        Self { x: self.x + columns, y: self.y + rows, width: self.width - 2 * columns, height: self.height - 2 * rows }
    }

    /// The area below its first `rows`.
    pub(crate) fn below(self, rows: u16) -> Self {
        let rows = rows.min(self.height);
        Self { y: self.y + rows, height: self.height - rows, ..self }
    }

    /// The first `rows` of the area.
    pub(crate) fn top(self, rows: u16) -> Self {
        Self { height: self.height.min(rows), ..self }
    }

    /// What is at the right of a column, that column included.
    pub(crate) fn from(self, x: u16) -> Self {
        Self { x, width: (self.x + self.width).saturating_sub(x), ..self }
    }

    /// Whether a cell is in it.
    pub(crate) fn contains(self, x: u16, y: u16) -> bool {
        x.checked_sub(self.x).is_some_and(|x| x < self.width) && y.checked_sub(self.y).is_some_and(|y| y < self.height)
    }

    /// A left part of so many columns and the rest, which share a column.
    pub(super) fn beside(self, left: u16) -> (Self, Self) {
        let x = left.saturating_sub(1).min(self.width);
        (Self { width: left.min(self.width), ..self }, Self { x: self.x + x, width: self.width - x, ..self })
    }

    /// An upper part of so many rows and the rest, which share a row.
    pub(super) fn above(self, rows: u16) -> (Self, Self) {
        (self.top(rows), self.below(rows.saturating_sub(1)))
    }

    #[cfg(test)]
    pub(super) fn cells(self) -> usize {
        usize::from(self.width) * usize::from(self.height)
    }
}

/// How many rows the title has, and below the body the notices, the keys of the subject and the other keys.
pub(super) fn lines(height: u16) -> (u16, [u16; 3]) {
    let global = u16::from(height >= 30);
    (u16::from(height >= 4), [u16::from(height >= 6), u16::from(height >= 3), global])
}

/// Where dialogs can stand: between the title and the lines below. Where every row counts, the notices give up theirs.
fn body((columns, rows): (u16, u16)) -> Area {
    let (title, [notices, keys, global]) = lines(rows);
    let notices = if rows < 16 { 0 } else { notices };
    Area { x: 0, y: title, width: columns, height: rows - title - notices - keys - global }
}

/// The place of a dialog of at most this size: in the middle of the body, and over its whole width or height where less than
/// twelve columns or four rows would be left of it.
pub(crate) fn overlay(size: (u16, u16), width: u16, height: u16) -> Area {
    let body = body(size);
    let part = |wanted: u16, whole: u16, least: u16| if whole < wanted.saturating_add(least) { whole } else { wanted };
    let (width, height) = (part(width, body.width, 12), part(height, body.height, 4));
    Area { x: (body.width - width) / 2, y: body.y + (body.height - height) / 2, width, height }
}

/// A dialog at the foot of the body: what it is about stays in sight above it.
pub(crate) fn lowered(size: (u16, u16), dialog: Area) -> Area {
    let body = body(size);
    Area { y: body.y + body.height.saturating_sub(dialog.height), ..dialog }
}

/// A dialog and one cell around it, as far as the body goes.
pub(crate) fn margin(size: (u16, u16), dialog: Area) -> Area {
    let body = body(size);
    let (x, y) = (dialog.x.saturating_sub(1), dialog.y.saturating_sub(1).max(body.y));
    let right = (dialog.x + dialog.width + 1).min(body.width);
    let below = (dialog.y + dialog.height + 1).min(body.y + body.height);
    Area { x, y, width: right.saturating_sub(x), height: below.saturating_sub(y) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_overlay_leaves_no_slivers() {
        let place = |size, width, height| {
            let Area { x, y, width, height } = overlay(size, width, height);
            (x, y, width, height)
        };
        assert_eq!(place((120, 40), 64, 7), (28, 15, 64, 7));
        assert_eq!(place((75, 24), 64, 7), (0, 8, 75, 7), "eleven columns would be left");
        assert_eq!(place((76, 24), 64, 7), (6, 8, 64, 7));
        assert_eq!(place((120, 24), 64, 18), (28, 1, 64, 21), "three rows would be left");
        assert_eq!(place((120, 24), 64, 17), (28, 3, 64, 17));
        assert_eq!(place((40, 12), 64, 7), (0, 1, 40, 10), "the notices' row, too");
        for (columns, rows) in (0..40).flat_map(|columns| (0..40).map(move |rows| (columns, rows))) {
            let area = overlay((columns, rows), u16::MAX, u16::MAX);
            assert!(area.x + area.width <= columns && area.y + area.height <= rows);
            assert_eq!(margin((columns, rows), area), body((columns, rows)));
        }
    }
}
