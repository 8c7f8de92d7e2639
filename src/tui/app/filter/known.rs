//! What a filter can ask of a row: of the token, and of the profile that it belongs to.

use super::{
    Subject,
    texts::{self, Lines},
};
use crate::{
    clock::Timestamp,
    token::{lifetime::Lifetime, state::State},
    tui::app::{Model, facts, tokens::Row},
};

/// A token by its place, and who knows about it.
pub(super) struct OfToken<'a> {
    model: &'a Model,
    at: usize,
}

impl<'a> OfToken<'a> {
    pub(super) fn new(model: &'a Model, at: usize) -> Self {
        Self { model, at }
    }

    fn row(&self) -> &'a Row {
        &self.model.tokens.rows()[self.at]
    }
}

impl Subject for OfToken<'_> {
    fn lines(&self) -> Lines<'_> {
        texts::lines(self.model, self.at)
    }

    fn state(&self, now: Timestamp) -> State {
        let row = self.row();
        let profile = row.profile().and_then(|name| self.model.profiles.row(name));
        facts::of_token(self.model, row, profile).state(now)
    }

    fn lifetime(&self) -> Option<Lifetime> {
        Some(self.row().lifetime)
    }
}
