//! What a filter can ask of a row: of the token, and of the profile that it belongs to.

use super::{Field, Subject};
use crate::{
    auth::TokenKind,
    clock::Timestamp,
    token::{lifetime::Lifetime, state::State},
    tui::app::{Model, facts, profiles::ProfileRow, tokens::Row},
};

/// A token and who knows about it.
pub(super) struct OfToken<'a> {
    model: &'a Model,
    row: &'a Row,
    profile: Option<&'a ProfileRow>,
}

impl<'a> OfToken<'a> {
    pub(super) fn new(model: &'a Model, row: &'a Row) -> Self {
        Self { model, row, profile: row.profile().and_then(|name| model.profiles.row(name)) }
    }
}

impl Subject for OfToken<'_> {
    fn any(&self, field: Field, suits: &mut dyn FnMut(&str) -> bool) -> bool {
        match (field, &self.row.owner) {
            (Field::Name, owner) => suits(owner.name()),
            (Field::Env | Field::Tag | Field::Provider, _) => {
                self.profile.is_some_and(|row| of_profile(row, field, suits))
            }
            _ => of_token(self.row, field, suits),
        }
    }

    fn state(&self, now: Timestamp) -> State {
        facts::of_token(self.model, self.row, self.profile).state(now)
    }

    fn lifetime(&self) -> Option<Lifetime> {
        Some(self.row.lifetime)
    }
}

fn of_profile(row: &ProfileRow, field: Field, suits: &mut dyn FnMut(&str) -> bool) -> bool {
    match field {
        Field::Env => row.environment.as_deref().is_some_and(suits),
        Field::Tag => row.profile.tags.iter().any(|tag| suits(tag)),
        Field::Provider => suits(&row.profile.provider) || row.descriptor.is_some_and(|found| suits(found.title)),
        _ => false,
    }
}

fn of_token(row: &Row, field: Field, suits: &mut dyn FnMut(&str) -> bool) -> bool {
    match field {
        Field::Kind => suits(kind(row.kind)) || suits(row.texts.form()),
        Field::Parties => suits(row.texts.parties()),
        Field::Sub => suits(row.texts.subject()),
        Field::Iss => suits(row.texts.issuer()),
        Field::Aud => suits(row.texts.audience()),
        Field::Scope => suits(row.texts.scope()),
        Field::Fingerprint => suits(&row.fingerprint.to_string()),
        _ => false,
    }
}

/// As the list shows it, without a text for each row.
fn kind(kind: TokenKind) -> &'static str {
    match kind {
        TokenKind::Access => "access",
        TokenKind::Refresh => "refresh",
        TokenKind::Id => "id",
        TokenKind::Unknown => "token",
    }
}
