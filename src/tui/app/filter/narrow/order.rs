//! The order of the list: by environment, profile and kind, or by what the user sorts it by.

use std::{cmp::Reverse, collections::HashMap};

use unicode_width::UnicodeWidthStr as _;

use super::{AllOf, scope};
use crate::{
    auth::TokenKind,
    clock::Timestamp,
    tui::app::{
        Model,
        scope::Scope,
        tokens::{
            Row,
            columns::Needs,
            old::{self, Folded},
        },
    },
};

/// What the list is sorted by, and in which direction.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Sort {
    pub(crate) by: SortBy,
    /// The other way round.
    pub(crate) reverse: bool,
    /// In groups by environment, whatever it is sorted by.
    pub(crate) grouped: bool,
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
        let groups = if self.grouped { "env, " } else { "" };
        match (self.by, self.reverse) {
            (SortBy::Profile, false) => format!("{groups}{by}"),
            _ => format!("{groups}{by} {}", self.arrow()),
        }
    }

    /// In which direction.
    pub(crate) fn arrow(self) -> char {
        if self.reverse { '↓' } else { '↑' }
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
    let rows = model.tokens.rows();
    let in_scope =
        rows.iter().enumerate().filter(|(_, row)| *model.tree.scope() == Scope::All || scope::holds(model, row));
    let (replaced, mut top): (Vec<usize>, Vec<usize>) =
        in_scope.map(|(at, _)| at).partition(|at| rows[*at].is_superseded());
    let count = top.len();
    let mut below: HashMap<usize, Vec<usize>> = HashMap::new();
    for (at, successor) in replaced.iter().zip(old::successors(model, &replaced)) {
        match successor {
            Some(successor) => below.entry(successor).or_default().push(*at),
            None => top.push(*at),
        }
    }
    let of_row = |at: usize| (key(model, &rows[at], of.sort.by), place(&rows[at]), kind(rows[at].kind));
    let mut keyed: Vec<_> = top.into_iter().map(|at| (of_row(at), at)).collect();
    keyed.sort_by(|(one, _), (other, _)| one.cmp(other));
    if of.sort.reverse {
        keyed.reverse();
    }
    if of.sort.grouped {
        let groups = groups(model);
        let group = |at: usize| rows[at].profile().and_then(|name| groups.get(model.profiles.position(name)?).copied());
        keyed.sort_by_key(|(_, at)| group(*at).unwrap_or(usize::MAX));
    }
    let mut all: Vec<usize> = keyed.into_iter().map(|(_, at)| at).collect();
    let (mut whole, mut folds) = (Vec::new(), HashMap::new());
    if !below.is_empty() {
        let open = |at: &usize| model.tokens.narrowing.unfolded.contains(&rows[*at].id);
        let with = |at: usize, shown: bool| {
            let below = below.get(&at).filter(|_| shown).map_or(&[][..], Vec::as_slice);
            std::iter::once(at).chain(below.iter().copied())
        };
        whole = all.iter().flat_map(|at| with(*at, true)).collect();
        folds = below.iter().map(|(at, below)| (rows[*at].id, Folded { count: below.len(), open: open(at) })).collect();
        all = all.iter().flat_map(|at| with(*at, open(at))).collect();
    }
    let owners: Vec<_> = match of.scope {
        Scope::View(_) => all.iter().filter_map(|at| model.profiles.position(rows[*at].profile()?)).collect(),
        _ => Vec::new(),
    };
    let mut needs = Needs::default();
    all.iter().for_each(|at| need(&mut needs, model, *at, folds.get(&rows[*at].id)));
    let narrowing = &mut model.tokens.narrowing;
    (narrowing.all, narrowing.whole, narrowing.folds) = (all, whole, folds);
    (narrowing.needs, narrowing.count, narrowing.all_of) = (needs, count, Some(of));
    model.tree.set_viewed(owners.into_iter());
    true
}

/// The group of each profile, counted as the tree has them.
fn groups(model: &Model) -> Vec<usize> {
    let mut groups = vec![0; model.profiles.rows.len()];
    let (mut group, mut last) = (0, None);
    for at in model.tree.order() {
        let environment = scope::environment(&model.profiles.rows[*at]);
        group += usize::from(last.as_ref() != Some(&environment));
        last = Some(environment);
        groups[*at] = group;
    }
    groups
}

/// The columns have room for this row, too.
pub(super) fn need(needs: &mut Needs, model: &Model, at: usize, folded: Option<&Folded>) {
    let row = &model.tokens.rows()[at];
    let profile = row.profile().and_then(|name| model.profiles.row(name));
    let count = folded.map_or(0, |folded| folded.words().width());
    needs.add(row, profile.is_some_and(|profile| profile.environment.is_some()), count);
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
