//! A token inside of a token: in a claim, in a header parameter, or as the whole payload.

use super::{SheetItem, Tab};
use crate::{
    token::{Form, Jws, Payload, Token, is_token, jwe::Content},
    tui::app::{Model, keymap::Action, notices::Level},
};

/// The token that the value under the cursor is: where it is, and its text.
fn found(model: &Model) -> Option<(String, String)> {
    let row = model.tokens.selected()?;
    let form = row.token.form();
    if let Some(inside) = model.decryption(row).and_then(|decryption| decryption.plaintext.as_ref()) {
        let text = str::from_utf8(inside.bytes()).ok().filter(|_| matches!(inside.content, Content::Token(_)))?;
        return (model.inspector.tab == Tab::Claims).then(|| ("decrypted".to_owned(), text.to_owned()));
    }
    match (model.selected_item()?, form) {
        (SheetItem::Value(json, at), _) => {
            let node = &json.nodes()[at];
            // Most values are none at the first look.
            let begins = json.raw(node).starts_with("\"ey") || json.raw(node).starts_with("\"ew");
            let text = json.string(node).filter(|text| begins && is_token(text))?;
            let part = if model.inspector.tab == Tab::Header { "header" } else { "" };
            Some((format!("{part}{}", json.pointer(at)), text.into_owned()))
        }
        (_, Form::Jws(Jws { payload: Payload::Bytes(bytes), .. })) if model.inspector.tab == Tab::Claims => {
            let text = str::from_utf8(bytes).ok().filter(|text| is_token(text))?;
            Some(("payload".to_owned(), text.to_owned()))
        }
        _ => None,
    }
}

pub(in crate::tui::app) fn offer(model: &Model) -> Option<Action> {
    found(model).map(|_| Action::OpenNested)
}

/// Gives the token inside a row of its own, below the one that it is in, and goes there.
pub(in crate::tui::app) fn open(model: &mut Model) {
    let Some((place, text)) = found(model) else { return };
    let Some(row) = model.tokens.selected() else { return };
    let around = row.owner.name();
    let source = format!("{around}: {place}");
    model.tokens.add_below(&source, Token::inspect(&text));
    crate::tui::app::scope::show_new(model);
    super::open(model, Tab::Claims);
    model.tell(Level::Info, "Opened the inner token as a row below.");
}
