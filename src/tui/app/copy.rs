//! Copying: what goes to the clipboard, an honest word on how it went, and when it is taken off again.
//!
//! A token and a header are taken off the desktop's clipboard after `clear_after_seconds` and when the program ends, if
//! they are still there. Claims are no secret that opens a door: they stay. What went through the terminal (OSC 52)
//! cannot be read back, so whether it is still ours is unknown: clearing it could destroy what the user has copied
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
    target::{
        self,
        plan::{self, Bulk},
    },
    tokens::{Row, old},
};
use crate::{
    clock::{self, Timestamp},
    profile::ProfileName,
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

/// Something on its way to the clipboard.
#[derive(Debug)]
struct Asked {
    /// As the copy was asked for, by which it is known when it comes back.
    what: String,
    /// What is told of it: `Header`; sanitized.
    words: String,
    about: Option<ProfileName>,
    secret: bool,
}

/// What is on its way to the clipboard, and what is on it.
#[derive(Debug, Default)]
pub(crate) struct Copies {
    /// What is on its way.
    asked: Vec<Asked>,
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
        self.recalled = self.has_asked();
        let lent = self.lent.take().is_some();
        self.clearing |= lent;
        lent
    }

    /// A secret of ours is on the clipboard, or may be.
    pub(super) fn is_out(&self) -> bool {
        self.has_asked() || self.lent.is_some() || self.clearing
    }

    /// A secret is on its way.
    fn has_asked(&self) -> bool {
        self.asked.iter().any(|asked| asked.secret)
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
        Ok(true) => model.tell(Level::Info, "Clipboard cleared."),
        Ok(false) => model.tell(Level::Info, "Clipboard not cleared: it holds something newer."),
        Err(why) => model.tell_about(
            None,
            Level::Warning,
            "Could not clear the clipboard.",
            Some(&format!("{why}; copy something else to replace the secret")),
        ),
    }
}

pub(super) fn offer_token(model: &Model) -> Option<Action> {
    offer(model, Copied::Token)
}

pub(super) fn offer_header(model: &Model) -> Option<Action> {
    offer(model, Copied::Header)
}

/// Of the token that is meant, or, through a plan, of several.
fn offer(model: &Model, what: Copied) -> Option<Action> {
    if model.focus == Pane::Profiles {
        return None;
    }
    if old::meant(model).is_some_and(|one| one.is_ok_and(|(_, old)| !old.whole)) {
        return None;
    }
    match *target::tokens(model).ok()? {
        [one] => Some(Action::Copy(what)).filter(|_| one == model.tokens.cursor.index),
        _ => None,
    }
    .or_else(|| plan::offer(model, Bulk::Copy(what)))
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
    let several = |action: &Action| matches!(action, Action::Plan(_));
    offer(model, Copied::Claims).filter(|action| several(action) || plaintext::claims(model).is_some())
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

/// One token is meant, and it is the one that is shown.
fn selected(model: &Model) -> Option<()> {
    matches!(offer(model, Copied::Token)?, Action::Copy(_)).then_some(())
}

/// A token, or its header.
fn secret(row: &Row, what: Copied) -> SecretString {
    match what {
        Copied::Header => {
            let (scheme, raw) = (row.scheme.as_str(), row.token.raw().expose_secret());
            format!("Authorization: {scheme} {raw}").into()
        }
        _ => row.token.raw().clone(),
    }
}

/// Several, one in a line.
pub(super) fn copy_several(model: &mut Model, what: Copied, places: &[usize]) -> Effects {
    let rows = places.iter().filter_map(|place| model.tokens.rows().get(*place));
    let rows = rows.filter(|row| row.old.is_none_or(|old| old.whole));
    let texts: Vec<SecretString> = match what {
        Copied::Claims => rows.filter_map(|row| Some(row.token.claims()?.text().into())).collect(),
        _ => rows.map(|row| secret(row, what)).collect(),
    };
    let lines: Vec<_> = texts.iter().map(SecretString::expose_secret).collect();
    if lines.is_empty() {
        model.tell(Level::Warning, "Nothing to copy: none of these tokens is there, or has claims.");
        return Effects::none();
    }
    let things = match what {
        Copied::Header => "Authorization headers",
        Copied::Claims => "claims sets",
        _ => "tokens",
    };
    let (words, text) = (format!("{} {things}", lines.len()), lines.join("\n").into());
    let (what, secret) = (words.clone(), what.is_secret());
    model.copies.asked.push(Asked { what, words: words.clone(), about: None, secret });
    Effect::Copy { what: words, text }.into()
}

pub(super) fn copy(model: &mut Model, copied: Copied) -> Effects {
    let Some(row) = model.tokens.selected() else { return Effects::none() };
    let about = row.profile().cloned();
    // Of a profile's token the notice names the profile.
    let token = if about.is_some() { format!("{} token", row.kind) } else { row.words() };
    let of = |part: &str| if about.is_some() { part.to_owned() } else { format!("{part} of the {token}") };
    let (what, words, text) = match copied {
        Copied::Token => (row.words(), token, row.token.raw().clone()),
        Copied::Header => {
            let (scheme, raw) = (row.scheme.as_str(), row.token.raw().expose_secret());
            let what = format!("Authorization header with the {}", row.words());
            (what, of("header"), format!("Authorization: {scheme} {raw}").into())
        }
        Copied::Claims => {
            let Some(claims) = plaintext::claims(model) else { return Effects::none() };
            (format!("claims of the {}", row.words()), of("claims"), claims.text().into())
        }
        Copied::HeaderAndClaims => {
            let Some(both) = form::both(model) else { return Effects::none() };
            (format!("header and claims of the {}", row.words()), of("header and claims"), both.into())
        }
        Copied::Curl => {
            let Some(command) = form::curl(model) else { return Effects::none() };
            ("curl command".to_owned(), "curl command".to_owned(), command.into())
        }
        Copied::Export => (format!("export line with the {}", row.words()), of("export line"), form::export(row)),
        Copied::Fingerprint => {
            (format!("fingerprint of the {}", row.words()), of("fingerprint"), row.fingerprint.to_string().into())
        }
        Copied::Markdown => {
            (format!("Markdown about the {}", row.words()), of("Markdown"), form::markdown(model, row).into())
        }
        Copied::Pointer => {
            let Some(SheetItem::Value(json, at)) = model.selected_item() else { return Effects::none() };
            let pointer = json.pointer(at);
            let shown = if pointer.len() > 60 { "".into() } else { text::visible(&pointer) };
            let what = format!("JSON pointer {shown}").trim_end().to_owned();
            (what.clone(), what, pointer.into())
        }
        Copied::Value if let Some(text) = plaintext::text(model) => {
            ("what was encrypted".to_owned(), "decrypted text".to_owned(), text.into())
        }
        Copied::Value => {
            let Some(SheetItem::Value(json, at)) = model.selected_item() else { return Effects::none() };
            let node = &json.nodes()[at];
            let text: SecretString = match json.string(node) {
                Some(string) => string.as_ref().into(),
                None => json.raw(node).into(),
            };
            let name = json.key(node).map_or_else(|| "value".to_owned(), |key| text::visible(&key).into_owned());
            (name.clone(), format!("value of {name}"), text)
        }
    };
    let secret = copied.is_secret();
    model.copies.asked.push(Asked { what: what.clone(), words, about, secret });
    Effect::Copy { what, text }.into()
}

pub(super) fn copied(model: &mut Model, what: &str, outcome: CopyOutcome) {
    let asked = model.copies.asked.iter().position(|asked| asked.what == what);
    let asked = asked.map(|at| model.copies.asked.remove(at));
    let (subject, about, secret) = asked.map_or_else(
        || (text::visible(what).into_owned(), None, false),
        |Asked { words, about, secret, .. }| (words, about, secret),
    );
    let recalled = model.copies.recalled;
    model.copies.recalled &= model.copies.has_asked();
    let seconds = i64::from(model.config.clipboard.clear_after_seconds);
    match outcome {
        CopyOutcome::Clipboard => {
            // Whatever was there before is gone.
            model.copies.lent = None;
            if secret {
                let span = TimeDelta::seconds(if recalled { 0 } else { seconds });
                model.copies.lent = Some((recalled || seconds > 0).then(|| Wait::new(model.now, span)));
            }
            let leaves = match secret && seconds > 0 {
                true => format!("; it leaves the clipboard in {}", clock::span(TimeDelta::seconds(seconds))),
                false => String::new(),
            };
            model.tell_copied(about.as_ref(), &format!("{subject} copied{leaves}."));
        }
        CopyOutcome::Osc52 { doubt } => through_terminal(model, about.as_ref(), &subject, secret, doubt),
        CopyOutcome::Failed(why) => {
            model.tell_about(about.as_ref(), Level::Error, &format!("{subject} not copied."), Some(&why));
        }
    }
}

/// Whether it arrived cannot be known: what to do if it did not is said once.
fn through_terminal(
    model: &mut Model,
    about: Option<&ProfileName>,
    subject: &str,
    secret: bool,
    doubt: Option<String>,
) {
    let topic = if doubt.is_some() { "OSC 52, doubted" } else { "OSC 52" };
    if !model.notices.is_new_advice(topic) {
        return model.tell_copied(about, &format!("{subject} copied (OSC 52)."));
    }
    let words = format!("{subject} sent to the terminal's clipboard.");
    let stays = secret.then_some("it stays there until you copy something else: tokscope cannot read it back");
    let allow = doubt.unwrap_or_else(|| "if it is not there: allow OSC 52".to_owned());
    let hint = [allow.as_str()].into_iter().chain(stays).collect::<Vec<_>>().join("; ");
    model.tell_about(about, Level::Warning, &words, Some(&hint));
}

impl Model {
    /// A copy is no news of the profile: its problems stay as they are.
    fn tell_copied(&mut self, about: Option<&ProfileName>, words: &str) {
        self.tell_unsettling(about, Level::Success, words);
    }
}
