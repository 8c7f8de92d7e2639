//! The title line and the key bar.

use super::{
    canvas::{Canvas, Span},
    format,
};
use crate::tui::app::{Model, Pane, keymap, layout::Layout, schedule, vault};

/// The program, where its tokens come from, what is under way, and a clock while something runs by it.
pub(super) fn title(model: &Model, layout: &Layout, canvas: &mut Canvas<'_>) {
    let theme = canvas.theme;
    let line = layout.title.shrink(1, 0);
    let mut right: Vec<Span<'_>> = Vec::new();
    if let [first, others @ ..] = model.jobs.running.as_slice() {
        let more = if others.is_empty() { String::new() } else { format!(" +{}", others.len()) };
        let words = format!("{} {}{more}  ", format::job(first, model.now), first.profile);
        right.push((words.into(), theme.accent()));
    }
    // A clock that stands still would lie: it is there while the screen is drawn every second.
    if model.travel.is_none() && schedule::counting(model) {
        let clock = if layout.bordered() { "%Y-%m-%d %H:%M:%S UTC" } else { "%H:%M:%SZ" };
        right.push((model.now.format(clock).to_string().into(), theme.muted()));
    }
    let mut left: Vec<Span<'_>> = Vec::new();
    if layout.bordered() {
        left.push(("tokscope".into(), theme.strong()));
        if let Some(time) = model.travel {
            let back = model.hint("{key:time-travel} back to now");
            let words = format!(" ▲ time travel: {} · {back} ", time.format("%Y-%m-%d %H:%M:%S UTC"));
            left.extend([("  ".into(), theme.plain()), (words.into(), theme.traveller())]);
        } else if let Some(address) = &model.demo {
            left.push((format!("  demo · {address}").into(), theme.muted()));
        } else if let Some((words, tone)) = vault::words(model) {
            left.push((format!("  {words}").into(), theme.tone(tone)));
        }
    } else if let Some(time) = model.travel {
        let words = format!(" ▲ {} · {} ", time.format("%Y-%m-%d %H:%M:%SZ"), model.hint("{key:time-travel}"));
        left.extend([(format!("{} ", model.focus.name()).into(), theme.strong()), (words.into(), theme.traveller())]);
    } else {
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
    let pinned = |(_, words): &(_, &str)| matches!(*words, "keys" | "close");
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
