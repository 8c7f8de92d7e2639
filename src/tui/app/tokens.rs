//! The live tokens: each one inspected when it enters, and replaced in its place when it is renewed.

mod row;

use std::collections::VecDeque;

use chrono::TimeDelta;

pub(crate) use self::row::{Owner, Row, RowId, RowState};
use super::{
    Model, Pane,
    filter::narrow::Narrowing,
    keymap::Action,
    list::{Cursor, NOWHERE, Watched},
    message::{Effect, Effects, Loose},
    mode::Question,
    notices::Level,
    scope::{self, Scope},
    target::{
        self,
        plan::{self, Bulk},
    },
};
use crate::{
    auth::{IssuedToken, TokenKind, TokenSet},
    profile::ProfileName,
    store::vault::{Evidence, Evidences},
    text,
    token::{
        Form, Format, Token,
        detect::{Found, Purpose, detect},
        json::Kind,
        lifetime::Lifetime,
        verify::as_it_came,
    },
};

/// The tokens, and the list of those in the scope.
#[derive(Debug, Default)]
pub(crate) struct Tokens {
    rows: Watched<VecDeque<Row>>,
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
    /// What was deleted last, and where each was.
    deleted: Vec<(usize, Row)>,
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

    /// A row by what it is.
    pub(crate) fn row(&self, id: RowId) -> Option<&Row> {
        self.rows.get(self.position(id)?)
    }

    /// Where it is among all. The one under the cursor is mostly where it was.
    pub(crate) fn position(&self, id: RowId) -> Option<usize> {
        let here = self.selected().filter(|row| row.id == id).map(|_| self.cursor.index);
        here.or_else(|| self.rows.iter().position(|row| row.id == id))
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
        self.rows.push_front(row);
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
        let kind = match found.purpose {
            Some(Purpose::Access) => TokenKind::Access,
            Some(Purpose::Refresh) => TokenKind::Refresh,
            Some(Purpose::Id) => TokenKind::Id,
            None => TokenKind::Unknown,
        };
        self.put(row.said(kind, found.expires_at));
    }

    /// Puts a token on top that was made here from another one, and the cursor on it.
    pub(super) fn add_made(&mut self, original: &Row, how: &str, token: Token) {
        let row = Row::made(self.fresh_id(), original, how, token);
        self.put(row);
    }

    /// Takes all tokens out. What comes back are those of no profile: nothing else has them.
    pub(super) fn lock(&mut self) -> Vec<Loose> {
        self.marked = None;
        self.deleted.clear();
        let loose = self.rows.drain(..).filter_map(Row::into_loose).collect();
        self.point(NOWHERE);
        loose
    }

    /// Puts a token back that was there before.
    pub(super) fn bring_back(&mut self, loose: Loose) {
        let row = Row::loose(self.fresh_id(), loose);
        self.rows.push_front(row);
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
        let owned = |row: &Row, kind| row.profile() == Some(profile) && row.kind == kind;
        self.rows.retain(|row| row.profile() != Some(profile) || set.token(row.kind).is_some());
        let mut fresh = Vec::new();
        for issued in &set.tokens {
            let row = Row::issued(self.fresh_id(), profile, issued, set.received_at);
            match self.rows.iter_mut().find(|row| owned(row, issued.kind)) {
                Some(old) => *old = row.succeed(old),
                None => fresh.push(row),
            }
        }
        let place = self.rows.iter().rposition(|row| row.profile() == Some(profile)).map_or(0, |last| last + 1);
        fresh.into_iter().rev().for_each(|row| self.rows.insert(place, row));
        self.find_again();
    }

    /// Drops the rows of a profile.
    pub(crate) fn forget(&mut self, profile: &ProfileName) {
        self.rows.retain(|row| row.profile() != Some(profile));
        self.find_again();
    }

    /// A profile has another name.
    pub(super) fn rename(&mut self, old: &ProfileName, new: &ProfileName) {
        self.rows
            .iter_mut()
            .filter(|row| row.profile() == Some(old))
            .for_each(|row| row.owner = Owner::Profile(new.clone()));
    }

    /// The clock of this profile's server is so far ahead of ours.
    pub(super) fn correct(&mut self, profile: &ProfileName, skew: TimeDelta) {
        self.rows.iter_mut().filter(|row| row.profile() == Some(profile)).for_each(|row| row.correct(skew));
    }

    /// What is known of the end of a profile's tokens. Whether a revocation tried to end any of them.
    pub(crate) fn judge(&mut self, profile: &ProfileName, known: &Evidences) -> bool {
        let rows = self.rows.iter_mut().filter(|row| row.profile() == Some(profile));
        let judged = rows.map(|row| {
            let known = known.get(&row.fingerprint);
            row.revoked = known.is_some_and(Evidence::is_revoked);
            row.refused = known.and_then(Evidence::proof).cloned();
            row.revoked
        });
        judged.fold(false, |any, revoked| any || revoked)
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

/// The lifetime that a row of this token would have, of a server whose clock is so far ahead of ours.
pub(super) fn lifetime(profile: &ProfileName, set: &TokenSet, token: &IssuedToken, skew: TimeDelta) -> Lifetime {
    let mut row = Row::issued(RowId(0), profile, token, set.received_at);
    row.correct(skew);
    row.lifetime
}

/// A text was pasted: each token in it gets a row that says where it was.
pub(super) fn paste(model: &mut Model, pasted: &str) {
    if pasted.trim().is_empty() {
        return model.tell(Level::Warning, "the paste was empty");
    }
    let mut found = detect(pasted);
    let count = found.len().max(1);
    if found.is_empty() {
        found.push(Found::whole(pasted));
    }
    found.reverse();
    for found in found {
        let source = found.place.as_ref().map_or_else(|| "pasted".to_owned(), |place| format!("pasted: {place}"));
        model.tokens.add_found(&source, &found);
    }
    match (count, model.tokens.selected()) {
        (1, Some(row)) if !row.token.is_plausible() => {
            let words = "the paste does not look like a token; added anyway";
            model.advise(None, Level::Warning, words, "{key:tokens.delete} deletes it");
        }
        (1, Some(row)) => model.tell(Level::Info, &format!("pasted {}", form_words(&row.token))),
        (count, _) => model.tell(Level::Info, &format!("pasted {count} tokens")),
    }
    if let Some(row) = model.tokens.rows.front_mut().filter(|_| count == 1) {
        row.came = Some(as_it_came(&row.token, pasted));
    }
    let id = model.tokens.at();
    scope::go_to(model, Scope::Pasted);
    id.into_iter().for_each(|id| scope::show(model, id));
    if model.focus == Pane::Profiles {
        model.focus = Pane::Tokens;
    }
}

/// What a token is, in words.
pub(crate) fn form_words(token: &Token) -> &'static str {
    match token.form() {
        _ if token.format().is_some() => token.format().map_or("", Format::as_str),
        Form::Jws(_) if let Some(found) = token.media_type() => found.name,
        Form::Jws(_)
            if token.claims().is_some_and(|json| json.nodes().first().is_some_and(|n| n.kind == Kind::Object)) =>
        {
            "a JWT"
        }
        Form::Jws(_) => "a JWS",
        Form::Jwe(_) => "a JWE, encrypted",
        Form::Opaque => "an opaque token",
    }
}

pub(super) fn offer_delete(model: &Model) -> Option<Action> {
    match *target::tokens(model).ok()? {
        [one] => match model.tokens.rows.get(one)?.profile() {
            Some(name) => Some(Action::Ask(Question::Forget(name.clone()))),
            None => Some(Action::Delete(model.tokens.rows.get(one)?.id)),
        },
        _ => plan::offer(model, Bulk::Forget),
    }
}

pub(super) fn offer_undelete(model: &Model) -> Option<Action> {
    (!model.tokens.deleted.is_empty()).then_some(Action::Undelete)
}

/// Deletes pasted tokens, all of them at once.
pub(super) fn delete_all(model: &mut Model, ids: &[RowId]) {
    let mut gone = Vec::new();
    for id in ids {
        if let Some(index) = model.tokens.position(*id)
            && let Some(row) = model.tokens.rows.remove(index)
        {
            gone.push((index, row));
        }
    }
    let words = match gone.as_slice() {
        [] => return,
        [(_, row)] => format!("deleted the {}", row.words()),
        many => format!("deleted {} tokens", many.len()),
    };
    model.tell(Level::Info, &words);
    model.tokens.deleted = gone;
    model.tokens.find_again();
}

pub(super) fn undelete(model: &mut Model) {
    let mut deleted = std::mem::take(&mut model.tokens.deleted);
    let (Some((_, first)), count) = (deleted.first(), deleted.len()) else { return };
    let id = first.id;
    let words = if count == 1 { format!("restored the {}", first.words()) } else { format!("restored {count} tokens") };
    model.tell(Level::Info, &words);
    while let Some((index, row)) = deleted.pop() {
        let index = index.min(model.tokens.rows.len());
        model.tokens.rows.insert(index, row);
    }
    model.tokens.find_again();
    scope::show(model, id);
}

pub(super) fn forget(model: &mut Model, profile: ProfileName) -> Effects {
    model.tokens.forget(&profile);
    model.profiles.forget(&profile);
    model.tell_about(Some(&profile), Level::Info, "forgot its tokens here; they were not revoked at the server", None);
    Effect::Forget(profile).into()
}
