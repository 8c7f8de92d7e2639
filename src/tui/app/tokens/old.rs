//! Tokens of sets that are not current any more. One that a refresh or login has replaced is folded under its successor, unless
//! the user wants to see it; one that a revocation tried to end stays in sight until it is dead.

use std::collections::HashMap;

use super::{Row, RowId, Tokens};
use crate::{
    auth::TokenKind,
    clock::Timestamp,
    profile::ProfileName,
    secret::Fingerprint,
    store::vault::{EventKind, Generation, OldToken},
    tui::app::{
        Model, Pane,
        filter::narrow,
        keymap::Action,
        message::{Effect, Effects},
        target,
    },
};

/// What is known of a token whose set is not current any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Old {
    /// The number of its set.
    pub(crate) generation: u64,
    pub(crate) replaced_at: Timestamp,
    pub(crate) replaced_by: EventKind,
    /// Its text is still kept.
    pub(crate) whole: bool,
    /// When nobody accepts it any more.
    over_at: Option<Timestamp>,
}

impl Old {
    fn of(generation: &Generation, token: &OldToken) -> Self {
        let Generation { number, replaced_at, replaced_by, .. } = *generation;
        Self { generation: number, replaced_at, replaced_by, whole: token.raw.is_some(), over_at: token.over_at() }
    }

    /// `replaced by a refresh`.
    pub(crate) fn words(self) -> &'static str {
        replaced(self.replaced_by)
    }
}

/// What ended a set's time as the current one.
pub(crate) fn replaced(by: EventKind) -> &'static str {
    match by {
        EventKind::Login => "replaced by a login",
        EventKind::Refresh => "replaced by a refresh",
        EventKind::Logout => "logged out",
        _ => "replaced",
    }
}

impl Row {
    /// Whether another one took its place, and no revocation tried to end it.
    pub(crate) fn is_superseded(&self) -> bool {
        self.old.is_some() && !self.revoked
    }

    /// Whether it is one of the current tokens of a profile.
    pub(crate) fn is_current_of(&self, profile: &ProfileName) -> bool {
        self.old.is_none() && self.profile() == Some(profile)
    }
}

impl Tokens {
    /// These are the old sets of a profile that may still be accepted. A token that was there keeps its row.
    pub(crate) fn supersede(&mut self, profile: &ProfileName, sets: &[Generation], now: Timestamp) {
        let is_old = |row: &Row| row.old.is_some() && row.profile() == Some(profile);
        let alive = sets.iter().rev().flat_map(|set| set.tokens.iter().map(move |token| (set, token)));
        let alive: Vec<_> = alive.filter(|(_, token)| !token.is_over(now)).collect();
        let there = self.of_profile(profile).filter(|row| is_old(row)).map(|row| (row.fingerprint, row.old));
        let wanted = alive.iter().map(|(set, token)| (token.fingerprint, Some(Old::of(set, token))));
        if there.eq(wanted) {
            return;
        }
        let gone = self.take_out(profile, |row| row.old.is_some());
        let mut known: HashMap<Fingerprint, Row> = gone.into_iter().map(|row| (row.fingerprint, row)).collect();
        let place = self.behind(profile, |_| true);
        for (set, token) in alive.into_iter().rev() {
            let old = Some(Old::of(set, token));
            let row = match known.remove(&token.fingerprint).filter(|row| row.old == old) {
                Some(row) => row,
                None => Row::kept(self.fresh_id(), profile, (set, token), old),
            };
            self.insert(place, row);
        }
    }
}

/// How the tokens that another one has replaced stand below it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Folded {
    pub(crate) count: usize,
    pub(crate) open: bool,
}

impl Folded {
    /// ` ▸2`: what stands behind the name of the successor.
    pub(crate) fn words(self) -> String {
        format!(" {}{}", if self.open { "▾" } else { "▸" }, self.count)
    }
}

/// The row that each replaced one is folded under, by their places: the current token of its kind, or else the first of its
/// profile. Where there is none, it stands alone.
pub(crate) fn successors(model: &Model, replaced: &[usize]) -> Vec<Option<usize>> {
    let rows = model.tokens.rows();
    let mut current: HashMap<&ProfileName, Vec<(TokenKind, usize)>> = HashMap::new();
    for name in replaced.iter().filter_map(|at| rows[*at].profile()) {
        current.entry(name).or_default();
    }
    if current.is_empty() {
        return Vec::new();
    }
    for (at, row) in rows.iter().enumerate().filter(|(_, row)| row.old.is_none()) {
        if let Some(tokens) = row.profile().and_then(|name| current.get_mut(name)) {
            tokens.push((row.kind, at));
        }
    }
    let successor = |at: &usize| {
        let tokens = &current[rows[*at].profile()?];
        let same = tokens.iter().find(|(kind, _)| *kind == rows[*at].kind);
        same.or(tokens.first()).map(|(_, at)| *at)
    };
    replaced.iter().map(successor).collect()
}

/// The old tokens of which time has ended the last leave the list, and the disk.
pub(in crate::tui::app) fn due(model: &mut Model) -> Effects {
    let now = model.now;
    if model.tokens.old_until.is_none_or(|until| now < until) {
        return Effects::none();
    }
    let over = |row: &&Row| row.old.and_then(|old| old.over_at).is_some_and(|end| end <= now);
    let mut names: Vec<_> = model.tokens.rows().iter().filter(over).filter_map(Row::profile).cloned().collect();
    names.dedup();
    for name in &names {
        if let Some(row) = model.profiles.row_mut(name) {
            let evidence = &row.facts.evidence;
            row.old.retain(|set| !set.is_dead(evidence, now));
        }
        show(model, name);
    }
    renew_end(model);
    Effect::Tidy(names).into()
}

/// When the next is over.
pub(in crate::tui::app) fn next(model: &Model) -> Option<Timestamp> {
    model.tokens.old_until
}

/// Shows the old tokens of a profile as they are known now.
pub(in crate::tui::app) fn show(model: &mut Model, profile: &ProfileName) {
    if let Some(row) = model.profiles.row(profile) {
        model.tokens.supersede(profile, &row.old, model.now);
    }
    // One that is gone by then is looked for in vain, once.
    let ends = model.tokens.of_profile(profile).filter_map(|row| row.old?.over_at);
    let next = ends.chain(model.tokens.old_until).min();
    model.tokens.old_until = next;
}

fn renew_end(model: &mut Model) {
    let ends = model.tokens.rows().iter().filter_map(|row| row.old?.over_at);
    model.tokens.old_until = ends.min();
}

/// `z`, `→`: shows what the token under the cursor has replaced, or hides it again.
pub(in crate::tui::app) fn offer_fold(model: &Model) -> Option<Action> {
    let row = model.tokens.selected()?;
    match model.tokens.narrowing.folded(row.id) {
        Some(folded) => Some(Action::FoldReplaced(folded.open)),
        None => offer_out(model),
    }
}

/// `→`
pub(in crate::tui::app) fn offer_into(model: &Model) -> Option<Action> {
    let folded = model.tokens.narrowing.folded(model.tokens.selected()?.id)?;
    (!folded.open).then_some(Action::FoldReplaced(false))
}

/// `←`: from a replaced token to its successor.
pub(in crate::tui::app) fn offer_out(model: &Model) -> Option<Action> {
    let row = model.tokens.selected()?;
    let open = model.tokens.narrowing.folded(row.id).is_some_and(|folded| folded.open);
    (open || successor(model, row).is_some()).then_some(Action::FoldReplaced(true))
}

fn successor(model: &Model, row: &Row) -> Option<RowId> {
    let at = row.is_superseded().then(|| model.tokens.position(row.id))??;
    let successor = successors(model, &[at]).pop()??;
    model.tokens.rows().get(successor).map(|row| row.id)
}

/// Folds or unfolds; the cursor goes to the one that stays.
pub(in crate::tui::app) fn fold(model: &mut Model, fold: bool) {
    let Some(row) = model.tokens.selected() else { return };
    let id = successor(model, row).unwrap_or(row.id);
    narrow::fold(model, id, fold);
}

/// What a command would act on, where an old token is among it: the one, or that there are several.
pub(in crate::tui::app) fn meant(model: &Model) -> Option<Result<(&Row, Old), Several>> {
    if model.modes.subject().is_some() || model.focus == Pane::Profiles && model.marks.len() == 0 {
        return None;
    }
    let tokens = target::tokens(model).ok()?;
    let rows = || tokens.iter().filter_map(|at| model.tokens.rows().get(*at));
    match (tokens.len(), rows().find_map(|row| Some((row, row.old?)))?) {
        (1, one) => Some(Ok(one)),
        _ => Some(Err(Several)),
    }
}

/// The one set that several tokens are meant of, all of them old.
pub(in crate::tui::app) fn only_set(model: &Model) -> Option<(&Row, Old)> {
    let tokens = target::tokens(model).ok()?;
    let mut rows = tokens.iter().filter_map(|at| model.tokens.rows().get(*at));
    let first = rows.next()?;
    let old = first.old?;
    let same = |row: &Row| row.owner == first.owner && row.old.is_some_and(|other| other.generation == old.generation);
    (model.marks.shown().profiles.is_empty() && rows.all(same)).then_some((first, old))
}

/// Several tokens are meant, and not all are current ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Several;

/// Why a command cannot be done with an old token, and what can.
pub(in crate::tui::app) fn refusal(model: &Model, command: &str) -> Option<(String, &'static str)> {
    let secret = matches!(command, "copy-token" | "copy-header" | "copy-as" | "probe" | "revoke");
    let is_bare = |at: &usize| model.tokens.rows()[*at].old.is_some_and(|old| !old.whole);
    match meant(model)? {
        Ok((_, old)) if secret && !old.whole => {
            let words = format!("Of generation {}, only fingerprint, kind and expiry are kept.", old.generation);
            Some((words, "the server's operator can end the session"))
        }
        Err(Several) if secret && target::tokens(model).is_ok_and(|all| all.iter().all(is_bare)) => {
            let words = "Of these tokens, only fingerprint, kind and expiry are kept.";
            Some((words.to_owned(), "the server's operator can end the sessions"))
        }
        Ok((row, _)) if command == "revoke" && row.refused.is_some() => {
            Some(("This token is dead: the server refused it after revocation.".to_owned(), ""))
        }
        _ => None,
    }
}

/// `2 replaced token sets`: those that go with a profile's tokens.
pub(in crate::tui::app) fn counted(model: &Model, profile: &ProfileName) -> Option<String> {
    sets(model.profiles.row(profile)?.old.len())
}

/// So many of them, where there are any.
pub(in crate::tui::app) fn sets(count: usize) -> Option<String> {
    match count {
        0 => None,
        1 => Some("1 replaced token set".to_owned()),
        count => Some(format!("{count} replaced token sets")),
    }
}
