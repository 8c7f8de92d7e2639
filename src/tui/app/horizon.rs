//! The horizon: what ends when, the lives of the scope's tokens on one axis.

pub(crate) mod axis;
pub(crate) mod forecast;
mod lanes;
mod text;

use chrono::TimeDelta;
use unicode_width::UnicodeWidthStr as _;

pub(crate) use self::lanes::Lane;
pub(super) use self::text::{copy, offer_copy};
use self::{
    axis::ZOOMS,
    forecast::Forecast,
    lanes::{Made, Of},
};
use super::{
    Model, Pane,
    filter::narrow,
    inspector::{self, Tab},
    keymap::Action,
    layout::{Area, overlay},
    list::Cursor,
    mode::{self, Choice, Mode},
    page::search::Search,
    scope::{self, Scope},
};
use crate::profile::ProfileName;

/// The page.
#[derive(Debug)]
pub(crate) struct Horizon {
    /// Which of [`ZOOMS`].
    pub(crate) zoom: usize,
    /// How far it was moved.
    pub(crate) shift: TimeDelta,
    /// Sorted by what ends first, instead of grouped by environment.
    pub(crate) by_end: bool,
    /// The profile whose old generations are shown.
    unfolded: Option<ProfileName>,
    pub(crate) cursor: Cursor,
    pub(crate) search: Search,
    pub(crate) lanes: Vec<Lane>,
    pub(crate) forecast: Forecast,
    made: Option<Made>,
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
    /// Shows the old generations of the profile, or no more.
    Generations(bool),
    GoTo,
    Verify,
    GiveKey,
}

impl Horizon {
    fn new() -> Self {
        Self {
            zoom: 1,
            shift: TimeDelta::zero(),
            by_end: false,
            unfolded: None,
            cursor: Cursor::default(),
            search: Search::default(),
            lanes: Vec::new(),
            forecast: Forecast::default(),
            made: None,
        }
    }

    /// The life under the cursor.
    pub(crate) fn selected(&self) -> Option<&Lane> {
        self.lanes.get(self.cursor.index)
    }

    /// Whether the old generations of a profile are shown.
    fn unfolds(&self, lane: &Lane) -> bool {
        lane.profile.is_some() && lane.profile == self.unfolded
    }

    /// Whether some are shown at all.
    pub(crate) fn has_generations(&self) -> bool {
        self.unfolded.is_some()
    }

    /// Writes the lives anew where they may be others; the cursor stays on its own.
    pub(super) fn settle(&mut self, model: &Model) {
        let of = Of::new(model, self.by_end, self.unfolded.as_ref(), &self.search.needle);
        if self.made.as_ref().is_none_or(|made| !made.holds(&of, model.shown_now())) {
            let (lanes, made) = lanes::make(model, of);
            let at = self.selected().and_then(|old| lanes.iter().position(|lane| lane.is(old)));
            self.cursor.index = at.unwrap_or(self.cursor.index);
            self.forecast = forecast::make(model, &lanes);
            (self.lanes, self.made) = (lanes, Some(made));
        }
    }
}

/// The same for the page that is open.
pub(super) fn settle(model: &mut Model) {
    let mut modes = std::mem::take(&mut model.modes);
    for mode in modes.iter_mut() {
        if let Mode::Horizon(page) = mode {
            page.settle(model);
        }
    }
    model.modes = modes;
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
    axis: u16,
}

impl Parts {
    /// The axis, with its scale.
    pub(crate) fn axis(&self) -> Area {
        self.of(Area { height: self.head.height + self.rows.height, ..self.head }).1
    }

    /// What of a row stands before the axis, and the axis.
    pub(crate) fn of(&self, row: Area) -> (Area, Area) {
        let columns = self.axis.min(row.width);
        (Area { width: columns, ..row }, Area { x: row.x + columns, width: row.width - columns, ..row })
    }
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
        0..=39 => 28,
        40..=109 => 34,
        _ => 38,
    };
    Parts { frame, head: body.top(1), rows: body.below(1), foot: inner.below(body.height), axis }
}

/// `Horizon  PROD  7 · 1h`; sanitized.
pub(crate) fn title(model: &Model, page: &Horizon) -> String {
    let scope = model.tree.line().map_or("", |line| line.label.as_str());
    format!("Horizon  {scope}  {} · {}", page.lanes.len(), ZOOMS[page.zoom].2)
}

/// Where the names of the zooms stand in the upper border, behind the title and a badge before it; nowhere, where there is
/// no room.
pub(crate) fn zooms(model: &Model, page: &Horizon) -> Vec<(usize, Area)> {
    let line = parts(model.size).frame.top(1).shrink(2, 0);
    let taken = title(model, page).width() + 8;
    let width = |(at, zoom): (usize, &(_, _, &str))| (zoom.2.width() + if at == page.zoom { 4 } else { 2 }) as u16;
    let all: u16 = ZOOMS.iter().enumerate().map(width).sum();
    let Some(mut x) = (line.x + line.width).checked_sub(all).filter(|x| usize::from(x - line.x) >= taken) else {
        return Vec::new();
    };
    let place = |(at, zoom)| {
        let area = Area { x, width: width((at, zoom)), ..line };
        x += area.width;
        (at, area)
    };
    ZOOMS.iter().enumerate().map(place).collect()
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

/// Shows the old generations of the profile under the cursor, or no more.
pub(super) fn offer_generations(model: &Model) -> Option<Action> {
    let page = open_page(model)?;
    let lane = page.selected()?;
    let there = || lane.profile.as_ref().is_some_and(|name| lanes::has_generations(model, name));
    let shown = page.unfolds(lane);
    (shown || there()).then_some(Action::Horizon(Step::Generations(!shown)))
}

/// Enter: on a profile first its old generations, then to the token.
pub(super) fn offer_go_to(model: &Model) -> Option<Action> {
    let page = open_page(model)?;
    let lane = page.selected()?;
    let generations = || offer_generations(model).filter(|_| lane.heads() && !page.unfolds(lane));
    generations().or(Some(Action::Horizon(Step::GoTo)))
}

pub(super) fn offer_verify(model: &Model) -> Option<Action> {
    offer_if(model, Step::Verify, |horizon| horizon.selected().is_some_and(|lane| lane.token().is_some()))
}

pub(super) fn offer_give_key(model: &Model) -> Option<Action> {
    offer_if(model, Step::GiveKey, |horizon| horizon.selected().is_some_and(|lane| lane.token().is_some()))
}

pub(super) fn step(model: &mut Model, step: Step) {
    if step == Step::Open {
        return model.modes.push(Mode::Horizon(Horizon::new()));
    }
    let Some(Mode::Horizon(horizon)) = model.modes.top_mut() else { return };
    let quarter = ZOOMS[horizon.zoom].0 / 4;
    match step {
        Step::In => zoom(model, |zoom| zoom.saturating_sub(1)),
        Step::Out => zoom(model, |zoom| zoom + 1),
        Step::Earlier => horizon.shift -= quarter,
        Step::Later => horizon.shift += quarter,
        Step::Now => horizon.shift = TimeDelta::zero(),
        Step::Sort => horizon.by_end = !horizon.by_end,
        Step::Generations(on) => {
            let name = horizon.selected().and_then(|lane| lane.profile.clone());
            horizon.unfolded = name.filter(|_| on);
        }
        Step::GoTo => go_to(model),
        Step::Verify => {
            go_to(model);
            model.focus = Pane::Inspector;
            inspector::open(model, Tab::Verify);
        }
        Step::GiveKey => {
            // The list of ways is about the token under the cursor of the panes.
            if let Some(id) = open_page(model).and_then(Horizon::selected).and_then(Lane::token) {
                scope::show(model, id);
                narrow::settle(model);
                mode::choose(model, Choice::Key);
            }
        }
        Step::Open => {}
    }
}

/// Shows another stretch of time, around now.
pub(super) fn zoom(model: &mut Model, zoom: impl Fn(usize) -> usize) {
    if let Some(Mode::Horizon(horizon)) = model.modes.top_mut() {
        horizon.zoom = zoom(horizon.zoom).min(ZOOMS.len() - 1);
        horizon.shift = TimeDelta::zero();
    }
}

/// Moves the axis so far that what was at one column is at another.
pub(super) fn drag(model: &mut Model, from: u16, to: u16) {
    let columns = parts(model.size).of(parts(model.size).rows).1.width.max(1);
    if let Some(Mode::Horizon(horizon)) = model.modes.top_mut() {
        let moved = i32::from(from) - i32::from(to);
        horizon.shift += axis::span(horizon.zoom) / i32::from(columns) * moved;
    }
}

/// To the token under the cursor; of an old generation to the history of its profile.
fn go_to(model: &mut Model) {
    let Some(lane) = open_page(model).and_then(Horizon::selected).cloned() else { return };
    model.modes.clear();
    match (lane.token(), lane.profile) {
        (Some(id), _) => {
            scope::show(model, id);
            model.focus = Pane::Tokens;
        }
        (None, Some(name)) => {
            scope::go_to(model, Scope::Profile(name));
            model.focus = Pane::Profiles;
            if lane.is_old {
                model.focus = Pane::Inspector;
                inspector::open(model, Tab::History);
            }
        }
        (None, None) => {}
    }
}

/// Whether the clock changes what the page shows every second.
pub(super) fn runs(model: &Model) -> bool {
    matches!(model.modes.seen(model.now), Some(Mode::Horizon(horizon)) if horizon.made.as_ref().is_some_and(Made::runs))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        clock::{self, Zone},
        store::{config::Config, state::State},
        token::Token,
        tui::app::{Message, Start, key::Key, look, update, vault::AtStart},
    };

    fn model(samples: usize) -> Model {
        let token = |at| (format!("sample {at}"), Token::inspect(&format!("MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIz{at}")));
        Model::new(Start {
            now: clock::parse("2026-11-21T20:00:00Z").unwrap(),
            zone: Zone::utc(),
            size: (80, 24),
            terminal: look::Terminal::new(look::Colors::True),
            config: Ok(Config::default()),
            state: State::default(),
            seed: 1,
            profiles: Ok(Vec::new()),
            vault: AtStart::InMemory,
            tokens: Vec::new(),
            token_sets: Vec::new(),
            samples: (0..samples).map(token).collect(),
            demo: None,
            remarks: Vec::new(),
        })
    }

    fn page(model: &mut Model) -> &mut Horizon {
        match model.modes.top_mut() {
            Some(Mode::Horizon(page)) => page,
            other => panic!("{other:?}"),
        }
    }

    /// Keys and ticks write no life anew; what changes them does.
    #[test]
    fn lives_are_made_when_something_has_changed() {
        let mut model = model(3);
        let _ = update(&mut model, Message::Key(Key::char('H')));
        let mark = |model: &mut Model| page(model).lanes[0].name = "as it was".to_owned();
        let stays = |model: &mut Model, message: Message| {
            let _ = update(model, message);
            page(model).lanes[0].name == "as it was"
        };
        mark(&mut model);
        let later = model.now + TimeDelta::seconds(1);
        for message in [Message::Key(Key::char('j')), Message::Key(Key::char('-')), Message::Ticked(later)] {
            assert!(stays(&mut model, message));
        }
        assert!(!stays(&mut model, Message::Key(Key::char('S'))), "another order");
        mark(&mut model);
        model.tokens.add("stdin", Token::inspect("YWJjZGVmZ2hpamtsbW5vcHFyc3R1dnd4"));
        let later = later + TimeDelta::seconds(1);
        assert!(!stays(&mut model, Message::Ticked(later)), "another token");
        assert_eq!(page(&mut model).lanes.len(), 4);
    }
}
