//! Which values of a document are rows: what is folded up hides what is inside of it.

use std::collections::HashSet;

use super::{Inspector, SheetItem, Tab};
use crate::{
    token::json::{Json, Kind},
    tui::app::{Model, keymap::Action},
};

/// A change of what is folded up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fold {
    /// Fold up this array or object, by its index among the nodes.
    Up(usize),
    /// Unfold it.
    Open(usize),
    /// Fold up all.
    AllUp,
    /// Unfold all.
    AllOpen,
}

/// What is folded up in a document: all but the exceptions, or the exceptions. So that nothing grows with the document.
#[derive(Debug, Clone, Default)]
pub(crate) struct Folds {
    all: bool,
    except: HashSet<usize>,
}

impl Folds {
    /// Whether an array or object is folded up. An empty one never is.
    pub(crate) fn is_folded(&self, json: &Json, index: usize) -> bool {
        self.all != self.except.contains(&index) && opens(json, index)
    }

    /// Whether nothing is folded up.
    fn is_open(&self) -> bool {
        !self.all && self.except.is_empty()
    }

    pub(super) fn change(&mut self, fold: Fold) {
        let (index, up) = match fold {
            Fold::AllUp | Fold::AllOpen => {
                *self = Self { all: fold == Fold::AllUp, except: HashSet::new() };
                return;
            }
            Fold::Up(index) => (index, true),
            Fold::Open(index) => (index, false),
        };
        if up == self.all { _ = self.except.remove(&index) } else { _ = self.except.insert(index) }
    }

    /// Unfolds what is around a node.
    pub(super) fn uncover(&mut self, json: &Json, index: usize) {
        let mut at = index;
        while let Some(around) = json.parent(at) {
            self.change(Fold::Open(around));
            at = around;
        }
    }

    /// The same folds, by their JSON pointers, in the document that took the place of the old one.
    pub(super) fn carry(&mut self, old: Option<&Json>, new: Option<&Json>) {
        let same_place = |index: usize| new?.find(&old?.pointer(index));
        self.except = self.except.drain().filter_map(same_place).collect();
    }

    /// The nodes that are rows: all from `first` on that nothing folded up hides.
    pub(super) fn rows(&self, json: &Json, first: usize) -> Vec<u32> {
        let nodes = json.nodes();
        // Of a document with 4 GiB there are no nodes.
        if self.is_open() {
            return (first as u32..nodes.len() as u32).collect();
        }
        let mut rows = Vec::new();
        let mut at = first;
        while at < nodes.len() {
            rows.push(at as u32);
            at = if self.is_folded(json, at) { nodes[at].next as usize } else { at + 1 };
        }
        rows
    }
}

/// Whether a node has something inside of it.
pub(crate) fn opens(json: &Json, index: usize) -> bool {
    json.nodes().get(index).is_some_and(|node| node.next as usize > index + 1)
}

/// The members of an object stand for it: the first node that is a row.
pub(crate) fn first(json: &Json) -> usize {
    usize::from(opens(json, 0) && json.nodes()[0].kind == Kind::Object)
}

/// Folds or unfolds what is under the cursor; of a plain value, what is around it.
pub(in crate::tui::app) fn offer_fold(model: &Model) -> Option<Action> {
    let Some(SheetItem::Value(json, at)) = model.selected_item() else { return None };
    if opens(json, at) {
        let folded = model.inspector.folds()?.is_folded(json, at);
        return Some(Action::Fold(if folded { Fold::Open(at) } else { Fold::Up(at) }));
    }
    json.parent(at).filter(|around| *around >= first(json)).map(|around| Action::Fold(Fold::Up(around)))
}

/// Unfolds all where something is folded up, else folds up all.
pub(in crate::tui::app) fn offer_fold_all(model: &Model) -> Option<Action> {
    (model.inspector.foldable && model.sheet()?.json.is_some()).then_some(())?;
    let open = model.inspector.folds()?.is_open();
    Some(Action::Fold(if open { Fold::AllUp } else { Fold::AllOpen }))
}

/// Folds or unfolds; the cursor stays on its value, or goes to what hides it.
pub(in crate::tui::app) fn fold(model: &mut Model, fold: Fold) {
    let under = match (fold, model.selected_item()) {
        (Fold::Up(index) | Fold::Open(index), _) => Some(index),
        (_, Some(SheetItem::Value(_, at))) => Some(at),
        _ => None,
    };
    if let Some(folds) = model.inspector.folds_mut() {
        folds.change(fold);
    }
    super::rebuild(model);
    if let Some(row) = under.and_then(|node| model.sheet()?.row_of_node(node)) {
        model.inspector.cursor.index = row;
    }
}

impl Inspector {
    /// What is folded up in the open tab.
    pub(crate) fn folds(&self) -> Option<&Folds> {
        self.folds_of(self.tab)
    }

    /// What is folded up in a tab.
    pub(crate) fn folds_of(&self, tab: Tab) -> Option<&Folds> {
        match tab {
            Tab::Claims => Some(&self.claims_folds),
            Tab::Header => Some(&self.header_folds),
            _ => None,
        }
    }

    pub(super) fn folds_mut(&mut self) -> Option<&mut Folds> {
        match self.tab {
            Tab::Claims => Some(&mut self.claims_folds),
            Tab::Header => Some(&mut self.header_folds),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_folded_hides_what_is_inside() {
        let json = Json::parse(r#"{"a":[1,[2,3],{}],"b":{"c":[]},"d":4}"#);
        let rows = |folds: &Folds| folds.rows(&json, first(&json));
        let mut folds = Folds::default();
        assert_eq!(rows(&folds), [1, 2, 3, 4, 5, 6, 7, 8, 9]);
        folds.change(Fold::Up(3));
        assert_eq!(rows(&folds), [1, 2, 3, 6, 7, 8, 9]);
        folds.change(Fold::AllUp);
        assert_eq!(rows(&folds), [1, 7, 9]);
        folds.uncover(&json, 5);
        assert_eq!(rows(&folds), [1, 2, 3, 4, 5, 6, 7, 9]);
        let newer = Json::parse(r#"{"new":0,"b":{},"a":[[9],[2,3]],"d":4}"#);
        folds.carry(Some(&json), Some(&newer));
        assert_eq!(folds.rows(&newer, 1), [1, 2, 3, 4, 6, 7, 8, 9], "/a and /a/1 are open, /a/0 is not");
        folds.change(Fold::AllOpen);
        assert!(folds.is_open() && !folds.is_folded(&json, 6), "an empty object has nothing to fold");
    }
}
