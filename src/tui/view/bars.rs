//! The title line and the key bar.

use super::{
    canvas::{Canvas, Span},
    format,
    theme::Theme,
};
use crate::profile::ProfileName;
use crate::tui::app::{Model, Pane, keymap, layout::Layout, readonly, schedule, travel, vault};

/// The program, where its tokens come from, what is under way, and a clock while something runs by it.
pub(super) fn title(model: &Model, layout: &Layout, canvas: &mut Canvas<'_>) {
    let theme = canvas.theme;
    let line = layout.title.shrink(1, 0);
    let mut right: Vec<Span<'_>> = Vec::new();
    right.extend(tasks(model, theme));
    // A clock that stands still would lie: it is there while the screen is drawn every second.
    if model.travel.is_none() && schedule::counting(model) {
        let clock = if layout.bordered() { "%Y-%m-%d %H:%M:%S UTC" } else { "%H:%M:%SZ" };
        right.push((model.now.format(clock).to_string().into(), theme.muted()));
    }
    let mut left: Vec<Span<'_>> = Vec::new();
    // Nothing that stands over the panes covers this line: what the panes act on stays named.
    let guard = model.guard_of_target().map(|badge| theme.badge(&badge));
    let readonly = readonly::words(model);
    if layout.bordered() {
        left.push(("tokscope".into(), theme.strong()));
        if let Some([badge, blank]) = guard {
            left.extend([blank, badge]);
        }
        left.extend(readonly.map(|words| (format!(" {words}").into(), theme.strong())));
        if let Some(words) = travel::banner(model, false) {
            left.extend([("  ".into(), theme.plain()), (words.into(), theme.traveller())]);
        } else if let Some(address) = &model.demo {
            left.push((format!("  demo · {address}").into(), theme.muted()));
        } else if let Some((words, tone)) = vault::words(model) {
            left.push((format!("  {words}").into(), theme.tone(tone)));
        }
    } else if let Some(words) = travel::banner(model, true) {
        left.extend(guard.into_iter().flatten());
        left.extend(readonly.map(|words| (format!("{words} ").into(), theme.strong())));
        left.extend([(format!("{} ", model.focus.name()).into(), theme.strong()), (words.into(), theme.traveller())]);
    } else {
        left.extend(guard.into_iter().flatten());
        left.extend(readonly.map(|words| (format!("{words} ").into(), theme.strong())));
        for pane in Pane::ALL {
            let style = theme.heading(model.focus == pane);
            let style = if model.focus == pane { style } else { theme.muted() };
            let key = model.hint(match pane {
                Pane::Profiles => "{key:go-to-profiles}",
                Pane::Tokens => "{key:go-to-tokens}",
                Pane::Inspector => "{key:go-to-inspector}",
            });
            left.push((format!("{key} {}  ", pane.name()).into(), style));
        }
    }
    let used = canvas.write(line, left);
    let rest = line.width.saturating_sub(used + 2);
    canvas.write_right(crate::tui::app::layout::Area { x: line.x + line.width - rest, width: rest, ..line }, right);
}

/// `⠹ refreshing 3s edx +2 · 4 queued`, `⠹ refreshing 3s · 3 of 10`: the task that runs longest, and how many there are.
fn tasks(model: &Model, theme: Theme) -> Vec<Span<'static>> {
    let (queued, running): (Vec<_>, Vec<_>) = model.tasks.exchanges().partition(|task| task.is_queued());
    let Some(first) = running.first().or(queued.first()) else { return Vec::new() };
    let words = format::task(model, first);
    // Of many the first protected one is told of.
    let guard = running.iter().chain(&queued).find_map(|task| model.guard(task.whose.as_ref()?));
    let guard = guard.iter().flat_map(|badge| theme.badge(badge));
    let said = |words: String| (words.into(), theme.accent());
    if let Some(group) = model.tasks.group(first) {
        return guard.chain([said(format!("{words} · {}  ", group.progress()))]).collect();
    }
    let whose = first.whose.as_ref().map_or("", ProfileName::as_str);
    let more = |count: usize, text: String| if count == 0 { String::new() } else { text };
    let others = running.len().saturating_sub(1);
    let waiting = if running.is_empty() { queued.len() - 1 } else { queued.len() };
    let (others, waiting) = (more(others, format!(" +{others}")), more(waiting, format!(" · {waiting} queued")));
    let before = [said(format!("{words} "))];
    before.into_iter().chain(guard).chain([said(format!("{whose}{others}{waiting}  "))]).collect()
}

/// The keys that do something right now. Where they do not all fit, those stay that list all keys and that close.
pub(super) fn keys(model: &Model, layout: &Layout, canvas: &mut Canvas<'_>) {
    let theme = canvas.theme;
    let line = layout.keys.shrink(1, 0);
    if let Some(awaited) = &model.awaited {
        let key = (model.hint("{key:everywhere.quit}"), theme.accent().patch(theme.strong()));
        canvas.write(line, vec![key, (format!(" abandon  waiting for {awaited}").into(), theme.plain())]);
        return;
    }
    let bar = keymap::bar(model);
    let columns = |(key, words): &(_, &str)| format!("{key} {words}  ").chars().count();
    let pinned = |(_, words): &(_, &str)| matches!(*words, "commands" | "keys" | "close");
    let mut room = usize::from(line.width) + 2;
    room = room.saturating_sub(bar.iter().filter(|item| pinned(item)).map(columns).sum());
    let mut spans: Vec<Span<'_>> = Vec::new();
    for item in &bar {
        let fits = columns(item) <= room;
        if !pinned(item) {
            if !fits {
                room = 0;
                continue;
            }
            room -= columns(item);
        }
        spans.push((item.0.to_string().into(), theme.accent().patch(theme.strong())));
        spans.push((format!(" {}  ", item.1).into(), theme.muted()));
    }
    if let Some((last, _)) = spans.last_mut() {
        *last = last.trim_end().to_owned().into();
    }
    canvas.write(line, spans);
}
