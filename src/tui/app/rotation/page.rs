//! The page of a rotation: a row for each profile, and below the rows what it all comes to.

use super::{
    Rotation, State, draft, told,
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
        page::{Line, Tone, write::Writer},
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
    /// How many there will be.
    all: usize,
    /// What stands below them, wrapped; sanitized.
    pub(crate) foot: Vec<Line>,
    /// So many lines of it were kept for what there is no room for in a row, at this width: they stay, so that the page does not
    /// move when the cursor does, or when a token ends.
    kept: (u16, usize),
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
        (..116, _) | (_, ..30) => Room::Medium,
        _ => Room::Large,
    }
}

/// So many lines below the rows of one that runs: the page does not jump when something is asked or fails.
const FOOT: u16 = 4;

impl RotationPage {
    /// Where everything stands, for so many rows and lines below them: no higher than they need.
    pub(crate) fn parts(&self, size: (u16, u16)) -> Parts {
        let count = |lines: usize| u16::try_from(lines).unwrap_or(u16::MAX / 4).min(u16::MAX / 4);
        let (rows, foot) = (count(self.all.max(self.len)), count(self.foot.len()));
        let foot = if self.is_draft { foot } else { foot.max(FOOT) };
        let answer = if self.is_draft { 2 } else { 0 };
        let frame = overlay(size, u16::MAX, rows + foot + answer + 4);
        let inner = if size.0 >= 24 && frame.height >= 4 { frame.shrink(2, 1) } else { frame };
        let answer = u16::from(self.is_draft && inner.height > 2);
        let head = u16::from(inner.height > 6);
        let wanted = 1 + u16::from(self.is_draft);
        let all_fits = rows + foot + head + answer + wanted <= inner.height;
        let blanks = if all_fits || inner.height > 12 { wanted } else { 0 };
        let free = inner.height.saturating_sub(answer + head + blanks);
        let foot = foot.min((free * 3 / 5).max(free.saturating_sub(rows)));
        let rows = rows.max(1).min(free - foot);
        let below = head + rows + blanks.min(1);
        Parts {
            frame,
            head: inner.top(head),
            rows: inner.below(head).top(rows),
            foot: inner.below(below).top(foot),
            answer: inner.below((below + foot + blanks.saturating_sub(1)).min(inner.height - answer)).top(answer),
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

/// What the columns are called that there is room for.
pub(crate) fn heads(model: &Model) -> &'static [&'static str] {
    match &model.rotation.state {
        State::None => &[],
        State::Draft(_) => draft::heads(room(model.size)),
        State::Live(_) => told::heads(room(model.size)),
    }
}

/// A row.
pub(crate) fn row(model: &Model, at: usize) -> Option<RowWords> {
    match &model.rotation.state {
        State::None => None,
        State::Draft(draft) => draft::row(model, draft, at, room(model.size)),
        State::Live(live) => told::row(model, live, at, room(model.size)),
    }
}

/// What stands in the upper border.
pub(crate) fn title(model: &Model) -> String {
    match &model.rotation.state {
        State::None => String::new(),
        State::Draft(draft) => draft::title(draft),
        State::Live(live) => told::title(model, live),
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

/// The details of so many rows are looked at for the longest: more rows have the whole screen anyway.
const DETAILS: usize = 48;

/// Lines that fit.
fn written(width: u16, lines: impl IntoIterator<Item = Line>) -> Vec<Line> {
    let mut writer = Writer::new(width);
    lines.into_iter().for_each(|line| writer.put(line.tone, &line.head, &line.text));
    writer.lines
}

/// Writes the page anew.
pub(super) fn settle(model: &mut Model) {
    let Some(Mode::Rotation(page)) = model.modes.iter_mut().find(|mode| matches!(mode, Mode::Rotation(_))) else {
        return;
    };
    let mut page = std::mem::take(page);
    let is_draft = matches!(model.rotation.state, State::Draft(_));
    if std::mem::replace(&mut page.is_draft, is_draft) != is_draft {
        page.kept = (0, 0);
    }
    page.len = model.rotation.len();
    page.all = if let State::Live(live) = &model.rotation.state { live.counts().1 } else { page.len };
    page.cursor.index = page.cursor.index.min(page.len.saturating_sub(1));
    let (at, room) = (page.cursor.index, room(model.size));
    page.selected = match &model.rotation.state {
        State::None => None,
        State::Draft(draft) => draft.name(at).cloned(),
        State::Live(live) => live.rows.get(at).map(|row| row.name.clone()),
    };
    let width = page.parts(model.size).rows.width;
    let foot = match &model.rotation.state {
        State::None => Vec::new(),
        State::Draft(draft) => draft::sums(model, draft, room),
        State::Live(live) => told::foot(model, live, room, width),
    };
    let detail = |at| match &model.rotation.state {
        State::None => None,
        State::Draft(draft) => draft::detail(model, draft, at, room),
        State::Live(live) => told::detail(model, live, at, room),
    };
    let detail = |at| written(width, detail(at));
    let most = (0..page.len.min(DETAILS)).map(|at| detail(at).len()).max().unwrap_or_default();
    page.foot = detail(at);
    let before = if page.kept.0 == width { page.kept.1 } else { 0 };
    page.kept = (width, most.max(page.foot.len()).max(before));
    page.foot.resize(page.kept.1, Line { tone: Tone::Plain, head: String::new(), text: String::new() });
    page.foot.extend(written(width, foot));
    let height = usize::from(page.parts(model.size).rows.height);
    page.cursor.settle(page.len, height);
    if let Some(Mode::Rotation(place)) = model.modes.iter_mut().find(|mode| matches!(mode, Mode::Rotation(_))) {
        *place = page;
    }
}
