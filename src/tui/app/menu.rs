//! A list to choose from: a provider for a new profile, a source to import from, a key to verify with.

use std::borrow::Cow;

use super::{
    Model,
    edit::{SIGNATURES, Stage},
    keymap::Action,
    list::{Cursor, Motion},
    mode::Mode,
};
use crate::{
    auth::import::{self, Reads},
    providers,
};

/// A list to choose from.
#[derive(Debug)]
pub(crate) struct Menu {
    pub(crate) title: &'static str,
    pub(crate) items: Vec<Item>,
    pub(crate) cursor: Cursor,
}

/// Something to choose.
#[derive(Debug)]
pub(crate) struct Item {
    /// Sanitized, as the summary is.
    pub(crate) title: Cow<'static, str>,
    pub(crate) summary: Cow<'static, str>,
    action: Action,
}

impl Item {
    /// An item; both texts sanitized.
    pub(super) fn new(
        title: impl Into<Cow<'static, str>>,
        summary: impl Into<Cow<'static, str>>,
        action: Action,
    ) -> Self {
        Self { title: title.into(), summary: summary.into(), action }
    }
}

/// Which system the new profile is for.
pub(super) fn choose_provider(model: &mut Model) {
    let items = providers::ALL.iter().map(|provider| {
        let descriptor = provider.descriptor();
        Item::new(descriptor.title, descriptor.summary, Action::NewProfile(descriptor.id))
    });
    open(model, "New profile: for which system?", items.collect());
}

/// How an edited token is signed.
pub(super) fn signatures() -> Menu {
    let items = SIGNATURES.into_iter().map(|(title, summary, how)| Item::new(title, summary, Action::SignBy(how)));
    Menu { title: "New token: how is it signed?", items: items.collect(), cursor: Cursor::default() }
}

/// Where profiles are imported from.
pub(super) fn choose_source(model: &mut Model) {
    let items = import::sources(providers::ALL).into_iter().map(|source| {
        let action = match source.reads {
            Reads::Address { .. } => Action::TypeAddress(source.id),
            Reads::Variables(_) | Reads::File { .. } => Action::Import(source.id),
        };
        Item::new(source.label, source.help, action)
    });
    open(model, "Import profiles: from where?", items.collect());
}

pub(super) fn open(model: &mut Model, title: &'static str, items: Vec<Item>) {
    model.modes.push(Mode::Menu(Menu { title, items, cursor: Cursor::default() }));
}

pub(super) fn go(menu: &mut Menu, motion: Motion) {
    menu.cursor.go(motion, menu.items.len(), menu.items.len());
}

pub(super) fn offer_choose(model: &Model) -> Option<Action> {
    let menu = match model.modes.top() {
        Some(Mode::Menu(menu)) => menu,
        Some(Mode::Edit(editor)) => match &editor.stage {
            Stage::Choosing(menu) => menu,
            _ => return None,
        },
        _ => return None,
    };
    menu.items.get(menu.cursor.index).map(|item| item.action.clone())
}
