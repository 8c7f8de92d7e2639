//! The lives on the axis, and what they were made of: they are made anew when a fact changes, or when the clock changes their
//! order.

use std::collections::HashMap;

use crate::{
    auth::TokenKind,
    clock::Timestamp,
    profile::ProfileName,
    store::vault::Event,
    token::{lifetime::Lifetime, state::Facts},
    tui::app::{
        Model,
        badge::Badge,
        facts,
        history::{Set, sets},
        inspector::Needle,
        profiles::ProfileRow,
        renewal::{self, Plan},
        schedule,
        scope::Scope,
        tokens::{Row, RowId},
    },
};

/// A life on the axis.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Lane {
    pub(crate) profile: Option<ProfileName>,
    pub(super) which: Which,
    pub(crate) kind: LaneKind,
    /// The profile, or where a pasted token was; of a further token of the same profile its kind. Sanitized.
    pub(crate) name: String,
    /// Of the first lane of a profile.
    pub(crate) badge: Option<Badge>,
    pub(crate) lifetime: Lifetime,
    pub(crate) facts: Facts,
    pub(crate) fate: Fate,
    /// Of an old generation.
    pub(crate) is_old: bool,
}

/// What it is the life of, as one of a profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Which {
    Token(RowId),
    /// What the list knows of a session behind the lock.
    Session,
    /// So many sets came after it.
    Generation(usize),
}

/// Which bar it has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum LaneKind {
    /// The session's, or a token's that somebody pasted.
    Access,
    /// What renews it.
    Refresh,
    /// Another one.
    Other,
    /// Of a set that is not the current one any more.
    Old,
}

/// What becomes of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It ends when it ends.
    Ends,
    /// It is renewed automatically.
    Renews(Timestamp),
    /// A key renews it.
    Renewable,
    /// Another one took its place.
    Replaced(Timestamp),
}

impl Lane {
    /// Of something that lives so long.
    #[cfg(test)]
    pub(super) fn of(lifetime: Lifetime) -> Self {
        let (which, kind, fate) = (Which::Session, LaneKind::Access, Fate::Ends);
        let facts = Facts { access: Some(lifetime), ..Facts::default() };
        Self { profile: None, which, kind, name: String::new(), badge: None, lifetime, facts, fate, is_old: false }
    }

    /// Whether it is the same life, as it was before.
    pub(super) fn is(&self, other: &Self) -> bool {
        (&self.profile, self.which) == (&other.profile, other.which)
    }

    /// The token, where it is in the list.
    pub(super) fn token(&self) -> Option<RowId> {
        if let Which::Token(id) = self.which { Some(id) } else { None }
    }

    /// What it is found by: `PROD seta-files refresh`.
    pub(crate) fn words(&self) -> String {
        let badge = self.badge.as_ref().map_or("", |badge| badge.text.as_str());
        format!("{badge} {} {}", self.profile.as_ref().map_or("", ProfileName::as_str), self.name)
    }

    /// It is the first one of a profile, and has its name.
    pub(crate) fn heads(&self) -> bool {
        self.profile.is_some() && !self.is_old && !self.name.starts_with(' ')
    }

    /// When something happens: what is over and what has no end comes last.
    fn next(&self, now: Timestamp) -> (bool, Timestamp) {
        let end = match self.fate {
            Fate::Renews(at) => Some(at),
            _ => self.lifetime.expires_at,
        };
        let ahead = end.filter(|end| *end > now);
        (ahead.is_none(), ahead.or(end).unwrap_or(Timestamp::MAX_UTC))
    }
}

/// What the lanes were made of.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Of {
    /// It is another one whenever the profiles, their tokens or their tasks are others.
    tree: u64,
    scope: Scope,
    by_end: bool,
    unfolded: Option<ProfileName>,
    /// Only lives that have these words.
    needle: String,
    travel: Option<Timestamp>,
    readonly: bool,
}

impl Of {
    pub(super) fn new(model: &Model, by_end: bool, unfolded: Option<&ProfileName>, needle: &Needle) -> Self {
        Self {
            needle: needle.text().to_owned(),
            tree: model.tree.edition(),
            scope: model.tree.scope().clone(),
            by_end,
            unfolded: unfolded.cloned(),
            travel: model.travel,
            readonly: model.readonly.is_this_run(),
        }
    }
}

/// The same, and how long they are right.
#[derive(Debug)]
pub(super) struct Made {
    of: Of,
    from: Timestamp,
    until: Option<Timestamp>,
    runs: bool,
}

impl Made {
    pub(super) fn holds(&self, of: &Of, now: Timestamp) -> bool {
        self.of == *of && self.from <= now && self.until.is_none_or(|until| now < until)
    }

    /// Whether the clock changes what is said of some life every second.
    pub(super) fn runs(&self) -> bool {
        self.runs
    }
}

/// The lives of a profile, or of a pasted token.
struct Group {
    key: Key,
    profile: Option<usize>,
    lanes: Vec<Lane>,
}

/// The group, the environment, and when something happens.
type Key = (u8, String, (bool, Timestamp));

/// All lives of the scope: those of the profiles by environment, protected ones first, and by what ends first; then what
/// was pasted.
pub(super) fn make(model: &Model, of: Of) -> (Vec<Lane>, Made) {
    let (now, rows) = (model.shown_now(), &model.profiles.rows);
    let mut groups: Vec<Group> = Vec::new();
    let mut known: HashMap<usize, usize> = HashMap::new();
    let group = |profile| Group { key: (3, String::new(), (true, Timestamp::MAX_UTC)), profile, lanes: Vec::new() };
    for at in model.tokens.narrowing.in_scope() {
        // What was replaced has its place below its profile, where its generations are shown.
        let Some(row) = model.tokens.rows().get(*at).filter(|row| !row.is_superseded()) else { continue };
        let profile = row.profile().and_then(|name| model.profiles.position(name));
        let place = match profile {
            Some(profile) => *known.entry(profile).or_insert(groups.len()),
            None => groups.len(),
        };
        if place == groups.len() {
            groups.push(group(profile));
        }
        groups[place].lanes.push(lane(model, row, profile.map(|at| &rows[at])));
    }
    // Behind the lock the list knows one life of each.
    let in_scope = model.tree.line().map_or(&[][..], |line| model.tree.profiles(line));
    for at in in_scope.iter().filter(|at| !known.contains_key(at)) {
        let lanes: Vec<_> = session(model, &rows[*at]).into_iter().collect();
        groups.extend((!lanes.is_empty()).then(|| Group { lanes, ..group(Some(*at)) }));
    }
    groups.iter_mut().for_each(|group| finish(model, group, &of));
    // A session stays whole.
    let needle = Needle::new(&of.needle);
    groups.retain(|group| of.needle.is_empty() || group.lanes.iter().any(|lane| needle.is_in(&lane.words())));
    groups.sort_by(|one, other| one.key.cmp(&other.key));
    let lanes: Vec<_> = groups.into_iter().flat_map(|group| group.lanes).collect();
    let turns = |lane: &Lane| [lane.lifetime.not_before, lane.lifetime.expires_at, Some(lane.next(now).1)];
    let until = lanes.iter().flat_map(turns).flatten().filter(|at| *at > now).min();
    let runs = lanes.iter().any(|lane| schedule::runs(&lane.lifetime, model.now));
    (lanes, Made { of, from: now, until, runs })
}

/// Puts the access token first, with the name of the profile and what becomes of it, and finds the place of the group.
fn finish(model: &Model, group: &mut Group, of: &Of) {
    let now = model.shown_now();
    group.lanes.sort_by_key(|lane| lane.kind);
    let Some(first) = group.lanes.first_mut() else { return };
    let row = group.profile.map(|at| &model.profiles.rows[at]);
    if let Some(row) = row {
        let name = &row.profile.name;
        (first.name, first.badge) = (name.to_string(), model.badge(name));
        if first.kind == LaneKind::Access {
            first.fate = match renewal::plan(model, row) {
                Plan::At(at) if model.travel.is_none() || at >= now => Fate::Renews(at),
                Plan::Impossible | Plan::ReadOnly => Fate::Ends,
                _ if row.holding.as_ref().is_some_and(|holding| holding.refresh.is_some()) => Fate::Renewable,
                _ => Fate::Ends,
            };
        }
        let rank = match &first.badge {
            Some(badge) if badge.protected => 0,
            Some(_) => 1,
            None => 2,
        };
        group.key = (rank, row.environment.clone().unwrap_or_default(), (true, now));
    }
    group.key.2 = first.next(now);
    if of.by_end {
        (group.key.0, group.key.1) = (0, String::new());
    }
    if let Some(row) = row.filter(|row| of.unfolded.as_ref() == Some(&row.profile.name)) {
        group.lanes.retain(|lane| !lane.is_old);
        group.lanes.extend(generations(row));
    }
}

/// A token of the list; where it has no profile it stands for itself.
fn lane(model: &Model, row: &Row, profile: Option<&ProfileRow>) -> Lane {
    let kind = match row.kind {
        TokenKind::Access | TokenKind::Unknown => LaneKind::Access,
        TokenKind::Refresh => LaneKind::Refresh,
        TokenKind::Id => LaneKind::Other,
    };
    // One that a revocation tried to end is in the list until it is dead.
    let old = row.old.map(|old| old.generation);
    let name = match (profile, old) {
        (Some(_), Some(generation)) => format!("  generation {generation}"),
        (Some(_), None) => format!("  {}", row.kind),
        (None, _) => row.words(),
    };
    Lane {
        profile: row.profile().cloned(),
        which: Which::Token(row.id),
        kind: if old.is_some() { LaneKind::Old } else { kind },
        name,
        badge: None,
        lifetime: row.lifetime,
        facts: facts::of_token(model, row, profile),
        fate: Fate::Ends,
        is_old: old.is_some(),
    }
}

fn session(model: &Model, row: &ProfileRow) -> Option<Lane> {
    let lifetime = row.holding.as_ref()?.lifetime;
    let facts = facts::of_profile(model, row);
    let (profile, which, kind) = (Some(row.profile.name.clone()), Which::Session, LaneKind::Access);
    let (name, badge, fate, is_old) = (String::new(), None, Fate::Ends, false);
    Some(Lane { profile, which, kind, name, badge, lifetime, facts, fate, is_old })
}

/// Whether the profile has old generations to show.
pub(super) fn has_generations(model: &Model, name: &ProfileName) -> bool {
    model.profiles.row(name).is_some_and(|row| !row.old.is_empty() || sets(row).nth(1).is_some())
}

/// The token sets before the current one, the newest first: those of which something is kept, then what the history knows of
/// those before them.
fn generations(row: &ProfileRow) -> Vec<Lane> {
    let evidence = &row.facts.evidence;
    let mut lanes = Vec::new();
    let mut put = |number: Option<u64>, replaced: Timestamp, facts: Facts| {
        lanes.push(Lane {
            profile: Some(row.profile.name.clone()),
            which: Which::Generation(lanes.len()),
            kind: LaneKind::Access,
            name: number.map_or_else(|| "  earlier".to_owned(), |number| format!("  generation {number}")),
            badge: None,
            lifetime: facts.access.unwrap_or_default(),
            facts,
            fate: Fate::Replaced(replaced),
            is_old: true,
        });
    };
    let mut kept = Vec::new();
    for old in row.old.iter().rev() {
        let access = old.tokens.iter().find(|token| token.kind == TokenKind::Access).or(old.tokens.first());
        if let Some(token) = access {
            put(Some(old.number), old.replaced_at, old.facts(token, evidence));
        }
        kept.extend(old.tokens.iter().map(|token| token.fingerprint));
    }
    let known = |event: &Event| event.access.is_none_or(|print| kept.contains(&print));
    for Set { number, event, replaced } in sets(row) {
        let Some(next) = replaced.filter(|_| !known(event)) else { continue };
        let life = Lifetime { issued_at: Some(event.at), expires_at: event.expires_at, ..Lifetime::default() };
        let found = event.access.and_then(|print| evidence.get(&print));
        let revoked = found.is_some_and(|known| known.is_revoked());
        let refused = found.is_some_and(|known| known.proof().is_some());
        put(number, next, Facts { access: Some(life), revoked, refused, replaced: Some(next), ..Facts::default() });
    }
    lanes
}
