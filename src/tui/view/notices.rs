//! The newest notices that wait to be read.

use std::borrow::Cow;

use super::canvas::{Canvas, Span};
use crate::tui::app::{
    Model,
    layout::{Area, Layout},
    notices::{Level, Notice},
    page::Tone,
};

/// As many as there are lines; a failure, or one alone, has a line for what to do.
pub(super) fn draw(model: &Model, layout: &Layout, canvas: &mut Canvas<'_>) {
    let area = layout.notices.shrink(1, 0);
    let theme = canvas.theme;
    let waiting: Vec<&Notice> = model.notices.unread().take(100).collect();
    let Some(first) = waiting.first() else { return };
    let lines = usize::from(area.height);
    let roomy = lines > 1 && (waiting.len() == 1 || first.severity == Level::Error);
    if let (true, Some(hint)) = (roomy, first.hint(model)) {
        canvas.write(area, words(first, None, theme));
        let room = beside_count(area.below(1), waiting.len() - 1, canvas);
        canvas.write(room, [("  → ".into(), theme.accent()), (hint, theme.plain())]);
        return;
    }
    for (line, notice) in waiting.iter().take(lines).enumerate() {
        let hidden = if line + 1 == lines { waiting.len().saturating_sub(lines) } else { 0 };
        let room = beside_count(area.below(line as u16), hidden, canvas);
        canvas.write(room, words(notice, notice.hint(model), theme));
    }
}

/// Writes ` (+2)` at the end of a line, where two more wait, and returns the room before it.
fn beside_count(row: Area, hidden: usize, canvas: &mut Canvas<'_>) -> Area {
    let more = if hidden > 0 { format!(" (+{hidden})") } else { String::new() };
    let used = canvas.write_right(row, vec![(more.into(), canvas.theme.muted())]);
    Area { width: row.width - used, ..row }
}

fn words<'a>(notice: &'a Notice, hint: Option<Cow<'a, str>>, theme: super::theme::Theme) -> Vec<Span<'a>> {
    let (sign, tone) = match notice.severity {
        Level::Info => ("· ", Tone::Muted),
        Level::Success => ("✔ ", Tone::Good),
        Level::Warning => ("▲ ", Tone::Warn),
        Level::Error => ("✖ ", Tone::Bad),
    };
    let style = if notice.severity == Level::Error { theme.tone(Tone::Bad) } else { theme.plain() };
    let mut spans: Vec<Span<'_>> = vec![(sign.into(), theme.tone(tone))];
    spans.extend(notice.badge.iter().flat_map(|badge| theme.badge(badge)));
    spans.push((notice.text.as_str().into(), style));
    if let Some(hint) = hint {
        spans.push((" → ".into(), theme.accent()));
        spans.push((hint, theme.plain()));
    }
    spans
}
