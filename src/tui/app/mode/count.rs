//! `:17` and `:+5`: a row of the list in focus, by its number or from here.

use crate::tui::app::{Model, Pane, list::Motion};

/// Which row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Count {
    /// The one with this number, from 1 on.
    Row(usize),
    /// So many rows down.
    Down(usize),
    /// So many rows up.
    Up(usize),
}

impl Count {
    /// What was typed, if it is a count.
    pub(super) fn read(typed: &str) -> Option<Self> {
        let typed = typed.trim();
        let number = |text: &str| text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse().ok()).flatten();
        match (typed.strip_prefix('+'), typed.strip_prefix('-')) {
            (Some(down), _) => number(down).map(Self::Down),
            (_, Some(up)) => number(up).map(Self::Up),
            _ => number(typed).map(Self::Row),
        }
    }

    /// `row 17`, `5 rows down`.
    pub(super) fn words(self) -> String {
        let rows = |count| if count == 1 { "1 row".to_owned() } else { format!("{count} rows") };
        match self {
            Self::Row(row) => format!("row {row}"),
            Self::Down(count) => format!("{} down", rows(count)),
            Self::Up(count) => format!("{} up", rows(count)),
        }
    }
}

/// To that row of the list in focus; beyond its ends to the nearest.
pub(in crate::tui::app) fn go_to(model: &mut Model, count: Count) {
    let (motion, count) = match count {
        Count::Row(row) => {
            step(model, Motion::First);
            (Motion::Down, row.saturating_sub(1))
        }
        Count::Down(count) => (Motion::Down, count),
        Count::Up(count) => (Motion::Up, count),
    };
    let len = match model.focus {
        Pane::Profiles => model.profiles.rows.len(),
        Pane::Tokens => model.tokens.rows().len(),
        Pane::Inspector => model.sheet_len(model.inspector.tab),
    };
    (0..count.min(len)).for_each(|_| step(model, motion));
}

fn step(model: &mut Model, motion: Motion) {
    crate::tui::app::keymap::go(model, motion);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_count_is_read() {
        for (typed, count) in [
            ("17", Some(Count::Row(17))),
            (" 1 ", Some(Count::Row(1))),
            ("+5", Some(Count::Down(5))),
            ("-3", Some(Count::Up(3))),
            ("", None),
            ("+", None),
            ("+-1", None),
            ("1a", None),
            ("99999999999999999999999", None),
        ] {
            assert_eq!(Count::read(typed), count, "{typed}");
        }
    }
}
