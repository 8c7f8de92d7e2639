//! "What if exp were …": a JWT's claims and header are changed in a text, and a new token is made of them.
//!
//! ```text
//! writing ─ ^S ─► choosing how to sign ─┬─► without a key ──────────────► a new row, marked as made here
//!    ▲                                  ├─► a secret is typed ──────────►
//!    └───────── what is wrong ◄─────────┴─► a path is typed ─► reading ─►
//! ```
//! Whatever goes wrong, the text stays as it is.

mod buffer;
mod sign;

pub(crate) use self::buffer::Buffer;
pub(crate) use self::sign::Signature;
pub(super) use self::sign::{SIGNATURES, accept, choose_signature, keys_read, offer_sign, sign_by};
use super::{
    Model,
    input::{Edit, Input},
    keymap::Action,
    list::Motion,
    menu::{self, Menu},
    mode::Mode,
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
    original: Row,
    pub(crate) parts: [Part; 2],
    /// Which part is on screen.
    pub(crate) open: usize,
    pub(crate) stage: Stage,
    /// Why no token was made; sanitized.
    pub(crate) problem: Option<String>,
    /// The path that was typed last.
    path: String,
}

/// The claims or the header.
#[derive(Debug)]
pub(crate) struct Part {
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

/// What is going on.
#[derive(Debug)]
pub(crate) enum Stage {
    /// The text is being written.
    Writing,
    /// The user wants to go, and there are changes.
    Leaving,
    /// How is it to be signed?
    Choosing(Menu),
    /// A secret is being typed.
    Secret(Input),
    /// The path of a key file is being typed.
    Path(Input),
    /// The key file is being read.
    Reading,
}

impl Part {
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
    /// Whether anything was changed.
    fn is_changed(&self) -> bool {
        self.parts.iter().any(Part::is_changed)
    }

    fn part(&mut self) -> &mut Part {
        &mut self.parts[self.open]
    }

    /// The line that is being typed.
    pub(crate) fn input(&self) -> Option<&Input> {
        match &self.stage {
            Stage::Secret(input) | Stage::Path(input) => Some(input),
            _ => None,
        }
    }

    /// Changes the text, or the line that is being typed.
    pub(super) fn edit(&mut self, edit: Edit) {
        match &mut self.stage {
            Stage::Secret(input) | Stage::Path(input) => input.edit(edit),
            Stage::Writing => self.write(|buffer| match edit {
                Edit::Insert('\n') => buffer.break_line(),
                edit => buffer.edit(edit),
            }),
            _ => {}
        }
    }

    /// Puts a pasted text in.
    pub(super) fn paste(&mut self, text: &str) {
        match &mut self.stage {
            Stage::Secret(input) | Stage::Path(input) => input.insert(text.trim_end_matches(['\r', '\n'])),
            _ => {
                self.stage = Stage::Writing;
                self.write(|buffer| buffer.paste(text));
            }
        }
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

    /// Moves in the text, or in the list of ways to sign.
    pub(super) fn go(&mut self, motion: Motion, page: usize) {
        match &mut self.stage {
            Stage::Choosing(menu) => menu::go(menu, motion),
            Stage::Writing => self.part().buffer.go(motion, page),
            _ => {}
        }
    }

    /// Goes back to writing. `false` if that is where it was.
    pub(super) fn step_back(&mut self) -> bool {
        let writing = matches!(self.stage, Stage::Writing);
        self.stage = Stage::Writing;
        !writing
    }
}

impl Model {
    /// The editor that is open.
    pub(crate) fn editor(&self) -> Option<&Editor> {
        match self.modes.top() {
            Some(Mode::Edit(editor)) => Some(editor),
            _ => None,
        }
    }

    fn editor_mut(&mut self) -> Option<&mut Editor> {
        match self.modes.top_mut() {
            Some(Mode::Edit(editor)) => Some(editor),
            _ => None,
        }
    }
}

/// How many lines of the text are on screen: the last row says what is wrong.
pub(crate) fn page_height(size: (u16, u16)) -> usize {
    page::area(size).1.saturating_sub(1).max(1)
}

pub(super) fn settle(model: &mut Model) {
    let height = page_height(model.size);
    if let Some(editor) = model.editor_mut() {
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
    let parts = [Part::new("claims", claims), Part::new("header", header)];
    let (words, original) = (row.words(), row.clone());
    let (stage, problem, path) = (Stage::Writing, None, String::new());
    model.modes.push(Mode::Edit(Box::new(Editor { words, original, parts, open: 0, stage, problem, path })));
}

pub(super) fn offer_other_part(model: &Model) -> Option<Action> {
    model.editor().map(|_| Action::OtherPart)
}

pub(super) fn other_part(model: &mut Model) {
    if let Some(editor) = model.editor_mut() {
        editor.open = 1 - editor.open;
    }
}

pub(super) fn offer_undo(model: &Model) -> Option<Action> {
    let editor = model.editor()?;
    editor.parts[editor.open].buffer.can_undo().then_some(Action::Undo)
}

pub(super) fn undo(model: &mut Model) {
    if let Some(editor) = model.editor_mut() {
        editor.write(Buffer::undo);
    }
}

pub(super) fn offer_redo(model: &Model) -> Option<Action> {
    let editor = model.editor()?;
    editor.parts[editor.open].buffer.can_redo().then_some(Action::Redo)
}

pub(super) fn redo(model: &mut Model) {
    if let Some(editor) = model.editor_mut() {
        editor.write(Buffer::redo);
    }
}

pub(super) fn offer_leave(model: &Model) -> Option<Action> {
    model.editor().map(|editor| if editor.is_changed() { Action::AskToLeave } else { Action::Close })
}
