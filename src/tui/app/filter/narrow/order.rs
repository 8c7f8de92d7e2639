//! The order of the list: by environment, profile and kind, or by what the user sorts it by. It is found for all rows at once.

use std::{cmp::Reverse, collections::HashMap, sync::Arc};

use unicode_width::UnicodeWidthStr as _;

use super::scope;
use crate::{
    auth::TokenKind,
    clock::Timestamp,
    tui::app::{
        Model,
        scope::Scope,
        tokens::{
            Owner, Row, RowId,
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
pub(super) enum Key {
    Nothing,
    Time(bool, Option<Timestamp>),
    Newest(Reverse<Option<Timestamp>>),
    Rank(u8),
    Text(bool, String),
}

/// All rows in the order of the list, each with the number of its owner: a scope is some of the owners, and its rows are found
/// without a look at any of them.
#[derive(Debug, Default)]
pub(in crate::tui::app) struct Ordered {
    of: Option<Of>,
    /// Those that stand by themselves.
    pub(super) rows: Vec<Placed>,
    /// The scope that has them all.
    pub(super) everything: Everything,
    /// Those that another one has replaced, below their successors.
    pub(super) below: HashMap<usize, Vec<usize>>,
    /// What the rows of each owner need of the columns.
    needs: Vec<Needs>,
    /// The numbers of the places that tokens were found in. Those of profiles are their places in the tree; the one after these
    /// has the tokens of profiles that are gone.
    sources: HashMap<Scope, usize>,
    /// The rows as they stand.
    ids: Vec<RowId>,
    edition: u64,
}

/// A row in its order.
#[derive(Debug, Clone, Copy)]
pub(super) struct Placed {
    pub(super) at: usize,
    pub(super) owner: usize,
    /// Another one has replaced it, and stands nowhere.
    pub(super) alone: bool,
    /// It has replaced others, which stand below it.
    pub(super) heads: bool,
}

/// All rows that stand by themselves: they need not be counted for each look at all of them.
#[derive(Debug, Clone, Default)]
pub(super) struct Everything {
    pub(super) places: Arc<Vec<usize>>,
    /// How many tokens these are; those that others have replaced are none of them.
    pub(super) count: usize,
    pub(super) needs: Needs,
}

/// What the order depends on.
#[derive(Debug, PartialEq, Eq)]
struct Of {
    tokens: u64,
    profiles: u64,
    tree: Vec<usize>,
    sort: Sort,
    /// What is over comes last: then the clock counts, as far as the tree goes by it.
    clock: Option<u64>,
}

impl Ordered {
    /// The ids of all rows by their places, where these are the rows of this revision.
    pub(in crate::tui::app) fn ids(&self, revision: u64) -> Option<&[RowId]> {
        self.of.as_ref().filter(|of| of.tokens == revision).map(|_| self.ids.as_slice())
    }

    /// Another number: the order may be another one.
    pub(super) fn edition(&self) -> u64 {
        self.edition
    }

    /// Whether each owner is a source of which this holds.
    pub(super) fn sources(&self, holds: impl Fn(&Scope) -> bool) -> Vec<bool> {
        let mut wanted = vec![false; self.needs.len()];
        self.sources.iter().filter(|(source, _)| holds(source)).for_each(|(_, number)| wanted[*number] = true);
        wanted
    }

    /// The number of a source, by its scope.
    pub(super) fn source(&self, source: &Scope) -> Option<usize> {
        self.sources.get(source).copied()
    }

    /// What the rows of an owner need of the columns.
    pub(super) fn needs(&self, owner: usize) -> &Needs {
        &self.needs[owner]
    }
}

/// Finds the order where it may be another one.
pub(super) fn renew(model: &mut Model) {
    let sort = model.tokens.narrowing.sort;
    let same = |of: &Of| {
        (of.tokens, of.profiles, of.sort) == (model.tokens.revision(), model.profiles.edition(), sort)
            && of.clock.is_none_or(|clock| clock == model.tree.edition())
            && of.tree == model.tree.order()
    };
    let before = &model.tokens.narrowing.ordered;
    if before.of.as_ref().is_some_and(same) {
        return;
    }
    let of = Of {
        tokens: model.tokens.revision(),
        profiles: model.profiles.edition(),
        tree: model.tree.order().to_vec(),
        sort,
        clock: (sort.by == SortBy::Left).then(|| model.tree.edition()),
    };
    let edition = before.edition + 1;
    model.tokens.narrowing.ordered = Ordered { of: Some(of), edition, ..ordered(model, sort) };
}

fn ordered(model: &Model, sort: Sort) -> Ordered {
    let rows = model.tokens.rows();
    let Owners { of_rows, sources, first_source } = Owners::of(model);
    let (replaced, mut top): (Vec<usize>, Vec<usize>) = (0..rows.len()).partition(|at| rows[*at].is_superseded());
    let mut below: HashMap<usize, Vec<usize>> = HashMap::new();
    for (at, successor) in replaced.iter().zip(old::successors(model, &replaced)) {
        match successor {
            Some(successor) => below.entry(successor).or_default().push(*at),
            None => top.push(*at),
        }
    }
    // All that belongs to no profile stands behind those that do.
    let place = |at: usize| of_rows[at].min(first_source - 1);
    let of_row = |at: usize| (key(model, &rows[at], sort.by), place(at), kind(rows[at].kind));
    let mut keyed: Vec<_> = top.into_iter().map(|at| (of_row(at), at)).collect();
    keyed.sort_by(|(one, _), (other, _)| one.cmp(other));
    if sort.reverse {
        keyed.reverse();
    }
    if sort.grouped {
        let groups = groups(model);
        keyed.sort_by_key(|(_, at)| groups.get(of_rows[*at]).copied().unwrap_or(usize::MAX));
    }
    let mut needs = vec![Needs::default(); first_source + sources.len()];
    let placed = |(_, at): (_, usize)| {
        let folded = below.get(&at).map(|below| Folded { count: below.len(), open: false });
        need(&mut needs[of_rows[at]], model, at, folded.as_ref());
        Placed { at, owner: of_rows[at], alone: rows[at].is_superseded(), heads: folded.is_some() }
    };
    let placed: Vec<_> = keyed.into_iter().map(placed).collect();
    let ids = rows.iter().map(|row| row.id).collect();
    let mut everything = Everything {
        places: Arc::new(placed.iter().map(|placed| placed.at).collect()),
        count: placed.iter().filter(|placed| !placed.alone).count(),
        needs: Needs::default(),
    };
    needs.iter().for_each(|of| everything.needs.merge(of));
    Ordered { of: None, rows: placed, everything, below, needs, sources, ids, edition: 0 }
}

/// Who has which row.
struct Owners {
    of_rows: Vec<usize>,
    sources: HashMap<Scope, usize>,
    first_source: usize,
}

impl Owners {
    fn of(model: &Model) -> Self {
        let profiles = model.tree.order().len();
        let (mut sources, first_source) = (HashMap::new(), profiles + 1);
        let mut places = vec![profiles; model.profiles.rows.len()];
        model.tree.order().iter().enumerate().for_each(|(place, at)| places[*at] = place);
        let mut number = |source: Scope| {
            let next = first_source + sources.len();
            *sources.entry(source).or_insert(next)
        };
        let owner = |row: &Row| match &row.owner {
            Owner::Profile(name) => model.profiles.position(name).map_or(profiles, |at| places[at]),
            Owner::Source(source) => number(Scope::Source(source.clone())),
            Owner::Program(keeper) => number(Scope::Program(keeper.id)),
        };
        let of_rows = model.tokens.rows().iter().map(owner).collect();
        Self { of_rows, sources, first_source }
    }
}

/// The group of each profile, both in the order of the tree.
fn groups(model: &Model) -> Vec<usize> {
    let (mut group, mut last) = (0, None);
    let of_profile = |at: &usize| {
        let environment = scope::environment(&model.profiles.rows[*at]);
        group += usize::from(last.as_ref() != Some(&environment));
        last = Some(environment);
        group
    };
    model.tree.order().iter().map(of_profile).collect()
}

/// The columns have room for this row, too.
pub(super) fn need(needs: &mut Needs, model: &Model, at: usize, folded: Option<&Folded>) {
    let row = &model.tokens.rows()[at];
    let profile = row.profile().and_then(|name| model.profiles.row(name));
    let count = folded.map_or(0, |folded| folded.words().width());
    needs.add(row, profile.is_some_and(|profile| profile.environment.is_some()), count);
}

pub(super) fn key(model: &Model, row: &Row, by: SortBy) -> Key {
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

pub(super) fn kind(kind: TokenKind) -> u8 {
    match kind {
        TokenKind::Access => 0,
        TokenKind::Refresh => 1,
        TokenKind::Id => 2,
        TokenKind::Unknown => 3,
    }
}
