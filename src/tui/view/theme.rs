//! Colours: the sixteen that the user's terminal has, so that they suit its background. Without colour (`NO_COLOR`)
//! words, signs and weight say the same.

use std::borrow::Cow;

use ratatui::style::{Color, Modifier, Style};

use crate::tui::app::{badge::Badge, page::Tone};

/// What the app means, as styles.
#[derive(Debug, Clone, Copy)]
pub(super) struct Theme {
    pub(super) color: bool,
}

impl Theme {
    fn fg(self, color: Color) -> Style {
        if self.color { Style::new().fg(color) } else { Style::new() }
    }

    pub(super) fn plain(self) -> Style {
        Style::new()
    }

    pub(super) fn strong(self) -> Style {
        Style::new().add_modifier(Modifier::BOLD)
    }

    pub(super) fn muted(self) -> Style {
        Style::new().add_modifier(Modifier::DIM)
    }

    pub(super) fn accent(self) -> Style {
        self.fg(Color::Cyan)
    }

    pub(super) fn tone(self, tone: Tone) -> Style {
        match tone {
            Tone::Plain => self.plain(),
            Tone::Heading => self.strong(),
            Tone::Muted => self.muted(),
            Tone::Accent => self.accent(),
            Tone::Good => self.fg(Color::Green),
            Tone::Warn => self.fg(Color::Yellow),
            Tone::Bad => self.fg(Color::Red),
        }
    }

    pub(super) fn border(self, focused: bool) -> Style {
        if focused { self.accent() } else { self.muted() }
    }

    pub(super) fn heading(self, focused: bool) -> Style {
        if focused { self.accent().add_modifier(Modifier::BOLD) } else { self.plain() }
    }

    /// A key in a bar.
    pub(super) fn key(self) -> Style {
        self.accent().add_modifier(Modifier::BOLD)
    }

    /// The thumb that tells how much of a list is on screen.
    pub(super) fn thumb(self, focused: bool) -> Style {
        self.border(focused)
    }

    /// The bar at the left of the row under the cursor.
    pub(super) fn marker(self, focused: bool) -> Style {
        if focused { self.accent() } else { self.muted() }
    }

    /// The marker of a time travel, unmistakable without colour, too.
    pub(super) fn traveller(self) -> Style {
        self.fg(Color::Yellow).add_modifier(Modifier::REVERSED | Modifier::BOLD)
    }

    /// The cursor in a line that is being typed.
    pub(super) fn caret(self) -> Style {
        Style::new().add_modifier(Modifier::REVERSED)
    }

    /// What was searched for, where it is.
    pub(super) fn found(self) -> Style {
        self.fg(Color::Yellow).patch(self.caret())
    }

    /// A value that is no string: digits, `true`, `null`.
    pub(super) fn literal(self) -> Style {
        self.fg(Color::Magenta)
    }

    /// The segments of a raw token, of which there are three or five: header and content have the same colour in both.
    pub(super) fn segment(self, index: usize, count: usize) -> Style {
        const JWS: [Color; 3] = [Color::Magenta, Color::Cyan, Color::Blue];
        const JWE: [Color; 5] = [Color::Magenta, Color::Yellow, Color::Green, Color::Cyan, Color::Blue];
        self.fg(if count == JWS.len() { JWS[index.min(2)] } else { JWE[index.min(4)] })
    }

    /// The bytes that a defect blames.
    pub(super) fn defect(self) -> Style {
        self.fg(Color::Red).patch(self.caret())
    }

    /// The badge of a protected environment.
    pub(super) fn protected(self) -> Style {
        self.fg(Color::Magenta).add_modifier(Modifier::REVERSED | Modifier::BOLD)
    }

    /// The badge of an environment and the blank behind it: a protected one is filled, with or without colours.
    pub(super) fn badge(self, badge: &Badge) -> [(Cow<'static, str>, Style); 2] {
        let style = if badge.protected { self.protected() } else { self.muted() };
        [(badge.text.clone().into(), style), (" ".into(), self.plain())]
    }
}
