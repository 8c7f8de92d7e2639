//! Colours: how they are written, how far apart they are, and what is nearest where a terminal has fewer of them.

use std::str::FromStr;

/// Red, green and blue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Rgb(pub u8, pub u8, pub u8);

/// A colour of a terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Color {
    /// One of the sixteen that a terminal's owner chooses.
    Ansi(u8),
    /// One of the 240 that are the same everywhere, from 16 on.
    Indexed(u8),
    /// Any.
    Rgb(Rgb),
}

/// How many colours may be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Colors {
    /// None: `NO_COLOR`, `--color never`, a terminal that has none.
    None,
    /// The sixteen.
    Ansi,
    /// 256.
    Indexed,
    /// All.
    True,
}

/// What text must have over what is behind it (WCAG 2.2, 1.4.3).
pub(crate) const ENOUGH: f64 = 4.5;

/// The names of the eight colours, in the order of their numbers; `bright` before one makes it another.
const NAMES: [&str; 8] = ["black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"];

impl Color {
    /// One of the sixteen by its name.
    pub(super) fn named(name: &str, bright: bool) -> Option<Self> {
        let number = NAMES.iter().position(|known| *known == name)?;
        Some(Self::Ansi(number as u8 + if bright { 8 } else { 0 }))
    }

    /// What it looks like; `None` where that is up to the terminal's owner.
    pub fn rgb(self) -> Option<Rgb> {
        match self {
            Self::Ansi(_) => None,
            Self::Indexed(index) => Some(Rgb::of_index(index)),
            Self::Rgb(rgb) => Some(rgb),
        }
    }
}

impl FromStr for Color {
    type Err = ();

    /// `#7aa2f7`, or a number of the 256.
    fn from_str(text: &str) -> Result<Self, ()> {
        if let Some(digits) = text.strip_prefix('#') {
            let hex = digits.len() == 6 && digits.bytes().all(|digit| digit.is_ascii_hexdigit());
            let number = u32::from_str_radix(digits, 16).ok().filter(|_| hex).ok_or(())?;
            let [_, red, green, blue] = number.to_be_bytes();
            return Ok(Self::Rgb(Rgb(red, green, blue)));
        }
        match text.parse().map_err(|_| ())? {
            number @ ..16 => Ok(Self::Ansi(number)),
            number => Ok(Self::Indexed(number)),
        }
    }
}

impl Rgb {
    /// A colour of the cube of 6×6×6, or a grey, which xterm and all after it agree on.
    fn of_index(index: u8) -> Self {
        const STEPS: [u8; 6] = [0, 95, 135, 175, 215, 255];
        match index {
            ..16 => Self(0, 0, 0),
            232.. => {
                let grey = 8 + 10 * (index - 232);
                Self(grey, grey, grey)
            }
            cube => {
                let step = |place: u8| STEPS[usize::from((cube - 16) / place % 6)];
                Self(step(36), step(6), step(1))
            }
        }
    }

    /// The relative luminance (WCAG 2.2).
    pub(crate) fn luminance(self) -> f64 {
        let part = |value: u8| {
            let value = f64::from(value) / 255.0;
            if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * part(self.0) + 0.7152 * part(self.1) + 0.0722 * part(self.2)
    }

    /// The contrast ratio, from 1 to 21.
    pub(crate) fn contrast(self, other: Self) -> f64 {
        let (one, two) = (self.luminance() + 0.05, other.luminance() + 0.05);
        if one > two { one / two } else { two / one }
    }

    /// Whether it is nearer to white than to black.
    pub fn is_light(self) -> bool {
        self.contrast(Self(0, 0, 0)) > self.contrast(Self(255, 255, 255))
    }

    /// The grey of the same luminance.
    pub(super) fn grey(self) -> Self {
        let wanted = self.luminance();
        let distance = |value: &u8| (Self(*value, *value, *value).luminance() - wanted).abs();
        let grey = (0..=255).min_by(|a, b| distance(a).total_cmp(&distance(b))).unwrap_or_default();
        Self(grey, grey, grey)
    }

    /// The nearest of the 240 that every terminal with 256 colours has; of those that have enough contrast over all of
    /// these, if the colour itself has it.
    pub(super) fn nearest(self, behind: &[Self]) -> u8 {
        let legible = |color: Self| behind.iter().all(|behind| color.contrast(*behind) >= ENOUGH);
        let must = legible(self);
        let fitting = (16..=255).filter(|index| !must || legible(Self::of_index(*index)));
        fitting.min_by_key(|index| self.distance(Self::of_index(*index))).unwrap_or(if self.is_light() {
            231
        } else {
            16
        })
    }

    /// How different two colours look, roughly ("redmean").
    fn distance(self, other: Self) -> i64 {
        let difference = |a: u8, b: u8| (i64::from(a) - i64::from(b)).pow(2);
        let mean = (i64::from(self.0) + i64::from(other.0)) / 2;
        (((512 + mean) * difference(self.0, other.0)) >> 8)
            + 4 * difference(self.1, other.1)
            + (((767 - mean) * difference(self.2, other.2)) >> 8)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contrast_is_what_the_guidelines_say() {
        let (black, white, grey) = (Rgb(0, 0, 0), Rgb(255, 255, 255), Rgb(0x76, 0x76, 0x76));
        assert_eq!((black.contrast(white), white.contrast(white)), (21.0, 1.0));
        // The grey that is known for being just enough on white.
        assert!((4.54..4.55).contains(&grey.contrast(white)), "{}", grey.contrast(white));
    }

    #[test]
    fn colours_are_read_as_they_are_written() {
        assert_eq!("#7aa2f7".parse(), Ok(Color::Rgb(Rgb(0x7a, 0xa2, 0xf7))));
        assert_eq!(("9".parse(), "208".parse()), (Ok(Color::Ansi(9)), Ok(Color::Indexed(208))));
        for wrong in ["", "#", "#12345", "#1234567", "#12345g", "#+12345", "256", "-1", "red"] {
            assert_eq!(wrong.parse::<Color>(), Err(()), "{wrong}");
        }
        assert_eq!(Rgb::of_index(208), Rgb(255, 135, 0));
        assert_eq!(Rgb::of_index(244), Rgb(128, 128, 128));
    }

    #[test]
    fn the_nearest_colour_is_not_taken_where_it_cannot_be_read() {
        let (white, paper) = (Rgb(255, 255, 255), Rgb(0xfd, 0xf6, 0xe3));
        let brown = Rgb(0x7d, 0x52, 0x00);
        let near = Rgb::of_index(brown.nearest(&[white, paper]));
        assert!(near.contrast(paper) >= ENOUGH, "{near:?}");
        assert_eq!(Rgb(0xff, 0x87, 0x00).nearest(&[]), 208);
        assert_eq!(Rgb(0x80, 0x80, 0x80).nearest(&[Rgb(0x70, 0x70, 0x70)]), 244, "nor could it be read before");
    }
}
