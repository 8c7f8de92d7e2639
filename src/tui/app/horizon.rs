//! The horizon: what ends when, all lives on one axis.

pub(crate) mod axis;
pub(crate) mod forecast;

use chrono::TimeDelta;

use self::axis::ZOOMS;
use super::{
    Model, Pane,
    badge::Badge,
    keymap::Action,
    layout::{Area, overlay},
    list::{Cursor, Motion},
    mode::Mode,
    page::search::Search,
    profiles::ProfileRow,
    renewal::{self, Plan},
    schedule,
    scope::{self, Scope},
    tokens::{Row, RowId, RowState},
};
use crate::{auth::TokenKind, clock::Timestamp, profile::ProfileName, token::lifetime::Lifetime};

/// The page.
#[derive(Debug)]
pub(crate) struct Horizon {
    /// Which of [`ZOOMS`].
    pub(crate) zoom: usize,
    /// How far it was moved.
    pub(crate) shift: TimeDelta,
    /// Sorted by what ends first, instead of grouped by environment.
    pub(crate) by_end: bool,
    pub(crate) cursor: Cursor,
    pub(crate) search: Search,
    pub(crate) lanes: Vec<Lane>,
}

/// A life on the axis.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Lane {
    pub(crate) profile: Option<ProfileName>,
    row: Option<RowId>,
    pub(crate) kind: LaneKind,
    /// The profile, or where a pasted token was; of a further token of the same profile its kind. Sanitized.
    pub(crate) name: String,
    pub(crate) badge: Option<Badge>,
    pub(crate) lifetime: Lifetime,
    pub(crate) state: RowState,
    pub(crate) fate: Fate,
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
    /// A server was told to end it.
    Revoked,
}

/// What the keys of the page do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Step {
    Open,
    In,
    Out,
    Earlier,
    Later,
    Now,
    Sort,
    GoTo,
}

impl Horizon {
    fn new() -> Self {
        let (cursor, search, lanes) = Default::default();
        Self { zoom: 1, shift: TimeDelta::zero(), by_end: false, cursor, search, lanes }
    }

    /// The life under the cursor.
    pub(crate) fn selected(&self) -> Option<&Lane> {
        self.lanes.get(self.cursor.index)
    }

    pub(super) fn go(&mut self, motion: Motion, size: (u16, u16)) {
        self.cursor.go(motion, self.lanes.len(), usize::from(parts(size).rows.height));
    }

    /// Writes the lives anew; the cursor stays on its own.
    pub(super) fn settle(&mut self, model: &Model) {
        let lanes = lanes(model, self.by_end);
        let same =
            |lane: &Lane, other: &Lane| (&lane.profile, lane.row, lane.kind) == (&other.profile, other.row, other.kind);
        let at = self.selected().and_then(|old| lanes.iter().position(|lane| same(lane, old)));
        self.cursor.index = at.unwrap_or(self.cursor.index);
        self.lanes = lanes;
        self.cursor.settle(self.lanes.len(), usize::from(parts(model.size).rows.height));
    }
}

/// Where everything on the page stands.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Parts {
    pub(crate) frame: Area,
    pub(crate) head: Area,
    pub(crate) rows: Area,
    /// The sentences, and what the bars mean.
    pub(crate) foot: Area,
    /// In which column the axis begins.
    pub(crate) axis: u16,
}

/// The page takes the whole body.
pub(crate) fn parts(size: (u16, u16)) -> Parts {
    let columns = size.0;
    let frame = overlay(size, u16::MAX, u16::MAX);
    let inner = if columns >= 24 && frame.height >= 4 { frame.shrink(2, 1) } else { frame };
    let foot = match inner.height {
        0..=5 => 0,
        6..=9 => 2,
        10..=17 => 5,
        _ => 6,
    };
    let body = Area { height: inner.height - foot, ..inner };
    let axis = match inner.width {
        0..=39 => 20,
        40..=109 => 31,
        _ => 35,
    };
    Parts { frame, head: body.top(1), rows: body.below(1), foot: inner.below(body.height), axis }
}

pub(super) fn offer(_: &Model) -> Option<Action> {
    Some(Action::Horizon(Step::Open))
}

fn open_page(model: &Model) -> Option<&Horizon> {
    match model.modes.top() {
        Some(Mode::Horizon(horizon)) => Some(horizon),
        _ => None,
    }
}

/// What a key of the page does, if it does anything.
fn offer_if(model: &Model, step: Step, can: impl Fn(&Horizon) -> bool) -> Option<Action> {
    open_page(model).filter(|horizon| can(horizon)).map(|_| Action::Horizon(step))
}

pub(super) fn offer_in(model: &Model) -> Option<Action> {
    offer_if(model, Step::In, |horizon| horizon.zoom > 0)
}

pub(super) fn offer_out(model: &Model) -> Option<Action> {
    offer_if(model, Step::Out, |horizon| horizon.zoom + 1 < ZOOMS.len())
}

pub(super) fn offer_earlier(model: &Model) -> Option<Action> {
    offer_if(model, Step::Earlier, |_| true)
}

pub(super) fn offer_later(model: &Model) -> Option<Action> {
    offer_if(model, Step::Later, |_| true)
}

pub(super) fn offer_now(model: &Model) -> Option<Action> {
    offer_if(model, Step::Now, |horizon| !horizon.shift.is_zero())
}

pub(super) fn offer_sort(model: &Model) -> Option<Action> {
    offer_if(model, Step::Sort, |_| true)
}

pub(super) fn offer_go_to(model: &Model) -> Option<Action> {
    offer_if(model, Step::GoTo, |horizon| horizon.selected().is_some())
}

pub(super) fn step(model: &mut Model, step: Step) {
    if step == Step::Open {
        return model.modes.push(Mode::Horizon(Horizon::new()));
    }
    let Some(Mode::Horizon(horizon)) = model.modes.top_mut() else { return };
    let quarter = ZOOMS[horizon.zoom].0 / 4;
    match step {
        Step::In | Step::Out => {
            horizon.zoom = if step == Step::In { horizon.zoom - 1 } else { horizon.zoom + 1 };
            horizon.shift = TimeDelta::zero();
        }
        Step::Earlier => horizon.shift -= quarter,
        Step::Later => horizon.shift += quarter,
        Step::Now => horizon.shift = TimeDelta::zero(),
        Step::Sort => horizon.by_end = !horizon.by_end,
        Step::GoTo => {
            let Some(lane) = horizon.selected().cloned() else { return };
            model.modes.clear();
            match (lane.row, lane.profile) {
                (Some(id), _) => {
                    scope::show(model, id);
                    model.focus = Pane::Tokens;
                }
                (None, Some(name)) => {
                    scope::go_to(model, Scope::Profile(name));
                    model.focus = Pane::Profiles;
                }
                (None, None) => {}
            }
        }
        Step::Open => {}
    }
}

/// Whether the clock changes what the page shows every second.
pub(super) fn runs(model: &Model) -> bool {
    let running = |lane: &Lane| schedule::runs(&lane.lifetime, model.now);
    let of = |mode: &Mode| matches!(mode, Mode::Horizon(horizon) if horizon.lanes.iter().any(running));
    model.modes.seen(model.now).is_some_and(of)
}

/// All lives: those of the profiles by environment, protected ones first, and by what ends first; then what was pasted.
fn lanes(model: &Model, by_end: bool) -> Vec<Lane> {
    let mut groups: Vec<(SortKey, Vec<Lane>)> = Vec::new();
    for row in model.profiles.rows.iter() {
        let lanes = lanes_of(model, row);
        let Some(first) = lanes.first() else { continue };
        let badge = row.environment.as_deref().and_then(|name| model.badge_of(name));
        let rank = match badge {
            Some(badge) if badge.protected => 0,
            Some(_) => 1,
            None => 2,
        };
        let environment = row.environment.clone().unwrap_or_default();
        let end = next_end(model, first);
        let key = if by_end { (0, String::new(), end) } else { (rank, environment, end) };
        groups.push((key, lanes));
    }
    for row in model.tokens.rows().iter().filter(|row| row.profile().is_none()) {
        let lane = Lane { name: row.words(), ..lane(model, row, LaneKind::Access) };
        let end = next_end(model, &lane);
        let key = if by_end { (0, String::new(), end) } else { (3, String::new(), end) };
        groups.push((key, vec![lane]));
    }
    groups.sort_by(|(one, _), (other, _)| one.cmp(other));
    groups.into_iter().flat_map(|(_, lanes)| lanes).collect()
}

/// The group, the environment, and when something happens: what is over and what has no end comes last.
type SortKey = (u8, String, (bool, Timestamp));

fn next_end(model: &Model, lane: &Lane) -> (bool, Timestamp) {
    let end = match lane.fate {
        Fate::Renews(at) => Some(at),
        _ => lane.lifetime.expires_at,
    };
    let ahead = end.filter(|end| *end > model.shown_now());
    (ahead.is_none(), ahead.or(end).unwrap_or(Timestamp::MAX_UTC))
}

/// The lives of a profile: its access token's first. Behind the lock the list knows one.
fn lanes_of(model: &Model, row: &ProfileRow) -> Vec<Lane> {
    let name = &row.profile.name;
    let Some(holding) = &row.holding else { return Vec::new() };
    let kind = |kind| match kind {
        TokenKind::Access | TokenKind::Unknown => LaneKind::Access,
        TokenKind::Refresh => LaneKind::Refresh,
        TokenKind::Id => LaneKind::Other,
    };
    let rows = model.tokens.rows().iter().filter(|row| row.profile() == Some(name));
    let mut lanes: Vec<_> = rows.map(|row| lane(model, row, kind(row.kind))).collect();
    lanes.sort_by_key(|lane| lane.kind);
    if lanes.is_empty() {
        let state =
            if holding.revoked { RowState::Revoked } else { RowState::Time(holding.lifetime.state(model.shown_now())) };
        lanes.push(Lane {
            profile: Some(name.clone()),
            row: None,
            kind: LaneKind::Access,
            name: String::new(),
            badge: None,
            lifetime: holding.lifetime,
            state,
            fate: Fate::Ends,
        });
    }
    if let Some(session) = lanes.first_mut() {
        session.name = name.to_string();
        session.badge = model.badge(name);
        if session.fate == Fate::Ends && session.kind == LaneKind::Access {
            session.fate = match renewal::plan(model, row) {
                Plan::At(at) if model.travel.is_none() || at >= model.shown_now() => Fate::Renews(at),
                Plan::Impossible | Plan::ReadOnly => Fate::Ends,
                _ if holding.refresh.is_some() => Fate::Renewable,
                _ => Fate::Ends,
            };
        }
    }
    lanes
}

fn lane(model: &Model, row: &Row, kind: LaneKind) -> Lane {
    let state = row.state(model.shown_now());
    let fate = if state == RowState::Revoked { Fate::Revoked } else { Fate::Ends };
    let name = format!("  {}", row.kind);
    let (profile, badge) = (row.profile().cloned(), None);
    Lane { profile, row: Some(row.id), kind, name, badge, lifetime: row.lifetime, state, fate }
}
