//! The steps of a walk: keys and clicks, which are counted, and what must be seen.

use crate::support::screen::{Screen, click};

/// A step.
#[derive(Clone)]
pub(super) enum Step<'a> {
    /// Keys by their names, with blanks between them.
    Keys(&'static str),
    /// What is typed into a field. It is not counted.
    Field(&'a str),
    /// The terminal's own paste.
    Paste(fn() -> String),
    /// A click at the hint of this key in the bars.
    Hint(&'static str),
    /// A click at the first place of these words.
    Click(&'static str),
    /// A click there, which they do not survive: where they have moved meanwhile it is made again.
    Leaves(&'static str),
    /// A click there with Control held, which marks.
    Mark(&'static str),
    /// A double click there.
    Double(&'static str),
    /// These words stand on the screen.
    Sees(&'static str),
    /// They are gone.
    Loses(&'static str),
    /// Questions with these words come one after the other, and each is skipped by this.
    Skips(&'static Step<'static>, &'static [&'static str]),
    /// Something with these words was copied.
    Copies(&'static str),
}

impl Step<'_> {
    pub(super) fn count(&self) -> usize {
        match self {
            Self::Keys(names) => names.split(' ').count(),
            Self::Hint(_) | Self::Click(_) | Self::Leaves(_) | Self::Mark(_) => 1,
            Self::Double(_) => 2,
            Self::Skips(by, questions) => by.count() * questions.len(),
            Self::Field(_) | Self::Paste(_) | Self::Sees(_) | Self::Loses(_) | Self::Copies(_) => 0,
        }
    }

    #[track_caller]
    pub(super) fn take(&self, screen: &mut Screen, wanted: &str) {
        match *self {
            Self::Keys(names) => screen.press(&names.split(' ').map(bytes).collect::<String>()),
            Self::Field(text) => screen.press(text),
            Self::Paste(text) => screen.paste(&text()),
            Self::Hint(key) => _ = at(screen, wanted, key, hint, NO_KEY),
            Self::Click(words) => _ = at(screen, wanted, words, Screen::place, NO_KEY),
            Self::Leaves(words) => loop {
                let clicked = at(screen, wanted, words, Screen::place, NO_KEY);
                screen.wait_until(&format!("{wanted}: no {words:?}"), |screen| screen.place(words) != Some(clicked));
                if screen.place(words).is_none() {
                    return;
                }
            },
            Self::Mark(words) => _ = at(screen, wanted, words, Screen::place, CONTROL),
            Self::Double(words) => {
                at(screen, wanted, words, Screen::place, NO_KEY);
                at(screen, wanted, words, Screen::place, NO_KEY);
            }
            Self::Sees(words) => {
                screen.wait_until(&format!("{wanted}: {words:?}"), |screen| screen.text().contains(words));
            }
            Self::Loses(words) => {
                screen.wait_until(&format!("{wanted}: no {words:?}"), |screen| !screen.text().contains(words));
            }
            Self::Skips(by, questions) => {
                let mut left = questions.to_vec();
                while !left.is_empty() {
                    let asked = |screen: &Screen| left.iter().position(|words| screen.text().contains(words));
                    screen.wait_until(&format!("{wanted}: one of {left:?}"), |screen| asked(screen).is_some());
                    let words = left.remove(asked(screen).unwrap());
                    by.take(screen, wanted);
                    Self::Loses(words).take(screen, wanted);
                }
            }
            Self::Copies(words) => screen.wait_until(&format!("{wanted}: {words:?} copied"), |screen| {
                screen.copied().last().is_some_and(|copy| copy.contains(words))
            }),
        }
    }
}

/// The keys that are held at a click, as the terminal counts them.
const NO_KEY: u8 = 0;
const CONTROL: u8 = 16;

/// A column and a row.
type At = (usize, usize);

/// Clicks there, and tells where that was.
#[track_caller]
fn at(screen: &mut Screen, wanted: &str, words: &str, place: fn(&Screen, &str) -> Option<At>, held: u8) -> At {
    screen.wait_until(&format!("{wanted}: {words:?} to click at"), |screen| place(screen, words).is_some());
    let clicked = place(screen, words).unwrap();
    screen.press(&click(clicked).replace("[<0;", &format!("[<{held};")));
    clicked
}

/// Where the hint of a key is: in the last two rows, with blanks around the key.
fn hint(screen: &Screen, key: &str) -> Option<(usize, usize)> {
    let (column, row) = screen.place_below(&format!(" {key} "))?;
    (row + 1 >= screen.text().lines().count()).then_some((column + 1, row))
}

/// What the terminal sends for a key.
fn bytes(name: &str) -> String {
    let named = match name {
        "Enter" => "\r",
        "Esc" => "\x1b",
        "Space" => " ",
        "^S" => "\x13",
        "Down" => "\x1b[B",
        _ => name,
    };
    assert!(named.chars().count() == 1 || named.starts_with('\x1b'), "no key {name:?}");
    named.to_owned()
}

/// Puts the cursor of all tokens on this one.
#[track_caller]
pub(super) fn start(screen: &mut Screen, from: &str) {
    screen.press("2g");
    screen.wait_until("the first token", |screen| subject(screen).as_deref() == Some(FIRST));
    loop {
        let now = subject(screen).unwrap();
        if now == from {
            return;
        }
        screen.press("j");
        screen.wait_until(from, |screen| subject(screen).is_some_and(|next| next != now));
    }
}

/// The first token of the demo.
const FIRST: &str = "PROD grades-worker access";

/// What the keys act on, as the bar of its keys begins.
fn subject(screen: &Screen) -> Option<String> {
    let text = screen.text();
    let bar = text.lines().rev().find_map(|line| line.split_once(":  "))?;
    Some(bar.0.trim().to_owned())
}

/// Nothing stands over the panes, and all tokens are shown.
#[track_caller]
pub(super) fn is_back(screen: &mut Screen, wanted: &str) {
    screen.wait_until(&format!("{wanted}: back at all tokens"), |screen| {
        let text = screen.text();
        let title = text.lines().find_map(|line| line.split_once("━ 2 Tokens  All  "));
        title.is_some_and(|(_, count)| !count.contains(" of ")) && subject(screen).is_some()
    });
}

/// The seconds of the clock in the title.
pub(super) fn clock(screen: &Screen) -> Option<u32> {
    let text = screen.text();
    let time = text.lines().next()?.trim_end().strip_suffix('Z')?.rsplit_once(' ')?.1;
    time.split(':').try_fold(0, |seconds, part| Some(seconds * 60 + part.parse::<u32>().ok()?))
}
