//! What a command acts on: one pure function of focus, cursor, scope, filter and marks, or why there is nothing.
//!
//! | where | profiles | tokens |
//! |---|---|---|
//! | the page of a profile | that one | |
//! | something is marked and shown | the marked profiles, and those of the marked tokens | the marked tokens |
//! | something is marked, none of it shown | refused | refused |
//! | tree | those of the line: one, a group, all | the token under the cursor of the list |
//! | tokens, inspector | the token's; in an empty scope of one profile that one | the token |
//!
//! Of a profile the current tokens are meant, unless the token is one of an old set ([`set`]): then that set.
//! More than one target goes through a plan ([`plan`]). What only shows something ([`Model::target`]) asks for no marks.

pub(crate) mod plan;
pub(crate) mod set;
#[cfg(test)]
mod tests;

use std::{borrow::Cow, collections::HashMap};

use super::{Model, Pane, profiles::ProfileRow, scope::Scope};
use crate::profile::environment::Badge;

/// Where the user is, as far as it decides what a command acts on. All are places: of a profile among all profiles, of a
/// token among all tokens.
#[derive(Debug, Clone, Copy)]
struct Situation<'a> {
    /// A page has the keyboard: of this profile, or of none.
    page: Option<Option<usize>>,
    focus: Pane,
    /// How many are marked, shown or not.
    marked: usize,
    /// The marked profiles and tokens that are shown.
    shown: (&'a [usize], &'a [usize]),
    /// The profiles of the line under the cursor of the tree.
    line: &'a [usize],
    /// That line is of what was pasted.
    pasted: bool,
    /// The token under the cursor of the list.
    token: Option<usize>,
    /// The filter leaves no token.
    filtered: bool,
    /// The one profile that the scope is about.
    scope: Option<usize>,
}

/// Why there is nothing to act on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// So many are marked, and none of them is shown.
    Hidden(usize),
    /// Profiles are marked, and this is about tokens.
    OnlyProfiles(usize),
    /// The filter leaves no row.
    NoMatch,
    /// There is nothing here.
    Empty,
    /// The token, or each of those that are marked, belongs to no profile.
    NoProfile,
    /// This is done with one at a time.
    OneOnly(usize),
}

impl Refusal {
    /// What is said, and what to do; a hint as [`Model::hint`] takes it.
    pub(crate) fn words(self) -> (String, &'static str) {
        const UNMARK: &str = "{key:unmark} unmarks";
        match self {
            Self::Hidden(1) => ("1 marked, not shown.".to_owned(), UNMARK),
            Self::Hidden(count) => (format!("{count} marked, none shown."), UNMARK),
            Self::OnlyProfiles(count) => (format!("{count} marked, none of them a token."), UNMARK),
            Self::NoMatch => ("No row matches the filter.".to_owned(), "{key:drop-filter} shows all rows"),
            Self::Empty => {
                ("There is nothing here to act on.".to_owned(), "{key:go-to-profiles} chooses another scope")
            }
            Self::NoProfile => {
                let words = "A pasted token belongs to no profile: it can be read, verified, edited and copied.";
                (words.to_owned(), "{key:profiles.new} creates a profile")
            }
            Self::OneOnly(count) => (format!("This works on one profile at a time, not on {count}."), UNMARK),
        }
    }
}

/// The profiles that a command is for.
fn profiles_of<'a>(
    here: Situation<'a>,
    owner: impl Fn(usize) -> Option<usize>,
    order: impl Fn(&mut Vec<usize>),
) -> Result<Cow<'a, [usize]>, Refusal> {
    if let Some(page) = here.page {
        return page.map(|page| vec![page].into()).ok_or(Refusal::Empty);
    }
    let (profiles, tokens) = here.shown;
    if here.marked > 0 {
        if profiles.is_empty() && tokens.is_empty() {
            return Err(Refusal::Hidden(here.marked));
        }
        let mut all: Vec<_> = profiles.iter().copied().chain(tokens.iter().filter_map(|token| owner(*token))).collect();
        order(&mut all);
        all.dedup();
        return if all.is_empty() { Err(Refusal::NoProfile) } else { Ok(all.into()) };
    }
    match (here.focus, here.token) {
        (Pane::Profiles, _) if here.line.is_empty() && here.pasted => Err(Refusal::NoProfile),
        (Pane::Profiles, _) if here.line.is_empty() => Err(Refusal::Empty),
        (Pane::Profiles, _) => Ok(here.line.into()),
        (Pane::Tokens | Pane::Inspector, Some(token)) => {
            owner(token).map(|profile| vec![profile].into()).ok_or(Refusal::NoProfile)
        }
        (Pane::Tokens | Pane::Inspector, None) => match here.scope {
            _ if here.filtered => Err(Refusal::NoMatch),
            Some(profile) => Ok(vec![profile].into()),
            None => Err(Refusal::Empty),
        },
    }
}

/// The token sets that a command is for: each the place of its profile, and of a token of it where it is an old one.
fn sets_of(
    here: Situation<'_>,
    owner: impl Fn(usize) -> Option<usize>,
    is_old: impl Fn(usize) -> bool,
    order: impl Fn(&mut Vec<usize>),
) -> Result<Vec<(usize, Option<usize>)>, Refusal> {
    let profiles = profiles_of(here, &owner, order)?;
    let (whole, tokens) = match &here.token {
        _ if here.page.is_some() => (&profiles[..], &[][..]),
        _ if here.marked > 0 => here.shown,
        Some(token) if here.focus != Pane::Profiles => (&[][..], std::slice::from_ref(token)),
        _ => (&profiles[..], &[][..]),
    };
    let of_token = |token: &usize| Some((owner(*token)?, is_old(*token).then_some(*token)));
    let mut sets: Vec<_> =
        whole.iter().map(|profile| (*profile, None)).chain(tokens.iter().filter_map(of_token)).collect();
    let places: HashMap<_, _> = profiles.iter().enumerate().map(|(place, profile)| (*profile, place)).collect();
    sets.sort_by_key(|(profile, token)| (places[profile], *token));
    sets.dedup();
    Ok(sets)
}

/// The tokens that a command is for.
fn tokens_of(here: Situation<'_>) -> Result<Cow<'_, [usize]>, Refusal> {
    let (profiles, tokens) = here.shown;
    match here.token {
        _ if here.marked > 0 && tokens.is_empty() => Err(match profiles.len() {
            0 => Refusal::Hidden(here.marked),
            count => Refusal::OnlyProfiles(count),
        }),
        _ if here.marked > 0 => Ok(tokens.into()),
        Some(token) => Ok(vec![token].into()),
        None if here.filtered => Err(Refusal::NoMatch),
        None => Err(Refusal::Empty),
    }
}

fn situation(model: &Model) -> Situation<'_> {
    let tokens = &model.tokens;
    let shown = model.marks.shown();
    Situation {
        page: model.modes.subject().map(|name| name.and_then(|name| model.profiles.position(name))),
        focus: model.focus,
        marked: model.marks.len(),
        shown: (&shown.profiles, &shown.tokens),
        line: model.tree.line().map_or(&[], |line| model.tree.profiles(line)),
        pasted: model.tree.scope().is_of_no_profile(),
        token: tokens.selected().map(|_| tokens.cursor.index),
        filtered: tokens.narrowing.leaves_none(),
        scope: match model.tree.scope() {
            Scope::Profile(name) => model.profiles.position(name),
            _ => None,
        },
    }
}

/// The profiles that a command is for, by their places in the order of the tree.
pub(crate) fn profiles(model: &Model) -> Result<Cow<'_, [usize]>, Refusal> {
    profiles_of(situation(model), owner(model), order(model))
}

/// The token sets that a command is for, those of a profile together and its current one first.
fn sets(model: &Model) -> Result<Vec<(usize, Option<usize>)>, Refusal> {
    let is_old = |token: usize| model.tokens.rows()[token].old.is_some();
    sets_of(situation(model), owner(model), is_old, order(model))
}

fn owner(model: &Model) -> impl Fn(usize) -> Option<usize> {
    |token| model.profiles.position(model.tokens.rows()[token].profile()?)
}

/// The order of the tree.
fn order(model: &Model) -> impl Fn(&mut Vec<usize>) {
    |all| {
        let mut places = vec![0; model.profiles.rows.len()];
        model.tree.order().iter().enumerate().for_each(|(place, at)| places[*at] = place);
        all.sort_by_key(|at| places[*at]);
    }
}

/// The tokens that a command is for, by their places.
pub(crate) fn tokens(model: &Model) -> Result<Cow<'_, [usize]>, Refusal> {
    tokens_of(situation(model))
}

/// The profile that a command is for which takes one at a time.
pub(crate) fn profile(model: &Model) -> Result<&ProfileRow, Refusal> {
    match *profiles(model)? {
        [one] => model.profiles.rows.get(one).ok_or(Refusal::Empty),
        ref many => Err(Refusal::OneOnly(many.len())),
    }
}

/// Why no command can act where the user is, if there is a reason that holds for all.
pub(crate) fn refusal(model: &Model) -> Option<Refusal> {
    let refusal = match model.focus {
        Pane::Profiles => profiles(model).err(),
        Pane::Tokens | Pane::Inspector => tokens(model).err(),
    };
    refusal.filter(|refusal| matches!(refusal, Refusal::Hidden(_) | Refusal::OnlyProfiles(_) | Refusal::NoMatch))
}

impl Model {
    /// The profile that is looked at: the one whose page is open, the one under the cursor of the tree, or the one of the
    /// token under the cursor. For what shows something and changes nothing.
    pub(crate) fn target(&self) -> Option<&ProfileRow> {
        let scope = match self.tree.scope() {
            Scope::Profile(name) => Some(name),
            _ => None,
        };
        match self.focus {
            _ if let Some(page) = self.modes.subject() => self.profiles.row(page?),
            Pane::Profiles => self.profiles.row(scope?),
            Pane::Tokens | Pane::Inspector => match self.tokens.selected() {
                Some(row) => self.profiles.row(row.profile()?),
                None => self.profiles.row(scope?),
            },
        }
    }
}

/// What the keys act on: `seta-files access`, `PROD, 4 profiles`, `3 marked`; sanitized, with the badge before it.
pub(crate) fn words(model: &Model) -> (Option<Badge>, String) {
    let guard = |place: usize| model.guard(&model.profiles.rows[place].profile.name);
    let list = profiles(model);
    let badge = list.as_ref().ok().and_then(|places| guard(*places.first()?));
    if model.modes.subject().is_none() && model.marks.len() > 0 {
        return (badge, model.marks.words().unwrap_or_default());
    }
    let token = model.tokens.selected().filter(|_| model.focus != Pane::Profiles && model.modes.subject().is_none());
    match (token, list) {
        (Some(row), _) => {
            let badge = row.profile().and_then(|name| model.guard(name));
            let subject = match row.profile() {
                Some(name) if row.old.is_none() => format!("{name} {}", row.kind),
                _ => row.words(),
            };
            (badge, subject)
        }
        (None, Ok(places)) => match *places {
            [one] => (guard(one), model.profiles.rows[one].profile.name.to_string()),
            ref many => {
                let line = model.tree.line().map(|line| line.label.clone()).unwrap_or_default();
                let same = badge.as_ref().is_some_and(|badge| badge.text.eq_ignore_ascii_case(&line));
                let many = format!("{} profiles", many.len());
                (badge, if same { many } else { format!("{line}, {many}") })
            }
        },
        (None, Err(_)) => (None, String::new()),
    }
}
