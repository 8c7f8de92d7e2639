//! The title line and the key bars.

use unicode_width::UnicodeWidthStr as _;

use super::{
    canvas::{Canvas, Span},
    format, profiles,
    theme::Theme,
    tokens,
};
use crate::{
    profile::ProfileName,
    tui::app::{
        Model, Pane, bars,
        layout::{Area, Layout},
        mouse::Target,
        readonly, rotation, travel, vault,
    },
};

/// The program, what the panes are about, where the tokens come from, what is under way, and a clock while something runs.
pub(super) fn title(model: &Model, layout: &Layout, canvas: &mut Canvas<'_>) {
    let theme = canvas.theme;
    let mut line = layout.title.shrink(1, 0);
    if let Some((text, area)) = bars::clock(model, layout) {
        canvas.write(area, [(text.into(), theme.muted())]);
        line.width = area.x.saturating_sub(line.x + 2);
    }
    // Nothing that stands over the panes covers this line: what the panes act on stays named.
    let guard = model.guard_of_target().map(|badge| theme.badge(&badge));
    let mut left: Vec<Span<'_>> = Vec::new();
    match layout.bordered() {
        true => left.extend([("tokscope".into(), theme.strong()), ("  ".into(), theme.plain())]),
        false => {
            let number = model.focus as usize + 1;
            left.push((format!("{number} {}  ", model.focus.name()).into(), theme.heading(true)));
        }
    }
    if layout.bordered() && model.travel.is_none() {
        let path = path(model, theme, usize::from(line.width).saturating_sub(24));
        let named = guard.as_ref().is_some_and(|[badge, _]| path.contains(badge));
        left.extend(path.into_iter().chain([("  ".into(), theme.plain())]));
        left.extend(guard.filter(|_| !named).into_iter().flatten());
    } else {
        left.extend(guard.into_iter().flatten());
    }
    if !layout.bordered() && model.travel.is_none() {
        // What else stands in the frames.
        left.extend(match model.focus {
            Pane::Profiles => profiles::heading(model, theme).title,
            Pane::Tokens => tokens::heading(model, layout, theme).title,
            Pane::Inspector => {
                model.inspected().map(|subject| (subject.words.into(), theme.plain())).into_iter().collect()
            }
        });
    }
    left.extend(readonly::words(model).map(|words| (format!("{words} ").into(), theme.strong())));
    if let Some(words) = travel::banner(model, !layout.bordered()) {
        left.push((words.into(), theme.traveller()));
    }
    let used = canvas.write(line, left) + 2;
    let mut rest = Area { x: line.x + used.min(line.width), width: line.width.saturating_sub(used), ..line };
    // From the right: what matters less gives way.
    let kept = match (&model.demo, vault::words(model)) {
        _ if !layout.bordered() => Vec::new(),
        (Some(address), _) => vec![(format!("demo · {address}").into(), theme.muted())],
        (None, Some((words, tone))) => vec![(words.into(), theme.tone(tone))],
        (None, None) => Vec::new(),
    };
    if let Some(words) = rotation::title(model) {
        let taken = canvas.write_right(rest, vec![(words.into(), theme.renew())]);
        rest.width = rest.width.saturating_sub(taken + 2 * u16::from(taken > 0));
    }
    let tasks = [true, false].map(|whole| tasks(model, whole, theme));
    let fits = tasks.into_iter().find(|spans| width(spans) <= usize::from(rest.width)).unwrap_or_default();
    for spans in [fits, kept] {
        let taken = canvas.write_right(rest, spans);
        rest.width = rest.width.saturating_sub(taken + 2 * u16::from(taken > 0));
    }
}

/// `All › PROD › seta-files`, in so many columns.
fn path<'a>(model: &Model, theme: Theme, room: usize) -> Vec<Span<'a>> {
    let mut spans: Vec<Span<'_>> = Vec::new();
    for line in model.tree.path() {
        if !spans.is_empty() {
            spans.push((" › ".into(), theme.muted()));
        }
        let used: usize = spans.iter().map(|(text, _)| text.width()).sum();
        spans.extend(profiles::label(model, line, room.saturating_sub(used), theme.plain(), theme));
    }
    spans
}

fn width(spans: &[Span<'_>]) -> usize {
    spans.iter().map(|(text, _)| text.width()).sum()
}

/// `» refreshing, asking the server, 3s  edx +2 · 4 queued`, `» refreshing, 3s · 3 of 10 ━━━───────`: the task that runs
/// longest, and how many there are. Where there is little room, without the step and the bar.
fn tasks(model: &Model, whole: bool, theme: Theme) -> Vec<Span<'static>> {
    let (queued, running): (Vec<_>, Vec<_>) = model.tasks.told(model.now).partition(|task| task.is_queued());
    let Some(first) = running.first().or(queued.first()) else { return Vec::new() };
    let words = format::task(model, first, whole);
    // Of many the first protected one is told of.
    let guard = running.iter().chain(&queued).find_map(|task| model.guard(task.whose.as_ref()?));
    let guard = guard.iter().flat_map(|badge| theme.badge(badge));
    let said = |words: String| (words.into(), theme.renew());
    if let Some(group) = model.tasks.group(first) {
        let (done, total) = group.counts();
        let (full, rest) = bars::progress(done, total, if whole { 10 } else { 0 });
        let bar = [said(full), (rest.into(), theme.muted())];
        return guard.chain([said(format!("{words} · {done} of {total} "))]).chain(bar).collect();
    }
    let whose = first.whose.as_ref().map_or("", ProfileName::as_str);
    let more = |count: usize, text: String| if count == 0 { String::new() } else { text };
    let others = running.len().saturating_sub(1);
    let waiting = if running.is_empty() { queued.len() - 1 } else { queued.len() };
    let (others, waiting) = (more(others, format!(" +{others}")), more(waiting, format!(" · {waiting} queued")));
    let before = [said(format!("{words} "))];
    before.into_iter().chain(guard).chain([said(format!("{whose}{others}{waiting}"))]).collect()
}

/// What the panes act on, and the keys that do something right now.
pub(super) fn keys(model: &Model, layout: &Layout, canvas: &mut Canvas<'_>) {
    let theme = canvas.theme;
    if let Some(awaited) = &model.awaited {
        let key = (model.keyed("{key:everywhere.quit}"), theme.key());
        let words = (format!(" abandon  waiting for {awaited}").into(), theme.plain());
        canvas.write(layout.keys.shrink(1, 0), vec![key, words]);
        return;
    }
    let notice = layout.bordered() || model.notice_line().is_empty();
    if let Some((subject, area)) = bars::subject(model, layout).filter(|_| notice) {
        let badge = subject.badge.iter().flat_map(|badge| theme.badge(badge));
        canvas.write(area, badge.chain([(subject.words.into(), theme.strong())]));
    }
    for hint in bars::hints(model, layout) {
        canvas.target(hint.area, Target::Keys([Some(hint.key), None]));
        let words = if hint.words.is_empty() { String::new() } else { format!(" {}", hint.words) };
        canvas.write(hint.area, [(hint.key.to_string().into(), theme.key()), (words.into(), theme.muted())]);
    }
}
