//! What is typed while a question is on its way waits for the question: a password is never a command, and never the answer to
//! another question. The line is open from the moment that the question is sure to come, and shows itself with the first key.

use super::{Mode, Typing, Wanted};
use crate::{
    auth::{Descriptor, Field, FieldKind, Prompt, SecretRef, Settings},
    secret::SecretString,
    store::identity::Home,
    text,
    tui::app::{
        Model,
        input::{Edit, Input},
        message::{Effect, Effects, TaskId, What},
        profiles::ProfileRow,
        tasks::Task,
        vault::State,
    },
};

/// An Enter that was typed ahead: no keyboard and no paste has this character.
const ENTER: char = '\u{10ffff}';

/// The setting by which the vault may have the answer already.
const REMEMBERS: &str = "remember_secrets";

/// A question that is sure to come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Expected {
    key: &'static str,
    pub(crate) label: &'static str,
}

/// The question of a task that is on its way.
pub(crate) fn expected(model: &Model, task: &Task) -> Option<Expected> {
    if task.unasked || task.is_given_up() || task.waits() {
        return None;
    }
    let expected = match (&task.what, &task.whose) {
        (What::OpenVault { home, .. }, _) => {
            let known = if let State::Locked(home) = model.vault.state { home } else { None };
            let home = home.or(model.config.vault.identity).or(known);
            (home == Some(Home::Passphrase))
                .then_some(Expected { key: "vault_passphrase", label: "Passphrase of the vault" })
        }
        // One that waits for the vault is not about to ask.
        (What::Login, Some(profile)) if !task.is_queued() => of_login(model.profiles.row(profile)?, task),
        _ => None,
    };
    expected.filter(|expected| !task.answered.contains(&expected.key))
}

/// The first secret that a login asks for and has not got.
fn of_login(row: &ProfileRow, task: &Task) -> Option<Expected> {
    let settings = Settings::parse(row.descriptor?, &row.profile).ok()?;
    // What may be remembered need not be asked for.
    if settings.lookup(REMEMBERS) == Some("true") && !row.facts.history.is_empty() {
        return None;
    }
    secrets(row, &settings).into_iter().find(|expected| !task.answered.contains(&expected.key))
}

/// All secrets that a login asks for.
fn secrets(row: &ProfileRow, settings: &Settings) -> Vec<Expected> {
    let prompted = |field: &&Field| {
        field.kind == FieldKind::Secret && matches!(settings.secret_ref(field.key), Some(SecretRef::Prompt))
    };
    let fields = row.descriptor.into_iter().flat_map(Descriptor::fields).filter(prompted);
    fields.map(|field| Expected { key: field.key, label: field.label }).collect()
}

fn settings_of<'a>(model: &'a Model, task: &Task) -> Option<(&'a ProfileRow, Settings)> {
    let row = model.profiles.row(task.who()?)?;
    Some((row, Settings::parse(row.descriptor?, &row.profile).ok()?))
}

/// `step 1 of 2`: which question of a login it is; nothing where there is one alone.
pub(super) fn step_words(model: &Model, task: &Task) -> String {
    let known = settings_of(model, task).filter(|_| task.what == What::Login);
    let known = known.map(|(row, settings)| secrets(row, &settings).len()).unwrap_or_default();
    match (task.answered.len() + 1, known) {
        (1, ..=1) => String::new(),
        (step, known) if step <= known => format!("step {step} of {known}"),
        (step, _) => format!("step {step}"),
    }
}

/// The settings that name an account.
const ACCOUNTS: [&str; 3] = ["username", "user", "email"];

/// `Password of grace at lms-staging.example.org`: a label with whose account it is and where; sanitized.
pub(super) fn whom(model: &Model, task: &Task, label: &str) -> String {
    let Some((_, settings)) = settings_of(model, task) else { return label.to_owned() };
    let account = ACCOUNTS.iter().find_map(|key| settings.lookup(key)).map(|account| format!(" of {account}"));
    let host = |origin: String| origin.split_once("://").map_or(origin.clone(), |(_, host)| host.to_owned());
    let server = settings.server().map(|origin| format!(" at {}", host(origin)));
    let words = account.into_iter().chain(server).fold(label.to_owned(), |words, part| words + &part);
    text::visible(&words).into_owned()
}

/// The first task whose question is on its way.
pub(super) fn coming(model: &Model) -> Option<TaskId> {
    let mut tasks = model.tasks.opening().into_iter().chain(model.tasks.exchanges());
    tasks.find(|task| expected(model, task).is_some()).map(|task| task.id)
}

/// Enter, ahead of the question.
pub(super) fn enter(input: &mut Input) {
    input.edit(Edit::Insert(ENTER));
}

/// A task asks. What was typed ahead is its answer, if this is the question that was on its way; what was typed after an Enter
/// waits for the next one, or goes nowhere.
pub(in crate::tui::app) fn asked(model: &mut Model, id: TaskId, prompt: Prompt) -> Effects {
    let key = prompt.key;
    let fits = model.tasks.by_id(id).and_then(|task| expected(model, task)).is_some_and(|expected| expected.key == key);
    if let Some(task) = model.tasks.by_id_mut(id) {
        task.prompt = Some(prompt);
    }
    let is_it = |mode: &Mode| matches!(mode, Mode::Typing(typing) if typing.wanted == Wanted::Coming(id));
    let Some(Mode::Typing(Typing { input, .. })) = model.modes.take(is_it) else { return Effects::none() };
    if !fits || input.text().is_empty() {
        return Effects::none();
    }
    let (line, entered, rest) = match input.text().split_once(ENTER) {
        Some((line, rest)) => (line, true, rest),
        None => (input.text(), false, ""),
    };
    if !entered || line.is_empty() {
        model.modes.push(Mode::Typing(Typing {
            wanted: Wanted::Answer(id),
            input: Input::holding(line),
            refused: false,
            shown: false,
        }));
        return Effects::none();
    }
    let answer = SecretString::from(line);
    model.answered(id);
    if model.tasks.by_id(id).is_some_and(|task| expected(model, task).is_some()) {
        model.modes.push(Mode::Typing(Typing {
            wanted: Wanted::Coming(id),
            input: Input::holding(rest),
            refused: false,
            shown: false,
        }));
    }
    Effect::Answer(id, answer).into()
}
