//! The screen as text and as an SVG picture.

use std::fmt::Write as _;

use anstyle::{Color as Ansi, RgbColor};
use anstyle_svg::{Palette, Term};
use ratatui::{
    buffer::{Buffer, Cell},
    style::{Color, Modifier},
};
use unicode_width::UnicodeWidthStr as _;

const INK: RgbColor = RgbColor(0xd8, 0xde, 0xe9);
const PAPER: RgbColor = RgbColor(0x15, 0x19, 0x21);

/// Black, red, green, yellow, blue, magenta, cyan, white; then the bright ones.
const PALETTE: Palette = Palette([
    PAPER,
    RgbColor(0xf2, 0x77, 0x7a),
    RgbColor(0x8f, 0xc9, 0x86),
    RgbColor(0xe8, 0xb9, 0x63),
    RgbColor(0x7a, 0xa6, 0xf5),
    RgbColor(0xc7, 0x92, 0xea),
    RgbColor(0x6c, 0xcb, 0xd8),
    INK,
    RgbColor(0x5c, 0x66, 0x76),
    RgbColor(0xf2, 0x77, 0x7a),
    RgbColor(0x8f, 0xc9, 0x86),
    RgbColor(0xe8, 0xb9, 0x63),
    RgbColor(0x7a, 0xa6, 0xf5),
    RgbColor(0xc7, 0x92, 0xea),
    RgbColor(0x6c, 0xcb, 0xd8),
    RgbColor(0xff, 0xff, 0xff),
]);

/// The text of each line, without blanks at its end.
pub fn lines(buffer: &Buffer) -> Vec<String> {
    let width = usize::from(buffer.area.width.max(1));
    let rows = buffer.content().chunks(width);
    rows.map(|row| shown(row).map(Cell::symbol).collect::<String>().trim_end().to_owned()).collect()
}

/// The cells that a terminal shows: none that a wide character before it covers.
fn shown(row: &[Cell]) -> impl Iterator<Item = &Cell> {
    let mut covered = 0;
    row.iter().filter(move |cell| {
        if covered > 0 {
            covered -= 1;
            return false;
        }
        covered = cell.symbol().width().saturating_sub(1);
        true
    })
}

/// The screen as a picture.
pub fn svg(buffer: &Buffer) -> String {
    let width = usize::from(buffer.area.width);
    let mut ansi = String::new();
    for row in buffer.content().chunks(width.max(1)) {
        let mut before = String::new();
        for cell in shown(row) {
            let style = codes(cell);
            if style != before {
                let _ = write!(ansi, "\x1b[0{style}m");
                before = style;
            }
            ansi.push_str(cell.symbol());
        }
        ansi.push_str("\x1b[0m\n");
    }
    let term = Term::new().palette(PALETTE).fg_color(Ansi::Rgb(INK)).bg_color(Ansi::Rgb(PAPER)).min_width_px(0);
    let columns = width as f64 * 8.4;
    // Every line is as wide as the screen, whichever font the viewer has for its signs.
    let line = format!(r#"<tspan x="10px" textLength="{columns:.0}" lengthAdjust="spacingAndGlyphs""#);
    let svg = term.render_svg(ansi.trim_end_matches('\n'));
    svg.replace(r#"<tspan x="10px""#, &line).replace("opacity: 0.4", "opacity: 0.6")
}

fn codes(cell: &Cell) -> String {
    let mut codes = String::new();
    let bits = [(Modifier::BOLD, 1), (Modifier::DIM, 2), (Modifier::UNDERLINED, 4), (Modifier::REVERSED, 7)];
    for (modifier, code) in bits {
        if cell.modifier.contains(modifier) {
            let _ = write!(codes, ";{code}");
        }
    }
    let color = match cell.fg {
        Color::Reset => None,
        Color::Red => Some(31),
        Color::Green => Some(32),
        Color::Yellow => Some(33),
        Color::Blue => Some(34),
        Color::Magenta => Some(35),
        Color::Cyan => Some(36),
        other => panic!("the theme has no {other:?}"),
    };
    if let Some(color) = color {
        let _ = write!(codes, ";{color}");
    }
    assert_eq!(cell.bg, Color::Reset, "the theme leaves the background to the terminal");
    codes
}
