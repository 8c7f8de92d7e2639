//! Which tokens are to be revoked: a profile keeps those that a login or refresh has replaced, until they are dead. Whoever logs
//! in because a token was stolen means the one before.

use super::{Item, Question};
use crate::{
    auth::{Revocation, Settings, TokenKind},
    clock,
    profile::ProfileName,
    session::Wanted as Sets,
    store::vault::Generation,
    text,
    token::Form,
    tui::app::{
        Model,
        keymap::Action,
        page::Tone,
        profiles::{Holding, ProfileRow},
        tokens::{Row, old::replaced},
    },
};

/// A token set that a server can be asked to revoke.
struct Candidate<'a> {
    sets: Sets,
    /// Which tokens: `access 2b565178, refresh 8d01aa43`.
    tokens: String,
    /// Since when, or until when.
    when: String,
    account: Option<&'a str>,
    /// It is of the same grant as the current one, and is not that.
    kin: bool,
}

/// The current set of a profile, and those before it of which the tokens are kept.
fn kept(row: &ProfileRow) -> (Option<&Holding>, impl Iterator<Item = &Generation>) {
    let old = row.old.iter().rev().filter(|old| old.token_set().is_some());
    (row.holding.as_ref().filter(|holding| !holding.revoked), old)
}

/// The sets of a profile of which the tokens are kept, the current one first.
fn candidates<'a>(model: &'a Model, row: &'a ProfileRow) -> Vec<Candidate<'a>> {
    let day = |at| clock::of_day(at, model.now, model.zone);
    let joined = |tokens: Vec<String>| tokens.join(", ");
    let name = &row.profile.name;
    let (holding, old) = kept(row);
    let current = holding.map(|holding| Candidate {
        sets: Sets::Current,
        tokens: joined(current(model, name).map(|row| format!("{} {}", row.kind, row.fingerprint)).collect()),
        when: format!("since {}", day(holding.received_at)),
        account: holding.account.as_deref(),
        kin: false,
    });
    let old = old.map(|old| Candidate {
        sets: Sets::Generation(old.number),
        tokens: joined(old.tokens.iter().map(|token| format!("{} {}", token.kind, token.fingerprint)).collect()),
        when: format!("{} at {}", replaced(old.replaced_by), day(old.replaced_at)),
        account: old.account.as_deref(),
        kin: row.holding.is_some() && old.grant != 0 && old.grant == row.facts.grant,
    });
    current.into_iter().chain(old).collect()
}

fn current<'a>(model: &'a Model, profile: &'a ProfileName) -> impl Iterator<Item = &'a Row> {
    model.tokens.rows().iter().filter(move |row| row.is_current_of(profile))
}

fn title(sets: Sets) -> String {
    match sets {
        Sets::Current => "current".to_owned(),
        Sets::Generation(number) => format!("generation {number}"),
        Sets::All => "all of them".to_owned(),
    }
}

/// What `x` means for a profile: the question about its only token set, or first which one is meant.
pub(in crate::tui::app) fn action(model: &Model, profile: &ProfileName) -> Option<Action> {
    let (holding, old) = kept(model.profiles.row(profile)?);
    let current = holding.map(|_| Sets::Current);
    let mut sets = current.into_iter().chain(old.map(|old| Sets::Generation(old.number)));
    match (sets.next()?, sets.next()) {
        (only, None) => Some(Action::Ask(Question::Revoke(profile.clone(), only))),
        _ => Some(Action::Choose(super::Choice::Generation)),
    }
}

/// The token sets of the profile in focus, to choose from.
pub(super) fn choices(model: &Model) -> Vec<Item> {
    let Some(row) = model.target() else { return Vec::new() };
    let candidates = candidates(model, row);
    let item = |sets, words: &str| {
        let action = Action::Ask(Question::Revoke(row.profile.name.clone(), sets));
        Item::new(title(sets), text::visible(words).into_owned(), action)
    };
    let each = candidates.iter().map(|one| item(one.sets, &format!("{} \u{b7} {}", one.tokens, one.when)));
    let all = item(Sets::All, &format!("{} token sets, one after the other", candidates.len()));
    each.chain([all]).collect()
}

/// The question before a server forgets tokens: where, whose, which, and what it cannot take back.
pub(super) fn lines(model: &Model, profile: &ProfileName, sets: Sets) -> Vec<(String, Tone)> {
    let Some(row) = model.profiles.row(profile) else { return Vec::new() };
    let candidates = candidates(model, row);
    let of = |one: &&Candidate<'_>| sets == Sets::All || one.sets == sets;
    let meant: Vec<_> = candidates.iter().filter(of).collect();
    let asks = match sets {
        Sets::Current => format!("Revoke the tokens of {profile} at the server?"),
        Sets::Generation(number) => format!("Revoke generation {number} of {profile} at the server?"),
        Sets::All => format!("Revoke {} token sets of {profile} at the server?", meant.len()),
    };
    let mut lines = vec![(asks, Tone::Heading)];
    let mut fact = |label: &str, words: &str| lines.push((format!("{label:<12} {}", visible(words)), Tone::Plain));
    row.environment.iter().for_each(|environment| fact("environment", environment));
    let settings = row.descriptor.and_then(|descriptor| Settings::parse(descriptor, &row.profile).ok());
    settings.and_then(|settings| settings.server()).iter().for_each(|server| fact("server", server));
    let mut accounts: Vec<_> = meant.iter().filter_map(|one| one.account).collect();
    accounts.dedup();
    accounts.iter().for_each(|account| fact("account", account));
    for one in &meant {
        fact(&title(one.sets), &format!("{} \u{b7} {}", one.tokens, one.when));
    }
    lines.extend(outlasting(model, row, sets).map(|words| (words, Tone::Warn)));
    if sets != Sets::All && meant.iter().any(|one| one.kin) {
        let words = "It was refreshed into the current session: some servers then end that, too.";
        lines.push((words.to_owned(), Tone::Warn));
    }
    lines.push(("Programs that use them stop working. This cannot be undone.".to_owned(), Tone::Muted));
    // Where the name of the environment is typed, no key does anything else.
    if let Some(words) = model.keyed_that_works("{key:rotate-instead} rotates instead: new tokens first.") {
        lines.push((words.into_owned(), Tone::Muted));
    }
    lines
}

/// A signed access token can be checked without its issuer; an opaque one cannot.
fn outlasting(model: &Model, row: &ProfileRow, sets: Sets) -> Option<String> {
    let signed = |row: &&Row| row.kind == TokenKind::Access && matches!(row.token.form(), Form::Jws(_));
    let current = current(model, &row.profile.name).find(signed).filter(|_| matches!(sets, Sets::Current | Sets::All));
    let current = current.map(|row| row.lifetime.expires_at);
    let old = row.old.iter().filter(|old| sets == Sets::All || sets == Sets::Generation(old.number));
    let old = old.flat_map(|old| &old.tokens).filter(|token| token.kind == TokenKind::Access && token.is_signed());
    let ends: Vec<_> = current.into_iter().chain(old.map(|token| token.expires_at)).collect();
    let left = ends.into_iter().filter(|end| end.is_none_or(|end| end > model.now));
    let latest = left.reduce(|one, other| one.zip(other).map(|(one, other)| one.max(other)))?;
    let until = latest.map(|end| clock::of_day(end, model.now, model.zone));
    Some(Revocation::outlasts(until.as_deref()))
}

fn visible(text: &str) -> String {
    text::visible(text).into_owned()
}
