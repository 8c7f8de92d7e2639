//! One entry of a form: a text, a choice, a flag or a secret's reference.

use std::fmt;

use crate::{
    auth::{Field, FieldKind},
    text,
    tui::app::{
        input::{Edit, Input},
        page::files,
    },
};

/// Something that can be set.
pub(crate) struct FormEntry {
    pub(crate) key: String,
    /// Sanitized.
    pub(crate) label: String,
    pub(crate) help: &'static str,
    pub(crate) kind: FormEntryKind,
    /// What an unset entry means.
    pub(crate) default: Option<&'static str>,
    pub(crate) required: bool,
    pub(crate) input: Input,
    /// What is wrong with it; sanitized.
    pub(crate) error: Option<String>,
    /// It stands in the fold of the form. What had a value when the form was opened stands in sight.
    pub(super) folded: bool,
    /// What stands before a path in it, where it may be that of a file.
    pub(crate) path: Option<&'static str>,
    /// It is one of the provider's settings, not the name, environment or tags.
    pub(super) is_setting: bool,
    /// The name that the form was opened with. Of no other entry: a secret may stand there.
    pub(super) opened_as: String,
    /// The profile had a value of its own: it stays, also where it is the default.
    had_value: bool,
}

/// How an entry is changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FormEntryKind {
    /// By typing.
    Text,
    /// By typing; a secret itself is masked, a reference to one is not.
    Secret,
    /// By going through the choices.
    Choice(&'static [&'static str]),
}

const FLAG: &[&str] = &["false", "true"];

/// No text: it may be a secret.
impl fmt::Debug for FormEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FormEntry").field("key", &self.key).field("error", &self.error).finish_non_exhaustive()
    }
}

impl FormEntry {
    /// The name, environment or tags.
    pub(super) fn text(key: &str, label: &str, help: &'static str, value: &str) -> Self {
        let name = if key == "name" { value } else { "" };
        Self {
            key: key.to_owned(),
            label: label.to_owned(),
            help,
            kind: FormEntryKind::Text,
            default: None,
            required: key == "name",
            input: Input::holding(value),
            error: None,
            folded: key == "tags" && value.is_empty(),
            path: None,
            is_setting: false,
            opened_as: name.to_owned(),
            had_value: !value.is_empty(),
        }
    }

    /// A setting of the provider.
    pub(super) fn field(field: &Field, value: &str) -> Self {
        let kind = match field.kind {
            FieldKind::Secret => FormEntryKind::Secret,
            FieldKind::Choice(choices) => FormEntryKind::Choice(choices),
            FieldKind::Flag => FormEntryKind::Choice(FLAG),
            FieldKind::Text | FieldKind::Url | FieldKind::Seconds | FieldKind::Path | FieldKind::Origins => {
                FormEntryKind::Text
            }
        };
        Self {
            kind,
            default: field.default,
            required: field.required,
            folded: field.folded && value.is_empty(),
            path: files::prefix(field.kind),
            is_setting: true,
            ..Self::text(field.key, field.label, field.help, value)
        }
    }

    /// A setting that the provider does not have: it can be taken out.
    pub(super) fn unknown(key: &str, value: &str) -> Self {
        let help = "The provider has no such setting: clear the line to remove it";
        // Nobody knows whether it is a secret.
        let entry = Self::text("", &text::visible(key), help, value);
        Self { key: key.to_owned(), kind: FormEntryKind::Secret, is_setting: true, ..entry }
    }

    /// Nothing of it goes into the profile.
    pub(super) fn is_unset(&self) -> bool {
        let value = self.input.text().trim();
        value.is_empty()
            || !self.had_value && matches!(self.kind, FormEntryKind::Choice(_)) && Some(value) == self.default
    }

    /// What counts: the text, or the default.
    pub(crate) fn value(&self) -> &str {
        match self.input.text().trim() {
            "" => self.default.unwrap_or_default(),
            text => text,
        }
    }

    /// How many characters at the start may be read: all, but of a secret only what says where it comes from.
    pub(crate) fn readable(&self) -> usize {
        const REFERENCES: [&str; 4] = ["prompt", "env:", "file:", "cmd:"];
        let text = self.input.text();
        let all = text.chars().count();
        match self.kind {
            FormEntryKind::Secret if text.starts_with("plain:") => "plain:".len(),
            FormEntryKind::Secret if "plain:".starts_with(text) => all,
            FormEntryKind::Secret if REFERENCES.iter().any(|reference| reference.starts_with(text)) => all,
            FormEntryKind::Secret if REFERENCES[1..].iter().any(|reference| text.starts_with(reference)) => all,
            FormEntryKind::Secret => 0,
            _ => all,
        }
    }

    /// Something of it is masked.
    pub(crate) fn is_masked(&self) -> bool {
        self.readable() < self.input.text().chars().count()
    }

    pub(super) fn say(&mut self, problem: &str) {
        self.error = Some(text::visible(problem).into_owned());
    }

    /// Changes the text or goes through the choices; whether there is something new.
    pub(super) fn edit(&mut self, edit: Edit) -> bool {
        match (self.kind, edit) {
            (FormEntryKind::Choice(choices), Edit::Right | Edit::Insert(' ')) => self.turn(choices, 1),
            (FormEntryKind::Choice(choices), Edit::Left) => self.turn(choices, choices.len() - 1),
            (FormEntryKind::Choice(_), Edit::Clear | Edit::Backspace | Edit::Delete | Edit::DeleteWord) => {
                self.input.edit(Edit::Clear);
            }
            (FormEntryKind::Choice(choices), Edit::Insert(c)) => {
                let Some(choice) = choices.iter().find(|choice| choice.starts_with(c)) else { return false };
                self.input.put(choice);
            }
            (FormEntryKind::Choice(_), edit) if edit.moves() => return false,
            (_, edit) => {
                self.input.edit(edit);
                return !edit.moves();
            }
        }
        true
    }

    fn turn(&mut self, choices: &[&str], by: usize) {
        let next = match choices.iter().position(|choice| *choice == self.value()) {
            Some(at) => choices[(at + by) % choices.len()],
            None => choices[0],
        };
        self.input.put(next);
    }

    /// A pasted text has one line; of a secret all lines count.
    pub(super) fn paste(&mut self, text: &str) {
        let text = text.trim_end_matches(['\r', '\n']);
        match self.kind {
            FormEntryKind::Choice(_) => return,
            FormEntryKind::Secret => self.input.insert(text),
            FormEntryKind::Text => self.input.insert(&text.split_whitespace().collect::<Vec<_>>().join(" ")),
        }
        self.error = None;
    }
}
