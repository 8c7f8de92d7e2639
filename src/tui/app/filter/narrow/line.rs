//! The line of a filter: it is opened, typed, kept or given up, and earlier ones come back.

use super::{Narrowing, Step, Turn};
use crate::tui::app::{
    Model, Pane,
    input::Input,
    keymap::Action,
    message::Effects,
    mode::{self, Mode, Taken, Typing, Wanted},
    tokens::Seek,
};

/// So many filters can be brought back.
const KEPT: usize = 20;

/// So long is a filter that can be brought back.
pub(super) const LONGEST: usize = 200;

/// Opens the line, over all rows of the scope.
pub(in crate::tui::app) fn open(model: &mut Model) {
    let origin = model.tokens.at();
    clear(model);
    model.tokens.narrowing.origin = origin;
    model.focus = Pane::Tokens;
    mode::type_line(model, Wanted::Filter);
}

/// Enter: the filter stays, unless something in it cannot be read.
pub(in crate::tui::app) fn accept(model: &mut Model, _: &Wanted, input: &mut Input) -> Taken {
    let narrowing = &mut model.tokens.narrowing;
    if narrowing.mistake().is_some() {
        return None;
    }
    // What comes next is for what it finds.
    narrowing.turn = Turn::End;
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

/// Esc, and another scope: all rows are shown again. While it was typed, the cursor is back where it was.
pub(in crate::tui::app) fn clear(model: &mut Model) {
    let narrowing = &mut model.tokens.narrowing;
    (narrowing.filter, narrowing.stays, narrowing.recalled, narrowing.found_in) = (None, None, None, None);
    narrowing.text.clear();
    if let Some(id) = narrowing.origin.take() {
        model.tokens.seek(Seek::Token(id));
    }
}

/// The vault is locked: what was typed may tell whose tokens it keeps.
pub(in crate::tui::app) fn lock(model: &mut Model) {
    clear(model);
    model.tokens.narrowing.earlier.clear();
}

/// `/`
pub(in crate::tui::app) fn offer(model: &Model) -> Option<Action> {
    (model.tokens.narrowing.len() > 0).then_some(Action::Filter(Step::Open))
}

/// Esc in the panes.
pub(in crate::tui::app) fn offer_drop(model: &Model) -> Option<Action> {
    model.tokens.narrowing.filter.is_some().then_some(Action::Filter(Step::Drop))
}

pub(in crate::tui::app) fn offer_earlier(model: &Model) -> Option<Action> {
    (!typed_in(model)?.earlier.is_empty()).then_some(Action::Filter(Step::Earlier))
}

pub(in crate::tui::app) fn offer_later(model: &Model) -> Option<Action> {
    typed_in(model)?.recalled.map(|_| Action::Filter(Step::Later))
}

/// The list, while its filter is typed.
fn typed_in(model: &Model) -> Option<&Narrowing> {
    match model.modes.top()? {
        Mode::Typing(Typing { wanted: Wanted::Filter, .. }) => Some(&model.tokens.narrowing),
        _ => None,
    }
}

/// Goes through the earlier filters; behind the newest the line is empty.
pub(in crate::tui::app) fn recall(model: &mut Model, step: Step) {
    let narrowing = &mut model.tokens.narrowing;
    let count = narrowing.earlier.len();
    narrowing.recalled = match (step, narrowing.recalled) {
        (Step::Earlier, at) => Some(at.unwrap_or(count).saturating_sub(1)),
        (_, at) => at.map(|at| at + 1).filter(|at| *at < count),
    };
    let text = narrowing.recalled.and_then(|at| narrowing.earlier.get(at)).cloned().unwrap_or_default();
    if let Some(Mode::Typing(typing)) = model.modes.top_mut() {
        typing.input.put(&text);
    }
}
