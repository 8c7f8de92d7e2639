//! Yes or no: what is asked, in one table.

use super::Mode;
use crate::{
    auth::keys::KeySource,
    oauth::metadata,
    profile::ProfileName,
    text,
    tui::app::{Model, keymap::Action, keyring::Whose, message::JobKind, page::Tone},
};

/// Something that is done only after confirmation.
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
    /// Close the form although something was changed in it.
    LeaveForm,
    /// Close the editor although something was changed in it.
    LeaveEditor,
}

/// All about a question.
pub(crate) struct Asked {
    pub(crate) title: &'static str,
    /// What is asked, and what follows from it; sanitized, not wrapped yet.
    pub(crate) lines: Vec<(String, Tone)>,
    yes: Action,
}

impl Question {
    /// The table.
    pub(crate) fn asked(&self, model: &Model) -> Asked {
        let asked = |title, asks: String, means: &'static str, yes| Asked {
            title,
            lines: vec![(asks, Tone::Heading), (model.hint(means).into_owned(), Tone::Muted)],
            yes,
        };
        let leave = |title, asks: &str| asked(title, asks.to_owned(), "Your changes will be lost.", Action::Discard);
        match self {
            Self::Forget(profile) => asked(
                "Forget tokens",
                format!("Forget the tokens of {profile}?"),
                "The server still accepts them; {key:panes.revoke} revokes them there.",
                Action::Forget(profile.clone()),
            ),
            Self::Revoke(profile) => asked(
                "Revoke tokens",
                format!("Revoke the tokens of {profile} at the server?"),
                "Programs that use them stop working. This cannot be undone.",
                Action::Start(JobKind::Revoke, profile.clone()),
            ),
            Self::Remove(profile) => asked(
                "Delete the profile",
                format!("Delete the profile {profile}?"),
                "Its tokens are forgotten here but not revoked at the server.",
                Action::Remove(profile.clone()),
            ),
            Self::Quit => asked(
                "Tokens are not saved",
                "Quit anyway? Tokens that are only in memory will be lost.".to_owned(),
                "tokscope is trying to save them and will keep retrying.",
                Action::QuitUnsaved,
            ),
            Self::Fetch(source, whose) => Asked {
                title: "Verification keys",
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
    let mut lines = vec![("Go online and fetch this?".to_owned(), Tone::Heading), (visible(&url), Tone::Accent)];
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

pub(in crate::tui::app) fn offer_yes(model: &Model) -> Option<Action> {
    match model.modes.top()? {
        Mode::Confirm(question) => Some(Action::Answer(question.asked(model).yes.into())),
        _ => None,
    }
}
