//! The horizon as text, for a ticket: each life with its state and its end. No token.

use super::open_page;
use crate::{
    clock,
    tui::app::{
        Model,
        keymap::Action,
        message::{Effect, Effects},
    },
};

pub(in crate::tui::app) fn offer_copy(model: &Model) -> Option<Action> {
    open_page(model).filter(|page| !page.lanes.is_empty()).map(|_| Action::CopyPage)
}

/// Copies it, where the page is open.
pub(in crate::tui::app) fn copy(model: &Model) -> Option<Effects> {
    let page = open_page(model)?;
    let now = model.shown_now();
    let line = |lane: &super::Lane| {
        let badge = lane.badge.as_ref().map(|badge| format!("{} ", badge.text)).unwrap_or_default();
        let verb = if lane.lifetime.expires_at.is_some_and(|end| end <= now) { "ended" } else { "until" };
        let end = lane.lifetime.expires_at.map(|end| format!("  {verb} {}", clock::of_day(end, now, model.zone)));
        format!("{badge}{}  {}{}\n", lane.name, lane.facts.state(now).as_str(), end.unwrap_or_default())
    };
    let lanes: String = page.lanes.iter().map(line).collect();
    let (next, within) = (page.forecast.next(model), page.forecast.within(model, page.zoom));
    let text = format!("{}\n\n{lanes}\n{next}\n{within}\n", super::title(model, page));
    Some(Effect::Copy { what: "horizon".to_owned(), text: text.into() }.into())
}
