//! A paste: each token in it becomes a row that says where it was.

use super::RowState;
use crate::{
    clock,
    token::{
        Form, Format, Token,
        detect::{Found, detect},
        json::Kind,
        lifetime::TimeState,
        verify::as_it_came,
    },
    tui::app::{
        Model, Pane,
        notices::Level,
        scope::{self, Scope},
        undo::{self, Undone},
    },
};

/// A text was pasted: each token in it gets a row that says where it was.
pub(in crate::tui::app) fn paste(model: &mut Model, pasted: &str) {
    if pasted.trim().is_empty() {
        return model.tell(Level::Warning, "The paste was empty.");
    }
    let mut found = detect(pasted);
    let count = found.len().max(1);
    if found.is_empty() {
        found.push(Found::whole(pasted));
    }
    found.reverse();
    for found in found {
        let source = found.place.as_ref().map_or_else(|| "pasted".to_owned(), |place| format!("pasted: {place}"));
        model.tokens.add_found(&source, &found);
    }
    let ids: Vec<_> = model.tokens.rows.iter().take(count).map(|row| row.id).collect();
    let words = if count == 1 { "the pasted token".to_owned() } else { format!("{count} pasted tokens") };
    undo::keep(model, Undone::Pasted(ids), &words);
    match model.tokens.selected() {
        Some(row) if count == 1 && !row.token.is_plausible() => {
            let words = "This does not look like a token; added anyway.";
            model.advise(None, Level::Warning, words, "{key:undo} takes it back");
        }
        _ => {
            let words = paste_words(model, count, pasted.len());
            model.advise(None, Level::Success, &words, "{key:undo} takes it back");
        }
    }
    if let Some(row) = model.tokens.rows.get_mut(0).filter(|_| count == 1) {
        row.came = Some(as_it_came(&row.token, pasted));
    }
    let id = model.tokens.at();
    scope::go_to(model, Scope::Pasted);
    id.into_iter().for_each(|id| scope::show(model, id));
    if model.focus == Pane::Profiles {
        model.focus = Pane::Tokens;
    }
}

/// `5 tokens read from 48 kB: 1 expired, 1 expires in 52s, 2 give no expiry.`: what came, and what of it is pressing.
fn paste_words(model: &Model, count: usize, bytes: usize) -> String {
    let rows = || model.tokens.rows.iter().take(count);
    let of = |wanted| rows().filter(|row| row.state(model.now) == RowState::Time(wanted)).count();
    let soonest = rows().filter_map(|row| row.lifetime.expires_at).filter(|end| *end > model.now).min();
    let ends = |end| format!("expires in {}", clock::span(end - model.now));
    if count == 1 {
        let Some(row) = rows().next() else { return String::new() };
        let state = match (row.state(model.now), row.lifetime.expires_at) {
            (RowState::Time(TimeState::ValidByTime), Some(end)) => ends(end),
            (RowState::Time(TimeState::Expired), Some(end)) => format!("expired {} ago", clock::span(model.now - end)),
            (RowState::Time(TimeState::NotYetValid), _) => "not valid yet".to_owned(),
            _ => "no expiry given".to_owned(),
        };
        return format!("Read {}: {state}.", form_words(&row.token));
    }
    let some = |count: usize, words: &str| (count > 0).then(|| format!("{count} {words}"));
    let none = match of(TimeState::Unknown) {
        1 => some(1, "gives no expiry"),
        none => some(none, "give no expiry"),
    };
    let facts = [
        some(of(TimeState::Expired), "expired"),
        some(of(TimeState::NotYetValid), "not valid yet"),
        soonest.map(|end| format!("the next {}", ends(end))),
        none,
    ];
    let size = if bytes >= 10_000 { format!(" from {} kB", bytes / 1_000) } else { String::new() };
    let facts = facts.into_iter().flatten().collect::<Vec<_>>().join(", ");
    format!("{count} tokens read{size}: {facts}.")
}

/// What a token is, in words.
fn form_words(token: &Token) -> &'static str {
    match token.form() {
        _ if token.format().is_some() => token.format().map_or("", Format::as_str),
        Form::Jws(_) if let Some(found) = token.media_type() => found.name,
        Form::Jws(_)
            if token.claims().is_some_and(|json| json.nodes().first().is_some_and(|n| n.kind == Kind::Object)) =>
        {
            "a JWT"
        }
        Form::Jws(_) => "a JWS",
        Form::Jwe(_) => "a JWE, encrypted",
        Form::Opaque => "an opaque token",
    }
}
