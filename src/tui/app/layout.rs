//! Which pane stands where: a pure function of the screen's size and of what the user has chosen, so that paging, wake-ups and
//! the mouse know what is on screen. Panes share their borders: neighbours overlap by one cell.

mod area;
mod extent;
mod panes;

use std::collections::BTreeMap;

pub(crate) use self::{
    area::{Area, lowered, margin, overlay},
    extent::Extent,
    panes::{Arrangement, Divider},
};
use super::{Pane, tab::Tab};

/// What the places of the panes depend on, besides the size.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shape<'a> {
    pub(crate) focus: Pane,
    /// The open tab of the inspector.
    pub(crate) tab: Tab,
    /// The focused pane has the whole body.
    pub(crate) full: bool,
    /// How many tokens there are: where there is room, none needs to be scrolled to.
    pub(crate) tokens: usize,
    /// Where the user wants the dividers, by arrangement, in thousandths.
    pub(crate) dividers: &'a BTreeMap<String, Vec<u16>>,
}

/// The places of everything that is drawn. Hidden things have empty areas.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Layout {
    pub(crate) arrangement: Arrangement,
    pub(crate) title: Area,
    pub(crate) body: Area,
    pub(crate) profiles: Area,
    pub(crate) tokens: Area,
    /// The sheets of the inspector that are on screen: the open tab, or on a wide screen all, each in a frame of its own.
    pub(super) sheets: [(Tab, Area); panes::SHEETS],
    /// The focused pane has the whole body.
    pub(crate) full: bool,
    pub(super) tab: Tab,
    pub(crate) notices: Area,
    /// What can be done with what the panes act on.
    pub(crate) keys: Area,
    /// What can be done besides; empty where the rows are few.
    pub(crate) global: Area,
    /// How many lines the filters take: of the profiles, and of the tokens.
    pub(crate) filters: [u16; 2],
    /// How many lines above a token tell of a failure.
    pub(crate) banner: u16,
}

impl Layout {
    /// The layout of a screen.
    pub(crate) fn of((width, height): (u16, u16), shape: Shape<'_>) -> Self {
        let screen = Area { x: 0, y: 0, width, height };
        let (title, [notices, keys, global]) = area::lines(height);
        let body = screen.below(title).top(height - title - notices - keys - global);
        let panes = panes::Panes::of(body, height, shape);
        let below = body.y + body.height;
        Self {
            arrangement: panes.arrangement,
            title: screen.top(title),
            body,
            profiles: panes.profiles,
            tokens: panes.tokens,
            sheets: panes.sheets,
            full: panes.full,
            tab: shape.tab,
            notices: screen.below(below).top(notices),
            keys: screen.below(below + notices).top(keys),
            global: screen.below(below + notices + keys).top(global),
            filters: [0; 2],
            banner: 0,
        }
    }

    /// Whether panes have borders and a heading.
    pub(crate) fn bordered(&self) -> bool {
        self.arrangement != Arrangement::Single
    }

    /// Whether the sheets of the inspector are tabs of one pane.
    pub(crate) fn has_tabs(&self) -> bool {
        self.arrangement != Arrangement::Columns || self.full
    }

    /// The sheets of the inspector that are on screen, with their frames.
    pub(crate) fn sheets(&self) -> impl Iterator<Item = (Tab, Area)> + use<> {
        self.sheets.into_iter().filter(|(_, area)| !area.is_empty())
    }

    /// The frame of a sheet; of one that is not on screen that of the open tab.
    pub(crate) fn sheet(&self, tab: Tab) -> Area {
        let of = |tab: Tab| self.sheets().find(|(other, _)| *other == tab).map(|(_, area)| area);
        of(tab).or_else(|| of(self.tab)).unwrap_or_default()
    }

    /// Whether a sheet of the inspector is on screen.
    pub(crate) fn shows(&self, tab: Tab) -> bool {
        self.sheets().any(|(other, _)| other == tab)
    }

    /// A pane with its border; of the inspector the open tab.
    pub(crate) fn outer(&self, pane: Pane) -> Area {
        match pane {
            Pane::Profiles => self.profiles,
            Pane::Tokens => self.tokens,
            Pane::Inspector => self.sheet(self.tab),
        }
    }

    /// A pane without its border.
    pub(crate) fn inner(&self, pane: Pane) -> Area {
        self.within(self.outer(pane))
    }

    /// A frame without its border.
    pub(crate) fn within(&self, frame: Area) -> Area {
        if self.bordered() { frame.shrink(1, 1) } else { frame }
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

    /// Where the head of a sheet is, and where what can be scrolled.
    pub(crate) fn parts(&self, tab: Tab) -> (Area, Area) {
        let inner = self.within(self.sheet(tab));
        // What went over the wire, and what was, have heads of their own.
        let banner = if matches!(tab, Tab::Exchange | Tab::History) { 1 } else { self.banner.max(1) };
        let head = match (tab, inner.height) {
            (Tab::Header | Tab::Verify, _) if !self.has_tabs() => 0,
            (_, 0..=4) => 1,
            (Tab::History, _) if self.bordered() => 1,
            (Tab::Exchange, _) if !self.has_tabs() => 2,
            // Without a border the third line has the tabs.
            (_, 5..=13) => banner + 1 + u16::from(!self.bordered()),
            _ => banner + 3,
        };
        let body = inner.below(head);
        let foot = u16::from(!self.bordered() && !self.foot(tab).is_empty());
        (inner.top(head), body.top(body.height - foot))
    }

    /// Where a line about what is under the cursor stands: in the lower border, or in a line of its own where there is none.
    pub(crate) fn foot(&self, tab: Tab) -> Area {
        let frame = self.sheet(tab);
        let last = frame.below(frame.height.saturating_sub(1));
        match self.bordered() {
            true => last.shrink(2, 0),
            false if frame.height >= 8 => last.shrink(1, 0),
            false => Area::default(),
        }
    }

    /// Where a sheet of text is.
    pub(crate) fn text(&self, tab: Tab) -> Area {
        self.parts(tab).1.shrink(1, 0)
    }

    /// How many entries of a pane's list are on screen.
    pub(crate) fn page(&self, pane: Pane) -> usize {
        let rows = match pane {
            Pane::Profiles => self.list(pane).height,
            Pane::Tokens => self.token_rows().height,
            Pane::Inspector => self.parts(self.tab).1.height,
        };
        usize::from(rows)
    }

    /// Where a title stands in the upper border of a frame.
    pub(crate) fn heading(frame: Area) -> Area {
        frame.top(1).shrink(2, 0)
    }

    /// Where the thumb of a frame moves, in its right border.
    pub(crate) fn track(frame: Area) -> Area {
        let inner = frame.shrink(1, 1);
        Area { x: inner.x + inner.width, width: u16::from(!inner.is_empty()), ..inner }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layout(size: (u16, u16), focus: Pane, tab: Tab, full: bool) -> Layout {
        Layout::of(size, Shape { focus, tab, full, tokens: 0, dividers: &BTreeMap::new() })
    }

    fn frames(layout: &Layout) -> Vec<Area> {
        let lists = [layout.profiles, layout.tokens].into_iter().filter(|area| !area.is_empty());
        lists.chain(layout.sheets().map(|(_, area)| area)).collect()
    }

    /// At every size each cell of the screen belongs to something, and panes overlap in their borders alone.
    #[test]
    fn areas_share_the_screen() {
        // Widths where the arrangement changes, and some between them.
        let widths = (0..220).step_by(9).chain([59, 60, 100, 159, 160]);
        for (width, height) in widths.flat_map(|width| (0..60).map(move |height| (width, height))) {
            for (focus, tab) in
                [(Pane::Profiles, Tab::Claims), (Pane::Tokens, Tab::Raw), (Pane::Inspector, Tab::Verify)]
            {
                for full in [false, true] {
                    let layout = layout((width, height), focus, tab, full);
                    let lines = [layout.title, layout.body, layout.notices, layout.keys, layout.global];
                    let cells: usize = lines.iter().map(|area| area.cells()).sum();
                    assert_eq!(cells, usize::from(width) * usize::from(height), "{width}×{height}");
                    let frames = frames(&layout);
                    let inner: Vec<Area> = frames.iter().map(|frame| layout.within(*frame)).collect();
                    for y in layout.body.y..layout.body.y + layout.body.height {
                        for x in 0..width {
                            let count = frames.iter().filter(|area| area.contains(x, y)).count();
                            assert!((1..=4).contains(&count), "{width}×{height}: {count} at {x},{y} of {frames:?}");
                            let inside = inner.iter().filter(|area| area.contains(x, y)).count();
                            assert!(inside <= 1 && (inside == 0 || count == 1), "{width}×{height} at {x},{y}");
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn arrangements() {
        let of = |size| layout(size, Pane::Tokens, Tab::Claims, false).arrangement;
        for (size, arrangement) in [
            ((200, 60), Arrangement::Columns),
            ((160, 36), Arrangement::Columns),
            ((160, 35), Arrangement::Wide),
            ((159, 50), Arrangement::Wide),
            ((100, 30), Arrangement::Wide),
            ((99, 50), Arrangement::Compact),
            ((60, 16), Arrangement::Compact),
            ((60, 15), Arrangement::Single),
            ((59, 50), Arrangement::Single),
            ((40, 12), Arrangement::Single),
            ((0, 0), Arrangement::Single),
        ] {
            assert_eq!(of(size), arrangement, "{size:?}");
        }
    }

    #[test]
    fn a_wide_screen_has_no_tabs_and_the_raw_text_takes_the_place_of_the_claims() {
        let tabs =
            |tab| layout((200, 60), Pane::Inspector, tab, false).sheets().map(|(tab, _)| tab).collect::<Vec<_>>();
        assert_eq!(tabs(Tab::Verify), [Tab::Claims, Tab::Header, Tab::Verify, Tab::Exchange, Tab::History]);
        assert_eq!(tabs(Tab::Raw), [Tab::Raw, Tab::Header, Tab::Verify, Tab::Exchange, Tab::History]);
        let full = layout((200, 60), Pane::Inspector, Tab::Verify, true);
        assert_eq!((full.sheet(Tab::Verify), full.has_tabs()), (full.body, true));
    }

    /// Of many tokens a wide screen shows more, and never more than half a screen of them.
    #[test]
    fn the_tokens_of_a_wide_screen_have_room_for_what_there_is() {
        let height = |tokens| {
            let shape =
                Shape { focus: Pane::Tokens, tab: Tab::Claims, full: false, tokens, dividers: &BTreeMap::new() };
            Layout::of((200, 60), shape).tokens.height
        };
        assert_eq!([height(3), height(20), height(22), height(1_000)], [22, 23, 25, 28]);
    }

    #[test]
    fn a_divider_is_where_it_was_put() {
        let of = |size, dividers: &BTreeMap<String, Vec<u16>>| {
            Layout::of(size, Shape { focus: Pane::Tokens, tab: Tab::Claims, full: false, tokens: 0, dividers })
        };
        for size in [(80, 24), (120, 40), (200, 60)] {
            let before = of(size, &BTreeMap::new());
            let name = before.arrangement.name().to_owned();
            for divider in Divider::ALL {
                let Some(line) = before.line(divider) else { continue };
                let (x, y) = (line.x + 2 * u16::from(line.width == 1), line.y + 2 * u16::from(line.height == 1));
                let put = |x, y| {
                    let shares = before.moved(divider, x, y).expect("it can be moved");
                    of(size, &BTreeMap::from([(name.clone(), shares)]))
                };
                let line = put(x, y).line(divider).expect("it is still there");
                assert!(line.x == x && line.y == y, "{divider:?} at {size:?}: {line:?}, wanted {x},{y}");
                // Out of the screen it stops before a pane disappears.
                for (x, y) in [(0, 0), size] {
                    let frames = frames(&put(x, y));
                    assert!(frames.iter().all(|frame| frame.width >= 8 && frame.height >= 4), "{frames:?}");
                }
            }
        }
    }
}
