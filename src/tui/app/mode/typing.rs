//! A line that is typed: what it is for, in one table.

use std::borrow::Cow;

use super::{
    Mode, ahead,
    confirm::{self, Question},
};
use crate::{
    auth::import::{self, ImportSource},
    profile::ProfileName,
    providers, text,
    token::verify::key_set::SecretEncoding,
    tui::app::{
        Model, edit,
        filter::narrow::{self, Step},
        form::FormEntry,
        input::{Edit, Input},
        inspector::search,
        keymap::Action,
        known_keys, log,
        message::{Effect, Effects, TaskId},
        notices::Level,
        page::{self, Tone},
        profiles,
        scope::views,
        tasks, tokens, travel,
    },
};

/// A line that is being typed.
#[derive(Debug)]
pub(crate) struct Typing {
    pub(crate) wanted: Wanted,
    pub(crate) input: Input,
    /// What is typed was not taken.
    pub(crate) refused: bool,
    /// A secret is shown as it is typed.
    pub(crate) shown: bool,
}

/// What a line is typed for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// The answer to what this task asks.
    Answer(TaskId),
    /// The answer to what this task is about to ask.
    Coming(TaskId),
    /// Nothing any more: the task ended while the answer was typed.
    Nothing,
    /// To be sure of this: the name of the protected environment.
    Sure(Question),
    /// A token.
    Token,
    /// The address that profiles are imported from, with the source of this id.
    Address(&'static str),
    /// What the open tab of the inspector is searched for.
    Search,
    /// What the page below is searched for.
    PageSearch,
    /// What the log is narrowed to.
    Log,
    /// What a list is narrowed to.
    Filter,
    /// What a filter that is kept is called.
    View,
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
    /// A secret to sign with.
    SigningSecret,
    /// The path of a key file to sign with.
    SigningKeyFile,
}

/// What is to be done about a line that is taken; `None`: it stays, to be corrected.
pub(in crate::tui::app) type Taken = Option<Effects>;

/// All about a line.
struct Line {
    title: &'static str,
    help: &'static str,
    /// It may be a secret.
    masked: bool,
    /// Nothing is an answer, too.
    empty: bool,
    /// A paste is all of it: it may have many lines, and needs no Enter.
    whole: bool,
    /// What Enter does.
    enter: fn(&mut Model, &Wanted, &mut Input) -> Taken,
}

impl Wanted {
    /// The table. The words of an answer and of an address are those of who asks.
    fn line(&self) -> Line {
        let line = |title, help, enter| Line { title, help, enter, masked: false, empty: false, whole: false };
        let secret = |title, help, enter| Line { masked: true, ..line(title, help, enter) };
        match self {
            Self::Answer(_) => line("", "", answer),
            Self::Coming(_) => secret("", "The question is on its way: what you type waits for it.", |_, _, input| {
                ahead::enter(input);
                None
            }),
            Self::Nothing => Line {
                empty: true,
                ..secret("No longer asked", "Not sent: the task ended before you answered.", |_, _, _| {
                    Some(Effects::none())
                })
            },
            // The question says what it is about.
            Self::Sure(_) => line("", "", confirm::sure),
            Self::Token => Line {
                whole: true,
                ..secret("Paste a token", "Type or paste a token; it stays on this machine.", |model, _, input| {
                    tokens::paste(model, input.text());
                    Some(Effects::none())
                })
            },
            Self::Address(_) => line("", "", import),
            Self::Search => Line {
                empty: true,
                ..line("Search", "", |model, _, _| {
                    search::accept(model);
                    Some(Effects::none())
                })
            },
            Self::PageSearch => Line {
                empty: true,
                ..line("Search", "", |model, _, _| {
                    page::search::accept(model);
                    Some(Effects::none())
                })
            },
            Self::Log => Line { empty: true, ..line("Filter", "", log::accept) },
            Self::Filter => Line { empty: true, ..line("Filter", "", narrow::accept) },
            Self::View => {
                line("Keep the filter as a view", "Its name in the tree; the filter is kept as it is.", views::accept)
            }
            Self::Secret(encoding) => {
                let (title, help) = match encoding {
                    SecretEncoding::Text => ("Secret", "The secret that the token was signed with, as text."),
                    SecretEncoding::Hex => ("Secret in hex", "Two hexadecimal digits per byte."),
                    SecretEncoding::Base64 => ("Secret in base64", "With + and /, padding or none."),
                    SecretEncoding::Base64url => ("Secret in base64url", "With - and _, padding or none."),
                };
                secret(title, help, known_keys::accept)
            }
            Self::KeyFile => line("Key file", "Its path: PEM, DER, JWK, JWK set or certificate.", known_keys::accept),
            Self::KeyText => Line {
                whole: true,
                ..secret("Key, pasted", "PEM, JWK or JWK set; can span several lines.", known_keys::accept)
            },
            Self::JwkSet => line("JWK set URL", "It is contacted only after confirmation.", known_keys::accept),
            Self::Time => {
                line("Time travel", "fri 9:00, tomorrow, +2h, -1d, 2026-12-01 9:00, Unix seconds", travel::accept)
            }
            Self::SigningSecret => {
                secret("Sign with a secret", "The secret itself, as text; it is not saved.", edit::sign_with_secret)
            }
            Self::SigningKeyFile => {
                line("Sign with a private key", "The path of a JWK, PEM or DER file.", edit::read_key_file)
            }
        }
    }
}

impl Typing {
    /// What is asked for. Sanitized.
    pub(crate) fn asks<'a>(&'a self, model: &'a Model) -> Asks<'a> {
        let line = self.wanted.line();
        let plain = Asks {
            title: line.title.into(),
            whose: None,
            step: String::new(),
            asks: line.help.into(),
            help: "".into(),
            secret: line.masked,
            receiver: if line.masked { HERE } else { "" },
            leaves: "{key:text.cancel} close",
        };
        let task = match &self.wanted {
            Wanted::Answer(job) | Wanted::Coming(job) => model.tasks.by_id(*job),
            _ => None,
        };
        let Some(task) = task else {
            return match &self.wanted {
                Wanted::Address(id) if let Some(source) = source(id) => {
                    Asks { title: format!("Import: {}", source.label).into(), asks: source.help.into(), ..plain }
                }
                _ => plain,
            };
        };
        let asked = Asks {
            title: task.what.title().into(),
            whose: task.who(),
            step: ahead::step_words(model, task),
            leaves: match task.answered.is_empty() && task.step.is_none() {
                _ if task.whose.is_none() && task.who().is_some() => "{key:text.cancel} skip this profile",
                true => "{key:text.cancel} cancel: nothing was sent yet",
                false => "{key:text.cancel} cancel",
            },
            ..plain
        };
        match (&task.prompt, ahead::expected(model, task)) {
            (Some(prompt), _) => Asks {
                asks: ahead::whom(model, task, &text::visible(&prompt.label)).into(),
                help: text::visible(&prompt.help),
                secret: prompt.secret,
                receiver: match (prompt.secret, prompt.stays_here()) {
                    (false, _) => "",
                    (true, true) => HERE,
                    (true, false) => "goes to the server only",
                },
                ..asked
            },
            (None, Some(expected)) => Asks {
                asks: ahead::whom(model, task, expected.label).into(),
                help: line.help.into(),
                receiver: "",
                ..asked
            },
            (None, None) => asked,
        }
    }

    /// How many characters from the start on can be read.
    pub(crate) fn readable(&self, asks: &Asks<'_>) -> usize {
        if asks.secret && !self.shown { 0 } else { usize::MAX }
    }
}

/// Who gets what is typed, where nobody does.
const HERE: &str = "stays on this machine";

/// What is asked for by a line.
pub(crate) struct Asks<'a> {
    /// `Log in`.
    pub(crate) title: Cow<'a, str>,
    pub(crate) whose: Option<&'a ProfileName>,
    /// `step 1 of 2`.
    pub(crate) step: String,
    /// `Password of grace at lms-staging.example.org`.
    pub(crate) asks: Cow<'a, str>,
    pub(crate) help: Cow<'a, str>,
    pub(crate) secret: bool,
    /// Who gets a secret.
    pub(crate) receiver: &'static str,
    /// What Esc does, with its key to be filled in.
    pub(crate) leaves: &'static str,
}

/// A secret is being typed: it can be shown.
pub(in crate::tui::app) fn offer_show(model: &Model) -> Option<Action> {
    let (secret, shown) = match model.modes.top()? {
        Mode::Typing(typing) => (typing.asks(model).secret, typing.shown),
        Mode::Form(form) => (form.focused().is_some_and(FormEntry::is_masked), form.shown),
        _ => return None,
    };
    secret.then_some(Action::ShowTyped(!shown))
}

pub(in crate::tui::app) fn show(model: &mut Model, on: bool) {
    match model.modes.top_mut() {
        Some(Mode::Typing(typing)) => typing.shown = on,
        Some(Mode::Form(form)) => form.shown = on,
        _ => {}
    }
}

impl Typing {
    pub(super) fn edit(&mut self, edit: Edit) {
        self.refused = false;
        self.input.edit(edit);
    }

    /// What is read of the line so far, or why nothing is: below it, as long as it is typed. Sanitized.
    pub(crate) fn reading(&self, model: &Model) -> Vec<(Tone, String)> {
        match &self.wanted {
            Wanted::Time => travel::reading(model, self.input.text(), self.refused),
            _ => Vec::new(),
        }
    }
}

fn source(id: &str) -> Option<ImportSource> {
    import::sources(providers::ALL).into_iter().find(|source| source.id == id)
}

/// Opens a line.
pub(in crate::tui::app) fn open(model: &mut Model, wanted: Wanted) {
    let input = match wanted {
        Wanted::SigningKeyFile => Input::holding(model.modes.editor().map_or("", |editor| &editor.path)),
        Wanted::View => Input::holding(&views::kept(model)),
        _ => Input::new(),
    };
    model.modes.push(Mode::Typing(Typing { wanted, input, refused: false, shown: false }));
}

pub(in crate::tui::app) fn offer_accept(model: &Model) -> Option<Action> {
    match model.modes.top()? {
        Mode::Typing(Typing { wanted: Wanted::Filter, .. }) => Some(Action::Filter(Step::Keep)),
        Mode::Typing(_) => Some(Action::Accept),
        _ => None,
    }
}

/// Esc: a task that asked in vain is over.
pub(in crate::tui::app) fn offer_give_up(model: &Model) -> Option<Action> {
    let Some(Mode::Typing(typing)) = model.modes.top() else { return None };
    Some(match &typing.wanted {
        Wanted::Answer(job) | Wanted::Coming(job) => Action::Answer(tasks::give_up(model, *job).into()),
        Wanted::Search => Action::Answer(Action::ClearSearch.into()),
        Wanted::PageSearch => Action::Answer(Action::SearchPage(page::search::Step::Clear).into()),
        Wanted::Log => Action::Answer(Action::FilterLog(false).into()),
        Wanted::Filter => Action::Answer(Action::Filter(Step::Drop).into()),
        _ => Action::Close,
    })
}

/// Enter. An empty line answers nothing, and says so.
pub(in crate::tui::app) fn accept(model: &mut Model) -> Effects {
    let Some(Mode::Typing(Typing { wanted, input, .. })) = model.modes.top() else { return Effects::none() };
    if input.text().is_empty() && !wanted.line().empty {
        let words = model.hint("Type an answer, or {key:text.cancel} to cancel.").into_owned();
        model.tell(Level::Info, &words);
        return Effects::none();
    }
    enter(model)
}

/// A paste goes into the line, or is all of it.
pub(super) fn pasted(model: &mut Model, text: &str) -> Effects {
    let Some(Mode::Typing(Typing { wanted, input, .. })) = model.modes.top_mut() else { return Effects::none() };
    input.insert(text.trim_end_matches(['\r', '\n']));
    if wanted.line().whole { enter(model) } else { Effects::none() }
}

/// Takes the line off the stack, and puts it back where it is not taken.
fn enter(model: &mut Model) -> Effects {
    let Some(Mode::Typing(Typing { wanted, mut input, shown, .. })) = model.modes.close() else {
        return Effects::none();
    };
    (wanted.line().enter)(model, &wanted, &mut input).unwrap_or_else(|| {
        model.modes.push(Mode::Typing(Typing { wanted, input, refused: true, shown }));
        Effects::none()
    })
}

/// A task ended that had asked: the rest of what is typed for it goes nowhere, least of all into what stands below.
pub(super) fn settle(model: &Model, mode: &mut Mode) {
    if let Mode::Typing(Typing { wanted, input, .. }) = mode
        && let Wanted::Answer(job) = *wanted
        && model.prompt(job).is_none()
        && !input.text().is_empty()
    {
        *wanted = Wanted::Nothing;
        *input = Input::new();
    }
}

fn answer(model: &mut Model, wanted: &Wanted, input: &mut Input) -> Taken {
    let Wanted::Answer(job) = wanted else { return None };
    model.answered(*job);
    Some(Effect::Answer(*job, input.take()).into())
}

fn import(model: &mut Model, wanted: &Wanted, input: &mut Input) -> Taken {
    let Wanted::Address(source) = wanted else { return None };
    profiles::import(model, source, Some(input.text().to_owned()));
    Some(Effects::none())
}
