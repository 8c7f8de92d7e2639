//! The newest notices that wait to be read.

use super::canvas::{Canvas, Span};
use crate::tui::app::{
    Model,
    layout::Layout,
    notices::{Notice, Severity},
    page::Tone,
};

/// As many as there are lines; one alone has a line for what to do.
pub(super) fn draw(model: &Model, layout: &Layout, canvas: &mut Canvas<'_>) {
    let area = layout.notices.shrink(1, 0);
    let theme = canvas.theme;
    let waiting: Vec<&Notice> = model.notices.unread().take(100).collect();
    let Some(first) = waiting.first() else { return };
    let lines = usize::from(area.height);
    if let ([alone], true, Some(hint)) = (waiting.as_slice(), lines > 1, &first.hint) {
        canvas.write(area, words(alone, false, canvas.theme));
        canvas.write(area.below(1), [("  → ".into(), theme.accent()), (hint.as_str().into(), theme.plain())]);
        return;
    }
    for (line, notice) in waiting.iter().take(lines).enumerate() {
        let row = area.below(line as u16);
        let hidden = waiting.len().saturating_sub(lines);
        let more = if line + 1 == lines && hidden > 0 { format!(" (+{hidden})") } else { String::new() };
        let used = canvas.write_right(row, vec![(more.into(), theme.muted())]);
        let room = crate::tui::app::layout::Area { width: row.width - used, ..row };
        canvas.write(room, words(notice, true, theme));
    }
}

fn words<'a>(notice: &'a Notice, with_hint: bool, theme: super::theme::Theme) -> Vec<Span<'a>> {
    let (sign, tone) = match notice.severity {
        Severity::Info => ("· ", Tone::Muted),
        Severity::Success => ("✔ ", Tone::Good),
        Severity::Warning => ("▲ ", Tone::Warn),
        Severity::Error => ("✖ ", Tone::Bad),
    };
    let style = if notice.severity == Severity::Error { theme.tone(Tone::Bad) } else { theme.plain() };
    let mut spans = vec![(sign.into(), theme.tone(tone)), (notice.text.as_str().into(), style)];
    if let Some(hint) = notice.hint.as_ref().filter(|_| with_hint) {
        spans.push((" → ".into(), theme.accent()));
        spans.push((hint.as_str().into(), theme.plain()));
    }
    spans
}
