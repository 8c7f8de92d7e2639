//! Yes or no: what is asked, in one table.

use super::{Mode, Taken, Wanted};
use crate::{
    auth::{Revocation, Settings, TokenKind, key_source::KeySource},
    clock,
    oauth::metadata,
    profile::ProfileName,
    text,
    token::Form,
    tui::app::{
        Model,
        input::Input,
        keymap::{self, Action},
        known_keys::Whose,
        message::What,
        notices::Level,
        page::Tone,
        readonly,
        tokens::Row,
    },
};

/// Something that is done only after confirmation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Question {
    /// Revoke a profile's tokens at the server.
    Revoke(ProfileName),
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
        let Self::Revoke(profile) = self else { return None };
        model.guard(profile)?;
        model.profiles.row(profile)?.environment.clone()
    }

    /// The profile that it is about.
    fn profile(&self) -> Option<&ProfileName> {
        match self {
            Self::Revoke(profile) => Some(profile),
            Self::Quit | Self::Fetch(..) | Self::LeaveForm | Self::LeaveEditor => None,
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
            Self::Revoke(profile) => Asked {
                title: "Revoke tokens",
                verb: "revoke",
                otherwise: "keep",
                lines: revoke(model, profile),
                yes: Action::Start(What::Revoke(crate::session::Wanted::Current), profile.clone()),
            },
            Self::Quit => asked(
                "Tokens are not saved",
                "Quit anyway? Tokens that are only in memory will be lost.".to_owned(),
                "tokscope is trying to save them and will keep retrying.",
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

/// The question before a server forgets tokens: where, whose, and what it cannot take back.
fn revoke(model: &Model, profile: &ProfileName) -> Vec<(String, Tone)> {
    let mut lines = vec![(format!("Revoke the tokens of {profile} at the server?"), Tone::Heading)];
    let Some(row) = model.profiles.row(profile) else { return lines };
    let mut fact = |label: &str, words: &str| lines.push((format!("{label:<12} {}", visible(words)), Tone::Plain));
    row.environment.iter().for_each(|environment| fact("environment", environment));
    let settings = row.descriptor.and_then(|descriptor| Settings::parse(descriptor, &row.profile).ok());
    settings.and_then(|settings| settings.server()).iter().for_each(|server| fact("server", server));
    let account = row.holding.as_ref().and_then(|holding| holding.account.as_deref());
    account.iter().for_each(|account| fact("account", account));
    let mut rows = model.tokens.rows().iter().filter(|row| row.profile() == Some(profile));
    // A signed token can be checked without its issuer; an opaque one cannot.
    let signed = |row: &&Row| row.kind == TokenKind::Access && matches!(row.token.form(), Form::Jws(_));
    match rows.find(signed).map(|row| row.lifetime.expires_at) {
        Some(Some(end)) if end <= model.now => {}
        Some(end) => {
            let until = end.map(|end| clock::of_day(end, model.now, model.zone));
            lines.push((Revocation::outlasts(until.as_deref()), Tone::Warn));
        }
        None => {}
    }
    lines.push(("Programs that use them stop working. This cannot be undone.".to_owned(), Tone::Muted));
    lines
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
    if let Question::Revoke(profile) = &question
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
        let words = "that is not the name of the environment: nothing was revoked";
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
