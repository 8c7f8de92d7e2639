//! The line of a filter: it is opened, typed, kept or given up, and earlier ones come back.

use super::{Narrowing, Step, find_id, id, len, list, list_mut};
use crate::tui::app::{
    Model, Pane,
    input::Input,
    keymap::Action,
    list::NOWHERE,
    message::Effects,
    mode::{self, Mode, Taken, Typing, Wanted},
};

/// So many filters can be brought back.
const KEPT: usize = 20;

/// So long is a filter that can be brought back.
const LONGEST: usize = 200;

/// Opens the line, over all rows.
pub(in crate::tui::app) fn open(model: &mut Model, pane: Pane) {
    let at = list(model, pane).1.index;
    let origin = id(model, pane, at);
    clear(model, pane);
    list_mut(model, pane).0.origin = origin;
    mode::type_line(model, Wanted::Filter(pane));
}

/// Enter: the filter stays, unless something in it cannot be read.
pub(in crate::tui::app) fn accept(model: &mut Model, wanted: &Wanted, input: &mut Input) -> Taken {
    let &Wanted::Filter(pane) = wanted else { return None };
    let narrowing = list_mut(model, pane).0;
    if narrowing.mistake().is_some() {
        return None;
    }
    remember(narrowing, input.text());
    (narrowing.origin, narrowing.recalled) = (None, None);
    if !narrowing.is_on() {
        narrowing.filter = None;
    }
    Some(Effects::none())
}

fn remember(narrowing: &mut Narrowing, text: &str) {
    let text = text.trim();
    // Nobody types as much as that: it is a token in the wrong place.
    if text.is_empty() || text.len() > LONGEST {
        return;
    }
    narrowing.earlier.retain(|earlier| earlier != text);
    narrowing.earlier.push(text.to_owned());
    let old = narrowing.earlier.len().saturating_sub(KEPT);
    narrowing.earlier.drain(..old);
}

/// Esc: all rows are shown again. While it was typed, the cursor is back where it was.
pub(in crate::tui::app) fn clear(model: &mut Model, pane: Pane) {
    let (narrowing, cursor) = list_mut(model, pane);
    (narrowing.filter, narrowing.stays, narrowing.recalled, narrowing.found_in) = (None, None, None, None);
    narrowing.text.clear();
    let origin = narrowing.origin.take();
    if cursor.index == NOWHERE {
        cursor.index = 0;
    }
    if let Some(at) = origin.and_then(|origin| find_id(model, pane, &origin)) {
        list_mut(model, pane).1.index = at;
    }
}

/// The vault is locked: what was typed may tell whose tokens it keeps.
pub(in crate::tui::app) fn lock(model: &mut Model) {
    for pane in [Pane::Profiles, Pane::Tokens] {
        clear(model, pane);
        list_mut(model, pane).0.earlier.clear();
    }
}

/// `/`
pub(in crate::tui::app) fn offer(model: &Model) -> Option<Action> {
    (len(model, model.focus) > 0).then_some(Action::Filter(Step::Open(model.focus)))
}

/// Esc in the panes. The inspector shows what the tokens' filter leaves.
pub(in crate::tui::app) fn offer_drop(model: &Model) -> Option<Action> {
    let pane = if model.focus == Pane::Profiles { Pane::Profiles } else { Pane::Tokens };
    list(model, pane).0.filter.is_some().then_some(Action::Filter(Step::Drop(pane)))
}

pub(in crate::tui::app) fn offer_earlier(model: &Model) -> Option<Action> {
    (!typed_in(model)?.earlier.is_empty()).then_some(Action::Filter(Step::Earlier))
}

pub(in crate::tui::app) fn offer_later(model: &Model) -> Option<Action> {
    typed_in(model)?.recalled.map(|_| Action::Filter(Step::Later))
}

/// The list whose filter is typed.
fn typed_in(model: &Model) -> Option<&Narrowing> {
    match model.modes.top()? {
        Mode::Typing(Typing { wanted: Wanted::Filter(pane), .. }) => Some(list(model, *pane).0),
        _ => None,
    }
}

/// Goes through the earlier filters; behind the newest the line is empty.
pub(in crate::tui::app) fn recall(model: &mut Model, step: Step) {
    let Some(pane) =
        [Pane::Profiles, Pane::Tokens].into_iter().find(|p| model.modes.line(&Wanted::Filter(*p)).is_some())
    else {
        return;
    };
    let narrowing = list_mut(model, pane).0;
    let count = narrowing.earlier.len();
    narrowing.recalled = match (step, narrowing.recalled) {
        (Step::Earlier, at) => Some(at.unwrap_or(count).saturating_sub(1)),
        (_, at) => at.map(|at| at + 1).filter(|at| *at < count),
    };
    let text = narrowing.recalled.and_then(|at| narrowing.earlier.get(at)).cloned().unwrap_or_default();
    if let Some(Mode::Typing(typing)) = model.modes.top_mut() {
        typing.input = Input::holding(&text);
    }
}
