//! The last look at the cells before they go to the terminal: signs and lines in ASCII where that is wanted, and rows whose
//! text a terminal may draw wider than we think.

use ratatui::buffer::{Buffer, Cell, CellDiffOption};
use unicode_width::UnicodeWidthStr as _;

use crate::text::width;

/// What stands for a sign of ours: one column for one.
fn ascii(sign: char) -> Option<char> {
    Some(match sign {
        // States.
        '●' | '•' => '*',
        '◌' | '…' => '.',
        '▲' | '↑' => '^',
        '↻' => '~',
        '×' => 'x',
        '⊘' | '−' | '–' | '—' | '·' => '-',
        '◦' => ',',
        '□' => 'o',
        '○' => '0',
        '■' | '§' | '█' | '▀' | '▄' | '▐' => '#',
        '✗' | '✘' | '✖' => 'X',
        '✓' | '✔' | '▾' | '↓' | '▼' => 'v',
        '⟳' => '&',
        // Marks, folds, the cursor, prompts.
        '◆' => '+',
        '»' | '▸' | '›' | '→' | '▶' | '❯' | '▌' | '≥' => '>',
        '‹' | '←' | '◀' | '≤' => '<',
        'Δ' => 'D',
        '≠' => '!',
        '‘' | '’' => '\'',
        '“' | '”' => '"',
        // Lines: those of the focused pane are double, which bars of what is left share. All others are corners and joints.
        '─' | '┄' | '┅' | '┈' | '┉' | '╌' | '╍' => '-',
        '━' | '═' => '=',
        '│' | '┃' | '┆' | '┇' | '┊' | '┋' | '║' | '▏' => '|',
        '\u{2500}'..='\u{257f}' => '+',
        _ => return None,
    })
}

/// Makes the cells fit for the terminal.
pub(super) fn finish(buffer: &mut Buffer, in_ascii: bool) {
    if in_ascii {
        to_ascii(buffer);
    }
    for row in rows(buffer) {
        // Such a row is written to its last column, so that whatever was drawn over its end is drawn over again.
        if let Some(first) = row.iter().position(|cell| !width::is_sure(cell.symbol())) {
            row[first..].iter_mut().for_each(|cell| cell.diff_option = CellDiffOption::AlwaysUpdate);
        }
    }
}

fn rows(buffer: &mut Buffer) -> impl Iterator<Item = &mut [Cell]> {
    let columns = usize::from(buffer.area.width).max(1);
    buffer.content.chunks_mut(columns)
}

/// Draws what is ours in ASCII.
pub fn to_ascii(buffer: &mut Buffer) {
    for row in rows(buffer) {
        for at in 0..row.len() {
            match row[at].symbol() {
                "…" => ellipsis(row, at),
                symbol if !symbol.is_ascii() => {
                    if let Some(ascii) = symbol.chars().next().and_then(ascii) {
                        row[at].set_char(ascii);
                    }
                }
                _ => {}
            }
        }
    }
}

/// Three dots: over the end of what was cut, or over the blanks behind a word that was not; one where three have no place.
fn ellipsis(row: &mut [Cell], at: usize) {
    let is = |at: usize, symbols: &str| row.get(at).is_some_and(|cell| symbols.contains(cell.symbol()));
    let before = at.wrapping_sub(1);
    let (first, last) = match () {
        () if is(before, "{[") => (at, at),
        () if is(before, " ") && is(at + 1, " ") && is(at + 2, " ") => (at, at + 2),
        () => (at.saturating_sub(2), at),
    };
    // Half of a wide character is none.
    if let Some(before) = first.checked_sub(1).filter(|before| row[*before].symbol().width() > 1) {
        row[before].set_symbol(" ");
    }
    row[first..=last].iter_mut().for_each(|cell| _ = cell.set_symbol("."));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let mut buffer = Buffer::with_lines([text]);
        to_ascii(&mut buffer);
        assert_eq!(buffer, Buffer::with_lines([expected]));
    }

    #[test]
    fn signs_and_lines_have_one_for_one() {
        check("┌─┲━┓ │▌● PROD ◆↻ ┃ ├┄┤ └─╯", "+-+=+ |>* PROD +~ | +-+ +-+");
        check("━━━━─── 41m · ✗ → ▸ Δ exp", "====--- 41m - X > > D exp");
        check("æ 日本 Zoë", "æ 日本 Zoë");
        let signs = ('\u{80}'..'\u{ffff}').filter_map(|sign| Some((sign, ascii(sign)?)));
        for (sign, ascii) in signs {
            assert!(ascii.is_ascii() && sign.to_string().width() == 1 && width::is_sure(&sign.to_string()), "{sign}");
        }
    }

    #[test]
    fn a_cut_is_three_dots() {
        check("ada · 5c10f66f…ef79  lms", "ada - 5c10f6...ef79  lms");
        check("unlocking the vault …   x", "unlocking the vault ... x");
        check("a long name…│", "a long na...|");
        check("a…", "..");
        check("日本…", "日...");
        check("日本a…", "日 ...");
        check("a: {…}", "a: {.}");
    }

    #[test]
    fn a_row_that_may_be_wider_is_written_to_its_end() {
        let mut buffer = Buffer::with_lines(["│ ● plain  │", "│ ад next  │"]);
        finish(&mut buffer, false);
        let always = |row: usize| {
            buffer.content[row * 12..][..12]
                .iter()
                .filter(|cell| cell.diff_option == CellDiffOption::AlwaysUpdate)
                .count()
        };
        assert_eq!((always(0), always(1)), (0, 10));
    }
}
