//! What of a mode can be pointed at: the entries of its list, the line that is typed, the parts of a form or an editor.

use super::{Mode, palette};
use crate::tui::app::{
    Model, compare,
    form::Stop,
    horizon, keymap,
    layout::{Area, Extent},
    list::Cursor,
    log,
    message::Effects,
    mouse::Target,
    page,
};

/// The entries of a list that stands over the panes, of which the cursor is on one.
#[derive(Debug, Clone, Copy)]
pub(super) struct Entries {
    /// Where they are.
    area: Area,
    /// How many rows each has.
    rows: u16,
    /// The first on screen, and how many there are.
    offset: usize,
    pub(super) len: usize,
}

impl Entries {
    /// How many there is room for.
    pub(super) fn page(self) -> usize {
        usize::from(self.area.height / self.rows.max(1))
    }

    /// The one at a cell.
    fn at(self, x: u16, y: u16) -> Option<usize> {
        let at = self.offset + usize::from(y.checked_sub(self.area.y)? / self.rows.max(1));
        (self.area.contains(x, y) && at < self.len).then_some(at)
    }
}

impl Mode {
    /// Its list, if it is one: one table for the cursor, the wheel and clicks.
    pub(super) fn entries(&self, size: (u16, u16)) -> Option<Entries> {
        let of = |area, cursor: Cursor, len| Entries { area, rows: 1, offset: cursor.offset, len };
        Some(match self {
            Self::Choose(choose) => of(choose.frame(size).shrink(2, 1), choose.cursor, choose.items.len()),
            Self::Palette(palette) => {
                let (above, page, _) = palette::parts(size);
                let area = palette::frame(size).shrink(2, 1).below(above).top(page as u16);
                of(area, palette.cursor, palette.entries().len())
            }
            Self::Log(log) => of(log::parts(size, log.details.len()).0, log.cursor, log.entries.len()),
            Self::Compare(page) => {
                let parts = compare::parts(size);
                Entries { rows: parts.entry, ..of(parts.rows, page.cursor, page.len()) }
            }
            Self::Horizon(page) => of(horizon::parts(size).rows, page.cursor, page.lanes.len()),
            Self::Rotation(page) => of(page.parts(size).rows, page.cursor, page.len),
            _ => return None,
        })
    }

    /// What is on screen of what scrolls, and where the thumb of that moves: beside it, in the right border.
    pub(crate) fn extent(&self, size: (u16, u16)) -> Option<(Area, Extent)> {
        let (frame, area, extent) = match self {
            Self::Page(page) => {
                let frame = page::frame(size, page.lines.len());
                let (offset, len) = (page.cursor.offset, page.lines.len());
                (frame, frame.shrink(2, 1), Extent { offset, page: page::area(size).1, len })
            }
            _ => {
                let entries = self.entries(size)?;
                let frame = match self {
                    Self::Choose(choose) => choose.frame(size),
                    Self::Palette(_) => palette::frame(size),
                    Self::Compare(_) => compare::parts(size).frame,
                    Self::Horizon(_) => horizon::parts(size).frame,
                    Self::Rotation(page) => page.parts(size).frame,
                    _ => page::frame(size, usize::MAX),
                };
                (frame, entries.area, Extent { offset: entries.offset, page: entries.page(), len: entries.len })
            }
        };
        // Where there is no room for a border there is none for a thumb.
        let has_border = area.x > frame.x && !area.is_empty();
        has_border.then(|| (Area { x: frame.x + frame.width - 1, width: 1, ..area }, extent))
    }

    fn cursor_mut(&mut self) -> Option<&mut Cursor> {
        match self {
            Self::Choose(choose) => Some(&mut choose.cursor),
            Self::Palette(palette) => Some(&mut palette.cursor),
            Self::Log(log) => Some(&mut log.cursor),
            Self::Compare(page) => Some(&mut page.cursor),
            Self::Horizon(page) => Some(&mut page.cursor),
            Self::Rotation(page) => Some(&mut page.cursor),
            _ => None,
        }
    }

    /// Puts the cursor of its list somewhere.
    pub(super) fn point(&mut self, to: impl FnOnce(&mut Cursor)) {
        if let Some(cursor) = self.cursor_mut() {
            to(cursor);
        }
        if let Self::Log(log) = self {
            log.pick();
        }
    }

    /// Brings the cursor of its list into the list and onto the screen.
    pub(in crate::tui::app) fn settle(&mut self, size: (u16, u16)) {
        if let Some(entries) = self.entries(size) {
            self.cursor_mut().into_iter().for_each(|cursor| cursor.settle(entries.len, entries.page()));
        }
    }
}

/// The entry at a cell, of the list that stands over the panes.
pub(in crate::tui::app) fn item_at(model: &Model, x: u16, y: u16) -> Option<usize> {
    model.modes.top()?.entries(model.size)?.at(x, y)
}

/// Puts the cursor of the list that stands over the panes on an entry.
pub(in crate::tui::app) fn put_cursor(model: &mut Model, at: usize) {
    model.modes.top_mut().into_iter().for_each(|mode| mode.point(|cursor| cursor.index = at));
}

/// What is on screen of what stands over the panes, and where its thumb moves.
pub(in crate::tui::app) fn extent(model: &Model) -> Option<(Area, Extent)> {
    model.modes.seen(model.now)?.extent(model.size)
}

/// Scrolls what stands over the panes. A cursor stays on screen.
pub(in crate::tui::app) fn scroll(model: &mut Model, offset: usize) {
    let size = model.size;
    page::search::moved(model);
    let Some((mode, extent)) = model.modes.iter_mut().find_map(|mode| mode.extent(size).map(|(_, is)| (mode, is)))
    else {
        return;
    };
    let offset = offset.min(extent.last());
    match mode {
        Mode::Page(page) => (page.cursor.offset, page.cursor.index) = (offset, offset),
        mode => mode.point(|cursor| {
            let last = (offset + extent.page).min(extent.len).saturating_sub(1);
            (cursor.offset, cursor.index) = (offset, cursor.index.clamp(offset, last));
        }),
    }
}

/// Puts the cursor of what is typed at a column of what is drawn from a character on.
pub(in crate::tui::app) fn point_typed(model: &mut Model, from: usize, along: u16) {
    let input = match model.modes.top_mut() {
        Some(Mode::Typing(typing)) => &mut typing.input,
        Some(Mode::Palette(palette)) => &mut palette.input,
        Some(Mode::Rotation(page)) => &mut page.input,
        Some(Mode::Form(form)) => match form.focus {
            Stop::Entry(at) => &mut form.entries[at].input,
            Stop::Fold | Stop::Save => return,
        },
        _ => return,
    };
    input.point(from, usize::from(along));
}

/// A click on a part of the form or of the editor.
pub(in crate::tui::app) fn point_at(model: &mut Model, target: Target, along: u16) -> Effects {
    match (model.modes.top_mut(), target) {
        (Some(Mode::Form(form)), Target::Entry(at)) => form.focus = Stop::Entry(at),
        (Some(Mode::Form(form)), Target::Fold) => form.turn_fold(),
        (Some(Mode::Form(form)), Target::Value(value)) => form.choose(value),
        (Some(Mode::Form(_)), Target::Save) => return keymap::run_named(model, "save"),
        (Some(Mode::Edit(editor)), Target::Part(at)) => editor.open = at,
        (Some(Mode::Edit(editor)), Target::Line(line, from)) => editor.point(line, from + usize::from(along)),
        _ => {}
    }
    Effects::none()
}
