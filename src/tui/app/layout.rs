//! Which pane stands where: a pure function of the screen's size, so that paging and wake-ups know what is on screen.

use super::Pane;

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

    fn split_columns(self, left: u16) -> (Self, Self) {
        let left = left.min(self.width);
        (Self { width: left, ..self }, Self { x: self.x + left, width: self.width - left, ..self })
    }
}

/// How the panes share the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Arrangement {
    /// Profiles | tokens | inspector, side by side.
    Columns,
    /// Profiles at the left, tokens over the inspector at the right.
    Wide,
    /// Profiles and tokens at the top, the inspector below.
    Compact,
    /// One pane at a time; the title line has their names.
    Single,
}

/// The places of everything that is drawn. Hidden things have empty areas.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Layout {
    pub(crate) arrangement: Arrangement,
    pub(crate) title: Area,
    pub(crate) profiles: Area,
    pub(crate) tokens: Area,
    pub(crate) inspector: Area,
    pub(crate) notices: Area,
    pub(crate) keys: Area,
    /// How many lines the filters take: of the profiles, and of the tokens.
    pub(crate) filters: [u16; 2],
}

impl Layout {
    /// The layout of a screen.
    pub(crate) fn of((width, height): (u16, u16), focus: Pane) -> Self {
        let screen = Area { x: 0, y: 0, width, height };
        let title = u16::from(height >= 4);
        let keys = u16::from(height >= 3);
        let notices = if height >= 24 { 2 } else { u16::from(height >= 6) };
        let body = Area { y: title, height: height - title - keys - notices, ..screen };
        let (arrangement, [profiles, tokens, inspector]) = panes(body, focus);
        Self {
            arrangement,
            title: screen.top(title),
            profiles,
            tokens,
            inspector,
            notices: Area { y: body.y + body.height, height: notices, ..screen },
            keys: Area { y: height - keys, height: keys, ..screen },
            filters: [0; 2],
        }
    }

    /// Whether panes have borders and a heading.
    pub(crate) fn bordered(&self) -> bool {
        self.arrangement != Arrangement::Single
    }

    /// A pane without its border.
    pub(crate) fn inner(&self, pane: Pane) -> Area {
        let area = match pane {
            Pane::Profiles => self.profiles,
            Pane::Tokens => self.tokens,
            Pane::Inspector => self.inspector,
        };
        if self.bordered() { area.shrink(1, 1) } else { area }
    }

    /// Where a list is: below the line of its filter.
    pub(crate) fn list(&self, pane: Pane) -> Area {
        let lines = if pane == Pane::Inspector { 0 } else { self.filters[pane as usize] };
        self.inner(pane).below(lines)
    }

    /// Where the rows of the token list are: below the column heads.
    pub(crate) fn token_rows(&self) -> Area {
        let list = self.list(Pane::Tokens);
        list.below(u16::from(list.height >= 3))
    }

    /// Where the inspector's summary is, and where what can be scrolled.
    pub(crate) fn inspector_parts(&self) -> (Area, Area) {
        let inner = self.inner(Pane::Inspector);
        let summary = match inner.height {
            0..=4 => 1,
            // Without a border the third line has the tabs.
            5..=13 => 2 + u16::from(!self.bordered()),
            _ => 4,
        };
        let body = inner.below(summary);
        let foot = u16::from(!self.inspector_foot().is_empty() && !self.bordered());
        (inner.top(summary), body.top(body.height - foot))
    }

    /// Where a line about what is under the cursor stands: in the lower border, or in a line of its own where there is none.
    pub(crate) fn inspector_foot(&self) -> Area {
        let Area { height, .. } = self.inspector;
        match self.bordered() {
            true => self.inspector.below(height.saturating_sub(1)).shrink(2, 0),
            false if height >= 8 => self.inspector.below(height - 1).shrink(1, 0),
            false => Area::default(),
        }
    }

    /// Where the raw token is.
    pub(crate) fn raw_text(&self) -> Area {
        self.inspector_parts().1.shrink(1, 0)
    }

    /// How many entries of a pane's list are on screen.
    pub(crate) fn page(&self, pane: Pane) -> usize {
        let rows = match pane {
            Pane::Profiles => self.list(pane).height,
            Pane::Tokens => self.token_rows().height,
            Pane::Inspector => self.inspector_parts().1.height,
        };
        usize::from(rows)
    }
}

fn panes(body: Area, focus: Pane) -> (Arrangement, [Area; 3]) {
    let Area { width, height, .. } = body;
    if width >= 190 && height >= 18 {
        let (profiles, rest) = body.split_columns(36);
        let (tokens, inspector) = rest.split_columns((rest.width * 9 / 20).min(100));
        return (Arrangement::Columns, [profiles, tokens, inspector]);
    }
    if width >= 100 && height >= 18 {
        let (profiles, rest) = body.split_columns((width / 4).clamp(28, 38));
        let tokens = rest.top((height / 3).clamp(8, 20));
        return (Arrangement::Wide, [profiles, tokens, rest.below(tokens.height)]);
    }
    if width >= 60 && height >= 13 {
        let top = body.top((height * 2 / 5).clamp(6, 10));
        let (profiles, tokens) = top.split_columns((width * 3 / 10).clamp(18, 30));
        return (Arrangement::Compact, [profiles, tokens, body.below(top.height)]);
    }
    let shown = |pane| if pane == focus { body } else { Area::default() };
    (Arrangement::Single, [shown(Pane::Profiles), shown(Pane::Tokens), shown(Pane::Inspector)])
}

/// The place of a dialog of at most this size, in the middle of the screen; the whole screen where that is small.
pub(crate) fn centred((columns, rows): (u16, u16), width: u16, height: u16) -> Area {
    let (width, height) = (width.min(columns), height.min(rows));
    Area { x: (columns - width) / 2, y: (rows - height) / 2, width, height }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// At every size the areas lie on the screen, and none overlaps another.
    #[test]
    fn areas_share_the_screen() {
        for width in (0..220).step_by(3) {
            for height in 0..60 {
                for focus in [Pane::Profiles, Pane::Tokens, Pane::Inspector] {
                    let layout = Layout::of((width, height), focus);
                    let areas =
                        [layout.title, layout.profiles, layout.tokens, layout.inspector, layout.notices, layout.keys];
                    let cells: usize = areas.iter().map(|a| usize::from(a.width) * usize::from(a.height)).sum();
                    assert_eq!(cells, usize::from(width) * usize::from(height), "{width}×{height}");
                    for area in areas.iter().filter(|area| !area.is_empty()) {
                        assert!(area.x + area.width <= width && area.y + area.height <= height, "{width}×{height}");
                    }
                }
            }
        }
    }

    #[test]
    fn arrangements() {
        let of = |size| Layout::of(size, Pane::Tokens).arrangement;
        assert_eq!(of((200, 50)), Arrangement::Columns);
        assert_eq!(of((120, 40)), Arrangement::Wide);
        assert_eq!(of((80, 24)), Arrangement::Compact);
        assert_eq!(of((40, 12)), Arrangement::Single);
    }
}
