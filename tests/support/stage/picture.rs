//! The screen as text, as an SVG picture, and as one that moves.

mod strokes;

use std::{collections::BTreeMap, fmt::Write as _};

use ratatui::{
    buffer::{Buffer, Cell},
    style::{Color, Modifier},
};
use strokes::Strokes;
use unicode_width::UnicodeWidthStr as _;

/// The size of a cell in pixels.
const COLUMN: u32 = 8;
const ROW: u32 = 18;
/// Around the screen.
const MARGIN: u32 = 10;

/// What the picture is drawn on: the colors of a terminal.
pub struct Paper {
    ink: &'static str,
    paper: &'static str,
    /// Black, red, green, yellow, blue, magenta, cyan, white; then the bright ones.
    palette: [&'static str; 16],
}

pub const DARK: Paper = Paper {
    ink: "#d8dee9",
    paper: "#151921",
    palette: [
        "#151921", "#f2777a", "#8fc986", "#e8b963", "#7aa6f5", "#c792ea", "#6ccbd8", "#d8dee9", "#5c6676", "#f2777a",
        "#8fc986", "#e8b963", "#7aa6f5", "#c792ea", "#6ccbd8", "#ffffff",
    ],
};

pub const LIGHT: Paper = Paper {
    ink: "#24292f",
    paper: "#fdfdfb",
    palette: [
        "#24292f", "#b3261e", "#2a6f2f", "#7d5200", "#1d4ed8", "#7b1fa2", "#006a73", "#6e7781", "#57606a", "#b3261e",
        "#2a6f2f", "#7d5200", "#1d4ed8", "#7b1fa2", "#006a73", "#8c959f",
    ],
};

/// The text of each line, without blanks at its end.
pub fn lines(buffer: &Buffer) -> Vec<String> {
    rows(buffer)
        .map(|row| shown(row).map(|(_, cell)| cell.symbol()).collect::<String>().trim_end().to_owned())
        .collect()
}

fn rows(buffer: &Buffer) -> impl Iterator<Item = &[Cell]> {
    buffer.content().chunks(usize::from(buffer.area.width.max(1)))
}

/// The cells that a terminal shows, with their columns: none that a wide character before it covers.
fn shown(row: &[Cell]) -> impl Iterator<Item = (u32, &Cell)> {
    let mut covered = 0;
    (0..).zip(row).filter(move |(_, cell)| {
        if covered > 0 {
            covered -= 1;
            return false;
        }
        covered = cell.symbol().width().saturating_sub(1);
        true
    })
}

/// The screen as a picture, on a dark terminal.
pub fn svg(buffer: &Buffer) -> String {
    svg_on(&DARK, buffer)
}

/// The screen as a picture.
pub fn svg_on(paper: &Paper, buffer: &Buffer) -> String {
    let rows: Vec<_> =
        (0..).zip(rows(buffer)).map(|(y, row)| line(paper, y, row)).filter(|row| !row.is_empty()).collect();
    framed(paper, buffer, "", &rows.join("\n"))
}

/// Screens of one size, one after the other, each for that many seconds, over and over. A row that stays is there once.
pub fn film(paper: &Paper, screens: &[(Buffer, f64)]) -> String {
    let (first, _) = screens.first().expect("a film has pictures");
    let whole: f64 = screens.iter().map(|(_, seconds)| seconds).sum();
    let starts: Vec<_> =
        screens.iter().scan(0.0, |at, (_, seconds)| Some(std::mem::replace(at, *at + seconds))).collect();
    let percent = |screen: usize| starts.get(screen).map_or(100.0, |start| start / whole * 100.0);
    let (mut style, mut body) = (String::new(), String::new());
    let mut spans = BTreeMap::new();
    for y in 0..usize::from(first.area.height) {
        let drawn: Vec<_> = screens
            .iter()
            .map(|(buffer, _)| line(paper, y as u32, rows(buffer).nth(y).expect("all screens have one size")))
            .collect();
        let mut from = 0;
        for same in drawn.chunk_by(|a, b| a == b) {
            let span = (from, from + same.len());
            from = span.1;
            if same[0].is_empty() {
                continue;
            }
            if same.len() == screens.len() {
                let _ = writeln!(body, "{}", same[0]);
                continue;
            }
            let name = format!("s{}-{}", span.0, span.1);
            let _ = writeln!(body, r#"<g class="{name}">{}</g>"#, same[0]);
            spans.insert(span, name);
        }
    }
    for ((from, to), name) in spans {
        let (on, off) = (percent(from), percent(to));
        let before = if from == 0 { String::new() } else { format!("0%{{opacity:0}}{:.3}%{{opacity:0}}", on - 0.001) };
        let after = if off >= 100.0 { String::new() } else { format!("{off:.3}%{{opacity:0}}100%{{opacity:0}}") };
        let _ = write!(
            style,
            "@keyframes {name}{{{before}{on:.3}%{{opacity:1}}{:.3}%{{opacity:1}}{after}}}.{name}{{animation:{name} \
             {whole}s linear infinite}}",
            off - 0.001
        );
    }
    framed(paper, first, &style, body.trim_end())
}

fn framed(paper: &Paper, buffer: &Buffer, style: &str, body: &str) -> String {
    let width = u32::from(buffer.area.width) * COLUMN + 2 * MARGIN;
    let height = u32::from(buffer.area.height) * ROW + 2 * MARGIN;
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\">\n\
         <style>text{{font:13.3px ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace;white-space:pre}}\
         .b{{font-weight:bold}}.u{{text-decoration:underline}}{style}</style>\n\
         <rect width=\"{width}\" height=\"{height}\" rx=\"6\" fill=\"{}\"/>\n{body}\n</svg>\n",
        paper.paper
    )
}

/// How a cell looks: class and color of the sign, and what is behind it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Look {
    class: String,
    color: String,
    behind: Option<String>,
}

fn look(paper: &Paper, cell: &Cell) -> Look {
    let mut classes = Vec::new();
    let known = [(Modifier::BOLD, "b"), (Modifier::UNDERLINED, "u")];
    classes.extend(known.iter().filter(|(modifier, _)| cell.modifier.contains(*modifier)).map(|(_, class)| *class));
    let class = if classes.is_empty() { String::new() } else { format!(r#" class="{}""#, classes.join(" ")) };
    let (front, behind) = (color(paper, cell.fg), color(paper, cell.bg));
    let reversed = cell.modifier.contains(Modifier::REVERSED);
    let (front, behind) = if reversed {
        (behind.unwrap_or_else(|| paper.paper.to_owned()), Some(front.unwrap_or_else(|| paper.ink.to_owned())))
    } else {
        (front.unwrap_or_else(|| paper.ink.to_owned()), behind)
    };
    let dim = cell.modifier.contains(Modifier::DIM);
    Look { class, color: if dim { dimmed(&front, behind.as_deref().unwrap_or(paper.paper)) } else { front }, behind }
}

/// Six tenths of the way from what is behind. A color of its own and no opacity, which doubles where lines meet.
fn dimmed(front: &str, behind: &str) -> String {
    let parts = |color: &str| [1, 3, 5].map(|at| u32::from_str_radix(&color[at..at + 2], 16).expect("a color in hex"));
    let (front, behind) = (parts(front), parts(behind));
    let [red, green, blue] = [0, 1, 2].map(|part| (front[part] * 6 + behind[part] * 4) / 10);
    format!("#{red:02x}{green:02x}{blue:02x}")
}

fn color(paper: &Paper, color: Color) -> Option<String> {
    let index = match color {
        Color::Reset => return None,
        Color::Rgb(red, green, blue) => return Some(format!("#{red:02x}{green:02x}{blue:02x}")),
        Color::Black => 0,
        Color::Red => 1,
        Color::Green => 2,
        Color::Yellow => 3,
        Color::Blue => 4,
        Color::Magenta => 5,
        Color::Cyan => 6,
        Color::Gray => 7,
        Color::DarkGray => 8,
        Color::LightRed => 9,
        Color::LightGreen => 10,
        Color::LightYellow => 11,
        Color::LightBlue => 12,
        Color::LightMagenta => 13,
        Color::LightCyan => 14,
        Color::White => 15,
        Color::Indexed(index) if index < 16 => index,
        Color::Indexed(index) => return Some(cube(index)),
    };
    Some(paper.palette[usize::from(index)].to_owned())
}

/// A color of the 6×6×6 cube or of the ramp of grays behind it.
fn cube(index: u8) -> String {
    let step = |part: u8| if part == 0 { 0 } else { 55 + 40 * part };
    let [red, green, blue] = match index.checked_sub(232) {
        Some(gray) => [8 + 10 * gray; 3],
        None => [(index - 16) / 36, (index - 16) / 6 % 6, (index - 16) % 6].map(step),
    };
    format!("#{red:02x}{green:02x}{blue:02x}")
}

/// A row of the screen: what is behind the signs, the lines, and the text.
fn line(paper: &Paper, y: u32, row: &[Cell]) -> String {
    let cells: Vec<_> = shown(row).map(|(x, cell)| (x, cell, look(paper, cell))).collect();
    let top = MARGIN + y * ROW;
    let at = |x: u32| MARGIN + x * COLUMN;
    let (mut behind, mut written) = (String::new(), String::new());
    let mut strokes: BTreeMap<(&str, &str), Strokes> = BTreeMap::new();
    for same in cells.chunk_by(|(_, _, a), (_, _, b)| a == b) {
        let (first, _, look) = &same[0];
        let wide =
            |cells: &[(u32, &Cell, Look)]| cells.iter().map(|(_, cell, _)| cell.symbol().width() as u32).sum::<u32>();
        if let Some(color) = &look.behind {
            let (x, width) = (at(*first), wide(same) * COLUMN);
            let _ = write!(behind, r#"<rect x="{x}" y="{top}" width="{width}" height="{ROW}" fill="{color}"/>"#);
        }
        let strokes = strokes.entry((&look.class, &look.color)).or_default();
        let is_text = |cell: &Cell, x: u32, strokes: &mut Strokes| !strokes.draw(cell.symbol(), at(x), top);
        let text: Vec<_> = same.iter().map(|(x, cell, _)| (*x, cell.symbol(), is_text(cell, *x, strokes))).collect();
        for words in text.split(|(_, _, is_text)| !is_text) {
            let from = words.iter().position(|(_, sign, _)| *sign != " ");
            let to = words.iter().rposition(|(_, sign, _)| *sign != " ");
            let (Some(from), Some(to)) = (from, to) else { continue };
            let words = &words[from..=to];
            let signs: String = words.iter().map(|(_, sign, _)| *sign).collect();
            let (x, width, base) = (at(words[0].0), signs.width() as u32 * COLUMN, top + 13);
            let signs = signs.replace('&', "&amp;").replace('<', "&lt;");
            let (class, color) = (&look.class, &look.color);
            let _ = write!(
                written,
                "\n<text{class} x=\"{x}\" y=\"{base}\" textLength=\"{width}\" fill=\"{color}\" \
                 xml:space=\"preserve\">{signs}</text>"
            );
        }
    }
    let drawn: String = strokes.iter().map(|((class, color), strokes)| strokes.elements(class, color)).collect();
    format!("{behind}{drawn}{written}").trim_start().to_owned()
}
