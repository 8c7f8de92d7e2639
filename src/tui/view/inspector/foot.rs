//! The line below the inspector: what the claim under the cursor means, and the search.

use crate::tui::{
    app::{
        Model, Pane,
        inspector::{defect_words, raw, value},
        layout::{Area, Layout},
        mode::Wanted,
        mouse::Target,
        page::Tone,
    },
    view::{
        canvas::{Canvas, Span},
        dialog,
    },
};

/// Draws what is known of the value under the cursor, and how the search stands.
pub(super) fn draw(model: &Model, layout: &Layout, canvas: &mut Canvas<'_>) {
    let (area, theme) = (layout.foot(model.inspector.tab), canvas.theme);
    let search = &model.inspector.search;
    if let Some(input) = model.modes.line(&Wanted::Search) {
        // A pane that is too low for the line still shows what is typed.
        let area = if area.is_empty() { layout.inner(Pane::Inspector) } else { area };
        let words = if input.text().is_empty() { String::new() } else { format!(" {} ", search.words(model)) };
        let used = canvas.write_right(area.top(1), vec![(words.into(), theme.muted())]);
        let area = Area { width: area.width - used, ..area };
        let room = usize::from(area.width.saturating_sub(4)).max(1);
        let prompt: Span<'_> = (" /".into(), theme.focus());
        let typed = dialog::typed(input, usize::MAX, room, theme);
        canvas.target(area.top(1).from(area.x + 2), Target::Typed(dialog::first(input, room)));
        canvas.write(area, std::iter::once(prompt).chain(typed).chain([(" ".into(), theme.plain())]));
        return;
    }
    let mut area = area;
    if !search.needle.text().is_empty() && model.inspector.folds().is_some() {
        let words = format!(" {} ", search.words(model));
        area.width -= canvas.write_right(area, vec![(words.into(), theme.muted())]);
    }
    if let Some((defect, number, count)) = raw::current(model) {
        let words = format!(" ▲ {} ", defect_words(defect));
        if count > 1 {
            area.width -= canvas.write_right(area, vec![(format!(" {number} of {count} ").into(), theme.muted())]);
        }
        canvas.write(area, [(words.into(), theme.tone(Tone::Warn))]);
        return;
    }
    if let Some(claim) = value::meaning(model).filter(|_| model.focus == Pane::Inspector) {
        let spans: [Span<'_>; 2] = [
            (format!(" {}: {} ", claim.name, claim.meaning).into(), theme.plain()),
            (format!("· {} ", claim.source).into(), theme.muted()),
        ];
        canvas.write(area, spans);
    }
}
