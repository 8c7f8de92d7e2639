//! The forms that a token is copied in, besides itself and its header.

use std::fmt::Write as _;

use crate::{
    auth::{self, TokenKind},
    clock,
    secret::{ExposeSecret as _, SecretString},
    text,
    token::{
        Form, claim,
        json::{Json, Kind},
    },
    tui::app::{Model, inspector::plaintext, tokens::Row},
};

/// `{"header":…,"claims":…}`, both as they are written.
pub(super) fn both(model: &Model) -> Option<String> {
    let header = match model.tokens.selected()?.token.form() {
        Form::Jws(jws) => &jws.header,
        Form::Jwe(jwe) => &jwe.header,
        Form::Opaque => return None,
    };
    let claims = plaintext::claims(model)?;
    Some(format!("{{\"header\":{},\"claims\":{}}}", header.text(), claims.text()))
}

/// Asks this program for a fresh token, so that none is in the shell's history, and sends it to the profile's server.
pub(super) fn curl(model: &Model) -> Option<String> {
    let row = model.tokens.selected().filter(|row| row.old.is_none())?;
    let profile = model.profiles.row(row.profile()?)?;
    Some(auth::curl(&profile.profile, profile.descriptor, row.kind))
}

/// What `tokscope token --format env` prints.
pub(super) fn export(row: &Row) -> SecretString {
    let name = match row.kind {
        TokenKind::Unknown => "TOKSCOPE_TOKEN".to_owned(),
        kind => format!("TOKSCOPE_{}_TOKEN", kind.to_string().to_uppercase()),
    };
    format!("export {name}={}", shell_words::quote(row.token.raw().expose_secret())).into()
}

/// A heading and a table of the claims: all that a ticket wants, and nothing that opens a door.
pub(super) fn markdown(model: &Model, row: &Row) -> String {
    let now = model.shown_now();
    let end = match row.lifetime.expires_at {
        None => "no expiry given".to_owned(),
        Some(end) if end <= now => format!("expired at {}", clock::utc(end)),
        Some(end) => format!("expires at {}", clock::utc(end)),
    };
    let mut text = format!("**{}** · fingerprint `{}` · {end}\n", escaped(&row.words()), row.fingerprint);
    let Some(claims) = plaintext::claims(model).filter(|claims| !claims.nodes().is_empty()) else { return text };
    text += "\n| Claim | Value |\n|---|---|\n";
    for (at, node) in claims.children(0) {
        let name = claims.key(node).unwrap_or_default();
        let date = claim::date(claims, at, claim::Part::Claims).map(|at| format!(" ({})", clock::utc(at)));
        let _ = writeln!(text, "| {} | {}{} |", escaped(&name), value(claims, at), date.unwrap_or_default());
    }
    text
}

fn value(json: &Json, at: usize) -> String {
    let node = &json.nodes()[at];
    let written = match node.kind {
        Kind::String => json.string(node).unwrap_or_else(|| json.raw(node).into()),
        _ => json.raw(node).into(),
    };
    escaped(&written)
}

/// One line of text that Markdown takes as it is.
fn escaped(foreign: &str) -> String {
    let mut out = String::new();
    for c in text::visible(foreign).chars() {
        if c.is_ascii_punctuation() && !matches!(c, '.' | ',' | ':' | ';' | '/' | '-' | '@' | '(' | ')' | '\'' | '"') {
            out.push('\\');
        }
        out.push(c);
    }
    out
}
