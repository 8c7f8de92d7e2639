//! Themes: what each of the roles on the screen looks like. A theme is a TOML file with a line for each role; those that
//! come with the program are in `assets/themes`, a user's own are in the folder `themes` beside the settings, or anywhere.
//!
//! ```toml
//! muted = "#9aa3b8"
//! row   = "on #2a3350"                # a background alone
//! prod  = "#101010 on #c678dd bold"
//! focus = "bright blue"               # one of the sixteen colours
//! soon  = "208 underlined"            # one of the 256
//! ```
//! What `text` is drawn on is the background of the whole screen; else that is the terminal's own.

mod color;

use std::path::{Path, PathBuf};

use toml_edit::DocumentMut;

#[cfg(test)]
use self::color::ENOUGH;
pub use self::color::{Color, Colors, Rgb};
use super::{StoreError, files};

/// What something on the screen means. Each has one look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// All that is nothing else.
    Text,
    /// Secondary.
    Muted,
    /// The border and title of the focused pane, the prompt.
    Focus,
    /// The row under the cursor.
    Row,
    /// Marked rows and their count; what has changed.
    Mark,
    /// Active, accepted, done.
    Good,
    /// Expiring; a warning.
    Soon,
    /// Expired, revoked, dead.
    Ended,
    /// Failed, rejected, alive although revoked.
    Bad,
    /// Renewable, planned, running.
    Renew,
    /// The badge of a protected environment.
    Prod,
    /// What was searched for.
    Found,
    /// Keys in bars and messages.
    Key,
    /// Numbers, true, null.
    Literal,
}

impl Role {
    /// All, each at the place of its number.
    pub const ALL: [Self; 14] = [
        Self::Text,
        Self::Muted,
        Self::Focus,
        Self::Row,
        Self::Mark,
        Self::Good,
        Self::Soon,
        Self::Ended,
        Self::Bad,
        Self::Renew,
        Self::Prod,
        Self::Found,
        Self::Key,
        Self::Literal,
    ];

    /// Its name in a theme.
    pub fn name(self) -> &'static str {
        const NAMES: [&str; 14] = [
            "text", "muted", "focus", "row", "mark", "good", "soon", "ended", "bad", "renew", "prod", "found", "key",
            "literal",
        ];
        NAMES[self as usize]
    }
}

/// How something is drawn.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub struct Paint {
    pub color: Option<Color>,
    pub background: Option<Color>,
    pub bold: bool,
    pub dim: bool,
    pub underlined: bool,
    pub reversed: bool,
}

impl Paint {
    /// Reads `#101010 on #c678dd bold`; what is wrong with it otherwise.
    fn read(text: &str) -> Result<Self, String> {
        let mut paint = Self::default();
        let (mut behind, mut bright) = (false, false);
        for word in text.split_whitespace() {
            match word {
                "on" => behind = true,
                "bright" => bright = true,
                "bold" => paint.bold = true,
                "dim" => paint.dim = true,
                "underlined" => paint.underlined = true,
                "reversed" => paint.reversed = true,
                color => {
                    let color = match color {
                        "default" => None,
                        _ => Some(Color::named(color, bright).or(color.parse().ok()).ok_or_else(|| {
                            "not a colour: write #rrggbb, 0 to 255, a name such as bright blue, or default".to_owned()
                        })?),
                    };
                    *(if behind { &mut paint.background } else { &mut paint.color }) = color;
                    (behind, bright) = (false, false);
                }
            }
        }
        if behind || bright { Err("a colour is missing at the end".to_owned()) } else { Ok(paint) }
    }

    /// Whether it needs more than the sixteen colours.
    fn is_rich(self) -> bool {
        [self.color, self.background].iter().any(|color| !matches!(color, None | Some(Color::Ansi(_))))
    }
}

/// What each role looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Theme {
    paints: [Paint; 14],
}

/// The names of the themes that come with the program, and their files.
const BUILT_IN: [(&str, &str); 7] = [
    ("dark", include_str!("../../assets/themes/dark.toml")),
    ("light", include_str!("../../assets/themes/light.toml")),
    ("high-contrast", include_str!("../../assets/themes/high-contrast.toml")),
    ("colour-blind-dark", include_str!("../../assets/themes/colour-blind-dark.toml")),
    ("colour-blind-light", include_str!("../../assets/themes/colour-blind-light.toml")),
    ("ansi", include_str!("../../assets/themes/ansi.toml")),
    ("none", include_str!("../../assets/themes/none.toml")),
];

impl Theme {
    /// One that comes with the program.
    pub fn built_in(name: &str) -> Option<Self> {
        let (_, text) = BUILT_IN.iter().find(|(known, _)| *known == name)?;
        let plain = Self { paints: [Paint::default(); 14] };
        Some(Self::read(text, plain).0)
    }

    /// Whether one comes with the program that has this name.
    pub fn is_built_in(name: &str) -> bool {
        BUILT_IN.iter().any(|(known, _)| *known == name)
    }

    /// Reads a theme, line by line, so that a mistake costs its own line alone. What it does not say is as in `rest`. The
    /// mistakes come with their lines.
    pub fn read(text: &str, rest: Self) -> (Self, Vec<(usize, String)>) {
        let mut theme = rest;
        let mut mistakes = Vec::new();
        for (number, line) in (1..).zip(text.lines()) {
            match read_line(line) {
                Ok(None) => {}
                Ok(Some((role, paint))) => theme.paints[role as usize] = paint,
                Err(mistake) => mistakes.push((number, mistake)),
            }
        }
        (theme, mistakes)
    }

    /// How a role is drawn.
    pub fn paint(&self, role: Role) -> Paint {
        self.paints[role as usize]
    }

    /// The row under the cursor of a pane that has not the focus: no more than a shade.
    pub fn quiet_row(&self) -> Paint {
        let row = self.paint(Role::Row);
        let background = match row {
            Paint { color: None, background: Some(color), reversed: false, .. } => color.rgb(),
            _ => None,
        };
        Paint { background: background.map(|color| Color::Rgb(color.grey())), ..Paint::default() }
    }

    /// The same for a terminal with so many colours. Those that it has not are the nearest that can be read as well.
    #[must_use]
    pub fn within(self, colors: Colors) -> Self {
        let instead = match colors {
            Colors::True => return self,
            Colors::None => return Self::built_in("none").unwrap_or(self),
            Colors::Ansi => Self::built_in("ansi"),
            Colors::Indexed => None,
        };
        let row = self.paint(Role::Row).background.and_then(Color::rgb);
        let behind: Vec<Rgb> =
            self.papers().into_iter().chain(row.filter(|_| self.paint(Role::Row).color.is_none())).collect();
        let fewer = |color: Option<Color>, behind: &[Rgb]| match color {
            Some(Color::Rgb(rgb)) => Some(Color::Indexed(rgb.nearest(behind))),
            other => other,
        };
        let paints = Role::ALL.map(|role| {
            let paint = self.paint(role);
            if let Some(ansi) = instead {
                return if paint.is_rich() { ansi.paint(role) } else { paint };
            }
            let background = fewer(paint.background, &[]);
            let own = background.and_then(Color::rgb);
            let color = fewer(paint.color, own.as_ref().map_or(&behind[..], std::slice::from_ref));
            Paint { color, background, ..paint }
        });
        Self { paints }
    }

    /// The backgrounds that it is made for: its own, or what dark and light terminals usually have.
    fn papers(&self) -> Vec<Rgb> {
        const DARK: [Rgb; 3] = [Rgb(0, 0, 0), Rgb(0x1e, 0x1e, 0x2e), Rgb(0x2e, 0x34, 0x40)];
        const LIGHT: [Rgb; 2] = [Rgb(255, 255, 255), Rgb(0xfd, 0xf6, 0xe3)];
        if let Some(own) = self.paint(Role::Text).background.and_then(Color::rgb) {
            return vec![own];
        }
        match self.paint(Role::Row).background.and_then(Color::rgb) {
            Some(row) if row.is_light() => LIGHT.to_vec(),
            _ => DARK.to_vec(),
        }
    }
}

/// A line of a theme; `None`: nothing is on it.
fn read_line(line: &str) -> Result<Option<(Role, Paint)>, String> {
    let document: DocumentMut =
        line.parse().map_err(|_| "not a line of a theme: write ROLE = \"COLOUR\"".to_owned())?;
    let Some((name, value)) = document.iter().next() else { return Ok(None) };
    let role = Role::ALL.into_iter().find(|role| role.name() == name).ok_or_else(|| {
        let known = Role::ALL.map(Role::name).join(", ");
        format!("not a role; there are {known}")
    })?;
    let text = value.as_str().ok_or_else(|| format!("{name} needs a text in quotes"))?;
    let paint = Paint::read(text).map_err(|mistake| format!("{name}: {mistake}"))?;
    Ok(Some((role, paint)))
}

/// The file of a theme that is named so: a path, or the name of one in the folder of themes.
pub fn path(config: &Path, name: &str) -> PathBuf {
    match name.contains('/') || name.ends_with(".toml") {
        true => config.join(files::expanded(Path::new(name))),
        false => config.join("themes").join(format!("{name}.toml")),
    }
}

/// What a theme's file says.
pub fn load(config: &Path, name: &str) -> Result<String, StoreError> {
    let text = files::read_regular(&path(config, name))?;
    Ok(String::from_utf8_lossy(&text).into_owned())
}

#[cfg(test)]
mod tests;
