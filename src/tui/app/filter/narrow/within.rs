//! The rows of the scope, in the order of the list.

use std::{collections::HashMap, ops::Range};

use super::{
    AllOf,
    order::{self, Ordered, Placed},
    scope,
};
use crate::tui::app::{
    Model,
    scope::Scope,
    tokens::{columns::Needs, old::Folded},
};

/// Whose rows a scope has.
enum Owners {
    /// By their numbers, one after the other.
    Range(Range<usize>),
    /// Whether each is one of them.
    Some(Vec<bool>),
    /// Anybody's: each row is looked at.
    Any,
}

impl Owners {
    fn of(model: &Model, ordered: &Ordered) -> Self {
        let none = 0..0;
        Self::Range(match model.tree.scope() {
            Scope::All | Scope::Views => 0..ordered.owners(),
            Scope::View(_) => return Self::Any,
            Scope::Attention => {
                let mut wanted = vec![false; model.profiles.rows.len()];
                model.tree.attention().iter().for_each(|at| wanted[*at] = true);
                return Self::Some(model.tree.order().iter().map(|at| wanted[*at]).collect());
            }
            // Profiles have their numbers from the tree.
            Scope::Environment(_) | Scope::Profile(_) => model.tree.line().map_or(none, |line| line.profiles.clone()),
            Scope::Pasted => return Self::Some(ordered.sources(|source| matches!(source, Scope::Source(_)))),
            Scope::Machine => return Self::Some(ordered.sources(|source| matches!(source, Scope::Program(_)))),
            source @ (Scope::Source(_) | Scope::Program(_)) => {
                ordered.source(source).map_or(none, |number| number..number + 1)
            }
        })
    }

    fn holds(&self, model: &Model, placed: &Placed) -> bool {
        match self {
            Self::Range(range) => range.contains(&placed.owner),
            Self::Some(wanted) => wanted.get(placed.owner).is_some_and(|wanted| *wanted),
            Self::Any => self.holds_too(model, placed.at),
        }
    }

    /// Whether it has a row of an owner that it has.
    fn holds_too(&self, model: &Model, at: usize) -> bool {
        !matches!(self, Self::Any) || scope::holds(model, &model.tokens.rows()[at])
    }

    /// What all rows of theirs need of the columns; `None` where that is for the rows themselves to say.
    fn needs(&self, ordered: &Ordered) -> Option<Needs> {
        let mut needs = Needs::default();
        let mut add = |owner| needs.merge(ordered.needs(owner));
        match self {
            Self::Range(range) => range.clone().for_each(add),
            Self::Some(wanted) => (0..).zip(wanted).filter(|(_, wanted)| **wanted).for_each(|(owner, _)| add(owner)),
            Self::Any => return None,
        }
        Some(needs)
    }
}

/// Finds the rows of the scope, in order, where they may be others; whether it did.
pub(super) fn renew(model: &mut Model) -> bool {
    order::renew(model);
    let narrowing = &model.tokens.narrowing;
    let ordered = &narrowing.ordered;
    let scope = model.tree.scope();
    let tree = matches!(scope, Scope::Attention | Scope::View(_)).then(|| model.tree.edition());
    let same = |of: &AllOf| of.scope == *scope && (of.ordered, of.tree) == (ordered.edition(), tree);
    if narrowing.all_of.as_ref().is_some_and(same) {
        return false;
    }
    let of = AllOf { scope: scope.clone(), ordered: ordered.edition(), tree };
    let rows = model.tokens.rows();
    let owners = Owners::of(model, ordered);
    let mut count = 0;
    let top = ordered.rows.iter().filter(|placed| owners.holds(model, placed));
    let mut all: Vec<usize> =
        top.inspect(|placed| count += usize::from(!placed.alone)).map(|placed| placed.at).collect();
    let mut needs = owners.needs(ordered);
    let (mut whole, mut folds) = (Vec::new(), HashMap::new());
    if !ordered.below.is_empty() {
        let below = |at: &usize| {
            let below = ordered.below.get(at).into_iter().flatten().copied();
            below.filter(|at| owners.holds_too(model, *at)).collect::<Vec<_>>()
        };
        for at in std::mem::take(&mut all) {
            let below = below(&at);
            whole.extend(std::iter::once(at).chain(below.iter().copied()));
            all.push(at);
            if below.is_empty() {
                continue;
            }
            let open = narrowing.unfolded.contains(&rows[at].id);
            folds.insert(rows[at].id, Folded { count: below.len(), open });
            if open {
                needs.iter_mut().for_each(|needs| below.iter().for_each(|at| order::need(needs, model, *at, None)));
                all.extend(below);
            }
        }
        // There are none to be found.
        if folds.is_empty() {
            whole.clear();
        }
    }
    let needs = needs.unwrap_or_else(|| {
        let mut needs = Needs::default();
        all.iter().for_each(|at| order::need(&mut needs, model, *at, folds.get(&rows[*at].id)));
        needs
    });
    let viewed: Vec<_> = match scope {
        Scope::View(_) => all.iter().filter_map(|at| model.profiles.position(rows[*at].profile()?)).collect(),
        _ => Vec::new(),
    };
    let narrowing = &mut model.tokens.narrowing;
    (narrowing.all, narrowing.whole, narrowing.folds) = (all, whole, folds);
    (narrowing.needs, narrowing.count, narrowing.all_of) = (needs, count, Some(of));
    model.tree.set_viewed(viewed.into_iter());
    true
}
