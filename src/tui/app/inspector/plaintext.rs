//! What was inside of a JWE that a key has decrypted.

use crate::{
    secret::Zeroizing,
    text,
    token::{
        Form,
        json::Json,
        jwe::{self, Content},
    },
    tui::app::Model,
};

/// What was inside.
#[derive(Debug)]
pub(super) enum Inside {
    /// Claims, which take their usual place.
    Claims,
    /// A token, which opens in a row of its own.
    Token,
    /// Other text: its lines, sanitized.
    Text(Vec<String>),
    /// Neither.
    Bytes(Zeroizing<Vec<u8>>),
}

fn decrypted(model: &Model) -> Option<&jwe::Plaintext> {
    let row = model.tokens.selected().filter(|row| matches!(row.token.form(), Form::Jwe(_)))?;
    model.decryption(row)?.plaintext.as_ref()
}

/// Looks into the selected token when a key has decrypted it, and no longer when the key is gone; whether anything changed.
pub(super) fn settle(model: &mut Model) -> bool {
    let plaintext = decrypted(model);
    if plaintext.is_some() == model.inspector.plaintext.is_some() {
        return false;
    }
    let claims = plaintext.and_then(|plaintext| match &plaintext.content {
        Content::Json(json) => Some(json.clone()),
        _ => None,
    });
    let seen = plaintext.map(|plaintext| match &plaintext.content {
        Content::Json(_) => Inside::Claims,
        Content::Token(_) => Inside::Token,
        Content::Text(text) => Inside::Text(text.lines().map(|line| text::visible(line).into_owned()).collect()),
        Content::Bytes => Inside::Bytes(plaintext.bytes().to_vec().into()),
    });
    model.inspector.plaintext = seen;
    model.inspector.instead = claims;
    true
}

/// The plaintext as text, where it is no claims: for whom copies it.
pub(in crate::tui::app) fn text(model: &Model) -> Option<&str> {
    let plaintext = decrypted(model)?;
    str::from_utf8(plaintext.bytes()).ok().filter(|_| matches!(plaintext.content, Content::Text(_)))
}

/// The claims of the selected token: its own, or those of a PASETO or a decrypted JWE.
pub(in crate::tui::app) fn claims(model: &Model) -> Option<&Json> {
    model.tokens.selected()?.token.claims().or(model.inspector.instead.as_ref())
}
