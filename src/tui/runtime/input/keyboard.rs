//! From bytes to the keys of the app.

use termina::{
    Event, Parser,
    event::{KeyCode as Code, KeyEvent, KeyEventKind, Modifiers, MouseButton, MouseEvent, MouseEventKind},
};

use crate::tui::app::{
    key::{Key, KeyCode},
    mouse::{Mouse, MouseKind},
};

/// The key that sends this character, control characters included.
pub(super) fn of_char(c: char) -> Key {
    match c {
        '\r' | '\n' => Key::plain(KeyCode::Enter),
        '\t' => Key::plain(KeyCode::Tab),
        '\x08' | '\x7f' => Key::plain(KeyCode::Backspace),
        '\x1b' => Key::plain(KeyCode::Esc),
        '\0' => Key::ctrl(' '),
        '\x01'..='\x1f' => {
            let letter = char::from_u32(u32::from(c) + 0x40).expect("0x41 to 0x5f are characters");
            Key::ctrl(letter.to_ascii_lowercase())
        }
        c => Key::char(c),
    }
}

/// What a whole escape sequence tells.
pub(super) enum Told {
    Key(Key),
    Mouse(Mouse),
    /// The terminal has the user's attention, or has it no more.
    Focused(bool),
}

/// What a whole escape sequence tells; `None` for what is nothing of ours: replies, releases, unknown keys.
pub(super) fn of_sequence(sequence: &[u8]) -> Option<Told> {
    if let [_, b'[' | b'O', _, ..] = sequence {
        // A parser of its own for each sequence: one that it cannot finish must not spoil the next.
        let mut parser = Parser::default();
        parser.parse(sequence, false);
        return parser.pop().and_then(|event| of_event(&event));
    }
    let text = std::str::from_utf8(sequence.get(1..)?).ok()?;
    let mut chars = text.chars();
    match (chars.next(), chars.next()) {
        (Some(c), None) => Some(Told::Key(Key { alt: true, ..of_char(c) })),
        _ => None,
    }
}

fn of_event(event: &Event) -> Option<Told> {
    match event {
        Event::Key(event) => of_key(event).map(Told::Key),
        Event::Mouse(event) => of_mouse(event).map(Told::Mouse),
        Event::FocusIn => Some(Told::Focused(true)),
        Event::FocusOut => Some(Told::Focused(false)),
        _ => None,
    }
}

/// Buttons but the left and the middle one mean nothing.
fn of_mouse(event: &MouseEvent) -> Option<Mouse> {
    let kind = match event.kind {
        MouseEventKind::Down(MouseButton::Left) => MouseKind::Press,
        MouseEventKind::Down(MouseButton::Middle) => MouseKind::Paste,
        MouseEventKind::Up(MouseButton::Left) => MouseKind::Release,
        MouseEventKind::Drag(MouseButton::Left) => MouseKind::Drag,
        MouseEventKind::ScrollUp => MouseKind::WheelUp,
        MouseEventKind::ScrollDown => MouseKind::WheelDown,
        _ => return None,
    };
    let ctrl = event.modifiers.contains(Modifiers::CONTROL);
    Some(Mouse { kind, column: event.column, row: event.row, ctrl })
}

fn of_key(event: &KeyEvent) -> Option<Key> {
    let shift = event.modifiers.contains(Modifiers::SHIFT);
    if event.kind == KeyEventKind::Release
        || event.modifiers.intersects(Modifiers::SUPER | Modifiers::HYPER | Modifiers::META)
    {
        return None;
    }
    let ctrl = event.modifiers.contains(Modifiers::CONTROL);
    let code = match event.code {
        // Shift is part of a character; Control knows no case.
        Code::Char(c) if ctrl => KeyCode::Char(c.to_ascii_lowercase()),
        Code::Char(c) if shift => KeyCode::Char(upper(c)),
        Code::Char(c) => KeyCode::Char(c),
        Code::Enter => KeyCode::Enter,
        Code::Escape => KeyCode::Esc,
        Code::Tab if shift => KeyCode::BackTab,
        Code::Tab => KeyCode::Tab,
        Code::BackTab => KeyCode::BackTab,
        Code::Backspace => KeyCode::Backspace,
        Code::Delete => KeyCode::Delete,
        Code::Up => KeyCode::Up,
        Code::Down => KeyCode::Down,
        Code::Left => KeyCode::Left,
        Code::Right => KeyCode::Right,
        Code::Home => KeyCode::Home,
        Code::End => KeyCode::End,
        Code::PageUp => KeyCode::PageUp,
        Code::PageDown => KeyCode::PageDown,
        Code::Function(n) => KeyCode::F(n),
        _ => return None,
    };
    Some(Key { code, ctrl, alt: event.modifiers.contains(Modifiers::ALT) })
}

fn upper(c: char) -> char {
    let mut upper = c.to_uppercase();
    match (upper.next(), upper.next()) {
        (Some(single), None) => single,
        _ => c,
    }
}
