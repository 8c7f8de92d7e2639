//! Tab in the line of a filter: the names of the fields, and what the rows have in them.

use super::{FIELDS, Field, KINDS};
use crate::{
    token::state::State,
    tui::app::{
        Model,
        keymap::Action,
        mode::{Mode, Typing, Wanted},
    },
};

use super::narrow::Step;

pub(in crate::tui::app) fn offer(model: &Model) -> Option<Action> {
    completed(model).map(|_| Action::Filter(Step::Complete))
}

/// Puts the completion in.
pub(in crate::tui::app) fn complete(model: &mut Model) {
    let Some(text) = completed(model) else { return };
    if let Some(Mode::Typing(typing)) = model.modes.top_mut() {
        typing.input.put(&text);
    }
}

/// The line with its last word completed. A word that is complete makes way for the next one.
fn completed(model: &Model) -> Option<String> {
    let Some(Mode::Typing(Typing { wanted: Wanted::Filter, input, .. })) = model.modes.top() else { return None };
    let text = input.text();
    let start = text.rfind([' ', '!', ',']).map_or(0, |at| at + 1);
    let (done, word) = text.split_at(start);
    let field = text.rsplit(' ').next()?.trim_start_matches('!').split_once(':').map(|(name, _)| name);
    let (done, word, all) = match field {
        None => (done, word, FIELDS.iter().map(|(name, _)| format!("{name}:")).collect()),
        Some(name) => {
            let (_, field) = FIELDS.into_iter().find(|(known, _)| *known == name)?;
            let value = word.split_once(':').map_or(word, |(_, value)| value);
            (&text[..text.len() - value.len()], value, values(model, field))
        }
    };
    if done.is_empty() && word.is_empty() {
        return None;
    }
    let next = match all.iter().position(|value| value == word) {
        Some(at) => all.get((at + 1) % all.len()),
        None => all.iter().find(|value| value.starts_with(word)),
    };
    next.filter(|next| *next != word).map(|next| format!("{done}{next}"))
}

/// The values of a field, where they are few.
fn values(model: &Model, field: Field) -> Vec<String> {
    let profiles = model.profiles.rows.iter();
    let mut all: Vec<String> = match field {
        Field::State => return State::all().map(|state| state.as_str().to_owned()).collect(),
        Field::Kind => return KINDS.map(str::to_owned).to_vec(),
        Field::Env => profiles.filter_map(|row| row.environment.clone()).collect(),
        Field::Tag => profiles.flat_map(|row| row.profile.tags.clone()).collect(),
        Field::Provider => profiles.map(|row| row.profile.provider.clone()).collect(),
        _ => Vec::new(),
    };
    all.retain(|value| !value.contains(char::is_whitespace));
    all.sort();
    all.dedup();
    all
}
