//! The order of the list: by environment, profile and kind, or by what the user sorts it by.

use std::cmp::Reverse;

use unicode_width::UnicodeWidthStr as _;

use super::{AllOf, scope};
use crate::{
    auth::TokenKind,
    clock::Timestamp,
    tui::app::{
        Model,
        scope::Scope,
        tokens::{Owner, Row},
    },
};

/// What the list is sorted by, and in which direction.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Sort {
    pub(crate) by: SortBy,
    /// The other way round.
    pub(crate) reverse: bool,
}

/// What a list can be sorted by.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum SortBy {
    /// Environment, profile, kind: as the tree has them.
    #[default]
    Profile,
    /// What ends first; what is over comes last.
    Left,
    Kind,
    Subject,
    Issuer,
    /// The newest first.
    Age,
}

impl Sort {
    /// `sort: left ↑`.
    pub(crate) fn words(self) -> String {
        let by = match self.by {
            SortBy::Profile => "profile",
            SortBy::Left => "left",
            SortBy::Kind => "kind",
            SortBy::Subject => "subject",
            SortBy::Issuer => "issuer",
            SortBy::Age => "age",
        };
        match (self.by, self.reverse) {
            (SortBy::Profile, false) => by.to_owned(),
            _ => format!("{by} {}", self.arrow()),
        }
    }

    /// In which direction.
    pub(crate) fn arrow(self) -> char {
        if self.reverse { '↓' } else { '↑' }
    }
}

/// How wide the texts of the rows are, in characters.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Needs {
    pub(crate) name: usize,
    pub(crate) subject: usize,
    pub(crate) issuer: usize,
    pub(crate) audience: usize,
    pub(crate) scope: usize,
}

impl Needs {
    fn add(&mut self, row: &Row) {
        let name = match &row.owner {
            Owner::Profile(name) => name.as_str(),
            Owner::Source(source) => source.strip_prefix("pasted: ").unwrap_or(source),
        };
        let length = |text: &Option<String>| text.as_ref().map_or(0, |text| text.width());
        self.name = self.name.max(name.width());
        // What a token without a subject is told by.
        self.subject = self.subject.max(row.subject.width()).max(15);
        self.issuer = self.issuer.max(length(&row.issuer));
        self.audience = self.audience.max(length(&row.audience));
        self.scope = self.scope.max(length(&row.scope));
    }
}

/// What a row is sorted by.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    Nothing,
    Time(bool, Option<Timestamp>),
    Newest(Reverse<Option<Timestamp>>),
    Rank(u8),
    Text(bool, String),
}

/// Finds the rows of the scope, in order, where they may be others; whether it did.
pub(super) fn renew(model: &mut Model) -> bool {
    let narrowing = &model.tokens.narrowing;
    let of = AllOf {
        scope: model.tree.scope().clone(),
        sort: narrowing.sort,
        tokens: model.tokens.revision(),
        tree: model.tree.edition(),
    };
    if narrowing.all_of.as_ref() == Some(&of) {
        return false;
    }
    let mut places = vec![usize::MAX; model.profiles.rows.len()];
    model.tree.order().iter().enumerate().for_each(|(place, at)| places[*at] = place);
    let place = |row: &Row| {
        let profile = row.profile().and_then(|name| model.profiles.position(name));
        profile.map_or(usize::MAX, |at| places[at])
    };
    let rows = model.tokens.rows().iter().enumerate();
    let in_scope = rows.filter(|(_, row)| *model.tree.scope() == Scope::All || scope::holds(model, row));
    let mut keyed: Vec<_> =
        in_scope.map(|(at, row)| ((key(model, row, of.sort.by), place(row), kind(row.kind)), at)).collect();
    keyed.sort_by(|(one, _), (other, _)| one.cmp(other));
    if of.sort.reverse {
        keyed.reverse();
    }
    let mut needs = Needs::default();
    keyed.iter().for_each(|(_, at)| needs.add(&model.tokens.rows()[*at]));
    let narrowing = &mut model.tokens.narrowing;
    narrowing.needs = needs;
    narrowing.all = keyed.into_iter().map(|(_, at)| at).collect();
    narrowing.all_of = Some(of);
    true
}

fn key(model: &Model, row: &Row, by: SortBy) -> Key {
    match by {
        SortBy::Profile => Key::Nothing,
        SortBy::Left => {
            let end = row.lifetime.expires_at;
            Key::Time(end.is_none_or(|end| end <= model.shown_now()), end)
        }
        SortBy::Kind => Key::Rank(kind(row.kind)),
        SortBy::Subject => Key::Text(row.subject.is_empty(), row.subject.to_lowercase()),
        SortBy::Issuer => Key::Text(row.issuer.is_none(), row.issuer.clone().unwrap_or_default()),
        SortBy::Age => Key::Newest(Reverse(row.lifetime.issued_at)),
    }
}

fn kind(kind: TokenKind) -> u8 {
    match kind {
        TokenKind::Access => 0,
        TokenKind::Refresh => 1,
        TokenKind::Id => 2,
        TokenKind::Unknown => 3,
    }
}
