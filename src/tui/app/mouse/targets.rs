//! What the last frame has drawn that a click is for. The view notes it where it writes it, so that there is no second layout
//! of what only the view lays out: hints in sentences, fields, choices, column heads.

use crate::tui::app::{filter::narrow::SortBy, key::Key, layout::Area};

/// Something that was drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// A hint: these keys, one after the other.
    Keys([Option<Key>; 2]),
    /// An entry of the form.
    Entry(usize),
    /// What is folded of the form.
    Fold,
    /// A value of the entry that has the focus.
    Value(&'static str),
    /// The end of the form.
    Save,
    /// The line that is typed, from this character on.
    Typed(usize),
    /// A line of the editor, from this character on.
    Line(usize, usize),
    /// A part of the token in the editor.
    Part(usize),
    /// The sign of a branch of the tree, by the place of its line on screen.
    Branch(usize),
    /// The sign of a token that others stand below which it has replaced, by its place in the list.
    Replaced(usize),
    /// The head of a column.
    Sort(SortBy),
    /// How much time the horizon shows.
    Zoom(usize),
    /// The time on the horizon.
    Axis,
}

impl Target {
    /// A hint with keys as they are written: `r`, `C c`. A command without a key is no target.
    pub(crate) fn keys(text: &str) -> Option<Self> {
        let mut keys = [None; 2];
        let mut words = text.split(' ');
        for (key, word) in keys.iter_mut().zip(&mut words) {
            // What follows `:` is the name of a command, also where it is that of a key.
            *key = Some(word.parse().ok().filter(|key: &Key| key.to_string() == word)?);
        }
        (keys[0].is_some() && words.next().is_none()).then_some(Self::Keys(keys))
    }
}

/// The targets of a frame; what was drawn later lies over what was drawn before.
#[derive(Debug, Default)]
pub struct Targets(Vec<(Area, Target)>);

impl Targets {
    pub(crate) fn put(&mut self, area: Area, target: Target) {
        self.0.push((area, target));
    }

    /// Something stands over all that was drawn so far.
    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    /// What is at a cell, and how far from its left end.
    pub(super) fn at(&self, x: u16, y: u16) -> Option<(Target, u16)> {
        let (area, target) = self.0.iter().rev().find(|(area, _)| area.contains(x, y))?;
        Some((*target, x - area.x))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_read_as_they_are_written() {
        let key = |c| Some(Key::char(c));
        assert_eq!(Target::keys("r"), Some(Target::Keys([key('r'), None])));
        assert_eq!(Target::keys("C c"), Some(Target::Keys([key('C'), key('c')])));
        assert_eq!(Target::keys("^S"), Some(Target::Keys([Some(Key::ctrl('s')), None])));
        for text in ["", ": up", "a b c"] {
            assert_eq!(Target::keys(text), None, "{text}");
        }
    }

    #[test]
    fn what_was_drawn_last_lies_above() {
        let mut targets = Targets::default();
        let area = |x, width| Area { x, y: 1, width, height: 1 };
        targets.put(area(2, 8), Target::Entry(1));
        targets.put(area(4, 2), Target::Save);
        assert_eq!(targets.at(3, 1), Some((Target::Entry(1), 1)));
        assert_eq!(targets.at(5, 1), Some((Target::Save, 1)));
        assert_eq!((targets.at(5, 0), targets.at(10, 1)), (None, None));
    }
}
