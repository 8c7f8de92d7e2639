//! The tokens that belong to no profile, by where they were found: how many, and the most urgent one. They are counted piece by
//! piece: where the clock changes the state of one of many, only its piece is counted again.

use std::{collections::HashMap, ops::Range};

use super::super::Scope;
use crate::{
    clock::Timestamp,
    tui::app::{
        Model,
        facts::{self, Rank},
        tokens::Owner,
    },
};

/// So many rows are counted together; a test has more pieces than one.
const PIECE: usize = if cfg!(test) { 3 } else { 512 };

/// All of them.
#[derive(Debug, Default)]
pub(in crate::tui::app::scope) struct Found {
    /// Of which rows.
    tokens: Option<u64>,
    /// Where they were found, in the order of the rows, each with a name for people.
    sources: Vec<(Scope, String)>,
    /// Which of these each row is of.
    of_rows: Vec<Option<usize>>,
    pieces: Vec<Piece>,
}

/// What some rows come to.
#[derive(Debug)]
struct Piece {
    /// From when on that is right, and until when.
    from: Timestamp,
    until: Option<Timestamp>,
    /// How many rows are there that no other one has replaced.
    current: usize,
    sources: HashMap<usize, Sum>,
}

/// What the tokens of a source come to.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sum {
    pub(super) count: usize,
    pub(super) most: (Rank, usize),
}

impl Sum {
    fn and(self, other: Self) -> Self {
        Self { count: self.count + other.count, most: self.most.min(other.most) }
    }
}

impl Found {
    /// Counts again what may be another number now.
    pub(super) fn renew(&mut self, model: &Model, now: Timestamp) {
        let (rows, revision) = (model.tokens.rows(), model.tokens.revision());
        if self.tokens != Some(revision) {
            *self = Self { tokens: Some(revision), ..Self::default() };
            self.locate(model);
        }
        for (at, start) in (0..rows.len()).step_by(PIECE).enumerate() {
            let holds = |piece: &Piece| piece.from <= now && piece.until.is_none_or(|until| now < until);
            if !self.pieces.get(at).is_some_and(holds) {
                let piece = self.piece(model, start..(start + PIECE).min(rows.len()), now);
                match self.pieces.get_mut(at) {
                    Some(old) => *old = piece,
                    None => self.pieces.push(piece),
                }
            }
        }
    }

    fn locate(&mut self, model: &Model) {
        let mut known = HashMap::new();
        // Those of a source mostly stand together.
        let mut last: Option<(&Owner, Option<usize>)> = None;
        for row in model.tokens.rows() {
            let number = match last {
                Some((owner, number)) if *owner == row.owner => number,
                _ => source(&row.owner).map(|source| {
                    *known.entry(source.clone()).or_insert_with(|| {
                        let name = row.owner.name();
                        self.sources.push((source, name.strip_prefix("pasted: ").unwrap_or(name).to_owned()));
                        self.sources.len() - 1
                    })
                }),
            };
            last = Some((&row.owner, number));
            self.of_rows.push(number);
        }
    }

    fn piece(&self, model: &Model, places: Range<usize>, now: Timestamp) -> Piece {
        let mut piece = Piece { from: now, until: None, current: 0, sources: HashMap::new() };
        for (place, row) in places.clone().zip(model.tokens.rows().range(places)) {
            piece.current += usize::from(!row.is_superseded());
            let Some(number) = self.of_rows[place] else { continue };
            let facts = facts::of_token(model, row, None);
            piece.until = piece.until.into_iter().chain(facts::changes_at(&facts, now)).min();
            let sum = Sum { count: 1, most: (facts::rank_of_pasted(&facts, now), place) };
            piece.sources.entry(number).and_modify(|known| *known = known.and(sum)).or_insert(sum);
        }
        piece
    }

    /// How many tokens there are that no other one has replaced, those of profiles included.
    pub(super) fn current(&self) -> usize {
        self.pieces.iter().map(|piece| piece.current).sum()
    }

    /// When the clock changes the state of one.
    pub(super) fn until(&self) -> Option<Timestamp> {
        self.pieces.iter().filter_map(|piece| piece.until).min()
    }

    /// Those of a group, with their names and what their tokens come to, in the order of the rows.
    pub(super) fn sums(&self, group: &Scope) -> Vec<(&Scope, &str, Sum)> {
        let mut sums: Vec<Option<Sum>> = vec![None; self.sources.len()];
        for (number, sum) in self.pieces.iter().flat_map(|piece| &piece.sources) {
            sums[*number] = Some(sums[*number].map_or(*sum, |known| known.and(*sum)));
        }
        let all = self.sources.iter().zip(sums).filter(|((source, _), _)| group_of(source) == *group);
        all.filter_map(|((source, name), sum)| Some((source, name.as_str(), sum?))).collect()
    }
}

/// The scope of what was found there.
fn source(owner: &Owner) -> Option<Scope> {
    match owner {
        Owner::Profile(_) => None,
        Owner::Source(source) => Some(Scope::Source(source.clone())),
        Owner::Program(keeper) => Some(Scope::Program(keeper.id)),
    }
}

/// The group that it stands in.
fn group_of(source: &Scope) -> Scope {
    if matches!(source, Scope::Program(_)) { Scope::Machine } else { Scope::Pasted }
}
