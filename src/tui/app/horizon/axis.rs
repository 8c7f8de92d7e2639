//! A stretch of time in cells: where a life begins and ends on it, what stands behind its bar, and the scale above.

use chrono::TimeDelta;

use super::lanes::{Fate, Lane, LaneKind};
use crate::{
    clock::{self, Timestamp, Zone},
    token::state::State,
    tui::app::Model,
};

/// How much lies ahead, in words, and the same as the name of the zoom.
pub(crate) const ZOOMS: [(TimeDelta, &str, &str); 4] = [
    (TimeDelta::minutes(5), "5 minutes", "5m"),
    (TimeDelta::hours(1), "hour", "1h"),
    (TimeDelta::hours(8), "8 hours", "8h"),
    (TimeDelta::days(30), "30 days", "30d"),
];

/// Behind now there is a quarter of what is ahead of it.
const QUARTERS: i32 = 5;

/// How much of it there is.
pub(super) fn span(zoom: usize) -> TimeDelta {
    ZOOMS[zoom].0 / (QUARTERS - 1) * QUARTERS
}

/// A stretch of time, in so many cells.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Axis {
    start: Timestamp,
    quarter: TimeDelta,
    now: Timestamp,
    zone: Zone,
    columns: usize,
}

/// What a cell shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub(crate) enum Cell {
    Blank,
    Access,
    Refresh,
    /// Of a token that was replaced, as long as it is not over.
    Old,
    Now,
    Renewal,
    Letter(char),
}

impl Axis {
    /// The axis of this zoom around the time that is shown, moved by so much.
    pub(crate) fn new(model: &Model, zoom: usize, shift: TimeDelta, columns: u16) -> Self {
        let quarter = ZOOMS[zoom].0 / (QUARTERS - 1);
        let (now, zone) = (model.shown_now(), model.zone);
        let start = now.checked_add_signed(shift - quarter).unwrap_or(now);
        Self { start, quarter, now, zone, columns: usize::from(columns) }
    }

    /// In which cell a time is, from the first one on; before and behind them there are others.
    fn column(&self, at: Timestamp) -> i64 {
        let (span, since) = (self.quarter * QUARTERS, at - self.start);
        let cells = i128::from(since.num_milliseconds()) * self.columns as i128;
        i64::try_from(cells.div_euclid(i128::from(span.num_milliseconds()))).unwrap_or(i64::MAX)
    }

    /// Where now is, if it is on the axis.
    pub(crate) fn now(&self) -> Option<usize> {
        usize::try_from(self.column(self.now)).ok().filter(|column| *column < self.columns)
    }

    /// The bar of a life, what renews it, and the words behind it.
    pub(crate) fn cells(&self, lane: &Lane, label: [&str; 2]) -> Vec<Cell> {
        let mut cells = vec![Cell::Blank; self.columns];
        let bar = if lane.kind == LaneKind::Refresh { Cell::Refresh } else { Cell::Access };
        if let Some(end) = lane.lifetime.expires_at {
            let start = lane.lifetime.not_before.or(lane.lifetime.issued_at).unwrap_or(self.now).min(end);
            let first = self.column(start);
            // The shortest life has a cell.
            let last = self.column(end - TimeDelta::milliseconds(1)).max(first);
            let within = |column: i64| column.clamp(0, self.columns as i64) as usize;
            cells[within(first)..within(last.saturating_add(1))].fill(bar);
            if let Fate::Replaced(at) = lane.fate {
                let from = within(self.column(at).max(first));
                cells[from..within(last.saturating_add(1)).max(from)].fill(Cell::Old);
            }
        }
        let now = self.now();
        now.iter().for_each(|now| cells[*now] = Cell::Now);
        if let Fate::Renews(at) = lane.fate {
            let at = self.column(at.max(self.now)).max(now.map_or(0, |now| now as i64 + 1));
            if let Some(at) = usize::try_from(at).ok().filter(|at| *at < self.columns) {
                cells[at..].fill(Cell::Blank);
                cells[at] = Cell::Renewal;
            }
        }
        self.write(&mut cells, label);
        cells
    }

    /// Puts the longer text, or else the shorter one, behind the bar; where there is none, in front of now or behind it.
    fn write(&self, cells: &mut [Cell], label: [&str; 2]) {
        let behind = |cell: &Cell| !matches!(cell, Cell::Blank | Cell::Now);
        let bar = cells.iter().rposition(behind);
        let now = self.now();
        for text in label.into_iter().filter(|text| !text.is_empty()) {
            let width = text.chars().count();
            let fits = |at: &usize| {
                let end = at + width;
                // Not right behind now, which would seem to belong to the words.
                let apart = at.checked_sub(1).is_none_or(|before| cells.get(before) == Some(&Cell::Blank));
                apart && end <= cells.len() && cells[*at..end].iter().all(|cell| *cell == Cell::Blank)
            };
            let places = [bar.map_or(Some(1), |bar| Some(bar + 2)), now.map(|now| now + 2)];
            if let Some(at) = places.into_iter().flatten().find(fits) {
                cells[at..].iter_mut().zip(text.chars()).for_each(|(cell, c)| *cell = Cell::Letter(c));
                return;
            }
        }
    }

    /// The scale: words, each with the cell in which it begins, none over another.
    pub(crate) fn scale(&self) -> Vec<(usize, String)> {
        let mut words = Vec::new();
        let now = self.now();
        words.extend(now.map(|now| (now, "now".to_owned())));
        for quarter in 0..QUARTERS {
            let at = self.start + self.quarter * quarter;
            let Ok(column) = usize::try_from(self.column(at)) else { continue };
            let word = self.short(at);
            let free = words
                .iter()
                .all(|(other, text)| column + word.chars().count() < *other || *other + text.chars().count() < column);
            if free && column + word.chars().count() <= self.columns {
                words.push((column, word));
            }
        }
        words.sort();
        words
    }

    /// `14:05`; a day, where the axis has many.
    fn short(&self, at: Timestamp) -> String {
        if self.quarter >= TimeDelta::days(1) { clock::day(at, self.zone) } else { clock::minute(at, self.zone) }
    }

    /// `14:05`; with its day where that is another one; of another year the day and the year.
    fn when(&self, at: Timestamp) -> String {
        let (day, minute) = (clock::day(at, self.zone), clock::minute(at, self.zone));
        match at - self.now {
            near if near.abs() < TimeDelta::hours(12) => minute,
            far if far.abs() < TimeDelta::days(300) => format!("{day} {minute}"),
            _ => format!("{day} {}", clock::year(at, self.zone)),
        }
    }

    /// `14:05`, `ended 11:02`, `renews 14:05:30, then every 15m`: what is said of a life, at length and in short.
    pub(crate) fn label(&self, model: &Model, lane: &Lane) -> [String; 2] {
        let alone = |words: String| [words, String::new()];
        let state = lane.facts.state(self.now);
        match (lane.fate, lane.lifetime.expires_at) {
            (Fate::Renews(at), _) => {
                let every = lane.lifetime.whole().map(|life| format!(", then every {}", clock::round_span(life)));
                let at_once = clock::of_day(at, self.now, self.zone);
                [format!("renews {at_once}{}", every.unwrap_or_default()), self.when(at)]
            }
            _ if state == State::Revoked => alone("refused after revocation".to_owned()),
            (_, Some(end)) if state == State::Alive => {
                let until = self.when(end);
                [format!("was to be revoked, may work until {until}"), until]
            }
            _ if state == State::Alive => alone("was to be revoked, may still work".to_owned()),
            (Fate::Renewable, Some(end)) if end <= self.now => {
                let words = model.hint("{key:horizon.refresh} renews").into_owned();
                [format!("ended {}; {words}", self.when(end)), words]
            }
            (Fate::Replaced(at), Some(end)) if end > self.now => {
                let end = self.when(end);
                [format!("replaced {}, works until {end}", self.when(at)), end]
            }
            (_, Some(end)) if end <= self.now => [format!("ended {}", self.when(end)), "ended".to_owned()],
            (_, Some(end)) => alone(self.when(end)),
            (_, None) => ["no expiry given".to_owned(), "no expiry".to_owned()],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::token::lifetime::Lifetime;

    fn at(minutes: i64) -> Timestamp {
        clock::parse("2026-11-26T13:05:00Z").unwrap() + TimeDelta::seconds(minutes * 60)
    }

    /// An hour in fifty cells, of a minute and a half each, of which now is the eleventh.
    fn axis() -> Axis {
        Axis { start: at(-15), quarter: TimeDelta::minutes(15), now: at(0), zone: Zone::utc(), columns: 50 }
    }

    fn drawn(kind: LaneKind, life: (Option<i64>, Option<i64>), fate: Fate, label: [&str; 2]) -> String {
        let lifetime = Lifetime { issued_at: life.0.map(at), expires_at: life.1.map(at), ..Lifetime::default() };
        let mut lane = Lane::of(lifetime);
        (lane.kind, lane.fate) = (kind, fate);
        let sign = |cell| match cell {
            Cell::Blank => ' ',
            Cell::Access => '━',
            Cell::Refresh => '─',
            Cell::Old => '┄',
            Cell::Now => '┃',
            Cell::Renewal => '⟳',
            Cell::Letter(c) => c,
        };
        axis().cells(&lane, label).into_iter().map(sign).collect::<String>().trim_end().to_owned()
    }

    #[test]
    fn bars_begin_and_end_in_their_cells() {
        use Fate::{Ends, Renews, Replaced};
        let access = |life, fate, label| drawn(LaneKind::Access, life, fate, label);
        let none = ["", ""];
        let bar = |cells: usize| "━".repeat(cells);
        assert_eq!(access((Some(-15), Some(30)), Ends, ["13:35", ""]), bar(10) + "┃" + &bar(19) + " 13:35");
        assert_eq!(access((Some(-900), Some(900)), Ends, ["far", ""]), bar(10) + "┃" + &bar(39), "no room for words");
        assert_eq!(access((None, Some(3)), Ends, none), " ".repeat(10) + "┃━");
        assert_eq!(access((Some(-9), Some(-6)), Ends, ["ended", ""]), " ".repeat(4) + &bar(2) + "    ┃ ended");
        assert_eq!(access((Some(-90), Some(-60)), Ends, ["ended 12:05", "ended"]), " ".repeat(10) + "┃ ended 12:05");
        assert_eq!(access((Some(-90), Some(-60)), Ends, ["over", ""]), " over     ┃");
        assert_eq!(access((Some(-9), Some(0)), Ends, ["over", ""]), " ".repeat(4) + &bar(6) + "┃ over");
        assert_eq!(access((None, None), Ends, ["no expiry", ""]), " no expiry┃");
        assert_eq!(access((Some(60), Some(90)), Ends, none), " ".repeat(10) + "┃", "beyond the axis");
        assert_eq!(access((Some(0), Some(0)), Ends, none), " ".repeat(10) + "┃", "no life at all");
        assert_eq!(drawn(LaneKind::Refresh, (Some(-15), Some(9)), Ends, none), "─".repeat(10) + "┃" + &"─".repeat(5));
        let replaced = bar(5) + &"┄".repeat(5) + "┃" + &"┄".repeat(3) + " x";
        assert_eq!(access((Some(-15), Some(6)), Replaced(at(-7)), ["x", ""]), replaced);
        let renewed = access((Some(-15), Some(15)), Renews(at(6)), ["renews 13:11", "13:11"]);
        assert_eq!(renewed, bar(10) + "┃" + &bar(3) + "⟳ renews 13:11");
        let at_once = access((Some(-15), Some(15)), Renews(at(-3)), none);
        assert_eq!(at_once, bar(10) + "┃⟳", "what is due stands behind now");
        let long = "x".repeat(40);
        assert_eq!(access((Some(-15), Some(15)), Renews(at(6)), [&long, "13:11"]), bar(10) + "┃" + &bar(3) + "⟳ 13:11");
    }

    #[test]
    fn the_scale_has_a_word_for_each_quarter_and_now() {
        let words = |axis: Axis| {
            let mut line = " ".repeat(axis.columns);
            axis.scale().into_iter().for_each(|(at, word)| line.replace_range(at..at + word.len(), &word));
            line.trim_end().to_owned()
        };
        assert_eq!(words(axis()), "12:50     now       13:20     13:35     13:50");
        assert_eq!(words(Axis { start: at(-10), ..axis() }), "12:55 now 13:10     13:25     13:40     13:55");
        let days = Axis { start: at(-1_440), quarter: TimeDelta::days(7), columns: 60, ..axis() };
        assert_eq!(words(days), " now        2 Dec       9 Dec       16 Dec      23 Dec");
        assert_eq!(words(Axis { columns: 4, ..axis() }), "now");
        assert_eq!(words(Axis { columns: 0, ..axis() }), "");
    }
}
