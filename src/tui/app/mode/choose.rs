//! A list to choose from: what is chosen, in one table.

use std::borrow::Cow;

use super::{Mode, Wanted, revoke};
use crate::{
    auth::import::{self, Reads},
    providers,
    token::Form,
    tui::app::{
        Model,
        edit::SIGNATURES,
        input::Edit,
        keymap::Action,
        known_keys,
        layout::{Area, overlay},
        list::Cursor,
        rotation, vault,
    },
};

/// A list to choose from.
#[derive(Debug)]
pub(crate) struct Choose {
    pub(crate) choice: Choice,
    pub(crate) title: &'static str,
    pub(crate) items: Vec<Item>,
    pub(crate) cursor: Cursor,
}

/// What is chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    /// The system of a new profile.
    Provider,
    /// Where profiles are imported from.
    Source,
    /// A key to verify or decrypt with.
    Key,
    /// How an edited token is signed.
    Signature,
    /// Where the vault's key is kept.
    Home,
    /// The tokens that are to be revoked.
    Generation,
    /// A file of a folder.
    File,
    /// The receipt of a rotation.
    Receipt,
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
    pub(in crate::tui::app) fn new(
        title: impl Into<Cow<'static, str>>,
        summary: impl Into<Cow<'static, str>>,
        action: Action,
    ) -> Self {
        Self { title: title.into(), summary: summary.into(), action }
    }
}

impl Choice {
    /// The table: the question, and what there is to choose from.
    fn list(self, model: &Model) -> (&'static str, Vec<Item>) {
        match self {
            Self::Provider => ("New profile: for which system?", providers().collect()),
            Self::Source => ("Import profiles: from where?", sources().collect()),
            Self::Key if is_encrypted(model) => ("Decrypt with which key?", known_keys::choices(model)),
            Self::Key => ("Verify with which key?", known_keys::choices(model)),
            Self::Signature => ("New token: how is it signed?", signatures().collect()),
            Self::Generation => ("Revoke which tokens?", revoke::choices(model)),
            // Its list comes when the folder was read.
            Self::File => ("Which file?", Vec::new()),
            Self::Receipt => (rotation::RECEIPTS, rotation::items(model)),
            Self::Home => ("Where should the vault's key be kept?", vault::choices(model)),
        }
    }
}

fn providers() -> impl Iterator<Item = Item> {
    providers::ALL.iter().map(|provider| {
        let descriptor = provider.descriptor();
        Item::new(descriptor.title, descriptor.summary, Action::NewProfile(descriptor.id))
    })
}

fn sources() -> impl Iterator<Item = Item> {
    import::sources(providers::ALL).into_iter().map(|source| {
        let action = match source.reads {
            Reads::Address { .. } => Action::Type(Wanted::Address(source.id)),
            Reads::Variables(_) | Reads::File { .. } => Action::Import(source.id),
        };
        Item::new(source.label, source.help, action)
    })
}

fn signatures() -> impl Iterator<Item = Item> {
    SIGNATURES.into_iter().map(|(title, summary, how)| Item::new(title, summary, Action::SignBy(how)))
}

fn is_encrypted(model: &Model) -> bool {
    model.tokens.selected().is_some_and(|row| matches!(row.token.form(), Form::Jwe(_)))
}

impl Choose {
    /// Where it stands.
    pub(crate) fn frame(&self, size: (u16, u16)) -> Area {
        overlay(size, 92, u16::try_from(self.items.len() + 2).unwrap_or(u16::MAX))
    }

    /// Goes to the next item that begins with this letter.
    pub(super) fn find(&mut self, edit: Edit) {
        let Edit::Insert(letter) = edit else { return };
        let begins = |item: &Item| item.title.to_lowercase().starts_with(letter.to_ascii_lowercase());
        let after = (1..=self.items.len()).map(|step| (self.cursor.index + step) % self.items.len());
        if let Some(found) = after.into_iter().find(|at| begins(&self.items[*at])) {
            self.cursor.index = found;
        }
    }
}

/// Opens the list.
pub(in crate::tui::app) fn open(model: &mut Model, choice: Choice) {
    let (title, items) = choice.list(model);
    model.modes.push(Mode::Choose(Choose { choice, title, items, cursor: Cursor::default() }));
}

pub(in crate::tui::app) fn offer_choose(model: &Model) -> Option<Action> {
    let Some(Mode::Choose(choose)) = model.modes.top() else { return None };
    choose.items.get(choose.cursor.index).map(|item| Action::Answer(item.action.clone().into()))
}
