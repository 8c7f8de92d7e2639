//! The lines of the tree, and what they were made of: they are made anew when a fact changes, or when the clock changes a state.

mod found;

use std::ops::Range;

use chrono::TimeDelta;

pub(super) use self::found::Found;
use super::{
    Scope,
    views::{self, Viewed},
};
use crate::{
    clock::{self, Timestamp},
    profile::environment::Badge,
    text,
    token::state::State,
    tui::app::{
        Model, facts, facts::Rank, filter::narrow, message::TaskId, profiles::ProfileRow, rotation::Live,
        tokens::columns::Common,
    },
};

/// A line.
#[derive(Debug, Clone)]
pub(crate) struct TreeLine {
    pub(crate) scope: Scope,
    /// 1: in a group.
    pub(crate) depth: u8,
    /// Sanitized.
    pub(crate) label: String,
    /// Of an environment.
    pub(crate) badge: Option<Badge>,
    /// Of tokens; of a group of profiles, of those.
    pub(crate) count: Option<usize>,
    /// What is most urgent in it.
    pub(crate) urgent: Option<Urgent>,
    /// With so many of its profiles something is being done.
    pub(crate) busy: usize,
    /// Of a group: whether it is folded.
    pub(crate) folded: Option<bool>,
    /// Of the profiles in their order.
    pub(in crate::tui::app) profiles: Range<usize>,
}

/// What a line tells the state of, by its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Urgent {
    Profile(usize),
    Token(usize),
}

/// What the lines were made of.
#[derive(Debug)]
pub(super) struct Made {
    of: Of,
    /// From when on they are right, and until when.
    from: Timestamp,
    until: Option<Timestamp>,
    /// How far a rotation was, and in which second.
    rotating: Option<(usize, usize)>,
    second: Timestamp,
}

#[derive(Debug, PartialEq, Eq)]
struct Of {
    rows: (u64, u64),
    tasks: Vec<TaskId>,
    locked: bool,
}

/// Of more profiles than these a rotation that goes on is told once a second: its news come faster than the lines are made.
const MANY: usize = 100;

impl Made {
    /// Whether they tell of a rotation that has come so far.
    fn tells(&self, rotating: Option<(usize, usize)>, profiles: usize, second: Timestamp) -> bool {
        let goes_on = self.rotating.is_some() && rotating.is_some() && profiles > MANY;
        self.rotating == rotating || goes_on && self.second == second
    }
}

/// The environment that a profile is grouped by.
pub(in crate::tui::app) fn environment(row: &ProfileRow) -> Option<String> {
    row.environment.as_ref().map(|name| name.trim().to_lowercase())
}

/// Makes the lines anew where they may be others; whether it did.
pub(super) fn renew(model: &mut Model) -> bool {
    let of = Of {
        rows: (model.profiles.rows.revision(), model.tokens.revision()),
        tasks: model.tasks.told(model.now).map(|task| task.id).collect(),
        locked: model.vault.is_locked(),
    };
    let (now, profiles) = (model.shown_now(), model.profiles.rows.len());
    let (rotating, second) = (model.rotation.running().map(Live::counts), clock::to_the_second(model.now));
    let in_time = |made: &Made| made.from <= now && made.until.is_none_or(|until| now < until);
    let holds = |made: &Made| made.of == of && in_time(made) && made.tells(rotating, profiles, second);
    if model.tree.made.as_ref().is_some_and(holds) {
        return false;
    }
    let mut found = std::mem::take(&mut model.tree.found);
    found.renew(model, now);
    let mut making = Making::new(model, &found, now);
    making.sessions();
    making.found(Scope::Pasted, "Pasted");
    making.found(Scope::Machine, "This machine");
    let views = making.views();
    let Making { lines, order, attention, names, until, .. } = making;
    let tree = &mut model.tree;
    (tree.lines, tree.order, tree.attention, tree.names, tree.views) = (lines, order, attention, names, views);
    tree.found = found;
    tree.made = Some(Made { of, from: now, until, rotating, second });
    tree.edition += 1;
    true
}

/// The lines on their way.
struct Making<'a> {
    model: &'a Model,
    found: &'a Found,
    now: Timestamp,
    lines: Vec<TreeLine>,
    order: Vec<usize>,
    attention: Vec<usize>,
    names: Common,
    until: Option<Timestamp>,
}

impl<'a> Making<'a> {
    fn new(model: &'a Model, found: &'a Found, now: Timestamp) -> Self {
        Self {
            model,
            found,
            now,
            lines: Vec::new(),
            order: Vec::new(),
            attention: Vec::new(),
            names: Common::default(),
            until: found.until(),
        }
    }

    fn line(&self, scope: Scope, label: impl Into<String>, count: usize) -> TreeLine {
        TreeLine {
            scope,
            depth: 0,
            label: label.into(),
            badge: None,
            count: Some(count),
            urgent: None,
            busy: 0,
            folded: None,
            profiles: 0..0,
        }
    }

    fn is_folded(&self, scope: &Scope) -> bool {
        self.model.tree.folded.contains(scope)
    }

    /// The rank of a profile, and whether something is being done with it; the clock may change the rank.
    fn rank(&mut self, place: usize) -> (Rank, bool) {
        let facts = facts::of_profile(self.model, &self.model.profiles.rows[place]);
        self.expect(facts::changes_at(&facts, self.now));
        self.expect(facts::old_ends_at(&self.model.profiles.rows[place], self.now));
        let survivor = facts::survivor(&self.model.profiles.rows[place], self.now);
        let ranks = survivor.into_iter().chain([facts]).map(|facts| facts::rank(&facts, self.now));
        (ranks.min().expect("the session's own is one of them"), facts.busy)
    }

    fn expect(&mut self, change: Option<Timestamp>) {
        self.until = [self.until, change].into_iter().flatten().min();
    }

    /// All, what wants attention, and the environments, protected ones first, those without one last.
    fn sessions(&mut self) {
        let (model, now) = (self.model, self.now);
        let rows = &model.profiles.rows;
        rows.iter().for_each(|row| self.names.add(row.profile.name.as_str()));
        let mut keys: Vec<_> = (0..rows.len())
            .map(|place| {
                let (row, environment) = (&rows[place], environment(&rows[place]));
                let badge = environment.as_deref().and_then(|name| model.badge_of(name));
                let protected = badge.as_ref().is_some_and(|badge| badge.protected);
                ((!protected, environment.is_none(), environment, row.profile.name.as_str()), place, badge)
            })
            .collect();
        keys.sort_unstable_by(|(one, ..), (other, ..)| one.cmp(other));
        self.order = keys.iter().map(|(_, place, _)| *place).collect();
        self.attention =
            self.order.iter().copied().filter(|place| facts::wants_attention(model, &rows[*place], now)).collect();
        let ranks: Vec<_> = (0..rows.len()).map(|place| self.rank(place)).collect();
        let most = |places: &[usize]| places.iter().copied().min_by_key(|at| ranks[*at]).map(Urgent::Profile);
        let mut all = self.line(Scope::All, "All", self.found.current());
        all.profiles = 0..self.order.len();
        let mut attention = self.line(Scope::Attention, "Attention", self.attention.len());
        attention.urgent = most(&self.attention);
        let mut lines = vec![all, attention];
        let mut start = 0;
        while start < keys.len() {
            let environment = &keys[start].0.2;
            let end = start + keys[start..].iter().take_while(|key| key.0.2 == *environment).count();
            let scope = Scope::Environment(environment.clone());
            let name = rows[keys[start].1].environment.clone().unwrap_or_else(|| "no env".to_owned());
            let folded = self.is_folded(&scope);
            lines.push(TreeLine {
                badge: keys[start].2.clone(),
                urgent: most(&self.order[start..end]),
                busy: self.order[start..end].iter().filter(|place| ranks[**place].1).count(),
                folded: Some(folded),
                profiles: start..end,
                ..self.line(scope, name, end - start)
            });
            for at in (start..end).filter(|_| !folded) {
                let name = &rows[self.order[at]].profile.name;
                lines.push(TreeLine {
                    depth: 1,
                    count: None,
                    badge: keys[at].2.clone(),
                    urgent: Some(Urgent::Profile(self.order[at])),
                    profiles: at..at + 1,
                    ..self.line(Scope::Profile(name.clone()), name.as_str(), 0)
                });
            }
            start = end;
        }
        self.lines = lines;
    }

    /// The kept filters, each with what it leaves. Where the clock changes that, it is counted again each second, or each
    /// minute where there is much to count.
    fn views(&mut self) -> Vec<Viewed> {
        let views = views::all(self.model);
        let rows = self.model.tokens.rows();
        if views.iter().any(|view| view.filter.is_timely()) {
            let step = if rows.len() > narrow::AT_ONCE { TimeDelta::minutes(1) } else { TimeDelta::seconds(1) };
            self.expect(Some(clock::to_the_second(self.now) + step));
        }
        let folded = self.is_folded(&Scope::Views);
        if !views.is_empty() {
            self.lines.push(TreeLine { count: None, folded: Some(folded), ..self.line(Scope::Views, "Views", 0) });
        }
        for view in views.iter().filter(|_| !folded) {
            let replaced = view.filter.finds(State::Superseded);
            let holds = |at: &usize| (replaced || !rows[*at].is_superseded()) && view.holds(self.model, *at);
            let count = (0..rows.len()).filter(holds).count();
            let label = text::visible(&view.name);
            let line = self.line(Scope::View(view.name.clone()), label, count);
            self.lines.push(TreeLine { depth: 1, ..line });
        }
        views
    }

    /// What belongs to no profile, by where it was found: pasted, or kept by other programs of this machine.
    fn found(&mut self, scope: Scope, title: &'static str) {
        let sources = self.found.sums(&scope);
        let Some((_, most)) = sources.iter().map(|(.., sum)| sum.most).min() else { return };
        let folded = self.is_folded(&scope);
        let all = sources.iter().map(|(.., sum)| sum.count).sum();
        self.lines.push(TreeLine {
            urgent: Some(Urgent::Token(most)),
            folded: Some(folded),
            ..self.line(scope, title, all)
        });
        for (source, label, sum) in sources.into_iter().filter(|_| !folded) {
            self.lines.push(TreeLine {
                depth: 1,
                count: Some(sum.count).filter(|count| *count > 1),
                urgent: Some(Urgent::Token(sum.most.1)),
                ..self.line(source.clone(), label, 0)
            });
        }
    }
}
