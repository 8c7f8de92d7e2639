//! The live tokens: each one inspected when it enters, and replaced in its place when it is renewed.

pub(crate) mod columns;
pub(in crate::tui::app) mod delete;
pub(crate) mod old;
mod paste;
mod row;
mod rows;
mod texts;

use std::{collections::VecDeque, sync::Arc};

use chrono::TimeDelta;

pub(crate) use self::old::Old;
pub(crate) use self::row::{Owner, Row, RowId, RowState, SEPARATOR};
use self::rows::Rows;
pub(super) use self::{delete::offer_delete, paste::paste};
use super::{
    Model,
    filter::narrow::Narrowing,
    keymap::Action,
    list::{Cursor, NOWHERE},
    machine::HeldBy,
    message::Loose,
};
use crate::{
    auth::{IssuedToken, TokenKind, TokenSet},
    clock::Timestamp,
    profile::ProfileName,
    session::HeldToken,
    store::vault::{Evidence, Evidences, OldToken},
    text,
    token::{
        Token,
        detect::{Found, Purpose},
        lifetime::{Lifetime, TimeState},
    },
};

/// The tokens, and the list of those in the scope.
#[derive(Debug, Default)]
pub(crate) struct Tokens {
    rows: Rows,
    /// Its index is the place of the token under it among all, its offset one of the list.
    pub(crate) cursor: Cursor,
    /// The token under the cursor, wherever it is.
    at: Option<RowId>,
    /// The one that it was on when the list was last in line with the rows.
    was: Option<RowId>,
    seek: Seek,
    pub(crate) narrowing: Narrowing,
    next: u64,
    /// The token that another one is to be compared with.
    pub(super) marked: Option<RowId>,
    /// When time has ended the first of the old ones.
    old_until: Option<Timestamp>,
}

/// Where the cursor of the list is to go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Seek {
    /// It stays on its token.
    #[default]
    Stay,
    /// To this one, also where the filter leaves it out.
    Token(RowId),
    /// To the most urgent one.
    Urgent,
}

impl Tokens {
    /// All rows, the newest first.
    pub(crate) fn rows(&self) -> &VecDeque<Row> {
        &self.rows
    }

    /// Another number: the rows may be others.
    pub(super) fn revision(&self) -> u64 {
        self.rows.revision()
    }

    /// The rows that have a place on a screen of so many, each with its index.
    pub(crate) fn on_screen(&self, page: usize) -> impl Iterator<Item = (usize, &Row)> + Clone {
        let shown = self.narrowing.shown().iter().skip(self.cursor.offset).take(page);
        shown.filter_map(|at| Some((*at, self.rows.get(*at)?)))
    }

    /// The row under the cursor, which is one that is shown.
    pub(crate) fn selected(&self) -> Option<&Row> {
        self.rows.get(self.cursor.index)
    }

    /// The rows of a profile.
    pub(super) fn of_profile<'a>(&'a self, profile: &'a ProfileName) -> impl Iterator<Item = &'a Row> {
        self.rows.range(self.rows.span(profile)).filter(move |row| row.profile() == Some(profile))
    }

    /// A row by what it is.
    pub(crate) fn row(&self, id: RowId) -> Option<&Row> {
        self.rows.get(self.position(id)?)
    }

    /// Where it is among all. The one under the cursor is mostly where it was.
    pub(crate) fn position(&self, id: RowId) -> Option<usize> {
        let here = self.selected().filter(|row| row.id == id).map(|_| self.cursor.index);
        here.or_else(|| match self.narrowing.ids(self.revision()) {
            // Close together, where the rows are not.
            Some(ids) => ids.iter().position(|other| *other == id),
            None => self.rows.iter().position(|row| row.id == id),
        })
    }

    /// The token under the cursor.
    pub(super) fn at(&self) -> Option<RowId> {
        self.at
    }

    /// The one that the user has last seen it on.
    pub(super) fn was(&self) -> Option<RowId> {
        self.was
    }

    /// The list is in line with the rows.
    pub(super) fn is_seen(&mut self) {
        self.was = self.at;
    }

    /// Puts the cursor on a place among all rows.
    pub(super) fn point(&mut self, index: usize) {
        self.at = self.rows.get(index).map(|row| row.id);
        self.cursor.index = if self.at.is_some() { index } else { NOWHERE };
    }

    /// The cursor goes there as soon as the list is in line with the rows.
    pub(super) fn seek(&mut self, seek: Seek) {
        self.seek = seek;
    }

    /// Where it goes.
    pub(super) fn sought(&mut self) -> Seek {
        std::mem::take(&mut self.seek)
    }

    /// Puts a row on top and the cursor on it.
    fn put(&mut self, row: Row) {
        self.seek = Seek::Token(row.id);
        self.rows.insert(0, row);
        self.point(0);
    }

    /// Puts a token on top and the cursor on it.
    pub(crate) fn add(&mut self, source: &str, token: Token) {
        let row = Row::new(self.fresh_id(), Owner::Source(text::visible(source).into_owned()), token);
        self.put(row);
    }

    /// Puts a token on top that was found in a text.
    pub(super) fn add_found(&mut self, source: &str, found: &Found) {
        let row = Row::new(self.fresh_id(), Owner::Source(text::visible(source).into_owned()), found.inspect());
        self.put(row.said(kind(found), found.expires_at));
    }

    /// These are what other programs of this machine keep now, below all others.
    pub(super) fn keep_of_machine<'a>(&mut self, held: impl Iterator<Item = (Arc<HeldBy>, &'a HeldToken)>) {
        self.rows.retain(|row| !matches!(row.owner, Owner::Program(_)));
        for (keeper, held) in held {
            let row = Row::held(self.fresh_id(), &keeper, held.found.inspect());
            self.rows.insert(self.rows.len(), row.said(kind(&held.found), held.found.expires_at));
        }
        self.find_again();
    }

    /// Puts a token on top that was made here from another one, and the cursor on it.
    pub(super) fn add_made(&mut self, original: &Row, how: &str, token: Token) {
        let row = Row::made(self.fresh_id(), original, how, token);
        self.put(row);
    }

    /// Takes all tokens out. What comes back are those of no profile: nothing else has them.
    pub(super) fn lock(&mut self) -> Vec<Loose> {
        self.marked = None;
        let loose = self.rows.drain().filter_map(Row::into_loose).collect();
        self.point(NOWHERE);
        loose
    }

    /// Puts a token back that was there before.
    pub(super) fn bring_back(&mut self, loose: Loose) {
        let row = Row::loose(self.fresh_id(), loose);
        self.insert(0, row);
    }

    /// Puts rows back in their places, and the cursor on the first.
    pub(super) fn put_back(&mut self, rows: Vec<(usize, Row)>) {
        let first = rows.first().map(|(_, row)| row.id);
        for (place, row) in rows {
            let place = place.min(self.rows.len());
            self.rows.insert(place, row);
        }
        self.find_again();
        self.seek = first.map_or(Seek::Stay, Seek::Token);
    }

    /// Takes rows out.
    pub(super) fn remove(&mut self, ids: &[RowId]) {
        self.rows.retain(|row| !ids.contains(&row.id));
        self.find_again();
    }

    /// Whether the token is marked.
    pub(crate) fn is_marked(&self, row: &Row) -> bool {
        self.marked == Some(row.id)
    }

    /// Whether a token is marked to be compared.
    pub(crate) fn has_marked(&self) -> bool {
        self.marked.is_some()
    }

    /// Puts a token below the one under the cursor, and the cursor on it. It is not put there twice.
    pub(super) fn add_below(&mut self, source: &str, token: Token) {
        let row = Row::new(self.fresh_id(), Owner::Source(text::visible(source).into_owned()), token);
        let same = |there: &Row| there.owner == row.owner && there.fingerprint == row.fingerprint;
        let index = self.rows.iter().position(same).unwrap_or_else(|| {
            let place = self.cursor.index.saturating_add(1).min(self.rows.len());
            self.rows.insert(place, row);
            place
        });
        self.point(index);
        self.seek = self.at.map_or(Seek::Stay, Seek::Token);
    }

    /// Replaces the tokens of a profile: each by its successor of the same kind, in the same row.
    pub(crate) fn replace(&mut self, profile: &ProfileName, set: &TokenSet) {
        let owned = |row: &Row, kind| row.is_current_of(profile) && row.kind == kind;
        let gone = |row: &Row| row.is_current_of(profile) && set.token(row.kind).is_none();
        self.take_out(profile, gone);
        let mut fresh = Vec::new();
        for issued in &set.tokens {
            let row = Row::issued(self.fresh_id(), profile, issued, set.received_at);
            match self.rows.of_profile_mut(profile).find(|row| owned(row, issued.kind)) {
                Some(old) => *old = row.succeed(old),
                None => fresh.push(row),
            }
        }
        let place = self.behind(profile, |row| row.old.is_none());
        fresh.into_iter().rev().for_each(|row| self.insert(place, row));
    }

    /// Drops the rows of a profile.
    pub(crate) fn forget(&mut self, profile: &ProfileName) {
        self.take_out(profile, |_| true);
    }

    /// A profile has another name.
    pub(super) fn rename(&mut self, old: &ProfileName, new: &ProfileName) {
        self.rows.rename(old, new);
    }

    /// The clock of this profile's server is so far ahead of ours.
    pub(super) fn correct(&mut self, profile: &ProfileName, skew: TimeDelta) {
        self.rows.of_profile_mut(profile).for_each(|row| row.correct(skew));
    }

    /// What is known of the end of a profile's tokens. Whether a revocation tried to end any of the current ones, and whether
    /// a server has refused all whose time is not over.
    pub(crate) fn judge(&mut self, profile: &ProfileName, known: &Evidences, now: Timestamp) -> (bool, bool) {
        let (mut tried, mut refused, mut over) = (false, false, true);
        for row in self.rows.of_profile_mut(profile) {
            let known = known.get(&row.fingerprint);
            row.revoked = known.is_some_and(Evidence::is_revoked);
            row.refused = known.and_then(Evidence::proof).cloned();
            if row.old.is_none() && row.kind != TokenKind::Id {
                tried |= row.revoked;
                refused |= row.refused.is_some();
                over &= row.refused.is_some() || row.lifetime.state(now) == TimeState::Expired;
            }
        }
        (tried, refused && over)
    }

    /// A server was asked to end the current tokens of a profile.
    pub(super) fn revoke(&mut self, profile: &ProfileName) {
        let rows = self.rows.of_profile_mut(profile);
        let current = rows.filter(|row| row.is_current_of(profile) && row.kind != TokenKind::Id);
        current.for_each(|row| row.revoked = true);
    }

    /// Puts a row in a place; the cursor stays on its own.
    fn insert(&mut self, place: usize, row: Row) {
        self.rows.insert(place, row);
        self.cursor.index += usize::from(self.cursor.index != NOWHERE && place <= self.cursor.index);
    }

    /// Takes rows of a profile out, the last one first; the cursor stays on its own.
    fn take_out(&mut self, profile: &ProfileName, wanted: impl Fn(&Row) -> bool) -> Vec<Row> {
        let wanted = |row: &Row| row.profile() == Some(profile) && wanted(row);
        let places: Vec<_> = self.rows.span(profile).filter(|place| wanted(&self.rows[*place])).collect();
        let taken: Vec<_> = places.into_iter().rev().filter_map(|place| self.rows.remove(place)).collect();
        if !taken.is_empty() {
            self.find_again();
        }
        taken
    }

    /// The place behind the last row of a profile of which that holds.
    fn behind(&self, profile: &ProfileName, holds: impl Fn(&Row) -> bool) -> usize {
        let wanted = |place: &usize| self.rows[*place].profile() == Some(profile) && holds(&self.rows[*place]);
        self.rows.span(profile).rev().find(wanted).map_or(0, |last| last + 1)
    }

    /// The rows may have moved: the cursor goes with its own.
    fn find_again(&mut self) {
        self.cursor.index = self.at.and_then(|id| self.position(id)).unwrap_or(NOWHERE);
    }

    fn fresh_id(&mut self) -> RowId {
        self.next += 1;
        RowId(self.next)
    }
}

/// What the text around a token says that it is for.
fn kind(found: &Found) -> TokenKind {
    match found.purpose {
        Some(Purpose::Access) => TokenKind::Access,
        Some(Purpose::Refresh) => TokenKind::Refresh,
        Some(Purpose::Id) => TokenKind::Id,
        None => TokenKind::Unknown,
    }
}

/// The lifetime that a row of this token would have, of a server whose clock is so far ahead of ours.
pub(super) fn lifetime(profile: &ProfileName, set: &TokenSet, token: &IssuedToken, skew: TimeDelta) -> Lifetime {
    let mut row = Row::issued(RowId(0), profile, token, set.received_at);
    row.correct(skew);
    row.lifetime
}

/// A token of an old generation, as far as its text is kept: no row of the list.
pub(super) fn of_generation(profile: &ProfileName, token: &OldToken, received_at: Timestamp) -> Option<Row> {
    Some(Row::issued(RowId(0), profile, &token.issued()?, received_at))
}

pub(super) fn offer_drop_changes(model: &Model) -> Option<Action> {
    // What a token was made from stays with it.
    let row = model.tokens.selected().filter(|row| row.made.is_none())?;
    (!row.changes.is_empty()).then_some(Action::DropChanges)
}

/// The Δ of the last refresh was seen.
pub(super) fn drop_changes(model: &mut Model) {
    let index = model.tokens.cursor.index;
    model.tokens.rows.get_mut(index).into_iter().for_each(|row| row.changes.clear());
    model.inspector.edition += 1;
}
