//! What goes from here, and can be put back: pasted tokens are deleted, those of profiles forgotten. No server is told.

use crate::{
    auth::TokenKind,
    clock,
    profile::ProfileName,
    store::vault::{Evidence, OldToken},
    tui::app::{
        Model,
        keymap::Action,
        message::{Effect, Effects},
        notices::Level,
        target::{
            self,
            plan::{self, Bulk},
        },
        tokens::{Owner, RowId, old},
        undo::{self, Undone},
    },
};

pub(in crate::tui::app) fn offer_delete(model: &Model) -> Option<Action> {
    let [one] = *target::tokens(model).ok()? else { return plan::offer(model, Bulk::Forget) };
    let row = model.tokens.rows().get(one)?;
    Some(match row.profile() {
        Some(name) => Action::Forget(name.clone(), row.old.map(|old| old.generation)),
        None => Action::Delete(row.id),
    })
}

/// Deletes pasted tokens, all of them at once.
pub(in crate::tui::app) fn delete_all(model: &mut Model, ids: &[RowId]) {
    let mut places: Vec<_> = ids.iter().filter_map(|id| model.tokens.position(*id)).collect();
    places.sort_unstable();
    let rows = &mut model.tokens.rows;
    let mut gone: Vec<_> = places.into_iter().rev().filter_map(|place| Some((place, rows.remove(place)?))).collect();
    gone.reverse();
    let words = match gone.as_slice() {
        [] => return,
        [(_, row)] => format!("the {}", row.words()),
        many => format!("{} tokens", many.len()),
    };
    // The program goes on holding what is taken off the list.
    let said = match gone.iter().all(|(_, row)| matches!(row.owner, Owner::Program(_))) {
        true => format!("Took {words} off the list; the file is as it was."),
        false => format!("Deleted {words}."),
    };
    undo::keep(model, Undone::Deleted(gone), &words);
    model.advise(None, Level::Info, &said, "{key:undo} undoes");
    model.tokens.find_again();
}

/// Forgets all tokens of profiles, or one old set of each.
pub(in crate::tui::app) fn forget(model: &mut Model, these: &[(ProfileName, Option<u64>)]) -> Effects {
    let (words, outlasts) = match these {
        [] => return Effects::none(),
        [(name, set)] => (words(name, *set), outlasts(model, name, *set)),
        many => {
            let count: usize = many.iter().map(|(name, set)| set.map_or_else(|| sets(model, name), |_| 1)).sum();
            (format!("{count} token sets"), " They may still work at their servers.".to_owned())
        }
    };
    let with_old = match these {
        [(name, None)] => old::counted(model, name).map(|sets| format!(" and {sets}")).unwrap_or_default(),
        _ => String::new(),
    };
    let (mut kept, mut effects) = (Vec::new(), Vec::new());
    for (profile, set) in these {
        let keep = model.undo.fresh_id();
        match set {
            Some(number) => {
                let row = model.profiles.row_mut(profile);
                row.into_iter().for_each(|row| row.old.retain(|old| old.number != *number));
                old::show(model, profile);
            }
            None => {
                model.tokens.forget(profile);
                model.profiles.forget(profile);
            }
        }
        kept.push((profile.clone(), keep));
        effects.push(Effect::Forget { profile: profile.clone(), set: *set, keep });
    }
    undo::keep(model, Undone::Forgotten(kept), &words);
    let (about, words) = match these {
        [(name, None)] => (Some(name), format!("its tokens{with_old}")),
        [(name, Some(number))] => (Some(name), format!("generation {number}")),
        _ => (None, words),
    };
    model.advise(about, Level::Info, &format!("Forgot {words} here.{outlasts}"), "{key:undo} undoes");
    Effects(effects)
}

/// How many sets go with a profile's tokens: the current one, and those that it has replaced.
fn sets(model: &Model, name: &ProfileName) -> usize {
    model.profiles.row(name).map_or(0, |row| usize::from(row.holding.is_some()) + row.old.len())
}

fn words(name: &ProfileName, set: Option<u64>) -> String {
    set.map_or_else(|| format!("the tokens of {name}"), |number| format!("generation {number} of {name}"))
}

/// That they go on without us, where they may.
fn outlasts(model: &Model, name: &ProfileName, set: Option<u64>) -> String {
    let Some(number) = set else { return " They still work at the server.".to_owned() };
    let row = model.profiles.row(name);
    let set = row.and_then(|row| Some((row, row.old.iter().find(|old| old.number == number)?)));
    let Some((row, set)) = set else { return String::new() };
    let refused = |token: &&OldToken| row.facts.evidence.get(&token.fingerprint).and_then(Evidence::proof).is_some();
    let alive = set.tokens.iter().filter(|token| token.kind != TokenKind::Id && !token.is_over(model.now));
    let ends = alive.filter(|token| !refused(token)).map(|token| token.expires_at);
    match ends.reduce(|one, other| Some(one?.max(other?))) {
        None => String::new(),
        Some(None) => " It may still work at the server.".to_owned(),
        Some(Some(end)) => {
            format!(" It may still work at the server until {}.", clock::of_day(end, model.now, model.zone))
        }
    }
}
