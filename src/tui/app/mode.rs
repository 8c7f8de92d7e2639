//! What has the keyboard: the panes, a question, or a page to read. The state of a mode lives in the mode.

use super::{
    Model, demand,
    edit::{self, Editor, Stage},
    form::Form,
    input::{Edit, Input},
    inspector::search,
    keymap::Action,
    keyring::{self, Whose},
    list::{Cursor, Motion},
    menu::{self, Menu},
    message::{Effect, Effects, TaskId, What},
    notices::Severity,
    page::{self, Line},
    profiles, travel,
};
use crate::{
    auth::{
        import::{self, Source},
        keys::KeySource,
    },
    profile::ProfileName,
    providers,
    token::verify::keys::SecretEncoding,
};

/// What has the keyboard.
#[derive(Debug, Default)]
pub(crate) enum Mode {
    /// The panes.
    #[default]
    Panes,
    /// A task's question is being answered; the question is the task's.
    Prompt { task: TaskId, input: Input },
    /// A token is being typed or pasted.
    Paste(Input),
    /// The address that profiles are imported from is being typed.
    Address { source: Source, input: Input },
    /// Something else is being typed.
    Typing { wanted: Wanted, input: Input },
    /// The open tab of the inspector is being searched.
    Search(Input),
    /// Yes or no.
    Confirm(Question),
    /// Something to read.
    Page(Page),
    /// A list to choose from.
    Menu(Menu),
    /// A profile is being written.
    Form(Box<Form>),
    /// The claims and header of a token are being edited.
    Edit(Box<Editor>),
    /// A login waits for something that is done in a browser.
    Demand(TaskId),
}

/// What is being typed in [`Mode::Typing`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// A secret to verify with, written down like this.
    Secret(SecretEncoding),
    /// The path of a key file.
    KeyFile,
    /// The text of a key: it may have many lines.
    KeyText,
    /// The URL of a JWK set.
    JwkSet,
    /// The time that everything is to be shown as of.
    Time,
}

/// Something that is done only when the user says yes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Question {
    /// Drop a profile's tokens here.
    Forget(ProfileName),
    /// Revoke a profile's tokens at the server.
    Revoke(ProfileName),
    /// Take a profile out of the file, and drop its tokens here.
    Remove(ProfileName),
    /// Leave although some tokens are not saved.
    Quit,
    /// Go online for keys to verify with.
    Fetch(KeySource, Whose),
}

/// A page over the panes.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) kind: PageKind,
    /// Sanitized.
    pub(crate) title: String,
    /// Wrapped for the screen's width; sanitized.
    pub(crate) lines: Vec<Line>,
    pub(crate) cursor: Cursor,
    /// The size for which the lines are wrapped.
    pub(super) size: (u16, u16),
    /// The text of a value; sanitized.
    pub(super) source: String,
    /// The lines of a report before they are wrapped; sanitized.
    pub(super) report: Vec<Line>,
}

/// What a page shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PageKind {
    /// All keys.
    Keys,
    /// All notices.
    Notices,
    /// All about a profile.
    Profile(ProfileName),
    /// A value of a token, whole.
    Value,
    /// What came of something, in lines that were written for it.
    Report,
}

impl Model {
    /// The line that is being typed.
    pub(crate) fn input(&self) -> Option<&Input> {
        match &self.mode {
            Mode::Prompt { input, .. }
            | Mode::Paste(input)
            | Mode::Address { input, .. }
            | Mode::Search(input)
            | Mode::Typing { input, .. } => Some(input),
            Mode::Edit(editor) => editor.input(),
            _ => None,
        }
    }

    /// The form that is open.
    pub(crate) fn form(&self) -> Option<&Form> {
        match &self.mode {
            Mode::Form(form) => Some(form),
            _ => None,
        }
    }
}

/// Opens the question of a task that waits for an answer, closes the one of a task that is over, wraps pages anew.
pub(super) fn settle(model: &mut Model) {
    if let Mode::Prompt { task, .. } = &model.mode
        && model.prompt(*task).is_none()
    {
        model.mode = Mode::Panes;
    }
    if matches!(model.mode, Mode::Demand(_)) && model.demand().is_none() {
        model.mode = Mode::Panes;
    }
    if matches!(model.mode, Mode::Panes | Mode::Demand(_))
        && let Some(task) = model.asking()
    {
        model.mode = Mode::Prompt { task, input: Input::new() };
    }
    if matches!(model.mode, Mode::Panes)
        && let Some(task) = demand::waiting(model)
    {
        model.mode = Mode::Demand(task);
    }
    page::settle(model);
}

pub(super) fn edit(model: &mut Model, edit: Edit) {
    match &mut model.mode {
        Mode::Prompt { input, .. }
        | Mode::Paste(input)
        | Mode::Address { input, .. }
        | Mode::Search(input)
        | Mode::Typing { input, .. } => input.edit(edit),
        Mode::Form(form) => form.edit(edit),
        Mode::Edit(editor) => editor.edit(edit),
        _ => {}
    }
}

/// Enter in an input. An empty line answers nothing, and says so.
pub(super) fn offer_accept(model: &Model) -> Option<Action> {
    model.input().map(|_| Action::Accept)
}

/// Esc in an input: a task that asked in vain is over.
pub(super) fn offer_give_up(model: &Model) -> Option<Action> {
    Some(match &model.mode {
        Mode::Prompt { task, .. } => Action::Cancel(*task),
        Mode::Search(_) => Action::ClearSearch,
        _ => Action::Close,
    })
}

pub(super) fn offer_yes(model: &Model) -> Option<Action> {
    match &model.mode {
        Mode::Confirm(Question::Forget(profile)) => Some(Action::Forget(profile.clone())),
        Mode::Confirm(Question::Revoke(profile)) => Some(Action::Start(What::Revoke, profile.clone())),
        Mode::Confirm(Question::Remove(profile)) => Some(Action::Remove(profile.clone())),
        Mode::Confirm(Question::Quit) => Some(Action::Quit),
        Mode::Confirm(Question::Fetch(source, whose)) => Some(Action::FindKeys(source.clone(), whose.clone())),
        Mode::Form(_) | Mode::Edit(_) => Some(Action::Discard),
        _ => None,
    }
}

/// Closes what stands over the panes; in the editor, what stands over its text.
pub(super) fn close(model: &mut Model) {
    let stays = match &mut model.mode {
        Mode::Edit(editor) => editor.step_back(),
        _ => false,
    };
    if !stays {
        model.mode = Mode::Panes;
    }
}

/// No: a form stays as it is.
pub(super) fn decline(model: &mut Model) {
    match &mut model.mode {
        Mode::Form(form) => form.leaving = false,
        Mode::Edit(editor) => editor.stage = Stage::Writing,
        mode => *mode = Mode::Panes,
    }
}

/// Esc in a form with changes.
pub(super) fn ask_to_leave(model: &mut Model) {
    match &mut model.mode {
        Mode::Form(form) => form.leaving = true,
        Mode::Edit(editor) => editor.stage = Stage::Leaving,
        _ => {}
    }
}

pub(super) fn accept(model: &mut Model) -> Effects {
    if matches!(model.mode, Mode::Search(_)) {
        search::accept(model);
        return Effects::none();
    }
    if model.input().is_some_and(|input| input.text().is_empty()) {
        model.advise(None, Severity::Info, "nothing typed yet", "type an answer, or press {key:text.cancel} to cancel");
        return Effects::none();
    }
    if matches!(model.mode, Mode::Edit(_)) {
        return edit::accept(model);
    }
    match std::mem::take(&mut model.mode) {
        Mode::Prompt { task, mut input } => {
            model.answered(task);
            Effect::Answer(task, input.take()).into()
        }
        Mode::Paste(input) => {
            super::tokens::paste(model, input.text());
            Effects::none()
        }
        Mode::Address { source, input } => {
            profiles::import(model, source.id, Some(input.text().to_owned()));
            Effects::none()
        }
        Mode::Typing { wanted: Wanted::Time, input } => {
            travel::accept(model, input);
            Effects::none()
        }
        Mode::Typing { wanted, input } => keyring::accept(model, wanted, input),
        other => {
            model.mode = other;
            Effects::none()
        }
    }
}

/// A paste goes where the user types, or becomes a token.
pub(super) fn pasted(model: &mut Model, text: &str) {
    match &mut model.mode {
        // A token on several lines is one line without them.
        Mode::Paste(_) => {
            model.mode = Mode::Panes;
            super::tokens::paste(model, text);
        }
        Mode::Typing { wanted: Wanted::KeyText, .. } => keyring::pasted(model, text),
        Mode::Prompt { input, .. } | Mode::Address { input, .. } | Mode::Search(input) | Mode::Typing { input, .. } => {
            input.insert(text.trim_end_matches(['\r', '\n']));
        }
        Mode::Form(form) => form.paste(text),
        Mode::Edit(editor) => editor.paste(text),
        Mode::Panes => super::tokens::paste(model, text),
        Mode::Demand(_) => {
            demand::aside(model);
            super::tokens::paste(model, text);
        }
        Mode::Confirm(_) | Mode::Page(_) | Mode::Menu(_) => {
            model.mode = Mode::Panes;
            super::tokens::paste(model, text);
        }
    }
}

/// Moves in what has the keyboard; whether the panes have it.
pub(super) fn go(model: &mut Model, motion: Motion) -> bool {
    let height = page::area(model.size).1;
    let editor_height = edit::page_height(model.size);
    match &mut model.mode {
        Mode::Page(page) => page.cursor.scroll(motion, page.lines.len(), height),
        Mode::Menu(menu) => menu::go(menu, motion),
        Mode::Form(form) => form.go(motion),
        Mode::Edit(editor) => editor.go(motion, editor_height),
        _ => return true,
    }
    false
}

pub(super) fn type_address(model: &mut Model, source: &str) {
    if let Some(source) = import::sources(providers::ALL).into_iter().find(|known| known.id == source) {
        model.mode = Mode::Address { source, input: Input::new() };
    }
}

pub(super) fn type_wanted(model: &mut Model, wanted: Wanted) {
    model.mode = Mode::Typing { wanted, input: Input::new() };
}

pub(super) fn type_token(model: &mut Model) {
    model.mode = Mode::Paste(Input::new());
}
