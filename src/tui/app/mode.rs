//! What has the keyboard: the panes, a question, or a page to read. The state of a mode lives in the mode.

use super::{
    Model,
    input::{Edit, Input},
    keymap::Action,
    list::{Cursor, Motion},
    message::{Effect, Effects, JobId, JobKind},
    page::{self, Line},
};
use crate::profile::ProfileName;

/// What has the keyboard.
#[derive(Debug, Default)]
pub(crate) enum Mode {
    /// The panes.
    #[default]
    Panes,
    /// A job's question is being answered; the question is the job's.
    Prompt { job: JobId, input: Input },
    /// A token is being typed or pasted.
    Paste(Input),
    /// Yes or no.
    Confirm(Question),
    /// Something to read.
    Page(Page),
}

/// Something that is done only when the user says yes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Question {
    /// Drop a profile's tokens here.
    Forget(ProfileName),
    /// Revoke a profile's tokens at the server.
    Revoke(ProfileName),
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
}

impl Model {
    /// The line that is being typed.
    pub(crate) fn input(&self) -> Option<&Input> {
        match &self.mode {
            Mode::Prompt { input, .. } | Mode::Paste(input) => Some(input),
            _ => None,
        }
    }
}

/// Opens the question of a job that waits for an answer, closes the one of a job that is over, wraps pages anew.
pub(super) fn settle(model: &mut Model) {
    if let Mode::Prompt { job, .. } = &model.mode
        && model.jobs.prompt(*job).is_none()
    {
        model.mode = Mode::Panes;
    }
    if matches!(model.mode, Mode::Panes)
        && let Some(job) = model.jobs.asking()
    {
        model.mode = Mode::Prompt { job, input: Input::new() };
    }
    page::settle(model);
}

pub(super) fn edit(model: &mut Model, edit: Edit) {
    if let Mode::Prompt { input, .. } | Mode::Paste(input) = &mut model.mode {
        input.edit(edit);
    }
}

/// Enter in an input. An empty line answers nothing.
pub(super) fn offer_accept(model: &Model) -> Option<Action> {
    model.input().filter(|input| !input.text().is_empty()).map(|_| Action::Accept)
}

/// Esc in an input: a job that asked in vain is over.
pub(super) fn offer_give_up(model: &Model) -> Option<Action> {
    Some(match &model.mode {
        Mode::Prompt { job, .. } => Action::Cancel(*job),
        _ => Action::Close,
    })
}

pub(super) fn offer_yes(model: &Model) -> Option<Action> {
    match &model.mode {
        Mode::Confirm(Question::Forget(profile)) => Some(Action::Forget(profile.clone())),
        Mode::Confirm(Question::Revoke(profile)) => Some(Action::Start(JobKind::Revoke, profile.clone())),
        _ => None,
    }
}

pub(super) fn accept(model: &mut Model) -> Effects {
    match std::mem::take(&mut model.mode) {
        Mode::Prompt { job, mut input } => {
            model.jobs.answered(job);
            Effect::Answer(job, input.take()).into()
        }
        Mode::Paste(input) => {
            super::tokens::paste(model, input.text());
            Effects::none()
        }
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
        Mode::Prompt { input, .. } => input.insert(text.trim_end_matches(['\r', '\n'])),
        Mode::Panes => super::tokens::paste(model, text),
        Mode::Confirm(_) | Mode::Page(_) => {
            model.mode = Mode::Panes;
            super::tokens::paste(model, text);
        }
    }
}

pub(super) fn scroll(model: &mut Model, motion: Motion) {
    let height = page::area(model.size).1;
    if let Mode::Page(page) = &mut model.mode {
        page.cursor.scroll(motion, page.lines.len(), height);
    }
}

pub(super) fn type_token(model: &mut Model) {
    model.mode = Mode::Paste(Input::new());
}
