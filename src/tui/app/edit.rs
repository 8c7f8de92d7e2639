//! "What if exp were …": a JWT's claims and header are changed in a text, and a new token is made of them.
//!
//! ```text
//! writing ─ ^S ─► choosing how to sign ─┬─► without a key ──────────────► a new row, marked as made here
//!    ▲                                  ├─► a secret is typed ──────────►
//!    └───────── what is wrong ◄─────────┴─► a path is typed ─► reading ─►
//! ```
//! Whatever goes wrong, the text stays as it is.

mod buffer;

pub(crate) use self::buffer::Buffer;
use super::{
    Model,
    input::{Edit, Input},
    keymap::Action,
    list::Motion,
    menu::{self, Menu},
    message::{Effect, Effects},
    mode::Mode,
    notices::Severity,
    page,
    tokens::Row,
};
use crate::{
    secret::ExposeSecret as _,
    text,
    token::{
        Form, Token,
        json::Json,
        sign::{self, SignError, SigningKeys},
        verify::policy::Policy,
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

/// How the new token comes by its signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signature {
    /// HMAC, with a secret.
    Secret,
    /// With a private key from a file.
    KeyFile,
    /// None: `alg` none.
    Unsecured,
    /// The one of the token that was edited, which fits no longer.
    Kept,
}

/// Ways to sign: title, what it means, what it is.
pub(super) const SIGNATURES: [(&str, &str, Signature); 4] = [
    ("With a secret", "HS256, or the HS384 or HS512 that the header names", Signature::Secret),
    ("With a private key", "a JWK, PEM or DER file; may change alg to fit it", Signature::KeyFile),
    ("Without a signature", "alg becomes none: anybody could have made it", Signature::Unsecured),
    ("With the old signature", "it fits no longer: a server must refuse the token", Signature::Kept),
];

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
        self.mistake = sign::object(self.name, self.buffer.text()).err();
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
        match &self.mode {
            Mode::Edit(editor) => Some(editor),
            _ => None,
        }
    }

    fn editor_mut(&mut self) -> Option<&mut Editor> {
        match &mut self.mode {
            Mode::Edit(editor) => Some(editor),
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
    model.tokens.selected()?.token.claims().map(|_| Action::EditToken)
}

pub(super) fn open(model: &mut Model) {
    let Some(row) = model.tokens.selected() else { return };
    let (Some(claims), Some(header)) = (row.token.claims(), row.token.header()) else { return };
    let parts = [Part::new("claims", claims), Part::new("header", header)];
    let (words, original) = (row.words(), row.clone());
    let (stage, problem, path) = (Stage::Writing, None, String::new());
    model.mode = Mode::Edit(Box::new(Editor { words, original, parts, open: 0, stage, problem, path }));
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

pub(super) fn offer_sign(model: &Model) -> Option<Action> {
    model.editor().map(|_| Action::ChooseSignature)
}

/// Asks how to sign; not while there is a mistake, where the cursor goes.
pub(super) fn choose_signature(model: &mut Model) {
    let Some(editor) = model.editor_mut() else { return };
    let wrong = editor.parts.iter().position(|part| part.mistake.is_some());
    let Some(at) = wrong else {
        return editor.stage = Stage::Choosing(menu::signatures());
    };
    editor.open = at;
    if let Some(SignError::Json { line, column, .. }) = editor.part().mistake {
        editor.part().buffer.move_to(line - 1, column - 1);
    }
    let mistake = editor.part().mistake.as_ref().map(|mistake| format!("{mistake}; {}", mistake.hint()));
    editor.problem = mistake.map(|words| text::visible(&words).into_owned());
}

/// A way was chosen.
pub(super) fn sign_by(model: &mut Model, how: Signature) {
    let Some(editor) = model.editor_mut() else { return };
    let [claims, header] = &editor.parts;
    let (claims, header) = (claims.result(), header.result());
    match how {
        Signature::Secret => editor.stage = Stage::Secret(Input::new()),
        Signature::KeyFile => editor.stage = Stage::Path(Input::holding(&editor.path)),
        Signature::Unsecured => {
            let made = sign::unsecured(&with_alg(&header, "none"), &claims);
            finish(model, made.map(|token| (token, "alg none, no signature".to_owned(), None)));
        }
        Signature::Kept => {
            let old = signature(&editor.original.token).to_owned();
            let made = sign::with_signature(&header, &claims, &old);
            finish(model, made.map(|token| (token, "the old signature, which fits no longer".to_owned(), None)));
        }
    }
}

/// Enter in the line that is being typed.
pub(super) fn accept(model: &mut Model) -> Effects {
    let Some(editor) = model.editor_mut() else { return Effects::none() };
    match std::mem::replace(&mut editor.stage, Stage::Reading) {
        Stage::Secret(mut input) => {
            let secret = input.take();
            sign_with(model, &SigningKeys::secret(secret.expose_secret().as_bytes(), "the secret"));
            Effects::none()
        }
        Stage::Path(input) => {
            editor.path = input.text().to_owned();
            Effect::ReadSigningKeys(input.text().to_owned()).into()
        }
        other => {
            editor.stage = other;
            Effects::none()
        }
    }
}

/// The key file was read, or was not. Whoever left meanwhile, or named another file, does not want it any more.
pub(super) fn keys_read(model: &mut Model, path: &str, result: Result<SigningKeys, String>) {
    let waits = |editor: &&mut Editor| matches!(editor.stage, Stage::Reading) && editor.path == path;
    let Some(editor) = model.editor_mut().filter(waits) else { return };
    match result {
        Ok(keys) => sign_with(model, &keys),
        Err(why) => {
            editor.problem = Some(text::visible(&why).into_owned());
            editor.stage = Stage::Writing;
        }
    }
}

fn sign_with(model: &mut Model, keys: &SigningKeys) {
    let Some(editor) = model.editor_mut() else { return };
    let [claims, header] = &editor.parts;
    let (claims, header) = (claims.result(), header.result());
    // A short secret is what many test servers have; the notice says so.
    let policy = Policy { allow_weak_key: true, ..Policy::default() };
    let alg = |header: &Json| header.member("alg").and_then(|node| header.string(node)).map(|alg| alg.into_owned());
    let json = Json::parse(header.as_str());
    let kid = json.member("kid").and_then(|node| json.string(node));
    let made = keys.choose(kid.as_deref()).and_then(|(_, key)| {
        let fits = alg(&json).is_some_and(|alg| key.fits(&alg));
        let header = if fits { header.clone() } else { with_alg(&header, sign::natural(key).name) };
        let signed = sign::sign(&header, &claims, keys, &policy)?;
        let name = alg(&Json::parse(header)).unwrap_or_default();
        Ok((signed.token, format!("signed with {}, {name}", signed.key), signed.waived.map(|reason| reason.why)))
    });
    finish(model, made);
}

/// A new row on top, or what is wrong.
fn finish(model: &mut Model, made: Result<(String, String, Option<String>), SignError>) {
    let Some(editor) = model.editor_mut() else { return };
    match made {
        Ok((token, how, remark)) => {
            let original = editor.original.clone();
            let how = text::visible(&how).into_owned();
            model.mode = Mode::Panes;
            model.tokens.add_made(&original, &how, Token::inspect(&token));
            model.tell(Severity::Success, &format!("made a token here: {how}"));
            if let Some(remark) = remark {
                model.tell(Severity::Warning, &format!("let pass for this token: {remark}"));
            }
        }
        Err(error) => {
            editor.problem = Some(text::visible(&format!("{error}; {}", error.hint())).into_owned());
            editor.stage = Stage::Writing;
        }
    }
}

fn with_alg(header: &str, alg: &str) -> String {
    let alg = format!("\"{alg}\"");
    Json::parse(header).with_member("alg", &alg).expect("the header was checked to be an object before")
}

/// The signature as it stands in the token.
fn signature(token: &Token) -> &str {
    match token.form() {
        Form::Jws(jws) => &token.raw().expose_secret()[jws.segments[2].clone()],
        _ => "",
    }
}
