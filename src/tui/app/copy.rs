//! Copying: what goes to the clipboard, an honest word on how it went, and when it is taken off again.
//!
//! A token and a header are taken off the desktop's clipboard after `clear_after_seconds` and when the program ends, if
//! they are still there. Claims are no secret that opens a door: they stay. What went through the terminal (OSC 52)
//! cannot be read back, so nobody knows whether it is still ours: clearing it could destroy what the user has copied
//! since, and so it stays, and the notice says that.

mod form;

use chrono::TimeDelta;

use super::{
    Model, Pane,
    inspector::{SheetItem, plaintext},
    keymap::Action,
    message::{CopyOutcome, Effect, Effects},
    notices::Level,
    schedule::Wait,
};
use crate::{
    clock::{self, Timestamp},
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
    /// Header and claims as written, in one object.
    HeaderAndClaims,
    /// A command that asks this program for a fresh token, and curl to send it.
    Curl,
    /// A line that sets a variable of the shell to it.
    Export,
    /// What names it without telling it.
    Fingerprint,
    /// What is known of it, for a ticket.
    Markdown,
}

impl Copied {
    fn is_secret(self) -> bool {
        matches!(self, Self::Token | Self::Header | Self::Export)
    }
}

/// What is on its way to the clipboard, and what is on it.
#[derive(Debug, Default)]
pub(crate) struct Copies {
    /// The secrets on their way, in words.
    asked: Vec<String>,
    /// A secret of ours is on the desktop's clipboard: when it is to be taken off, if the settings want that.
    lent: Option<Option<Wait>>,
    /// The vault was locked: what is on its way is taken off as soon as it is there.
    recalled: bool,
    /// It is being taken off.
    clearing: bool,
}

impl Copies {
    /// There is something to take off at the end, and it is on nobody's list any more.
    pub(super) fn take_back(&mut self) -> bool {
        let timed = self.lent.take().is_some_and(|wait| wait.is_some());
        self.clearing |= timed;
        timed
    }

    /// The vault is locked: every copy of a secret is to go, also one that may stay for as long as it likes otherwise.
    pub(super) fn recall(&mut self) -> bool {
        self.recalled = !self.asked.is_empty();
        let lent = self.lent.take().is_some();
        self.clearing |= lent;
        lent
    }

    /// A secret of ours is on the clipboard, or may be.
    pub(super) fn is_out(&self) -> bool {
        !self.asked.is_empty() || self.lent.is_some() || self.clearing
    }

    /// The clock was set back to `now`.
    pub(super) fn set_back(&mut self, now: Timestamp) {
        self.lent.iter_mut().flatten().for_each(|wait| wait.set_back(now));
    }
}

/// When the clipboard is to be cleared.
pub(super) fn next(model: &Model) -> Option<Timestamp> {
    model.copies.lent.flatten().map(Wait::until)
}

/// Clears the clipboard when it is time.
pub(super) fn clear(model: &mut Model) -> Effects {
    if next(model).is_some_and(|at| at <= model.now) && model.copies.take_back() {
        return Effect::ClearClipboard.into();
    }
    Effects::none()
}

pub(super) fn cleared(model: &mut Model, result: Result<bool, String>) {
    model.copies.clearing = false;
    match result {
        Ok(true) => model.tell(Level::Info, "clipboard cleared"),
        Ok(false) => model.tell(Level::Info, "clipboard not cleared: it holds something else now"),
        Err(why) => model.tell_about(
            None,
            Level::Warning,
            "could not clear the clipboard",
            Some(&format!("{why}; copy something else to replace the secret")),
        ),
    }
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
    matches!(item, Some(SheetItem::Value(..) | SheetItem::Text(_))).then_some(Action::Copy(Copied::Value))
}

pub(super) fn offer_pointer(model: &Model) -> Option<Action> {
    let item = model.selected_item().filter(|_| model.focus == Pane::Inspector);
    matches!(item, Some(SheetItem::Value(..))).then_some(Action::Copy(Copied::Pointer))
}

pub(super) fn offer_claims(model: &Model) -> Option<Action> {
    selected(model)?;
    plaintext::claims(model).map(|_| Action::Copy(Copied::Claims))
}

pub(super) fn offer_both(model: &Model) -> Option<Action> {
    selected(model)?;
    form::both(model).map(|_| Action::Copy(Copied::HeaderAndClaims))
}

pub(super) fn offer_curl(model: &Model) -> Option<Action> {
    selected(model)?;
    form::curl(model).map(|_| Action::Copy(Copied::Curl))
}

pub(super) fn offer_export(model: &Model) -> Option<Action> {
    selected(model).map(|()| Action::Copy(Copied::Export))
}

pub(super) fn offer_fingerprint(model: &Model) -> Option<Action> {
    selected(model).map(|()| Action::Copy(Copied::Fingerprint))
}

pub(super) fn offer_markdown(model: &Model) -> Option<Action> {
    selected(model).map(|()| Action::Copy(Copied::Markdown))
}

fn selected(model: &Model) -> Option<()> {
    (model.focus != Pane::Profiles).then_some(())?;
    model.tokens.selected().map(|_| ())
}

pub(super) fn copy(model: &mut Model, what: Copied) -> Effects {
    let Some(row) = model.tokens.selected() else { return Effects::none() };
    let secret = what.is_secret();
    let (what, text) = match what {
        Copied::Token => (row.words(), row.token.raw().clone()),
        Copied::Header => {
            let (scheme, raw) = (row.scheme.as_str(), row.token.raw().expose_secret());
            (format!("Authorization header with the {}", row.words()), format!("Authorization: {scheme} {raw}").into())
        }
        Copied::Claims => {
            let Some(claims) = plaintext::claims(model) else { return Effects::none() };
            (format!("claims of the {}", row.words()), claims.text().into())
        }
        Copied::HeaderAndClaims => {
            let Some(both) = form::both(model) else { return Effects::none() };
            (format!("header and claims of the {}", row.words()), both.into())
        }
        Copied::Curl => {
            let Some(command) = form::curl(model) else { return Effects::none() };
            ("curl command".to_owned(), command.into())
        }
        Copied::Export => (format!("export line with the {}", row.words()), form::export(row)),
        Copied::Fingerprint => (format!("fingerprint of the {}", row.words()), row.fingerprint.to_string().into()),
        Copied::Markdown => (format!("Markdown about the {}", row.words()), form::markdown(model, row).into()),
        Copied::Pointer => {
            let Some(SheetItem::Value(json, at)) = model.selected_item() else { return Effects::none() };
            let pointer = json.pointer(at);
            let shown = if pointer.len() > 60 { "".into() } else { text::visible(&pointer) };
            (format!("JSON pointer {shown}").trim_end().to_owned(), pointer.into())
        }
        Copied::Value if let Some(text) = plaintext::text(model) => ("what was encrypted".to_owned(), text.into()),
        Copied::Value => {
            let Some(SheetItem::Value(json, at)) = model.selected_item() else { return Effects::none() };
            let node = &json.nodes()[at];
            let text: SecretString = match json.string(node) {
                Some(string) => string.as_ref().into(),
                None => json.raw(node).into(),
            };
            let name = json.key(node).map_or_else(|| "value".to_owned(), |key| text::visible(&key).into_owned());
            (name, text)
        }
    };
    if secret {
        model.copies.asked.push(what.clone());
    }
    Effect::Copy { what, text }.into()
}

pub(super) fn copied(model: &mut Model, what: &str, outcome: CopyOutcome) {
    let asked = model.copies.asked.iter().position(|asked| asked == what);
    let secret = asked.map(|at| model.copies.asked.remove(at)).is_some();
    let recalled = model.copies.recalled;
    model.copies.recalled &= !model.copies.asked.is_empty();
    let seconds = i64::from(model.config.clipboard.clear_after_seconds);
    match outcome {
        CopyOutcome::Clipboard => {
            // Whatever was there before is gone.
            model.copies.lent = None;
            let mut words = format!("copied the {what}");
            if secret {
                let span = TimeDelta::seconds(if recalled { 0 } else { seconds });
                model.copies.lent = Some((recalled || seconds > 0).then(|| Wait::new(model.now, span)));
            }
            if secret && seconds > 0 {
                words.push_str(&format!("; clears in {}", clock::span(TimeDelta::seconds(seconds))));
            }
            model.tell(Level::Success, &words);
        }
        CopyOutcome::Osc52 { doubt } => {
            let stays = secret.then_some(
                "it stays there until you copy something else, because tokscope cannot read the clipboard back",
            );
            let (severity, words) = match doubt {
                None => (Level::Info, format!("sent the {what} to the terminal's clipboard (OSC 52)")),
                Some(_) => (
                    Level::Warning,
                    format!("sent the {what} to the terminal's clipboard (OSC 52); it may not have arrived"),
                ),
            };
            let hint: Vec<_> = doubt.iter().map(String::as_str).chain(stays).collect();
            let hint = hint.join("; ");
            model.tell_about(None, severity, &words, Some(hint.as_str()).filter(|hint| !hint.is_empty()));
        }
        CopyOutcome::Failed(why) => {
            model.tell_about(None, Level::Error, &format!("could not copy the {what}"), Some(&why));
        }
    }
}
