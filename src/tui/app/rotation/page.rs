//! The page of a rotation: a row for each profile, and below the rows what it all comes to.

use super::{
    Rotation, State, draft, live,
    words::{Room, RowWords},
};
use crate::{
    profile::ProfileName,
    tui::app::{
        Model,
        badge::Badge,
        input::{Edit, Input},
        layout::{Area, overlay},
        list::Cursor,
        mode::Mode,
        page::{Line, write::Writer},
    },
};

/// The page.
#[derive(Debug, Default)]
pub(crate) struct RotationPage {
    /// What is typed to confirm a plan.
    pub(crate) input: Input,
    pub(crate) cursor: Cursor,
    /// How many rows there are.
    pub(crate) len: usize,
    /// What stands below them, wrapped; sanitized.
    pub(crate) foot: Vec<Line>,
    /// It is about a plan that is not confirmed.
    pub(crate) is_draft: bool,
    /// Whom the row under the cursor is about.
    pub(crate) selected: Option<ProfileName>,
}

/// Where everything on it stands.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Parts {
    pub(crate) frame: Area,
    pub(crate) head: Area,
    pub(crate) rows: Area,
    pub(crate) foot: Area,
    /// The line where the answer is typed.
    pub(crate) answer: Area,
}

fn room(size: (u16, u16)) -> Room {
    match size {
        (..60, _) | (_, ..16) => Room::Small,
        (..100, _) | (_, ..30) => Room::Medium,
        _ => Room::Large,
    }
}

impl RotationPage {
    /// Where everything stands, for so many lines below the rows.
    pub(crate) fn parts(&self, size: (u16, u16)) -> Parts {
        let frame = overlay(size, u16::MAX, u16::MAX);
        let inner = if size.0 >= 24 && frame.height >= 4 { frame.shrink(2, 1) } else { frame };
        let answer = u16::from(self.is_draft && inner.height > 2);
        let head = u16::from(inner.height > 6);
        let most = inner.height.saturating_sub(answer + head + 2) * 3 / 5;
        let foot = u16::try_from(self.foot.len()).unwrap_or(u16::MAX).min(most);
        let blank = u16::from(foot > 0 && inner.height > 12);
        let rows = inner.height.saturating_sub(answer + head + foot + blank);
        let list = inner.below(head).top(rows);
        Parts {
            frame,
            head: inner.top(head),
            rows: list,
            foot: inner.below(head + rows + blank).top(foot),
            answer: inner.below(inner.height - answer),
        }
    }

    /// Takes a character for the answer.
    pub(in crate::tui::app) fn edit(&mut self, edit: Edit) {
        if self.is_draft {
            self.input.edit(edit);
        }
    }
}

impl Rotation {
    fn len(&self) -> usize {
        match &self.state {
            State::None => 0,
            State::Draft(draft) => draft.names.len(),
            State::Live(live) => live.rows.len(),
        }
    }
}

/// What the columns are called; those that there is room for.
pub(crate) fn heads(model: &Model) -> Vec<&'static str> {
    let all: &[&'static str] = match &model.rotation.state {
        State::None => &[],
        State::Draft(_) => &draft::HEADS,
        State::Live(_) => &live::HEADS,
    };
    all[..columns(model, all.len())].to_vec()
}

fn columns(model: &Model, all: usize) -> usize {
    match (room(model.size), &model.rotation.state) {
        (Room::Small, _) => 1,
        (Room::Medium, _) => 2,
        (Room::Large, _) => all,
    }
    .min(all)
}

/// A row.
pub(crate) fn row(model: &Model, at: usize) -> Option<RowWords> {
    let mut row = match &model.rotation.state {
        State::None => None,
        State::Draft(draft) => draft::row(model, draft, at),
        State::Live(live) => live::row(model, live, at),
    }?;
    let columns = columns(model, row.cells.len());
    if matches!(model.rotation.state, State::Live(_)) && columns < row.cells.len() {
        live::shorten(&mut row.cells, columns);
    }
    row.cells.truncate(columns);
    Some(row)
}

/// What stands in the upper border.
pub(crate) fn title(model: &Model) -> String {
    match &model.rotation.state {
        State::None => String::new(),
        State::Draft(draft) => draft::title(draft),
        State::Live(live) => live::title(model, live),
    }
}

/// What is typed to confirm the plan, if anything; sanitized.
pub(crate) fn phrase(model: &Model) -> Option<String> {
    if let State::Draft(draft) = &model.rotation.state { draft::phrase(model, draft) } else { None }
}

/// Whose profile it is about that is protected.
pub(crate) fn guarded(model: &Model) -> Option<Badge> {
    let of = |name: &ProfileName| model.guard(name);
    match &model.rotation.state {
        State::None => None,
        State::Draft(draft) => draft.names.iter().find_map(of),
        State::Live(live) => live.rows.iter().map(|row| &row.name).find_map(of),
    }
}

/// Writes the page anew.
pub(super) fn settle(model: &mut Model) {
    let Some(Mode::Rotation(page)) = model.modes.iter_mut().find(|mode| matches!(mode, Mode::Rotation(_))) else {
        return;
    };
    let mut page = std::mem::take(page);
    page.is_draft = matches!(model.rotation.state, State::Draft(_));
    page.len = model.rotation.len();
    page.cursor.index = page.cursor.index.min(page.len.saturating_sub(1));
    let (at, room) = (page.cursor.index, room(model.size));
    page.selected = match &model.rotation.state {
        State::None => None,
        State::Draft(draft) => draft.name(at).cloned(),
        State::Live(live) => live.rows.get(at).map(|row| row.name.clone()),
    };
    let foot = match &model.rotation.state {
        State::None => Vec::new(),
        State::Draft(draft) => draft::foot(model, draft, at, room),
        State::Live(live) => live::foot(model, live, at, room),
    };
    let mut writer = Writer::new(page.parts(model.size).rows.width);
    foot.into_iter().for_each(|(tone, words)| writer.put(tone, "", &words));
    page.foot = writer.lines;
    let height = usize::from(page.parts(model.size).rows.height);
    page.cursor.settle(page.len, height);
    if let Some(Mode::Rotation(place)) = model.modes.iter_mut().find(|mode| matches!(mode, Mode::Rotation(_))) {
        *place = page;
    }
}
