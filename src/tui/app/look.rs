//! How the screen looks: the theme that the settings want, as far as the terminal can show it; its signs, and how much moves.

use super::{
    Model,
    keymap::Action,
    message::{Effect, Effects},
    notices::Level,
};
pub use crate::store::theme::Colors;
use crate::store::{
    config::{Glyphs, Motion},
    state::{Background, Change},
    theme::Theme,
};

/// What is known of the terminal at the start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terminal {
    /// How many colours it has that may be used.
    pub colors: Colors,
    /// What it calls itself: its background is remembered under this.
    pub name: String,
    /// The user wants less motion, whatever the settings say.
    pub calm: bool,
}

impl Terminal {
    /// One that has so many colours, and of which nothing else is known.
    pub fn new(colors: Colors) -> Self {
        Self { colors, name: String::new(), calm: false }
    }
}

/// How the screen looks.
#[derive(Debug)]
pub(crate) struct Look {
    /// What the view draws with.
    pub(crate) theme: Theme,
    /// Only ASCII is drawn, as far as it is ours.
    pub(crate) ascii: bool,
    /// Countdowns step by ten seconds above a minute, and nothing comes with a delay.
    pub(crate) calm: bool,
    terminal: Terminal,
    background: Option<Background>,
    /// Its `●` takes two columns.
    wide_signs: bool,
    /// The theme that was chosen for this run, instead of what the settings say.
    chosen: Option<String>,
    /// A theme of the user's: its name, and what the file says, once it is read.
    file: Option<(String, Option<String>)>,
}

impl Look {
    /// Before the settings are known.
    pub(super) fn new(terminal: Terminal, background: Option<Background>) -> Self {
        let (theme, calm) = (fitting(background).within(terminal.colors), terminal.calm);
        Self { theme, ascii: false, calm, terminal, background, wide_signs: false, chosen: None, file: None }
    }
}

/// What suits a background; the terminal's own colours suit all.
fn fitting(background: Option<Background>) -> Theme {
    built_in(meant("auto", background))
}

fn built_in(name: &str) -> Theme {
    Theme::built_in(name).expect("it is built in")
}

/// The theme that a name stands for, by the name of its file.
fn meant(name: &str, background: Option<Background>) -> &str {
    match (name, background) {
        ("auto", Some(Background::Dark)) => "dark",
        ("auto", Some(Background::Light)) => "light",
        ("auto", None) => "ansi",
        ("colour-blind", Some(Background::Light)) => "colour-blind-light",
        ("colour-blind", _) => "colour-blind-dark",
        (name, _) => name,
    }
}

/// The settings were read: a theme of the user's is read as well, again.
pub(super) fn configured(model: &mut Model) {
    model.look.file = None;
    apply(model);
}

/// The themes that can be taken by name, in the order in which they follow each other.
pub(super) const NAMES: [&str; 6] = ["auto", "dark", "light", "high-contrast", "colour-blind", "ansi"];

/// The theme that is wanted.
fn wanted(model: &Model) -> &str {
    model.look.chosen.as_deref().unwrap_or(&model.config.ui.theme)
}

pub(super) fn offer_next(model: &Model) -> Option<Action> {
    let at = NAMES.iter().position(|name| *name == wanted(model));
    Some(Action::TakeTheme(NAMES[at.map_or(0, |at| at + 1) % NAMES.len()]))
}

/// Takes another theme until the program ends.
pub(super) fn take(model: &mut Model, name: &'static str) {
    model.look.chosen = Some(name.to_owned());
    model.look.file = None;
    apply(model);
    model.tell(Level::Info, &format!("Theme: {name}, until tokscope ends. [ui] theme in config.toml keeps one."));
}

/// Asks for the file of the theme, if it is wanted and not asked for yet.
pub(super) fn read(model: &mut Model) -> Effects {
    let Model { look, config, .. } = model;
    let name = look.chosen.as_ref().unwrap_or(&config.ui.theme);
    if look.file.is_some() || Theme::is_built_in(meant(name, look.background)) {
        return Effects::none();
    }
    look.file = Some((name.clone(), None));
    Effect::ReadTheme(name.clone()).into()
}

/// The file of a theme was read, or could not be.
pub(super) fn read_was(model: &mut Model, name: &str, file: Result<String, String>) {
    if model.look.file.as_ref().is_none_or(|(wanted, _)| wanted != name) {
        return;
    }
    match file {
        Ok(text) => {
            let mistakes = Theme::read(&text, fitting(None)).1;
            if let Some((line, mistake)) = mistakes.first() {
                let more = match mistakes.len() - 1 {
                    0 => String::new(),
                    1 => "; one more line is wrong".to_owned(),
                    more => format!("; {more} more lines are wrong"),
                };
                let words = format!("Theme {name}, line {line}: {mistake}{more}. The other lines count.");
                model.advise(None, Level::Warning, &words, super::MEND);
            }
            model.look.file = Some((name.to_owned(), Some(text)));
        }
        Err(why) => {
            let words = format!("Theme {name} could not be read: {why}");
            model.advise(None, Level::Warning, &words, super::MEND);
        }
    }
    apply(model);
}

/// The terminal has told its background: it is remembered for the first frame of the next start.
pub(super) fn background_told(model: &mut Model, background: Background) -> Effects {
    if model.look.background.replace(background) == Some(background) {
        return Effects::none();
    }
    apply(model);
    model.remember(Change::Background(model.look.terminal.name.clone(), background))
}

/// The terminal has told how wide it draws a `●`. Where that is not one column, no sign would be where it belongs.
pub(super) fn sign_width_told(model: &mut Model, columns: u16) {
    model.look.wide_signs = columns != 1;
    apply(model);
}

/// Settings, terminal and file, brought together.
fn apply(model: &mut Model) {
    let Model { look, config, .. } = model;
    let name = look.chosen.as_ref().unwrap_or(&config.ui.theme);
    let of_file = || {
        let (_, text) = look.file.as_ref().filter(|(read, _)| read == name)?;
        Some(Theme::read(text.as_ref()?, fitting(look.background)).0)
    };
    let named = Theme::built_in(meant(name, look.background));
    let wanted = named.or_else(of_file).unwrap_or_else(|| fitting(look.background));
    look.theme = wanted.within(look.terminal.colors);
    look.ascii = match config.ui.glyphs {
        Glyphs::Auto => look.wide_signs,
        Glyphs::Unicode => false,
        Glyphs::Ascii => true,
    };
    look.calm = look.terminal.calm || config.ui.motion == Motion::Reduced;
}
