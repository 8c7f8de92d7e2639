//! The scope: what the tokens pane is about. It is chosen in a tree: all, what wants attention, the environments with their
//! profiles, what was pasted, by where it was found, and the filters that were kept.
//!
//! The cursor of the tree is the scope. It stays on what it is on, whatever comes and goes around it.

mod tree;
pub(super) mod views;

use std::collections::{HashMap, HashSet};

pub(in crate::tui::app) use self::tree::environment;
pub(crate) use self::tree::{TreeLine, Urgent};
use super::{
    Model, Pane,
    filter::narrow,
    keymap::Action,
    list::{Cursor, Motion},
    tokens::{Owner, RowId, Seek, columns::Common},
};
use crate::profile::ProfileName;

/// What the tokens pane shows the tokens of.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub enum Scope {
    /// Everything.
    #[default]
    All,
    /// The profiles that somebody has to do something about.
    Attention,
    /// The profiles of an environment, in small letters; `None`: those without one.
    Environment(Option<String>),
    /// A profile.
    Profile(ProfileName),
    /// What belongs to no profile.
    Pasted,
    /// The same, of where it was found.
    Source(String),
    /// What other programs of this machine keep.
    Machine,
    /// The same, of one program, by its word.
    Program(&'static str),
    /// Everything, above the views.
    Views,
    /// What a kept filter leaves, by its name.
    View(String),
}

/// The tree.
#[derive(Debug, Default)]
pub(crate) struct Tree {
    /// What is not folded away.
    pub(crate) lines: Vec<TreeLine>,
    /// Where the cursor is among them.
    pub(crate) cursor: Cursor,
    /// What it is on.
    at: Scope,
    /// What it was on when a lock took that away: it goes back there, unless it was moved meanwhile.
    locked_out: Option<Scope>,
    folded: HashSet<Scope>,
    /// The token that each scope had the cursor on.
    remembered: HashMap<Scope, RowId>,
    /// The profiles in the order of the tree, by their places.
    order: Vec<usize>,
    /// Those that want attention.
    attention: Vec<usize>,
    /// The kept filters.
    views: Vec<views::Viewed>,
    /// Whose tokens the view under the cursor has.
    viewed: Vec<usize>,
    /// What the names of the profiles have in common.
    pub(crate) names: Common,
    /// What belongs to no profile.
    found: tree::Found,
    made: Option<tree::Made>,
    /// Another number: the order or what wants attention may be others.
    edition: u64,
}

/// What is done with the branch under the cursor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Branch {
    Fold,
    Unfold,
    FoldAll,
    UnfoldAll,
    /// To the heading of its group.
    ToGroup,
}

impl Scope {
    /// It is about tokens that belong to no profile.
    pub(super) fn is_of_no_profile(&self) -> bool {
        matches!(self, Self::Pasted | Self::Source(_) | Self::Machine | Self::Program(_))
    }
}

impl Tree {
    /// What the tokens pane is about.
    pub(crate) fn scope(&self) -> &Scope {
        &self.at
    }

    /// The line under the cursor.
    pub(crate) fn line(&self) -> Option<&TreeLine> {
        self.lines.get(self.cursor.index)
    }

    /// The profiles of a line, by their places, in the order of the tree.
    pub(crate) fn profiles(&self, line: &TreeLine) -> &[usize] {
        match line.scope {
            Scope::Attention => &self.attention,
            Scope::View(_) if line.scope == self.at => &self.viewed,
            _ => &self.order[line.profiles.clone()],
        }
    }

    /// All profiles in the order of the tree, by their places.
    pub(crate) fn order(&self) -> &[usize] {
        &self.order
    }

    /// The profiles that want attention, by their places.
    pub(super) fn attention(&self) -> &[usize] {
        &self.attention
    }

    pub(super) fn edition(&self) -> u64 {
        self.edition
    }

    /// The lines that have a place on a screen of so many. Where its heading would be above the first, it takes its place.
    pub(crate) fn on_screen(&self, page: usize) -> impl Iterator<Item = (usize, &TreeLine)> + Clone {
        let first = self.cursor.offset;
        let heading = self.heading(first).filter(|_| page > 1);
        let lines = self.lines.iter().enumerate().skip(first).take(page);
        lines.map(move |(index, line)| match heading {
            Some(heading) if index == first => (heading, &self.lines[heading]),
            _ => (index, line),
        })
    }

    /// Whose tokens the view under the cursor has: each once, in the order of the tree.
    pub(super) fn set_viewed(&mut self, owners: impl Iterator<Item = usize>) {
        let owners: HashSet<usize> = owners.collect();
        self.viewed = self.order.iter().copied().filter(|place| owners.contains(place)).collect();
    }

    /// The heading of the group that a line is in.
    fn heading(&self, index: usize) -> Option<usize> {
        let depth = self.lines.get(index)?.depth;
        self.lines[..index].iter().rposition(|line| line.depth < depth)
    }

    /// The lines that lead to the scope, the one under the cursor last: `All`, `PROD`, `seta-files`.
    pub(crate) fn path(&self) -> impl Iterator<Item = &TreeLine> {
        let at = self.cursor.index;
        let [all, group] = [(at > 0).then_some(0), self.heading(at)];
        [all, group, Some(at)].into_iter().flatten().filter_map(|at| self.lines.get(at))
    }

    /// Brings the cursor onto the screen, below the heading that stays at its top.
    fn settle(&mut self, page: usize) {
        self.cursor.settle(self.lines.len(), page);
        if page > 1 && self.cursor.index == self.cursor.offset && self.heading(self.cursor.index).is_some() {
            self.cursor.offset -= 1;
        }
    }

    /// What is known of the profiles has changed in a way that no row tells.
    pub(super) fn forget(&mut self) {
        self.made = None;
    }
}

/// Brings the tree in line with the profiles and tokens, and its cursor onto the screen.
pub(super) fn settle(model: &mut Model) {
    if tree::renew(model) {
        let locked = model.vault.is_locked();
        let tree = &mut model.tree;
        let line_of = |scope: &Scope| tree.lines.iter().position(|line| line.scope == *scope);
        let back = tree.locked_out.as_ref().and_then(line_of);
        let at = back.or_else(|| line_of(&tree.at));
        match (back, at) {
            (Some(_), _) => tree.locked_out = None,
            (None, None) if locked => _ = tree.locked_out.get_or_insert_with(|| tree.at.clone()),
            _ => {}
        }
        // What it was on is gone: what has taken its place.
        let index = at.unwrap_or(tree.cursor.index.min(tree.lines.len() - 1));
        tree.cursor.index = index;
        let scope = model.tree.lines[index].scope.clone();
        enter(model, scope);
    }
    let page = model.layout().page(Pane::Profiles);
    model.tree.settle(page);
}

/// Moves the cursor of the tree: the scope follows at once.
pub(super) fn go(model: &mut Model, motion: Motion) {
    let page = model.layout().page(Pane::Profiles);
    let len = model.tree.lines.len();
    model.tree.cursor.go(motion, len, page);
    choose(model, model.tree.cursor.index);
}

/// Scrolls the tree: its cursor stays on screen, and the scope follows.
pub(super) fn scroll(model: &mut Model, offset: usize, page: usize) {
    let len = model.tree.lines.len();
    let offset = offset.min(len.saturating_sub(page));
    let last = (offset + page).min(len).saturating_sub(1);
    let index = model.tree.cursor.index.clamp(offset, last.max(offset));
    model.tree.cursor = Cursor { index, offset };
    choose(model, index);
}

/// Puts the cursor of the tree on the line that is drawn at a place, which can be the heading that stays at the top.
pub(super) fn select(model: &mut Model, place: usize) {
    let page = model.layout().page(Pane::Profiles);
    let line = place.checked_sub(model.tree.cursor.offset).and_then(|at| model.tree.on_screen(page).nth(at));
    if let Some(index) = line.map(|(index, _)| index) {
        choose(model, index);
    }
}

fn choose(model: &mut Model, index: usize) {
    model.tree.locked_out = None;
    model.tree.cursor.index = index;
    if let Some(scope) = model.tree.line().map(|line| line.scope.clone()) {
        enter(model, scope);
    }
}

/// Puts the cursor of the tree on a scope, which is unfolded where it has to be.
pub(super) fn go_to(model: &mut Model, scope: Scope) {
    model.tree.locked_out = None;
    tree::renew(model);
    if model.tree.lines.iter().all(|line| line.scope != scope) {
        let group = match &scope {
            Scope::Profile(name) => model.profiles.row(name).map(|row| Scope::Environment(tree::environment(row))),
            Scope::Source(_) => Some(Scope::Pasted),
            Scope::Program(_) => Some(Scope::Machine),
            Scope::View(_) => Some(Scope::Views),
            _ => None,
        };
        group.into_iter().for_each(|group| _ = model.tree.folded.remove(&group));
        model.tree.made = None;
        tree::renew(model);
    }
    if let Some(index) = model.tree.lines.iter().position(|line| line.scope == scope) {
        model.tree.cursor.index = index;
        enter(model, scope);
    }
}

/// To a scope that is called by its name, in its tokens.
pub(super) fn visit(model: &mut Model, scope: Scope) {
    model.modes.clear();
    go_to(model, scope);
    model.focus = Pane::Tokens;
}

/// Another scope: the filter was for the one before, and the cursor is on the token that it was on here.
fn enter(model: &mut Model, scope: Scope) {
    if scope == model.tree.at {
        return;
    }
    let left = std::mem::replace(&mut model.tree.at, scope);
    if let Some(id) = model.tokens.was() {
        model.tree.remembered.insert(left, id);
    }
    narrow::clear(model);
    let there = model.tree.remembered.get(&model.tree.at).copied();
    let there = there.filter(|id| model.tokens.position(*id).is_some_and(|at| holds(model, at)));
    model.tokens.seek(there.map_or(Seek::Urgent, Seek::Token));
}

/// Whether the scope has a token.
pub(crate) fn holds(model: &Model, at: usize) -> bool {
    let row = &model.tokens.rows()[at];
    let profile = || row.profile().and_then(|name| model.profiles.position(name));
    match (&model.tree.at, &row.owner) {
        (Scope::All | Scope::Views, _) | (Scope::Pasted, Owner::Source(_)) | (Scope::Machine, Owner::Program(_)) => {
            true
        }
        (Scope::View(name), _) => {
            model.tree.views.iter().find(|view| view.name == *name).is_some_and(|view| view.holds(model, at))
        }
        (Scope::Attention, _) => profile().is_some_and(|place| model.tree.attention.contains(&place)),
        (Scope::Environment(wanted), _) => {
            profile().is_some_and(|place| tree::environment(&model.profiles.rows[place]) == *wanted)
        }
        (Scope::Profile(wanted), Owner::Profile(name)) => name == wanted,
        (Scope::Source(wanted), Owner::Source(source)) => source == wanted,
        (Scope::Program(wanted), Owner::Program(keeper)) => keeper.id == *wanted,
        (Scope::Pasted | Scope::Profile(_) | Scope::Source(_) | Scope::Machine | Scope::Program(_), _) => false,
    }
}

/// Puts the cursor on a token: in this scope, or in one that has it.
pub(super) fn show(model: &mut Model, id: RowId) {
    let Some(at) = model.tokens.position(id) else { return };
    if !holds(model, at) {
        let scope = match &model.tokens.rows()[at].owner {
            Owner::Profile(name) => Scope::Profile(name.clone()),
            Owner::Source(_) => Scope::Pasted,
            Owner::Program(_) => Scope::Machine,
        };
        go_to(model, scope);
    }
    model.tokens.seek(Seek::Token(id));
}

/// Puts the cursor on the token that has just come, and was put under it.
pub(super) fn show_new(model: &mut Model) {
    if let Some(id) = model.tokens.at() {
        show(model, id);
    }
}

pub(super) fn offer_fold(model: &Model) -> Option<Action> {
    let line = model.tree.line()?;
    match line.folded {
        Some(true) => Some(Action::Branch(Branch::Unfold)),
        Some(false) => Some(Action::Branch(Branch::Fold)),
        None => (line.depth > 0).then_some(Action::Branch(Branch::Fold)),
    }
}

pub(super) fn offer_fold_all(model: &Model) -> Option<Action> {
    let any = |folded| model.tree.lines.iter().any(|line| line.folded == Some(folded));
    if any(true) {
        return Some(Action::Branch(Branch::UnfoldAll));
    }
    any(false).then_some(Action::Branch(Branch::FoldAll))
}

/// `→`: unfolds a group; from anything else to its tokens.
pub(super) fn offer_into(model: &Model) -> Option<Action> {
    Some(match model.tree.line()?.folded {
        Some(true) => Action::Branch(Branch::Unfold),
        _ => Action::Focus(Pane::Tokens),
    })
}

/// `←`: folds a group; from what is in one to its heading.
pub(super) fn offer_out(model: &Model) -> Option<Action> {
    let line = model.tree.line()?;
    match line.folded {
        Some(false) => Some(Action::Branch(Branch::Fold)),
        _ => (line.depth > 0).then_some(Action::Branch(Branch::ToGroup)),
    }
}

/// Enter on what has no page: folds a group, else goes to the tokens.
pub(super) fn offer_enter(model: &Model) -> Option<Action> {
    let line = model.tree.line()?;
    match line.folded {
        Some(_) => offer_fold(model),
        None if matches!(line.scope, Scope::Profile(_)) => None,
        None => Some(Action::Focus(Pane::Tokens)),
    }
}

/// Folds and unfolds. What the cursor was on in a folded group is its heading then.
pub(super) fn branch(model: &mut Model, branch: Branch) {
    let tree = &mut model.tree;
    let Some(line) = tree.lines.get(tree.cursor.index) else { return };
    let group = match line.folded {
        Some(_) => tree.cursor.index,
        None => tree.heading(tree.cursor.index).unwrap_or(tree.cursor.index),
    };
    let scope = tree.lines[group].scope.clone();
    match branch {
        Branch::ToGroup => {}
        Branch::Unfold => _ = tree.folded.remove(&scope),
        Branch::Fold => _ = tree.folded.insert(scope.clone()),
        Branch::UnfoldAll => tree.folded.clear(),
        Branch::FoldAll => {
            let groups = tree.lines.iter().filter(|line| line.folded.is_some()).map(|line| line.scope.clone());
            tree.folded.extend(groups);
        }
    }
    tree.forget();
    if branch != Branch::UnfoldAll {
        tree.cursor.index = group;
        enter(model, scope);
    }
}

/// The lines as they are, and as they would be if nothing were counted yet.
#[cfg(test)]
pub(super) fn counted_again(model: &mut Model) -> [String; 2] {
    let before = format!("{:?}", model.tree.lines);
    (model.tree.found, model.tree.made) = Default::default();
    tree::renew(model);
    [before, format!("{:?}", model.tree.lines)]
}
