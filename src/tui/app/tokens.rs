//! The live tokens: each one inspected when it enters, and replaced in its place when it is renewed.

use std::{collections::VecDeque, sync::Arc};

use super::{
    Model, Pane,
    keymap::Action,
    list::Cursor,
    message::{Effect, Effects},
    mode::{Mode, Question},
    notices::Severity,
};
use crate::{
    auth::{IssuedToken, Scheme, TokenKind, TokenSet},
    clock::Timestamp,
    profile::ProfileName,
    secret::{ExposeSecret as _, Fingerprint},
    text,
    token::{
        Form, Format, Token,
        detect::{Purpose, detect},
        json::Kind,
        lifetime::{Lifetime, TimeState},
    },
};

/// Identifies a row for the life of the process: a renewed token keeps its row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct RowId(u64);

/// A token in the list.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    pub(crate) id: RowId,
    pub(crate) owner: Owner,
    pub(crate) kind: TokenKind,
    pub(crate) token: Arc<Token>,
    pub(crate) lifetime: Lifetime,
    /// When the server said that it ends, where it said so beside the token.
    pub(crate) server_said: Option<Timestamp>,
    /// Whose token it is, in one line; sanitized.
    pub(crate) subject: String,
    pub(crate) scheme: Scheme,
    /// `alg` of the JOSE header; sanitized.
    pub(crate) algorithm: Option<String>,
    pub(crate) fingerprint: Fingerprint,
    /// The raw token is printable ASCII: each byte is a column.
    pub(crate) plain: bool,
    /// How many characters the raw token takes on screen.
    pub(crate) columns: usize,
    /// The server said that it revoked it.
    pub(crate) revoked: bool,
}

/// Where a token comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Owner {
    /// A login or refresh of this profile.
    Profile(ProfileName),
    /// `pasted`, `stdin`, a file's name; sanitized.
    Source(String),
}

/// What the list says about a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RowState {
    /// What the clock says.
    Time(TimeState),
    /// Revoked at the server.
    Revoked,
}

impl Row {
    /// The state at a time.
    pub(crate) fn state(&self, now: Timestamp) -> RowState {
        if self.revoked { RowState::Revoked } else { RowState::Time(self.lifetime.state(now)) }
    }

    /// The profile, where there is one.
    pub(crate) fn profile(&self) -> Option<&ProfileName> {
        match &self.owner {
            Owner::Profile(name) => Some(name),
            Owner::Source(_) => None,
        }
    }

    /// `access token of edx-demo`, `pasted token ba7816bf`.
    pub(crate) fn words(&self) -> String {
        match (&self.owner, self.kind) {
            (Owner::Profile(name), kind) => format!("{kind} token of {name}"),
            (Owner::Source(source), _) => format!("{source} token {}", self.fingerprint),
        }
    }
}

/// The list.
#[derive(Debug, Default)]
pub(crate) struct Tokens {
    rows: VecDeque<Row>,
    pub(crate) cursor: Cursor,
    next: u64,
    /// What was deleted last, and where it was.
    deleted: Option<(usize, Row)>,
}

impl Tokens {
    /// All rows, in the order of the list.
    pub(crate) fn rows(&self) -> &VecDeque<Row> {
        &self.rows
    }

    /// The row under the cursor.
    pub(crate) fn selected(&self) -> Option<&Row> {
        self.rows.get(self.cursor.index)
    }

    /// Puts a token on top and the cursor on it.
    pub(crate) fn add(&mut self, source: &str, token: Token) {
        let row = self.row(Owner::Source(text::visible(source).into_owned()), token);
        self.rows.push_front(row);
        self.cursor.index = 0;
    }

    /// Replaces the tokens of a profile: each by its successor of the same kind, in the same row.
    pub(crate) fn replace(&mut self, profile: &ProfileName, set: &TokenSet) {
        let selected = self.selected().map(|row| row.id);
        let owned = |row: &Row, kind| row.profile() == Some(profile) && row.kind == kind;
        self.rows.retain(|row| row.profile() != Some(profile) || set.token(row.kind).is_some());
        let mut fresh = Vec::new();
        for issued in &set.tokens {
            let mut row = self.issued(profile, issued, set.received_at);
            match self.rows.iter_mut().find(|row| owned(row, issued.kind)) {
                Some(old) => {
                    row.id = old.id;
                    *old = row;
                }
                None => fresh.push(row),
            }
        }
        let first_login = fresh.len() == set.tokens.len();
        let place = self.rows.iter().rposition(|row| row.profile() == Some(profile)).map_or(0, |last| last + 1);
        let first = fresh.first().map(|row| row.id);
        fresh.into_iter().rev().for_each(|row| self.rows.insert(place, row));
        self.reselect(if first_login { first } else { selected });
    }

    /// Drops the rows of a profile.
    pub(crate) fn forget(&mut self, profile: &ProfileName) {
        let selected = self.selected().map(|row| row.id);
        self.rows.retain(|row| row.profile() != Some(profile));
        self.reselect(selected);
    }

    /// Marks the tokens of this kind that the server revoked.
    pub(crate) fn revoked(&mut self, profile: &ProfileName, kind: TokenKind) {
        let rows = self.rows.iter_mut().filter(|row| row.profile() == Some(profile) && row.kind == kind);
        rows.for_each(|row| row.revoked = true);
    }

    fn reselect(&mut self, id: Option<RowId>) {
        if let Some(index) = self.rows.iter().position(|row| Some(row.id) == id) {
            self.cursor.index = index;
        }
    }

    fn row(&mut self, owner: Owner, token: Token) -> Row {
        self.next += 1;
        let raw = token.raw().expose_secret();
        let plain = raw.bytes().all(|byte| (b' '..=b'~').contains(&byte));
        let columns = if plain { raw.len() } else { text::visible(raw).chars().count() };
        Row {
            id: RowId(self.next),
            owner,
            kind: TokenKind::Unknown,
            lifetime: token.lifetime(),
            server_said: None,
            subject: token.subject().map(|subject| head(&subject)).unwrap_or_default(),
            algorithm: token.alg().map(|alg| head(&alg)),
            fingerprint: token.fingerprint(),
            plain,
            columns,
            token: Arc::new(token),
            scheme: Scheme::BEARER,
            revoked: false,
        }
    }

    fn issued(&mut self, profile: &ProfileName, issued: &IssuedToken, received_at: Timestamp) -> Row {
        let token = Token::inspect(issued.raw.expose_secret());
        let row = self.row(Owner::Profile(profile.clone()), token);
        Row {
            kind: issued.kind,
            lifetime: Lifetime::new(row.token.dates(), issued.expires_at, Some(received_at)),
            server_said: issued.expires_at,
            scheme: issued.scheme.clone(),
            ..row
        }
    }
}

/// The start of a text, in one sanitized line.
fn head(text: &str) -> String {
    text::visible(&text[..text.floor_char_boundary(240)]).into_owned()
}

/// A text was pasted: each token in it gets a row that says where it was.
pub(super) fn paste(model: &mut Model, pasted: &str) {
    if pasted.trim().is_empty() {
        return model.tell(Severity::Warning, "nothing to read: what was pasted is blank");
    }
    let mut found = detect(pasted);
    let count = found.len().max(1);
    if found.is_empty() {
        model.tokens.add("pasted", Token::inspect(pasted));
    }
    found.reverse();
    for found in found {
        let source = found.place.as_ref().map_or_else(|| "pasted".to_owned(), |place| format!("pasted: {place}"));
        model.tokens.add(&source, found.inspect());
        if let (Some(row), Some(purpose)) = (model.tokens.rows.front_mut(), found.purpose) {
            row.kind = match purpose {
                Purpose::Access => TokenKind::Access,
                Purpose::Refresh => TokenKind::Refresh,
                Purpose::Id => TokenKind::Id,
            };
        }
    }
    match (count, model.tokens.selected()) {
        (1, Some(row)) if !row.token.is_plausible() => {
            let words = "what was pasted does not look like a token; it is in the list all the same";
            model.tell_about(None, Severity::Warning, words, Some("d deletes it"));
        }
        (1, Some(row)) => model.tell(Severity::Info, &format!("pasted {}", form_words(&row.token))),
        (count, _) => model.tell(Severity::Info, &format!("pasted {count} tokens")),
    }
    if model.focus == Pane::Profiles {
        model.focus = Pane::Tokens;
    }
}

/// What a token is, in words.
pub(crate) fn form_words(token: &Token) -> &'static str {
    match token.form() {
        _ if token.format().is_some() => token.format().map_or("", Format::as_str),
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
    let row = model.tokens.selected()?;
    Some(match row.profile() {
        Some(name) => Action::Ask(Question::Forget(name.clone())),
        None => Action::Delete,
    })
}

pub(super) fn offer_undelete(model: &Model) -> Option<Action> {
    model.tokens.deleted.as_ref().map(|_| Action::Undelete)
}

pub(super) fn delete(model: &mut Model) {
    let index = model.tokens.cursor.index;
    if let Some(row) = model.tokens.rows.remove(index) {
        model.tell(Severity::Info, &format!("deleted the {}", row.words()));
        model.tokens.deleted = Some((index, row));
    }
}

pub(super) fn undelete(model: &mut Model) {
    if let Some((index, row)) = model.tokens.deleted.take() {
        let index = index.min(model.tokens.rows.len());
        model.tell(Severity::Info, &format!("brought back the {}", row.words()));
        model.tokens.rows.insert(index, row);
        model.tokens.cursor.index = index;
    }
}

pub(super) fn forget(model: &mut Model, profile: ProfileName) -> Effects {
    model.mode = Mode::Panes;
    model.tokens.forget(&profile);
    model.profiles.forget(&profile);
    model.tell_about(Some(&profile), Severity::Info, "forgot its tokens here; the server was not told", None);
    Effect::Forget(profile).into()
}
