//! The notice line: the newest notice at the left, others beside it where there is room, and what the log has at the right.

use super::{
    canvas::{Canvas, Span},
    theme::Theme,
};
use crate::tui::app::{
    Model,
    layout::{Area, Layout},
    notices::{Level, Notice, line::GAP},
    page::Tone,
};

/// The sign of a level, and how it is meant.
pub(super) fn sign(level: Level) -> (&'static str, Tone) {
    match level {
        Level::Info => ("·", Tone::Muted),
        Level::Success => ("✓", Tone::Good),
        Level::Warning => ("▲", Tone::Warn),
        Level::Error => ("✗", Tone::Bad),
    }
}

/// Draws the line.
pub(super) fn draw(model: &Model, layout: &Layout, canvas: &mut Canvas<'_>) {
    let area = layout.notices.shrink(1, 0).top(1);
    let theme = canvas.theme;
    let shown = model.notice_line();
    // A narrow screen needs the room for what happened.
    let count = if area.width < 60 && !shown.is_empty() { String::new() } else { model.notice_count() };
    let tone = if model.notices.errors() > 0 { Tone::Bad } else { Tone::Muted };
    let used = canvas.write_right(area, vec![(count.into(), theme.tone(tone))]);
    let room = Area { width: area.width.saturating_sub(used + u16::from(used > 0)), ..area };
    let mut left = room;
    for (at, notice) in shown.into_iter().enumerate() {
        let gap = if at == 0 { 0 } else { GAP as u16 };
        left = Area { x: left.x + gap, width: left.width.saturating_sub(gap), ..left };
        let used = canvas.write(left, words(notice, theme));
        left = Area { x: left.x + used, width: left.width - used, ..left };
        // What to do is no use in shreds: the log has it whole.
        if let Some(hint) = notice.keyed(model).filter(|_| left.width >= LEAST_HINT) {
            let used = canvas.write(left, [(ARROW.into(), theme.key()), (hint, theme.plain())]);
            left = Area { x: left.x + used, width: left.width - used, ..left };
        }
    }
}

/// What stands before what to do.
const ARROW: &str = " → ";
/// Fewer columns tell nobody what to do.
const LEAST_HINT: u16 = 14;

fn words(notice: &Notice, theme: Theme) -> Vec<Span<'_>> {
    let (sign, tone) = sign(notice.severity);
    let style = if notice.severity == Level::Error { theme.tone(Tone::Bad) } else { theme.plain() };
    let mut spans: Vec<Span<'_>> = vec![(format!("{sign} ").into(), theme.tone(tone))];
    spans.extend(notice.badge.iter().filter(|badge| badge.protected).flat_map(|badge| theme.badge(badge)));
    spans.push((notice.words(), style));
    spans.push((notice.repeats().into(), theme.strong()));
    spans
}
