//! The signs that are drawn and not written, so that lines join whatever font a viewer has: box lines and blocks.

use std::fmt::Write as _;

use super::{COLUMN, ROW};

/// Each box line with the weights of its arms to the left, to the right, up and down: 1 is light, 2 is heavy. From the
/// names of Unicode's block "Box Drawing"; rounded corners are drawn as square ones.
const ARMS: &str = "\
    ─1100 ━2200 │0011 ┃0022 ┌0101 ┍0201 ┎0102 ┏0202 ┐1001 ┑2001 ┒1002 ┓2002 └0110 ┕0210 ┖0120 ┗0220 ┘1010 ┙2010 \
    ┚1020 ┛2020 ├0111 ┝0211 ┞0121 ┟0112 ┠0122 ┡0221 ┢0212 ┣0222 ┤1011 ┥2011 ┦1021 ┧1012 ┨1022 ┩2021 ┪2012 ┫2022 \
    ┬1101 ┭2101 ┮1201 ┯2201 ┰1102 ┱2102 ┲1202 ┳2202 ┴1110 ┵2110 ┶1210 ┷2210 ┸1120 ┹2120 ┺1220 ┻2220 ┼1111 ┽2111 \
    ┾1211 ┿2211 ╀1121 ╁1112 ╂1122 ╃2121 ╄1221 ╅2112 ╆1212 ╇2221 ╈2212 ╉2122 ╊1222 ╋2222 ╭0101 ╮1001 ╯1010 ╰0110 \
    ╴1000 ╵0010 ╶0100 ╷0001 ╸2000 ╹0020 ╺0200 ╻0002 ╼1200 ╽0012 ╾2100 ╿0021";

/// Each block with the part of its cell that it fills, in eighths: from the left, from the top, width, height.
const BLOCKS: [(&str, [u32; 4]); 9] = [
    ("█", [0, 0, 8, 8]),
    ("▀", [0, 0, 8, 4]),
    ("▄", [0, 4, 8, 4]),
    ("▌", [0, 0, 4, 8]),
    ("▐", [4, 0, 4, 8]),
    ("▏", [0, 0, 1, 8]),
    ("▎", [0, 0, 2, 8]),
    ("▕", [7, 0, 1, 8]),
    ("▁", [0, 7, 8, 1]),
];

/// The strokes of one row in one style.
#[derive(Default)]
pub struct Strokes {
    /// Light and heavy lines, as the path of an SVG.
    lines: [String; 2],
    /// Where the last horizontal line ends, so that the next cell goes on with it.
    open: [Option<(u32, u32)>; 2],
    /// Filled parts.
    blocks: String,
}

impl Strokes {
    /// Draws a sign in the cell whose upper left corner is there. `false` where it is none of ours.
    pub fn draw(&mut self, sign: &str, x: u32, y: u32) -> bool {
        if let Some((_, [left, top, width, height])) = BLOCKS.iter().find(|(block, _)| *block == sign) {
            let (x, y) = (f64::from(x) + eighth(COLUMN, *left), f64::from(y) + eighth(ROW, *top));
            let (width, height) = (eighth(COLUMN, *width), eighth(ROW, *height));
            let _ = write!(self.blocks, "M{x} {y}h{width}v{height}h-{width}z");
            return true;
        }
        let Some(arms) = ARMS.split(' ').find_map(|line| line.strip_prefix(sign)).filter(|arms| arms.len() == 4) else {
            return false;
        };
        let weights: Vec<_> = arms.bytes().map(|digit| usize::from(digit - b'0')).collect();
        let (middle, center) = (x + COLUMN / 2, y + ROW / 2);
        for weight in [1, 2] {
            let [left, right, up, down] = [0, 1, 2, 3].map(|arm| weights[arm] == weight);
            if left || right {
                self.across(weight - 1, if left { x } else { middle }, if right { x + COLUMN } else { middle }, center);
            }
            if up || down {
                let (from, to) = (if up { y } else { center }, if down { y + ROW } else { center });
                let _ = write!(self.lines[weight - 1], "M{middle} {from}V{to}");
                self.open[weight - 1] = None;
            }
        }
        true
    }

    fn across(&mut self, weight: usize, from: u32, to: u32, y: u32) {
        let line = &mut self.lines[weight];
        match self.open[weight] {
            Some((start, end)) if end == from => {
                line.truncate(line.rfind('H').unwrap_or(line.len()));
                self.open[weight] = Some((start, to));
            }
            _ => {
                let _ = write!(line, "M{from} {y}");
                self.open[weight] = Some((from, to));
            }
        }
        let _ = write!(line, "H{to}");
    }

    /// The elements, in a color.
    pub fn elements(&self, class: &str, color: &str) -> String {
        let mut elements = String::new();
        for (line, width) in self.lines.iter().zip([1, 3]).filter(|(line, _)| !line.is_empty()) {
            let _ = write!(
                elements,
                r#"<path{class} d="{line}" stroke="{color}" stroke-width="{width}" stroke-linecap="square" fill="none"/>"#
            );
        }
        if !self.blocks.is_empty() {
            let _ = write!(elements, r#"<path{class} d="{}" fill="{color}"/>"#, self.blocks);
        }
        elements
    }
}

fn eighth(whole: u32, part: u32) -> f64 {
    f64::from(whole * part) / 8.0
}
