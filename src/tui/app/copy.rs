//! Copying: what goes to the clipboard, and an honest word on how it went.

use super::{
    Model, Pane,
    inspector::Item,
    keymap::Action,
    message::{CopyOutcome, Effect, Effects},
    notices::Severity,
};
use crate::{
    secret::{ExposeSecret as _, SecretString},
    text,
};

/// What can be copied of the token under the cursor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Copied {
    /// The token itself.
    Token,
    /// `Authorization: SCHEME TOKEN`.
    Header,
    /// The claim or header parameter under the cursor: a string without its quotes, anything else as written.
    Value,
    /// Where the claim or header parameter under the cursor is: its JSON pointer (RFC 6901).
    Pointer,
    /// The whole claims set as written.
    Claims,
}

pub(super) fn offer_token(model: &Model) -> Option<Action> {
    selected(model).map(|()| Action::Copy(Copied::Token))
}

pub(super) fn offer_header(model: &Model) -> Option<Action> {
    selected(model).map(|()| Action::Copy(Copied::Header))
}

pub(super) fn offer_value(model: &Model) -> Option<Action> {
    let copyable = model.focus == Pane::Inspector;
    let item = model.selected_item().filter(|_| copyable);
    matches!(item, Some(Item::Value(..))).then_some(Action::Copy(Copied::Value))
}

pub(super) fn offer_pointer(model: &Model) -> Option<Action> {
    offer_value(model).map(|_| Action::Copy(Copied::Pointer))
}

pub(super) fn offer_claims(model: &Model) -> Option<Action> {
    selected(model)?;
    model.tokens.selected()?.token.claims().map(|_| Action::Copy(Copied::Claims))
}

fn selected(model: &Model) -> Option<()> {
    (model.focus != Pane::Profiles).then_some(())?;
    model.tokens.selected().map(|_| ())
}

pub(super) fn copy(model: &Model, what: Copied) -> Effects {
    let Some(row) = model.tokens.selected() else { return Effects::none() };
    let (what, text) = match what {
        Copied::Token => (row.words(), row.token.raw().clone()),
        Copied::Header => {
            let (scheme, raw) = (row.scheme.as_str(), row.token.raw().expose_secret());
            (format!("Authorization header with the {}", row.words()), format!("Authorization: {scheme} {raw}").into())
        }
        Copied::Claims => {
            let Some(claims) = row.token.claims() else { return Effects::none() };
            (format!("claims of the {}", row.words()), claims.text().into())
        }
        Copied::Pointer => {
            let Some(Item::Value(json, at)) = model.selected_item() else { return Effects::none() };
            let pointer = json.pointer(at);
            let shown = if pointer.len() > 60 { "".into() } else { text::visible(&pointer) };
            (format!("JSON pointer {shown}").trim_end().to_owned(), pointer.into())
        }
        Copied::Value => {
            let Some(Item::Value(json, at)) = model.selected_item() else { return Effects::none() };
            let node = &json.nodes()[at];
            let text: SecretString = match json.string(node) {
                Some(string) => string.as_ref().into(),
                None => json.raw(node).into(),
            };
            let name = json.key(node).map_or_else(|| "value".to_owned(), |key| text::visible(&key).into_owned());
            (name, text)
        }
    };
    Effect::Copy { what, text }.into()
}

pub(super) fn copied(model: &mut Model, what: &str, outcome: CopyOutcome) {
    match outcome {
        CopyOutcome::Clipboard => model.tell(Severity::Success, &format!("copied the {what}")),
        CopyOutcome::Osc52 { doubt: None } => {
            model.tell(Severity::Info, &format!("asked the terminal to copy the {what} (OSC 52)"));
        }
        CopyOutcome::Osc52 { doubt: Some(doubt) } => {
            let words = format!("asked the terminal to copy the {what} (OSC 52); it may not have");
            model.tell_about(None, Severity::Warning, &words, Some(&doubt));
        }
        CopyOutcome::Failed(why) => {
            model.tell_about(None, Severity::Error, &format!("could not copy the {what}"), Some(&why));
        }
    }
}
