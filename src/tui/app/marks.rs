//! Marks: what is to be acted on together. They stay, whatever the scope and the filter show; only those that are shown are
//! acted on, and the others are counted.

use std::collections::HashSet;

use super::{
    Model, Pane,
    filter::narrow,
    keymap::Action,
    list::Motion,
    notices::Level,
    scope::{self, Scope},
    tokens::RowId,
    undo::{self, Undone},
};
use crate::profile::ProfileName;

/// So often marks can be undone.
const KEPT: usize = 20;

/// What is marked.
#[derive(Debug, Default)]
pub(crate) struct Marks {
    now: Marked,
    /// What was marked before, the newest last.
    before: Vec<Marked>,
    shown: Shown,
    of: Option<(u64, u64, u64, u64)>,
    edition: u64,
}

/// Some tokens and profiles.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
struct Marked {
    tokens: HashSet<RowId>,
    profiles: HashSet<ProfileName>,
}

/// The marked ones that are shown, by their places, in the order of the screen.
#[derive(Debug, Default)]
pub(crate) struct Shown {
    pub(crate) tokens: Vec<usize>,
    pub(crate) profiles: Vec<usize>,
}

/// What is done with marks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Marking {
    /// What is under the cursor, or no longer; and one down.
    Toggle,
    /// All that are shown; where they all are, none.
    All,
    None,
}

impl Marks {
    /// How many are marked.
    pub(crate) fn len(&self) -> usize {
        self.now.tokens.len() + self.now.profiles.len()
    }

    pub(crate) fn shown(&self) -> &Shown {
        &self.shown
    }

    pub(crate) fn has_token(&self, id: RowId) -> bool {
        self.now.tokens.contains(&id)
    }

    pub(crate) fn has_profile(&self, name: &ProfileName) -> bool {
        self.now.profiles.contains(name)
    }

    /// `3 marked, 1 not shown`.
    pub(crate) fn words(&self) -> Option<String> {
        let (all, shown) = (self.len(), self.shown.tokens.len() + self.shown.profiles.len());
        match all - shown.min(all) {
            _ if all == 0 => None,
            0 => Some(format!("{all} marked")),
            hidden => Some(format!("{all} marked, {hidden} not shown")),
        }
    }

    /// The vault was locked, or the tokens are others.
    pub(super) fn clear(&mut self) {
        *self = Self { edition: self.edition + 1, ..Self::default() };
    }

    /// A profile has another name.
    pub(super) fn rename(&mut self, old: &ProfileName, new: &ProfileName) {
        if self.now.profiles.remove(old) {
            self.now.profiles.insert(new.clone());
            self.edition += 1;
        }
    }

    fn change(&mut self, change: impl FnOnce(&mut Marked)) {
        let before = self.now.clone();
        change(&mut self.now);
        if before != self.now {
            self.before.push(before);
            let old = self.before.len().saturating_sub(KEPT);
            self.before.drain(..old);
            self.edition += 1;
        }
    }
}

/// Drops the marks of what is gone, and finds those that are shown.
pub(super) fn settle(model: &mut Model) {
    let of = (model.marks.edition, model.tokens.revision(), model.tokens.narrowing.edition(), model.tree.edition());
    if model.marks.of == Some(of) || (model.marks.len() == 0 && model.marks.of.is_some_and(|old| old.0 == of.0)) {
        return;
    }
    let Model { marks, tokens, profiles, tree, .. } = model;
    marks.of = Some(of);
    if !marks.now.tokens.is_empty() {
        let there: HashSet<_> = tokens.rows().iter().map(|row| row.id).collect();
        marks.now.tokens.retain(|id| there.contains(id));
    }
    marks.now.profiles.retain(|name| profiles.position(name).is_some());
    let is_marked = |at: &usize| marks.now.tokens.contains(&tokens.rows()[*at].id);
    let of_line = |line: &scope::TreeLine| match &line.scope {
        Scope::Profile(name) if marks.now.profiles.contains(name) => profiles.position(name),
        _ => None,
    };
    let (has_tokens, has_profiles) = (!marks.now.tokens.is_empty(), !marks.now.profiles.is_empty());
    marks.shown = Shown {
        tokens: tokens.narrowing.shown().iter().filter(|_| has_tokens).copied().filter(is_marked).collect(),
        profiles: tree.lines.iter().filter(|_| has_profiles).filter_map(of_line).collect(),
    };
}

/// `Space`, `*`, Esc, `u`.
pub(super) fn mark(model: &mut Model, marking: Marking) {
    let before = model.marks.edition;
    match marking {
        Marking::Toggle => toggle(model),
        Marking::All => all(model),
        Marking::None => model.marks.change(|marked| *marked = Marked::default()),
    }
    if model.marks.edition != before {
        undo::keep(model, Undone::Marks, "the marks");
    }
}

/// What was marked before is marked again.
pub(super) fn undo(model: &mut Model) {
    if let Some(before) = model.marks.before.pop() {
        model.marks.now = before;
        model.marks.edition += 1;
        let words = match model.marks.len() {
            0 => "Marks undone: nothing is marked.".to_owned(),
            count => format!("Marks undone: {count} marked."),
        };
        model.tell(Level::Info, &words);
    }
}

/// What is under the cursor of the focused pane: profiles in the tree, else the token.
fn under(model: &Model) -> Marked {
    let mut under = Marked::default();
    match (model.focus, model.tree.line()) {
        (Pane::Profiles, Some(line)) => match &line.scope {
            scope if scope.is_of_no_profile() || matches!(scope, Scope::View(_)) => {
                // The list is what the line is about, but for the filter.
                let shown = model.tokens.narrowing.shown();
                under.tokens = shown.iter().map(|at| model.tokens.rows()[*at].id).collect();
            }
            _ => under.profiles = names(model, model.tree.profiles(line)),
        },
        (Pane::Profiles, None) => {}
        (Pane::Tokens | Pane::Inspector, _) => {
            under.tokens = model.tokens.selected().map(|row| row.id).into_iter().collect();
        }
    }
    under
}

fn names(model: &Model, places: &[usize]) -> HashSet<ProfileName> {
    places.iter().map(|place| model.profiles.rows[*place].profile.name.clone()).collect()
}

fn toggle(model: &mut Model) {
    flip(model, under);
    match model.focus {
        Pane::Profiles => scope::go(model, Motion::Down),
        Pane::Tokens => narrow::go(model, Motion::Down),
        Pane::Inspector => {}
    }
}

fn all(model: &mut Model) {
    flip(model, |model| match model.focus {
        Pane::Profiles => {
            let lines = model.tree.lines.iter().filter(|line| matches!(line.scope, Scope::Profile(_)));
            let places: Vec<_> = lines.flat_map(|line| model.tree.profiles(line).to_vec()).collect();
            Marked { profiles: names(model, &places), ..Marked::default() }
        }
        Pane::Tokens | Pane::Inspector => {
            let shown = model.tokens.narrowing.shown();
            Marked { tokens: shown.iter().map(|at| model.tokens.rows()[*at].id).collect(), ..Marked::default() }
        }
    });
}

/// Marks these; where they all are, takes their marks away.
fn flip(model: &mut Model, which: impl FnOnce(&Model) -> Marked) {
    let Marked { tokens, profiles } = which(model);
    let now = &model.marks.now;
    let are = tokens.is_subset(&now.tokens) && profiles.is_subset(&now.profiles);
    model.marks.change(|marked| {
        if are {
            marked.tokens.retain(|id| !tokens.contains(id));
            marked.profiles.retain(|name| !profiles.contains(name));
        } else {
            marked.tokens.extend(tokens);
            marked.profiles.extend(profiles);
        }
    });
}

pub(super) fn offer_toggle(model: &Model) -> Option<Action> {
    let there = match model.focus {
        Pane::Profiles => model.tree.line().is_some_and(|line| match &line.scope {
            scope if scope.is_of_no_profile() || matches!(scope, Scope::View(_)) => true,
            _ => !model.tree.profiles(line).is_empty(),
        }),
        Pane::Tokens | Pane::Inspector => model.tokens.selected().is_some(),
    };
    there.then_some(Action::Marks(Marking::Toggle))
}

pub(super) fn offer_all(model: &Model) -> Option<Action> {
    let there = match model.focus {
        Pane::Profiles => !model.profiles.rows.is_empty(),
        Pane::Tokens | Pane::Inspector => !model.tokens.narrowing.shown().is_empty(),
    };
    there.then_some(Action::Marks(Marking::All))
}

pub(super) fn offer_none(model: &Model) -> Option<Action> {
    (model.marks.len() > 0).then_some(Action::Marks(Marking::None))
}
