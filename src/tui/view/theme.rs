//! What the app means, as styles. Each role has one look, and the theme has them all: nothing else names a colour.

use std::borrow::Cow;

use ratatui::{
    buffer::Cell,
    style::{Color, Modifier, Style},
};

use crate::{
    store::theme::{Color as Ink, Paint, Rgb, Role, Theme as Table},
    tui::app::{badge::Badge, page::Tone},
};

/// The styles of all roles.
#[derive(Debug, Clone, Copy)]
pub(super) struct Theme {
    styles: [Style; 14],
    quiet_row: Style,
}

impl Theme {
    pub(super) fn new(theme: &Table) -> Self {
        let mut styles = Role::ALL.map(|role| style(theme.paint(role)));
        // Text in the line of a border is text.
        styles[Role::Text as usize].fg.get_or_insert(Color::Reset);
        Self { styles, quiet_row: style(theme.quiet_row()) }
    }

    fn of(self, role: Role) -> Style {
        self.styles[role as usize]
    }

    /// Text that is nothing else.
    pub(super) fn plain(self) -> Style {
        self.of(Role::Text)
    }

    /// What a line is about.
    pub(super) fn strong(self) -> Style {
        self.plain().add_modifier(Modifier::BOLD)
    }

    pub(super) fn muted(self) -> Style {
        self.of(Role::Muted)
    }

    /// A prompt, a caret, the focused pane.
    pub(super) fn focus(self) -> Style {
        self.of(Role::Focus)
    }

    /// What is marked, and what has changed.
    pub(super) fn mark(self) -> Style {
        self.of(Role::Mark)
    }

    /// What runs or will run by itself.
    pub(super) fn renew(self) -> Style {
        self.of(Role::Renew)
    }

    /// A key that can be pressed.
    pub(super) fn key(self) -> Style {
        self.of(Role::Key)
    }

    pub(super) fn tone(self, tone: Tone) -> Style {
        match tone {
            Tone::Plain => self.plain(),
            Tone::Heading => self.strong(),
            Tone::Muted => self.muted(),
            Tone::Good => self.of(Role::Good),
            Tone::Warn => self.of(Role::Soon),
            Tone::Ended => self.of(Role::Ended),
            Tone::Bad => self.of(Role::Bad),
            Tone::Renew => self.renew(),
        }
    }

    pub(super) fn border(self, focused: bool) -> Style {
        if focused { self.focus() } else { self.muted() }
    }

    pub(super) fn heading(self, focused: bool) -> Style {
        if focused { self.focus().add_modifier(Modifier::BOLD) } else { self.plain() }
    }

    /// The thumb that tells how much of a list is on screen.
    pub(super) fn thumb(self, focused: bool) -> Style {
        self.border(focused)
    }

    /// The bar at the left of the row under the cursor.
    pub(super) fn marker(self, focused: bool) -> Style {
        self.border(focused)
    }

    /// A cell of the row under the cursor. What is filled stays so; what has a colour keeps it, unless the row has one.
    pub(super) fn highlight(self, cell: &mut Cell, focused: bool) {
        let row = if focused { self.of(Role::Row) } else { self.quiet_row };
        let paper = self.plain().bg.unwrap_or_default();
        if cell.bg != paper || cell.modifier.contains(Modifier::REVERSED) {
            return;
        }
        if row.add_modifier.contains(Modifier::REVERSED) {
            // Else each colour would be a background of its own.
            cell.set_fg(Color::Reset);
        }
        cell.set_style(row);
    }

    /// The marker of a time travel, unmistakable without colour, too.
    pub(super) fn traveller(self) -> Style {
        self.of(Role::Soon).add_modifier(Modifier::REVERSED | Modifier::BOLD)
    }

    /// The cursor in a line that is being typed.
    pub(super) fn caret(self) -> Style {
        self.focus().add_modifier(Modifier::REVERSED)
    }

    /// What was searched for, where it is.
    pub(super) fn found(self) -> Style {
        self.of(Role::Found)
    }

    /// A value that is no string: digits, `true`, `null`.
    pub(super) fn literal(self) -> Style {
        self.of(Role::Literal)
    }

    /// The segments of a raw token, by weight: the header, what it says (of a JWE all that is encrypted), what proves it.
    pub(super) fn segment(self, index: usize, count: usize) -> Style {
        match index {
            0 => self.strong(),
            last if last + 1 == count => self.muted(),
            _ => self.plain(),
        }
    }

    /// The light squares of a code for a camera, which reads black on white in every theme. Without colours the terminal's
    /// ink is white enough where it is dark.
    pub(super) fn code(self) -> Style {
        let colored = self.of(Role::Good).fg.is_some();
        if colored { Style::new().fg(Color::Indexed(15)).bg(Color::Indexed(0)) } else { self.plain() }
    }

    /// The bytes that a defect blames.
    pub(super) fn defect(self) -> Style {
        self.of(Role::Bad).add_modifier(Modifier::REVERSED)
    }

    /// What a cell is drawn over with: nothing of what was there shines through.
    pub(super) fn over(self) -> Style {
        Style::reset().patch(self.plain())
    }

    /// How a cell beneath a dialog is drawn: without colour and weight, unless it belongs to the badge of a protected environment.
    pub(super) fn dim(self) -> impl Fn(&mut Cell) {
        let looks = |style| {
            let mut cell = Cell::default();
            cell.set_style(self.over().patch(style));
            (cell.fg, cell.bg, cell.modifier)
        };
        let (badge, muted) = (looks(self.of(Role::Prod)), looks(self.muted()));
        move |cell| {
            if (cell.fg, cell.bg, cell.modifier) != badge {
                (cell.fg, cell.bg, cell.modifier) = muted;
            }
        }
    }

    /// The badge of an environment and the blank behind it: a protected one is filled, with or without colours.
    pub(super) fn badge(self, badge: &Badge) -> [(Cow<'static, str>, Style); 2] {
        let style = if badge.protected { self.of(Role::Prod) } else { self.muted() };
        [(badge.text.clone().into(), style), (" ".into(), self.plain())]
    }
}

fn style(paint: Paint) -> Style {
    let Paint { color, background, bold, dim, underlined, reversed } = paint;
    let modifiers = [
        (bold, Modifier::BOLD),
        (dim, Modifier::DIM),
        (underlined, Modifier::UNDERLINED),
        (reversed, Modifier::REVERSED),
    ];
    let on = modifiers.into_iter().filter(|(on, _)| *on).map(|(_, modifier)| modifier);
    let style = Style { fg: color.map(in_ratatui), bg: background.map(in_ratatui), ..Style::new() };
    style.add_modifier(on.collect())
}

fn in_ratatui(color: Ink) -> Color {
    match color {
        Ink::Ansi(index) | Ink::Indexed(index) => Color::Indexed(index),
        Ink::Rgb(Rgb(red, green, blue)) => Color::Rgb(red, green, blue),
    }
}
