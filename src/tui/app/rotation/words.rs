//! A row of a rotation in words, and how much room there is for words.

use crate::tui::app::{badge::Badge, page::Tone};

/// A row in words; sanitized.
pub(crate) struct RowWords {
    pub(crate) sign: &'static str,
    pub(crate) tone: Tone,
    pub(crate) badge: Option<Badge>,
    pub(crate) name: String,
    pub(crate) cells: Vec<(String, Tone)>,
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
