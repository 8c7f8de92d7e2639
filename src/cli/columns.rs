//! Lines in columns, for people.

use unicode_width::UnicodeWidthStr as _;

use super::style::{Role, Style};

/// A piece of text, in a role or in none.
pub(super) type Cell = (Option<Role>, String);

/// A line for each row. A column is as wide as its widest cell; one that is empty in all rows takes no room.
pub(super) fn lines<const N: usize>(rows: &[[Cell; N]], style: Style) -> String {
    let widest = |column: usize| rows.iter().map(|row| row[column].1.width()).max().unwrap_or(0);
    let widths: [usize; N] = std::array::from_fn(widest);
    let mut out = String::new();
    for row in rows {
        let mut line = String::new();
        for ((role, text), width) in row.iter().zip(widths).filter(|(_, width)| *width > 0) {
            line += &match role {
                Some(role) if !text.is_empty() => style.paint(*role, text),
                _ => text.clone(),
            };
            line += &" ".repeat(width - text.width() + 2);
        }
        out += line.trim_end();
        out.push('\n');
    }
    out
}
