//! Yes or no: what is asked, in one table.

use super::{Mode, Taken, Wanted, revoke};
use crate::{
    auth::key_source::KeySource,
    oauth::metadata,
    profile::ProfileName,
    session::Wanted as Sets,
    store::runs::RunId,
    text,
    tui::app::{
        Model,
        api::{self, ApiRequest},
        input::Input,
        keymap::{self, Action},
        known_keys::Whose,
        message::What,
        notices::Level,
        page::Tone,
        readonly, rotation,
        target::plan::Plan,
        vault,
    },
};

/// Something that is done only after confirmation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Question {
    /// Revoke these token sets of a profile at the server.
    Revoke(ProfileName, Sets),
    /// Do this to several.
    Plan(Plan),
    /// Send a request that may change something in a protected environment.
    Call(ProfileName, ApiRequest),
    /// Rotate what the plan says.
    Rotate,
    /// Give up this rotation, which was cut off.
    Abandon(RunId),
    /// Leave although some tokens are not saved.
    Quit,
    /// Go online for keys to verify with.
    Fetch(KeySource, Whose),
    /// Close the form although something was changed in it.
    LeaveForm,
    /// Close the editor although something was changed in it.
    LeaveEditor,
}

/// All about a question.
pub(crate) struct Asked {
    pub(crate) title: &'static str,
    /// What is done then: `revoke` …
    pub(crate) verb: &'static str,
    /// … and otherwise: `keep`.
    pub(crate) otherwise: &'static str,
    /// What is asked, and what follows from it; sanitized, not wrapped yet.
    pub(crate) lines: Vec<(String, Tone)>,
    yes: Action,
}

impl Question {
    /// What is typed to confirm it, where the server of a protected environment would forget something; sanitized.
    pub(crate) fn phrase(&self, model: &Model) -> Option<String> {
        if let Self::Plan(plan) = self {
            return plan.phrase(model);
        }
        let profile = self.profile()?;
        model.guard(profile)?;
        model.profiles.row(profile)?.environment.clone()
    }

    /// The profile that it is about.
    pub(crate) fn profile(&self) -> Option<&ProfileName> {
        match self {
            Self::Revoke(profile, _) | Self::Call(profile, _) => Some(profile),
            Self::Plan(_)
            | Self::Rotate
            | Self::Abandon(_)
            | Self::Quit
            | Self::Fetch(..)
            | Self::LeaveForm
            | Self::LeaveEditor => None,
        }
    }

    /// The table.
    pub(crate) fn asked(&self, model: &Model) -> Asked {
        let asked = |title, asks: String, means: &'static str, yes| Asked {
            title,
            verb: "leave",
            otherwise: "stay",
            lines: vec![(asks, Tone::Heading), (model.hint(means).into_owned(), Tone::Muted)],
            yes,
        };
        let leave = |title, asks: &str| asked(title, asks.to_owned(), "Your changes will be lost.", Action::Discard);
        match self {
            Self::Revoke(profile, sets) => Asked {
                title: "Revoke",
                verb: "revoke",
                otherwise: "keep",
                lines: revoke::lines(model, profile, *sets),
                yes: Action::Start(What::Revoke(*sets), profile.clone()),
            },
            Self::Plan(plan) => Asked {
                title: plan.bulk.title(),
                verb: plan.bulk.verb(),
                otherwise: "change nothing",
                lines: plan.lines(model),
                yes: Action::RunPlan(plan.clone()),
            },
            Self::Call(profile, request) => Asked {
                title: "Call",
                verb: "send",
                otherwise: "send nothing",
                lines: api::lines(model, profile, request),
                yes: api::confirmed(model, profile, request),
            },
            Self::Rotate => Asked {
                title: "Rotate",
                verb: "rotate",
                otherwise: "change nothing",
                lines: rotation::draft::question(model),
                yes: Action::Rotate(rotation::Step::Begin),
            },
            Self::Abandon(run) => Asked {
                title: "Abandon rotation",
                verb: "abandon",
                otherwise: "keep it",
                lines: rotation::abandoning(model, run),
                yes: Action::Rotate(rotation::Step::Abandon(run.clone())),
            },
            Self::Quit => asked(
                "Tokens are not saved",
                "Quit anyway? Tokens that are only in memory will be lost.".to_owned(),
                match vault::fails_to_save(model) {
                    true => "tokscope is trying to save them and will keep retrying.",
                    false => "To save them, stay and press {key:unlock}.",
                },
                Action::QuitUnsaved,
            ),
            Self::Fetch(source, whose) => Asked {
                title: "Verification keys",
                verb: "go online",
                otherwise: "stay offline",
                lines: fetch(source, whose),
                yes: Action::FindKeys(source.clone(), whose.clone()),
            },
            Self::LeaveForm => leave("Leave the form", "Leave without saving?"),
            Self::LeaveEditor => leave("Leave the editor", "Leave without a token?"),
        }
    }
}

/// The question before going online, with the whole URL.
fn fetch(source: &KeySource, whose: &Whose) -> Vec<(String, Tone)> {
    let url = match source {
        KeySource::Issuer(issuer) => metadata::configuration_url(issuer).map_or_else(|| issuer.clone(), String::from),
        source => source.to_string(),
    };
    let mut lines = vec![("Go online and fetch this?".to_owned(), Tone::Heading), (visible(&url), Tone::Heading)];
    if matches!(source, KeySource::Issuer(_)) {
        let words = "Its JWK set is fetched too; on another host, only after you agree.";
        lines.push((words.to_owned(), Tone::Muted));
    }
    if let (KeySource::JwkSet(_), Whose::Issuer(issuer)) = (source, whose) {
        lines.push((visible(&format!("{issuer} names this address for its keys.")), Tone::Muted));
    }
    let counts = match whose {
        Whose::Given(..) => {
            "Its keys count for this token, for others of its issuer and for those that name one of them by its kid, \
             until the program ends."
        }
        Whose::Issuer(_) => {
            "The token itself names this issuer: continue only if you trust it. Its keys count only for tokens of \
             this issuer. The token is not sent."
        }
        Whose::Profile(_) => "The profile remembers it. The token is not sent.",
    };
    lines.extend([(String::new(), Tone::Plain), (counts.to_owned(), Tone::Muted)]);
    lines
}

fn visible(text: &str) -> String {
    text::visible(text).into_owned()
}

/// Asks; where a server of a protected environment would forget something, no single key answers.
pub(in crate::tui::app) fn ask(model: &mut Model, question: Question) {
    if let Some(profile) = question.profile()
        && readonly::refused(model, profile)
    {
        return;
    }
    match question.phrase(model) {
        Some(_) => super::type_line(model, Wanted::Sure(question)),
        None => model.modes.push(Mode::Confirm(question)),
    }
}

/// Enter below the question: yes, if it is the name of the environment.
pub(super) fn sure(model: &mut Model, wanted: &Wanted, input: &mut Input) -> Taken {
    let Wanted::Sure(question) = wanted else { return None };
    let phrase = question.phrase(model);
    if phrase.is_none_or(|phrase| !same(&phrase, input.text())) {
        let words = "Not the name of the environment: nothing was done.";
        model.advise(question.profile(), Level::Warning, words, "type its name, or press {key:text.cancel}");
        return None;
    }
    let yes = question.asked(model).yes;
    Some(keymap::act(model, yes))
}

fn same(phrase: &str, typed: &str) -> bool {
    phrase.trim().to_lowercase() == typed.trim().to_lowercase()
}

pub(in crate::tui::app) fn offer_yes(model: &Model) -> Option<Action> {
    match model.modes.top()? {
        Mode::Confirm(question) => Some(Action::Answer(question.asked(model).yes.into())),
        _ => None,
    }
}
