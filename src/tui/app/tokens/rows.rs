//! The rows of all tokens, and where those of each profile stand among them.

use std::{
    cell::OnceCell,
    collections::{HashMap, VecDeque},
    ops::{Deref, Range},
};

use super::{Owner, Row};
use crate::{profile::ProfileName, tui::app::list::Watched};

/// All rows, the newest first. Those of a profile mostly stand together.
#[derive(Debug, Default)]
pub(super) struct Rows {
    rows: Watched<VecDeque<Row>>,
    /// Where all rows of each profile are, made when it is first asked for: to look at each row is dear where there are many.
    spans: OnceCell<HashMap<ProfileName, Range<usize>>>,
}

impl Deref for Rows {
    type Target = VecDeque<Row>;

    fn deref(&self) -> &VecDeque<Row> {
        &self.rows
    }
}

impl Rows {
    /// Another number: the rows may be others.
    pub(super) fn revision(&self) -> u64 {
        self.rows.revision()
    }

    fn spans(&self) -> &HashMap<ProfileName, Range<usize>> {
        self.spans.get_or_init(|| {
            let mut spans: HashMap<ProfileName, Range<usize>> = HashMap::new();
            for (place, row) in self.rows.iter().enumerate() {
                match row.profile() {
                    Some(name) if let Some(span) = spans.get_mut(name) => span.end = place + 1,
                    Some(name) => _ = spans.insert(name.clone(), place..place + 1),
                    None => {}
                }
            }
            spans
        })
    }

    /// Places among which all rows of a profile are.
    pub(super) fn span(&self, profile: &ProfileName) -> Range<usize> {
        self.spans().get(profile).cloned().unwrap_or_default()
    }

    /// The rows of a profile, to be changed. It keeps them.
    pub(super) fn of_profile_mut<'a>(&'a mut self, profile: &'a ProfileName) -> impl Iterator<Item = &'a mut Row> {
        let span = self.span(profile);
        self.rows.range_mut(span).filter(move |row| row.profile() == Some(profile))
    }

    /// A row, to be changed. Its owner keeps it.
    pub(super) fn get_mut(&mut self, place: usize) -> Option<&mut Row> {
        self.rows.get_mut(place)
    }

    pub(super) fn insert(&mut self, place: usize, row: Row) {
        if let Some(spans) = self.spans.get_mut() {
            for span in spans.values_mut() {
                span.start += usize::from(span.start >= place);
                span.end += usize::from(span.end > place);
            }
            if let Some(name) = row.profile() {
                let span = spans.entry(name.clone()).or_insert(place..place + 1);
                *span = span.start.min(place)..span.end.max(place + 1);
            }
        }
        self.rows.insert(place, row);
    }

    pub(super) fn remove(&mut self, place: usize) -> Option<Row> {
        let row = self.rows.remove(place)?;
        if let Some(spans) = self.spans.get_mut() {
            spans.retain(|_, span| {
                span.start -= usize::from(span.start > place);
                span.end -= usize::from(span.end > place);
                span.start < span.end
            });
        }
        Some(row)
    }

    pub(super) fn retain(&mut self, keep: impl FnMut(&Row) -> bool) {
        self.rows.retain(keep);
        self.spans.take();
    }

    /// Takes all out.
    pub(super) fn drain(&mut self) -> impl Iterator<Item = Row> {
        self.spans.take();
        self.rows.drain(..)
    }

    /// A profile has another name.
    pub(super) fn rename(&mut self, old: &ProfileName, new: &ProfileName) {
        self.of_profile_mut(old).for_each(|row| row.owner = Owner::Profile(new.clone()));
        self.spans.take();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{token::Token, tui::app::tokens::RowId};

    fn name(text: &str) -> ProfileName {
        ProfileName::new(text).unwrap()
    }

    fn row(owner: Option<&str>) -> Row {
        let owner = owner.map_or_else(|| Owner::Source("pasted".to_owned()), |text| Owner::Profile(name(text)));
        Row::new(RowId(0), owner, Token::inspect("a.b.c"))
    }

    /// Whatever is put in and taken out, all rows of a profile are found.
    #[test]
    fn each_profile_finds_all_of_its_rows() {
        let (mut rows, mut seed) = (Rows::default(), 7_u64);
        let mut pick = move |of: usize| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (seed >> 33) as usize % of
        };
        for _ in 0..2_000 {
            let place = pick(rows.len() + 1);
            match pick(9) {
                0..=4 => rows.insert(place, row([None, Some("a"), Some("b"), Some("c")][pick(4)])),
                5 | 6 => _ = rows.remove(place),
                7 => rows.rename(&name("a"), &name(["b", "c"][pick(2)])),
                _ => {
                    let gone = name(["a", "b", "c"][pick(3)]);
                    rows.retain(|row| row.profile() != Some(&gone));
                }
            }
            for profile in ["a", "b", "c"].map(name) {
                let all = rows.iter().filter(|row| row.profile() == Some(&profile)).count();
                assert_eq!(rows.of_profile_mut(&profile).count(), all);
            }
        }
    }
}
