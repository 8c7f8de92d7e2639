//! What stands over the panes: which mode is drawn by whom.

use super::{
    canvas::Canvas, choose, compare, demand, dialog, edit, form, frames, horizon, log, palette, prefix, rebind,
    rotation,
};
use crate::tui::app::{
    Model,
    mode::{Mode, Typing, Wanted},
};

/// Draws it.
pub(super) fn draw(model: &Model, mode: &Mode, canvas: &mut Canvas<'_>) {
    let guard = model.guard_of_mode(mode);
    let guard = guard.as_ref();
    match mode {
        Mode::Typing(Typing { wanted: Wanted::Sure(question), input, .. }) => {
            dialog::confirm(model, question, Some(input), guard, canvas);
        }
        Mode::Typing(typing) => dialog::line(model, typing, guard, canvas),
        Mode::Confirm(question) => dialog::confirm(model, question, None, guard, canvas),
        Mode::Choose(choose) => choose::draw(model, choose, guard, canvas),
        Mode::Palette(palette) => palette::draw(model, palette, canvas),
        Mode::Prefix(waiting) => prefix::draw(model, waiting, guard, canvas),
        Mode::Rebind(waiting) => rebind::draw(model, waiting, canvas),
        Mode::Compare(page) => compare::draw(model, page, guard, canvas),
        Mode::Horizon(page) => horizon::draw(model, page, guard, canvas),
        Mode::Rotation(page) => rotation::draw(model, page, guard, canvas),
        Mode::Form(form) => form::draw(model, form, guard, canvas),
        Mode::Edit(editor) => edit::draw(model, editor, guard, canvas),
        Mode::Demand(_) => demand::draw(model, canvas),
        Mode::Save => dialog::save(model, canvas),
        Mode::Log(log) => log::draw(model, log, guard, canvas),
        Mode::Page(page) => dialog::read(model, page, guard, canvas),
        // The editor tells that a key is read.
        Mode::Reading(_) => {}
    }
    if let Some((track, extent)) = mode.extent(model.size) {
        frames::thumb(extent, track, true, canvas);
    }
}
