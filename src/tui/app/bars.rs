//! What the lines around the panes say and where each word stands: the keys that do something right now, the tabs of the
//! inspector, the clock. The view draws them, the mouse finds them.

use unicode_width::UnicodeWidthStr as _;

use super::{
    Model, Pane,
    badge::Badge,
    horizon,
    inspector::{self, Tab},
    key::Key,
    keymap::{self, Action},
    layout::{Area, Extent, Layout},
    mode::{Listing, Wanted},
    page, schedule, target,
    tokens::Row,
};
use crate::clock;

/// What the panes act on, or what a pane shows; sanitized.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Subject {
    /// Of its environment, where that is protected.
    pub(crate) badge: Option<Badge>,
    pub(crate) words: String,
}

impl Subject {
    pub(crate) fn width(&self) -> u16 {
        let badge = self.badge.as_ref().map_or(0, |badge| badge.text.width() + 1);
        (badge + self.words.width()) as u16
    }
}

/// A key and what it does, in a bar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Hint {
    pub(crate) key: Key,
    /// Empty where there is room for the key alone.
    pub(crate) words: &'static str,
    pub(crate) area: Area,
}

/// From so many columns on a bar has its words whole.
const WIDE: u16 = 98;

/// Between two hints.
const GAP: u16 = 2;

/// The word of the way out of what stands over the panes.
const CLOSE: &str = "close";

/// A bar of what is done of something whose end is known: its full part, and the rest.
pub(crate) fn progress(done: usize, of: usize, columns: usize) -> (String, String) {
    let full = (done * columns / of.max(1)).min(columns);
    ("━".repeat(full), "─".repeat(columns - full))
}

impl Model {
    /// What the keys of the panes act on.
    pub(crate) fn subject(&self) -> Option<Subject> {
        let (badge, words) = target::words(self);
        (!words.is_empty()).then_some(Subject { badge, words })
    }

    /// How much of a pane's list is on screen; of the inspector, of its open tab.
    pub(crate) fn extent(&self, pane: Pane) -> Extent {
        let (offset, len) = match pane {
            Pane::Profiles => (self.tree.cursor.offset, self.tree.lines.len()),
            Pane::Tokens => (self.tokens.cursor.offset, self.tokens.narrowing.shown().len()),
            Pane::Inspector => return self.sheet_extent(self.inspector.tab),
        };
        Extent { offset, page: self.layout().page(pane), len }
    }

    /// How much of a sheet of the inspector is on screen.
    pub(crate) fn sheet_extent(&self, tab: Tab) -> Extent {
        let page = usize::from(self.layout().parts(tab).1.height);
        Extent { offset: self.inspector.place(tab).offset, page, len: self.sheet_len(tab) }
    }

    /// What the inspector shows.
    pub(crate) fn inspected(&self) -> Option<Subject> {
        if self.inspector.tab == Tab::Exchange
            && let Some(name) = &self.inspector.exchange.profile
        {
            return Some(Subject { badge: self.guard(name), words: name.to_string() });
        }
        self.tokens.selected().map(|row| of_token(self, row))
    }
}

fn of_token(model: &Model, row: &Row) -> Subject {
    let owner = row.owner.name();
    let old = row.old.map(|old| format!(", generation {}", old.generation)).unwrap_or_default();
    Subject { badge: row.profile().and_then(|name| model.guard(name)), words: format!("{owner} {}{old}", row.kind) }
}

/// What the object bar begins with, and where: the panes' subject, while nothing stands over them.
pub(crate) fn subject(model: &Model, layout: &Layout) -> Option<(Subject, Area)> {
    if !model.modes.is_empty() && model.modes.line(&Wanted::Search).is_none() {
        return None;
    }
    let mut subject = model.subject()?;
    if !layout.bordered() {
        // It has the notices' line, where that is free.
        return Some((subject, layout.notices.shrink(1, 0)));
    }
    subject.words.push(':');
    let line = layout.keys.shrink(1, 0);
    let width = subject.width().min(line.width / 2);
    Some((subject, Area { width, ..line }))
}

/// The hints of both bars.
pub(crate) fn hints(model: &Model, layout: &Layout) -> Vec<Hint> {
    // The notice line tells of the log.
    let bar = keymap::bar(model).into_iter().filter(|(_, action)| *action != Action::OpenLog);
    let mut line = layout.keys.shrink(1, 0);
    if let Some((_, taken)) = subject(model, layout).filter(|_| layout.bordered()) {
        let used = (taken.width + GAP).min(line.width);
        line = Area { x: line.x + used, width: line.width - used, ..line };
    }
    let two = !layout.global.is_empty() && model.modes.is_empty();
    let (last, others): (Vec<_>, Vec<_>) = bar.partition(|(_, action)| is_last(model, action));
    let (mut around, object): (Vec<_>, Vec<_>) = others.into_iter().partition(|(_, action)| global(action).is_some());
    let wide = layout.keys.width >= WIDE;
    // In ASCII the sign of more to come would have to stand over the word before it.
    let cut = |words: &'static str| if model.look.ascii { words.trim_end_matches('…') } else { words };
    let words = |(key, action): &(Key, Action)| (*key, cut(if wide { action.words() } else { action.short() }));
    if two {
        let mut hints = lay(object.iter().map(words).collect(), &[], line);
        let last: Vec<_> = match wide {
            // There is room for all: they stand where one looks for them.
            true => {
                around.extend(last);
                Vec::new()
            }
            false => last.iter().map(words).collect(),
        };
        around.sort_by_key(|(_, action)| global(action));
        hints.extend(lay(around.iter().map(words).collect(), &last, layout.global.shrink(1, 0)));
        return hints;
    }
    around.sort_by_key(|(_, action)| global(action));
    let last: Vec<_> = last.iter().map(words).collect();
    let all = object.iter().chain(around.iter().filter(|(_, action)| !matches!(action, Action::Focus(_))));
    lay(all.map(words).collect(), &last, line)
}

/// Hints one after the other, as many as fit whole; the last ones always stand there, without their words if need be.
fn lay(hints: Vec<(Key, &'static str)>, last: &[(Key, &'static str)], line: Area) -> Vec<Hint> {
    let width = |(key, words): &(Key, &str)| {
        let words = if words.is_empty() { 0 } else { words.width() + 1 };
        (key.to_string().width() + words) as u16
    };
    let total = |hints: &[(Key, &'static str)], gap: u16| hints.iter().map(|hint| width(hint) + gap).sum::<u16>();
    // The way out keeps its word: it is no command among many.
    let bare: Vec<_> = last.iter().map(|(key, words)| (*key, if *words == CLOSE { CLOSE } else { "" })).collect();
    let whole = total(last, GAP);
    let (last, gap) = if whole * 3 > line.width { (bare, 1) } else { (last.to_vec(), GAP) };
    let end = (line.x + line.width).saturating_sub(total(&last, gap).saturating_sub(gap));
    let mut x = line.x;
    let mut laid = Vec::new();
    let place = |hint: (Key, &'static str), x: u16| {
        let area = Area { x, width: width(&hint), ..line };
        Hint { key: hint.0, words: hint.1, area }
    };
    for hint in hints {
        if x + width(&hint) + if last.is_empty() { 0 } else { GAP } > end {
            break;
        }
        laid.push(place(hint, x));
        x += width(&hint) + GAP;
    }
    for hint in last {
        if x + width(&hint) > line.x + line.width {
            break;
        }
        laid.push(place(hint, x));
        x += width(&hint) + gap;
    }
    laid
}

/// What a bar ends with: the way to all commands and keys; in what stands over the panes also the way out.
fn is_last(model: &Model, action: &Action) -> bool {
    let leaves = matches!(action, Action::Close) && !model.modes.is_empty();
    leaves || matches!(action, Action::FindCommand(_))
}

/// What has nothing to do with what is under the cursor: where it stands in the bar of that.
fn global(action: &Action) -> Option<usize> {
    use super::{filter::narrow::Step, keymap::Place, mode::Question};
    Some(match action {
        Action::Filter(Step::Open) | Action::Search | Action::SearchPage(page::search::Step::Open) => 0,
        Action::Await(Place::Sort) => 1,
        Action::FindCommand(Listing::Commands) => 2,
        Action::FindCommand(Listing::Keys) => 3,
        Action::Focus(_) => 4,
        Action::Full(_) => 5,
        Action::Horizon(horizon::Step::Open) => 6,
        Action::Type(_) => 7,
        Action::Lock | Action::OpenVault(None) => 8,
        Action::Quit | Action::Ask(Question::Quit) => 9,
        _ => return None,
    })
}

/// How many columns the title of the inspector takes: its number, its name and its subject.
pub(crate) fn title_width(model: &Model) -> u16 {
    let subject = model.inspected().map_or(0, |subject| subject.width() + 2);
    3 + Pane::Inspector.name().width() as u16 + subject + 1
}

/// The tabs of the inspector that fit behind its title, which has so many columns; the open one always does. With it
/// whether there are more.
pub(crate) fn tabs(model: &Model, layout: &Layout, title: u16) -> (Vec<(Tab, Area)>, bool) {
    let line = if layout.bordered() {
        Layout::heading(layout.sheet(model.inspector.tab))
    } else {
        layout.parts(model.inspector.tab).0.below(2).shrink(1, 0)
    };
    if !layout.has_tabs() || line.is_empty() {
        return (Vec::new(), false);
    }
    let all = inspector::tabs(model);
    let open = all.iter().position(|tab| *tab == model.inspector.tab).unwrap_or(0);
    let width = |at: usize| all[at].name().width() as u16 + if at == open { 3 } else { 1 };
    let room = line.width.saturating_sub(title + 1);
    let fitting = |start: usize| {
        let (mut used, mut end) = (0, start);
        while end < all.len() && used + width(end) + 2 * u16::from(end + 1 < all.len()) <= room {
            used += width(end);
            end += 1;
        }
        (used, end)
    };
    let start = (0..=open).find(|start| fitting(*start).1 > open).unwrap_or(open);
    let (used, end) = fitting(start);
    let end = end.max(open + 1);
    // In the upper border they stand at the right, where they stay when the title changes.
    let more = end < all.len();
    let first = if layout.bordered() { line.x + line.width.saturating_sub(used + 2 * u16::from(more)) } else { line.x };
    let mut x = first.max(line.x + if layout.bordered() { title.min(line.width) } else { 0 });
    let mut placed = Vec::new();
    for (at, tab) in all.iter().enumerate().take(end).skip(start) {
        let columns = (width(at) - 1).min((line.x + line.width).saturating_sub(x));
        placed.push((*tab, Area { x, width: columns, ..line }));
        x += columns + 1;
    }
    (placed, more)
}

/// The clock, while something on screen runs by it: one that stands still would lie.
pub(crate) fn clock(model: &Model, layout: &Layout) -> Option<(String, Area)> {
    if model.travel.is_some() || !schedule::counting(model) {
        return None;
    }
    let line = layout.title.shrink(1, 0);
    let local = clock::local(model.now, model.zone);
    let local = local.split(' ').nth(1).unwrap_or_default();
    let text = match line.width {
        98.. => format!("{local} local  {}", model.now.format("%H:%M:%SZ")),
        58.. => format!("{local}  {}", model.now.format("%H:%M:%SZ")),
        _ => local.to_owned(),
    };
    let width = text.width() as u16;
    let x = (line.x + line.width).checked_sub(width).filter(|x| *x >= line.x)?;
    Some((text, Area { x, width, ..line }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(hints: &[(char, &'static str)], last: &[(char, &'static str)], width: u16) -> String {
        let keys = |hints: &[(char, &'static str)]| hints.iter().map(|(c, words)| (Key::char(*c), *words)).collect();
        let last: Vec<_> = keys(last);
        let laid = lay(keys(hints), &last, Area { x: 1, y: 0, width, height: 1 });
        let mut text = String::new();
        for Hint { key, words, area } in laid {
            while text.width() + 1 < usize::from(area.x) {
                text.push(' ');
            }
            text += &format!("{key} {words}");
            text = text.trim_end().to_owned();
            assert_eq!(text.width() + 1, usize::from(area.x + area.width));
        }
        text
    }

    #[test]
    fn a_bar_drops_whole_hints_from_the_right_and_keeps_the_way_to_the_rest() {
        let hints = [('a', "copy header"), ('c', "copy token"), ('r', "refresh"), ('e', "expand")];
        let last = [(':', "commands"), ('?', "help")];
        for (width, wanted) in [
            (80, "a copy header  c copy token  r refresh  e expand  : commands  ? help"),
            (68, "a copy header  c copy token  r refresh  e expand  : commands  ? help"),
            (67, "a copy header  c copy token  r refresh  : commands  ? help"),
            (60, "a copy header  c copy token  r refresh  : commands  ? help"),
            // From here on the words of the last would take more than a third.
            (59, "a copy header  c copy token  r refresh  e expand  : ?"),
            (53, "a copy header  c copy token  r refresh  e expand  : ?"),
            (52, "a copy header  c copy token  r refresh  : ?"),
            (42, "a copy header  c copy token  : ?"),
            (32, "a copy header  c copy token  : ?"),
            (31, "a copy header  : ?"),
            (10, ": ?"),
            (2, ":"),
            (0, ""),
        ] {
            assert_eq!(line(&hints, &last, width), wanted, "{width}");
        }
        assert_eq!(line(&hints, &[], 28), "a copy header  c copy token");
    }
}
