//! What is drawn at a cell.

use crate::tui::app::{
    Model, Pane, bars,
    filter::narrow,
    inspector::Tab,
    layout::{Area, Divider, Extent, Layout},
    mode, scope,
};

/// What a cell belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hit {
    Nothing,
    /// The command of this name.
    Command(&'static str),
    /// A thumb, and how far below its first row; or the track around it.
    Thumb(List, u16),
    Divider(Divider),
    /// A pane, where no row of it is.
    Pane(Pane),
    Tab(Tab),
    /// A row of a list, by its place in what is shown.
    Row {
        pane: Pane,
        place: usize,
    },
    /// A row of a sheet, if it is one, and whether its sign for folding was meant.
    Value {
        tab: Tab,
        row: usize,
        sign: bool,
    },
    /// An entry of the list that stands over the panes.
    Item(usize),
}

/// How far below its first row a thumb is held: at the cell, or once it has come to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Grip {
    Thumb(u16),
    Track(u16),
}

/// Something that scrolls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum List {
    Pane(Pane),
    Sheet(Tab),
    /// What stands over the panes.
    Over,
}

impl List {
    pub(super) fn extent(self, model: &Model) -> Extent {
        match self {
            Self::Pane(pane) => model.extent(pane),
            Self::Sheet(tab) => model.sheet_extent(tab),
            Self::Over => mode::extent(model).map(|(_, extent)| extent).unwrap_or_default(),
        }
    }

    fn frame(self, layout: &Layout) -> Area {
        match self {
            Self::Pane(pane) => layout.outer(pane),
            Self::Sheet(tab) => layout.sheet(tab),
            Self::Over => layout.body,
        }
    }

    /// Where its thumb moves.
    pub(super) fn track(self, model: &Model, layout: &Layout) -> Area {
        match self {
            Self::Over => mode::extent(model).map(|(track, _)| track).unwrap_or_default(),
            list => Layout::track(list.frame(layout)),
        }
    }

    /// Its thumb, where that is at a cell or may go.
    fn grip(self, model: &Model, layout: &Layout, (x, y): (u16, u16)) -> Option<Grip> {
        let track = self.track(model, layout);
        let (first, rows) = self.extent(model).thumb(track.height).filter(|_| track.contains(x, y))?;
        Some(match (y - track.y).checked_sub(first).filter(|grip| *grip < rows) {
            Some(below) => Grip::Thumb(below),
            None => Grip::Track(rows / 2),
        })
    }

    /// Scrolls. A cursor stays on screen.
    pub(super) fn scroll(self, model: &mut Model, offset: usize) {
        let Extent { page, len, .. } = self.extent(model);
        match self {
            Self::Pane(Pane::Profiles) => scope::scroll(model, offset, page),
            Self::Pane(_) => narrow::scroll(model, offset, page),
            Self::Over => mode::scroll(model, offset),
            Self::Sheet(tab) => {
                let cursor = model.inspector.place_mut(tab);
                cursor.offset = offset.min(len.saturating_sub(page));
                let last = (cursor.offset + page).min(len).saturating_sub(1);
                cursor.index = if tab.has_cursor() { cursor.index.clamp(cursor.offset, last) } else { cursor.offset };
            }
        }
    }
}

/// The list that a cell is in, with its frame.
pub(super) fn list_at(model: &Model, x: u16, y: u16) -> Option<(List, Area)> {
    let layout = model.layout();
    let panes = [Pane::Profiles, Pane::Tokens].into_iter().map(List::Pane);
    let lists = panes.chain(layout.sheets().map(|(tab, _)| List::Sheet(tab)));
    lists.map(|list| (list, list.frame(&layout))).find(|(_, frame)| frame.contains(x, y))
}

/// What is drawn at a cell.
pub(super) fn at(model: &Model, x: u16, y: u16) -> Hit {
    let layout = model.layout();
    if model.modes.seen(model.now).is_some() {
        return match List::Over.grip(model, &layout, (x, y)) {
            Some(Grip::Thumb(below) | Grip::Track(below)) => Hit::Thumb(List::Over, below),
            None => mode::item_at(model, x, y).map_or(Hit::Nothing, Hit::Item),
        };
    }
    if layout.notices.contains(x, y) {
        return Hit::Command("log");
    }
    if layout.title.contains(x, y) {
        let clock = bars::clock(model, &layout).is_some_and(|(_, area)| area.contains(x, y));
        return if clock || model.travel.is_some() { Hit::Command("time-travel") } else { Hit::Nothing };
    }
    let title = if layout.bordered() { bars::title_width(model) } else { 0 };
    let tabs = bars::tabs(model, &layout, title).0;
    if let Some((tab, _)) = tabs.into_iter().find(|(_, area)| area.contains(x, y)) {
        return Hit::Tab(tab);
    }
    border(model, &layout, x, y).unwrap_or_else(|| inside(model, &layout, x, y))
}

/// Thumbs and dividers, which are on the borders.
fn border(model: &Model, layout: &Layout, x: u16, y: u16) -> Option<Hit> {
    if !layout.bordered() {
        return None;
    }
    let panes = [Pane::Profiles, Pane::Tokens].into_iter().map(List::Pane);
    let divider = layout.divider_at(x, y).map(Hit::Divider);
    for list in panes.chain(layout.sheets().map(|(tab, _)| List::Sheet(tab))) {
        match list.grip(model, layout, (x, y)) {
            Some(Grip::Thumb(below)) => return Some(Hit::Thumb(list, below)),
            // Beside the thumb the track is a place to go to, where it is no divider.
            Some(Grip::Track(below)) if divider.is_none() => return Some(Hit::Thumb(list, below)),
            _ => {}
        }
    }
    divider
}

fn inside(model: &Model, layout: &Layout, x: u16, y: u16) -> Hit {
    for (pane, rows) in [(Pane::Profiles, layout.list(Pane::Profiles)), (Pane::Tokens, layout.token_rows())] {
        let Extent { offset, len, .. } = model.extent(pane);
        let place = offset + usize::from(y.saturating_sub(rows.y));
        if rows.contains(x, y) && place < len {
            return Hit::Row { pane, place };
        }
        if layout.outer(pane).contains(x, y) {
            return Hit::Pane(pane);
        }
    }
    if let Some((tab, _)) = layout.sheets().find(|(_, frame)| frame.contains(x, y)) {
        let body = layout.parts(tab).1;
        if !body.contains(x, y) {
            return Hit::Value { tab, row: usize::MAX, sign: false };
        }
        let row = model.inspector.place(tab).offset + usize::from(y - body.y);
        return Hit::Value { tab, row, sign: sign_at(model, tab, body, row) == Some(x) };
    }
    Hit::Nothing
}

/// The column of the sign of a value that can be folded.
fn sign_at(model: &Model, tab: Tab, body: Area, row: usize) -> Option<u16> {
    let sheet = model.sheet_of(tab).filter(|_| !tab.is_text())?;
    sheet.opens(row).then(|| body.x + 1 + sheet.gutter(usize::from(body.width.saturating_sub(1))) as u16 + 2)
}

/// Puts the cursor of a list on a row that is shown.
pub(super) fn select(model: &mut Model, pane: Pane, place: usize) {
    match pane {
        Pane::Profiles => scope::select(model, place),
        _ => narrow::select(model, place),
    }
}
