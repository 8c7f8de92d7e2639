//! "What if exp were …": a JWT's claims and header are changed in a text, and a new token is made of them.
//!
//! ```text
//! writing ─ ^S ─► choosing how to sign ─┬─► without a key ──────────────► a new row, marked as made here
//!    ▲                                  ├─► a secret is typed ──────────►
//!    └───────── what is wrong ◄─────────┴─► a path is typed ─► reading ─►
//! ```
//! What is chosen and typed on the way stands over the editor; whatever goes wrong, the text stays as it is.

mod buffer;
mod sign;

pub(crate) use self::buffer::Buffer;
pub(crate) use self::sign::SignWith;
pub(super) use self::sign::{SIGNATURES, choose_signature, keys_read, read_key_file, sign_by, sign_with_secret};
use super::{
    Model,
    input::Edit,
    keymap::Action,
    list::Motion,
    mode::{Mode, Question},
    page,
    tokens::Row,
};
use crate::{
    clock::{self, Timestamp},
    token::{
        Format, claim,
        json::Json,
        sign::{SignError, object},
    },
};

/// The editor.
#[derive(Debug)]
pub(crate) struct Editor {
    /// What is edited, in words. Sanitized.
    pub(crate) words: String,
    pub(super) original: Row,
    pub(crate) parts: [EditedPart; 2],
    /// Which part is on screen.
    pub(crate) open: usize,
    /// Why no token was made; sanitized.
    pub(crate) problem: Option<String>,
    /// The path that was typed last.
    pub(super) path: String,
}

/// The claims or the header.
#[derive(Debug)]
pub(crate) struct EditedPart {
    /// `claims`, `header`.
    pub(crate) name: &'static str,
    pub(crate) buffer: Buffer,
    /// The text that the editor opened with.
    opened_as: String,
    /// The text in the token.
    original: String,
    /// Where it stops being a JSON object.
    pub(crate) mistake: Option<SignError>,
}

impl EditedPart {
    fn new(name: &'static str, json: &Json) -> Self {
        // What cannot be read is shown as it stands: nothing of it may get lost.
        let text = if json.error().is_some() { json.text().to_owned() } else { json.pretty(0) };
        let mut part = Self {
            name,
            buffer: Buffer::holding(&text),
            opened_as: text,
            original: json.text().to_owned(),
            mistake: None,
        };
        part.check();
        part
    }

    fn is_changed(&self) -> bool {
        self.buffer.text() != self.opened_as
    }

    fn check(&mut self) {
        self.mistake = object(self.name, self.buffer.text()).err();
    }

    /// What goes into the token: the very bytes it had, unless they were changed; else JSON on one line.
    fn result(&self) -> String {
        match self.is_changed() {
            false => self.original.clone(),
            true => Json::parse(self.buffer.text()).compact(0),
        }
    }
}

impl Editor {
    /// Whether there is something to undo in the open part, or to do again.
    pub(super) fn can(&self, edit: Edit) -> bool {
        self.parts[self.open].buffer.can(edit)
    }

    /// Puts the cursor of the open part somewhere.
    pub(super) fn point(&mut self, line: usize, column: usize) {
        self.parts[self.open].buffer.move_to(line, column);
    }

    /// Whether anything was changed.
    fn is_changed(&self) -> bool {
        self.parts.iter().any(EditedPart::is_changed)
    }

    fn part(&mut self) -> &mut EditedPart {
        &mut self.parts[self.open]
    }

    /// Changes the text.
    pub(super) fn edit(&mut self, edit: Edit) {
        self.write(|buffer| match edit {
            Edit::Insert('\n') => buffer.break_line(),
            edit => buffer.edit(edit),
        });
    }

    /// Puts a pasted text in.
    pub(super) fn paste(&mut self, text: &str) {
        self.write(|buffer| buffer.paste(text));
    }

    fn write(&mut self, change: impl FnOnce(&mut Buffer)) {
        change(&mut self.part().buffer);
        self.part().check();
        self.problem = None;
    }

    /// What the date on the cursor's line means; `None` on a line without one.
    pub(crate) fn date(&self, now: Timestamp) -> Option<String> {
        let part = &self.parts[self.open];
        let line = part.buffer.lines().nth(part.buffer.place().0)?.trim().trim_end_matches(',');
        let kind = if part.name == "header" { claim::Part::Header } else { claim::Part::Claims };
        let json = Json::parse(format!("{{{line}}}"));
        let time = claim::date(&json, 1, kind).filter(|_| json.error().is_none())?;
        Some(format!("{} · {}", clock::utc(time), clock::relative(time, now)))
    }

    /// Moves in the text.
    pub(super) fn go(&mut self, motion: Motion, page: usize) {
        self.part().buffer.go(motion, page);
    }
}

/// How many lines of the text are on screen: the last row says what is wrong.
pub(crate) fn page_height(size: (u16, u16)) -> usize {
    page::area(size).1.saturating_sub(1).max(1)
}

pub(super) fn settle(model: &mut Model) {
    let height = page_height(model.size);
    if let Some(editor) = model.modes.editor_mut() {
        editor.part().buffer.settle(height);
    }
}

pub(super) fn offer(model: &Model) -> Option<Action> {
    // What is written is not compressed, which the header of a health card would still say.
    let row = model.tokens.selected().filter(|row| row.token.format() != Some(Format::HealthCard))?;
    row.token.claims().map(|_| Action::EditToken)
}

pub(super) fn open(model: &mut Model) {
    let Some(row) = model.tokens.selected() else { return };
    let (Some(claims), Some(header)) = (row.token.claims(), row.token.header()) else { return };
    let parts = [EditedPart::new("claims", claims), EditedPart::new("header", header)];
    let (words, original) = (row.words(), row.clone());
    let (problem, path) = (None, String::new());
    model.modes.push(Mode::Edit(Box::new(Editor { words, original, parts, open: 0, problem, path })));
}

pub(super) fn other_part(model: &mut Model) {
    if let Some(editor) = model.modes.editor_mut() {
        editor.open = 1 - editor.open;
    }
}

pub(super) fn offer_leave(model: &Model) -> Option<Action> {
    model
        .modes
        .editor()
        .map(|editor| if editor.is_changed() { Action::Ask(Question::LeaveEditor) } else { Action::Close })
}
