//! Views: filters that were kept, each a scope of its own over all tokens. They are remembered from one start to the next.

use super::Scope;
use crate::{
    store::state::{Change, View},
    text,
    tui::app::{
        Model,
        filter::{Filter, narrow},
        input::Input,
        keymap::Action,
        message::Effects,
        mode::{Taken, Wanted},
        notices::Level,
        undo::{self, Undone},
    },
};

/// A kept filter, read.
#[derive(Debug)]
pub(crate) struct Viewed {
    pub(super) name: String,
    pub(super) filter: Filter,
}

/// Those that there are.
pub(super) fn all(model: &Model) -> Vec<Viewed> {
    let read = |view: &View| Viewed { name: view.name.clone(), filter: Filter::parse(&view.filter) };
    model.state.views.iter().map(read).collect()
}

impl Viewed {
    /// Whether it has a token.
    pub(super) fn holds(&self, model: &Model, at: usize) -> bool {
        narrow::matches(model, &self.filter, at)
    }
}

/// `F`: keeps the filter.
pub(in crate::tui::app) fn offer_keep(model: &Model) -> Option<Action> {
    model.tokens.narrowing.typed().map(|_| Action::Type(Wanted::View))
}

/// What is kept: the filter, and what of the scope can be said as one.
pub(in crate::tui::app) fn kept(model: &Model) -> String {
    let typed = model.tokens.narrowing.typed().unwrap_or_default();
    match model.tree.scope() {
        Scope::Environment(Some(name)) if !name.contains(char::is_whitespace) => format!("env:{name} {typed}"),
        Scope::Profile(name) => format!("'{name} {typed}"),
        Scope::View(name) => {
            let of = model.state.views.iter().find(|view| view.name == *name);
            of.map_or_else(|| typed.to_owned(), |view| format!("{} {typed}", view.filter))
        }
        _ => typed.to_owned(),
    }
}

/// Enter on its name.
pub(in crate::tui::app) fn accept(model: &mut Model, _: &Wanted, input: &mut Input) -> Taken {
    let name = input.text().trim().to_owned();
    let view = View { name: name.clone(), filter: kept(model) };
    let mut views = model.state.views.clone();
    match views.iter_mut().find(|known| known.name == name) {
        _ if name.is_empty() => return None,
        Some(known) => *known = view,
        None => views.push(view),
    }
    let effects = change(model, views, &format!("the view {}", text::visible(&name)));
    let words = format!("Kept as the view {}.", text::visible(&name));
    model.advise(
        None,
        Level::Success,
        &words,
        "it stands in the tree under Views; {key:commands} goes to it by its name",
    );
    Some(effects)
}

/// `d`: removes the view under the cursor.
pub(in crate::tui::app) fn remove(model: &mut Model) -> Effects {
    let Scope::View(name) = model.tree.scope().clone() else { return Effects::none() };
    let left = model.state.views.iter().filter(|view| view.name != name).cloned().collect();
    let words = format!("the view {}", text::visible(&name));
    let effects = change(model, left, &words);
    model.advise(None, Level::Info, &format!("Removed {words}."), "{key:undo} undoes");
    effects
}

fn change(model: &mut Model, views: Vec<View>, words: &str) -> Effects {
    let before = std::mem::take(&mut model.state.views);
    undo::keep(model, Undone::Views(before), words);
    take(model, views)
}

/// These are the views from now on.
pub(in crate::tui::app) fn take(model: &mut Model, views: Vec<View>) -> Effects {
    model.tree.forget();
    model.remember(Change::Views(views))
}
