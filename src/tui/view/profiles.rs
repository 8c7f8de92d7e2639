//! The tree of scopes.

use ratatui::style::Style;
use unicode_width::UnicodeWidthStr as _;

use super::{
    canvas::{Canvas, Heading, Span, apart, middle},
    state::{self, Told},
    theme::Theme,
};
use crate::tui::app::{
    Model, Pane,
    layout::{Area, Layout},
    mouse::Target,
    page::Tone,
    scope::{Scope, TreeLine, Urgent},
    welcome,
};

/// The words that call for the user stay where there is little room.
const KEPT: [&str; 3] = ["NOT SAVED", "log in", "failed"];

/// A narrower tree tells times in one unit.
const NARROW: u16 = 24;

/// What stands in the frame behind the pane's name.
pub(super) fn heading<'a>(model: &Model, theme: Theme) -> Heading<'a> {
    let marked = model.marks.shown().profiles.len();
    let title = if marked == 0 { Vec::new() } else { vec![(format!("{marked} marked").into(), theme.mark())] };
    Heading { title, right: Vec::new() }
}

/// Draws the lines that are on screen.
pub(super) fn draw(model: &Model, layout: &Layout, canvas: &mut Canvas<'_>) {
    let area = layout.list(Pane::Profiles);
    let mut used = 0;
    for (index, line) in model.tree.on_screen(layout.page(Pane::Profiles)) {
        if line.folded.is_some() {
            let sign = Area { x: area.x + 1, width: 1, height: 1, ..area.below(used) };
            canvas.target(sign, Target::Branch(model.tree.cursor.offset + usize::from(used)));
        }
        draw_line(model, line, index == model.tree.cursor.index, area.below(used).top(1), canvas);
        used += 1;
    }
    if model.profiles.rows.is_empty() {
        empty(model, area.below(used + 1), canvas);
    }
}

fn draw_line(model: &Model, line: &TreeLine, selected: bool, area: Area, canvas: &mut Canvas<'_>) {
    let theme = canvas.theme;
    let focused = model.focus == Pane::Profiles;
    let named = match &line.scope {
        Scope::Profile(name) if model.marks.has_profile(name) => Some("◆"),
        _ => None,
    };
    let sign = named.unwrap_or(match line.folded {
        Some(true) => "▸",
        Some(false) => "▾",
        None => " ",
    });
    canvas.write(Area { x: area.x + 1, width: area.width.saturating_sub(1), ..area }, [(sign.into(), theme.plain())]);
    let indent = if line.depth > 0 || line.folded.is_some() { 3 } else { 1 };
    let mut text = Area { x: area.x + indent, width: area.width.saturating_sub(indent), ..area };
    let right = right(model, line, area.width < NARROW, theme);
    text.width = text.width.saturating_sub(canvas.write_right(text, right) + 1);
    let style = match line.scope {
        _ if selected && focused => theme.strong(),
        Scope::Environment(None) => theme.muted(),
        _ => theme.plain(),
    };
    canvas.write(text, label(model, line, usize::from(text.width), style, theme));
    if selected {
        canvas.highlight(area, focused);
    }
}

/// What a line is called, in so many columns. The badge of a protected environment is never cut.
pub(super) fn label<'a>(model: &Model, line: &TreeLine, room: usize, style: Style, theme: Theme) -> Vec<Span<'a>> {
    let cut = |room: usize| match line.scope {
        Scope::Profile(_) => (apart(&line.label, &model.tree.names, room).into(), style),
        _ => (middle(&line.label, room).into(), style),
    };
    let Some(badge) = line.badge.as_ref().filter(|badge| badge.protected && line.depth == 0) else {
        return vec![cut(room)];
    };
    let [name, blank] = theme.badge(badge);
    if badge.text.eq_ignore_ascii_case(&line.label) {
        return vec![name];
    }
    let used = name.0.width() + 1;
    vec![name, blank, cut(room.saturating_sub(used))]
}

/// How many there are, and what is most urgent.
fn right<'a>(model: &Model, line: &TreeLine, short: bool, theme: Theme) -> Vec<Span<'a>> {
    // What is being done comes before what is urgent: it changes that.
    let told = match line.busy {
        0 => line.urgent.and_then(|urgent| told(model, urgent, short)),
        busy => Some((state::busy(busy), None)),
    };
    let mut spans: Vec<Span<'a>> = Vec::new();
    if line.scope == Scope::Attention {
        if let Some((told, _)) = told.filter(|_| line.count > Some(0)) {
            spans.push((format!("{} ", told.sign).into(), theme.tone(told.tone)));
        }
        spans.push((line.count.unwrap_or(0).to_string().into(), theme.plain()));
        return spans;
    }
    if let Some(count) = line.count {
        let gap = if told.is_some() { "  " } else { "" };
        spans.push((format!("{count}{gap}").into(), theme.muted()));
    }
    if let Some((Told { sign, left, tone }, renews)) = told {
        if let Some(how) = renews.filter(|_| line.depth > 0) {
            spans.push(("⟳ ".into(), theme.tone(how)));
        }
        // Where there is little room a word makes way for the name; a time does not.
        let is_word = !left.contains(|c: char| c.is_ascii_digit()) && !KEPT.contains(&left.as_str());
        let left = if short && is_word { String::new() } else { format!(" {left}") };
        spans.push((format!("{sign}{}", left.trim_end()).into(), theme.tone(tone)));
    }
    spans
}

/// The state of what is most urgent, and whether it renews.
fn told(model: &Model, urgent: Urgent, short: bool) -> Option<(Told, Option<Tone>)> {
    match urgent {
        Urgent::Profile(place) => {
            let row = model.profiles.rows.get(place)?;
            Some((state::of_profile(model, row, short), state::renews(model, row)))
        }
        Urgent::Token(place) => Some((state::of_token(model, model.tokens.rows().get(place)?, short), None)),
    }
}

fn empty(model: &Model, area: Area, canvas: &mut Canvas<'_>) {
    let theme = canvas.theme;
    let area = area.shrink(1, 0);
    let lines = match &model.profiles.problem {
        Some(problem) => vec![problem.into(), model.keyed("{key:reload} reloads them")],
        // The keys work where they are read.
        None if model.focus == Pane::Profiles || welcome::is_shown(model) => vec![
            "no profiles yet".into(),
            model.keyed("{key:new} creates one"),
            model.keyed("{key:import} imports some"),
            "or paste a token".into(),
        ],
        None => vec!["no profiles yet".into(), model.keyed("to create one: {key:profiles.new}")],
    };
    for (line, text) in lines.into_iter().enumerate() {
        canvas.write(area.below(line as u16), [(text, theme.muted())]);
    }
}
