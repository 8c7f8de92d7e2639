//! A row of a rotation in words, and how much room there is for words.

use crate::{
    text,
    tui::app::{
        badge::Badge,
        page::{Line, Tone},
    },
};

/// A row in words; sanitized.
pub(crate) struct RowWords {
    pub(crate) sign: &'static str,
    pub(crate) tone: Tone,
    pub(crate) badge: Option<Badge>,
    pub(crate) name: String,
    pub(crate) cells: Vec<Cell>,
}

/// What stands in a column: its parts, each as it is meant.
pub(crate) type Cell = Vec<(String, Tone)>;

/// A column that says one thing; sanitized.
pub(super) fn cell(words: impl Into<String>, tone: Tone) -> Cell {
    vec![(words.into(), tone)]
}

/// A sentence below the rows; sanitized.
pub(super) fn line(tone: Tone, words: impl AsRef<str>) -> Line {
    headed(tone, "", words)
}

/// The same behind its head, below which its further lines begin.
pub(super) fn headed(tone: Tone, head: impl Into<String>, words: impl AsRef<str>) -> Line {
    Line { tone, head: head.into(), text: text::visible(words.as_ref()).into_owned() }
}

/// How much room there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Room {
    Small,
    Medium,
    Large,
}

/// `4 profiles`.
pub(super) fn counted(profiles: usize) -> String {
    if profiles == 1 { "1 profile".to_owned() } else { format!("{profiles} profiles") }
}
