//! The rows of the scope, in the order of the list.

use std::{collections::HashMap, ops::Range, sync::Arc};

use super::{
    AllOf,
    order::{self, Everything, Ordered, Placed},
    scope,
};
use crate::tui::app::{
    Model,
    scope::Scope,
    tokens::{columns::Needs, old::Folded},
};

/// Whose rows a scope has.
enum Owners {
    /// Everybody's.
    All,
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
            Scope::All | Scope::Views => return Self::All,
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
            Self::All => true,
            Self::Range(range) => range.contains(&placed.owner),
            Self::Some(wanted) => wanted.get(placed.owner).is_some_and(|wanted| *wanted),
            Self::Any => self.holds_too(model, placed.at),
        }
    }

    /// Whether it has a row of an owner that it has.
    fn holds_too(&self, model: &Model, at: usize) -> bool {
        !matches!(self, Self::Any) || scope::holds(model, at)
    }

    /// Their rows that stand by themselves.
    fn everything(&self, model: &Model, ordered: &Ordered) -> Everything {
        if matches!(self, Self::All) {
            return ordered.everything.clone();
        }
        let mut count = 0;
        let rows = ordered.rows.iter().filter(|placed| self.holds(model, placed));
        let places: Vec<_> =
            rows.inspect(|placed| count += usize::from(!placed.alone)).map(|placed| placed.at).collect();
        let mut needs = Needs::default();
        let mut add = |owner| needs.merge(ordered.needs(owner));
        match self {
            Self::Range(range) => range.clone().for_each(add),
            Self::Some(wanted) => (0..).zip(wanted).filter(|(_, wanted)| **wanted).for_each(|(owner, _)| add(owner)),
            // That is for the rows themselves to say.
            Self::All | Self::Any => {}
        }
        Everything { places: Arc::new(places), count, needs }
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
    let Everything { mut places, count, mut needs } = owners.everything(model, ordered);
    let (mut whole, mut folds) = (Vec::new(), HashMap::new());
    if !ordered.below.is_empty() {
        let mut all = Vec::with_capacity(places.len());
        let mut next = places.iter().peekable();
        for placed in ordered.rows.iter().filter(|placed| next.next_if_eq(&&placed.at).is_some()) {
            all.push(placed.at);
            whole.push(placed.at);
            if !placed.heads {
                continue;
            }
            let below = ordered.below.get(&placed.at).into_iter().flatten().copied();
            let below: Vec<_> = below.filter(|at| owners.holds_too(model, *at)).collect();
            if below.is_empty() {
                continue;
            }
            whole.extend(&below);
            let open = narrowing.unfolded.contains(&rows[placed.at].id);
            folds.insert(rows[placed.at].id, Folded { count: below.len(), open });
            if open {
                below.iter().for_each(|at| order::need(&mut needs, model, *at, None));
                all.extend(below);
            }
        }
        // There are none to be found.
        if folds.is_empty() {
            whole.clear();
        }
        places = Arc::new(all);
    }
    if matches!(owners, Owners::Any) {
        needs = Needs::default();
        places.iter().for_each(|at| order::need(&mut needs, model, *at, folds.get(&rows[*at].id)));
    }
    let viewed: Vec<_> = match scope {
        Scope::View(_) => places.iter().filter_map(|at| model.profiles.position(rows[*at].profile()?)).collect(),
        _ => Vec::new(),
    };
    let narrowing = &mut model.tokens.narrowing;
    (narrowing.all, narrowing.whole, narrowing.folds) = (places, Arc::new(whole), folds);
    (narrowing.needs, narrowing.count, narrowing.all_of) = (needs, count, Some(of));
    model.tree.set_viewed(viewed.into_iter());
    true
}
