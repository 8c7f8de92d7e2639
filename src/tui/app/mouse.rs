//! The mouse: what was pressed, by the places that are drawn, and what it means. A click is the key that it stands for
//! wherever there is one, so that nothing can be done by mouse that a key cannot do.

mod drag;
mod hit;
mod targets;

use chrono::TimeDelta;

pub use self::targets::{Target, Targets};
use self::{
    drag::Drag,
    hit::{Hit, List},
};
use super::{
    Model, Pane, horizon, inspector,
    key::{Key, KeyCode},
    keymap::{self, Action},
    list::Motion,
    message::{Effect, Effects},
    mode::{self, Mode, Typing, Wanted},
    notices::Level,
};
use crate::clock::Timestamp;

/// Something that was done with the mouse, and where: the column and row of a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mouse {
    /// What was done.
    pub kind: MouseKind,
    /// From the left, from 0 on.
    pub column: u16,
    /// From the top, from 0 on.
    pub row: u16,
    /// Control was held.
    pub ctrl: bool,
}

/// What was done with the mouse.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum MouseKind {
    Press,
    /// The middle button: what is selected anywhere is pasted.
    Paste,
    /// Moved while the button is down.
    Drag,
    Release,
    WheelUp,
    WheelDown,
}

/// A second press at the same place within this is a double click.
const DOUBLE: TimeDelta = TimeDelta::milliseconds(400);

/// A press within this after the window came to the front was meant for the window.
const RAISED: TimeDelta = TimeDelta::milliseconds(200);

/// So many rows a turn of the wheel scrolls.
const WHEEL: usize = 3;

/// The state of the mouse.
#[derive(Debug, Default)]
pub(crate) struct Pointer {
    /// Clicks come to the program.
    pub(crate) captured: bool,
    /// What the terminal was told of that.
    told: bool,
    /// The last press, as long as a second one would be a double click.
    last: Option<((u16, u16), Timestamp)>,
    raised: Option<Timestamp>,
    drag: Option<Drag>,
    /// How text is selected was said.
    explained: bool,
    /// What the last frame has, until something was clicked.
    targets: Targets,
}

impl Model {
    /// A frame was drawn, with these targets.
    pub fn drawn(&mut self, targets: Targets) {
        self.pointer.targets = targets;
    }
}

impl Pointer {
    /// As the settings want it; the terminal is told before the first frame.
    pub(crate) fn new(captured: bool) -> Self {
        Self { captured, told: captured, ..Self::default() }
    }
}

/// The window came to the front, or went.
pub(super) fn focused(model: &mut Model, attended: bool) {
    model.pointer.raised = (attended && !model.attended).then_some(model.now);
    model.attended = attended;
}

pub(super) fn offer(model: &Model) -> Option<Action> {
    Some(Action::CaptureMouse(!model.pointer.captured))
}

/// Hands the mouse to the terminal, or takes it back.
pub(super) fn capture(model: &mut Model, captured: bool) {
    model.pointer.captured = captured;
    match captured {
        true => model.tell(Level::Info, "The mouse works here again; Shift and dragging select text."),
        false => model.advise(
            None,
            Level::Info,
            "The mouse is the terminal's: dragging selects text.",
            "{key:mouse} takes it back",
        ),
    }
}

/// Tells the terminal whose the mouse is, where that has changed.
pub(super) fn due(model: &mut Model) -> Effects {
    let captured = model.pointer.captured;
    match std::mem::replace(&mut model.pointer.told, captured) == captured {
        true => Effects::none(),
        false => Effect::CaptureMouse(captured).into(),
    }
}

/// Does what was meant.
pub(super) fn act(model: &mut Model, mouse: Mouse) -> Effects {
    let (x, y) = (mouse.column, mouse.row);
    match mouse.kind {
        MouseKind::Paste => return Effect::ReadPrimarySelection.into(),
        MouseKind::WheelUp => wheel(model, x, y, Motion::Up),
        MouseKind::WheelDown => wheel(model, x, y, Motion::Down),
        MouseKind::Drag => match model.pointer.drag {
            Some(drag) => drag::to(model, drag, x, y),
            None => explain(model),
        },
        MouseKind::Release => return drag::end(model),
        MouseKind::Press => {
            // The press that brings a window to the front is for the window.
            if model.pointer.raised.take().is_some_and(|at| model.now - at <= RAISED) {
                return Effects::none();
            }
            let last = model.pointer.last.replace(((x, y), model.now));
            let double = last.is_some_and(|(at, when)| at == (x, y) && model.now - when <= DOUBLE);
            if double {
                model.pointer.last = None;
            }
            return press(model, &mouse, double);
        }
    }
    Effects::none()
}

/// The first time that somebody drags over text they may want to select it.
fn explain(model: &mut Model) {
    if !std::mem::replace(&mut model.pointer.explained, true) {
        let words = "Hold Shift (Option in iTerm2) while dragging to select text.";
        model.advise(None, Level::Info, words, "{key:mouse} hands the mouse back to the terminal");
    }
}

fn press(model: &mut Model, mouse: &Mouse, double: bool) -> Effects {
    let (x, y) = (mouse.column, mouse.row);
    model.pointer.drag = None;
    // What is there after a click, the next frame tells.
    if let Some((target, along)) = std::mem::take(&mut model.pointer.targets).at(x, y) {
        return hit_target(model, (target, along), (x, y), double);
    }
    let hit = hit::at(model, x, y);
    // What is typed into a list's line is kept, as by Enter.
    if matches!(
        model.modes.top(),
        Some(Mode::Typing(Typing { wanted: Wanted::Search | Wanted::PageSearch | Wanted::Filter, .. }))
    ) {
        let effects = mode::accept(model);
        if !model.modes.is_empty() {
            return effects;
        }
    }
    match hit {
        Hit::Nothing => {}
        Hit::Command(id) => return keymap::run_named(model, id),
        Hit::Thumb(list, grip) => {
            model.pointer.drag = Some(Drag::Thumb(list, grip));
            drag::to(model, Drag::Thumb(list, grip), x, y);
        }
        Hit::Divider(divider) => model.pointer.drag = Some(Drag::Divider(divider)),
        Hit::Pane(pane) => inspector::focus(model, pane),
        Hit::Tab(tab) => {
            model.focus = Pane::Inspector;
            inspector::open(model, tab);
        }
        Hit::Row { pane, place } => {
            inspector::focus(model, pane);
            hit::select(model, pane, place);
            let effects = again(model, mouse.ctrl, double);
            // The key that marks goes on to the next row; the pointer stays.
            if mouse.ctrl {
                hit::select(model, pane, place);
            }
            return effects;
        }
        Hit::Value { tab, row, sign } => {
            model.focus = Pane::Inspector;
            if tab != model.inspector.tab {
                inspector::open(model, tab);
            }
            if tab.has_cursor() && row < model.sheet_len(tab) {
                model.inspector.cursor.index = row;
                if sign {
                    return keymap::run_named(model, "fold");
                }
                return again(model, false, double);
            }
        }
        Hit::Item(at) => {
            mode::put_cursor(model, at);
            return again(model, false, double);
        }
    }
    Effects::none()
}

/// A press on something that was drawn, so far from its left end.
fn hit_target(model: &mut Model, (target, along): (Target, u16), (x, y): (u16, u16), double: bool) -> Effects {
    match target {
        Target::Keys(keys) => {
            return Effects(keys.into_iter().flatten().flat_map(|key| keymap::press(model, key).0).collect());
        }
        Target::Typed(from) => mode::point_typed(model, from, along),
        Target::Entry(_) | Target::Fold | Target::Value(_) | Target::Save | Target::Line(..) | Target::Part(_) => {
            return mode::point_at(model, target, along);
        }
        Target::Branch(place) => {
            inspector::focus(model, Pane::Profiles);
            hit::select(model, Pane::Profiles, place);
            return keymap::run_named(model, "fold");
        }
        Target::Replaced(place) => {
            inspector::focus(model, Pane::Tokens);
            hit::select(model, Pane::Tokens, place);
            return keymap::run_named(model, "fold");
        }
        Target::Sort(by) => {
            inspector::focus(model, Pane::Tokens);
            return keymap::act(model, Action::SortBy(by));
        }
        Target::Zoom(zoom) => horizon::zoom(model, |_| zoom),
        Target::Axis => {
            model.pointer.drag = Some(Drag::Axis(x));
            if let Some(at) = mode::item_at(model, x, y) {
                mode::put_cursor(model, at);
                return again(model, false, double);
            }
        }
    }
    Effects::none()
}

/// What a press means beyond the cursor: Control marks, a double click is Enter.
fn again(model: &mut Model, ctrl: bool, double: bool) -> Effects {
    match (ctrl, double) {
        (true, _) => keymap::run_named(model, "mark"),
        (false, true) => keymap::press(model, Key::plain(KeyCode::Enter)),
        (false, false) => Effects::none(),
    }
}

/// Scrolls what is under the pointer.
fn wheel(model: &mut Model, x: u16, y: u16, motion: Motion) {
    let list = match model.modes.seen(model.now) {
        None => hit::list_at(model, x, y).map(|(list, _)| list),
        Some(_) => mode::extent(model).map(|_| List::Over),
    };
    let Some(list) = list else {
        // A form and an editor scroll with their cursor.
        if model.modes.seen(model.now).is_some() {
            (0..WHEEL).for_each(|_| _ = mode::go(model, motion));
        }
        return;
    };
    let extent = list.extent(model);
    let offset = match motion {
        Motion::Up => extent.offset.saturating_sub(WHEEL),
        _ => (extent.offset + WHEEL).min(extent.last()),
    };
    list.scroll(model, offset);
}
